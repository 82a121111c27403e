"""A glance at two plots: about how likely they are one thing's, in a closed form, before they are fitted in full.

Among a thousand false plots a look, thousands of pairs are near enough in place and time; next to none of them move as
anything moves. The glance flies straight lines, axis by axis of the radar; what it passes is weighed by the full fit.
"""

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, RANGE, RANGE_RATE
from rampart.numerics.jit import lean_kernel
from rampart.track.fit import log_begin, wrapped
from rampart.track.radars import log_clutter_density, log_crowding

MARGIN = 5.0
"""A pair is passed whose glance falls short of what is asked by less than this, in ln odds."""

STEADY_MPS2, FLYING_MPS2 = 15.0, 150.0
"""How much the speed of an aircraft, and of what is driven or braked hard, may change beside its noise."""


@lean_kernel
def glance(z, sigma, other_z, other_sigma, height_m, wait_s, radar, radars, sky):
    """Return about the ln odds that plot `z (4,)` and `other_z`, `wait_s` > 0 later, of one radar are one thing's.

    As `start_row` and `fit_row` would say it of the likeliest motion; both plots have an elevation. `height_m` over
    the ground.
    """
    row = radars.table[radar]
    sine, cosine = np.sin(other_z[ELEVATION]), np.cos(other_z[ELEVATION])
    range_m = other_z[RANGE]
    across_m = range_m * cosine * wrapped(other_z[AZIMUTH] - z[AZIMUTH])
    above_m = range_m * (other_z[ELEVATION] - z[ELEVATION])
    out_m = range_m - z[RANGE]
    noise_2 = range_m * range_m * (sigma[2] * sigma[2] + other_sigma[2] * other_sigma[2])
    side_2 = (range_m * cosine) ** 2 * (sigma[1] * sigma[1] + other_sigma[1] * other_sigma[1])
    depth_2 = sigma[0] * sigma[0] + other_sigma[0] * other_sigma[0]
    bend_mps = (across_m * across_m + above_m * above_m) / (range_m * wait_s)
    known = not np.isnan(z[RANGE_RATE]) and not np.isnan(other_z[RANGE_RATE])
    best = -np.inf
    for motion in range(sky.motions.shape[0]):
        kind = sky.motions[motion]
        up_2, level_2 = kind.climb_sigma_mps**2, kind.speed_sigma_mps**2
        wide_2 = wait_s * wait_s
        odds = kind.log_rate_ps + log_begin(kind, height_m, z[RANGE], z[ELEVATION], row)
        odds += _log_normal(across_m, level_2 * wide_2 + side_2)
        rise_2 = up_2 * cosine * cosine + level_2 * sine * sine
        odds += _log_normal(above_m - kind.v_up_mps * cosine * wait_s, rise_2 * wide_2 + noise_2)
        out_2, out_mps = level_2 * cosine * cosine + up_2 * sine * sine, kind.v_up_mps * sine
        if known:
            swing = FLYING_MPS2 if kind.flies else STEADY_MPS2
            change_2 = (kind.psd + kind.psd_up + kind.thrust_psd) * wait_s + (swing * wait_s) ** 2
            rate_mps = 0.5 * (z[RANGE_RATE] + other_z[RANGE_RATE])
            odds += _log_normal(z[RANGE_RATE] - out_mps, out_2)
            odds += _log_normal(
                other_z[RANGE_RATE] - z[RANGE_RATE] - bend_mps, change_2 + 2.0 * sigma[3] ** 2
            )
            odds += _log_normal(out_m - rate_mps * wait_s, depth_2 + 0.05 * change_2 * wide_2)
        else:
            odds += _log_normal(out_m - out_mps * wait_s, out_2 * wide_2 + depth_2)
        best = max(best, odds)
    best += np.log(row.update_s) - row.log_false - log_crowding(z, radar, radars)
    best += 2.0 * np.log(range_m) + np.log(cosine)  # densities over metres, clutter's over angles
    return best + np.log(row.detection) - log_clutter_density(other_z, radar, radars)


@lean_kernel
def _log_normal(off, variance):
    return -0.5 * (1.8378770664093453 + np.log(variance) + off * off / variance)
