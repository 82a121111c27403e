"""A CSV file of plots to arrivals: checked as a whole, so that a wrong word is an error before any plot."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rampart.domain.site import Site
from rampart.errors import RecordingError
from rampart.sense.arrival import Arrival
from rampart.sense.csv_rows import COLUMNS, OPTIONAL, REQUIRED, column_order, index_rows, radar_names
from rampart.sense.csv_text import FEW_COLUMNS, MANY_COLUMNS, NO_NUMBER, NO_TIME, READ
from rampart.sense.dates import strays

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
WANTED = {
    NO_NUMBER: "a number",
    NO_TIME: "a time, as 2020-11-17T17:05:03.250Z",
    FEW_COLUMNS: "as many columns as the header has",
    MANY_COLUMNS: "as many columns as the header has",
}


def is_csv(content: bytes, path: Path) -> bool:
    """Return whether a file is CSV by its name or by its first line."""
    first_line = content[:4096].removeprefix(BYTE_ORDER_MARK).partition(b"\n")[0]
    return path.suffix.lower() == ".csv" or first_line.startswith(b"time,")


def read_csv(content: bytes, path: Path, site: Site) -> Iterator[Arrival]:
    """Return the arrivals of a CSV file, each the rows of one radar and time, at the place of its first row.

    A row whose time strays from its neighbours' arrives at theirs, so that it is refused and counted; the
    last row, where the file ends in it and it cannot be read, likewise. Raises RecordingError naming row,
    column and value.
    """
    content = content.removeprefix(BYTE_ORDER_MARK)
    header = content.partition(b"\n")[0]
    order = column_order(header)
    if order is None:
        raise _header_error(path, header)
    text = np.frombuffer(content, np.uint8)
    lines = content.count(b"\n") + 1
    time_s, starts, ends = np.empty(lines), np.empty(lines, np.int64), np.empty(lines, np.int64)
    keys = np.empty(lines, np.int64)
    names = radar_names(site.radars)
    rows, status, column, row_start, first, last = index_rows(
        text, len(header) + 1, order, names, time_s, keys, starts, ends
    )
    torn = b""
    if status != READ:
        torn = content[row_start:]
        if b"\n" in torn or not rows:
            # rows count from the header as 1, as a spreadsheet does
            row = content.count(b"\n", 0, row_start) + 1
            raise _row_error(f"{path}: row {row}", status, column, content[first:last])
    if not rows:
        raise RecordingError(str(path), "at least one row of plots under the header")
    offsets_s = np.array([*(radar.clock_offset_s for radar in site.radars), 0.0])
    arrived_s = time_s[:rows] - offsets_s[np.maximum(keys[:rows], -1)]
    return _arrivals(content, header + b"\n", arrived_s, keys[:rows], starts, ends, torn)


def _arrivals(content, header, time_s, keys, starts, ends, torn) -> Iterator[Arrival]:
    """Yield the rows of each radar and time under the header, in the order of their first rows."""
    rows = np.lexsort((keys, time_s))
    differ = (np.diff(time_s[rows]) != 0.0) | (np.diff(keys[rows]) != 0)
    begins = np.flatnonzero(np.concatenate([[True], differ]))
    counts = np.diff(np.concatenate([begins, [len(rows)]]))
    firsts, lasts = rows[begins], rows[begins + counts - 1]
    order = np.argsort(firsts)
    group_time_s = time_s[firsts[order]]
    stray, medians_s = strays(group_time_s)
    group_time_s[stray] = medians_s
    together = lasts - firsts + 1 == counts
    spans = np.stack([starts[firsts], ends[lasts], together, begins, begins + counts], axis=1)[order]
    arrived = zip(group_time_s.tolist(), spans.tolist(), strict=True)
    for arrived_s, (start, end, whole, begin, stop) in arrived:
        if whole:
            lines = content[start:end]
        else:
            lines = b"".join(content[starts[row] : ends[row]] for row in rows[begin:stop].tolist())
        yield Arrival("csv", arrived_s, header + lines)
    if torn:
        yield Arrival("csv", float(group_time_s[-1]), header + torn)


def _header_error(path: Path, header: bytes) -> RecordingError:
    """Return what is wrong with a header: the first column that is none of ours, missing or twice there."""
    names = [name.strip().strip('"').strip() for name in header[:400].decode(errors="replace").split(",")]
    for place, name in enumerate(names, 1):
        if name not in COLUMNS or name in names[: place - 1]:
            wanted = f"columns {','.join(REQUIRED)}, and where known {','.join(OPTIONAL)}, each once"
            return RecordingError(f"{path}: row 1, column {place}", wanted, name)
    missing = ", ".join(name for name in REQUIRED if name not in names)
    return RecordingError(f"{path}: row 1", f"also the columns {missing}", ",".join(names))


def _row_error(where: str, status: int, column: int, value: bytes) -> RecordingError:
    """Return the error of a row, naming the column where it is of one."""
    if status not in (FEW_COLUMNS, MANY_COLUMNS):
        where += f", column {COLUMNS[column]}"
    return RecordingError(where, WANTED[status], value[:80].decode(errors="replace").strip())
