"""The normal equations against naive twins: finite differences of the whole flight and a dense joint
solution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.physics.drag import DRAG_MACH_STEP, SHAPE_CURVES, cd_at
from rampart.physics.flight import fly
from rampart.physics.radar import measure
from rampart.predict.fit import LIBRARY, NO_CLIP
from rampart.predict.normal import gather, robust, solve_step, squares_each
from rampart.predict.path import lay_curve
from rampart.predict.priors import priors_of
from rampart.predict.problem import BUMP, PARAMETERS, TILT, Task, empty_normal, empty_room, library_of
from rampart.predict.sights import Sights, radars_of, sights_of
from tests.predict.simulation import EAST, WEST, WORLD, observe, shoot

SHAPE = 2
PRIOR = priors_of(6.0)[SHAPE]
RADARS = radars_of((WEST, EAST))
SHOT = shoot(420.0, 30.0, PRIOR.log_drag, SHAPE_CURVES[SHAPE])
STEPS = np.array([1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 1e-3, 0.1, 0.1, 1e-3, 1e-3])


def few_sights(count: int) -> Sights:
    plots = observe(SHOT, (WEST, EAST), np.random.default_rng(4), until_s=6.0)
    return sights_of(plots.take(slice(0, count)), plots.time_s[0])


def truth(sights: Sights) -> np.ndarray:
    plots = observe(SHOT, (WEST, EAST), np.random.default_rng(4), until_s=6.0)
    out = np.zeros(PARAMETERS)
    out[:9] = SHOT.at(plots.time_s[0] - 1605632700.0)
    out[[6, 7, 8]] = PRIOR.log_drag + 0.05, 2.0, -1.0
    out[[TILT, BUMP]] = 0.05, -0.04
    return out


def run_gather(parameters, bias, sights, clip_2=NO_CLIP, first=0):
    normal, room = empty_normal(2), empty_room()
    state, transition = np.empty(9), np.empty((9, PARAMETERS))
    task = Task(sights, RADARS, first, np.array([9000.0, 0.0, 100.0]), PRIOR, LIBRARY[SHAPE], WORLD, 0.5)
    tally = gather(parameters, bias, task, clip_2, room, normal, state, transition)
    return tally, normal, room, state, transition


def naive_measurements(parameters, sights) -> np.ndarray:
    """Return (n, 4): each sight's expected measurement, flown to from the epoch on its own."""
    curve, out = np.empty(SHAPE_CURVES.shape[1:]), np.empty((len(sights.time_s), 4))
    lay_curve(LIBRARY[SHAPE], parameters[TILT], parameters[BUMP], curve)
    for k, time_s in enumerate(sights.time_s):
        state = np.empty(9)
        fly(parameters[:9].copy(), time_s, WORLD, curve, 0.1, state)
        out[k] = measure(state, (WEST, EAST)[sights.radar[k]].frame)
    return out


def naive_jacobian(parameters, sights) -> np.ndarray:
    """Return (n, 4, 11) by central differences."""
    columns = []
    for j in range(PARAMETERS):
        move = np.zeros(PARAMETERS)
        move[j] = STEPS[j]
        ahead, behind = (
            naive_measurements(parameters + move, sights),
            naive_measurements(parameters - move, sights),
        )
        columns.append((ahead - behind) / (2.0 * STEPS[j]))
    return np.stack(columns, axis=-1)


@pytest.mark.uncompiled
def test_library_holds_the_curve_and_its_departures():
    library = library_of(SHAPE_CURVES[1])
    for mach in (0.3, 0.9, 1.0, 1.37, 2.5):
        cd = cd_at(mach, SHAPE_CURVES[1])
        assert cd_at(mach, library[0]) == cd
        assert cd_at(mach, library[1]) == pytest.approx(cd * np.tanh((mach - 1.0) / 0.5), abs=3e-4)
        assert cd_at(mach, library[2]) == pytest.approx(
            cd * np.exp(-0.5 * ((mach - 1.0) / 0.12) ** 2), abs=3e-4
        )
    assert library.shape[1] * DRAG_MACH_STEP == pytest.approx(5.0)


