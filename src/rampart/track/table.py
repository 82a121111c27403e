"""The table of tracks that leaves the tracker, put together from its banks."""

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.track import CONFIRMED, ENDED, NOT_ENDED, TENTATIVE, TrackTable, no_tracks
from rampart.track.bank import Bank
from rampart.track.history import History
from rampart.track.lifecycle import summarise_each
from rampart.track.ring import Ring


class Confirmed:
    """The confirmed tracks' part of a table: `reason (n,)`, `mean (n, 7)`, `cov (n, 7, 7)`, `kinds (n, 4)`."""

    def __init__(self, count: int):
        self.reason = np.empty(count, np.int64)
        self.mean, self.cov = np.empty((count, 7)), np.empty((count, 7, 7))
        self.kinds = np.empty((count, 4))


def make_table(
    now_s: float,
    bank: Bank,
    part: Confirmed,
    histories: list[History],
    confirmed_s: list[float],
    updated: set[int],
    young: Bank,
    shown: np.ndarray,
    ring: Ring,
) -> TrackTable:
    """Return confirmed and ended tracks, then the tentative ones in the rows `shown (k,)` of `young`."""
    n, k = len(part.reason), len(shown)
    if not n + k:
        return no_tracks(now_s)
    rows = bank.rows[:n]
    ids, missed = rows["id"].copy(), bank.sights[:n]["missed"].sum(axis=1)
    first_s, last_s, since_s = (
        rows["first_s"].copy(),
        rows["last_s"].copy(),
        np.array(confirmed_s, np.float64),
    )
    is_updated = np.array([track in updated for track in ids.tolist()], np.bool_)
    status = np.where(part.reason == NOT_ENDED, CONFIRMED, ENDED)
    reason, mean, cov, kinds = part.reason, part.mean, part.cov, part.kinds
    times_s, plots = np.full(n, now_s), [history.plots for history in histories]
    if k:
        both = Confirmed(n + k)
        for name in ("reason", "mean", "cov", "kinds"):
            getattr(both, name)[:n] = getattr(part, name)
        both.reason[n:] = NOT_ENDED
        summarise_each(young, shown, both.mean[n:], both.cov[n:], both.kinds[n:])
        reason, mean, cov, kinds = both.reason, both.mean, both.cov, both.kinds
        own = young.rows[shown]
        first_s, last_s = np.concatenate([first_s, own.first_s]), np.concatenate([last_s, own.last_s])
        since_s = np.concatenate([since_s, np.full(k, np.nan)])
        missed = np.concatenate([missed, young.sights[shown].missed.sum(axis=1)])
        ids, status = np.concatenate([ids, own.id]), np.concatenate([status, np.full(k, TENTATIVE)])
        is_updated = np.concatenate([is_updated, own.last_s >= now_s])
        times_s = np.concatenate([times_s, own.time_s])
        plots += [trail_plots(young, row, ring) for row in shown.tolist()]
    return TrackTable(
        now_s, ids, status, reason, is_updated, times_s, mean, cov, kinds, first_s, since_s, last_s, missed,
        tuple(plots),
    )  # fmt: skip


def shown_rows(young: Bank, count: int) -> np.ndarray:
    """Return the rows of the likeliest tentative track from each first plot, where it is rather real than not."""
    if not count:
        return np.empty(0, np.int64)
    total = young.rows["score"][:count] + young.sights[:count]["missed_score"].sum(axis=1)
    rows = np.flatnonzero(total > 0.0)
    shown: dict[int, int] = {}
    for row in rows[np.argsort(-total[rows], kind="stable")].tolist():
        shown.setdefault(int(young.rows.root[row]), row)
    return np.array(sorted(shown.values()), dtype=np.int64)


def trail_plots(young: Bank, row: int, ring: Ring) -> Plots:
    """Return the plots of a tentative track, oldest first."""
    slots = young.trail[row, : young.rows.count[row]] % len(ring.rows)
    slots = slots[np.argsort(ring.rows.time_s[slots], kind="stable")]
    plots = ring.rows[slots]
    return Plots(
        plots.time_s.copy(), plots.radar.copy(), ring.z[slots], ring.sigma[slots], plots.snr_db.copy()
    )
