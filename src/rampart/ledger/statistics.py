"""Attacks counted: by month, place, weapon, claimant, salvo; and how many up to a date, with what is unsure of it."""

from dataclasses import asdict, dataclass, field
from typing import Any

from rampart.errors import InputError
from rampart.ledger.attack import FAMILIES, FIRE, date_of
from rampart.ledger.cells import CellError, claimants_of, days_of
from rampart.ledger.duplicates import doubles
from rampart.ledger.store import Ledger

SALVOS = ((1, 1), (2, 2), (3, 3), (4, 5), (6, 9), (10, 19), (20, None))
"""Sizes of salvos that are counted together."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries fall under each name, most or first first; `unknown` of them say nothing of it."""

    by: str
    counts: dict[str, int]
    unknown: int

    @property
    def total(self) -> int:
        """All entries."""
        return sum(self.counts.values()) + self.unknown


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure added up over the entries that give it; the others give none, which is not zero."""

    what: str
    total: int
    known: int
    unknown: int


@dataclass(frozen=True, slots=True)
class RunningTotal:
    """How many attacks up to the end of a day: entries counted, and what their number may be off by, and why."""

    date: str
    entries: int
    low: int
    high: int | None
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is counted: entries, tallies, sums, the running total, months by kind of weapon, points for a map."""

    entries: int
    tallies: tuple[Tally, ...]
    sums: tuple[Sum, ...]
    running: RunningTotal | None
    months: list[tuple[str, dict[str, int]]]
    points: list[tuple[float, float, str, int]]
    simulated: bool

    def as_json(self) -> dict[str, Any]:
        """Return the figures for programs."""
        return {
            "simulated": self.simulated,
            "entries": self.entries,
            **{f"by_{each.by}": {"counts": each.counts, "unknown": each.unknown} for each in self.tallies},
            "sums": {
                each.what: {"total": each.total, "known": each.known, "unknown": each.unknown}
                for each in self.sums
            },
            "running_total": None if self.running is None else asdict(self.running),
        }


def all_of(ledger: Ledger, until: str | None = None, simulated: bool = False) -> Figures:
    """Count everything; the running total goes to the end of `until`, else to the last day on record."""
    ((entries, last),) = ledger.book.rows(
        "SELECT count(*), max(day_last) FROM current WHERE simulated = ?", (simulated,)
    )
    if until is not None:
        try:
            last = days_of("--until", until)[1]
        except CellError as error:
            raise InputError("--until", error.wanted, until) from error
    return Figures(
        entries,
        tuple(
            count(ledger, simulated)
            for count in (by_month, by_area, by_place, by_weapon, by_claimant, salvos)
        ),
        tuple(sums(ledger, simulated)),
        None if last is None else running_total(ledger, last, simulated),
        months_by_family(ledger, simulated),
        points(ledger, simulated),
        simulated,
    )


def by_month(ledger: Ledger, simulated: bool = False) -> Tally:
    """Count by month; an entry whose days lie in two months is of unknown month."""
    counts: dict[str, int] = {}
    unknown = 0
    query = (
        "SELECT day_first, day_last, count(*) FROM current WHERE simulated = ? GROUP BY day_last, day_first"
    )
    for first, last, count in ledger.book.rows(query, (simulated,)):
        start, end = f"{date_of(first):%Y-%m}", f"{date_of(last):%Y-%m}"
        if start == end:
            counts[start] = counts.get(start, 0) + count
        else:
            unknown += count
    return Tally("month", dict(sorted(counts.items())), unknown)


def by_place(ledger: Ledger, simulated: bool = False) -> Tally:
    """Count by the words for the place."""
    return _named(ledger, "place", simulated)


def by_area(ledger: Ledger, simulated: bool = False) -> Tally:
    """Count by cell of a tenth of a degree, whatever words stand for the place; named by the words used most in it."""
    query = (
        "SELECT cell, text, n FROM (SELECT cell, place, count(*) AS n FROM current WHERE simulated = ? "
        "GROUP BY cell, place) LEFT JOIN names ON name = place ORDER BY n DESC, text"
    )
    areas: dict[int, list] = {}
    unknown = 0
    for cell, text, count in ledger.book.each(query, (simulated,)):
        if cell is None or cell < 0:
            unknown += count
        else:
            areas.setdefault(cell, [text or "no words", 0])[1] += count
    counts: dict[str, int] = {}
    for cell, (text, count) in areas.items():
        name = f"{text} ({cell // 10000 / 10 - 90:.1f}, {cell % 10000 / 10 - 180:.1f})"
        counts[name] = counts.get(name, 0) + count
    return Tally("area", _most_first(counts), unknown)


def by_claimant(ledger: Ledger, simulated: bool = False) -> Tally:
    """Count by who claimed it."""
    tally = _named(ledger, "claimed_by", simulated)
    counts: dict[str, int] = {}
    for text, count in tally.counts.items():
        name, _, by_state = claimants_of(text)
        key = f"{name} (state)" if by_state else name or "denied only"
        counts[key] = counts.get(key, 0) + count
    return Tally("claimant", _most_first(counts), tally.unknown)


