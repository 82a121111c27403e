"""Analytic derivatives of a flight and of its meeting with the ground against central differences."""

import numpy as np
import pytest

from rampart.physics.atmosphere import air_from_sounding, standard_pressure_temperature
from rampart.physics.drag import MORTAR, ROCKET, SHAPE_CURVES
from rampart.physics.flight import LANDED, UNDERGROUND, fly, fly_to_ground
from rampart.physics.motion import acceleration, world_at
from rampart.physics.terrain import terrain_from_grid
from rampart.physics.variation import drive_with_derivative, fly_with_transition, ground_with_transition

STEP = np.array([2.0, 2.0, 2.0, 0.1, 0.1, 0.1, 1e-3, 0.1, 0.1])


@pytest.fixture(scope="module")
def windy_world(frame):
    """Wind, temperature and density that change with height, so that every slope counts."""
    height = np.array([0.0, 800.0, 2500.0, 6000.0, 11000.0])
    pressure, temperature = standard_pressure_temperature(height)
    wind = np.array([2.0, 7.0, 12.0, 20.0, 30.0])
    return world_at(frame, air_from_sounding(height, pressure, temperature + 8.0, wind, -0.4 * wind))


def central(of, state, step=STEP):
    columns = []
    for k in range(9):
        above, below = state.copy(), state.copy()
        above[k] += step[k]
        below[k] -= step[k]
        columns.append((of(above) - of(below)) / (2.0 * step[k]))
    return np.stack(columns, axis=1)


@pytest.mark.uncompiled
@pytest.mark.parametrize("speed", [90.0, 300.0, 341.0, 380.0, 800.0])
def test_the_derivative_of_the_forces(speed, windy_world):
    state = np.array([4e3, -9e3, 1730.0, 0.6 * speed, -0.5 * speed, 0.62 * speed, -8.2, 1.5, -0.7])
    curve, forces = SHAPE_CURVES[ROCKET].copy(), np.empty((3, 9))
    numbers = drive_with_derivative(*state[:6], np.exp(state[6]), *state[7:], windy_world, curve, forces)
    here = acceleration(*state, windy_world, curve)
    assert numbers[:3] == pytest.approx(here, abs=1e-12)
    expected = central(lambda s: np.array(acceleration(*s, windy_world, curve)), state, 0.03 * STEP)
    assert np.abs(forces - expected) * STEP == pytest.approx(np.zeros((3, 9)), abs=3e-6)
    gravity_part = np.abs(forces - expected)[:, :3]
    assert gravity_part.max() < 1e-10  # of a gravity gradient of 1.5e-6


@pytest.mark.parametrize("shape", [MORTAR, ROCKET])
@pytest.mark.parametrize("duration_s", [0.5, 25.0, -6.0])
def test_the_transition_matrix(shape, duration_s, windy_world, rocket_state):
    start = rocket_state.copy()
    start[2] += 4000.0  # so that no flight leaves the splines of the air below
    curve, out, phi = SHAPE_CURVES[shape].copy(), np.empty(9), np.empty((9, 9))
    fly_with_transition(start, np.eye(9), duration_s, windy_world, curve, 0.25, out, phi)
    plain = np.empty(9)
    fly(start, duration_s, windy_world, curve, 0.25, plain)
    assert out == pytest.approx(plain, abs=1e-9)

    def flown(state):
        end = np.empty(9)
        fly(state, duration_s, windy_world, curve, 0.02, end)
        return end

    moved = np.abs(phi - central(flown, start)) * STEP
    # a step of STEP is followed to within 1e-5 of itself and what it grows to
    assert np.all(moved < 1e-5 * np.maximum(STEP[:, None], np.abs(phi) * STEP))
    assert np.array_equal(phi[6:], np.eye(9)[6:])


@pytest.mark.uncompiled
def test_transitions_chain_in_place(windy_world, mortar_state, mortar_curve):
    state, phi = mortar_state.copy(), np.eye(9)
    for duration_s in (0.5, 0.0, 1.5):
        fly_with_transition(state, phi, duration_s, windy_world, mortar_curve, 0.25, state, phi)
    whole, whole_phi = np.empty(9), np.empty((9, 9))
    fly_with_transition(mortar_state, np.eye(9), 2.0, windy_world, mortar_curve, 0.25, whole, whole_phi)
    assert state == pytest.approx(whole, abs=1e-9)
    assert phi == pytest.approx(whole_phi, abs=1e-9)


@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_the_derivative_of_the_impact(slope, windy_world, rocket_state, rocket_curve):
    axis = -30e3 + 1e3 * np.arange(61)
    terrain = terrain_from_grid(axis[0], axis[0], 1e3, 34.0 - slope * np.add.outer(0.4 * axis, axis))
    state = rocket_state.copy()
    state[2] += 400.0
    out, jacobian = np.empty(9), np.empty((3, 9))
    time_s, status = ground_with_transition(
        state, windy_world, rocket_curve, terrain, 0.25, 200.0, out, jacobian
    )
    assert status == LANDED

    def impact(s):
        end = np.empty(9)
        when_s, _ = fly_to_ground(s, windy_world, rocket_curve, terrain, 0.25, 200.0, end)
        return np.array([end[0], end[1], when_s])

    assert impact(state) == pytest.approx([out[0], out[1], time_s], abs=1e-5)
    moved = np.abs(jacobian - central(impact, state)) * STEP
    assert np.all(moved[:2] < 2e-4 * np.maximum(1.0, np.abs(jacobian[:2]) * STEP))
    assert np.all(moved[2] < 1e-6)


@pytest.mark.uncompiled
def test_an_impact_that_is_none_has_no_derivative(windy_world, ground, mortar_curve):
    jacobian, out = np.full((3, 9), np.nan), np.empty(9)
    deep = np.array([0.0, 0.0, -900.0, 1.0, 2.0, 3.0, -7.0, 0.0, 0.0])
    _, status = ground_with_transition(deep, windy_world, mortar_curve, ground, 0.5, 9.0, out, jacobian)
    assert status == UNDERGROUND
    assert not jacobian.any()


@pytest.mark.uncompiled
def test_a_short_fall_moves_the_impact_as_it_moves_the_start(windy_world, ground, mortar_curve):
    state = np.array([100.0, 50.0, 20.0, 3.0, -2.0, -15.0, -7.0, 0.0, 0.0])
    out, jacobian = np.empty(9), np.empty((3, 9))
    time_s, status = ground_with_transition(state, windy_world, mortar_curve, ground, 0.5, 9.0, out, jacobian)
    assert status == LANDED
    assert jacobian[:2, :2] == pytest.approx(np.eye(2), abs=1e-3)
    assert jacobian[0, 3] == pytest.approx(time_s, rel=0.02)
    assert jacobian[2, 2] == pytest.approx(-1.0 / out[5], rel=0.02)
