"""What a simulation is asked to do: launches, the true air, the radars' true errors, what else is there."""

from dataclasses import dataclass
from math import isfinite, nan, pi

from rampart.errors import InputError
from rampart.physics.atmosphere import Air
from rampart.simulate.crosssection import AIRCRAFT_M2
from rampart.simulate.interceptor import Interceptor
from rampart.simulate.surroundings import Birds, ClutterPatch, Drone, RadarModel

GROUND, AIRBURST = "ground", "airburst"
LOW, HIGH, USUAL = "low", "high", ""


@dataclass(frozen=True, slots=True)
class Launch:
    """`count` projectiles from one place at one aim, `interval_s` apart, the first `time_s` after the start.

    Where each comes down is drawn about the aim with `dispersion_m`, one standard deviation on each axis.
    `arc` is LOW, HIGH or USUAL (the weapon's own: high for mortars, low for the rest). An AIRBURST ends
    `burst_s` after launch.
    """

    weapon: str
    time_s: float
    latitude_rad: float
    longitude_rad: float
    aim_latitude_rad: float
    aim_longitude_rad: float
    count: int = 1
    interval_s: float = 2.0
    dispersion_m: float = 0.0
    arc: str = USUAL
    fate: str = GROUND
    burst_s: float = nan

    def __post_init__(self):
        for name in ("latitude_rad", "aim_latitude_rad"):
            _check(
                abs(getattr(self, name)) <= pi / 2, name, getattr(self, name), "a latitude, -90 to 90 degrees"
            )
        for name in ("longitude_rad", "aim_longitude_rad"):
            _check(
                abs(getattr(self, name)) <= 2 * pi,
                name,
                getattr(self, name),
                "a longitude, -180 to 180 degrees",
            )
        _check(
            isfinite(self.time_s) and self.time_s >= 0.0,
            "time_s",
            self.time_s,
            "seconds after the start, 0 or more",
        )
        _check(1 <= self.count <= 1000, "count", self.count, "1 to 1000")
        _check(self.count == 1 or self.interval_s >= 0.0, "interval_s", self.interval_s, "0 or more")
        _check(0.0 <= self.dispersion_m <= 5000.0, "dispersion_m", self.dispersion_m, "0 to 5000")
        _check(self.arc in (LOW, HIGH, USUAL), "arc", self.arc, '"low" or "high"')
        _check(self.fate in (GROUND, AIRBURST), "fate", self.fate, '"ground" or "airburst"')
        if self.fate == AIRBURST:
            _check(
                self.burst_s > 0.0, "burst_s", self.burst_s, "seconds after launch, above 0, with an airburst"
            )


@dataclass(frozen=True, slots=True)
class Traffic:
    """A file of recorded aircraft: CSV with the columns time, id, latitude_deg, longitude_deg, height_m."""

    path: str
    section_m2: float = AIRCRAFT_M2


@dataclass(frozen=True, slots=True)
class RadarTruth:
    """What the radar with this `id` really adds to what it reports: the errors that the site may not know.

    A radar without one errs by the site's known corrections exactly, so that nothing is left over.
    """

    id: str
    range_bias_m: float = 0.0
    azimuth_bias_rad: float = 0.0
    elevation_bias_rad: float = 0.0
    clock_offset_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the model of people exposed is told, all of it the user's.

    `people_by_zone`: people by zone id; `people_per_km2` outside every zone; `harm_radius_m` about an impact;
    `sheltering`: seconds of warning, rising, and the share of people in shelter by then, 0 to 1.
    """

    people_by_zone: dict[str, float]
    people_per_km2: float
    harm_radius_m: float
    sheltering: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated attack: `start_s` POSIX, all other times after it.

    `air` is the true air, which the estimator is not told, and `weather` a sentence about it; `radar_truth`
    the radars' true errors; `radar_models` those that are simulated by their physics; `interceptors` act on what
    the engine publishes; `exposure` is for the count of people exposed; `assumed` says what in the scenario nobody
    reported, `reported` what is public; `source` names the file it was read from, for messages.
    """

    title: str
    start_s: float
    seed: int
    duration_s: float
    launches: tuple[Launch, ...]
    air: Air
    weather: str = ""
    traffic: tuple[Traffic, ...] = ()
    radar_truth: tuple[RadarTruth, ...] = ()
    radar_models: tuple[RadarModel, ...] = ()
    clutter: tuple[ClutterPatch, ...] = ()
    birds: tuple[Birds, ...] = ()
    drones: tuple[Drone, ...] = ()
    interceptors: tuple[Interceptor, ...] = ()
    exposure: Exposure | None = None
    assumed: tuple[str, ...] = ()
    reported: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self):
        _check(isfinite(self.start_s), "start", self.start_s, "a date and time")
        _check(self.seed >= 0, "seed", self.seed, "a whole number, 0 or more")
        _check(0.0 < self.duration_s <= 86400.0, "duration_s", self.duration_s, "above 0, at most 86400")

    def radar_truth_of(self, radar_id: str) -> RadarTruth | None:
        """Return the true errors of this radar, or None where the scenario names none."""
        return next((truth for truth in self.radar_truth if truth.id == radar_id), None)

    def radar_model_of(self, radar_id: str) -> RadarModel | None:
        """Return the physics of this radar, or None where it is simulated as the site states it."""
        return next((model for model in self.radar_models if model.id == radar_id), None)


def _check(good: bool, name: str, value: object, wanted: str) -> None:
    """Raise InputError for the key `name` unless `good`."""
    if not good:
        raise InputError(name, wanted, value)
