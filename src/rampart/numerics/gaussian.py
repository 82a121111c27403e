"""Gaussian densities, distances, weights of mixtures and sigma points, for kernels."""

import math

import numpy as np

from rampart.numerics.jit import kernel
from rampart.numerics.linalg import cholesky, log_determinant, solve_lower

LOG_TURN = math.log(2.0 * math.pi)


@kernel
def whitened_square(residual, lower, scratch):
    """Return r' (L L')^-1 r, the squared Mahalanobis distance; `residual`, `scratch (n,)`."""
    solve_lower(lower, residual, scratch)
    total = 0.0
    for i in range(scratch.shape[0]):
        total += scratch[i] * scratch[i]
    return total


@kernel
def log_density(residual, cov, scratch_l, scratch):
    """Return ln N(residual; 0, cov); -inf where `cov (n, n)` is not positive definite.

    `scratch_l (n, n)` is left with the lower factor, `scratch (n,)` with the whitened residual.
    """
    if not cholesky(cov, scratch_l):
        return -np.inf
    square = whitened_square(residual, scratch_l, scratch)
    return -0.5 * (square + log_determinant(scratch_l) + residual.shape[0] * LOG_TURN)


@kernel
def log_sum_exp(log_weights):
    """Return ln sum exp of `log_weights (n,)`, without overflow; -inf where all are, or there are none."""
    highest = -np.inf
    for i in range(log_weights.shape[0]):
        highest = max(highest, log_weights[i])
    if highest == -np.inf:
        return highest
    total = 0.0
    for i in range(log_weights.shape[0]):
        total += math.exp(log_weights[i] - highest)
    return highest + math.log(total)


@kernel
def normalise_log(log_weights, out_weights):
    """Fill `out_weights (n,)`, sum 1, from logs of any common scale; return the log of what their sum was.

    Where every log is -inf the weights are even.
    """
    total = log_sum_exp(log_weights)
    n = log_weights.shape[0]
    for i in range(n):
        out_weights[i] = math.exp(log_weights[i] - total) if total > -np.inf else 1.0 / n
    return total


@kernel
def normal_below(x):
    """Return the probability that a standard normal number lies below x."""
    return 0.5 * math.erfc(-x * 0.7071067811865476)


@kernel
def chi_square_2_below(x):
    """Return the probability that a chi-square number of two degrees is below x."""
    return -math.expm1(-0.5 * x) if x > 0.0 else 0.0


@kernel
def mixture_moments(weights, means, covs, out_mean, out_cov):
    """Fill `out_mean (n,)` and `out_cov (n, n)` of k Gaussians: `weights (k,)`, `means (k, n)`, `covs`."""
    n = out_mean.shape[0]
    for i in range(n):
        out_mean[i] = 0.0
        for k in range(weights.shape[0]):
            out_mean[i] += weights[k] * means[k, i]
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(weights.shape[0]):
                spread = (means[k, i] - out_mean[i]) * (means[k, j] - out_mean[j])
                total += weights[k] * (covs[k, i, j] + spread)
            out_cov[i, j] = total


@kernel
def sigma_points(mean, cov, spread, scratch_l, out_points):
    """Fill `out_points (2 n + 1, n)`: the mean, then mean +- sqrt(spread) times each column of cov's factor.

    `spread` is n + lambda of [julier]; the weights that keep mean and covariance are 1 - n / spread for the
    first point and 1 / (2 spread) for each other. Return False where `cov (n, n)` is not positive definite.
    """
    if not cholesky(cov, scratch_l):
        return False
    n = mean.shape[0]
    root = math.sqrt(spread)
    for i in range(n):
        out_points[0, i] = mean[i]
        for j in range(n):
            offset = root * scratch_l[i, j]
            out_points[1 + j, i] = mean[i] + offset
            out_points[1 + n + j, i] = mean[i] - offset
    return True
