"""Precedents: what begins on a rocket's path and goes its way is likelier one thing's, and no likelier a rocket."""

import math

import numpy as np
import pytest

from rampart.track.bank import empty_bank, empty_work
from rampart.track.lifecycle import leave_precedents
from rampart.track.motions import sky_of
from rampart.track.precedents import NEAR_M, POINT_S, SHARE, follow_precedent
from rampart.track.settings import BURNING, CRUISING, FALLING, MOTIONS, TrackSettings
from tests.sites import make_site

M = len(MOTIONS)
PLACE_M, VELOCITY_MPS = np.array([9000.0, 1500.0, 300.0]), np.array([-250.0, -40.0, 150.0])


def pair(velocity_mps, spread_mps=60.0, fall=0.5, burn=0.4):
    """Return the filters of a row of two plots whose velocity is known to so many m/s."""
    mean, cov = np.zeros((M, 7)), np.zeros((M, 7, 7))
    mean[:, :3], mean[:, 3:6], mean[:, 6] = PLACE_M, velocity_mps, -7.2
    cov[:] = np.diag([400.0] * 3 + [spread_mps**2] * 3 + [0.6])
    weight = np.full(M, (1.0 - fall - burn) / (M - 2))
    weight[FALLING], weight[BURNING] = fall, burn
    return mean, cov, np.log(weight)


def sky_with(*velocities_mps):
    """Return a sky in which rockets have passed the place at these velocities."""
    sky = sky_of(make_site(), TrackSettings())
    for k, velocity_mps in enumerate(velocities_mps):
        sky.precedents.points[k] = 2
        sky.precedents.place_m[k, :2] = PLACE_M + 50.0, PLACE_M - 5.0 * NEAR_M
        sky.precedents.velocity_mps[k, 0] = velocity_mps
    return sky


@pytest.mark.uncompiled
def test_without_a_precedent_nothing_changes():
    mean, cov, log_weight = pair(VELOCITY_MPS)
    before = mean.copy(), cov.copy(), log_weight.copy()
    assert follow_precedent(mean, cov, log_weight, sky_with(), empty_work(M)) == 0.0
    for now, then in zip((mean, cov, log_weight), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.uncompiled
def test_what_goes_the_same_way_gains_and_its_velocity_is_known_better():
    mean, cov, log_weight = pair(VELOCITY_MPS + np.array([30.0, 10.0, -20.0]))
    gain = follow_precedent(mean, cov, log_weight, sky_with(VELOCITY_MPS), empty_work(M))
    assert 2.0 < gain < 8.0
    assert np.linalg.norm(mean[FALLING, 3:6] - VELOCITY_MPS) < 20.0
    assert math.sqrt(cov[FALLING, 3, 3]) < 40.0
    assert mean[CRUISING, 3] == VELOCITY_MPS[0] + 30.0


@pytest.mark.uncompiled
def test_it_says_nothing_of_what_a_track_is():
    mean, cov, log_weight = pair(VELOCITY_MPS, fall=0.02, burn=0.01)
    follow_precedent(mean, cov, log_weight, sky_with(VELOCITY_MPS), empty_work(M))
    projectile = np.exp(log_weight[FALLING]) + np.exp(log_weight[BURNING])
    assert projectile == pytest.approx(0.03, rel=1e-9)
    assert log_weight[FALLING] > log_weight[BURNING] + 3.0


@pytest.mark.uncompiled
def test_what_goes_another_way_loses_no_more_than_the_share():
    mean, cov, log_weight = pair(np.array([300.0, 200.0, -100.0]), fall=1.0 - 1e-6, burn=1e-7)
    gain = follow_precedent(mean, cov, log_weight, sky_with(VELOCITY_MPS), empty_work(M))
    assert gain == pytest.approx(math.log(1.0 - SHARE), abs=1e-4)
    assert mean[FALLING, 3] == 300.0


def test_the_prior_stays_a_density():
    """Over all velocities the odds gained average to 1: what precedents give to some pairs they take from others."""
    sky, work, rng = sky_with(VELOCITY_MPS, VELOCITY_MPS + 60.0), empty_work(M), np.random.default_rng(5)
    kind, gains = MOTIONS[FALLING], []
    sigma_mps = np.array([kind.speed_sigma_mps, kind.speed_sigma_mps, kind.climb_sigma_mps])
    for _ in range(20000):
        velocity_mps = np.array([0.0, 0.0, kind.v_up_mps]) + sigma_mps * rng.standard_normal(3)
        mean, cov, log_weight = pair(velocity_mps, 1.0, 1.0 - 1e-12, 1e-13)
        gains.append(math.exp(follow_precedent(mean, cov, log_weight, sky, work)))
    # the mean's standard error is 0.02; a false alarm of this test has a probability of 1e-5 at 4.4 of them
    assert np.mean(gains) == pytest.approx(1.0, abs=0.1)


@pytest.mark.uncompiled
def test_a_track_leaves_its_path_back_to_the_first_plot():
    sky, work, bank = sky_with(), empty_work(M), empty_bank(1, M, 1)
    bank.mean[0], bank.cov[0], bank.log_weight[0] = pair(VELOCITY_MPS, fall=0.999, burn=1e-4)
    bank.rows["first_s"], bank.rows["time_s"], bank.rows["count"], bank.rows["id"] = 100.0, 101.0, 3, 7
    leave_precedents(bank, np.array([0]), np.array([True]), sky, work)
    points = int(sky.precedents.points[7])
    assert points == 1 + round(1.0 / POINT_S)
    back_m = sky.precedents.place_m[7, points - 1]
    assert np.linalg.norm(back_m - (PLACE_M - VELOCITY_MPS)) < 15.0
    assert sky.precedents.velocity_mps[7, points - 1, 2] > VELOCITY_MPS[2] + 5.0
    assert bank.mean[0, FALLING, 0] == PLACE_M[0]
