"""Doctrines compared: the same seeds under each, a night reused only where it is the case's own, a page with charts."""

import json
from contextlib import nullcontext
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from rampart import doctrines, study
from rampart.cli import app
from rampart.doctrines import Case, compare, read_cases, run_cases
from rampart.domain.wire import event_line
from rampart.errors import InputError, OutputError
from rampart.evaluate.doctrines import cases_of
from rampart.evaluate.doctrines_page import exposed_chart, leakers_chart
from rampart.files import InputFiles
from rampart.night import run_night
from rampart.runner import fly
from tests.test_defended import bomb, guard
from tests.test_study import Here


@pytest.fixture
def in_process(monkeypatch):
    monkeypatch.setattr(study, "_executor", lambda *_: nullcontext((Here(), 1)))


def test_cases_are_read():
    assert [case.name for case in read_cases("none,selective,all", "5, 20")] == [
        "none", "selective 5", "selective 20", "all 5", "all 20",
    ]  # fmt: skip
    assert read_cases(None, "5") == (Case("none"), Case("own", 5))
    for doctrine, magazine, said in (
        ("most", None, "--doctrines: 'most': wanted of none, selective, all, own"),
        ("all", "5,-2", "--magazines: '-2': wanted numbers of engagements"),
        ("all", "five", "--magazines: 'five'"),
    ):
        with pytest.raises(InputError) as caught:
            read_cases(doctrine, magazine)
        assert said in str(caught.value)


def test_a_study_of_doctrines(tmp_path, in_process):
    path = bomb(tmp_path / "night", guard(probability=0.5))
    cases = read_cases("none,selective,all", "0,40")
    told = compare(path, 2, tmp_path / "out", cases, seed=3)
    assert "no leaker" in told
    figures = json.loads((tmp_path / "out" / "study.json").read_text())
    assert list(figures["cases"]) == [case.name for case in cases]
    for case in figures["cases"].values():
        assert case["account_closes"]
        assert case["entered"]["value"] == 1.0
    assert figures["cases"]["none"]["leakers"]["value"] == 1.0
    assert figures["cases"]["selective 0"]["why_ignored"] == {"magazine empty": 2}
    assert figures["differences"]["all 40"]["leakers"]["value"] <= 0.0
    page = (tmp_path / "out" / "study.html").read_text()
    assert "SIMULATED" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert (tmp_path / "out" / "plots" / "leakers.svg").read_text().startswith("<svg")
    with pytest.raises(OutputError, match="another set of doctrines and magazines"):
        compare(path, 2, tmp_path / "out", cases[:2], seed=3)


def test_a_night_that_is_reused_is_the_one_that_would_have_been_run(tmp_path, monkeypatch):
    path = bomb(tmp_path / "night", guard())
    flown = fly(path, InputFiles(), 3)
    run = []
    monkeypatch.setattr(doctrines, "run_night", lambda *a, **k: run.append(run_night(*a, **k)) or run[-1])
    nights = []
    for case in read_cases("none,selective", "30,40"):
        own = doctrines._under(case, flown)
        reused = doctrines._night(own, nights)
        fresh = run_night(own, brief=True)
        assert [event_line(e) for e in reused.events] == [event_line(e) for e in fresh.events]
        assert reused.loop.stopped_s == fresh.loop.stopped_s
        assert reused.loop.truth().projectiles[0].engagements == fresh.loop.truth().projectiles[0].engagements
    assert len(run) == 2


def test_a_brief_night_says_what_the_whole_one_says(tmp_path):
    flown = fly(bomb(tmp_path / "night", guard(probability=0.0)), InputFiles(), 3)
    flown = replace(flown, scenario=replace(flown.scenario, duration_s=60.0))
    brief, whole = run_night(flown, brief=True), run_night(flown)
    early = [event_line(event) for event in brief.events]
    assert len(brief.looks) < len(whole.looks)
    assert [line for line in early if b'"action":"raise"' in line] == [
        line for line in map(event_line, whole.events) if b'"action":"raise"' in line
    ]
    tracked = [line for line in early if b'"kind":"forecast"' in line]
    assert tracked == [line for line in map(event_line, whole.events) if b'"kind":"forecast"' in line]


def test_a_scenario_without_interceptors_is_one_line(tmp_path):
    done = CliRunner().invoke(
        app,
        [
            "study",
            str(bomb(tmp_path / "night")),
            "--runs",
            "1",
            "--out",
            str(tmp_path / "o"),
            "--doctrines",
            "all",
        ],
    )
    assert isinstance(done.exception, InputError)
    assert "wanted a scenario with an [[interceptor]]" in str(done.exception)


def test_a_seed_that_fails_is_a_row():
    row = run_cases((Case("none"),), {"scenario.toml": b"[scenario]"}, 1)
    assert row["error"].startswith("ConfigError")


def test_charts_of_odd_sets():
    marks = dict.fromkeys(
        ("entered", "ignored", "intercepted", "missed", "endangering", "leakers", "wrongly_ignored", "wrongly_engaged",
         "shots", "shots_at_nothing", "zones_hit", "zones_warned"), 0,
    ) | {"why_ignored": {}, "seconds_median": None}  # fmt: skip
    figures = cases_of([{"none": marks}]) | {"runs": 1, "sheltering": []}
    assert leakers_chart(figures).startswith("<svg")
    assert exposed_chart(figures) is None
    assert replace(Case("none"), magazine=3).name == "none 3"
