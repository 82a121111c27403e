"""The book of a live run, kept by a thread of its own, so that a slow disk holds up neither engine nor alarm."""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rampart.domain.event import AlertEvent
from rampart.domain.scan import Reject
from rampart.domain.site import Site
from rampart.errors import JournalError
from rampart.feed import Entry, keep_refused
from rampart.record.journal import NOTE, Journal
from rampart.record.quarantine import Quarantine

SLOW_COMMIT_S = 0.05
"""An alarm waits so long for the book, then it goes."""
GROUP_S = 1.0
MOST_WAITING_OCTETS = 256 << 20
"""So much may wait for a disk that is stuck; what comes after it is not in the book, and that is said."""
MOST_WAITING_RECORDS = 500_000
RECORD_OCTETS = 200
"""What a record takes in memory beside its octets, about."""


class Job(NamedTuple):
    """One input with the event lines that it caused, the alarms that wait for it to be in the book, its rejects."""

    entry: Entry
    lines: list[bytes]
    alarms: "list[Alarm]"
    rejects: tuple[Reject, ...]

    def octets(self) -> int:
        return RECORD_OCTETS + len(self.entry.payload) + sum(len(line) + RECORD_OCTETS for line in self.lines)


class Alarm:
    """A decision on its way out; `booked` is set when it is on the disk."""

    def __init__(self, event: AlertEvent, received_s: float):
        self.event, self.received_s = event, received_s
        self.booked = threading.Event()


class Book(threading.Thread):
    """Writes inputs and events in the order in which they are handed over; `degraded` says why it cannot.

    `tell(state, reason)` hears when that changes. `unwritten` counts records that a stuck disk cost;
    `lines_whole` says whether the file of event lines has them all (the journal can write it anew).
    """

    def __init__(self, journal: Journal, lines: Path, site: Site, tell: Callable[[str, str], None]):
        super().__init__(name="book", daemon=True)
        self._journal, self._site, self._tell = journal, site, tell
        self._quarantine = Quarantine(lines.parent)
        self._lines = lines.open("ab", buffering=0)
        self._jobs: deque[Job] = deque()
        self._octets = 0
        self._changed = threading.Condition()
        self._ending = False
        self.degraded = ""
        self.unwritten = 0
        self.lines_whole = True

    def add(
        self, entry: Entry, lines: list[bytes], alarms: list[Alarm], rejects: tuple[Reject, ...] = ()
    ) -> None:
        """Hand over one input and what it caused; returns at once."""
        job = Job(entry, lines, alarms, rejects)
        with self._changed:
            if self._octets > MOST_WAITING_OCTETS:
                self.unwritten += 1
                return
            self._octets += job.octets()
            self._jobs.append(job)
            if alarms or len(self._jobs) == 1:
                self._changed.notify()

    def note(self, time_s: float, text: str) -> None:
        """Hand over a fact of the outside, whatever signs stand in it."""
        self.add(Entry(NOTE, time_s, text.encode("utf-8", "backslashreplace")), [], [])

    def degrade(self, reason: str) -> None:
        """Say that the book is not what it should be, once until it is well again."""
        if not self.degraded:
            self.degraded = reason
            self._tell("degraded", reason)

    def run(self) -> None:
        """Write until `stop`."""
        while (jobs := self._taken()) is not None:
            try:
                self._write(jobs)
            except Exception as error:
                # whatever it is, the book is kept as well as it can be
                self.unwritten += len(jobs)
                self.degrade(f"{type(error).__name__}: {error}")

    def stop(self) -> bool:
        """Write what is left and close the journal; return whether all of it is on the disk."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self.join()
        try:
            self._lines.close()
            self._quarantine.close()
            self._journal.close()
        except (JournalError, OSError) as error:
            self.degrade(str(error))
            return False
        return not self.unwritten

    def _taken(self) -> list[Job] | None:
        """Return what waits; plots gather for a moment, an alarm does not."""
        with self._changed:
            while not self._jobs:
                if self._ending:
                    return None
                self._changed.wait()
            if not self._ending and not any(job.alarms for job in self._jobs):
                self._changed.wait(GROUP_S)
            jobs = list(self._jobs)
            self._jobs.clear()
            self._octets = 0
        return jobs

    def _write(self, jobs: list[Job]) -> None:
        """Put these jobs on the disk in one commit, alarms free as soon as it is done."""
        fault = ""
        for job in jobs:
            fault = self._append(job) or fault
        try:
            self._journal.commit()
        except JournalError as error:
            fault = str(error)
        for job in jobs:
            if not fault:
                for alarm in job.alarms:
                    alarm.booked.set()
        fault = fault or self._write_lines(b"".join(line + b"\n" for job in jobs for line in job.lines))
        fault = fault or self._keep_refused(jobs)
        if fault:
            self.degrade(fault)
        elif self.degraded and self._journal.commit_s < SLOW_COMMIT_S:
            self.degraded = ""
            self._tell("ok", "written again")

    def _append(self, job: Job) -> str:
        """Hand one job to the journal; return why the disk refused, if it did (the journal keeps it)."""
        if self._journal.waiting > MOST_WAITING_RECORDS:
            self.unwritten += 1
            return "the disk has refused for too long: what comes in now is not in the book"
        try:
            self._journal.append(job.entry.kind, job.entry.time_s, job.entry.payload, job.lines)
        except JournalError as error:
            return str(error)
        return ""

    def _write_lines(self, lines: bytes) -> str:
        """Add event lines to their file; after a refusal no more, so that what stands there is right."""
        try:
            if lines and self.lines_whole:
                self.lines_whole = self._lines.write(lines) == len(lines)
        except OSError as error:
            self.lines_whole = False
            return f"events.jsonl: {error.strerror or error}"
        return ""

    def _keep_refused(self, jobs: list[Job]) -> str:
        try:
            for job in jobs:
                if job.rejects:
                    keep_refused(self._quarantine, job.entry, job.rejects, self._site)
        except OSError as error:
            return f"quarantine: {error.strerror or error}"
        return ""
