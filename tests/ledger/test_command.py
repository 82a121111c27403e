"""`rampart ledger …` as a person types it: what it prints, its exit status, one line for what is wrong."""

import json
import sys

import pytest

from rampart.cli import main
from rampart.ledger.store import Ledger
from tests.ledger.tables import HEAD, ROWS, write_table


@pytest.fixture
def folder(tmp_path):
    write_table(tmp_path / "a.csv", *ROWS)
    return tmp_path


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Return how to run one command in this process; it gives what was printed, or the complaint."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("RAMPART_LEDGER", str(folder / "l.sqlite"))

    def command(*arguments, status=0):
        monkeypatch.setattr(sys, "argv", ["rampart", "ledger", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        assert (left.value.code or 0) == status, printed.err
        return printed.err if status else printed.out

    return command


def test_the_sample_s_counts_are_printed(folder, run):
    assert "97 rows of rampart: 97 taken" in (told := run("import", "--sample"))
    assert "65 by rocket, mortar, missile or shell, 32 bombs" in told
    assert "known already: 97" in run("import", "--sample")
    assert "up to 2020-11-17: 88 entries; 87 to 96 attacks" in run("stats", "--until", "2020-11-17")
    figures = json.loads(run("stats", "--json"))
    assert figures["by_weapon"]["counts"]["bomb"] == 32


def test_one_attack_is_shown_corrected_and_withdrawn(folder, run):
    run("import", "a.csv")
    assert "corrected" in run("correct", "2031-05-04", "killed", "4", "--source", "Example Ministry")
    assert "killed from – to 4, says Example Ministry" in run("show", "2031-05-04")
    assert "withdrawn" in run("withdraw", "2")
    assert json.loads(run("show", "2031-05-04", "--json"))["killed"] is None
    assert "4 attacks; – is unknown, not zero" in run("list")
    assert "correction" in run("history")
    assert run("reconcile", "2031-05-04").count("no sensor record") == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["import", "none.csv"], "none.csv: wanted a file or folder to import"),
        (["import", "bad.csv"], "bad.csv: row 3, column date: '2031-02-31'"),
        (["show", "1999"], "'1999': wanted the id of an attack"),
        (["correct", "2031-05-04", "colour", "red", "--source", "x"], "'colour': wanted one of date"),
        (["correct", "2031-05-04", "latitude_deg", "144", "--source", "x"], "wanted degrees from -90 to 90"),
        (["stats", "--until", "2031-02-31"], "a day that exists"),
        (["withdraw", "99"], "99: wanted the number of an act"),
        (["export", "--format", "xml"], "'xml': wanted one of geojson, csv, json, cap"),
    ],
)
def test_bad_input_is_one_line(folder, run, arguments, told):
    write_table(folder / "bad.csv", ROWS[1], ROWS[0].replace("2031-05-04", "2031-02-31"), head=HEAD)
    run("import", "a.csv")
    line = run(*arguments, status=2)
    assert told in line
    assert line.count("\n") == 1


def test_what_an_article_claims_is_kept_when_accepted(folder, run):
    pytest.importorskip("text_to_num", reason="text2num is not installed")
    run("import", "a.csv")
    (folder / "2031-05-05-post.txt").write_text(
        "Three rockets were fired on Exampletown on Tuesday, police said.\n"
    )
    assert "projectiles total: 3" in run("read", "2031-05-05-post.txt")
    assert json.loads(run("show", "2031-05-04", "--json"))["claims"] == []
    run("read", "2031-05-05-post.txt", "--incident", "2031-05-04", "--accept", "all")
    claims = json.loads(run("show", "2031-05-04", "--json"))["claims"]
    assert 3 in [claim["value"] for claim in claims]
    assert all(claim["sentence"] for claim in claims)


def test_reading_begins_no_ledger(folder, run):
    assert "wanted a ledger; begin one with rampart ledger import" in run("list", status=2)
    assert not (folder / "l.sqlite").exists()


def test_a_file_that_is_no_ledger_is_left_alone(folder, run):
    (folder / "l.sqlite").write_bytes(b"something else entirely, of some length" * 99)
    assert "torn, or no ledger at all" in run("list", status=1)
    Ledger.open(folder / "other.sqlite").close()
