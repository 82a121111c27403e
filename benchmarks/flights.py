"""Trajectories to the ground a second and core, beside scipy's integrators on the same field at equal error."""

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.table import best_of
from rampart.physics.atmosphere import standard_air
from rampart.physics.drag import SHAPE_CURVES, SHAPE_NAMES
from rampart.physics.flight import fly_to_ground_each
from rampart.physics.geodesy import frame_at
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, acceleration, world_at
from rampart.physics.terrain import flat_terrain

TITLE = "Trajectories, ground crossing included, one core"
CASES = {
    "mortar-like, 220 m/s": (220.0, 62.0, "mortar", np.log(np.pi / 4 * 0.081**2 / 4.2)),
    "shell, 560 m/s, transonic": (560.0, 45.0, "shell", np.log(np.pi / 4 * 0.155**2 / 43.0)),
}
ALLOWED_M = 0.1


def measure() -> list[dict]:
    """Return a row for each case and engine: flights a second, worst error, ratio to scipy."""
    frame = frame_at(np.radians(45.0), 0.0, 0.0)
    world, terrain = world_at(frame, standard_air()), flat_terrain(0.0)
    rows = []
    for name, (speed_mps, angle_deg, shape, log_drag) in CASES.items():
        curve = SHAPE_CURVES[SHAPE_NAMES.index(shape)]
        states = _states(2000, speed_mps, angle_deg, log_drag)
        truth = _land(states, world, curve, terrain, 0.01)
        good = (
            h for h in (4.0, 2.0, 1.0, 0.5) if _error(states, world, curve, terrain, h, truth) < ALLOWED_M
        )
        step_s = next(good, 0.25)
        seconds = best_of(5, lambda: _land(states, world, curve, terrain, step_s))
        ours = len(states) / seconds
        scipys = {
            method: _scipy(method, states[:20], world, curve, truth[:20]) for method in ("RK45", "DOP853")
        }
        fastest = max(speed for speed, _ in scipys.values())
        worst_m = _error(states, world, curve, terrain, step_s, truth)
        rows.append(_row(name, f"Rampart, step {step_s} s", ours, worst_m, ours / fastest))
        for method, (speed, error_m) in scipys.items():
            rows.append(_row(name, f"scipy {method}", speed, error_m, speed / fastest))
    return rows


def _row(case: str, engine: str, speed: float, error_m: float, ratio: float) -> dict:
    figures = {
        "flights/s": f"{speed:,.0f}",
        "worst error m": f"{error_m:.3f}",
        "times scipy": f"{ratio:,.1f}",
    }
    return {"case": case, "engine": engine} | figures


def _states(n: int, speed_mps: float, angle_deg: float, log_drag: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    speed = speed_mps * (1 + 0.01 * rng.standard_normal(n))
    angle = np.radians(angle_deg + 0.3 * rng.standard_normal(n))
    states = np.zeros((n, STATE_SIZE))
    states[:, 3], states[:, 5] = speed * np.cos(angle), speed * np.sin(angle)
    states[:, LOG_DRAG] = log_drag + 0.03 * rng.standard_normal(n)
    return states


def _land(states, world, curve, terrain, step_s: float) -> np.ndarray:
    out, time_s, status = np.empty_like(states), np.empty(len(states)), np.empty(len(states), np.int64)
    fly_to_ground_each(states, world, curve, terrain, step_s, 200.0, out, time_s, status)
    return out[:, :2]


def _error(states, world, curve, terrain, step_s: float, truth: np.ndarray) -> float:
    return float(np.abs(_land(states, world, curve, terrain, step_s) - truth).max())


def _scipy(method: str, states, world, curve, truth: np.ndarray) -> tuple[float, float]:
    """Return scipy's flights a second and worst error at the loosest tolerance that keeps the error."""

    def derivative(_, y):
        return [*y[3:6], *acceleration(*y[:6], log_drag, 0.0, 0.0, world, curve)]

    def ground(_, y):
        return y[2] + (y[0] ** 2 + y[1] ** 2) / 2.0 / 6.37e6

    ground.terminal, ground.direction = True, -1.0
    for tolerance in (1e-4, 1e-5, 1e-6, 1e-7, 1e-8):
        ends = []

        def fly_all():
            nonlocal log_drag
            ends.clear()
            for state in states:
                log_drag = state[LOG_DRAG]
                loose = {"rtol": tolerance, "atol": tolerance}
                flown = solve_ivp(derivative, (0.0, 200.0), state[:6], method, events=ground, **loose)
                ends.append(flown.y_events[0][0][:2])

        log_drag = 0.0
        seconds = best_of(1, fly_all)
        error_m = float(np.abs(np.array(ends) - truth).max())
        if error_m < 3.0 * ALLOWED_M:
            break
    return len(states) / seconds, error_m
