"""The batch fit: it finds the truth, shrugs off a stray plot, and does not depend on where it begins."""

import numpy as np
import pytest

from rampart.domain.scan import Plots
from rampart.physics.drag import SHAPE_CURVES
from rampart.predict.fit import FAILED, FITTED, LIBRARY, Fitter
from rampart.predict.priors import priors_of
from rampart.predict.problem import PARAMETERS
from rampart.predict.sights import guess_state, places_each, radars_of, sights_of
from tests.predict.simulation import EAST, START_S, WEST, WORLD, exact_state, observe, radar_at, shoot

PRIORS = priors_of(6.0)
SHOT = shoot(300.0, 55.0, PRIORS[0].log_drag, SHAPE_CURVES[0])


def fitted(plots: Plots, radars=(WEST, EAST), shape=0, start=None, first=0, cold=True):
    fitter = Fitter(radars_of(radars), WORLD, 0.5)
    sights = sights_of(plots, plots.time_s.min())
    if start is None:
        start = np.zeros(PARAMETERS)
        start[:9] = guess_state(sights, fitter.radars, first, PRIORS[shape].log_drag)
    anchor = places_each(sights, fitter.radars)[0]
    bias = np.zeros((len(radars), 4))
    return fitter.fit(fitter.task(sights, first, anchor, PRIORS[shape], LIBRARY[shape]), start, bias, cold)


def test_without_noise_the_truth_is_found():
    plots = observe(SHOT, (WEST, EAST), np.random.default_rng(1), noise=0.0, detection=1.0)
    fit = fitted(plots)
    true = exact_state(SHOT, plots.time_s[-1] - START_S)
    assert fit.status == FITTED
    assert fit.state[:3] == pytest.approx(true[:3], abs=0.5)
    assert fit.state[3:6] == pytest.approx(true[3:6], abs=0.2)
    assert fit.parameters[6] == pytest.approx(PRIORS[0].log_drag, abs=0.01)
    assert fit.excess == 1.0


@pytest.mark.uncompiled
def test_a_short_track_is_fitted():
    plots = observe(SHOT, (WEST,), np.random.default_rng(1), until_s=2.0)
    fit = fitted(plots, (WEST,))
    true = exact_state(SHOT, plots.time_s[-1] - START_S)
    miss = fit.state[:3] - true[:3]
    spread = (fit.transition @ fit.covariance @ fit.transition.T)[:3, :3]
    assert fit.usable
    assert miss @ np.linalg.solve(spread, miss) < 16.3  # three numbers, one in a thousand
    assert np.all(np.linalg.eigvalsh(fit.covariance) > 0.0)


def test_warm_and_cold_starts_agree():
    plots = observe(SHOT, (WEST, EAST), np.random.default_rng(3), until_s=9.0)
    before = fitted(plots.take(slice(0, len(plots) - 1)))
    warm, cold = fitted(plots, start=before.parameters, cold=False), fitted(plots)
    spread = np.sqrt(np.diag(cold.covariance))
    assert np.abs((warm.parameters - cold.parameters) / spread).max() < 0.05
    assert warm.log_evidence == pytest.approx(cold.log_evidence, abs=0.05)


def test_a_stray_plot_hardly_moves_the_answer():
    plots = observe(SHOT, (WEST, EAST), np.random.default_rng(5), until_s=9.0)
    clean = fitted(plots)
    z = plots.measurement.copy()
    z[10] += [400.0, 0.03, -0.03, 40.0]
    stray = fitted(Plots(plots.time_s, plots.radar, z, plots.sigma, plots.snr_db))
    spread = np.sqrt(np.diag((clean.transition @ clean.covariance @ clean.transition.T)[:6, :6]))
    assert np.abs((stray.state - clean.state)[:6] / spread).max() < 1.0
    assert stray.excess < 2.0


def test_order_of_arrival_does_not_matter():
    plots = observe(SHOT, (WEST, EAST), np.random.default_rng(6), until_s=6.0)
    mixed = plots.take(np.random.default_rng(0).permutation(len(plots)))
    assert np.array_equal(fitted(plots).parameters, fitted(mixed).parameters)


def test_plots_without_elevation_or_rate_still_count():
    plots = observe(SHOT, (WEST, EAST), np.random.default_rng(7), until_s=8.0)
    z = plots.measurement.copy()
    z[4::3, 2], z[::2, 3] = np.nan, np.nan
    partial = fitted(Plots(plots.time_s, plots.radar, z, plots.sigma, plots.snr_db))
    without = fitted(plots.take(np.isfinite(z).all(axis=1)))
    assert partial.usable
    assert partial.numbers == int(np.isfinite(z).sum())
    assert np.linalg.slogdet(partial.covariance)[1] < np.linalg.slogdet(without.covariance)[1]


def test_a_known_bias_widens_and_is_not_averaged_away():
    """However many plots there are, the bias is in the spread of the azimuth in full."""
    true, sharp = (
        radar_at(33.30, 44.395, update_s=0.1),
        radar_at(33.30, 44.395, update_s=0.1, bias_sigma=np.zeros(4)),
    )
    plots = observe(SHOT, (true,), np.random.default_rng(8), until_s=12.0)
    sigma = []
    for radar in (true, sharp):
        fit = fitted(plots, (radar,))
        cov = (fit.transition @ fit.covariance @ fit.transition.T)[:2, :2]
        away = fit.state[:2] - radar.frame.origin_enu_m[:2]
        across = np.array([away[1], -away[0]]) / (away @ away)
        sigma.append(np.sqrt(across @ cov @ across))
    assert np.sqrt(sigma[0] ** 2 - sigma[1] ** 2) == pytest.approx(0.5e-3, rel=0.15)


@pytest.mark.uncompiled
def test_no_sight_used_is_a_status():
    plots = observe(SHOT, (WEST,), np.random.default_rng(9), until_s=1.0)
    start = np.zeros(PARAMETERS)
    start[:9] = SHOT.at(1.0)
    fit = fitted(plots, (WEST,), start=start, first=len(plots))
    assert fit.status == FAILED
    assert not fit.usable
    assert fit.excess == 1.0


def test_the_right_shape_has_the_evidence():
    plots = observe(SHOT, (WEST, EAST), np.random.default_rng(10))
    fast = shoot(620.0, 35.0, PRIORS[1].log_drag, SHAPE_CURVES[1])
    swift = observe(fast, (WEST, EAST), np.random.default_rng(10))
    assert fitted(swift, shape=1).log_evidence > fitted(swift, shape=2).log_evidence + 3.0
    assert fitted(swift, shape=1).log_evidence > fitted(swift, shape=0).log_evidence + 3.0
    assert fitted(plots, shape=0).log_evidence > fitted(plots, shape=3).log_evidence - 2.0
