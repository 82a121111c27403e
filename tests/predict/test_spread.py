"""A fit carried to the ground: derivatives against differences, the bend against samples, failures as a
status."""

import numpy as np
import pytest

from rampart.physics.drag import SHAPE_CURVES
from rampart.physics.flight import LANDED, UNDERGROUND, fly_to_ground
from rampart.predict.fit import FITTED, LIBRARY, Fit
from rampart.predict.landing import land
from rampart.predict.path import lay_curve
from rampart.predict.problem import PARAMETERS
from rampart.predict.spread import impact_rows
from tests.predict.simulation import TERRAIN, WORLD, shoot

SHAPE = 0
SHOT = shoot(200.0, 50.0, -6.7, SHAPE_CURVES[SHAPE])
SIGMA = np.array([15.0, 15.0, 15.0, 6.0, 6.0, 6.0, 0.3, 5.0, 5.0, 0.05, 0.05])


def fit_at(time_s: float, sigma=SIGMA) -> Fit:
    """Return a fit whose epoch is the newest plot, so that its parameters are the state."""
    parameters = np.concatenate([SHOT.at(time_s), [0.02, -0.03]])
    transition = np.eye(9, PARAMETERS)
    return Fit(
        FITTED,
        parameters,
        np.zeros((1, 4)),
        np.diag(sigma**2),
        parameters[:9].copy(),
        transition,
        0.0,
        40.0,
        4.0,
        40,
    )


def naive_impact(parameters) -> np.ndarray:
    """Return east, north and time of one flight to the ground."""
    curve, landed = np.empty(SHAPE_CURVES.shape[1:]), np.empty(9)
    lay_curve(LIBRARY[SHAPE], parameters[9], parameters[10], curve)
    time_s, status = fly_to_ground(parameters[:9].copy(), WORLD, curve, TERRAIN, 0.25, 200.0, landed)
    assert status == LANDED
    return np.array([landed[0], landed[1], time_s])


@pytest.mark.uncompiled
def test_rows_equal_differences():
    fit = fit_at(SHOT.impact_s - 4.0)
    mean, rows, ahead = np.empty(3), np.empty((3, PARAMETERS)), np.empty((3, PARAMETERS))
    status = impact_rows(
        fit.state, fit.transition, fit.parameters, LIBRARY[SHAPE], WORLD, TERRAIN, 0.5,
        np.empty(SHAPE_CURVES.shape[1:]), mean, rows, ahead,
    )  # fmt: skip
    assert status == LANDED
    assert mean == pytest.approx(naive_impact(fit.parameters), abs=0.01)
    for j, step in enumerate([1.0] * 3 + [0.1] * 3 + [1e-3, 0.1, 0.1, 1e-2, 1e-2]):
        move = np.zeros(PARAMETERS)
        move[j] = step
        slope = (naive_impact(fit.parameters + move) - naive_impact(fit.parameters - move)) / (2.0 * step)
        assert rows[:, j] == pytest.approx(slope, rel=0.02, abs=0.02 * np.abs(slope).max() + 1e-6)


def test_bent_mean_and_covariance_are_those_of_samples():
    sigma = SIGMA * np.array([1.0] * 3 + [4.0] * 3 + [1.0] * 5)
    fit = fit_at(2.0, sigma)
    rng = np.random.default_rng(1)
    samples = np.array(
        [naive_impact(fit.parameters + sigma * rng.standard_normal(PARAMETERS)) for _ in range(4000)]
    )
    bent = land(fit, LIBRARY[SHAPE], 0.0, WORLD, TERRAIN, 0.5)
    error = samples[:, :2].mean(axis=0) - bent.impact_enu_m
    assert np.linalg.norm(error) < 4.0 * np.sqrt(np.trace(np.cov(samples[:, :2].T)) / len(samples)) + 12.0
    straight = naive_impact(fit.parameters)[:2]
    assert np.linalg.norm(error) < 0.5 * np.linalg.norm(samples[:, :2].mean(axis=0) - straight)
    spread = np.sqrt(np.diag(bent.covariance))
    assert spread == pytest.approx(samples.std(axis=0), rel=0.08)


@pytest.mark.uncompiled
def test_a_bent_landing_close_to_the_ground():
    sigma = SIGMA * np.array([20.0] * 3 + [1.0] * 8)
    landing = land(fit_at(SHOT.impact_s - 3.0, sigma), LIBRARY[SHAPE], 5.0, WORLD, TERRAIN, 1.0)
    assert landing.status == LANDED
    assert np.all(np.linalg.eigvalsh(landing.covariance) > 0.0)
    assert np.linalg.norm(landing.impact_enu_m - SHOT.impact_enu_m) < 120.0


def test_unknown_wind_ahead_and_excess_noise_widen():
    calm, windy = (land(fit_at(3.0), LIBRARY[SHAPE], wind, WORLD, TERRAIN, 1.0) for wind in (0.0, 10.0))
    assert np.all(np.linalg.eigvalsh(windy.covariance[:2, :2] - calm.covariance[:2, :2]) > 0.0)
    noisy = fit_at(3.0)
    noisy = Fit(**{name: getattr(noisy, name) for name in Fit.__slots__} | {"squares": 160.0})
    assert noisy.excess > 3.0
    assert np.trace(land(noisy, LIBRARY[SHAPE], 0.0, WORLD, TERRAIN, 1.0).covariance) > 2.5 * np.trace(
        calm.covariance
    )


@pytest.mark.uncompiled
def test_a_state_under_the_ground_is_a_status():
    fit = fit_at(2.0)
    fit.state[2] = -500.0
    assert land(fit, LIBRARY[SHAPE], 5.0, WORLD, TERRAIN, 1.0).status == UNDERGROUND
