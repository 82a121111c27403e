"""The bank of filters behind every track: its columns, its motions, and how a row is carried through time."""

from typing import NamedTuple

import numpy as np

from rampart.domain.site import Site
from rampart.numerics.jit import kernel
from rampart.numerics.kalman import log_sum, merge, propagate
from rampart.physics.drag import BROAD, SHAPE_CURVES
from rampart.physics.geodesy import Frame
from rampart.physics.motion import LOG_DRAG, World, drive
from rampart.physics.terrain import Terrain
from rampart.track.settings import (
    BURNING,
    CLIMBING,
    CRUISING,
    DRIFTING,
    FALLING,
    SWERVING,
    TURNING,
    TrackSettings,
)

SIZE = 7
TRAIL = 12
"""Plots that a tentative track may gather before it must have been decided."""

STEP_S = 0.5
SCALE_HEIGHT_M = 9000.0
BURNT_OUT_MPS = 150.0
"""No rocket is slower than this when it has burnt out."""

NEVER = -1e300
"""The log weight of a motion that has been ruled out for good."""

RULED_OUT = -60.0
"""The log weight, against the best, below which a motion is ruled out."""


class Motions(NamedTuple):
    """`TrackSettings.motions` as columns `(m,)`, beside the drag's prior and the rates of change."""

    log_rate_ps: np.ndarray
    speed_sigma_mps: np.ndarray
    v_up_mps: np.ndarray
    climb_sigma_mps: np.ndarray
    ceiling_m: np.ndarray
    psd: np.ndarray
    psd_up: np.ndarray
    flies: np.ndarray
    thrust_mps2: np.ndarray
    thrust_psd: np.ndarray
    lasts_s: np.ndarray
    log_drag_mean: float
    log_drag_sigma: float
    log_drag_psd: float
    burn_out_per_s: float
    settle_per_s: float
    manoeuvre_per_s: float


class Sky(NamedTuple):
    """What moves and through what: the motions, the place with its air and ground, the drag curve of an unknown shape."""

    motions: Motions
    world: World
    curve: np.ndarray
    frame: Frame
    terrain: Terrain


class Bank(NamedTuple):
    """n rows of tracks with m motions and r radars, of which the first so many are in use.

    `mean (n, m, 7)`, `cov (n, m, 7, 7)` in the site's frame at `time_s (n,)`; `log_weight (n, m)` normalised;
    `score (n,)` ln of the odds of being real against clutter, up to the last plot; `first_s`, `last_s (n,)`
    times of the first and the last plot; `count (n,)` of plots; `id (n,)`, 0 before it has one; `root (n,)`
    serial of the first plot; `trail (n, TRAIL)` serials of a tentative track's plots, -1 behind the last;
    `level (n,)`: born of plots without elevation. Of each radar, `(n, r)`: `seen_s` when it last saw the
    track, or began to look for it; since the last plot of any radar, looks `counted`, looks `missed` by share
    of cover and their `missed_score`, the sum of ln(1 - Pd); in all, `hits` and `looks`.
    """

    mean: np.ndarray
    cov: np.ndarray
    log_weight: np.ndarray
    time_s: np.ndarray
    score: np.ndarray
    first_s: np.ndarray
    last_s: np.ndarray
    count: np.ndarray
    id: np.ndarray
    root: np.ndarray
    trail: np.ndarray
    level: np.ndarray
    seen_s: np.ndarray
    counted: np.ndarray
    missed: np.ndarray
    missed_score: np.ndarray
    hits: np.ndarray
    looks: np.ndarray


class Work(NamedTuple):
    """Scratch of one thread: a row's means and covariances, a measurement, its Jacobian, matrices."""

    mean: np.ndarray
    cov: np.ndarray
    log_weight: np.ndarray
    fit: np.ndarray
    z: np.ndarray
    jacobian: np.ndarray
    point: np.ndarray
    vector: np.ndarray
    path: np.ndarray
    offset: np.ndarray
    transition: np.ndarray
    product: np.ndarray
    low: np.ndarray
    high: np.ndarray


def motions_of(settings: TrackSettings) -> Motions:
    """Return the columns of the settings' motions."""

    def column(name):
        return np.array([getattr(motion, name) for motion in settings.motions], dtype=np.float64)

    return Motions(
        np.log(column("rate_per_h") / 3600.0),
        column("speed_sigma_mps"),
        column("v_up_mps"),
        column("climb_sigma_mps"),
        column("ceiling_m"),
        column("wander_mps2") ** 2,
        column("wander_up_mps2") ** 2,
        np.array([motion.flies for motion in settings.motions]),
        column("thrust_mps2"),
        column("thrust_wander_mps2") ** 2,
        column("lasts_s"),
        settings.log_drag_mean,
        settings.log_drag_sigma,
        settings.log_drag_wander**2,
        settings.burn_out_per_s,
        settings.settle_per_s,
        settings.manoeuvre_per_s,
    )


