"""The folder of a live run: one server at a time, its journal gone on with after a crash, older parts put aside.

`DIR/journal` and `DIR/events.jsonl` are of the present part: what one engine has seen since it began. A part
that cannot be gone on with (other files, another version, too long ago) is moved to `DIR/parts/NNNN`. Alerts
of all parts lie in `DIR/alerts`, numbered through.
"""

import fcntl
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rampart.domain.alert import CANCEL, CLEAR
from rampart.domain.event import AlertEvent
from rampart.domain.wire import event_line, event_of
from rampart.engine import Engine
from rampart.errors import JournalError, OutputError
from rampart.feed import Entry, input_of
from rampart.record.journal import (
    FILE_NAME,
    MORE,
    Journal,
    JournalHeader,
    JournalReader,
    Record,
    read_journal,
)
from rampart.record.quarantine import FILE_NAME as QUARANTINE
from rampart.serve.cap import AlertFiles, name_of

MARKER, LOCK = ".rampart", ".lock"
CONTINUE_WITHIN_S = 3600.0
"""A part whose last input is older is not gone on with: no warning of it can still stand."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came back from a part: how many inputs, up to when (POSIX), which alerts never became files.

    `standing`: of each warning that is not over, the newest decision that did. `missing`: event lines of the last input
    that were not written any more.
    """

    inputs: int
    last_s: float
    unsent: tuple[AlertEvent, ...]
    differing: int
    standing: tuple[AlertEvent, ...] = ()
    missing: tuple[bytes, ...] = ()


class LiveFolder:
    """Holds the folder's lock as long as it lives.

    `left_standing`: the warnings that stood at the end of a part which could not be gone on with.
    """

    def __init__(self, path: Path):
        """Make or take over the folder; raises OutputError where it is not Rampart's, or is in use."""
        self.path = path
        self.left_standing: list[str] = []
        if path.exists() and not path.is_dir():
            raise OutputError(str(path), "a folder; this is a file")
        try:
            foreign = path.is_dir() and any(path.iterdir()) and not (path / MARKER).is_file()
            if foreign:
                raise OutputError(
                    str(path), "a folder that does not exist yet, an empty one, or a live run's"
                )
            path.mkdir(parents=True, exist_ok=True)
            (path / MARKER).write_text("live\n")
            self._lock = (path / LOCK).open("w")
        except OSError as error:
            wanted = f"a place that can be written ({error.strerror or error})"
            raise OutputError(str(path), wanted) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise OutputError(str(path), "a folder that no other server is writing now") from error

    @property
    def journal(self) -> Path:
        return self.path / "journal"

    @property
    def lines(self) -> Path:
        return self.path / "events.jsonl"

    def part_to_continue(self, header: JournalHeader, now_s: float) -> JournalReader | None:
        """Return the present part where this header goes on with it; else put it aside and return None.

        Raises JournalError where it is torn: then a person must look.
        """
        if not self.journal.is_dir() or not any(self.journal.iterdir()):
            return None
        reader = read_journal(self.journal)
        last_s = max((noted_s for noted_s, _ in reader.notes()), default=0.0)
        if reader.header == header and now_s - last_s <= CONTINUE_WITHIN_S:
            return reader
        if now_s - last_s <= CONTINUE_WITHIN_S:
            self.left_standing = standing_in(reader.lines())
        reader.close()
        self._put_aside()
        return None

    def files_before(self) -> dict[str, bytes]:
        """Return the input files of the newest part, by role; none where there is no part, or it cannot be read."""
        places = [self.journal, *sorted((self.path / "parts").glob("*/journal"), reverse=True)]
        newest = next((place for place in places if (place / FILE_NAME).is_file()), None)
        if newest is None:
            return {}
        try:
            reader = read_journal(newest)
        except JournalError:
            # a part that is torn is told of where it would be gone on with
            return {}
        reader.close()
        return reader.header.files

    def _put_aside(self) -> None:
        number = 1 + sum(1 for _ in (self.path / "parts").glob("*"))
        place = self.path / "parts" / f"{number:04d}"
        try:
            place.mkdir(parents=True)
            for old in (self.journal, self.lines):
                if old.exists():
                    os.replace(old, place / old.name)
        except OSError as error:
            raise OutputError(str(place), f"a place for the part before ({error.strerror})") from error

    def write_lines_anew(self) -> None:
        """Write events.jsonl as the journal has it."""
        draft = self.path / ".events.jsonl.partial"
        with draft.open("wb") as file:
            if self.journal.is_dir():
                reader = read_journal(self.journal)
                file.writelines(line + b"\n" for line in reader.lines())
                reader.close()
        os.replace(draft, self.lines)

    def put_quarantine_aside(self) -> None:
        """Make room for a new quarantine file; those of earlier runs keep their content under a number."""
        if not (self.path / QUARANTINE).exists():
            return
        number = 1 + sum(1 for _ in self.path.glob("quarantine-*.jsonl"))
        os.replace(self.path / QUARANTINE, self.path / f"quarantine-{number:04d}.jsonl")

    def begin(self, header: JournalHeader) -> Journal:
        """Return the journal of a new part."""
        self.lines.write_bytes(b"")
        return Journal.create(self.journal, header)

    def resume(self, missing: tuple[bytes, ...] = ()) -> Journal:
        """Return the journal of the present part, to go on with, the last input's `missing` event lines added."""
        journal = Journal.resume(self.journal)
        if missing:
            journal.append(MORE, time.time(), b"", list(missing), flush=True)
        self.write_lines_anew()
        return journal


