"""Echoes follow the radar equation; detection and false alarms their closed forms; places in a cell merge."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.simulate.echo import (
    Echo,
    cell_of,
    detected_power,
    detection_probability,
    draw_echo,
    false_plots_mean,
    mean_snr,
    merge,
    sigma_of,
    threshold_factor,
)
from rampart.simulate.surroundings import STEADY, SWERLING_1, SWERLING_3, RadarModel

MODEL = RadarModel("r", false_alarm_probability=1e-4, cfar_cells=0)
PLACE = np.array([8000.0, 1.0, 0.1, -120.0])
DRAWS = 20_000


def detected_share(model: RadarModel, snr: float, seed: int) -> float:
    rng = np.random.default_rng(seed)
    return np.mean(
        [detected_power(draw_echo(0.0, 0, PLACE, snr, model, rng), model) > 0.0 for _ in range(DRAWS)]
    )


@given(st.floats(100.0, 1e5), st.floats(1e-4, 100.0), st.floats(1.1, 10.0))
def test_the_signal_falls_with_the_fourth_power_of_range_and_grows_with_the_section(range_m, section, factor):
    near, far = mean_snr(section, range_m, 0.0, MODEL), mean_snr(section, factor * range_m, 0.0, MODEL)
    assert near / far == pytest.approx(factor**4)
    assert mean_snr(factor * section, range_m, 0.0, MODEL) == pytest.approx(factor * near)
    assert mean_snr(section, range_m, 3.0, MODEL) == pytest.approx(near / 10.0**0.3)


def test_the_reference_is_met_where_it_is_stated():
    snr = mean_snr(1.0, MODEL.reference_range_m, 0.0, MODEL)
    assert 10.0 * math.log10(snr) == pytest.approx(MODEL.reference_snr_db)


@pytest.mark.parametrize("fluctuation", [SWERLING_1, SWERLING_3])
@pytest.mark.parametrize("snr_db", [6.0, 10.0, 14.0, 20.0])
def test_detection_is_that_of_swerling(fluctuation, snr_db):
    """Within 4 standard errors of the closed form: false alarm of the eight cases together below 1 in 1,000."""
    model = replace(MODEL, fluctuation=fluctuation)
    p = detection_probability(10.0 ** (0.1 * snr_db), model)
    share = detected_share(model, 10.0 ** (0.1 * snr_db), int(snr_db))
    assert abs(share - p) < 4.0 * math.sqrt(p * (1.0 - p) / DRAWS)


@pytest.mark.parametrize("cells", [8, 32])
def test_detection_over_estimated_noise_is_that_of_cell_averaging(cells):
    """Within 4 standard errors, and below detection over known noise: the CFAR loss."""
    model = replace(MODEL, cfar_cells=cells)
    p = detection_probability(20.0, model)
    assert abs(detected_share(model, 20.0, cells) - p) < 4.0 * math.sqrt(p * (1.0 - p) / DRAWS)
    assert p < detection_probability(20.0, MODEL)


@pytest.mark.parametrize("cells", [0, 16])
def test_noise_alone_is_detected_as_often_as_stated(cells):
    """A rate of 1 in 100, 20,000 draws: within 4 standard errors."""
    model = replace(MODEL, false_alarm_probability=0.01, cfar_cells=cells)
    share = detected_share(model, 0.0, 5 + cells)
    assert abs(share - 0.01) < 4.0 * math.sqrt(0.01 * 0.99 / DRAWS)
    assert detection_probability(0.0, model) == pytest.approx(0.01)


def test_published_detection_of_a_swerling_1_target():
    """[skolnik], ch. 2: P = Pfa^(1 / (1 + S)): 0.9 at a false alarm of 1e-6 wants 21.1 dB, 0.5 wants 12.8 dB."""
    model = replace(MODEL, false_alarm_probability=1e-6)
    assert detection_probability(10.0**2.114, model) == pytest.approx(0.9, abs=1e-3)
    assert detection_probability(10.0**1.277, model) == pytest.approx(0.5, abs=1e-3)


def test_many_cells_estimate_the_noise_as_if_it_were_known():
    known, estimated = threshold_factor(MODEL), threshold_factor(replace(MODEL, cfar_cells=100_000))
    assert estimated == pytest.approx(known, rel=1e-3)


def test_no_closed_form_is_made_up():
    with pytest.raises(ValueError, match="draw it"):
        detection_probability(10.0, replace(MODEL, fluctuation=STEADY))


def test_a_steady_target_does_not_fluctuate():
    model = replace(MODEL, fluctuation=STEADY)
    rng = np.random.default_rng(1)
    powers = [draw_echo(0.0, 0, PLACE, 50.0, model, rng).power for _ in range(10)]
    assert powers == pytest.approx([50.0] * 10)


def test_errors_shrink_with_the_signal_down_to_the_floor():
    weak, strong, endless = (sigma_of(power, 0.0, MODEL) for power in (20.0, 2000.0, 1e12))
    floor = [
        MODEL.range_floor_m,
        MODEL.azimuth_floor_rad,
        MODEL.elevation_floor_rad,
        MODEL.range_rate_floor_mps,
    ]
    assert endless == pytest.approx(floor, rel=1e-3)
    part = np.sqrt(weak**2 - endless**2) / np.sqrt(strong**2 - endless**2)
    assert part == pytest.approx([10.0] * 4, rel=1e-3)
    assert weak[0] == pytest.approx(math.hypot(30.0 / math.sqrt(40.0), 5.0))
    assert np.all(sigma_of(1e-6, 0.0, MODEL) < cell_of(MODEL, True))


def echo_at(range_m: float, azimuth_rad: float = 1.0, power: float = 100.0, rate_mps: float = -100.0) -> Echo:
    place = np.array([range_m, azimuth_rad, 0.1, rate_mps])
    return Echo(0.0, round(range_m), place, complex(math.sqrt(power), 0.0), 0j, 1.0, np.zeros(4))


def test_two_in_one_cell_are_one_plot_at_the_place_weighted_by_power():
    cell = cell_of(MODEL, doppler=True)
    (one,) = merge([echo_at(8000.0, power=100.0), echo_at(8020.0, 1.01, power=300.0)], cell)
    assert one.place[0] == pytest.approx(8015.0)
    assert one.place[1] == pytest.approx(1.0075)
    assert one.origin == 8020
    assert abs(one.signal) == pytest.approx(10.0 + math.sqrt(300.0))


@pytest.mark.parametrize(
    "other",
    [echo_at(8031.0), echo_at(8000.0, 1.04), echo_at(8000.0, rate_mps=-96.0)],
    ids=["range", "angle", "rate"],
)
def test_two_outside_a_cell_are_two(other):
    assert len(merge([echo_at(8000.0), other], cell_of(MODEL, doppler=True))) == 2


def test_without_doppler_nothing_is_told_apart_by_its_range_rate():
    near = [echo_at(8000.0), echo_at(8001.0, rate_mps=200.0)]
    assert len(merge(near, cell_of(MODEL, doppler=False))) == 1


def test_neighbours_on_both_sides_of_north_merge():
    (one,) = merge([echo_at(8000.0, 6.28), echo_at(8000.0, 0.005)], cell_of(MODEL, doppler=True))
    assert math.remainder(one.place[1] - 0.0009, 2.0 * math.pi) == pytest.approx(0.0, abs=1e-3)


def test_three_in_a_row_a_cell_apart_are_not_chained_into_one():
    row = [echo_at(8000.0, power=50.0), echo_at(8025.0, power=60.0), echo_at(8050.0, power=55.0)]
    assert len(merge(row, cell_of(MODEL, doppler=True))) == 1
    row = [echo_at(8000.0, power=60.0), echo_at(8025.0, power=50.0), echo_at(8050.0, power=55.0)]
    assert len(merge(row, cell_of(MODEL, doppler=True))) == 2


def test_false_plots_are_as_many_as_there_are_cells():
    mean = false_plots_mean(
        0.0, 30e3, 0.0, math.pi / 2, 0.0, replace(MODEL, azimuth_beam_rad=0.02, elevation_beam_rad=0.02)
    )
    assert mean == pytest.approx(1e-4 * 1000 * 2.0 * math.pi / 0.02**2)
