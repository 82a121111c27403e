"""One attack as the ledger counts it: its figures, its id, and which fields a person may correct."""

import hashlib
from datetime import date
from functools import lru_cache

import msgspec

FAMILIES = ("unknown", "rocket", "mortar", "missile", "indirect fire", "artillery", "drone", "bomb", "other")
"""Kinds of weapon, by their number in the ledger."""
FIRE = ("rocket", "mortar", "missile", "indirect fire", "artillery")
"""What a radar of this kind can see coming."""


class Attack(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The figures of one attack; None is unknown, never zero.

    Days count from 1970-01-01; the attack was on some day from `day_first` to `day_last`. `killed_low` and
    `killed_high` are the source's own bounds. `stands_for` is the number of attacks that the entry stands for: 1, more
    for a batch, None for a batch that nobody counted.
    """

    id: str
    day_first: int
    day_last: int
    place: str | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    weapon: str | None = None
    family: str = "unknown"
    projectiles: int | None = None
    inside: int | None = None
    killed: int | None = None
    killed_low: int | None = None
    killed_high: int | None = None
    injured: int | None = None
    claimed_by: str | None = None
    source: str | None = None
    confidence: str | None = None
    stands_for: int | None = 1
    by_state: bool = False
    simulated: bool = False
    begun: str | None = None
    ended: str | None = None
    note: str | None = None

    @property
    def date(self) -> str:
        """The day as text, as exact as it is known: `2020-11-17`, `2020-08`, `2020`, or two days with a slash."""
        return span_text(self.day_first, self.day_last)

    @property
    def digest(self) -> bytes:
        """A mark of the content: eight bytes."""
        return hashlib.blake2b(msgspec.msgpack.encode(self), digest_size=8).digest()


CORRECTABLE = (
    "date",
    "place",
    "latitude_deg",
    "longitude_deg",
    "weapon",
    "projectiles",
    "inside",
    "killed",
    "injured",
    "claimed_by",
    "source",
    "confidence",
    "stands_for",
)
"""What `rampart ledger correct` takes."""

_EPOCH = date(1970, 1, 1).toordinal()


def day_of(when: date) -> int:
    """Return the number of a day."""
    return when.toordinal() - _EPOCH


@lru_cache(maxsize=1 << 15)
def date_of(day: int) -> date:
    """Return the date of a day's number."""
    return date.fromordinal(day + _EPOCH)


def span_text(first: int, last: int) -> str:
    """Return a span of days as text, a whole month or year by its own name."""
    start = date_of(first)
    if first == last:
        return start.isoformat()
    if start.day == 1:
        if last == day_of(_month_after(start)) - 1:
            return f"{start:%Y-%m}"
        if start.month == 1 and last == day_of(date(start.year + 1, 1, 1)) - 1:
            return f"{start:%Y}"
    return f"{start.isoformat()}/{date_of(last).isoformat()}"


def _month_after(start: date) -> date:
    return date(start.year + start.month // 12, start.month % 12 + 1, 1)


def made_id(first: int, content: str) -> str:
    """Return an id for an entry that brings none: its first day and a mark of its content."""
    return f"{date_of(first).isoformat()}-{hashlib.blake2b(content.encode(), digest_size=6).hexdigest()}"
