"""ASTERIX category 015, the native plots of a 3-D radar: what its fields mean."""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.sense.verdicts import (
    HEARD,
    MULTISTATIC,
    NO_POSITION,
    NOT_DETECTED,
    PLOT,
    REFERENCE_TARGET,
    SIMULATED_TARGET,
    UNKNOWN_SOURCE,
    fill_sigma,
    judge_time,
    radar_of,
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


@kernel
def read_plots(value, reference_time_s, radars, columns):
    """Fill `columns` from the fields `value (n, 18)` of n records; return how many are plots."""
    plots = 0
    for row in range(value.shape[0]):
        columns.verdict[row] = _read_plot(value[row], reference_time_s, radars, columns, row)
        plots += columns.verdict[row] == PLOT
    return plots


@kernel
def _read_plot(value, reference_time_s, radars, columns, row):
    """Fill one row and return its verdict."""
    radar = radar_of(value, radars)
    columns.radar[row] = radar
    verdict = UNKNOWN_SOURCE if radar < 0 else _judge(value, radars)
    if verdict == PLOT:
        verdict, columns.time_s[row] = judge_time(value, reference_time_s, radar, radars)
    if verdict != PLOT:
        return verdict
    columns.measurement[row, 0] = value[RANGE]
    columns.measurement[row, 1] = value[AZIMUTH] * RAD
    columns.measurement[row, 2] = value[ELEVATION] * RAD
    # the Doppler is measured, the range rate only differenced from ranges: never both
    if np.isnan(value[DOPPLER]):
        rate_mps, rate_sigma_mps = value[RATE], value[RATE_SD]
    else:
        rate_mps, rate_sigma_mps = value[DOPPLER], value[DOPPLER_SD]
    columns.measurement[row, 3] = rate_mps
    columns.snr_db[row] = value[SNR]
    angle_sigmas_rad = (value[AZIMUTH_SD] * RAD, value[ELEVATION_SD] * RAD)
    fill_sigma(radar, radars, columns, row, (value[RANGE_SD], *angle_sigmas_rad, rate_sigma_mps))
    return PLOT


@kernel
def _judge(value, radars):
    """Return the verdict on the content of a record of a known radar."""
    message = value[MESSAGE]
    if message == TRACK_END:
        return HEARD
    if message in (MEASUREMENT_TRACK, SENSOR_TRACK) and value[COASTED] == 1:
        return NOT_DETECTED
    if value[TAXONOMY] in (REFERENCE, SYNTHETIC):
        return REFERENCE_TARGET
    if value[TAXONOMY] == SIMULATED and radars.live:
        return SIMULATED_TARGET
    if value[STATIONS] == SEVERAL_STATIONS:
        return MULTISTATIC
    if np.isnan(value[RANGE]) or np.isnan(value[AZIMUTH]):
        return NO_POSITION
    return PLOT
