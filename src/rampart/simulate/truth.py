"""What really flies: each launch carried by the true physics to where it comes down or bursts.

The launch that gets to its aim is solved for in `simulate.launcher` and used here; it is never returned,
printed or stored. Trajectories stay in memory, flown again from scenario and seed where they are needed.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import shapely

from rampart.domain.site import Site, Zone
from rampart.domain.wire import iso_time
from rampart.errors import InputError
from rampart.physics.geodesy import enu_from_geodetic, enu_from_geodetic_each, geodetic_from_enu
from rampart.physics.motion import World, world_at
from rampart.physics.terrain import ground_height_m
from rampart.simulate.catalogue import weapon
from rampart.simulate.debris import Debris
from rampart.simulate.interceptor import Engagement, Interceptor
from rampart.simulate.launcher import Round, fly_round, solve_launch, varied_round
from rampart.simulate.scenario import AIRBURST, Launch, Scenario

DENSE_STEP_S = 0.05
"""Trajectories are kept at this spacing: a cubic between two rows is good to 1 mm."""


@dataclass(frozen=True, slots=True)
class TrueProjectile:
    """One projectile as it flew: `time_s (n,)` POSIX, `position_enu_m (n, 3)`, `velocity_enu_mps (n, 3)`.

    `impact_enu_m (3,)` and `impact_s` are where and when it came down or burst, `ground_enu_m` and `ground_s`
    where and when it reached the ground or would have. `log_drag` and `curve` are its true drag after
    `burnout_s`. Where the scenario has interceptors, `engagements` are those of it, `left_alone` says why there
    were none, `debris` where the pieces of a stopped one came down, `debris_zones` on which zones.
    """

    id: str
    weapon: str
    fate: str
    launch_s: float
    launch_enu_m: np.ndarray
    burnout_s: float
    time_s: np.ndarray
    position_enu_m: np.ndarray = field(repr=False)
    velocity_enu_mps: np.ndarray = field(repr=False)
    log_drag: float
    curve: np.ndarray
    impact_s: float
    impact_enu_m: np.ndarray
    ground_s: float
    ground_enu_m: np.ndarray
    zones: tuple[str, ...]
    zones_endangered: tuple[str, ...]
    engagements: tuple[Engagement, ...] = ()
    left_alone: str = ""
    debris: Debris | None = None
    debris_zones: tuple[str, ...] = ()

    def state_at(self, time_s: float) -> tuple[np.ndarray, np.ndarray] | None:
        """Return position (3,) and velocity (3,) at POSIX `time_s`; None before launch and after the end."""
        if not self.launch_s <= time_s <= self.impact_s:
            return None
        row = min(max(int(np.searchsorted(self.time_s, time_s)) - 1, 0), len(self.time_s) - 2)
        return _between(self, row, time_s)

    def states_at(self, times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return positions and velocities (n, 3) each at POSIX `times_s (n,)` between launch and end: `state_at`."""
        rows = np.clip(np.searchsorted(self.time_s, times_s) - 1, 0, len(self.time_s) - 2)
        return _between(self, rows, times_s)


@dataclass(frozen=True, slots=True)
class Truth:
    """All that flew in a scenario, in order of launch, and the true world it flew through.

    `at_nothing` are the engagements of tracks that followed no projectile; `interceptors` each with what it had
    left, None where the scenario has none.
    """

    projectiles: tuple[TrueProjectile, ...]
    world: World
    at_nothing: tuple[Engagement, ...] = ()
    interceptors: tuple[tuple[Interceptor, int], ...] | None = None


def fly_scenario(scenario: Scenario, site: Site, rng: np.random.Generator) -> Truth:
    """Fly every launch of a scenario; the same scenario and `rng` state give the same truth.

    Raises InputError for an unknown weapon, ReachError for an aim out of reach.
    """
    world = world_at(site.frame, scenario.air)
    shapes = {zone.id: zone_plane_shape(zone, site) for zone in site.zones}
    projectiles: list[TrueProjectile] = []
    for number, launch in enumerate(scenario.launches):
        where = f"{scenario.source}: launch[{number}]" if scenario.source else f"launch[{number}]"
        kind = weapon(launch.weapon, f"{where}.weapon")
        make = rng.standard_normal(2)
        for i in range(launch.count):
            launched = varied_round(kind, make, rng.standard_normal(2))
            miss_m = rng.standard_normal(2) * launch.dispersion_m
            launch_s = scenario.start_s + launch.time_s + i * launch.interval_s
            flown = _fly(launch, launched, launch_s, miss_m, site, world, where)
            inside = _zones_within(flown.ground_enu_m, 0.0, shapes)
            near = _zones_within(flown.ground_enu_m, site.warning.danger_radius_m, shapes)
            projectiles.append(replace(flown, zones=inside, zones_endangered=near))
    projectiles.sort(key=lambda projectile: projectile.launch_s)
    named = [replace(projectile, id=f"p{i + 1}") for i, projectile in enumerate(projectiles)]
    return Truth(tuple(named), world)


