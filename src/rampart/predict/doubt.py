"""Whether a track is a projectile after all: how badly the ballistic fit fits, and whether powered flight
fits better."""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.numerics.linalg import cholesky, solve_cholesky
from rampart.physics.radar import RadarFrame, measure_with_jacobian
from rampart.predict.held import NUMBERS, PRIOR_SQUARES, SQUARES
from rampart.predict.normal import MOST_SQUARES, misses, squares_each
from rampart.predict.sights import place_of_sight

BAD_RATIO, RATIO_WIDTH = 5.5, 0.4
"""Mean square of the normalised residuals at which the fit is as likely wrong as right; noise twice as large
as the radar claims still passes."""
YOUNG_S, LOOK_CLOSER_FROM = 20.0, 1.2
"""Age up to which powered flight is always tried, and the mean square from which it is later."""
POWERED_MARGIN = 3.0
"""Nats by which powered flight must be the better story before it is as likely."""
POWERED_SPAN_S = 15.0
"""Powered flight is held against the newest part of the track: its acceleration is taken as constant
there."""
SIDE_SIGMA_MPS2, UP_SIGMA_MPS2, POWERED_SPEED_SIGMA_MPS = 8.0, 2.0, 300.0
"""Acceleration of what flies under power: it turns, yet it does not fall."""
ROUNDS, SETTLED_SQUARES = 3, 0.05
"""Steps towards the best flight, and the change of its squares that ends them."""


@kernel
def projectile_share(s, found, sights, radars, first, library, world, step_s, room):
    """Return how far the residuals of the fit `found` of shape `s` leave room for a projectile, 0...1.

    `first` sight of those fitted; `library (3, n, 4)` of the shape; the other arguments as of a Task.
    """
    sums = found.sums[s]
    squares, numbers = sums[SQUARES] + sums[PRIOR_SQUARES], sums[NUMBERS]
    share = ballistic_share(squares, numbers)
    young = sights.time_s[-1] - sights.time_s[0] < YOUNG_S
    if young or squares > LOOK_CLOSER_FROM * numbers:
        begin = newest_from(first, sights)
        if begin > first:
            each = np.empty(sights.time_s.shape[0])
            squares_each(
                found.parameters[s], found.bias[s], sights, radars, library, world, step_s, room, each
            )
            squares = sums[PRIOR_SQUARES]
            for k in range(begin, each.shape[0]):
                squares += min(each[k], MOST_SQUARES)
        share *= powered_share(begin, sights, radars, squares)
    return share


@kernel
def ballistic_share(squares, numbers):
    """Return the probability that these squares, the prior's included, are those of the right model."""
    if numbers <= 6:
        return 1.0
    return 1.0 / (1.0 + np.exp(min(max((squares / numbers - BAD_RATIO) / RATIO_WIDTH, -50.0), 50.0)))


@kernel
def newest_from(first, sights):
    """Return the sight, `first` or later, from which powered flight is tried: POWERED_SPAN_S before the newest."""
    while sights.time_s[first] <= sights.time_s[-1] - POWERED_SPAN_S:
        first += 1
    return first


@kernel
def powered_share(begin, sights, radars, ballistic):
    """Return 1 where a projectile explains the sights from `begin` on best, towards 0 the better powered flight does.

    `ballistic`: their sum of squares under the ballistic fit, and its prior's. Both stories' sums are scaled by the
    better one's excess over noise, so that a radar worse than it claims does not decide.
    """
    numbers = 0
    for k in range(begin, sights.time_s.shape[0]):
        for c in range(4):
            numbers += 1 if sights.precision[k, c] > 0.0 else 0
    if numbers <= 12:
        return 1.0
    powered = powered_squares(begin, sights, radars)
    if not np.isfinite(powered):
        return 1.0
    scale = max(1.0, min(ballistic, powered) / max(numbers - 9, 1))
    nats = 0.5 * (ballistic - powered) / scale - POWERED_MARGIN
    return 1.0 / (1.0 + np.exp(min(max(nats, -50.0), 50.0)))


