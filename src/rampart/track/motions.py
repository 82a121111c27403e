"""How tracks move: every motion's step through time, its noise, and how motions pass into one another."""

from typing import NamedTuple

import numpy as np

from rampart.domain.site import Site
from rampart.numerics.jit import lean_kernel
from rampart.numerics.kalman import log_sum, merge, propagate
from rampart.numerics.records import records
from rampart.physics.drag import BROAD, SHAPE_CURVES, cd_slope_at
from rampart.physics.geodesy import Frame
from rampart.physics.motion import LOG_DRAG, World, drive
from rampart.physics.terrain import Terrain
from rampart.track.bank import NEVER, SIZE
from rampart.track.precedents import Precedents, no_precedents
from rampart.track.settings import (
    BURNING,
    CLIMBING,
    CRUISING,
    DRIFTING,
    FALLING,
    SWERVING,
    TURNING,
    Motion,
    TrackSettings,
)

STEP_S = 0.5
SCALE_HEIGHT_M = 9000.0
BURNT_OUT_MPS = 150.0
"""No rocket is slower than this when it has burnt out."""

RULED_OUT = -40.0
"""The log weight, against the best, below which a motion is ruled out."""

MOTION = np.dtype(
    [
        (name, "f8")
        for name in (
            "log_rate_ps",
            "speed_sigma_mps",
            "v_up_mps",
            "climb_sigma_mps",
            "ceiling_m",
            "psd",
            "psd_up",
            "thrust_mps2",
            "thrust_psd",
            "lasts_s",
        )
    ]
    + [("flies", "?")],
    align=True,
)
"""`settings.Motion` as a record; `psd` are spectral densities of acceleration, m2/s3."""


class Sky(NamedTuple):
    """What moves and through what: `motions (m,)` of MOTION, the drag's prior and the rates of change beside it,
    the place with its air and ground, the drag curve of an unknown shape; how projectiles began before."""

    motions: np.ndarray
    log_drag_mean: float
    log_drag_sigma: float
    log_drag_psd: float
    burn_out_per_s: float
    settle_per_s: float
    manoeuvre_per_s: float
    world: World
    curve: np.ndarray
    frame: Frame
    terrain: Terrain
    precedents: Precedents


def sky_of(site: Site, settings: TrackSettings) -> Sky:
    """Return the sky over a site."""
    motions = records(len(settings.motions), MOTION)
    for name in MOTION.names or ():
        if name in Motion.__slots__:
            motions[name] = [getattr(motion, name) for motion in settings.motions]
    motions["log_rate_ps"] = [np.log(motion.rate_per_h / 3600.0) for motion in settings.motions]
    motions["psd"] = [motion.wander_mps2**2 for motion in settings.motions]
    motions["psd_up"] = [motion.wander_up_mps2**2 for motion in settings.motions]
    motions["thrust_psd"] = [motion.thrust_wander_mps2**2 for motion in settings.motions]
    return Sky(
        motions,
        settings.log_drag_mean,
        settings.log_drag_sigma,
        settings.log_drag_wander**2,
        settings.burn_out_per_s,
        settings.settle_per_s,
        settings.manoeuvre_per_s,
        site.world,
        np.ascontiguousarray(SHAPE_CURVES[BROAD]),
        site.frame,
        site.terrain,
        no_precedents(),
    )


@lean_kernel
def carry_row(mean, cov, log_weight, age_s, duration_s, stray, sky, work):
    """Carry one row's motions, `mean (m, 7)`, `cov (m, 7, 7)`, `log_weight (m,)`, through time in place.

    `age_s` since the first plot at the end; `duration_s` may be negative. Without `stray` the motion is
    taken as exact and motions do not change into one another: for a plot that comes late.
    """
    for motion in range(mean.shape[0]):
        if log_weight[motion] > NEVER:
            carry(mean[motion], cov[motion], motion, duration_s, stray, sky, work)
    if stray and duration_s > 0.0:
        _change_motion(mean, cov, log_weight, age_s, duration_s, sky)


@lean_kernel
def carry(mean, cov, motion, duration_s, stray, sky, work):
    """Carry one Gaussian `mean (7,)`, `cov (7, 7)` through time by its motion, in place."""
    if sky.motions[motion].flies:
        _fall(mean, cov, duration_s, sky.motions[motion].thrust_mps2, sky, work)
    else:
        _glide(mean, cov, duration_s)
    if stray:
        add_noise(mean, cov, motion, abs(duration_s), sky)


