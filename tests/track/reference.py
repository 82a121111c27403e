"""The reference salvo: seven rockets in ten seconds from one place, one radar, and how well they are tracked.

The same truth, plots and score as the peers': a flat earth, a constant ballistic coefficient, an exponential
atmosphere, none of which the tracker assumes. x is north and y is east here.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from rampart.domain.scan import Plots, Scan
from rampart.domain.site import Radar, Site
from rampart.domain.track import CONFIRMED
from rampart.numerics.jit import kernel
from rampart.physics.atmosphere import standard_air
from rampart.physics.geodesy import frame_at
from rampart.physics.motion import world_at
from rampart.physics.radar import radar_frame
from rampart.physics.terrain import flat_terrain

G, RHO0, HS = 9.81, 1.225, 10400.0
LB0, SLB = np.log(8000.0), 0.4
SIGMA = np.array([20.0, 2e-3, 2e-3, 1.0])
PD, DT, RMAX, RMIN = 0.9, 0.5, 20e3, 500.0
ELMIN, ELMAX, RRMAX = np.deg2rad(1.0), np.deg2rad(60.0), 450.0
START_S = 1605632700.0
CUTOFF_M = 300.0


@kernel
def _slope(s, out):
    v = np.sqrt(s[3] * s[3] + s[4] * s[4] + s[5] * s[5])
    k = -0.5 * RHO0 * np.exp(-s[2] / HS) * v * np.exp(-s[6])
    out[0], out[1], out[2] = s[3], s[4], s[5]
    out[3], out[4], out[5], out[6] = k * s[3], k * s[4], k * s[5] - G, 0.0


@kernel
def rk4(s, dt, out):
    k1, k2, k3, k4, t = np.empty(7), np.empty(7), np.empty(7), np.empty(7), np.empty(7)
    _slope(s, k1)
    t[:] = s + 0.5 * dt * k1
    _slope(t, k2)
    t[:] = s + 0.5 * dt * k2
    _slope(t, k3)
    t[:] = s + dt * k3
    _slope(t, k4)
    out[:] = s + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


@kernel
def impact(s0, h, zg):
    """Return (x, y, t) where the flight comes down through the height zg."""
    s, o, t = s0.copy(), np.empty(7), 0.0
    for _ in range(4000):
        rk4(s, h, o)
        if o[2] <= zg and o[5] < 0.0:
            dt = h * (s[2] - zg) / max(1e-9, s[2] - o[2])
            for _ in range(4):
                rk4(s, dt, o)
                dt -= (o[2] - zg) / o[5]
            rk4(s, dt, o)
            return o[0], o[1], t + dt
        s[:] = o
        t += h
    return s[0], s[1], 1e9


def measure(s):
    r = np.sqrt(s[0] ** 2 + s[1] ** 2 + s[2] ** 2)
    rate = (s[0] * s[3] + s[1] * s[4] + s[2] * s[5]) / r
    return np.array([r, np.arctan2(s[1], s[0]), np.arcsin(s[2] / r), rate])


def shoot(launch, target, el, lb):
    d = target - launch
    R, az = np.hypot(d[0], d[1]), np.arctan2(d[1], d[0])
    lo, hi = 150.0, 900.0
    for _ in range(60):
        m = 0.5 * (lo + hi)
        s = np.array([0, 0, 0.5, m * np.cos(el), 0, m * np.sin(el), lb])
        if impact(s, 0.1, 0.0)[0] - R > 0:
            hi = m
        else:
            lo = m
    velocity = (m * np.cos(el) * np.cos(az), m * np.cos(el) * np.sin(az), m * np.sin(el))
    return np.array([launch[0], launch[1], 0.5, *velocity, lb])


@dataclass
class Flight:
    t0: float
    ks: np.ndarray
    X: np.ndarray


def make_truth(rng, n=7, spread_s=10.0):
    out = []
    place = np.array([10000.0, 1500.0])
    for _ in range(n):
        launch, target = place + rng.normal(0, 60, 2), rng.normal(0, 500, 2)
        el, lb = np.deg2rad(rng.uniform(29, 37)), rng.normal(LB0, SLB)
        s, t0 = shoot(launch, target, el, lb), rng.uniform(0, spread_s)
        tf = impact(s, 0.05, 0.0)[2]
        k = int(np.ceil(t0 / DT))
        o = np.empty(7)
        rk4(s, k * DT - t0, o)
        s, states, ks = o.copy(), [], []
        while k * DT < t0 + tf:
            states.append(s.copy())
            ks.append(k)
            for _ in range(5):
                rk4(s, DT / 5, o)
                s = o.copy()
            k += 1
        out.append(Flight(t0, np.array(ks), np.array(states)))
    return out


def make_scans(rng, truth, false_plots=10.0, detection=PD):
    """Return for each scan a list of (measurement, truth index or -1)."""
    scans = []
    for k in range(max(t.ks[-1] for t in truth) + 2):
        plots = []
        for j, t in enumerate(truth):
            i = k - t.ks[0]
            if 0 <= i < len(t.ks):
                z = measure(t.X[i])
                if z[2] > ELMIN and z[0] > RMIN and rng.random() < detection:
                    plots.append((z + rng.normal(0, 1, 4) * SIGMA, j))
        for _ in range(rng.poisson(false_plots)):
            ranges = rng.uniform(RMIN, RMAX), rng.uniform(-np.pi, np.pi)
            plots.append((np.array([*ranges, rng.uniform(ELMIN, ELMAX), rng.uniform(-RRMAX, RRMAX)]), -1))
        order = rng.permutation(len(plots))
        scans.append([plots[i] for i in order])
    return scans


def make_site(false_plots=10.0, detection=PD, doppler=True):
    place = np.radians(33.3), np.radians(44.4), 0.0
    frame = frame_at(*place)
    air = standard_air()
    sigma = SIGMA if doppler else np.array([*SIGMA[:3], np.nan])
    radar = Radar(
        id="one", sac=1, sic=1, latitude_rad=place[0], longitude_rad=place[1], height_m=0.0, sigma=sigma,
        min_range_m=RMIN, max_range_m=RMAX, min_elevation_rad=ELMIN, max_elevation_rad=ELMAX, update_s=DT,
        detection_probability=detection, false_plots_per_scan=false_plots, bias=np.zeros(4), bias_sigma=np.zeros(4),
        clock_offset_s=0.0, apparent_elevation=False, edition={}, frame=radar_frame(*place, frame),
    )  # fmt: skip
    return Site(
        id="reference", name="Reference", timezone="UTC", frame=frame, world=world_at(frame, air), air=air,
        wind_sigma_mps=6.0, terrain=flat_terrain(0.0), radars=(radar,), zones=(),
    )  # fmt: skip


def scan_at(k, plots, doppler=True):
    """Return a scan of ours."""
    n, time_s = len(plots), START_S + k * DT
    z = np.array([z for z, _ in plots]).reshape(n, 4)
    z[:, 1] %= 2 * np.pi
    sigma = np.tile(SIGMA, (n, 1))
    if not doppler:
        z[:, 3] = np.nan
    columns = Plots(np.full(n, time_s), np.zeros(n, np.int64), z, sigma, np.full(n, np.nan))
    return Scan(time_s, columns, heard=(0,))


def gospa(X, Y, c=CUTOFF_M, p=2):
    n, m = len(X), len(Y)
    if n == 0 or m == 0:
        return ((c**p / 2 * (n + m)) ** (1 / p), 0.0, n, m, [])
    D = np.linalg.norm(X[:, None] - Y[None], axis=2)
    Dc = np.minimum(D, c) ** p
    a, b = linear_sum_assignment(Dc)
    ok = D[a, b] < c
    loc, k = (D[a, b][ok] ** p).sum(), ok.sum()
    return (
        (loc + c**p / 2 * (n + m - 2 * k)) ** (1 / p),
        loc,
        n - k,
        m - k,
        list(zip(a[ok], b[ok], strict=True)),
    )


def evaluate(truth, scans, tables):
    """Return the peers' scores of a run: `tables` a TrackTable for each scan."""
    visible, first = {}, {}
    for j, t in enumerate(truth):
        for i, k in enumerate(t.ks):
            z = measure(t.X[i])
            if z[2] > ELMIN and z[0] > RMIN:
                visible.setdefault(int(k), []).append((j, i))
                first.setdefault(j, int(k))
    owner = {tuple(z): j for plots in scans for z, j in plots}
    first_plot = {}
    for k, plots in enumerate(scans):
        for _, j in plots:
            if j >= 0:
                first_plot.setdefault(j, k)
    totals, locs, missed, false, ids = [], [], [], [], {j: [] for j in range(len(truth))}
    last_plots, ballistic, confirmed = {}, {}, {}
    for k, table in enumerate(tables):
        rows = np.flatnonzero(table.status == CONFIRMED)
        for row in np.flatnonzero(np.isfinite(table.confirmed_s)):
            last_plots[int(table.id[row])] = table.plots[row]
            ballistic.setdefault(int(table.id[row]), []).append(bool(table.is_ballistic()[row]))
            confirmed[int(table.id[row])] = float(table.confirmed_s[row])
        pairs = visible.get(k, [])
        if not pairs:
            continue
        X = np.array([truth[j].X[i][:3] for j, i in pairs]).reshape(-1, 3)
        Y = table.mean_enu[rows][:, [1, 0, 2]].reshape(-1, 3)
        g = gospa(X, Y)
        totals.append(g[0])
        locs.append(g[1])
        missed.append(g[2])
        false.append(g[3])
        for a, b in g[4]:
            own, track = ids[pairs[a][0]], int(table.id[rows[b]])
            if not own or own[-1] != track:
                own.append(track)
    best, right, plots_all, false_tracks, to_confirm = {}, 0, 0, 0, {}
    for track, plots in last_plots.items():
        owners = []
        for z in plots.measurement:
            key = next((o for zz, o in owner.items() if abs(zz[0] - z[0]) < 1e-6), -1)
            owners.append(key)
        who, count = Counter(owners).most_common(1)[0]
        best[track] = who
        if who < 0:
            false_tracks += 1
            continue
        right += count
        plots_all += len(owners)
        waited = confirmed[track] - (START_S + first_plot[who] * DT)
        to_confirm[who] = min(to_confirm.get(who, np.inf), waited)
    return {
        "gospa": float(np.mean(totals)),
        "localisation": float(np.sqrt(np.mean(locs))),
        "missed": float(np.mean(missed)),
        "false": float(np.mean(false)),
        "purity": right / max(plots_all, 1),
        "switches": sum(max(0, len(v) - 1) for v in ids.values()),
        "found": len(to_confirm),
        "to_confirm": list(to_confirm.values()),
        "false_tracks": false_tracks,
        "tracks": len(last_plots),
        "ballistic": float(np.mean([b for t, v in ballistic.items() if best[t] >= 0 for b in v])),
    }
