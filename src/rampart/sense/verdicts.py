"""What the categories share: the radars as columns, the time of a record, and the verdict on it."""

from typing import NamedTuple

import numpy as np

from rampart.domain.site import Radar
from rampart.numerics.jit import lean_kernel
from rampart.physics.geodesy import frame_at

SAC, SIC, TIME_OF_DAY = range(3)
"""The first fields of every category."""

FAR_FROM_ARRIVAL_S = 10.0
"""A plot is refused whose time differs by more from that at which its block arrived."""

DAY_S = 86400.0

(
    PLOT, HEARD, UNKNOWN_SOURCE, NO_TIME, FALSE_TIME, FAR_TIME, NO_POSITION, NOT_DETECTED, MULTISTATIC,
    REFERENCE_TARGET, SIMULATED_TARGET, BEYOND_ITEM, GHOST, NOT_A_NUMBER, SYSTEM_TRACK, NOT_READ,
    UNREAD_EDITION, MALFORMED, NO_BLOCK, NOT_RELEASED, CLOCK_NOT_VALID,
) = range(21)  # fmt: skip
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
    "system track, no plot",
    "category not read",
    "edition not read",
    "malformed block",
    "no whole block",
    "not released for use, by its own word",
    "time source not valid, by its own word",
)
"""A verdict in words; `heard` is a valid record without a plot."""
OWN_WORDS = (NOT_RELEASED, CLOCK_NOT_VALID)
"""What a radar says of itself."""
SOUND = (SYSTEM_TRACK, NOT_READ, *OWN_WORDS)
"""What is counted, but nothing is wrong with: it is kept out of the quarantine."""

RADAR_COLUMNS = 16
SOURCE, CLOCK_OFFSET, HEIGHT, EARTH_RADIUS, APPARENT, FIRST_SIGMA, FIRST_SERIES = 0, 1, 2, 3, 4, 5, 9
"""Columns of the table of radars: SAC * 256 + SIC; clock offset, s; height and radius of the earth, m;
whether its elevation has refraction in it; four sigmas; seven numbers of the earth's shape around it."""


class PlotColumns(NamedTuple):
    """The columns of n records to be filled; the rows whose `verdict (n,)` is PLOT become plots."""

    time_s: np.ndarray
    radar: np.ndarray
    measurement: np.ndarray
    sigma: np.ndarray
    snr_db: np.ndarray
    verdict: np.ndarray


def radar_table(radars: tuple[Radar, ...]) -> np.ndarray:
    """Return the radars of a site as a table `(n, 16)` for the kernels."""
    table = np.empty((len(radars), RADAR_COLUMNS))
    for row, radar in enumerate(radars):
        frame = frame_at(radar.latitude_rad, radar.longitude_rad, radar.height_m)
        table[row, SOURCE] = radar.sac * 256 + radar.sic
        table[row, CLOCK_OFFSET], table[row, HEIGHT] = radar.clock_offset_s, radar.height_m
        table[row, EARTH_RADIUS], table[row, APPARENT] = frame.radius_m, radar.apparent_elevation
        table[row, FIRST_SIGMA : FIRST_SIGMA + 4] = radar.sigma
        table[row, FIRST_SERIES:] = frame.height_series
    return table


def empty_columns(n: int) -> PlotColumns:
    """Return columns for n records, not yet filled."""
    radar, verdict = np.empty((2, n), np.int64)
    return PlotColumns(np.empty(n), radar, np.empty((n, 4)), np.empty((n, 4)), np.empty(n), verdict)


@lean_kernel
def time_of_record(time_of_day_s, reference_time_s):
    """Return the POSIX time with a time of day that lies nearest to the reference, within 12 h."""
    return reference_time_s + _ahead_s(time_of_day_s, reference_time_s % DAY_S)


@lean_kernel
def _ahead_s(time_of_day_s, reference_of_day_s):
    """Return how far a time of day is ahead of another, within half a day."""
    ahead_s = time_of_day_s - reference_of_day_s
    if ahead_s >= 0.5 * DAY_S:
        return ahead_s - DAY_S
    return ahead_s + DAY_S if ahead_s < -0.5 * DAY_S else ahead_s


@lean_kernel
def judge_time(time_of_day_s, reference_time_s, reference_of_day_s, clock_offset_s):
    """Return (verdict, time_s) of a record; `reference_of_day_s` is the reference's time of day, found once."""
    if np.isnan(time_of_day_s):
        return NO_TIME, reference_time_s
    if time_of_day_s >= DAY_S:
        return FALSE_TIME, reference_time_s
    time_s = reference_time_s + _ahead_s(time_of_day_s, reference_of_day_s)
    if abs(time_s - clock_offset_s - reference_time_s) > FAR_FROM_ARRIVAL_S:
        return FAR_TIME, time_s
    return PLOT, time_s


@lean_kernel
def fill_sigma(radar, radars, own_sigma, row, out_measurement, out_sigma):
    """Fill a row's sigmas: the record's own (4,) where it gives one, else the site's.

    A range rate without any is dropped; sigmas of what was not measured are 1, so that none is NaN.
    """
    for k in range(4):
        known = 0.0 < own_sigma[k] < np.inf
        out_sigma[row, k] = own_sigma[k] if known else radars[radar, FIRST_SIGMA + k]
    if np.isnan(out_sigma[row, 3]):
        out_sigma[row, 3] = 1.0
        out_measurement[row, 3] = np.nan
