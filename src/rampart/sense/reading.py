"""A datagram to columns of plots in one pass: blocks, records, the verdict on each, and what was refused where."""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import lean_kernel
from rampart.sense.cat015 import fill_015, judge_015
from rampart.sense.cat034 import judge_034
from rampart.sense.cat048 import fill_048, judge_048
from rampart.sense.cat062 import judge_062
from rampart.sense.tables import Book
from rampart.sense.verdicts import (
    CLOCK_OFFSET,
    DAY_S,
    HEARD,
    MALFORMED,
    NO_BLOCK,
    NOT_READ,
    PLOT,
    SAC,
    SIC,
    SYSTEM_TRACK,
    TIME_OF_DAY,
    UNKNOWN_SOURCE,
    UNREAD_EDITION,
    judge_time,
)
from rampart.sense.walk import HEADER_OCTETS, Plans, block_end, empty_plans, read_record, source_of_block

PLOTS_015, SERVICE_034, PLOTS_048, TRACKS_062 = range(4)
"""Kinds of category: what is done with its records."""

TRAILER_OCTETS = 8
"""Radars append up to so many octets of their own after the last block of a datagram."""

LEAST_PLOT_OCTETS = 10
"""No record that becomes a plot is shorter: source, time, range and azimuth with their specification."""

REASON, SOURCE, START, END = range(4)
"""Columns of what was refused: the verdict, SAC * 256 + SIC (-1 for none, the category for one that is not
read), and where in the datagram its octets lie."""


class Tables(NamedTuple):
    """What a site says of its sources, for the kernel.

    `kind (256,)` of a category, -1 for one that is not read; `program (kinds, n + 1)` of the book by the
    source's place, the last for a source that is not known, -1 for an edition that is not read;
    `sources (n,)` SAC * 256 + SIC, those of the `radars (r, 16)` first; `slots` of the widest program.
    """

    kind: np.ndarray
    program: np.ndarray
    sources: np.ndarray
    radars: np.ndarray
    book: Book
    slots: int


class Room(NamedTuple):
    """What the kernel fills from a datagram: the shapes met, columns of plots, rejects `(m, 4)`, radars heard."""

    plans: Plans
    time_s: np.ndarray
    radar: np.ndarray
    measurement: np.ndarray
    sigma: np.ndarray
    snr_db: np.ndarray
    reject: np.ndarray
    heard: np.ndarray


def empty_room(octets: int, tables: Tables) -> Room:
    """Return room for all that may be in a datagram of so many octets."""
    most = octets // LEAST_PLOT_OCTETS + 1
    return Room(
        plans=empty_plans(tables.slots),
        time_s=np.empty(most),
        radar=np.empty(most, np.int64),
        measurement=np.empty((most, 4)),
        sigma=np.empty((most, 4)),
        snr_db=np.empty(most),
        reject=np.empty((octets + 1, 4), np.int64),
        heard=np.zeros(len(tables.radars), np.uint8),
    )


@lean_kernel
def read_fields(octets, start, end, book, program, plans, out_value):
    """Return (records, octets read): fill `out_value (n, fields)` from the records of one block's content.

    NaN where a record does not have a field. Where `out_value` has no rows the records are only counted. Less
    than all octets are read where a record breaks the layout.
    """
    records, at = 0, start
    while at < end:
        length, row = read_record(octets, at, end, program, book, plans)
        if length < 0:
            break
        if out_value.shape[0] > 0:
            for slot in range(out_value.shape[1]):
                out_value[records, slot] = plans.value[row, slot]
        records += 1
        at += length
    return records, at - start


