"""Birds keep to their speeds, heights and places; drones to their routes; nothing leaps."""

import math

import numpy as np
import pytest

from rampart.errors import InputError
from rampart.physics.geodesy import enu_from_geodetic, height_of_enu
from rampart.simulate.look import BIRD, DRONE
from rampart.simulate.nuisance import fly_birds, fly_drone
from rampart.simulate.sensor import bystanders
from rampart.simulate.surroundings import Birds, Drone
from tests.simulate.sky import START_S
from tests.simulate.test_truth import AIM, scenario
from tests.sites import make_site

SITE = make_site()
ROUTE = ((AIM[0], AIM[1], 100.0), (AIM[0] + 1e-4, AIM[1], 150.0), (AIM[0] + 1e-4, AIM[1] + 2e-4, 80.0))


def flock(count: int = 40, duration_s: float = 120.0, **changes):
    birds = Birds(count, *AIM, 2000.0, **changes)
    return fly_birds(birds, duration_s, START_S, SITE, np.random.default_rng(1))


def moments_of(flyer):
    times_s = np.arange(flyer.time_s[0], flyer.time_s[-1], 0.3)
    places, velocities = zip(*(flyer.state_at(t) for t in times_s), strict=True)
    return np.array(places), np.array(velocities)


def test_birds_fly_as_fast_and_as_high_as_birds_do():
    for bird in flock(slowest_mps=9.0, fastest_mps=15.0, lowest_m=50.0, highest_m=120.0):
        places, velocities = moments_of(bird)
        speed_mps = np.hypot(velocities[:, 0], velocities[:, 1])
        assert 8.5 < np.median(speed_mps) < 15.2
        assert speed_mps.max() < 15.5
        assert np.abs(velocities[:, 2]).max() < 4.0
        above_m = np.array([height_of_enu(*p, SITE.frame) for p in places]) - 34.0
        assert above_m.min() > 45.0
        assert above_m.max() < 125.0


def test_wandering_birds_stay_about_their_place_and_travelling_ones_leave_along_their_heading():
    centre = np.array(enu_from_geodetic(*AIM, 34.0, SITE.frame))[:2]
    for bird in flock(duration_s=600.0):
        assert np.hypot(*(bird.position_enu_m[:, :2] - centre).T).max() < 2000.0 + 600.0
    for bird in flock(heading_rad=math.radians(45.0), duration_s=300.0):
        way = bird.position_enu_m[-1, :2] - bird.position_enu_m[0, :2]
        assert math.atan2(*way) == pytest.approx(math.radians(45.0), abs=0.6)
        assert np.hypot(*way) > 300.0 * 8.0 * 0.8


def test_birds_differ_in_size_about_the_one_stated():
    """200 draws about 0.01 m2 with 4 dB: mean within 4 standard errors, spread within 20 %."""
    dbsm = 10.0 * np.log10([bird.section_m2 for bird in flock(200, 2.0)])
    assert abs(dbsm.mean() + 20.0) < 4.0 * 4.0 / math.sqrt(200)
    assert dbsm.std() == pytest.approx(4.0, rel=0.2)


def test_a_drone_flies_its_route_at_its_speed_and_hovers():
    drone = fly_drone(0, Drone(5.0, ROUTE, 12.0, 20.0), 400.0, START_S, SITE)
    stops = [np.array(enu_from_geodetic(*place, SITE.frame)) for place in ROUTE]
    _, velocities = moments_of(drone)
    speed_mps = np.linalg.norm(velocities, axis=1)
    assert 11.0 < speed_mps.max() < 13.5
    assert np.mean(speed_mps < 0.5) > 0.2, "it hovers"
    assert np.abs(np.diff(velocities, axis=0)).max() / 0.3 < 12.0, "no leap in velocity"
    for stop in stops:
        assert np.linalg.norm(drone.position_enu_m - stop, axis=1).min() < 1.0
    assert drone.time_s[0] == START_S + 5.0
    assert drone.origin == DRONE


def test_a_drone_that_would_start_after_the_end_never_flies():
    assert fly_drone(0, Drone(500.0, ROUTE), 400.0, START_S, SITE) is None


def test_bystanders_are_the_same_at_every_call_and_know_what_they_are():
    night = scenario(birds=(Birds(3, *AIM, 500.0),), drones=(Drone(0.0, ROUTE),))
    first, second = bystanders(night, SITE), bystanders(night, SITE)
    assert [one.origin for one in first] == [BIRD] * 3 + [DRONE]
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.position_enu_m, b.position_enu_m)


@pytest.mark.parametrize("limits", [{"lowest_m": 400.0}, {"slowest_mps": 30.0}, {"slowest_mps": 0.0}])
def test_limits_that_do_not_rise_are_refused(limits):
    with pytest.raises(InputError, match="rising"):
        Birds(1, *AIM, 100.0, **limits)
