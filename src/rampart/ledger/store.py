"""The ledger: acts that add attacks, claims and corrections, never change what is there, and can be withdrawn."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import platformdirs

from rampart.domain.incident import Claim
from rampart.domain.wire import iso_time
from rampart.errors import InputError
from rampart.ledger.attack import CORRECTABLE, FAMILIES, Attack
from rampart.ledger.current import Derived
from rampart.ledger.tables import FIGURES, LAYOUT
from rampart.record.schema import Book

ENVIRONMENT = "RAMPART_LEDGER"
FILE_NAME = "ledger.sqlite"
_NAMES_KEPT = 100_000


def ledger_place(path: Path | None = None) -> Path:
    """Return where the ledger lies: `path`, else $RAMPART_LEDGER, else the user's data folder."""
    named = os.environ.get(ENVIRONMENT)
    return path or (Path(named) if named else Path(platformdirs.user_data_dir("rampart")) / FILE_NAME)


@dataclass(frozen=True, slots=True)
class Added:
    """What an act added: its number (None where there was nothing new), how many new, how many known already."""

    act: int | None
    taken: int
    known: int


@dataclass(frozen=True, slots=True)
class Act:
    """One entry of the ledger's own history; `in_force` is false where it was withdrawn."""

    act: int
    time: str
    kind: str
    source: str
    digest: str
    note: str
    target: int | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """A figure that was set right: the old one stays, in force or not."""

    act: int
    field: str
    old: Any
    value: Any
    source: str
    in_force: bool


