"""Flight against scipy's DOP853 on a field of its own, and the properties that any flight has."""

import numpy as np
import pymap3d
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.interpolate import PPoly

from rampart.physics.atmosphere import standard_air
from rampart.physics.drag import DRAG_MACH_STEP, SHAPE_CURVES
from rampart.physics.flight import LANDED, fly, fly_to_ground, knee_room, step_limit_s, trajectory
from rampart.physics.geodesy import frame_at, height_of_enu, normal_gravity_mps2
from rampart.physics.motion import world_at


def flown(state, duration_s, world, curve, step_s):
    out = np.empty(9)
    fly(state, duration_s, world, curve, step_s, out)
    return out


class Oracle:
    """The same forces in the earth-centred frame, from published formulas, on scipy's integrator."""

    def __init__(self, frame, wind, curve, log_drag):
        self.frame, self.drag = frame, np.exp(log_drag)
        self.wind_ecef = frame.ecef_from_enu @ np.array([*wind, 0.0])
        knots = DRAG_MACH_STEP * np.arange(len(curve) + 1)
        self.cd = PPoly((curve / DRAG_MACH_STEP ** np.arange(4))[:, ::-1].T, knots)

    def field(self, _, y):
        lat, lon, height = pymap3d.ecef2geodetic(y[0], y[1], y[2], deg=False)
        potential_m = 6356766.0 * height / (6356766.0 + height)
        kelvin = 288.15 - 0.0065 * potential_m  # all of these flights stay below 11 km
        density = 101325.0 * (kelvin / 288.15) ** (9.80665 / (287.05287 * 0.0065)) / (287.05287 * kelvin)
        through_air = y[3:] - self.wind_ecef
        speed = np.sqrt(through_air @ through_air)
        mach = speed / np.sqrt(1.4 * 287.05287 * kelvin)
        sin_2 = np.sin(lat) ** 2
        gravity = 9.7803253359 * (1 + 0.001931852652458 * sin_2) / np.sqrt(1 - 0.00669437999014 * sin_2)
        fall = (
            1
            - 2 * (1 + 1 / 298.257223563 + 0.003449786506841 - 2 / 298.257223563 * sin_2) * height / 6378137.0
        )
        gravity *= fall + 3 * (height / 6378137.0) ** 2
        normal = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        turning = 2 * 7.292115e-5 * np.array([y[4], -y[3], 0.0])
        drag = -0.5 * density * self.cd(mach) * self.drag * speed * through_air
        return np.concatenate([y[3:], turning + drag - gravity * normal])

    def fly(self, state, duration_s):
        r = self.frame.ecef_from_enu
        start = np.concatenate([self.frame.origin_ecef_m + r @ state[:3], r @ state[3:6]])
        end = solve_ivp(
            self.field, (0.0, duration_s), start, "DOP853", rtol=1e-12, atol=1e-9, max_step=0.5
        ).y[:, -1]
        return np.concatenate([r.T @ (end[:3] - self.frame.origin_ecef_m), r.T @ end[3:]])


@pytest.mark.parametrize("kind", ["rocket", "mortar"])
def test_flight_to_the_ground_equals_that_of_dop853(kind, frame, world, ground, request):
    state = request.getfixturevalue(f"{kind}_state")
    curve = request.getfixturevalue(f"{kind}_curve")
    fine, live, end = np.empty(9), np.empty(9), np.empty(9)
    time_s, status = fly_to_ground(state, world, curve, ground, 0.01, 200.0, fine)
    assert status == LANDED
    assert time_s > 30.0
    expected = Oracle(frame, (4.0, -3.0), curve, state[6]).fly(state, time_s)
    assert np.abs(fine[:3] - expected[:3]).max() < 1e-3
    assert np.abs(fine[3:6] - expected[3:]).max() < 1e-4
    live_s, _ = fly_to_ground(state, world, curve, ground, 0.25, 200.0, live)
    assert np.hypot(*(live[:2] - fine[:2])) < 2e-3  # wanted: 0.5 m
    assert live_s == pytest.approx(time_s, abs=1e-4)
    fly(state, time_s, world, curve, 0.25, end)
    assert np.linalg.norm(end[:3] - expected[:3]) < 0.02


def test_a_step_of_a_second_does_not_step_over_the_knee(world, ground, rocket_state, rocket_curve):
    fine, coarse = np.empty(9), np.empty(9)
    fly_to_ground(rocket_state, world, rocket_curve, ground, 0.01, 200.0, fine)
    fly_to_ground(rocket_state, world, rocket_curve, ground, 1.0, 200.0, coarse)
    assert np.hypot(*(coarse[:2] - fine[:2])) < 0.5


def test_halving_the_step_divides_the_error_by_sixteen(still_world, mortar_state, mortar_curve):
    exact = flown(mortar_state, 16.0, still_world, mortar_curve, 0.005)
    steps = (0.8, 0.4, 0.2)
    errors = [
        np.linalg.norm((flown(mortar_state, 16.0, still_world, mortar_curve, h) - exact)[:3]) for h in steps
    ]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx([4.0, 4.0], abs=0.5)


