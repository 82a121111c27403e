"""The air against ambiance, soundings that are the standard's own, slopes, and files that are wrong."""

import numpy as np
import pytest
from ambiance import Atmosphere

from rampart.errors import InputError
from rampart.physics.atmosphere import (
    TOP_M,
    Air,
    air_at,
    air_from_sounding,
    air_slope_at,
    read_sounding,
    standard_air,
    standard_pressure_temperature,
    with_wind,
)

HEADER = "height_m,pressure_hpa,temperature_k,wind_east_mps,wind_north_mps\n"


def test_standard_air_is_that_of_ambiance():
    heights = np.array(
        [-900.0, 0.0, 310.0, 4321.0, 9876.0, 14000.0, 19000.0, 26000.0, 41000.0, 60000.0, 78000.0]
    )
    theirs = Atmosphere(heights)
    ours = np.array([air_at(h, standard_air()) for h in heights])
    assert ours[:, 0] == pytest.approx(theirs.density, rel=2e-5)
    assert ours[:, 1] == pytest.approx(theirs.speed_of_sound, rel=1e-5)


def test_splines_stay_on_the_formulas_between_knots():
    heights = np.arange(-990.0, 8e3, 37.0)  # clear of the corner at 11 km
    pressure, temperature = standard_pressure_temperature(heights)
    ours = np.array([air_at(h, standard_air()) for h in heights])
    assert ours[:, 0] == pytest.approx(pressure / (287.05287 * temperature), rel=1e-8)
    assert ours[:, 1] == pytest.approx(np.sqrt(1.4 * 287.05287 * temperature), rel=1e-8)


@pytest.mark.uncompiled
def test_air_is_held_outside_the_splines_and_survives_nan():
    air = with_wind(standard_air(), 3.0, -2.0)
    assert air_at(-5000.0, air) == air_at(-1000.0, air)
    assert air_at(2e5, air) == air_at(TOP_M, air)
    assert air_at(np.inf, air) == air_at(TOP_M, air)
    assert np.all(np.isfinite(air_at(np.nan, air)))
    assert air_slope_at(2e5, air)[4:] == air_slope_at(-5000.0, air)[4:] == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.uncompiled
def test_slopes_are_the_derivatives_of_the_values():
    air = sounding_air()
    for height in (100.0, 1490.0, 3333.0, 12010.0):
        values = air_slope_at(height, air)
        assert values[:4] == air_at(height, air)
        above, below = np.array(air_at(height + 0.5, air)), np.array(air_at(height - 0.5, air))
        assert values[4:] == pytest.approx(above - below, rel=1e-5, abs=1e-9)


def sounding_air() -> Air:
    height = np.array([30.0, 500.0, 1500.0, 5000.0, 12000.0])
    pressure, temperature = standard_pressure_temperature(height)
    wind = np.array([1.0, 4.0, 6.0, 15.0, 30.0])
    return air_from_sounding(height, pressure, temperature + 12.0, wind, -0.5 * wind)


def test_a_sounding_is_met_at_its_levels_and_fades_to_the_standard_above():
    air = sounding_air()
    pressure, temperature = standard_pressure_temperature([500.0])
    density, sound, east, north = air_at(500.0, air)
    assert density == pytest.approx(pressure[0] / (287.05287 * (temperature[0] + 12.0)), rel=1e-4)
    assert sound == pytest.approx(np.sqrt(1.4 * 287.05287 * (temperature[0] + 12.0)), rel=1e-4)
    assert (east, north) == pytest.approx((4.0, -2.0), rel=1e-2)
    assert air_at(40e3, air)[:2] == pytest.approx(air_at(40e3, standard_air())[:2], rel=1e-4)
    assert air_at(40e3, air)[2:] == pytest.approx((30.0, -15.0))
    assert air_at(-500.0, air)[2:] == pytest.approx((1.0, -0.5), abs=1e-2)


def test_a_sounding_of_the_standard_air_is_the_standard_air():
    height = np.arange(0.0, 20001.0, 500.0)
    pressure, temperature = standard_pressure_temperature(height)
    air = air_from_sounding(height, pressure, temperature, 0.0 * height, 0.0 * height)
    for h in (100.0, 7777.0, 15555.0, 33000.0):
        assert air_at(h, air)[:2] == pytest.approx(air_at(h, standard_air())[:2], rel=2e-5)


def test_wind_is_added_to_that_of_the_air():
    air = with_wind(sounding_air(), 2.0, 1.0)
    assert np.array(air_at(900.0, air)) - air_at(900.0, sounding_air()) == pytest.approx([0.0, 0.0, 2.0, 1.0])


def test_a_sounding_is_read_from_its_file_in_any_order_of_columns(tmp_path):
    path = tmp_path / "sounding.csv"
    path.write_text(
        "temperature_k,height_m,pressure_hpa,wind_east_mps,wind_north_mps\n288.15,0,1013.25,2,-1\n\n"
        "255.65,5000,540.2,8,-4\n"
    )
    density, _, east, north = air_at(0.0, read_sounding(path))
    assert density == pytest.approx(1.225, rel=1e-4)
    assert (east, north) == pytest.approx((2.0, -1.0), abs=1e-9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + "0,1013,288,0,0\n500,many,285,0,0\n", "row 3, column pressure_hpa: 'many'"),
        (HEADER + "0,1013,288,0,0\n500,955,-285,0,0\n", "row 3, column temperature_k: '-285'"),
        (HEADER + "0,1013,288,0,0\n\n0,955,285,0,0\n", "row 4, column height_m"),
        (HEADER + "0,1013,288,0\n500,955,285,0,0\n", "row 2: '0,1013,288,0': wanted 5 values"),
        (HEADER + "0,1013,288,0,0\n", "at least two levels"),
        ("height,pressure\n0,1013\n", "row 1: 'height,pressure': wanted the columns height_m"),
        ("", "row 1"),
    ],
)
def test_a_wrong_sounding_is_refused_in_one_line_with_the_place(tmp_path, text, said):
    path = tmp_path / "sounding.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_sounding(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_sounding_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv: wanted a readable CSV file"):
        read_sounding(tmp_path / "nowhere.csv")
