"""The climb to the farthest reach finds it, a flight is kept row by row, a moment of it is one of many."""

from functools import cache, partial

import numpy as np
import pytest

from rampart.files import InputFiles
from rampart.physics.flight import fly
from rampart.runner import fly as fly_file
from rampart.runner import fly_again, packaged_scenario
from rampart.simulate.catalogue import catalogue, weapon
from rampart.simulate.launcher import (
    ANGLES_RAD,
    _crossing,
    _farthest,
    _landing,
    _reach_m,
    _start_state,
    fly_round,
    varied_round,
)
from tests.sites import make_site

START_ENU_M = np.array([2000.0, 1000.0, 0.0])


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.name)
def test_the_climb_finds_what_trying_every_elevation_finds(kind):
    site, rng = make_site(), np.random.default_rng(3)
    launched = varied_round(kind, rng.standard_normal(2), rng.standard_normal(2))
    for speed_mps in launched.speeds_mps():
        land = partial(_landing, launched, START_ENU_M, speed_mps, site.world, site.terrain)
        reach_at = cache(partial(_reach_m, land, START_ENU_M, 0.7))
        best = _farthest(reach_at, level=True)
        climbed = reach_at.cache_info().currsize
        assert best == _farthest(reach_at, level=False)
        assert climbed < 0.5 * len(ANGLES_RAD)
        for side in (range(best, len(ANGLES_RAD)), range(best, -1, -1)):
            for share in (0.3, 0.9, 1.1):
                aim_m = share * reach_at(best)
                assert _crossing(reach_at, side, aim_m, True) == _crossing(reach_at, side, aim_m, False)


@pytest.mark.uncompiled
def test_a_flight_is_kept_at_even_times_and_ends_on_the_ground():
    site, launched = make_site(), varied_round(weapon("mortar-60mm"), np.zeros(2), np.zeros(2))
    state = _start_state(launched, np.array([0.0, 0.0, 0.1]), 12.0, 0.7, 0.9)
    time_s, states = fly_round(launched, state, site.world, site.terrain, 0.05)
    assert np.allclose(np.diff(time_s)[:-1], 0.05)
    assert 0.0 < time_s[-1] - time_s[-2] <= 0.05 + 1e-9
    assert 1.5 < time_s[-1] < 2.5
    assert abs(states[-1, 2]) < 0.01
    step = np.empty(9)
    fly(states[3], 0.05, site.world, launched.curve, 0.05, step)
    assert np.array_equal(step, states[4])


def test_states_at_many_times_are_those_at_each():
    files = InputFiles()
    flown = fly_file(packaged_scenario("baghdad-2020-11-17"), files, 5)
    for projectile in flown.truth.projectiles[:2]:
        times_s = np.linspace(projectile.launch_s, projectile.impact_s, 40)
        position_enu_m, velocity_enu_mps = projectile.states_at(times_s)
        for row, time_s in enumerate(times_s):
            position_m, velocity_mps = projectile.state_at(time_s)
            assert np.array_equal(position_m, position_enu_m[row])
            assert np.array_equal(velocity_mps, velocity_enu_mps[row])
    again = fly_again(files.contents, 5)
    assert again.scenario.seed == 5
    for one, other in zip(flown.truth.projectiles, again.truth.projectiles, strict=True):
        assert np.array_equal(one.position_enu_m, other.position_enu_m)
    assert fly_again(files.contents, 6).site is again.site
