"""Brings to the ledger what the other rooms hold: run folders with site and journal, the reports and the verdicts."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from rampart.config import read_scenario, read_site
from rampart.domain.claim import range_of
from rampart.domain.event import Event
from rampart.domain.incident import Claim, Incident
from rampart.domain.site import Site
from rampart.domain.wire import event_of, incident_of
from rampart.errors import InputError
from rampart.evaluate.claims import AGREE, CONTRADICT, UNSEEN, ClaimRow, claim_words, compare_claims
from rampart.evaluate.story import tell
from rampart.files import InputFiles
from rampart.ledger.attack import Attack
from rampart.ledger.conflicts import (
    Account,
    Matter,
    claimed_accounts,
    entry_claims,
    matters,
    sensed_account,
    who_said,
)
from rampart.ledger.importing import Taken
from rampart.ledger.incidents import Recorded, documents_of, import_incident
from rampart.ledger.store import Ledger
from rampart.record.journal import JournalHeader, read_journal
from rampart.record.schema import FILE_NAME

KEPT_FILE = "file:"
"""Documents of this beginning are the input files that a journal kept."""


def take(ledger: Ledger, path: Path) -> Taken:
    """Take an incident.json, a run's folder or a journal into the ledger; raises InputError."""
    found = list(_of_folder(path)) if path.is_dir() else [Recorded(_incident(path))]
    added = tuple(
        (each.incident.id, import_incident(ledger, each, path.name)) for each in found if each.incident.id
    )
    return Taken(path, incidents=added, note="" if added else "no attack was recorded there")


def _incident(path: Path) -> Incident:
    try:
        return incident_of(path.read_bytes())
    except OSError as error:
        raise InputError(str(path), f"a readable file ({error.strerror})") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(str(path), f"an incident.json ({error})") from error


