"""Radars simulated as the site states them err, miss and invent as it says, and see nothing below the horizon."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rampart.physics.motion import STATE_SIZE
from rampart.physics.radar import geometric_from_apparent_elevation, measure
from rampart.physics.terrain import terrain_from_grid
from rampart.simulate.look import FALSE_PLOT
from rampart.simulate.scenario import RadarTruth
from rampart.simulate.sensor import observe
from rampart.simulate.stated import detection_probability, mean_snr_db
from rampart.simulate.truth import fly_scenario
from tests.simulate.sky import TRACK_S, hovering
from tests.simulate.test_truth import launch, scenario
from tests.sites import make_radar, make_site


def looks_of(truth, site, **changes):
    night = scenario(**({"duration_s": TRACK_S} | changes))
    return list(observe(truth, night, site, np.random.default_rng(4)))


def test_noise_bias_and_clock_are_as_described():
    """800 looks: means within 4 standard errors, spreads within 10 % (false alarm below 1 in 1,000)."""
    site = make_site()
    truth = hovering(site, 8000.0, 3000.0, 2500.0)
    errors = RadarTruth("karkh", 12.0, 1e-3, -2e-3, 0.25)
    looks = looks_of(truth, site, radar_truth=(errors,))
    state = np.zeros(STATE_SIZE)
    state[:3] = truth.projectiles[0].impact_enu_m
    true = np.array(measure(state, site.radars[0].frame))
    seen = np.vstack([look.plots.measurement[look.origin == 0] for look in looks])
    error = seen - true
    sigma = site.radars[0].sigma
    assert len(seen) > 600
    assert np.all(np.abs(error.mean(0) - [12.0, 1e-3, -2e-3, 0.0]) < 4.0 * sigma / math.sqrt(len(seen)))
    assert error.std(0) == pytest.approx(sigma, rel=0.1)
    assert looks[0].plots.time_s[0] == pytest.approx(1605632700.25)


def test_a_radar_without_stated_errors_errs_by_its_known_corrections():
    site = make_site()
    bias = np.array([40.0, 0.0, 0.0, 0.0])
    site = replace(site, radars=(make_radar(site.frame, bias=bias),))
    truth = hovering(site, 8000.0, 3000.0, 2500.0)
    seen = np.vstack([look.plots.measurement[look.origin == 0] for look in looks_of(truth, site)])
    state = np.zeros(STATE_SIZE)
    state[:3] = truth.projectiles[0].impact_enu_m
    assert seen[:, 0].mean() - measure(state, site.radars[0].frame)[0] == pytest.approx(40.0, abs=3.0)


def test_detection_falls_with_range_and_meets_the_stated_probability_half_way():
    radar = make_site().radars[0]
    at = [detection_probability(mean_snr_db(range_m, radar)) for range_m in (3e3, 15e3, 22e3, 30e3)]
    assert at[1] == pytest.approx(radar.detection_probability, abs=1e-6)
    assert at == sorted(at, reverse=True)
    assert at[0] > 0.999
    assert at[3] < 0.4


def test_the_share_of_detections_and_the_number_of_false_plots():
    """False alarm below 1 in 1,000: 4 standard errors of a binomial and of a Poisson count."""
    site = make_site()
    truth = hovering(site, 12000.0, 8000.0, 2500.0)
    looks = looks_of(truth, site)
    state = np.zeros(STATE_SIZE)
    state[:3] = truth.projectiles[0].impact_enu_m
    p = detection_probability(mean_snr_db(measure(state, site.radars[0].frame)[0], site.radars[0]))
    found = np.mean([np.any(look.origin == 0) for look in looks])
    false = np.mean([np.count_nonzero(look.origin == FALSE_PLOT) for look in looks])
    assert abs(found - p) < 4.0 * math.sqrt(p * (1.0 - p) / len(looks))
    assert abs(false - 5.0) < 4.0 * math.sqrt(5.0 / len(looks))


def test_nothing_is_seen_below_the_horizon_or_out_of_range():
    site = make_site()
    for place in ((8000.0, 3000.0, 40.0), (40000.0, 0.0, 5000.0), (-2200.0, -1600.0, 60.0)):
        assert not any(np.any(look.origin == 0) for look in looks_of(hovering(site, *place), site))


def test_a_hill_hides_what_is_behind_it_and_nothing_above_it():
    site = make_site()
    height_m = np.full((61, 61), 34.0)
    height_m[:, 35] = 400.0  # a ridge 5 km east of the origin, from north to south
    site = replace(site, terrain=terrain_from_grid(-30e3, -30e3, 1e3, height_m))
    behind, above = hovering(site, 12000.0, 0.0, 500.0), hovering(site, 12000.0, 0.0, 1500.0)
    assert not any(np.any(look.origin == 0) for look in looks_of(behind, site, duration_s=10.0))
    assert any(np.any(look.origin == 0) for look in looks_of(above, site, duration_s=10.0))


def test_an_apparent_elevation_has_refraction_in_it():
    """Mean of hundreds of elevations within 4 standard errors of the bent one, far from the straight one."""
    site = make_site()
    site = replace(
        site, radars=(make_radar(site.frame, apparent_elevation=True, detection_probability=0.999),)
    )
    truth = hovering(site, 18000.0, 16000.0, 1500.0)
    seen = np.vstack([look.plots.measurement[look.origin == 0] for look in looks_of(truth, site)])
    state = np.zeros(STATE_SIZE)
    state[:3] = truth.projectiles[0].impact_enu_m
    range_m, _, elevation_rad, _ = measure(state, site.radars[0].frame)
    error_rad = geometric_from_apparent_elevation(seen[:, 2].mean(), range_m) - elevation_rad
    assert abs(error_rad) < 4.0 * site.radars[0].sigma[2] / math.sqrt(len(seen))
    assert seen[:, 2].mean() - elevation_rad > 3e-4


@pytest.mark.parametrize("stated", [1e-9, 1e-6, 0.5, 1.0])
def test_any_stated_probability_of_detection_gives_a_number(stated):
    radar = make_radar(make_site().frame, detection_probability=stated)
    assert 0.0 < detection_probability(mean_snr_db(15e3, radar)) < 1.0


def test_a_radar_without_doppler_gives_none():
    site = make_site()
    sigma = np.array([15.0, 2e-3, 2e-3, math.nan])
    site = replace(site, radars=(make_radar(site.frame, sigma=sigma),))
    looks = looks_of(hovering(site, 8000.0, 3000.0, 2500.0), site, duration_s=5.0)
    assert all(np.isnan(look.plots.measurement[:, 3]).all() for look in looks)
    assert all(np.isfinite(look.plots.sigma).all() for look in looks)


def test_two_radars_look_in_order_of_time_and_the_seed_settles_everything():
    site = make_site()
    site = replace(site, radars=(site.radars[0], make_radar(site.frame, "rusafa", 2)))
    night = scenario(launch("rocket-122mm", 11.0))
    truth = fly_scenario(night, site, np.random.default_rng(1))
    first, second = (list(observe(truth, night, site, np.random.default_rng(9))) for _ in range(2))
    assert [look.time_s for look in first] == sorted(look.time_s for look in first)
    assert {look.radar for look in first} == {0, 1}
    assert all(
        np.array_equal(a.plots.measurement, b.plots.measurement) for a, b in zip(first, second, strict=True)
    )
