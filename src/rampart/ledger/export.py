"""The ledger for other programs: GeoJSON for maps, CSV that imports again, JSON with provenance, CAP references."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from rampart.ledger.attack import Attack
from rampart.ledger.formats import OUR_COLUMNS
from rampart.ledger.incidents import cap_references, incident_in
from rampart.ledger.store import Ledger

FORMATS = ("geojson", "csv", "json", "cap")


def exported(ledger: Ledger, format: str, ids: Iterable[str] | None = None) -> Iterator[str]:
    """Yield the export as text, a piece at a time; of all attacks in force, or of these."""
    attacks = ledger.attacks() if ids is None else (ledger.attack(ledger.number(each)) for each in ids)
    writers = {"geojson": _geojson, "csv": _csv, "json": _json, "cap": _cap}
    return writers[format](ledger, attacks)


def figures_of(attack: Attack) -> dict[str, Any]:
    """Return an attack's figures by name; unknown is null."""
    figures = msgspec.to_builtins(attack)
    del figures["day_first"], figures["day_last"]
    return {"id": figures.pop("id"), "date": attack.date, **figures}


def record_of(ledger: Ledger, attack: Attack) -> dict[str, Any]:
    """Return everything that the ledger holds of one attack: figures, where each comes from, corrections, claims."""
    act = ledger.provenance(attack.id)
    ((row,),) = ledger.book.rows("SELECT row FROM attacks WHERE attack = ?", (ledger.number(attack.id),))
    sensed = incident_in(ledger, attack.id)
    return {
        **figures_of(attack),
        "provenance": {
            "act": act.act,
            "file": act.source,
            "sha256": act.digest,
            "row": row,
            "taken": act.time,
        },
        "corrections": [
            {
                "act": each.act,
                "field": each.field,
                "old": each.old,
                "value": each.value,
                "source": each.source,
                "in_force": each.in_force,
            }
            for each in ledger.corrections(attack.id)
        ],
        "claims": [msgspec.to_builtins(claim) for claim in ledger.claims(attack.id)],
        "sensed": None if sensed is None else msgspec.to_builtins(msgspec.structs.replace(sensed, claims=[])),
        "cap_references": cap_references(ledger, attack.id),
    }


def _json(ledger: Ledger, attacks: Iterable[Attack]) -> Iterator[str]:
    yield from _joined(
        "[\n", (json.dumps(record_of(ledger, each), ensure_ascii=False) for each in attacks), "\n]\n"
    )


def _joined(head: str, pieces: Iterable[str], tail: str) -> Iterator[str]:
    yield head
    for number, piece in enumerate(pieces):
        yield (",\n" if number else "") + piece
    yield tail


def _geojson(ledger: Ledger, attacks: Iterable[Attack]) -> Iterator[str]:
    pieces = (
        json.dumps(feature, ensure_ascii=False) for each in attacks for feature in _features(ledger, each)
    )
    yield from _joined('{"type": "FeatureCollection", "features": [\n', pieces, "\n]}\n")


def _features(ledger: Ledger, attack: Attack) -> Iterator[dict[str, Any]]:
    """Yield an attack as a point (without one where its place is unknown), its impacts and launch areas."""
    yield _feature(attack.longitude_deg, attack.latitude_deg, {"feature": "attack", **figures_of(attack)})
    if attack.begun is None or (sensed := incident_in(ledger, attack.id)) is None:
        return
    shared = {"id": attack.id, "simulated": attack.simulated}
    for each in sensed.projectiles:
        if each.impact is not None:
            told = {
                "feature": "impact",
                **shared,
                "track": each.track,
                "fate": each.fate,
                "zones": each.zones,
            }
            yield _feature(
                each.impact.longitude_deg, each.impact.latitude_deg, told | {"time": each.impact.time}
            )
    for area in sensed.launch_sites:
        told = {"feature": "launch_area", **shared, "radius_90_m": max(area.radius_90_m, 300.0)}
        yield _feature(area.longitude_deg, area.latitude_deg, told)


def _feature(
    longitude_deg: float | None, latitude_deg: float | None, properties: dict[str, Any]
) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [longitude_deg, latitude_deg]}
    return {"type": "Feature", "geometry": None if latitude_deg is None else point, "properties": properties}


def _csv(ledger: Ledger, attacks: Iterable[Attack]) -> Iterator[str]:
    """Yield our own columns and the id, so that the file imports again."""
    del ledger
    yield _csv_line(["id", *OUR_COLUMNS])
    for each in attacks:
        figures = [
            each.projectiles,
            each.inside,
            each.killed,
            each.injured,
            each.claimed_by,
            each.source,
            each.confidence,
        ]
        yield _csv_line(
            [each.id, each.date, each.place, each.latitude_deg, each.longitude_deg, each.weapon, *figures]
        )


def _csv_line(cells: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(["" if cell is None else cell for cell in cells])
    return line.getvalue()


def _cap(ledger: Ledger, attacks: Iterable[Attack]) -> Iterator[str]:
    """Yield the references of each attack's alerts in the form of CAP's own element: sender,identifier,sent."""
    for each in attacks:
        for reference in cap_references(ledger, each.id):
            yield reference + "\n"
