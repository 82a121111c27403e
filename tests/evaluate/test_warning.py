"""Who counts as warned, missed or needlessly warned, by hand-made alarms and falls over the sample's zones."""

from dataclasses import replace

import pytest

from rampart.domain.event import AlertEvent
from rampart.domain.wire import iso_time
from rampart.evaluate.plane import distance_to_zone_m
from rampart.evaluate.warning import (
    Fall,
    Standing,
    attacks_of,
    falls_of_truth,
    share_with_time_to_shelter,
    standing_alarms,
    zone_warnings,
)
from tests.evaluate.salvo import make_night

SITE = make_night().run.site
ZONES = {zone.id: zone for zone in SITE.zones}
EMBASSY = (33.2990, 44.3960)


def fall(time_s: float, *endangers: str, place=EMBASSY, seen_s: float | None = None) -> Fall:
    return Fall("p", time_s - 30.0 if seen_s is None else seen_s, time_s, (place,), endangers, True)


def alarm(zone: str, raised_s: float, until_s: float = 1000.0) -> Standing:
    return Standing(f"attack-{zone}", zone, raised_s, until_s)


def row_of(alarms, falls, zone="green-zone", ideal_s=None):
    (row,) = [row for row in zone_warnings(alarms, falls, SITE, 500.0, ideal_s) if row.zone == zone]
    return row


@pytest.mark.parametrize(
    ("raised_s", "until_s", "ideal_s", "warning_s", "warned"),
    [
        (85.0, 1000.0, None, 15.0, True),  # ten seconds and more
        (95.0, 1000.0, None, 5.0, False),  # too late
        (95.0, 1000.0, 94.2, 5.0, True),  # late, but within a second of the ideal
        (95.0, 1000.0, 93.0, 5.0, False),
        (85.0, 99.0, None, 0.0, False),  # cleared before the fall
        (101.0, 1000.0, None, 0.0, False),  # raised after it
    ],
)
def test_a_zone_is_warned_in_time_or_as_soon_as_could_be(raised_s, until_s, ideal_s, warning_s, warned):
    ideal = {(0, "green-zone"): ideal_s} if ideal_s else None
    row = row_of([alarm("green-zone", raised_s, until_s)], [fall(100.0, "green-zone")], ideal_s=ideal)
    assert row.hit
    assert row.warning_s == pytest.approx(warning_s)
    assert row.warned is warned
    assert row.needless_person_minutes == 0.0


def test_a_zone_that_nobody_alarmed_got_nothing():
    row = row_of([], [fall(100.0, "green-zone")])
    assert (row.warning_s, row.raised_s, row.warned, row.time_to_shelter) == (0.0, None, False, False)


def test_the_first_fall_counts():
    row = row_of([alarm("green-zone", 85.0)], [fall(120.0, "green-zone"), fall(100.0, "green-zone")])
    assert (row.falls, row.first_fall_s, row.warning_s) == (2, 100.0, 15.0)


def test_needless_is_beyond_the_danger_radius_and_a_kilometre_but_minutes_forgive_nothing():
    gap_m = {zone: distance_to_zone_m(*EMBASSY, ZONES[zone]) for zone in ZONES}
    near = min((zone for zone in ZONES if 200.0 < gap_m[zone] < 1100.0), key=lambda zone: gap_m[zone])
    far = next(zone for zone in ZONES if gap_m[zone] > 1200.0)
    falls = [fall(100.0, "green-zone")]
    alarms = [alarm(near, 85.0, 205.0), alarm(far, 85.0, 205.0)]
    close_by, needless = row_of(alarms, falls, near), row_of(alarms, falls, far)
    assert not close_by.needless
    assert needless.needless
    for row in (close_by, needless):
        assert row.needless_person_minutes == pytest.approx(row.population * 2.0)
        assert not row.warned


def test_an_alarm_without_an_attack_is_needless_and_lasts_to_the_end():
    row = row_of([alarm("green-zone", 440.0, float("inf"))], [])
    assert (row.attack, row.needless, row.warning_s) == (-1, True, None)
    assert row.needless_person_minutes == pytest.approx(row.population)


def test_attacks_are_cut_by_the_gap_and_keep_their_own_alarms():
    falls = [fall(100.0, "green-zone"), fall(1000.0, "green-zone")]
    assert [len(attack) for attack in attacks_of(falls, SITE.warning.attack_gap_s)] == [1, 1]
    rows = zone_warnings([alarm("green-zone", 85.0, 160.0)], falls, SITE, 2000.0)
    assert [(row.attack, row.warned) for row in rows] == [(0, True), (1, False)]


def test_share_with_time_to_shelter_weighs_people():
    falls = [fall(100.0, "green-zone", "medical-city")]
    rows = zone_warnings([alarm("green-zone", 80.0), alarm("medical-city", 95.0)], falls, SITE, 500.0)
    people = {row.zone: row.population for row in rows}
    assert share_with_time_to_shelter(rows) == pytest.approx(people["green-zone"] / sum(people.values()))
    empty = [replace(row, population=0.0) for row in rows]
    assert share_with_time_to_shelter(empty) == 0.5
    assert share_with_time_to_shelter([]) is None


def test_alarms_stand_from_raise_to_clear_or_cancel():
    def event(time_s, zone, action):
        return AlertEvent(0, iso_time(time_s), f"a-{zone}", zone, action, "test", 0.1, None, None, [])

    events = [
        event(10, "x", "raise"),
        event(11, "y", "raise"),
        event(12, "x", "revise"),
        event(20, "x", "clear"),
        event(21, "y", "cancel"),
        event(30, "x", "raise"),
        event(31, "z", "clear"),
    ]
    stood = [(a.zone, a.raised_s, a.until_s) for a in standing_alarms(events)]
    assert stood == [("x", 10.0, 20.0), ("y", 11.0, 21.0), ("x", 30.0, float("inf"))]


def test_the_fall_of_a_burst_is_where_it_would_have_come_down():
    falls = falls_of_truth(make_night().truth)
    (burst,) = [fall for fall in falls if not fall.reached]
    entry = next(p for p in make_night().truth["projectiles"] if p["fate"] == "airburst")
    assert len(burst.places) == 2
    assert iso_time(burst.time_s) == entry["would_impact"]["time"]
    assert all(len(fall.places) == 1 for fall in falls if fall.reached)
