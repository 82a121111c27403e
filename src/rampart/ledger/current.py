"""The figures in force, made from what was written: corrections applied, withdrawals and merges honoured."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rampart.ledger.attack import FAMILIES, Attack
from rampart.ledger.cells import cell_of, claimants_of, days_of, family_of
from rampart.ledger.tables import FIGURES
from rampart.record.schema import Book

Naming = Callable[[str | None], int | None]

_COLUMNS = ", ".join(FIGURES)
_MARKS = ", ".join("?" * (len(FIGURES) + 2))
INSERT_CURRENT = f"INSERT INTO current (attack, act, {_COLUMNS}) VALUES ({_MARKS})"


class Derived:
    """Keeps `current` and `proposals` in step with the tables that only grow."""

    def __init__(self, book: Book):
        self._book = book

    def figures(self, attack: Attack, name: Naming) -> tuple:
        """Return one attack's columns in the order of FIGURES, texts as numbers."""
        place = name(attack.place)
        cell = cell_of(attack.latitude_deg, attack.longitude_deg)
        if cell is None and place is not None:
            # Without a point only the same words are the same place.
            cell = -place
        return (
            attack.id,
            attack.day_first,
            attack.day_last,
            cell,
            place,
            attack.latitude_deg,
            attack.longitude_deg,
            name(attack.weapon),
            FAMILIES.index(attack.family),
            attack.projectiles,
            attack.inside,
            attack.killed,
            attack.killed_low,
            attack.killed_high,
            attack.injured,
            name(attack.claimed_by),
            attack.source,
            name(attack.confidence),
            attack.stands_for,
            attack.by_state,
            attack.simulated,
            attack.digest,
        )

    def withdrawn(self) -> set[int]:
        """Return the acts that are not in force: a later withdrawal in force decides over an earlier one."""
        gone: set[int] = set()
        query = "SELECT act, target FROM acts WHERE target IS NOT NULL ORDER BY act DESC"
        for act, target in self._book.rows(query):
            if act not in gone:
                gone.add(target)
        return gone

    def chain(self, act: int) -> list[int]:
        """Return the acts whose standing a withdrawal of `act` changes: itself, and what it had withdrawn."""
        acts, target = [act], self._book.rows("SELECT target FROM acts WHERE act = ?", (act,))
        while target and target[0][0] is not None:
            acts.append(target[0][0])
            target = self._book.rows("SELECT target FROM acts WHERE act = ?", (acts[-1],))
        return acts

    def joined(self, number: int) -> list[int]:
        """Return an attack and those merged into it, of whatever depth."""
        merges, found = self._merges("merge"), [number]
        for each in found:
            found += [other for kept, other in merges if kept == each and other not in found]
        return found

    def renew_acts(self, acts: Sequence[int], name: Naming) -> None:
        """Make `current` anew for all that these acts brought or judged."""
        gone = self.withdrawn()
        touched: list[int] = []
        for act in acts:
            if act in gone:
                self._book.write("DELETE FROM current WHERE act = ?", (act,))
            else:
                # What came back while the act was withdrawn keeps its place.
                self._book.write(
                    f"INSERT OR IGNORE INTO current (attack, act, {_COLUMNS}) "
                    f"SELECT attack, act, {_COLUMNS} FROM attacks WHERE act = ?",
                    (act,),
                )
                touched += self._numbers(
                    "SELECT DISTINCT c.attack FROM corrections c JOIN attacks a USING (attack) WHERE a.act = ?",
                    act,
                )
                touched += self._numbers(
                    "SELECT m.other FROM merges m JOIN attacks a ON a.attack = m.other WHERE a.act = ?", act
                )
            touched += self._numbers("SELECT DISTINCT attack FROM corrections WHERE act = ?", act)
            touched += self._numbers("SELECT kept FROM merges WHERE act = ?", act)
            touched += self._numbers("SELECT other FROM merges WHERE act = ?", act)
        self.renew(touched, name)

    def _numbers(self, query: str, act: int) -> list[int]:
        return [row[0] for row in self._book.rows(query, (act,))]

    def renew(self, numbers: Iterable[int], name: Naming) -> None:
        """Make `current` anew for these attacks."""
        gone = self.withdrawn()
        merged = {other for _, other in self._merges("merge")}
        for number in dict.fromkeys(numbers):
            self._book.write("DELETE FROM current WHERE attack = ?", (number,))
            base = self._base(number)
            if base is None or base[0] in gone or number in merged:
                continue
            act, figures = base
            if self._book.rows("SELECT 1 FROM current WHERE id = ?", (figures["id"],)):
                continue
            query = "SELECT act, field, value FROM corrections WHERE attack = ? ORDER BY correction"
            for by, field, value in self._book.rows(query, (number,)):
                if by not in gone:
                    figures |= _corrected(field, json.loads(value), name)
            if figures["latitude_deg"] is not None:
                figures["cell"] = cell_of(figures["latitude_deg"], figures["longitude_deg"])
            self._book.write(INSERT_CURRENT, (number, act, *(figures[field] for field in FIGURES)))

    def _base(self, number: int) -> tuple[int, dict[str, Any]] | None:
        found = self._book.rows(f"SELECT act, {_COLUMNS} FROM attacks WHERE attack = ?", (number,))
        return (found[0][0], dict(zip(FIGURES, found[0][1:], strict=True))) if found else None

    def _merges(self, kind: str) -> list[tuple[int, int]]:
        gone = self.withdrawn()
        rows = self._book.rows("SELECT act, kept, other FROM merges WHERE kind = ? ORDER BY act", (kind,))
        return [(kept, other) for act, kept, other in rows if act not in gone]

    def merged(self) -> dict[str, str]:
        """Return the ids of the entries that were merged away, each with the id of the one that stands for it."""
        kept_of = {other: kept for kept, other in self._merges("merge")}
        found = {}
        for other in kept_of:
            kept = other
            while kept in kept_of:
                kept = kept_of[kept]
            ids = dict(
                self._book.rows("SELECT attack, id FROM attacks WHERE attack IN (?, ?)", (other, kept))
            )
            found[ids[other]] = ids[kept]
        return found

    def judged(self) -> set[tuple[int, int]]:
        """Return the pairs that a person has judged, the smaller number first."""
        pairs = [*self._merges("merge"), *self._merges("apart")]
        return {(min(pair), max(pair)) for pair in pairs}


def _corrected(field: str, value: Any, name: Naming) -> dict[str, Any]:
    """Return the columns that one correction sets."""
    if field == "date":
        first, last = days_of("date", value)
        return {"day_first": first, "day_last": last}
    if field == "weapon":
        return {"weapon": name(value), "family": FAMILIES.index(family_of(value))}
    if field == "claimed_by":
        return {"claimed_by": name(value), "by_state": claimants_of(value)[2]}
    return {field: name(value) if field in ("place", "confidence") else value}
