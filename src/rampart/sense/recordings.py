"""Recordings to arrivals, and arrivals to scans: the one way from bytes to plots, live or replayed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from rampart.domain.scan import NO_PLOTS, Reject, Scan
from rampart.domain.site import Site
from rampart.errors import RecordingError
from rampart.sense.arrival import Arrival
from rampart.sense.asterix import Refused, decode, decoder_of
from rampart.sense.blocks import begins_with_block, split_blocks
from rampart.sense.capture import capture_time_s, is_capture, udp_payloads
from rampart.sense.csv_file import is_csv, read_csv
from rampart.sense.csv_rows import scan_of_rows
from rampart.sense.dates import times_near, times_on_date
from rampart.sense.kept import scan_of_kept

__all__ = ["Arrival", "dating", "midnight_of", "read_recording", "refused_of", "scan_of"]


def scan_of(kind: str, payload: bytes, time_s: float, site: Site) -> Scan:
    """Return the scan of an arrival: a pure function. Raises ValueError for a kind that it does not know."""
    match kind:
        case "asterix":
            return decode(payload, time_s, site)
        case "csv":
            return scan_of_rows(payload, time_s, site)
        case "plots":
            return scan_of_kept(payload, time_s, len(site.radars))
        case "unread":
            reason, _, count = payload.decode(errors="replace").partition("\t")
            return Scan(time_s, NO_PLOTS, (), (Reject(reason, int(count) if count.isdecimal() else 1),))
    raise ValueError(f"an arrival of kind {kind!r}")


def refused_of(kind: str, payload: bytes, time_s: float, site: Site) -> list[Refused]:
    """Return what was refused of an arrival for a fault of its own, with its octets: a pure function.

    Of ASTERIX the block or record, of CSV the rows of one radar and time; of a note nothing but its reason.
    """
    if kind == "asterix":
        return decoder_of(site).refused(payload, time_s)
    content = payload if kind == "csv" else b""
    rejects = scan_of(kind, payload, time_s, site).rejects
    return [Refused(reject.reason, reject.source, content) for reject in rejects]


def read_recording(path: Path, site: Site, date: str | None = None) -> Iterator[Arrival]:
    """Return the arrivals of a recording, in its order; `date` is YYYY-MM-DD, for one that carries none.

    Reads raw ASTERIX blocks, pcap, pcapng and CSV, told apart by their first octets. What is torn or
    damaged is in the arrivals and comes out as rejects. Raises RecordingError where nothing can be read,
    and where a CSV file holds a word in place of a number.
    """
    path = Path(path)
    content = _content(path)
    midnight_s, _ = _midnight_of(path, date)
    if is_capture(content):
        return _captured(content, site, midnight_s, path)
    if is_csv(content, path):
        return read_csv(content, path, site)
    return _raw(content, site, midnight_s, path)


def dating(path: Path, date: str | None = None) -> str:
    """Return a line that says which date a recording was given."""
    path = Path(path)
    content = _content(path)
    if is_capture(content) and (captured_s := capture_time_s(content)) is not None:
        return f"dated {datetime.fromtimestamp(captured_s, UTC):%Y-%m-%d} by the capture"
    if not is_capture(content) and is_csv(content, path):
        return "dated by its own rows"
    midnight_s, by = _midnight_of(path, date)
    return f"dated {datetime.fromtimestamp(midnight_s, UTC):%Y-%m-%d} by {by}"


def _content(path: Path) -> bytes:
    """Return a file's octets; raises RecordingError where it cannot be read or has none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordingError(str(path), f"a file that can be read ({error.strerror})") from error
    if not content:
        raise RecordingError(str(path), "a recording; the file is empty")
    return content


def _midnight_of(path: Path, date: str | None) -> tuple[float, str]:
    """Return the POSIX time at which a recording's date begins, and who says so. Raises RecordingError."""
    if date is None:
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return _midnight_s(day), "the file's own time, for want of --date"
    return midnight_of(date), "--date"


def midnight_of(date: str) -> float:
    """Return the POSIX time at which a date as 2020-11-17 begins; raises RecordingError for any other text."""
    try:
        return _midnight_s(datetime.strptime(date, "%Y-%m-%d"))
    except ValueError as error:
        raise RecordingError("--date", "a date, as 2020-11-17", date) from error


def _midnight_s(day: datetime) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _captured(content: bytes, site: Site, midnight_s: float, path: Path) -> Iterator[Arrival]:
    """Return the datagrams of a capture; then what in it was not read."""
    timed, unread = udp_payloads(content)
    payloads = [payload for _, payload in timed]
    of_day_s = _times_of_day_s(payloads, site, path, "a capture with ASTERIX datagrams")
    if capture_time_s(content) is None:
        time_s = times_on_date(of_day_s, midnight_s)
    else:
        time_s = times_near(of_day_s, np.array([captured_s for captured_s, _ in timed]))
    return _joined(payloads, time_s, [f"{reason}\t{count}" for reason, count in unread.items()])


def _raw(content: bytes, site: Site, midnight_s: float, path: Path) -> Iterator[Arrival]:
    """Return the blocks of a file, and what stands between them."""
    blocks = split_blocks(content)
    wanted = "ASTERIX blocks, a pcap or pcapng capture, or CSV of plots; not one valid block was found"
    return _joined(blocks, times_on_date(_times_of_day_s(blocks, site, path, wanted), midnight_s), [])


def _times_of_day_s(payloads: list[bytes], site: Site, path: Path, wanted: str) -> np.ndarray:
    """Return the first time of day in each payload; raises RecordingError where none begins with a block."""
    if not any(begins_with_block(payload) for payload in payloads):
        raise RecordingError(str(path), wanted)
    decoder = decoder_of(site)
    return np.array([decoder.time_of_day_s(payload) for payload in payloads])


def _joined(payloads: list[bytes], time_s: np.ndarray, notes: list[str]) -> Iterator[Arrival]:
    for payload, arrived_s in zip(payloads, time_s.tolist(), strict=True):
        yield Arrival("asterix", arrived_s, payload)
    for note in notes:
        yield Arrival("unread", arrived_s, note.encode())
