"""Counts on the sample ledger, each expected value reckoned anew from the plain file; doubles and unsure totals."""

import csv
from collections import Counter
from datetime import date

import pytest

from rampart.ledger import statistics
from rampart.ledger.attack import day_of
from rampart.ledger.charts import draw_charts
from rampart.ledger.duplicates import doubles, open_proposals
from rampart.ledger.importing import import_table
from rampart.ledger.sample import sample_path
from rampart.ledger.store import Ledger
from tests.ledger.tables import ACLED, ROWS, UCDP, write_table


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Ledger:
    book = Ledger.open(tmp_path_factory.mktemp("sample") / "ledger.sqlite")
    import_table(book, sample_path())
    return book


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with sample_path().open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_months_places_and_claimants(sample, rows):
    assert statistics.by_month(sample).counts == dict(
        sorted(Counter(row["date"][:7] for row in rows).items())
    )
    assert statistics.by_place(sample).counts == Counter(row["place"] for row in rows)
    claimants = statistics.by_claimant(sample)
    assert claimants.unknown == sum(row["claimed_by"] == "" for row in rows) == 87
    assert claimants.counts == {
        "Ashab al-Kahf / Saryat Qasim al-Jabbarin": 4,
        "Ashab al-Kahf": 2,
        "Iran (state)": 1,
        "Qasim al-Jabbarin": 1,
        "Saryat Qasim al-Jabbarin": 1,
        "Usbat al-Thairin": 1,
    }


def test_weapons_and_salvos(sample, rows):
    weapons = Counter(row["weapon"] for row in rows)
    bombs = sum(count for name, count in weapons.items() if "IED" in name)
    counts = statistics.by_weapon(sample).counts
    assert counts["bomb"] == bombs == 32
    assert sum(counts.values()) - bombs == 65
    assert counts["rocket"] == sum(count for name, count in weapons.items() if name.endswith("rocket"))
    fire = [row for row in rows if "IED" not in row["weapon"]]
    sizes = Counter(int(row["projectiles"]) for row in fire if row["projectiles"])
    salvos = statistics.salvos(sample)
    assert salvos.unknown == sum(row["projectiles"] == "" for row in fire)
    assert (salvos.counts["1"], salvos.counts["2"], salvos.counts["3"]) == (sizes[1], sizes[2], sizes[3])
    assert salvos.counts["20 or more"] == sum(n for size, n in sizes.items() if size >= 20)
    assert salvos.total == 65


def test_sums_leave_the_unknown_out(sample, rows):
    for each in statistics.sums(sample):
        column = each.what.replace(" ", "_")
        given = [int(row[column]) for row in rows if row[column]]
        assert (each.total, each.known, each.unknown) == (sum(given), len(given), len(rows) - len(given))


@pytest.mark.parametrize(
    ("until", "entries", "low", "high"),
    [
        ("2019-12-09", 5, 5, 5),
        ("2020-02-16", 18, 17, 18),
        ("2020-07-05", 38, 37, 38),
        # One entry is of some day in August: before the fifteenth, or not.
        ("2020-08-15", None, None, None),
        ("2020-11-17", 88, 87, 96),
        # A convoy attack of 10 December stands for a number that nobody gives.
        ("2020-12-31", 97, 96, None),
    ],
)
def test_the_running_total_says_what_is_unsure(sample, rows, until, entries, low, high):
    found = statistics.running_total(sample, day_of(date.fromisoformat(until)))
    if entries is None:
        reach = sum(row["date"] <= until for row in rows)
        assert (found.entries, found.low, found.high) == (reach, reach - 2, reach)
        assert found.reasons["may be later: the day is not known"] == 1
        return
    assert found.entries == entries == sum(row["date"] <= until for row in rows)
    assert (found.low, found.high) == (low, high)


def test_simulated_attacks_count_nowhere_else(sample):
    assert statistics.all_of(sample, None, simulated=True).entries == 0
    assert statistics.all_of(sample).entries == 97


def test_likely_doubles_are_proposed_across_imports_and_never_merged(ledger, tmp_path):
    import_table(ledger, write_table(tmp_path / "a.csv", *ROWS))
    assert open_proposals(ledger) == [], "entries of one list are held for as many attacks"
    (tmp_path / "b.csv").write_text(ACLED)
    (tmp_path / "c.csv").write_text(UCDP)
    assert import_table(ledger, tmp_path / "b.csv").likely_doubles == 1
    assert import_table(ledger, tmp_path / "c.csv").likely_doubles == 2
    gate = ledger.resolve("2031-05-04")
    pairs = {(each.one, each.other) for each in open_proposals(ledger)}
    assert pairs == {(gate, "acled-TST1"), (gate, "ucdp-501"), ("acled-TST1", "ucdp-501")}
    assert all(each.metres < 2000.0 for each in open_proposals(ledger))
    assert len(list(ledger.attacks())) == 7
    assert doubles(ledger) == 2
    day = day_of(date(2031, 12, 31))
    total = statistics.running_total(ledger, day)
    assert total.reasons["may be the same attack as another entry"] == 2
    ledger.merge(gate, "acled-TST1")
    apart = ledger.keep_apart(gate, "ucdp-501")
    assert (open_proposals(ledger), doubles(ledger)) == ([], 0)
    ledger.withdraw(apart)
    assert doubles(ledger) == 1


def test_charts_and_map_are_drawn(sample, tmp_path):
    figures = statistics.all_of(sample, "2020-11-17")
    tallies = [tally for tally in figures.tallies if tally.by != "month"]
    written = draw_charts(tmp_path / "charts", figures.months, tallies, figures.points)
    assert {path.suffix for path in written} == {".png", ".svg"}
    assert len(written) == 14
    assert all(path.stat().st_size > 3000 for path in written)
    assert sum(n for _, _, _, n in figures.points) == 97 - 19
    assert [month for month, _ in figures.months][:2] == ["2019-10", "2019-11"]
