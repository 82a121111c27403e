"""Rows of plots as CSV text to a scan: the columns by their names, one pass over the bytes."""

from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rampart.domain.scan import NO_PLOTS, Plots, Reject, Scan
from rampart.domain.site import Radar, Site
from rampart.numerics.jit import kernel
from rampart.sense.csv_text import (
    EMPTY,
    FEW_COLUMNS,
    MANY_COLUMNS,
    NO_NUMBER,
    READ,
    field_end,
    hash_of,
    line_end,
    name_of,
    number_of,
    time_of,
    trimmed,
)
from rampart.sense.identity import Same
from rampart.sense.verdicts import (
    CLOCK_OFFSET,
    FAR_FROM_ARRIVAL_S,
    FAR_TIME,
    NOT_A_NUMBER,
    PLOT,
    REASONS,
    UNKNOWN_SOURCE,
    empty_columns,
    fill_sigma,
    radar_table,
)

REQUIRED = ("time", "radar", "range_m", "azimuth_deg", "elevation_deg", "range_rate_mps", "snr_db")
OPTIONAL = ("range_sigma_m", "azimuth_sigma_deg", "elevation_sigma_deg", "range_rate_sigma_mps")
COLUMNS = REQUIRED + OPTIONAL
(
    TIME, RADAR, RANGE, AZIMUTH, ELEVATION, RATE, SNR, RANGE_SD, AZIMUTH_SD, ELEVATION_SD, RATE_SD,
) = range(11)  # fmt: skip
MUST_NOT_BE_EMPTY = AZIMUTH
"""The last column that may not be empty; a 2-D radar leaves the elevation out."""
RAD = np.pi / 180.0


class RadarNames(NamedTuple):
    """The radars' ids as text: `names (n, longest)` octets, `lengths (n,)`."""

    names: np.ndarray
    lengths: np.ndarray


def radar_names(radars: tuple[Radar, ...]) -> RadarNames:
    """Return the ids of a site's radars as octets."""
    texts = [radar.id.encode() for radar in radars]
    lengths = np.array([len(text) for text in texts], np.int64)
    names = np.zeros((len(texts), max(lengths, default=0)), np.uint8)
    for row, text in enumerate(texts):
        names[row, : len(text)] = np.frombuffer(text, np.uint8)
    return RadarNames(names, lengths)


@lru_cache(maxsize=64)
def column_order(header: bytes) -> np.ndarray | None:
    """Return for each column of a header its index in COLUMNS; None where the header is not one of ours.

    All of REQUIRED, any of OPTIONAL, in any order, none twice and no other.
    """
    names = [name.strip().strip('"').strip() for name in header.decode(errors="replace").split(",")]
    if set(names) - set(COLUMNS) or set(REQUIRED) - set(names) or len(set(names)) < len(names):
        return None
    return np.array([COLUMNS.index(name) for name in names], np.int64)


def scan_of_rows(payload: bytes, reference_time_s: float, site: Site) -> Scan:
    """Return the scan of CSV text: a header line and rows; what cannot be read is a counted reject."""
    radars, names = _radars_of(Same(site))
    header = payload.partition(b"\n")[0]
    order = column_order(header)
    if order is None:
        return Scan(reference_time_s, NO_PLOTS, (), (Reject("unreadable header"),))
    lines = payload.count(b"\n") + 1
    columns, starts = empty_columns(lines), np.empty(lines, np.int64)
    text = np.frombuffer(payload, np.uint8)
    rows, plots, unread = read_rows(
        text, len(header) + 1, order, radars, names, reference_time_s, starts, *columns
    )
    verdict = columns.verdict[:rows]
    chosen = slice(rows) if plots == rows else np.flatnonzero(verdict == PLOT)
    kept = Plots(*(column[chosen] for column in columns[:5]))
    heard = {radar for radar in columns.radar[:rows].tolist() if radar >= 0}
    rejects: Counter[tuple[str, str]] = Counter({("unreadable row", ""): unread} if unread else {})
    for row in np.flatnonzero(verdict != PLOT).tolist() if plots < rows else ():
        rejects[REASONS[verdict[row]], _radar_text(text, int(starts[row]), order)] += 1
    time_s = float(kept.time_s.max()) if plots else reference_time_s
    refused = tuple(Reject(reason, count, source) for (reason, source), count in rejects.items())
    return Scan(time_s, kept, tuple(sorted(heard)), refused)


@lru_cache(maxsize=8)
def _radars_of(site: Same[Site]) -> tuple[np.ndarray, RadarNames]:
    return radar_table(site.value.radars), radar_names(site.value.radars)


