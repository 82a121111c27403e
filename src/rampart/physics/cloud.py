"""Where an uncertain state comes down: a cloud of impacts at random, or an ellipse by sigma points."""

from dataclasses import dataclass

import numpy as np

from rampart.numerics.gaussian import sigma_points
from rampart.numerics.jit import kernel
from rampart.physics.flight import LANDED, NO_CROSSING
from rampart.physics.lanes import Field, fly_lanes
from rampart.physics.motion import STATE_SIZE

CENTRE_SHARE = 1.0
"""Julier's kappa: the centre's weight is this over n + kappa, and every weight stays above zero. [julier]."""


@dataclass(frozen=True, slots=True)
class ImpactEllipse:
    """The normal distribution of an impact: `mean (3,)` and `covariance (3, 3)` of east m, north m and time s.

    `status`: LANDED, or why the impact is unknown (then NaN stands in both).
    """

    status: int
    mean: np.ndarray
    covariance: np.ndarray

    def axes_m(self, probability: float = 0.9) -> tuple[float, float, float]:
        """Return (half_major_m, half_minor_m, bearing_rad of the major axis) of the ellipse that holds it.

        The bearing is clockwise from north, 0...pi.
        """
        reach = np.sqrt(-2.0 * np.log1p(-probability))
        variances, directions = np.linalg.eigh(self.covariance[:2, :2])
        minor, major = reach * np.sqrt(np.maximum(variances, 0.0))
        return float(major), float(minor), float(np.arctan2(*directions[:, 1]) % np.pi)


def impact_ellipse(
    state: np.ndarray, covariance: np.ndarray, field: Field, ground_m: float, step_s: float, longest_s: float
) -> ImpactEllipse:
    """Return the impact on level ground of a normal state: `state (9,)`, `covariance (k, k)` of its first k."""
    mean, spread = np.empty(3), np.empty((3, 3))
    status = impact_moments(state, covariance, ground_m, step_s, longest_s, field, mean, spread)
    return ImpactEllipse(int(status), mean, spread)


@kernel
def impact_moments(state, covariance, ground_m, step_s, longest_s, field, out_mean, out_covariance):
    """Fill `out_mean (3,)`, `out_covariance (3, 3)` of east m, north m, time s; return the status.

    2 k + 1 points stand for the state's first k numbers. A covariance that is none gives NO_CROSSING, one that does
    not come down its status; the outputs are then NaN.
    """
    k = covariance.shape[0]
    n = 2 * k + 1
    points, factor = np.empty((n, k)), np.empty((k, k))
    out_mean[:] = np.nan
    out_covariance[:] = np.nan
    if not sigma_points(state[:k], covariance, k + CENTRE_SHARE, factor, points):
        return NO_CROSSING
    states, landed = np.empty((n, STATE_SIZE)), np.empty((n, STATE_SIZE))
    for i in range(n):
        for j in range(STATE_SIZE):
            states[i, j] = points[i, j] if j < k else state[j]
    time_s, status = np.empty(n), np.empty(n, np.int64)
    fly_lanes(states, ground_m, step_s, longest_s, field, landed, time_s, status)
    for i in range(n):
        if status[i] != LANDED:
            return status[i]
    side = 0.5 / (k + CENTRE_SHARE)
    out_mean[:] = 0.0
    for i in range(n):
        weight = 2.0 * CENTRE_SHARE * side if i == 0 else side
        out_mean[0] += weight * landed[i, 0]
        out_mean[1] += weight * landed[i, 1]
        out_mean[2] += weight * time_s[i]
    out_covariance[:] = 0.0
    for i in range(n):
        weight = 2.0 * CENTRE_SHARE * side if i == 0 else side
        away = (landed[i, 0] - out_mean[0], landed[i, 1] - out_mean[1], time_s[i] - out_mean[2])
        for a in range(3):
            for b in range(3):
                out_covariance[a, b] += weight * away[a] * away[b]
    return LANDED


def states_at_random(state: np.ndarray, covariance: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Return (n, 9) normal draws: `state (9,)`, `covariance (k, k)` of its first k numbers, positive definite."""
    k = len(covariance)
    draws = np.random.default_rng(seed).standard_normal((n, k))
    states = np.tile(state, (n, 1))
    states[:, :k] += draws @ np.linalg.cholesky(covariance).T
    return states