@pytest.mark.uncompiled
def test_information_and_gradient_equal_those_by_differences():
    sights = few_sights(4)
    parameters, bias = truth(sights), np.array([[3.0, 2e-4, -3e-4, 0.1], [-2.0, 0.0, 1e-4, 0.0]])
    tally, normal, *_ = run_gather(parameters, bias, sights)
    jacobian = naive_jacobian(parameters, sights)
    miss = sights.measurement - naive_measurements(parameters, sights) - bias[sights.radar]
    prior = (
        np.array(
            [20e3] * 3 + [1e3] * 3 + [PRIOR.log_drag_sigma, 6.0, 6.0, PRIOR.tilt_sigma, PRIOR.bump_sigma]
        )
        ** -2
    )
    information = np.einsum("kci,kc,kcj->ij", jacobian, sights.precision, jacobian) + np.diag(prior)
    centre = np.array([9000.0, 0.0, 100.0, 0, 0, 0, PRIOR.log_drag, 0, 0, 0, 0])
    gradient = prior * (parameters - centre) - np.einsum("kci,kc,kc->i", jacobian, sights.precision, miss)
    scale = np.sqrt(np.outer(np.diag(information), np.diag(information)))
    lower = np.tril(np.ones_like(information, bool))
    assert (
        np.abs((normal.information - information) / scale)[lower].max() < 1e-2
    )  # the departures' shares are held over a piece
    assert np.abs((normal.gradient - gradient) / np.sqrt(np.diag(information))).max() < 0.05
    squares = float((miss**2 * sights.precision).sum())
    assert tally.squares == pytest.approx(squares, rel=1e-4)
    assert tally.numbers == 4 * len(sights.time_s)
    assert tally.cost == pytest.approx(0.5 * squares + 0.5 * tally.prior_squares, rel=1e-4)


def test_transition_at_the_newest_sight_equals_differences():
    sights = few_sights(16)
    parameters = truth(sights)
    *_, state, transition = run_gather(parameters, np.zeros((2, 4)), sights)
    for j in range(PARAMETERS):
        move = np.zeros(PARAMETERS)
        move[j] = STEPS[j]
        ahead = run_gather(parameters + move, np.zeros((2, 4)), sights)[3]
        behind = run_gather(parameters - move, np.zeros((2, 4)), sights)[3]
        slope = (ahead - behind)[:6] / (2.0 * STEPS[j])
        assert transition[:6, j] == pytest.approx(slope, rel=2e-2, abs=2e-3 * np.abs(slope).max())
    assert state[6:9] == pytest.approx(parameters[6:9])


@pytest.mark.uncompiled
def test_step_equals_the_dense_joint_solution():
    """Eliminating the biases gives what solving for all at once does."""
    sights = few_sights(5)
    parameters, bias = truth(sights), np.zeros((2, 4))
    _, normal, room, *_ = run_gather(parameters, bias, sights)
    step, bias_step = np.empty(PARAMETERS), np.empty((2, 4))
    promised, log_det, good = solve_step(normal, 0.0, room, step, bias_step)
    n = PARAMETERS + 8
    dense = np.zeros((n, n))
    information = np.tril(normal.information)
    dense[:PARAMETERS, :PARAMETERS] = information + information.T - np.diag(np.diag(information))
    dense[PARAMETERS:, :PARAMETERS] = normal.cross.reshape(8, PARAMETERS)
    dense[:PARAMETERS, PARAMETERS:] = normal.cross.reshape(8, PARAMETERS).T
    dense[PARAMETERS:, PARAMETERS:] = np.diag(normal.bias_information.ravel())
    pull = np.concatenate([normal.gradient, normal.bias_gradient.ravel()])
    scale = np.sqrt(np.diag(dense))
    joint = -np.linalg.solve(dense / np.outer(scale, scale), pull / scale) / scale
    assert good
    assert step == pytest.approx(joint[:PARAMETERS], rel=1e-5, abs=1e-7)
    assert bias_step.ravel() == pytest.approx(joint[PARAMETERS:], rel=1e-4, abs=1e-9)
    assert promised == pytest.approx(-0.5 * joint @ pull, rel=1e-6)
    assert log_det == pytest.approx(np.linalg.slogdet(dense)[1], rel=1e-6)


@pytest.mark.uncompiled
def test_step_says_where_there_is_no_solution():
    normal = empty_normal(1)
    normal.bias_information[:] = 1.0
    normal.information[:] = np.nan
    assert not solve_step(normal, 0.0, empty_room(), np.empty(PARAMETERS), np.empty((1, 4)))[2]


@pytest.mark.uncompiled
def test_squares_of_each_sight_add_up():
    sights = few_sights(5)
    parameters, bias = truth(sights), np.zeros((2, 4))
    squares = np.empty(5)
    squares_each(parameters, bias, sights, RADARS, LIBRARY[SHAPE], WORLD, 0.5, empty_room(), squares)
    assert np.minimum(squares, 36.0).sum() == pytest.approx(
        run_gather(parameters, bias, sights)[0].squares, rel=1e-6
    )


@given(st.floats(0.0, 1e6), st.floats(1.0, 50.0))
def test_robust_cost_is_smooth_and_its_pull_falls(squares, clip_2):
    cost, weight = robust(squares, clip_2)
    assert 0.0 < weight <= 1.0
    assert cost <= 0.5 * squares + 1e-12
    more, lighter = robust(1.01 * squares + 1e-6, clip_2)
    assert more >= cost
    assert lighter <= weight


def test_sights_before_the_first_are_not_used():
    sights = few_sights(8)
    parameters, bias = truth(sights), np.zeros((2, 4))
    late = run_gather(parameters, bias, sights, first=3)[0]
    assert late.numbers == 4 * 5
    assert late.cost < run_gather(parameters, bias, sights)[0].cost
