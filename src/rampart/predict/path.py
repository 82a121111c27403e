"""A path flown past the sights of a track: its state, its derivative by the parameters, what it should measure."""

import numpy as np

from rampart.numerics.jit import formula, lean_kernel
from rampart.physics.drag import cd_at
from rampart.physics.flight import fly
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, WIND_EAST, WIND_NORTH
from rampart.physics.radar import RadarFrame, measure_with_jacobian
from rampart.physics.variation import drive_with_derivative
from rampart.predict.problem import BUMP, BUMP_CURVE, PARAMETERS, TILT, TILT_CURVE


@lean_kernel
def lay_curve(library, tilt, bump, out_curve):
    """Fill `out_curve (n, 4)` with the curve of a shape's `library (3, n, 4)`, its departures laid on."""
    for i in range(out_curve.shape[0]):
        for k in range(4):
            out_curve[i, k] = library[0, i, k] + tilt * library[1, i, k] + bump * library[2, i, k]


@lean_kernel
def start_transition(out_transition):
    """Fill `out_transition (9, 11)`, the derivative of a state by the parameters, with that at the epoch."""
    for i in range(STATE_SIZE):
        for j in range(PARAMETERS):
            out_transition[i, j] = 1.0 if i == j else 0.0


@lean_kernel
def carry(state, transition, duration_s, task, room):
    """Carry `state (9,)` and `transition (9, 11)`, both in place, along the curve laid in `room`: `carry_along`."""
    carry_along(state, transition, duration_s, task.library, task.world, task.step_s, room.curve, room.forces)


@lean_kernel
def carry_along(state, transition, duration_s, library, world, step_s, curve, forces):
    """Carry `state (9,)` and `transition (9, 11)`, both in place, along `curve (n, 4)`; `forces (3, 9)` is room.

    The state as exactly as `fly` does; its derivative, which need only show the way to the best fit, to second order in
    pieces no longer than a step, with the forces' derivative at the middle of each (Magnus). [hairer], IV.7.
    """
    pieces = 1 + int(min(abs(duration_s) / step_s, 1000.0))
    h = duration_s / pieces
    for _ in range(pieces):
        e, n, u, ve, vn, vu = state[0], state[1], state[2], state[3], state[4], state[5]
        fly(state, h, world, curve, step_s, state)
        _, _, _, mach, _, _ = drive_with_derivative(
            0.5 * (e + state[0]) + 0.125 * h * (ve - state[3]),
            0.5 * (n + state[1]) + 0.125 * h * (vn - state[4]),
            0.5 * (u + state[2]) + 0.125 * h * (vu - state[5]),
            0.5 * (ve + state[3]), 0.5 * (vn + state[4]), 0.5 * (vu + state[5]),
            np.exp(state[LOG_DRAG]), state[WIND_EAST], state[WIND_NORTH], world, curve, forces,
        )  # fmt: skip
        cd = cd_at(mach, curve)
        transition[LOG_DRAG, TILT] = cd_at(mach, library[TILT_CURVE]) / cd
        transition[LOG_DRAG, BUMP] = cd_at(mach, library[BUMP_CURVE]) / cd
        _advance(transition, forces, h)


@lean_kernel
def _advance(transition, forces, h):
    """Advance `transition (9, 11)` by `h` seconds of the linear motion whose acceleration is `forces (3, 9)`."""
    a, b, c = forces[0], forces[1], forces[2]
    half, sixth = 0.5 * h, h * h / 6.0
    for j in range(PARAMETERS):
        t0, t1, t2 = transition[0, j], transition[1, j], transition[2, j]
        v0, v1, v2 = transition[3, j], transition[4, j], transition[5, j]
        t6, t7, t8 = transition[6, j], transition[7, j], transition[8, j]
        p0 = _six(a, t0, t1, t2, v0, v1, v2) + a[6] * t6 + a[7] * t7 + a[8] * t8
        p1 = _six(b, t0, t1, t2, v0, v1, v2) + b[6] * t6 + b[7] * t7 + b[8] * t8
        p2 = _six(c, t0, t1, t2, v0, v1, v2) + c[6] * t6 + c[7] * t7 + c[8] * t8
        q0, q1, q2 = (
            _six(a, v0, v1, v2, p0, p1, p2),
            _six(b, v0, v1, v2, p0, p1, p2),
            _six(c, v0, v1, v2, p0, p1, p2),
        )
        transition[0, j] = t0 + h * (v0 + half * p0 + sixth * q0)
        transition[1, j] = t1 + h * (v1 + half * p1 + sixth * q1)
        transition[2, j] = t2 + h * (v2 + half * p2 + sixth * q2)
        transition[3, j] = v0 + h * (p0 + half * q0)
        transition[4, j] = v1 + h * (p1 + half * q1)
        transition[5, j] = v2 + h * (p2 + half * q2)


@formula
def _six(f, x, y, z, vx, vy, vz):
    """Return the product of a row of forces with place and velocity."""
    return f[0] * x + f[1] * y + f[2] * z + f[3] * vx + f[4] * vy + f[5] * vz


@lean_kernel
def look(k, state, transition, task, room):
    """Fill `room.z (4,)`, what sight `k` should measure, and `room.rows (4, 11)`, by the parameters."""
    r = task.sights.radar[k]
    radar = RadarFrame(task.radars.origin_enu_m[r], task.radars.rotation[r])
    measure_with_jacobian(state, radar, room.z, room.h)
    for c in range(4):
        for j in range(PARAMETERS):
            dot = 0.0
            for i in range(6):
                dot += room.h[c, i] * transition[i, j]
            room.rows[c, j] = dot
