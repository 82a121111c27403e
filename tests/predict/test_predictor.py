"""The predictor: a forecast at each update, a last one with its fate, the same however it is run."""

import numpy as np
import pytest

from rampart.domain.scan import Plots
from rampart.domain.track import (
    END_GROUND,
    END_LOST,
    END_VANISHED,
    END_WITHDRAWN,
    NOT_ENDED,
    TENTATIVE,
    TrackTable,
    no_tracks,
)
from rampart.predict.predictor import Predictor, PredictSettings
from tests.predict.simulation import EAST, START_S, UNSEEN, WEST, observe, rocket_122, shoot, site_of
from tests.predict.tables import early, table

SITE = site_of(WEST, EAST)
SHOT = rocket_122()
PLOTS = observe(SHOT, (WEST, EAST), np.random.default_rng(3))


def test_forecasts_close_in_on_the_impact():
    predictor, spread = Predictor(SITE), []
    for tracked_s in (4.0, 6.0, 10.0, 15.0, 22.0):
        forecast = predictor.step(table(early(PLOTS, tracked_s)))[0]
        miss = SHOT.impact_enu_m - forecast.mean_enu_m
        assert miss @ np.linalg.solve(forecast.cov_enu_m2, miss) < 13.8
        assert abs(forecast.time_mean_s - START_S - SHOT.impact_s) < 4.5 * forecast.time_sd_s
        assert forecast.weight.sum() == pytest.approx(1.0)
        assert forecast.class_probability.sum() == pytest.approx(1.0)
        assert np.all(forecast.fate == 0.0)
        assert forecast.time_s == forecast.last_plot_s == early(PLOTS, tracked_s).time_s[-1]
        assert forecast.state_enu.shape == (9,)
        spread.append(np.sqrt(np.trace(forecast.cov_enu_m2)))
    assert np.all(np.diff(spread) < 0.0)
    assert spread[-1] < 25.0
    assert forecast.class_probability.argmax() == 0


def test_only_updated_confirmed_projectiles_get_a_forecast():
    predictor = Predictor(SITE)
    assert predictor.step(no_tracks()) == []
    good = table(early(PLOTS, 8.0))
    assert len(predictor.step(good)) == 1
    assert predictor.step(table(early(PLOTS, 8.0), updated=False)) == []
    assert predictor.step(table(early(PLOTS, 8.5), ballistic=0.3)) == []
    fields = {name: getattr(good, name) for name in TrackTable.__slots__}
    tentative = TrackTable(**fields | {"status": np.array([TENTATIVE]), "confirmed_s": np.array([np.nan])})
    assert Predictor(SITE).step(tentative) == []


def test_the_last_forecast_carries_the_fate():
    for reason, missed, after_s, upto_s, index in (
        (END_GROUND, 0, 1.0, 99.0, 0), (END_LOST, 1, 1.2, 99.0, 0), (END_VANISHED, 6, 3.0, 14.0, 1),
    ):  # fmt: skip
        predictor = Predictor(SITE)
        plots = early(PLOTS, upto_s)
        predictor.step(table(early(PLOTS, 10.0)))
        before = predictor.step(table(plots))[0]
        ended = table(plots, end_reason=reason, looks_missed=missed, now_s=plots.time_s[-1] + after_s)
        last = predictor.step(ended)[0]
        assert last.fate.sum() == pytest.approx(1.0)
        assert last.fate.argmax() == index
        assert np.array_equal(last.impact_enu_m, before.impact_enu_m)
        assert predictor.origin(1) is not None


def test_a_track_first_met_at_its_end_still_gets_a_last_forecast():
    ended = table(PLOTS, end_reason=END_GROUND, now_s=PLOTS.time_s[-1] + 1.0)
    last = Predictor(SITE).step(ended)
    assert len(last) == 1
    assert last[0].fate[0] > 0.8


def test_a_track_that_is_withdrawn_gets_no_last_forecast_and_no_origin():
    predictor = Predictor(SITE)
    assert len(predictor.step(table(early(PLOTS, 10.0)))) == 1
    assert predictor.step(table(early(PLOTS, 10.0), end_reason=END_WITHDRAWN)) == []
    assert predictor.origin(1) is None


def test_the_same_plots_give_the_same_forecast_to_the_bit():
    def run():
        predictor = Predictor(SITE, PredictSettings())
        other = observe(rocket_122(heading_deg=270.0), (WEST, EAST), np.random.default_rng(4))
        out = []
        for tracked_s in (4.0, 7.0, 12.0):
            out += predictor.step(table(early(PLOTS, tracked_s), early(other, tracked_s)))
        return out

    for one, two in zip(run(), run(), strict=True):
        assert one.track == two.track
        assert np.array_equal(one.impact_cov_m2, two.impact_cov_m2)
        assert np.array_equal(one.weight, two.weight)


def test_tracks_do_not_disturb_one_another():
    other = observe(rocket_122(heading_deg=272.0), (WEST, EAST), np.random.default_rng(5))
    alone, together = Predictor(SITE), Predictor(SITE)
    for tracked_s in (5.0, 9.0):
        single = alone.step(table(early(PLOTS, tracked_s)))[0]
        both = together.step(table(early(PLOTS, tracked_s), early(other, tracked_s)))
    assert len(both) == 2
    assert np.array_equal(single.impact_enu_m, both[0].impact_enu_m)


