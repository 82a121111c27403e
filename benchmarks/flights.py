"""Trajectories to the ground a second and core, beside scipy and RocketPy; clouds, ellipses, and every error apart."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.table import best_of
from rampart import trajectories as tr
from rampart.physics.atmosphere import air_from_sounding, standard_air, standard_pressure_temperature
from rampart.physics.batch import STEP_S, field_over
from rampart.physics.drag import DragShape, closed_cd_at, drag_shape
from rampart.physics.flight import fly_to_ground_each
from rampart.physics.geodesy import frame_at
from rampart.physics.lanes import field_drive, fly_lanes
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, world_at
from rampart.physics.terrain import flat_terrain

TITLE = "Trajectories, ground crossing included"
FLIGHTS = 2000
ALLOWED_M = 0.1
EXACT_STEP_S = 0.02
LANE_STEPS_S = (12.0, STEP_S, 4.0)
SCIPY_FLIGHTS = 20
CASES = {  # speed m/s, elevation deg, kg, m, form factor; both fly the G7 shape in a wind that turns with height
    "M, mortar-like, 36 s": (220.0, 62.0, 4.2, 0.081, 1.15),
    "A, transonic, 59 s": (560.0, 45.0, 43.0, 0.155, 1.05),
}
FRAME = frame_at(np.radians(45.0), 0.0, 0.0)
GROUND = flat_terrain(0.0)
SHAPE = drag_shape("g7")
PEERS = "RAMPART_PEERS"
"""Environment variable: a Python that has RocketPy, in an environment of its own."""


def measure() -> list[dict]:
    """Return a row for each case and engine."""
    world = world_at(FRAME, case_air())
    rows = []
    for name, numbers in CASES.items():
        states = case_states(*numbers, FLIGHTS)
        field = field_over(states, world, SHAPE, GROUND)
        exact = _lanes(states, field, EXACT_STEP_S)()
        ours = _ours(name, states, field, exact, world)
        scipys = [
            _row(name, f"scipy {method}, one core", *_scipy(method, states[:SCIPY_FLIGHTS], field, exact))
            for method in ("RK45", "DOP853")
        ]
        fastest = max(row["flights/s"] for row in scipys)
        rocketpy = [_rocketpy(name, *numbers)] if name.startswith("M") else []
        for row in (*ours, *scipys, *rocketpy):
            row["times scipy"] = f"{row['flights/s'] / fastest:,.2f}"
            row["flights/s"] = f"{row['flights/s']:,.0f}"
            rows.append(row)
        rows += _clouds(name, states[0], world)
    return rows + _compressions()


def _ours(name: str, states: np.ndarray, field, exact: np.ndarray, world) -> list[dict]:
    """Return our rows: lanes on one core and on all, one flight at a time with the splines."""
    errors_m = {h: float(np.abs(_lanes(states, field, h)() - exact).max()) for h in LANE_STEPS_S}
    step_s = next(h for h in LANE_STEPS_S if errors_m[h] < ALLOWED_M)
    fly, error_m = _lanes(states, field, step_s), errors_m[step_s]
    one = FLIGHTS / best_of(40, fly)
    many = np.tile(states, (10, 1))
    around = tr.Surroundings(FRAME, world, GROUND, level=True)
    cores = os.cpu_count() or 1
    single_s, all_s = (
        best_of(15, lambda n=n: tr.fly_each(many, around, "g7", step_s=step_s, threads=n)) for n in (1, cores)
    )
    alone = states[:200]
    out, time_s, status = np.empty_like(alone), np.empty(200), np.empty(200, np.int64)

    def one_at_a_time(step_s: float = 1.0) -> np.ndarray:
        fly_to_ground_each(alone, world, SHAPE.curve, GROUND, step_s, 300.0, out, time_s, status)
        return out[:, :2].copy()

    scalar_error_m = float(np.abs(one_at_a_time() - one_at_a_time(EXACT_STEP_S)).max())
    return [
        _row(name, f"Rampart, lanes, step {step_s:g} s, one core", one, error_m),
        _row(
            name,
            f"Rampart, lanes, {cores} cores ({single_s / all_s:.2f} times one)",
            len(many) / all_s,
            error_m,
        ),
        _row(
            name, "Rampart, one flight at a time, step 1 s", 200 / best_of(10, one_at_a_time), scalar_error_m
        ),
    ]


def _row(case: str, engine: str, per_second: float, error_m: float) -> dict:
    return {"case": case, "engine": engine, "flights/s": per_second, "worst error m": f"{error_m:.3f}"}


def case_states(speed_mps, elevation_deg, mass_kg, diameter_m, form, n: int) -> np.ndarray:
    """Return (n, 9) states about a flight: 1 % of speed and density, 0.3 degrees, 3 % of drag, 1.5 m/s of wind."""
    rng = np.random.default_rng(0)
    speed = speed_mps * (1 + 0.01 * rng.standard_normal(n))
    elevation = np.radians(elevation_deg + 0.3 * rng.standard_normal(n))
    azimuth = np.radians(30.0 + 0.3 * rng.standard_normal(n))
    states = np.zeros((n, STATE_SIZE))
    states[:, 3] = speed * np.cos(elevation) * np.sin(azimuth)
    states[:, 4] = speed * np.cos(elevation) * np.cos(azimuth)
    states[:, 5] = speed * np.sin(elevation)
    area = form * np.pi / 4 * diameter_m**2 / mass_kg
    shares = (1 + 0.03 * rng.standard_normal(n)) * (1 + 0.01 * rng.standard_normal(n))
    states[:, LOG_DRAG] = np.log(area * shares)
    states[:, 7:] = 1.5 * rng.standard_normal((n, 2))
    return states


def case_air():
    """Return the standard air with the cases' wind."""
    height_m = np.arange(-1000.0, 34001.0, 250.0)
    pressure_pa, temperature_k = standard_pressure_temperature(height_m)
    east = 6 + 10 * np.tanh(height_m / 6000.0) + 3 * np.sin(height_m / 1500.0)
    return air_from_sounding(height_m, pressure_pa, temperature_k, east, -3 + 5 * np.sin(height_m / 2500.0))


