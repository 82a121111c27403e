"""Attacks chosen by day, place and weapon, and a correction's value read from what a person typed."""

from typing import Any

from rampart.errors import InputError
from rampart.ledger.attack import CORRECTABLE, FAMILIES, Attack
from rampart.ledger.cells import CellError, count_of, days_of, degrees_of, text_of
from rampart.ledger.store import Ledger


def chosen(
    ledger: Ledger, since: str | None, until: str | None, place: str | None, weapon: str | None, limit: int
) -> tuple[list[Attack], int]:
    """Return the attacks that fit, at most `limit`, and how many fit in all; raises InputError for a wrong date."""
    where: list[str] = ["1"]
    values: list[Any] = []
    if since is not None:
        where.append("c.day_last >= ?")
        values.append(_days("--since", since)[0])
    if until is not None:
        where.append("c.day_first <= ?")
        values.append(_days("--until", until)[1])
    if weapon is not None:
        if weapon not in FAMILIES:
            raise InputError("--weapon", f"one of {', '.join(FAMILIES)}", weapon)
        where.append("c.family = ?")
        values.append(FAMILIES.index(weapon))
    if place is not None:
        where.append("c.place IN (SELECT name FROM names WHERE text LIKE ? ESCAPE '\\')")
        values.append("%" + place.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
    condition = " AND ".join(where)
    ((count,),) = ledger.book.rows(f"SELECT count(*) FROM current c WHERE {condition}", values)
    attacks = ledger.attacks(condition, values)
    return [attack for _, attack in zip(range(limit), attacks, strict=False)], count


def _days(option: str, value: str) -> tuple[int, int]:
    try:
        return days_of(option, value)
    except CellError as error:
        raise InputError(option, error.wanted, value) from error


def value_of(field: str, value: str) -> Any:
    """Return a correction's value in the field's own kind, None for an empty text; raises InputError."""
    if field not in CORRECTABLE:
        raise InputError("FIELD", f"one of {', '.join(CORRECTABLE)}", field)
    try:
        if field == "date":
            days_of(field, value)
            return value
        if field in ("latitude_deg", "longitude_deg"):
            return degrees_of(field, value, 90.0 if field == "latitude_deg" else 180.0)
        if field in ("projectiles", "inside", "killed", "injured", "stands_for"):
            return count_of(field, value)
        return text_of(value)
    except CellError as error:
        raise InputError(field, error.wanted, value) from error
