"""Metrics against naive twins: every assignment tried, every ellipse by its own definition."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rampart.evaluate.metrics import (
    ellipse_axes,
    ellipse_scale,
    gospa,
    groups_in_time,
    match_tracks,
    mean,
    mean_gospa,
    median,
    place_at,
    root_mean_square,
    share_following,
    within_ellipse,
)

places = st.integers(0, 4).flatmap(lambda n: arrays(float, (n, 3), elements=st.floats(-500, 500)))


def naive_gospa(truth, estimate, c, p):
    """Try every partial assignment by padding both sets with lonely places."""
    size = len(truth) + len(estimate)
    best = np.inf
    for order in permutations(range(size), len(truth)):
        cost, used = 0.0, 0
        for row, column in enumerate(order):
            if column < len(estimate):
                cost += np.linalg.norm(truth[row] - estimate[column]) ** p
                used += 1
        best = min(best, cost + c**p / 2 * (len(truth) - used + len(estimate) - used))
    return best ** (1 / p)


@settings(max_examples=60, deadline=None)
@given(places, places.filter(lambda x: len(x) < 4))
def test_gospa_equals_its_naive_twin(truth, estimate):
    found = gospa(truth, estimate)
    assert found.total_m == pytest.approx(naive_gospa(truth, estimate, 300.0, 2.0), abs=1e-6)


@given(places, places)
def test_gospa_is_a_distance_that_splits(a, b):
    ab, ba = gospa(a, b), gospa(b, a)
    assert ab.total_m == pytest.approx(ba.total_m, abs=1e-9)
    assert (ab.missed_m, ab.false_m) == pytest.approx((ba.false_m, ba.missed_m))
    assert ab.total_m**2 == pytest.approx(ab.localisation_m**2 + ab.missed_m**2 + ab.false_m**2, abs=1e-6)
    assert gospa(a, a).total_m == pytest.approx(0.0, abs=1e-9)


@given(places, places, places)
def test_gospa_obeys_the_triangle(a, b, c):
    assert gospa(a, c).total_m <= gospa(a, b).total_m + gospa(b, c).total_m + 1e-6


def test_gospa_of_one_missed_and_one_false():
    truth = np.array([[0.0, 0, 0], [1000, 0, 0]])
    found = gospa(truth, np.array([[30.0, 40, 0], [5000, 0, 0]]))
    assert found.pairs == ((0, 0),)
    assert found.localisation_m == pytest.approx(50.0)
    assert found.missed_m == found.false_m == pytest.approx(300 / np.sqrt(2))


def test_mean_gospa_of_nothing_is_none():
    assert mean_gospa([]) == {"total": None, "localisation": None, "missed": None, "false": None}
    one = gospa(np.zeros((1, 3)), np.zeros((0, 3)))
    assert mean_gospa([one, gospa(np.zeros((1, 3)), np.zeros((1, 3)))])["missed"] == pytest.approx(
        300 / np.sqrt(2) / 2
    )


def test_place_on_a_path_is_not_a_number_off_its_ends():
    time_s, path = np.array([0.0, 1, 2]), np.array([[0.0, 0], [10, 0], [10, 10]])
    assert place_at(1.5, time_s, path) == pytest.approx([10, 5])
    assert np.isnan(place_at(np.array([-0.1, 2.1]), time_s, path)).all()


def test_a_track_follows_the_path_that_most_updates_lie_near():
    time_s = np.arange(0.0, 10, 0.5)
    first = np.stack([100 * time_s, 0 * time_s, 0 * time_s], axis=1)
    second = first + [0.0, 1000, 0]
    track = np.where((time_s < 2)[:, None], first, second) + 10.0
    share = np.array([[share_following(time_s, track, time_s, path, 300.0) for path in (first, second)]])
    assert share[0] == pytest.approx([0.2, 0.8])
    assert match_tracks(share).tolist() == [1]
    assert match_tracks(np.array([[0.2, 0.3]])).tolist() == [-1]
    assert match_tracks(np.zeros((2, 0))).tolist() == [-1, -1]
    assert share_following(time_s[:0], track[:0], time_s, first, 300.0) == 0.0


@pytest.mark.parametrize("probability", [0.5, 0.9, 0.95])
def test_ellipse_holds_its_probability(probability):
    rng = np.random.default_rng(1)
    cov = np.array([[900.0, 350], [350, 400]])
    offset = rng.multivariate_normal([0, 0], cov, 20000)
    inside = within_ellipse(offset, np.broadcast_to(cov, (20000, 2, 2)), probability)
    naive = np.einsum("ni,ij,nj->n", offset, np.linalg.inv(cov), offset) <= -2 * np.log(1 - probability)
    assert (inside == naive).all()
    assert inside.mean() == pytest.approx(probability, abs=0.012)  # 3 sigma of 20,000 draws


def test_ellipse_of_a_singular_covariance_holds_nothing():
    bad = np.array([[[1.0, 1], [1, 1]], [[np.nan, 0], [0, 1]]])
    assert not within_ellipse(np.zeros((2, 2)), bad, 0.9).any()


@given(st.floats(1, 1e4), st.floats(1, 1e4), st.floats(-1.5, 1.5))
def test_ellipse_axes_come_back(a, b, angle):
    major, minor = max(a, b), min(a, b)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    cov = turn @ np.diag([major**2, minor**2]) @ turn.T
    got_major, got_minor, got_angle = ellipse_axes(cov, 0.9)
    scale = ellipse_scale(0.9)
    assert (got_major, got_minor) == pytest.approx((major * scale, minor * scale), rel=1e-3)
    if major > 1.1 * minor:
        assert abs(np.sin(got_angle - angle)) < 1e-3


def test_small_statistics():
    assert root_mean_square([3.0, 4.0]) == pytest.approx(np.sqrt(12.5))
    assert root_mean_square([]) is mean([]) is median([]) is None
    assert mean([1.0, 2.0]) == 1.5
    assert median([1.0, 9.0, 2.0]) == 2.0


def test_groups_are_cut_at_gaps():
    assert groups_in_time([10.0, 0.0, 400.0, 305.0], 300.0) == [[1, 0, 3, 2]]
    assert groups_in_time([10.0, 0.0, 500.0], 300.0) == [[1, 0], [2]]
    assert groups_in_time([], 300.0) == []
