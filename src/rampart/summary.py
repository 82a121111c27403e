"""What a watch officer wants to know of a run, in a few lines."""

from collections import Counter

from rampart.domain.event import AlertEvent, Event, TrackEvent
from rampart.domain.incident import Incident
from rampart.domain.site import Site


def summary(incident: Incident, events: list[Event], site: Site) -> str:
    """Return the lines that a run prints when it is over."""
    if not incident.projectiles:
        tracks = len({event.track for event in events if isinstance(event, TrackEvent)})
        return f"{site.name}: no attack sensed; {tracks} confirmed tracks, {_alarms(events)} alarms"
    fates = Counter(max(p.fate, key=lambda name: p.fate[name]) for p in incident.projectiles)
    names = {zone.id: zone.name for zone in site.zones}
    lines = [
        f"{site.name}: {len(incident.projectiles)} projectiles sensed"
        + (" (simulated)" if incident.simulated else ""),
        "  came down: " + ", ".join(f"{count} {_FATE_WORDS[fate]}" for fate, count in fates.most_common()),
    ]
    hit = [zone for zone in incident.zones if zone.impacts]
    for zone in hit:
        seconds = (
            "not warned" if zone.warning_s is None else f"warned {zone.warning_s:.0f} s before the first"
        )
        lines.append(f"  {names[zone.zone]}: {zone.impacts} impact{'s' * (zone.impacts > 1)}, {seconds}")
    others = len(incident.zones) - len(hit)
    lines.append(f"  warned without an impact inside: {others} zone{'s' * (others != 1)}")
    for area in incident.launch_sites:
        place = f"{area.latitude_deg:.3f}, {area.longitude_deg:.3f}, within {area.radius_90_m:.0f} m (90 %)"
        lines.append(f"  launch area of {len(area.projectiles)}: {place}, probability {area.probability:.2f}")
    return "\n".join(lines)


def heard(plots: int, rejects: dict[tuple[str, str], int], dated: str) -> str:
    """Return the lines that say what a recording held: its date, its plots, and what was not used and why."""
    lines = [f"  {plots} plots" + (f", {dated}" if dated else "")]
    for (reason, source), count in sorted(rejects.items(), key=lambda entry: -entry[1]):
        lines.append(f"  not used: {count} {reason}" + (f" ({source})" if source else ""))
    return "\n".join(lines)


_FATE_WORDS = {
    "ground": "on the ground",
    "airburst": "burst in the air",
    "intercepted": "intercepted",
    "unknown": "fate unknown",
}


def _alarms(events: list[Event]) -> int:
    return sum(isinstance(event, AlertEvent) and event.action == "raise" for event in events)
