"""The night of 17 November 2020 from one command: what is sensed, warned of and recorded is right."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from rampart.domain.event import AlertEvent, ForecastEvent, TrackEvent
from rampart.domain.wire import event_of, posix_time
from tests.system.conftest import rampart


@pytest.fixture(scope="module")
def events(demo):
    return [event_of(line) for line in (demo / "events.jsonl").read_bytes().splitlines()]


@pytest.fixture(scope="module")
def incident(demo):
    return json.loads((demo / "incident.json").read_text())


@pytest.fixture(scope="module")
def truth(demo):
    return json.loads((demo / "truth.json").read_text())


@pytest.fixture(scope="module")
def score(demo):
    return json.loads((demo / "score.json").read_text())


def metres_apart(one, other) -> float:
    north = math.radians(one["latitude_deg"] - other["latitude_deg"]) * 6.371e6
    east = (
        math.radians(one["longitude_deg"] - other["longitude_deg"]) * 6.371e6 * math.cos(math.radians(33.3))
    )
    return math.hypot(north, east)


def test_every_projectile_is_confirmed_and_nothing_else(events, score, incident):
    confirmed = {event.track for event in events if isinstance(event, TrackEvent)}
    assert len(confirmed) == 7
    assert (score["projectiles"], score["confirmed"], score["false_tracks"]) == (7, 7, 0)
    assert len(incident["projectiles"]) == 7


def test_four_fall_in_the_green_zone_two_outside_and_one_bursts(incident):
    fates = [max(p["fate"], key=p["fate"].get) for p in incident["projectiles"]]
    assert Counter(fates) == {"ground": 6, "airburst": 1}
    fallen = [p["zones"] for p, fate in zip(incident["projectiles"], fates, strict=True) if fate == "ground"]
    inside = Counter("green-zone" in zones for zones in fallen)
    assert inside == {True: 4, False: 2}
    assert ["medical-city"] in fallen
    assert ["zawra-park"] in fallen


def test_each_predicted_impact_is_near_the_true_one(incident, truth):
    for true in truth["projectiles"]:
        place = true.get("would_impact", true["impact"])
        nearest = min(incident["projectiles"], key=lambda p: metres_apart(p["impact"], place))
        assert metres_apart(nearest["impact"], place) < 150.0
        assert abs(posix_time(nearest["impact"]["time"]) - posix_time(place["time"])) < 1.0


def test_exactly_one_launch_area_no_finer_than_300_m(incident, truth):
    (area,) = incident["launch_sites"]
    assert area["radius_90_m"] >= 300.0
    assert len(area["projectiles"]) == 7
    assert area["probability"] > 0.9
    assert metres_apart(area, truth["projectiles"][0]["launch"]) < area["radius_90_m"]


def test_every_endangered_zone_was_warned_and_every_alarm_ended(events, truth, score):
    endangered = {zone for projectile in truth["projectiles"] for zone in projectile["zones_endangered"]}
    raised = {event.zone for event in events if isinstance(event, AlertEvent) and event.action == "raise"}
    cleared = {event.zone for event in events if isinstance(event, AlertEvent) and event.action == "clear"}
    assert endangered <= raised == cleared
    assert score["warning"]["zones_hit"] == score["warning"]["zones_warned"] == len(endangered)
    assert score["warning"]["zones_missed"] == 0
    assert score["warning"]["zones_needless"] is not None


def test_events_are_numbered_and_the_last_forecast_comes_before_the_end(events):
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    ends = [i for i, e in enumerate(events) if isinstance(e, TrackEvent) and e.status == "ended"]
    assert len(ends) == 7
    for i in ends:
        last = [e for e in events[:i] if isinstance(e, ForecastEvent) and e.track == events[i].track][-1]
        assert last.fate is not None
        assert sum(last.fate.values()) == pytest.approx(1.0, abs=0.01)
        assert not any(isinstance(e, ForecastEvent) and e.track == events[i].track for e in events[i:])


def test_everything_is_marked_a_test_and_simulated(events, incident, demo):
    assert {event.mode for event in events if isinstance(event, AlertEvent)} == {"test"}
    assert incident["simulated"] is True
    assert "SIMULATED" in (demo / "report.html").read_text().upper()
    alerts = list((demo / "alerts").glob("*.xml"))
    assert len(alerts) == sum(isinstance(event, AlertEvent) for event in events)
    assert all("<status>Test</status>" in path.read_text() for path in alerts)


def test_no_file_tells_how_anything_was_launched(demo):
    for path in demo.rglob("*.json*"):
        text = path.read_text()
        assert not any(word in text for word in ("quadrant", "launch_elevation", "launch_azimuth", "charge"))
    launch_words = (demo / "events.jsonl").read_text()
    assert "launch" not in launch_words


def test_a_replay_of_the_journal_is_the_same_byte_for_byte(demo, tmp_path):
    rampart("replay", demo / "journal", "--out", tmp_path / "again", folder=tmp_path)
    assert (tmp_path / "again" / "events.jsonl").read_bytes() == (demo / "events.jsonl").read_bytes()
    assert (tmp_path / "again" / "incident.json").read_bytes() == (demo / "incident.json").read_bytes()


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_second_run_is_the_same_byte_for_byte_whatever_the_threads(demo, tmp_path, threads):
    threads_of = {"NUMBA_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    rampart("demo", "--out", tmp_path / "second", folder=tmp_path, **threads_of)
    assert (tmp_path / "second" / "events.jsonl").read_bytes() == (demo / "events.jsonl").read_bytes()


def test_another_seed_is_another_night(demo, tmp_path):
    rampart("demo", "--out", tmp_path / "other", "--seed", "2", folder=tmp_path)
    assert (tmp_path / "other" / "events.jsonl").read_bytes() != (demo / "events.jsonl").read_bytes()
    assert len(json.loads((tmp_path / "other" / "incident.json").read_text())["projectiles"]) == 7


def test_a_score_made_anew_is_the_score(demo, score, tmp_path):
    before = (demo / "score.json").read_bytes()
    rampart("score", demo, folder=tmp_path)
    assert (demo / "score.json").read_bytes() == before
    assert score["projectiles"] == 7


def test_a_second_demo_takes_the_place_of_the_first(tmp_path):
    rampart("demo", folder=tmp_path)
    first = (tmp_path / "rampart-demo" / "events.jsonl").read_bytes()
    rampart("demo", folder=tmp_path)
    assert (tmp_path / "rampart-demo" / "events.jsonl").read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["rampart-demo"]


def test_a_killed_run_leaves_a_journal_that_replays(demo, tmp_path):
    """What was decided before the kill comes out again, and nothing that looks like a whole run is left."""
    command = [sys.executable, "-m", "rampart.cli", "demo", "--out", str(tmp_path / "run")]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    partial = tmp_path / "run.partial"
    deadline_s = time.monotonic() + 60.0
    while len(list((partial / "alerts").glob("*.xml"))) < 5 and time.monotonic() < deadline_s:
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    alerts = len(list((partial / "alerts").glob("*.xml")))
    assert not (tmp_path / "run").exists()
    rampart("replay", partial / "journal", "--out", tmp_path / "again", folder=tmp_path)
    again = (tmp_path / "again" / "events.jsonl").read_bytes()
    assert (demo / "events.jsonl").read_bytes().startswith(again)
    assert again.count(b'"kind":"alert"') >= alerts >= 5