@pytest.mark.uncompiled
def test_there_and_back_returns(world, rocket_state, rocket_curve):
    for duration_s in (0.0, 0.3, 12.0):
        there = flown(rocket_state, duration_s, world, rocket_curve, 0.05)
        back = flown(there, -duration_s, world, rocket_curve, 0.05)
        assert back == pytest.approx(rocket_state, abs=1e-5)
    assert np.array_equal(flown(rocket_state, 0.0, world, rocket_curve, 0.05), rocket_state)


FRAME = frame_at(np.radians(33.315), np.radians(44.42), 34.0)
STILL = world_at(FRAME, standard_air())


@settings(max_examples=40, deadline=None)
@given(
    st.floats(30.0, 900.0),
    st.floats(-1.2, 1.5),
    st.floats(0.0, 6.28),
    st.floats(-12.0, -4.0),
    st.integers(0, 4),
)
def test_energy_never_grows_in_still_air(speed_mps, elevation, azimuth, log_drag, shape):
    across = speed_mps * np.cos(elevation)
    up = speed_mps * np.sin(elevation)
    velocity = (across * np.sin(azimuth), across * np.cos(azimuth), up)
    state = np.array([0.0, 0.0, 3000.0, *velocity, log_drag, 0.0, 0.0])
    states = np.empty((25, 9))
    trajectory(state, np.linspace(0.0, 24.0, 25), STILL, SHAPE_CURVES[shape].copy(), 0.25, states)
    energy = np.array([_energy_m2ps2(s) for s in states])
    # the potential is exact to about 1e-6 of itself: gravity's change with latitude is left out of it
    assert np.all(np.diff(energy) < 2e-6 * energy[0])


def _energy_m2ps2(state):
    height = height_of_enu(state[0], state[1], state[2], FRAME)
    ground_mps2 = normal_gravity_mps2(np.radians(33.315), 0.0)
    return 0.5 * state[3:6] @ state[3:6] + ground_mps2 * height * (1.0 - height / 6.372e6)


@pytest.mark.uncompiled
def test_a_trajectory_is_the_flights_to_each_of_its_times(world, mortar_state, mortar_curve):
    times = np.array([0.0, 0.5, 0.5, 2.1, 4.0])
    states = np.empty((5, 9))
    trajectory(mortar_state, times, world, mortar_curve, 0.25, states)
    assert np.array_equal(states[0], mortar_state)
    for time_s, state in zip(times, states, strict=True):
        assert state == pytest.approx(flown(mortar_state, time_s, world, mortar_curve, 0.25), abs=1e-6)


@pytest.mark.uncompiled
def test_the_wind_of_the_state_is_added_to_that_of_the_air(world, still_world, mortar_state, mortar_curve):
    with_offset = mortar_state.copy()
    with_offset[7:] = 4.0, -3.0
    ours = flown(with_offset, 6.0, still_world, mortar_curve, 0.25)
    assert ours[:6] == pytest.approx(flown(mortar_state, 6.0, world, mortar_curve, 0.25)[:6], abs=1e-9)
    assert np.array_equal(ours[6:], with_offset[6:])


@pytest.mark.uncompiled
def test_steps_shrink_at_the_knee_and_under_strong_drag_and_never_vanish():
    def step_s(mach, rate, decay):
        return step_limit_s(0.25, knee_room(mach), rate, decay)

    assert step_s(0.5, 0.1, 0.1) == 0.25
    assert step_s(1.0, -0.2, 0.1) == pytest.approx(0.02 / 0.2)
    assert step_s(1.3, -1.0, 0.1) == pytest.approx(0.12)  # to just inside the knee, not over it
    assert step_s(0.75, 2.0, 0.1) == pytest.approx(0.06)
    assert step_s(0.5, 0.0, 10.0) == pytest.approx(0.05)
    assert step_s(1.0, np.inf, np.inf) == 0.25 / 64
    assert step_s(1.0, 0.0, 0.0) == 0.25


@pytest.mark.uncompiled
def test_a_body_with_the_drag_of_a_feather_comes_to_its_falling_speed(still_world, mortar_curve):
    state = np.array([0.0, 0.0, 500.0, 200.0, 0.0, 0.0, np.log(1.0), 0.0, 0.0])
    end = flown(state, 4.0, still_world, mortar_curve, 1.0)
    falling_mps = np.sqrt(2 * 9.79 / (1.162 * 0.14 * 1.0))
    assert end[5] == pytest.approx(-falling_mps, rel=0.03)
    assert np.hypot(end[3], end[4]) < 2.0


@pytest.mark.uncompiled
def test_a_state_of_nan_ends_and_stays_nan(world, ground, mortar_curve):
    out = np.empty(9)
    assert fly_to_ground(np.full(9, np.nan), world, mortar_curve, ground, 1.0, 5.0, out)[1] != LANDED
    assert np.all(np.isnan(flown(np.full(9, np.nan), 2.0, world, mortar_curve, 1.0)))
