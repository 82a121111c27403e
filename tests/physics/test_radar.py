"""What a radar measures: against pymap3d, there and back, its derivative, and refraction."""

import numpy as np
import pymap3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.physics.geodesy import frame_at, geodetic_from_enu
from rampart.physics.radar import (
    apparent_from_geometric_elevation,
    enu_from_rae,
    geometric_from_apparent_elevation,
    measure,
    measure_with_jacobian,
    radar_frame,
)

RADAR_DEG = (33.30, 44.395, 45.0)
SITE = frame_at(np.radians(33.315), np.radians(44.42), 34.0)
RADAR = radar_frame(np.radians(RADAR_DEG[0]), np.radians(RADAR_DEG[1]), RADAR_DEG[2], SITE)
places = st.tuples(st.floats(-3e4, 3e4), st.floats(-3e4, 3e4), st.floats(300.0, 1e4))
velocities = st.tuples(*[st.floats(-900.0, 900.0)] * 3)


@pytest.mark.uncompiled
def test_a_measurement_is_that_of_pymap3d_and_leads_back():
    for place in [(0.0, 0.0, 500.0), (9e3, -4e3, 2500.0), (-20e3, 12e3, 8000.0)]:
        state = np.array([*place, 10.0, 20.0, -30.0])
        range_m, azimuth, elevation, _ = measure(state, RADAR)
        lat, lon, height = geodetic_from_enu(*place, SITE)
        az_deg, el_deg, slant_m = pymap3d.geodetic2aer(np.degrees(lat), np.degrees(lon), height, *RADAR_DEG)
        assert range_m == pytest.approx(slant_m, abs=1e-6)
        assert np.degrees([azimuth, elevation]) == pytest.approx([az_deg, el_deg], abs=1e-9)
        assert enu_from_rae(range_m, azimuth, elevation, RADAR) == pytest.approx(place, abs=1e-7)


@pytest.mark.uncompiled
def test_azimuth_turns_from_north_through_east():
    east, north, up = RADAR.origin_enu_m
    turns = [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)]
    states = [np.array([east + 1e4 * e, north + 1e4 * n, up + 100.0, 0.0, 0.0, 0.0]) for e, n in turns]
    azimuths = np.array([measure(state, RADAR)[1] for state in states])
    # the site lies 2.3 km east of the radar: its north leans by 0.013 degrees there
    assert azimuths[1:] == pytest.approx(np.radians([90.0, 180.0, 270.0]), abs=3e-4)
    assert np.cos(azimuths[0]) == pytest.approx(1.0, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(places, velocities)
def test_range_rate_is_the_derivative_of_range(place, velocity):
    state = np.array([*place, *velocity])
    later, before = state.copy(), state.copy()
    later[:3] += 1e-3 * state[3:]
    before[:3] -= 1e-3 * state[3:]
    central = (measure(later, RADAR)[0] - measure(before, RADAR)[0]) / 2e-3
    assert measure(state, RADAR)[3] == pytest.approx(central, abs=2e-4)


@pytest.mark.uncompiled
@settings(max_examples=12, deadline=None, derandomize=True)
@given(places, velocities)
def test_the_jacobian_is_the_derivative_of_the_measurement(place, velocity):
    state = np.array([*place, *velocity])
    z, h = np.empty(4), np.empty((4, 6))
    measure_with_jacobian(state, RADAR, z, h)
    assert z == pytest.approx(measure(state, RADAR), rel=1e-9, abs=1e-6)
    step = np.array([0.05] * 3 + [0.5] * 3)
    for k in range(6):
        above, below = state.copy(), state.copy()
        above[k] += step[k]
        below[k] -= step[k]
        change = np.array(measure(above, RADAR)) - measure(below, RADAR)
        change[1] = (change[1] + np.pi) % (2 * np.pi) - np.pi
        scale = np.array([1.0, 1 / 300.0, 1 / 300.0, 3.0])
        assert np.abs(h[:, k] - change / (2 * step[k])) == pytest.approx(0.0 * scale, abs=2e-5)


@pytest.mark.uncompiled
def test_over_and_inside_the_radar_the_numbers_stay_finite():
    z, h = np.empty(4), np.empty((4, 6))
    for up in (0.0, 1000.0):
        state = np.array([*RADAR.origin_enu_m, 1.0, 2.0, 3.0])
        state[2] += up
        measure_with_jacobian(state, RADAR, z, h)
        assert np.all(np.isfinite(z))
        assert np.all(np.isfinite(h))
        assert np.all(np.isfinite(measure(state, RADAR)))


@pytest.mark.uncompiled
@pytest.mark.parametrize("elevation_deg", [-0.3, 0.5, 10.0, 45.0, 80.0])
@pytest.mark.parametrize("range_m", [500.0, 30e3, 200e3])
def test_refraction_lifts_by_an_eighth_of_the_earths_turn_and_is_undone(elevation_deg, range_m):
    elevation = np.radians(elevation_deg)
    apparent = apparent_from_geometric_elevation(elevation, range_m)
    assert geometric_from_apparent_elevation(apparent, range_m) == pytest.approx(elevation, abs=1e-9)
    lift = range_m * np.cos(elevation) / (8.0 * 6371e3)
    assert apparent - elevation == pytest.approx(lift, rel=0.05, abs=1e-9)
