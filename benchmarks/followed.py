"""Rampart's tracker alone over the reference's plots, in memory: the log by which it is judged, and its pace."""

import math
import time

import numpy as np

from benchmarks.rockets import (
    DETECTION,
    FALSE_PLOTS,
    FARTHEST_M,
    HIGHEST_RAD,
    LOWEST_RAD,
    NEAREST_M,
    SIGMA,
    UPDATE_S,
    Plot,
    Rocket,
    in_cover,
    seen,
)
from benchmarks.tracks import NO_PLOT, Moment, Pace
from rampart.domain.scan import NO_PLOTS, Plots, Scan
from rampart.domain.site import Radar, Site
from rampart.domain.track import CONFIRMED, TrackTable
from rampart.physics.atmosphere import standard_air
from rampart.physics.geodesy import frame_at
from rampart.physics.motion import world_at
from rampart.physics.radar import radar_frame
from rampart.physics.terrain import flat_terrain
from rampart.track.tracker import Tracker

START_S = 1.8e9
TURN_RAD = 2.0 * math.pi
Truths = dict[bytes, int]
"""Whose plot a measurement is, by its bytes: no two plots are the same to the bit."""


def reference_site(
    update_s: float = UPDATE_S, detection: float = DETECTION, false_plots: float = FALSE_PLOTS
) -> Site:
    """Return the site that states what the reference's radar does: the real earth, where the truth's is flat."""
    latitude_rad, longitude_rad = math.radians(33.3), math.radians(44.4)
    frame, air = frame_at(latitude_rad, longitude_rad, 0.0), standard_air()
    radar = Radar(
        id="reference", sac=1, sic=1, latitude_rad=latitude_rad, longitude_rad=longitude_rad, height_m=0.0,
        sigma=SIGMA, min_range_m=NEAREST_M, max_range_m=FARTHEST_M, min_elevation_rad=float(LOWEST_RAD),
        max_elevation_rad=float(HIGHEST_RAD), update_s=update_s, detection_probability=detection,
        false_plots_per_scan=false_plots, bias=np.zeros(4), bias_sigma=np.array([5.0, 5e-4, 5e-4, 0.2]),
        clock_offset_s=0.0, apparent_elevation=False, edition={},
        frame=radar_frame(latitude_rad, longitude_rad, 0.0, frame),
    )  # fmt: skip
    return Site(
        id="reference", name="Reference", timezone="UTC", frame=frame, world=world_at(frame, air), air=air,
        wind_sigma_mps=6.0, terrain=flat_terrain(0.0), radars=(radar,), zones=(),
    )  # fmt: skip


def scan_at(k: int, plots: list[Plot], truths: Truths, update_s: float = UPDATE_S) -> Scan:
    """Return the plots of scan `k` as the tracker takes them, azimuth clockwise from north; remember whose they are."""
    time_s = START_S + k * update_s
    if not plots:
        return Scan(time_s, NO_PLOTS, (0,))
    z = np.array([plot.z for plot in plots])
    z[:, 1] = (0.5 * math.pi - z[:, 1]) % TURN_RAD
    truths.update((row.tobytes(), plot.thing) for row, plot in zip(z, plots, strict=True))
    n = len(plots)
    columns = Plots(np.full(n, time_s), np.zeros(n, np.int64), z, np.tile(SIGMA, (n, 1)), np.full(n, np.nan))
    return Scan(time_s, columns, (0,))


def follow(
    rockets: list[Rocket], scans: list[list[Plot]], site: Site, learnt: np.ndarray | None = None
) -> tuple[list[Moment], Pace]:
    """Return the log of the tracker over a run, and the CPU time of every `Tracker.step`.

    It is told as many false plots a scan as the site states, or `learnt`.
    """
    update_s = site.radars[0].update_s
    expected = np.array([site.radars[0].false_plots_per_scan]) if learnt is None else learnt
    truths: Truths = {}
    fed = [scan_at(k, plots, truths, update_s) for k, plots in enumerate(scans)]
    tracker, moments, spent_s = Tracker(site), [], []
    for k, scan in enumerate(fed):
        begin_s = time.thread_time()
        table = tracker.step(scan, expected)
        spent_s.append(time.thread_time() - begin_s)
        moments.append(moment_of(scan.time_s, table, truths, *sky_at(k, rockets)))
    return moments, Pace(np.array(spent_s), np.array([len(plots) for plots in scans]))


def sky_at(k: int, rockets: list[Rocket]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what is in cover at scan `k`, which (n,) and where (n, 3), and where what flies out of it is, (h, 3)."""
    up = [
        (i, rocket.state[k - rocket.first])
        for i, rocket in enumerate(rockets)
        if 0 <= k - rocket.first < len(rocket.state)
    ]
    visible = np.array([in_cover(seen(state)) for _, state in up], np.bool_)
    place_m = np.array([state[:3] for _, state in up]).reshape(-1, 3)
    return np.array([i for i, _ in up], np.int64)[visible], place_m[visible], place_m[~visible]


def moment_of(
    time_s: float,
    table: TrackTable,
    truths: Truths,
    truth: np.ndarray,
    truth_m: np.ndarray,
    unseen_m: np.ndarray,
    projectiles: bool = False,
) -> Moment:
    """Return what is to be judged of a table: its confirmed tracks, carried to `time_s` where they are older.

    With `projectiles`, those alone that the tracker calls so: the rest may be true of something else.
    """
    chosen = table.status == CONFIRMED
    rows = np.flatnonzero(chosen & table.is_ballistic() if projectiles else chosen)
    took = [
        truths[table.plots[row].measurement[-1].tobytes()] if table.updated[row] else NO_PLOT
        for row in rows.tolist()
    ]
    mean = table.mean_enu[rows]
    place_m = mean[:, :3] + mean[:, 3:6] * (time_s - table.track_time_s[rows])[:, None]
    return Moment(time_s, truth, truth_m, unseen_m, table.id[rows], place_m, np.array(took, np.int64))


def first_seen_s(scans: list[list[Plot]], update_s: float = UPDATE_S) -> dict[int, float]:
    """Return when each rocket gave its first plot."""
    first: dict[int, float] = {}
    for k, plots in enumerate(scans):
        for plot in plots:
            if plot.thing >= 0:
                first.setdefault(plot.thing, START_S + k * update_s)
    return first
