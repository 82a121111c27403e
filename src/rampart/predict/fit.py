"""The batch estimate: one maximum-a-posteriori fit of all plots of a track per drag shape, and its
evidence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rampart.numerics.jit import F, kernel, steady
from rampart.numerics.linalg import invert_cholesky
from rampart.physics.drag import SHAPE_CURVES
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, World
from rampart.predict.held import (
    COST,
    FAILED,
    FITTED,
    NUMBERS,
    PRIOR_SQUARES,
    SQUARES,
    UNFINISHED,
    Found,
    Held,
    empty_found,
    empty_held,
    extend,
    normal_of,
)
from rampart.predict.normal import gather, solve_step
from rampart.predict.priors import Prior
from rampart.predict.problem import (
    BUMP,
    HIGHEST_LOG_DRAG,
    LARGEST_DEPARTURE,
    LOWEST_LOG_DRAG,
    PARAMETERS,
    TILT,
    Tally,
    Task,
    empty_normal,
    empty_room,
    library_of,
)
from rampart.predict.sights import Radars, Sights

LIBRARY = np.stack([library_of(curve) for curve in SHAPE_CURVES])
"""(5, 3, n, 4): `normal.library_of` each shape of the estimator's library."""

CLIP_2 = 16.0
"""Squares (four numbers a plot, noise one) from which a plot counts as stray: 1 in 330 good ones."""
NO_CLIP = 1e30
ENOUGH, ENOUGH_LATE, LATE_NUMBERS = 0.01, 0.1, 100
"""A step that promises less fall of the cost (in units of one) is taken without another look; once so many
numbers are measured the problem is all but linear over such a step."""
ENOUGH_HELD, ENOUGH_HELD_LATE = 0.5, 1.5
"""The same of a step off a path flown for earlier plots."""
LAGGING_NATS, ENOUGH_LAGGING = 16.0, 6.0
"""A shape so far behind the best in evidence weighs next to nothing: it is seldom worth a flight."""
LOST_NATS = 40.0
"""A shape so far behind weighs nothing: it is not worth a flight any more."""
MOST_ROUNDS = 12
MOST_DAMPING = 1e8
MOST_EXCESS = 9.0


@dataclass(frozen=True, slots=True)
class Fit:
    """The estimate of one shape: `parameters (11,)` at the epoch, `bias (r, 4)`, `covariance (11, 11)`,
    biases marginalised; `state (9,)` and `transition (9, 11)`, its derivative by the parameters, at the
    newest sight; `log_evidence` by Laplace, up to a constant that all shapes share; `squares` of `numbers`
    measured, and `prior_squares`, how far the parameters had to leave the prior for that.
    """

    status: int
    parameters: np.ndarray
    bias: np.ndarray
    covariance: np.ndarray
    state: np.ndarray
    transition: np.ndarray
    log_evidence: float
    squares: float
    prior_squares: float
    numbers: int

    @property
    def usable(self) -> bool:
        return self.status in (FITTED, UNFINISHED)

    @property
    def excess(self) -> float:
        """Return by how much the residuals' variance surely exceeds what the radars claim, 1 or more."""
        return excess_of(self.squares, self.numbers)


@kernel
def excess_of(squares, numbers):
    """Return Birge's ratio of `numbers` measured less twice its own spread, 1...MOST_EXCESS. [birge]

    A radar worse than it says, or a model that does not quite fit, makes the answer less sure instead of wrong.
    """
    if numbers <= PARAMETERS:
        return 1.0
    ratio = squares / numbers - 2.0 * (2.0 / numbers) ** 0.5
    return min(max(ratio, 1.0), MOST_EXCESS)


