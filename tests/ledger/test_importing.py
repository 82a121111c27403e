"""Tables taken into the ledger: what is taken, skipped, refused, and that nothing changes the second time."""

import subprocess
import sys
import tracemalloc

import pytest

from rampart.errors import InputError
from rampart.ledger.importing import RefusedError, import_table
from rampart.ledger.lines import LONGEST_LINE
from rampart.ledger.sample import sample_path
from rampart.ledger.store import Ledger
from tests.ledger.tables import ACLED, HEAD, OLD_ACLED, OLD_UCDP, ROWS, UCDP, write_table


def test_the_sample_imports_whole_and_once(ledger):
    report = import_table(ledger, sample_path())
    assert (report.rows, report.taken, report.bad, sum(report.skipped.values())) == (97, 97, 0, 0)
    fire = sum(count for family, count in report.families.items() if family != "bomb")
    assert (fire, report.families["bomb"]) == (65, 32)
    again = import_table(ledger, sample_path())
    assert (again.taken, again.known, again.act) == (0, 97, None)
    assert len(ledger.history()) == 1


def test_blanks_stay_unknown(ledger, tmp_path):
    import_table(ledger, write_table(tmp_path / "a.csv", *ROWS))
    convoy, gate, batch, camp = ledger.attacks()
    assert (gate.projectiles, gate.inside, gate.killed, gate.injured) == (3, 1, None, 2)
    assert (convoy.date, convoy.latitude_deg, convoy.projectiles, convoy.killed) == (
        "2031-05",
        None,
        None,
        None,
    )
    assert (batch.stands_for, batch.claimed_by) == (7, None)
    assert (camp.killed, camp.injured, camp.by_state) == (0, 0, True)


@pytest.mark.parametrize(
    ("text", "format", "id", "date", "family", "deaths"),
    [
        (ACLED, "acled", "acled-TST1", "2031-05-04", "indirect fire", (None, 0, None)),
        (OLD_ACLED, "acled", "acled-7TST", "2015-05", "unknown", (5, 5, None)),
        (UCDP, "ucdp", "ucdp-501", "2031-05-04", "unknown", (1, 0, 3)),
        (OLD_UCDP, "ucdp", "ucdp-501", "2031-05-04", "unknown", (1, 0, 3)),
    ],
)
def test_exports_of_others_are_read_by_their_columns(
    ledger, tmp_path, text, format, id, date, family, deaths
):
    path = tmp_path / "export.csv"
    path.write_text(text)
    report = import_table(ledger, path)
    assert report.format == format
    attack = ledger.attack(ledger.number(id))
    assert (attack.date, attack.family) == (date, family)
    assert (attack.killed, attack.killed_low, attack.killed_high) == deaths
    assert attack.injured is None
    assert attack.claimed_by is None, "whom a data set holds to be the actor has not claimed it"


def test_what_is_no_attack_is_skipped_with_its_reason(ledger, tmp_path):
    path = tmp_path / "acled.csv"
    path.write_text(ACLED)
    report = import_table(ledger, path)
    assert report.taken == 2
    assert [(count, "Protests" in why) for why, count in report.skipped.items()] == [(1, True)]
    week = ledger.attack(ledger.number("acled-TST2"))
    assert week.date == "2031-05-07/2031-05-13"


def test_a_newer_edition_corrects_and_keeps_the_old(ledger, tmp_path):
    path = tmp_path / "ucdp.csv"
    path.write_text(UCDP)
    import_table(ledger, path)
    path.write_text(UCDP.replace(",1,0,3,", ",2,0,3,"))
    report = import_table(ledger, path)
    assert (report.taken, report.corrected) == (0, 1)
    assert ledger.attack(ledger.number("ucdp-501")).killed == 2
    (correction,) = ledger.corrections("ucdp-501")
    assert (correction.field, correction.old, correction.value) == ("killed", 1, 2)
    ledger.withdraw(report.act)
    assert ledger.attack(ledger.number("ucdp-501")).killed == 1


BAD = {
    "31 February": (ROWS[0].replace("2031-05-04", "2031-02-31"), "row 3, column date: '2031-02-31'"),
    "latitude of 144": (ROWS[0].replace("10.5", "144"), "row 3, column lat: '144'"),
    "half a place": (ROWS[0].replace("10.5", ""), "row 3, column lat"),
    "a negative count": (ROWS[0].replace(",3,1,", ",-3,1,"), "row 3, column projectiles: '-3'"),
    "more inside than fired": (ROWS[0].replace(",3,1,", ",3,9,"), "row 3, column inside_target_area: '9'"),
    "a cell too few": (ROWS[0].rsplit(",", 1)[0], "row 3, 11 cells: wanted 12"),
    "a zero byte": (ROWS[0].replace("Gate", "G\0te"), "row 3, line 3: wanted text"),
}


