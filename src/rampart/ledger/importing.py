"""Tables of attacks taken into the ledger, streaming and in one act: what was taken, what not, and why."""

import json
from collections import Counter
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rampart.errors import InputError
from rampart.ledger.attack import CORRECTABLE, Attack
from rampart.ledger.cells import CellError
from rampart.ledger.duplicates import propose
from rampart.ledger.formats import Format, Row, SkipError, format_of
from rampart.ledger.lines import RowError, Table
from rampart.ledger.store import Added, Ledger, digest_of
from rampart.ledger.tables import COUNTING, FIGURES

BATCH = 500
LARGE = 8 << 20
"""A file of so many bytes is worth making the indexes anew."""
SHOWN = 20
"""How many bad rows are told one by one; the rest are counted."""

Watch = Callable[[int], None]
"""Told how many bytes of the file have been read, now and then."""


class RefusedError(InputError):
    """A file with bad rows, of which nothing was taken; `report` says which."""

    def __init__(self, report: "Report"):
        super().__init__(f"{report.path}: {report.told[0]}", "every row to be good, or --keep-good")
        rest = f" ({report.bad} bad rows in all)" if report.bad > 1 else ""
        self.args = (
            f"{report.path}: {report.told[0]}{rest}; nothing was taken, "
            f"--keep-good takes the other {report.taken + report.known + report.corrected}",
        )
        self.report = report

    def __str__(self) -> str:
        return self.args[0]


@dataclass(slots=True)
class Report:
    """What became of a file: rows taken, known before, corrected, skipped by reason, bad; `told` names bad rows."""

    path: Path
    format: str = ""
    act: int | None = None
    taken: int = 0
    known: int = 0
    corrected: int = 0
    bad: int = 0
    likely_doubles: int = 0
    families: Counter = field(default_factory=Counter)
    unknown: Counter = field(default_factory=Counter)
    skipped: Counter = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """All rows below the header."""
        return self.taken + self.known + self.corrected + self.bad + sum(self.skipped.values())

    def refuse(self, row: int, what: str) -> None:
        """Count a bad row, and keep the first of them in words."""
        self.bad += 1
        if len(self.told) < SHOWN:
            self.told.append(f"row {row}, {what}")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one path: a table's report, or what was added of incidents."""

    path: Path
    table: Report | None = None
    incidents: tuple[tuple[str, Added], ...] = ()
    note: str = ""


def import_table(
    ledger: Ledger, path: Path, wanted: str = "auto", keep_good: bool = False, watch: Watch | None = None
) -> Report:
    """Take a CSV file into the ledger, in one act.

    A row that is there already changes nothing; one with a known id and other figures corrects them, and the old stay.
    Raises InputError for a table of another form, RefusedError where rows are bad and `keep_good` is not asked for.
    """
    report = Report(path)
    if not path.is_file():
        raise InputError(str(path), "a file to import")
    nothing_new = _NothingNewError()
    try:
        with ledger.act("import", path.name, digest_of(path)) as act:
            report.act = act
            merged = ledger.derived.merged()
            aside = False
            for batch in _batches(_attacks(path, wanted, report, watch)):
                if report.taken and not aside and path.stat().st_size >= LARGE:
                    aside = True
                    _lay_aside(ledger)
                _take(ledger, act, batch, report, merged)
            if report.bad and not keep_good:
                raise RefusedError(report)
            if aside:
                _make_anew(ledger)
            if not report.taken and not report.corrected:
                raise nothing_new
            report.likely_doubles = propose(ledger, act)
    except _NothingNewError:
        report.act = None
    return report


def _lay_aside(ledger: Ledger) -> None:
    """Take the counting indexes down while a large file comes in: twice as fast, and one act all the same."""
    for name in COUNTING:
        ledger.book.write(f"DROP INDEX {name}")


def _make_anew(ledger: Ledger) -> None:
    for name, columns in COUNTING.items():
        ledger.book.write(f"CREATE INDEX {name} ON current {columns}")


class _NothingNewError(Exception):
    """Leaves the act without a trace: importing twice changes nothing."""


