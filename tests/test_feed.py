"""Arrivals become inputs with ticks between them, and the journal's kinds read back."""

import itertools

import pytest

from rampart.domain.scan import Command, Tick, ZoneSet
from rampart.feed import TICK_S, Entry, command_entry, entries_of, input_of, ticks_from
from rampart.sense.recordings import Arrival
from tests.sites import make_site


def arrivals(*times_s: float) -> list[Arrival]:
    return [Arrival("csv", time_s, b"") for time_s in times_s]


def test_ticks_come_at_4_hz_of_the_arrivals_own_time_and_the_end_is_a_command():
    entries = list(entries_of(arrivals(100.1, 100.6, 101.0)))
    assert [(entry.kind, entry.time_s) for entry in entries] == [
        ("csv", 100.1),
        ("tick", 100.25),
        ("tick", 100.5),
        ("csv", 100.6),
        ("tick", 100.75),
        ("tick", 101.0),
        ("csv", 101.0),
        ("command", 101.0),
    ]


def test_a_late_arrival_does_not_turn_the_clock_back():
    times_s = [
        entry.time_s for entry in entries_of(arrivals(100.1, 100.9, 100.4, 101.3)) if entry.kind == "tick"
    ]
    assert times_s == sorted(times_s)
    assert len(set(times_s)) == len(times_s)


def test_a_gap_of_hours_is_not_ticked_through():
    entries = list(entries_of(arrivals(100.0, 50000.1, 50000.3)))
    assert [(entry.kind, entry.time_s) for entry in entries[1:4]] == [
        ("tick", 50000.0),
        ("csv", 50000.1),
        ("tick", 50000.25),
    ]


def test_nothing_in_gives_nothing_out():
    assert list(entries_of([])) == []


def test_ticks_go_on_after_the_end():
    times_s = [entry.time_s for entry in itertools.islice(ticks_from(10.1, 2.0), 3)]
    assert times_s == [10.25, 10.25 + TICK_S, 10.25 + 2 * TICK_S]


def test_the_kinds_of_the_journal_read_back():
    site = make_site()
    assert input_of(Entry("tick", 5.0), site) == Tick(5.0)
    assert input_of(command_entry(6.0, "cancel", "zone a"), site) == Command(6.0, "cancel", "zone a")
    zones = b"""{"type": "FeatureCollection", "features": [{"type": "Feature",
        "properties": {"id": "a", "name": "A", "kind": "public"}, "geometry": {"type": "Polygon",
        "coordinates": [[[44.3, 33.2], [44.5, 33.2], [44.5, 33.4], [44.3, 33.2]]]}}]}"""
    item = input_of(Entry("zones", 7.0, zones), site)
    assert isinstance(item, ZoneSet)
    assert item.zones[0].id == "a"
    with pytest.raises(ValueError, match="telepathy"):
        input_of(Entry("telepathy", 1.0), site)
