"""ASTERIX category 048, the plots of an air-traffic radar: what its fields mean.

Range, azimuth and Doppler are as the radar measured them. Elevation is not in the category: it follows from
the height that a 3-D radar measured (I048/110, over sea level, which is taken for the ellipsoid).
"""

import numpy as np

from rampart.numerics.jit import lean_kernel
from rampart.physics.geodesy import above_sphere_m
from rampart.physics.radar import apparent_from_geometric_elevation
from rampart.sense.verdicts import (
    APPARENT,
    BEYOND_ITEM,
    EARTH_RADIUS,
    FIRST_SERIES,
    GHOST,
    HEIGHT,
    NO_POSITION,
    NOT_DETECTED,
    PLOT,
    REFERENCE_TARGET,
    SIMULATED_TARGET,
    fill_sigma,
)

FIELDS = (
    "010/SAC", "010/SIC", "140", "020/TYP", "020/SIM", "020/RAB", "020/TST", "020/ERR", "170/GHO", "040/RHO",
    "040/THETA", "110/3DH", "120/CAL/CAL", "120/CAL/D", "120/RDS[0]/DOP", "120/RDS[0]/AMB", "120/RDS[1]/DOP",
    "120/RDS[1]/AMB", "120/RDS[2]/DOP", "120/RDS[2]/AMB",
)  # fmt: skip
(
    _SAC, _SIC, _TIME, TYPE, SIMULATED, MONITOR, TEST, BEYOND, IS_GHOST, RANGE,
    AZIMUTH, TARGET_HEIGHT, DOPPLER, DOUBTFUL, RAW_DOPPLER,
) = range(15)  # fmt: skip

RAW_DOPPLERS = 3
"""So many raw Dopplers are held against one another, each with the interval modulo which it is known."""
FASTEST_MPS = 1500.0
"""No target that is tracked here moves away or closes in faster."""
LEAST_INTERVAL_MPS = 10.0
"""A raw Doppler known modulo less says nothing."""
RAW_TOLERANCE_MPS = 3.0
"""Raw Dopplers that agree differ by no more: both are rounded to 1 m/s and measured apart."""

NO_DETECTION = 0
NAUTICAL_MILE_M = 1852.0
FOOT_M = 0.3048
RAD = np.pi / 180.0
INCONSISTENT_SINE = 1.02
"""The largest sine of elevation that rounding of range and height may explain."""


@lean_kernel
def judge_048(value, row, live):
    """Return the verdict on the content of a record of a known radar; its fields are `value[row]`."""
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


@lean_kernel
def fill_048(value, row, radar, radars, plot, out_measurement, out_sigma, out_snr_db):
    """Fill a plot's measurement and sigmas; the category gives no signal-to-noise ratio."""
    out_snr_db[plot] = np.nan
    range_m, azimuth_rad = value[row, RANGE] * NAUTICAL_MILE_M, value[row, AZIMUTH] * RAD
    out_measurement[plot, 0] = range_m
    out_measurement[plot, 1] = azimuth_rad
    target_m = value[row, TARGET_HEIGHT] * FOOT_M
    out_measurement[plot, 2] = elevation_of_height(range_m, azimuth_rad, target_m, radar, radars)
    out_measurement[plot, 3] = range_rate(value, row)
    own_sigma = (np.nan, np.nan, np.nan, np.nan)
    fill_sigma(radar, radars, own_sigma, plot, out_measurement, out_sigma)


@lean_kernel
def range_rate(value, row):
    """Return the range rate, m/s, of a record of fields `value[row]`: calculated, else of the raw Dopplers.

    A raw Doppler is known modulo its ambiguity only. It counts where one single speed agrees with all of
    them; NaN where none does or several do. The specification recommends positive for targets that move away.
    """
    if not np.isnan(value[row, DOPPLER]):
        return np.nan if value[row, DOUBTFUL] == 1 else value[row, DOPPLER]
    first_mps, interval_mps = value[row, RAW_DOPPLER], value[row, RAW_DOPPLER + 1]
    if not interval_mps >= LEAST_INTERVAL_MPS:
        return np.nan
    speed_mps, speeds = np.nan, 0
    candidate_mps = first_mps - interval_mps * np.floor((first_mps + FASTEST_MPS) / interval_mps)
    while candidate_mps <= FASTEST_MPS:
        agreed = True
        for turn in range(1, RAW_DOPPLERS):
            other_mps, modulo_mps = value[row, RAW_DOPPLER + 2 * turn], value[row, RAW_DOPPLER + 2 * turn + 1]
            if modulo_mps >= LEAST_INTERVAL_MPS:
                turns = np.floor((candidate_mps - other_mps) / modulo_mps + 0.5)
                agreed &= abs(candidate_mps - other_mps - turns * modulo_mps) <= RAW_TOLERANCE_MPS
        if agreed:
            speed_mps, speeds = candidate_mps, speeds + 1
        candidate_mps += interval_mps
    return speed_mps if speeds == 1 else np.nan


@lean_kernel
def elevation_of_height(range_m, azimuth_rad, height_m, radar, radars):
    """Return the elevation as the radar would report it of a target at a height; NaN where it has none.

    Over the best sphere the elevation follows from the triangle of earth's centre, radar and target. There
    the target is `height_m` less the ellipsoid's rise over the sphere high (error below 1 m at 450 km).
    """
    own_height_m = radars[radar, HEIGHT]
    radius_m, gain_m = radars[radar, EARTH_RADIUS] + own_height_m, height_m - own_height_m
    if np.isnan(gain_m) or not range_m > 0.0:
        return np.nan
    sine = _sine_of_elevation(range_m, gain_m, radius_m)
    if abs(sine) > INCONSISTENT_SINE:
        return np.nan
    across = range_m * np.sqrt(max(0.0, 1.0 - sine * sine)) / (radius_m + gain_m)
    # the rise is metres: single precision finds it to the micrometre, in half the time
    x, y = across * np.sin(np.float32(azimuth_rad)), across * np.cos(np.float32(azimuth_rad))
    gain_m -= above_sphere_m(x, y, radars[radar, FIRST_SERIES:])
    sine = _sine_of_elevation(range_m, gain_m, radius_m)
    elevation_rad = np.arcsin(min(1.0, max(-1.0, sine)))
    if radars[radar, APPARENT] == 1.0:
        return apparent_from_geometric_elevation(elevation_rad, range_m)
    return elevation_rad


@lean_kernel
def _sine_of_elevation(range_m, gain_m, radius_m):
    """Return the sine of the elevation of a target `gain_m` above a radar that is `radius_m` from the centre."""
    return (gain_m * (gain_m + 2.0 * radius_m) - range_m * range_m) / (2.0 * radius_m * range_m)
