"""Where the shapes of a track come down: flown there, or by the straight map that an earlier flight has left."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import kernel
from rampart.physics.flight import LANDED, NO_CROSSING
from rampart.physics.motion import STATE_SIZE
from rampart.predict.fit import excess_of
from rampart.predict.held import NUMBERS, SQUARES
from rampart.predict.problem import PARAMETERS
from rampart.predict.spread import CURVED_FROM_M, add_ahead, carry_to_ground, congruent

LEAST_WEIGHT = 2e-3
"""Shapes that weigh less are left out of the mixture."""
STRAIGHT_SIGMAS = 0.5
"""The map is flown anew when the impact has moved by so much of its spread."""
LEAST_SHARE = 0.5
"""So too when the variance has fallen to this share of what it was, or grown by as much."""


class Straights(NamedTuple):
    """For each of s shapes, the map to the ground, straight about the flight of `parameters (s, 11)`.

    It comes down at `mean (s, 3)`, east, north and time after the epoch; `rows (s, 3, 11)`, its derivative. Its bend
    had moved the mean by `shift (s, 3)` and added `bent (s, 3, 3)` to a covariance whose part of place had the trace
    `spread_m2 (s,)`, 0 where none was flown yet.
    """

    parameters: np.ndarray
    mean: np.ndarray
    rows: np.ndarray
    shift: np.ndarray
    bent: np.ndarray
    spread_m2: np.ndarray


def no_straights(shapes: int) -> Straights:
    """Return room for the maps of so many shapes, none flown yet."""
    n = PARAMETERS
    sizes = (shapes, n), (shapes, 3), (shapes, 3, n), (shapes, 3), (shapes, 3, 3), (shapes,)
    return Straights(*(np.zeros(size) for size in sizes))


@dataclass(frozen=True, slots=True)
class Landing:
    """One component: `status` of `physics.flight`; `impact_enu_m (2,)`, `time_s` after the newest sight; and
    `covariance (3, 3)` of east m, north m, time s."""

    status: int
    impact_enu_m: np.ndarray
    time_s: float
    covariance: np.ndarray


def land(fit, library: np.ndarray, wind_sigma_mps: float, world, terrain, step_s: float) -> Landing:
    """Return where a usable fit comes down, flown there."""
    straights, mean, covariance = no_straights(1), np.empty(3), np.empty((3, 3))
    status = fly_straight(
        0, fit.state, fit.transition, fit.parameters, fit.excess * fit.covariance, library, wind_sigma_mps, world,
        terrain, step_s, 0.0, np.empty(library.shape[1:]), straights, mean, covariance,
    )  # fmt: skip
    return Landing(status, mean[:2], float(mean[2]), covariance)


@kernel
def land_each(
    found, weight, libraries, wind_sigma_mps, world, terrain, step_s, newest_s, curve, spread, straights,
    out_status, out_mean, out_covariance,
):  # fmt: skip
    """Fill `out_status (s,)`, `out_mean (s, 3)` and `out_covariance (s, 3, 3)` of the shapes of LEAST_WEIGHT or more.

    By the straight map of an earlier flight where it will do, else by a flight, whose map is kept. `weight (s,)`: of
    each shape; the newest sight at `newest_s` after the epoch; times of impact after that sight. `curve (n, 4)` and
    `spread (11, 11)` are room to work in.
    """
    for s in range(weight.shape[0]):
        out_status[s] = NO_CROSSING
        if weight[s] < LEAST_WEIGHT:
            continue
        excess = excess_of(found.sums[s, SQUARES], found.sums[s, NUMBERS])
        for i in range(PARAMETERS):
            for j in range(PARAMETERS):
                spread[i, j] = excess * found.covariance[s, i, j]
        if map_to_ground(
            s, found.parameters[s], found.transition[s], spread, straights, wind_sigma_mps, newest_s, out_mean[s],
            out_covariance[s],
        ):  # fmt: skip
            out_status[s] = LANDED
        else:
            out_status[s] = fly_straight(
                s, found.state[s], found.transition[s], found.parameters[s], spread, libraries[s], wind_sigma_mps,
                world, terrain, step_s, newest_s, curve, straights, out_mean[s], out_covariance[s],
            )  # fmt: skip


@kernel
def fly_straight(
    s, state, transition, parameters, covariance, library, wind_sigma_mps, world, terrain, step_s, newest_s, curve,
    straights, out_mean, out_covariance,
):  # fmt: skip
    """Fill `out_mean (3,)`, `out_covariance (3, 3)` of the impact by a flight; keep its map as that of shape `s`.

    Return the status of the flight; there is no map unless it LANDED.
    """
    mean, bent = straights.mean[s], straights.bent[s]
    for i in range(3):
        for j in range(3):
            bent[i, j] = 0.0
    status, spread_m2 = carry_to_ground(
        state, transition, parameters, covariance, library, wind_sigma_mps, world, terrain, step_s, True, curve,
        out_mean, out_covariance, mean, straights.rows[s], bent,
    )  # fmt: skip
    for i in range(PARAMETERS):
        straights.parameters[s, i] = parameters[i]
    for i in range(3):
        straights.shift[s, i] = out_mean[i] - mean[i]
    mean[2] += newest_s
    straights.spread_m2[s] = spread_m2
    return status


@kernel
def map_to_ground(
    s, parameters, transition, covariance, straights, wind_sigma_mps, newest_s, out_mean, out_covariance
):
    """Fill `out_mean (3,)` and `out_covariance (3, 3)` by the straight map of shape `s`; return whether it will do.

    The bend of the map moves the mean as the covariance grows, and adds to that as its square. It must be looked at
    again where the impact moved by more than STRAIGHT_SIGMAS of its spread, or that has changed much.
    """
    known_m2 = straights.spread_m2[s]
    if not known_m2 > 0.0:
        return False
    rows, shift = straights.rows[s], straights.shift[s]
    for i in range(3):
        out_mean[i] = 0.0
        for j in range(PARAMETERS):
            out_mean[i] += rows[i, j] * (parameters[j] - straights.parameters[s, j])
    moved_m2 = out_mean[0] * out_mean[0] + out_mean[1] * out_mean[1]
    for i in range(3):
        out_mean[i] += straights.mean[s, i]
    congruent(rows, covariance, out_covariance)
    spread_m2 = out_covariance[0, 0] + out_covariance[1, 1]
    share = spread_m2 / known_m2
    if moved_m2 > STRAIGHT_SIGMAS**2 * spread_m2 or share < LEAST_SHARE or share > 1.0 / LEAST_SHARE:
        return False
    if shift[2] != 0.0:
        for i in range(3):
            out_mean[i] += share * shift[i]
            for j in range(3):
                out_covariance[i, j] += share * share * straights.bent[s, i, j]
    elif max(out_covariance[0, 0], out_covariance[1, 1]) > CURVED_FROM_M**2:
        return False
    out_mean[2] -= newest_s
    ahead = np.empty((3, STATE_SIZE))
    if not out_mean[2] > 0.0 or not _ahead_of(rows, transition, ahead):
        return False
    add_ahead(ahead, wind_sigma_mps, out_covariance)
    return True


@kernel
def _ahead_of(rows, transition, out_ahead):
    """Fill `out_ahead (3, 9)`, the derivative of an impact by the newest state, from that by the parameters.

    `rows = ahead @ transition` in the columns of the state: six unknowns by elimination with pivots, then the rest,
    whose own share is what the way to the newest sight has not used up.
    """
    a = np.empty((6, 9))  # transposed system, right-hand sides behind it
    for i in range(6):
        for j in range(6):
            a[i, j] = transition[j, i]
        for j in range(3):
            a[i, 6 + j] = rows[j, i]
    for k in range(6):
        pivot = k
        for i in range(k + 1, 6):
            if abs(a[i, k]) > abs(a[pivot, k]):
                pivot = i
        if abs(a[pivot, k]) < 1e-12:
            return False
        for j in range(k, 9):
            a[k, j], a[pivot, j] = a[pivot, j], a[k, j]
        for i in range(k + 1, 6):
            factor = a[i, k] / a[k, k]
            for j in range(k, 9):
                a[i, j] -= factor * a[k, j]
    for j in range(3):
        for i in range(5, -1, -1):
            value = a[i, 6 + j]
            for k in range(i + 1, 6):
                value -= a[i, k] * out_ahead[j, k]
            out_ahead[j, i] = value / a[i, i]
        for i in range(6, STATE_SIZE):
            used = 0.0
            for k in range(6):
                used += out_ahead[j, k] * transition[k, i]
            out_ahead[j, i] = rows[j, i] - used
    return True
