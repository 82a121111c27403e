"""How well a plot fits a track: predictive likelihood, correction, the density of clutter, a first plot."""

from typing import NamedTuple

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, RANGE, RANGE_RATE
from rampart.numerics.jit import kernel
from rampart.numerics.kalman import correct
from rampart.physics.motion import LOG_DRAG, V_UP
from rampart.physics.radar import RadarFrame, enu_from_rae, measure_with_jacobian
from rampart.track.bank import NEVER, settle_weights
from rampart.track.clutter import crowd_at

FAINT = -20.0
"""The log weight below which a motion has no say in gates."""


class Look(NamedTuple):
    """One radar's row of `Radars`, as far as a plot's fit needs it."""

    radar: int
    frame: RadarFrame
    least_m: float
    most_m: float
    log_crowd: np.ndarray
    log_false: float
    log_volume: float
    log_volume_flat: float
    range_rate_span_mps: float
    still_share: float
    still_mps: float
    sigma: np.ndarray
    unseen_height_m: float


@kernel
def look_of(radars, radar):
    """Return the `Look` of one radar."""
    return Look(
        radar,
        RadarFrame(radars.origin_enu_m[radar], radars.rotation[radar]),
        radars.limits[radar, 0],
        radars.limits[radar, 1],
        radars.log_crowd[radar],
        radars.log_false[radar],
        radars.log_volume[radar],
        radars.log_volume_flat[radar],
        radars.range_rate_span_mps,
        radars.still_share,
        radars.still_mps,
        radars.sigma[radar],
        radars.unseen_height_m,
    )


class LookPlots(NamedTuple):
    """The p plots of one look: `time_s (p,)`, `z (p, 4)`, `sigma (p, 4)`, `order (p,)` sorts them by range.

    Their serials begin at `serial`; `middle_s` and `span_s`: all their times lie in middle +- span.
    """

    time_s: np.ndarray
    z: np.ndarray
    sigma: np.ndarray
    order: np.ndarray
    serial: int
    middle_s: float
    span_s: float


@kernel
def log_clutter_density(z, look):
    """Return ln of the density of false plots, in the units of what was measured, at a plot `z (4,)`."""
    volume = look.log_volume_flat if np.isnan(z[ELEVATION]) else look.log_volume
    return look.log_false - volume + log_crowding(z, look)


@kernel
def log_crowding(z, look):
    """Return ln of how much denser than even over the cover false plots like `z (4,)` are."""
    crowd = crowd_at(z[RANGE], z[AZIMUTH], look.least_m, look.most_m, look.log_crowd)
    return crowd + log_false_rate(z[RANGE_RATE], look)


@kernel
def log_false_rate(range_rate_mps, look):
    """Return ln of the density of a false plot's range rate; 0 where there is none."""
    if np.isnan(range_rate_mps):
        return 0.0
    even = (1.0 - look.still_share) / (2.0 * look.range_rate_span_mps)
    off = range_rate_mps / look.still_mps
    still = np.exp(-0.5 * off * off) / (look.still_mps * np.sqrt(2.0 * np.pi))
    return np.log(even + look.still_share * still)


@kernel
def fit_row(mean, cov, log_weight, z, sigma, look, work):
    """Correct one row `mean (m, 7)`, `cov (m, 7, 7)`, `log_weight (m,)` by a plot, in place.

    Returns (ln of the predictive likelihood, least squared Mahalanobis distance of a motion with a say).
    """
    placed = not np.isnan(z[ELEVATION])
    if placed:
        px, py, pz = enu_from_rae(z[RANGE], z[AZIMUTH], z[ELEVATION], look.frame)
    else:
        px, py, pz = 0.0, 0.0, 0.0
    nearest = np.inf
    for motion in range(mean.shape[0]):
        if not log_weight[motion] > NEVER:
            continue
        fit, distance = fit_motion(mean[motion], cov[motion], placed, px, py, pz, z, sigma, look, work)
        if log_weight[motion] > FAINT:
            nearest = min(nearest, distance)
        log_weight[motion] += fit
    return settle_weights(log_weight), nearest


