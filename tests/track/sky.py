"""A small simulation for the tracker's tests: things that fly, radars that see them and make plots up.

The truth is none of the tracker's models: drag depends on Mach number by curves of its own, rockets burn,
the wind blows, aircraft turn and dive at constant rates.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rampart.domain.scan import Plots, Scan
from rampart.domain.site import Radar, Site
from rampart.domain.track import ENDED, TrackTable
from rampart.physics.atmosphere import standard_air, with_wind
from rampart.physics.drag import curve_from_points
from rampart.physics.flight import Boost, fly_boosted, fly_to_ground, trajectory
from rampart.physics.geodesy import frame_at
from rampart.physics.motion import world_at
from rampart.physics.radar import measure, radar_frame
from rampart.physics.terrain import flat_terrain
from rampart.track.tracker import Tracker

GROUND_M = 34.0
FRAME = frame_at(np.radians(33.315), np.radians(44.42), GROUND_M)
AIR = standard_air()
WORLD = world_at(FRAME, AIR)
WINDY = world_at(FRAME, with_wind(AIR, 7.0, -5.0))
TERRAIN = flat_terrain(GROUND_M)
START_S = 1605632700.0
STEP_S = 0.05

ROCKET = curve_from_points(
    np.array([0.0, 0.6, 0.8, 0.9, 0.96, 1.02, 1.1, 1.25, 1.5, 1.9, 2.4, 3.0, 5.0]),
    np.array([0.31, 0.31, 0.33, 0.37, 0.45, 0.52, 0.54, 0.51, 0.45, 0.38, 0.33, 0.28, 0.21]),
)
BOMB = curve_from_points(
    np.array([0.0, 0.5, 0.7, 0.82, 0.9, 0.96, 1.03, 1.2, 2.0]),
    np.array([0.145, 0.147, 0.156, 0.175, 0.23, 0.31, 0.38, 0.4, 0.33]),
)


@dataclass(frozen=True)
class Thing:
    """Something in the sky: `states (n, 6)` every `step_s` from `start_s` after START_S on."""

    start_s: float
    states: np.ndarray
    step_s: float = STEP_S

    @property
    def end_s(self) -> float:
        return self.start_s + (len(self.states) - 1) * self.step_s

    def at(self, time_s: float) -> np.ndarray:
        """Return the state (6,) at a time after START_S, by cubics through place and velocity."""
        x = min(max((time_s - self.start_s) / self.step_s, 0.0), len(self.states) - 1.0)
        k = min(int(x), len(self.states) - 2)
        s, h = x - k, self.step_s
        a, b = self.states[k], self.states[k + 1]
        p = (
            (1 + 2 * s) * (1 - s) ** 2 * a[:3] + s * (1 - s) ** 2 * h * a[3:]
            + s * s * (3 - 2 * s) * b[:3] + s * s * (s - 1) * h * b[3:]
        )  # fmt: skip
        return np.concatenate([p, (1 - s) * a[3:] + s * b[3:]])


def projectile(
    launch_m,
    heading_deg,
    steepness_deg,
    speed_mps,
    log_drag,
    curve=ROCKET,
    start_s=0.0,
    burn_s=0.0,
    world=WINDY,
) -> Thing:
    """Return a flight from `launch_m (2,)` east and north to the ground; a rocket burns evenly for `burn_s`."""
    heading, steep = np.radians(heading_deg), np.radians(steepness_deg)
    ahead = np.array([np.sin(heading) * np.cos(steep), np.cos(heading) * np.cos(steep), np.sin(steep)])
    speed = 1e-3 if burn_s else speed_mps
    state = np.concatenate([[*launch_m, 1.0], speed * ahead, [log_drag, 0.0, 0.0]])
    states, out = [state.copy()], np.empty(9)
    if burn_s:
        full, empty = 65.0, 45.0
        thrust = (full - empty) / burn_s * (speed_mps + 25.0 * burn_s) / np.log(full / empty)
        boost = Boost(thrust, burn_s, full, empty)
        for k in range(round(burn_s / STEP_S)):
            rail = 3.0 if k == 0 else 0.0
            fly_boosted(state, k * STEP_S, (k + 1) * STEP_S, boost, rail, world, curve, 0.02, out)
            state = out.copy()
            states.append(state)
    left_s, _ = fly_to_ground(state, world, curve, TERRAIN, STEP_S, 300.0, out)
    rest = np.empty((int(left_s / STEP_S), 9))
    trajectory(state, STEP_S * np.arange(1, len(rest) + 1), world, curve, STEP_S, rest)
    return Thing(start_s, np.vstack([states, rest])[:, :6])


def rocket(
    launch_m=(10500.0, -500.0), heading_deg=272.0, steepness_deg=24.0, speed_mps=600.0, start_s=0.0
) -> Thing:
    """Return a 122 mm rocket that burns for two seconds."""
    return projectile(
        launch_m, heading_deg, steepness_deg, speed_mps, np.log(0.0117 / 45.0), ROCKET, start_s, 2.0
    )


def mortar(calibre_m=0.12, mass_kg=13.5, speed_mps=300.0, launch_m=(4500.0, 2500.0), start_s=0.0) -> Thing:
    """Return a mortar bomb on a high arc towards the radar."""
    heading = np.degrees(np.arctan2(-launch_m[0], -launch_m[1]))
    return projectile(
        launch_m, heading, 65.0, speed_mps, np.log(0.7854 * calibre_m**2 / mass_kg), BOMB, start_s
    )


def flyer(
    place_m, velocity_mps, turns: Callable[[float, np.ndarray], np.ndarray], duration_s, start_s=0.0
) -> Thing:
    """Return something that accelerates by `turns(time, velocity)` from a place and velocity."""
    states = [np.concatenate([place_m, velocity_mps]).astype(float)]
    for k in range(round(duration_s / STEP_S)):
        s = states[-1].copy()
        push = turns(k * STEP_S, s[3:])
        s[:3] += STEP_S * s[3:] + 0.5 * STEP_S**2 * push
        s[3:] += STEP_S * push
        states.append(s)
    return Thing(start_s, np.array(states))


def straight(place_m, velocity_mps, duration_s=60.0, start_s=0.0) -> Thing:
    """Return something that keeps its velocity."""
    return flyer(place_m, velocity_mps, lambda t, v: np.zeros(3), duration_s, start_s)


def turning(place_m, velocity_mps, push_mps2, duration_s=60.0, after_s=10.0) -> Thing:
    """Return an aircraft that turns level with a sideways acceleration after a while."""

    def push(t, v):
        across = np.array([v[1], -v[0], 0.0]) / np.hypot(v[0], v[1])
        return push_mps2 * across if t > after_s else np.zeros(3)

    return flyer(place_m, velocity_mps, push, duration_s)


def parabola(place_m, velocity_mps, level_s=15.0, pull_s=14.0, fall_s=20.0) -> Thing:
    """Return an aircraft that flies level, pulls up, falls weightless for `fall_s`, and pulls out."""

    def push(t, v):
        if t < level_s:
            return np.zeros(3)
        if t < level_s + pull_s:
            return np.array([0.0, 0.0, 9.81 * fall_s / 2.0 / pull_s])
        if t < level_s + pull_s + fall_s:
            return np.array([0.0, 0.0, -9.81])
        return np.array([0.0, 0.0, 7.0]) if v[2] < 0.0 else np.zeros(3)

    return flyer(place_m, velocity_mps, push, level_s + pull_s + fall_s + 40.0)


def make_radar(east_m=-2300.0, north_m=-1600.0, name="one", doppler=True, **other) -> Radar:
    """Return the sample site's radar at a place of the plane."""
    latitude = FRAME.latitude_rad + north_m / FRAME.radius_north_m
    longitude = FRAME.longitude_rad + east_m / FRAME.radius_east_m / np.cos(FRAME.latitude_rad)
    fields = {
        "sigma": np.array([15.0, 2e-3, 2e-3, 1.0 if doppler else np.nan]), "min_range_m": 300.0,
        "max_range_m": 30e3, "min_elevation_rad": np.radians(0.5), "max_elevation_rad": np.radians(70.0),
        "update_s": 0.5, "detection_probability": 0.9, "false_plots_per_scan": 5.0, "bias_sigma": np.zeros(4),
    } | other  # fmt: skip
    return Radar(
        id=name, sac=25, sic=1, latitude_rad=latitude, longitude_rad=longitude, height_m=45.0, bias=np.zeros(4),
        clock_offset_s=0.0, apparent_elevation=False, edition={}, frame=radar_frame(latitude, longitude, 45.0, FRAME),
        **fields,
    )  # fmt: skip


