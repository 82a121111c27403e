"""The reference salvo's truth and plots: rockets over a flat earth past one radar at the origin. All simulated.

A point mass with constant drag falls through air that thins exponentially. The numbers and the order in which chances
are drawn are those of the scene on which the peers were measured, so a seed gives the same rockets and plots.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

GRAVITY_MPS2, SEA_DENSITY_KGM3, SCALE_HEIGHT_M = 9.81, 1.225, 10400.0
LOG_BALLISTIC, LOG_BALLISTIC_SIGMA = np.log(8000.0), 0.4
"""ln of mass over drag area, kg/m2, and its spread among rockets."""
SIGMA = np.array([20.0, 2e-3, 2e-3, 1.0])
"""Range m, angles rad, range rate m/s."""
DETECTION, FALSE_PLOTS, UPDATE_S = 0.9, 10.0, 0.5
NEAREST_M, FARTHEST_M = 500.0, 20e3
LOWEST_RAD, HIGHEST_RAD = np.deg2rad(1.0), np.deg2rad(60.0)
FASTEST_MPS = 450.0
LAUNCH_M = np.array([10000.0, 1500.0])
LAUNCH_SIGMA_M, AIM_SIGMA_M, MUZZLE_M = 60.0, 500.0, 0.5
SALVO_S = 10.0
STEPS = 5


class Rocket(NamedTuple):
    """One rocket: `state (k, 7)`, place, velocity and ln ballistic coefficient, at scan `first` and those after it."""

    first: int
    state: np.ndarray


@njit(cache=True, fastmath=True)
def _rate(s, out):
    speed = np.sqrt(s[3] * s[3] + s[4] * s[4] + s[5] * s[5])
    k = -0.5 * SEA_DENSITY_KGM3 * np.exp(-s[2] / SCALE_HEIGHT_M) * speed * np.exp(-s[6])
    out[0] = s[3]
    out[1] = s[4]
    out[2] = s[5]
    out[3] = k * s[3]
    out[4] = k * s[4]
    out[5] = k * s[5] - GRAVITY_MPS2
    out[6] = 0.0


@njit(cache=True, fastmath=True)
def step(s, dt, out):
    """Fill `out (7,)` with a state one Runge-Kutta step later."""
    k1, k2, k3, k4, t = np.empty(7), np.empty(7), np.empty(7), np.empty(7), np.empty(7)
    _rate(s, k1)
    for i in range(7):
        t[i] = s[i] + 0.5 * dt * k1[i]
    _rate(t, k2)
    for i in range(7):
        t[i] = s[i] + 0.5 * dt * k2[i]
    _rate(t, k3)
    for i in range(7):
        t[i] = s[i] + dt * k3[i]
    _rate(t, k4)
    for i in range(7):
        out[i] = s[i] + dt / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i])


@njit(cache=True, fastmath=True)
def fall(start, dt, ground_m):
    """Return (x m, y m, s) of where and when a flight of steps `dt` comes down."""
    s, out, t = start.copy(), np.empty(7), 0.0
    for _ in range(4000):
        step(s, dt, out)
        if out[2] <= ground_m and out[5] < 0.0:
            last = dt * (s[2] - ground_m) / max(1e-9, s[2] - out[2])
            for _ in range(4):
                step(s, last, out)
                last -= (out[2] - ground_m) / out[5]
            step(s, last, out)
            return out[0], out[1], t + last
        s[:] = out
        t += dt
    return s[0], s[1], 1e9


@njit(cache=True, fastmath=True)
def seen(s):
    """Return range, azimuth from the first axis to the second, elevation and range rate from the origin."""
    r = np.sqrt(s[0] ** 2 + s[1] ** 2 + s[2] ** 2)
    rate = (s[0] * s[3] + s[1] * s[4] + s[2] * s[5]) / r
    return np.array([r, np.arctan2(s[1], s[0]), np.arcsin(s[2] / r), rate])


def _thrown(from_m: np.ndarray, to_m: np.ndarray, elevation_rad: float, log_ballistic: float) -> np.ndarray:
    """Return the state (7,) at the start of a flight between two places."""
    off_m = to_m - from_m
    wanted_m, azimuth = np.hypot(off_m[0], off_m[1]), np.arctan2(off_m[1], off_m[0])
    level, up = np.cos(elevation_rad), np.sin(elevation_rad)
    low, high = 150.0, 900.0
    for _ in range(60):
        v = 0.5 * (low + high)
        reached_m = fall(np.array([0, 0, MUZZLE_M, v * level, 0, v * up, log_ballistic]), 0.1, 0.0)[0]
        low, high = (low, v) if reached_m > wanted_m else (v, high)
    v_east, v_north = v * level * np.cos(azimuth), v * level * np.sin(azimuth)
    return np.array([from_m[0], from_m[1], MUZZLE_M, v_east, v_north, v * up, log_ballistic])


def salvo(
    rng: np.random.Generator, count: int = 7, within_s: float = SALVO_S, launch_m=LAUNCH_M, update_s=UPDATE_S
) -> list[Rocket]:
    """Return `count` rockets from one place at another, within so many seconds."""
    rockets = []
    for _ in range(count):
        from_m, to_m = launch_m + rng.normal(0, LAUNCH_SIGMA_M, 2), rng.normal(0, AIM_SIGMA_M, 2)
        elevation_rad = np.deg2rad(rng.uniform(29, 37))
        start = _thrown(from_m, to_m, elevation_rad, rng.normal(LOG_BALLISTIC, LOG_BALLISTIC_SIGMA))
        launch_s = rng.uniform(0, within_s)
        rockets.append(_sampled(start, launch_s, launch_s + fall(start, 0.05, 0.0)[2], update_s))
    return rockets


def _sampled(start: np.ndarray, launch_s: float, down_s: float, update_s: float) -> Rocket:
    """Return a flight at the times of the scans."""
    first = int(np.ceil(launch_s / update_s))
    s, out, states = start.copy(), np.empty(7), []
    step(s, first * update_s - launch_s, out)
    s, k = out.copy(), first
    while k * update_s < down_s:
        states.append(s.copy())
        for _ in range(STEPS):
            step(s, update_s / STEPS, out)
            s = out.copy()
        k += 1
    return Rocket(first, np.array(states).reshape(-1, 7))


class Plot(NamedTuple):
    """A plot as the radar has it, `z (4,)`, and whose it is; CLUTTER is nobody's."""

    z: np.ndarray
    thing: int


