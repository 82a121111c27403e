"""The ledger only grows: corrections, claims, merges and withdrawals leave what was there, and can be taken back."""

import msgspec
import pytest

from rampart.domain.incident import Claim
from rampart.errors import InputError, LedgerError
from rampart.ledger.importing import import_table
from rampart.ledger.store import Ledger, ledger_place
from rampart.ledger.tables import LAYOUT
from rampart.record.schema import Book, Layout
from tests.ledger.tables import ACLED, ROWS, write_table


@pytest.fixture
def gate(ledger, tmp_path) -> str:
    """Return the id of an attack of which the killed are unknown."""
    import_table(ledger, write_table(tmp_path / "a.csv", *ROWS))
    return ledger.resolve("2031-05-04")


def test_a_correction_keeps_the_old_and_can_be_taken_back(ledger, gate):
    act = ledger.correct(gate, "killed", 4, "Example Ministry", "second statement").act
    assert ledger.attack(ledger.number(gate)).killed == 4
    ledger.correct(gate, "killed", None, "Example Ministry, withdrawn")
    assert ledger.attack(ledger.number(gate)).killed is None
    told = [(each.field, each.old, each.value, each.source) for each in ledger.corrections(gate)]
    assert told[0] == ("killed", None, 4, "Example Ministry")
    assert told[1][1:3] == (4, None)
    back = ledger.withdraw(ledger.history()[-1].act)
    assert ledger.attack(ledger.number(gate)).killed == 4
    ledger.withdraw(act)
    assert ledger.attack(ledger.number(gate)).killed is None
    ledger.withdraw(back)
    assert ledger.attack(ledger.number(gate)).killed is None
    assert [each.in_force for each in ledger.corrections(gate)] == [False, True]
    assert len(ledger.history()) == 6


def test_a_corrected_date_place_and_weapon_are_counted_as_corrected(ledger, gate):
    ledger.correct(gate, "date", "2032-01", "x")
    ledger.correct(gate, "weapon", "120 mm mortar", "x")
    ledger.correct(gate, "place", "Other Town", "x")
    attack = ledger.attack(ledger.number(gate))
    assert (attack.date, attack.weapon, attack.family, attack.place) == (
        "2032-01",
        "120 mm mortar",
        "mortar",
        "Other Town",
    )


@pytest.mark.parametrize("table", ["attacks", "claims", "corrections", "acts", "merges", "names"])
def test_the_file_itself_forbids_changing_what_was_written(ledger, gate, table):
    ledger.correct(gate, "killed", 4, "x")
    ledger.add_claims([Claim("killed", 3)], gate, "a.txt")
    ledger.merge(gate, ledger.resolve("2031-06-02"))
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid + 900"):
        with pytest.raises(LedgerError, match="only grows"), ledger.book.transaction():
            ledger.book.write(statement)


def test_claims_are_kept_once_word_for_word(ledger, gate):
    claims = [Claim("killed", 3, "at_least", source="Sample Post"), Claim("injured", [2, 4], "between")]
    first = ledger.add_claims(claims, gate, "article.txt", b"\x01\x02")
    assert (first.taken, first.known) == (2, 0)
    again = ledger.add_claims([*claims, Claim("killed", 4)], gate, "article.txt")
    assert (again.taken, again.known) == (1, 2)
    told = [(each.what, each.value, each.source) for each in ledger.claims(gate)]
    assert told == [
        ("killed", 3, "Sample Post"),
        ("injured", [2, 4], "article.txt"),
        ("killed", 4, "article.txt"),
    ]
    ledger.withdraw(first.act)
    assert [each.value for each in ledger.claims(gate)] == [4]
    assert ledger.add_claims(claims, gate, "article.txt").taken == 2
    ledger.add_claims([Claim("running_total", 90, "nearly")], None, "article.txt")
    assert msgspec.to_builtins(ledger.claims(None)[0])["qualifier"] == "nearly"


