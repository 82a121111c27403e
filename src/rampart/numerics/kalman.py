"""Small Gaussian estimation in place: scalar corrections, propagation, moment matching."""

import numpy as np

from rampart.numerics.jit import lean_kernel

LOG_2PI = 1.8378770664093453


@lean_kernel
def correct(mean, cov, row, innovation, variance, work):
    """Correct `mean (n,)`, `cov (n, n)` by one scalar; return the innovation's log likelihood.

    `row (k,)`, k <= n: derivative of the measured scalar by the first k components, the rest zero;
    `innovation`: measured minus predicted at `mean`; `variance` of the measurement; `work (n,)` scratch.
    A measurement whose predicted variance is not positive is left out at likelihood zero (-inf).
    """
    n, k = mean.shape[0], row.shape[0]
    spread = variance
    for i in range(n):
        total = 0.0
        for j in range(k):
            total += cov[i, j] * row[j]
        work[i] = total
        if i < k:
            spread += total * row[i]
    if not spread > 0.0:
        return -np.inf
    scaled = innovation / spread
    for i in range(n):
        mean[i] += work[i] * scaled
        gain = work[i] / spread
        for j in range(i + 1):
            cov[i, j] -= gain * work[j]
            cov[j, i] = cov[i, j]
    return -0.5 * (LOG_2PI + np.log(spread) + innovation * scaled)


@lean_kernel
def propagate(cov, transition, work):
    """Replace `cov (n, n)` by F cov F' for `transition` F `(n, n)`; `work (n, n)` scratch."""
    n = cov.shape[0]
    for i in range(n):
        for k in range(n):
            work[i, k] = 0.0
        for j in range(n):
            f = transition[i, j]
            if f != 0.0:
                for k in range(n):
                    work[i, k] += f * cov[j, k]
    for i in range(n):
        for k in range(i + 1):
            total = 0.0
            for j in range(n):
                total += work[i, j] * transition[k, j]
            cov[i, k] = total
            cov[k, i] = total


@lean_kernel
def merge(share, other_mean, other_cov, mean, cov):
    """Replace `mean (n,)`, `cov (n, n)` by the moments of the mixture (1 - share) own + share other."""
    n = mean.shape[0]
    for i in range(n):
        for j in range(i + 1):
            gap = (other_mean[i] - mean[i]) * (other_mean[j] - mean[j])
            cov[i, j] += share * (other_cov[i, j] - cov[i, j]) + share * (1.0 - share) * gap
            cov[j, i] = cov[i, j]
    for i in range(n):
        mean[i] += share * (other_mean[i] - mean[i])


@lean_kernel
def log_sum(values):
    """Return ln of the sum of exp of `values (n,)`; -inf of nothing."""
    top = -np.inf
    for value in values:
        top = max(top, value)
    if top == -np.inf:
        return top
    total = 0.0
    for value in values:
        total += np.exp(value - top)
    return top + np.log(total)


@lean_kernel
def normal_share(x):
    """Return the standard normal's probability below `x`, by a logistic within 2e-4; 0 or 1 past +-9. [page1977]"""
    if abs(x) > 9.0:
        return 1.0 if x > 0.0 else 0.0
    return 1.0 / (1.0 + np.exp(-1.5976 * x - 0.07056 * x * x * x))