@lean_kernel
def _fall(mean, cov, duration_s, thrust_mps2, sky, work):
    """Carry a projectile: midpoint steps of the mean, covariance by a second-order transition."""
    steps = int(np.ceil(abs(duration_s) / STEP_S - 1e-9))
    for _ in range(steps):
        fall_step(mean, duration_s / steps, thrust_mps2, sky, work.transition)
        propagate(cov, work.transition, work.product)


@lean_kernel
def fall_about(mean, cov, speed_e_mps, speed_n_mps, speed_u_mps, duration_s, thrust_mps2, sky, work):
    """Carry a projectile of unknown velocity by the flight linearised about a velocity given from outside.

    Where only the prior is known of the velocity, its mean may be hundreds of m/s off and drag there another:
    the flight starts at the mean's place with the given velocity, and the offset of the mean from it is
    carried by that flight's transition. `work.path` then holds the flight's end.
    """
    path, offset = work.path, work.offset
    for i in range(SIZE):
        path[i] = mean[i]
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


@lean_kernel
def fall_step(mean, dt, thrust_mps2, sky, out_transition):
    """Carry the mean `(7,)` of a projectile by one short step and fill its `out_transition (7, 7)`.

    `thrust_mps2` acts along the velocity. The transition is I + A dt + A^2 dt^2 / 2 with A from drag alone,
    taken in the middle of the step; the turning of the earth and the slope of gravity change it by less
    than 1e-3.
    """
    x, y, z, vx, vy, vz = mean[0], mean[1], mean[2], mean[3], mean[4], mean[5]
    drag = np.exp(min(max(mean[LOG_DRAG], -20.0), 0.0))
    half = 0.5 * dt
    a1, b1, c1, _, _, _ = drive(x, y, z, vx, vy, vz, drag, 0.0, 0.0, sky.world, sky.curve)
    push = thrust_mps2 / np.sqrt(vx * vx + vy * vy + vz * vz + 1.0)
    a1, b1, c1 = a1 + push * vx, b1 + push * vy, c1 + push * vz
    mx, my, mz = vx + half * a1, vy + half * b1, vz + half * c1
    a2, b2, c2, mach, _, decay = drive(
        x + half * vx, y + half * vy, z + half * vz, mx, my, mz, drag, 0.0, 0.0, sky.world, sky.curve
    )
    push = thrust_mps2 / np.sqrt(mx * mx + my * my + mz * mz + 1.0)
    a2, b2, c2 = a2 + push * mx, b2 + push * my, c2 + push * mz
    sixth = dt * dt / 6.0
    mean[0] = x + dt * vx + sixth * (a1 + 2.0 * a2)
    mean[1] = y + dt * vy + sixth * (b1 + 2.0 * b2)
    mean[2] = z + dt * vz + sixth * (c1 + 2.0 * c2)
    mean[3], mean[4], mean[5] = vx + dt * a2, vy + dt * b2, vz + dt * c2
    cd, cd_slope = cd_slope_at(mach, sky.curve)
    _drag_transition(mx, my, mz, decay, 1.0 + mach * cd_slope / cd, dt, out_transition)


@lean_kernel
def _drag_transition(vx, vy, vz, decay, steep, dt, out):
    """Fill `out (7, 7)`; drag is -decay v, with decay growing as density, exp(log drag) and speed to the `steep`."""
    speed_2 = vx * vx + vy * vy + vz * vz + 1e-6
    v = (vx, vy, vz)
    half = 0.5 * dt * dt
    for i in range(SIZE):
        for j in range(SIZE):
            out[i, j] = 1.0 if i == j else 0.0
    for i in range(3):
        by_log, by_height = -decay * v[i], decay * v[i] / SCALE_HEIGHT_M
        for j in range(3):
            own = 1.0 if i == j else 0.0
            by_v = -decay * (own + steep * v[i] * v[j] / speed_2)
            # the square of -decay (I + s u u') is decay^2 (I + (2 s + s^2) u u')
            by_v_2 = decay * decay * (own + steep * (2.0 + steep) * v[i] * v[j] / speed_2)
            out[i, j + 3] = dt * own + half * by_v
            out[i + 3, j + 3] += dt * by_v + half * by_v_2
        out[i, 2] += half * by_height
        out[i + 3, 2] = dt * by_height
        out[i, 6] = half * by_log
        out[i + 3, 6] = dt * by_log - (1.0 + steep) * half * decay * by_log


