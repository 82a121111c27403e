"""Inside the simulator alone: rounds varied about their kind, and the flight from a place to an aim.

What is solved for here stays here: `solve_launch` hands a state to the truth that flies it, and nothing
prints, publishes or stores it.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from rampart.errors import ReachError
from rampart.numerics.jit import kernel
from rampart.physics.flight import LANDED, Boost, fly, fly_boosted, fly_to_ground
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, World
from rampart.physics.terrain import Terrain, is_level
from rampart.simulate.catalogue import Weapon, drag_curve
from rampart.simulate.scenario import HIGH

STEP_S = 0.25
LONGEST_S = 300.0
RAIL_SPEED_MPS = 1e-3
"""A rocket stands on its rail: this gives the rail's direction, not a speed."""
CHARGES = 6
"""Guns and mortars fire one of so many charges, evenly spaced between their lowest and highest speed."""
SPARE_REACH = 1.12
"""The weakest charge is taken whose farthest reach exceeds the distance by this."""
LOWEST_RAD, HIGHEST_RAD = math.radians(2.0), math.radians(86.0)
ANGLES_RAD = np.linspace(LOWEST_RAD, HIGHEST_RAD, 43)
CLOSE_ENOUGH_M = 0.2

Reach = Callable[[int], float]
"""How far a launch at the elevation ANGLES_RAD[i] carries."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round: its kind, its own speed (muzzle or burn-out), drag and drag curve."""

    weapon: Weapon
    speed_factor: float
    log_drag: float
    curve: np.ndarray

    def boost(self) -> Boost | None:
        """Return the motor that brings this round to its burn-out speed; None without one (Tsiolkovsky)."""
        kind = self.weapon
        if not kind.burns:
            return None
        speed_mps = kind.speed_mps[1] * self.speed_factor
        flow_kgps = (kind.mass_kg - kind.mass_empty_kg) / kind.burn_s
        # Drag and gravity take about 5 % of the speed that the motor gives.
        thrust_n = 1.05 * flow_kgps * speed_mps / math.log(kind.mass_kg / kind.mass_empty_kg)
        return Boost(thrust_n, kind.burn_s, kind.mass_kg, kind.mass_empty_kg)

    def speeds_mps(self) -> list[float]:
        """Return the speeds at which it can leave, weakest charge first; a rocket has its rail."""
        if self.weapon.burns:
            return [RAIL_SPEED_MPS]
        return [speed * self.speed_factor for speed in np.linspace(*self.weapon.speed_mps, CHARGES)]


def varied_round(kind: Weapon, make: np.ndarray, own: np.ndarray) -> Round:
    """Return a round of `kind` varied by standard normal draws `make (2,)` and `own (2,)`: form and speed."""
    form, speed = make + kind.round_spread * own
    return Round(
        kind,
        math.exp(kind.speed_spread * speed),
        kind.log_drag + kind.form_spread * form,
        drag_curve(kind.drag_points),
    )


def solve_launch(
    launched: Round,
    start_enu_m: np.ndarray,
    aim_enu_m: np.ndarray,
    arc: str,
    world: World,
    terrain: Terrain,
    where: str,
) -> np.ndarray:
    """Return the state (9,) at the start from which the round comes down at the aim.

    Raises ReachError, with the reach, where no charge carries it there.
    """
    distance_m = float(np.hypot(*(aim_enu_m - start_enu_m)[:2]))
    bearing_rad = math.atan2(*(aim_enu_m - start_enu_m)[:2])
    level = is_level(terrain)
    tried: list[tuple[Reach, range]] = []
    for speed_mps in launched.speeds_mps():
        land = partial(_landing, launched, start_enu_m, speed_mps, world, terrain)
        reach_at = cache(partial(_reach_m, land, start_enu_m, bearing_rad))
        best = _farthest(reach_at, level)
        # from the farthest reach on, to steeper launches or to flatter ones
        side = range(best, len(ANGLES_RAD)) if arc == HIGH else range(best, -1, -1)
        tried.append((reach_at, side))
        needed_m = distance_m * (1.0 if launched.weapon.burns else SPARE_REACH)
        if reach_at(best) < needed_m and speed_mps < launched.speeds_mps()[-1]:
            continue
        angle_rad = _crossing(reach_at, side, distance_m, level)
        if angle_rad is None:
            continue
        solved = _refined(land, bearing_rad, angle_rad, aim_enu_m)
        if solved is not None:
            return _start_state(launched, start_enu_m, speed_mps, *solved)
    wanted = f"an aim that {launched.weapon.name} reaches on a {arc} arc, {_limit(tried, distance_m)} away"
    raise ReachError(where, wanted, f"{distance_m / 1e3:.1f} km")


def _reach_m(land: Callable, start_enu_m: np.ndarray, bearing_rad: float, i: int) -> float:
    """Return how far a launch at the elevation ANGLES_RAD[i] carries."""
    return _along(land(bearing_rad, float(ANGLES_RAD[i])), start_enu_m, bearing_rad)


def _farthest(reach_at: Reach, level: bool) -> int:
    """Return the elevation of the farthest reach; over level ground it has one summit, which is climbed."""
    if not level:
        return max(range(len(ANGLES_RAD)), key=reach_at)
    i, last = len(ANGLES_RAD) // 2, len(ANGLES_RAD) - 1
    while i < last and reach_at(i + 1) > reach_at(i):
        i += 1
    while i > 0 and reach_at(i - 1) >= reach_at(i):
        i -= 1
    return i


