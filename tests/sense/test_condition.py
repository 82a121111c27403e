"""Scans made fit for tracking: corrections, refusals, health."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.domain.scan import NO_PLOTS, Plots, Reject, Scan, join_plots
from rampart.domain.track import CONFIRMED, TrackTable, no_tracks
from rampart.physics.radar import apparent_from_geometric_elevation
from rampart.sense.condition import AHEAD_S, LATE_S, Condition

START_S = 1605614400.0


def plots_at(
    time_s, range_m=(9000.0,), radar: int = 0, azimuth_rad: float = 1.0, elevation_rad: float = 0.5
) -> Plots:
    """Return a plot for each range, all else the same."""
    n = len(range_m)
    measurement = np.column_stack([range_m, np.full((n, 3), [azimuth_rad, elevation_rad, -200.0])])
    return Plots(np.full(n, time_s), np.full(n, radar), measurement, np.ones((n, 4)), np.full(n, np.nan))


def scan_at(time_s, range_m=(9000.0,), radar: int = 0, rejects=(), **place) -> Scan:
    return Scan(time_s, plots_at(time_s, range_m, radar, **place), (radar,), rejects)


def table_of(histories: dict[int, Plots], status: int = CONFIRMED) -> TrackTable:
    """Return a table of tracks that have just been updated, with these histories."""
    n = len(histories)
    last_s = np.array([plots.time_s.max() for plots in histories.values()])
    ids, zeros, updated = np.array(list(histories)), np.zeros(n, np.int64), np.ones(n, np.bool_)
    return TrackTable(
        last_s.max(), ids, np.full(n, status), zeros, updated, last_s,
        np.zeros((n, 7)), np.zeros((n, 7, 7)), np.zeros((n, 4)), last_s, last_s, last_s, np.zeros(n),
        tuple(histories.values()),
    )  # fmt: skip


def reasons(scan: Scan) -> dict[str, int]:
    return {reject.reason: reject.count for reject in scan.rejects}


@pytest.fixture
def condition(make_site):
    return Condition(make_site())


@pytest.mark.uncompiled
def test_known_errors_are_taken_off(make_site, make_radar):
    radar = make_radar(bias=np.array([10.0, 0.1, 0.01, 0.5]), clock_offset_s=0.25)
    scan = Condition(make_site(radar)).step(scan_at(START_S, azimuth_rad=0.05), no_tracks())
    assert scan.time_s == START_S - 0.25
    assert scan.plots.time_s.tolist() == [START_S - 0.25]
    assert scan.plots.measurement[0] == pytest.approx([8990.0, 0.05 - 0.1 + 2 * math.pi, 0.49, -200.5])


@pytest.mark.uncompiled
def test_refraction_is_taken_off_where_the_radar_reports_it(make_site, make_radar):
    seen_rad = apparent_from_geometric_elevation(0.02, 29e3)
    for apparent, expected_rad in ((True, 0.02), (False, seen_rad)):
        condition = Condition(make_site(make_radar(apparent_elevation=apparent)))
        scan = condition.step(scan_at(START_S, [29e3], elevation_rad=seen_rad), no_tracks())
        assert scan.plots.measurement[0, 2] == pytest.approx(expected_rad, abs=1e-9)


@pytest.mark.uncompiled
def test_plots_that_cannot_be_are_refused_and_counted(condition):
    scan = condition.step(scan_at(START_S, [9000.0, np.nan, np.inf, -5.0, 31.4e3, 31.6e3]), no_tracks())
    assert scan.plots.measurement[:, 0].tolist() == [9000.0, 31.4e3]
    assert reasons(scan) == {"not a number": 2, "outside the radar's range": 2}
    assert {reject.source for reject in scan.rejects} == {"karkh"}
    odd = condition.step(scan_at(START_S, elevation_rad=1.6), no_tracks())
    assert reasons(odd) == {"outside the radar's range": 1}
    flat = condition.step(scan_at(START_S, elevation_rad=np.nan), no_tracks())
    assert len(flat.plots) == 1, "a 2-D radar measures no elevation"


@pytest.mark.uncompiled
def test_the_same_plot_twice_counts_once(condition):
    first = condition.step(scan_at(START_S, [9000.0, 9000.0, 8000.0]), no_tracks())
    again = condition.step(scan_at(START_S, [8000.0, 7000.0]), no_tracks())
    assert first.plots.measurement[:, 0].tolist() == [9000.0, 8000.0]
    assert again.plots.measurement[:, 0].tolist() == [7000.0]
    assert reasons(again) == {"duplicate": 1}
    for k in range(50):
        condition.step(scan_at(START_S + 0.5 * k, [6000.0]), no_tracks())
    assert reasons(condition.step(scan_at(START_S + 24.5, [6000.0]), no_tracks())) == {"duplicate": 1}


def test_another_radar_s_plot_is_no_duplicate(make_site, make_radar):
    condition = Condition(make_site(make_radar(), make_radar("rusafa", sic=2)))
    condition.step(scan_at(START_S), no_tracks())
    assert len(condition.step(scan_at(START_S, radar=1), no_tracks()).plots) == 1


@pytest.mark.uncompiled
def test_late_plots_join_until_they_are_too_late(condition):
    condition.step(scan_at(START_S + 20.0), no_tracks())
    late = condition.step(scan_at(START_S + 20.0 - LATE_S), no_tracks())
    too_late = condition.step(scan_at(START_S + 19.9 - LATE_S), no_tracks())
    assert len(late.plots) == 1
    assert reasons(too_late) == {"too late": 1}


@pytest.mark.uncompiled
def test_a_plot_from_tomorrow_is_refused_and_moves_nothing(condition):
    condition.step(scan_at(START_S), no_tracks())
    stray = condition.step(scan_at(START_S + 86400.0), no_tracks())
    assert reasons(stray) == {"ahead of time": 1}
    assert stray.time_s == START_S
    assert len(condition.step(scan_at(START_S + 0.5), no_tracks()).plots) == 1
    mixed = Scan(START_S + 90000.0, join_plots([plots_at(START_S + 1.0), plots_at(START_S + 90000.0)]), (0,))
    kept = condition.step(mixed, no_tracks())
    assert (kept.time_s, len(kept.plots), reasons(kept)) == (START_S + 1.0, 1, {"ahead of time": 1})


def test_a_leap_that_a_second_scan_confirms_was_a_pause(condition):
    condition.step(scan_at(START_S), no_tracks())
    after_s = START_S + 10 * AHEAD_S
    assert len(condition.step(scan_at(after_s), no_tracks()).plots) == 0
    assert len(condition.step(scan_at(after_s + 0.5), no_tracks()).plots) == 1
    assert reasons(condition.step(scan_at(START_S + 1.0), no_tracks())) == {"too late": 1}


def test_ticks_carry_time_over_a_pause(condition):
    condition.step(scan_at(START_S), no_tracks())
    condition.health(START_S + 600.0)
    assert len(condition.step(scan_at(START_S + 600.5), no_tracks()).plots) == 1


def test_what_was_refused_before_stays_counted(condition):
    scan = condition.step(
        scan_at(START_S, [np.nan], rejects=(Reject("unknown source", 3, "9/9"),)), no_tracks()
    )
    assert reasons(scan) == {"unknown source": 3, "not a number": 1}
    assert condition.refused == {("not a number", "karkh"): 1}


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(), max_size=8), st.floats())
def test_any_numbers_give_finite_plots(numbers, time_s):
    from tests.sense.conftest import site_with

    condition = Condition(site_with())
    condition.step(scan_at(START_S), no_tracks())
    n = len(numbers)
    measurement = np.column_stack([numbers, numbers[::-1], numbers, numbers]).reshape(n, 4)
    plots = Plots(np.full(n, time_s), np.zeros(n, np.int64), measurement, np.ones((n, 4)), np.ones(n))
    scan = condition.step(Scan(time_s, plots, (0,)), no_tracks())
    assert np.isfinite(scan.plots.time_s).all()
    assert np.isfinite(scan.plots.measurement[:, :2]).all()
    assert len(scan.plots) + sum(reject.count for reject in scan.rejects) == n
    assert len(condition.step(scan_at(START_S + 1.0), no_tracks()).plots) == 1, "it moved nothing"


def heard_at(condition, time_s, radars=(0,)):
    condition.step(Scan(time_s, NO_PLOTS, radars), no_tracks())
    return condition.health(time_s)


def test_a_silent_radar_is_degraded_then_lost_then_well(make_site, make_radar):
    condition = Condition(make_site(make_radar(), make_radar("rusafa", sic=2, update_s=4.0)))
    assert heard_at(condition, START_S, (0, 1)) == []
    changes = {k: condition.health(START_S + 0.5 * k) for k in range(60)}
    assert {k: change for k, change in changes.items() if change} == {
        6: [("karkh", "degraded", "silent for 3 s")],
        10: [("karkh", "lost", "silent for 5 s")],
        24: [("rusafa", "degraded", "silent for 12 s")],
        40: [("rusafa", "lost", "silent for 20 s")],
    }
    assert heard_at(condition, START_S + 30.0) == [("karkh", "ok", "heard again, its plots are used")]


def test_a_radar_never_heard_is_lost(make_site, make_radar):
    condition = Condition(make_site(make_radar(), make_radar("rusafa", sic=2)))
    assert condition.health(START_S) == []
    assert heard_at(condition, START_S + 5.0) == [("rusafa", "lost", "never heard")]


def test_a_radar_whose_plots_are_refused_is_degraded(condition):
    heard_at(condition, START_S)
    for k in range(10):
        far = Reject("time far from its arrival", 2, "25/1")
        condition.step(Scan(START_S + 0.5 * k, NO_PLOTS, (0,), (far,)), no_tracks())
    (change,) = condition.health(START_S + 5.0)
    assert change == ("karkh", "degraded", "most of its plots are refused: time far from its arrival")
    for k in range(10, 60):
        condition.step(scan_at(START_S + 0.5 * k, [9000.0 + k, 8000.0 + k]), no_tracks())
    assert [state for _, state, _ in condition.health(START_S + 30.0)] == ["ok"]
    other = Reject("ghost", 50, "25/1")
    condition.step(Scan(START_S + 30.0, NO_PLOTS, (0,), (other,)), no_tracks())
    assert condition.health(START_S + 30.0) == [], "what a radar itself marks is no fault of it"


@pytest.mark.parametrize(
    "word", ["not released for use, by its own word", "time source not valid, by its own word"]
)
def test_a_radar_that_says_it_is_not_well_is_degraded_while_it_says_so(condition, word):
    heard_at(condition, START_S)
    condition.step(Scan(START_S, NO_PLOTS, (0,), (Reject(word, 1, "25/1"),)), no_tracks())
    assert condition.health(START_S) == [("karkh", "degraded", word)]
    states = {k: heard_at(condition, START_S + k) for k in range(1, 40)}
    assert [k for k, change in states.items() if change] == [31], "it holds for 30 s"


def test_a_source_that_the_site_does_not_know_is_named_once(condition):
    heard_at(condition, START_S)
    strange = [Reject("unknown source", 4, f"9/{sic}") for sic in range(200)]
    condition.step(Scan(START_S, NO_PLOTS, (), (strange[0],)), no_tracks())
    named = ("9/0", "degraded", "sends plots, and the site does not know it")
    assert condition.health(START_S) == [named]
    condition.step(Scan(START_S, NO_PLOTS, (), tuple(strange)), no_tracks())
    assert 1 < len(condition.health(START_S)) < 60, "a flood of them is not"
    assert condition.health(START_S) == []
