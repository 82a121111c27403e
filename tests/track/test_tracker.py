"""The tracker from outside: lives and ends of tracks, late and double plots, time, and sameness of results."""

import numpy as np
import pytest

from rampart.domain.scan import NO_PLOTS, Plots, Scan, join_plots
from rampart.domain.track import CONFIRMED, END_GROUND, END_LOST, END_VANISHED, ENDED, TENTATIVE
from rampart.track.tracker import Tracker
from tests.track.sky import (
    START_S,
    Thing,
    follow,
    make_radar,
    make_site,
    mortar,
    rocket,
    straight,
    tracks_of,
    watch,
)

ROCKET, BOMB = rocket(), mortar()
JET = straight([-9000.0, 5000.0, 2500.0], [160.0, 20.0, 0.0], 40.0)
CLEAR = make_site(make_radar(false_plots_per_scan=0.0))
SITE = make_site()
NONE = np.zeros(1)


def cut(thing: Thing, after_s: float) -> Thing:
    """Return a thing that is gone after a while."""
    return Thing(thing.start_s, thing.states[: round(after_s / thing.step_s)], thing.step_s)


@pytest.mark.uncompiled
def test_a_rocket_and_a_jet_are_told_apart_from_their_first_plots_on():
    seen = watch(
        [cut(ROCKET, 6.0), cut(JET, 6.0)], make_site(make_radar(false_plots_per_scan=2.0)), 6.0, rng(1)
    )
    tables = follow(SITE, seen.scans)
    last = tables[-1]
    assert last.id.tolist() == sorted(last.id.tolist())
    assert last.id.min() == 1
    found = {track.thing: track for track in tracks_of(tables, seen)}
    assert set(found) == {0, 1}
    assert found[0].ballistic[-1] > 0.9
    assert found[1].ballistic.max() < 0.1
    tentative = [table for table in tables if np.any(table.status == TENTATIVE)]
    assert tentative
    assert np.all(np.isnan(tentative[0].confirmed_s[tentative[0].status == TENTATIVE]))


def rng(seed):
    return np.random.default_rng(seed)


def test_a_projectile_ends_at_the_ground_once():
    seen = watch([ROCKET, BOMB], SITE, 50.0, rng(2))
    tables = follow(SITE, seen.scans, until_s=60.0)
    tracks = tracks_of(tables, seen)
    assert [track.ended for track in tracks] == [END_GROUND, END_GROUND]
    for track in tracks:
        thing = (ROCKET, BOMB)[track.thing]
        assert abs(track.ended_s - thing.end_s) < 1.0
        assert track.purity == 1.0
        assert sum(np.any((table.id == track.id) & (table.status == ENDED)) for table in tables) == 1
    assert len(tables[-1]) == 0


def test_what_bursts_in_the_air_vanishes():
    seen = watch([cut(ROCKET, 14.0)], SITE, 30.0, rng(3))
    (track,) = tracks_of(follow(SITE, seen.scans), seen)
    assert track.ended == END_VANISHED
    assert 14.0 < track.ended_s < 18.0


def test_a_jet_that_leaves_is_lost():
    seen = watch([cut(JET, 15.0)], SITE, 60.0, rng(4))
    (track,) = tracks_of(follow(SITE, seen.scans), seen)
    assert track.ended == END_LOST
    assert track.ended_s < 25.0


def test_looks_missed_counts_since_the_last_plot():
    seen = watch([cut(ROCKET, 14.0)], CLEAR, 15.4, rng(3))
    table = follow(CLEAR, seen.scans)[-1]
    looks = round((table.time_s - table.last_plot_s[0]) / 0.5)
    assert looks >= 2
    assert table.looks_missed[0] == pytest.approx(looks, abs=0.1)
    assert not table.updated[0]
    assert table.track_time_s[0] == table.time_s


