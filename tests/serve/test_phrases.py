"""Every language says everything, in the same fields."""

import json
import re
from importlib.resources import files

import pytest

from rampart.domain.alert import CANCEL, CLEAR, RAISE, REVISE
from rampart.serve.phrases import languages_of, name_in, texts_in
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
        assert set(part) - {"waning"} == {RAISE, REVISE, CLEAR, CANCEL}
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
