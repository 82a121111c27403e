"""Assignment with rows that may stay alone: against scipy, against every possibility, and its edges."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from rampart.numerics.assignment import ALONE, assign

pytestmark = pytest.mark.uncompiled

shapes = st.tuples(st.integers(1, 5), st.integers(1, 5))
costs = shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=st.floats(-50.0, 50.0)))


def naive(cost, alone):
    """Return the least total over every way to give rows distinct columns or none."""
    n, m = cost.shape
    best = np.inf
    for choice in itertools.product(range(-1, m), repeat=n):
        used = [j for j in choice if j >= 0]
        if len(used) == len(set(used)):
            best = min(best, sum(cost[i, j] if j >= 0 else alone[i] for i, j in enumerate(choice)))
    return best


def total_of(cost, alone, chosen):
    return sum(cost[i, j] if j != ALONE else alone[i] for i, j in enumerate(chosen))


@given(costs, st.floats(-20.0, 20.0))
@settings(max_examples=60, deadline=None)
def test_assign_finds_the_least_of_every_possibility(cost, alone_cost):
    alone = np.full(len(cost), alone_cost)
    chosen = np.empty(len(cost), np.int64)
    total = assign(cost, alone, chosen)
    taken = chosen[chosen != ALONE]
    assert len(set(taken.tolist())) == len(taken)
    assert total == pytest.approx(total_of(cost, alone, chosen), abs=1e-9)
    if cost.shape[0] <= 4:
        assert total == pytest.approx(naive(cost, alone), abs=1e-9)


@pytest.mark.parametrize("shape", [(3, 7), (12, 12), (9, 4)])
def test_assign_equals_scipy_where_rows_may_stay_alone(shape):
    rng = np.random.default_rng(3)
    cost = rng.normal(0.0, 5.0, shape)
    alone = rng.normal(0.0, 1.0, shape[0])
    chosen = np.empty(shape[0], np.int64)
    wide = np.hstack([cost, np.where(np.eye(shape[0]) > 0.0, alone[:, None], 1e9)])
    assert assign(cost, alone, chosen) == pytest.approx(wide[linear_sum_assignment(wide)].sum())


def test_a_row_without_any_allowed_column_stays_alone():
    cost = np.array([[np.inf, np.inf], [1.0, -2.0]])
    chosen = np.empty(2, np.int64)
    assert assign(cost, np.zeros(2), chosen) == -2.0
    assert chosen.tolist() == [ALONE, 1]


def test_rows_that_want_one_column_share_the_loss():
    cost = np.array([[-10.0, -9.0], [-10.0, np.inf]])
    chosen = np.empty(2, np.int64)
    assert assign(cost, np.zeros(2), chosen) == -19.0
    assert chosen.tolist() == [1, 0]
