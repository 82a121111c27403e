"""Flight: a state carried through time, to the ground, along a list of times, or under thrust.

Fourth-order Runge-Kutta with the caller's step, shortened only where the drag curve bends sharply near
Mach 1 or where drag is so strong that the step would be unstable. [hairer], II.1.
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import formula, kernel, lean_kernel
from rampart.physics.atmosphere import air_at
from rampart.physics.geodesy import height_from_sphere
from rampart.physics.meeting import meeting_on_arc
from rampart.physics.motion import LEAST_SPEED_MPS, LOG_DRAG, STATE_SIZE, WIND_EAST, WIND_NORTH, drive
from rampart.physics.terrain import ground_height_m

LANDED, NO_CROSSING, UNDERGROUND = range(3)
"""How a flight to the ground ended; UNDERGROUND: it began more than START_SLACK_M below it."""

KNEE_FROM_MACH, KNEE_TO_MACH = 0.85, 1.2
KNEE_STEP_MACH = 0.02
"""The most that the Mach number may change in a step where the drag curve bends."""
DECAY_PER_STEP = 0.5
SHORTEST_STEP = 1.0 / 64.0
"""No step is shorter than this share of the caller's: a flight always ends."""
START_SLACK_M = 0.01


@formula
def step_limit_s(step_s, room_mach, mach_rate_ps, decay_ps):
    """Return the length of the next step, at most `step_s`, from what `drive` says of its start.

    `room_mach`: by how much the Mach number may change.
    """
    hurry = max(abs(mach_rate_ps) / room_mach, decay_ps / DECAY_PER_STEP)
    return step_s / min(max(step_s * hurry, 1.0), 1.0 / SHORTEST_STEP)


@formula
def knee_room(mach):
    """Return by how much the Mach number may change in a step that begins at `mach`."""
    return KNEE_STEP_MACH + max(KNEE_FROM_MACH - mach, mach - KNEE_TO_MACH, 0.0)


@lean_kernel
def runge_kutta(e, n, u, ve, vn, vu, ae, an, au, h, drag_m2kg, wind_e, wind_n, world, curve):
    """Return (e, n, u, ve, vn, vu) after h seconds; (ae, an, au) is the acceleration at the start."""
    pe, pn, pu, qe, qn, qu = ve, vn, vu, ae, an, au
    sum_pe, sum_pn, sum_pu, sum_qe, sum_qn, sum_qu = ve, vn, vu, ae, an, au
    for stage in range(3):
        c = h if stage == 2 else 0.5 * h
        w = 1.0 if stage == 2 else 2.0
        xe, xn, xu = e + c * pe, n + c * pn, u + c * pu
        pe, pn, pu = ve + c * qe, vn + c * qn, vu + c * qu
        qe, qn, qu, _, _, _ = drive(xe, xn, xu, pe, pn, pu, drag_m2kg, wind_e, wind_n, world, curve)
        sum_pe, sum_pn, sum_pu = sum_pe + w * pe, sum_pn + w * pn, sum_pu + w * pu
        sum_qe, sum_qn, sum_qu = sum_qe + w * qe, sum_qn + w * qn, sum_qu + w * qu
    s = h / 6.0
    return e + s * sum_pe, n + s * sum_pn, u + s * sum_pu, ve + s * sum_qe, vn + s * sum_qn, vu + s * sum_qu


@lean_kernel
def fly(state, duration_s, world, curve, step_s, out_state):
    """Fill `out_state (9,)` with `state (9,)` carried on by `duration_s`, back in time where negative.

    `out_state` may be `state`.
    """
    e, n, u, ve, vn, vu = state[0], state[1], state[2], state[3], state[4], state[5]
    wind_e, wind_n, drag = state[WIND_EAST], state[WIND_NORTH], np.exp(state[LOG_DRAG])
    sign = 1.0 if duration_s >= 0.0 else -1.0
    left_s = abs(duration_s)
    while left_s > 0.0:
        ae, an, au, mach, rate, decay = drive(e, n, u, ve, vn, vu, drag, wind_e, wind_n, world, curve)
        h = min(step_limit_s(step_s, knee_room(mach), rate, decay), left_s)
        e, n, u, ve, vn, vu = runge_kutta(
            e, n, u, ve, vn, vu, ae, an, au, sign * h, drag, wind_e, wind_n, world, curve
        )
        left_s -= h
    out_state[0], out_state[1], out_state[2] = e, n, u
    out_state[3], out_state[4], out_state[5] = ve, vn, vu
    for k in range(LOG_DRAG, STATE_SIZE):
        out_state[k] = state[k]


@kernel
def trajectory(state, times_s, world, curve, step_s, out_states):
    """Fill `out_states (n, 9)` with `state (9,)` carried on to each of the rising `times_s (n,)` >= 0."""
    before_s = 0.0
    for i in range(times_s.shape[0]):
        fly(
            state if i == 0 else out_states[i - 1], times_s[i] - before_s, world, curve, step_s, out_states[i]
        )
        before_s = times_s[i]


