"""Batches of flights to the ground, on all cores: states in, landings out."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from rampart.numerics.jit import kernel
from rampart.physics.column import column_over
from rampart.physics.drag import DragShape
from rampart.physics.flight import LANDED, UNDERGROUND, fly, fly_to_ground
from rampart.physics.geodesy import height_from_sphere
from rampart.physics.lanes import LANES, Field, fly_lanes
from rampart.physics.motion import EAST, LOG_DRAG, NORTH, STATE_SIZE, UP, V_UP, World
from rampart.physics.terrain import Terrain, is_level

STEP_S = 8.0
"""The longest step of a batch: errors of impact below 0.1 m (docs/benchmarks.md)."""
REFERENCE_STEP_S = 0.01
"""The step of `flight` with which a flight agrees to 1 mm with the exact solution of its equations."""
NEAR_GROUND_STEP_S = 0.25
LONGEST_FLIGHT_S = 600.0
MARGIN_M = 20.0
"""Added to both ends of the band of heights that a batch is expected to stay in."""
CLIMB_STEP_S = 0.5
GRAVITY_MPS2 = 9.7
"""A little too small, so that the height reached without air is an upper bound."""
FEWEST_A_THREAD = 8 * LANES
"""With fewer flights than this for each thread, starting it costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Landings:
    """Where flights met the ground: `state_enu (n, 9)`, `time_s (n,)` since the start, `status (n,)`.

    Statuses are those of `flight`: LANDED, NO_CROSSING (the state is that at the end of the time given),
    UNDERGROUND (it began below the ground; the state is the first one).
    """

    state_enu: np.ndarray
    time_s: np.ndarray
    status: np.ndarray

    @property
    def landed(self) -> np.ndarray:
        return self.status == LANDED


def land_each(
    states_enu: np.ndarray,
    world: World,
    shape: DragShape,
    terrain: Terrain,
    step_s: float = STEP_S,
    longest_s: float = LONGEST_FLIGHT_S,
    threads: int | None = None,
) -> Landings:
    """Return where `states_enu (n, 9)` meet the ground, flown in lanes on `threads` threads (default: every core).

    Over level ground lanes fly all the way; over hills down to the highest of them, and from there one
    at a time, so that no ridge is flown through. The result is the same on any number of threads.
    """
    states = np.ascontiguousarray(states_enu, dtype=np.float64)
    level = is_level(terrain)
    field = field_over(states, world, shape, terrain)
    out = Landings(np.empty_like(states), np.empty(len(states)), np.empty(len(states), np.int64))

    def fly_part(part: slice) -> None:
        lane = (out.state_enu[part], out.time_s[part], out.status[part])
        fly_lanes(states[part], terrain.highest_m, step_s, longest_s, field, *lane)
        if not level:
            finish_on_terrain(states[part], world, shape.curve, terrain, longest_s, *lane)

    parts = _parts(len(states), threads or os.cpu_count() or 1)
    if len(parts) == 1:
        fly_part(parts[0])
    else:
        list(_pool().map(fly_part, parts))
    return out


def field_over(states: np.ndarray, world: World, shape: DragShape, terrain: Terrain) -> Field:
    """Return the closed field of forces over the heights that `states (n, 9)`, n >= 1, can reach."""
    lowest_m = min(float(terrain.height_m.min()), float(np.fmin.reduce(states[:, UP], initial=0.0)))
    return Field(
        world.earth,
        column_over(world.air, lowest_m - MARGIN_M, _highest_m(states, world, shape) + MARGIN_M),
        shape.closed,
    )


def _highest_m(states: np.ndarray, world: World, shape: DragShape) -> float:
    """Return about how high the batch flies: the likeliest state to be highest, with the least drag of all."""
    climb_mps = np.maximum(states[:, V_UP], 0.0)
    in_vacuum_m = states[:, UP] + climb_mps**2 / (2.0 * GRAVITY_MPS2)
    in_vacuum_m += (states[:, EAST] ** 2 + states[:, NORTH] ** 2) / (2.0 * world.radius_m)
    in_vacuum_m[~np.isfinite(in_vacuum_m)] = 0.0
    top = states[int(np.argmax(in_vacuum_m))].copy()
    top[LOG_DRAG] = np.fmin.reduce(states[:, LOG_DRAG], initial=top[LOG_DRAG])
    return float(min(highest_on_climb_m(top, world, shape.curve, CLIMB_STEP_S), in_vacuum_m.max()))


@kernel
def highest_on_climb_m(state, world, curve, step_s):
    """Return the ellipsoidal height at which a state's climb ends, found to a few metres."""
    now = state.copy()
    for _ in range(2000):
        if not now[V_UP] > 0.0:
            break
        fly(now, step_s, world, curve, step_s, now)
    return height_from_sphere(
        now[EAST], now[NORTH], now[UP] + world.centre_depth_m, world.radius_m, world.height_series
    )


@kernel
def finish_on_terrain(states, world, curve, terrain, longest_s, out_states, out_time_s, out_status):
    """Carry flights that came down to the highest ground on to the ground itself; arrays as in `fly_lanes`.

    A flight that began below the highest ground is flown anew from its start.
    """
    last = np.empty(STATE_SIZE)
    for i in range(states.shape[0]):
        if out_status[i] == UNDERGROUND:
            for k in range(STATE_SIZE):  # loops compile in a tenth of a slice's time
                out_states[i, k] = states[i, k]
            out_time_s[i] = 0.0
        elif out_status[i] != LANDED:
            continue
        left_s, out_status[i] = fly_to_ground(
            out_states[i], world, curve, terrain, NEAR_GROUND_STEP_S, longest_s - out_time_s[i], last
        )
        for k in range(STATE_SIZE):
            out_states[i, k] = last[k]
        out_time_s[i] += left_s


def _parts(n: int, threads: int) -> list[slice]:
    """Return the parts of a batch, one a thread, each of whole blocks of lanes."""
    threads = max(1, min(threads, n // FEWEST_A_THREAD))
    blocks = -(-n // LANES)
    edges = [min(LANES * (blocks * k // threads), n) for k in range(threads + 1)]
    return [slice(begin, end) for begin, end in pairwise(edges)]


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="flights")