def _radar_text(text: np.ndarray, start: int, order: np.ndarray) -> str:
    """Return what stands in the radar's column of the row at `start`."""
    line = text[start : line_end(text, start, len(text))].tobytes().decode(errors="replace")
    return line.split(",")[int(np.flatnonzero(order == RADAR)[0])].strip().strip('"')


@kernel
def read_rows(
    text, start, order, radars, names, reference_time_s,
    out_start, out_time_s, out_radar, out_measurement, out_sigma, out_snr_db, out_verdict,
):  # fmt: skip
    """Fill the columns of plots and `out_start`, where each row begins; return (rows, plots, unreadable)."""
    value = np.empty(len(COLUMNS))
    names_text, lengths = names.names, names.lengths
    at, end = start, len(text)
    rows, plots, unread = 0, 0, 0
    while at < end:
        stop = line_end(text, at, end)
        status, radar, _, _, _ = parse_row(text, at, stop, order, names_text, lengths, value)
        if status == READ:
            verdict = _judge(value, radar, radars, reference_time_s)
            out_start[rows], out_time_s[rows], out_radar[rows] = at, value[TIME], radar
            out_verdict[rows] = verdict
            if verdict == PLOT:
                plots += 1
                out_snr_db[rows] = value[SNR]
                _fill(value, radar, radars, rows, out_measurement, out_sigma)
            rows += 1
        elif status != EMPTY:
            unread += 1
        at = stop + 1
    return rows, plots, unread


@kernel
def index_rows(text, start, order, names, out_time_s, out_key, out_start, out_end):
    """Find the rows of a CSV file: their times, radars and places, up to the first that cannot be read.

    `out_key`: the radar's index, or a negative number that stands for an unknown name. Returns
    (rows, status, column, start of its row, start and end of its field): READ where all were.
    """
    value = np.empty(len(COLUMNS))
    names_text, lengths = names.names, names.lengths
    at, end, rows = start, len(text), 0
    while at < end:
        stop = line_end(text, at, end)
        status, radar, column, first, last = parse_row(text, at, stop, order, names_text, lengths, value)
        if status == READ:
            out_time_s[rows], out_start[rows], out_end[rows] = value[TIME], at, min(stop + 1, end)
            out_key[rows] = radar if radar >= 0 else -int(value[RADAR])
            rows += 1
        elif status != EMPTY:
            return rows, status, column, at, first, last
        at = stop + 1
    return rows, READ, 0, 0, 0, 0


@kernel
def parse_row(text, start, end, order, names, lengths, out_value):
    """Fill `out_value (11,)` from one row; return (status, radar, column, start and end of the last field).

    `out_value[RADAR]` is a number that stands for the name. EMPTY: a blank line, which is passed over.
    """
    radar = -1
    first, last = trimmed(text, start, end)
    if first == last:
        return EMPTY, radar, 0, start, end
    out_value[:] = np.nan
    at, place = start, 0
    while place < len(order):
        if at > end:
            return FEW_COLUMNS, radar, order[place], start, end
        stop = field_end(text, at, end)
        first, last = trimmed(text, at, stop)
        column = order[place]
        status = READ
        if column == RADAR:
            radar = name_of(text, first, last, names, lengths)
            out_value[RADAR] = float(hash_of(text, first, last))
        elif column == TIME:
            out_value[TIME], status = time_of(text, first, last)
        else:
            out_value[column], status = number_of(text, first, last)
            if status == EMPTY:
                status = NO_NUMBER if column <= MUST_NOT_BE_EMPTY else READ
        if status != READ:
            return status, radar, column, first, last
        at, place = stop + 1, place + 1
    return (READ if at > end else MANY_COLUMNS), radar, order[place - 1], start, end


@kernel
def _judge(value, radar, radars, reference_time_s):
    """Return the verdict on a row that could be read."""
    if radar < 0:
        return UNKNOWN_SOURCE
    if abs(value[TIME] - radars[radar, CLOCK_OFFSET] - reference_time_s) > FAR_FROM_ARRIVAL_S:
        return FAR_TIME
    if not (np.isfinite(value[RANGE]) and np.isfinite(value[AZIMUTH])) or np.isinf(value[ELEVATION]):
        return NOT_A_NUMBER
    return PLOT


@kernel
def _fill(value, radar, radars, row, out_measurement, out_sigma):
    """Fill a plot's measurement and sigmas."""
    out_measurement[row, 0] = value[RANGE]
    out_measurement[row, 1] = value[AZIMUTH] * RAD
    out_measurement[row, 2] = value[ELEVATION] * RAD
    out_measurement[row, 3] = value[RATE] if np.isfinite(value[RATE]) else np.nan
    own_sigma = (value[RANGE_SD], value[AZIMUTH_SD] * RAD, value[ELEVATION_SD] * RAD, value[RATE_SD])
    fill_sigma(radar, radars, own_sigma, row, out_measurement, out_sigma)
