"""Coordinates against pymap3d, heights by series against the exact ones, gravity against its closed form."""

import numpy as np
import pymap3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.physics.geodesy import (
    ECCENTRICITY_2,
    GRAVITY_EQUATOR_MPS2,
    SOMIGLIANA_K,
    earth_at,
    ecef_from_geodetic,
    enu_from_geodetic,
    enu_from_geodetic_each,
    frame_at,
    geodetic_from_ecef,
    geodetic_from_enu,
    geodetic_from_enu_each,
    height_of_enu,
    normal_gravity_mps2,
    vertical_near,
)

latitudes = st.floats(-90.0, 90.0)
longitudes = st.floats(-180.0, 180.0)
heights = st.floats(-500.0, 100e3)
SITES = [(0.0, 0.0), (33.3, 44.4), (45.0, -120.0), (-34.0, 18.0), (78.2, 15.6), (-90.0, 0.0)]


@settings(max_examples=50, deadline=None)
@given(latitudes, longitudes, heights)
def test_earth_centred_coordinates_equal_those_of_pymap3d_and_return(lat_deg, lon_deg, height_m):
    ecef = ecef_from_geodetic(np.radians(lat_deg), np.radians(lon_deg), height_m)
    assert ecef == pytest.approx(pymap3d.geodetic2ecef(lat_deg, lon_deg, height_m), abs=1e-8)
    lat, lon, height = geodetic_from_ecef(*ecef)
    assert ecef_from_geodetic(lat, lon, height) == pytest.approx(ecef, abs=1e-8)
    assert lat == pytest.approx(np.radians(lat_deg), abs=1e-14)
    assert height == pytest.approx(height_m, abs=1e-8)


@pytest.mark.uncompiled
@pytest.mark.parametrize("site", SITES)
def test_local_coordinates_equal_those_of_pymap3d(site):
    frame = frame_at(*np.radians(site), 120.0)
    rng = np.random.default_rng(1)
    enu = np.column_stack([rng.uniform(-40e3, 40e3, (8, 2)), rng.uniform(-300.0, 20e3, 8)])
    expected = np.array([pymap3d.enu2geodetic(*row, *site, 120.0) for row in enu])
    places = geodetic_from_enu_each(enu, frame)
    assert np.degrees(places[:, 0]) == pytest.approx(expected[:, 0], abs=1e-11)
    east_of = np.cos(places[:, 0]) * np.sin(places[:, 1] - np.radians(expected[:, 1]))
    assert east_of == pytest.approx(0.0, abs=1e-14)
    assert places[:, 2] == pytest.approx(expected[:, 2], abs=1e-7)
    assert enu_from_geodetic_each(*places.T.copy(), frame) == pytest.approx(enu, abs=1e-7)
    assert geodetic_from_enu(*enu[0], frame) == pytest.approx(tuple(places[0]), abs=1e-15)
    assert enu_from_geodetic(*places[0], frame) == pytest.approx(tuple(enu[0]), abs=1e-7)


@pytest.mark.uncompiled
@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize(("reach_m", "error_m"), [(50e3, 1e-4), (450e3, 1e-2)])
def test_heights_by_series_equal_exact_heights(site, reach_m, error_m):
    frame = frame_at(*np.radians(site), 700.0)
    rng = np.random.default_rng(2)
    turn, reach = rng.uniform(0.0, 2 * np.pi, 60), reach_m * np.sqrt(rng.uniform(0.0, 1.0, 60))
    up = rng.uniform(-500.0, 0.2 * reach_m, 60) - reach**2 / 12.75e6
    enu = np.column_stack([reach * np.sin(turn), reach * np.cos(turn), up])
    exact = geodetic_from_enu_each(enu, frame)[:, 2]
    assert [height_of_enu(*row, frame) for row in enu] == pytest.approx(exact, abs=error_m)


@pytest.mark.uncompiled
@pytest.mark.parametrize("site", SITES)
def test_the_vertical_is_the_normal_of_the_ellipsoid(site):
    frame = frame_at(*np.radians(site), 700.0)
    for enu in [(0.0, 0.0, 0.0), (30e3, -20e3, 9e3), (-150e3, 90e3, 40e3)]:
        lat, lon, height = geodetic_from_enu(*enu, frame)
        earth = earth_at(frame)
        normal_ecef = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        near_m, *up, gravity_mps2 = vertical_near(*enu, earth)
        assert height_of_enu(*enu, frame) == pytest.approx(height, abs=1e-3)
        assert near_m == pytest.approx(height, abs=0.02 if abs(enu[0]) > 1e5 else 1e-4)
        assert up == pytest.approx(frame.ecef_from_enu.T @ normal_ecef, abs=3e-7)
        assert gravity_mps2 == pytest.approx(normal_gravity_mps2(lat, height), abs=1e-6)


@pytest.mark.uncompiled
def test_gravity_on_the_ellipsoid_is_somiglianas_and_falls_as_free_air():
    for lat in np.radians([0.0, 20.0, 45.0, 70.0, 90.0]):
        sin_2 = np.sin(lat) ** 2
        closed = GRAVITY_EQUATOR_MPS2 * (1 + SOMIGLIANA_K * sin_2) / np.sqrt(1 - ECCENTRICITY_2 * sin_2)
        assert normal_gravity_mps2(lat, 0.0) == pytest.approx(closed, rel=1e-10)
        # 0.3086 mGal a metre, the textbook's free-air gradient
        assert normal_gravity_mps2(lat, 1.0) - closed == pytest.approx(-3.086e-6, rel=2e-3)
