"""Arrivals to engine inputs: ticks between them, the end of a recording, and the way back from the journal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from rampart.domain.scan import Command, Input, Reject, Tick, ZoneSet
from rampart.domain.site import Site
from rampart.record.quarantine import Quarantine
from rampart.sense.recordings import Arrival, refused_of, scan_of
from rampart.sense.verdicts import REASONS, SOUND
from rampart.warn.zones import zones_of

TICK_S = 0.25
NOT_AT_FAULT = {REASONS[verdict] for verdict in SOUND}
"""Reasons for which something is passed over although nothing is wrong with it."""
LONGEST_GAP_S = 600.0
"""A longer gap between plots is passed over by one tick: everything has settled by then."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One input as the journal keeps it: its kind, its time, its bytes as they came in."""

    kind: str
    time_s: float
    payload: bytes = b""


def input_of(entry: Entry, site: Site) -> Input:
    """Return what the engine takes for an entry; a pure function, the same live and in a replay."""
    if entry.kind == "tick":
        return Tick(entry.time_s)
    if entry.kind == "command":
        verb, argument = msgspec.json.decode(entry.payload, type=tuple[str, str])
        return Command(entry.time_s, verb, argument)
    if entry.kind == "zones":
        return ZoneSet(entry.time_s, zones_of(entry.payload.decode(), "journal: zones"))
    return scan_of(entry.kind, entry.payload, entry.time_s, site)


def keep_refused(quarantine: Quarantine, entry: Entry, rejects: Iterable[Reject], site: Site) -> None:
    """Put what was refused of an input into quarantine; where all of it has had its share, count it."""
    faulty = [reject for reject in rejects if reject.reason not in NOT_AT_FAULT]
    if any(quarantine.has_room(reject.reason, reject.source) for reject in faulty):
        for refused in refused_of(entry.kind, entry.payload, entry.time_s, site):
            quarantine.add(entry.time_s, refused.reason, refused.source, entry.kind, refused.octets)
    else:
        for reject in faulty:
            quarantine.drop(reject.reason, reject.source, reject.count)


def command_entry(time_s: float, verb: str, argument: str = "") -> Entry:
    """Return the journal's form of a command."""
    return Entry("command", time_s, msgspec.json.encode((verb, argument)))


def entries_of(arrivals: Iterable[Arrival]) -> Iterator[Entry]:
    """Yield the arrivals with ticks at 4 Hz of their own time before them, then the command `end`."""
    ticks = Ticks()
    for arrival in arrivals:
        yield from ticks.until(arrival.time_s)
        yield Entry(arrival.kind, arrival.time_s, arrival.payload)
    if ticks.time_s is not None:
        yield command_entry(ticks.time_s, "end")


class Ticks:
    """The ticks at 4 Hz that are due as time goes on; `time_s` is the newest time so far, None before any."""

    def __init__(self, time_s: float | None = None):
        self.time_s = time_s
        self.next_s = None if time_s is None else _tick_after(time_s)

    def until(self, time_s: float) -> Iterator[Entry]:
        """Yield the ticks up to `time_s`; none where time has gone further already."""
        self.time_s = time_s if self.time_s is None else max(self.time_s, time_s)
        if self.next_s is None:
            self.next_s = _tick_after(self.time_s)
        elif self.time_s - self.next_s > LONGEST_GAP_S:
            self.next_s = _tick_after(self.time_s) - TICK_S
        while self.next_s <= self.time_s:
            yield Entry("tick", self.next_s)
            self.next_s += TICK_S


def ticks_from(time_s: float, seconds: float) -> Iterator[Entry]:
    """Yield the ticks of the `seconds` after `time_s`."""
    first_s = _tick_after(time_s)
    for i in range(int(seconds / TICK_S)):
        yield Entry("tick", first_s + i * TICK_S)


def _tick_after(time_s: float) -> float:
    return (int(time_s / TICK_S) + 1) * TICK_S