class Fitter:
    """Fits tracks of one site; holds the radars and room to work in, nothing of any track."""

    def __init__(self, radars: Radars, world: World, step_s: float):
        self.radars, self.world, self.step_s = radars, world, step_s
        count = len(radars.bias_precision)
        self.spare, self.room = empty_normal(count), empty_room()
        self._callers: dict[Callable[..., Any], Callable[..., Any]] = {}

    def caller(self, ready: F) -> F:
        """Return `steady` of a kernel: all tracks of one site give it arguments of the same kinds."""
        known: Any = self._callers.get(ready)
        if known is None:
            known = self._callers[ready] = steady(ready)
        return known

    def task(
        self, sights: Sights, first: int, anchor_enu_m: np.ndarray, prior: Prior, library: np.ndarray
    ) -> Task:
        """Return the task of fitting the sights from `first` on with one shape's `library (3, n, 4)`."""
        return Task(sights, self.radars, first, anchor_enu_m, prior, library, self.world, self.step_s)

    def fit(self, task: Task, start: np.ndarray, bias: np.ndarray, cold: bool) -> Fit:
        """Return the fit of a task by itself, begun at `start (11,)` and `bias (r, 4)`; `cold` as in `fit_into`."""
        held, found = empty_held(1, len(bias)), empty_found(1, len(bias))
        found.parameters[0], found.bias[0] = start, bias
        self.fit_into(0, task, cold, held, found)
        return fit_of(found, 0)

    def fit_into(self, shape: int, task: Task, cold: bool, held: Held, found: Found) -> None:
        """Fit a task, begun at the parameters and bias that are `found` of a shape; fill `found` and `held` of it.

        `cold` where that is a guess, so that no plot is called stray before a first convergence.
        """
        self.caller(fly_anew)(shape, task, cold, held, found, self.room, self.spare)

    def renew(self, task: Task, priors: tuple[Prior, ...], begin: int, held: Held, found: Found) -> None:
        """Add the sights from `begin` on to what is `held` of all shapes; fill `found`.

        A shape is flown anew where the step off what is held is too long to be taken to first order. `task`: that of
        any shape.
        """
        enough = (ENOUGH_HELD, ENOUGH_HELD_LATE, ENOUGH_LAGGING)
        self.caller(renew_each)(task, priors, LIBRARY, begin, enough, held, found, self.room, self.spare)


def fit_of(found: Found, shape: int) -> Fit:
    """Return what was found of one shape; its arrays are those of `found`."""
    sums = found.sums[shape]
    return Fit(
        int(found.status[shape]), found.parameters[shape], found.bias[shape], found.covariance[shape],
        found.state[shape], found.transition[shape], float(found.evidence[shape]), float(sums[SQUARES]),
        float(sums[PRIOR_SQUARES]), int(sums[NUMBERS]),
    )  # fmt: skip


@kernel
def renew_each(task, priors, libraries, begin, enough, held, found, room, spare):
    """Add sights to what is held of each shape, or fly it anew; `enough`: steps short enough, early, late, lagging.

    `libraries (s, 3, n, 4)`: of each shape; the other arguments as of `Fitter.renew`.
    """
    shapes = libraries.shape[0]
    promised, best = np.empty(shapes), -np.inf
    step, bias_step = np.empty(PARAMETERS), np.empty(held.bias.shape[1:])
    for s in range(shapes):
        own = _task_of(task, priors[s], libraries[s])
        log_width = _log_width(priors[s])
        promised[s] = extend(s, held, own, begin, CLIP_2, log_width, room, step, bias_step, found)
        if np.isfinite(promised[s]):
            best = max(best, found.evidence[s])
    for s in range(shapes):
        most = enough[0] if held.sums[s, NUMBERS] < LATE_NUMBERS else enough[1]
        if found.evidence[s] < best - LAGGING_NATS:
            most = enough[2] if found.evidence[s] > best - LOST_NATS else np.inf
        if not promised[s] < most:
            fly_anew(s, _task_of(task, priors[s], libraries[s]), False, held, found, room, spare)


@kernel
def _task_of(task, prior, library):
    """Return the same task for another shape."""
    return Task(
        task.sights, task.radars, task.first, task.anchor_enu_m, prior, library, task.world, task.step_s
    )


@kernel
def _log_width(prior):
    """Return ln of the product of the spreads of drag and its departures."""
    return np.log(prior.log_drag_sigma * prior.tilt_sigma * prior.bump_sigma)


@kernel
def fly_anew(s, task, cold, held, found, room, spare):
    """Fit shape `s` from the parameters and bias `found` of it; fill what is held and found of it."""
    status, evidence, tally = descend(
        found.parameters[s], found.bias[s], task, cold, room, normal_of(held, s), spare, found.covariance[s],
        found.state[s], held.transition[s], held.reference[s], held.bias[s], held.state[s],
    )  # fmt: skip
    found.status[s], found.evidence[s] = status, evidence
    sums = held.sums[s]
    sums[COST], sums[PRIOR_SQUARES] = tally.cost, tally.prior_squares
    sums[SQUARES], sums[NUMBERS] = tally.squares, tally.numbers
    for i in range(4):
        found.sums[s, i] = sums[i]
    for i in range(STATE_SIZE):
        for j in range(PARAMETERS):
            found.transition[s, i, j] = held.transition[s, i, j]
    for r in range(held.bias_precision.shape[1]):
        for c in range(4):
            held.bias_precision[s, r, c] = task.radars.bias_precision[r, c]


