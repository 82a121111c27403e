"""Gaussian kernels against scipy's distributions."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from rampart.numerics.gaussian import (
    chi_square_2_below,
    log_density,
    log_sum_exp,
    mixture_moments,
    normal_below,
    normalise_log,
    sigma_points,
    whitened_square,
)

pytestmark = pytest.mark.uncompiled
COV = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]])


def test_density_and_distance_are_scipys():
    residual = np.array([1.0, -2.0, 0.3])
    lower, scratch = np.empty((3, 3)), np.empty(3)
    expected = stats.multivariate_normal(np.zeros(3), COV).logpdf(residual)
    assert log_density(residual, COV, lower, scratch) == pytest.approx(expected)
    square = whitened_square(residual, lower, scratch)
    assert square == pytest.approx(residual @ np.linalg.solve(COV, residual))
    assert log_density(residual, -COV, lower, scratch) == -np.inf


@pytest.mark.parametrize("logs", [[0.0, -1.0, 3.0], [-2000.0, -2001.0], [900.0], [-np.inf, 0.0]])
def test_sums_of_logs_are_scipys(logs):
    logs, weights = np.array(logs), np.empty(len(logs))
    assert log_sum_exp(logs) == pytest.approx(logsumexp(logs))
    assert normalise_log(logs, weights) == pytest.approx(logsumexp(logs))
    assert weights == pytest.approx(np.exp(logs - logsumexp(logs)))


def test_no_evidence_at_all_leaves_even_weights():
    weights = np.empty(4)
    assert normalise_log(np.full(4, -np.inf), weights) == -np.inf
    assert weights == pytest.approx(np.full(4, 0.25))
    assert log_sum_exp(np.empty(0)) == -np.inf


def test_distribution_functions_are_scipys():
    for x in (-8.0, -1.5, 0.0, 0.4, 3.0):
        assert normal_below(x) == pytest.approx(stats.norm.cdf(x), rel=1e-12)
        assert chi_square_2_below(x) == pytest.approx(stats.chi2(2).cdf(x), rel=1e-12)


def test_moments_of_a_mixture_are_those_of_its_parts():
    rng = np.random.default_rng(5)
    weights, means = np.array([0.2, 0.5, 0.3]), rng.normal(size=(3, 2))
    covs = np.stack([np.eye(2), 2.0 * np.eye(2), np.array([[1.0, 0.4], [0.4, 0.7]])])
    mean, cov = np.empty(2), np.empty((2, 2))
    mixture_moments(weights, means, covs, mean, cov)
    assert mean == pytest.approx(weights @ means)
    second = np.einsum("k,kij->ij", weights, covs + means[:, :, None] * means[:, None, :])
    assert cov == pytest.approx(second - np.outer(mean, mean))


@pytest.mark.parametrize("spread", [3.0, 5.5])
def test_sigma_points_keep_mean_and_covariance(spread):
    mean, points = np.array([1.0, 2.0, 3.0]), np.empty((7, 3))
    assert sigma_points(mean, COV, spread, np.empty((3, 3)), points)
    weights = np.array([1.0 - 3.0 / spread] + [0.5 / spread] * 6)
    assert weights @ points == pytest.approx(mean)
    offset = points - mean
    assert np.einsum("k,ki,kj->ij", weights, offset, offset) == pytest.approx(COV)
    assert not sigma_points(mean, -COV, spread, np.empty((3, 3)), points)
