"""Normal equations of one drag shape: a trajectory flown past every sight, what each says, and the step to take.

Eleven parameters: the state (9,) at the epoch, and two departures of the drag curve from the published one,
TILT and BUMP, so that Cd(M) = Cd_shape(M) (1 + TILT tilt(M) + BUMP bump(M)). Each radar's biases are parameters
too, with priors of their own; as they enter linearly they are eliminated, not averaged away. [barshalom], ch. 3.
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import kernel
from rampart.numerics.linalg import cholesky, log_determinant, solve_cholesky
from rampart.physics.drag import DRAG_MACH_STEP, cd_at
from rampart.physics.flight import fly
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, WIND_EAST, WIND_NORTH, drive
from rampart.physics.radar import RadarFrame, measure, measure_with_jacobian
from rampart.physics.splines import uniform_spline
from rampart.physics.variation import fly_with_transition

TILT, BUMP = STATE_SIZE, STATE_SIZE + 1
PARAMETERS = STATE_SIZE + 2

BASE_CURVE, TILT_CURVE, BUMP_CURVE = range(3)
"""Rows of a shape's library: the published curve, and that curve times tilt(M) and bump(M)."""

TILT_WIDTH_MACH = 0.5
BUMP_WIDTH_MACH = 0.12
LONGEST_PIECE_S = 1.0
"""Within a piece of flight the departures' shares of the drag are held."""

LOWEST_LOG_DRAG, HIGHEST_LOG_DRAG = -14.0, 0.0
LARGEST_DEPARTURE = 0.6
MOST_SQUARES = 36.0
"""The most that one sight counts for in a sum of squares, so that a single stray plot does not fill it."""
TURN_RAD = 2.0 * np.pi


def library_of(curve: np.ndarray) -> np.ndarray:
    """Return (3, n, 4): a drag curve `(n, 4)`, and it times the two shapes of departure.

    tilt(M) = tanh((M - 1) / TILT_WIDTH_MACH): supersonic against subsonic drag; bump(M): a bell at Mach 1.
    """
    mach = np.arange(len(curve) + 1) * DRAG_MACH_STEP
    cd = np.append(curve[:, 0], curve[-1].sum())
    tilt = np.tanh((mach - 1.0) / TILT_WIDTH_MACH)
    bump = np.exp(-0.5 * ((mach - 1.0) / BUMP_WIDTH_MACH) ** 2)
    departures = uniform_spline(np.stack([cd * tilt, cd * bump], axis=1))
    return np.ascontiguousarray(np.stack([curve, departures[:, 0], departures[:, 1]]))


class Normal(NamedTuple):
    """Normal equations over the parameters and r radars' biases.

    `information (11, 11)`, its lower half; `gradient (11,)` of the cost; `cross (r, 4, 11)` between bias and
    parameter; `bias_information (r, 4)`, diagonal; `bias_gradient (r, 4)`.
    """

    information: np.ndarray
    gradient: np.ndarray
    cross: np.ndarray
    bias_information: np.ndarray
    bias_gradient: np.ndarray


def empty_normal(radars: int) -> Normal:
    """Return room for the normal equations of a site with so many radars."""
    n = PARAMETERS
    return Normal(
        np.zeros((n, n)), np.zeros(n), np.zeros((radars, 4, n)), np.zeros((radars, 4)), np.zeros((radars, 4))
    )


class Tally(NamedTuple):
    """What the sights say of a trajectory: the robust cost, the prior's included; the prior's squares alone; the
    plain sum of the sights' squares (each sight's share capped); how many numbers were measured."""

    cost: float
    prior_squares: float
    squares: float
    numbers: int


@kernel
def lay_curve(library, tilt, bump, out_curve):
    """Fill `out_curve (n, 4)` with the curve of a shape's `library (3, n, 4)` departed from by tilt and bump."""
    for i in range(out_curve.shape[0]):
        for k in range(4):
            out_curve[i, k] = library[0, i, k] + tilt * library[1, i, k] + bump * library[2, i, k]


@kernel
def start_transition(out_transition):
    """Fill `out_transition (9, 11)`, the derivative of a state by the parameters, with that at the epoch."""
    for i in range(STATE_SIZE):
        for j in range(PARAMETERS):
            out_transition[i, j] = 1.0 if i == j else 0.0