@lean_kernel
def fly_to_ground(state, world, curve, terrain, step_s, max_s, out_state):
    """Fill `out_state (9,)` where the flight meets the ground; return (time_s, status).

    A negative `max_s` flies back in time, to where the projectile rose from the ground (time_s <= 0). The
    meeting is found to less than 1 mm of height. NO_CROSSING: `out_state` is that after `max_s`.
    UNDERGROUND: it is `state`, at time 0.
    """
    e, n, u, ve, vn, vu = state[0], state[1], state[2], state[3], state[4], state[5]
    wind_e, wind_n, drag = state[WIND_EAST], state[WIND_NORTH], np.exp(state[LOG_DRAG])
    sign = 1.0 if max_s >= 0.0 else -1.0
    time_s, status = 0.0, NO_CROSSING
    height = height_from_sphere(e, n, u + world.centre_depth_m, world.radius_m, world.height_series)
    if height - ground_height_m(e, n, terrain) < -START_SLACK_M:
        status = UNDERGROUND
    ae, an, au, mach, rate, decay = drive(e, n, u, ve, vn, vu, drag, wind_e, wind_n, world, curve)
    while status == NO_CROSSING and time_s < abs(max_s):
        h = min(step_limit_s(step_s, knee_room(mach), rate, decay), abs(max_s) - time_s)
        fe, fn, fu, fve, fvn, fvu = runge_kutta(
            e, n, u, ve, vn, vu, ae, an, au, sign * h, drag, wind_e, wind_n, world, curve
        )
        fae, fan, fau, mach, rate, decay = drive(
            fe, fn, fu, fve, fvn, fvu, drag, wind_e, wind_n, world, curve
        )
        next_height = height_from_sphere(
            fe, fn, fu + world.centre_depth_m, world.radius_m, world.height_series
        )
        if min(height, next_height) <= terrain.highest_m + START_SLACK_M:
            arc = (e, n, u, ve, vn, vu, ae, an, au, fe, fn, fu, fve, fvn, fvu, fae, fan, fau, sign * h)
            share = meeting_on_arc(arc, world, terrain)
            if share >= 0.0:
                fe, fn, fu, fve, fvn, fvu = runge_kutta(
                    e, n, u, ve, vn, vu, ae, an, au, sign * h * share, drag, wind_e, wind_n, world, curve
                )
                h *= share
                status = LANDED
        e, n, u, ve, vn, vu, ae, an, au = fe, fn, fu, fve, fvn, fvu, fae, fan, fau
        height = next_height
        time_s += h
    out_state[0], out_state[1], out_state[2] = e, n, u
    out_state[3], out_state[4], out_state[5] = ve, vn, vu
    for k in range(LOG_DRAG, STATE_SIZE):
        out_state[k] = state[k]
    return sign * time_s, status


@kernel
def fly_to_ground_each(states, world, curve, terrain, step_s, max_s, out_states, out_time_s, out_status):
    """Fill `out_states (n, 9)`, `out_time_s (n,)`, `out_status (n,)`: `fly_to_ground` for `states (n, 9)`."""
    for i in range(states.shape[0]):
        out_time_s[i], out_status[i] = fly_to_ground(
            states[i], world, curve, terrain, step_s, max_s, out_states[i]
        )


class Boost(NamedTuple):
    """A rocket motor: constant thrust from ignition for `burn_s`, its mass falling evenly.

    A boosted state's LOG_DRAG is for the empty mass.
    """

    thrust_n: float
    burn_s: float
    mass_full_kg: float
    mass_empty_kg: float


@kernel
def mass_kg(t, boost):
    """Return the mass at `t` seconds after ignition."""
    burnt = min(max(t / boost.burn_s, 0.0), 1.0)
    return boost.mass_full_kg - (boost.mass_full_kg - boost.mass_empty_kg) * burnt