def _attacks(path: Path, wanted: str, report: Report, watch: Watch | None) -> Iterator[tuple[int, Attack]]:
    """Yield the attacks of a table with their rows, telling the report of every row that is none."""
    table = Table(path)
    rows = iter(table)
    row, header = next(rows, (1, [""]))
    if isinstance(header, RowError):
        raise InputError(f"{path}: row 1", f"a header ({header})")
    if header == [""]:
        raise InputError(f"{path}: row 1", "a header; the file is empty")
    format = format_of(header, wanted, str(path))
    report.format = format.name
    places = format.places(header, str(path))
    for row, cells in rows:
        if watch and row % 5000 == 0:
            watch(table.bytes_read)
        if isinstance(cells, RowError):
            report.refuse(row, str(cells))
        elif len(cells) != len(header):
            report.refuse(row, f"{len(cells)} cells: wanted {len(header)}, as in the header")
        elif (
            attack := _read(format, {name: cells[place] for name, place in places}, row, report)
        ) is not None:
            yield row, attack


def _read(format: Format, cells: Row, row: int, report: Report) -> Attack | None:
    try:
        attack = format.read(cells)
    except SkipError as why:
        report.skipped[str(why)] += 1
        return None
    except CellError as error:
        report.refuse(row, str(error))
        return None
    report.families[attack.family] += 1
    for name in ("projectiles", "killed", "injured", "latitude_deg"):
        if getattr(attack, name) is None:
            report.unknown[name] += 1
    return attack


Numbered = tuple[int, Attack]
"""An attack with the row that it stood in."""


def _batches(attacks: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    batch: list[Numbered] = []
    for each in attacks:
        batch.append(each)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


_SHARED = ", ".join(FIGURES)
_MARKS = ", ".join("?" * (len(FIGURES) + 5))
_INSERT = f"INSERT INTO attacks (act, row, begun, ended, note, {_SHARED}) VALUES ({_MARKS})"


def _take(ledger: Ledger, act: int, batch: list[Numbered], report: Report, merged: Container[str]) -> None:
    """Write the new attacks of a batch, and correct those that are known with other figures."""
    marks = ", ".join("?" * len(batch))
    query = f"SELECT id, attack, act, digest FROM current WHERE id IN ({marks})"
    known = {id: found for id, *found in ledger.book.rows(query, [attack.id for _, attack in batch])}
    new: dict[str, tuple] = {}
    for row, attack in batch:
        if attack.id in known:
            number, taken_by, digest = known[attack.id]
            if taken_by == act:
                report.skipped["the same row twice in this file"] += 1
            elif digest == attack.digest:
                report.known += 1
            else:
                _correct(ledger, act, number, attack, report)
        elif attack.id in merged:
            report.known += 1
        elif attack.id in new:
            report.skipped["the same row twice in this file"] += 1
        else:
            new[attack.id] = (act, row, attack.begun, attack.ended, attack.note, *ledger.figures(attack))
    if new:
        first = ledger.book.rows("SELECT coalesce(max(attack), 0) + 1 FROM attacks")[0][0]
        ledger.book.write_each(_INSERT, new.values())
        ledger.book.write(
            f"INSERT INTO current (attack, act, {_SHARED}) "
            f"SELECT attack, act, {_SHARED} FROM attacks WHERE attack >= ?",
            (first,),
        )
        report.taken += len(new)


def _correct(ledger: Ledger, act: int, number: int, attack: Attack, report: Report) -> None:
    """Correct what a newer edition of a row says otherwise, as far as it says anything new."""
    before = ledger.attack(number)
    changed = [
        (name, old, new)
        for name in CORRECTABLE
        if (old := getattr(before, name)) != (new := getattr(attack, name))
    ]
    changed = [change for change in changed if not _said_before(ledger, number, change[0], change[2])]
    for name, old, new in changed:
        ledger.insert_correction(act, number, name, old, new)
    if changed:
        ledger.derived.renew([number], ledger.name)
        report.corrected += 1
    else:
        report.known += 1


def _said_before(ledger: Ledger, number: int, name: str, new: Any) -> bool:
    """Return whether a person has set this figure right since: the file's own figure does not undo that."""
    query = (
        "SELECT 1 FROM corrections c JOIN acts a USING (act) WHERE c.attack = ? AND c.field = ? "
        "AND a.kind = 'correction' AND c.old = ?"
    )
    return bool(ledger.book.rows(query, (number, name, json.dumps(new))))
