"""Thrust: the rocket equation in a vacuum, the rail, burn-out, and scipy on the whole of it."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from rampart.physics.flight import Boost, fly, fly_boosted, mass_kg
from rampart.physics.motion import acceleration

BOOST = Boost(thrust_n=22e3, burn_s=1.8, mass_full_kg=65.0, mass_empty_kg=45.0)
VACUUM = -60.0
LOG_DRAG_EMPTY = np.log(np.pi / 4 * 0.122**2 / 45.0)


def on_rail(log_drag, elevation_deg=50.0):
    direction = np.array([-np.cos(np.radians(elevation_deg)), 0.0, np.sin(np.radians(elevation_deg))])
    return np.array([0.0, 0.0, 2.0, *(1e-6 * direction), log_drag, 0.0, 0.0]), direction


def boosted(state, start_s, end_s, rail_m, world, curve, step_s=0.02):
    out = np.empty(9)
    fly_boosted(state, start_s, end_s, BOOST, rail_m, world, curve, step_s, out)
    return out


@pytest.mark.uncompiled
def test_speed_at_burn_out_is_the_rocket_equations_less_gravity(still_world, rocket_curve):
    state, _ = on_rail(VACUUM, 89.9)
    end = boosted(state, 0.0, BOOST.burn_s, 3.0, still_world, rocket_curve)
    exhaust_mps = BOOST.thrust_n * BOOST.burn_s / (BOOST.mass_full_kg - BOOST.mass_empty_kg)
    ideal_mps = exhaust_mps * np.log(BOOST.mass_full_kg / BOOST.mass_empty_kg)
    assert end[5] == pytest.approx(ideal_mps - 9.796 * BOOST.burn_s, rel=1e-4)


@pytest.mark.uncompiled
def test_the_rail_holds_it_to_a_line(world, rocket_curve):
    state, direction = on_rail(LOG_DRAG_EMPTY)
    end = boosted(state, 0.0, 0.08, 3.0, world, rocket_curve)
    moved = end[:3] - state[:3]
    assert 0.5 < np.linalg.norm(moved) < 3.0
    assert np.cross(moved, direction) == pytest.approx(np.zeros(3), abs=1e-9)
    assert np.linalg.norm(moved) == pytest.approx(
        0.5 * (22e3 / 64.6 - 9.8 * direction[2]) * 0.08**2, rel=0.01
    )


@pytest.mark.uncompiled
def test_too_weak_a_motor_stays_on_its_rail(world, rocket_curve):
    state, _ = on_rail(LOG_DRAG_EMPTY)
    out = np.empty(9)
    fly_boosted(state, 0.0, 0.05, BOOST._replace(thrust_n=10.0), 3.0, world, rocket_curve, 0.02, out)
    assert out[:3] == pytest.approx(state[:3], abs=1e-6)


@pytest.mark.uncompiled
def test_a_flight_in_parts_is_the_flight_in_one(world, rocket_curve):
    state, _ = on_rail(LOG_DRAG_EMPTY)
    whole = boosted(state, 0.0, 3.0, 3.0, world, rocket_curve)
    part = boosted(state, 0.0, 0.9, 3.0, world, rocket_curve)
    part = boosted(part, 0.9, 3.0, 0.0, world, rocket_curve)
    assert part == pytest.approx(whole, abs=1e-4)
    coast = np.empty(9)
    fly(boosted(state, 0.0, BOOST.burn_s, 3.0, world, rocket_curve), 1.2, world, rocket_curve, 0.02, coast)
    assert coast == pytest.approx(whole, abs=1e-9)


@pytest.mark.uncompiled
def test_mass_falls_evenly_and_stays_within_full_and_empty():
    assert [mass_kg(t, BOOST) for t in (-1.0, 0.0, 0.9, 1.8, 9.0)] == pytest.approx(
        [65.0, 65.0, 55.0, 45.0, 45.0]
    )


def test_boosted_flight_equals_scipys(world, rocket_curve):
    state, direction = on_rail(LOG_DRAG_EMPTY)
    state[3:6] = 40.0 * direction  # clear of the rail, as a track of a burning rocket is
    wind = np.array([4.0, -3.0, 0.0])

    def field(t, y):
        mass = 65.0 - 20.0 * t / 1.8
        lighter = LOG_DRAG_EMPTY + np.log(45.0 / mass)
        through_air = y[3:] - wind
        push = 22e3 / mass * through_air / np.linalg.norm(through_air)
        return np.concatenate([y[3:], push + acceleration(*y, lighter, 0.0, 0.0, world, rocket_curve)])

    burnt = solve_ivp(field, (0.0, 1.8), state[:6], "DOP853", rtol=1e-11, atol=1e-9, max_step=0.02).y[:, -1]
    ours = boosted(state, 0.0, 1.8, 0.0, world, rocket_curve)
    assert ours[:6] == pytest.approx(burnt, abs=1e-3)
