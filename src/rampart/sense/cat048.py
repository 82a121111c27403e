"""ASTERIX category 048, the plots of an air-traffic radar: what its fields mean.

Range, azimuth and Doppler are as the radar measured them. Elevation is not in the category: it follows from
the height that a 3-D radar measured (I048/110, over sea level, which is taken for the ellipsoid).
"""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.physics.geodesy import height_from_sphere
from rampart.physics.radar import apparent_from_geometric_elevation
from rampart.sense.verdicts import (
    APPARENT,
    BEYOND_ITEM,
    CLOCK_OFFSET,
    EARTH_RADIUS,
    FIRST_SERIES,
    GHOST,
    HEIGHT,
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
    "010/SAC", "010/SIC", "140", "020/TYP", "020/SIM", "020/RAB", "020/TST", "020/ERR", "170/GHO", "040/RHO",
    "040/THETA", "110/3DH", "120/CAL/CAL", "120/CAL/D",
)  # fmt: skip
(
    _SAC, _SIC, TIME, TYPE, SIMULATED, MONITOR, TEST, BEYOND, IS_GHOST, RANGE,
    AZIMUTH, TARGET_HEIGHT, DOPPLER, DOUBTFUL,
) = range(14)  # fmt: skip

NO_DETECTION = 0
NAUTICAL_MILE_M = 1852.0
FOOT_M = 0.3048
RAD = np.pi / 180.0
INCONSISTENT_SINE = 1.02
"""The largest sine of elevation that rounding of range and height may explain."""


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
    """Fill the columns of plots from the fields `value (n, 14)` of n records; return how many are plots."""
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
            out_snr_db[row] = np.nan
            _fill(value, row, radar, radars, out_measurement, out_sigma)
        out_verdict[row] = verdict
    return plots


@kernel
def _judge(value, row, live):
    """Return the verdict on the content of a record of a known radar."""
    if value[row, TYPE] == NO_DETECTION:
        return NOT_DETECTED
    if value[row, MONITOR] == 1:
        return REFERENCE_TARGET
    if live and (value[row, SIMULATED] == 1 or value[row, TEST] == 1):
        return SIMULATED_TARGET
    if value[row, BEYOND] == 1:
        return BEYOND_ITEM
    if value[row, IS_GHOST] == 1:
        return GHOST
    if np.isnan(value[row, RANGE]) or np.isnan(value[row, AZIMUTH]):
        return NO_POSITION
    return PLOT


@kernel
def _fill(value, row, radar, radars, out_measurement, out_sigma):
    """Fill a plot's measurement and sigmas."""
    range_m, azimuth_rad = value[row, RANGE] * NAUTICAL_MILE_M, value[row, AZIMUTH] * RAD
    out_measurement[row, 0] = range_m
    out_measurement[row, 1] = azimuth_rad
    target_m = value[row, TARGET_HEIGHT] * FOOT_M
    out_measurement[row, 2] = elevation_of_height(range_m, azimuth_rad, target_m, radar, radars)
    # the specification recommends positive for targets that move away
    out_measurement[row, 3] = np.nan if value[row, DOUBTFUL] == 1 else value[row, DOPPLER]
    own_sigma = (np.nan, np.nan, np.nan, np.nan)
    fill_sigma(radar, radars, own_sigma, row, out_measurement, out_sigma)


@kernel
def elevation_of_height(range_m, azimuth_rad, height_m, radar, radars):
    """Return the elevation as the radar would report it of a target at a height; NaN where it has none.

    Over the best sphere the elevation follows from the triangle of earth's centre, radar and target; the
    ellipsoid's departure from it is put right by two repetitions (error below 1 m of height at 450 km).
    """
    own_height_m, earth_radius_m = radars[radar, HEIGHT], radars[radar, EARTH_RADIUS]
    radius_m, gain_m = earth_radius_m + own_height_m, height_m - own_height_m
    if np.isnan(gain_m) or not range_m > 0.0:
        return np.nan
    series = radars[radar, FIRST_SERIES:]
    elevation_rad = 0.0
    for _ in range(3):
        sine = (gain_m * (gain_m + 2.0 * radius_m) - range_m * range_m) / (2.0 * radius_m * range_m)
        if abs(sine) > INCONSISTENT_SINE:
            return np.nan
        elevation_rad = np.arcsin(min(1.0, max(-1.0, sine)))
        across_m, above_centre_m = range_m * np.cos(elevation_rad), range_m * np.sin(elevation_rad) + radius_m
        east_m, north_m = across_m * np.sin(azimuth_rad), across_m * np.cos(azimuth_rad)
        gain_m += height_m - height_from_sphere(east_m, north_m, above_centre_m, earth_radius_m, series)
    if radars[radar, APPARENT] == 1.0:
        return apparent_from_geometric_elevation(elevation_rad, range_m)
    return elevation_rad