def _lanes(states: np.ndarray, field, step_s: float) -> Callable[[], np.ndarray]:
    out, time_s, status = np.empty_like(states), np.empty(len(states)), np.empty(len(states), np.int64)

    def fly() -> np.ndarray:
        fly_lanes(states, 0.0, step_s, 300.0, field, out, time_s, status)
        return out[:, :2].copy() if step_s == EXACT_STEP_S else out[:, :2]

    return fly


def _scipy(method: str, states: np.ndarray, field, exact: np.ndarray) -> tuple[float, float]:
    """Return scipy's flights a second and worst error at the loosest tolerance that keeps the error.

    The field is compiled with its numbers in it, so that scipy waits for nothing of ours.
    """

    @numba.njit(error_model="numpy")
    def derivative(_, y, drag_m2kg, wind_e, wind_n):
        a = field_drive(y[0], y[1], y[2], y[3], y[4], y[5], drag_m2kg, wind_e, wind_n, field)
        return np.array((y[3], y[4], y[5], a[0], a[1], a[2]))

    def ground(_, y, *__):
        return y[2] + (y[0] ** 2 + y[1] ** 2) / 2.0 / 6.37e6

    ground.terminal, ground.direction = True, -1.0
    for tolerance in (1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6, 1e-7, 1e-8):
        ends = []

        def fly_all(tolerance=tolerance, ends=ends):
            ends.clear()
            for state in states:
                flown = solve_ivp(
                    derivative, (0.0, 200.0), state[:6], method, events=ground,
                    rtol=tolerance, atol=tolerance, args=(np.exp(state[LOG_DRAG]), state[7], state[8]),
                )  # fmt: skip
                ends.append(flown.y_events[0][0][:2])

        fly_all()
        error_m = float(np.abs(np.array(ends) - exact[: len(states)]).max())
        if error_m < ALLOWED_M:
            break
    return len(states) / best_of(3, fly_all), error_m