@kernel
def _start(begin, sights, radars, out_start):
    """Fill `out_start (9,)`: position and velocity at the mean time by a straight line, acceleration zero.

    Return (mean time s, good): of the sights from `begin` on, those with an elevation, weighed by how well each
    places what it saw.
    """
    middle_s, count = 0.0, sights.time_s.shape[0] - begin
    for k in range(begin, begin + count):
        middle_s += sights.time_s[k] / count
    sums, seen = np.zeros(9), 0  # weight, time, time^2, place (3), time times place (3)
    for k in range(begin, begin + count):
        if sights.precision[k, 2] > 0.0:
            seen += 1
            place = place_of_sight(k, sights, radars)
            range_m = sights.measurement[k, 0]
            variance = 1.0 / sights.precision[k, 0]
            variance += range_m * range_m * (1.0 / sights.precision[k, 1] + 1.0 / sights.precision[k, 2])
            weight, since_s = 3.0 / variance, sights.time_s[k] - middle_s
            sums[0] += weight
            sums[1] += weight * since_s
            sums[2] += weight * since_s * since_s
            for i in range(3):
                sums[3 + i] += weight * place[i]
                sums[6 + i] += weight * since_s * place[i]
    spread = sums[0] * sums[2] - sums[1] * sums[1]
    if seen < 3 or not spread > 1e-12 * sums[0] * sums[2]:
        return middle_s, False
    for i in range(3):
        out_start[i] = (sums[2] * sums[3 + i] - sums[1] * sums[6 + i]) / spread
        out_start[3 + i] = (sums[0] * sums[6 + i] - sums[1] * sums[3 + i]) / spread
        out_start[6 + i] = 0.0
    return middle_s, True


@kernel
def powered_squares(begin, sights, radars):
    """Return the sum of squares of the best flight at constant acceleration through the sights from `begin` on, its
    prior's squares included; infinite where there is none to begin with. Gauss-Newton.
    """
    n = 9
    x, gradient, step = np.empty(n), np.empty(n), np.empty(n)
    middle_s, good = _start(begin, sights, radars, x)
    if not good:
        return np.inf
    information, factor, rows = np.empty((n, n)), np.empty((n, n)), np.empty((4, n))
    state, z, h, miss = np.empty(6), np.empty(4), np.empty((4, 6)), np.empty(4)
    no_bias = np.zeros((radars.bias_precision.shape[0], 4))
    least = np.inf
    for _ in range(ROUNDS + 1):
        information[:] = 0.0
        total = 0.0
        for i in range(n):
            precision = 0.0
            if i >= 3:
                sigma = POWERED_SPEED_SIGMA_MPS if i < 6 else (UP_SIGMA_MPS2 if i == 8 else SIDE_SIGMA_MPS2)
                precision = 1.0 / (sigma * sigma)
            information[i, i] = precision + 1e-12
            gradient[i] = precision * x[i]
            total += precision * x[i] * x[i]
        for k in range(begin, sights.time_s.shape[0]):
            t = sights.time_s[k] - middle_s
            for i in range(3):
                state[i] = x[i] + t * x[i + 3] + 0.5 * t * t * x[i + 6]
                state[i + 3] = x[i + 3] + t * x[i + 6]
            radar = RadarFrame(radars.origin_enu_m[sights.radar[k]], radars.rotation[sights.radar[k]])
            measure_with_jacobian(state, radar, z, h)
            squares, _ = misses(k, z, no_bias, sights, miss)
            total += min(squares, MOST_SQUARES)
            weight = 1.0 if squares <= MOST_SQUARES else MOST_SQUARES / squares
            for c in range(4):
                precision = weight * sights.precision[k, c]
                if precision > 0.0:
                    for i in range(3):
                        rows[c, i] = h[c, i]
                        rows[c, i + 3] = t * h[c, i] + h[c, i + 3]
                        rows[c, i + 6] = 0.5 * t * t * h[c, i] + t * h[c, i + 3]
                    for i in range(n):
                        gradient[i] -= precision * miss[c] * rows[c, i]
                        for j in range(i + 1):
                            information[i, j] += precision * rows[c, i] * rows[c, j]
        settled = abs(least - total) < SETTLED_SQUARES
        least = min(least, total)
        if settled or not cholesky(information, factor):
            return least
        solve_cholesky(factor, gradient, step)
        for i in range(n):
            x[i] -= step[i]
    return least
