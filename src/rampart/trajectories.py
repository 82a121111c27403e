"""The trajectory engine for one's own programs: a state in, a flight, its impact, or a cloud of impacts out.

    from rampart import trajectories as tr

    around = tr.surroundings(latitude_deg=33.3, longitude_deg=44.4, height_m=34.0)
    start = tr.state((0, 0, 1200), (150, 80, 60), tr.log_drag(mass_kg=13.0, diameter_m=0.12))
    flight = tr.fly(start, around, "mortar")
    flight.time_s[-1], flight.position_enu_m[-1]

States stand in the east-north-up frame of the surroundings' origin; see docs/trajectories.md.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rampart.errors import InputError
from rampart.evaluate.height_svg import draw_heights
from rampart.physics import batch, cloud
from rampart.physics.atmosphere import read_sounding, standard_air, with_wind
from rampart.physics.batch import Landings
from rampart.physics.cloud import ImpactEllipse
from rampart.physics.drag import DragShape, drag_shape
from rampart.physics.flight import (
    LANDED,
    NO_CROSSING,
    UNDERGROUND,
    Boost,
    fly_boosted,
    fly_to_ground,
    trajectory,
)
from rampart.physics.geodesy import Frame, frame_at, geodetic_from_enu_each
from rampart.physics.lanes import Field
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, UP, V_UP, World, world_at
from rampart.physics.terrain import Terrain, flat_terrain, is_level, read_geotiff

__all__ = [
    "LANDED", "NO_CROSSING", "UNDERGROUND", "Boost", "Flight", "ImpactEllipse", "Landings", "Surroundings",
    "draw_heights", "fly", "fly_each", "impact_cloud", "impact_ellipse", "log_drag", "state", "surroundings",
]  # fmt: skip

STANDARD_GRAVITY_MPS2 = 9.80665
SYMMETRIC = 1e-9
"""By how much of its greatest variance a covariance may differ from its mirror image."""
LEAST_BAND_M, BAND_STEP = 100.0, 1.25
"""The lowest band of heights for which the closed form of the air is kept, and the ratio of one to the next."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The earth, the air and the ground about an origin; `level`: the ground has one height everywhere."""

    frame: Frame
    world: World
    terrain: Terrain
    level: bool
    fields: dict[tuple[str, int], Field] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Flight:
    """One flight: `time_s (k,)`, rising from 0, and `state_enu (k, 9)`; the last is its end.

    `status`: LANDED, NO_CROSSING (it ended in the air: burst or out of time), UNDERGROUND.
    """

    status: int
    time_s: np.ndarray
    state_enu: np.ndarray
    frame: Frame

    @property
    def position_enu_m(self) -> np.ndarray:
        return self.state_enu[:, :3]

    @property
    def velocity_enu_mps(self) -> np.ndarray:
        return self.state_enu[:, 3:6]

    @property
    def geodetic(self) -> np.ndarray:
        """Return (k, 3): latitude and longitude in degrees, height above the ellipsoid in metres."""
        places = geodetic_from_enu_each(np.ascontiguousarray(self.position_enu_m), self.frame)
        return places * (180.0 / np.pi, 180.0 / np.pi, 1.0)


def surroundings(
    latitude_deg: float,
    longitude_deg: float,
    height_m: float = 0.0,
    *,
    sounding: Path | str | None = None,
    wind_mps: tuple[float, float] = (0.0, 0.0),
    terrain: Path | str | None = None,
    reach_m: float = 30e3,
) -> Surroundings:
    """Return the surroundings of an origin, the ellipsoidal `height_m` of the level ground there.

    `sounding`: a CSV of height_m, pressure_hpa, temperature_k, wind_east_mps, wind_north_mps (default: the
    standard atmosphere); `wind_mps` east and north is added to it. `terrain`: a GeoTIFF of heights, read within
    `reach_m`. Raises InputError where a file or a number is not that.
    """
    if not (abs(latitude_deg) <= 90.0 and abs(longitude_deg) <= 360.0 and np.isfinite(height_m)):
        raise InputError("place", "degrees and a height", (latitude_deg, longitude_deg, height_m))
    frame = frame_at(np.radians(latitude_deg), np.radians(longitude_deg), height_m)
    air = with_wind(standard_air() if sounding is None else read_sounding(sounding), *wind_mps)
    ground = flat_terrain(height_m) if terrain is None else read_geotiff(terrain, frame, reach_m)
    return Surroundings(frame, world_at(frame, air), ground, is_level(ground))


