"""Every language says everything, in the same fields."""

import json
import re
from dataclasses import replace
from importlib.resources import files

import pytest

from rampart.domain.alert import CANCEL, CLEAR, RAISE, REVISE
from rampart.errors import ConfigError, InputError
from rampart.preview import preview
from rampart.serve.phrases import languages_of, name_in, name_within, read_texts, texts_in
from tests.warn.places import make_box

FOLDER = files("rampart.serve") / "texts"
LANGUAGES = sorted(file.name.removesuffix(".json") for file in FOLDER.iterdir())
FIELDS = {"zone", "count", "time", "percent", "shelter"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_complete(language):
    texts = texts_in(language)
    assert set(texts.prefix) == {"live", "exercise", "test"}
    assert texts.prefix["live"] == ""
    assert texts.prefix["exercise"] != texts.prefix["test"] != ""
    for part in (texts.headline, texts.description, texts.instruction):
        assert set(part) - {"waning", "manual", "manual_clear"} == {RAISE, REVISE, CLEAR, CANCEL}
    english = texts_in("en")
    for name in ("headline", "description", "instruction"):
        for action, text in getattr(texts, name).items():
            used = set(re.findall(r"\{(\w+)\}", text))
            assert used <= FIELDS
            assert used == set(re.findall(r"\{(\w+)\}", getattr(english, name)[action]))
    assert json.loads((FOLDER / f"{language}.json").read_text())["event"] == texts.event


def test_english_and_arabic_are_shipped():
    assert {"en", "ar"} <= set(LANGUAGES)
    assert texts_in("xx") is None
    assert texts_in("../keys") is None


def test_a_zone_is_warned_in_the_languages_of_its_names():
    zone = make_box("green", 0, 0, 100)
    assert list(languages_of(zone)) == ["en", "ar"]
    assert name_in("ar", zone) == "المنطقة"
    assert name_in("he", zone) == "Green"


def test_a_name_that_runs_against_its_sentence_is_isolated():
    zone = make_box("green", 0, 0, 100)
    latin = replace(zone, names={"en": "Green"})
    assert name_within("ar", latin) == "\u2068Green\u2069"
    assert name_within("en", latin) == "Green"
    assert name_within("ar", zone) == "المنطقة"


def test_numbers_of_seconds_have_the_plural_of_their_language():
    arabic, english = texts_in("ar"), texts_in("en")
    assert [arabic.seconds_in_words(n) for n in (5.0, 15.0, 103.0)] == ["5 ثوانٍ", "15 ثانية", "103 ثوانٍ"]
    assert [english.seconds_in_words(n) for n in (1.0, 2.0, 30.0)] == ["1 second", "2 seconds", "30 seconds"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda texts: texts["headline"].pop("clear"), "headline.clear: wanted a text"),
        (lambda texts: texts["page"].update(calm="{zome}"), "page.calm: 'zome': wanted in braces one of"),
        (lambda texts: texts["page"].update(calm="{zone"), "page.calm: '{zone': wanted braces in pairs"),
        (lambda texts: texts.update(colour="red"), "unknown field `colour`"),
    ],
)
def test_a_file_of_texts_with_a_fault_is_refused_in_one_line(spoil, told):
    texts = json.loads((FOLDER / "en.json").read_text())
    spoil(texts)
    with pytest.raises(ConfigError) as error:
        read_texts(json.dumps(texts).encode(), "xx.json")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_every_stage_can_be_read_by_somebody_who_checks_it():
    shown = preview(["ar"])
    assert "أُطلق هذا الإنذار يدويًا: المنطقة الخضراء" in shown
    assert "{" not in shown.split("page.")[0]
    with pytest.raises(InputError, match="one of ar, en"):
        preview(["xx"])
