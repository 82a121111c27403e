"""Gathers what the ledger holds of one attack and writes its after-action report."""

from datetime import UTC, datetime
from pathlib import Path

from rampart import __version__
from rampart.account import Case, case_of, reconciled
from rampart.errors import InputError
from rampart.evaluate.after_action import AfterAction, Origin, render_after_action
from rampart.evaluate.report import ReportContext, RunFacts
from rampart.ledger.attack import Attack
from rampart.ledger.duplicates import NEAR_M, apart_m
from rampart.ledger.incidents import cap_references
from rampart.ledger.statistics import running_total
from rampart.ledger.store import Ledger

MOST_NEAR = 8


def write(ledger: Ledger, attack_id: str, out: Path | None, now: datetime | None = None) -> Path:
    """Write the report of an attack into `out` (default: the id's own file name here); return its path."""
    path = out or Path(f"{attack_id}.html")
    page = render_after_action(gathered(ledger, attack_id, now or datetime.now(UTC)))
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputError(str(path), f"a file that can be written ({error.strerror})") from error
    return path


def gathered(ledger: Ledger, attack_id: str, now: datetime) -> AfterAction:
    """Return everything that the report of one attack tells of."""
    found = reconciled(ledger, attack_id)
    entry = found.attack
    series = running_total(ledger, entry.day_last)
    return AfterAction(
        entries=ledger.entries(attack_id),
        run=_run(case_of(ledger, attack_id)),
        verdicts=found.verdicts,
        matters=found.matters,
        accounts=found.accounts,
        series=series if series.entries else None,
        near=_near(ledger, entry),
        origins=_origins(ledger, attack_id),
        corrections=[
            f"{each.field}: {each.old} to {each.value}, says {each.source} (act {each.act})"
            for each in ledger.corrections(attack_id)
            if each.in_force
        ],
        cap_references=cap_references(ledger, attack_id),
        version=__version__,
        written=now.strftime("%Y-%m-%d %H:%M UTC"),
    )


def _run(case: Case | None) -> ReportContext | None:
    """Return what a radar recorded, where the site is known too."""
    if case is None or case.site is None:
        return None
    return ReportContext(
        incident=case.incident,
        events=case.events,
        site=case.site,
        facts=RunFacts(case.version, case.recording, case.mode),
        truth=case.truth,
        score=case.score,
        places=case.places,
        title=case.title,
        assumed=case.assumed,
    )


def _near(ledger: Ledger, entry: Attack) -> list[Attack]:
    """Return the latest real attacks before this one, in the same place."""
    if entry.latitude_deg is None or entry.longitude_deg is None:
        return []
    here = entry.latitude_deg, entry.longitude_deg
    condition = (
        "c.simulated = 0 AND c.day_last < ? AND c.id <> ? AND c.latitude_deg BETWEEN ? AND ? "
        "AND c.longitude_deg BETWEEN ? AND ?"
    )
    box = (here[0] - 0.1, here[0] + 0.1, here[1] - 0.3, here[1] + 0.3)
    rows = ledger.attacks(condition, (entry.day_first, entry.id, *box))
    placed = [(each, each.latitude_deg, each.longitude_deg) for each in rows]
    near = [
        each
        for each, latitude_deg, longitude_deg in placed
        if latitude_deg is not None and longitude_deg is not None
        if apart_m(*here, latitude_deg, longitude_deg) <= NEAR_M
    ]
    return near[-MOST_NEAR:][::-1]


def _origins(ledger: Ledger, attack_id: str) -> list[Origin]:
    """Return the acts in force that brought this attack, its claims, corrections and merges."""
    acts: set[int] = set()
    for number in ledger.derived.joined(ledger.number(attack_id)):
        for table in ("attacks", "claims", "corrections", "documents"):
            acts |= {
                row[0] for row in ledger.book.rows(f"SELECT act FROM {table} WHERE attack = ?", (number,))
            }
        acts |= {row[0] for row in ledger.book.rows("SELECT act FROM merges WHERE kept = ?", (number,))}
    return [
        Origin(each.act, each.time, each.kind, each.source, each.digest, each.note)
        for each in ledger.history()
        if each.act in acts and each.in_force
    ]