@kernel
def carry(state, transition, duration_s, library, curve, world, step_s, flow, product):
    """Carry `state (9,)` and `transition (9, 11)`, both in place, along the laid curve.

    `flow (9, 9)` and `product (6, 11)` are room to work in.
    """
    pieces = 1 + int(min(abs(duration_s) / LONGEST_PIECE_S, 1000.0))
    for _ in range(pieces):
        _, _, _, mach, mach_rate, _ = drive(
            state[0], state[1], state[2], state[3], state[4], state[5],
            np.exp(state[LOG_DRAG]), state[WIND_EAST], state[WIND_NORTH], world, curve,
        )  # fmt: skip
        mach += 0.5 * mach_rate * duration_s / pieces
        cd = cd_at(mach, curve)
        transition[LOG_DRAG, TILT] = cd_at(mach, library[1]) / cd
        transition[LOG_DRAG, BUMP] = cd_at(mach, library[2]) / cd
        for i in range(STATE_SIZE):
            for j in range(STATE_SIZE):
                flow[i, j] = 1.0 if i == j else 0.0
        fly_with_transition(state, flow, duration_s / pieces, world, curve, step_s, state, flow)
        for i in range(6):
            for j in range(PARAMETERS):
                product[i, j] = 0.0
            for k in range(STATE_SIZE):
                factor = flow[i, k]
                for j in range(PARAMETERS):
                    product[i, j] += factor * transition[k, j]
        for i in range(6):
            for j in range(PARAMETERS):
                transition[i, j] = product[i, j]


@kernel
def look(k, state, transition, sights, radars, z, h, out_rows):
    """Fill `out_rows (4, 11)`, the derivative of what sight `k` measures by the parameters, and `z (4,)`, its value.

    `h (4, 6)` is room to work in.
    """
    radar = RadarFrame(radars.origin_enu_m[sights.radar[k]], radars.rotation[sights.radar[k]])
    measure_with_jacobian(state, radar, z, h)
    for c in range(4):
        for j in range(PARAMETERS):
            dot = 0.0
            for i in range(6):
                dot += h[c, i] * transition[i, j]
            out_rows[c, j] = dot


@kernel
def misses(k, z, bias, sights, out_miss):
    """Fill `out_miss (4,)`, measured less expected; return (squares, numbers measured), noise set to one."""
    r = sights.radar[k]
    squares, numbers = 0.0, 0
    for c in range(4):
        out_miss[c] = 0.0
        if sights.precision[k, c] > 0.0:
            miss = sights.measurement[k, c] - z[c] - bias[r, c]
            if c == 1:
                miss -= TURN_RAD * np.floor(miss / TURN_RAD + 0.5)
            out_miss[c] = miss
            squares += miss * miss * sights.precision[k, c]
            numbers += 1
    return squares, numbers


@kernel
def add_sight(k, weight, miss, rows, sights, normal):
    """Add what sight `k` says, at its robust `weight`, to the normal equations."""
    r = sights.radar[k]
    for c in range(4):
        precision = weight * sights.precision[k, c]
        if precision > 0.0:
            pull = precision * miss[c]
            for i in range(PARAMETERS):
                scaled = precision * rows[c, i]
                normal.cross[r, c, i] += scaled
                normal.gradient[i] -= pull * rows[c, i]
                for j in range(i + 1):
                    normal.information[i, j] += scaled * rows[c, j]
            normal.bias_information[r, c] += precision
            normal.bias_gradient[r, c] -= pull


@kernel
def begin(parameters, bias, anchor_enu_m, prior, radars, normal):
    """Set the normal equations to what the prior says of `parameters (11,)` and `bias (r, 4)`; return its cost.

    `anchor_enu_m (3,)` is the centre of the weak prior of position; that of velocity is rest.
    """
    for i in range(PARAMETERS):
        normal.gradient[i] = 0.0
        for j in range(PARAMETERS):
            normal.information[i, j] = 0.0
    cost = 0.0
    for i in range(PARAMETERS):
        if i < 3:
            off, sigma = parameters[i] - anchor_enu_m[i], prior.position_sigma_m
        elif i < 6:
            off, sigma = parameters[i], prior.velocity_sigma_mps
        elif i == LOG_DRAG:
            off, sigma = parameters[i] - prior.log_drag, prior.log_drag_sigma
        elif i == TILT:
            off, sigma = parameters[i], prior.tilt_sigma
        elif i == BUMP:
            off, sigma = parameters[i], prior.bump_sigma
        else:
            off, sigma = parameters[i], prior.wind_sigma_mps
        precision = 1.0 / (sigma * sigma)
        normal.information[i, i] = precision
        normal.gradient[i] = precision * off
        cost += 0.5 * precision * off * off
    for r in range(bias.shape[0]):
        for c in range(4):
            precision = radars.bias_precision[r, c]
            normal.bias_information[r, c] = precision
            normal.bias_gradient[r, c] = precision * bias[r, c]
            cost += 0.5 * precision * bias[r, c] * bias[r, c]
            for j in range(PARAMETERS):
                normal.cross[r, c, j] = 0.0
    return cost


@kernel
def robust(squares, clip_2):
    """Return (cost, weight) of a sight: half its squares up to `clip_2`, then growing as their logarithm.

    So one stray plot pulls ever less, the farther off it lies. [huber], ch. 4; the tail is Cauchy's.
    """
    if squares <= clip_2:
        return 0.5 * squares, 1.0
    return 0.5 * clip_2 * (1.0 + np.log(squares / clip_2)), clip_2 / squares


