"""Inside the simulator alone: rounds varied about their kind, and the flight from a place to an aim.

What is solved for here stays here: `solve_launch` hands a state to the truth that flies it, and nothing
prints, publishes or stores it.
"""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from rampart.errors import ReachError
from rampart.physics.flight import LANDED, Boost, fly, fly_boosted, fly_to_ground
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, World
from rampart.physics.terrain import Terrain
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
CLOSE_ENOUGH_M = 0.2


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
    reach_m, nearest_m = 0.0, math.inf
    for speed_mps in launched.speeds_mps():
        land = partial(_landing, launched, start_enu_m, speed_mps, world, terrain)
        angles = np.linspace(LOWEST_RAD, HIGHEST_RAD, 43)
        reaches_m = np.array([_along(land(bearing_rad, angle), start_enu_m, bearing_rad) for angle in angles])
        best = int(np.argmax(reaches_m))
        reach_m = max(reach_m, float(reaches_m[best]))
        flown_m = reaches_m[best:] if arc == HIGH else reaches_m[: best + 1]
        nearest_m = min(nearest_m, float(flown_m[flown_m > 0.0].min(initial=math.inf)))
        needed_m = distance_m * (1.0 if launched.weapon.burns else SPARE_REACH)
        if reaches_m[best] < needed_m and speed_mps < launched.speeds_mps()[-1]:
            continue
        angle = _crossing(angles, reaches_m, best, distance_m, arc)
        if angle is None:
            continue
        solved = _refined(land, bearing_rad, angle, aim_enu_m)
        if solved is not None:
            return _start_state(launched, start_enu_m, speed_mps, *solved)
    limit = f"at most {reach_m / 1e3:.1f} km"
    if distance_m < reach_m:
        limit = f"{nearest_m / 1e3:.1f} to {reach_m / 1e3:.1f} km"
    wanted = f"an aim that {launched.weapon.name} reaches on a {arc} arc, {limit} away"
    raise ReachError(where, wanted, f"{distance_m / 1e3:.1f} km")


def _crossing(
    angles: np.ndarray, reaches_m: np.ndarray, best: int, distance_m: float, arc: str
) -> float | None:
    """Return the elevation at which the reach passes `distance_m`, above or below that of the farthest."""
    side = slice(best, None) if arc == HIGH else slice(best, None, -1)
    angle, reach_m = angles[side], reaches_m[side]
    short = np.flatnonzero(reach_m < distance_m)
    if not len(short) or short[0] == 0:
        return None
    i = int(short[0])
    share = (reach_m[i - 1] - distance_m) / (reach_m[i - 1] - reach_m[i])
    return float(angle[i - 1] + share * (angle[i] - angle[i - 1]))


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
    while times_s[-1] < LONGEST_S:
        row = np.empty(STATE_SIZE)
        flown_s, status = fly_to_ground(states[-1], world, launched.curve, terrain, step_s, step_s, row)
        if status != LANDED or flown_s == 0.0:
            flown_s = step_s
            fly(states[-1], step_s, world, launched.curve, step_s, row)
        times_s.append(times_s[-1] + flown_s)
        states.append(row)
        if status == LANDED:
            break
    return np.array(times_s), np.array(states)
