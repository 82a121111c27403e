"""A simulated look as the scan that its bytes would give, to the last bit, without making them."""

import math

import numpy as np

from rampart.domain.scan import AZIMUTH, NO_PLOTS, Plots, Scan
from rampart.domain.site import Site
from rampart.numerics.jit import kernel
from rampart.simulate.encode import (
    ANGLE_SIGMA_LSB_RAD,
    AZIMUTH_LSB_RAD,
    DAY_S,
    DOPPLER_LSB_MPS,
    DOPPLER_SIGMA_LSB_MPS,
    ELEVATION_LSB_RAD,
    RANGE_LSB_M,
    TIME_LSB_S,
)
from rampart.simulate.look import RadarLook

RAD = math.pi / 180.0
AZIMUTH_LSB_DEG, ELEVATION_LSB_DEG, ANGLE_SIGMA_LSB_DEG = 360.0 / 2**16, 180.0 / 2**16, 45.0 / 2**16
"""The record counts degrees; who reads it multiplies: so it is done here, so that every bit is the same."""
TO_SI = np.array([1.0, RAD, RAD, 1.0])
STEP = np.array([RANGE_LSB_M, AZIMUTH_LSB_RAD, ELEVATION_LSB_RAD, DOPPLER_LSB_MPS])
TOLD = np.array([RANGE_LSB_M, AZIMUTH_LSB_DEG, ELEVATION_LSB_DEG, DOPPLER_LSB_MPS])
SIGMA_STEP = np.array([RANGE_LSB_M, ANGLE_SIGMA_LSB_RAD, ANGLE_SIGMA_LSB_RAD, DOPPLER_SIGMA_LSB_MPS])
SIGMA_TOLD = np.array([RANGE_LSB_M, ANGLE_SIGMA_LSB_DEG, ANGLE_SIGMA_LSB_DEG, DOPPLER_SIGMA_LSB_MPS])
SIGMA_MOST = np.array([2.0**24, 2.0**16, 2.0**16, 2.0**16]) - 1.0
"""Columns of a measurement: a step of the record, what it is read as, the longest deviation in steps."""
TURN_STEPS, DAY_STEPS = 2**16, round(DAY_S / TIME_LSB_S)


def scan_of_look(look: RadarLook, site: Site) -> Scan:
    """Return the scan that `encode_look` and the decoder would make of a look, bit for bit."""
    if not len(look.plots):
        return Scan(look.time_s, NO_PLOTS, (look.radar,))
    seen, n, stated = look.plots, len(look.plots), site.radars[look.radar].sigma
    time_s, measurement, sigma, snr_db = np.empty(n), np.empty((n, 4)), np.empty((n, 4)), np.empty(n)
    read_each(
        seen.time_s, seen.measurement, seen.sigma, seen.snr_db, look.time_s,
        np.where(np.isfinite(stated), stated, 1.0), time_s, measurement, sigma, snr_db,
    )  # fmt: skip
    plots = Plots(time_s, np.full(n, look.radar, np.int64), measurement, sigma, snr_db)
    return Scan(float(time_s.max()), plots, (look.radar,))


@kernel
def read_each(
    time_s, measurement, sigma, snr_db, reference_s, stated_sigma, out_time_s, out_measurement, out_sigma,
    out_snr_db,
):  # fmt: skip
    """Fill the columns of n plots as they are read, from those that were sent about `reference_s`.

    Angles by way of degrees; a zero that was rounded from below has no sign. What is not measured stays NaN and has
    the site's `stated_sigma (4,)`; any other sigma is one step at least.
    """
    for row in range(time_s.shape[0]):
        ticks = int(np.rint((time_s[row] % DAY_S) / TIME_LSB_S)) % DAY_STEPS
        ahead_s = ticks * TIME_LSB_S - reference_s % DAY_S
        if ahead_s >= 0.5 * DAY_S:
            ahead_s -= DAY_S
        if ahead_s < -0.5 * DAY_S:
            ahead_s += DAY_S
        out_time_s[row] = reference_s + ahead_s
        out_snr_db[row] = min(max(np.rint(snr_db[row]), -128.0), 127.0) + 0.0
        for c in range(4):
            steps = np.rint(measurement[row, c] / STEP[c])
            if c == AZIMUTH:
                steps %= TURN_STEPS
            out_measurement[row, c] = steps * TOLD[c] * TO_SI[c] + 0.0
            out_sigma[row, c] = stated_sigma[c]
            if np.isfinite(out_measurement[row, c]):
                spread = 0.0 if np.isnan(sigma[row, c]) else sigma[row, c]
                steps = min(max(np.rint(spread / SIGMA_STEP[c]), 1.0), SIGMA_MOST[c])
                out_sigma[row, c] = steps * SIGMA_TOLD[c] * TO_SI[c]