@lean_kernel
def read_datagram(octets, reference_time_s, live, tables, out_room, out_time_of_day_s):
    """Fill the columns with the plots of a datagram; return (plots, rejects, times, newest_s).

    `heard (r,)` becomes 1 for each radar of a valid record, 0 for the others. `out_time_of_day_s` takes the
    valid times of day, radars' clocks put right, as far as it has room. A block in which a record breaks the
    layout gives nothing but one reject. `newest_s` is the newest plot's time, else the reference.
    """
    plans, out_time_s, out_radar, out_heard = out_room.plans, out_room.time_s, out_room.radar, out_room.heard
    out_measurement, out_sigma, out_snr_db = out_room.measurement, out_room.sigma, out_room.snr_db
    out_reject = out_room.reject
    for radar in range(len(out_heard)):
        out_heard[radar] = 0
    value, radars, sources = plans.value, tables.radars, tables.sources
    reference_of_day_s = reference_time_s % DAY_S
    plots, rejects, times, start, blocks = 0, 0, 0, 0, 0
    while True:
        end = block_end(octets, start, len(octets))
        if end < 0:
            break
        blocks += 1
        at = start + HEADER_OCTETS
        kind = tables.kind[octets[start]]
        if at < end and kind < 0:
            rejects = _refused(NOT_READ, octets[start], start, end, out_reject, rejects)
        elif at < end:
            source = source_of_block(octets, start, end)
            last_source, place = source, _place_of(source, sources)
            program = tables.program[kind, place]
            plots_before, rejects_before, times_before = plots, rejects, times
            while at < end and program >= 0:
                length, row = read_record(octets, at, end, program, tables.book, plans)
                if length < 0:
                    break
                source = _source_of(value, row)
                if source != last_source:
                    last_source, place = source, _place_of(source, sources)
                radar = place if place < radars.shape[0] else -1
                time_of_day_s = value[row, TIME_OF_DAY]
                offset_s = radars[radar, CLOCK_OFFSET] if radar >= 0 else 0.0
                if times < len(out_time_of_day_s) and time_of_day_s < DAY_S:
                    out_time_of_day_s[times] = time_of_day_s - offset_s
                    times += 1
                verdict = _judge(kind, value, row, live, place, radar)
                if verdict in (PLOT, SYSTEM_TRACK):
                    late, out_time_s[plots] = judge_time(
                        time_of_day_s, reference_time_s, reference_of_day_s, offset_s
                    )
                    verdict = verdict if late == PLOT else late
                if verdict == PLOT:
                    out_radar[plots] = radar
                    if kind == PLOTS_015:
                        fill_015(value, row, radar, radars, plots, out_measurement, out_sigma, out_snr_db)
                    else:
                        fill_048(value, row, radar, radars, plots, out_measurement, out_sigma, out_snr_db)
                    plots += 1
                elif verdict != HEARD:
                    rejects = _refused(verdict, source, at, at + length, out_reject, rejects)
                if radar >= 0:
                    out_heard[radar] |= 2
                at += length
            if at < end:
                # one record breaks the layout: the block is damaged, or of another edition than the site says
                plots, rejects, times = plots_before, rejects_before, times_before
                source = source_of_block(octets, start, end)
                verdict = MALFORMED if program >= 0 else UNREAD_EDITION
                rejects = _refused(verdict, source, start, end, out_reject, rejects)
            for radar in range(len(out_heard)):
                out_heard[radar] = 1 if out_heard[radar] == 1 or (out_heard[radar] and at >= end) else 0
        start = end
    rest = len(octets) - start
    if rest > (TRAILER_OCTETS if blocks else 0) or not len(octets):
        rejects = _refused(NO_BLOCK, -1, start, len(octets), out_reject, rejects)
    newest_s = reference_time_s
    for plot in range(plots):
        newest_s = out_time_s[plot] if plot == 0 else max(newest_s, out_time_s[plot])
    return plots, rejects, times, newest_s


@lean_kernel
def _judge(kind, value, row, live, place, radar):
    """Return the verdict on a record by its source and content."""
    if place < 0 or (radar < 0 and kind != TRACKS_062):
        return UNKNOWN_SOURCE
    if kind == PLOTS_015:
        return judge_015(value, row, live)
    if kind == PLOTS_048:
        return judge_048(value, row, live)
    if kind == TRACKS_062:
        return judge_062(value, row, live)
    return judge_034(value, row)


@lean_kernel
def _source_of(value, row):
    """Return SAC * 256 + SIC of a record; -1 where it has none."""
    source = value[row, SAC] * 256.0 + value[row, SIC]
    return -1 if np.isnan(source) else int(source)


@lean_kernel
def _place_of(source, sources):
    """Return where a source stands in the site's; -1 where it is not known."""
    for place in range(len(sources)):
        if sources[place] == source:
            return place
    return -1


@lean_kernel
def _refused(verdict, source, start, end, out_reject, rejects):
    """Note what was refused; return how many there are now."""
    out_reject[rejects, REASON], out_reject[rejects, SOURCE] = verdict, source
    out_reject[rejects, START], out_reject[rejects, END] = start, end
    return rejects + 1
