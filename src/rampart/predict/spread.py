"""A fit flown to the ground: where and when it comes down, how sure that is, and how the map to the ground bends."""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
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
from rampart.physics.variation import derive_meeting
from rampart.predict.path import carry_along, lay_curve, start_transition
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
ORDER = (V_EAST, V_NORTH, V_UP, LOG_DRAG, EAST, NORTH, UP, WIND_EAST, WIND_NORTH, TILT, BUMP)
BEND_STEP = 2.0
"""Flights that tell the bend take steps so much longer."""
BENT = 4
"""Along the first so many of the newest state's numbers, in this order, the map to the ground bends."""


@kernel
def congruent(rows, covariance, out):
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
    parameters, and `out_ahead (3, 11)`, that by the newest state and the curve ahead alone; return the status. Rows are
    left undefined unless LANDED.
    """
    landed = np.empty(STATE_SIZE)
    lay_curve(library, parameters[TILT], parameters[BUMP], curve)
    time_s, status = fly_to_ground(state, world, curve, terrain, step_s, LONGEST_FLIGHT_S, landed)
    out_mean[0], out_mean[1], out_mean[2] = landed[0], landed[1], time_s
    if status != LANDED:
        return status
    flown, onward, forces = state.copy(), np.empty((STATE_SIZE, PARAMETERS)), np.empty((3, STATE_SIZE))
    start_transition(onward)
    carry_along(flown, onward, time_s, library, world, step_s, curve, forces)
    out_ahead[:] = 0.0
    derive_meeting(landed, onward, world, terrain, out_ahead)
    for i in range(3):
        for j in range(PARAMETERS):
            dot = 0.0
            for k in range(6):
                dot += out_ahead[i, k] * transition[k, j]
            out_rows[i, j] = dot
        for j in range(
            LOG_DRAG, PARAMETERS
        ):  # drag, wind and the curve's departures act on the flight ahead too
            out_rows[i, j] += out_ahead[i, j]
    return LANDED


@lean_kernel
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
    ahead = np.empty((3, PARAMETERS))
    status = impact_rows(
        state, transition, parameters, library, world, terrain, step_s, curve, out_mean, out_rows, ahead
    )
    for i in range(3):
        out_straight[i] = out_mean[i]
    if status != LANDED:
        return status, 0.0
    congruent(out_rows, covariance, out_covariance)
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