def _fly(
    launch: Launch, launched: Round, launch_s: float, miss_m: np.ndarray, site: Site, world: World, where: str
) -> TrueProjectile:
    start_enu_m = _on_ground(launch.latitude_rad, launch.longitude_rad, np.zeros(2), site)
    aim_enu_m = _on_ground(launch.aim_latitude_rad, launch.aim_longitude_rad, miss_m, site)
    arc = launch.arc or launched.weapon.usual_arc
    state = solve_launch(launched, start_enu_m, aim_enu_m, arc, world, site.terrain, where)
    flight_s, states = fly_round(launched, state, world, site.terrain, DENSE_STEP_S)
    burst = launch.fate == AIRBURST
    if burst and launch.burst_s >= flight_s[-1]:
        raise InputError(
            f"{where}.burst_s", f"less than the {flight_s[-1]:.1f} s that it flies", launch.burst_s
        )
    kept = flight_s < launch.burst_s if burst else np.ones(len(flight_s), bool)
    ground_enu_m = states[-1, :3].copy()
    projectile = TrueProjectile(
        id="",
        weapon=launched.weapon.name,
        fate=launch.fate,
        launch_s=launch_s,
        launch_enu_m=start_enu_m,
        burnout_s=launch_s + launched.weapon.burn_s,
        time_s=launch_s + flight_s,
        position_enu_m=states[:, :3],
        velocity_enu_mps=states[:, 3:6],
        log_drag=launched.log_drag,
        curve=launched.curve,
        impact_s=launch_s + flight_s[-1],
        impact_enu_m=ground_enu_m,
        ground_s=launch_s + flight_s[-1],
        ground_enu_m=ground_enu_m,
        zones=(),
        zones_endangered=(),
    )
    return cut_off(projectile, launch_s + launch.burst_s, kept) if burst else projectile


def cut_off(whole: TrueProjectile, burst_s: float, kept: np.ndarray) -> TrueProjectile:
    """Return the flight cut off at a POSIX time in it, where it bursts or is stopped; `kept (n,)` rows stay."""
    position_m, velocity_mps = _between(whole, int(np.count_nonzero(kept)) - 1, burst_s)
    return replace(
        whole,
        time_s=np.append(whole.time_s[kept], burst_s),
        position_enu_m=np.vstack([whole.position_enu_m[kept], position_m]),
        velocity_enu_mps=np.vstack([whole.velocity_enu_mps[kept], velocity_mps]),
        impact_s=burst_s,
        impact_enu_m=position_m,
    )


def _between(projectile: TrueProjectile, row, time_s) -> tuple[np.ndarray, np.ndarray]:
    """Return place and velocity between rows `row` and `row + 1` by the cubic through both (Hermite).

    (3,) each at one row and time, (n, 3) at `row (n,)` and `time_s (n,)`.
    """
    gap_s = projectile.time_s[row + 1] - projectile.time_s[row]
    share = (time_s - projectile.time_s[row]) / gap_s
    h, s = (gap_s, share) if np.ndim(row) == 0 else (gap_s[:, None], share[:, None])
    p, v, w = (
        projectile.position_enu_m,
        projectile.velocity_enu_mps[row] * h,
        projectile.velocity_enu_mps[row + 1] * h,
    )
    step = p[row + 1] - p[row]
    c2, c3 = 3.0 * step - 2.0 * v - w, -2.0 * step + v + w
    return p[row] + s * (v + s * (c2 + s * c3)), (v + s * (2.0 * c2 + 3.0 * s * c3)) / h


