"""The vote between tentative tracks: the heaviest sets against all sets, and births that are mixed up."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from rampart.track.bank import empty_bank
from rampart.track.elect import clashes, elect
from rampart.track.heaviest import heaviest_sets
from rampart.track.ring import TAKEN, empty_ring
from rampart.track.settings import TrackSettings

pytestmark = pytest.mark.uncompiled
RULES = TrackSettings().rules()


def whole_sets(gain, clash):
    """Return the weights of all sets that nothing can be added to, the heaviest first."""
    k, found = len(gain), []
    for size in range(k + 1):
        for members in combinations(range(k), size):
            fits = [all(i != j and not clash[i] & (1 << j) for j in members) for i in range(k)]
            free = [fits[i] for i in range(k) if i not in members]
            apart = all(not clash[i] & (1 << j) for i in members for j in members)
            if apart and not any(free):
                found.append(sum(gain[i] for i in members))
    return sorted(found, reverse=True)


@given(st.integers(0, 10_000), st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_the_heaviest_sets_are_those_of_all_sets(seed, k):
    rng = np.random.default_rng(seed)
    gain = np.sort(rng.uniform(0.1, 30.0, k))[::-1].copy()
    near = np.triu(rng.random((k, k)) < 0.4, 1)
    clash = np.array([sum(1 << j for j in range(k) if (near | near.T)[i, j]) for i in range(k)], np.int64)
    chosen, weight = np.zeros(6, np.int64), np.empty(6)
    count = heaviest_sets(gain, clash, chosen, weight)
    wanted = [w for w in whole_sets(gain, clash) if w >= whole_sets(gain, clash)[0] - 7.0][:6]
    assert weight[:count] == pytest.approx(wanted)


@pytest.mark.parametrize("seed", range(4))
def test_of_many_rows_that_crowd_about_few_plots_the_heaviest_set_is_the_best_assignment(seed):
    rng, n = np.random.default_rng(seed), 5
    gain = rng.uniform(5.0, 15.0, (n, n))
    pairs = [(i, j) for i in range(n) for j in range(n)]
    apart = [[(a == c) != (b == d) for c, d in pairs] for a, b in pairs]
    clash = np.array([sum(1 << k for k in range(n * n) if own[k]) for own in apart], np.int64)
    chosen, weight = np.zeros(3, np.int64), np.empty(3)
    heaviest_sets(gain.ravel(), clash, chosen, weight)
    assert weight[0] == pytest.approx(gain[linear_sum_assignment(-gain)].sum())


def mixed_births(*trails_and_odds):
    """Return a bank and a ring with one tentative track for each (plots, ln odds)."""
    bank, ring = empty_bank(len(trails_and_odds), 1, 1), empty_ring(64)
    ring.rows["use"] = 0
    for row, (plots, odds) in enumerate(trails_and_odds):
        bank.trail[row, : len(plots)] = plots
        bank.rows["count"][row], bank.rows["score"][row] = len(plots), odds
        bank.rows["root"][row] = plots[0]
    return bank, ring


def test_two_true_ones_together_outweigh_the_best_mixture():
    bank, ring = mixed_births(([1, 3, 6], 20.0), ([1, 3, 5], 18.0), ([2, 4, 6], 17.0), ([2, 4], 3.0))
    assert clashes(bank, np.arange(4)).tolist() == [0b0110, 0b0001, 0b1001, 0b0100]
    row, log_weight = np.empty((8, 12), np.int64), np.empty(8)
    hypotheses, tracks = elect(bank, 4, ring, RULES, row, log_weight)
    assert (hypotheses, tracks) == (1, 2)
    assert sorted(row[0, :2].tolist()) == [1, 2]
    assert np.flatnonzero(ring.rows["use"] == TAKEN).tolist() == [1, 2, 3, 4, 5, 6]
    assert elect(bank, 4, ring, RULES, row, log_weight) == (0, 0)


def test_a_crowd_of_branches_of_one_first_plot_keeps_no_neighbour_out():
    crowd = [([0, 10, 20 + k], 20.0 - 0.1 * k) for k in range(30)]
    bank, ring = mixed_births(*crowd, ([1, 20, 51], 12.0))
    row, log_weight = np.empty((8, 12), np.int64), np.empty(8)
    _, tracks = elect(bank, 31, ring, RULES, row, log_weight)
    assert row[0, :tracks].tolist() == [1, 30]


def test_what_is_nearly_as_likely_lives_on():
    bank, ring = mixed_births(([1, 3, 5], 20.0), ([1, 3, 6], 18.5), ([7, 8, 9], 12.0))
    row, log_weight = np.empty((8, 12), np.int64), np.empty(8)
    assert elect(bank, 3, ring, RULES, row, log_weight) == (2, 1)
    assert row[:2, 0].tolist() == [0, 1]
    assert log_weight[:2] == pytest.approx([0.0, -1.5])
    assert elect(bank, 3, ring, RULES, row, log_weight) == (1, 1)
    assert row[0, 0] == 2


def timed(bank, ring, now_s):
    """Say that plots come a look of half a second after another, three to a look, and that it is `now_s`."""
    ring.rows["time_s"] = 0.5 * (np.arange(64) // 3)
    bank.rows["last_s"] = now_s


def test_a_close_choice_waits_for_the_next_look_and_no_longer():
    row, log_weight = np.empty((8, 12), np.int64), np.empty(8)
    for lead, now_s, wanted in (
        (1.5, 1.0, (0, 0)),
        (1.5, 1.5, (0, 0)),
        (1.5, 2.0, (2, 1)),
        (2.5, 1.0, (2, 1)),
    ):
        bank, ring = mixed_births(([0, 3, 6], 20.0), ([0, 3, 7], 20.0 - lead))
        timed(bank, ring, now_s)
        assert elect(bank, 2, ring, RULES, row, log_weight) == wanted, (lead, now_s)


def test_who_waits_holds_up_nobody_else():
    bank, ring = mixed_births(([0, 3, 6], 20.0), ([0, 3, 7], 19.0), ([1, 4, 8], 12.0))
    timed(bank, ring, 1.0)
    row, log_weight = np.empty((8, 12), np.int64), np.empty(8)
    assert elect(bank, 3, ring, RULES, row, log_weight) == (1, 1)
    assert row[0, 0] == 2
