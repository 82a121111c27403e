"""ASTERIX datagrams to scans: `decode` reads categories 015, 034, 048 and 062 and never fails on any bytes.

Blocks are split by their length; a category that is not read is skipped. A block in which one record breaks
its category's layout is refused whole: it is damaged, or of another edition than the site says.
"""

import threading
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rampart.domain.scan import NO_PLOTS, Plots, Reject, Scan
from rampart.domain.site import Radar, Site, System
from rampart.sense import cat015, cat034, cat048, cat062
from rampart.sense.blocks import unframed
from rampart.sense.cat062 import SystemTracks, system_tracks
from rampart.sense.identity import Same
from rampart.sense.reading import (
    PLOTS_015,
    PLOTS_048,
    SERVICE_034,
    TRACKS_062,
    Room,
    Tables,
    empty_room,
    read_datagram,
    read_fields,
)
from rampart.sense.tables import book_of, fields_of, layout_of
from rampart.sense.verdicts import DAY_S, NOT_READ, REASONS, SOUND, radar_table, time_of_record
from rampart.sense.walk import HEADER_OCTETS, block_end, source_of_block

FIELDS = {15: cat015.FIELDS, 34: cat034.FIELDS, 48: cat048.FIELDS, 62: cat062.FIELDS}
KINDS = {15: PLOTS_015, 34: SERVICE_034, 48: PLOTS_048, 62: TRACKS_062}

NO_TIMES = np.empty(0)
LARGEST_DATAGRAM = 65535


class Refused(NamedTuple):
    """A block or record that was refused: why, of what source, and its octets."""

    reason: str
    source: str
    octets: bytes


def decode(payload: bytes, reference_time_s: float, site: Site) -> Scan:
    """Return the plots, the radars heard and what was refused in one datagram or block.

    `reference_time_s`, POSIX: when it arrived; a time of day means the nearest such time. The scan's time is
    its newest plot's, else the reference.
    """
    return decoder_of(site).decode(payload, reference_time_s)


def decoder_of(site: Site) -> "Decoder":
    """Return the decoder of a site, made once."""
    return _decoder_of(Same(site))


@lru_cache(maxsize=8)
def _decoder_of(site: Same[Site]) -> "Decoder":
    return Decoder(site.value)


