"""The air against the table of the U.S. Standard Atmosphere 1976 (to 32 km the same as ISO 2533)."""

import pytest

from rampart.physics.atmosphere import air_at, standard_air, standard_pressure_temperature

# NASA-TM-X-74335, table I: geometric m; K, Pa, kg/m3, m/s as printed, to about 5 figures.
# Above 11 km at its corners the spline of sound speed rounds the corner by up to 0.1 m/s.
TABLE = [
    (0.0, 288.150, 101325.0, 1.2250, 340.294),
    (1000.0, 281.651, 89876.0, 1.1117, 336.435),
    (5000.0, 255.676, 54048.0, 0.73643, 320.545),
    (10000.0, 223.252, 26500.0, 0.41351, 299.532),
    (15000.0, 216.650, 12112.0, 0.19476, 295.069),
    (20000.0, 216.650, 5529.3, 0.088910, 295.069),
    (25000.0, 221.552, 2549.2, 0.040084, 298.389),
    (30000.0, 226.509, 1197.0, 0.018410, 301.709),
    (40000.0, 250.350, 287.14, 0.0039957, 317.189),
    (50000.0, 270.650, 79.779, 0.0010269, 329.799),
    (60000.0, 247.021, 21.958, 0.00030968, 315.073),
    (70000.0, 219.585, 5.2209, 0.000082829, 297.062),
    (80000.0, 198.639, 1.0524, 0.000018458, 282.538),
]


@pytest.mark.parametrize(("height_m", "temperature_k", "pressure_pa", "density_kgm3", "sound_mps"), TABLE)
def test_standard_air_is_that_of_the_table(height_m, temperature_k, pressure_pa, density_kgm3, sound_mps):
    pressure, temperature = standard_pressure_temperature([height_m])
    assert temperature[0] == pytest.approx(temperature_k, abs=2e-3)
    assert pressure[0] == pytest.approx(pressure_pa, rel=1e-4)
    density, sound, east, north = air_at(height_m, standard_air())
    assert density == pytest.approx(density_kgm3, rel=1e-4)
    assert sound == pytest.approx(sound_mps, abs=2e-3)
    assert (east, north) == (0.0, 0.0)
