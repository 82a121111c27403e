"""What came in, as it came in, and every event it caused: durable, in order, chained by hashes."""

import hashlib
import struct
import time
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import msgspec

from rampart.errors import JournalError
from rampart.record.schema import FILE_NAME, Database, EventRow, InputRow

NOTE = "note"
"""The kind of a record that is no input of the engine: a full disk, a failed channel, a measured delay."""


MORE = "more"
"""The kind of a record that holds the later event lines of the input before it, whose alarms were not to wait."""


class JournalHeader(msgspec.Struct, frozen=True, kw_only=True):
    """All that a replay needs besides the inputs: it opens no other file.

    `files` are the bytes of what was read, by role ("site.toml", "zones", "sounding", "terrain",
    "scenario.toml", …); `facts` is for what else the writer wants back, as text.
    """

    mode: str
    version: str
    simulated: bool = False
    seed: int | None = None
    note: str = ""
    facts: dict[str, str] = {}
    files: dict[str, bytes] = {}


class Record(msgspec.Struct, frozen=True):
    """One input with the event lines that it caused."""

    kind: str
    time_s: float
    payload: bytes
    lines: tuple[bytes, ...]


class Journal:
    """The book that is being written.

    Records of plots are committed in groups, decisions at once: `append(…, flush=True)` returns when they
    are on the disk. What a commit could not write stays in memory and goes with the next one.
    """

    def __init__(self, database: Database, clock: Callable[[], float], group_inputs: int, group_s: float):
        self._database = database
        self._clock = clock
        self._group_inputs, self._group_s = group_inputs, group_s
        self._inputs: list[InputRow] = []
        self._events: list[EventRow] = []
        self._committed_at_s = clock()
        self.commit_s = 0.0
        seq, last_hash, event_seq = database.last()
        self._seq, self._event_seq = seq, event_seq
        self._hash = last_hash or header_hash(database.header())

    @classmethod
    def create(
        cls,
        folder: Path,
        header: JournalHeader,
        *,
        clock: Callable[[], float] = time.monotonic,
        group_inputs: int = 256,
        group_s: float = 1.0,
    ) -> "Journal":
        """Begin a journal in `folder`, which is made; raises JournalError where one lies there already."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise JournalError(f"{folder}: cannot be made ({error.strerror})") from error
        database = Database.create(folder / FILE_NAME, _contents(header))
        return cls(database, clock, group_inputs, group_s)

    @classmethod
    def resume(cls, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> "Journal":
        """Go on with a journal, closed or killed, after its last committed record."""
        return cls(Database.open(folder / FILE_NAME, write=True), clock, 256, 1.0)

    @property
    def last_seq(self) -> int:
        """The number of records so far."""
        return self._seq

    @property
    def waiting(self) -> int:
        """How many records are not on the disk yet."""
        return len(self._inputs)

    def append(
        self, kind: str, time_s: float, payload: bytes, lines: list[bytes], flush: bool = False
    ) -> None:
        """Write down one input and the event lines that it caused.

        With `flush` they are on the disk when this returns, and `commit_s` says how long that took. Raises
        JournalError where the disk refuses; the record is then kept for the next commit, in its place.
        """
        self._seq += 1
        self._hash = chained(self._hash, kind, time_s, payload, lines)
        self._inputs.append((self._seq, kind, time_s, payload, self._hash))
        for line in lines:
            self._event_seq += 1
            self._events.append((self._event_seq, self._seq, line))
        grown = len(self._inputs) >= self._group_inputs
        if flush or grown or self._clock() - self._committed_at_s >= self._group_s:
            self.commit()

    def note(self, time_s: float, text: str, flush: bool = False) -> None:
        """Write down a fact of the outside beside the inputs; a replay passes over it."""
        self.append(NOTE, time_s, text.encode(), [], flush)

    def commit(self) -> None:
        """Put on the disk what waits; raises JournalError where it refuses, and keeps what waits."""
        begin_s = self._clock()
        self._committed_at_s = begin_s
        if self._inputs:
            self._database.add(self._inputs, self._events)
            self._inputs, self._events = [], []
            self.commit_s = self._clock() - begin_s

    def close(self) -> None:
        """Commit, mark the end, and leave one file in the folder."""
        self.commit()
        self._database.end(self._seq, self._hash)


class JournalReader:
    """A journal that is read; iterates over `(kind, time_s, payload)` of the engine's inputs."""

    def __init__(self, database: Database):
        self._database = database
        self.header = _header(database)

    def __iter__(self) -> Iterator[tuple[str, float, bytes]]:
        for _, kind, time_s, payload, _ in self._database.inputs():
            if kind not in (NOTE, MORE):
                yield kind, time_s, payload

    def records(self) -> Iterator[Record]:
        """Yield every input of the engine with the event lines that it caused."""
        last: Record | None = None
        for (_, kind, time_s, payload, _), lines in self._joined():
            if kind == NOTE:
                continue
            if kind == MORE and last is not None:
                last = Record(last.kind, last.time_s, last.payload, (*last.lines, *lines))
                continue
            if last is not None:
                yield last
            last = Record(kind, time_s, payload, tuple(lines))
        if last is not None:
            yield last

    def lines(self) -> Iterator[bytes]:
        """Yield every event line, in order: events.jsonl as it was written."""
        for _, _, line in self._database.events():
            yield line

    def notes(self) -> Iterator[tuple[float, str]]:
        """Yield time and text of the facts of the outside."""
        for _, kind, time_s, payload, _ in self._database.inputs():
            if kind == NOTE:
                yield time_s, payload.decode("utf-8", "replace")

    def closed(self) -> bool:
        """Return whether the writer ended the journal; not so after a crash."""
        return self._database.ending() is not None

    def verify_chain(self) -> int:
        """Return the number of records; raises JournalError naming the first one changed or missing."""
        path, count = self._database.path, 0
        last_hash = header_hash(self._database.header())
        for (seq, kind, time_s, payload, written_hash), lines in self._joined():
            count += 1
            last_hash = chained(last_hash, kind, time_s, payload, lines)
            if seq != count or written_hash != last_hash:
                raise JournalError(f"{path}: record {count}: changed after it was written, or missing")
        ending = self._database.ending()
        if ending is not None and ending != (count, last_hash):
            raise JournalError(f"{path}: {count} records: wanted the {ending[0]} it was closed with")
        return count

    def close(self) -> None:
        """Let go of the file."""
        self._database.abandon()

    def _joined(self) -> Iterator[tuple[InputRow, list[bytes]]]:
        """Yield each input with its event lines, both read once, in order."""
        groups = groupby(self._database.events(), key=lambda row: row[1])
        owner, rows = next(groups, (None, iter(())))
        for row in self._database.inputs():
            lines: list[bytes] = []
            if owner == row[0]:
                lines = [line for _, _, line in rows]
                owner, rows = next(groups, (None, iter(())))
            yield row, lines
        if owner is not None:
            raise JournalError(f"{self._database.path}: record {owner}: missing, though its events are there")


