"""Entries that are likely one attack: the same day and place across sources, proposed for a person to judge."""

import math
from dataclasses import dataclass

from rampart.ledger.store import Ledger

NEAR_M = 10_000.0
"""Two entries of one day that lie no farther apart may be one attack."""
LONGEST_SPAN_DAYS = 7
"""An entry that may be of any day of a longer span is compared with none."""
MOST = 3
"""How many likely doubles are kept of one entry, the nearest."""
EARTH_M = 6_371_000.0

_NEAR = """SELECT attack, latitude_deg, longitude_deg FROM current
    WHERE simulated = ? AND day_first BETWEEN ? AND ? AND cell BETWEEN ? AND ?
    AND day_last >= ? AND day_last - day_first < ? AND act < ? LIMIT 64"""
_NEW = """SELECT attack, simulated, day_first, day_last, cell, latitude_deg, longitude_deg FROM current
    WHERE act = ? AND cell IS NOT NULL AND day_last - day_first < ?"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two entries that may be one attack; `metres` apart, None where only the words for the place are the same."""

    one: str
    other: str
    metres: float | None


def propose(ledger: Ledger, act: int) -> int:
    """Hold what an act brought against what was there before, within that act; return how many pairs are likely."""
    if not ledger.book.rows("SELECT 1 FROM current WHERE act < ? LIMIT 1", (act,)):
        return 0
    found = 0
    for row in ledger.book.each(_NEW, (act, LONGEST_SPAN_DAYS)):
        pairs = sorted(_neighbours(ledger, act, *row), key=lambda pair: pair[2] or 0.0)[:MOST]
        ledger.book.write_each("INSERT OR IGNORE INTO proposals VALUES (?, ?, ?)", pairs)
        found += len(pairs)
    return found


def _neighbours(
    ledger: Ledger, act: int, attack: int, simulated: int, first: int, last: int, cell: int, lat, lon
):
    """Return the earlier entries of that day near an entry."""
    pairs = []
    bands = [(cell, cell)] if cell < 0 else [(cell + row - 1, cell + row + 1) for row in (-10000, 0, 10000)]
    for low, high in bands:
        span = (simulated, first - LONGEST_SPAN_DAYS, last, low, high, first, LONGEST_SPAN_DAYS, act)
        for other, other_lat, other_lon in ledger.book.rows(_NEAR, span):
            metres = None if lat is None or other_lat is None else apart_m(lat, lon, other_lat, other_lon)
            if metres is None or metres <= NEAR_M:
                pairs.append((other, attack, metres))
    return pairs


def apart_m(lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float) -> float:
    """Return how far two places lie apart on a sphere: right to half a per cent."""
    north, east = math.radians(other_lat_deg - lat_deg), math.radians(other_lon_deg - lon_deg)
    half = math.sin(north / 2) ** 2
    half += math.cos(math.radians(lat_deg)) * math.cos(math.radians(other_lat_deg)) * math.sin(east / 2) ** 2
    return 2.0 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def open_proposals(ledger: Ledger, limit: int | None = None) -> list[Proposal]:
    """Return the pairs that nobody has judged yet, both in force, oldest day first."""
    rows = _standing(ledger)
    return [Proposal(one, other, metres) for _, _, one, other, metres, _ in rows[:limit]]


def doubles(ledger: Ledger, last_day: int | None = None) -> int:
    """Return how many entries would go if every open proposal (up to a day) were one attack."""
    leader: dict[int, int] = {}

    def find(number: int) -> int:
        while leader.setdefault(number, number) != number:
            number = leader[number]
        return number

    count = 0
    for one, other, _, _, _, day in _standing(ledger):
        if last_day is None or day <= last_day:
            first, second = find(one), find(other)
            count += first != second
            leader[second] = first
    return count


def _standing(ledger: Ledger) -> list[tuple[int, int, str, str, float | None, int]]:
    """Return the open proposals: numbers and ids of both, metres, and the later one's last day."""
    judged = ledger.derived.judged()
    query = (
        "SELECT p.one, p.other, a.id, b.id, p.metres, max(a.day_last, b.day_last), a.simulated FROM proposals p "
        "JOIN current a ON a.attack = p.one JOIN current b ON b.attack = p.other ORDER BY a.day_first, a.id, b.id"
    )
    return [
        row[:6] for row in ledger.book.rows(query) if (min(row[0], row[1]), max(row[0], row[1])) not in judged
    ]
