"""What becomes of tentative tracks after a vote, and which of them speak for the others."""

import pytest

from rampart.track.pruning import VOTED_OUT, drop_taken, drop_weak, foremost, keep_likeliest
from rampart.track.ring import TAKEN
from tests.track.births import mixed_births

pytestmark = pytest.mark.uncompiled


def scores(bank, n):
    return bank.rows["score"][:n].tolist()


def test_the_voted_out_go_and_of_the_others_those_far_behind_their_first_plots_best():
    bank, ring = mixed_births(
        ([0, 3, 6], 30.0), ([0, 3, 7], 29.0), ([0, 4], 5.0), ([1, 4], 3.0), ([0, 5], 4.0)
    )
    bank.rows["family"] = 1, VOTED_OUT, 0, 0, 0
    bank.rows["shown"][4] = True
    assert scores(bank, drop_weak(bank, 5, ring, 0)) == [30.0, 3.0, 4.0]


def test_what_holds_a_plot_that_was_taken_goes():
    bank, ring = mixed_births(([0, 3, 6], 30.0), ([1, 3, 7], 29.0), ([1, 4], 5.0))
    ring.rows["use"][3] = TAKEN
    assert scores(bank, drop_taken(bank, 3, ring)) == [5.0]


def test_where_there_are_too_many_the_shown_and_the_likeliest_stay():
    bank, _ = mixed_births(([0, 3], 1.0), ([1, 4], 7.0), ([2, 5], 3.0), ([2, 6], 9.0))
    bank.rows["shown"][0] = True
    assert scores(bank, keep_likeliest(bank, 4, 3)) == [1.0, 7.0, 9.0]


def test_one_row_speaks_for_each_first_plot_unless_a_track_has_its_plots():
    bank, ring = mixed_births(
        ([2, 5], 4.0), ([0, 3], 1.0), ([0, 4], 7.0), ([1, 6], 3.0), ([2, 7], 4.0), ([9, 10], -1.0)
    )
    assert foremost(bank, 6, ring).tolist() == [2, 3, 0]
    ring.rows["held"][4] = 8
    assert foremost(bank, 6, ring).tolist() == [1, 3, 0]
    ring.rows["use"][6] = TAKEN
    assert foremost(bank, 6, ring).tolist() == [1, 0]
    assert foremost(bank, 0, ring).tolist() == []
