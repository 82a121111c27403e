"""How well a plot fits a track: predictive likelihood and correction of all its motions; what a first plot says."""

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, RANGE, RANGE_RATE
from rampart.numerics.jit import lean_kernel
from rampart.numerics.kalman import correct
from rampart.physics.motion import LOG_DRAG, V_UP
from rampart.physics.radar import RadarFrame, enu_from_rae, measure_with_jacobian
from rampart.track.bank import SIZE, copy_filters
from rampart.track.motions import NEVER, carry_row, settle_weights
from rampart.track.radars import log_crowding

FAINT = -20.0
"""The log weight below which a motion has no say in gates."""

SAME_TIME_S = 1e-6

RUNAWAY_MPS, RUNAWAY_M = 4000.0, 1e6
"""A filter that a plot has thrown past these has run away, and its motion is ruled out."""

RIM_M, RIM_MPS, MIDST = 100.0, 350.0, 0.1
"""How high above the lower rim a projectile is first seen, on average: a beam's width and what it climbs in a look or
two; and the share of those that are first seen anywhere."""


@lean_kernel
def fit_ahead(bank, row, time_s, z, sigma, radar, radars, sky, work):
    """Carry a row of `bank` to a plot's time, in `work`, and fit the plot `z (4,)`, `sigma (4,)`.

    Returns (ln likelihood, squared distance). `work` then holds the corrected means, covariances, weights.
    """
    copy_filters(bank.mean[row], bank.cov[row], bank.log_weight[row], work.mean, work.cov, work.log_weight)
    duration_s = time_s - bank.rows[row].time_s
    if abs(duration_s) > SAME_TIME_S:
        age_s = time_s - bank.rows[row].first_s
        carry_row(work.mean, work.cov, work.log_weight, age_s, duration_s, True, sky, work)
    return fit_row(work.mean, work.cov, work.log_weight, z, sigma, radar, radars, work)


@lean_kernel
def fit_row(mean, cov, log_weight, z, sigma, radar, radars, work):
    """Correct one row `mean (m, 7)`, `cov (m, 7, 7)`, `log_weight (m,)` by a plot, in place.

    Returns (ln of the predictive likelihood, least squared Mahalanobis distance of a motion with a say).
    """
    frame = RadarFrame(radars.origin_enu_m[radar], radars.rotation[radar])
    placed = not np.isnan(z[ELEVATION])
    px, py, pz = enu_from_rae(z[RANGE], z[AZIMUTH], z[ELEVATION] if placed else 0.0, frame)
    nearest = np.inf
    for motion in range(mean.shape[0]):
        if not log_weight[motion] > NEVER:
            continue
        for i in range(6):
            work.point[i] = mean[motion, i]
        if placed:
            work.point[0], work.point[1], work.point[2] = px, py, pz
        fit, distance = _fit_motion(mean[motion], cov[motion], z, sigma, frame, work)
        if not _is_sane(mean[motion]):
            log_weight[motion] = NEVER
            continue
        if log_weight[motion] > FAINT:
            nearest = min(nearest, distance)
        log_weight[motion] += fit
    return settle_weights(log_weight), nearest


@lean_kernel
def _is_sane(mean):
    """Return whether a corrected Gaussian is of this world: from an unknown speed a straight line may lead anywhere."""
    speed_2 = mean[3] * mean[3] + mean[4] * mean[4] + mean[5] * mean[5]
    return speed_2 < RUNAWAY_MPS * RUNAWAY_MPS and abs(mean[0]) + abs(mean[1]) + abs(mean[2]) < RUNAWAY_M


@lean_kernel
def _fit_motion(mean, cov, z, sigma, frame, work):
    """Correct one Gaussian by a plot, linearised at `work.point`; return (ln likelihood, squared distance).

    The measurement is linearised where the plot lies, not where the track is predicted: a track of one
    plot knows its velocity to hundreds of m/s only, the plot its place to tens of metres.
    """
    measure_with_jacobian(work.point, frame, work.z, work.jacobian)
    log_fit, distance = 0.0, 0.0
    for c in range(4):
        if np.isnan(z[c]):
            continue
        parts = 3
        if c == RANGE_RATE:
            parts = 6
            _relinearise_rate(mean, work)
        innovation = z[c] - work.z[c]
        if c == AZIMUTH:
            innovation = wrapped(innovation)
        row = work.jacobian[c, :parts]
        for i in range(parts):
            innovation -= row[i] * (mean[i] - work.point[i])
        variance = sigma[c] * sigma[c]
        log_fit += correct(mean, cov, row, innovation, variance, work.vector)
        spread = variance  # correct() left cov @ row, as it was before, in the vector
        for i in range(parts):
            spread += work.vector[i] * row[i]
        distance += innovation * innovation / spread
    return log_fit, distance


@lean_kernel
def _relinearise_rate(mean, work):
    """Take the range rate's row anew at the velocity that the place has taught.

    Seen from a moving line of sight even the first range rates tell of the velocity across it.
    """
    along, rate = work.jacobian[RANGE], 0.0
    for i in range(3):
        work.point[i + 3] = mean[i + 3]
        rate += along[i] * mean[i + 3]
    work.z[RANGE_RATE] = rate
    for i in range(3):
        work.jacobian[RANGE_RATE, i] = (mean[i + 3] - rate * along[i]) / work.z[RANGE]


