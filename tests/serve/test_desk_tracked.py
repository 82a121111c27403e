"""Cancelling the warning of a projectile that is still tracked: two people, and the record names them."""

import time
from dataclasses import replace

import numpy as np
import pytest

from rampart.domain.event import AlertEvent
from rampart.domain.scan import Command, Scan, Tick
from rampart.engine import Engine
from rampart.feed import input_of
from rampart.serve import desk as desks
from rampart.serve.desk import DONE, REFUSED, WAITS, Desk, decide
from rampart.serve.operators import Paper, add_operator, new_id, signed_paper, unlock, verified
from rampart.simulate.sensor import observe
from rampart.simulate.truth import fly_scenario
from tests.simulate.test_truth import launch, scenario
from tests.sites import make_site, square_zone

WORDS = "a long passphrase"


@pytest.fixture
def warned():
    """Return an engine that has just raised a warning of one rocket in the air, and the scans that follow."""
    site = make_site(zones=(square_zone("aim", 33.305, 44.400), square_zone("far", 33.5, 44.2)))
    night = scenario(launch("rocket-122mm", 11.0), duration_s=45.0)
    truth = fly_scenario(night, site, np.random.default_rng(1))
    looks = observe(truth, night, site, np.random.default_rng(2))
    scans = iter([Scan(look.time_s, look.plots, (look.radar,)) for look in looks])
    engine = Engine(site)
    for scan in scans:
        if any(isinstance(event, AlertEvent) for event in engine.step(scan)):
            return engine, scans
    raise AssertionError("the rocket was never warned of")


class Counter:
    """Puts papers before a desk and takes what it offers."""

    def __init__(self, folder, site):
        self.site, self.lines = site, []
        self.desk = Desk(folder, site, self.lines.append)
        self.desk.start()

    def put(self, name: str, paper: Paper) -> str:
        """Lay a paper into the folder; return its SHA-256."""
        content = signed_paper(paper, unlock(paper.by, WORDS))
        (self.desk.folder / f"{name}.draft").write_bytes(content)
        (self.desk.folder / f"{name}.draft").rename(self.desk.folder / f"{name}.json")
        return verified(content).sha256

    def paper(self, request: str, verb: str, by: str, **changes) -> Paper:
        return Paper(request, verb, by, time.time(), self.site.id, self.site.mode, **changes)

    def offer(self):
        """Return the next offer."""
        return self.soon(lambda: next(iter(self.desk.taken()), None))

    def soon(self, asked):
        """Return what is asked as soon as there is something."""
        latest_s = time.monotonic() + 10.0
        while not (answer := asked()):
            assert time.monotonic() < latest_s
            time.sleep(0.01)
        return answer


@pytest.fixture
def counter(tmp_path, monkeypatch, warned):
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))
    monkeypatch.setattr(desks, "LOOK_EVERY_S", 0.02)
    for name in ("amal", "omar"):
        add_operator(name, WORDS)
    counter = Counter(tmp_path / "requests", warned[0].site)
    yield counter
    counter.desk.stop()


def test_a_tracked_warning_is_cancelled_by_two_and_the_incident_says_by_whom(warned, counter, monkeypatch):
    engine, scans = warned
    alert = engine.policy.open_alerts()[0].alert
    request = new_id(time.time())
    asked = counter.put(request, counter.paper(request, "cancel", "amal", target=alert))
    outcome, words, command = decide(counter.offer(), engine, engine.time_s)
    assert (outcome, command) == (WAITS, None)
    assert "a projectile of this warning is still tracked" in words
    own = counter.paper(request, "release", "amal", request_sha256=asked)
    counter.put(f"{request}.release", own)
    counter.soon(lambda: any("a second person is wanted" in line for line in counter.lines))
    assert not counter.desk.taken()
    assert engine.policy.open_alerts()
    counter.put(f"{request}.release", counter.paper(request, "release", "omar", request_sha256=asked))
    outcome, words, command = decide(counter.offer(), engine, engine.time_s)
    assert (outcome, words) == (DONE, "cancel by amal, released by omar")
    told = engine.step(input_of(command, engine.site))
    assert [(event.action, event.manual.by, event.manual.released_by) for event in told] == [
        ("cancel", "amal", "omar")
    ]
    again = [event for scan in scans for event in engine.step(scan) if isinstance(event, AlertEvent)]
    assert not again, "the projectile that people took back does not raise the zone again"
    by_hand(engine)
    named = {(a.zone, a.action, a.manual.by, a.manual.released_by) for a in recorded(engine) if a.manual}
    assert named == {
        ("aim", "cancel", "amal", "omar"),
        ("far", "raise", "omar", ""),
        ("far", "clear", "omar", ""),
    }


