"""The ledger on a million invented rows: import, every statistic, a second import; beside plain sqlite3 and pandas."""

import csv
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from rampart.ledger import statistics
from rampart.ledger.attack import day_of
from rampart.ledger.formats import OUR_COLUMNS
from rampart.ledger.importing import import_table
from rampart.ledger.store import Ledger

TITLE = "The ledger on a million invented rows, one core"
ROWS = 1_000_000
WEAPONS = ("rocket", "mortar", "IED", "Katyusha rocket", "drone", "artillery shell")
DAY = day_of(date(2020, 11, 17))

STATISTICS: dict[str, Callable] = {
    "by month": statistics.by_month,
    "by area": statistics.by_area,
    "by place": statistics.by_place,
    "by weapon": statistics.by_weapon,
    "by claimant": statistics.by_claimant,
    "salvo sizes": statistics.salvos,
    "sums": statistics.sums,
    "running total on a date": lambda ledger: statistics.running_total(ledger, DAY),
}
PLAIN = "SELECT {0}, count(*) FROM attacks GROUP BY {0}"


def measure() -> list[dict]:
    """Return rows: seconds of each, and of the peers on the same file."""
    with tempfile.TemporaryDirectory(prefix="rampart-") as name:
        folder = Path(name)
        path = write_rows(folder / "rows.csv", ROWS, seed=1)
        rows = [*_ledger(folder, path), *_plain(folder, path), *_pandas(path)]
    return rows


def write_rows(path: Path, count: int, seed: int) -> Path:
    """Write invented attacks in our columns: twenty years, five thousand places, figures left blank here and there."""
    rng = random.Random(seed)
    places = [
        (f"place {i}, province {i % 18}", 30 + rng.randrange(7000) / 1e3, 41 + rng.randrange(6000) / 1e3)
        for i in range(5000)
    ]
    begin = date(2003, 1, 1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(OUR_COLUMNS)
        for i in range(count):
            day = begin + timedelta(days=rng.randrange(7000))
            fired = rng.randrange(1, 30) if rng.random() < 0.8 else ""
            harm = rng.choice(("", 0, 1, 2)), rng.choice(("", 0, 3))
            claimant = rng.choice(("group A", "group B", "group C")) if rng.random() < 0.1 else ""
            source = f"https://example.invalid/{i % 200_000}"
            place, weapon = rng.choice(places), rng.choice(WEAPONS)
            writer.writerow(
                [day, *place, weapon, fired, "", *harm, claimant, source, rng.choice(("high", "low"))]
            )
    return path


def _row(who: str, what: str, spent: tuple[float, float], note: str = "") -> dict:
    wall_s, busy_s = spent
    return {
        "program": who,
        "what": what,
        "s": f"{wall_s:.2f}",
        "of it at work s": f"{busy_s:.2f}",
        "note": note,
    }


def _timed(work: Callable) -> tuple[float, float]:
    """Return the seconds that went by, and those that this process had the processor: others may share it."""
    begin_s, busy_s = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin_s, time.process_time() - busy_s


def _ledger(folder: Path, path: Path) -> list[dict]:
    ledger = Ledger.open(folder / "ledger.sqlite")
    before_kib = getrusage(RUSAGE_SELF).ru_maxrss
    spent = _timed(lambda: import_table(ledger, path))
    grown_mib = (getrusage(RUSAGE_SELF).ru_maxrss - before_kib) / 1024
    grown = f"{path.stat().st_size / 1e6:.0f} MB read, {grown_mib:.0f} MiB more memory"
    rows = [_row("Rampart", "import, checked cell by cell, one transaction", spent, grown)]
    again = _timed(lambda: import_table(ledger, path))
    rows.append(_row("Rampart", "the same file again: nothing changes", again))
    rows += [_row("Rampart", name, _timed(lambda: count(ledger))) for name, count in STATISTICS.items()]
    ledger.close()
    return rows


def _plain(folder: Path, path: Path) -> list[dict]:
    """Time a table without checks, provenance or indexes: what the care costs, and what it buys."""
    book = sqlite3.connect(folder / "plain.sqlite")
    book.execute(f"CREATE TABLE attacks ({', '.join(OUR_COLUMNS)})")

    def load() -> None:
        with path.open(newline="", encoding="utf-8") as file, book:
            reader = csv.reader(file)
            next(reader)
            book.executemany(f"INSERT INTO attacks VALUES ({', '.join('?' * len(OUR_COLUMNS))})", reader)

    rows = [_row("sqlite3, plain table", "import, nothing checked", _timed(load))]
    for name, column in (("by month", "substr(date, 1, 7)"), ("by place", "place"), ("by weapon", "weapon")):
        spent = _timed(lambda column=column: book.execute(PLAIN.format(column)).fetchall())
        rows.append(_row("sqlite3, plain table", name, spent))
    book.close()
    return rows


def _pandas(path: Path) -> list[dict]:
    try:
        import pandas
    except ImportError:
        empty = {"s": "", "of it at work s": "", "note": ""}
        return [{"program": "pandas", "what": "not installed here", **empty}]
    frames: list = []
    spent = _timed(lambda: frames.append(pandas.read_csv(path)))
    rows, frame = [_row("pandas", "read into memory, nothing kept", spent)], frames[0]
    months = frame["date"].str[:7]
    rows.append(_row("pandas", "by month", _timed(lambda: frame.groupby(months).size())))
    rows.append(_row("pandas", "by place", _timed(lambda: frame.groupby("place").size())))
    rows.append(_row("pandas", "by weapon", _timed(lambda: frame.groupby("weapon").size())))
    return rows
