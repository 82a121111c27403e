"""What the categories share: the radars as columns, the time of a record, and the verdict on it."""

from typing import NamedTuple

import numpy as np

from rampart.domain.site import Radar
from rampart.numerics.jit import kernel
from rampart.physics.geodesy import frame_at

SAC, SIC, TIME_OF_DAY = range(3)
"""The first fields of every category."""

FAR_FROM_ARRIVAL_S = 10.0
"""A plot is refused whose time differs by more from that at which its block arrived."""

DAY_S = 86400.0

(
    PLOT, HEARD, UNKNOWN_SOURCE, NO_TIME, FALSE_TIME, FAR_TIME, NO_POSITION, NOT_DETECTED, MULTISTATIC,
    REFERENCE_TARGET, SIMULATED_TARGET, BEYOND_ITEM, GHOST, NOT_A_NUMBER,
) = range(14)  # fmt: skip
REASONS = (
    "plot",
    "heard",
    "unknown source",
    "no time",
    "false time",
    "time far from its arrival",
    "no range or azimuth",
    "extrapolated, not detected",
    "multistatic range",
    "reference target",
    "simulated target",
    "range beyond the item",
    "ghost",
    "not a number",
)
"""A verdict in words; `heard` is a valid record without a plot."""


class RadarColumns(NamedTuple):
    """The site's n radars for the kernels.

    `source (n,)` SAC * 256 + SIC; `sigma (n, 4)`; `clock_offset_s (n,)`; `height_m (n,)`, `radius_m (n,)`,
    `height_series (n, 7)` the shape of the earth around each; `apparent (n,)` whether the elevation that it
    reports has refraction in it. `live`: simulated targets are refused.
    """

    source: np.ndarray
    sigma: np.ndarray
    clock_offset_s: np.ndarray
    height_m: np.ndarray
    radius_m: np.ndarray
    height_series: np.ndarray
    apparent: np.ndarray
    live: bool


class PlotColumns(NamedTuple):
    """The columns of n records to be filled; the rows whose `verdict (n,)` is PLOT become plots."""

    time_s: np.ndarray
    radar: np.ndarray
    measurement: np.ndarray
    sigma: np.ndarray
    snr_db: np.ndarray
    verdict: np.ndarray


def radar_columns(radars: tuple[Radar, ...], live: bool) -> RadarColumns:
    """Return the radars of a site as columns."""
    frames = [frame_at(radar.latitude_rad, radar.longitude_rad, radar.height_m) for radar in radars]
    return RadarColumns(
        source=np.array([radar.sac * 256 + radar.sic for radar in radars], np.int64),
        sigma=np.array([radar.sigma for radar in radars], float).reshape(-1, 4),
        clock_offset_s=np.array([radar.clock_offset_s for radar in radars], float),
        height_m=np.array([radar.height_m for radar in radars], float),
        radius_m=np.array([frame.radius_m for frame in frames], float),
        height_series=np.array([frame.height_series for frame in frames], float).reshape(-1, 7),
        apparent=np.array([radar.apparent_elevation for radar in radars], np.bool_),
        live=live,
    )


def empty_columns(n: int) -> PlotColumns:
    """Return columns for n records, not yet filled."""
    radar, verdict = np.empty((2, n), np.int64)
    return PlotColumns(np.empty(n), radar, np.empty((n, 4)), np.empty((n, 4)), np.empty(n), verdict)


@kernel
def time_of_record(time_of_day_s, reference_time_s):
    """Return the POSIX time with a time of day that lies nearest to the reference, within 12 h."""
    ahead_s = (time_of_day_s - reference_time_s) % DAY_S
    return reference_time_s + (ahead_s if ahead_s < 0.5 * DAY_S else ahead_s - DAY_S)


@kernel
def radar_of(value, radars):
    """Return the index of a record's radar; -1 where the site has none of that source."""
    for i in range(radars.source.shape[0]):
        if value[SAC] * 256.0 + value[SIC] == radars.source[i]:
            return i
    return -1


@kernel
def judge_time(value, reference_time_s, radar, radars):
    """Return (verdict, time_s) of a record by its time of day."""
    time_of_day_s = value[TIME_OF_DAY]
    if np.isnan(time_of_day_s):
        return NO_TIME, reference_time_s
    if time_of_day_s >= DAY_S:
        return FALSE_TIME, reference_time_s
    time_s = time_of_record(time_of_day_s, reference_time_s)
    if abs(time_s - radars.clock_offset_s[radar] - reference_time_s) > FAR_FROM_ARRIVAL_S:
        return FAR_TIME, time_s
    return PLOT, time_s


@kernel
def read_service(value, reference_time_s, radars, columns):
    """Fill the verdict on service messages, which say no more than that a radar is alive; return 0 plots."""
    for row in range(value.shape[0]):
        columns.radar[row] = radar_of(value[row], radars)
        columns.verdict[row] = HEARD if columns.radar[row] >= 0 else UNKNOWN_SOURCE
    return 0


@kernel
def fill_sigma(radar, radars, columns, row, own_sigma):
    """Fill a row's sigmas: the record's own (4,) where it gives one, else the site's.

    A range rate without any is dropped; sigmas of what was not measured are 1, so that none is NaN.
    """
    for k in range(4):
        columns.sigma[row, k] = own_sigma[k] if 0.0 < own_sigma[k] < np.inf else radars.sigma[radar, k]
    if np.isnan(columns.sigma[row, 3]):
        columns.sigma[row, 3] = 1.0
        columns.measurement[row, 3] = np.nan