def sky_of(site: Site, settings: TrackSettings) -> Sky:
    """Return the sky over a site."""
    curve = np.ascontiguousarray(SHAPE_CURVES[BROAD])
    return Sky(motions_of(settings), site.world, curve, site.frame, site.terrain)


def empty_bank(rows: int, motions: int, radars: int) -> Bank:
    """Return a bank of unused rows."""
    return Bank(
        np.zeros((rows, motions, SIZE)),
        np.zeros((rows, motions, SIZE, SIZE)),
        np.zeros((rows, motions)),
        *(np.zeros(rows) for _ in range(4)),
        *(np.zeros(rows, np.int64) for _ in range(3)),
        np.full((rows, TRAIL), -1),
        np.zeros(rows, np.bool_),
        *(np.zeros((rows, radars)) for _ in range(6)),
    )


def grown(bank: Bank, rows: int) -> Bank:
    """Return the bank with room for `rows`, the old ones first."""
    larger = empty_bank(rows, bank.mean.shape[1], bank.seen_s.shape[1])
    for old, new in zip(bank, larger, strict=True):
        new[: len(old)] = old
    return larger


def empty_work(motions: int) -> Work:
    """Return scratch for one thread."""
    return Work(
        np.zeros((motions, SIZE)),
        np.zeros((motions, SIZE, SIZE)),
        np.zeros(motions),
        np.zeros(motions),
        np.zeros(4),
        np.zeros((4, 6)),
        *(np.zeros(SIZE) for _ in range(4)),
        np.zeros((SIZE, SIZE)),
        np.zeros((SIZE, SIZE)),
        np.zeros(4),
        np.zeros(4),
    )


@kernel
def copy_row(source, i, target, j):
    """Copy row `i` of one bank to row `j` of another."""
    target.mean[j] = source.mean[i]
    target.cov[j] = source.cov[i]
    target.log_weight[j] = source.log_weight[i]
    target.time_s[j] = source.time_s[i]
    target.score[j] = source.score[i]
    target.first_s[j] = source.first_s[i]
    target.last_s[j] = source.last_s[i]
    target.count[j] = source.count[i]
    target.id[j] = source.id[i]
    target.root[j] = source.root[i]
    target.trail[j] = source.trail[i]
    target.level[j] = source.level[i]
    target.seen_s[j] = source.seen_s[i]
    target.counted[j] = source.counted[i]
    target.missed[j] = source.missed[i]
    target.missed_score[j] = source.missed_score[i]
    target.hits[j] = source.hits[i]
    target.looks[j] = source.looks[i]


@kernel
def pack_rows(bank, keep):
    """Move the rows where `keep (n,)` is True to the front, in order; return how many."""
    kept = 0
    for i in range(keep.shape[0]):
        if keep[i]:
            if kept != i:
                copy_row(bank, i, bank, kept)
            kept += 1
    return kept


@kernel
def carry_row(mean, cov, log_weight, age_s, duration_s, stray, sky, work):
    """Carry one row's motions, `mean (m, 7)`, `cov (m, 7, 7)`, `log_weight (m,)`, through time in place.

    `age_s` since the first plot at the end; `duration_s` may be negative. Without `stray` the motion is
    taken as exact and motions do not change into one another: for a plot that comes late.
    """
    for motion in range(mean.shape[0]):
        if log_weight[motion] > NEVER:
            carry(mean[motion], cov[motion], motion, duration_s, stray, sky, work)
    if stray and duration_s > 0.0:
        _change_motion(mean, cov, log_weight, age_s, duration_s, sky.motions)


@kernel
def carry(mean, cov, motion, duration_s, stray, sky, work):
    """Carry one Gaussian `mean (7,)`, `cov (7, 7)` through time by its motion, in place."""
    if sky.motions.flies[motion]:
        _fall(mean, cov, duration_s, sky.motions.thrust_mps2[motion], sky, work)
    else:
        _glide(mean, cov, duration_s)
    if stray:
        add_noise(mean, cov, motion, abs(duration_s), sky.motions)


