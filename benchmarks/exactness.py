"""The reference mode beside scipy's DOP853 at a tolerance of 1e-12, on random flights of every projectile known."""

import numba
import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.flights import FRAME, GROUND, case_air
from rampart.physics.batch import REFERENCE_STEP_S
from rampart.physics.flight import LANDED, fly_to_ground
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, acceleration, world_at
from rampart.simulate.catalogue import Weapon, catalogue, drag_curve

TITLE = "Reference mode beside DOP853 at rtol 1e-12"
FLIGHTS = 1000
WORLD = world_at(FRAME, case_air())


def measure(flights: int = FLIGHTS) -> list[dict]:
    """Return a row for each projectile: the worst distance between the two ends, at the moment of impact."""
    return [_row(weapon, flights) for weapon in catalogue()]


def _row(weapon: Weapon, flights: int) -> dict:
    curve = drag_curve(weapon.drag_points)
    exact = _dop853(curve)
    worst_m, longest_s, end = 0.0, 0.0, np.empty(STATE_SIZE)
    rng = np.random.default_rng(7)
    for _ in range(flights):
        state = _random_state(weapon, rng)
        time_s, status = fly_to_ground(state, WORLD, curve, GROUND, REFERENCE_STEP_S, 400.0, end)
        assert status == LANDED
        worst_m = max(worst_m, float(np.linalg.norm(end[:3] - exact(state, time_s))))
        longest_s = max(longest_s, time_s)
    figures = {
        "flights": flights,
        "longest s": f"{longest_s:.0f}",
        "worst distance mm": f"{1e3 * worst_m:.4f}",
    }
    return {
        "projectile": weapon.name,
        "engine": f"Rampart, step {REFERENCE_STEP_S} s, against DOP853",
    } | figures


def _random_state(weapon: Weapon, rng) -> np.ndarray:
    """Return a state at the muzzle or at burn-out: 25...75 degrees up, any azimuth, drag and wind varied."""
    speed = rng.uniform(*weapon.speed_mps)
    elevation, azimuth = np.radians(rng.uniform(25.0, 75.0)), rng.uniform(0.0, 2.0 * np.pi)
    across = speed * np.cos(elevation)
    velocity = (across * np.sin(azimuth), across * np.cos(azimuth), speed * np.sin(elevation))
    drag = weapon.log_drag + 0.1 * rng.standard_normal()
    return np.array([*rng.uniform(-5e3, 5e3, 2), 50.0, *velocity, drag, *(2.0 * rng.standard_normal(2))])


def _dop853(curve):
    """Return a function of (state, seconds): the place then, by scipy."""

    @numba.njit(error_model="numpy")
    def derivative(_, y, log_drag, wind_e, wind_n):
        a = acceleration(y[0], y[1], y[2], y[3], y[4], y[5], log_drag, wind_e, wind_n, WORLD, curve)
        return np.array((y[3], y[4], y[5], a[0], a[1], a[2]))

    def place(state: np.ndarray, seconds: float) -> np.ndarray:
        flown = solve_ivp(
            derivative,
            (0.0, seconds),
            state[:6],
            "DOP853",
            rtol=1e-12,
            atol=1e-9,
            args=tuple(state[LOG_DRAG:]),
        )
        return flown.y[:3, -1]

    return place