@lean_kernel
def _glide(mean, cov, dt):
    """Carry something that keeps its velocity."""
    for i in range(3):
        mean[i] += dt * mean[i + 3]
        for j in range(i + 1):
            cov[i, j] += dt * (cov[i, j + 3] + cov[i + 3, j]) + dt * dt * cov[i + 3, j + 3]
            cov[j, i] = cov[i, j]
    for i in range(3):
        for j in range(3, SIZE):
            cov[i, j] += dt * cov[i + 3, j]
            cov[j, i] = cov[i, j]


@lean_kernel
def add_noise(mean, cov, motion, dt, sky):
    """Add white acceleration noise, that of the thrust along the velocity, and the drift of the drag, over `dt`."""
    kind = sky.motions[motion]
    along = kind.thrust_psd / (mean[3] * mean[3] + mean[4] * mean[4] + mean[5] * mean[5] + 1.0)
    for i in range(3):
        own = kind.psd_up if i == 2 else kind.psd
        for j in range(3):
            psd = along * mean[i + 3] * mean[j + 3]
            if i == j:
                psd += own
            cov[i, j] += psd * dt * dt * dt / 3.0
            cov[i, j + 3] += psd * dt * dt * 0.5
            cov[i + 3, j] += psd * dt * dt * 0.5
            cov[i + 3, j + 3] += psd * dt
    cov[LOG_DRAG, LOG_DRAG] += sky.log_drag_psd * dt


@lean_kernel
def _change_motion(mean, cov, log_weight, age_s, dt, sky):
    """Let motions change: burning into falling while young, an aircraft between cruise, turn and swerve.

    Nothing else ever becomes a projectile, and no projectile an aircraft. What has outlived its motion's time
    is ruled out.
    """
    v = mean[BURNING]
    fast = v[3] * v[3] + v[4] * v[4] + v[5] * v[5] > BURNT_OUT_MPS**2
    turn = sky.manoeuvre_per_s * dt
    if fast and age_s <= sky.motions[BURNING].lasts_s:
        _flow(mean, cov, log_weight, BURNING, FALLING, sky.burn_out_per_s * dt)
    _flow(mean, cov, log_weight, CLIMBING, CRUISING, sky.settle_per_s * dt)
    _flow(mean, cov, log_weight, DRIFTING, TURNING, 0.2 * turn)
    _flow(mean, cov, log_weight, CRUISING, TURNING, turn)
    _flow(mean, cov, log_weight, TURNING, CRUISING, 2.0 * turn)
    _flow(mean, cov, log_weight, TURNING, SWERVING, 0.4 * turn)
    _flow(mean, cov, log_weight, SWERVING, TURNING, 2.0 * turn)
    for motion in range(mean.shape[0]):
        if age_s > sky.motions[motion].lasts_s:
            log_weight[motion] = NEVER
    settle_weights(log_weight)


@lean_kernel
def _flow(mean, cov, log_weight, source, target, rate):
    """Move the share 1 - exp(-rate) of one motion's weight, with its moments, into another."""
    if not log_weight[source] > NEVER:
        return
    moved = log_weight[source] + np.log(1.0 - np.exp(-rate))
    log_weight[source] -= rate
    if not log_weight[target] > NEVER:
        for i in range(SIZE):
            mean[target, i] = mean[source, i]
            for j in range(SIZE):
                cov[target, i, j] = cov[source, i, j]
        log_weight[target] = moved
        return
    part = 1.0 / (1.0 + np.exp(min(700.0, log_weight[target] - moved)))
    if part > 1e-6:
        merge(part, mean[source], cov[source], mean[target], cov[target])
        log_weight[target] -= np.log(1.0 - part) if part < 0.5 else log_weight[target] - moved + np.log(part)


@lean_kernel
def settle_weights(log_weight):
    """Normalise `log_weight (m,)` in place and rule out what is hopeless, or no number; return ln of their sum."""
    for motion in range(log_weight.shape[0]):
        if not log_weight[motion] > NEVER:
            log_weight[motion] = NEVER
    total = log_sum(log_weight)
    for motion in range(log_weight.shape[0]):
        if log_weight[motion] > NEVER:
            log_weight[motion] -= total
        if not log_weight[motion] > RULED_OUT:
            log_weight[motion] = NEVER
    return total