def _crossing(reach_at: Reach, side: range, distance_m: float, level: bool) -> float | None:
    """Return the elevation at which the reach, from the farthest on, passes `distance_m`; None where none does."""
    if level:
        k = bisect_left(side, True, key=lambda i: reach_at(i) < distance_m)
    else:
        k = next((k for k, i in enumerate(side) if reach_at(i) < distance_m), len(side))
    if k in (0, len(side)):
        return None
    far_m, near_m = reach_at(side[k - 1]), reach_at(side[k])
    far_rad, near_rad = ANGLES_RAD[side[k - 1]], ANGLES_RAD[side[k]]
    return float(far_rad + (far_m - distance_m) / (far_m - near_m) * (near_rad - far_rad))


def _limit(tried: list[tuple[Reach, range]], distance_m: float) -> str:
    """Return in words how far, and how near, the launches that were tried come down."""
    reach_m = max(*(reach_at(side[0]) for reach_at, side in tried), 0.0)
    if distance_m >= reach_m:
        return f"at most {reach_m / 1e3:.1f} km"
    flown_m = [reach_at(i) for reach_at, side in tried for i in side]
    nearest_m = min((flown for flown in flown_m if flown > 0.0), default=math.inf)
    return f"{nearest_m / 1e3:.1f} to {reach_m / 1e3:.1f} km"


def _refined(land, bearing_rad: float, angle_rad: float, aim_enu_m: np.ndarray) -> tuple[float, float] | None:
    """Return (bearing, elevation) that meet the aim, by Newton's method with differences."""
    x = np.array([bearing_rad, angle_rad])
    for _ in range(20):
        miss_m = (land(*x) - aim_enu_m)[:2]
        if np.hypot(*miss_m) < CLOSE_ENOUGH_M:
            return float(x[0]), float(x[1])
        h = 1e-5
        columns = [(land(*(x + h * axis)) - land(*(x - h * axis)))[:2] / (2.0 * h) for axis in np.eye(2)]
        step = np.linalg.lstsq(np.array(columns).T, -miss_m, rcond=None)[0]
        x = x + np.clip(step, -0.05, 0.05)
        x[1] = min(max(x[1], 0.5 * LOWEST_RAD), math.pi / 2.0 - 1e-3)
    return None


def _along(place_enu_m: np.ndarray, start_enu_m: np.ndarray, bearing_rad: float) -> float:
    offset = place_enu_m - start_enu_m
    return float(offset[0] * math.sin(bearing_rad) + offset[1] * math.cos(bearing_rad))


def _start_state(
    launched: Round, start_enu_m, speed_mps: float, bearing_rad: float, angle_rad: float
) -> np.ndarray:
    state = np.zeros(STATE_SIZE)
    state[:3] = start_enu_m
    level_mps = speed_mps * math.cos(angle_rad)
    state[3:6] = (
        level_mps * math.sin(bearing_rad),
        level_mps * math.cos(bearing_rad),
        speed_mps * math.sin(angle_rad),
    )
    state[LOG_DRAG] = launched.log_drag
    return state


def _landing(
    launched: Round, start_enu_m, speed_mps: float, world, terrain, bearing_rad, angle_rad
) -> np.ndarray:
    """Return the place (3,) where a launch comes down; far away where it does not."""
    state = _start_state(launched, start_enu_m, speed_mps, bearing_rad, angle_rad)
    boost = launched.boost()
    if boost is not None:
        burnt = np.empty(STATE_SIZE)
        fly_boosted(
            state, 0.0, boost.burn_s, boost, launched.weapon.rail_length_m, world, launched.curve, 0.05, burnt
        )
        state = burnt
    end = np.empty(STATE_SIZE)
    _, status = fly_to_ground(state, world, launched.curve, terrain, STEP_S, LONGEST_S, end)
    return end[:3] if status == LANDED else start_enu_m


def fly_round(
    launched: Round, state: np.ndarray, world: World, terrain: Terrain, step_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return `time_s (n,)` after launch and states (n, 9) every `step_s`, the last on the ground."""
    boost, rail_m = launched.boost(), launched.weapon.rail_length_m
    times_s, states = [0.0], [state]
    while boost is not None and times_s[-1] < boost.burn_s:
        # Each row of the boost is flown from the start: the rail may be longer than a step.
        t = min(times_s[-1] + step_s, boost.burn_s)
        row = np.empty(STATE_SIZE)
        fly_boosted(state, 0.0, t, boost, rail_m, world, launched.curve, 0.05, row)
        times_s.append(t)
        states.append(row)
    most = math.ceil((LONGEST_S - times_s[-1]) / step_s) + 2
    coast_s, coast = np.empty(most), np.empty((most, STATE_SIZE))
    rows = fly_rows(
        states[-1], times_s[-1], LONGEST_S, world, launched.curve, terrain, step_s, coast_s, coast
    )
    return np.concatenate([times_s, coast_s[:rows]]), np.concatenate([states, coast[:rows]])


@kernel
def fly_rows(state, start_s, longest_s, world, curve, terrain, step_s, out_time_s, out_states):
    """Fill `out_time_s (m,)`, `out_states (m, 9)` every `step_s` after `state (9,)` at `start_s`, the last row on the
    ground; return how many rows that are. No longer than `longest_s`.
    """
    rows, time_s, down = 0, start_s, False
    while time_s < longest_s and not down and rows < out_time_s.shape[0]:
        before, row = state if rows == 0 else out_states[rows - 1], out_states[rows]
        flown_s, status = fly_to_ground(before, world, curve, terrain, step_s, step_s, row)
        down = status == LANDED
        if not down or flown_s == 0.0:
            flown_s = step_s
            fly(before, step_s, world, curve, step_s, row)
        time_s += flown_s
        out_time_s[rows] = time_s
        rows += 1
    return rows