def read_journal(folder: Path) -> JournalReader:
    """Open the journal in `folder` (or the file itself).

    Raises JournalError where there is none, where it is torn, or where another version wrote it.
    """
    return JournalReader(Database.open(folder if folder.is_file() else folder / FILE_NAME))


def chained(last_hash: bytes, kind: str, time_s: float, payload: bytes, lines: list[bytes]) -> bytes:
    """Return the SHA-256 of the previous hash, this input and its event lines, each with its length."""
    digest = hashlib.sha256(last_hash)
    # The store keeps no negative zero: adding zero makes it positive before it is hashed.
    for part in (kind.encode(), struct.pack("<d", time_s + 0.0), payload, *lines):
        digest.update(struct.pack("<Q", len(part)))
        digest.update(part)
    return digest.digest()


def header_hash(contents: dict[str, bytes]) -> bytes:
    """Return the hash with which the chain begins."""
    parts = [part for role in sorted(contents) for part in (role.encode(), contents[role])]
    return chained(b"", "header", 0.0, b"", parts)


def _contents(header: JournalHeader) -> dict[str, bytes]:
    """Return the header as rows: the files as they are, the rest as one JSON text."""
    rest = {name: value for name, value in msgspec.structs.asdict(header).items() if name != "files"}
    files = {f"file:{role}": content for role, content in header.files.items()}
    return {"": msgspec.json.encode(rest)} | files


def _header(database: Database) -> JournalHeader:
    contents = database.header()
    files = {role[5:]: content for role, content in contents.items() if role.startswith("file:")}
    try:
        rest = msgspec.json.decode(contents.get("", b""), type=dict)
        return msgspec.convert(rest | {"files": files}, JournalHeader)
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
        database.abandon()
        raise JournalError(f"{database.path}: its header cannot be read ({error})") from error