def by_weapon(ledger: Ledger, simulated: bool = False) -> Tally:
    """Count by kind of weapon."""
    query = "SELECT family, count(*) FROM current WHERE simulated = ? GROUP BY family"
    counts = {FAMILIES[family]: count for family, count in ledger.book.rows(query, (simulated,))}
    unknown = counts.pop("unknown", 0)
    return Tally("weapon", _most_first(counts), unknown)


def salvos(ledger: Ledger, simulated: bool = False) -> Tally:
    """Count by projectiles in one attack: fire only, as a bomb is no salvo."""
    fire = tuple(FAMILIES.index(name) for name in FIRE)
    marks = ", ".join("?" * len(fire))
    query = f"SELECT projectiles, count(*) FROM current WHERE simulated = ? AND family IN ({marks}) GROUP BY family, 1"
    sizes: dict[int, int] = {}
    unknown = 0
    for size, count in ledger.book.rows(query, (simulated, *fire)):
        if size is None:
            unknown += count
        else:
            sizes[size] = sizes.get(size, 0) + count
    counts = {}
    for low, high in SALVOS:
        name = f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
        counts[name] = sum(n for size, n in sizes.items() if low <= size and (high is None or size <= high))
    if sizes.get(0):
        counts = {"0": sizes[0], **counts}
    return Tally("salvo", counts, unknown)


def sums(ledger: Ledger, simulated: bool = False) -> list[Sum]:
    """Add up projectiles, killed and injured, each over the entries that give it."""
    query = (
        "SELECT count(*), sum(projectiles), count(projectiles), sum(inside), count(inside), "
        "sum(killed), count(killed), sum(injured), count(injured) FROM current WHERE simulated = ?"
    )
    ((count, *pairs),) = ledger.book.rows(query, (simulated,))
    names = ("projectiles", "inside target area", "killed", "injured")
    return [
        Sum(name, pairs[2 * i] or 0, pairs[2 * i + 1], count - pairs[2 * i + 1])
        for i, name in enumerate(names)
    ]


def running_total(ledger: Ledger, day: int, simulated: bool = False) -> RunningTotal:
    """Return how many attacks there were up to the end of a day, and what is unsure of that number.

    Lower: entries that may be one attack, those whose days reach beyond, and a state's own strikes, which a count of
    attacks by armed groups leaves out. Higher: entries that stand for several.
    """
    query = (
        "SELECT count(*), coalesce(sum(day_last > ?), 0), "
        "coalesce(sum(CASE WHEN stands_for > 1 THEN 1 ELSE 0 END), 0), coalesce(sum(stands_for - 1), 0), "
        "coalesce(sum(stands_for IS NULL), 0), coalesce(sum(by_state), 0) FROM current "
        "WHERE simulated = ? AND day_first <= ? AND day_last >= -1000000"
    )
    ((reach, straddling, batches, more, uncounted, by_state),) = ledger.book.rows(
        query, (day, simulated, day)
    )
    likely = doubles(ledger, day)
    reasons = {
        "may be the same attack as another entry": likely,
        "may be later: the day is not known": straddling,
        "a state's own strike, which a count of armed groups leaves out": by_state,
        "stand for several attacks by their own words": batches,
        "attacks more in these": more,
        "stand for several that nobody counted": uncounted,
    }
    low = max(0, reach - straddling - likely - by_state)
    high = None if uncounted else reach + more
    return RunningTotal(
        date_of(day).isoformat(), reach, low, high, {why: n for why, n in reasons.items() if n}
    )


def _named(ledger: Ledger, column: str, simulated: bool) -> Tally:
    query = (
        f"SELECT text, n FROM (SELECT {column}, count(*) AS n FROM current WHERE simulated = ? GROUP BY {column}) "
        f"LEFT JOIN names ON name = {column}"
    )
    counts = dict(ledger.book.rows(query, (simulated,)))
    unknown = counts.pop(None, 0)
    return Tally(column, _most_first(counts), unknown)


def _most_first(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def months_by_family(ledger: Ledger, simulated: bool = False) -> list[tuple[str, dict[str, int]]]:
    """Return every month from the first to the last with its counts by kind of weapon, empty ones too."""
    months: dict[str, dict[str, int]] = {}
    query = (
        "SELECT day_first, day_last, family, count(*) FROM current WHERE simulated = ? "
        "GROUP BY day_last, day_first, family"
    )
    for first, last, family, count in ledger.book.rows(query, (simulated,)):
        month = f"{date_of(first):%Y-%m}"
        if month == f"{date_of(last):%Y-%m}":
            counts = months.setdefault(month, {})
            counts[FAMILIES[family]] = counts.get(FAMILIES[family], 0) + count
    if not months:
        return []
    year, number = (int(part) for part in min(months).split("-"))
    found = []
    while (name := f"{year:04d}-{number:02d}") <= max(months):
        found.append((name, months.get(name, {})))
        year, number = (year, number + 1) if number < 12 else (year + 1, 1)
    return found


def points(ledger: Ledger, simulated: bool = False) -> list[tuple[float, float, str, int]]:
    """Return `(longitude_deg, latitude_deg, family, count)` of every point on record."""
    query = (
        "SELECT longitude_deg, latitude_deg, family, count(*) FROM current "
        "WHERE simulated = ? AND latitude_deg IS NOT NULL GROUP BY longitude_deg, latitude_deg, family"
    )
    return [(lon, lat, FAMILIES[family], n) for lon, lat, family, n in ledger.book.rows(query, (simulated,))]
