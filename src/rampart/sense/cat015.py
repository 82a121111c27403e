"""ASTERIX category 015, the native plots of a 3-D radar: what its fields mean."""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.sense.verdicts import (
    CLOCK_OFFSET,
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
    _SAC, _SIC, TIME, MESSAGE, STATIONS, TAXONOMY, COASTED, RANGE, RANGE_SD, RATE,
    RATE_SD, DOPPLER, DOPPLER_SD, AZIMUTH, AZIMUTH_SD, ELEVATION, ELEVATION_SD, SNR,
) = range(18)  # fmt: skip

MEASUREMENT_TRACK, SENSOR_TRACK, TRACK_END = 2, 4, 5
"""Message types that are no plots, as 1 and 3 are: smoothed or extrapolated ones, and the end of a track."""
SEVERAL_STATIONS = 1
REFERENCE, SYNTHETIC, SIMULATED = 1, 2, 3
RAD = np.pi / 180.0


@kernel
def read_plots(
    value,
    reference_time_s,
    radars,
    live,
    out_time_s,
    out_radar,
    out_measurement,
    out_sigma,
    out_snr_db,
    out_verdict,
):
    """Fill the columns of plots from the fields `value (n, 18)` of n records; return how many are plots."""
    plots = 0
    for row in range(value.shape[0]):
        radar = radar_of(value, row, radars)
        out_radar[row] = radar
        verdict = UNKNOWN_SOURCE if radar < 0 else _judge(value, row, live)
        if verdict == PLOT:
            offset_s = radars[radar, CLOCK_OFFSET]
            verdict, out_time_s[row] = judge_time(value[row, TIME], reference_time_s, offset_s)
        if verdict == PLOT:
            plots += 1
            out_snr_db[row] = value[row, SNR]
            _fill(value, row, radar, radars, out_measurement, out_sigma)
        out_verdict[row] = verdict
    return plots


@kernel
def _judge(value, row, live):
    """Return the verdict on the content of a record of a known radar."""
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


@kernel
def _fill(value, row, radar, radars, out_measurement, out_sigma):
    """Fill a plot's measurement and sigmas."""
    out_measurement[row, 0] = value[row, RANGE]
    out_measurement[row, 1] = value[row, AZIMUTH] * RAD
    out_measurement[row, 2] = value[row, ELEVATION] * RAD
    # the Doppler is measured, the range rate only differenced from ranges: never both
    measured = not np.isnan(value[row, DOPPLER])
    out_measurement[row, 3] = value[row, DOPPLER] if measured else value[row, RATE]
    rate_sigma_mps = value[row, DOPPLER_SD] if measured else value[row, RATE_SD]
    azimuth_sigma_rad, elevation_sigma_rad = value[row, AZIMUTH_SD] * RAD, value[row, ELEVATION_SD] * RAD
    own_sigma = (value[row, RANGE_SD], azimuth_sigma_rad, elevation_sigma_rad, rate_sigma_mps)
    fill_sigma(radar, radars, own_sigma, row, out_measurement, out_sigma)
