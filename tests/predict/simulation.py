"""A small simulation of our own: a truth that differs from the estimator in drag curve, wind, boost and
bias."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.site import Radar, Site
from rampart.physics.atmosphere import standard_air, with_wind
from rampart.physics.drag import curve_from_points
from rampart.physics.flight import LANDED, Boost, fly, fly_boosted, fly_to_ground, trajectory
from rampart.physics.geodesy import enu_from_geodetic, frame_at
from rampart.physics.motion import World, world_at
from rampart.physics.radar import measure, radar_frame
from rampart.physics.terrain import flat_terrain

GROUND_M = 34.0
FRAME = frame_at(np.radians(33.315), np.radians(44.42), GROUND_M)
AIR = standard_air()
WORLD = world_at(FRAME, AIR)
TERRAIN = flat_terrain(GROUND_M)
START_S = 1605632700.0
STEP_S = 0.05

OTHER_ROCKET = curve_from_points(
    np.array([0.0, 0.6, 0.8, 0.9, 0.96, 1.02, 1.1, 1.25, 1.5, 1.9, 2.4, 3.0, 5.0]),
    np.array([0.32, 0.315, 0.33, 0.37, 0.44, 0.5, 0.53, 0.51, 0.455, 0.385, 0.33, 0.285, 0.21]),
)
OTHER_MORTAR = curve_from_points(
    np.array([0.0, 0.5, 0.7, 0.82, 0.9, 0.96, 1.03, 1.2, 2.0]),
    np.array([0.145, 0.147, 0.156, 0.175, 0.23, 0.31, 0.38, 0.4, 0.33]),
)
OTHER_SHELL = curve_from_points(
    np.array([0.0, 0.6, 0.85, 0.92, 0.97, 1.02, 1.1, 1.3, 1.6, 2.0, 2.5, 5.0]),
    np.array([0.13, 0.13, 0.15, 0.2, 0.3, 0.36, 0.37, 0.345, 0.31, 0.275, 0.245, 0.19]),
)
UNSEEN = curve_from_points(
    np.array([0.0, 0.7, 0.85, 0.95, 1.05, 1.2, 1.6, 2.2, 3.0, 5.0]),
    np.array([0.22, 0.23, 0.27, 0.42, 0.6, 0.62, 0.55, 0.48, 0.43, 0.38]),
)
"""A blunt body's: no member of the estimator's library, nor one tilted."""


def radar_at(
    latitude_deg, longitude_deg, name="one", doppler=True, update_s=0.5, bias_sigma=None, **other
) -> Radar:
    """Return the demo's radar at a place."""
    place = np.radians(latitude_deg), np.radians(longitude_deg), 45.0
    fields = {
        "min_range_m": 300.0, "max_range_m": 30e3, "min_elevation_rad": np.radians(0.5),
        "max_elevation_rad": np.radians(70.0), "detection_probability": 0.9, "false_plots_per_scan": 5.0,
    } | other  # fmt: skip
    return Radar(
        id=name, sac=25, sic=1, latitude_rad=place[0], longitude_rad=place[1], height_m=45.0,
        sigma=np.array([15.0, np.radians(0.115), np.radians(0.115), 1.0 if doppler else np.nan]),
        update_s=update_s, bias=np.zeros(4),
        bias_sigma=np.array([5.0, 0.5e-3, 0.5e-3, 0.2]) if bias_sigma is None else bias_sigma,
        clock_offset_s=0.0, apparent_elevation=False, edition={}, frame=radar_frame(*place, FRAME), **fields,
    )  # fmt: skip


def site_of(*radars: Radar, wind_sigma_mps=6.0, terrain=TERRAIN) -> Site:
    """Return a site around these radars."""
    return Site(
        id="test",
        name="Test",
        timezone="UTC",
        frame=FRAME,
        world=WORLD,
        air=AIR,
        wind_sigma_mps=wind_sigma_mps,
        terrain=terrain,
        radars=radars,
        zones=(),
    )


WEST = radar_at(33.30, 44.395, "west")
EAST = radar_at(33.318, 44.43, "east")


@dataclass(frozen=True)
class Shot:
    """One true flight: `states (n, 9)` at `time_s (n,)` after the launch, every 0.05 s; where it came
    down."""

    time_s: np.ndarray
    states: np.ndarray
    launch_enu_m: np.ndarray
    impact_enu_m: np.ndarray
    impact_s: float
    curve: np.ndarray = field(repr=False)
    wind_mps: tuple[float, float] = (0.0, 0.0)

    def at(self, time_s: float) -> np.ndarray:
        """Return the state (9,) nearest to a time."""
        return self.states[np.argmin(np.abs(self.time_s - time_s))]


def ground_at(latitude_deg, longitude_deg) -> np.ndarray:
    """Return (3,) of a place on the ground."""
    return np.array(enu_from_geodetic(np.radians(latitude_deg), np.radians(longitude_deg), GROUND_M, FRAME))


LAUNCH = ground_at(33.310, 44.510)


