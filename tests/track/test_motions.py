"""Motions through time: against the exact flight, finite differences, and the laws of probability."""

import numpy as np
import pytest

from rampart.physics.drag import BROAD, SHAPE_CURVES
from rampart.physics.flight import fly
from rampart.track.bank import empty_work
from rampart.track.motions import (
    NEVER,
    add_noise,
    carry,
    carry_row,
    fall_about,
    fall_step,
    settle_weights,
    sky_of,
)
from rampart.track.settings import (
    BURNING,
    CLIMBING,
    CRUISING,
    DRIFTING,
    FALLING,
    MOTIONS,
    SWERVING,
    TURNING,
    TrackSettings,
)
from tests.track.sky import WORLD, make_site

pytestmark = pytest.mark.uncompiled
SKY = sky_of(make_site(), TrackSettings())
MOTION_COUNT = len(MOTIONS)
ROCKET = np.array([9000.0, 500.0, 900.0, -420.0, 30.0, 210.0, -7.6])


def exact(state, duration_s):
    out = np.empty(9)
    fly(np.concatenate([state, [0.0, 0.0]]), duration_s, WORLD, SHAPE_CURVES[BROAD], 0.02, out)
    return out[:7]


@pytest.mark.parametrize("duration_s", [0.5, 2.0, -0.5])
def test_falling_follows_the_exact_flight(duration_s):
    mean, cov = ROCKET.copy(), np.eye(7)
    carry(mean, cov, FALLING, duration_s, False, SKY, empty_work(MOTION_COUNT))
    want = exact(ROCKET, duration_s)
    np.testing.assert_allclose(mean[:3], want[:3], atol=0.6 * abs(duration_s))
    np.testing.assert_allclose(mean[3:6], want[3:6], atol=0.8 * abs(duration_s))


def test_the_transition_equals_finite_differences():
    transition, work = np.empty((7, 7)), np.empty((7, 7))
    fall_step(ROCKET.copy(), 0.5, 0.0, SKY, transition)
    numeric = np.empty((7, 7))
    for j, step in enumerate([10.0] * 3 + [1.0] * 3 + [0.01]):
        ends = []
        for sign in (1.0, -1.0):
            state = ROCKET.copy()
            state[j] += sign * step
            fall_step(state, 0.5, 0.0, SKY, work)
            ends.append(state)
        numeric[:, j] = (ends[0] - ends[1]) / (2.0 * step)
    gap = np.abs(transition - numeric)
    assert gap[:3, :6].max() < 1e-3
    assert gap[3:, :6].max() < 2e-3
    assert gap[:, 6].max() < 0.02 * np.abs(numeric[:, 6]).max()


def test_thrust_pushes_along_the_velocity():
    mean, transition = ROCKET.copy(), np.empty((7, 7))
    coasting = ROCKET.copy()
    fall_step(mean, 0.2, 100.0, SKY, transition)
    fall_step(coasting, 0.2, 0.0, SKY, transition)
    pushed = mean[3:6] - coasting[3:6]
    assert np.linalg.norm(pushed) == pytest.approx(20.0, rel=0.02)
    assert pushed @ ROCKET[3:6] == pytest.approx(
        np.linalg.norm(pushed) * np.linalg.norm(ROCKET[3:6]), rel=1e-3
    )


def test_gliding_equals_its_matrices():
    rng = np.random.default_rng(2)
    root = rng.normal(size=(7, 7))
    mean, cov = ROCKET.copy(), root @ root.T
    transition = np.eye(7)
    transition[:3, 3:6] = 1.3 * np.eye(3)
    want_mean, want_cov = transition @ mean, transition @ cov @ transition.T
    carry(mean, cov, CRUISING, 1.3, False, SKY, empty_work(MOTION_COUNT))
    np.testing.assert_allclose(mean, want_mean)
    np.testing.assert_allclose(cov, want_cov)