def _rocketpy(name: str, speed_mps, elevation_deg, mass_kg, diameter_m, form) -> dict:
    """Return RocketPy's row, another scope: its own atmosphere, events and accuracy."""
    row = {"case": name, "engine": "RocketPy, 3-DOF (another scope)", "flights/s": 0.0, "worst error m": "–"}
    python = os.environ.get(PEERS)
    if not python:
        row["engine"] = f"RocketPy, 3-DOF: not measured, {PEERS} names no Python that has it"
        return row
    mach = np.arange(0.0, 2.0, 0.02)
    elevation, azimuth = np.radians(elevation_deg), np.radians(30.0)
    across = speed_mps * np.cos(elevation)
    given = {
        "mach": mach.tolist(),
        "cd": [closed_cd_at(m, SHAPE.closed) for m in mach],
        "mass_kg": mass_kg / form,
        "diameter_m": diameter_m,
        "velocity_mps": [across * np.sin(azimuth), across * np.cos(azimuth), speed_mps * np.sin(elevation)],
    }
    script = Path(__file__).with_name("peers") / "rocketpy_flights.py"
    done = subprocess.run(
        [python, str(script)], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    row["flights/s"] = json.loads(done.stdout)["per_second"]
    return row


def _clouds(name: str, state: np.ndarray, world) -> list[dict]:
    """Return the rows of an impact cloud of 10,000 on all cores and of an ellipse by 15 sigma points."""
    around = tr.Surroundings(FRAME, world, GROUND, level=True)
    covariance = np.diag([10.0, 10.0, 10.0, 2.0, 2.0, 2.0, 0.03]) ** 2
    start = state.copy()
    start[2] = 100.0

    def cloud():
        return tr.impact_cloud(start, covariance, around, "g7")

    def ellipse():
        return tr.impact_ellipse(start, covariance, around, "g7")

    cloud_ms, ellipse_us = 1e3 * best_of(40, cloud), 1e6 * best_of(400, ellipse)
    drawn = [
        (f"impact cloud of 10,000, all cores: {cloud_ms:.1f} ms", 1e7 / cloud_ms),
        (f"ellipse of 15 sigma points: {ellipse_us:.0f} µs", 15e6 / ellipse_us),
    ]
    return [
        {"case": name, "engine": words, "flights/s": f"{rate:,.0f}", "worst error m": "", "times scipy": ""}
        for words, rate in drawn
    ]


def compression_m(shape: DragShape, states: np.ndarray, air) -> float:
    """Return the worst distance of impacts in the closed field from those among the splines it stands for."""
    world = world_at(FRAME, air)
    out, time_s, status = np.empty_like(states), np.empty(len(states)), np.empty(len(states), np.int64)
    fly_to_ground_each(states, world, shape.curve, GROUND, EXACT_STEP_S, 300.0, out, time_s, status)
    closed = _lanes(states, field_over(states, world, shape, GROUND), EXACT_STEP_S)()
    return float(np.abs(closed - out[:, :2]).max())


def rough_air(seed: int = 5):
    """Return a sounding as rough as they come: 3 m/s of wind and 1.5 K that change within 800 m of height."""
    rng = np.random.default_rng(seed)
    height_m = np.concatenate([np.arange(0.0, 12e3, 150.0), np.arange(12e3, 30001.0, 500.0)])
    pressure_pa, temperature_k = standard_pressure_temperature(height_m)
    memory = np.exp(-np.diff(height_m, prepend=-1e9) / 800.0)

    def wander(sigma: float) -> np.ndarray:
        values, draws = np.zeros(len(height_m)), sigma * rng.standard_normal(len(height_m))
        for i, (m, draw) in enumerate(zip(memory, draws, strict=True)):
            values[i] = m * values[i - 1] + np.sqrt(1.0 - m * m) * draw
        return values

    wind = (8.0 * height_m / 8e3 + wander(3.0), wander(3.0))
    return air_from_sounding(height_m, pressure_pa, temperature_k + wander(1.5), *wind)


def _compressions() -> list[dict]:
    """Return what the closed forms of air and drag cost, in metres of impact, apart from the integration."""
    high = (690.0, 70.0, 45.0, 0.122, 1.0)
    rows = []
    for words, air in (("standard air", standard_air()), ("rough sounding", rough_air())):
        for name, numbers in (*CASES.items(), ("122 mm, 70 degrees up, through 11 km", high)):
            worst_m = compression_m(SHAPE, case_states(*numbers, 200), air)
            rows.append(
                {"case": name, "engine": f"closed forms against splines, {words}", "flights/s": "",
                 "worst error m": f"{worst_m:.3f}", "times scipy": ""}
            )  # fmt: skip
    return rows
