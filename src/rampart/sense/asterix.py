"""ASTERIX datagrams to scans: `decode` reads categories 015, 034 and 048 and never fails on any bytes.

Blocks are split by their length; a category that is not read is skipped. A block in which one record breaks
its category's layout is refused whole: it is damaged, or of another edition than the site says.
"""

from collections import Counter
from functools import lru_cache

import numpy as np

from rampart.domain.scan import Plots, Reject, Scan, join_plots
from rampart.domain.site import Site
from rampart.sense import cat015, cat048
from rampart.sense.identity import Same
from rampart.sense.tables import Program, program_of
from rampart.sense.verdicts import (
    CLOCK_OFFSET,
    DAY_S,
    HEARD,
    PLOT,
    REASONS,
    SAC,
    SIC,
    TIME_OF_DAY,
    empty_columns,
    radar_of,
    radar_table,
    read_service,
)
from rampart.sense.walk import HEADER_OCTETS, WHOLE, block_end, source_of_block, walk_records

FIELDS = {15: cat015.FIELDS, 34: ("010/SAC", "010/SIC", "030"), 48: cat048.FIELDS}
READ = {15: cat015.read_plots, 34: read_service, 48: cat048.read_plots}

TRAILER_OCTETS = 8
"""Radars append up to so many octets of their own after the last block of a datagram."""


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
    """Reads the datagrams of one site's radars; holds nothing between two of them."""

    def __init__(self, site: Site):
        self.radars, self.live = radar_table(site.radars), site.mode == "live"
        self._row_of_source = {radar.sac * 256 + radar.sic: i for i, radar in enumerate(site.radars)}
        self._editions = [radar.edition for radar in site.radars]

    def decode(self, payload: bytes, reference_time_s: float) -> Scan:
        """Return the scan of one datagram; see `decode`."""
        octets = np.frombuffer(payload, np.uint8)
        rejects: Counter[tuple[str, str]] = Counter()
        heard = {-1}
        parts: list[Plots] = []
        start, blocks = 0, 0
        while (end := block_end(octets, start, len(octets))) >= 0:
            if end > start + HEADER_OCTETS:
                self._read_block(octets, start, end, reference_time_s, parts, heard, rejects)
            start, blocks = end, blocks + 1
        rest = len(octets) - start
        if rest > (TRAILER_OCTETS if blocks else 0) or not len(octets):
            rejects["no whole block", ""] += 1
        plots = parts[0] if len(parts) == 1 else join_plots(parts)
        time_s = float(plots.time_s.max()) if len(plots) else reference_time_s
        refused = tuple(Reject(reason, count, source) for (reason, source), count in rejects.items())
        return Scan(time_s, plots, tuple(sorted(heard)[1:]), refused)

    def time_of_day_s(self, payload: bytes) -> float:
        """Return the median time of day in a datagram, radars' clocks put right; NaN where it has none."""
        octets = np.frombuffer(payload, np.uint8)
        parts = [np.empty(0)]
        start = 0
        while (end := block_end(octets, start, len(octets))) >= 0:
            value = self._values(octets, start, end) if payload[start] in FIELDS else None
            if value is not None:
                parts.append(self._times_of_day_s(value))
            start = end
        times_s = np.concatenate(parts)
        if not len(times_s):
            return float("nan")
        after_first_s = (times_s - times_s[0] + 0.5 * DAY_S) % DAY_S - 0.5 * DAY_S
        return float(times_s[0] + np.sort(after_first_s)[(len(times_s) - 1) // 2]) % DAY_S

    def _times_of_day_s(self, value: np.ndarray) -> np.ndarray:
        """Return the valid times of day of a block's records, less the known offsets of their clocks."""
        valid = value[value[:, TIME_OF_DAY] < DAY_S]
        offset_s = self.radars[:, CLOCK_OFFSET]
        if not offset_s.any():
            return valid[:, TIME_OF_DAY]
        # a source that is not known is -1, the 0 at the end
        radar = [radar_of(valid, row, self.radars) for row in range(len(valid))]
        return valid[:, TIME_OF_DAY] - np.append(offset_s, 0.0)[radar]

    def _read_block(self, octets, start, end, reference_time_s, parts, heard, rejects) -> None:
        """Add the plots of one block to `parts`, the radars to `heard` and what was refused to `rejects`."""
        category = int(octets[start])
        if category not in FIELDS:
            rejects["category not read", f"{category:03d}"] += 1
            return
        value = self._values(octets, start, end)
        if value is None:
            rejects["malformed block", _source_text(source_of_block(octets, start, end))] += 1
            return
        columns = empty_columns(len(value))
        plots = READ[category](value, reference_time_s, self.radars, self.live, *columns)
        heard.update(columns.radar.tolist())
        if plots:
            rows = slice(None) if plots == len(value) else columns.verdict == PLOT
            parts.append(Plots(*(column[rows] for column in columns[:5])))
        if plots < len(value):
            self._count(value, columns, rejects)

    def _values(self, octets, start, end) -> np.ndarray | None:
        """Return the fields `(records, fields)` of a block; None where a record breaks the layout."""
        category = int(octets[start])
        program = self._program(category, source_of_block(octets, start, end))
        content = start + HEADER_OCTETS
        records, status = walk_records(octets, content, end, program, np.empty((0, len(FIELDS[category]))))
        if status != WHOLE:
            return None
        value = np.empty((records, len(FIELDS[category])))
        walk_records(octets, content, end, program, value)
        return value

    def _program(self, category: int, source: int) -> Program:
        """Return the layout of the edition that the site says of a radar, else of the newest."""
        row = self._row_of_source.get(source)
        edition = self._editions[row].get(f"{category:03d}", "") if row is not None else ""
        return program_of(category, edition, FIELDS[category])

    def _count(self, value, columns, rejects) -> None:
        """Count the records that are neither plots nor mere signs of life, by reason and source."""
        refused = np.flatnonzero((columns.verdict != PLOT) & (columns.verdict != HEARD))
        for row in refused.tolist():
            source = _source_text(value[row, SAC] * 256.0 + value[row, SIC])
            rejects[REASONS[columns.verdict[row]], source] += 1


def _source_text(source: float) -> str:
    return "" if np.isnan(source) or source < 0 else f"{int(source) // 256}/{int(source) % 256}"
