"""The bound against one made by brute force, and what it must do with more, better or fewer plots."""

import numpy as np
import pytest

from rampart.evaluate.bound import NO_BOUND, PATTERNS, detection_patterns, impact_bound
from rampart.physics.drag import curve_from_points
from rampart.physics.flight import LANDED, UNDERGROUND, fly, fly_to_ground
from rampart.physics.radar import measure
from rampart.predict.fit import LIBRARY
from rampart.predict.path import lay_curve
from rampart.predict.priors import BUMP_SIGMA, POSITION_SIGMA_M, TILT_SIGMA, VELOCITY_SIGMA_MPS
from rampart.predict.problem import library_of
from rampart.predict.spread import AHEAD_DENSITY_SIGMA, AHEAD_WIND_SHARE, FLOOR_M
from tests.predict.simulation import EAST, TERRAIN, WEST, WORLD, radar_at, rocket_122, shoot, site_of

SITE = site_of(WEST, EAST)
SHOT = rocket_122(steepness_deg=17.0)
TIMES = np.arange(3.0, 13.0, 0.5)
RADAR = np.arange(len(TIMES)) % 2


def bound(times=TIMES, radar=RADAR, site=SITE, shot=SHOT, **other):
    return impact_bound(shot.at(times[0]), shot.curve, times, radar, site, **other)


def test_it_equals_the_bound_by_brute_force():
    """Central differences of each measurement and of the impact by 11 parameters and 8 biases, then one
    inverse."""
    state, library = SHOT.at(TIMES[0]), library_of(SHOT.curve)
    steps = np.array([1.0] * 3 + [0.1] * 3 + [1e-3, 0.1, 0.1, 1e-2, 1e-2])

    def everything(parameters):
        curve, out = np.empty(SHOT.curve.shape), []
        lay_curve(library, parameters[9], parameters[10], curve)
        now = np.empty(9)
        for time_s, radar in zip(TIMES, RADAR, strict=True):
            fly(parameters[:9].copy(), time_s - TIMES[0], WORLD, curve, 0.05, now)
            out += list(measure(now, (WEST, EAST)[radar].frame))
        landed = np.empty(9)
        fly_to_ground(parameters[:9].copy(), WORLD, curve, TERRAIN, 0.05, 100.0, landed)
        ahead = []
        for k, step in ((7, 0.1), (8, 0.1), (6, 1e-3)):
            moved = now.copy()
            moved[k] += step
            there, here = np.empty(9), np.empty(9)
            fly_to_ground(moved, WORLD, curve, TERRAIN, 0.05, 100.0, there)
            fly_to_ground(now.copy(), WORLD, curve, TERRAIN, 0.05, 100.0, here)
            ahead.append((there - here)[:2] / step)
        return np.array(out), landed[:2].copy(), np.array(ahead)

    base = np.append(state, [0.0, 0.0])
    seen, falls = [], []
    for j, step in enumerate(steps):
        move = np.zeros(11)
        move[j] = step
        up, down = everything(base + move), everything(base - move)
        seen.append((up[0] - down[0]) / (2.0 * step))
        falls.append((up[1] - down[1]) / (2.0 * step))
    noise = np.tile(WEST.sigma, len(TIMES))
    rows = np.hstack([np.array(seen).T, np.zeros((len(noise), 8))])
    for k, radar in enumerate(RADAR):
        for c in range(4):
            rows[4 * k + c, 11 + 4 * radar + c] = 1.0
    prior = [POSITION_SIGMA_M] * 3 + [VELOCITY_SIGMA_MPS] * 3 + [0.45, 6.0, 6.0, TILT_SIGMA, BUMP_SIGMA]
    prior = np.concatenate([prior, WEST.bias_sigma, EAST.bias_sigma])
    covariance = np.linalg.inv(rows.T @ (rows / noise[:, None] ** 2) + np.diag(prior**-2.0))[:11, :11]
    jacobian, ahead = np.array(falls).T, everything(base)[2]
    wind = AHEAD_WIND_SHARE * 6.0
    wanted = jacobian @ covariance @ jacobian.T + FLOOR_M**2 * np.eye(2)
    wanted += wind**2 * ahead[:2].T @ ahead[:2] + AHEAD_DENSITY_SIGMA**2 * np.outer(ahead[2], ahead[2])
    found = bound()
    assert found.status == LANDED
    assert found.covariance[:2, :2] == pytest.approx(wanted, rel=0.01)
    assert found.rms_m == pytest.approx(np.sqrt(np.trace(wanted)), rel=0.005)


