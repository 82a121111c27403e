"""The engine takes scans, ticks, commands and zone sets, and tells of silence, strangers and dangers."""

import json
from dataclasses import replace

import numpy as np
import pytest

from rampart.domain.event import AlertEvent, ForecastEvent, HealthEvent, TrackEvent
from rampart.domain.scan import NO_PLOTS, Command, Reject, Scan, Tick, ZoneSet
from rampart.domain.site import zones_version
from rampart.domain.track import END_WITHDRAWN, ENDED
from rampart.domain.wire import incident_json, incident_of
from rampart.engine import Engine
from rampart.simulate.sensor import observe
from rampart.simulate.truth import fly_scenario
from tests.simulate.test_truth import launch, scenario
from tests.sites import make_site, square_zone

START_S = 1605632700.0


@pytest.fixture(scope="module")
def scans():
    """Return the site and the scans of one rocket of a night."""
    site = make_site(zones=(square_zone("aim", 33.305, 44.400), square_zone("far", 33.5, 44.2)))
    night = scenario(launch("rocket-122mm", 11.0), duration_s=45.0)
    truth = fly_scenario(night, site, np.random.default_rng(1))
    looks = observe(truth, night, site, np.random.default_rng(2))
    return site, [Scan(look.time_s, look.plots, (look.radar,)) for look in looks]


def alerts_of(events) -> list[AlertEvent]:
    return [event for event in events if isinstance(event, AlertEvent)]


def fly(engine: Engine, scans, until_s: float = np.inf) -> list:
    return [event for scan in scans if scan.time_s <= until_s for event in engine.step(scan)]


def settle(engine: Engine) -> list:
    events = engine.step(Command(engine.time_s, "end"))
    begin_s = engine.time_s
    for i in range(1, 4 * 600):
        events += engine.step(Tick(begin_s + 0.25 * i))
        if engine.settled:
            break
    return events


def test_a_rocket_is_warned_of_recorded_and_over(scans):
    site, night = scans
    engine = Engine(site, simulated=True)
    events = fly(engine, night)
    raised = [alert for alert in alerts_of(events) if alert.action == "raise"]
    assert [alert.zone for alert in raised] == ["aim"]
    events += settle(engine)
    assert engine.settled
    assert [alert.action for alert in alerts_of(events)][-1] == "clear"
    incident = engine.incident([])
    assert incident.id == raised[0].alert.removesuffix("-aim")
    assert [zone.zone for zone in incident.zones if zone.impacts] == ["aim"]
    assert not any(isinstance(event, HealthEvent) for event in events)


def test_a_launch_area_is_recorded_only_when_the_attack_has_closed(scans):
    site, night = scans
    engine = Engine(site)
    fly(engine, night)
    assert engine.incidents == []
    settle(engine)
    assert len(engine.incidents[0].launch_sites) == 1
    assert engine.incidents[0].launch_sites[0].radius_90_m >= 300.0


def test_a_withdrawn_track_ends_without_a_word_of_an_impact(scans):
    site, night = scans
    engine = Engine(site)
    fly(engine, night, night[0].time_s + 12.0)
    (book,) = engine.books.values()
    assert book.projectiles()
    n = len(engine.tracks)
    engine.tracks = replace(
        engine.tracks,
        status=np.full(n, ENDED),
        end_reason=np.full(n, END_WITHDRAWN),
        updated=np.zeros(n, bool),
    )
    events = [event for told in engine._follow() for event in told]
    assert "ended" in [event.status for event in events if isinstance(event, TrackEvent)]
    assert not any(isinstance(event, ForecastEvent) for event in events)
    assert not any(event.action == "clear" for event in alerts_of(events))
    assert book.projectiles() == []


def test_a_cancel_ends_the_alert_and_says_so(scans):
    site, night = scans
    engine = Engine(site)
    fly(engine, night, night[0].time_s + 12.0)
    (alert,) = alerts_of(engine.step(Command(engine.time_s, "cancel", "aim")))
    assert (alert.zone, alert.action, alert.impact_time) == ("aim", "cancel", None)


def test_new_zones_are_watched_from_then_on(scans):
    site, night = scans
    engine = Engine(replace(site, zones=(site.zones[1],)))
    assert not alerts_of(fly(engine, night, night[0].time_s + 12.0))
    (heard,) = engine.step(ZoneSet(engine.time_s, site.zones))
    assert (heard.source, heard.state) == ("zones", "ok")
    assert heard.reason.endswith("new: aim")
    later = [scan for scan in night if scan.time_s > engine.time_s]
    assert {alert.zone for alert in alerts_of(fly(engine, later))} == {"aim"}