def standing_in(lines: Iterable[bytes]) -> list[str]:
    """Return the warnings that event lines leave open, by their ids."""
    standing: dict[str, None] = {}
    for event in map(event_of, lines):
        if isinstance(event, AlertEvent) and event.action in (CLEAR, CANCEL):
            standing.pop(event.alert, None)
        elif isinstance(event, AlertEvent):
            standing[event.alert] = None
    return list(standing)


def recover(
    reader: JournalReader, engine: Engine, files: AlertFiles, told: Callable[[int], None]
) -> Recovered:
    """Take the engine through a part again, and note what was sent of it.

    `told` hears now and then how many inputs are done. `differing` counts inputs whose events came out
    otherwise than they are written: another machine or version. The last input's may be written in part, where a kill
    came between its first alarm and its last event: the rest are `missing`.
    """
    sent = Counter(_names(files.folder))
    unsent: list[AlertEvent] = []
    standing: dict[str, AlertEvent] = {}
    inputs = differing = 0
    lines: tuple[bytes, ...] = ()
    record: Record | None = None
    for record in reader.records():
        item = input_of(Entry(record.kind, record.time_s, record.payload), engine.site)
        lines = tuple(event_line(event) for event in engine.step(item))
        inputs += 1
        differing += lines != record.lines
        _note_sent(record.lines, sent, files, standing, unsent)
        if inputs % 10_000 == 0:
            told(inputs)
    missing: tuple[bytes, ...] = ()
    if record is not None and lines != record.lines and lines[: len(record.lines)] == record.lines:
        missing = lines[len(record.lines) :]
        differing -= 1
        _note_sent(missing, sent, files, standing, unsent)
    last_s = max((noted_s for noted_s, _ in reader.notes()), default=engine.time_s)
    reader.close()
    return Recovered(inputs, last_s, tuple(unsent), differing, tuple(standing.values()), missing)


def _note_sent(
    lines: Iterable[bytes],
    sent: Counter,
    files: AlertFiles,
    standing: dict[str, AlertEvent],
    unsent: list[AlertEvent],
) -> None:
    """Note of the alerts among event lines which were `sent`, are `standing`, or are `unsent`."""
    for event in map(event_of, lines):
        if not isinstance(event, AlertEvent):
            continue
        if sent[name_of(event)] > 0:
            sent[name_of(event)] -= 1
            files.remember(event)
            standing[event.alert] = event
            if event.action in (CLEAR, CANCEL):
                del standing[event.alert]
        else:
            unsent.append(event)


def _names(folder: Path) -> list[str]:
    """Return the names of the alerts in a folder, without their numbers."""
    matches = (re.fullmatch(r"\d+-(.*)\.xml", path.name) for path in folder.glob("*.xml"))
    return [match[1] for match in matches if match]
