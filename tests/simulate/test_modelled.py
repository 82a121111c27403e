"""A radar simulated by its physics: what it sees where and when, how well, and what else it reports."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rampart.physics.motion import STATE_SIZE
from rampart.physics.radar import measure
from rampart.physics.terrain import terrain_from_grid
from rampart.sense.recordings import scan_of
from rampart.simulate.crosssection import BODIES, cos_aspect, section_m2
from rampart.simulate.echo import detection_probability, mean_snr
from rampart.simulate.encode import encode_look, quantise
from rampart.simulate.look import BIRD, CLUTTER, FALSE_PLOT
from rampart.simulate.scenario import RadarTruth
from rampart.simulate.sensor import observe
from rampart.simulate.surroundings import ROTATING, Birds, ClutterPatch, RadarModel
from rampart.simulate.truth import Truth
from tests.simulate.sky import START_S, TRACK_S, flying, hovering
from tests.simulate.test_truth import AIM, scenario
from tests.sites import make_radar, make_site

QUIET = RadarModel("karkh", false_alarm_probability=1e-15, cfar_cells=0)
PLACE = (12000.0, 8000.0, 2500.0)


def looks_of(truth, site, model=QUIET, **changes):
    night = scenario(**({"duration_s": TRACK_S, "radar_models": (model,)} | changes))
    return list(observe(truth, night, site, np.random.default_rng(4)))


def plots_of(looks, origin=0):
    times = np.concatenate([look.plots.time_s[look.origin == origin] for look in looks])
    return times, np.vstack([look.plots.measurement[look.origin == origin] for look in looks])


def true_place(truth, site):
    state = np.zeros(STATE_SIZE)
    state[:3] = truth.projectiles[0].impact_enu_m
    return np.array(measure(state, site.radars[0].frame))


def test_a_rotating_radar_sees_when_it_points_and_an_electronic_one_bar_by_bar():
    site = make_site((make_radar(make_site().frame, update_s=4.0),))
    truth = hovering(site, *PLACE)
    azimuth_rad = true_place(truth, site)[1]
    times, _ = plots_of(looks_of(truth, site, replace(QUIET, scan=ROTATING, reference_snr_db=80.0)))
    assert (times - START_S) % 4.0 == pytest.approx(
        [azimuth_rad / (2.0 * math.pi) * 4.0] * len(times), abs=1e-3
    )
    assert len(times) == TRACK_S / 4.0
    times, _ = plots_of(looks_of(truth, site, replace(QUIET, reference_snr_db=80.0)))
    assert np.ptp((times - START_S) % 4.0) < 1e-6
    assert (times[0] - START_S) % 4.0 < 1.0, "low bars come first"


def test_blocks_come_in_order_and_hold_what_was_seen_before_them():
    site = make_site()
    night = looks_of(hovering(site, *PLACE), site, RadarModel("karkh"), duration_s=20.0)
    sent = [look.time_s for look in night]
    assert sent == sorted(sent)
    assert np.diff(sent) == pytest.approx([0.5 / 8] * (len(sent) - 1))
    for look in night:
        assert np.all(
            (look.plots.time_s <= look.time_s) & (look.plots.time_s >= look.time_s - 0.5 / 8 - 1e-6)
        )


def test_detection_in_a_run_is_that_of_the_equation():
    """800 looks at one place, no loss but range and beam: within 4 standard errors of the closed form."""
    site = make_site()
    model = replace(QUIET, scan=ROTATING, reference_snr_db=44.0)
    truth = hovering(site, *PLACE)
    place = true_place(truth, site)
    aspect = cos_aspect(truth.projectiles[0].impact_enu_m, np.zeros(3), site.radars[0].frame.origin_enu_m)
    snr = mean_snr(section_m2(BODIES["mortar-120mm"], aspect, model.wavelength_m), place[0], 0.0, model)
    p = detection_probability(snr, model)
    assert 0.2 < p < 0.95
    found = len(plots_of(looks_of(truth, site, model))[0])
    assert abs(found - 800 * p) < 4.0 * math.sqrt(800 * p * (1.0 - p))


def test_errors_are_as_large_as_the_radar_says_and_grow_with_range():
    """Normalised squares of hundreds of errors within 20 % of 1: false alarm below 1 in 1,000.

    The radar knows its signal as measured, not as it is: a little is left over.
    """
    site = make_site()
    spread = []
    for place in ((6000.0, 4000.0, 1500.0), (15000.0, 11000.0, 3500.0)):
        truth = hovering(site, *place)
        looks = looks_of(truth, site, replace(QUIET, scan=ROTATING, reference_snr_db=45.0))
        _, seen = plots_of(looks)
        sigma = np.vstack([look.plots.sigma[look.origin == 0] for look in looks])
        error = (seen - true_place(truth, site)) / sigma
        assert len(error) > 300
        assert (error**2).mean(0) == pytest.approx(np.ones(4), rel=0.2)
        spread.append(sigma.mean(0))
    assert np.all(spread[1] > 1.05 * spread[0])


def test_two_that_fly_close_are_one_plot_and_two_that_do_not_are_two():
    site = make_site()
    velocity = (-200.0, 0.0, 0.0)
    model = replace(QUIET, reference_snr_db=80.0)
    for off_m, count in ((10.0, 1), (100.0, 2)):
        pair = flying(site, ((9000.0, 0.0, 2500.0), velocity), ((9000.0 + off_m, 0.0, 2500.0), velocity))
        looks = looks_of(pair, site, model, duration_s=20.0)
        a_frame = np.array([len(look.plots) for look in looks]).reshape(-1, 8).sum(axis=1)
        assert np.mean(a_frame == count) > 0.9
    one = plots_of(looks_of(pair, site, model, duration_s=20.0))[1]
    assert len(one) > 30


def test_a_merged_plot_lies_between_the_two():
    site = make_site()
    pair = flying(site, ((9000.0, 0.0, 2500.0), (0.0, 0.0, 0.0)), ((9020.0, 0.0, 2500.0), (0.0, 0.0, 0.0)))
    model = replace(QUIET, reference_snr_db=90.0, range_floor_m=0.1)
    looks = looks_of(pair, site, model, duration_s=100.0)
    range_m = np.concatenate([look.plots.measurement[:, 0] for look in looks])
    ends = [true_place(Truth((one,), site.world), site)[0] for one in pair.projectiles]
    assert np.all((range_m > ends[0] - 1.0) & (range_m < ends[1] + 1.0))
    assert range_m.mean() == pytest.approx(np.mean(ends), abs=1.5)
    assert range_m.std() > 3.0, "the fading of both moves the plot to and fro"


def test_a_ridge_hides_and_nothing_above_it_is_lost():
    site = make_site()
    height_m = np.full((121, 121), 34.0)
    height_m[:, 70] = 400.0
    site = replace(site, terrain=terrain_from_grid(-30e3, -30e3, 500.0, height_m))
    model = replace(QUIET, reference_snr_db=80.0)
    behind, above = hovering(site, 12000.0, 0.0, 500.0), hovering(site, 12000.0, 0.0, 1500.0)
    assert not len(np.concatenate([look.origin for look in looks_of(behind, site, model, duration_s=10.0)]))
    assert len(plots_of(looks_of(above, site, model, duration_s=10.0))[0]) == 20


@pytest.mark.parametrize(("reported", "left_rad"), [(False, 1.3e-4), (True, 4.6e-4)])
def test_air_that_is_not_the_usual_one_is_left_in_the_elevation(reported, left_rad):
    """A k of 1.6 where the radar corrects for 4/3, or for nothing: 20 km / 2 R (1 - 1/k), the lesser part of it."""
    site = make_site()
    site = replace(site, radars=(make_radar(site.frame, apparent_elevation=reported),))
    truth = hovering(site, 16000.0, 10000.0, 1500.0)
    model = replace(QUIET, reference_snr_db=120.0, refraction_k=1.6, elevation_floor_rad=1e-6)
    _, seen = plots_of(looks_of(truth, site, model, duration_s=60.0))
    place = true_place(truth, site)
    lift_rad = place[0] / (2.0 * 6371e3)
    expected = lift_rad * (1.0 - 1.0 / 1.6) - (0.0 if reported else lift_rad * 0.25)
    assert (seen[:, 2] - place[2]).mean() == pytest.approx(expected, rel=0.05)


def test_what_does_not_move_along_the_ray_is_not_reported_by_a_radar_that_wants_it_to():
    site = make_site()
    model = replace(QUIET, reference_snr_db=80.0, least_range_rate_mps=10.0)
    still, moving = hovering(site, *PLACE), flying(site, (PLACE, (-50.0, 0.0, 0.0)))
    assert not any(len(look.plots) for look in looks_of(still, site, model, duration_s=10.0))
    assert any(len(look.plots) for look in looks_of(moving, site, model, duration_s=10.0))


def test_noise_gives_as_many_plots_as_its_rate_and_cells_say():
    """400 updates: within 4 standard errors of a Poisson count; ranges even."""
    site = make_site()
    model = RadarModel("karkh")
    looks = looks_of(Truth((), site.world), site, model, duration_s=200.0)
    radar = site.radars[0]
    cells = (radar.max_range_m - radar.min_range_m) / 30.0 * (900.0 / 3.0) * 2.0 * math.pi
    cells *= (math.sin(radar.max_elevation_rad) - math.sin(radar.min_elevation_rad)) / (math.pi / 100.0) ** 2
    mean = 2e-9 * cells * 400
    count = sum(np.count_nonzero(look.origin == FALSE_PLOT) for look in looks)
    assert abs(count - mean) < 4.0 * math.sqrt(mean)
    range_m = plots_of(looks, FALSE_PLOT)[1][:, 0]
    assert np.mean(range_m) == pytest.approx(15150.0, rel=0.05)


@pytest.mark.parametrize("modelled", [False, True])
def test_a_clutter_patch_is_as_dense_as_it_is_asked_for(modelled):
    """Within 4 standard errors of a Poisson count, inside its circle, half of it from the same places."""
    site = make_site((make_radar(make_site().frame, false_plots_per_scan=0.0, min_elevation_rad=-0.2),))
    patch = ClutterPatch(*AIM, 1500.0, 2.0, persistent=0.5)
    models = {"radar_models": (QUIET,) if modelled else ()}
    night = scenario(duration_s=100.0, clutter=(patch,), **models)
    looks = list(observe(Truth((), site.world), night, site, np.random.default_rng(3)))
    mean = 2.0 * math.pi * 1.5**2 * (200 if modelled else 201)
    times, seen = plots_of(looks, CLUTTER)
    assert abs(len(times) - mean) < 4.0 * math.sqrt(mean) + 0.03 * mean
    assert np.abs(seen[:, 3]).max() < 15.0
    again = plots_of(list(observe(Truth((), site.world), night, site, np.random.default_rng(3))), CLUTTER)[1]
    np.testing.assert_array_equal(seen, again)


def test_the_fate_of_one_changes_nothing_for_the_other():
    site = make_site()
    first, second = ((12000.0, 8000.0, 2500.0), (0.0, 0.0, 0.0)), ((-9000.0, 3000.0, 2000.0), (0.0, 0.0, 0.0))
    alone, both = flying(site, first), flying(site, first, second)
    a = plots_of(looks_of(alone, site, duration_s=60.0))
    b = plots_of(looks_of(both, site, duration_s=60.0))
    np.testing.assert_array_equal(a[1], b[1])


def test_bias_and_clock_are_those_of_the_scenario():
    site = make_site()
    truth = hovering(site, *PLACE)
    model = replace(QUIET, reference_snr_db=80.0)
    errors = RadarTruth("karkh", 40.0, 5e-3, -4e-3, 0.25)
    times, seen = plots_of(looks_of(truth, site, model, radar_truth=(errors,)))
    plain_times, _ = plots_of(looks_of(truth, site, model))
    assert (seen - true_place(truth, site)).mean(0) == pytest.approx(
        [40.0, 5e-3, -4e-3, 0.0], rel=0.05, abs=0.1
    )
    assert times - plain_times == pytest.approx(np.full(len(times), 0.25))


def test_a_radar_without_doppler_gives_none_and_birds_are_seen():
    site = make_site((make_radar(make_site().frame, sigma=np.array([15.0, 2e-3, 2e-3, math.nan])),))
    birds = Birds(20, *AIM, 3000.0, 100.0, 300.0)
    looks = looks_of(Truth((), site.world), site, RadarModel("karkh"), duration_s=10.0, birds=(birds,))
    seen = plots_of(looks, BIRD)[1]
    assert len(seen) > 100
    assert np.isnan(seen[:, 3]).all()
    assert all(np.isfinite(look.plots.sigma).all() for look in looks)


@pytest.mark.parametrize("scan", ["electronic", ROTATING])
def test_the_bytes_hold_what_was_seen_with_its_sigmas_and_signal(scan):
    site = make_site()
    looks = looks_of(hovering(site, *PLACE), site, RadarModel("karkh", scan=scan), duration_s=10.0)
    for look in looks:
        read = scan_of("asterix", encode_look(look, site), look.time_s, site)
        assert read.rejects == ()
        assert read.heard == (0,)
        expected = quantise(look.plots)
        np.testing.assert_allclose(read.plots.measurement, expected.measurement, rtol=0, atol=1e-9)
        np.testing.assert_allclose(read.plots.sigma, expected.sigma, rtol=0, atol=1e-9)
        np.testing.assert_array_equal(read.plots.snr_db, expected.snr_db)


def test_a_service_message_names_the_sector_as_libasterix_writes_it():
    from asterix import generated

    site = make_site()
    looks = looks_of(Truth((), site.world), site, replace(QUIET, scan=ROTATING), duration_s=2.0)
    category = generated.Cat_034_1_29
    for k, look in enumerate(looks[:8]):
        items = {
            "010": (("SAC", 25), ("SIC", 1)),
            "000": 1 if k == 0 else 2,
            "030": round(look.time_s % 86400.0 * 128.0),
        }
        items |= {"020": k * 32} if k else {}
        record = category.cv_record.create(items)
        assert encode_look(look, site).hex() == category.create([record]).unparse().to_bytes().hex()
