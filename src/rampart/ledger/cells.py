"""The cells of a table read one by one: days exact or not, counts, places, weapons; what is wrong names its column."""

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from functools import lru_cache, wraps
from typing import TypeVar

from rampart.ledger.attack import day_of

UNKNOWN = frozenset({"", "-", "?", "na", "n/a", "nan", "null", "none", "unknown"})
"""What a cell holds where nobody knows; never taken for zero."""
KEPT = 1 << 14
"""How many cells are remembered of each kind: most of a table's are like one before."""
LONG = 256
"""A text that is longer is not remembered, so that memory stays bounded on any file."""
MOST = 10**9
"""The greatest count that a cell may hold."""


class CellError(Exception):
    """A cell that cannot be taken: its column, what stood there, what was wanted."""

    def __init__(self, column: str, value: str, wanted: str):
        self.column, self.value, self.wanted = column, value, wanted
        super().__init__(f"column {column}: {value!r}: wanted {wanted}")


P = TypeVar("P")
R = TypeVar("R")


def _remembered(read: Callable[[P], R]) -> Callable[[P], R]:
    """Return a reader of texts that remembers what it made of the short ones."""
    kept = lru_cache(maxsize=KEPT)(read)

    @wraps(read)
    def reader(text: P) -> R:
        return read(text) if isinstance(text, str) and len(text) > LONG else kept(text)

    return reader


@_remembered
def text_of(value: str) -> str | None:
    """Return a text without spaces about it, None where it says nothing."""
    value = value.strip()
    return None if value.casefold() in UNKNOWN else value


@lru_cache(maxsize=KEPT)
def count_of(column: str, value: str) -> int | None:
    """Return a whole number from 0 up, None where it is unknown; raises CellError."""
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    stripped = value.strip()
    if stripped.casefold() in UNKNOWN:
        return None
    try:
        number = float(stripped)
    except ValueError:
        number = -1.0
    if not (0.0 <= number <= MOST and number == int(number)):
        raise CellError(column, value, "a whole number from 0 up, or nothing where it is unknown")
    return int(number)


@lru_cache(maxsize=KEPT)
def degrees_of(column: str, value: str, most: float) -> float | None:
    """Return an angle within ± `most`, None where it is unknown; raises CellError."""
    if not value or (value := value.strip()).casefold() in UNKNOWN:
        return None
    try:
        angle_deg = float(value)
    except ValueError:
        raise CellError(column, value, "degrees as a decimal number") from None
    if not -most <= angle_deg <= most:
        raise CellError(column, value, f"degrees from -{most:g} to {most:g}")
    return angle_deg


_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ]\d{2}:\d{2}.*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[ ./-](\d{1,2}|[A-Za-z]{3,9})[ ./-](\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@lru_cache(maxsize=KEPT)
def days_of(column: str, value: str) -> tuple[int, int]:
    """Return the first and the last day that a date may mean; raises CellError.

    Read are `2020-11-17`, `2020-08`, `2020`, two of them with a slash between, `17 November 2020` and `17/11/2020`,
    the day always first.
    """
    text = value.strip()
    if text.count("/") == 1:
        (first, _), (_, last) = (days_of(column, part) for part in text.split("/"))
        if last < first:
            raise CellError(column, value, "the earlier day first")
        return first, last
    if found := _ISO.fullmatch(text):
        year, month, day = (int(part) if part else None for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        day, year = int(found[1]), int(found[3])
        name = found[2].lower()
        month = int(name) if name.isdigit() else _month_named(name)
    else:
        raise CellError(column, value, "a date such as 2020-11-17, or 2020-11 where the day is unknown")
    return _span(column, value, year or 0, month, day)


def _month_named(name: str) -> int:
    return _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0


def _span(column: str, value: str, year: int, month: int | None, day: int | None) -> tuple[int, int]:
    if not 1800 <= year <= 2200:
        raise CellError(column, value, "a year from 1800 to 2200")
    if month is None:
        return day_of(date(year, 1, 1)), day_of(date(year, 12, 31))
    if not 1 <= month <= 12:
        raise CellError(column, value, "a month from 1 to 12")
    longest = monthrange(year, month)[1]
    if day is None:
        return day_of(date(year, month, 1)), day_of(date(year, month, longest))
    if not 1 <= day <= longest:
        raise CellError(column, value, f"a day that exists: that month has {longest}")
    only = day_of(date(year, month, day))
    return only, only


_FAMILY_WORDS = (
    ("bomb", re.compile(r"\bieds?\b|\bbombs?\b|bombing|explosi|landmine|\bmines?\b|grenade|suicide")),
    ("mortar", re.compile(r"mortar")),
    ("missile", re.compile(r"missile")),
    ("rocket", re.compile(r"rocket|katyusha|\bgrad\b|qassam")),
    ("drone", re.compile(r"drone|\buav|unmanned")),
    ("indirect fire", re.compile(r"indirect|\bidf\b")),
    ("artillery", re.compile(r"artillery|shell|howitzer")),
)


@_remembered
def family_of(weapon: str | None) -> str:
    """Return the kind of weapon that a text names: one of FAMILIES; a mortar's bomb is no bomb."""
    if weapon is None:
        return "unknown"
    words = weapon.casefold()
    if "mortar" in words:
        return "mortar"
    return next((family for family, pattern in _FAMILY_WORDS if pattern.search(words)), "other")


_NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_BATCH = re.compile(r"\b(?:(\d{1,3}|" + "|".join(_NUMBERS) + r")\s+(?:\w+\s+)?)?convoys\b", re.IGNORECASE)


@_remembered
def stands_for_of(place: str | None) -> int | None:
    """Return how many attacks an entry stands for by its own words ("seven convoys"); None for convoys uncounted."""
    found = _BATCH.search(place) if place and "onvoys" in place else None
    if not found:
        return 1
    if not found[1]:
        return None
    word = found[1].casefold()
    return int(word) if word.isdigit() else _NUMBERS.index(word) + 2


@_remembered
def claimants_of(text: str | None) -> tuple[str | None, tuple[str, ...], bool]:
    """Return who claimed an attack, who denied it, and whether a state did: "A (how); B denied", "Iran (state)"."""
    if text is None:
        return None, (), False
    claimed, denied = [], []
    for part in text.split(";"):
        name = re.sub(r"\s*\([^)]*\)", "", part).strip()
        if name.casefold().endswith(" denied"):
            denied.append(name[: -len(" denied")].strip())
        elif name:
            claimed.append(name)
    return "; ".join(claimed) or None, tuple(denied), "(state)" in text.casefold()


def cell_of(latitude_deg: float | None, longitude_deg: float | None) -> int | None:
    """Return the number of a cell of a tenth of a degree, for finding neighbours; None without a place."""
    if latitude_deg is None or longitude_deg is None:
        return None
    return int((latitude_deg + 90.0) * 10.0) * 10000 + int((longitude_deg + 180.0) * 10.0)