class Ledger:
    """One ledger's file, open for reading and adding."""

    def __init__(self, book: Book, clock: Callable[[], float] = time.time):
        self.book = book
        self.derived = Derived(book)
        self._clock = clock
        self._names: dict[str, int] = {}

    @classmethod
    def open(cls, path: Path, clock: Callable[[], float] = time.time) -> "Ledger":
        """Open a ledger, or begin one; raises LedgerError where the file is none, torn or of a later version."""
        return cls(Book.open(path, LAYOUT), clock)

    def close(self) -> None:
        """Close the file."""
        self.book.close()

    @contextmanager
    def act(
        self, kind: str, source: str, digest: str = "", note: str = "", target: int | None = None
    ) -> Iterator[int]:
        """Begin an act: all that is written within carries its number, and is kept whole or not at all."""
        with self.book.transaction():
            # A name that was given in an act that then failed is nobody's.
            self._names.clear()
            values = (iso_time(self._clock()), kind, source, digest, note, target)
            yield self.book.write(
                "INSERT INTO acts (time, kind, source, digest, note, target) VALUES (?, ?, ?, ?, ?, ?)",
                values,
            )

    def name(self, text: str | None) -> int | None:
        """Return the number of a text, giving it one where it is new."""
        if text is None:
            return None
        if (known := self._names.get(text)) is not None:
            return known
        if len(self._names) >= _NAMES_KEPT:
            self._names.clear()
        found = self.book.rows("SELECT name FROM names WHERE text = ?", (text,))
        number = found[0][0] if found else self.book.write("INSERT INTO names (text) VALUES (?)", (text,))
        self._names[text] = number
        return number

    def figures(self, attack: Attack) -> tuple:
        """Return the columns that a table of attacks holds of one, in the order of FIGURES."""
        return self.derived.figures(attack, self.name)

    def resolve(self, text: str) -> str:
        """Return the id of the attack that `text` is, or is the only one to begin with; raises InputError."""
        end = text[:-1] + chr(ord(text[-1]) + 1) if text else "\U0010ffff"
        query = "SELECT id FROM current WHERE id >= ? AND id < ? ORDER BY id LIMIT 6"
        found = [row[0] for row in self.book.rows(query, (text, end))]
        if text in found:
            return text
        if len(found) == 1:
            return found[0]
        if kept := self.derived.merged().get(text):
            return kept
        if not found:
            raise InputError(
                "ledger", "the id of an attack in it, or how one begins (rampart ledger list)", text
            )
        more = ", …" if len(found) > 5 else ""
        raise InputError("ledger", f"more of the id: it begins {', '.join(found[:5])}{more}", text)

    def number(self, attack_id: str) -> int:
        """Return the number of the attack in force that has this id; raises InputError."""
        found = self.book.rows("SELECT attack FROM current WHERE id = ?", (attack_id,))
        if not found:
            raise InputError("ledger", "the id of an attack in it (rampart ledger list)", attack_id)
        return found[0][0]

    def attack(self, number: int) -> Attack:
        """Return one attack with its figures in force."""
        return next(self.attacks("c.attack = ?", (number,)))

    def entries(self, attack_id: str) -> list[Attack]:
        """Return an attack's own entry with its figures in force, then those merged into it as they were taken."""
        number = self.number(attack_id)
        gone = [each for each in self.derived.joined(number) if each != number]
        return [
            self.attack(number),
            *(entry for each in gone for entry in self._chosen("attacks", "c.attack = ?", (each,))),
        ]

    def attacks(self, where: str = "1", values: Sequence[Any] = ()) -> Iterator[Attack]:
        """Yield the attacks in force that a condition on `current c` chooses, oldest first."""
        return self._chosen("current", where, values)

    def _chosen(self, table: str, where: str, values: Sequence[Any]) -> Iterator[Attack]:
        columns = ", ".join(f"c.{name}" for name in FIGURES)
        query = (
            f"SELECT {columns}, p.text, w.text, k.text, f.text, a.begun, a.ended, a.note "
            f"FROM {table} c JOIN attacks a ON a.attack = c.attack LEFT JOIN names p ON p.name = c.place "
            "LEFT JOIN names w ON w.name = c.weapon LEFT JOIN names k ON k.name = c.claimed_by "
            "LEFT JOIN names f ON f.name = c.confidence "
            f"WHERE {where} ORDER BY c.day_first, c.id"
        )
        count = len(FIGURES)
        for row in self.book.each(query, values):
            own = dict(zip(FIGURES, row[:count], strict=True))
            own.pop("digest"), own.pop("cell")
            place, weapon, claimed_by, confidence, begun, ended, note = row[count:]
            own.update(place=place, weapon=weapon, claimed_by=claimed_by, confidence=confidence)
            own.update(family=FAMILIES[own["family"]], begun=begun, ended=ended, note=note)
            own.update(by_state=bool(own["by_state"]), simulated=bool(own["simulated"]))
            yield Attack(**own)

    def add_claims(
        self,
        claims: Sequence[Claim],
        attack_id: str | None,
        source: str,
        digest: str | bytes = "",
        note: str = "",
        confidence: str | None = None,
    ) -> Added:
        """Add claims about an attack (or about none of the ledger's), leaving out what is there word for word."""
        number = None if attack_id is None else self.number(attack_id)
        known = {body for body, _ in self._claim_rows(number)}
        new = list(dict.fromkeys(body for body in map(_body, claims) if body not in known))
        if not new:
            return Added(None, 0, len(claims))
        mark = digest.hex() if isinstance(digest, bytes) else digest
        with self.act("claims", source, mark, note) as act:
            self.insert_claims(act, number, new, confidence)
        return Added(act, len(new), len(claims) - len(new))

    def insert_claims(
        self, act: int, number: int | None, bodies: Sequence[str], confidence: str | None = None
    ) -> None:
        """Write claims within an act that is under way."""
        rows = [(act, number, confidence, body) for body in bodies]
        self.book.write_each("INSERT INTO claims (act, attack, confidence, body) VALUES (?, ?, ?, ?)", rows)

    def claims(self, attack_id: str | None) -> list[Claim]:
        """Return the claims in force about an attack, those of what was merged into it too.

        One that names no source has the file that it was read from for one.
        """
        numbers = [None] if attack_id is None else self.derived.joined(self.number(attack_id))
        found = []
        for number in numbers:
            for body, file in self._claim_rows(number):
                claim = msgspec.json.decode(body, type=Claim)
                found.append(msgspec.structs.replace(claim, source=claim.source or file))
        return found

    def claim_bodies(self, attack_id: str) -> set[str]:
        """Return the claims in force about one entry, word for word."""
        return {body for body, _ in self._claim_rows(self.number(attack_id))}

    def _claim_rows(self, number: int | None) -> list[tuple[str, str | None]]:
        """Return the bodies of the claims about one entry, each with the file that it was read from."""
        gone = self.derived.withdrawn()
        query = (
            "SELECT act, body, CASE kind WHEN 'claims' THEN source END FROM claims JOIN acts USING (act) "
            "WHERE attack IS ? ORDER BY claim"
        )
        return [(body, file) for act, body, file in self.book.rows(query, (number,)) if act not in gone]

    def correct(self, attack_id: str, field: str, value: Any, source: str, note: str = "") -> Added:
        """Set one figure right, keeping the old; raises InputError for a field that cannot be."""
        number = self.number(attack_id)
        old = getattr(self.attack(number), field)
        if field not in CORRECTABLE:
            raise InputError("ledger", f"one of {', '.join(CORRECTABLE)}", field)
        if old == value:
            return Added(None, 0, 1)
        with self.act("correction", source, note=note) as act:
            self.insert_correction(act, number, field, old, value)
            self.derived.renew([number], self.name)
        return Added(act, 1, 0)

    def insert_correction(self, act: int, number: int, field: str, old: Any, value: Any) -> None:
        """Write one correction within an act that is under way; `current` is the caller's to renew."""
        row = (act, number, field, json.dumps(old), json.dumps(value))
        self.book.write(
            "INSERT INTO corrections (act, attack, field, old, value) VALUES (?, ?, ?, ?, ?)", row
        )

    def corrections(self, attack_id: str) -> list[Correction]:
        """Return every correction of an attack, oldest first, those that were withdrawn too."""
        gone = self.derived.withdrawn()
        query = (
            "SELECT c.act, c.field, c.old, c.value, a.source FROM corrections c JOIN acts a USING (act) "
            "WHERE c.attack = ? ORDER BY c.correction"
        )
        return [
            Correction(act, field, json.loads(old), json.loads(value), source, act not in gone)
            for act, field, old, value, source in self.book.rows(query, (self.number(attack_id),))
        ]

    def provenance(self, attack_id: str) -> Act:
        """Return the act that brought an attack into the ledger."""
        query = "SELECT act FROM current WHERE id = ?"
        (act,) = self.book.rows(query, (attack_id,))[0]
        return next(each for each in self.history() if each.act == act)

    def merge(self, kept_id: str, other_id: str, note: str = "") -> int:
        """Take two entries for one attack: the second is counted no more, its claims go with the first's."""
        return self._judge("merge", kept_id, other_id, note)

    def keep_apart(self, one_id: str, other_id: str, note: str = "") -> int:
        """Hold two entries for two attacks: they are proposed for merging no more."""
        return self._judge("apart", one_id, other_id, note)

    def _judge(self, kind: str, one_id: str, other_id: str, note: str) -> int:
        one, other = self.number(one_id), self.number(other_id)
        if one == other:
            raise InputError("ledger", "two different attacks", one_id)
        if kind == "merge" and self.attack(one).simulated != self.attack(other).simulated:
            raise InputError("ledger", "two real attacks or two simulated ones", f"{one_id}, {other_id}")
        with self.act(kind, f"{one_id}, {other_id}", note=note) as act:
            self.book.write("INSERT INTO merges VALUES (?, ?, ?, ?)", (act, kind, one, other))
            self.derived.renew([one, other], self.name)
        return act

    def withdraw(self, act: int, note: str = "") -> int:
        """Take an act back, so that it counts no more; the withdrawal is an act too, and can be withdrawn."""
        found = {each.act: each for each in self.history()}.get(act)
        if found is None:
            raise InputError("ledger", "the number of an act (rampart ledger history)", act)
        if not found.in_force:
            raise InputError("ledger", "an act that was not withdrawn before", act)
        with self.act("withdrawal", found.source, note=note, target=act) as own:
            self.derived.renew_acts(self.derived.chain(act), self.name)
        return own

    def history(self) -> list[Act]:
        """Return every act, oldest first."""
        gone = self.derived.withdrawn()
        query = "SELECT act, time, kind, source, digest, note, target FROM acts ORDER BY act"
        return [
            Act(act, when, kind, source, digest, note, target, act not in gone)
            for act, when, kind, source, digest, note, target in self.book.rows(query)
        ]


def _body(claim: Claim) -> str:
    return msgspec.json.encode(claim).decode()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, read a piece at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
