"""Scalar corrections, propagation and mixtures against their textbook matrices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

from rampart.numerics.kalman import correct, log_sum, merge, normal_share, propagate

pytestmark = pytest.mark.uncompiled
seeds = st.integers(0, 10_000)


def gaussian(rng, n=7):
    root = rng.normal(size=(n, n))
    return rng.normal(size=n), root @ root.T + 0.1 * np.eye(n)


@given(seeds, st.integers(1, 7))
@settings(max_examples=40, deadline=None)
def test_correct_equals_the_matrix_formula(seed, parts):
    rng = np.random.default_rng(seed)
    mean, cov = gaussian(rng)
    row, variance, measured = rng.normal(size=parts), 0.3, 1.7
    h = np.concatenate([row, np.zeros(7 - parts)])
    spread = h @ cov @ h + variance
    gain = cov @ h / spread
    want_mean, want_cov = mean + gain * (measured - h @ mean), cov - np.outer(gain, h @ cov)
    want_fit = norm.logpdf(measured, h @ mean, np.sqrt(spread))
    fit = correct(mean, cov, row, measured - h @ mean, variance, np.empty(7))
    assert fit == pytest.approx(want_fit)
    np.testing.assert_allclose(mean, want_mean, atol=1e-10)
    np.testing.assert_allclose(cov, want_cov, atol=1e-9)


def test_corrections_in_turn_equal_the_joint_likelihood():
    rng = np.random.default_rng(1)
    mean, cov = gaussian(rng)
    h, noise, measured = rng.normal(size=(3, 7)), np.array([0.5, 0.1, 2.0]), rng.normal(size=3)
    want = multivariate_normal.logpdf(measured, h @ mean, h @ cov @ h.T + np.diag(noise))
    total = 0.0
    for i in range(3):
        total += correct(mean, cov, h[i], measured[i] - h[i] @ mean, noise[i], np.empty(7))
    assert total == pytest.approx(want)


def test_a_measurement_without_spread_is_left_out():
    mean, cov = np.zeros(2), np.zeros((2, 2))
    assert correct(mean, cov, np.array([1.0, 0.0]), 1.0, 0.0, np.empty(2)) == -np.inf
    assert correct(mean, cov, np.array([1.0, 0.0]), 1.0, np.nan, np.empty(2)) == -np.inf
    assert mean.tolist() == [0.0, 0.0]


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_propagate_equals_the_product(seed):
    rng = np.random.default_rng(seed)
    _, cov = gaussian(rng)
    transition = rng.normal(size=(7, 7)) * (rng.random((7, 7)) < 0.5)
    want = transition @ cov @ transition.T
    propagate(cov, transition, np.empty((7, 7)))
    np.testing.assert_allclose(cov, want, atol=1e-9)


@given(seeds, st.floats(0.0, 1.0))
@settings(max_examples=20, deadline=None)
def test_merge_keeps_the_moments_of_the_mixture(seed, share):
    rng = np.random.default_rng(seed)
    mean, cov = gaussian(rng)
    other_mean, other_cov = gaussian(rng)
    want_mean = (1.0 - share) * mean + share * other_mean
    second = (1.0 - share) * (cov + np.outer(mean, mean)) + share * (
        other_cov + np.outer(other_mean, other_mean)
    )
    merge(share, other_mean, other_cov, mean, cov)
    np.testing.assert_allclose(mean, want_mean, atol=1e-10)
    np.testing.assert_allclose(cov, second - np.outer(want_mean, want_mean), atol=1e-9)


def test_log_sum_of_far_apart_and_of_nothing():
    assert log_sum(np.array([-1e300, 0.0, -800.0])) == pytest.approx(0.0)
    assert log_sum(np.array([1000.0, 1000.0])) == pytest.approx(logsumexp([1000.0, 1000.0]))
    assert log_sum(np.array([-np.inf, -np.inf])) == -np.inf


def test_normal_share_is_near_the_normal():
    x = np.linspace(-6.0, 6.0, 101)
    np.testing.assert_allclose([normal_share(v) for v in x], norm.cdf(x), atol=1e-3)
    assert normal_share(-1e3) == 0.0
    assert normal_share(1e3) == 1.0