@kernel
def _fall(mean, cov, duration_s, thrust_mps2, sky, work):
    """Carry a projectile: midpoint steps of the mean, covariance by a second-order transition."""
    steps = int(np.ceil(abs(duration_s) / STEP_S - 1e-9))
    if steps == 0:
        return
    dt = duration_s / steps
    for _ in range(steps):
        fall_step(mean, dt, thrust_mps2, sky, work.transition)
        propagate(cov, work.transition, work.product)


@kernel
def fall_about(mean, cov, speed_e_mps, speed_n_mps, speed_u_mps, duration_s, thrust_mps2, sky, work):
    """Carry a projectile of unknown velocity by the flight linearised about a velocity given from outside.

    Where only the prior is known of the velocity, its mean may be hundreds of m/s off and drag there another:
    the flight starts at the mean's place with the given velocity, and the offset of the mean from it is
    carried by that flight's transition.
    """
    path, offset = work.path, work.offset
    path[:] = mean
    path[3], path[4], path[5] = speed_e_mps, speed_n_mps, speed_u_mps
    for i in range(SIZE):
        offset[i] = mean[i] - path[i]
    steps = max(int(np.ceil(abs(duration_s) / STEP_S - 1e-9)), 1)
    for _ in range(steps):
        fall_step(path, duration_s / steps, thrust_mps2, sky, work.transition)
        propagate(cov, work.transition, work.product)
        for i in range(SIZE):
            mean[i] = 0.0
            for j in range(SIZE):
                mean[i] += work.transition[i, j] * offset[j]
        for i in range(SIZE):
            offset[i] = mean[i]
    for i in range(SIZE):
        mean[i] = path[i] + offset[i]


@kernel
def fall_step(mean, dt, thrust_mps2, sky, out_transition):
    """Carry the mean `(7,)` of a projectile by one short step and fill its `out_transition (7, 7)`.

    `thrust_mps2` acts along the velocity.

    The transition is I + A dt + A^2 dt^2 / 2 with A from drag alone, taken in the middle of the step; the
    turning of the earth and the slope of gravity change it by less than 1e-3.
    """
    x, y, z, vx, vy, vz = mean[0], mean[1], mean[2], mean[3], mean[4], mean[5]
    drag = np.exp(min(max(mean[LOG_DRAG], -20.0), 0.0))
    a1, b1, c1, _, _, _ = drive(x, y, z, vx, vy, vz, drag, 0.0, 0.0, sky.world, sky.curve)
    if thrust_mps2 != 0.0:
        push = thrust_mps2 / np.sqrt(vx * vx + vy * vy + vz * vz + 1.0)
        a1, b1, c1 = a1 + push * vx, b1 + push * vy, c1 + push * vz
    half = 0.5 * dt
    mx, my, mz = vx + half * a1, vy + half * b1, vz + half * c1
    a2, b2, c2, _, _, decay = drive(
        x + half * vx, y + half * vy, z + half * vz, mx, my, mz, drag, 0.0, 0.0, sky.world, sky.curve
    )
    if thrust_mps2 != 0.0:
        push = thrust_mps2 / np.sqrt(mx * mx + my * my + mz * mz + 1.0)
        a2, b2, c2 = a2 + push * mx, b2 + push * my, c2 + push * mz
    sixth = dt * dt / 6.0
    mean[0] = x + dt * vx + sixth * (a1 + 2.0 * a2)
    mean[1] = y + dt * vy + sixth * (b1 + 2.0 * b2)
    mean[2] = z + dt * vz + sixth * (c1 + 2.0 * c2)
    mean[3], mean[4], mean[5] = vx + dt * a2, vy + dt * b2, vz + dt * c2
    _drag_transition(mx, my, mz, decay, dt, out_transition)


@kernel
def _drag_transition(vx, vy, vz, decay, dt, out):
    """Fill `out (7, 7)`; drag is -decay v with decay growing with speed, density and exp(log drag)."""
    speed_2 = vx * vx + vy * vy + vz * vz + 1e-6
    v = (vx, vy, vz)
    half = 0.5 * dt * dt
    for i in range(SIZE):
        for j in range(SIZE):
            out[i, j] = 1.0 if i == j else 0.0
    for i in range(3):
        by_log, by_height = -decay * v[i], decay * v[i] / SCALE_HEIGHT_M
        for j in range(3):
            by_v = -decay * ((1.0 if i == j else 0.0) + v[i] * v[j] / speed_2)
            # (d a / d v)^2 of a matrix -decay (I + u u'): decay^2 (I + 3 u u')
            by_v_2 = decay * decay * ((1.0 if i == j else 0.0) + 3.0 * v[i] * v[j] / speed_2)
            out[i, j + 3] = half * by_v + (dt if i == j else 0.0)
            out[i + 3, j + 3] += dt * by_v + half * by_v_2
        out[i, 2] += half * by_height
        out[i + 3, 2] = dt * by_height
        out[i, 6] = half * by_log
        out[i + 3, 6] = dt * by_log - half * 2.0 * decay * by_log