@lru_cache(maxsize=8)
def world_of(wind_mps: tuple[float, float]) -> World:
    """Return the world with an even wind; every plot of a flight asks for the same."""
    return world_at(FRAME, with_wind(AIR, *wind_mps))


def shoot(
    speed_mps, steepness_deg, log_drag, curve, heading_deg=268.0, launch=LAUNCH, burn_s=0.0, wind=(0.0, 0.0),
) -> Shot:  # fmt: skip
    """Return a flight; a rocket reaches about `speed_mps` at burn-out after `burn_s` under even thrust."""
    heading, steepness = np.radians(heading_deg), np.radians(steepness_deg)
    ahead = np.array(
        [np.sin(heading) * np.cos(steepness), np.cos(heading) * np.cos(steepness), np.sin(steepness)]
    )
    world = world_of(wind)
    slow = 1e-3 if burn_s > 0.0 else speed_mps
    state = np.concatenate([launch + np.array([0.0, 0.0, 0.5]), slow * ahead, [log_drag, 0.0, 0.0]])
    states, now_s, out = [state.copy()], 0.0, np.empty(9)
    if burn_s > 0.0:
        full, empty = 65.0, 45.0
        flow = (full - empty) / burn_s
        thrust = flow * (speed_mps + 25.0 * burn_s) / np.log(full / empty)
        boost = Boost(thrust, burn_s, full, empty)
        while now_s < burn_s - 1e-9:
            fly_boosted(
                state, now_s, now_s + STEP_S, boost, 3.0 if now_s == 0.0 else 0.0, world, curve, 0.02, out
            )
            state, now_s = out.copy(), now_s + STEP_S
            states.append(state)
    landed = np.empty(9)
    left_s, status = fly_to_ground(state, world, curve, TERRAIN, STEP_S, 300.0, landed)
    assert status == LANDED
    times = np.arange(STEP_S, left_s, STEP_S)
    rest = np.empty((len(times), 9))
    trajectory(state, times, world, curve, STEP_S, rest)
    states = np.vstack([states, rest])
    return Shot(
        np.arange(len(states)) * STEP_S,
        states,
        launch[:2].copy(),
        landed[:2].copy(),
        now_s + left_s,
        curve,
        wind,
    )


def observe(shot: Shot, radars, rng, until_s=np.inf, bias=None, noise=1.0, detection=None) -> Plots:
    """Return the plots that the radars make of a flight, the first at a random phase of each one's turn."""
    rows = []
    for index, radar in enumerate(radars):
        for time_s in np.arange(rng.uniform(0.0, radar.update_s), shot.impact_s, radar.update_s):
            state = exact_state(shot, time_s)
            z = np.array(measure(state, radar.frame))
            seen = rng.random() < (radar.detection_probability if detection is None else detection)
            draw = rng.standard_normal(4)
            covered = radar.min_range_m < z[0] < radar.max_range_m
            covered &= bool(radar.min_elevation_rad < z[2] < radar.max_elevation_rad)
            if seen and covered:
                z = z + noise * draw * radar.sigma + (0.0 if bias is None else bias[index])
                z[1] %= 2.0 * np.pi
                rows.append((time_s, index, z, np.where(np.isfinite(radar.sigma), radar.sigma, 1.0)))
    rows.sort(key=lambda row: row[0])
    rows = [row for row in rows if row[0] <= rows[0][0] + until_s]
    time_s = np.array([row[0] for row in rows])
    return Plots(
        START_S + time_s,
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows]).reshape(-1, 4),
        np.array([row[3] for row in rows]).reshape(-1, 4),
        np.full(len(rows), 15.0),
    )


def exact_state(shot: Shot, time_s: float) -> np.ndarray:
    """Return the true state (9,) at any time of the flight, from the stored one before it."""
    k = min(int(time_s / STEP_S), len(shot.states) - 1)
    ahead, behind = shot.states[min(k + 1, len(shot.states) - 1)], shot.states[k]
    share = (time_s - shot.time_s[k]) / STEP_S
    if k + 1 < len(shot.states) and np.linalg.norm((ahead - behind)[3:6]) > 5.0:  # burning: the mean will do
        state = behind + share * (ahead - behind)
        return state
    out = np.empty(9)
    fly(
        behind,
        time_s - shot.time_s[k],
        world_of(shot.wind_mps),
        shot.curve,
        STEP_S,
        out,
    )
    return out


def rocket_122(rng=None, **other) -> Shot:
    """Return the demo's rocket, varied where a generator is given."""
    draw = np.zeros(4) if rng is None else rng.standard_normal(4)
    return shoot(
        **{
            "speed_mps": 690.0 * (1.0 + 0.03 * draw[0]), "steepness_deg": 22.0 + 2.0 * draw[1],
            "log_drag": np.log(0.01169 / 45.0) + 0.15 * draw[2], "curve": OTHER_ROCKET,
            "heading_deg": 268.0 + 2.0 * draw[3], "burn_s": 2.0,
        } | other
    )  # fmt: skip