class Decoder:
    """Reads the datagrams of one site's sources; between two of them it holds only how records were laid out."""

    def __init__(self, site: Site):
        self.tables, self._live = tables_of(site), site.mode == "live"
        self._own = threading.local()

    def decode(self, payload: bytes, reference_time_s: float) -> Scan:
        """Return the scan of one datagram; see `decode`."""
        room, plots, rejects, _, newest_s = self._read(payload, reference_time_s, NO_TIMES)
        kept = NO_PLOTS
        if plots:
            columns = [column[:plots] for column in room[1:6]]
            # room that is not this thread's own, filled well, may stay with the plots
            if len(room.reject) <= LARGEST_DATAGRAM + 1 or plots < len(room.time_s) // 4:
                columns = [column.copy() for column in columns]
            kept = Plots(*columns)
        refused = _counted(room.reject[:rejects]) if rejects else ()
        return Scan(newest_s, kept, tuple(room.heard.nonzero()[0].tolist()), refused)

    def refused(self, payload: bytes, reference_time_s: float) -> list[Refused]:
        """Return the blocks and records of a datagram that were refused for a fault of theirs, in order."""
        payload = unframed(payload)
        read = self._read(payload, reference_time_s, NO_TIMES)
        return [
            Refused(REASONS[verdict], source_text(verdict, source), payload[start:end])
            for verdict, source, start, end in read.room.reject[: read.rejects].tolist()
            if verdict not in SOUND
        ]

    def time_of_day_s(self, payload: bytes) -> float:
        """Return the median time of day in a datagram, radars' clocks put right; NaN where it has none."""
        room = np.empty(len(payload) // 3 + 1)
        times_s = room[: self._read(payload, 0.0, room).times]
        if not len(times_s):
            return float("nan")
        after_first_s = (times_s - times_s[0] + 0.5 * DAY_S) % DAY_S - 0.5 * DAY_S
        return float(times_s[0] + np.sort(after_first_s)[(len(times_s) - 1) // 2]) % DAY_S

    def system_tracks(self, payload: bytes, reference_time_s: float) -> SystemTracks:
        """Return the system tracks (category 062) of a datagram: whole blocks of known sources, with a time."""
        payload, parts, start = unframed(payload), [], 0
        octets = np.frombuffer(payload, np.uint8)
        while (end := block_end(octets, start, len(octets))) >= 0:
            if payload[start] == 62:
                parts.append(self._values(octets, start, end))
            start = end
        value = np.concatenate([np.empty((0, len(FIELDS[62]))), *parts])
        value = value[value[:, cat062.TIME] < DAY_S]
        times_s = [time_of_record(of_day_s, reference_time_s) for of_day_s in value[:, cat062.TIME].tolist()]
        return system_tracks(value, np.array(times_s))

    def _values(self, octets, start, end) -> np.ndarray:
        """Return the fields `(n, fields)` of a block of tracks; no rows for one that is refused."""
        tables = self.tables
        place = np.flatnonzero(tables.sources == source_of_block(octets, start, end))
        program = int(tables.program[TRACKS_062, place[0]]) if len(place) else -1
        content, value = start + HEADER_OCTETS, np.empty((0, len(FIELDS[62])))
        if program < 0:
            return value
        plans = self._room(0).plans
        records, read = read_fields(octets, content, end, tables.book, program, plans, value)
        if read < end - content:
            return value
        value = np.empty((records, len(FIELDS[62])))
        read_fields(octets, content, end, tables.book, program, plans, value)
        return value

    def _room(self, size: int) -> Room:
        """Return room for what is in so many octets: this thread's own, which it uses again and again."""
        if size > LARGEST_DATAGRAM:
            return empty_room(size, self.tables)
        try:
            room: Room = self._own.room
        except AttributeError:
            room = self._own.room = empty_room(LARGEST_DATAGRAM, self.tables)
        return room

    def _read(self, payload: bytes, reference_time_s: float, times_of_day_s: np.ndarray) -> "Read":
        """Return what the kernel makes of a datagram, to be taken before this thread reads the next one."""
        if payload[:1] == b"\0":
            payload = unframed(payload)
        room, octets = self._room(len(payload)), np.frombuffer(payload, np.uint8)
        return Read(
            room, *read_datagram(octets, reference_time_s, self._live, self.tables, room, times_of_day_s)
        )


class Read(NamedTuple):
    """The room as a datagram has filled it: how many plots, rejects and times of day, and the newest time."""

    room: Room
    plots: int
    rejects: int
    times: int
    newest_s: float


def tables_of(site: Site) -> Tables:
    """Return what a site says of its sources, and the layouts of their editions, for the kernel."""
    sources: list[Radar | System] = [*site.radars, *site.systems]
    programs: dict = {}
    program = np.empty((len(KINDS), len(sources) + 1), np.int64)
    for category, kind in KINDS.items():
        for place, edition in enumerate([*(source.edition for source in sources), {}]):
            layout = layout_of(category, edition.get(f"{category:03d}", ""))
            key = (category, layout.editions) if layout else None
            if layout:
                programs.setdefault(key, (len(programs), layout, fields_of(layout, FIELDS[category])))
            program[kind, place] = programs[key][0] if layout else -1
    kind_of = np.full(256, -1, np.int64)
    kind_of[list(KINDS)] = list(KINDS.values())
    return Tables(
        kind=kind_of,
        program=program,
        sources=np.array([source.sac * 256 + source.sic for source in sources], np.int64),
        radars=radar_table(site.radars),
        book=book_of([(layout, fields) for _, layout, fields in programs.values()]),
        slots=max(len(fields) for fields in FIELDS.values()),
    )


def _counted(rejected: np.ndarray) -> tuple[Reject, ...]:
    """Return rows of what was refused `(m, 4)`, counted by reason and source."""
    counts = Counter(zip(rejected[:, 0].tolist(), rejected[:, 1].tolist(), strict=True))
    return tuple(Reject(REASONS[why], n, source_text(why, source)) for (why, source), n in counts.items())


def source_text(verdict: int, source: int) -> str:
    """Return how a reject names its source: SAC/SIC, or the category of one that is not read."""
    if verdict == NOT_READ:
        return f"{source:03d}"
    return "" if source < 0 else f"{source // 256}/{source % 256}"