@pytest.mark.parametrize("gap_s", [2.0, 5.0])
def test_a_feed_that_fails_for_a_while_breaks_no_track(gap_s):
    seen = watch([ROCKET, rocket(start_s=1.5)], SITE, 40.0, rng(5))
    scans = [scan for scan in seen.scans if not 12.0 < scan.time_s - START_S < 12.0 + gap_s]
    tracker, tables = Tracker(SITE), []
    for before, scan in zip([None, *scans], scans, strict=False):
        if before is not None:
            tables += [tracker.tick(t) for t in np.arange(before.time_s + 0.25, scan.time_s - 0.2, 0.25)]
        tables.append(tracker.step(scan, np.array([5.0])))
    tracks = tracks_of(tables, seen)
    assert len(tracks) == 2
    assert {track.ended for track in tracks} <= {END_GROUND, 0}


def test_ticks_coast_and_change_nothing_that_was_learnt():
    seen = watch([ROCKET], CLEAR, 12.0, rng(6))
    plain, ticked = Tracker(CLEAR), Tracker(CLEAR)
    for scan in seen.scans:
        one = plain.step(scan, NONE)
        two = ticked.step(scan, NONE)
        coasted = ticked.tick(scan.time_s + 0.25)
        assert not coasted.updated.any()
        assert coasted.time_s == pytest.approx(scan.time_s + 0.25)
    np.testing.assert_array_equal(one.mean_enu, two.mean_enu)
    assert np.linalg.norm(coasted.mean_enu[0, :3] - two.mean_enu[0, :3]) > 30.0


def test_the_same_scans_give_the_same_tables():
    seen = watch([ROCKET, JET], SITE, 15.0, rng(7))
    for one, two in zip(follow(SITE, seen.scans), follow(SITE, seen.scans), strict=True):
        np.testing.assert_array_equal(one.id, two.id)
        np.testing.assert_array_equal(one.mean_enu, two.mean_enu)
        np.testing.assert_array_equal(one.motion_probability, two.motion_probability)


def test_a_table_stays_as_it_was():
    seen = watch([ROCKET], CLEAR, 15.0, rng(8))
    tables = follow(CLEAR, seen.scans)
    early = next(table for table in tables if np.any(table.status == CONFIRMED))
    plots, time_s = len(early.plots[0]), early.plots[0].time_s.copy()
    assert plots == 3
    assert len(tables[-1].plots[0]) > 15
    assert len(early.plots[0]) == plots
    np.testing.assert_array_equal(early.plots[0].time_s, time_s)
    assert early.confirmed_s[0] == early.last_plot_s[0]


def test_plots_of_two_radars_in_one_scan_are_both_used():
    pair = make_site(
        make_radar(false_plots_per_scan=0.0), make_radar(3000.0, 2500.0, "two", false_plots_per_scan=0.0)
    )
    seen = watch([ROCKET], pair, 15.0, rng(9))
    joined = []
    for first, second in zip(seen.scans[::2], seen.scans[1::2], strict=False):
        plots = join_plots([second.plots, first.plots])
        joined.append(Scan(max(first.time_s, second.time_s), plots, heard=(0, 1)))
    table = follow(pair, joined)[-1]
    assert len(table) == 1
    assert set(table.plots[0].radar.tolist()) == {0, 1}
    assert np.all(np.diff(table.plots[0].time_s) > 0.0)
    assert len(table.plots[0]) > 35


def test_late_plots_join_their_track_in_their_place():
    pair = make_site(make_radar(), make_radar(3000.0, 2500.0, "two"))
    seen = watch([ROCKET], pair, 30.0, rng(10), delay_s=[0.0, 0.8])
    tables = follow(pair, seen.scans)
    (track,) = tracks_of(tables, seen)
    assert track.purity == 1.0
    assert track.plots > 60
    table = next(t for t in reversed(tables) if track.id in t.id)
    assert np.all(np.diff(table.plots[list(table.id).index(track.id)].time_s) >= 0.0)
    place = np.array([t.mean_enu[0, :3] - ROCKET.at(t.time_s - START_S)[:3] for t in tables[40:50]])
    assert np.abs(place).max() < 60.0


def test_a_plot_that_comes_twice_counts_once():
    seen = watch([ROCKET], CLEAR, 15.0, rng(11))
    doubled = [scan for scan in seen.scans for _ in (0, 1)]
    once, twice = follow(CLEAR, seen.scans)[-1], follow(CLEAR, doubled)[-1]
    assert np.sum(twice.status == CONFIRMED) == 1
    assert len(twice.plots[0]) == len(once.plots[0])