def test_it_falls_with_time_a_second_radar_and_what_is_known():
    rms = [bound(TIMES[:n], RADAR[:n]).rms_m for n in (4, 8, 12, 20)]
    assert np.all(np.diff(rms) < 0.0)
    alone = bound(radar=np.zeros_like(RADAR))
    assert bound(np.repeat(TIMES, 2), np.tile([0, 1], len(TIMES))).rms_m < alone.rms_m
    assert bound(log_drag_sigma=0.05).rms_m < bound().rms_m
    assert bound(elevation_seen=np.arange(20) % 2 == 0).rms_m > bound().rms_m
    assert bound(site=site_of(WEST, EAST, wind_sigma_mps=0.5)).rms_m < bound().rms_m
    slow = site_of(radar_at(33.30, 44.395, doppler=False), radar_at(33.318, 44.43, doppler=False))
    assert bound(site=slow).rms_m > 1.3 * bound().rms_m


def test_probable_detections_lie_between_all_and_likely():
    likely = np.full(len(TIMES), 0.8)
    rms = bound(detection=likely).rms_m
    assert bound().rms_m < rms
    assert rms < bound(TIMES[::2], RADAR[::2]).rms_m
    assert bound(detection=np.ones(len(TIMES))).rms_m == pytest.approx(bound().rms_m)
    assert bound(detection=likely).rms_m == rms


@pytest.mark.uncompiled
def test_patterns_see_each_plot_as_often_as_they_should():
    detection = np.array([0.3, 0.9, 0.5, 0.7, 1.0, 0.0])
    seen = detection_patterns(detection)
    assert seen.shape == (PATTERNS, 6)
    assert np.all(seen[:, 0])
    assert seen[:, 1:].mean(axis=0) == pytest.approx(detection[1:], abs=1.0 / PATTERNS)
    together = detection_patterns(np.full(40, 0.5))[:, 1:]
    assert np.abs(np.corrcoef(together.T) - np.eye(39)).max() < 0.8  # 39 pairs of 32 patterns, by chance


@pytest.mark.uncompiled
def test_nothing_seen_or_no_landing_is_a_status():
    none = impact_bound(SHOT.at(5.0), SHOT.curve, np.empty(0), np.empty(0, int), SITE)
    assert none is NO_BOUND
    assert none.rms_m == np.inf
    under = SHOT.at(5.0).copy()
    under[2] = -3000.0
    below = impact_bound(under, SHOT.curve, TIMES[:2], RADAR[:2], SITE)
    assert below.status == UNDERGROUND
    assert below.rms_m == np.inf


@pytest.mark.uncompiled
def test_a_short_track_near_the_ground():
    curve = curve_from_points(np.array([0.0, 1.0, 3.0]), np.array([0.2, 0.4, 0.3]))
    shot = shoot(150.0, 50.0, -6.5, curve)
    times = shot.impact_s - np.array([4.0, 3.5, 3.0])
    found = impact_bound(shot.at(times[0]), curve, times, np.zeros(3, int), site_of(WEST))
    assert found.status == LANDED
    assert 1.0 < found.rms_m < 300.0


def test_the_published_shapes_serve_as_truth_too():
    assert np.allclose(library_of(LIBRARY[2][0]), LIBRARY[2])
