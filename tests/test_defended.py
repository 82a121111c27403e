"""The closed loop: what the interceptors stop vanishes, alarms never know of it, and a replay says the same."""

import json
import shutil
from pathlib import Path

import pytest

from rampart.domain.event import AlertEvent, ForecastEvent, TrackEvent
from rampart.domain.wire import event_line, posix_time
from rampart.files import InputFiles
from rampart.night import run_night, score_of_night
from rampart.runner import fly, packaged_scenario, replay, run_scenario

LAUNCH = """
[[launch]]
weapon = "mortar-120mm"
time_s = 1.0
latitude_deg = 33.31
longitude_deg = 44.44
aim_latitude_deg = 33.3045
aim_longitude_deg = 44.3975
"""
GUARD = """
[[interceptor]]
id = "gate"
latitude_deg = 33.2990
longitude_deg = 44.3960
reach_m = {reach_m}
reaction_s = 1.0
engagement_s = 1.0
magazine = 40
probability = {probability}
doctrine = "{doctrine}"

[effect]
harm_radius_m = 40.0
people_per_km2 = 1000.0
sheltering = [[0.0, 0.1], [20.0, 0.9]]
"""


def bomb(folder: Path, guard: str = "") -> Path:
    """Return a scenario of one mortar bomb, guarded or not."""
    shutil.copytree(packaged_scenario("baghdad-2020-11-17").parent, folder)
    path = folder / "scenario.toml"
    head = path.read_text().split("[[launch]]")[0]
    path.write_text(head.replace("duration_s = 120.0", "duration_s = 45.0") + LAUNCH + guard)
    return path


def guard(probability=1.0, reach_m=2500.0, doctrine="selective") -> str:
    return GUARD.format(probability=probability, reach_m=reach_m, doctrine=doctrine)


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Return the night without interceptors, with one that always stops and with one that never does."""
    folder = tmp_path_factory.mktemp("nights")
    chosen = {"none": "", "sure": guard(), "never": guard(probability=0.0)}
    return {name: run_night(fly(bomb(folder / name, own), InputFiles(), 3)) for name, own in chosen.items()}


def lines(night, until_s=float("inf")) -> list[bytes]:
    return [event_line(event) for event in night.events if posix_time(event.time) < until_s]


def alarms(night, action: str) -> list[AlertEvent]:
    return [event for event in night.events if isinstance(event, AlertEvent) and event.action == action]


def test_a_stopped_bomb_vanishes_and_everything_before_is_as_it_was(nights):
    sure, none = nights["sure"], nights["none"]
    (stopped,) = sure.loop.truth().projectiles
    assert stopped.fate == "intercepted"
    assert stopped.engagements[-1].stopped
    seen_s = [
        t for look in sure.looks for t, of in zip(look.plots.time_s, look.origin, strict=True) if of == 0
    ]
    assert max(seen_s) <= stopped.impact_s
    assert lines(sure, stopped.impact_s) == lines(none, stopped.impact_s)
    assert len(lines(sure)) < len(lines(none))
    last = [e for e in sure.events if isinstance(e, ForecastEvent) and e.fate]
    assert last[0].fate["airburst"] + last[0].fate["intercepted"] > 0.5, "the engine saw it end in the air"
    assert stopped.debris is not None
    assert stopped.impact_s < stopped.debris.time_s
    assert stopped.zones_endangered == nights["none"].loop.truth().projectiles[0].zones_endangered


def test_an_engagement_that_fails_changes_no_event_at_all(nights):
    assert lines(nights["never"]) == lines(nights["none"])
    (missed,) = nights["never"].loop.truth().projectiles
    assert missed.fate == "ground"
    assert missed.engagements
    account = score_of_night(nights["never"])["interception"]
    assert (account["entered"], account["missed"], account["leakers"]) == (1, 1, 1)


def test_no_alarm_is_withheld_or_cleared_because_an_interception_is_expected(nights):
    none, sure = nights["none"], nights["sure"]
    (stopped,) = sure.loop.truth().projectiles
    begun_s = stopped.engagements[0].time_s
    raised = [(alarm.zone, alarm.time) for alarm in alarms(none, "raise")]
    assert ("green-zone", alarms(sure, "raise")[0].time) in raised
    assert [(a.zone, a.time) for a in alarms(sure, "raise")] == [
        pair for pair in raised if posix_time(pair[1]) <= stopped.impact_s
    ]
    ended_s = min(
        posix_time(e.time) for e in sure.events if isinstance(e, TrackEvent) and e.status == "ended"
    )
    assert ended_s > stopped.impact_s > begun_s
    for alarm in alarms(sure, "clear"):
        assert posix_time(alarm.time) > ended_s, "the engine has seen it end by itself"
    assert {alarm.zone for alarm in alarms(sure, "clear")} == {alarm.zone for alarm in alarms(sure, "raise")}


def test_a_bomb_stopped_before_its_zone_is_warned_raises_nothing_later(tmp_path):
    night = run_night(fly(bomb(tmp_path / "early", guard(reach_m=9000.0, doctrine="all")), InputFiles(), 3))
    (stopped,) = night.loop.truth().projectiles
    ended_s = min(
        posix_time(e.time) for e in night.events if isinstance(e, TrackEvent) and e.status == "ended"
    )
    assert stopped.impact_s < stopped.ground_s - 10.0
    assert all(posix_time(alarm.time) <= ended_s for alarm in alarms(night, "raise"))
    assert all(posix_time(alarm.time) > ended_s for alarm in alarms(night, "clear"))


def test_a_run_its_replay_and_its_score_tell_the_same(tmp_path):
    path = bomb(tmp_path / "night", guard())
    run_scenario(path, tmp_path / "run", seed=3)
    replay(tmp_path / "run" / "journal", None, tmp_path / "again")
    for name in ("events.jsonl", "truth.json", "score.json", "incident.json"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    truth = json.loads((tmp_path / "run" / "truth.json").read_text())
    (bombed,) = truth["projectiles"]
    assert bombed["fate"] == "intercepted"
    assert {"would_impact", "engagements", "debris"} <= set(bombed)
    marks = json.loads((tmp_path / "run" / "score.json").read_text())
    assert marks["interception"]["intercepted"] == 1
    people = marks["exposure"]
    assert people["warned_defended"] == people["defended"] == {"open": 0.0, "shelter": 0.0}
    assert people["warned"]["open"] < people["neither"]["open"]
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Interception" in page
