"""Two things in one cell: who is hidden, and that it is not held against it."""

import numpy as np
import pytest

from rampart.numerics.assignment import ALONE
from rampart.track.bank import empty_bank, empty_work
from rampart.track.unresolved import MOST_HIDDEN, hidden_shares, hide, log_unseen
from tests.track.test_looks import make_radars

pytestmark = pytest.mark.uncompiled


def three_rows(gap_m):
    """Return a bank of three rows: two a gap apart along the line of sight, one far off."""
    bank = empty_bank(3, 1, 1)
    bank.log_weight[:] = 0.0
    bank.mean[:, 0, :3] = (6000.0, 0.0, 2000.0)
    bank.mean[1, 0, :3] *= 1.0 + gap_m / np.hypot(6000.0, 2000.0)
    bank.mean[2, 0, :3] = (0.0, 6000.0, 2000.0)
    bank.mean[:, 0, 3:6] = (-300.0, 0.0, -50.0)
    return bank


@pytest.mark.parametrize(
    ("gap_m", "least", "most"), [(0.0, 0.69, 0.7), (20.0, 0.4, 0.69), (400.0, 0.0, 0.01)]
)
def test_the_nearer_the_likelier_hidden(gap_m, least, most):
    share = np.empty(3)
    row, plot = np.arange(3), np.array([4, ALONE, ALONE])
    hidden_shares(row, plot, three_rows(gap_m), 0, make_radars(), empty_work(1), share)
    assert share[0] == 0.0
    assert least <= share[1] <= most <= MOST_HIDDEN
    assert share[2] < 1e-6


def test_where_all_or_none_are_seen_nothing_is_hidden():
    share = np.empty(3)
    for plot in (np.full(3, ALONE), np.arange(3)):
        hidden_shares(np.arange(3), plot, three_rows(0.0), 0, make_radars(), empty_work(1), share)
        assert not share.any()


def test_the_hidden_are_missed_by_less():
    bank, missed = three_rows(0.0), np.log(0.1)
    assert log_unseen(missed, 0.0) == pytest.approx(missed)
    assert log_unseen(missed, 0.7) == pytest.approx(np.log(0.73))
    bank.sights["counted"][1, 0] = 2.0
    hide(bank, 1, 0, 100.0, missed, 0.7)
    assert bank.sights["missed_score"][1, 0] == pytest.approx(np.log(0.73))
    assert (bank.sights["seen_s"][1, 0], bank.sights["counted"][1, 0]) == (100.0, 0.0)