@kernel
def fit_motion(mean, cov, placed, px, py, pz, z, sigma, look, work):
    """Correct one Gaussian by a plot that lies at (px, py, pz) where `placed`; return (ln likelihood, d2).

    The measurement is linearised where the plot lies, not where the track is predicted: a track of one
    plot knows its velocity to hundreds of m/s only, the plot its place to tens of metres.
    """
    point = work.point
    for i in range(6):
        point[i] = mean[i]
    if placed:
        point[0], point[1], point[2] = px, py, pz
    measure_with_jacobian(point, look.frame, work.z, work.jacobian)
    log_fit, distance = 0.0, 0.0
    for c in range(4):
        if np.isnan(z[c]):
            continue
        parts = 3
        if c == RANGE_RATE:
            parts = 6
            _relinearise_rate(mean, point, work)
        innovation = z[c] - work.z[c]
        if c == AZIMUTH:
            innovation = wrapped(innovation)
        row = work.jacobian[c, :parts]
        for i in range(parts):
            innovation -= row[i] * (mean[i] - point[i])
        variance = sigma[c] * sigma[c]
        log_fit += correct(mean, cov, row, innovation, variance, work.vector)
        spread = variance  # correct() left cov @ row, as it was before, in the vector
        for i in range(parts):
            spread += work.vector[i] * row[i]
        distance += innovation * innovation / spread
    return log_fit, distance


@kernel
def _relinearise_rate(mean, point, work):
    """Take the range rate's row anew at the velocity that the place has taught.

    Seen from a moving line of sight even the first range rates tell of the velocity across it.
    """
    along, rate = work.jacobian[0], 0.0
    for i in range(3):
        point[i + 3] = mean[i + 3]
        rate += along[i] * mean[i + 3]
    work.z[RANGE_RATE] = rate
    for i in range(3):
        work.jacobian[RANGE_RATE, i] = (mean[i + 3] - rate * along[i]) / work.z[RANGE]


@kernel
def wrapped(angle_rad):
    """Return the angle within -pi...pi."""
    return angle_rad - 2.0 * np.pi * np.floor((angle_rad + np.pi) / (2.0 * np.pi))


@kernel
def start_row(z, sigma, height_over_ground_m, look, motions, log_look, work, out_mean, out_cov, out_log_weight):
    """Fill a row `(m, 7)`, `(m, 7, 7)`, `(m,)` with what one plot says; return (score, level).

    `log_look`: ln of the time between looks, which turns rates of new objects into numbers a look. The score is
    ln of the odds that the plot is something's first against clutter: both are even over the cover, so
    only numbers, range rates and heights count. A plot without elevation starts no projectile.
    """
    level = np.isnan(z[ELEVATION])
    elevation, elevation_sigma = z[ELEVATION], sigma[ELEVATION]
    if level:
        high = min(look.unseen_height_m / z[RANGE], 0.7)
        elevation, elevation_sigma = np.arcsin(high), min(look.unseen_height_m / z[RANGE], 0.7)
    x, y, u = enu_from_rae(z[RANGE], z[AZIMUTH], elevation, look.frame)
    work.point[0], work.point[1], work.point[2] = x, y, u
    work.point[3], work.point[4], work.point[5] = 0.0, 0.0, 0.0
    measure_with_jacobian(work.point, look.frame, work.z, work.jacobian)
    across = max(z[RANGE] * np.cos(elevation), 1.0)
    spread = (sigma[RANGE], across * sigma[AZIMUTH], z[RANGE] * elevation_sigma)
    # rows of the Jacobian scaled to unit vectors: along range, azimuth, elevation
    scale = (1.0, across, z[RANGE])
    for motion in range(out_mean.shape[0]):
        mean, cov = out_mean[motion], out_cov[motion]
        mean[:] = 0.0
        cov[:] = 0.0
        mean[0], mean[1], mean[2] = x, y, u
        mean[V_UP], mean[LOG_DRAG] = motions.v_up_mps[motion], motions.log_drag_mean
        for i in range(3):
            for j in range(3):
                for c in range(3):
                    unit_i, unit_j = work.jacobian[c, i] * scale[c], work.jacobian[c, j] * scale[c]
                    cov[i, j] += spread[c] ** 2 * unit_i * unit_j
            speed = motions.climb_sigma_mps[motion] if i == 2 else motions.speed_sigma_mps[motion]
            cov[i + 3, i + 3] = speed * speed
        cov[LOG_DRAG, LOG_DRAG] = motions.log_drag_sigma**2
        log_weight = motions.log_rate_ps[motion] + log_look
        log_weight += _log_height(height_over_ground_m, z[RANGE], motions.ceiling_m[motion])
        if level and motions.flies[motion]:
            log_weight = NEVER
        elif not np.isnan(z[RANGE_RATE]):
            log_weight += _start_rate(mean, cov, z[RANGE_RATE], sigma[RANGE_RATE], work)
        out_log_weight[motion] = log_weight
    score = settle_weights(out_log_weight)
    return score - look.log_false - log_crowding(z, look), level


@kernel
def _log_height(height_m, range_m, ceiling_m):
    """Return ln of the density of first plots at a height, exponential, against clutter's.

    False plots spread evenly over elevation, so at a range over about as many metres of height.
    """
    steep = max(range_m / ceiling_m, 1e-3)
    return np.log(steep / (1.0 - np.exp(-steep))) - max(height_m, 0.0) / ceiling_m