@kernel
def descend(
    parameters, bias, task, cold, room, normal, spare, out_covariance, out_state, out_transition,
    out_about, out_about_bias, out_about_state,
):  # fmt: skip
    """Move `parameters (11,)` and `bias (r, 4)` to the least cost; return (status, log evidence, Tally).

    `normal` and `out_transition` are left about `out_about (11,)`, `out_about_bias (r, 4)`, whose newest state is
    `out_about_state (9,)`: where the last step was begun.
    Gauss-Newton, with Levenberg's damping where a full step does not lower the cost. [nocedal], ch. 10.
    """
    step, trial = np.empty(PARAMETERS), np.empty(PARAMETERS)
    bias_step, bias_trial = np.empty(bias.shape), np.empty(bias.shape)
    clip_2 = NO_CLIP if cold else CLIP_2
    status, damping, fresh, stale = UNFINISHED, 1e-3 if cold else 0.0, True, False
    tally = Tally(0.0, 0.0, 0.0, 0)
    for _ in range(2 * MOST_ROUNDS if cold else MOST_ROUNDS):
        if fresh:
            tally = gather(parameters, bias, task, clip_2, room, normal, out_state, out_transition)
            fresh, stale = False, False
        promised, _, good = solve_step(normal, damping, room, step, bias_step)
        if not good or damping > MOST_DAMPING:
            break
        if promised < (ENOUGH if tally.numbers < LATE_NUMBERS else ENOUGH_LATE) and damping < 1.0:
            if clip_2 == NO_CLIP:
                clip_2, fresh = CLIP_2, True
                continue
            status = FITTED
            break
        _take(parameters, step, bias, bias_step, trial, bias_trial)
        tried = gather(trial, bias_trial, task, clip_2, room, spare, out_state, out_transition)
        if tried.cost <= tally.cost + 1e-9:
            tally = tried
            _copy(trial, bias_trial, spare, parameters, bias, normal)
            stale, damping = False, 0.0 if damping < 1e-6 else 0.1 * damping
        else:
            stale, damping = True, max(1e-3, 10.0 * damping)
    if stale or status != FITTED:  # the newest look was at a trial that was refused, or may have been
        tally = gather(parameters, bias, task, CLIP_2, room, normal, out_state, out_transition)
    promised, log_det, good = solve_step(normal, 0.0, room, step, bias_step)
    if not good or not np.isfinite(tally.cost) or tally.numbers == 0:
        return FAILED, -np.inf, Tally(0.0, 0.0, 0.0, 0)
    invert_cholesky(room.factor, out_covariance)
    for i in range(PARAMETERS):
        out_about[i] = parameters[i]
    for i in range(STATE_SIZE):
        out_about_state[i] = out_state[i]
    for r in range(bias.shape[0]):
        for c in range(4):
            out_about_bias[r, c] = bias[r, c]
    if status == FITTED:
        _take_last(step, bias_step, parameters, bias, out_transition, out_state)
    evidence = -tally.cost - 0.5 * log_det + (promised if status == FITTED else 0.0)
    evidence -= _log_width(task.prior)
    return status, evidence, tally


@kernel
def _take_last(step, bias_step, parameters, bias, transition, state):
    """Take the last step, too small for another look: all to first order, the newest `state (9,)` too."""
    for i in range(PARAMETERS):
        parameters[i] += step[i]
    for i in range(6):
        for j in range(PARAMETERS):
            state[i] += transition[i, j] * step[j]
    for i in range(6, STATE_SIZE):
        state[i] = parameters[i]
    for r in range(bias.shape[0]):
        for c in range(4):
            bias[r, c] += bias_step[r, c]


@kernel
def _take(parameters, step, bias, bias_step, out_parameters, out_bias):
    """Fill the outs with the stepped parameters and biases, the drag kept to what can be reckoned with."""
    for i in range(PARAMETERS):
        out_parameters[i] = parameters[i] + step[i]
    drag = parameters[LOG_DRAG] + min(max(step[LOG_DRAG], -1.5), 1.5)
    out_parameters[LOG_DRAG] = min(max(drag, LOWEST_LOG_DRAG), HIGHEST_LOG_DRAG)
    for i in range(TILT, BUMP + 1):
        out_parameters[i] = min(max(out_parameters[i], -LARGEST_DEPARTURE), LARGEST_DEPARTURE)
    for r in range(bias.shape[0]):
        for c in range(4):
            out_bias[r, c] = bias[r, c] + bias_step[r, c]


@kernel
def _copy(parameters, bias, normal, out_parameters, out_bias, out_normal):
    """Fill the outs with parameters, biases and normal equations; loops compile in a tenth of a slice's time."""
    for i in range(PARAMETERS):
        out_parameters[i] = parameters[i]
        out_normal.gradient[i] = normal.gradient[i]
        for j in range(PARAMETERS):
            out_normal.information[i, j] = normal.information[i, j]
    for r in range(bias.shape[0]):
        for c in range(4):
            out_bias[r, c] = bias[r, c]
            out_normal.bias_information[r, c] = normal.bias_information[r, c]
            out_normal.bias_gradient[r, c] = normal.bias_gradient[r, c]
            for i in range(PARAMETERS):
                out_normal.cross[r, c, i] = normal.cross[r, c, i]
