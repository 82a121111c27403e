"""Flights in lanes: a batch flown side by side, as wide as the processor's registers.

The forces and the rule are those of `motion` and `flight`, written without a branch or a table so that the
compiler runs many flights through each instruction: the air is a `Column`, the drag a `ClosedDrag`. Each flight
keeps its own step. Near the ground the step becomes the time that is left to it (Newton's method on the height).
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import formula, kernel
from rampart.physics.column import Column, column_at
from rampart.physics.drag import ClosedDrag, closed_cd_at
from rampart.physics.flight import (
    LANDED,
    NO_CROSSING,
    SHORTEST_STEP,
    START_SLACK_M,
    UNDERGROUND,
)
from rampart.physics.geodesy import Earth, vertical_near
from rampart.physics.motion import LEAST_SPEED_MPS, LOG_DRAG, STATE_SIZE, pulled

LANES = 32
"""Flights in a block: enough to fill the registers several times over, few enough for the nearest cache."""

E, N, U, VE, VN, VU, DRAG, WIND_E, WIND_N, STEP, TIME, LIMIT, LEFT, PULL = (LANES * row for row in range(14))
"""Where each row of a block's work begins: the state, the step, the time flown and its limit, the time left to the
ground, and from PULL on the acceleration at each of the rule's stages, three rows each. One array with constant
places lets the compiler see that no two lanes meet."""

STAGES = 6
SPEED_BY = np.zeros((STAGES + 1, STAGES))
"""Dormand and Prince's rule of the fifth order, a stage a row, the step's end the last. [hairer], II.5."""
SPEED_BY[1, :1] = 1 / 5
SPEED_BY[2, :2] = 3 / 40, 9 / 40
SPEED_BY[3, :3] = 44 / 45, -56 / 15, 32 / 9
SPEED_BY[4, :4] = 19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729
SPEED_BY[5, :5] = 9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656
SPEED_BY[6, :6] = 35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84
PLACE_BY = SPEED_BY @ SPEED_BY[:STAGES]
"""The same for the place, the integral of the speed, so that accelerations are all that a stage leaves behind."""
ELAPSED = SPEED_BY.sum(axis=1)

KNEE_FROM_MACH, KNEE_TO_MACH = 0.92, 1.02
KNEE_STEP_MACH, KNEE_SLOPE = 0.05, 0.4
"""The most that the Mach number may change in a step where the drag curve bends, and by how much more for each
Mach away from there."""
DECAY_PER_STEP = 0.5
"""The share of its air speed that a flight may lose to drag in a step."""
LAST_S = 0.03
"""A flight this near the ground is carried there with its acceleration alone: less than 0.1 mm of error."""
LEAST_FALL_MPS2 = 1e-3
BELOW = -1.0
"""The time limit of a flight that began under the floor."""
MOST_STEPS = 100_000


class Field(NamedTuple):
    """All that pulls on a flight in lanes, as numbers alone."""

    earth: Earth
    column: Column
    drag: ClosedDrag


@formula
def field_drive(e, n, u, ve, vn, vu, drag_m2kg, wind_e, wind_n, field):
    """Return acceleration (3), speed through the air, Mach number, rush_mps2, decay_ps, height_m, climb_mps, turn_mps2.

    `rush` over the speed is the rate of the Mach number; `climb` and `turn` are the height's first and second rate,
    but for the bend of the earth.
    """
    height_m, up_e, up_n, up_u, gravity = vertical_near(e, n, u, field.earth)
    half_density, slowness, air_e, air_n = column_at(height_m, field.column)
    rel_e, rel_n = ve - air_e - wind_e, vn - air_n - wind_n
    speed = np.sqrt(rel_e * rel_e + rel_n * rel_n + vu * vu)
    mach = speed * slowness
    decay = half_density * closed_cd_at(mach, field.drag) * drag_m2kg * speed
    ae, an, au = pulled(ve, vn, vu, rel_e, rel_n, decay, up_e, up_n, up_u, gravity, field.earth)
    rush = (ae * rel_e + an * rel_n + au * vu) * slowness
    climb, turn = ve * up_e + vn * up_n + vu * up_u, ae * up_e + an * up_n + au * up_u
    return ae, an, au, speed, mach, rush, decay, height_m, climb, turn


@formula
def _first_stage(work, lane, floor_m, step_s, field):
    """Set a lane's acceleration, its time left to the floor and its next step; return 1 while it flies, else 0."""
    ae, an, au, speed, mach, rush, decay, height_m, climb, turn = field_drive(
        work[E + lane], work[N + lane], work[U + lane], work[VE + lane], work[VN + lane], work[VU + lane],
        work[DRAG + lane], work[WIND_E + lane], work[WIND_N + lane], field,
    )  # fmt: skip
    work[PULL + lane], work[PULL + LANES + lane], work[PULL + 2 * LANES + lane] = ae, an, au
    above_m = height_m - floor_m
    root = np.sqrt(max(climb * climb - 2.0 * turn * above_m, 0.0))
    rises = climb > 0.0
    left_s = (climb + root if rises else 2.0 * above_m) / (
        max(-turn, LEAST_FALL_MPS2) if rises else root - climb + LEAST_SPEED_MPS
    )
    flies = (abs(left_s) > LAST_S) & (work[TIME + lane] < work[LIMIT + lane])
    # the rule of `flight.step_limit_s` with a single quotient
    room = (KNEE_STEP_MACH + KNEE_SLOPE * max(KNEE_FROM_MACH - mach, mach - KNEE_TO_MACH, 0.0)) * speed
    room += LEAST_SPEED_MPS
    limit_s = room / max(abs(rush), room * decay / DECAY_PER_STEP, room * (1.0 / step_s))
    step = min(max(limit_s, SHORTEST_STEP * step_s), left_s, work[LIMIT + lane] - work[TIME + lane])
    work[LEFT + lane] = left_s
    work[STEP + lane] = step if flies else 0.0
    return 1 if flies else 0


