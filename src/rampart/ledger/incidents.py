"""Attacks that Rampart itself recorded: what was sensed, who was warned, what was claimed, as tables of the ledger."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from rampart.domain.incident import Incident
from rampart.domain.wire import incident_json, incident_of, posix_time
from rampart.ledger.attack import Attack, day_of
from rampart.ledger.duplicates import propose
from rampart.ledger.store import Added, Ledger
from rampart.ledger.tables import FIGURES

LEAST_RADIUS_M = 300.0
FATES = ("ground", "airburst", "intercepted", "engaged", "unknown")
"""How a projectile ended; engaged means fired at, whatever came of it. They are different things."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An incident as it comes from a run: its document, other documents by role, where the place is and its clock.

    `protected` zones are those that a defence stands for; `cap_references` are CAP's own, by alert file's order.
    """

    incident: Incident
    documents: Mapping[str, bytes] = field(default_factory=dict)
    place: str | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    timezone: str = "UTC"
    protected: Sequence[str] = ()
    cap_references: Mapping[str, str] = field(default_factory=dict)


def fate_of(fate: Mapping[str, float]) -> str:
    """Return the likeliest fate; where none was estimated it is unknown."""
    return max(fate, key=lambda name: fate[name]) if fate else "unknown"


def attack_of(recorded: Recorded) -> Attack:
    """Return the figures of a recorded incident as far as a radar knows them: no casualties, no claimant."""
    incident = recorded.incident
    begun = incident.start or ""
    when = datetime.fromtimestamp(posix_time(begun), UTC).astimezone(ZoneInfo(recorded.timezone))
    day = day_of(when.date())
    classes = [projectile.class_ for projectile in incident.projectiles]
    weapon = max(sorted(set(classes)), key=classes.count) if classes else None
    inside = None
    if recorded.protected:
        inside = sum(
            fate_of(each.fate) == "ground" and bool(set(each.zones) & set(recorded.protected))
            for each in incident.projectiles
        )
    return Attack(
        id=incident.id or "",
        day_first=day,
        day_last=day,
        place=recorded.place or incident.site,
        latitude_deg=recorded.latitude_deg,
        longitude_deg=recorded.longitude_deg,
        weapon=weapon,
        family=weapon if weapon in ("rocket", "mortar", "artillery") else "unknown",
        projectiles=len(incident.projectiles),
        inside=inside,
        source="Rampart" + (", simulated" if incident.simulated else ", as sensed"),
        confidence=None,
        simulated=incident.simulated,
        begun=incident.start,
        ended=incident.end,
    )


def import_incident(ledger: Ledger, recorded: Recorded, source: str) -> Added:
    """Take a recorded incident into the ledger; the same one again changes nothing, another version is kept beside."""
    document = incident_json(recorded.incident)
    digest = hashlib.sha256(b"\0".join([document, *recorded.documents.values()])).hexdigest()
    attack = attack_of(recorded)
    known = ledger.book.rows("SELECT attack FROM current WHERE id = ?", (attack.id,))
    if known and digest in {
        each.digest for each in ledger.history() if each.in_force and each.kind == "incident"
    }:
        return Added(None, 0, 1)
    with ledger.act("incident", source, digest, attack.id) as act:
        number = _renewed(ledger, act, known[0][0], attack) if known else _written(ledger, act, attack)
        _write_parts(ledger, act, number, recorded)
        documents = {"incident.json": document, **recorded.documents}
        rows = [(act, number, role, zlib.compress(content)) for role, content in documents.items()]
        ledger.book.write_each("INSERT INTO documents VALUES (?, ?, ?, ?)", rows)
        there = ledger.claim_bodies(attack.id)
        bodies = [msgspec.json.encode(claim).decode() for claim in recorded.incident.claims]
        ledger.insert_claims(act, number, [body for body in dict.fromkeys(bodies) if body not in there])
        propose(ledger, act)
    return Added(act, 1, 0)


def _written(ledger: Ledger, act: int, attack: Attack) -> int:
    columns = ", ".join(FIGURES)
    marks = ", ".join("?" * (len(FIGURES) + 4))
    values = (act, attack.begun, attack.ended, attack.note, *ledger.figures(attack))
    number = ledger.book.write(
        f"INSERT INTO attacks (act, begun, ended, note, {columns}) VALUES ({marks})", values
    )
    ledger.derived.renew([number], ledger.name)
    return number


def _renewed(ledger: Ledger, act: int, number: int, attack: Attack) -> int:
    """Correct the figures that another version of the record gives otherwise."""
    before = ledger.attack(number)
    for name in ("weapon", "projectiles", "inside", "place"):
        old, new = getattr(before, name), getattr(attack, name)
        if old != new:
            ledger.insert_correction(act, number, name, old, new)
    ledger.derived.renew([number], ledger.name)
    return number


def _write_parts(ledger: Ledger, act: int, number: int, recorded: Recorded) -> None:
    """Write projectiles, zones, launch areas and alerts."""
    incident = recorded.incident
    ledger.book.write_each(
        "INSERT INTO projectiles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                act,
                number,
                each.track,
                each.class_,
                each.first_plot,
                fate_of(each.fate),
                json.dumps(each.fate),
                each.impact.time if each.impact else None,
                each.impact.latitude_deg if each.impact else None,
                each.impact.longitude_deg if each.impact else None,
                json.dumps(each.zones),
            )
            for each in incident.projectiles
        ],
    )
    ledger.book.write_each(
        "INSERT INTO zones VALUES (?, ?, ?, ?, ?, ?)",
        [(act, number, each.zone, each.impacts, each.warned, each.warning_s) for each in incident.zones],
    )
    ledger.book.write_each(
        "INSERT INTO launch_areas VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                act,
                number,
                each.latitude_deg,
                each.longitude_deg,
                max(each.radius_90_m, LEAST_RADIUS_M),
                json.dumps(each.projectiles),
                each.probability,
            )
            for each in incident.launch_sites
        ],
    )
    ledger.book.write_each(
        "INSERT INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                act,
                number,
                each.alert,
                each.zone,
                each.action,
                each.mode,
                each.time,
                recorded.cap_references.get(f"{each.alert}.{each.seq}"),
            )
            for each in incident.alerts
        ],
    )


def documents_of(ledger: Ledger, attack_id: str) -> dict[str, bytes]:
    """Return the documents of the latest record in force of an attack, or of what was merged into it; {} without."""
    gone = ledger.derived.withdrawn()
    for number in ledger.derived.joined(ledger.number(attack_id)):
        rows = ledger.book.rows("SELECT act, role, content FROM documents WHERE attack = ?", (number,))
        if acts := [row[0] for row in rows if row[0] not in gone]:
            return {role: zlib.decompress(content) for act, role, content in rows if act == max(acts)}
    return {}


def incident_in(ledger: Ledger, attack_id: str) -> Incident | None:
    """Return what was sensed of an attack, with every claim in force; None where no radar saw it."""
    document = documents_of(ledger, attack_id).get("incident.json")
    if document is None:
        return None
    return msgspec.structs.replace(incident_of(document), claims=ledger.claims(attack_id))


def cap_references(ledger: Ledger, attack_id: str) -> list[str]:
    """Return CAP's references to the alerts of an attack: sender, identifier, time sent."""
    gone = ledger.derived.withdrawn()
    numbers = ledger.derived.joined(ledger.number(attack_id))
    found = []
    for number in numbers:
        query = "SELECT act, cap_reference FROM alerts WHERE attack = ? AND cap_reference IS NOT NULL"
        rows = [row for row in ledger.book.rows(query, (number,)) if row[0] not in gone]
        found += [reference for act, reference in rows if act == max(row[0] for row in rows)]
    return found