def test_a_withdrawn_import_comes_back_whole(ledger, gate):
    act = ledger.history()[0].act
    ledger.correct(gate, "killed", 4, "x")
    before = list(ledger.attacks())
    gone = ledger.withdraw(act)
    assert list(ledger.attacks()) == []
    ledger.withdraw(gone)
    assert list(ledger.attacks()) == before


def test_what_was_withdrawn_can_be_imported_again(ledger, gate, tmp_path):
    act = ledger.history()[0].act
    gone = ledger.withdraw(act)
    assert import_table(ledger, tmp_path / "a.csv").taken == len(ROWS)
    ledger.withdraw(gone)
    assert len(list(ledger.attacks())) == len(ROWS)


def test_a_merge_hides_one_keeps_its_word_and_can_be_undone(ledger, gate, tmp_path):
    (tmp_path / "b.csv").write_text(ACLED)
    import_table(ledger, tmp_path / "b.csv")
    ledger.add_claims([Claim("killed", 1)], "acled-TST1", "x")
    before = list(ledger.attacks())
    act = ledger.merge(gate, "acled-TST1")
    assert len(list(ledger.attacks())) == len(before) - 1
    assert [each.id for each in ledger.entries(gate)] == [gate, "acled-TST1"]
    assert [each.value for each in ledger.claims(gate)] == [1]
    assert import_table(ledger, tmp_path / "b.csv").act is None
    assert ledger.resolve("acled-TST1") == gate
    ledger.withdraw(act)
    assert list(ledger.attacks()) == before


def test_ids_are_found_by_how_they_begin(ledger, gate):
    assert ledger.resolve(gate[:11]) == gate
    with pytest.raises(InputError, match="more of the id"):
        ledger.resolve("2031")
    with pytest.raises(InputError, match="the id of an attack"):
        ledger.resolve("2099")


def test_a_later_version_and_a_foreign_file_are_refused(tmp_path):
    Book.open(
        tmp_path / "a", Layout(LAYOUT.application_id, (*LAYOUT.steps, "CREATE TABLE later (x);"))
    ).close()
    with pytest.raises(LedgerError, match="version 2: this Rampart reads up to version 1"):
        Ledger.open(tmp_path / "a")
    Book.open(tmp_path / "b", Layout(7, ("CREATE TABLE other (x);",))).close()
    with pytest.raises(LedgerError, match="no ledger of Rampart's"):
        Ledger.open(tmp_path / "b")


def test_an_older_ledger_is_brought_up_with_all_it_holds(ledger, gate):
    ledger.close()
    steps = (*LAYOUT.steps, "ALTER TABLE acts ADD COLUMN who TEXT;")
    book = Book.open(ledger.book.path, Layout(LAYOUT.application_id, steps))
    assert book.rows("PRAGMA user_version") == [(2,)]
    assert book.rows("SELECT count(*) FROM attacks") == [(len(ROWS),)]


def test_a_torn_ledger_says_so_in_one_line(tmp_path):
    path = tmp_path / "l.sqlite"
    book = Ledger.open(path)
    import_table(book, write_table(tmp_path / "a.csv", *ROWS))
    book.book.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    book.close()
    whole = path.read_bytes()
    told = []
    for start in range(0, len(whole), 4096):
        path.write_bytes(whole[:start] + b"\xa5" * 4096 + whole[start + 4096 :])
        try:
            torn = Ledger.open(path)
            list(torn.attacks())
            torn.history()
        except LedgerError as error:
            told.append(str(error))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LedgerError, match="torn"):
        list(Ledger.open(path).attacks())
    assert len(told) > 5
    assert all(str(path) in line and "\n" not in line for line in told)


def test_the_place_is_the_option_then_the_environment_then_the_user_s(tmp_path, monkeypatch):
    monkeypatch.setenv("RAMPART_LEDGER", str(tmp_path / "env"))
    assert ledger_place(tmp_path / "own") == tmp_path / "own"
    assert ledger_place() == tmp_path / "env"
    monkeypatch.delenv("RAMPART_LEDGER")
    assert ledger_place().name == "ledger.sqlite"
