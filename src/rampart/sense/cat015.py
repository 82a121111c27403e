"""ASTERIX category 015, the native plots of a 3-D radar: what its fields mean."""

import numpy as np

from rampart.numerics.jit import lean_kernel
from rampart.sense.verdicts import (
    HEARD,
    MULTISTATIC,
    NO_POSITION,
    NOT_DETECTED,
    PLOT,
    REFERENCE_TARGET,
    SIMULATED_TARGET,
    fill_sigma,
)

FIELDS = (
    "010/SAC", "010/SIC", "145", "000/MT", "020/MOMU", "020/TTAX", "170/CSTP", "625/R", "625/SDR", "625/RR",
    "625/SDRR/SDRR", "626/DV", "626/SDDV", "627/AZ", "627/SDASZ", "628/EL", "628/SDEL", "630/DPS",
)  # fmt: skip
(
    _SAC, _SIC, _TIME, MESSAGE, STATIONS, TAXONOMY, COASTED, RANGE, RANGE_SD, RATE,
    RATE_SD, DOPPLER, DOPPLER_SD, AZIMUTH, AZIMUTH_SD, ELEVATION, ELEVATION_SD, SNR,
) = range(18)  # fmt: skip

MEASUREMENT_TRACK, SENSOR_TRACK, TRACK_END = 2, 4, 5
"""Message types that are no plots, as 1 and 3 are: smoothed or extrapolated ones, and the end of a track."""
SEVERAL_STATIONS = 1
REFERENCE, SYNTHETIC, SIMULATED = 1, 2, 3
RAD = np.pi / 180.0


@lean_kernel
def judge_015(value, row, live):
    """Return the verdict on the content of a record of a known radar; its fields are `value[row]`."""
    message, taxonomy = value[row, MESSAGE], value[row, TAXONOMY]
    if message == TRACK_END:
        return HEARD
    if message in (MEASUREMENT_TRACK, SENSOR_TRACK) and value[row, COASTED] == 1:
        return NOT_DETECTED
    if taxonomy in (REFERENCE, SYNTHETIC):
        return REFERENCE_TARGET
    if taxonomy == SIMULATED and live:
        return SIMULATED_TARGET
    if value[row, STATIONS] == SEVERAL_STATIONS:
        return MULTISTATIC
    if np.isnan(value[row, RANGE]) or np.isnan(value[row, AZIMUTH]):
        return NO_POSITION
    return PLOT


@lean_kernel
def fill_015(value, row, radar, radars, plot, out_measurement, out_sigma, out_snr_db):
    """Fill a plot's measurement, sigmas and signal-to-noise ratio."""
    out_snr_db[plot] = value[row, SNR]
    out_measurement[plot, 0] = value[row, RANGE]
    out_measurement[plot, 1] = value[row, AZIMUTH] * RAD
    out_measurement[plot, 2] = value[row, ELEVATION] * RAD
    # the Doppler is measured, the range rate only differenced from ranges: never both
    measured = not np.isnan(value[row, DOPPLER])
    out_measurement[plot, 3] = value[row, DOPPLER] if measured else value[row, RATE]
    rate_sigma_mps = value[row, DOPPLER_SD] if measured else value[row, RATE_SD]
    azimuth_sigma_rad, elevation_sigma_rad = value[row, AZIMUTH_SD] * RAD, value[row, ELEVATION_SD] * RAD
    own_sigma = (value[row, RANGE_SD], azimuth_sigma_rad, elevation_sigma_rad, rate_sigma_mps)
    fill_sigma(radar, radars, own_sigma, plot, out_measurement, out_sigma)