def make_site(*radars: Radar) -> Site:
    """Return a site with the radars, or with the usual one."""
    return Site(
        id="test", name="Test", timezone="UTC", frame=FRAME, world=WORLD, air=AIR, wind_sigma_mps=6.0,
        terrain=TERRAIN, radars=radars or (make_radar(),), zones=(),
    )  # fmt: skip


@dataclass
class Watch:
    """What radars made of things: scans in order of arrival; `owner` of a plot by its time and range, -1 if false."""

    scans: list[Scan]
    owner: dict[tuple[float, float], int]
    first_plot_s: dict[int, float]


def watch(
    things, site, duration_s, rng, detection=None, bias=None, delay_s=None, empty_looks=True, level=False,
    update_s=None,
) -> Watch:  # fmt: skip
    """Return the scans of all the site's radars, a block a look, each radar at a phase of its own.

    `detection` and `update_s` may differ from what the site says. `bias (r, 4)` stays in; `delay_s (r,)` on the way.
    """
    arrivals, owner, first_plot_s = [], {}, {}
    for index, radar in enumerate(site.radars):
        every = update_s or radar.update_s
        seen = radar.detection_probability if detection is None else detection
        for time_s in np.arange(rng.uniform(0.0, every), duration_s, every):
            rows = []
            for j, thing in enumerate(things):
                if not thing.start_s <= time_s <= thing.end_s:
                    continue
                z = np.array(measure(thing.at(time_s), radar.frame))
                inside = radar.min_range_m < z[0] < radar.max_range_m
                inside &= bool(radar.min_elevation_rad < z[2] < radar.max_elevation_rad)
                if inside and rng.random() < seen:
                    rows.append((z + rng.standard_normal(4) * radar.sigma, j))
            for _ in range(rng.poisson(radar.false_plots_per_scan)):
                z = np.array([
                    rng.uniform(radar.min_range_m, radar.max_range_m), rng.uniform(0.0, 2.0 * np.pi),
                    rng.uniform(radar.min_elevation_rad, radar.max_elevation_rad), rng.uniform(-400.0, 400.0),
                ])  # fmt: skip
                rows.append((z + 0.0 * radar.sigma, -1))
            rows = [rows[i] for i in rng.permutation(len(rows))]
            z = np.array([z for z, _ in rows]).reshape(-1, 4) + (0.0 if bias is None else bias[index])
            z[:, 1] %= 2.0 * np.pi
            if level:
                z[:, 2] = np.nan
            stamp_s = START_S + time_s
            for row, (_, j) in enumerate(rows):
                owner[(stamp_s, float(z[row, 0]))] = j
                if j >= 0:
                    first_plot_s[j] = min(first_plot_s.get(j, np.inf), stamp_s)
            n = len(rows)
            plots = Plots(
                np.full(n, stamp_s), np.full(n, index), z, np.tile(np.nan_to_num(radar.sigma, nan=1.0), (n, 1)),
                np.full(n, 15.0),
            )  # fmt: skip
            if n or empty_looks:
                late_s = 0.0 if delay_s is None else delay_s[index]
                arrivals.append((time_s + late_s, index, Scan(stamp_s, plots, heard=(index,))))
    arrivals.sort(key=lambda arrival: arrival[:2])
    return Watch([scan for _, _, scan in arrivals], owner, first_plot_s)


