"""Plots and tracks: the fit against one joint update, first plots, gates that hold their plots."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from rampart.physics.radar import measure, measure_with_jacobian
from rampart.track.bank import empty_bank, empty_work
from rampart.track.fit import fit_row, log_begin, start_row, wrapped
from rampart.track.gate import admits, first_at_least, gate_box, in_box
from rampart.track.motions import NEVER, settle_weights, sky_of
from rampart.track.radars import cover_share, log_clutter_density, radars_of, range_share
from rampart.track.settings import BURNING, CRUISING, DRIFTING, FALLING, MOTIONS, TrackSettings
from tests.track.sky import make_radar, make_site

pytestmark = pytest.mark.uncompiled
SITE = make_site()
SKY = sky_of(SITE, TrackSettings())
N = len(MOTIONS)
SIGMA = np.array([15.0, 2e-3, 2e-3, 1.0])
TRUE = np.array([6000.0, 2000.0, 900.0, -300.0, -60.0, 220.0, -7.3])


def make_radars(*radars):
    site = make_site(*radars) if radars else SITE
    columns = radars_of(site.radars, TrackSettings())
    columns.table["log_false"][:] = np.log(5.0)
    return columns


RADARS = make_radars()


def plot_of(state, radar=SITE.radars[0]):
    return np.array(measure(state, radar.frame))


def only(motion, mean, cov):
    weight = np.full(N, NEVER)
    weight[motion] = 0.0
    return np.tile(mean, (N, 1)), np.tile(cov, (N, 1, 1)), weight


def test_fit_equals_the_joint_update_of_a_sharp_track():
    rng = np.random.default_rng(4)
    cov = np.diag([30.0**2] * 3 + [8.0**2] * 3 + [0.2])
    mean = TRUE + rng.normal(size=7) * np.sqrt(np.diag(cov))
    z = plot_of(TRUE) + rng.normal(size=4) * SIGMA
    predicted, jacobian = np.empty(4), np.empty((4, 6))
    measure_with_jacobian(mean, SITE.radars[0].frame, predicted, jacobian)
    h = np.hstack([jacobian, np.zeros((4, 1))])
    spread = h @ cov @ h.T + np.diag(SIGMA**2)
    gain = cov @ h.T @ np.linalg.inv(spread)
    means, covs, weight = only(FALLING, mean, cov)
    fit, distance = fit_row(means, covs, weight, z, SIGMA, 0, RADARS, empty_work(N))
    innovation = z - predicted
    assert fit == pytest.approx(multivariate_normal.logpdf(innovation, cov=spread), abs=0.05)
    assert distance == pytest.approx(innovation @ np.linalg.solve(spread, innovation), abs=0.1)
    np.testing.assert_allclose(means[FALLING], mean + gain @ innovation, atol=0.5)
    np.testing.assert_allclose(
        np.sqrt(np.diag(covs[FALLING])), np.sqrt(np.diag(cov - gain @ h @ cov)), rtol=0.02
    )


def test_unmeasured_columns_change_nothing():
    cov = np.diag([300.0**2] * 3 + [80.0**2] * 3 + [0.2])
    z = plot_of(TRUE)
    z[2] = z[3] = np.nan
    means, covs, weight = only(CRUISING, TRUE, cov)
    fit, distance = fit_row(means, covs, weight, z, SIGMA, 0, RADARS, empty_work(N))
    assert np.isfinite(fit)
    assert distance == pytest.approx(0.0, abs=1e-9)
    assert covs[CRUISING, 2, 2] == pytest.approx(300.0**2, rel=0.05)
    assert covs[CRUISING, 0, 0] < 60.0**2


def test_two_plots_teach_a_still_prior_its_velocity():
    means, covs, weight = np.empty((N, 7)), np.empty((N, 7, 7)), np.empty(N)
    work = empty_work(N)
    start_row(plot_of(TRUE), SIGMA, 800.0, 0, RADARS, SKY, work, means, covs, weight)
    later = TRUE.copy()
    later[:3] += 0.5 * TRUE[3:6]
    for motion in range(N):
        covs[motion, :3, :3] += 0.25 * covs[motion, 3:6, 3:6] + 0.5 * (
            covs[motion, :3, 3:6] + covs[motion, 3:6, :3]
        )
        covs[motion, :3, 3:6] += 0.5 * covs[motion, 3:6, 3:6]
        covs[motion, 3:6, :3] = covs[motion, :3, 3:6].T
        means[motion, :3] += 0.5 * means[motion, 3:6]
    fit_row(means, covs, weight, plot_of(later), SIGMA, 0, RADARS, work)
    np.testing.assert_allclose(means[FALLING, 3:6], TRUE[3:6], atol=15.0)
    assert weight[FALLING] > weight[CRUISING]
    assert weight[DRIFTING] == NEVER


def test_a_first_plot_weighs_height_range_rate_and_clutter():
    def start(height_m, rate_mps, radars=RADARS, elevation_rad=None):
        z = plot_of(TRUE)
        z[3] = rate_mps
        z[2] = elevation_rad or z[2]
        means, covs, weight = np.empty((N, 7)), np.empty((N, 7, 7)), np.empty(N)
        score = start_row(z, SIGMA, height_m, 0, radars, SKY, empty_work(N), means, covs, weight)
        return score, weight, means, covs

    rim_rad = RADARS.table["low_rad"][0] + 0.005
    low, high = start(100.0, -200.0, RADARS, rim_rad)[1], start(6000.0, -200.0, RADARS, 0.7)[1]
    assert low[FALLING] - low[CRUISING] > high[FALLING] - high[CRUISING] + 3.0
    fast, slow = start(100.0, -400.0)[1], start(100.0, 3.0)[1]
    assert fast[FALLING] - fast[CRUISING] > slow[FALLING] - slow[CRUISING] + 2.0
    assert slow[DRIFTING] > slow[FALLING]
    crowded = make_radars()
    crowded.table["log_false"][:] = np.log(500.0)
    assert start(100.0, -200.0)[0] - start(100.0, -200.0, crowded)[0] == pytest.approx(np.log(100.0))
    _, _, means, covs = start(100.0, -200.0)
    np.testing.assert_allclose(means[0, :3], TRUE[:3], atol=1e-6)
    assert np.sqrt(np.trace(covs[0, :3, :3])) == pytest.approx(np.hypot(15.0, 2e-3 * 8900.0 * 1.41), rel=0.1)


def test_a_projectile_is_seen_first_at_the_rim_of_cover():
    row, falls, flies = RADARS.table[0], SKY.motions[FALLING], SKY.motions[CRUISING]

    def begins(kind, range_m, elevation_rad):
        return log_begin(kind, range_m * np.sin(elevation_rad), range_m, elevation_rad, row)

    low, deep = row["low_rad"] + 0.005, 0.4
    for range_m in (3000.0, 12000.0):
        assert begins(falls, range_m, low) > begins(falls, range_m, deep) + 3.0
        assert begins(flies, range_m, low) < begins(flies, range_m, deep) + 0.5
    assert begins(falls, 12000.0, deep) > -9.0  # what is seen late is less likely, not impossible


def test_a_plot_without_elevation_starts_no_projectile():
    z = plot_of(TRUE)
    z[2] = np.nan
    means, covs, weight = np.empty((N, 7)), np.empty((N, 7, 7)), np.empty(N)
    assert np.isfinite(start_row(z, SIGMA, 0.0, 0, RADARS, SKY, empty_work(N), means, covs, weight))
    assert weight[FALLING] == weight[BURNING] == NEVER
    assert np.sqrt(covs[CRUISING, 2, 2]) > 1500.0


@pytest.mark.parametrize("spread_m", [20.0, 300.0])
def test_gates_hold_their_plots(spread_m):
    rng = np.random.default_rng(5)
    cov = np.diag([spread_m**2] * 3 + [(2.0 * spread_m) ** 2] * 3 + [0.2])
    work = empty_work(N)
    means, covs, weight = only(FALLING, TRUE, cov)
    centre = gate_box(means, covs, weight, 0.0, 0, RADARS, 30.0, work)
    held = 0
    for _ in range(300):
        state = TRUE + rng.normal(size=7) * np.sqrt(np.diag(cov))
        held += in_box(plot_of(state) + rng.normal(size=4) * SIGMA, centre, work.low, work.high)
    assert held >= 299
    assert not in_box(plot_of(TRUE) + [40.0 * spread_m, 0.0, 0.0, 0.0], centre, work.low, work.high)
    narrow = work.high - work.low
    gate_box(means, covs, weight, 0.25, 0, RADARS, 30.0, work)
    assert np.all(work.high - work.low > narrow)


def test_a_gate_across_north_is_one_piece():
    north = make_radar(6000.0, -3000.0)
    radars = make_radars(north)
    means, covs, weight = only(CRUISING, TRUE, np.diag([30.0**2] * 3 + [10.0**2] * 3 + [0.1]))
    work = empty_work(N)
    centre = gate_box(means, covs, weight, 0.0, 0, radars, 30.0, work)
    for turn in (-0.01, 0.01):
        z = plot_of(TRUE, north)
        z[1] = (z[1] + turn) % (2.0 * np.pi)
        assert in_box(z, centre, work.low, work.high)
    assert wrapped(2.0 * np.pi - 0.1) == pytest.approx(-0.1)
    assert wrapped(-3.0 * np.pi + 0.1) == pytest.approx(-np.pi + 0.1)


def test_first_at_least_finds_the_place_in_order():
    z = np.array([[5.0], [1.0], [3.0], [9.0]])
    order = np.argsort(z[:, 0])
    assert [first_at_least(z, order, r) for r in (0.0, 3.0, 4.0, 10.0)] == [0, 1, 2, 4]


def test_a_row_admits_no_second_plot_of_a_look_and_none_from_long_ago():
    bank, z = empty_bank(1, N, 1), plot_of(TRUE)
    bank.rows["time_s"][0] = 100.0
    assert admits(bank, 0, 99.0, z, 0, RADARS, 2.0)
    assert not admits(bank, 0, 97.0, z, 0, RADARS, 2.0)
    bank.sights["hits"][0, 0], bank.sights["seen_s"][0, 0] = 1.0, 100.0
    assert not admits(bank, 0, 100.0, z, 0, RADARS, 2.0)
    assert admits(bank, 0, 100.5, z, 0, RADARS, 2.0)
    bank.rows["level"][0] = True
    assert not admits(bank, 0, 100.5, z, 0, RADARS, 2.0)
    z[2] = np.nan
    assert admits(bank, 0, 100.5, z, 0, RADARS, 2.0)


def test_cover_and_range_shares():
    cov = np.diag([10.0**2] * 3 + [1.0] * 4)

    def share(east_m, up_m, ahead_s=0.0):
        state = np.array([east_m, -1600.0, up_m, 0.0, 0.0, -100.0, 0.0])
        return cover_share(state, cov, ahead_s, 0, RADARS)

    assert share(6000.0, 900.0) == pytest.approx(1.0, abs=0.01)
    assert share(6000.0, 20.0) < 0.1
    assert share(6000.0, 900.0, 9.0) < 0.1
    assert share(40000.0, 3000.0) < 0.01
    assert share(-2250.0, 2000.0) < 0.01
    assert range_share(10e3, 0, RADARS) == 1.0
    assert 0.5 < range_share(20e3, 0, RADARS) < 0.95
    assert range_share(30e3, 0, RADARS) == pytest.approx(0.24, abs=0.03)


def test_the_density_of_clutter_sums_to_its_number():
    rng = np.random.default_rng(6)
    z = np.column_stack(
        [
            rng.uniform(300.0, 30e3, 400),
            rng.uniform(0, 6.283, 400),
            rng.uniform(0.01, 1.2, 400),
            np.full(400, np.nan),
        ]
    )
    volume = (30e3 - 300.0) * 2.0 * np.pi * np.radians(69.5)
    density = np.exp([log_clutter_density(row, 0, RADARS) for row in z])
    assert density.mean() * volume == pytest.approx(5.0, rel=1e-6)
    rates = np.linspace(-500.0, 500.0, 4001)
    with_rate = [np.exp(log_clutter_density(np.array([5e3, 1.0, 0.1, r]), 0, RADARS)) for r in rates]
    assert np.trapezoid(with_rate, rates) * volume == pytest.approx(5.0, rel=0.01)


def test_a_filter_that_runs_away_is_ruled_out_and_leaves_the_others():
    bank, z = empty_bank(1, N, 1), plot_of(TRUE)
    start_row(z, SIGMA, 500.0, 0, RADARS, SKY, empty_work(N), bank.mean[0], bank.cov[0], bank.log_weight[0])
    bank.mean[0, 0, 3:6] = 3e5
    fit, _ = fit_row(bank.mean[0], bank.cov[0], bank.log_weight[0], z, SIGMA, 0, RADARS, empty_work(N))
    assert np.isfinite(fit)
    assert bank.log_weight[0, 0] == NEVER
    assert np.exp(bank.log_weight[0]).sum() == pytest.approx(1.0)


def test_a_weight_that_is_no_number_is_ruled_out():
    weight = np.array([np.nan, -1.0, -1.0])
    assert settle_weights(weight) == pytest.approx(np.log(2.0) - 1.0)
    assert weight.tolist() == pytest.approx([NEVER, -np.log(2.0), -np.log(2.0)])
