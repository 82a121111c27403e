"""Flights in lanes against DOP853 on the same field, against one flight at a time, and at their edges."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from rampart.physics.atmosphere import standard_air
from rampart.physics.batch import STEP_S, field_over, land_each
from rampart.physics.drag import SHAPES, drag_shape
from rampart.physics.flight import LANDED, NO_CROSSING, UNDERGROUND, fly_to_ground_each
from rampart.physics.geodesy import frame_at, height_of_enu
from rampart.physics.lanes import LANES, PLACE_BY, SPEED_BY, field_drive, fly_lanes
from rampart.physics.motion import LOG_DRAG, acceleration, world_at
from rampart.physics.terrain import flat_terrain, terrain_from_grid

FRAME = frame_at(np.radians(45.0), 0.2, 0.0)
WORLD = world_at(FRAME, standard_air())
GROUND = flat_terrain(0.0)
FLIGHTS = {  # speed m/s, elevation deg, kg, m
    "mortar": (300.0, 60.0, 13.0, 0.12),
    "shell": (560.0, 45.0, 43.0, 0.155),
    "rocket": (690.0, 50.0, 45.0, 0.122),
    "sphere": (450.0, 45.0, 60.0, 0.2),
    "broad": (220.0, 62.0, 4.2, 0.081),
}


def starts(shape, n, seed=1, up_m=0.0):
    speed, elevation, mass, diameter = FLIGHTS[shape]
    rng = np.random.default_rng(seed)
    v = speed * (1.0 + 0.01 * rng.standard_normal(n))
    angle = np.radians(elevation + 0.3 * rng.standard_normal(n))
    azimuth = np.radians(30.0 + 0.3 * rng.standard_normal(n))
    states = np.zeros((n, 9))
    states[:, 2] = up_m
    states[:, 3], states[:, 4] = v * np.cos(angle) * np.sin(azimuth), v * np.cos(angle) * np.cos(azimuth)
    states[:, 5] = v * np.sin(angle)
    states[:, LOG_DRAG] = np.log(np.pi / 4 * diameter**2 / mass) + 0.03 * rng.standard_normal(n)
    states[:, 7:] = 1.5 * rng.standard_normal((n, 2))
    return states


def one_at_a_time(states, shape, terrain, step_s=0.02):
    out, time_s, status = np.empty_like(states), np.empty(len(states)), np.empty(len(states), np.int64)
    fly_to_ground_each(states, WORLD, shape.curve, terrain, step_s, 300.0, out, time_s, status)
    return out, time_s, status


@pytest.mark.parametrize("name", FLIGHTS)
def test_the_default_step_is_within_a_decimetre_of_dop853_on_the_same_field(name):
    shape, states = drag_shape(name), starts(name, 8)
    field = field_over(states, WORLD, shape, GROUND)
    flown = land_each(states, WORLD, shape, GROUND)

    for start, end, time_s in zip(states, flown.state_enu, flown.time_s, strict=True):

        def force(_, y, start=start):
            return [*y[3:], *field_drive(*y, np.exp(start[6]), start[7], start[8], field)[:3]]

        exact = solve_ivp(force, (0.0, time_s), start[:6], "DOP853", rtol=1e-12, atol=1e-9).y[:, -1]
        # the state at the same moment; along the ground the impact differs less
        assert np.linalg.norm(end[:3] - exact[:3]) < 0.1
        assert abs(height_of_enu(*end[:3], FRAME)) < 1e-3


@pytest.mark.parametrize("name", FLIGHTS)
def test_lanes_land_where_one_flight_at_a_time_does(name):
    shape, states = drag_shape(name), starts(name, 40)
    flown = land_each(states, WORLD, shape, GROUND, step_s=0.5)
    alone, time_s, _ = one_at_a_time(states, shape, GROUND)
    assert np.all(flown.landed)
    assert flown.state_enu[:, :2] == pytest.approx(alone[:, :2], abs=0.1)  # polynomials for splines
    assert flown.time_s == pytest.approx(time_s, abs=2e-3)
    assert np.array_equal(flown.state_enu[:, 6:], states[:, 6:])


def test_the_order_of_the_rule_is_five():
    shape, states = drag_shape("broad"), starts("broad", 4)
    field = field_over(states, WORLD, shape, GROUND)

    def end(step_s):
        out, time_s, status = np.empty_like(states), np.empty(4), np.empty(4, np.int64)
        fly_lanes(states, 0.0, step_s, 12.0, field, out, time_s, status)
        assert np.all(status == NO_CROSSING)
        assert np.all(time_s == 12.0)
        return out[:, :3]

    exact = end(0.01)
    errors = [np.abs(end(h) - exact).max() for h in (1.5, 0.75, 0.375)]
    assert np.log2(np.array(errors[:-1]) / errors[1:]) == pytest.approx([5.0, 5.0], abs=0.6)


@pytest.mark.uncompiled
def test_the_rules_numbers_keep_its_conditions_of_order():
    share = SPEED_BY.sum(axis=1)
    weights = SPEED_BY[-1]
    for power in range(5):
        assert weights @ share[:-1] ** power == pytest.approx(1.0 / (power + 1))
    assert PLACE_BY[-1].sum() == pytest.approx(0.5)


@pytest.mark.uncompiled
def test_the_field_is_the_forces_of_one_flight():
    shape = drag_shape("rocket")
    state = starts("rocket", 1, up_m=900.0)[0]
    field = field_over(state[None], WORLD, shape, GROUND)
    ours = field_drive(*state[:6], np.exp(state[6]), state[7], state[8], field)
    assert ours[:3] == pytest.approx(acceleration(*state, WORLD, shape.curve), rel=1e-4)


def test_a_batch_is_the_same_in_any_company_and_on_any_number_of_threads():
    shape, states = drag_shape("shell"), starts("shell", 40 * LANES + 7)
    together = land_each(states, WORLD, shape, GROUND, threads=1)
    apart = land_each(states, WORLD, shape, GROUND, threads=2)
    assert np.array_equal(together.state_enu, apart.state_enu)
    assert np.array_equal(together.time_s, apart.time_s)
    field = field_over(states, WORLD, shape, GROUND)
    out, time_s, status = np.empty((1, 9)), np.empty(1), np.empty(1, np.int64)
    for i in (0, 33, len(states) - 1):
        fly_lanes(states[i : i + 1], 0.0, STEP_S, 600.0, field, out, time_s, status)
        assert np.array_equal(out[0], together.state_enu[i])


@pytest.mark.uncompiled
def test_edges_below_the_ground_at_rest_out_of_time_and_nan():
    shape, states = drag_shape("mortar"), starts("mortar", 6)
    states[1, 2] = -5.0
    states[2, 3:6] = 0.0
    states[3, 5] = -50.0
    states[4, 3] = np.nan
    flown = land_each(states, WORLD, shape, GROUND, longest_s=10.0)
    assert flown.status.tolist() == [NO_CROSSING, UNDERGROUND, LANDED, LANDED, NO_CROSSING, NO_CROSSING]
    assert flown.time_s[[0, 1, 2, 3, 5]] == pytest.approx([10.0, 0.0, 0.0, 0.0, 10.0], abs=1e-9)
    assert np.array_equal(flown.state_enu[1], states[1])
    assert np.all(np.isnan(flown.state_enu[4, :2]))
    assert np.all(np.isfinite(flown.state_enu[[0, 1, 2, 3, 5]]))


def test_hills_are_met_as_by_one_flight_at_a_time():
    axis = np.arange(-20e3, 20.1e3, 100.0)
    east, north = np.meshgrid(axis, axis)
    hills = terrain_from_grid(
        -20e3, -20e3, 100.0, 120.0 + 100.0 * np.sin(east / 700.0) * np.cos(north / 900.0)
    )
    for shape in SHAPES[:3]:
        states = starts(shape.name, 70, up_m=150.0)
        flown = land_each(states, WORLD, shape, hills)
        alone, time_s, status = one_at_a_time(states, shape, hills)
        assert np.array_equal(flown.status, status)
        # where a path skims a hill, a hand's breadth of height decides on which side of it it comes down
        near = np.abs(flown.state_enu[:, :2] - alone[:, :2]).max(axis=1) < 0.6
        assert np.mean(near) > 0.97
        assert flown.time_s[near] == pytest.approx(time_s[near], abs=5e-3)