@lean_kernel
def wrapped(angle_rad):
    """Return the angle within -pi...pi."""
    return angle_rad - 2.0 * np.pi * np.floor((angle_rad + np.pi) / (2.0 * np.pi))


@lean_kernel
def start_row(z, sigma, height_m, radar, radars, sky, work, out_mean, out_cov, out_log_weight):
    """Fill a row `(m, 7)`, `(m, 7, 7)`, `(m,)` with what one plot, `height_m` over the ground, says; return its score.

    The score is ln of the odds that the plot is something's first against clutter: both are even over the
    cover, so only numbers, range rates and heights count. A plot without elevation starts no projectile.
    """
    frame, row = RadarFrame(radars.origin_enu_m[radar], radars.rotation[radar]), radars.table[radar]
    level = np.isnan(z[ELEVATION])
    elevation, elevation_sigma = z[ELEVATION], sigma[ELEVATION]
    if level:
        elevation_sigma = min(radars.unseen_height_m / z[RANGE], 0.7)
        elevation = np.arcsin(elevation_sigma)
    x, y, u = enu_from_rae(z[RANGE], z[AZIMUTH], elevation, frame)
    work.point[0], work.point[1], work.point[2] = x, y, u
    work.point[3] = work.point[4] = work.point[5] = 0.0
    measure_with_jacobian(work.point, frame, work.z, work.jacobian)
    across = max(z[RANGE] * np.cos(elevation), 1.0)
    spread = (sigma[RANGE], across * sigma[AZIMUTH], z[RANGE] * elevation_sigma)
    scale = (1.0, across, z[RANGE])  # makes the Jacobian's rows unit vectors
    for motion in range(out_mean.shape[0]):
        mean, cov, kind = out_mean[motion], out_cov[motion], sky.motions[motion]
        for i in range(SIZE):
            mean[i] = 0.0
            for j in range(SIZE):
                cov[i, j] = 0.0
        mean[0], mean[1], mean[2] = x, y, u
        mean[V_UP], mean[LOG_DRAG] = kind.v_up_mps, sky.log_drag_mean
        for i in range(3):
            for j in range(3):
                for c in range(3):
                    unit_i, unit_j = work.jacobian[c, i] * scale[c], work.jacobian[c, j] * scale[c]
                    cov[i, j] += spread[c] * spread[c] * unit_i * unit_j
            cov[i + 3, i + 3] = (kind.climb_sigma_mps if i == 2 else kind.speed_sigma_mps) ** 2
        cov[LOG_DRAG, LOG_DRAG] = sky.log_drag_sigma**2
        log_weight = kind.log_rate_ps + np.log(row.update_s)
        log_weight += log_begin(kind, height_m, z[RANGE], elevation, row)
        if level and kind.flies:
            log_weight = NEVER
        elif not np.isnan(z[RANGE_RATE]):
            log_weight += _start_rate(mean, cov, z[RANGE_RATE], sigma[RANGE_RATE], work)
        out_log_weight[motion] = log_weight
    return settle_weights(out_log_weight) - row.log_false - log_crowding(z, radar, radars)


@lean_kernel
def log_begin(kind, height_m, range_m, elevation_rad, radar_row):
    """Return ln of the density of a motion's first plots at a place, against clutter's.

    What flies a ballistic arc was on the ground a moment ago: it rises into cover, and is seen first within what it
    climbs in a look or two above the lower rim; few are first seen in the midst, come in from afar or after misses.
    """
    anywhere = log_height(height_m, range_m, kind.ceiling_m)
    if not kind.flies:
        return anywhere
    deep_m = max(range_m * (elevation_rad - radar_row.low_rad), 0.0)
    scale_m = RIM_M + RIM_MPS * radar_row.update_s
    at_rim = np.log(max(range_m / scale_m, 1.0)) - deep_m / scale_m
    return np.log((1.0 - MIDST) * np.exp(at_rim) + MIDST * np.exp(anywhere))


@lean_kernel
def log_height(height_m, range_m, ceiling_m):
    """Return ln of the density of first plots at a height, exponential, against clutter's.

    False plots spread evenly over elevation, so at a range over about as many metres of height.
    """
    steep = max(range_m / ceiling_m, 1e-3)
    return np.log(steep / (1.0 - np.exp(-steep))) - max(height_m, 0.0) / ceiling_m


@lean_kernel
def _start_rate(mean, cov, range_rate_mps, sigma_mps, work):
    """Correct a first plot's velocity by its range rate; return ln likelihood.

    The line of sight is the first row of the Jacobian in `work`; its own error moves the range rate by far
    less than the unknown velocity does.
    """
    rate = 0.0
    for i in range(3):
        work.product[0, i] = 0.0
        work.product[0, i + 3] = work.jacobian[RANGE, i]
        rate += work.jacobian[RANGE, i] * mean[i + 3]
    return correct(mean, cov, work.product[0, :6], range_rate_mps - rate, sigma_mps * sigma_mps, work.vector)
