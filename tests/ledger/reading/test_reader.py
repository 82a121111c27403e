"""The claims of articles: labelled ones within their goal, the real one of that night, and anything at all in time."""

import json
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("text_to_num", reason="comes with requirements/run.txt")

from benchmarks.articles import KEY, SETS, labelled, merged, our_claims, tallies
from rampart.ledger.reading.reader import propose

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "articles" / "2020-11-17-embassy-baghdad.txt"
NUMBERS = ("projectiles_total", "projectiles_in_place", "killed", "injured", "intercepted", "running_total")


def said(text, published=date(2020, 11, 18)):
    """Return (what, value, qualifier, place) of everything but weapons."""
    claims = [proposal.claim for proposal in propose(text, published)]
    return {
        (claim.what, claim.value, claim.qualifier, claim.place) for claim in claims if claim.what in NUMBERS
    }


@pytest.mark.parametrize("name", SETS)
def test_labelled_articles_are_read_within_the_goal(name):
    result = tallies(list(labelled(name)), our_claims)
    key = merged(result, KEY)
    assert key.right > 30
    assert key.precision() >= 0.95
    assert key.recall() >= 0.85


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        (
            "Four of the seven rockets fell in the Green Zone.",
            {("projectiles_total", 7, "exact", None), ("projectiles_in_place", 4, "exact", "Green Zone")},
        ),
        (
            "Seven rockets were fired, four fell in Karrada and three more near Medical City.",
            {
                ("projectiles_total", 7, "exact", None),
                ("projectiles_in_place", 4, "exact", "Karrada"),
                ("projectiles_in_place", 3, "exact", "near Medical City"),
            },
        ),
        (
            "The shelling killed a child and wounded at least five civilians.",
            {("killed", 1, "exact", None), ("injured", 5, "at_least", None)},
        ),
        (
            "The army said there were no casualties.",
            {("killed", 0, "exact", None), ("injured", 0, "exact", None)},
        ),
        ("There were no immediate reports of casualties.", set()),
        ("It was not clear whether anyone had been killed.", set()),
        ("The army took delivery of 24 rocket launchers and 6,000 rounds.", set()),
        ("It was the third attack in a week.", {("running_total", 3, "exact", None)}),
        ("Two drones were shot down.", set()),
        ("Two Americans and a Briton were killed.", {("killed", 3, "exact", None)}),
    ],
)
def test_sentences(text, claims):
    assert said("Rockets.\n\n" + text) == claims


def test_contradictions_stay_each_with_who_said_it():
    text = "The army said two rockets were fired. Police said four rockets were fired."
    totals = [p.claim for p in propose(text) if p.claim.what == "projectiles_total"]
    assert [(c.value, c.according_to) for c in totals] == [(2, "The army"), (4, "Police")]


def test_a_repeat_by_nobody_new_is_one_claim():
    text = "Two rockets were fired at the base.\n\nTwo rockets were fired, the army said."
    totals = [p.claim for p in propose(text) if p.claim.what == "projectiles_total"]
    assert [(c.value, c.according_to) for c in totals] == [(2, "the army")]


def test_attacks_told_of_in_one_article_are_kept_apart():
    text = "Two rockets hit Balad on Tuesday.\n\nOn October 1, six rockets were fired at Erbil."
    claims = [p.claim for p in propose(text, date(2020, 11, 18))]
    assert {(c.what, c.value, c.incident) for c in claims if c.what != "weapon"} == {
        ("projectiles_in_place", 2, "1"),
        ("attack_date", "2020-11-17", "1"),
        ("attack_date", "2020-10-01", "2"),
        ("projectiles_total", 6, "2"),
    }


@pytest.mark.skipif(not REAL.exists(), reason="the article of that night is not beside this checkout")
def test_the_article_of_that_night():
    text = REAL.read_text()
    claims = [proposal.claim for proposal in propose(text, date(2020, 11, 17))]
    found = {(c.what, json.dumps(c.value), c.qualifier, c.place) for c in claims}
    assert {
        ("projectiles_total", "7", "exact", None),
        ("projectiles_in_place", "4", "exact", "Green Zone"),
        ("projectiles_in_place", "3", "exact", "other parts of the city"),
        ("killed", "1", "at_least", None),
        ("killed", "1", "exact", None),
        ("injured", "5", "exact", None),
        ("attack_date", '"2020-11-17"', None, None),
        ("defence_used", '"C-RAM"', None, None),
        ("running_total", "90", "nearly", None),
    } <= found
    assert {c.what for c in claims} >= {"launch_place", "confirmed_by", "declined_to_comment_by"}
    assert all(c.value != 90 for c in claims if c.what != "running_total")


WORDS = "seven rockets of the four were fired at hit killed no casualties and , . ; said on Tuesday ( &# 171; since"


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from(WORDS.split()), max_size=120).map(" ".join)))
def test_anything_is_read_without_a_fault_and_every_claim_has_its_sentence(text):
    for proposal in propose(text, date(2020, 11, 18)):
        claim = proposal.claim
        assert claim.sentence
        assert text[claim.offset : claim.offset + len(claim.sentence)] == claim.sentence


UNITS = (
    'seven rockets |a | |\n|‹q0› |, and one|killed a |the the |&amp;|"|no |said |one of the |A.|Â|in the |12 |'
    "rockets fired at |was |October |(|<|he said, |dead; |Seven rockets were fired and four hit the base, he said. "
)


@pytest.mark.parametrize("unit", UNITS.split("|"))
def test_time_is_linear(unit):
    def spent_s(letters):
        text = unit * (letters // len(unit))
        begin_s = perf_counter()
        propose(text)
        return perf_counter() - begin_s

    spent_s(1000)
    assert spent_s(12_000) < 40 * max(spent_s(1_200), 0.005)
