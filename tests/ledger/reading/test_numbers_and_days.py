"""Numbers with their hedges, and days in the calendar of the day of publication."""

from datetime import date

import pytest

pytest.importorskip("text_to_num", reason="comes with requirements/run.txt")

from rampart.ledger.reading.dates import dateline, mark_days
from rampart.ledger.reading.quantities import mark_quantities

WEDNESDAY = date(2020, 11, 18)


@pytest.mark.parametrize(
    ("words", "value", "qualifier"),
    [
        ("at least three rockets", 3, "at_least"),
        ("nearly 90 attacks", 90, "nearly"),
        ("some 20 shells", 20, "about"),
        ("half a dozen shells", 6, "exact"),
        ("around three dozen", 36, "about"),
        ("two dozen Grad rockets", 24, "exact"),
        ("between 8 and 10 rockets", (8, 10), "between"),
        ("8-10 rockets", (8, 10), "between"),
        ("four or five rockets", (4, 5), "between"),
        ("up to five", 5, "at_most"),
        ("more than 4,400 people", 4400, "at_least"),
        ("(8) missiles", 8, "exact"),
        ("twenty-one rockets", 21, "exact"),
        ("a hundred and seven rockets", 107, "exact"),
        ("21 rockets approximately", 21, "about"),
        ("a Katyusha rocket", 1, "exact"),
        ("none of them", 0, "exact"),
    ],
)
def test_a_number_is_read_with_its_hedge(words, value, qualifier):
    _, quantities, _ = mark_quantities(words)
    assert [(quantity.value, quantity.qualifier) for quantity in quantities] == [(value, qualifier)]


@pytest.mark.parametrize(
    "words", ["$210 million", "37-year-old", "107mm", "2.5 km", "19:40", "40 km", "no one"]
)
def test_what_counts_nothing_is_no_number(words):
    assert mark_quantities(words)[1] == []


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("late on Tuesday", "2020-11-17"),
        ("Wednesday", "2020-11-18"),
        ("on November 17", "2020-11-17"),
        ("on Tuesday, 17 November", "2020-11-17"),
        ("Dec. 27th", "2019-12-27"),
        ("17/11/2020", "2020-11-17"),
        ("2020-11-17", "2020-11-17"),
        ("the day before yesterday", "2020-11-16"),
        ("three days ago", "2020-11-15"),
        ("overnight Sunday to Monday", ("2020-11-15", "2020-11-16")),
        ("in late October", "2020-10"),
        ("since October 2019", "2019-10"),
    ],
)
def test_a_day_is_placed_by_the_day_of_publication(words, value):
    assert [day.value for day in mark_days(words, WEDNESDAY, None)[1]] == [value]


def test_without_it_the_words_stay():
    assert [day.value for day in mark_days("on Tuesday", None, None)[1]] == ["Tuesday"]
    assert [day.value for day in mark_days("on 5 March", None, None)[1]] == ["5 March"]


def test_a_day_that_is_none_is_not_placed():
    assert mark_days("on 31 February 2020", WEDNESDAY, None)[1] == []


def test_a_dateline_with_its_year_gives_the_day_of_publication():
    assert dateline(["Rockets fired", "BAGHDAD, Nov 18, 2020 (Wire) - Seven"]) == WEDNESDAY
    assert dateline(["BAGHDAD, Nov 18 - Seven rockets fell in 2019"]) is None
