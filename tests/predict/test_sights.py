"""Plots as the arrays of the fit: order, what was not measured, the first guess."""

import numpy as np
import pytest

from rampart.domain.scan import Plots
from rampart.physics.radar import measure
from rampart.predict.priors import priors_of
from rampart.predict.sights import (
    guess_state,
    place_of_sight,
    place_precision_each,
    places_each,
    radars_of,
    sights_of,
)
from tests.predict.simulation import EAST, START_S, WEST, exact_state, observe, rocket_122, shoot

RADARS = radars_of((WEST, EAST))


def plots_of(rows) -> Plots:
    measurement = np.array([row[2] for row in rows], float)
    return Plots(
        np.array([row[0] for row in rows], float), np.array([row[1] for row in rows], np.int64), measurement,
        np.tile(WEST.sigma, (len(rows), 1)), np.full(len(rows), np.nan),
    )  # fmt: skip


@pytest.mark.uncompiled
def test_sights_come_in_order_of_time_and_drop_what_has_no_place():
    z = [9000.0, 1.0, 0.1, -100.0]
    rows = [
        (12.0, 0, z),
        (10.0, 1, z),
        (11.0, 0, [np.nan, 1.0, 0.1, 5.0]),
        (11.5, 0, [8000.0, 1.0, np.nan, np.nan]),
    ]
    sights = sights_of(plots_of(rows), 10.0)
    assert sights.time_s.tolist() == [0.0, 1.5, 2.0]
    assert sights.radar.tolist() == [1, 0, 0]
    assert (sights.precision[1] > 0.0).tolist() == [True, True, False, False]
    assert np.all(np.isfinite(sights.measurement))
    places = places_each(sights, RADARS)
    assert np.isnan(places[1]).all()
    assert np.isfinite(places[[0, 2]]).all()
    assert (place_precision_each(sights, places, RADARS) > 0.0).tolist() == [True, False, True]


@pytest.mark.uncompiled
def test_place_of_a_sight_is_where_the_radar_saw_it():
    state = np.array([4000.0, 2500.0, 900.0, -200.0, 30.0, 40.0])
    sights = sights_of(plots_of([(0.0, 1, measure(state, EAST.frame))]), 0.0)
    assert place_of_sight(0, sights, RADARS) == pytest.approx(tuple(state[:3]), abs=1e-6)


def test_first_guess_lies_near_the_truth():
    shot = shoot(260.0, 55.0, -6.8, rocket_122().curve)
    plots = observe(shot, (WEST, EAST), np.random.default_rng(2), until_s=5.0)
    sights = sights_of(plots, plots.time_s[0])
    guess = guess_state(sights, RADARS, 0, priors_of(6.0)[0].log_drag)
    true = exact_state(shot, plots.time_s[0] - START_S)
    assert np.linalg.norm(guess[:3] - true[:3]) < 80.0
    assert np.linalg.norm(guess[3:6] - true[3:6]) < 40.0


@pytest.mark.uncompiled
def test_no_guess_without_two_heights():
    z = [9000.0, 1.0, np.nan, -100.0]
    sights = sights_of(plots_of([(10.0, 0, z), (10.5, 0, z), (11.0, 0, [9000.0, 1.0, 0.1, -100.0])]), 10.0)
    assert guess_state(sights, RADARS, 0, -7.0) is None


@pytest.mark.uncompiled
def test_a_radar_without_bias_keeps_a_finite_precision():
    from tests.predict.simulation import radar_at

    exact = radar_at(33.3, 44.4, bias_sigma=np.zeros(4))
    assert np.all(np.isfinite(radars_of((exact,)).bias_precision))