@kernel
def fly_boosted(state, t_start_s, t_end_s, boost, rail_length_m, world, curve, step_s, out_state):
    """Fill `out_state (9,)` with `state (9,)` carried from one time since ignition to a later one.

    Thrust acts along the velocity through the air. Where `rail_length_m` > 0 the state stands at the foot
    of a launch rail: its velocity, however small, points along it, and until the rail's end it moves along
    that line. After burn-out the flight coasts.
    """
    for k in range(STATE_SIZE):
        out_state[k] = state[k]
    t = t_start_s
    if rail_length_m > 0.0:
        t = _leave_rail(out_state, t_start_s, t_end_s, boost, rail_length_m, world, curve, step_s)
    burn_end_s = min(t_end_s, boost.burn_s)
    wind_e, wind_n, drag = state[WIND_EAST], state[WIND_NORTH], np.exp(state[LOG_DRAG])
    e, n, u, ve, vn, vu = out_state[0], out_state[1], out_state[2], out_state[3], out_state[4], out_state[5]
    while t < burn_end_s:
        qe, qn, qu, mach, rate, decay = _driven(
            e, n, u, ve, vn, vu, t, boost, drag, wind_e, wind_n, world, curve
        )
        h = min(step_limit_s(step_s, knee_room(mach), rate, decay), burn_end_s - t)
        pe, pn, pu = ve, vn, vu
        sum_pe, sum_pn, sum_pu, sum_qe, sum_qn, sum_qu = pe, pn, pu, qe, qn, qu
        for stage in range(3):
            c = h if stage == 2 else 0.5 * h
            w = 1.0 if stage == 2 else 2.0
            xe, xn, xu = e + c * pe, n + c * pn, u + c * pu
            pe, pn, pu = ve + c * qe, vn + c * qn, vu + c * qu
            qe, qn, qu, _, _, _ = _driven(
                xe, xn, xu, pe, pn, pu, t + c, boost, drag, wind_e, wind_n, world, curve
            )
            sum_pe, sum_pn, sum_pu = sum_pe + w * pe, sum_pn + w * pn, sum_pu + w * pu
            sum_qe, sum_qn, sum_qu = sum_qe + w * qe, sum_qn + w * qn, sum_qu + w * qu
        s = h / 6.0
        e, n, u = e + s * sum_pe, n + s * sum_pn, u + s * sum_pu
        ve, vn, vu = ve + s * sum_qe, vn + s * sum_qn, vu + s * sum_qu
        t = burn_end_s if h >= burn_end_s - t else t + h
    out_state[0], out_state[1], out_state[2] = e, n, u
    out_state[3], out_state[4], out_state[5] = ve, vn, vu
    if t_end_s > t:
        fly(out_state, t_end_s - t, world, curve, step_s, out_state)


@kernel
def _driven(e, n, u, ve, vn, vu, t, boost, drag_m2kg, wind_e, wind_n, world, curve):
    """Return what `drive` does, with thrust, at `t` seconds after ignition."""
    mass = mass_kg(t, boost)
    lighter = drag_m2kg * boost.mass_empty_kg / mass
    ae, an, au, mach, rate, decay = drive(e, n, u, ve, vn, vu, lighter, wind_e, wind_n, world, curve)
    height = height_from_sphere(e, n, u + world.centre_depth_m, world.radius_m, world.height_series)
    _, sound, air_e, air_n = air_at(height, world.air)
    rel_e, rel_n = ve - air_e - wind_e, vn - air_n - wind_n
    speed = np.sqrt(rel_e * rel_e + rel_n * rel_n + vu * vu) + LEAST_SPEED_MPS
    push = boost.thrust_n / mass
    ae, an, au = ae + push * rel_e / speed, an + push * rel_n / speed, au + push * vu / speed
    return ae, an, au, mach, rate + push / sound, decay


@kernel
def _leave_rail(state, t_start_s, t_end_s, boost, rail_length_m, world, curve, step_s):
    """Move `state (9,)` along its rail to the end of it or of the time; return the time since ignition then.

    The rail carries all but what acts along it. Steps of constant acceleration, a
    millisecond or less; the last one ends where the rail does.
    """
    speed = np.sqrt(state[3] ** 2 + state[4] ** 2 + state[5] ** 2) + LEAST_SPEED_MPS
    de, dn, du = state[3] / speed, state[4] / speed, state[5] / speed
    start_e, start_n, start_u = state[0], state[1], state[2]
    drag = np.exp(state[LOG_DRAG])
    moved, t = 0.0, t_start_s
    h_most = min(step_s, 0.001)
    end_s = min(t_end_s, boost.burn_s)
    while t < end_s and moved < rail_length_m:
        h = min(h_most, end_s - t)
        mass = mass_kg(t + 0.5 * h, boost)
        e, n, u = start_e + moved * de, start_n + moved * dn, start_u + moved * du
        ae, an, au, _, _, _ = drive(
            e, n, u, speed * de, speed * dn, speed * du,
            drag * boost.mass_empty_kg / mass, state[WIND_EAST], state[WIND_NORTH], world, curve,
        )  # fmt: skip
        along = max(boost.thrust_n / mass + ae * de + an * dn + au * du, 0.0)
        left = rail_length_m - moved
        if speed * h + 0.5 * along * h * h > left:
            h = 2.0 * left / (speed + np.sqrt(speed * speed + 2.0 * along * left))
            moved = rail_length_m
        else:
            moved += speed * h + 0.5 * along * h * h
        speed += along * h
        t += h
    state[0], state[1], state[2] = start_e + moved * de, start_n + moved * dn, start_u + moved * du
    state[3], state[4], state[5] = speed * de, speed * dn, speed * du
    return t
