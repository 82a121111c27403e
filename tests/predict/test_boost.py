"""Thrust: leading plots found, an aircraft's not taken for them, a broad area while it burns."""

import numpy as np
import pytest

from rampart.physics.flight import LANDED
from rampart.predict.boost import (
    burning_landings,
    coast,
    gathers_speed,
    leaving_out,
    not_untested,
    tabulate_leading,
)
from rampart.predict.estimate import TrackFits
from rampart.predict.fit import CLIP_2, LIBRARY, Fitter
from rampart.predict.normal import gather, solve_step
from rampart.predict.priors import priors_of
from rampart.predict.problem import PARAMETERS, Task, empty_normal, empty_room
from rampart.predict.sights import radars_of, sights_of
from tests.predict.simulation import EAST, START_S, WEST, WORLD, observe, radar_at, rocket_122, shoot, site_of
from tests.predict.tables import early

PRIORS = priors_of(6.0)
SITE = site_of(WEST, EAST)
FAST = radar_at(33.318, 44.43, "fast", update_s=0.25, min_elevation_rad=0.0, detection_probability=1.0)


def followed(plots, radars, boost=0.1):
    """Return the estimates of a track fed plot by plot."""
    fits = TrackFits(Fitter(radars_of(radars), WORLD, 0.5), PRIORS, plots.time_s[0])
    return [fits.update(plots.take(slice(0, n)), np.zeros(7), boost) for n in range(3, len(plots) + 1)]


def test_burning_plots_are_left_out_and_no_others():
    burn_s = 3.0
    shot = rocket_122(burn_s=burn_s, steepness_deg=30.0)
    plots = early(observe(shot, (FAST,), np.random.default_rng(1)), 10.0)
    estimates = followed(plots, (FAST,))
    burning = int(np.count_nonzero(plots.time_s - START_S < burn_s))
    assert burning >= 6
    assert abs(estimates[-1].leading - burning) <= 1
    assert estimates[-1].boost_nats > 20.0
    assert all(estimate.burning for estimate in estimates[2 : burning - 4])
    assert not estimates[-1].burning


def test_a_mortar_bomb_has_no_burnt_beginning():
    shot = shoot(250.0, 60.0, -6.8, LIBRARY[0][0])
    estimates = followed(early(observe(shot, (WEST, EAST), np.random.default_rng(2)), 9.0), (WEST, EAST))
    assert sum(estimate.leading > 1 for estimate in estimates) == 0
    assert not any(estimate.burning for estimate in estimates)


@pytest.mark.uncompiled
def test_even_flight_gathers_no_speed_and_thrust_does():
    time_s = np.linspace(0.0, 3.0, 13)
    noise = np.random.default_rng(3).standard_normal((13, 3)) * 20.0
    way = np.array([0.8, 0.5, 0.33])
    precision = np.full(13, 20.0**-2)
    assert gathers_speed(time_s, np.outer(0.5 * 250.0 * time_s**2, way) + noise, precision)
    assert not gathers_speed(time_s, np.outer(200.0 * time_s, way) + noise, precision)
    assert not gathers_speed(time_s, np.outer(400.0 * time_s - 20.0 * time_s**2, way) + noise, precision)
    assert not gathers_speed(time_s[:2], noise[:2], precision[:2])
    assert not gathers_speed(np.zeros(4), noise[:4], precision[:4])


@pytest.mark.uncompiled
def test_many_plots_are_left_out_only_where_they_gather_speed():
    radars, costs = radars_of((FAST,)), np.full(9, np.inf)
    costs[[0, 1, 2, 8]] = 50.0, 40.0, 41.0, 12.0
    for shot, kept in ((rocket_122(steepness_deg=30.0), 8), (shoot(250.0, 60.0, -6.8, LIBRARY[0][0]), 1)):
        plots = early(observe(shot, (FAST,), np.random.default_rng(4)), 6.0)
        sights = sights_of(plots, plots.time_s[0])
        assert not_untested(8, costs, sights, radars) == kept
        assert not_untested(1, costs, sights, radars) == 1


@pytest.mark.uncompiled
def test_costs_equal_those_of_fits_without_the_leading_plots():
    """The table made in one flight is what gathering and solving anew for each count gives."""
    shot = shoot(250.0, 60.0, -6.8, LIBRARY[0][0])
    plots = early(observe(shot, (WEST,), np.random.default_rng(5)), 3.5)
    sights, radars, prior = sights_of(plots, plots.time_s[0]), radars_of((WEST,)), PRIORS[0]
    parameters, bias = np.zeros(PARAMETERS), np.zeros((1, 4))
    parameters[:9] = shot.at(plots.time_s[0] - START_S)
    room, normal, anchor, costs = empty_room(), empty_normal(1), parameters[:3].copy(), np.empty(4)
    task = Task(sights, radars, 0, anchor, prior, LIBRARY[0], WORLD, 0.5)
    rows, missed = np.empty((3, 4, PARAMETERS)), np.empty((3, 4))
    best = tabulate_leading(parameters, bias, task, 3, room, normal, rows, missed, costs)
    assert best == np.argmin(costs)
    assert np.isfinite(costs[0])
    penalty = 0.0
    for first in range(4):
        task = Task(sights, radars, first, anchor, prior, LIBRARY[0], WORLD, 0.5)
        state, transition = np.empty(9), np.empty((9, PARAMETERS))
        tally = gather(parameters, bias, task, CLIP_2, room, normal, state, transition)
        promised, _, good = solve_step(normal, 0.0, room, np.empty(PARAMETERS), np.empty((1, 4)))
        assert good
        if np.isfinite(costs[first]):
            assert costs[first] == pytest.approx(tally.cost - promised + penalty, rel=1e-9, abs=1e-9)
        else:
            assert tally.cost - promised + penalty > costs[0]
        penalty += leaving_out(first, sights)


def test_a_burning_rocket_gets_a_broad_area_that_holds_the_truth():
    shot = rocket_122(steepness_deg=25.0)
    weight, landings = burning_landings(
        shot.at(1.5)[:7], np.diag([400.0] * 3 + [400.0] * 3 + [0.1]), SITE, 1.0
    )
    assert weight.sum() == pytest.approx(1.0)
    assert all(landing.status == LANDED for landing in landings)
    miss = [shot.impact_enu_m - landing.impact_enu_m for landing in landings]
    distance = [m @ np.linalg.solve(x.covariance[:2, :2], m) for m, x in zip(miss, landings, strict=True)]
    assert min(distance) < 4.6
    assert max(np.sqrt(x.covariance[0, 0]) for x in landings) > 1000.0


@pytest.mark.uncompiled
def test_a_coast_from_a_filter_state():
    kinematics = np.array([1000.0, 500.0, 150.0, -180.0, 10.0, -40.0])
    landing = coast(kinematics, np.diag([100.0] * 6), 4, SITE, 1.0)
    assert landing.status == LANDED
    assert 2.0 < landing.time_s < 4.0
    assert np.all(np.linalg.eigvalsh(landing.covariance) > 0.0)
