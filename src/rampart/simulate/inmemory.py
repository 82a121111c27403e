"""A simulated look as the scan that its bytes would give, to the last bit, without making them."""

import math

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, NO_PLOTS, RANGE, RANGE_RATE, Plots, Scan
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


def scan_of_look(look: RadarLook, site: Site) -> Scan:
    """Return the scan that `encode_look` and the decoder would make of a look, bit for bit."""
    if not len(look.plots):
        return Scan(look.time_s, NO_PLOTS, (look.radar,))
    plots, radar = look.plots, site.radars[look.radar]
    time_s = _times_near(ticks_of_day(plots.time_s), look.time_s)
    measurement = _measurement(plots.measurement)
    sigma = _sigma(plots.sigma, measurement, radar)
    snr_db = np.clip(np.rint(plots.snr_db), -128.0, 127.0)
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
    out = np.empty_like(z)
    out[:, RANGE] = np.rint(z[:, RANGE] / RANGE_LSB_M) * RANGE_LSB_M
    out[:, AZIMUTH] = np.rint(z[:, AZIMUTH] / AZIMUTH_LSB_RAD) % 2**16 * AZIMUTH_LSB_DEG * RAD
    out[:, ELEVATION] = np.rint(z[:, ELEVATION] / ELEVATION_LSB_RAD) * ELEVATION_LSB_DEG * RAD
    out[:, RANGE_RATE] = np.rint(z[:, RANGE_RATE] / DOPPLER_LSB_MPS) * DOPPLER_LSB_MPS
    return out


def _sigma(sigma: np.ndarray, measurement: np.ndarray, radar: Radar) -> np.ndarray:
    """Return (n, 4) as the record carries them; where a number is not measured, the site's, else 1."""
    out = np.empty_like(sigma)
    out[:, RANGE] = _count(sigma[:, RANGE], RANGE_LSB_M, 3) * RANGE_LSB_M
    out[:, AZIMUTH] = _count(sigma[:, AZIMUTH], ANGLE_SIGMA_LSB_RAD, 2) * ANGLE_SIGMA_LSB_DEG * RAD
    out[:, ELEVATION] = _count(sigma[:, ELEVATION], ANGLE_SIGMA_LSB_RAD, 2) * ANGLE_SIGMA_LSB_DEG * RAD
    out[:, RANGE_RATE] = _count(sigma[:, RANGE_RATE], DOPPLER_SIGMA_LSB_MPS, 2) * DOPPLER_SIGMA_LSB_MPS
    own = np.where(np.isfinite(radar.sigma), radar.sigma, 1.0)
    return np.where(np.isfinite(measurement), out, own)


def _count(sigma: np.ndarray, lsb: float, octets: int) -> np.ndarray:
    """Return a deviation in steps of the record, at least one."""
    return np.clip(np.rint(np.nan_to_num(sigma) / lsb), 1.0, float((1 << 8 * octets) - 1))
