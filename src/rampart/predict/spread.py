"""A fit carried to the ground: where and when one component of the mixture comes down, and how sure that
is."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import kernel
from rampart.numerics.linalg import cholesky, congruence
from rampart.physics.flight import LANDED, fly_to_ground
from rampart.physics.motion import (
    EAST,
    LOG_DRAG,
    NORTH,
    STATE_SIZE,
    UP,
    V_EAST,
    V_NORTH,
    V_UP,
    WIND_EAST,
    WIND_NORTH,
)
from rampart.physics.variation import ground_with_transition
from rampart.predict.path import lay_curve
from rampart.predict.problem import BUMP, PARAMETERS, TILT

LONGEST_FLIGHT_S = 400.0
AHEAD_WIND_SHARE = 0.3
"""Spread of the wind still ahead about the constant departure fitted, as a share of how far the wind is
known."""
AHEAD_DENSITY_SIGMA = 0.01
"""Spread of ln density still ahead about what the drag parameter has taken up."""
FLOOR_M, FLOOR_S = 1.0, 0.002
"""What is never known: the ground itself, the clock."""
CURVED_FROM_M = 200.0
"""Spread from which the bend of the map to the ground is looked at, by sigma points."""
REACH = 3.0**0.5
"""Sigma points stand where the third-order Gauss-Hermite rule has them. [julier]."""
DEPARTURE_STEP = 0.002
ORDER = (V_EAST, V_NORTH, V_UP, LOG_DRAG, EAST, NORTH, UP, WIND_EAST, WIND_NORTH, TILT, BUMP)
LEAST_SHARE = 0.7
"""The bend is looked at again when the spread has fallen to this share of what it was."""
BEND_STEP = 2.0
"""Flights that tell the bend take steps so much longer."""
BENT = 4
"""Along the first so many of the newest state's numbers, in this order, the map to the ground bends."""


class Straight(NamedTuple):
    """The map to the ground, straight about the flight of `parameters (11,)`: it comes down at `mean (3,)`, east, north
    and time after the epoch; `rows (3, 11)`, its derivative. Its bend had moved the mean by `shift (3,)` and added
    `bent (3, 3)` to a covariance whose part of place had the trace `spread_m2`."""

    parameters: np.ndarray
    mean: np.ndarray
    rows: np.ndarray
    shift: np.ndarray
    bent: np.ndarray
    spread_m2: float


@dataclass(frozen=True, slots=True)
class Landing:
    """One component: `status` of `physics.flight`; `impact_enu_m (2,)`, `time_s` after the newest sight; and
    `covariance (3, 3)` of east m, north m, time s; `straight` where it was flown from a fit."""

    status: int
    impact_enu_m: np.ndarray
    time_s: float
    covariance: np.ndarray
    straight: Straight | None = None


def land(
    fit, library: np.ndarray, wind_sigma_mps: float, world, terrain, step_s: float, newest_s: float = 0.0
) -> Landing:
    """Return where a usable fit comes down, its newest sight at `newest_s` after the epoch."""
    mean, covariance, straight = np.empty(3), np.empty((3, 3)), np.empty(3)
    rows, bent = np.empty((3, PARAMETERS)), np.zeros((3, 3))
    status, spread_m2 = carry_to_ground(
        fit.state, fit.transition, fit.parameters, fit.excess * fit.covariance, library, wind_sigma_mps,
        world, terrain, step_s, True, np.empty(library.shape[1:]), mean, covariance, straight, rows, bent,
    )  # fmt: skip
    shift = mean - straight
    straight[2] += newest_s
    kept = Straight(fit.parameters.copy(), straight, rows, shift, bent, spread_m2)
    return Landing(status, mean[:2], float(mean[2]), covariance, kept)


def land_near(fit, straight: Straight, wind_sigma_mps: float, newest_s: float) -> Landing | None:
    """Return where a fit near one that was flown to the ground comes down, by the straight map of that flight.

    None where it has become so much surer that the bend of the map must be looked at again.
    """
    mean, covariance = np.empty(3), np.empty((3, 3))
    good = map_to_ground(
        fit.parameters,
        fit.transition,
        fit.excess * fit.covariance,
        straight,
        wind_sigma_mps,
        mean,
        covariance,
    )
    if not good or mean[2] <= newest_s:
        return None
    return Landing(LANDED, mean[:2], float(mean[2]) - newest_s, covariance, straight)


