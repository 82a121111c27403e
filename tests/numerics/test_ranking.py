"""The ranking of assignments against all that there are."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.numerics.ranking import rank_assignments

pytestmark = pytest.mark.uncompiled


def all_totals(gain):
    """Return the totals of every assignment, the greatest first."""
    n, m = gain.shape
    totals = []
    for columns in product(range(-1, m), repeat=n):
        taken = [c for c in columns if c >= 0]
        if len(set(taken)) == len(taken):
            totals.append(sum(gain[i, c] for i, c in enumerate(columns) if c >= 0))
    return sorted((t for t in totals if t > -np.inf), reverse=True)


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(0, 4), st.sampled_from([2.0, 8.0, 100.0]))
@settings(max_examples=60, deadline=None)
def test_the_best_come_in_order_each_once(seed, n, m, slack):
    rng = np.random.default_rng(seed)
    gain = np.where(rng.random((n, m)) < 0.7, rng.uniform(-2.0, 10.0, (n, m)), -np.inf)
    most = 12
    column, total = np.empty((most, n), np.int64), np.empty(most)
    count = rank_assignments(gain, most, slack, column, total)
    wanted = [t for t in all_totals(gain) if t >= all_totals(gain)[0] - slack][:most]
    assert total[:count] == pytest.approx(wanted)
    assert len({tuple(row) for row in column[:count].tolist()}) == count
    for row, said in zip(column[:count].tolist(), total, strict=False):
        assert sum(gain[i, c] for i, c in enumerate(row) if c >= 0) == pytest.approx(said)
