"""Clusters of tracks that share candidates; the history of plots; splinters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from rampart.domain.track import END_LOST, NOT_ENDED
from rampart.track.associate import empty_candidates, meet
from rampart.track.bank import empty_bank, grown, pack_rows
from rampart.track.history import History
from rampart.track.hypotheses import empty_hypotheses
from rampart.track.settings import CRUISING, FALLING, MOTIONS
from rampart.track.splinter import LostAircraft, lower_odds

pytestmark = pytest.mark.uncompiled
ROWS = np.array([0, 1])


@given(st.integers(0, 5000))
@settings(max_examples=30, deadline=None)
def test_tracks_meet_that_share_candidates(seed):
    rng = np.random.default_rng(seed)
    n, p = 6, 7
    row, plot = np.nonzero(rng.random((n, p)) < 0.2)
    bank, hypotheses = empty_bank(n, 1, 1), empty_hypotheses(n)
    bank.rows["track"][:] = hypotheses.cluster[:] = np.arange(n)
    hypotheses.cluster[4] = 2  # of one cluster before
    candidates = empty_candidates(len(row), n, 1)
    candidates.row[:], candidates.plot[:] = row, plot
    near = np.zeros((n + p, n + p))
    near[row, n + plot] = near[2, 4] = 1
    _, label = connected_components(near, directed=False)
    met = meet(len(row), candidates, bank, hypotheses, n, p)
    assert met.tolist() == [int(np.flatnonzero(label[:n] == label[i])[0]) for i in range(n)]


def test_history_keeps_time_order_and_earlier_views():
    history = History()
    for k in range(40):
        history.add(k, float(k), k % 2, np.full(4, float(k)), np.ones(4), 10.0)
    early = history.plots
    history.add(40, 12.5, 1, np.full(4, 12.5), np.ones(4), 10.0)
    late = history.plots
    assert len(early) == 40
    assert early.time_s.tolist() == list(range(40))
    assert len(late) == 41
    assert np.all(np.diff(late.time_s) > 0.0)
    assert late.measurement[13, 2] == 12.5
    history.forget_from(39)
    assert history.plots.time_s.tolist() == list(range(39))
    assert len(late) == 41
    with pytest.raises(ValueError, match="read-only"):
        late.time_s[0] = 1.0


def test_rows_are_packed_and_grown_whole():
    bank = empty_bank(4, len(MOTIONS), 2)
    bank.rows["id"][:] = 1, 2, 3, 4
    bank.mean[:, 0, 0] = 1.0, 2.0, 3.0, 4.0
    bank.sights["hits"][:, 1] = 1.0, 2.0, 3.0, 4.0
    bank.trail[:, 0] = 1, 2, 3, 4
    assert pack_rows(bank, np.array([False, True, False, True])) == 2
    for column in (bank.rows["id"], bank.mean[:, 0, 0], bank.sights["hits"][:, 1], bank.trail[:, 0]):
        assert column[:2].tolist() == [2, 4]
    larger = grown(bank, 8)
    assert larger.rows["id"][:2].tolist() == [2, 4]
    assert len(larger.mean) == 8


def make_pair(kind, gap_m=200.0, late_s=3.0):
    """Return a bank with an old track in row 0 and a new one, ballistic as it seems, in row 1."""
    bank = empty_bank(2, len(MOTIONS), 1)
    bank.log_weight[:] = -30.0
    bank.log_weight[0, kind] = bank.log_weight[1, FALLING] = -1e-6
    bank.log_weight[1, CRUISING] = -3.0
    bank.mean[:, :, :3] = 5000.0
    bank.mean[1, :, 0] += gap_m
    bank.rows["count"][:] = 30, 3
    bank.rows["first_s"][:] = 50.0, 100.0 + late_s
    bank.rows["last_s"][0] = 100.0
    bank.rows["time_s"][:] = 100.0, 100.0 + late_s
    return bank


def ballistic(bank):
    return float(np.exp(bank.log_weight[1, :2]).sum())


@pytest.mark.parametrize(
    ("changes", "doubted"),
    [
        ({"kind": CRUISING}, True),
        ({"kind": FALLING}, False),
        ({"kind": CRUISING, "gap_m": 9000.0}, False),
        ({"kind": CRUISING, "late_s": 30.0}, False),
        ({"kind": CRUISING, "late_s": -3.0}, False),
    ],
)
def test_what_begins_where_an_aircraft_was_lost_is_doubted(changes, doubted):
    bank = make_pair(**changes)
    assert LostAircraft().breaks_off(bank, ROWS[:1], 1) == doubted


def test_a_doubted_track_is_more_likely_no_projectile():
    bank = make_pair(CRUISING)
    assert ballistic(bank) > 0.9
    lower_odds(bank, 1)
    assert ballistic(bank) < 0.5


def test_an_aircraft_that_ended_is_remembered_for_a_while():
    bank, lost = make_pair(CRUISING), LostAircraft()
    lost.remember(bank, ROWS, np.array([END_LOST, NOT_ENDED]), 101.0)
    bank.rows["count"][0] = 0
    assert lost.breaks_off(bank, ROWS[:1], 1)
    later = make_pair(CRUISING)
    later.rows["count"][0] = 0
    lost.remember(later, ROWS, np.array([NOT_ENDED, NOT_ENDED]), 200.0)
    assert not lost.breaks_off(later, ROWS[:1], 1)
