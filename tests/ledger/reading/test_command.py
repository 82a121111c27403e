"""What `rampart ledger read` prints and keeps, and what it says of files that are no article."""

import json
from types import SimpleNamespace

import pytest

pytest.importorskip("text_to_num", reason="comes with requirements/run.txt")

from rampart.errors import InputError
from rampart.ledger.reading import command

TEXT = "Seven rockets were fired at Baghdad on Tuesday, killing a child, the army said."


class Shelf:
    """Stands for the ledger at the command's rim: keeps what it is given."""

    def __init__(self):
        self.kept = []

    def resolve(self, beginning):
        return f"{beginning}-whole"

    def add_claims(self, claims, attack, source, digest, note):
        self.kept.append((attack, [claim.what for claim in claims], source))
        return SimpleNamespace(act=1, taken=len(claims), known=0)


def read(path, accept=None, as_json=False, published=None, incident=None, shelf=None, explain=False):
    return command.read_article(path, incident, accept, None, published, as_json, lambda: shelf, explain)


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(TEXT)
    return path


def test_a_page_names_each_claim_its_sentence_and_its_rule(article):
    page = read(article, published="2020-11-18", explain=True)
    assert "projectiles total: 7; according to the army" in page
    assert "attack date: 2020-11-17" in page
    assert f"at 0: {TEXT}" in page
    assert "rule: projectiles fired" in page


def test_json_is_a_list_of_claims_in_the_form_of_the_interface(article):
    claims = json.loads(read(article, as_json=True, published="2020-11-18"))
    assert claims[0] == {
        "what": "projectiles_total",
        "value": 7,
        "qualifier": "exact",
        "according_to": "the army",
        "published": "2020-11-18",
        "sentence": TEXT,
        "offset": 0,
    }


def test_a_date_in_the_files_name_places_tuesday(tmp_path):
    path = tmp_path / "2020-11-17-embassy.txt"
    path.write_text(TEXT)
    claims = json.loads(read(path, as_json=True))
    assert [claim["value"] for claim in claims if claim["what"] == "attack_date"] == ["2020-11-17"]


def test_what_is_accepted_goes_to_the_ledger_and_what_is_not_does_not(article):
    shelf = Shelf()
    told = read(article, accept="1,3", incident="2020-11-17", shelf=shelf)
    assert "2 claims of 2020-11-17-whole taken" in told
    assert [(attack, len(whats), source) for attack, whats, source in shelf.kept] == [
        ("2020-11-17-whole", 2, "article.txt")
    ]


@pytest.mark.parametrize("accept", ["0", "99", "2-1", "x", "1;2"])
def test_a_number_that_no_claim_has_is_one_clear_line(article, accept):
    with pytest.raises(InputError, match="--accept"):
        read(article, accept=accept)


def test_an_empty_file_claims_nothing(tmp_path):
    path = tmp_path / "empty.txt"
    path.write_bytes(b"")
    assert read(path) == f"{path}: no claim found"
    assert json.loads(read(path, as_json=True)) == []


@pytest.mark.parametrize("raw", [bytes(range(256)) * 40, b"\x7fELF" + b"\0" * 1000])
def test_a_binary_file_is_refused(tmp_path, raw):
    path = tmp_path / "kernel"
    path.write_bytes(raw)
    with pytest.raises(InputError, match="binary"):
        read(path)


def test_a_file_that_is_not_there_or_far_too_long_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="can be read"):
        read(tmp_path / "nowhere.txt")
    path = tmp_path / "long.txt"
    path.write_text("Seven rockets. " * 100)
    monkeypatch.setattr(command, "LARGEST_BYTES", 1000)
    with pytest.raises(InputError, match="at most"):
        read(path)


def test_mixed_encodings_and_utf16_are_read(tmp_path):
    path = tmp_path / "mixed.txt"
    path.write_bytes("Seven rockets were fired – ".encode() + b"the \x93army\x94 said.")
    assert "projectiles total: 7" in read(path)
    path.write_bytes(TEXT.encode("utf-16"))
    assert "projectiles total: 7" in read(path)


def test_a_published_date_that_is_none_is_refused(article):
    with pytest.raises(InputError, match="--published"):
        read(article, published="yesterday")