@kernel
def map_to_ground(parameters, transition, covariance, straight, wind_sigma_mps, out_mean, out_covariance):
    """Fill `out_mean (3,)` and `out_covariance (3, 3)` by a straight map; return whether it will do.

    The bend of the map moves the mean as the covariance grows, and adds to that as its square.
    """
    rows = straight.rows
    for i in range(3):
        out_mean[i] = straight.mean[i]
        for j in range(PARAMETERS):
            out_mean[i] += rows[i, j] * (parameters[j] - straight.parameters[j])
    _congruent(rows, covariance, out_covariance)
    share = (out_covariance[0, 0] + out_covariance[1, 1]) / straight.spread_m2
    if straight.shift[2] != 0.0:
        if share < LEAST_SHARE or share > 1.0 / LEAST_SHARE:
            return False
        for i in range(3):
            out_mean[i] += share * straight.shift[i]
            for j in range(3):
                out_covariance[i, j] += share * share * straight.bent[i, j]
    elif max(out_covariance[0, 0], out_covariance[1, 1]) > CURVED_FROM_M**2:
        return False
    ahead = np.empty((3, STATE_SIZE))
    if not _ahead_of(rows, transition, ahead):
        return False
    add_ahead(ahead, wind_sigma_mps, out_covariance)
    return True


@kernel
def _ahead_of(rows, transition, out_ahead):
    """Fill `out_ahead (3, 9)`, the derivative of an impact by the newest state, from that by the parameters.

    `rows = ahead @ transition` in the columns of the state: six unknowns by elimination with pivots, then the rest,
    whose own share is what the way to the newest sight has not used up.
    """
    a = np.empty((6, 9))  # transposed system, right-hand sides behind it
    for i in range(6):
        for j in range(6):
            a[i, j] = transition[j, i]
        for j in range(3):
            a[i, 6 + j] = rows[j, i]
    for k in range(6):
        pivot = k
        for i in range(k + 1, 6):
            if abs(a[i, k]) > abs(a[pivot, k]):
                pivot = i
        if abs(a[pivot, k]) < 1e-12:
            return False
        for j in range(k, 9):
            a[k, j], a[pivot, j] = a[pivot, j], a[k, j]
        for i in range(k + 1, 6):
            factor = a[i, k] / a[k, k]
            for j in range(k, 9):
                a[i, j] -= factor * a[k, j]
    for j in range(3):
        for i in range(5, -1, -1):
            value = a[i, 6 + j]
            for k in range(i + 1, 6):
                value -= a[i, k] * out_ahead[j, k]
            out_ahead[j, i] = value / a[i, i]
        for i in range(6, STATE_SIZE):
            used = 0.0
            for k in range(6):
                used += out_ahead[j, k] * transition[k, i]
            out_ahead[j, i] = rows[j, i] - used
    return True


@kernel
def _congruent(rows, covariance, out):
    """Fill `out (3, 3)` with `rows (3, 11)` P rows' of `covariance (11, 11)`."""
    spread = np.empty((3, PARAMETERS))
    for i in range(3):
        for j in range(PARAMETERS):
            dot = 0.0
            for k in range(PARAMETERS):
                dot += rows[i, k] * covariance[k, j]
            spread[i, j] = dot
    for i in range(3):
        for j in range(3):
            dot = 0.0
            for k in range(PARAMETERS):
                dot += spread[i, k] * rows[j, k]
            out[i, j] = dot


@kernel
def impact_rows(
    state, transition, parameters, library, world, terrain, step_s, curve, out_mean, out_rows, out_ahead
):
    """Fill `out_mean (3,)` east, north, time of the impact, `out_rows (3, 11)`, its derivative by the
    parameters, and `out_ahead (3, 9)`, that by the newest state alone; return the status. Rows are left
    undefined unless LANDED.

    The departures of the drag curve act on the flight ahead too: their part of it is taken by differences.
    """
    landed = np.empty(STATE_SIZE)
    lay_curve(library, parameters[TILT], parameters[BUMP], curve)
    time_s, status = ground_with_transition(
        state, world, curve, terrain, step_s, LONGEST_FLIGHT_S, landed, out_ahead
    )
    out_mean[0], out_mean[1], out_mean[2] = landed[0], landed[1], time_s
    if status != LANDED:
        return status
    for i in range(3):
        for j in range(PARAMETERS):
            dot = 0.0
            for k in range(6):
                dot += out_ahead[i, k] * transition[k, j]
            out_rows[i, j] = dot
        out_rows[i, LOG_DRAG] += out_ahead[i, LOG_DRAG]
        out_rows[i, WIND_EAST] += out_ahead[i, WIND_EAST]
        out_rows[i, WIND_NORTH] += out_ahead[i, WIND_NORTH]
    for j in range(TILT, BUMP + 1):
        tilt = parameters[TILT] + (DEPARTURE_STEP if j == TILT else 0.0)
        bump = parameters[BUMP] + (DEPARTURE_STEP if j == BUMP else 0.0)
        lay_curve(library, tilt, bump, curve)
        time_s, status = fly_to_ground(state, world, curve, terrain, step_s, LONGEST_FLIGHT_S, landed)
        if status != LANDED:
            return status
        out_rows[0, j] += (landed[0] - out_mean[0]) / DEPARTURE_STEP
        out_rows[1, j] += (landed[1] - out_mean[1]) / DEPARTURE_STEP
        out_rows[2, j] += (time_s - out_mean[2]) / DEPARTURE_STEP
    return LANDED


