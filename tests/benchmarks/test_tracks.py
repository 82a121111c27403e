"""The measures by which trackers are ranked, on logs short enough to be worked out by hand."""

import math

import numpy as np
import pytest

from benchmarks.tracks import CLUTTER, NO_PLOT, Marks, Moment, judge, pooled

FAR_M = 5000.0
LONELY_M2 = 300.0**2 / 2.0
"""What a thing or a track without a partner costs."""


def moment(time_s, things, tracks, unseen_m=()):
    """Return a moment of {thing: east_m} and {track: (east_m, whose plot it took)}."""
    places = [[east_m, 0.0, 0.0] for east_m in things.values()]
    tracked = [[east_m, 0.0, 0.0] for east_m, _ in tracks.values()]
    return Moment(
        float(time_s),
        np.array(list(things), np.int64),
        np.reshape(places, (-1, 3)).astype(float),
        np.reshape([[east_m, 0.0, 0.0] for east_m in unseen_m], (-1, 3)).astype(float),
        np.array(list(tracks), np.int64),
        np.reshape(tracked, (-1, 3)).astype(float),
        np.array([took for _, took in tracks.values()], np.int64),
    )


def test_gospa_and_its_parts():
    marks = judge([moment(0, {0: 0.0, 1: FAR_M}, {7: (30.0, 0), 8: (-FAR_M, CLUTTER)})], {0: 0.0, 1: 0.0})
    (distance,) = marks.distances
    assert distance.total_m == pytest.approx(math.sqrt(30.0**2 + 2.0 * LONELY_M2))
    assert distance.localisation_m == pytest.approx(30.0)
    assert distance.missed_m == distance.false_m == pytest.approx(math.sqrt(LONELY_M2))


def test_a_track_of_what_left_the_cover_is_false_for_the_peers_measure_alone():
    marks = judge([moment(0, {0: 0.0}, {7: (0.0, 0), 8: (FAR_M + 10.0, NO_PLOT)}, [FAR_M])], {0: 0.0})
    assert marks.distances[0].total_m == pytest.approx(math.sqrt(LONELY_M2))
    assert marks.inside[0].total_m == 0.0


def test_an_empty_sky_is_not_averaged():
    marks = judge([moment(0, {}, {}), moment(1, {0: 0.0}, {})], {0: 1.0})
    assert len(marks.distances) == 1
    assert marks.delays_s == [math.inf]
    assert (marks.confirmed, marks.delay_s(95)) == (0, math.inf)


def test_a_swap_is_two_switches_and_told_when_and_of_whom():
    things = {0: 0.0, 1: 200.0}
    before = [moment(k, things, {7: (0.0, 0), 8: (200.0, 1)}) for k in range(5)]
    after = [moment(k, things, {7: (200.0, 1), 8: (0.0, 0)}) for k in range(5, 12)]
    marks = judge(before + after, {0: 0.0, 1: 0.0})
    # three of the last five plots say so
    assert marks.changes == [(7.0, 1, 8, 7), (7.0, 0, 7, 8)]
    assert marks.crossings == 2
    assert marks.purity == pytest.approx(7 / 12)
    assert (marks.ghosts, marks.false_tracks) == (0, 0)


def test_one_wrong_plot_is_no_switch_but_impure():
    took = [0, 0, 1, 0, 0, 0]
    marks = judge([moment(k, {0: 0.0}, {7: (0.0, whose)}) for k, whose in enumerate(took)], {0: 0.0})
    assert (marks.switches, marks.purity) == (0, pytest.approx(5 / 6))


def test_things_side_by_side_may_cross_without_a_switch():
    log = [
        moment(0, {0: 0.0, 1: 20.0}, {7: (0.0, 0), 8: (20.0, 1)}),
        moment(1, {0: 0.0, 1: 20.0}, {7: (20.0, 0), 8: (0.0, 1)}),
    ]
    marks = judge(log, {0: 0.0, 1: 0.0})
    assert (marks.switches, marks.crossings) == (0, 2)


def test_a_track_that_is_followed_by_another_is_one_switch():
    log = [moment(k, {0: 0.0}, {7: (0.0, 0)}) for k in range(4)]
    log += [moment(k, {0: 0.0}, {9: (0.0, 0)}) for k in range(6, 9)]
    assert judge(log, {0: 0.0}).changes == [(6.0, 0, 7, 9)]


def test_false_tracks_and_ghosts_are_told_apart():
    log = [moment(k, {0: 0.0}, {7: (0.0, 0), 8: (50.0, 0), 9: (FAR_M, CLUTTER)}) for k in range(4)]
    marks = judge(log, {0: 0.0})
    assert (marks.ghosts, marks.false_tracks, marks.switches) == (1, 1, 0)
    assert marks.purity == 1.0


def test_delays_count_from_the_first_plot_and_runs_pool():
    log = [
        moment(2, {0: 0.0, 1: FAR_M}, {7: (0.0, 0)}),
        moment(3, {0: 0.0, 1: FAR_M}, {7: (0.0, 0), 8: (FAR_M, 1)}),
    ]
    marks = judge(log, {0: 0.5, 1: 1.0})
    assert marks.delays_s == [1.5, 2.0]
    both = pooled([marks, marks])
    assert (both.runs, both.confirmed, len(both.distances)) == (2, 4, 4)
    assert pooled([]) == Marks()
