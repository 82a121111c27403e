"""Broken entities, wrong encodings and lost spaces mended; every sentence stands where its offset says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.ledger.reading.repair import repair
from rampart.ledger.reading.sentences import sentences


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("at &# 171; green area&# 187; where", 'at " green area" where'),
        ("&amp;#8220;shelling&amp;#8221;", '"shelling"'),
        ("&laquo;Taji&raquo; , north", '"Taji", north'),
        ("Baghdad &amp;mdash; rockets", "Baghdad - rockets"),
        ("â€œinsideâ€\x9d the base", '"inside" the base'),
        ("lâ€™armÃ©e", "l'armée"),
        ("north of Baghdad.The source said", "north of Baghdad. The source said"),
        ("today ,Sunday, that", "today, Sunday, that"),
        ("٧ rockets", "7 rockets"),
        ("<p>Seven</p>", " Seven "),
        ("AT&T; and &unknown; stay", "AT&T; and &unknown; stay"),
    ],
)
def test_text_is_mended(broken, mended):
    assert repair(broken).text == mended


@given(st.text(max_size=300))
def test_every_letter_keeps_its_origin(text):
    mended = repair(text, 7)
    assert len(mended.origins) == len(mended.text) + 1
    assert list(mended.origins) == sorted(mended.origins)
    assert mended.origins[-1] == 7 + len(text)


@given(st.text(alphabet="Aab. \n&#171;\"'\r(12", max_size=200))
def test_sentences_stand_where_their_offsets_say(text):
    at = 0
    for sentence in sentences(text):
        assert text[sentence.offset : sentence.offset + len(sentence.raw)] == sentence.raw
        assert sentence.offset >= at
        at = sentence.offset


def test_abbreviations_and_wrapped_lines_end_no_sentence():
    text = "The U.S. Embassy was hit on\nJan. 5, Col. Halloran said. Two died.\n\n1. Baghdad: quiet"
    assert [s.text for s in sentences(text)] == [
        "The U.S. Embassy was hit on Jan. 5, Col. Halloran said.",
        "Two died.",
        "1. Baghdad: quiet",
    ] or [s.text for s in sentences(text)][-2:] == ["Two died.", "1. Baghdad: quiet"]
