"""The table of tracks that leaves the tracker, put together from its two parts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.track import COASTING, CONFIRMED, ENDED, NOT_ENDED, TENTATIVE, TrackTable, no_tracks
from rampart.track.bank import Bank
from rampart.track.history import Columns, Histories
from rampart.track.ring import Ring, sorted_trail


class PartColumns(NamedTuple):
    """What kernels fill for n tracks: `reason (n,)` of ending; `mean (n, 7)`, `cov (n, 7, 7)` at `time_s (n,)`;
    `kinds (n, 4)` as `motion_probability`; times of the `first_s`, `last_s (n,)` plot, `missed (n,)` looks since;
    `seen (n,)`: whether a radar looks where it is."""

    reason: np.ndarray
    mean: np.ndarray
    cov: np.ndarray
    time_s: np.ndarray
    kinds: np.ndarray
    first_s: np.ndarray
    last_s: np.ndarray
    missed: np.ndarray
    seen: np.ndarray


class Part:
    """The confirmed, or the tentative, tracks' part of a table."""

    def __init__(self, count: int):
        self.columns = PartColumns(
            np.empty(count, np.int64),
            np.empty((count, 7)),
            np.empty((count, 7, 7)),
            np.empty(count),
            np.empty((count, 4)),
            np.empty(count),
            np.empty(count),
            np.empty(count),
            np.empty(count, np.bool_),
        )
        self.id = np.empty(0, np.int64)
        self.confirmed_s = np.empty(0)
        self.updated = np.empty(0, np.bool_)
        self.histories: list[tuple[Columns, int]] = []
        self.whole: list[Plots] = []

    def __len__(self) -> int:
        return len(self.columns.reason)

    def name(
        self,
        ids: Sequence[int] | np.ndarray,
        confirmed_s: Sequence[float] | np.ndarray,
        updated: Sequence[bool] | np.ndarray,
    ) -> None:
        """Take in the other columns."""
        self.id = np.array(ids, np.int64)
        self.confirmed_s, self.updated = np.array(confirmed_s, float), np.array(updated, np.bool_)


NOBODY = Part(0)


def make_table(now_s: float, confirmed: Part, tentative: Part) -> TrackTable:
    """Return confirmed and ended tracks, then the tentative ones."""
    n, k = len(confirmed), len(tentative)
    if not n + k:
        return no_tracks(now_s)
    columns = confirmed.columns
    coasting = ~columns.seen & ~confirmed.updated if n else columns.seen
    status = np.where(columns.reason == NOT_ENDED, np.where(coasting, COASTING, CONFIRMED), ENDED)
    parts = [confirmed] if n else []
    if k:
        parts.append(tentative)
        status = np.concatenate([status, np.full(k, TENTATIVE)])
    reason, mean, cov, time_s, kinds, first_s, last_s, missed, _ = (
        _joined(list(both)) for both in zip(*(part.columns for part in parts), strict=True)
    )
    return TrackTable(
        now_s,
        _joined([part.id for part in parts]),
        status,
        reason,
        _joined([part.updated for part in parts]),
        time_s,
        mean,
        cov,
        kinds,
        first_s,
        _joined([part.confirmed_s for part in parts]),
        last_s,
        missed,
        Histories(confirmed.histories, tentative.whole),
    )


def _joined(columns: list[np.ndarray]) -> np.ndarray:
    return columns[0] if len(columns) == 1 else np.concatenate(columns)


def trail_plots(young: Bank, row: int, ring: Ring) -> Plots:
    """Return the plots of a tentative track, oldest first."""
    slots = sorted_trail(young, row, ring) % len(ring.rows)
    plots = ring.rows[slots]
    return Plots(
        plots["time_s"].copy(),
        plots["radar"].copy(),
        ring.z[slots],
        ring.sigma[slots],
        plots["snr_db"].copy(),
    )