@kernel
def gather(
    parameters, bias, anchor_enu_m, first, clip_2, sights, radars, prior, library, world, step_s, curve, room,
    normal, out_state, out_transition,
):  # fmt: skip
    """Fly the parameters past all sights; fill the normal equations; return a Tally.

    Sights before `first` are flown past and not used. `curve (n, 4)`, `room` are to work in. `out_state (9,)` and
    `out_transition (9, 11)` are left at the newest sight.
    """
    cost = begin(parameters, bias, anchor_enu_m, prior, radars, normal)
    lay_curve(library, parameters[TILT], parameters[BUMP], curve)
    for i in range(STATE_SIZE):
        out_state[i] = parameters[i]
    start_transition(out_transition)
    prior_squares = 2.0 * cost
    time_s, squares, numbers = 0.0, 0.0, 0
    for k in range(sights.time_s.shape[0]):
        if sights.time_s[k] != time_s:
            carry(
                out_state, out_transition, sights.time_s[k] - time_s, library, curve, world, step_s,
                room.flow, room.product,
            )  # fmt: skip
            time_s = sights.time_s[k]
        if k >= first:
            look(k, out_state, out_transition, sights, radars, room.z, room.h, room.rows)
            own, count = misses(k, room.z, bias, sights, room.miss)
            share, weight = robust(own, clip_2)
            add_sight(k, weight, room.miss, room.rows, sights, normal)
            cost += share
            squares += min(own, MOST_SQUARES)
            numbers += count
    return Tally(cost, prior_squares, squares, numbers)


@kernel
def squares_each(parameters, bias, sights, radars, library, world, step_s, curve, out_squares):
    """Fill `out_squares (n,)`: each sight's sum of squares under the parameters, noise set to one."""
    lay_curve(library, parameters[TILT], parameters[BUMP], curve)
    state, z, miss = parameters[:STATE_SIZE].copy(), np.empty(4), np.empty(4)
    time_s = 0.0
    for k in range(sights.time_s.shape[0]):
        fly(state, sights.time_s[k] - time_s, world, curve, step_s, state)
        time_s = sights.time_s[k]
        radar = RadarFrame(radars.origin_enu_m[sights.radar[k]], radars.rotation[sights.radar[k]])
        z[0], z[1], z[2], z[3] = measure(state, radar)
        out_squares[k], _ = misses(k, z, bias, sights, miss)


class Room(NamedTuple):
    """Space to work in, so that kernels allocate nothing."""

    flow: np.ndarray
    product: np.ndarray
    z: np.ndarray
    h: np.ndarray
    rows: np.ndarray
    miss: np.ndarray
    reduced: np.ndarray
    factor: np.ndarray
    right: np.ndarray


def empty_room() -> Room:
    """Return space for one fit."""
    n = PARAMETERS
    return Room(
        np.empty((STATE_SIZE, STATE_SIZE)), np.empty((6, n)), np.empty(4), np.empty((4, 6)), np.empty((4, n)),
        np.empty(4), np.empty((n, n)), np.empty((n, n)), np.empty(n),
    )  # fmt: skip


@kernel
def solve_step(normal, damping, room, out_step, out_bias_step):
    """Fill `out_step (11,)` and `out_bias_step (r, 4)`; return (half the fall of cost promised, log det, good).

    Biases are eliminated (Schur's complement), so `room.factor` is left with the factor of the parameters' own
    information; `log det` is of all the information. `damping` 0 is Gauss-Newton, above Levenberg's. [nocedal], ch. 10.
    """
    reduced, right = room.reduced, room.right
    log_det = 0.0
    for i in range(PARAMETERS):
        right[i] = -normal.gradient[i]
        for j in range(i + 1):
            reduced[i, j] = normal.information[i, j]
    for r in range(normal.cross.shape[0]):
        for c in range(4):
            known = normal.bias_information[r, c]
            log_det += np.log(known)
            for i in range(PARAMETERS):
                share = normal.cross[r, c, i] / known
                right[i] += share * normal.bias_gradient[r, c]
                for j in range(i + 1):
                    reduced[i, j] -= share * normal.cross[r, c, j]
    for i in range(PARAMETERS):
        reduced[i, i] *= 1.0 + damping
    if not cholesky(reduced, room.factor):
        return 0.0, 0.0, False
    solve_cholesky(room.factor, right, out_step)
    promised = 0.0
    for i in range(PARAMETERS):
        promised += out_step[i] * right[i]
    for r in range(normal.cross.shape[0]):
        for c in range(4):
            pull = -normal.bias_gradient[r, c]
            for i in range(PARAMETERS):
                pull -= normal.cross[r, c, i] * out_step[i]
            out_bias_step[r, c] = pull / normal.bias_information[r, c]
            promised += normal.bias_gradient[r, c] ** 2 / normal.bias_information[r, c]
    return 0.5 * promised, log_det + log_determinant(room.factor), np.isfinite(promised)