def test_one_person_suffices_once_the_projectile_is_no_longer_tracked(warned, counter):
    engine, scans = warned
    target = engine.policy.open_alerts()[0].alert
    request = new_id(time.time())
    counter.put(request, counter.paper(request, "cancel", "amal", target=target))
    offer = counter.offer()
    assert decide(offer, engine, engine.time_s)[0] == WAITS
    for scan in scans:
        engine.step(scan)
    engine.step(Command(engine.time_s, "end"))
    time_s = engine.time_s
    while np.any(engine.tracks.is_live()):
        assert decide(offer, engine, engine.time_s)[0] == WAITS
        engine.step(Tick(time_s := time_s + 0.25))
    assert [alert.alert for alert in engine.policy.open_alerts()] == [target], "the all clear is yet to come"
    outcome, words, command = decide(offer, engine, engine.time_s)
    assert (outcome, words) == (DONE, "cancel by amal")
    told = engine.step(input_of(command, engine.site))
    assert [(event.action, event.manual.by, event.manual.released_by) for event in told] == [
        ("cancel", "amal", "")
    ]


def test_a_warning_whose_danger_moved_away_takes_two_while_its_projectile_is_tracked(warned, counter):
    """It may come back: what the last revision names is not all that the warning is about."""
    engine, _ = warned
    alert = engine.policy.open_alerts()[0]
    tracks = alert.tracks
    warning = engine.policy.warning_of(engine.policy.attack_id, alert.zone)
    warning.endangering = set()
    warning.said = replace(alert, action="revise", tracks=(), impact_time_s=float("nan"))
    assert engine.policy.open_alerts()[0].tracks == () != tracks
    request = new_id(time.time())
    counter.put(request, counter.paper(request, "cancel", "amal", target=alert.alert))
    assert decide(counter.offer(), engine, engine.time_s)[0] == WAITS


def test_a_request_that_bears_the_name_of_a_zone_takes_no_warning_back(warned, counter):
    """One person's alert of one zone, under the id of another: its cancel would have been that zone's."""
    engine, _ = warned
    counter.put("aim", counter.paper("aim", "raise", "amal", zones=("far",), duration_s=60.0))
    counter.soon(lambda: any("request aim: refused: no id of a request" in line for line in counter.lines))
    raised = '{"verb":"raise","request":"aim","by":"amal","zones":["far"],"duration_s":60.0}'
    engine.step(Command(engine.time_s, "by hand", raised))
    taken_back = '{"verb":"cancel","request":"r3","by":"amal","target":"aim"}'
    told = engine.step(Command(engine.time_s, "by hand", taken_back))
    assert [(event.zone, event.action) for event in told] == [("far", "cancel")]
    assert [alert.zone for alert in engine.policy.open_alerts()] == ["aim"]


def test_a_file_whose_name_is_no_text_stops_no_request(warned, counter):
    engine, _ = warned
    (counter.desk.folder / "\udcff.json").write_bytes(b"{}")
    (counter.desk.folder / "a\nb.json").write_bytes(b"{}")
    counter.soon(lambda: sum("no id of a request" in line for line in counter.lines) == 2)
    assert all(line.encode() for line in counter.lines)
    request = new_id(time.time())
    counter.put(request, counter.paper(request, "raise", "amal", zones=("far",), duration_s=60.0))
    assert decide(counter.offer(), engine, engine.time_s)[0] == DONE
    assert counter.desk.is_alive()


def by_hand(engine: Engine) -> None:
    """Raise the other zone by hand for a moment while the attack is open."""
    act = '{"verb":"raise","request":"r2","by":"omar","zones":["far"],"duration_s":1.0}'
    engine.step(Command(engine.time_s, "by hand", act))


def recorded(engine: Engine) -> list[AlertEvent]:
    """Let time pass until the attack has closed; return the alerts in its record."""
    engine.step(Command(engine.time_s, "end"))
    begin_s = engine.time_s
    for k in range(1, 2400):
        engine.step(Tick(begin_s + 0.25 * k))
        if engine.settled:
            break
    return engine.incident([]).alerts


def test_a_request_that_nobody_releases_in_time_is_void(warned, counter, monkeypatch):
    engine, _ = warned
    request = new_id(time.time())
    target = engine.policy.open_alerts()[0].alert
    asked = counter.put(request, counter.paper(request, "cancel", "amal", target=target))
    outcome, words, _ = decide(counter.offer(), engine, engine.time_s)
    counter.desk.answer(request, outcome, words)
    monkeypatch.setattr(desks, "RELEASE_WITHIN_S", 0.0)
    counter.soon(lambda: any(f"{REFUSED}: expired: not released" in line for line in counter.lines))
    counter.put(f"{request}.release", counter.paper(request, "release", "omar", request_sha256=asked))
    time.sleep(0.1)
    assert not counter.desk.taken()
    assert engine.policy.open_alerts()[0].alert == target