def follow(site, scans, false_plots=None, settings=None, until_s=None) -> list[TrackTable]:
    """Return the tables of a fresh tracker's steps, then of ticks until a time after START_S."""
    tracker = Tracker(site, settings)
    false = np.array([r.false_plots_per_scan for r in site.radars] if false_plots is None else false_plots)
    tables = [tracker.step(scan, false) for scan in scans]
    if until_s is not None:
        tables += [tracker.tick(t) for t in np.arange(scans[-1].time_s + 0.25, START_S + until_s, 0.25)]
    return tables


@dataclass
class Followed:
    """One track of a run: whose it was, how pure, when confirmed, how it ended, how ballistic when confirmed."""

    id: int
    thing: int
    purity: float
    plots: int
    first_plot_s: float
    confirmed_s: float
    ended: int
    ended_s: float
    ballistic: np.ndarray
    kinds: np.ndarray


def tracks_of(tables, seen: Watch) -> list[Followed]:
    """Return every track that was confirmed."""
    last, ballistic, ended = {}, {}, {}
    for table in tables:
        for row in np.flatnonzero(np.isfinite(table.confirmed_s)):
            track = int(table.id[row])
            last[track] = (table, row)
            ballistic.setdefault(track, []).append(float(table.motion_probability[row, :2].sum()))
            if table.status[row] == ENDED:
                ended[track] = (int(table.end_reason[row]), table.time_s - START_S)
    followed = []
    for track, (table, row) in sorted(last.items()):
        plots = table.plots[row]
        owners = Counter(
            seen.owner[(float(t), float(z))]
            for t, z in zip(plots.time_s, plots.measurement[:, 0], strict=True)
        )
        thing, count = owners.most_common(1)[0]
        reason, end_s = ended.get(track, (0, np.nan))
        followed.append(
            Followed(
                track, thing, count / len(plots), len(plots), float(table.first_plot_s[row]) - START_S,
                float(table.confirmed_s[row]) - START_S, reason, end_s, np.array(ballistic[track]),
                table.motion_probability[row],
            )
        )  # fmt: skip
    return followed
