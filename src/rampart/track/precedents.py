"""Precedents: a salvo flies nearly one path, so the rockets that are followed say how the next one begins.

Two plots half a second apart leave the velocity across the line of sight open by 60 m/s and more; where rockets start
side by side, the first plot of one and the second of another then make a fair pair. Where a projectile has passed
before, half of the prior of a new one's velocity is gathered about that of the old one there. The prior stays a
density: what does not go the same way loses no more than half its odds. It says nothing of what a track is: an aircraft
on a rocket's path is as much an aircraft as elsewhere.
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import lean_kernel
from rampart.numerics.kalman import LOG_2PI, correct
from rampart.track.settings import BURNING, FALLING

MOST_PRECEDENTS, MOST_POINTS = 64, 24
POINT_S = 0.5
"""Each precedent keeps its first so many points of the path, so far apart."""

NEAR_M = 400.0
"""So near to a path a new track may follow it."""

SHARE, SPREAD_MPS = 0.5, 40.0
"""How often what begins on a path goes on along it, and how far its velocity then differs, on each axis."""


class Precedents(NamedTuple):
    """Paths of k projectiles: `place_m (k, MOST_POINTS, 3)`, `velocity_mps` alike, `points (k,)`: how many each has."""

    place_m: np.ndarray
    velocity_mps: np.ndarray
    points: np.ndarray


def no_precedents() -> Precedents:
    """Return room for precedents."""
    shape = (MOST_PRECEDENTS, MOST_POINTS, 3)
    return Precedents(np.zeros(shape), np.zeros(shape), np.zeros(MOST_PRECEDENTS, np.int64))


@lean_kernel
def follow_precedent(mean, cov, log_weight, sky, work):
    """Take in what precedents say of a row of two plots, `mean (m, 7)`, `cov (m, 7, 7)`, `log_weight (m,)`, in place.

    Returns the ln odds that the row gains. Its falling motion is corrected where it likely follows one; falling and
    burning share their weight anew, all other motions keep theirs.
    """
    state, spread = mean[FALLING], cov[FALLING]
    kind = sky.motions[FALLING]
    if not log_weight[FALLING] > log_weight[BURNING] - 20.0 or not log_weight[FALLING] > -20.0:
        return 0.0
    count, total, nearest, least_m2 = 0, 0.0, (0.0, 0.0, 0.0), np.inf
    alone = _log_density(
        state[3], state[4], state[5] - kind.v_up_mps,
        kind.speed_sigma_mps**2, kind.speed_sigma_mps**2, kind.climb_sigma_mps**2,
    )  # fmt: skip
    for other in range(sky.precedents.points.shape[0]):
        point, far_m2 = _nearest(state, other, sky.precedents)
        if far_m2 > NEAR_M * NEAR_M:
            continue
        v = sky.precedents.velocity_mps[other, point]
        near = _log_density(
            state[3] - v[0], state[4] - v[1], state[5] - v[2],
            spread[3, 3] + SPREAD_MPS**2, spread[4, 4] + SPREAD_MPS**2, spread[5, 5] + SPREAD_MPS**2,
        )  # fmt: skip
        count += 1
        total += np.exp(min(near - alone, 50.0))
        if far_m2 < least_m2:
            least_m2, nearest = far_m2, (v[0], v[1], v[2])
    if count == 0:
        return 0.0
    told = SHARE * total / count
    gain = np.log(1.0 - SHARE + told)
    if told > 1.0 - SHARE:
        for i in range(3):
            work.product[0, :6] = 0.0
            work.product[0, i + 3] = 1.0
            correct(state, spread, work.product[0, :6], nearest[i] - state[i + 3], SPREAD_MPS**2, work.vector)
    falls, burns = np.exp(log_weight[FALLING]), np.exp(log_weight[BURNING])
    lifted = falls * np.exp(gain)
    log_weight[FALLING] += gain - np.log((lifted + burns) / (falls + burns))
    log_weight[BURNING] -= np.log((lifted + burns) / (falls + burns))
    return np.log(1.0 + (lifted - falls))


@lean_kernel
def _nearest(state, other, precedents):
    """Return the point of a path that is nearest to a place, and its squared distance."""
    best, least_m2 = 0, np.inf
    for k in range(precedents.points[other]):
        far_m2 = 0.0
        for i in range(3):
            far_m2 += (precedents.place_m[other, k, i] - state[i]) ** 2
        if far_m2 < least_m2:
            best, least_m2 = k, far_m2
    return best, least_m2


@lean_kernel
def _log_density(x, y, z, var_x, var_y, var_z):
    """Return ln of a normal density at an offset with variances on each axis."""
    distance = x * x / var_x + y * y / var_y + z * z / var_z
    return -0.5 * (3.0 * LOG_2PI + np.log(var_x * var_y * var_z) + distance)