def test_a_datagram_with_two_looks_gives_both_to_the_track():
    seen = watch([ROCKET], CLEAR, 15.0, rng(12))
    scans = seen.scans[: len(seen.scans) // 2 * 2]
    joined = [
        Scan(two.time_s, join_plots([one.plots, two.plots]), heard=(0,))
        for one, two in zip(scans[::2], scans[1::2], strict=True)
    ]
    assert len(follow(CLEAR, joined)[-1].plots[0]) == len(follow(CLEAR, scans)[-1].plots[0])


def test_plots_of_a_turning_antenna_have_times_of_their_own():
    site = make_site(make_radar(update_s=4.0, false_plots_per_scan=3.0))
    radar, draw, scans = site.radars[0], rng(13), []
    from rampart.physics.radar import measure

    far = straight([-9000.0, 5000.0, 2500.0], [160.0, 20.0, 0.0], 60.0)
    for turn in range(12):
        rows = [(4.0 * turn + t, None) for t in np.sort(draw.uniform(0.0, 4.0, 3))]
        middle = np.array(measure(far.at(4.0 * turn + 2.0), radar.frame))
        stamp_s = 4.0 * turn + 4.0 * middle[1] / (2.0 * np.pi)
        z = np.array(measure(far.at(stamp_s), radar.frame)) + draw.standard_normal(4) * radar.sigma
        rows = sorted([*rows, (stamp_s, z)], key=lambda row: row[0])
        times_s = np.array([START_S + t for t, _ in rows])
        false = draw.uniform([300.0, 0.0, 0.01, -400.0], [30e3, 6.28, 1.2, 400.0], (4, 4))
        columns = np.array([false[i] if z is None else z for i, (_, z) in enumerate(rows)])
        plots = Plots(times_s, np.zeros(4, np.int64), columns, np.tile(radar.sigma, (4, 1)), np.full(4, 12.0))
        scans.append(Scan(float(times_s[-1]), plots, heard=(0,)))
    tables = follow(site, scans, false_plots=[3.0])
    assert len(tables[-1]) == 1
    assert len(tables[-1].plots[0]) >= 11
    assert tables[-1].motion_probability[0, 2] > 0.9


def test_plots_without_elevation_never_make_a_projectile():
    seen = watch([ROCKET, JET], SITE, 30.0, rng(14), level=True)
    tracks = tracks_of(follow(SITE, seen.scans), seen)
    assert {0, 1} <= {track.thing for track in tracks}
    assert max(track.ballistic.max() for track in tracks) == 0.0


def test_a_track_of_the_plan_hides_no_projectile_from_a_radar_that_measures_height():
    pair = make_site(
        make_radar(false_plots_per_scan=0.0), make_radar(3000.0, 2500.0, "two", false_plots_per_scan=0.0)
    )
    seen = watch([ROCKET], pair, 25.0, rng(15))
    scans = []
    for scan in seen.scans:
        plan = scan.plots.radar == 0
        z = scan.plots.measurement.copy()
        z[plan, 2:] = np.nan
        plots = Plots(scan.plots.time_s, scan.plots.radar, z, scan.plots.sigma, scan.plots.snr_db)
        if plan.all() or scan.time_s - START_S > 10.0:
            scans.append(Scan(scan.time_s, plots, scan.heard))
    table = next(t for t in follow(pair, scans) if t.time_s - START_S > 20.0)
    assert np.sum(table.is_ballistic()) == 1


def test_an_empty_sky_gives_empty_tables():
    tracker = Tracker(SITE)
    assert len(tracker.step(Scan(START_S, NO_PLOTS, heard=(0,)), np.array([5.0]))) == 0
    table = tracker.tick(START_S + 1.0)
    assert len(table) == 0
    assert table.time_s == START_S + 1.0
    assert len(Tracker(make_site(make_radar())).tick(5.0)) == 0


def test_time_does_not_run_back():
    tracker = Tracker(SITE)
    tracker.tick(START_S + 10.0)
    assert tracker.step(Scan(START_S, NO_PLOTS), np.array([5.0])).time_s == START_S + 10.0
