"""An attack retold for a person from its record and events: a row for each projectile, zone, other track."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rampart.domain.event import Event, ForecastEvent, Impact, TrackEvent
from rampart.domain.incident import Incident, IncidentProjectile
from rampart.domain.site import Site, Zone
from rampart.domain.wire import posix_time
from rampart.evaluate.plane import distance_to_zone_m
from rampart.evaluate.projectile import Guess, Path, ProjectileRow, TrueEnd
from rampart.evaluate.warning import (
    Fall,
    Standing,
    ZoneWarning,
    falls_of_truth,
    standing_alarms,
    zone_warnings,
)


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that the map, the timeline and the tables show."""

    start_s: float | None
    end_s: float | None
    projectiles: tuple[ProjectileRow, ...]
    zones: tuple[ZoneWarning, ...]
    alarms: tuple[Standing, ...]
    others: tuple[Path, ...]
    unseen: tuple[TrueEnd, ...]
    zone_by_id: dict[str, Zone] = field(default_factory=dict)

    @property
    def hit(self) -> list[ZoneWarning]:
        return [row for row in self.zones if row.hit]

    @property
    def not_hit(self) -> list[ZoneWarning]:
        return [row for row in self.zones if not row.hit]


def tell(
    incident: Incident,
    events: Sequence[Event],
    site: Site,
    truth: Mapping | None = None,
    score: Mapping | None = None,
) -> Story:
    """Return the story of one attack; `truth` and `score` are those of a simulated run."""
    paths = _paths(events)
    alarms = standing_alarms(events)
    ends = _true_ends(truth) if truth else {}
    truth_of_track = {
        track: ends[projectile]
        for projectile, tracks in ((score or {}).get("tracks") or {}).items()
        for track in tracks
        if projectile in ends
    }
    records = sorted(incident.projectiles, key=lambda record: record.first_plot)
    rows = tuple(
        _projectile(number, record, paths, events, alarms, site, truth_of_track.get(record.track))
        for number, record in enumerate(records, 1)
    )
    told = {row.record.track for row in rows}
    seen = {row.truth.id for row in rows if row.truth}
    times = [posix_time(event.time) for event in events]
    return Story(
        start_s=min(times, default=None),
        end_s=max(times, default=None),
        projectiles=rows,
        zones=tuple(_zone_rows(rows, alarms, site, truth, score, max(times, default=0.0))),
        alarms=tuple(alarms),
        others=tuple(path for track, path in paths.items() if track not in told),
        unseen=tuple(end for end in ends.values() if end.id not in seen),
        zone_by_id={zone.id: zone for zone in site.zones},
    )


def _paths(events: Sequence[Event]) -> dict[int, Path]:
    """Return every track that was published, by its number."""
    updates: dict[int, list[TrackEvent]] = {}
    for event in events:
        if isinstance(event, TrackEvent) and event.status == "confirmed":
            updates.setdefault(event.track, []).append(event)
    return {
        track: Path(
            track=track,
            class_name=own[-1].class_,
            class_probability=own[-1].class_probability.get(own[-1].class_, 0.0),
            time_s=np.array([posix_time(event.time) for event in own]),
            place=np.array([(event.latitude_deg, event.longitude_deg, event.height_m) for event in own]),
        )
        for track, own in updates.items()
    }


def _true_ends(truth: Mapping) -> dict[str, TrueEnd]:
    """Return the end of every projectile of a truth.json by its id."""
    ends = {}
    for projectile in truth["projectiles"]:
        end, ground = projectile["impact"], projectile.get("would_impact") or projectile["impact"]
        burst = projectile["fate"] != "ground"
        ends[str(projectile["id"])] = TrueEnd(
            id=str(projectile["id"]),
            weapon=projectile["weapon"],
            fate=projectile["fate"],
            place=(ground["latitude_deg"], ground["longitude_deg"]),
            time_s=posix_time(ground["time"]),
            burst_place=(end["latitude_deg"], end["longitude_deg"]) if burst else None,
            burst_time_s=posix_time(end["time"]) if burst else None,
            debris=projectile.get("debris"),
        )
    return ends


def _guess(time_s: float, impact: Impact) -> Guess:
    return Guess(
        time_s=time_s,
        latitude_deg=impact.latitude_deg,
        longitude_deg=impact.longitude_deg,
        cov_m2=np.array(impact.cov_enu_m2, dtype=float),
        impact_time_s=posix_time(impact.time),
        impact_sd_s=impact.time_sd_s,
    )


def _projectile(
    number: int,
    record: IncidentProjectile,
    paths: Mapping[int, Path],
    events: Sequence[Event],
    alarms: Sequence[Standing],
    site: Site,
    truth: TrueEnd | None,
) -> ProjectileRow:
    """Return the row of one recorded projectile."""
    own = [event for event in events if isinstance(event, ForecastEvent) and event.track == record.track]
    guesses = tuple(_guess(posix_time(event.time), event.impact) for event in own)
    fate = max(record.fate, key=lambda name: record.fate[name]) if any(record.fate.values()) else "unknown"
    zones = tuple(zone for zone in site.zones if zone.id in record.zones)
    empty = Path(record.track, record.class_, 0.0, np.empty(0), np.empty((0, 3)))
    impact_s = posix_time(record.impact.time) if record.impact else None
    return ProjectileRow(
        number=number,
        record=record,
        path=paths.get(record.track, empty),
        guesses=guesses,
        first_plot_s=posix_time(record.first_plot),
        confirmed_s=posix_time(record.confirmed) if record.confirmed else None,
        fate=fate,
        fate_probability=record.fate.get(fate, 0.0),
        protected=next((zone for zone in zones if zone.kind == "protected"), None),
        zones=zones,
        warning_s=_warning_s(record.zones, impact_s, alarms),
        truth=truth,
    )


def _warning_s(zones: Sequence[str], impact_s: float | None, alarms: Sequence[Standing]) -> float | None:
    """Return how long an alarm had stood in any of these zones at `impact_s`, 0 where none did."""
    if impact_s is None or not zones:
        return None
    stood = [a.raised_s for a in alarms if a.zone in zones and a.raised_s <= impact_s <= a.until_s]
    return impact_s - min(stood) if stood else 0.0


def _zone_rows(
    rows: Sequence[ProjectileRow],
    alarms: Sequence[Standing],
    site: Site,
    truth: Mapping | None,
    score: Mapping | None,
    end_s: float,
) -> list[ZoneWarning]:
    """Return the zones by the truth where it is known, else by what was sensed."""
    falls = falls_of_truth(truth) if truth else [fall for row in rows if (fall := _sensed_fall(row, site))]
    ideal_s = {
        (entry["attack"], entry["zone"]): posix_time(entry["ideal"])
        for entry in (score or {}).get("warning", {}).get("zones", [])
        if entry.get("ideal")
    }
    return zone_warnings(alarms, falls, site, end_s, ideal_s)


def _sensed_fall(row: ProjectileRow, site: Site) -> Fall | None:
    """Return where a projectile came down, or would have, as sensed; None where it was never forecast."""
    if row.last_guess is None:
        return None
    place = (row.last_guess.latitude_deg, row.last_guess.longitude_deg)
    radius_m = site.warning.danger_radius_m
    near = tuple(zone.id for zone in site.zones if distance_to_zone_m(*place, zone) <= radius_m)
    return Fall(
        str(row.record.track),
        row.first_plot_s,
        row.last_guess.impact_time_s,
        (place,),
        near,
        row.fate == "ground",
    )
