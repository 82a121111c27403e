"""A run's folder: the journal and events while it runs, then incident, truth, score and report."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from rampart.domain.event import AlertEvent, Event
from rampart.domain.incident import Claim, Incident
from rampart.domain.scan import Input, Reject, Scan, ZoneSet
from rampart.domain.site import Site
from rampart.domain.wire import event_line, incident_json
from rampart.feed import Entry, keep_refused
from rampart.record.journal import Journal, JournalHeader
from rampart.record.quarantine import Quarantine
from rampart.serve.cap import AlertFiles
from rampart.serve.keys import own_key


class RunWriter:
    """Writes one run into `folder`: every input and event to the journal first, then events.jsonl and alerts."""

    def __init__(self, folder: Path, header: JournalHeader, site: Site):
        self.folder = folder
        self.header = header
        self.site = site
        self.events: list[Event] = []
        self.rejects: dict[tuple[str, str], int] = {}
        self.plots = 0
        self.journal = Journal.create(folder / "journal", header)
        self.quarantine = Quarantine(folder)
        self._lines = (folder / "events.jsonl").open("wb")
        self._alerts = AlertFiles(folder / "alerts", site, own_key(header.mode))

    def __enter__(self) -> "RunWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self.quarantine.close()
        self.journal.close()

    def add(self, entry: Entry, item: Input, events: list[Event]) -> None:
        """Keep one input and what it caused; an alert is in the book before it is written for anyone."""
        if isinstance(item, ZoneSet):
            self._alerts.add_zones(item.zones)
        lines = [event_line(event) for event in events]
        alerts = [event for event in events if isinstance(event, AlertEvent)]
        self.journal.append(entry.kind, entry.time_s, entry.payload, lines, flush=bool(alerts))
        for line in lines:
            self._lines.write(line + b"\n")
        for alert in alerts:
            self._alerts.write(alert)
        self.events += events
        if isinstance(item, Scan):
            self.plots += len(item.plots)
            for reject in item.rejects:
                key = reject.reason, reject.source
                self.rejects[key] = self.rejects.get(key, 0) + reject.count
            if item.rejects:
                keep_refused(self.quarantine, entry, item.rejects, self.site)

    def add_refused(self, refused: Mapping[tuple[str, str], int]) -> None:
        """Count what the engine refused after reading it, by reason and radar."""
        for key, count in refused.items():
            self.rejects[key] = self.rejects.get(key, 0) + count


def write_outcome(
    folder: Path,
    events: list[Event],
    incident: Incident,
    header: JournalHeader,
    site: Site,
    rejects: dict[tuple[str, str], int],
    title: str = "",
    assumed: tuple[str, ...] = (),
    truth: dict[str, Any] | None = None,
    score: dict[str, Any] | None = None,
    reported: tuple[str, ...] = (),
) -> None:
    """Write the incident, the truth and score of a simulated run, and the report."""
    from rampart.evaluate.report import ReportContext, RunFacts, write_report  # templates, needed at the end

    (folder / "incident.json").write_bytes(incident_json(incident))
    (folder / "incident.geojson").write_bytes(pretty(incident_geojson(incident)))
    if truth is not None:
        (folder / "truth.json").write_bytes(pretty(truth))
    if score is not None:
        (folder / "score.json").write_bytes(pretty(score))
    write_report(
        folder,
        ReportContext(
            incident=incident,
            events=events,
            site=site,
            facts=RunFacts(
                header.version, header.facts.get("source", ""), header.mode, header.facts.get("dating", "")
            ),
            truth=truth,
            score=score,
            claims=incident.claims,
            places=_places(header),
            title=title,
            assumed=assumed,
            reported=reported,
            rejects=[Reject(reason, count, source) for (reason, source), count in sorted(rejects.items())],
        ),
    )


def pretty(document: Any) -> bytes:
    """Return a JSON document for people; a number that is none becomes null."""
    return json.dumps(_without_nan(document), indent=1, ensure_ascii=False).encode() + b"\n"


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def claims_of(header: JournalHeader) -> list[Claim]:
    """Return the published claims that the scenario brings, if any."""
    content = header.files.get("claims")
    return msgspec.json.decode(content, type=list[Claim]) if content else []


def _places(header: JournalHeader) -> dict[str, Any] | None:
    content = header.files.get("places")
    return json.loads(content) if content else None


def incident_geojson(incident: Incident) -> dict[str, Any]:
    """Return the incident's impacts and launch areas as a FeatureCollection for a map."""
    features = []
    for projectile in incident.projectiles:
        if projectile.impact is None:
            continue
        properties = msgspec.to_builtins(projectile) | {"feature": "impact"}
        place = [projectile.impact.longitude_deg, projectile.impact.latitude_deg]
        features.append(_point(place, properties))
    for area in incident.launch_sites:
        properties = msgspec.to_builtins(area) | {"feature": "launch_area"}
        features.append(_point([area.longitude_deg, area.latitude_deg], properties))
    return {"type": "FeatureCollection", "features": features}


def _point(place: list[float], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties}
