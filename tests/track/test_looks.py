"""Looks: when radars look, what a miss means, what is learnt of detection and intervals."""

import numpy as np
import pytest

from rampart.track.bank import empty_bank, odds
from rampart.track.looks import LookClock, count_misses, detection_of, note_hit
from rampart.track.radars import LEARNT_LOOKS, log_clutter_density, radars_of
from rampart.track.settings import FALLING, MOTIONS, TrackSettings
from tests.track.sky import make_radar

pytestmark = pytest.mark.uncompiled


def make_radars(*radars):
    radars = radars or (make_radar(),)
    return radars_of(radars, TrackSettings())


def make_bank(radars, place_m=(5000.0, 1000.0, 1500.0)):
    bank = empty_bank(1, len(MOTIONS), len(radars.table))
    bank.log_weight[0] = -1e300
    bank.log_weight[0, FALLING] = 0.0
    bank.mean[0, :, :3] = place_m
    bank.cov[0] = np.eye(7)
    bank.rows["time_s"][0] = 100.0
    bank.sights["seen_s"][0] = 100.0
    return bank


def test_looks_are_missed_one_by_one_as_they_pass():
    radars = make_radars()
    bank = make_bank(radars)
    for now_s, missed in ((100.3, 0), (100.5, 1), (100.7, 1), (102.0, 4)):
        radars.table["now_s"][0] = now_s
        count_misses(bank, 1, bank, radars)
        assert bank.sights["missed"][0, 0] == pytest.approx(missed, abs=0.01)
    assert odds(bank, 0) == pytest.approx(4.0 * np.log(0.1), rel=0.01)


def test_out_of_cover_nothing_is_missed():
    radars = make_radars()
    bank = make_bank(radars, (5000.0, 1000.0, 20.0))
    radars.table["now_s"][0] = 110.0
    count_misses(bank, 1, bank, radars)
    assert bank.sights["missed"][0, 0] < 2.0
    assert odds(bank, 0) > -2.5


def test_a_look_is_not_missed_before_its_time_and_a_late_plot_takes_its_miss_back():
    radars = make_radars()
    bank = make_bank(radars)
    bank.sights["hits"][0] = bank.sights["looks"][0] = 1.0
    radars.table["now_s"][0] = 101.4
    count_misses(bank, 1, bank, radars)
    assert bank.sights["missed"][0, 0] == pytest.approx(2.0, abs=0.01)
    radars.table["now_s"][0] = 101.52  # the third look is over, its plot still under way
    count_misses(bank, 1, bank, radars)
    assert bank.sights["missed"][0, 0] == pytest.approx(3.0, abs=0.01)
    note_hit(bank, 0, 0, 101.5, radars)
    sight = bank.sights[0, 0]
    assert (sight["hits"], sight["missed"], sight["seen_s"]) == (2.0, 0.0, 101.5)
    assert sight["looks"] == pytest.approx(4.0, abs=0.01)
    assert bank.rows["score"][0] == pytest.approx(2.0 * np.log(0.1), rel=0.02)


def test_one_radars_hit_settles_the_looks_of_the_others():
    radars = make_radars(make_radar(), make_radar(2000.0, 2000.0, "two"))
    bank = make_bank(radars)
    radars.table["now_s"][:] = 101.0, 100.2
    count_misses(bank, 1, bank, radars)
    note_hit(bank, 0, 1, 100.2, radars)
    assert bank.sights["looks"][0, 0] == pytest.approx(2.0, abs=0.01)
    assert bank.sights["seen_s"][0, 0] == pytest.approx(101.0)
    assert bank.sights["missed"][0, 0] == 0.0


def test_a_track_teaches_how_surely_it_is_seen():
    radars = make_radars()
    bank = make_bank(radars)
    assert detection_of(bank, 0, 0, radars) == pytest.approx(0.9)
    bank.sights["hits"][0], bank.sights["looks"][0] = 30.0, 60.0
    assert 0.5 < detection_of(bank, 0, 0, radars) < 0.6


def test_the_clock_learns_slower_and_faster_looks():
    radars = make_radars()
    clock = LookClock(radars.table)
    for k in range(4):
        clock.hear(0, 4.0 * k, 5)
    assert radars.table["update_s"][0] == 4.0
    quick = make_radars(make_radar(update_s=1.0))
    clock = LookClock(quick.table)
    for k in range(12):
        clock.hear(0, 0.5 * k, 5)
        clock.learn(0, np.array([0.5, np.nan]))
    assert quick.table["update_s"][0] == 0.5


def test_the_clock_learns_how_surely_the_radar_sees():
    radars = make_radars()
    clock = LookClock(radars.table)
    for _ in range(200):
        clock.tally(0, 3, np.array([5.0]))
    assert 0.6 < radars.table["detection"][0] < 0.68


def test_silence_is_a_missed_look_only_where_a_radar_would_not_have_been_silent():
    quiet, talkative = make_radars(), make_radars()
    quiet.table["log_false"][:] = np.log(0.01)
    talkative.table["log_false"][:] = np.log(5.0)
    clocks = LookClock(quiet.table), LookClock(talkative.table)
    for clock in clocks:
        for k in range(5):
            assert clock.hear(0, 0.5 * k, 1) == 0.0
        clock.pass_time(5.0)
    assert quiet.table["now_s"][0] == 4.0
    assert talkative.table["now_s"][0] == 2.0
    assert clocks[0].hear(0, 5.0, 1) == 0.0
    assert clocks[1].hear(0, 5.0, 1) == pytest.approx(2.5)
    clocks[0].pass_time(60.0)
    assert quiet.table["now_s"][0] == 5.0
    assert clocks[0].hear(0, 60.0, 1) == pytest.approx(54.5)


def test_what_stands_still_is_doubted_until_the_radar_has_been_learnt():
    radars = make_radars()
    clock, density = LookClock(radars.table), []
    still, moving = (np.array([5e3, 1.0, 0.1, rate_mps]) for rate_mps in (1.0, -150.0))
    begin = log_clutter_density(moving, 0, radars)
    for look in range(40):
        clock.hear(0, 100.0 + 0.5 * look, 3)
        density.append(log_clutter_density(still, 0, radars))
    assert density[0] > density[-1] + 5.0
    assert np.all(np.diff(density) <= 0.0)
    assert density[int(LEARNT_LOOKS)] == density[-1]
    assert log_clutter_density(moving, 0, radars) == begin