def test_plots_without_elevation_fall_back_on_the_filter():
    z = PLOTS.measurement.copy()
    z[:, 2] = np.nan
    flat = Plots(PLOTS.time_s, PLOTS.radar, z, PLOTS.sigma, PLOTS.snr_db)
    plots = early(flat, 6.0)
    mean = SHOT.at(plots.time_s[-1] - START_S)
    forecast = Predictor(SITE).step(table(plots, mean_enu=mean))[0]
    assert np.linalg.norm(forecast.mean_enu_m - SHOT.impact_enu_m) < 4.0 * np.sqrt(
        np.trace(forecast.cov_enu_m2)
    )
    under = np.concatenate([[0.0, 0.0, -900.0], np.zeros(4)])
    assert Predictor(SITE).step(table(plots, mean_enu=under)) == []


def test_a_burning_rocket_gets_a_broad_area_and_no_fate_but_unknown():
    long = rocket_122(burn_s=5.0, steepness_deg=30.0)
    plots = early(observe(long, (WEST, EAST), np.random.default_rng(6)), 2.0)
    mean = long.at(plots.time_s[-1] - START_S)
    predictor = Predictor(SITE)
    forecast = predictor.step(table(plots, mean_enu=mean, boost=0.9))[0]
    assert forecast.class_probability[0] > 0.9
    assert np.sqrt(np.trace(forecast.cov_enu_m2)) > 1500.0
    miss = long.impact_enu_m - forecast.mean_enu_m
    assert miss @ np.linalg.solve(forecast.cov_enu_m2, miss) < 9.2
    last = predictor.step(table(plots, mean_enu=mean, end_reason=END_LOST))
    assert last[0].fate[3] == 1.0
    assert predictor.origin(1) is None


def spoilt(plots: Plots, rng) -> Plots:
    """Return plots with something wrong about them: numbers, times, spreads, or what was measured at all."""
    z, time_s, sigma = plots.measurement.copy(), plots.time_s.copy(), plots.sigma.copy()
    match int(rng.integers(0, 8)):
        case 0:
            z *= rng.uniform(-2.0, 2.0, z.shape)
        case 1:
            z[rng.random(z.shape) < 0.4] = np.nan
        case 2:
            time_s[:] = time_s[0]
        case 3:
            z += rng.standard_normal(z.shape) * sigma * rng.uniform(1.0, 100.0)
        case 4:
            sigma[:] = rng.choice([1e-9, 1e9])
        case 5:
            z[:] = z[0]
        case 6:
            time_s = time_s[0] + (time_s - time_s[0]) * rng.uniform(0.0, 60.0)
        case _:
            time_s = time_s[rng.permutation(len(time_s))]
    return Plots(time_s, plots.radar, z, sigma, plots.snr_db)


def test_whatever_comes_in_nothing_breaks_and_what_goes_out_is_finite():
    rng = np.random.default_rng(8)
    for _ in range(200):
        plots = spoilt(PLOTS.take(np.sort(rng.choice(len(PLOTS), int(rng.integers(1, 40))))), rng)
        mean = SHOT.at(10.0)[:7] * rng.choice([1.0, np.nan, rng.uniform(-10.0, 10.0)])
        predictor = Predictor(SITE)
        for reason in (NOT_ENDED, NOT_ENDED, int(rng.integers(1, 4))):
            boost, missed = rng.choice([0.02, 0.9]), rng.uniform(0.0, 9.0)
            now_s = plots.time_s.max() + rng.uniform(0.0, 30.0)
            given = {"mean_enu": mean, "boost": boost, "looks_missed": missed, "now_s": now_s}
            for forecast in predictor.step(table(plots, end_reason=reason, **given)):
                numbers = [forecast.weight, forecast.impact_enu_m, forecast.impact_time_s, forecast.state_enu]
                numbers += [forecast.impact_time_sd_s, forecast.class_probability, forecast.fate]
                assert all(np.all(np.isfinite(number)) for number in numbers)
                assert np.all(np.linalg.eigvalsh(forecast.impact_cov_m2) > 0.0)
                assert 0.0 <= forecast.ballistic_probability <= 1.0
                assert forecast.fate.sum() == pytest.approx(float(reason != NOT_ENDED))


def test_a_track_longer_than_any_projectiles_is_followed_by_its_newest_part():
    predictor, start_s = Predictor(SITE), PLOTS.time_s[0]
    for upto in (60, 400, 800):
        time_s = start_s + np.arange(upto) * 0.5
        rows = np.arange(upto) % len(PLOTS)
        long = Plots(
            time_s, PLOTS.radar[rows], PLOTS.measurement[rows], PLOTS.sigma[rows], PLOTS.snr_db[rows]
        )
        predictor.step(table(long, mean_enu=SHOT.at(10.0)))
    followed = predictor._followed[1]
    assert len(followed.estimate.sights.time_s) <= 410


def test_an_unseen_drag_curve_stays_within_the_stated_area():
    shot = shoot(450.0, 35.0, np.log(0.0113 / 25.0), UNSEEN)
    plots, predictor, inside = observe(shot, (WEST, EAST), np.random.default_rng(7)), Predictor(SITE), 0
    for tracked_s in (4.0, 6.0, 8.0, 10.0, 15.0, 20.0):
        forecast = predictor.step(table(early(plots, tracked_s)))[0]
        miss = shot.impact_enu_m - forecast.mean_enu_m
        inside += miss @ np.linalg.solve(forecast.cov_enu_m2, miss) < 9.2
    assert inside >= 5