def _of_folder(folder: Path) -> Iterator[Recorded]:
    """Yield the incidents of a run's folder: as its incident.json has them, else from its journals, flown again."""
    journals = [folder] if (folder / FILE_NAME).is_file() else sorted(folder.glob(f"**/{FILE_NAME}"))
    folders = [path if path.is_dir() else path.parent for path in journals]
    if (folder / "incident.json").is_file():
        header = read_journal(folders[0]).header if folders else None
        names = ("events.jsonl", "truth.json", "score.json")
        documents = {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
        yield _recorded(_incident(folder / "incident.json"), header, documents)
    elif folders:
        for journal in folders:
            yield from _of_journal(journal)
    else:
        raise InputError(str(folder), "a run's folder, with incident.json or a journal in it")


def _of_journal(journal: Path) -> Iterator[Recorded]:
    """Yield every attack of a journal, by the engine that recorded it."""
    from rampart.engine import Engine
    from rampart.feed import Entry, input_of

    reader = read_journal(journal)
    header = reader.header
    site = replace(read_site(Path("site.toml"), InputFiles(header.files)), mode=header.mode)
    engine = Engine(site, header.simulated)
    lines = []
    for kind, time_s, payload in reader:
        for event in engine.step(input_of(Entry(kind, time_s, payload), site)):
            lines.append(msgspec.json.encode(event))
    for incident in engine.incidents:
        yield _recorded(incident, header, {"events.jsonl": b"\n".join(lines) + b"\n"})


def _recorded(incident: Incident, header: JournalHeader | None, documents: dict[str, bytes]) -> Recorded:
    if header is None:
        return Recorded(incident, documents)
    facts = {"mode": header.mode, "version": header.version, "note": header.note, "facts": header.facts}
    documents = documents | {"header.json": json.dumps(facts).encode()}
    documents |= {KEPT_FILE + role: content for role, content in header.files.items()}
    from rampart.serve.cap_message import reference_of

    site = read_site(Path("site.toml"), InputFiles(header.files))
    return Recorded(
        incident,
        documents,
        place=site.name,
        latitude_deg=round(math.degrees(site.frame.latitude_rad), 6),
        longitude_deg=round(math.degrees(site.frame.longitude_rad), 6),
        timezone=site.timezone,
        protected=tuple(zone.id for zone in site.zones if zone.kind == "protected"),
        cap_references={
            f"{each.alert}.{each.seq}": str(reference_of(each, site)) for each in incident.alerts
        },
    )


@dataclass(frozen=True, slots=True)
class Case:
    """One attack with all that the ledger keeps of its run; what no run brought is None or empty."""

    incident: Incident
    site: Site | None = None
    events: tuple[Event, ...] = ()
    truth: Mapping[str, Any] | None = None
    score: Mapping[str, Any] | None = None
    places: Mapping[str, Any] | None = None
    title: str = ""
    assumed: tuple[str, ...] = ()
    mode: str = "test"
    version: str = ""
    recording: str = ""


def case_of(ledger: Ledger, attack_id: str) -> Case | None:
    """Return an attack as its run left it, with the claims of the ledger; None where no radar saw it."""
    documents = documents_of(ledger, attack_id)
    if "incident.json" not in documents:
        return None
    incident = msgspec.structs.replace(
        incident_of(documents["incident.json"]), claims=ledger.claims(attack_id)
    )
    if "header.json" not in documents:
        return Case(incident)
    kept = {
        role.removeprefix(KEPT_FILE): content
        for role, content in documents.items()
        if role.startswith(KEPT_FILE)
    }
    header = json.loads(documents["header.json"])
    title = header["note"]
    assumed: tuple[str, ...] = ()
    if "scenario.toml" in kept:
        scenario, site = read_scenario(Path("scenario.toml"), InputFiles(kept), None)
        title, assumed = scenario.title, scenario.assumed
    else:
        site = read_site(Path("site.toml"), InputFiles(kept))
    return Case(
        incident,
        replace(site, mode=header["mode"]),
        tuple(event_of(line) for line in documents.get("events.jsonl", b"").splitlines()),
        _loaded(documents.get("truth.json")),
        _loaded(documents.get("score.json")),
        _loaded(kept.get("places")),
        title,
        assumed,
        header["mode"],
        header["version"],
        header["facts"].get("source", ""),
    )


def _loaded(content: bytes | None) -> dict[str, Any] | None:
    return None if content is None else json.loads(content)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The claims of one attack beside the sensors, beside each other, and the accounts that should close."""

    attack: Attack
    simulated: bool
    verdicts: tuple[ClaimRow, ...]
    matters: tuple[Matter, ...]
    accounts: tuple[Account, ...]


def reconciled(ledger: Ledger, attack_id: str) -> Reconciled:
    """Hold everything on record of one attack against everything else; merged entries speak for themselves."""
    case = case_of(ledger, attack_id)
    entries = ledger.entries(attack_id)
    claims = ledger.claims(attack_id) + [claim for entry in entries for claim in entry_claims(entry)]
    accounts = claimed_accounts(claims)
    if case is not None:
        protected = [zone.id for zone in case.site.zones if zone.kind == "protected"] if case.site else []
        accounts.insert(0, sensed_account(case.incident, protected))
    verdicts = tuple(verdicts_of(case, claims))
    return Reconciled(entries[0], entries[0].simulated, verdicts, tuple(matters(claims)), tuple(accounts))


NO_SENSOR = "no sensor record"


def verdicts_of(case: Case | None, claims: list[Claim]) -> list[ClaimRow]:
    """Return each claim beside the sensors: agree, contradict, not observable by radar, or that none watched."""
    if case is None or case.site is None:
        unseen = NO_SENSOR if case is None else UNSEEN
        return [
            ClaimRow(
                each, claim_words(each), who_said(each), *_bare(case.incident if case else None, each, unseen)
            )
            for each in claims
        ]
    story = tell(case.incident, case.events, case.site, case.truth, case.score)
    rows = compare_claims(claims, story, case.incident, case.site, case.places)
    return [replace(row, who=who_said(row.claim)) for row in rows]


def _bare(incident: Incident | None, claim: Claim, unseen: str) -> tuple[str, str]:
    """Return what a record without its site can say: how many, and nothing of places."""
    if claim.what in ("killed", "injured"):
        return "–", UNSEEN
    figures = range_of(claim)
    if incident is None or claim.what != "projectiles_total" or figures is None:
        return "–", unseen
    count = len(incident.projectiles)
    return f"{count} sensed", AGREE if figures.holds(count) else CONTRADICT
