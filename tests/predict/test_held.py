"""What is held of a fit: a new plot added to it gives what a flight past all plots would."""

import numpy as np
import pytest

from rampart.predict import fit as fit_module
from rampart.predict.estimate import TrackFits
from rampart.predict.fit import LIBRARY, Fitter
from rampart.predict.landing import fly_straight, land, map_to_ground
from rampart.predict.priors import ROCKET_SHAPE, priors_of
from rampart.predict.sights import bias_precision_of, radars_of
from tests.predict.simulation import WEST, WORLD, exact_state, observe, rocket_122, site_of

SITE = site_of(WEST)
SHOT = rocket_122(burn_s=0.0)
PLOTS = observe(SHOT, (WEST,), np.random.default_rng(4), bias=[0.5 * WEST.bias_sigma], until_s=24.0)
NEVER = -1.0


def followed(first: int, monkeypatch=None, bias_sigma=None):
    """Return the estimate after each plot from the `first` on; without anything held where patched."""
    if monkeypatch is not None:
        for name in ("ENOUGH_HELD", "ENOUGH_HELD_LATE", "ENOUGH_LAGGING"):
            monkeypatch.setattr(fit_module, name, NEVER)
    fitter = Fitter(radars_of(SITE.radars), WORLD, 0.5)
    fits = TrackFits(fitter, priors_of(SITE.wind_sigma_mps), PLOTS.time_s[0])
    found = []
    for count in range(first, len(PLOTS) + 1):
        if bias_sigma is not None and count == len(PLOTS):
            fitter.radars.bias_precision[:] = bias_precision_of(bias_sigma)
        found.append(fits.update(PLOTS.take(slice(0, count)), exact_state(SHOT, 1.0), 0.0))
    return found


def test_held_fits_stay_within_a_twentieth_of_their_spread_of_those_flown_anew(monkeypatch):
    held = followed(6)
    for ours, anew in zip(held, followed(6, monkeypatch), strict=True):
        a, b = ours.fits[ROCKET_SHAPE], anew.fits[ROCKET_SHAPE]
        spread = np.sqrt(np.diag(b.covariance))
        assert np.all(np.abs(a.parameters - b.parameters) < 0.05 * spread)
        assert np.sqrt(np.diag(a.covariance)) == pytest.approx(spread, rel=0.05)
        assert a.log_evidence == pytest.approx(b.log_evidence, abs=0.1)
        assert a.numbers == b.numbers


def test_a_change_of_the_radars_biases_is_taken_up(monkeypatch):
    sigma = 0.3 * np.array([WEST.bias_sigma])
    ours = followed(len(PLOTS) - 3, None, sigma)[-1].fits[ROCKET_SHAPE]
    anew = followed(len(PLOTS) - 3, monkeypatch, sigma)[-1].fits[ROCKET_SHAPE]
    spread = np.sqrt(np.diag(anew.covariance))
    assert np.all(np.abs(ours.parameters - anew.parameters) < 0.05 * spread)
    assert np.sqrt(np.diag(ours.covariance)) == pytest.approx(spread, rel=0.02)


def test_a_plot_that_comes_late_is_fitted_too():
    fits = TrackFits(Fitter(radars_of(SITE.radars), WORLD, 0.5), priors_of(6.0), PLOTS.time_s[0])
    without = np.delete(np.arange(20), 12)
    fits.update(PLOTS.take(without), np.zeros(7), 0.0)
    late = fits.update(PLOTS.take(np.append(without, 12)), np.zeros(7), 0.0).fits[ROCKET_SHAPE]
    assert late.numbers == 80


def test_the_straight_map_lands_where_the_flight_does():
    """The rocket's fit at each plot by the map of an earlier plot's flight, as it is kept, and by a flight anew."""
    fits = TrackFits(
        Fitter(radars_of(SITE.radars), WORLD, 0.5), priors_of(SITE.wind_sigma_mps), PLOTS.time_s[0]
    )
    used = 0
    for count in range(6, len(PLOTS) + 1):
        estimate = fits.update(PLOTS.take(slice(0, count)), exact_state(SHOT, 1.0), 0.0)
        fit, newest_s = estimate.fits[ROCKET_SHAPE], float(estimate.sights.time_s[-1])
        flown = land(fit, LIBRARY[ROCKET_SHAPE], 6.0, WORLD, SITE.terrain, 1.0)
        spread, mean, covariance = fit.excess * fit.covariance, np.empty(3), np.empty((3, 3))
        known = (fit.parameters, fit.transition, spread)
        if not map_to_ground(ROCKET_SHAPE, *known, estimate.straights, 6.0, newest_s, mean, covariance):
            fly_straight(
                ROCKET_SHAPE, fit.state, fit.transition, fit.parameters, spread, LIBRARY[ROCKET_SHAPE], 6.0, WORLD,
                SITE.terrain, 1.0, newest_s, np.empty(LIBRARY.shape[2:]), estimate.straights, mean, covariance,
            )  # fmt: skip
            assert mean[:2] == pytest.approx(flown.impact_enu_m)
            continue
        used += 1
        off = mean[:2] - flown.impact_enu_m
        assert off @ np.linalg.solve(flown.covariance[:2, :2], off) < 0.1**2
        whiten = np.linalg.inv(np.linalg.cholesky(flown.covariance))
        assert whiten @ covariance @ whiten.T == pytest.approx(np.eye(3), abs=0.1)
        assert mean[2] == pytest.approx(flown.time_s, abs=0.1)
    assert used > 10