@kernel
def _start_rate(mean, cov, range_rate_mps, sigma_mps, work):
    """Correct a first plot's velocity by its range rate; return ln likelihood.

    The line of sight is the first row of the Jacobian in `work`; its own error moves the range rate by far less
    than the unknown velocity does.
    """
    rate = 0.0
    for i in range(3):
        work.product[0, i] = 0.0
        work.product[0, i + 3] = work.jacobian[0, i]
        rate += work.jacobian[0, i] * mean[i + 3]
    return correct(mean, cov, work.product[0, :6], range_rate_mps - rate, sigma_mps * sigma_mps, work.vector)


@kernel
def gate_box(mean, cov, log_weight, look, reach, work):
    """Fill `work.low`, `work.high (4,)` with the box about all motions with a say; return its azimuth's centre.

    `reach` in standard deviations. Azimuths in the box are offsets from the centre that is returned.
    """
    work.low[:] = np.inf
    work.high[:] = -np.inf
    centre, first = 0.0, True
    for motion in range(mean.shape[0]):
        if not log_weight[motion] > FAINT:
            continue
        measure_with_jacobian(mean[motion], look.frame, work.z, work.jacobian)
        if first:
            centre, first = work.z[AZIMUTH], False
        across, slip = _lateral_spread(cov[motion], work.jacobian[0])
        for c in range(4):
            parts = 6 if c == RANGE_RATE else 3
            spread = look.sigma[c] * look.sigma[c]
            for i in range(parts):
                for j in range(parts):
                    spread += work.jacobian[c, i] * cov[motion, i, j] * work.jacobian[c, j]
            half = reach * np.sqrt(max(spread, 0.0))
            middle = wrapped(work.z[c] - centre) if c == AZIMUTH else work.z[c]
            bend = 0.0  # what the straight line leaves out: r and its rate grow with what lies across
            if c == RANGE:
                bend = reach * reach * across * across / (2.0 * work.z[RANGE])
            elif c == RANGE_RATE:
                bend = reach * reach * across * slip / work.z[RANGE]
            work.low[c] = min(work.low[c], middle - half - (bend if c == RANGE_RATE else 0.0))
            work.high[c] = max(work.high[c], middle + half + bend)
    # so wide that a straight line means nothing any more
    if work.high[AZIMUTH] - work.low[AZIMUTH] > 3.0:
        work.low[AZIMUTH], work.high[AZIMUTH] = -4.0, 4.0
    return centre


@kernel
def widen(low, high, span_s):
    """Widen a gate's box for plots that are up to `span_s` off its time: faster than anything flies."""
    if span_s > 0.0:
        reach_m = 1500.0 * span_s
        turn = min(reach_m / max(0.5 * (low[RANGE] + high[RANGE]), reach_m), 4.0)
        low[RANGE] -= reach_m
        high[RANGE] += reach_m
        for c in (AZIMUTH, ELEVATION):
            low[c] -= turn
            high[c] += turn
        low[RANGE_RATE] -= 400.0 * span_s
        high[RANGE_RATE] += 400.0 * span_s


@kernel
def first_at_least(z, order, range_m):
    """Return the first place in `order (p,)`, which sorts plots `z (p, 4)` by range, of a range not below."""
    low, high = 0, order.shape[0]
    while low < high:
        middle = (low + high) // 2
        if z[order[middle], RANGE] < range_m:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _lateral_spread(cov, along):
    """Return the standard deviations of place and velocity across the line of sight `along`, an axis' mean."""
    place, speed = 0.0, 0.0
    for i in range(3):
        place += cov[i, i]
        speed += cov[i + 3, i + 3]
        for j in range(3):
            place -= along[i] * cov[i, j] * along[j]
            speed -= along[i] * cov[i + 3, j + 3] * along[j]
    return np.sqrt(max(0.5 * place, 0.0)), np.sqrt(max(0.5 * speed, 0.0))


@kernel
def in_box(z, centre, low, high):
    """Return whether a plot `z (4,)` lies in the box; what was not measured always does."""
    if z[RANGE] < low[RANGE] or z[RANGE] > high[RANGE]:
        return False
    if z[ELEVATION] < low[ELEVATION] or z[ELEVATION] > high[ELEVATION]:
        return False
    if z[RANGE_RATE] < low[RANGE_RATE] or z[RANGE_RATE] > high[RANGE_RATE]:
        return False
    offset = wrapped(z[AZIMUTH] - centre)
    return low[AZIMUTH] <= offset <= high[AZIMUTH]
