"""Names of tracks: hypotheses that differ only in which track is which say the same."""

import numpy as np
import pytest

from rampart.track.bank import NOTHING, TRAIL, empty_bank
from rampart.track.labels import FADE, in_common, keep_names

LOOK = 20


def bank_of(*trails):
    """Return a bank whose rows took these plots in the newest looks, the newest first; None where they took none."""
    bank = empty_bank(len(trails), 1, 1)
    bank.trail[:] = NOTHING
    for row, trail in enumerate(trails):
        for back, plot in enumerate(trail, 1):
            if plot is not None:
                bank.trail[row, (LOOK - back) % TRAIL] = plot
    return bank


@pytest.mark.uncompiled
def test_a_swap_at_the_first_plot_is_taken_back():
    # rows 0, 1 are the tracks as they were shown; rows 2, 3 the same with other first plots, named the other way
    bank = bank_of((13, 11, 1), (14, 12, 2), (14, 12, 1), (13, 11, 2))
    row, plot = np.array([[2, 3], [0, 1]]), np.array([[24, 23], [23, 24]])
    keep_names(row, plot, 2, np.array([0, 1]), bank, LOOK)
    assert row.tolist() == [[3, 2], [0, 1]]
    assert plot.tolist() == [[23, 24], [23, 24]]


@pytest.mark.uncompiled
def test_three_that_moved_round_come_back():
    bank = bank_of((10,), (11,), (12,), (12,), (10,), (11,))
    row, plot = np.array([[3, 4, 5]]), np.array([[-1, 7, 8]])
    keep_names(row, plot, 1, np.array([0, 1, 2]), bank, LOOK)
    assert row.tolist() == [[4, 5, 3]]
    assert plot.tolist() == [[7, 8, -1]]


@pytest.mark.uncompiled
def test_nothing_in_common_changes_nothing():
    bank = bank_of((None, 5), (6, 7), (8, 9), (None, None))
    row, plot = np.array([[2, 3]]), np.array([[1, -1]])
    keep_names(row, plot, 1, np.array([0, 1]), bank, LOOK)
    assert row.tolist() == [[2, 3]]
    assert plot.tolist() == [[1, -1]]


@pytest.mark.uncompiled
def test_newer_plots_count_more():
    bank = bank_of((1, 2, 3), (1, None, 3), (None, None, None))
    assert in_common(0, 1, bank, LOOK) == pytest.approx(1.0 + FADE**2)
    assert in_common(0, 2, bank, LOOK) == 0.0
    assert in_common(2, 2, bank, LOOK) == 0.0
