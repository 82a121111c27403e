"""Answers `rampart why`: a run's book is read, the policy decides it again up to a moment, and says which rule held."""

import difflib
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from rampart.config import read_site
from rampart.domain.event import AlertEvent
from rampart.domain.scan import ByHandAct
from rampart.domain.wire import event_of, iso_time, posix_time
from rampart.errors import InputError
from rampart.evaluate.retold import Reader, Told
from rampart.files import InputFiles
from rampart.record.journal import JournalReader, read_journal
from rampart.warn.policy import Policy
from rampart.warn.why import (
    BELOW,
    CAME_DOWN,
    CANCELLED,
    CLEARING,
    EMPTY,
    ENDANGERS,
    FREED,
    FREEING,
    KEPT,
    RAISED,
    SECOND_LOOK,
    SMALL,
    WAS_CANCELLED,
    reason_of,
)
from rampart.warn.zones import zones_of

RULES = {
    RAISED: "raised now: the probability reached the threshold",
    KEPT: "stays warned: a projectile in the air endangers it",
    FREEING: "better forecasts moved the danger elsewhere; the warning ends when that has held for a while",
    CLEARING: "nothing in the air endangers it any more; the warning ends a while after the last impact expected",
    SECOND_LOOK: "not warned yet: the risk is slight, people have time to spare, and it waits for a second look",
    BELOW: "not warned: the probability is below the threshold",
    WAS_CANCELLED: "not warned: an operator cancelled the warning for the projectiles in the air",
    EMPTY: "not warned: no projectile in the air was foretold",
}
COMMANDED, OTHERWISE = "command", "other version"
RULES |= {
    COMMANDED: "as a person commanded",
    OTHERWISE: "this version of Rampart would decide otherwise; the run was made by one with other rules",
}
LEAST = 5e-5
"""A share that would read 0.0000 is left out where it counts for nothing."""
COUNTS_AS = {
    ENDANGERS: "endangers it",
    FREED: "a better forecast moved it elsewhere",
    CAME_DOWN: "its time has come",
    CANCELLED: "covered by a cancel",
    SMALL: "too small a risk of its own to count",
}


def why(folder: Path, zone: str, at: str | None = None, as_json: bool = False) -> str:
    """Return why a zone was warned, or was not, at a moment; where none is given, at that which tells most.

    Raises InputError for a zone that the run does not know and a time outside it.
    """
    reader = read_journal(folder / "journal")
    try:
        own = Past(folder, reader, zone)
    finally:
        reader.close()
    answer = own.answer(_moment(at, own) if at else own.telling_s())
    return (
        msgspec.json.format(msgspec.json.encode(answer), indent=1).decode() if as_json else in_words(answer)
    )


