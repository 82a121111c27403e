"""The book of an attack closes into the incident that INTERFACES describes."""

import math

import numpy as np
import pytest

from rampart.attack import AttackBook
from rampart.domain.event import AlertEvent, ForecastEvent, Impact, TrackEvent, ZoneProbability
from rampart.domain.forecast import LaunchSite
from rampart.domain.site import Zone
from rampart.domain.wire import iso_time

GROUND = {"ground": 0.9, "airburst": 0.05, "intercepted": 0.0, "unknown": 0.05}
BURST = {"ground": 0.1, "airburst": 0.8, "intercepted": 0.05, "unknown": 0.05}


class Place:
    """The parts of a site that a book reads."""

    def __init__(self, frame):
        self.id = "here"
        self.frame = frame
        ring = np.radians([[44.38, 33.28], [44.42, 33.28], [44.42, 33.32], [44.38, 33.32], [44.38, 33.28]])
        self.zones = (Zone("in", {"": "In"}, "public", 10.0, 30.0, ((ring,),)),)


@pytest.fixture
def book():
    from rampart.physics.geodesy import frame_at

    return AttackBook("here-20201117T170505Z", Place(frame_at(math.radians(33.3), math.radians(44.4), 34.0)))


def sensed(track: int, latitude_deg: float, impact_s: float, fate=None, rocket: float = 0.9):
    probability = {"rocket": rocket, "mortar": 0.0, "artillery": 0.0, "aircraft": 1.0 - rocket, "other": 0.0}
    name = "rocket" if rocket > 0.5 else "aircraft"
    seen = TrackEvent(
        1, iso_time(10.0), track, "ended", 33.3, 44.4, 100.0, [0.0, 0.0, -1.0], name, probability
    )
    impact = Impact(iso_time(impact_s), 0.5, latitude_deg, 44.4, [[100.0, 0.0], [0.0, 100.0]])
    return seen, ForecastEvent(2, iso_time(10.0), track, impact, [ZoneProbability("in", 0.9)], fate)


def raised(time_s: float, action: str = "raise") -> AlertEvent:
    return AlertEvent(3, iso_time(time_s), "here-x-in", "in", action, "test", 0.9, iso_time(40.0), 20.0, [1])


def test_a_track_that_was_none_of_its_own_is_not_in_the_record(book):
    book.add(*sensed(1, 33.30, 40.0, GROUND), first_plot_s=10.0, confirmed_s=11.0)
    book.add(*sensed(2, 33.30, 38.0, BURST), first_plot_s=12.0, confirmed_s=13.0)
    book.withdraw(2)
    book.withdraw(7)
    assert [p.track for p in book.close([], simulated=True).projectiles] == [1]


def test_impacts_bursts_and_warning_seconds_by_zone(book):
    book.add(*sensed(1, 33.30, 40.0, GROUND), first_plot_s=10.0, confirmed_s=11.0)
    book.add(*sensed(2, 33.30, 38.0, BURST), first_plot_s=12.0, confirmed_s=13.0)
    book.add(*sensed(3, 33.90, 39.0, GROUND), first_plot_s=9.0, confirmed_s=10.0)
    book.alerts += [raised(20.0), raised(22.0, "revise")]
    incident = book.close([], simulated=True)
    assert [p.track for p in incident.projectiles] == [1, 2, 3]
    assert [p.zones for p in incident.projectiles] == [["in"], ["in"], []]
    assert incident.start == iso_time(9.0)
    assert incident.end == iso_time(40.0)
    (zone,) = incident.zones
    assert (zone.zone, zone.impacts, zone.warned, zone.warning_s) == ("in", 1, True, 20.0)
    assert incident.simulated


def test_a_zone_warned_too_late_was_not_warned(book):
    book.add(*sensed(1, 33.30, 40.0, GROUND), first_plot_s=10.0, confirmed_s=11.0)
    book.alerts.append(raised(41.0))
    (zone,) = book.close([], simulated=False).zones
    assert not zone.warned
    assert zone.warning_s == -1.0


def test_a_zone_warned_for_nothing_is_listed(book):
    book.add(*sensed(1, 33.90, 40.0, GROUND), first_plot_s=10.0, confirmed_s=11.0)
    book.alerts.append(raised(20.0))
    (zone,) = book.close([], simulated=False).zones
    assert (zone.impacts, zone.warned, zone.warning_s) == (0, True, None)


def test_what_turned_out_an_aircraft_is_no_projectile(book):
    book.add(*sensed(1, 33.30, 40.0), first_plot_s=10.0, confirmed_s=11.0)
    book.add(*sensed(1, 33.30, 40.0, rocket=0.1), first_plot_s=10.0, confirmed_s=11.0)
    assert book.projectiles() == []
    assert book.close([], simulated=False).start is None


def test_a_launch_area_is_never_finer_than_300_m(book):
    place = LaunchSite(np.array([5000.0, 100.0]), 41.0, (1, 2), 0.97)
    (area,) = book.close([place], simulated=True).launch_sites
    assert area.radius_90_m == 300.0
    assert area.projectiles == [1, 2]
    assert area.longitude_deg == pytest.approx(44.4 + 5000.0 / 93040.0, abs=1e-3)
    assert round(area.latitude_deg, 3) == area.latitude_deg
