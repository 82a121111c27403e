"""How a flight, or its meeting with the ground, changes with its start: the variational equations.

The derivative of the state by the initial state is integrated along with it, on the same steps and by the
same Runge-Kutta rule, from the analytic derivative of the forces. [hairer], II.1 and I.14.
"""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.physics.atmosphere import air_slope_at
from rampart.physics.drag import cd_slope_at
from rampart.physics.flight import LANDED, fly_to_ground, knee_room, step_limit_s
from rampart.physics.geodesy import vertical_near
from rampart.physics.motion import (
    LEAST_SPEED_MPS,
    LOG_DRAG,
    STATE_SIZE,
    WIND_EAST,
    WIND_NORTH,
    pulled,
)
from rampart.physics.terrain import ground_slope


@kernel
def fly_with_transition(state, transition, duration_s, world, curve, step_s, out_state, out_transition):
    """Fill `out_state (9,)` as `fly` does and `out_transition (9, 9)` with Phi(duration) @ `transition`.

    With the identity as `transition (9, 9)`, `out_transition[i, j]` is d out_state[i] / d state[j]. Each
    `out_` may be its input.
    """
    e, n, u, ve, vn, vu = state[0], state[1], state[2], state[3], state[4], state[5]
    wind_e, wind_n, drag = state[WIND_EAST], state[WIND_NORTH], np.exp(state[LOG_DRAG])
    for i in range(STATE_SIZE):
        for j in range(STATE_SIZE):
            out_transition[i, j] = transition[i, j]
    forces, slope, total = np.empty((3, STATE_SIZE)), np.empty((6, STATE_SIZE)), np.empty((6, STATE_SIZE))
    sign = 1.0 if duration_s >= 0.0 else -1.0
    left_s = abs(duration_s)
    h = 0.0
    while left_s > 0.0:
        xe, xn, xu, pe, pn, pu = e, n, u, ve, vn, vu
        sum_pe, sum_pn, sum_pu, sum_qe, sum_qn, sum_qu = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for stage in range(4):
            qe, qn, qu, mach, rate, decay = drive_with_derivative(
                xe, xn, xu, pe, pn, pu, drag, wind_e, wind_n, world, curve, forces
            )
            if stage == 0:
                h = sign * min(step_limit_s(step_s, knee_room(mach), rate, decay), left_s)
            reach = 0.0 if stage == 0 else (h if stage == 3 else 0.5 * h)
            weight = 1.0 if stage == 0 or stage == 3 else 2.0
            _vary(out_transition, forces, reach, weight, stage == 0, slope, total)
            sum_pe, sum_pn, sum_pu = sum_pe + weight * pe, sum_pn + weight * pn, sum_pu + weight * pu
            sum_qe, sum_qn, sum_qu = sum_qe + weight * qe, sum_qn + weight * qn, sum_qu + weight * qu
            onward = h if stage == 2 else 0.5 * h
            xe, xn, xu = e + onward * pe, n + onward * pn, u + onward * pu
            pe, pn, pu = ve + onward * qe, vn + onward * qn, vu + onward * qu
        s = h / 6.0
        e, n, u = e + s * sum_pe, n + s * sum_pn, u + s * sum_pu
        ve, vn, vu = ve + s * sum_qe, vn + s * sum_qn, vu + s * sum_qu
        for i in range(6):
            for j in range(STATE_SIZE):
                out_transition[i, j] += s * total[i, j]
        left_s -= abs(h)
    out_state[0], out_state[1], out_state[2] = e, n, u
    out_state[3], out_state[4], out_state[5] = ve, vn, vu
    for k in range(LOG_DRAG, STATE_SIZE):
        out_state[k] = state[k]


@lean_kernel
def _vary(transition, forces, reach, weight, first, slope, total):
    """Set `slope (6, 9)` to the stage's derivative of the transition; add `weight` of it to `total (6, 9)`.

    The stage's transition is `transition + reach * slope` as it came; `forces (3, 9)` is the derivative of
    the acceleration by the state there.
    """
    for j in range(STATE_SIZE):
        s0, s1, s2 = transition[0, j], transition[1, j], transition[2, j]
        s3, s4, s5 = transition[3, j], transition[4, j], transition[5, j]
        s6, s7, s8 = transition[6, j], transition[7, j], transition[8, j]
        if not first:
            s0, s1, s2 = s0 + reach * slope[0, j], s1 + reach * slope[1, j], s2 + reach * slope[2, j]
            s3, s4, s5 = s3 + reach * slope[3, j], s4 + reach * slope[4, j], s5 + reach * slope[5, j]
        slope[0, j], slope[1, j], slope[2, j] = s3, s4, s5
        for i in range(3):
            f = forces[i]
            by_place = f[0] * s0 + f[1] * s1 + f[2] * s2
            by_velocity = f[3] * s3 + f[4] * s4 + f[5] * s5
            slope[3 + i, j] = by_place + by_velocity + f[6] * s6 + f[7] * s7 + f[8] * s8
        for i in range(6):
            total[i, j] = weight * slope[i, j] + (0.0 if first else total[i, j])