def test_noise_of_a_swerve_is_greatest_along_the_velocity():
    cov = np.zeros((7, 7))
    add_noise(ROCKET, cov, SWERVING, 0.5, SKY)
    ahead = ROCKET[3:6] / np.linalg.norm(ROCKET[3:6])
    own = MOTIONS[SWERVING]
    want = 0.5 * (own.thrust_wander_mps2**2 + own.wander_mps2**2)
    assert ahead @ cov[3:6, 3:6] @ ahead == pytest.approx(want, rel=0.1)
    assert np.all(np.linalg.eigvalsh(cov) > -1e-6)


def test_a_prior_carried_about_a_given_velocity_bends_as_that_flight():
    """Where the prior's mean stands still but the thing flies, drag must be the flight's, not the mean's."""
    unknown = ROCKET.copy()
    unknown[3:6] = 0.0
    cov = np.diag([1.0] * 3 + [400.0**2] * 3 + [0.01])
    fall_about(unknown, cov, *ROCKET[3:6], 2.0, 0.0, SKY, empty_work(MOTION_COUNT))
    fit = cov[:3, 3:6] @ np.linalg.inv(cov[3:6, 3:6])  # place given velocity, as a later plot uses it
    flown = exact(ROCKET, 2.0)
    place = unknown[:3] + fit @ (flown[3:6] - unknown[3:6])
    np.testing.assert_allclose(place, flown[:3], atol=15.0)


def make_row(weights):
    log_weight = np.array(weights, dtype=np.float64)
    settle_weights(log_weight)
    mean = np.tile(ROCKET, (MOTION_COUNT, 1))
    return mean, np.tile(np.eye(7), (MOTION_COUNT, 1, 1)), log_weight


def test_motions_pass_into_one_another_but_into_no_projectile():
    mean, cov, weight = make_row([NEVER, NEVER, 0.0, 0.0, 0.0, 0.0, 0.0])
    carry_row(mean, cov, weight, 5.0, 0.5, True, SKY, empty_work(MOTION_COUNT))
    assert weight[FALLING] == weight[BURNING] == NEVER
    assert np.exp(weight).sum() == pytest.approx(1.0)
    assert weight[CLIMBING] < weight[CRUISING]
    assert weight[DRIFTING] < weight[TURNING]


def test_a_projectile_never_becomes_an_aircraft():
    mean, cov, weight = make_row([0.0] + [NEVER] * 6)
    carry_row(mean, cov, weight, 5.0, 10.0, True, SKY, empty_work(MOTION_COUNT))
    assert weight.tolist() == [0.0] + [NEVER] * 6


def test_burning_becomes_falling_while_young_and_fast_and_then_ends():
    mean, cov, weight = make_row([NEVER, 0.0] + [NEVER] * 5)
    carry_row(mean, cov, weight, 2.0, 1.0, True, SKY, empty_work(MOTION_COUNT))
    assert np.exp(weight[FALLING]) == pytest.approx(1.0 - np.exp(-TrackSettings().burn_out_per_s), rel=1e-6)
    np.testing.assert_allclose(mean[FALLING], mean[BURNING])
    slow, cov, weight = make_row([NEVER, 0.0] + [NEVER] * 5)
    slow[:, 3:6] *= 0.1
    carry_row(slow, cov, weight, 0.1, 0.1, True, SKY, empty_work(MOTION_COUNT))
    assert weight[FALLING] == NEVER
    mean, cov, weight = make_row([0.0, 0.0] + [NEVER] * 5)
    carry_row(mean, cov, weight, 30.0, 0.5, True, SKY, empty_work(MOTION_COUNT))
    assert weight[BURNING] == NEVER
    assert weight[FALLING] == pytest.approx(0.0)


def test_what_is_hopeless_is_ruled_out():
    weight = np.array([0.0, -70.0, -10.0, NEVER, -np.inf, np.nan, -59.0])
    settle_weights(weight[:5])
    assert weight[1] == weight[3] == weight[4] == NEVER
    assert weight[2] > NEVER