class Past:
    """A run's steps as the policy took them, and what was said of one zone."""

    def __init__(self, folder: Path, reader: JournalReader, zone: str):
        header = reader.header
        self.site = replace(read_site(Path("site.toml"), InputFiles(header.files)), mode=header.mode)
        self.zone = zone
        self.said: list[AlertEvent] = []
        self.names = {known.id: known.name for known in self.site.zones}
        self.steps = list(self._read(reader))
        if zone not in self.names:
            near = difflib.get_close_matches(zone, [*self.names, *self.names.values()], 3, 0.4)
            told = f"; near it: {', '.join(near)}" if near else ""
            raise InputError(f"{folder}: --zone", f"one of its {len(self.names)} zones{told}", zone)
        if not self.steps:
            raise InputError(str(folder), "a run with something in its journal")

    def _read(self, reader: JournalReader) -> Iterator[tuple[str, Told, Any]]:
        """Yield kind, what was told, and the command or zones where it is one."""
        told = Reader()
        for record in reader.records():
            events = [event_of(line) for line in record.lines]
            self.said += [
                event for event in events if isinstance(event, AlertEvent) and event.zone == self.zone
            ]
            if record.kind == "command":
                yield (
                    "command",
                    Told(record.time_s),
                    msgspec.json.decode(record.payload, type=tuple[str, str]),
                )
            elif record.kind == "zones":
                zones = zones_of(record.payload.decode(), "journal: zones")
                self.names |= {zone.id: zone.name for zone in zones}
                yield "zones", Told(record.time_s), zones
            elif events or record.kind == "tick":
                time_s = posix_time(events[0].time) if events else record.time_s
                yield "told", told.step(time_s, events), None

    @property
    def span_s(self) -> tuple[float, float]:
        """Return the first and the last moment of the run."""
        times_s = [told.time_s for _, told, _ in self.steps]
        return min(times_s), max(times_s)

    def states(self, until_s: float) -> Iterator[tuple[float, Policy]]:
        """Yield the policy after each step up to a moment; it is the same one, further on."""
        policy, zones = Policy(self.site), self.site.zones
        columns = {zone.id: column for column, zone in enumerate(zones)}
        for kind, told, what in self.steps:
            if told.time_s > until_s:
                return
            if kind == "zones":
                # The order of the zones is that of the newest set.
                columns = {zone.id: column for column, zone in enumerate(what)}
                policy.set_zones(what, told.time_s)
            elif kind == "command":
                verb, target = what
                if verb == "by hand":
                    act = msgspec.json.decode(target, type=ByHandAct)
                    verb, target = act.verb, act.target
                if verb == "cancel":
                    # an id is made of an attack's first plot, which events do not tell: the zone stands for it
                    of_zone = any(event.alert == target for event in self.said)
                    policy.cancel(told.time_s, self.zone if of_zone else target)
            else:
                policy.step(told.time_s, list(told.forecasts), told.probability(columns), told.gone)
            yield told.time_s, policy

    def telling_s(self) -> float:
        """Return the moment that tells most: of the zone's first alarm, else of its greatest risk, else the last."""
        for event in self.said:
            if event.action == "raise":
                return posix_time(event.time)
        risks = [
            (reason_of(policy, self.zone).probability, -time_s) for time_s, policy in self.states(math.inf)
        ]
        greatest, negative_s = max(risks)
        return -negative_s if greatest > 0.0 else self.span_s[1]

    def answer(self, at_s: float) -> dict[str, Any]:
        """Return the state, the rule and the projectiles at a moment, as JSON has it."""
        policy = Policy(self.site)
        # An event's time has milliseconds; the step that caused it has more.
        for _, state in self.states(at_s + 0.001):
            policy = state
        reason = reason_of(policy, self.zone)
        said = [event for event in self.said if posix_time(event.time) <= at_s + 0.001]
        warned = bool(said) and said[-1].action in ("raise", "revise")
        rule = reason.rule
        if reason.warned != warned:
            obeyed = any(kind == "command" and what[0] != "end" for kind, _, what in self.steps)
            rule = COMMANDED if obeyed else OTHERWISE
        return {
            "zone": self.zone,
            "name": self.names[self.zone],
            "time": iso_time(at_s),
            "warned": warned,
            "alert": said[-1].alert if said else None,
            "rule": rule,
            "in_words": RULES[rule],
            "probability": round(reason.probability, 4),
            "threshold": self.site.warning.raise_probability,
            "until": iso_time(reason.until_s) if math.isfinite(reason.until_s) else None,
            "tracks": [
                {
                    "track": share.track,
                    "probability": round(share.probability, 4),
                    "impact_time": iso_time(share.impact_time_s),
                    "seconds_to_impact": round(share.impact_time_s - at_s, 2),
                    "counts_as": share.counts_as,
                }
                for share in reason.shares
                if share.probability >= LEAST or share.counts_as != SMALL
            ],
            "said": [
                {
                    "time": event.time,
                    "action": event.action,
                    "probability": event.probability,
                    "tracks": event.tracks,
                }
                | ({"manual": msgspec.to_builtins(event.manual)} if event.manual else {})
                for event in self.said
            ],
        }


def in_words(answer: dict[str, Any]) -> str:
    """Return the answer for a person."""
    state = "warned" if answer["warned"] else "not warned"
    lines = [f"{answer['name']} ({answer['zone']}) at {answer['time']}: {state}", f"  {answer['in_words']}"]
    if answer["until"]:
        lines.append(f"  until {answer['until']}, if nothing changes")
    lines.append(
        f"  probability that at least one projectile in the air endangers it: {answer['probability']:.4f};"
        f" raised from {answer['threshold']:g}"
    )
    for track in answer["tracks"]:
        seconds = track["seconds_to_impact"]
        when = f"expected in {seconds:.1f} s" if seconds >= 0.0 else f"was expected {-seconds:.1f} s before"
        lines.append(
            f"  track {track['track']}: {track['probability']:.4f}, {when}; {COUNTS_AS[track['counts_as']]}"
        )
    if not answer["said"]:
        lines.append("  said of this zone in the whole run: nothing")
    for event in answer["said"]:
        tracks = f", tracks {', '.join(map(str, event['tracks']))}" if event["tracks"] else ""
        lines.append(
            f"  said at {event['time']}: {event['action']}, probability {event['probability']:g}{tracks}"
            + _by_hand(event.get("manual"))
        )
    return "\n".join(lines)


def _by_hand(manual: dict[str, str] | None) -> str:
    """Return who asked for it and who released it; empty where it was decided by itself."""
    if manual is None:
        return ""
    released = f", released by {manual['released_by']}" if manual.get("released_by") else ""
    return f"; by hand: asked by {manual['by']}{released} (request {manual['request']})"


def _moment(at: str, own: Past) -> float:
    """Return a time that a person wrote; raises InputError where it is none, or outside the run."""
    first_s, last_s = own.span_s
    wanted = f"a time from {iso_time(first_s)} to {iso_time(last_s)}"
    try:
        at_s = posix_time(at)
    except ValueError as error:
        raise InputError("--at", wanted, at) from error
    if not first_s <= at_s + 0.001 or not at_s <= last_s + 0.001:
        raise InputError("--at", wanted, at)
    return at_s
