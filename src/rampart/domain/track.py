"""What the tracker knows: a frozen table of tracks, a row each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rampart.domain.scan import Plots

TENTATIVE, CONFIRMED, ENDED, COASTING = range(4)
STATUS_NAMES = ("tentative", "confirmed", "ended", "coasting")
"""Coasting: confirmed, but now where no radar looks; it goes on by its motion until it is seen again or ends."""

NOT_ENDED, END_GROUND, END_VANISHED, END_LOST, END_WITHDRAWN = range(5)
"""Why a track ended: reached the ground; vanished where it should have been seen; lost out of cover; withdrawn, for its
plots have turned out to be other tracks'."""

BALLISTIC, BOOST, AIRCRAFT, OTHER = range(4)
"""Columns of `motion_probability`: coasting projectile, burning projectile, aircraft, anything else."""


PROJECTILE_FROM = 0.75
"""The probability from which a track counts as a projectile. That of a true one mostly leaps past both this and 0.5;
what lies between is more often an aircraft that a few plots show falling."""


@dataclass(frozen=True, slots=True)
class TrackTable:
    """n tracks, of which those that ended in this step are the last time in the table.

    `id (n,)` int64, rising, never reused; `status (n,)`, `end_reason (n,)` as above; `updated (n,)` bool:
    a plot joined in this step; `time_s (n,)` of `mean_enu (n, 7)` and `cov_enu (n, 7, 7)`: position,
    velocity, log drag (m2/kg) in the site's frame; `motion_probability (n, 4)`; `first_plot_s (n,)`,
    `confirmed_s (n,)` (NaN before), `last_plot_s (n,)`; `looks_missed (n,)` float: looks since the last plot in
    which a radar should have seen the track where the filter predicts it; `plots`: the history of
    each track, oldest first.
    """

    time_s: float
    id: np.ndarray
    status: np.ndarray
    end_reason: np.ndarray
    updated: np.ndarray
    track_time_s: np.ndarray
    mean_enu: np.ndarray
    cov_enu: np.ndarray
    motion_probability: np.ndarray
    first_plot_s: np.ndarray
    confirmed_s: np.ndarray
    last_plot_s: np.ndarray
    looks_missed: np.ndarray
    plots: Sequence[Plots]

    def __len__(self) -> int:
        return len(self.id)

    def is_live(self) -> np.ndarray:
        """Return (n,) bool: confirmed, seen or coasting."""
        return (self.status == CONFIRMED) | (self.status == COASTING)

    def is_ballistic(self) -> np.ndarray:
        """Return (n,) bool: three times as likely a projectile, coasting or burning, as all else."""
        return self.motion_probability[:, BALLISTIC] + self.motion_probability[:, BOOST] > PROJECTILE_FROM


def no_tracks(time_s: float = 0.0) -> TrackTable:
    """Return the empty table."""
    ints, floats = np.empty(0, np.int64), np.empty(0)
    return TrackTable(
        time_s,
        ints,
        ints,
        ints,
        np.empty(0, bool),
        floats,
        np.empty((0, 7)),
        np.empty((0, 7, 7)),
        np.empty((0, 4)),
        floats,
        floats,
        floats,
        floats,
        (),
    )
