"""An attack told by the second: first plots, alarms, impacts, all clears, one line for what happened together."""

from collections.abc import Sequence
from dataclasses import dataclass

from rampart.domain.alert import CANCEL, CLEAR, RAISE
from rampart.domain.event import AlertEvent
from rampart.domain.site import Zone
from rampart.domain.wire import posix_time
from rampart.evaluate.projectile import ProjectileRow, short_name
from rampart.evaluate.story import Story
from rampart.evaluate.words import FATE_WORDS, plural

MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened in one second: its time, the mark of its shape on the timeline, and the words."""

    time_s: float
    mark: str
    words: str


def chronicle(story: Story, alerts: Sequence[AlertEvent]) -> list[Moment]:
    """Return the moments of an attack in order, those of one kind in one second together."""
    found: dict[tuple[int, str], list[tuple[float, str]]] = {}

    def note(time_s: float | None, kind: str, name: str) -> None:
        if time_s is not None:
            found.setdefault((int(time_s), kind), []).append((time_s, name))

    for row in story.projectiles:
        note(row.first_plot_s, "first-plot", str(row.number))
        note(row.confirmed_s, "confirmed", str(row.number))
        note(row.end_s, "impact" if row.fate == "ground" else "burst", _end(row))
    for alert in alerts:
        kind = {RAISE: "alarm", CLEAR: "clear", CANCEL: "cancel"}.get(alert.action)
        if kind:
            note(posix_time(alert.time), kind, _zone(story.zone_by_id.get(alert.zone), alert.zone))
    moments = [
        Moment(min(time_s for time_s, _ in group), kind, _words(kind, [name for _, name in group]))
        for (_, kind), group in found.items()
    ]
    return sorted(moments, key=lambda moment: moment.time_s)


def _zone(zone: Zone | None, id: str) -> str:
    return id if zone is None else short_name(zone.name)


def _end(row: ProjectileRow) -> str:
    """Return how and where one projectile ended."""
    where = (
        row.protected.name if row.protected else ", ".join(short_name(zone.name) for zone in row.zones[:1])
    )
    if row.fate == "ground":
        return f"{row.number} in {short_name(where)}" if where else f"{row.number} outside every zone"
    return f"{row.number} {FATE_WORDS.get(row.fate, row.fate)}" + (
        f", bound for {short_name(where)}" if where else ""
    )


def _words(kind: str, names: Sequence[str]) -> str:
    listed = ", ".join(names[:MOST_NAMED]) + (
        f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    )
    if kind in ("first-plot", "confirmed"):
        which = "number " + listed if len(names) == 1 else "numbers " + listed
        return f"First plot of {which}" if kind == "first-plot" else f"Confirmed as projectiles: {which}"
    if kind == "impact":
        return f"Came down: {listed}"
    if kind == "burst":
        return f"Ended in the air: {listed}"
    told = {"alarm": "Alarm raised", "clear": "All clear", "cancel": "Alarm cancelled as wrong"}[kind]
    return f"{told} in {plural(len(names), 'zone')}: {listed}"
