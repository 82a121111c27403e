"""What is held of a track's fits between updates, so that a new plot costs the flight since the last one alone.

Each shape keeps the path about which it was last made linear: its parameters, its normal equations with all sights so
far, the newest state on it. A new sight is added to them where that path passes it, and the least of the cost is
solved for anew. Only where that lies so far from the path that the problem may have bent is the path flown
again from the start (`fit.descend`). [nocedal], 10.2.
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.numerics.linalg import invert_cholesky
from rampart.physics.motion import STATE_SIZE
from rampart.predict.normal import MOST_SQUARES, add_sight, misses, robust, solve_step
from rampart.predict.path import carry, lay_curve, look
from rampart.predict.problem import BUMP, PARAMETERS, TILT, Normal

COST, PRIOR_SQUARES, SQUARES, NUMBERS = range(4)
"""Columns of the sums of a Tally."""

FITTED, UNFINISHED, FAILED, UNKNOWN = range(4)
"""How a fit ended: at its best; out of rounds, yet usable; without a solution; it was not begun."""


class Held(NamedTuple):
    """The linear problem of each of s shapes, with r radars.

    `reference (s, 11)` and `bias (s, r, 4)`: about which; `information (s, 11, 11)`, `gradient (s, 11)`, `cross (s, r,
    4, 11)`, `bias_information`, `bias_gradient (s, r, 4)` as in `Normal`; `state (s, 9)` and `transition (s, 9, 11)`
    at the newest sight; `sums (s, 4)` of a Tally; `bias_precision (s, r, 4)`: the biases' prior that is in it.
    """

    reference: np.ndarray
    bias: np.ndarray
    information: np.ndarray
    gradient: np.ndarray
    cross: np.ndarray
    bias_information: np.ndarray
    bias_gradient: np.ndarray
    state: np.ndarray
    transition: np.ndarray
    sums: np.ndarray
    bias_precision: np.ndarray


class Found(NamedTuple):
    """What was found of s shapes: `status (s,)`, `parameters (s, 11)`, `bias (s, r, 4)`, `covariance (s, 11, 11)`,
    `state (s, 9)`, `transition (s, 9, 11)` and `evidence (s,)` as a `fit.Fit` names them; `sums (s, 4)` of a Tally."""

    status: np.ndarray
    parameters: np.ndarray
    bias: np.ndarray
    covariance: np.ndarray
    state: np.ndarray
    transition: np.ndarray
    evidence: np.ndarray
    sums: np.ndarray


def empty_held(shapes: int, radars: int) -> Held:
    """Return room for the linear problems of a track."""
    n = PARAMETERS
    sizes = [(shapes, n), (shapes, radars, 4), (shapes, n, n), (shapes, n), (shapes, radars, 4, n),
             (shapes, radars, 4), (shapes, radars, 4), (shapes, STATE_SIZE), (shapes, STATE_SIZE, n), (shapes, 4),
             (shapes, radars, 4)]  # fmt: skip
    return Held(*(np.zeros(size) for size in sizes))


def empty_found(shapes: int, radars: int) -> Found:
    """Return room for what is found of a track's shapes, none of which was fitted yet."""
    n = PARAMETERS
    status, evidence = np.full(shapes, UNKNOWN), np.full(shapes, -np.inf)
    parameters, bias, covariance = (
        np.zeros((shapes, n)),
        np.zeros((shapes, radars, 4)),
        np.zeros((shapes, n, n)),
    )
    state, transition = np.zeros((shapes, STATE_SIZE)), np.zeros((shapes, STATE_SIZE, n))
    return Found(status, parameters, bias, covariance, state, transition, evidence, np.zeros((shapes, 4)))


@kernel
def normal_of(held, s):
    """Return the normal equations of shape `s`, whose arrays are those of `held`."""
    return Normal(
        held.information[s], held.gradient[s], held.cross[s], held.bias_information[s], held.bias_gradient[s]
    )


@kernel
def extend(s, held, task, begin, clip_2, log_width, room, step, bias_step, found):
    """Add the sights from `begin` on to the problem of shape `s` and solve it; fill `found`; return what that promises.

    That is by how much the least cost lies below the reference's, NaN where there is no solution. `task` is that of the
    shape, whose prior is not looked at; `log_width`, ln of the product of the spreads of drag and its departures in it.
    """
    sights, normal = task.sights, normal_of(held, s)
    reference, bias, sums = held.reference[s], held.bias[s], held.sums[s]
    lay_curve(task.library, reference[TILT], reference[BUMP], room.curve)
    _renew_bias_prior(task.radars, held.bias_precision[s], bias, normal, sums)
    time_s = sights.time_s[begin - 1]
    for k in range(begin, sights.time_s.shape[0]):
        if sights.time_s[k] != time_s:
            carry(held.state[s], held.transition[s], sights.time_s[k] - time_s, task, room)
            time_s = sights.time_s[k]
        if k >= task.first:
            look(k, held.state[s], held.transition[s], task, room)
            squares, numbers = misses(k, room.z, bias, sights, room.miss)
            share, weight = robust(squares, clip_2)
            add_sight(k, weight, room.miss, room.rows, sights, normal)
            sums[COST] += share
            sums[SQUARES] += min(squares, MOST_SQUARES)
            sums[NUMBERS] += numbers
    promised, log_det, good = solve_step(normal, 0.0, room, step, bias_step)
    if not good:
        return np.nan
    invert_cholesky(room.factor, found.covariance[s])
    found.evidence[s] = promised - sums[COST] - 0.5 * log_det - log_width
    _step_off(s, held, step, bias_step, found)
    # what the cost falls by, the squares fall by twice
    found.sums[s, SQUARES] = max(sums[SQUARES] - 2.0 * promised, 0.0)
    return promised


@lean_kernel
def _renew_bias_prior(radars, precision, bias, normal, sums):
    """Bring the prior of the biases in one shape's problem up to that of `radars`."""
    for r in range(precision.shape[0]):
        for c in range(4):
            more = radars.bias_precision[r, c] - precision[r, c]
            if more != 0.0:
                normal.bias_information[r, c] += more
                normal.bias_gradient[r, c] += more * bias[r, c]
                sums[COST] += 0.5 * more * bias[r, c] * bias[r, c]
                precision[r, c] = radars.bias_precision[r, c]


@lean_kernel
def _step_off(s, held, step, bias_step, out):
    """Fill what is found of shape `s` with its reference and a step off it, all to first order."""
    for i in range(4):
        out.sums[s, i] = held.sums[s, i]
    for i in range(STATE_SIZE):
        for j in range(PARAMETERS):
            out.transition[s, i, j] = held.transition[s, i, j]
    for i in range(PARAMETERS):
        out.parameters[s, i] = held.reference[s, i] + step[i]
    for r in range(bias_step.shape[0]):
        for c in range(4):
            out.bias[s, r, c] = held.bias[s, r, c] + bias_step[r, c]
    for i in range(STATE_SIZE):
        if i < 6:
            moved = held.state[s, i]
            for j in range(PARAMETERS):
                moved += held.transition[s, i, j] * step[j]
            out.state[s, i] = moved
        else:
            out.state[s, i] = out.parameters[s, i]