def scans_of(
    rng: np.random.Generator,
    rockets: list[Rocket],
    count: int | None = None,
    false_plots: float = FALSE_PLOTS,
    detection: float = DETECTION,
) -> list[list[Plot]]:
    """Return what the radar makes of the rockets and of nothing, scan by scan."""
    if count is None:
        count = max(rocket.first + len(rocket.state) - 1 for rocket in rockets) + 2
    scans = []
    for k in range(count):
        plots = []
        for thing, rocket in enumerate(rockets):
            if 0 <= k - rocket.first < len(rocket.state):
                z = seen(rocket.state[k - rocket.first])
                if in_cover(z) and rng.random() < detection:
                    plots.append(Plot(z + rng.normal(0, 1, 4) * SIGMA, thing))
        for _ in range(rng.poisson(false_plots)):
            nowhere = [
                rng.uniform(NEAREST_M, FARTHEST_M), rng.uniform(-np.pi, np.pi),
                rng.uniform(LOWEST_RAD, HIGHEST_RAD), rng.uniform(-FASTEST_MPS, FASTEST_MPS),
            ]  # fmt: skip
            plots.append(Plot(np.array(nowhere), -1))
        scans.append([plots[i] for i in rng.permutation(len(plots))])
    return scans


def in_cover(z: np.ndarray) -> bool:
    """Return whether the radar can see there."""
    return bool(z[2] > LOWEST_RAD and z[0] > NEAREST_M)