def log_drag(mass_kg: float, diameter_m: float, form_factor: float = 1.0) -> float:
    """Return the drag parameter of a state: ln(i S / m), S the cross-section of the calibre."""
    if not min(mass_kg, diameter_m, form_factor) > 0.0:
        raise InputError(
            "drag", "mass, diameter and form factor above zero", (mass_kg, diameter_m, form_factor)
        )
    return float(np.log(form_factor * 0.25 * np.pi * diameter_m**2 / mass_kg))


def state(position_enu_m, velocity_enu_mps, drag: float, wind_mps=(0.0, 0.0)) -> np.ndarray:
    """Return the state (9,) of a position (3,), a velocity (3,), a drag parameter and a wind to be added (2,)."""
    return _states(np.concatenate([position_enu_m, velocity_enu_mps, [drag], wind_mps]).astype(np.float64))


def fly(
    start,
    around: Surroundings,
    shape: str,
    *,
    boost: Boost | None = None,
    burst_s: float | None = None,
    every_s: float = 0.25,
    step_s: float = 0.05,
    longest_s: float = batch.LONGEST_FLIGHT_S,
) -> Flight:
    """Return one flight from `start (7 or 9,)`, a state every `every_s`, to the ground.

    `shape`: mortar, shell, rocket, sphere, broad or g1. `boost`: thrust from the start on; the drag
    parameter is then for the empty mass. `burst_s`: it ends there in the air. With steps of 0.01 s it keeps within
    1 mm of the exact solution, with the default within a few centimetres at the worst.
    """
    first, curve = _states(start), drag_shape(shape).curve
    end = np.empty(STATE_SIZE)
    burnt_s, rows = 0.0, [first[None]]
    until_s = longest_s if burst_s is None else burst_s
    if boost is not None:
        burnt_s = min(boost.burn_s, until_s)
        burning_s = np.arange(every_s, burnt_s, every_s)
        rows += [_boosted(first, t, boost, around, curve, step_s)[None] for t in (*burning_s, burnt_s)]
    coast = rows[-1][-1]
    left_s, status = fly_to_ground(coast, around.world, curve, around.terrain, step_s, until_s - burnt_s, end)
    inner_s = np.arange(0.0, left_s, every_s)[1:]
    inner = np.empty((len(inner_s), STATE_SIZE))
    trajectory(coast, inner_s, around.world, curve, step_s, inner)
    before_s = [0.0] if boost is None else [0.0, *burning_s, burnt_s]
    time_s = np.concatenate([before_s, burnt_s + inner_s, [burnt_s + left_s]])
    return Flight(int(status), time_s, np.concatenate([*rows, inner, end[None]]), around.frame)


def _boosted(
    first: np.ndarray, t: float, boost: Boost, around: Surroundings, curve, step_s: float
) -> np.ndarray:
    out = np.empty(STATE_SIZE)
    fly_boosted(first, 0.0, t, boost, 0.0, around.world, curve, step_s, out)
    return out


def fly_each(
    starts,
    around: Surroundings,
    shape: str,
    *,
    step_s: float = batch.STEP_S,
    longest_s: float = batch.LONGEST_FLIGHT_S,
    threads: int | None = None,
) -> Landings:
    """Return where `starts (n, 7 or 9)` meet the ground, on every core, or on `threads` of them."""
    states = _states(starts, many=True)
    return batch.land_each(
        states, around.world, drag_shape(shape), around.terrain, step_s, longest_s, threads
    )


