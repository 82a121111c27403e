"""Normal equations of one drag shape: a path flown past every sight, what each says, the step to take.

Each radar's biases are parameters too, with priors of their own; as they enter linearly they are eliminated,
not averaged away. [barshalom], ch. 3.
"""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.numerics.linalg import cholesky, log_determinant, solve_cholesky
from rampart.physics.flight import fly
from rampart.physics.motion import LOG_DRAG, STATE_SIZE
from rampart.physics.radar import RadarFrame, measure
from rampart.predict.path import carry, lay_curve, look, start_transition
from rampart.predict.problem import BUMP, PARAMETERS, TILT, Tally

MOST_SQUARES = 36.0
"""The most that one sight counts for in a sum of squares, so that a single stray plot does not fill it."""
TURN_RAD = 2.0 * np.pi


@lean_kernel
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


@lean_kernel
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


@lean_kernel
def begin(parameters, bias, task, normal):
    """Set the equations to what the prior says of `parameters (11,)` and `bias (r, 4)`; return its cost."""
    prior = task.prior
    for i in range(PARAMETERS):
        normal.gradient[i] = 0.0
        for j in range(PARAMETERS):
            normal.information[i, j] = 0.0
    cost = 0.0
    for i in range(PARAMETERS):
        if i < 3:
            off, sigma = parameters[i] - task.anchor_enu_m[i], prior.position_sigma_m
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
            precision = task.radars.bias_precision[r, c]
            normal.bias_information[r, c] = precision
            normal.bias_gradient[r, c] = precision * bias[r, c]
            cost += 0.5 * precision * bias[r, c] * bias[r, c]
            for j in range(PARAMETERS):
                normal.cross[r, c, j] = 0.0
    return cost


@lean_kernel
def robust(squares, clip_2):
    """Return (cost, weight) of a sight: half its squares up to `clip_2`, then growing as their logarithm.

    So one stray plot pulls ever less, the farther off it lies. [huber], ch. 7; the tail is Cauchy's.
    """
    if squares <= clip_2:
        return 0.5 * squares, 1.0
    return 0.5 * clip_2 * (1.0 + np.log(squares / clip_2)), clip_2 / squares


@lean_kernel
def gather(parameters, bias, task, clip_2, room, normal, out_state, out_transition):
    """Fly the parameters past all sights; fill the normal equations; return a Tally.

    Sights before the task's first are flown past and not used. `out_state (9,)` and `out_transition (9, 11)`
    are left at the newest sight, the curve of the parameters in `room`.
    """
    cost = begin(parameters, bias, task, normal)
    prior_squares = 2.0 * cost
    lay_curve(task.library, parameters[TILT], parameters[BUMP], room.curve)
    for i in range(STATE_SIZE):
        out_state[i] = parameters[i]
    start_transition(out_transition)
    sights = task.sights
    time_s, squares, numbers = 0.0, 0.0, 0
    for k in range(sights.time_s.shape[0]):
        if sights.time_s[k] != time_s:
            carry(out_state, out_transition, sights.time_s[k] - time_s, task, room)
            time_s = sights.time_s[k]
        if k >= task.first:
            look(k, out_state, out_transition, task, room)
            own, count = misses(k, room.z, bias, sights, room.miss)
            share, weight = robust(own, clip_2)
            add_sight(k, weight, room.miss, room.rows, sights, normal)
            cost += share
            squares += min(own, MOST_SQUARES)
            numbers += count
    return Tally(cost, prior_squares, squares, numbers)


@kernel
def squares_each(parameters, bias, sights, radars, library, world, step_s, room, out_squares):
    """Fill `out_squares (n,)`: each sight's sum of squares under the parameters, noise set to one."""
    lay_curve(library, parameters[TILT], parameters[BUMP], room.curve)
    state, time_s = parameters[:STATE_SIZE].copy(), 0.0
    for k in range(sights.time_s.shape[0]):
        fly(state, sights.time_s[k] - time_s, world, room.curve, step_s, state)
        time_s = sights.time_s[k]
        r = sights.radar[k]
        radar = RadarFrame(radars.origin_enu_m[r], radars.rotation[r])
        room.z[0], room.z[1], room.z[2], room.z[3] = measure(state, radar)
        out_squares[k], _ = misses(k, room.z, bias, sights, room.miss)


@lean_kernel
def solve_step(normal, damping, room, out_step, out_bias_step):
    """Fill `out_step (11,)` and `out_bias_step (r, 4)`; return (fall of the cost promised, log det, good).

    Biases are eliminated (Schur's complement), so `room.factor` is left with the factor of the parameters'
    own information; `log det` is of all the information. `damping` 0 is Gauss-Newton, above Levenberg's.
    [nocedal], ch. 10.
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
