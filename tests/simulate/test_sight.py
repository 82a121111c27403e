"""Hills hide, the air bends, level ground mirrors: each against a closed form or an oracle."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.physics.geodesy import height_of_enu
from rampart.physics.radar import EARTH_RADIUS_M, apparent_from_geometric_elevation
from rampart.physics.terrain import ground_height_m, terrain_from_grid
from rampart.simulate.sight import antenna_height_m, bent_elevation_rad, ground_ray, heights_m, hidden
from rampart.simulate.surroundings import RadarModel
from tests.sites import make_site

MIRROR = RadarModel("r", ground_reflection=0.9, ground_roughness_m=0.0)


def ridge_site(height_m: float, spacing_m: float = 250.0):
    """Return a site with a ridge from north to south, 5 km east of its origin."""
    grid = np.full((241, 241), 34.0)
    grid[:, 140] = height_m
    return replace(make_site(), terrain=terrain_from_grid(-30e3, -30e3, spacing_m, grid))


@pytest.mark.parametrize("k", [1.0, 4.0 / 3.0])
def test_a_ridge_hides_up_to_the_line_over_its_crest(k):
    """The lowest place seen lies on the ray over the crest: similar triangles, an earth of k times the radius."""
    site = ridge_site(300.0)
    radar = site.radars[0]
    east_m = 15e3
    start = radar.frame.origin_enu_m

    def rise(d):
        return d * d / (2.0 * k * EARTH_RADIUS_M)

    to_crest_m, to_place_m = 5e3 - start[0], east_m - start[0]
    slope = (300.0 - radar.height_m - rise(to_crest_m)) / to_crest_m
    over_m = radar.height_m + slope * to_place_m + rise(to_place_m)

    def place(height_m):
        fall_m = (east_m**2 + start[1] ** 2) / (2.0 * site.frame.radius_m)
        return np.array([east_m, start[1], height_m - site.frame.height_m - fall_m])

    assert hidden(place(over_m - 4.0), radar, site, k)
    assert not hidden(place(over_m + 4.0), radar, site, k)


def test_without_a_ridge_nothing_is_hidden_before_the_horizon():
    site = make_site()
    radar = site.radars[0]
    assert not hidden(np.array([20e3, 0.0, 100.0]), radar, site)
    assert hidden(np.array([60e3, 0.0, -280.0 + 5.0]), radar, site)


@given(st.floats(-29e3, 29e3), st.floats(-29e3, 29e3))
def test_heights_many_at_a_time_are_those_of_the_kernel(east_m, north_m):
    terrain = ridge_site(500.0).terrain
    (many,) = heights_m(np.array([east_m]), np.array([north_m]), terrain)
    assert many == pytest.approx(ground_height_m(east_m, north_m, terrain))


def test_the_sphere_stands_for_the_ellipsoid_within_a_metre():
    site = make_site()
    for east_m, north_m in ((50e3, 0.0), (0.0, 50e3), (30e3, -30e3)):
        above = 1000.0 + site.frame.height_m + site.frame.radius_m
        sphere_m = math.sqrt(east_m**2 + north_m**2 + above**2) - site.frame.radius_m
        assert sphere_m == pytest.approx(height_of_enu(east_m, north_m, 1000.0, site.frame), abs=1.0)


@given(st.floats(0.001, 1.0), st.floats(500.0, 60e3))
def test_the_usual_air_bends_as_the_radar_s_own_formula_has_it(elevation_rad, range_m):
    bent = bent_elevation_rad(elevation_rad, range_m, 4.0 / 3.0)
    assert bent == pytest.approx(apparent_from_geometric_elevation(elevation_rad, range_m), abs=1e-9)
    assert bent_elevation_rad(elevation_rad, range_m, 1.0) == pytest.approx(elevation_rad, abs=1e-9)


def test_thicker_air_bends_more():
    lift = [bent_elevation_rad(0.01, 20e3, k) - 0.01 for k in (1.1, 4.0 / 3.0, 1.6)]
    assert lift == sorted(lift)
    assert lift[1] == pytest.approx(20e3 / (2.0 * EARTH_RADIUS_M) * 0.25, rel=0.02)


def test_level_ground_gives_lobes_and_pulls_the_angle_down_or_up():
    """Near the horizon the power swings between (1 - c)^4 and (1 + c)^4; the angle never errs by half a beam."""
    elevations = np.radians(np.linspace(0.05, 4.0, 2000))
    rays = [ground_ray(float(e), 10.0, MIRROR) for e in elevations]
    gain, error = np.array(rays).T
    assert gain.max() > 8.0
    assert gain.min() < 0.2
    assert error.min() < 0.0 < error.max()
    assert np.abs(error).max() <= 0.5 * MIRROR.elevation_beam_rad
    assert np.abs(error[elevations > math.radians(3.0)]).max() < 1e-4


def test_the_first_lobe_stands_a_quarter_wave_over_the_height():
    """The two rays are in phase at sin(el) = wavelength / (4 h)."""
    elevations = np.linspace(1e-5, 3e-3, 3000)
    wide = replace(MIRROR, elevation_beam_rad=1.0)
    gain = [ground_ray(float(e), 10.0, wide)[0] for e in elevations]
    assert elevations[int(np.argmax(gain))] == pytest.approx(MIRROR.wavelength_m / 40.0, rel=0.02)


def test_rough_ground_and_none_mirror_nothing():
    assert ground_ray(0.02, 10.0, RadarModel("r")) == (1.0, 0.0)
    gain, error = ground_ray(0.02, 10.0, replace(MIRROR, ground_roughness_m=5.0))
    assert (gain, error) == (pytest.approx(1.0), pytest.approx(0.0, abs=1e-9))


def test_an_antenna_stands_over_the_ground_under_it():
    assert antenna_height_m(make_site().radars[0], make_site()) == pytest.approx(11.0)