@lean_kernel
def drive_with_derivative(
    east_m,
    north_m,
    up_m,
    v_east_mps,
    v_north_mps,
    v_up_mps,
    drag_m2kg,
    wind_e,
    wind_n,
    world,
    curve,
    out_forces,
):
    """Return what `motion.drive` does; fill `out_forces (3, 9)` with d acceleration / d state."""
    earth = world.earth
    height_m, up_e, up_n, up_u, gravity = vertical_near(east_m, north_m, up_m, earth)
    density, sound, air_e, air_n, d_density, d_sound, d_air_e, d_air_n = air_slope_at(height_m, world.air)
    rel = (v_east_mps - air_e - wind_e, v_north_mps - air_n - wind_n, v_up_mps)
    up = (up_e, up_n, up_u)
    speed = np.sqrt(rel[0] * rel[0] + rel[1] * rel[1] + rel[2] * rel[2])
    mach = speed / sound
    cd, cd_slope = cd_slope_at(mach, curve)
    thick = 0.5 * density * drag_m2kg
    decay = thick * cd * speed
    a_e, a_n, a_u = pulled(
        v_east_mps, v_north_mps, v_up_mps, rel[0], rel[1], decay, up_e, up_n, up_u, gravity, earth
    )

    # d(Cd v) / dv = Cd + M Cd', along the relative wind
    bend = thick * (cd + mach * cd_slope) / (speed + LEAST_SPEED_MPS)
    # with height change the density, the Mach number through the speed of sound, and the wind
    grow = decay * d_density / density - thick * speed * cd_slope * mach * d_sound / sound
    f = out_forces
    for i in range(3):
        for k in range(3):
            f[i, 3 + k] = -bend * rel[i] * rel[k] - (decay if i == k else 0.0)
        by_height = -grow * rel[i] - f[i, 3] * d_air_e - f[i, 4] * d_air_n
        for k in range(3):
            f[i, k] = by_height * up[k]
        f[i, 6], f[i, 7], f[i, 8] = -decay * rel[i], -f[i, 3], -f[i, 4]
    _add_gravity_by_place(east_m, north_m, up_m, height_m, up, gravity, earth, f)
    f[0, 4] += earth.turn_up
    f[0, 5] -= earth.turn_north
    f[1, 3] -= earth.turn_up
    f[2, 3] += earth.turn_north
    along = a_e * rel[0] + a_n * rel[1] + a_u * rel[2]
    return a_e, a_n, a_u, mach, along / ((speed + LEAST_SPEED_MPS) * sound), decay


@lean_kernel
def _add_gravity_by_place(east_m, north_m, up_m, height_m, up, gravity, earth, out_forces):
    """Add the derivative of gravity by place to the first three columns of `out_forces (3, 9)`.

    Its size changes with height and latitude, its direction with the vertical, whose derivative is that
    on the frame's best sphere and its second-order departure: within 100 km right to about 1e-4 of itself.
    """
    above_centre_m = up_m + earth.origin_height_m + earth.radius_m
    per_m = 1.0 / np.sqrt(east_m * east_m + north_m * north_m + above_centre_m * above_centre_m)
    out = (east_m * per_m, north_m * per_m, above_centre_m * per_m)
    axis = (0.0, earth.axis_north, earth.axis_up)
    sine = axis[1] * up[1] + axis[2] * up[2]
    departure = (2.0 * earth.bulge_ee / per_m, 2.0 * earth.bulge_nn / per_m, 0.0)
    falls = earth.fall - earth.fall_sine * sine * sine - earth.fall_height * height_m
    by_height = gravity * (earth.fall_height * height_m - falls) / (1.0 - height_m * falls)
    by_sine = 2.0 * sine * (earth.ground_gravity_1 + 2.0 * earth.ground_gravity_2 * sine * sine)
    for k in range(3):
        size = by_height * up[k] + by_sine * per_m * (axis[k] - sine * out[k])
        for i in range(3):
            turn = per_m * ((1.0 + departure[i] if i == k else 0.0) - out[i] * out[k])
            out_forces[i, k] -= up[i] * size + gravity * turn


@kernel
def ground_with_transition(state, world, curve, terrain, step_s, max_s, out_state, out_impact_jacobian):
    """Fill `out_state (9,)` as `fly_to_ground` does, and `out_impact_jacobian (3, 9)`.

    Return (time_s, status). Rows: east m, north m and time s of the meeting; columns: the initial state.
    Zeros where the flight did not land. On the ground height(place) = ground(place) holds, so the time
    moves by what the arc's clearance does over the rate at which it falls.
    """
    time_s, status = fly_to_ground(state, world, curve, terrain, step_s, max_s, out_state)
    out_impact_jacobian[:] = 0.0
    if status != LANDED:
        return time_s, status
    phi = np.eye(STATE_SIZE)
    fly_with_transition(state, phi, time_s, world, curve, step_s, out_state, phi)
    derive_meeting(out_state, phi, world, terrain, out_impact_jacobian)
    return time_s, status


@lean_kernel
def derive_meeting(landed, transition, world, terrain, out_jacobian):
    """Fill `out_jacobian (3, n)`, east, north and time of meeting the ground, from the `transition (9, n)` to there.

    Left as it is for a flight along the ground, whose place is not a function of the start.
    """
    _, up_e, up_n, up_u, _ = vertical_near(landed[0], landed[1], landed[2], world.earth)
    _, rise_e, rise_n = ground_slope(landed[0], landed[1], terrain)
    fall_e, fall_n = up_e - rise_e, up_n - rise_n
    rate = fall_e * landed[3] + fall_n * landed[4] + up_u * landed[5]
    if abs(rate) < 1e-9:
        return
    for j in range(transition.shape[1]):
        later = -(fall_e * transition[0, j] + fall_n * transition[1, j] + up_u * transition[2, j]) / rate
        out_jacobian[0, j] = transition[0, j] + landed[3] * later
        out_jacobian[1, j] = transition[1, j] + landed[4] * later
        out_jacobian[2, j] = later
