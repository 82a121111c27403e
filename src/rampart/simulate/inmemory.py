"""A simulated look as the scan that its bytes would give, to the last bit, without making them."""

import math

import numpy as np

from rampart.domain.scan import AZIMUTH, NO_PLOTS, Plots, Scan
from rampart.domain.site import Radar, Site
from rampart.simulate.encode import (
    ANGLE_SIGMA_LSB_RAD,
    AZIMUTH_LSB_RAD,
    DAY_S,
    DOPPLER_LSB_MPS,
    DOPPLER_SIGMA_LSB_MPS,
    ELEVATION_LSB_RAD,
    RANGE_LSB_M,
    TIME_LSB_S,
    ticks_of_day,
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


def scan_of_look(look: RadarLook, site: Site) -> Scan:
    """Return the scan that `encode_look` and the decoder would make of a look, bit for bit."""
    if not len(look.plots):
        return Scan(look.time_s, NO_PLOTS, (look.radar,))
    plots, radar = look.plots, site.radars[look.radar]
    time_s = _times_near(ticks_of_day(plots.time_s), look.time_s)
    measurement = _measurement(plots.measurement)
    sigma = _sigma(plots.sigma, measurement, radar)
    snr_db = np.minimum(np.maximum(np.rint(plots.snr_db), -128.0), 127.0)
    # a zero that was rounded from below has no sign in the record
    kept = Plots(time_s, np.full(len(plots), look.radar, np.int64), measurement + 0.0, sigma, snr_db + 0.0)
    return Scan(float(time_s.max()), kept, (look.radar,))


def _times_near(ticks: np.ndarray, reference_s: float) -> np.ndarray:
    """Return POSIX times (n,) of times of day in 1/128 s, each the nearest such time to the reference."""
    ahead_s = ticks * TIME_LSB_S - reference_s % DAY_S
    ahead_s = np.where(ahead_s >= 0.5 * DAY_S, ahead_s - DAY_S, ahead_s)
    return reference_s + np.where(ahead_s < -0.5 * DAY_S, ahead_s + DAY_S, ahead_s)


def _measurement(z: np.ndarray) -> np.ndarray:
    """Return (n, 4) to the least significant bit, angles by way of degrees; NaN stays."""
    steps = np.rint(z / STEP)
    steps[:, AZIMUTH] %= 2**16
    return steps * TOLD * TO_SI


def _sigma(sigma: np.ndarray, measurement: np.ndarray, radar: Radar) -> np.ndarray:
    """Return (n, 4) as the record carries them; where a number is not measured, the site's, else 1."""
    # one step at least
    steps = np.minimum(np.maximum(np.rint(np.nan_to_num(sigma) / SIGMA_STEP), 1.0), SIGMA_MOST)
    own = np.where(np.isfinite(radar.sigma), radar.sigma, 1.0)
    return np.where(np.isfinite(measurement), steps * SIGMA_TOLD * TO_SI, own)