@formula
def _later_stage(work, lane, stage, field):
    """Set a lane's acceleration at a later stage of the rule."""
    e, ve = _ahead(work, lane, 0, stage)
    n, vn = _ahead(work, lane, 1, stage)
    u, vu = _ahead(work, lane, 2, stage)
    ae, an, au, _, _, _, _, _, _, _ = field_drive(
        e, n, u, ve, vn, vu, work[DRAG + lane], work[WIND_E + lane], work[WIND_N + lane], field
    )
    out = PULL + 3 * stage * LANES + lane
    work[out], work[out + LANES], work[out + 2 * LANES] = ae, an, au


@formula
def _ahead(work, lane, axis, stage):
    """Return place and velocity along an axis at a stage, from the accelerations at those before it."""
    h, here = work[STEP + lane], axis * LANES + lane
    by_place, by_speed = 0.0, 0.0
    for k in range(stage):
        pull = work[PULL + 3 * k * LANES + here]
        by_place += PLACE_BY[stage, k] * pull
        by_speed += SPEED_BY[stage, k] * pull
    v = work[VE + here]
    return work[E + here] + h * (ELAPSED[stage] * v + h * by_place), v + h * by_speed


@formula
def _end_step(work, lane):
    """Carry a lane over its step."""
    for axis in range(3):
        place, speed = _ahead(work, lane, axis, STAGES)
        work[E + axis * LANES + lane], work[VE + axis * LANES + lane] = place, speed
    work[TIME + lane] += work[STEP + lane]


@kernel
def fly_lanes(states, floor_m, step_s, longest_s, field, out_states, out_time_s, out_status):
    """Fill `out_states (n, 9)`, `out_time_s (n,)`, `out_status (n,)` where `states (n, 9)` come down to a height.

    `floor_m`: ellipsoidal height of level ground. Statuses as those of `flight.fly_to_ground`.
    """
    work = np.zeros(PULL + 3 * STAGES * LANES)
    for begin in range(0, states.shape[0], LANES):
        filled = min(LANES, states.shape[0] - begin)
        for lane in range(LANES):
            source = states[begin + min(lane, filled - 1)]
            for k in range(STATE_SIZE):
                work[k * LANES + lane] = source[k]
            work[DRAG + lane] = np.exp(source[LOG_DRAG])
            work[TIME + lane] = 0.0
        for lane in range(LANES):
            height_m, _, _, _, _ = vertical_near(work[E + lane], work[N + lane], work[U + lane], field.earth)
            work[LIMIT + lane] = BELOW if height_m < floor_m - START_SLACK_M else longest_s
        for _ in range(MOST_STEPS):
            flying = 0
            for lane in range(LANES):
                flying += _first_stage(work, lane, floor_m, step_s, field)
            if flying == 0:
                break
            for lane in range(LANES):
                _later_stage(work, lane, 1, field)
            for lane in range(LANES):
                _later_stage(work, lane, 2, field)
            for lane in range(LANES):
                _later_stage(work, lane, 3, field)
            for lane in range(LANES):
                _later_stage(work, lane, 4, field)
            for lane in range(LANES):
                _later_stage(work, lane, 5, field)
            for lane in range(LANES):
                _end_step(work, lane)
        for lane in range(filled):
            i = begin + lane
            landed = abs(work[LEFT + lane]) <= LAST_S
            out_status[i] = LANDED if landed else NO_CROSSING
            if work[LIMIT + lane] == BELOW:
                landed, out_status[i] = False, UNDERGROUND
            last_s = work[LEFT + lane] if landed else 0.0
            for axis in range(3):
                k = axis * LANES + lane
                push = last_s * work[PULL + k]
                out_states[i, axis] = work[E + k] + last_s * (work[VE + k] + 0.5 * push)
                out_states[i, 3 + axis] = work[VE + k] + push
            for k in range(LOG_DRAG, STATE_SIZE):
                out_states[i, k] = states[i, k]
            out_time_s[i] = work[TIME + lane] + last_s