def impact_cloud(
    start,
    covariance,
    around: Surroundings,
    shape: str,
    *,
    n: int = 10_000,
    seed: int = 0,
    threads: int | None = None,
) -> Landings:
    """Return where `n` draws of an uncertain state land: `covariance (k, k)` of its first k numbers, k 6, 7 or 9."""
    states = cloud.states_at_random(_states(start), _covariance(covariance), n, seed)
    return batch.land_each(states, around.world, drag_shape(shape), around.terrain, threads=threads)


def impact_ellipse(start, covariance, around: Surroundings, shape: str) -> ImpactEllipse:
    """Return the normal distribution of the impact of an uncertain state, by 2 k + 1 sigma points.

    `covariance (k, k)` of the state's first k numbers, k 6, 7 or 9. Over hills the ground is that under the
    mean's impact.
    """
    mean = _states(start)
    ground_m = around.terrain.highest_m
    if not around.level:
        end = np.empty(STATE_SIZE)
        world, curve = around.world, drag_shape(shape).curve
        fly_to_ground(mean, world, curve, around.terrain, 0.25, batch.LONGEST_FLIGHT_S, end)
        ground_m = float(geodetic_from_enu_each(end[None, :3].copy(), around.frame)[0, 2])
    field = _kept_field(mean, around, drag_shape(shape))
    return cloud.impact_ellipse(
        mean, _covariance(covariance), field, ground_m, batch.STEP_S, batch.LONGEST_FLIGHT_S
    )


def _kept_field(mean: np.ndarray, around: Surroundings, shape: DragShape) -> Field:
    """Return the closed field of forces for a state's band of heights, made once for each band."""
    top_m = mean[UP] + max(mean[V_UP], 0.0) ** 2 / (2.0 * STANDARD_GRAVITY_MPS2)
    band = math.ceil(math.log(max(top_m, LEAST_BAND_M), BAND_STEP))
    kept = around.fields.get((shape.name, band))
    if kept is None:
        highest = mean.copy()
        highest[V_UP] = np.sqrt(
            max(0.0, 2.0 * STANDARD_GRAVITY_MPS2 * (BAND_STEP ** (band + 0.5) - mean[UP]))
        )
        kept = batch.field_over(highest[None], around.world, shape, around.terrain)
        around.fields[shape.name, band] = kept
    return kept


def _states(given, many: bool = False) -> np.ndarray:
    """Return (9,) or (n, 9) of numbers given for 7 or 9 of a state; raises InputError for anything else."""
    states = np.asarray(given, dtype=np.float64)
    if states.ndim != 1 + many or states.shape[-1] not in (LOG_DRAG + 1, STATE_SIZE) or states.size == 0:
        raise InputError("state", "position, velocity and drag (7 numbers), or with a wind (9)", states.shape)
    if not np.isfinite(states).all():
        raise InputError("state", "finite numbers")
    missing = STATE_SIZE - states.shape[-1]
    return states if missing == 0 else np.pad(states, [(0, 0)] * many + [(0, missing)])


def _covariance(given) -> np.ndarray:
    """Return the covariance; raises InputError where it is none."""
    covariance = np.ascontiguousarray(given, dtype=np.float64)
    if covariance.shape not in ((6, 6), (7, 7), (9, 9)):
        raise InputError("covariance", "6, 7 or 9 rows and columns", covariance.shape)
    variance = covariance.diagonal()
    if not variance.min() > 0.0:
        raise InputError("covariance", "a positive definite matrix", float(variance.min()))
    if not np.abs(covariance - covariance.T).max() <= SYMMETRIC * variance.max():
        raise InputError("covariance", "a symmetric matrix of finite numbers")
    return covariance
