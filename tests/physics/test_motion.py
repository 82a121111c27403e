"""The forces against a naive twin written with vectors, in the earth-centred frame."""

import numpy as np
import pymap3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.physics.atmosphere import air_at, standard_air, with_wind
from rampart.physics.drag import SHAPE_CURVES, cd_at
from rampart.physics.geodesy import frame_at, normal_gravity_mps2
from rampart.physics.motion import acceleration, drive, world_at

FRAME = frame_at(np.radians(33.315), np.radians(44.42), 34.0)
AIR = with_wind(standard_air(), 5.0, -2.0)
WORLD = world_at(FRAME, AIR)
CURVE = SHAPE_CURVES[2].copy()


def naive_acceleration(place, velocity, log_drag, wind):
    to_ecef = FRAME.ecef_from_enu
    lat, lon, height = pymap3d.ecef2geodetic(*(FRAME.origin_ecef_m + to_ecef @ place), deg=False)
    normal = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    spin = np.array([0.0, 0.0, 7.292115e-5])
    density, sound, air_e, air_n = air_at(float(height), AIR)
    through_air = velocity - np.array([air_e + wind[0], air_n + wind[1], 0.0])
    speed = np.linalg.norm(through_air)
    drag = -0.5 * density * cd_at(speed / sound, CURVE) * np.exp(log_drag) * speed * through_air
    free = -normal_gravity_mps2(float(lat), float(height)) * normal - 2.0 * np.cross(spin, to_ecef @ velocity)
    return to_ecef.T @ free + drag


@settings(max_examples=80, deadline=None)
@given(
    st.tuples(st.floats(-4e4, 4e4), st.floats(-4e4, 4e4), st.floats(-200.0, 2e4)),
    st.tuples(*[st.floats(-900.0, 900.0)] * 3),
    st.floats(-10.0, -5.0),
    st.tuples(st.floats(-20.0, 20.0), st.floats(-20.0, 20.0)),
)
def test_acceleration_equals_its_naive_twin(place, velocity, log_drag, wind):
    ours = acceleration(*place, *velocity, log_drag, *wind, WORLD, CURVE)
    naive = naive_acceleration(np.array(place), np.array(velocity), log_drag, wind)
    assert ours == pytest.approx(naive, rel=1e-7, abs=1e-6)


@pytest.mark.uncompiled
def test_a_body_moving_with_the_air_feels_gravity_alone():
    a = acceleration(0.0, 0.0, 0.0, 5.0, -2.0, 0.0, -6.0, 0.0, 0.0, WORLD, CURVE)
    assert a[2] == pytest.approx(-normal_gravity_mps2(FRAME.latitude_rad, 34.0), abs=2e-3)
    assert np.hypot(a[0], a[1]) < 1e-3


@pytest.mark.uncompiled
def test_what_the_integrator_is_told_is_the_rate_of_the_mach_number():
    v, h = np.array([200.0, -100.0, 150.0]), 1e-4
    numbers = drive(0.0, 0.0, 900.0, *v, np.exp(-8.0), 1.0, 2.0, WORLD, CURVE)
    later = v + h * np.array(numbers[:3])
    mach = drive(0.0, 0.0, 900.0, *later, np.exp(-8.0), 1.0, 2.0, WORLD, CURVE)[3]
    assert numbers[4] == pytest.approx((mach - numbers[3]) / h, rel=1e-4)
    through_air = v - np.array([6.0, 0.0, 0.0])
    density, _, _, _ = air_at(934.0, AIR)
    share = 0.5 * density * cd_at(numbers[3], CURVE) * np.exp(-8.0) * np.linalg.norm(through_air)
    assert numbers[5] == pytest.approx(share, rel=1e-6)