@kernel
def _glide(mean, cov, duration_s):
    """Carry something that keeps its velocity."""
    dt = duration_s
    for i in range(3):
        mean[i] += dt * mean[i + 3]
    for i in range(3):
        for j in range(i + 1):
            cov[i, j] += dt * (cov[i, j + 3] + cov[i + 3, j]) + dt * dt * cov[i + 3, j + 3]
            cov[j, i] = cov[i, j]
    for i in range(3):
        for j in range(3):
            cov[i, j + 3] += dt * cov[i + 3, j + 3]
            cov[j + 3, i] = cov[i, j + 3]


@kernel
def add_noise(mean, cov, motion, dt, motions):
    """Add white acceleration noise, that of the thrust along the velocity, and the drift of the drag, over `dt`."""
    along = motions.thrust_psd[motion]
    if along > 0.0:
        along /= mean[3] * mean[3] + mean[4] * mean[4] + mean[5] * mean[5] + 1.0
    for i in range(3):
        own = motions.psd_up[motion] if i == 2 else motions.psd[motion]
        for j in range(3):
            psd = along * mean[i + 3] * mean[j + 3]
            if i == j:
                psd += own
            if psd == 0.0:
                continue
            cov[i, j] += psd * dt * dt * dt / 3.0
            cov[i, j + 3] += psd * dt * dt * 0.5
            cov[i + 3, j] += psd * dt * dt * 0.5
            cov[i + 3, j + 3] += psd * dt
    cov[6, 6] += motions.log_drag_psd * dt


@kernel
def _change_motion(mean, cov, log_weight, age_s, dt, motions):
    """Let motions change: burning into falling while young, an aircraft between cruise and turn.

    Nothing else ever becomes a projectile, and no projectile an aircraft. What has outlived its motion's time is ruled out.
    """
    v = mean[BURNING]
    fast = v[3] * v[3] + v[4] * v[4] + v[5] * v[5] > BURNT_OUT_MPS**2
    if fast and age_s <= motions.lasts_s[BURNING]:
        _flow(mean, cov, log_weight, BURNING, FALLING, motions.burn_out_per_s * dt)
    _flow(mean, cov, log_weight, CLIMBING, CRUISING, motions.settle_per_s * dt)
    _flow(mean, cov, log_weight, DRIFTING, TURNING, 0.2 * motions.manoeuvre_per_s * dt)
    _flow(mean, cov, log_weight, CRUISING, TURNING, motions.manoeuvre_per_s * dt)
    _flow(mean, cov, log_weight, TURNING, CRUISING, 2.0 * motions.manoeuvre_per_s * dt)
    _flow(mean, cov, log_weight, TURNING, SWERVING, 0.4 * motions.manoeuvre_per_s * dt)
    _flow(mean, cov, log_weight, SWERVING, TURNING, 2.0 * motions.manoeuvre_per_s * dt)
    for motion in range(mean.shape[0]):
        if age_s > motions.lasts_s[motion]:
            log_weight[motion] = NEVER
    settle_weights(log_weight)


@kernel
def _flow(mean, cov, log_weight, source, target, share):
    """Move a share of one motion's weight, with its moments, into another."""
    if not log_weight[source] > NEVER:
        return
    share = 1.0 - np.exp(-share)
    moved = log_weight[source] + np.log(share)
    log_weight[source] += np.log1p(-share)
    if not log_weight[target] > NEVER:
        mean[target] = mean[source]
        cov[target] = cov[source]
        log_weight[target] = moved
        return
    part = 1.0 / (1.0 + np.exp(min(700.0, log_weight[target] - moved)))
    if part > 1e-6:
        merge(part, mean[source], cov[source], mean[target], cov[target])
        top = max(moved, log_weight[target])
        log_weight[target] = top + np.log(np.exp(moved - top) + np.exp(log_weight[target] - top))


@kernel
def settle_weights(log_weight):
    """Normalise `log_weight (m,)` in place and rule out what is hopeless; return ln of their sum."""
    total = log_sum(log_weight)
    for motion in range(log_weight.shape[0]):
        if log_weight[motion] > NEVER:
            log_weight[motion] -= total
            if log_weight[motion] < RULED_OUT:
                log_weight[motion] = NEVER
    return total
