"""The air as polynomials against the splines that they stand for."""

import numpy as np
import pytest

from rampart.physics.atmosphere import air_at, air_from_sounding, standard_air, standard_pressure_temperature
from rampart.physics.column import air_on, column_at, column_over, polynomial


@pytest.mark.uncompiled
def test_horners_rule():
    assert polynomial((1.0, -2.0, 3.0), 2.0) == 9.0
    assert polynomial((4.0,), 7.0) == 4.0


@pytest.mark.uncompiled
def test_air_on_many_heights_is_the_air_at_each():
    air = standard_air()
    heights = np.array([-2000.0, -1000.0, 0.0, 123.4, 11e3, 83999.0, 84e3, 1e5])
    rows = air_on(air, heights)
    for height, row in zip(heights, rows, strict=True):
        density, sound, east, north = air_at(float(height), air)
        assert row == pytest.approx([density, 1.0 / sound, east, north], rel=1e-12, abs=1e-15)


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    ("top_m", "density", "sound_mps"), [(2e3, 1e-9, 1e-6), (9e3, 1e-8, 1e-5), (14e3, 3e-3, 1.0)]
)
def test_the_standard_air_below_its_kink_is_met_closely(top_m, density, sound_mps):
    air = standard_air()
    column = column_over(air, -50.0, top_m)
    for height in np.linspace(-50.0, top_m, 90):
        half, slowness, east, north = column_at(height, column)
        wanted = air_at(height, air)
        assert 2.0 * half == pytest.approx(wanted[0], abs=density)
        assert 1.0 / slowness == pytest.approx(wanted[1], abs=sound_mps)
        assert (east, north) == pytest.approx((0.0, 0.0), abs=1e-12)


@pytest.mark.uncompiled
def test_a_jet_is_met_and_the_band_held_flat_outside():
    height = np.arange(0.0, 12e3, 200.0)
    pressure, temperature = standard_pressure_temperature(height)
    air = air_from_sounding(
        height, pressure, temperature, 25.0 * np.exp(-(((height - 6e3) / 2e3) ** 2)), -height / 1e3
    )
    column = column_over(air, 0.0, 9e3)
    for h in np.linspace(0.0, 9e3, 60):
        assert column_at(h, column)[2:] == pytest.approx(air_at(h, air)[2:], abs=0.05)
    assert column_at(-500.0, column) == column_at(0.0, column)
    assert column_at(20e3, column) == pytest.approx(column_at(9e3, column), rel=1e-9)