@kernel
def add_ahead(ahead, wind_sigma_mps, covariance):
    """Add to `covariance (3, 3)` what the air still ahead may do, and what is never known."""
    wind = AHEAD_WIND_SHARE * wind_sigma_mps
    for i in range(3):
        for j in range(3):
            covariance[i, j] += wind * wind * (
                ahead[i, WIND_EAST] * ahead[j, WIND_EAST] + ahead[i, WIND_NORTH] * ahead[j, WIND_NORTH]
            ) + AHEAD_DENSITY_SIGMA**2 * (ahead[i, LOG_DRAG] * ahead[j, LOG_DRAG])
    covariance[0, 0] += FLOOR_M**2
    covariance[1, 1] += FLOOR_M**2
    covariance[2, 2] += FLOOR_S**2


@kernel
def carry_to_ground(
    state, transition, parameters, covariance, library, wind_sigma_mps, world, terrain, step_s, bends, curve,
    out_mean, out_covariance, out_straight, out_rows, out_bent,
):  # fmt: skip
    """Fill `out_mean (3,)`, `out_covariance (3, 3)` of east, north, time of the impact; return (status, spread m2).

    `out_straight (3,)`, `out_rows (3, 11)`: the mean before any bend, its derivative by the parameters; `out_bent (3,
    3)`, which begins as zeros: what the bend adds to the covariance, whose trace of place without it is the spread.
    `bends` False leaves the map to the ground straight.
    """
    ahead = np.empty((3, STATE_SIZE))
    status = impact_rows(
        state, transition, parameters, library, world, terrain, step_s, curve, out_mean, out_rows, ahead
    )
    for i in range(3):
        out_straight[i] = out_mean[i]
    if status != LANDED:
        return status, 0.0
    _congruent(out_rows, covariance, out_covariance)
    spread_m2 = out_covariance[0, 0] + out_covariance[1, 1]
    if bends and max(out_covariance[0, 0], out_covariance[1, 1]) > CURVED_FROM_M**2:
        _bend(
            state, transition, parameters, covariance, library, world, terrain, BEND_STEP * step_s, curve,
            out_mean, out_bent,
        )  # fmt: skip
        for i in range(3):
            for j in range(3):
                out_covariance[i, j] += out_bent[i, j]
    add_ahead(ahead, wind_sigma_mps, out_covariance)
    return status, spread_m2


@kernel
def _bend(
    state,
    transition,
    parameters,
    covariance,
    library,
    world,
    terrain,
    step_s,
    curve,
    out_mean,
    out_bent,
):
    """Add to `out_mean (3,)`, and to `out_bent (3, 3)` of its covariance, what the bend of the map to the ground does.

    Sigma points along the first columns of the Cholesky factor of what is known of the newest state, velocity
    and drag foremost: the rest of it moves the impact all but straight. Points that do not land leave the
    linear answer.
    """
    spread, factor = np.empty((PARAMETERS, PARAMETERS)), np.empty((PARAMETERS, PARAMETERS))
    _newest_covariance(transition, covariance, spread)
    if not cholesky(spread, factor):
        return
    bends, landed, start = np.zeros((BENT, 3)), np.empty(STATE_SIZE), np.empty(STATE_SIZE)
    for d in range(BENT):
        for side in range(2):
            reach = REACH if side == 0 else -REACH
            for i in range(PARAMETERS):
                if ORDER[i] < STATE_SIZE:
                    start[ORDER[i]] = state[ORDER[i]] + reach * factor[i, d]
            tilt = parameters[TILT] + reach * factor[PARAMETERS - 2, d]
            lay_curve(library, tilt, parameters[BUMP] + reach * factor[PARAMETERS - 1, d], curve)
            time_s, status = fly_to_ground(start, world, curve, terrain, step_s, LONGEST_FLIGHT_S, landed)
            if status != LANDED:
                return
            bends[d, 0] += (landed[0] - out_mean[0]) / REACH**2
            bends[d, 1] += (landed[1] - out_mean[1]) / REACH**2
            bends[d, 2] += (time_s - out_mean[2]) / REACH**2
    for d in range(BENT):
        for i in range(3):
            out_mean[i] += 0.5 * bends[d, i]
            for j in range(3):
                out_bent[i, j] += 0.5 * bends[d, i] * bends[d, j]


@kernel
def _newest_covariance(transition, covariance, out_spread):
    """Fill `out_spread (11, 11)` with the covariance of newest state and departures, in ORDER."""
    rows, half = np.zeros((PARAMETERS, PARAMETERS)), np.empty((PARAMETERS, PARAMETERS))
    for i in range(PARAMETERS):
        for j in range(PARAMETERS):
            if ORDER[i] < LOG_DRAG:
                rows[i, j] = transition[ORDER[i], j]
            else:
                rows[i, j] = 1.0 if ORDER[i] == j else 0.0
    congruence(rows, covariance, half, out_spread)