@pytest.mark.parametrize(("row", "told"), BAD.values(), ids=BAD)
def test_a_bad_row_is_named_and_nothing_taken_unless_asked(ledger, tmp_path, row, told):
    path = write_table(tmp_path / "bad.csv", ROWS[1], row, ROWS[2])
    with pytest.raises(RefusedError, match="--keep-good takes the other 2") as refused:
        import_table(ledger, path)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert list(ledger.attacks()) == []
    assert ledger.history() == []
    report = import_table(ledger, path, keep_good=True)
    assert (report.taken, report.bad) == (2, 1)
    assert len(list(ledger.attacks())) == 2


def test_mixed_encodings_name_row_column_and_byte(ledger, tmp_path):
    path = tmp_path / "mixed.csv"
    place = ROWS[0].replace("Gate", "Café").encode("latin-1")
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.encode() + b"\r\n" + ROWS[1].encode() + b"\r\n" + place + b"\r\n")
    with pytest.raises(RefusedError, match=r"row 3, line 3, column 2: byte 0xE9: wanted UTF-8"):
        import_table(ledger, path)
    assert import_table(ledger, path, keep_good=True).taken == 1


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (HEAD.replace("killed", "kiled"), "column 'killed' of rampart \\(is 'kiled' it\\?\\)"),
        (HEAD + ",colour", "row 1, column 13: 'colour': wanted one of"),
        (HEAD.replace("lon", "lat"), "row 1, column 4: 'lat': wanted each column once"),
        ("", "row 1"),
    ],
)
def test_a_wrong_column_is_named(ledger, tmp_path, head, told):
    with pytest.raises(InputError, match=told):
        import_table(ledger, write_table(tmp_path / "a.csv", ROWS[0], head=head))


@pytest.mark.parametrize("start", [b"\xff\xfed\0a\0", b"PK\x03\x04", b"SQLite format 3\0"])
def test_what_is_no_table_is_refused_at_once(ledger, tmp_path, start):
    (tmp_path / "a.csv").write_bytes(start)
    with pytest.raises(InputError, match="wanted a CSV file in UTF-8"):
        import_table(ledger, tmp_path / "a.csv")


def test_an_open_quotation_mark_and_an_endless_line_are_bounded(ledger, tmp_path):
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(f"{HEAD}\n{ROWS[0]}\n".encode())
        for _ in range(24):
            file.write(b"x" * LONGEST_LINE)
        file.write(f"\n{ROWS[1]}\n{ROWS[2]}\n".encode() + b'2031-01-01,"never closed\n')
    tracemalloc.start()
    report = import_table(ledger, path, keep_good=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (report.taken, report.bad) == (3, 2)
    assert peak < 12 * LONGEST_LINE


KILLED = """
import sys, os, signal
from pathlib import Path
from rampart.ledger import importing
from rampart.ledger.store import Ledger
left = int(sys.argv[3])
take = importing._take
def killing(*arguments):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    take(*arguments)
importing._take = killing
importing.LARGE = 0
importing.BATCH = 20
importing.import_table(Ledger.open(Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.mark.parametrize("batches", [0, 3, 9])
def test_a_kill_leaves_the_ledger_as_before(ledger, tmp_path, batches):
    import_table(ledger, write_table(tmp_path / "a.csv", *ROWS))
    rows = [ROWS[0].replace("2031-05-04", f"{year}-05-04") for year in range(1900, 2100)]
    path = write_table(tmp_path / "many.csv", *rows)
    before = list(ledger.attacks()), ledger.history()
    arguments = [sys.executable, "-c", KILLED, tmp_path / "ledger.sqlite", path, str(batches)]
    assert subprocess.run(arguments, check=False).returncode == -9
    after = Ledger.open(tmp_path / "ledger.sqlite")
    assert (list(after.attacks()), after.history()) == before
    assert after.book.rows("PRAGMA integrity_check") == [("ok",)]
    assert import_table(after, path).taken == 199
    assert len(list(after.attacks())) == 4 + 199
