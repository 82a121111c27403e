"""The page: what it says of the night, of a plain replay and of quiet skies, and that it needs nothing else."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import msgspec
import pytest

from rampart.domain.incident import Claim
from rampart.domain.scan import Reject
from rampart.evaluate.report import RunFacts, render, write_report
from tests.evaluate.salvo import context_of, make_night, quiet_context

NIGHT = make_night()
CONTEXT = context_of(NIGHT)
PAGE = render(CONTEXT)
VOID = {"meta", "link", "br", "rect", "circle", "line", "polyline", "polygon", "ellipse", "path"}


class Outline(HTMLParser):
    """Collects what the page says and checks that every tag is closed."""

    def __init__(self, page: str):
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_the_page_is_written_whole(tmp_path):
    path = write_report(tmp_path, CONTEXT)
    assert path.name == "report.html"
    outline = Outline(path.read_text(encoding="utf-8"))
    assert outline.open == []


@pytest.mark.parametrize(
    "words",
    [
        "7 rockets sensed: 4 in the Green Zone, 2 outside, 1 burst in the air.",
        "All 5 zones in danger were warned",
        "SIMULATED: no figure on this page was measured in the field",
        "Assumed, because nobody reported it:",
        "both radars: their places, accuracy and cover",
        "simulated Tuesday, 17 November 2020, 20:05:06 Asia/Baghdad (UTC+3), 17:05:06 UTC",
        "Second by second",
        "Each projectile",
        "Seconds of warning, zone by zone",
        "Warned, but nothing came down there",
        "never finer than 300 m",
        "What was reported, beside what was sensed",
        "What this record cannot judge",
        "How good it was, and how good it could be",
        "no update for 2.6 s",
        "rampart replay journal --out again",
    ],
)
def test_the_night_is_told(words):
    assert words in Outline(PAGE).text.replace("\u00a0", " ")


def test_the_page_asks_nothing_of_the_network():
    outline = Outline(PAGE)
    for tag, attributes in outline.tags:
        assert tag not in ("img", "iframe", "object", "audio", "video", "base", "form")
        assert not attributes.keys() & {"src", "srcset", "action", "xlink:href"}
        if "href" in attributes:
            assert attributes["href"].startswith(("data:", "#"))
    assert not re.search(r"@import|@font-face|url\((?!#)|fetch\(|XMLHttpRequest", PAGE)
    assert set(re.findall(r"https?://[^\s\"'<]+", PAGE)) <= {"http://www.w3.org/2000/svg"}
    policy = next(a["content"] for t, a in outline.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy


def test_every_simulated_figure_says_so():
    for caption in re.findall(r"<figcaption>(.*?)</figcaption>", PAGE, re.S):
        assert "Simulated." in caption
    assert PAGE.count("Simulated") >= 6


def test_marks_exist_once_in_each_drawing():
    assert len(re.findall(r'<svg class="(?:map|timeline)', PAGE)) == 6
    assert (
        PAGE.count('data-key="p7"') == 1 + 2 * 5
    )  # a table row; path and badge on two maps, lane; wide and narrow


def test_what_was_written_by_others_stays_text():
    evil = "<script>alert(1)</script>"
    claim = Claim("killed", evil, according_to=evil, source=evil, sentence=evil)
    page = render(
        replace(CONTEXT, claims=(claim,), title=evil, assumed=(evil,), rejects=(Reject(evil, 2, evil),))
    )
    assert evil not in page
    assert page.count("<script>") == PAGE.count("<script>") == 1


def test_a_plain_replay_shows_no_error_and_no_score():
    incident = msgspec.structs.replace(NIGHT.run.incident, simulated=False)
    facts = RunFacts("0.0.1", "night.pcap", "test", "dated 2020-11-17 by the capture")
    context = replace(
        CONTEXT,
        incident=incident,
        facts=facts,
        truth=None,
        score=None,
        claims=(),
        places=None,
        title="",
        assumed=(),
    )
    text = Outline(render(context)).text
    assert "RECORDING REPLAYED" in text
    assert "The recording is dated 2020-11-17 by the capture." in text
    assert "Last forecast ±" in text
    assert "Baghdad, Tuesday, 17 November 2020" in text
    for absent in ("SIMULATED", "Simulated", "simulated truth", "How good it was", "Place error", "ideal"):
        assert absent not in text


def test_quiet_skies_make_a_quiet_page():
    context = replace(quiet_context(), rejects=(Reject("unknown source", 12, "25/9"),))
    text = Outline(render(context)).text
    assert "No attack sensed." in text
    assert "12 × unknown source" in text
    assert "no fault reported" in text
    for absent in ("Launch area", "Each projectile", "Second by second", "zone by zone", "rampart verify"):
        assert absent not in text


@pytest.mark.parametrize(("mode", "words"), [("live", "LIVE"), ("exercise", "EXERCISE: no alarm reached")])
def test_modes_cannot_be_confused(mode, words):
    page = render(replace(quiet_context(), facts=RunFacts("0.0.1", "feeds", mode)))
    assert words in page
    assert f'class="band {mode}"' in page
    assert "A recording, replayed" not in page


def test_a_score_of_nothing_is_shown_as_nothing():
    row = {
        "tracked_s": 5,
        "rmse_m": 3.0,
        "bound_m": None,
        "coverage_50": 1.0,
        "coverage_90": 1.0,
        "coverage_95": 1.0,
    }
    bare = {
        "projectiles": 1, "confirmed": 0, "false_tracks": 0, "tracks": {},
        "impact": [row | {"n": 1}],
        "launch": {"coverage_90": None, "sites_found": 0, "sites_true": 1},
        "warning": {
            "zones_hit": 0, "zones_warned": 0, "zones_missed": 0, "zones_needless": 0, "seconds_median": None,
            "seconds_min": None, "share_with_time_to_shelter": None, "ideal_seconds_median": None,
            "needless_person_minutes": 0.0,
        },
        "gospa_m": {"total": None, "localisation": None, "missed": None, "false": None},
    }  # fmt: skip
    text = Outline(render(replace(CONTEXT, score=bare))).text
    assert "0 of 1, 0 false tracks" in text
    assert "matched by no confirmed track" in text