def _on_ground(latitude_rad: float, longitude_rad: float, offset_m: np.ndarray, site: Site) -> np.ndarray:
    """Return the place (3,) on the ground, moved by `offset_m (2,)` east and north."""
    height_m = site.frame.height_m
    for _ in range(3):
        east_m, north_m, up_m = enu_from_geodetic(latitude_rad, longitude_rad, height_m, site.frame)
        height_m = ground_height_m(east_m, north_m, site.terrain)
    east_m, north_m = east_m + offset_m[0], north_m + offset_m[1]
    if np.any(offset_m):
        latitude_rad, longitude_rad, _ = geodetic_from_enu(east_m, north_m, up_m, site.frame)
        return _on_ground(latitude_rad, longitude_rad, np.zeros(2), site)
    return np.array([east_m, north_m, up_m])


def _zones_within(
    place_enu_m: np.ndarray, radius_m: float, shapes: dict[str, shapely.MultiPolygon]
) -> tuple[str, ...]:
    """Return the ids of the zones that lie within `radius_m` of the place; 0 for those that contain it."""
    point = shapely.Point(place_enu_m[0], place_enu_m[1])
    return tuple(name for name, shape in shapes.items() if shape.distance(point) <= radius_m)


def zone_plane_shape(zone: Zone, site: Site) -> shapely.MultiPolygon:
    """Return the zone on the site's plane."""
    polygons = []
    for rings in zone.polygons:
        flat = [
            enu_from_geodetic_each(
                ring[:, 1].copy(), ring[:, 0].copy(), np.full(len(ring), site.frame.height_m), site.frame
            )[:, :2]
            for ring in rings
        ]
        polygons.append(shapely.Polygon(flat[0], flat[1:]))
    return shapely.MultiPolygon(polygons)


def truth_json(truth: Truth, site: Site) -> dict:
    """Return truth.json: what was fired and where it came down; nothing of how it was launched."""
    told = {
        "site": site.id,
        "projectiles": [_projectile_json(projectile, site) for projectile in truth.projectiles],
    }
    if truth.interceptors is not None:
        told["interceptors"] = [_interceptor_json(*each) for each in truth.interceptors]
        told["engagements_at_nothing"] = [_engagement_json(each) for each in truth.at_nothing]
    return told


def _projectile_json(projectile: TrueProjectile, site: Site) -> dict:
    entry = {
        "id": projectile.id,
        "weapon": projectile.weapon,
        "fate": projectile.fate,
        "launch": _moment(projectile.launch_s, projectile.launch_enu_m, site),
        "impact": _moment(projectile.impact_s, projectile.impact_enu_m, site),
        "zones": list(projectile.zones),
        "zones_endangered": list(projectile.zones_endangered),
    }
    if projectile.fate != "ground":
        entry["would_impact"] = _moment(projectile.ground_s, projectile.ground_enu_m, site)
    if projectile.engagements:
        entry["engagements"] = [_engagement_json(each) for each in projectile.engagements]
    if projectile.left_alone:
        entry["left_alone"] = projectile.left_alone
    if projectile.debris is not None:
        debris = projectile.debris
        entry["debris"] = _moment(debris.time_s, debris.centre_enu_m, site) | {
            "along_m": round(debris.along_m, 1),
            "across_m": round(debris.across_m, 1),
            "azimuth_deg": round(math.degrees(debris.azimuth_rad), 1),
            "zones": list(projectile.debris_zones),
        }
    return entry


def _interceptor_json(one: Interceptor, left: int) -> dict:
    names = ("id", "doctrine", "probability", "reach_m", "reaction_s", "engagement_s", "magazine")
    return {name: getattr(one, name) for name in names} | {"left": left}


def _engagement_json(each: Engagement) -> dict:
    return {
        "interceptor": each.interceptor,
        "track": each.track,
        "time": iso_time(each.time_s),
        "end": iso_time(each.end_s),
        "stopped": each.stopped,
    }


def _moment(time_s: float, place_enu_m: np.ndarray, site: Site) -> dict:
    east_m, north_m, up_m = place_enu_m
    latitude_rad, longitude_rad, _ = geodetic_from_enu(east_m, north_m, up_m, site.frame)
    return {
        "time": iso_time(time_s),
        "latitude_deg": round(math.degrees(latitude_rad), 6),
        "longitude_deg": round(math.degrees(longitude_rad), 6),
    }
