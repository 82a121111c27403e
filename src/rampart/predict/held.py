"""What is held of a track's fits between updates, so that a new plot costs the flight since the last one alone.

Each shape keeps the path about which it was last made linear: its parameters, its normal equations with all sights so
far, the newest state on it. A new sight is added to them where that path passes it, and the least of the cost is
solved for anew. Only where that lies so far from the path that the problem may have bent is the path flown
again from the start (`fit.descend`). [nocedal], 10.2.
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import kernel
from rampart.numerics.linalg import invert_cholesky
from rampart.physics.motion import STATE_SIZE
from rampart.predict.normal import MOST_SQUARES, add_sight, misses, robust, solve_step
from rampart.predict.path import carry, lay_curve, look
from rampart.predict.problem import BUMP, PARAMETERS, TILT, Normal, Task

COST, PRIOR_SQUARES, SQUARES, NUMBERS = range(4)
"""Columns of `Held.sums`."""


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


class Extended(NamedTuple):
    """What `extend_each` finds for s shapes: the least of each linear problem; `promised (s,)`, how far below the
    reference's cost it lies, NaN where there is none; `evidence (s,)` and the covariance of each."""

    parameters: np.ndarray
    bias: np.ndarray
    covariance: np.ndarray
    state: np.ndarray
    promised: np.ndarray
    evidence: np.ndarray


def empty_held(shapes: int, radars: int) -> Held:
    """Return room for the linear problems of a track."""
    n = PARAMETERS
    sizes = [(shapes, n), (shapes, radars, 4), (shapes, n, n), (shapes, n), (shapes, radars, 4, n),
             (shapes, radars, 4), (shapes, radars, 4), (shapes, STATE_SIZE), (shapes, STATE_SIZE, n), (shapes, 4),
             (shapes, radars, 4)]  # fmt: skip
    return Held(*(np.zeros(size) for size in sizes))


def empty_extended(shapes: int, radars: int) -> Extended:
    """Return room for what is found of a track's shapes."""
    n = PARAMETERS
    sizes = [(shapes, n), (shapes, radars, 4), (shapes, n, n), (shapes, STATE_SIZE), (shapes,), (shapes,)]
    return Extended(*(np.zeros(size) for size in sizes))


@kernel
def extend_each(held, task, begin, clip_2, libraries, log_width, room, out):
    """Add the sights from `begin` on to every shape's problem and solve it; fill `out`, an `Extended`.

    `task` is that of any shape, whose library is not looked at; `libraries (s, 3, n, 4)` and `log_width (s,)`, ln of
    the product of the spreads of drag and its departures in each prior.
    """
    step, bias_step = np.empty(PARAMETERS), np.empty(out.bias.shape[1:])
    sights = task.sights
    for s in range(libraries.shape[0]):
        own = Task(
            sights,
            task.radars,
            task.first,
            task.anchor_enu_m,
            task.prior,
            libraries[s],
            task.world,
            task.step_s,
        )
        normal = Normal(
            held.information[s],
            held.gradient[s],
            held.cross[s],
            held.bias_information[s],
            held.bias_gradient[s],
        )
        reference, bias, sums = held.reference[s], held.bias[s], held.sums[s]
        lay_curve(libraries[s], reference[TILT], reference[BUMP], room.curve)
        _renew_bias_prior(task.radars, held.bias_precision[s], bias, normal, sums)
        time_s = sights.time_s[begin - 1]
        for k in range(begin, sights.time_s.shape[0]):
            if sights.time_s[k] != time_s:
                carry(held.state[s], held.transition[s], sights.time_s[k] - time_s, own, room)
                time_s = sights.time_s[k]
            if k >= task.first:
                look(k, held.state[s], held.transition[s], own, room)
                squares, numbers = misses(k, room.z, bias, sights, room.miss)
                share, weight = robust(squares, clip_2)
                add_sight(k, weight, room.miss, room.rows, sights, normal)
                sums[COST] += share
                sums[SQUARES] += min(squares, MOST_SQUARES)
                sums[NUMBERS] += numbers
        promised, log_det, good = solve_step(normal, 0.0, room, step, bias_step)
        out.promised[s] = promised if good else np.nan
        if good:
            invert_cholesky(room.factor, out.covariance[s])
            out.evidence[s] = promised - sums[COST] - 0.5 * log_det - log_width[s]
            _step_off(s, held, step, bias_step, out)


@kernel
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


@kernel
def _step_off(s, held, step, bias_step, out):
    """Fill what is found of shape `s` with its reference and a step off it, all to first order."""
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
