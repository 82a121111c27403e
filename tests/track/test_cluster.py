"""A look of two tracks side by side: who takes what, what stays undecided, and what later plots make of it."""

import numpy as np
import pytest

from rampart.numerics.assignment import ALONE
from rampart.physics.radar import measure
from rampart.track.associate import empty_candidates, follow_look
from rampart.track.bank import NEVER, empty_bank, empty_work
from rampart.track.gate import LookPlots
from rampart.track.hypotheses import empty_hypotheses, stand_alone
from rampart.track.motions import sky_of
from rampart.track.settings import FALLING, MOTIONS, TrackSettings
from tests.track.sky import make_site
from tests.track.test_fit import SIGMA, make_radars

pytestmark = pytest.mark.uncompiled
SITE = make_site()
SKY, RULES = sky_of(SITE, TrackSettings()), TrackSettings().rules()
STATE = np.array([6000.0, 2000.0, 900.0, -300.0, -60.0, 20.0, -7.3])
GAP_M = np.array([0.0, 120.0, 0.0, 0.0, 0.0, 0.0, 0.0])


def two_tracks():
    """Return a bank with two projectiles flying side by side, known well, and their hypotheses."""
    bank, hypotheses = empty_bank(8, len(MOTIONS), 1), empty_hypotheses(2)
    bank.log_weight[:] = NEVER
    for row, state in enumerate((STATE, STATE + GAP_M)):
        bank.log_weight[row, FALLING] = 0.0
        bank.mean[row, FALLING], bank.cov[row, FALLING] = state, np.diag([12.0**2] * 3 + [5.0**2] * 3 + [0.1])
        bank.rows["time_s"][row] = bank.rows["last_s"][row] = 100.0
        bank.rows["first_s"][row], bank.rows["count"][row], bank.rows["track"][row] = 95.0, 8, row
        bank.sights["seen_s"][row, 0], bank.sights["hits"][row, 0], bank.sights["looks"][row, 0] = (
            100.0,
            8.0,
            8.0,
        )
        stand_alone(row, row, hypotheses)
    return bank, hypotheses


def look_at(bank, hypotheses, rows, places, time_s=100.5, serial=0):
    """Return (bank, hypotheses, rows, plots taken) after a look that sees things at `places`."""
    z = np.array([measure(place, SITE.radars[0].frame) for place in places])
    order = np.argsort(z[:, 0])
    columns = np.full(len(z), time_s), z, np.tile(SIGMA, (len(z), 1))
    for column in columns:  # as the plots of a scan are: for others the kernel would be compiled once more
        column.setflags(write=False)
    look = LookPlots(*columns, order, serial, time_s, 0.0)
    out, out_hypotheses = empty_bank(8, len(MOTIONS), 1), empty_hypotheses(2)
    plot, same, gap_s, looks = np.empty(2, np.int64), np.empty(2, np.bool_), np.empty(2), np.empty(1)
    _, made = follow_look(
        bank, empty_bank(8, len(MOTIONS), 1), rows, hypotheses, 2, look, np.zeros(len(z)), 20 + serial, 0,
        make_radars(), RULES, SKY, empty_work(len(MOTIONS)), empty_candidates(64, 8, len(MOTIONS)), out, out_hypotheses,
        plot, same, gap_s, looks,
    )  # fmt: skip
    return out, out_hypotheses, made, plot.tolist()


def ahead(state, time_s=0.5):
    """Return where a state is about then: drag and gravity matter less than the gates."""
    moved = state.copy()
    moved[:3] += time_s * state[3:6]
    return moved


def test_each_takes_its_own():
    first, second = ahead(STATE), ahead(STATE + GAP_M)
    _, hypotheses, rows, plots = look_at(*two_tracks(), 2, [second, first])
    assert plots == [1, 0]
    assert hypotheses.number[:2].tolist() == [1, 1]
    assert rows == 2


def test_a_plot_between_two_is_left_open_and_the_next_look_decides():
    first, second = ahead(STATE), ahead(STATE + GAP_M)
    bank, hypotheses, rows, plots = look_at(*two_tracks(), 2, [0.5 * (first + second)])
    assert sorted(plots) == [ALONE, 0]
    assert hypotheses.number[:2].tolist() == [2, 2]
    assert hypotheses.cluster[:2].tolist() == [0, 0]
    assert np.exp(hypotheses.log_weight[0, :2]) == pytest.approx([0.5, 0.5], abs=0.35)
    later = [ahead(STATE, 1.0), ahead(STATE + GAP_M, 1.0)]
    bank, hypotheses, rows, plots = look_at(bank, hypotheses, rows, later, 101.0, serial=1)
    assert plots == [0, 1]
    assert rows <= 4


def test_who_is_not_seen_stays_as_it_was():
    bank, hypotheses, _, plots = look_at(*two_tracks(), 2, [ahead(STATE)])
    assert plots == [0, ALONE]
    best = hypotheses.row[1, 0]
    assert bank.rows["last_s"][best] == 100.0
    assert bank.mean[best, FALLING].tolist() == (STATE + GAP_M).tolist()
