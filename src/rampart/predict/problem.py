"""What is fitted and in what room: the parameters of one drag shape, its task, its normal equations.

Eleven parameters: the state (9,) at the epoch, and two departures of the drag curve from the published one,
TILT and BUMP, so that Cd(M) = Cd_shape(M) (1 + TILT tilt(M) + BUMP bump(M)).
"""

from typing import NamedTuple

import numpy as np

from rampart.physics.drag import DRAG_MACH_STEP, SHAPE_CURVES
from rampart.physics.motion import STATE_SIZE, World
from rampart.physics.splines import uniform_spline
from rampart.predict.priors import Prior
from rampart.predict.sights import Radars, Sights

TILT, BUMP = STATE_SIZE, STATE_SIZE + 1
PARAMETERS = STATE_SIZE + 2

BASE_CURVE, TILT_CURVE, BUMP_CURVE = range(3)
"""Rows of a shape's library: the published curve, and that curve times tilt(M) and bump(M)."""

TILT_WIDTH_MACH = 0.5
BUMP_WIDTH_MACH = 0.12
LOWEST_LOG_DRAG, HIGHEST_LOG_DRAG = -14.0, 0.0
LARGEST_DEPARTURE = 0.6


def library_of(curve: np.ndarray) -> np.ndarray:
    """Return (3, n, 4): a drag curve `(n, 4)`, and it times the two shapes of departure.

    tilt(M) = tanh((M - 1) / TILT_WIDTH_MACH): supersonic against subsonic drag; bump(M): a bell at Mach 1.
    """
    mach = np.arange(len(curve) + 1) * DRAG_MACH_STEP
    cd = np.append(curve[:, 0], curve[-1].sum())
    tilt = np.tanh((mach - 1.0) / TILT_WIDTH_MACH)
    bump = np.exp(-0.5 * ((mach - 1.0) / BUMP_WIDTH_MACH) ** 2)
    departures = uniform_spline(np.stack([cd * tilt, cd * bump], axis=1))
    return np.ascontiguousarray(np.stack([curve, departures[:, 0], departures[:, 1]]))


class Normal(NamedTuple):
    """Normal equations over the parameters and r radars' biases.

    `information (11, 11)`, its lower half; `gradient (11,)` of the cost; `cross (r, 4, 11)` between bias and
    parameter; `bias_information (r, 4)`, diagonal; `bias_gradient (r, 4)`.
    """

    information: np.ndarray
    gradient: np.ndarray
    cross: np.ndarray
    bias_information: np.ndarray
    bias_gradient: np.ndarray


def empty_normal(radars: int) -> Normal:
    """Return room for the normal equations of a site with so many radars."""
    n = PARAMETERS
    return Normal(
        np.zeros((n, n)), np.zeros(n), np.zeros((radars, 4, n)), np.zeros((radars, 4)), np.zeros((radars, 4))
    )


class Task(NamedTuple):
    """What is to be fitted: the `sights` from `first` on by `radars`, with one shape's `prior` and `library
    (3, n, 4)`, in a `world` flown through in steps of `step_s`. `anchor_enu_m (3,)`: centre of the weak prior
    of position.
    """

    sights: Sights
    radars: Radars
    first: int
    anchor_enu_m: np.ndarray
    prior: Prior
    library: np.ndarray
    world: World
    step_s: float


class Tally(NamedTuple):
    """What the sights say of a trajectory: the robust cost, the prior's included; the prior's squares alone;
    the plain sum of the sights' squares (each sight's share capped); how many numbers were measured."""

    cost: float
    prior_squares: float
    squares: float
    numbers: int


class Room(NamedTuple):
    """Space to work in, so that kernels allocate nothing; `curve (n, 4)` is the drag curve that is flown."""

    curve: np.ndarray
    forces: np.ndarray
    z: np.ndarray
    h: np.ndarray
    rows: np.ndarray
    miss: np.ndarray
    reduced: np.ndarray
    factor: np.ndarray
    right: np.ndarray


def empty_room() -> Room:
    """Return space for one fit."""
    n = PARAMETERS
    return Room(
        np.empty(SHAPE_CURVES.shape[1:]), np.empty((3, STATE_SIZE)), np.empty(4),
        np.empty((4, 6)), np.empty((4, n)), np.empty(4), np.empty((n, n)), np.empty((n, n)), np.empty(n),
    )  # fmt: skip