def test_a_silent_radar_is_told_and_told_again_when_it_speaks():
    engine = Engine(make_site())
    engine.step(Scan(START_S, NO_PLOTS, (0,)))
    events = [event for i in range(1, 60) for event in engine.step(Tick(START_S + 0.25 * i))]
    assert [event.state for event in events] == ["degraded", "lost"]
    (event,) = engine.step(Scan(START_S + 15.0, NO_PLOTS, (0,)))
    assert (event.source, event.state) == ("karkh", "ok")


def test_the_end_of_a_recording_is_no_silence():
    engine = Engine(make_site())
    engine.step(Scan(START_S, NO_PLOTS, (0,)))
    assert settle(engine) == []


def test_a_stranger_is_named_once():
    engine = Engine(make_site())
    scan = Scan(START_S, NO_PLOTS, (0,), (Reject("unknown source", 3, "9/9"),))
    (event,) = engine.step(scan)
    assert (event.source, event.state) == ("9/9", "degraded")
    assert engine.step(replace(scan, time_s=START_S + 0.5)) == []


def test_an_unknown_command_is_heard():
    (event,) = Engine(make_site()).step(Command(START_S, "fire"))
    assert (event.source, event.state) == ("command", "degraded")
    assert "fire" in event.reason


def test_without_an_attack_the_incident_is_empty():
    incident = Engine(make_site()).incident([])
    assert (incident.id, incident.projectiles, incident.launch_sites) == (None, [], [])


def by_hand(time_s: float, verb: str, request: str, **wishes) -> Command:
    """A verified act of two people as it reaches the engine."""
    act = {"verb": verb, "request": request, "by": "amal", "released_by": "omar"} | wishes
    return Command(time_s, "by hand", json.dumps(act))


def test_what_people_do_without_an_attack_is_in_the_record():
    engine = Engine(make_site(zones=(square_zone("aim", 33.305, 44.400), square_zone("far", 33.5, 44.2))))
    engine.step(by_hand(START_S, "raise", "r1", zones=["far"], duration_s=60.0))
    engine.step(by_hand(START_S + 5.0, "raise", "r2", zones=["aim"], duration_s=600.0))
    engine.step(by_hand(START_S + 9.0, "cancel", "r3", target="r2"))
    engine.step(Tick(START_S + 61.0))
    incident = engine.incident([])
    assert incident.id is None
    told = [
        (alert.zone, alert.action, alert.manual.by, alert.manual.released_by) for alert in incident.alerts
    ]
    assert told == [
        ("far", "raise", "amal", "omar"), ("aim", "raise", "amal", "omar"),
        ("aim", "cancel", "amal", "omar"), ("far", "clear", "amal", "omar"),
    ]  # fmt: skip
    assert incident_of(incident_json(incident)) == incident


def test_what_people_do_before_an_attack_is_in_the_record_of_the_night(scans):
    site, night = scans
    engine = Engine(site, simulated=True)
    engine.step(by_hand(night[0].time_s - 20.0, "raise", "r1", zones=["far"], duration_s=60.0))
    fly(engine, night)
    settle(engine)
    alerts = engine.incident([]).alerts
    assert [alert.action for alert in alerts if alert.manual] == ["raise", "clear"]
    assert [alert.action for alert in alerts if alert.zone == "aim"][-1] == "clear"
    assert [alert.seq for alert in alerts] == sorted({alert.seq for alert in alerts})


def test_a_zone_set_that_loses_or_changes_a_zone_is_heard_until_it_is_confirmed():
    aim, far = square_zone("aim", 33.305, 44.400), square_zone("far", 33.5, 44.2)
    engine = Engine(make_site(zones=(aim, far)))
    moved = (replace(aim, polygons=far.polygons, names={"en": "Aim"}),)
    (heard,) = engine.step(ZoneSet(START_S, moved))
    assert (heard.source, heard.state) == ("zones", "degraded")
    assert heard.reason.endswith("gone: far; changed: aim")
    (heard,) = engine.step(ZoneSet(START_S + 1.0, moved))
    assert (heard.state, heard.reason.endswith("the same, confirmed")) == ("ok", True)
    renamed = (replace(moved[0], names={"en": "Other"}),)
    assert zones_version(renamed) == zones_version(moved) != zones_version((aim,))
    assert zones_version((aim, far)) == zones_version((far, aim))
