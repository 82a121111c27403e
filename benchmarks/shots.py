"""Truths for the forecast's campaign: projectiles drawn at random, flown once, and the plots a radar makes of them."""

from dataclasses import dataclass, replace

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.site import Site
from rampart.evaluate.bound import LOG_DRAG_SIGMA
from rampart.physics.flight import LANDED, Boost, fly, fly_boosted, fly_to_ground, trajectory
from rampart.physics.motion import LOG_DRAG, WIND_EAST, WIND_NORTH
from rampart.physics.radar import measure
from rampart.predict.fit import LIBRARY
from rampart.predict.priors import (
    ARTILLERY,
    BUMP_SIGMA,
    CLASS_HABITS,
    LOG_DRAG_PRIORS,
    MORTAR,
    NO_CLASS,
    ROCKET,
    SHAPE_CLASS,
    TILT_SIGMA,
)
from rampart.predict.spread import AHEAD_DENSITY_SIGMA, AHEAD_WIND_SHARE
from rampart.simulate.catalogue import Weapon, catalogue, drag_curve
from tests.predict.simulation import GROUND_M, START_S, TERRAIN, UNSEEN, WEST, WORLD, radar_at, site_of

PRIOR, UNSEEN_CURVE, ALL_UNSEEN = "drawn from the prior", "drag curve not in the library", "all unseen"
"""What the truths are: all that the estimator believes; the same with other drag curves; other curves, boost, 5 m/s of
wind from anywhere and 1 mrad of bias in both angles."""
CLASSES = {"rocket": ROCKET, "mortar": MORTAR, "artillery": ARTILLERY}
REACH_M = (2500.0, 22e3)
TARGET_SIGMA_M = 1200.0
FLY_STEP_S = 0.25
LEAST_AHEAD_S = 2.0
"""A flight counts as long as it lasts so much longer than its newest plot."""
STRANGE_WIND_MPS, STRANGE_BIAS_RAD = 5.0, 1e-3
STRANGE_LOG_DRAG = (-7.7, 0.3)
STRANGE_LOG_SPEED, STRANGE_STEEPNESS = (np.log(430.0), 0.2), (0.6, 0.15)

SITES = {True: site_of(WEST), False: site_of(radar_at(33.30, 44.395, "west", doppler=False))}


@dataclass(frozen=True, slots=True)
class Shot:
    """One true flight and its plots.

    `states (n, 9)`: true state at each plot; `shape` of the library or -1; `kind` of class or NO_CLASS; plots before
    `burnt_s` after the first were made under thrust.
    """

    plots: Plots
    states: np.ndarray
    impact_enu_m: np.ndarray
    impact_s: float
    curve: np.ndarray
    shape: int
    kind: int
    burning: np.ndarray
    log_drag_sigma: float


def shot_of(truth: str, site: Site, seed: int) -> Shot:
    """Return the flight of a seed, the same whatever the radar measures; impacts come down about the radar."""
    rng = np.random.default_rng([seed, len(truth)])
    while True:
        shot = _try(truth, site, rng)
        if shot is not None:
            return shot


def _try(truth: str, site: Site, rng) -> Shot | None:
    shape, kind, curve, log_drag, weapon, sigma = _drawn_body(truth, rng)
    wind, bias = _drawn_surroundings(truth, site, rng)
    heading = rng.uniform(0.0, 2.0 * np.pi)
    for _ in range(30):
        log_speed, steepness = _drawn_way(kind, rng)
        ahead = np.array(
            [np.sin(heading) * np.cos(steepness), np.cos(heading) * np.cos(steepness), np.sin(steepness)]
        )
        boost = _motor(weapon, np.exp(log_speed)) if truth == ALL_UNSEEN and weapon and weapon.burns else None
        start = np.concatenate([[0.0, 0.0, GROUND_M + 0.5], np.exp(log_speed) * ahead, [log_drag, *wind]])
        if boost is not None:
            start[3:6] = 1e-3 * ahead
        _, landed, status = _coast(start, boost, curve)
        if status == LANDED and REACH_M[0] < np.hypot(*landed[:2]) < REACH_M[1]:
            break
    else:
        return None
    target = site.radars[0].frame.origin_enu_m[:2] + TARGET_SIGMA_M * rng.standard_normal(2)
    start[:2] = target - landed[:2]
    flight_s, landed, status = _coast(start, boost, curve)
    return (
        _seen(start, boost, curve, flight_s, landed, bias, site, rng, (shape, kind, sigma))
        if status == LANDED
        else None
    )


def _drawn_body(truth: str, rng):
    """Return (shape, class, curve, log drag, weapon, prior spread of log drag)."""
    if truth == PRIOR:
        shape = int(rng.integers(3))
        tilt, bump = rng.normal(0.0, TILT_SIGMA), rng.normal(0.0, BUMP_SIGMA)
        curve = LIBRARY[shape][0] + tilt * LIBRARY[shape][1] + bump * LIBRARY[shape][2]
        mean, sigma = LOG_DRAG_PRIORS[shape]
        return shape, int(SHAPE_CLASS[shape]), curve, rng.normal(mean, sigma), None, float(sigma)
    weapons = catalogue()
    row = int(rng.integers(len(weapons) + 1))
    if row == len(weapons):
        return -1, NO_CLASS, UNSEEN, rng.normal(*STRANGE_LOG_DRAG), None, LOG_DRAG_SIGMA
    weapon = weapons[row]
    log_drag = weapon.log_drag + rng.normal(0.0, weapon.form_spread)
    return -1, CLASSES[weapon.family], drag_curve(weapon.drag_points), log_drag, weapon, LOG_DRAG_SIGMA


