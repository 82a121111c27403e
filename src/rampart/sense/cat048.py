"""ASTERIX category 048, the plots of an air-traffic radar: what its fields mean.

Range, azimuth and Doppler are as the radar measured them. Elevation is not in the category: it follows from
the height that a 3-D radar measured (I048/110, over sea level, which is taken for the ellipsoid).
"""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.physics.geodesy import height_from_sphere
from rampart.physics.radar import apparent_from_geometric_elevation
from rampart.sense.verdicts import (
    BEYOND_ITEM,
    GHOST,
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
    _SAC, _SIC, _TIME, TYPE, SIMULATED, MONITOR, TEST, BEYOND, IS_GHOST, RANGE,
    AZIMUTH, HEIGHT, DOPPLER, DOUBTFUL,
) = range(14)  # fmt: skip

NO_DETECTION = 0
NAUTICAL_MILE_M = 1852.0
FOOT_M = 0.3048
RAD = np.pi / 180.0
INCONSISTENT_SINE = 1.02
"""The largest sine of elevation that rounding of range and height may explain."""


@kernel
def read_plots(value, reference_time_s, radars, columns):
    """Fill `columns` from the fields `value (n, 14)` of n records; return how many are plots."""
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
    range_m, azimuth_rad = value[RANGE] * NAUTICAL_MILE_M, value[AZIMUTH] * RAD
    columns.measurement[row, 0] = range_m
    columns.measurement[row, 1] = azimuth_rad
    height_m = value[HEIGHT] * FOOT_M
    columns.measurement[row, 2] = elevation_of_height(range_m, azimuth_rad, height_m, radar, radars)
    # the specification recommends positive for targets that move away
    columns.measurement[row, 3] = np.nan if value[DOUBTFUL] == 1 else value[DOPPLER]
    columns.snr_db[row] = np.nan
    fill_sigma(radar, radars, columns, row, (np.nan, np.nan, np.nan, np.nan))
    return PLOT


@kernel
def _judge(value, radars):
    """Return the verdict on the content of a record of a known radar."""
    if value[TYPE] == NO_DETECTION:
        return NOT_DETECTED
    if value[MONITOR] == 1:
        return REFERENCE_TARGET
    if radars.live and (value[SIMULATED] == 1 or value[TEST] == 1):
        return SIMULATED_TARGET
    if value[BEYOND] == 1:
        return BEYOND_ITEM
    if value[IS_GHOST] == 1:
        return GHOST
    if np.isnan(value[RANGE]) or np.isnan(value[AZIMUTH]):
        return NO_POSITION
    return PLOT


@kernel
def elevation_of_height(range_m, azimuth_rad, height_m, radar, radars):
    """Return the elevation as the radar would report it of a target at a height; NaN where it has none.

    Over the best sphere the elevation follows from the triangle of earth's centre, radar and target; the
    ellipsoid's departure from it is put right by two repetitions (error below 1 m of height at 450 km).
    """
    radius_m = radars.radius_m[radar] + radars.height_m[radar]
    gain_m = height_m - radars.height_m[radar]
    if np.isnan(gain_m) or not range_m > 0.0:
        return np.nan
    elevation_rad = 0.0
    for _ in range(3):
        sine = (gain_m * (gain_m + 2.0 * radius_m) - range_m * range_m) / (2.0 * radius_m * range_m)
        if abs(sine) > INCONSISTENT_SINE:
            return np.nan
        elevation_rad = np.arcsin(min(1.0, max(-1.0, sine)))
        across_m, up_m = range_m * np.cos(elevation_rad), range_m * np.sin(elevation_rad)
        east_m, north_m = across_m * np.sin(azimuth_rad), across_m * np.cos(azimuth_rad)
        reached_m = height_from_sphere(
            east_m, north_m, up_m + radius_m, radars.radius_m[radar], radars.height_series[radar]
        )
        gain_m += height_m - reached_m
    if radars.apparent[radar]:
        return apparent_from_geometric_elevation(elevation_rad, range_m)
    return elevation_rad
