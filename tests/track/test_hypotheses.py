"""Joint hypotheses: clusters that meet, what is dropped, what stays when tracks end."""

import numpy as np
import pytest

from rampart.track.bank import TRAIL, empty_bank
from rampart.track.hypotheses import (
    MOST_HYPOTHESES,
    drop_hypothesis,
    empty_hypotheses,
    join_clusters,
    keep_tracks,
    prune,
    stand_alone,
    with_room,
    yield_plots,
)

pytestmark = pytest.mark.uncompiled


def two_clusters():
    """Return three tracks: 0 and 2 of one cluster with two hypotheses, 1 of another with three."""
    hypotheses = empty_hypotheses(3)
    hypotheses.cluster[:] = 0, 1, 0
    hypotheses.number[:] = 2, 3, 2
    hypotheses.row[0, :2], hypotheses.row[2, :2] = (0, 1), (5, 6)
    hypotheses.row[1, :3] = 2, 3, 4
    hypotheses.log_weight[[0, 2], :2] = np.log([0.7, 0.3])
    hypotheses.log_weight[1, :3] = np.log([0.5, 0.4, 0.1])
    return hypotheses


def test_clusters_that_meet_combine_all_they_say_the_likeliest_first():
    row, log_weight = np.empty((4, 3), np.int64), np.empty(4)
    count = join_clusters(np.arange(3), 4, two_clusters(), row, log_weight)
    assert count == 4
    assert np.exp(log_weight) == pytest.approx([0.35, 0.28, 0.15, 0.12])
    assert row.tolist() == [[0, 2, 5], [0, 3, 5], [1, 2, 6], [1, 3, 6]]


def trails(*plots_by_row):
    """Return a bank with the newest plots of each row as of look 20."""
    bank = empty_bank(len(plots_by_row), 1, 1)
    for row, plots in enumerate(plots_by_row):
        for back, plot in enumerate(plots):
            bank.trail[row, (19 - back) % TRAIL] = plot
    return bank


@pytest.mark.parametrize(
    ("trail", "plot", "log_weight", "kept"),
    [
        ([(1, 2), (1, 3)], [7, 7], [0.0, -1.0], 2),  # they differ still
        ([(1, 2), (1, 3)], [7, 7], [0.0, -9.0], 1),  # too unlikely
        ([(1, 2, 3, 4, 5), (1, 2, 3, 4, 6)], [7, 7], [0.0, -1.0], 1),  # the newest five looks agree
        ([(1, 2, 3, 4, 5), (1, 2, 3, 4, 6)], [7, -1], [0.0, -1.0], 2),
        (
            [range(TRAIL), [*range(TRAIL - 1), 99]],
            [7, 8],
            [0.0, -1.0],
            2,
        ),  # the slot to be written now says nothing
        ([range(TRAIL), [*range(TRAIL - 2), 99, TRAIL - 1]], [7, 8], [0.0, -1.0], 1),  # long decided
    ],
)
def test_hypotheses_that_say_nothing_new_are_dropped(trail, plot, log_weight, kept):
    bank = trails(*trail)
    row, taken = np.array([[0], [1]]), np.array(plot).reshape(2, 1)
    weights = np.array(log_weight)
    assert prune(row, taken, weights, 2, bank, 20) == kept
    assert np.exp(weights[:kept]).sum() == pytest.approx(1.0)


def test_twins_together_may_be_the_likeliest():
    bank = trails((1, 2, 3, 4, 5), (9, 2, 3, 4, 6), (9, 2, 3, 4, 7))
    row, plot, log_weight = np.array([[0], [1], [2]]), np.full((3, 1), 7), np.array([0.0, -0.1, -0.1])
    assert prune(row, plot, log_weight, 3, bank, 20) == 2
    assert row[:2, 0].tolist() == [1, 0]


def test_what_another_track_has_for_sure_is_no_longer_ours():
    hypotheses, bank = two_clusters(), trails((1,), (2,), (3,), (4,), (5,), (6,), (7,))
    yield_plots(np.array([7, 5]), 3, bank, hypotheses)
    assert hypotheses.number.tolist() == [1, 2, 1]
    assert np.exp(hypotheses.log_weight[1, :2]) == pytest.approx([5 / 9, 4 / 9])
    drop_hypothesis(1, 0, 3, hypotheses)
    assert hypotheses.row[1, 0] == 3


def test_tracks_that_end_leave_the_others_as_they_are():
    hypotheses = two_clusters()
    assert keep_tracks(np.array([False, True, True]), hypotheses) == 2
    assert hypotheses.cluster[:2].tolist() == [0, 1]
    assert hypotheses.number[:2].tolist() == [3, 2]
    assert hypotheses.row[1, :2].tolist() == [5, 6]
    larger = with_room(hypotheses, 9)
    stand_alone(1, 8, larger)
    assert larger.row.shape == (9, MOST_HYPOTHESES)
    assert (larger.row[1, 0], larger.number[1], larger.cluster[1]) == (8, 1, 1)


def test_weights_that_are_no_numbers_lead_nowhere_else():
    hypotheses = two_clusters()
    hypotheses.log_weight[:] = np.nan
    row, log_weight = np.full((4, 3), -99), np.empty(4)
    count = join_clusters(np.arange(3), 4, hypotheses, row, log_weight)
    assert count
    assert np.all((row[:count] >= 0) & (row[:count] <= 6))
