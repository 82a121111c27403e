"""The vote between tentative tracks: births that are mixed up, what waits, what is settled and what is vital."""

import numpy as np
import pytest

from rampart.track.elect import LEAST_VITAL, SETTLED, STAY_ODDS, SURE, UNSURE, elect
from rampart.track.pruning import VOTED_OUT
from rampart.track.ring import CLAIMED, TAKEN, UNUSED
from rampart.track.settings import TrackSettings
from tests.track.births import mixed_births

pytestmark = pytest.mark.uncompiled
RULES = TrackSettings().rules()


def vote(bank, ring):
    """Return {row: state} of the best set."""
    n = len(bank.rows)
    row, state = np.empty(n, np.int64), np.empty(n, np.int64)
    count = elect(bank, n, ring, RULES, row, state)
    return dict(zip(row[:count].tolist(), state[:count].tolist(), strict=True))


def test_two_true_ones_together_outweigh_the_best_mixture():
    bank, ring = mixed_births(([0, 3, 8], 20.0), ([0, 3, 7], 18.0), ([1, 4, 8], 17.0), ([1, 4], 3.0))
    assert set(vote(bank, ring)) == {1, 2}


def test_a_crowd_of_branches_of_one_first_plot_keeps_no_neighbour_out():
    crowd = [([0, 10, 20 + k], 20.0 - 0.1 * k) for k in range(30)]
    bank, ring = mixed_births(*crowd, ([1, 20, 51], 12.0))
    assert set(vote(bank, ring)) == {1, 30}


def test_what_may_be_shown_is_likely_enough_and_has_plots_enough():
    bank, ring = mixed_births(([0, 3, 6], 9.1), ([1, 4, 7], 8.9), ([2, 5], 20.0))
    assert vote(bank, ring) == {0: SETTLED, 1: UNSURE, 2: UNSURE}
    bank.rows["shown"][1] = True
    assert vote(bank, ring)[1] == SETTLED
    bank, ring = mixed_births(([1, 4, 7], 8.9), ([2, 5], 20.0), ([0, 3, 6], -1.0))
    assert vote(bank, ring) == {}


def test_what_was_shown_stays_against_what_is_hardly_likelier():
    bank, ring = mixed_births(([0, 3, 6], 20.0), ([0, 3, 7], 20.0 + 0.9 * STAY_ODDS))
    bank.rows["shown"][0] = True
    assert set(vote(bank, ring)) == {0}
    bank.rows["score"][1] = 20.0 + 1.1 * STAY_ODDS
    assert set(vote(bank, ring)) == {1}


@pytest.mark.parametrize(
    ("lead", "now_s", "state"), [(4.5, 1.0, UNSURE), (4.5, 2.0, UNSURE), (4.5, 2.5, SURE), (5.5, 1.0, SURE)]
)
def test_a_close_choice_waits_for_another_look_and_not_for_ever(lead, now_s, state):
    bank, ring = mixed_births(([0, 3, 6], 20.0), ([0, 3, 7], 20.0 - lead))
    bank.rows["last_s"] = now_s
    assert vote(bank, ring) == {0: state}
    bank.rows["shown"][0] = True
    assert vote(bank, ring) == {0: SURE}


def test_who_waits_holds_up_nobody_else():
    bank, ring = mixed_births(([0, 3, 6], 20.0), ([0, 3, 7], 19.0), ([1, 4, 8], 12.0))
    assert vote(bank, ring) == {0: UNSURE, 2: SETTLED}


def test_settled_is_what_no_vital_row_with_other_plots_questions():
    bank, ring = mixed_births(([0, 3, 6], 20.0), ([0, 3], 10.0))
    assert vote(bank, ring) == {0: SETTLED}  # the other is the same, seen a look less
    bank, ring = mixed_births(([0, 3, 6], 20.0), ([0, 3, 7], 10.0))
    assert vote(bank, ring) == {0: SURE}
    bank, ring = mixed_births(([0, 3, 6], 30.0), ([0, 3, 7], 10.0))
    assert vote(bank, ring) == {0: SETTLED}


def test_the_vital_found_families_and_the_others_are_voted_out():
    bank, ring = mixed_births(([0, 3, 6], 30.0), ([0, 3, 7], 17.0), ([0, 3, 8], 15.0), ([1, 4], -1.0))
    vote(bank, ring)
    assert bank.rows["family"].tolist() == [1, 2, VOTED_OUT, 0]
    many = [([0, 3, 6 + k], 20.0 - 0.01 * k) for k in range(57)]
    bank, ring = mixed_births(*many)
    vote(bank, ring)
    most = LEAST_VITAL + 4
    assert bank.rows["family"].tolist() == [*range(1, most + 1), *[VOTED_OUT] * (57 - most)]


def test_four_plots_in_the_best_set_are_claimed_and_taken_ones_vote_no_more():
    bank, ring = mixed_births(([0, 3, 6, 9], 30.0), ([1, 4, 7], 15.0))
    assert set(vote(bank, ring)) == {0, 1}
    assert np.flatnonzero(ring.rows["use"] == CLAIMED).tolist() == [0, 3, 6, 9]
    assert ring.rows["use"][1] == UNUSED
    ring.rows["use"][4] = TAKEN
    assert set(vote(bank, ring)) == {0}
    assert bank.rows["family"][1] == 0