def _drawn_surroundings(truth: str, site: Site, rng):
    """Return the wind's departure (2,) and the radar's bias (4,)."""
    draw = rng.standard_normal(6)
    if truth == ALL_UNSEEN:
        turn = rng.uniform(0.0, 2.0 * np.pi)
        wind = STRANGE_WIND_MPS * np.array([np.cos(turn), np.sin(turn)])
        return wind, np.array([0.0, np.sign(draw[3]), np.sign(draw[4]), 0.0]) * STRANGE_BIAS_RAD
    return site.wind_sigma_mps * draw[:2], WEST.bias_sigma * draw[2:]


def _drawn_way(kind: int, rng) -> tuple[float, float]:
    """Return ln of the speed and the steepness as the class usually flies; a strange body anyhow."""
    if kind == NO_CLASS:
        return rng.normal(*STRANGE_LOG_SPEED), rng.normal(*STRANGE_STEEPNESS)
    habits = CLASS_HABITS[kind]
    drawn = [
        table[rng.choice(len(table), p=table[:, 0])] for table in (habits.log_speed, habits.steepness_rad)
    ]
    steepness = min(max(rng.normal(*drawn[1][1:]), 0.2), 1.45)
    return rng.normal(*drawn[0][1:]), steepness


def _motor(weapon: Weapon, burnt_out_mps: float) -> Boost:
    """Return a motor that gives a rocket about such a speed."""
    full, empty = weapon.mass_kg, weapon.mass_empty_kg
    thrust = (full - empty) / weapon.burn_s * (burnt_out_mps + 25.0 * weapon.burn_s) / np.log(full / empty)
    return Boost(thrust, weapon.burn_s, full, empty)


def _coast(start, boost, curve):
    """Return (flight s, landed state, status) of a flight from the ground."""
    state, landed, burnt_s = start.copy(), np.empty(9), 0.0
    if boost is not None:
        burnt_s = boost.burn_s
        fly_boosted(start, 0.0, burnt_s, boost, 2.0, WORLD, curve, 0.02, state)
    flight_s, status = fly_to_ground(state, WORLD, curve, TERRAIN, FLY_STEP_S, 300.0, landed)
    return burnt_s + flight_s, landed, status


def _seen(start, boost, curve, flight_s, landed, bias, site: Site, rng, names) -> Shot | None:
    """Return the shot with the plots of the site's radar; None where it makes too few of it."""
    radar = site.radars[0]
    times = np.arange(rng.uniform(0.0, radar.update_s), flight_s - 0.05, radar.update_s)
    states = _states_at(start, boost, curve, times)
    noise, chance = rng.standard_normal((len(times), 4)), rng.random(len(times))
    z = np.array([measure(state, radar.frame) for state in states])
    seen = (
        (radar.min_range_m < z[:, 0]) & (z[:, 0] < radar.max_range_m) & (chance < radar.detection_probability)
    )
    seen &= (radar.min_elevation_rad < z[:, 2]) & (z[:, 2] < radar.max_elevation_rad)
    rows = np.flatnonzero(seen)
    if len(rows) < 5 or times[rows[4]] - times[rows[0]] > 3.0 or flight_s - times[rows[4]] < LEAST_AHEAD_S:
        return None
    measured = z[rows] + noise[rows] * radar.sigma + bias
    measured[:, 1] %= 2.0 * np.pi
    sigma = np.tile(np.where(np.isfinite(radar.sigma), radar.sigma, 1.0), (len(rows), 1))
    count = len(rows)
    plots = Plots(START_S + times[rows], np.zeros(count, np.int64), measured, sigma, np.full(count, 15.0))
    burning = times[rows] < (boost.burn_s if boost is not None else 0.0)
    shape, kind, log_drag_sigma = names
    return Shot(
        plots,
        states[rows],
        landed[:2].copy(),
        START_S + flight_s,
        curve,
        shape,
        kind,
        burning,
        log_drag_sigma,
    )


def _states_at(start, boost, curve, times: np.ndarray) -> np.ndarray:
    """Return (n, 9), the true states at rising times after launch."""
    states, state, begin_s = np.empty((len(times), 9)), start.copy(), 0.0
    burning = int(np.searchsorted(times, boost.burn_s)) if boost is not None else 0
    for k in range(burning):
        fly_boosted(start, 0.0, times[k], boost, 2.0, WORLD, curve, 0.02, states[k])
    if boost is not None:
        begin_s = boost.burn_s
        fly_boosted(start, 0.0, begin_s, boost, 2.0, WORLD, curve, 0.02, state)
    rest = np.empty((len(times) - burning, 9))
    if len(rest):
        fly(state, times[burning] - begin_s, WORLD, curve, FLY_STEP_S, state)
        trajectory(state, times[burning:] - times[burning], WORLD, curve, FLY_STEP_S, rest)
    states[burning:] = rest
    return states


def impact_after(shot: Shot, newest: int, site: Site, rng) -> np.ndarray:
    """Return (2,), where a shot comes down when the air after plot `newest` departs as the estimator believes."""
    state, landed = shot.states[newest].copy(), np.empty(9)
    wind = AHEAD_WIND_SHARE * site.wind_sigma_mps * rng.standard_normal(2)
    state[WIND_EAST] += wind[0]
    state[WIND_NORTH] += wind[1]
    state[LOG_DRAG] += AHEAD_DENSITY_SIGMA * rng.standard_normal()
    fly_to_ground(state, WORLD, shot.curve, TERRAIN, FLY_STEP_S, 300.0, landed)
    return landed[:2] + rng.standard_normal(2)


def without_burning(shot: Shot) -> Shot:
    """Return the shot with its coasting plots alone."""
    rows = ~shot.burning
    return replace(shot, plots=shot.plots.take(rows), states=shot.states[rows], burning=shot.burning[rows])
