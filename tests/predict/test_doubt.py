"""Projectile or powered flight: an aircraft handed over wrongly is doubted, a projectile is not."""

import numpy as np
import pytest

from rampart.domain.scan import Plots
from rampart.physics.radar import measure
from rampart.predict.doubt import ballistic_share, powered_share, powered_squares
from rampart.predict.predictor import Predictor
from rampart.predict.sights import radars_of, sights_of
from tests.predict.simulation import EAST, START_S, WEST, observe, rocket_122, shoot, site_of
from tests.predict.tables import early, table


def aircraft(place, velocity, turn_radps=0.0, seconds=20.0, radars=(WEST, EAST), noise=1.0) -> Plots:
    """Return the plots of level or climbing flight, turning evenly."""
    rng, rows = np.random.default_rng(5), []
    for index, radar in enumerate(radars):
        for t in np.arange(rng.uniform(0.0, 0.5), seconds, 0.5):
            angle = turn_radps * t
            turned = (
                np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ velocity[:2]
            )
            mean_turn = np.sinc(angle / (2.0 * np.pi)) * t
            half = np.array(
                [[np.cos(angle / 2), -np.sin(angle / 2)], [np.sin(angle / 2), np.cos(angle / 2)]]
            ) @ np.asarray(velocity[:2])
            where = np.array(place) + np.append(half * mean_turn, velocity[2] * t)
            state = np.concatenate([where, turned, [velocity[2]]])
            z = np.array(measure(state, radar.frame)) + noise * rng.standard_normal(4) * radar.sigma
            rows.append((t, index, z))
    rows.sort(key=lambda row: row[0])
    return Plots(
        START_S + np.array([row[0] for row in rows]), np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows]), np.tile(WEST.sigma, (len(rows), 1)), np.full(len(rows), 10.0),
    )  # fmt: skip


FLIGHTS = {
    "airliner": ((12e3, 3e3, 5000.0), (-240.0, 10.0, 0.0), 0.0),
    "light aircraft": ((5e3, 3e3, 600.0), (-60.0, 10.0, 0.0), 0.0),
    "climbing": ((8e3, 1e3, 400.0), (-120.0, 10.0, 12.0), 0.0),
    "descending": ((9e3, 1e3, 3000.0), (-150.0, 10.0, -20.0), 0.0),
    "turning": ((9e3, 1e3, 1500.0), (-150.0, 10.0, 0.0), 0.05),
}


@pytest.mark.parametrize("name", FLIGHTS)
def test_an_aircraft_is_doubted_within_ten_seconds(name):
    place, velocity, turn = FLIGHTS[name]
    plots = aircraft(place, velocity, turn, 30.0)
    predictor = Predictor(site_of(WEST, EAST))
    share = []
    mean = np.concatenate([place, velocity, [-7.0]])
    for tracked_s in (3.0, 5.0, 8.0, 10.0, 15.0, 29.0):
        forecasts = predictor.step(table(early(plots, tracked_s), mean_enu=mean))
        share.append(forecasts[0].ballistic_probability if forecasts else 0.0)
    assert max(share[3:]) < 0.01


def test_a_rocket_is_not_doubted_even_by_a_radar_worse_than_it_says():
    for noise in (1.0, 1.5):
        plots = observe(rocket_122(), (WEST, EAST), np.random.default_rng(6), noise=noise)
        predictor = Predictor(site_of(WEST, EAST))
        for tracked_s in (4.0, 6.0, 10.0, 15.0, 22.0):
            forecast = predictor.step(table(early(plots, tracked_s), ballistic=0.95))[0]
            assert forecast.ballistic_probability > 0.85


@pytest.mark.uncompiled
def test_share_falls_with_residuals():
    assert ballistic_share(40.0, 40) > 0.99
    assert ballistic_share(100.0, 40) > 0.99
    assert ballistic_share(300.0, 40) < 0.01
    assert ballistic_share(1e9, 4) == 1.0


@pytest.mark.uncompiled
def test_powered_flight_fits_an_aircraft_and_not_a_shell():
    radars = radars_of((WEST,))
    plots = aircraft((6e3, 1e3, 800.0), (-100.0, 5.0, 0.0), 0.0, 6.0, (WEST,))
    sights = sights_of(plots, plots.time_s[0])
    assert powered_squares(0, sights, radars) < 2.0 * 4 * len(plots)
    assert powered_share(0, sights, radars, 12.0 * len(plots)) < 0.01
    fast = shoot(500.0, 40.0, -7.6, rocket_122().curve)
    other = observe(fast, (WEST,), np.random.default_rng(7), until_s=6.0)
    assert powered_share(0, sights_of(other, other.time_s[0]), radars, 4.0 * len(other)) > 0.99


@pytest.mark.uncompiled
def test_too_few_plots_decide_nothing():
    plots = aircraft((6e3, 1e3, 800.0), (-100.0, 5.0, 0.0), 0.0, 0.9, (WEST,))
    sights = sights_of(plots, plots.time_s[0])
    assert powered_share(0, sights, radars_of((WEST,)), 30.0 * len(plots)) == 1.0
