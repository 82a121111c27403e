"""From the tables of scenario.toml to what the simulator works with: radians and square metres."""

import math
from typing import Any

import msgspec

from rampart.errors import ConfigError, InputError
from rampart.simulate.scenario import Traffic
from rampart.simulate.surroundings import Birds, ClutterPatch, Drone, RadarModel
from rampart.tomlkeys import BirdKeys, ClutterKeys, DroneKeys, RadarModelKeys, ScenarioFile, TrafficKeys


def surroundings_of(keys: ScenarioFile, radars: set[str], where: str) -> dict[str, Any]:
    """Return the fields of `Scenario` for radar models, clutter, birds and drones.

    `radars` are the ids of the site's. Raises ConfigError at `where` for a model of an unknown radar, for two
    models of one, and for limits that do not rise.
    """
    models = tuple(radar_model(model) for model in keys.radar_model)
    for i, model in enumerate(models):
        place = f"{where}: radar_model[{i}].id"
        if model.id not in radars:
            raise ConfigError(place, f"one of {', '.join(sorted(radars))}", model.id)
        if model.id in {earlier.id for earlier in models[:i]}:
            raise ConfigError(place, "a radar that has no model yet", model.id)
    return {
        "radar_models": models,
        "clutter": tuple(clutter_patch(patch) for patch in keys.clutter),
        "birds": tuple(birds_of(birds, f"{where}: birds[{i}]") for i, birds in enumerate(keys.birds)),
        "drones": tuple(drone_of(drone) for drone in keys.drone),
    }


def radar_model(keys: RadarModelKeys) -> RadarModel:
    """Return the physics of one radar."""
    return RadarModel(**_in_radians(msgspec.structs.asdict(keys)))


def clutter_patch(keys: ClutterKeys) -> ClutterPatch:
    """Return one patch of clutter."""
    return ClutterPatch(**_in_radians(msgspec.structs.asdict(keys)))


def birds_of(keys: BirdKeys, where: str) -> Birds:
    """Return the birds of one table."""
    try:
        return Birds(
            count=keys.count,
            latitude_rad=math.radians(keys.latitude_deg),
            longitude_rad=math.radians(keys.longitude_deg),
            radius_m=keys.radius_m,
            lowest_m=keys.above_ground_m[0],
            highest_m=keys.above_ground_m[1],
            slowest_mps=keys.speed_mps[0],
            fastest_mps=keys.speed_mps[1],
            heading_rad=math.nan if keys.heading_deg is None else math.radians(keys.heading_deg),
            section_m2=_section_m2(keys.section_dbsm),
        )
    except InputError as error:
        raise ConfigError(f"{where}.{error.where}", error.wanted, error.value) from None


def drone_of(keys: DroneKeys) -> Drone:
    """Return one drone."""
    route = tuple(
        (math.radians(place.latitude_deg), math.radians(place.longitude_deg), place.height_m)
        for place in keys.route
    )
    return Drone(keys.time_s, route, keys.speed_mps, keys.hover_s, _section_m2(keys.section_dbsm))


def traffic_of(keys: TrafficKeys, path: str) -> Traffic:
    """Return one file of recorded aircraft, to be read at `path`."""
    return Traffic(path, _section_m2(keys.section_dbsm))


def _in_radians(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with every `_deg` as its `_rad`."""
    return {
        name.removesuffix("_deg") + "_rad" if name.endswith("_deg") else name: math.radians(value)
        if name.endswith("_deg")
        else value
        for name, value in fields.items()
    }


def _section_m2(section_dbsm: float) -> float:
    return 10.0 ** (0.1 * section_dbsm)
