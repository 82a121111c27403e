"""The tracker: scans in, a table of tracks out, each step in order of arrival."""

from collections import deque

import numpy as np

from rampart.domain.scan import Plots, Scan
from rampart.domain.site import Site
from rampart.domain.track import CONFIRMED, END_LOST, ENDED, NOT_ENDED, TENTATIVE, TrackTable, no_tracks
from rampart.numerics.assignment import ALONE
from rampart.track.associate import absorb, carry_bank, gather, settle_clusters
from rampart.track.bank import copy_row, empty_bank, empty_work, grown, pack_rows, settle_weights, sky_of
from rampart.track.clutter import ClutterMap
from rampart.track.fit import LookPlots
from rampart.track.history import History
from rampart.track.initiate import TAKEN, branch, drop_taken, elect, empty_ring, pair_plots, prune, put_plots
from rampart.track.lifecycle import judge, summarise
from rampart.track.looks import LookClock, count_misses, radars_of
from rampart.track.settings import Rules, TrackSettings

FIRST_ROWS = 64
FIRST_RING = 2048
MOST_RING = 1 << 18
RING_S = 40.0
"""Plots stay in the ring for at least this long, where its greatest size allows."""

FLOOR_ODDS = -6.0
"""A tentative track whose ln odds fall below this, or below a fresh start's, is dropped."""

SIBLING_ODDS = 8.0
"""A tentative track is dropped when one from the same first plot is likelier by this, in ln odds."""

SEED_ODDS = -4.7
"""A single plot waits for a partner until the looks that it went unseen, in ln(1 - Pd), sum to this."""

VERDICT_S, VERDICT_UPDATES, LEAST_LESSON = 10.0, 6.0, 16
"""A plot that no track has taken for so long, seconds and updates, is false; so many are learnt at a time."""

FLYING_MOTIONS = 2
SPLINTER_S, SPLINTER_M, SPLINTER_MPS, SPLINTER_ODDS, STANDING_PLOTS = 10.0, 500.0, 300.0, 5.0, 10
"""How late and how far off a lost aircraft a new track may be its continuation; what that takes off its odds."""

COMMIT_S = 3.0
"""A track unseen for longer than this is carried on for good, so that coasting costs the same each look."""


class Tracker:
    """Follows everything that the radars of one site see, and says which of it falls.

    Confirmed tracks take their plots first, by the best assignment of each look; what is left feeds tentative
    tracks. Times come from the plots alone.
    """

    def __init__(self, site: Site, settings: TrackSettings | None = None):
        self._settings = settings or TrackSettings()
        s = self._settings
        self._clock = LookClock(site.radars)
        self._clutter = ClutterMap(site.radars)
        self._radars = radars_of(site.radars, s, self._clock, self._clutter)
        self._sky = sky_of(site, s)
        self._rules = Rules(s.gate_sigma2, s.late_s, s.speed_limit_mps)
        self._work = empty_work(len(s.motions))
        self._shape = (len(s.motions), len(site.radars))
        self._bank = empty_bank(FIRST_ROWS, *self._shape)
        self._ahead = empty_bank(FIRST_ROWS, *self._shape)
        self._count = 0
        self._histories: list[History] = []
        self._confirmed_s: list[float] = []
        self._tentative = empty_bank(FIRST_ROWS, *self._shape)
        self._spare = empty_bank(FIRST_ROWS, *self._shape)
        self._tentatives = 0
        self._ring = empty_ring(FIRST_RING)
        self._oldest = self._next = self._judged = 0
        self._ended: list[tuple[np.ndarray, float]] = []
        self._next_id = 1
        self._time_s = -np.inf
        self._updated: set[int] = set()
        self._blocks: deque[tuple[int, float]] = deque()
        self._pairs = (np.empty(256, np.int64), np.empty(256, np.int64), np.empty(256))
        self._elected = np.empty(64, np.int64)
        self._log_rate = float(np.log(sum(motion.rate_per_h for motion in s.motions) / 3600.0))

    def step(self, scan: Scan, false_plots_per_scan: np.ndarray) -> TrackTable:
        """Take in one scan and return all tracks at its time, or at the newest time so far.

        `false_plots_per_scan (r,)`: how many false plots each radar is now expected to report in a look.
        """
        self._radars.log_false[:] = np.log(np.maximum(false_plots_per_scan, self._settings.least_false_plots))
        self._updated.clear()
        for radar, rows in self._looks(scan.plots):
            self._look(radar, scan.plots.take(rows))
        for radar in scan.heard:
            self._clock.hear(radar, scan.time_s)
        return self._close(scan.time_s)

    def tick(self, time_s: float) -> TrackTable:
        """Let time pass: tracks coast and end; none is updated."""
        self._updated.clear()
        return self._close(time_s)

    def _looks(self, plots: Plots) -> list[tuple[int, np.ndarray | slice]]:
        """Return (radar, rows in order of time) of each look in a scan, in order of time.

        A radar sees a thing once in a look: plots of one radar that lie half an update apart are two looks.
        """
        if not len(plots):
            return []
        if plots.time_s[0] == plots.time_s[-1] and np.ptp(plots.time_s) == 0.0 and np.ptp(plots.radar) == 0:
            return [(int(plots.radar[0]), slice(None))]
        looks = []
        for radar in np.unique(plots.radar):
            rows = np.flatnonzero(plots.radar == radar)
            rows = rows[np.argsort(plots.time_s[rows], kind="stable")]
            times_s, begin = plots.time_s[rows], 0
            while begin < len(rows):
                end_s = times_s[begin] + 0.5 * self._clock.update_s[radar]
                end = max(int(np.searchsorted(times_s, end_s)), begin + 1)
                looks.append((float(times_s[begin]), int(radar), rows[begin:end]))
                begin = end
        return [(radar, rows) for _, radar, rows in sorted(looks, key=lambda look: look[:2])]

    def _look(self, radar: int, plots: Plots) -> None:
        """Take in the plots of one look, in order of time."""
        first_s, last_s = float(plots.time_s[0]), float(plots.time_s[-1])
        self._clock.hear(radar, last_s)
        self._make_ring_room(len(plots), last_s)
        look_plots = LookPlots(
            plots.time_s, plots.measurement, plots.sigma, np.argsort(plots.measurement[:, 0], kind="stable"),
            self._next, 0.5 * (first_s + last_s), 0.5 * (last_s - first_s),
        )  # fmt: skip
        put_plots(self._ring, look_plots, plots.snr_db, radar, self._radars)
        if self._count:
            self._update_confirmed(radar, plots, look_plots)
        self._grow_tentative(radar, look_plots)
        self._next += len(plots)
        self._blocks.append((self._next, last_s))
        self._confirm()
        self._learn_clutter(last_s)

    def _make_ring_room(self, count: int, now_s: float) -> None:
        """Forget the oldest plots, or take a larger ring while they are young."""
        while self._blocks and self._blocks[0][1] < now_s - RING_S:
            self._oldest = self._blocks.popleft()[0]
        size = len(self._ring.time_s)
        needed = self._next + count - self._oldest
        if needed > size and size < MOST_RING:
            larger = empty_ring(min(max(2 * size, 1 << int(needed).bit_length()), MOST_RING))
            serials = np.arange(self._oldest, self._next)
            for old, new in zip(self._ring, larger, strict=True):
                new[serials % len(new)] = old[serials % size]
            self._ring, size = larger, len(larger.time_s)
        self._oldest = max(self._oldest, self._next + count - size)

    def _update_confirmed(self, radar: int, plots: Plots, look_plots: LookPlots) -> None:
        """Give confirmed tracks their plots."""
        n, bank = self._count, self._bank
        carry_bank(bank, n, look_plots.middle_s, self._sky, self._work, self._ahead)
        while True:
            row, plot, gain = self._pairs
            found = gather(
                bank, self._ahead, n, look_plots, radar, self._radars, self._rules, self._sky, self._work, *self._pairs
            )
            if found <= len(row):
                break
            self._pairs = (np.empty(2 * found, np.int64), np.empty(2 * found, np.int64), np.empty(2 * found))
        plot_of_row = np.empty(n, np.int64)
        settle_clusters(found, row, plot, gain, n, len(plots), plot_of_row)
        looks_before = bank.looks[:n].sum(axis=0)
        seen_before_s = np.where(bank.hits[:n, radar] > 0.0, bank.seen_s[:n, radar], np.nan)
        absorb(bank, self._ahead, n, plot_of_row, look_plots, radar, self._radars, self._sky, self._work)
        taken = np.flatnonzero(plot_of_row != ALONE)
        self._clock.learn(radar, plots.time_s[plot_of_row[taken]] - seen_before_s[taken])
        hits = np.zeros(len(looks_before))
        hits[radar] = len(taken)
        self._clock.tally(hits, bank.looks[:n].sum(axis=0) - looks_before)
        size = len(self._ring.time_s)
        for i in taken.tolist():
            j = int(plot_of_row[i])
            self._ring.use[(self._next + j) % size] = TAKEN
            self._histories[i].add(
                plots.time_s[j], radar, plots.measurement[j], plots.sigma[j], plots.snr_db[j]
            )
            self._updated.add(int(bank.id[i]))

    def _grow_tentative(self, radar: int, look_plots: LookPlots) -> None:
        """Branch the tentative tracks by the plots that are left, and pair those with earlier ones."""
        horizon_looks = np.clip(np.floor(SEED_ODDS / np.log(1.0 - self._radars.detection)), 1.0, 6.0)
        while True:
            n = branch(
                self._tentative, self._tentatives, self._ring, look_plots, radar, self._radars, self._rules,
                self._sky, self._work, self._spare,
            )  # fmt: skip
            if n >= 0:
                both = pair_plots(
                    self._ring, self._oldest, look_plots, self._floor(), radar, self._radars, horizon_looks,
                    self._rules, self._sky, self._work, self._spare, n,
                )  # fmt: skip
                if both >= 0:
                    break
            self._spare = empty_bank(2 * len(self._spare.time_s), *self._shape)
        if len(self._tentative.time_s) < len(self._spare.time_s):
            self._tentative = empty_bank(len(self._spare.time_s), *self._shape)
        self._tentative, self._spare, self._tentatives = self._spare, self._tentative, both
        self._thin_tentative()

    def _floor(self) -> float:
        """Return the ln odds below which a tentative track explains less than a fresh start would."""
        fresh = self._log_rate + np.log(self._clock.update_s.max()) - self._radars.log_false.max()
        return float(min(FLOOR_ODDS, fresh - 1.0))

    def _thin_tentative(self) -> None:
        """Count missed looks and drop tentative tracks that are not worth following."""
        n = self._tentatives
        count_misses(self._tentative, n, self._tentative, self._clock.now_s, self._radars)
        self._tentatives = prune(
            self._tentative, n, self._ring, self._oldest, self._floor(), SIBLING_ODDS, self._settings.confirm_plots
        )

    def _confirm(self) -> None:
        """Move the tentative tracks that have been decided to the confirmed ones."""
        s, source = self._settings, self._tentative
        k = elect(source, self._tentatives, self._ring, s.confirm_log_odds, s.confirm_plots, self._elected)
        if not k:
            return
        for row in self._elected[:k].tolist():
            if self._count == len(self._bank.time_s):
                self._bank = grown(self._bank, 2 * self._count)
                self._ahead = grown(self._ahead, 2 * self._count)
            copy_row(source, row, self._bank, self._count)
            if not source.id[row]:
                self._bank.id[self._count] = self._mint()
            history = History()
            size, ring = len(self._ring.time_s), self._ring
            for serial in source.trail[row, : source.count[row]].tolist():
                j = serial % size
                history.add(ring.time_s[j], ring.radar[j], ring.z[j], ring.sigma[j], ring.snr_db[j])
            self._histories.append(history)
            self._confirmed_s.append(float(source.last_s[row]))
            self._updated.add(int(self._bank.id[self._count]))
            self._doubt_splinter(self._count)
            self._count += 1
        self._tentatives = drop_taken(source, self._tentatives, self._ring)

    def _learn_clutter(self, now_s: float) -> None:
        """Tell the map of the plots that have had time to be taken and were not."""
        ring, size = self._ring, len(self._ring.time_s)
        patience_s = max(VERDICT_S, VERDICT_UPDATES * float(self._clock.update_s.max()))
        end = self._judged = max(self._judged, self._oldest)
        while end < self._next and ring.time_s[end % size] < now_s - patience_s:
            end += 1
        if end - self._judged < LEAST_LESSON:
            return
        slots = np.arange(self._judged, end) % size
        self._judged = end
        slots = slots[ring.use[slots] != TAKEN]
        for radar in np.unique(ring.radar[slots]):
            own = slots[ring.radar[slots] == radar]
            self._clutter.add(int(radar), ring.z[own, 0], ring.z[own, 1])

    def _doubt_splinter(self, row: int) -> None:
        """Doubt that a new track is a projectile where an aircraft has just been lost.

        What breaks off a track of long standing is most often the same thing after a leap of its plots; no weighing of
        motions knows that.
        """
        bank, first_s = self._bank, self._bank.first_s[row]
        others = np.arange(self._count)
        kind = np.exp(bank.log_weight[others, :FLYING_MOTIONS]).sum(axis=1)
        old = (kind < 0.1) & (bank.count[others] >= STANDING_PLOTS) & (bank.last_s[others] <= first_s)
        lost = [(bank.mean[i, int(np.argmax(bank.log_weight[i])), :3], bank.last_s[i]) for i in others[old]]
        place_m = bank.mean[row, 0, :3] - (bank.time_s[row] - first_s) * bank.mean[row, 0, 3:6]
        for lost_m, lost_s in lost + self._ended:
            wait_s = first_s - lost_s
            near_m = SPLINTER_M + SPLINTER_MPS * wait_s
            if 0.0 <= wait_s < SPLINTER_S and np.linalg.norm(place_m - lost_m) < near_m:
                bank.log_weight[row, :FLYING_MOTIONS] -= SPLINTER_ODDS
                settle_weights(bank.log_weight[row])
                return

    def _mint(self) -> int:
        """Return a new id."""
        self._next_id += 1
        return self._next_id - 1

    def _close(self, time_s: float) -> TrackTable:
        """Return the table at a time, with what ended; forget that afterwards."""
        self._time_s = now_s = max(self._time_s, time_s)
        self._clock.pass_time(now_s)
        self._thin_tentative()
        n, bank, ahead = self._count, self._bank, self._ahead
        carry_bank(bank, n, now_s, self._sky, self._work, ahead)
        count_misses(bank, n, ahead, self._clock.now_s, self._radars)
        s = self._settings
        reason = np.empty(n, np.int64)
        coast_s = max(s.coast_s, 4.0 * float(self._clock.update_s.max(initial=0.0)))
        judge(bank, ahead, n, now_s, s.vanish_log_odds, coast_s, self._sky, reason)
        table = self._table(now_s, reason)
        stale = np.flatnonzero(now_s - bank.time_s[:n] > COMMIT_S)
        if len(stale):
            for column in ("mean", "cov", "log_weight", "time_s"):
                getattr(bank, column)[stale] = getattr(ahead, column)[stale]
        keep = reason == NOT_ENDED
        self._ended = [(place_m, t) for place_m, t in self._ended if t > now_s - 2.0 * SPLINTER_S]
        for i in np.flatnonzero((reason == END_LOST) & (bank.count[:n] >= STANDING_PLOTS)):
            self._ended.append((bank.mean[i, int(np.argmax(bank.log_weight[i])), :3].copy(), float(bank.last_s[i])))
        if not keep.all():
            self._count = pack_rows(bank, keep)
            self._histories = [history for history, stays in zip(self._histories, keep, strict=True) if stays]
            self._confirmed_s = [t for t, stays in zip(self._confirmed_s, keep, strict=True) if stays]
        return table

    def _table(self, now_s: float, reason: np.ndarray) -> TrackTable:
        """Return confirmed and ended tracks and the tentative ones that are likelier real than not."""
        n, bank = self._count, self._bank
        shown = self._shown_tentative()
        total = n + len(shown)
        if not total:
            return no_tracks(now_s)
        mean, cov, kinds = np.empty((total, 7)), np.empty((total, 7, 7)), np.empty((total, 4))
        summarise(self._ahead, np.arange(n), mean[:n], cov[:n], kinds[:n])
        summarise(self._tentative, shown, mean[n:], cov[n:], kinds[n:])
        young = self._tentative
        both = [(bank, slice(0, n)), (young, shown)]

        def column(name):
            return np.concatenate([getattr(part, name)[rows] for part, rows in both])

        ids = column("id")
        updated = np.array([int(i) in self._updated for i in ids])
        updated[n:] = young.last_s[shown] >= now_s
        status = np.full(total, CONFIRMED)
        status[n:] = TENTATIVE
        status[:n][reason != NOT_ENDED] = ENDED
        return TrackTable(
            now_s,
            ids,
            status,
            np.concatenate([reason, np.full(len(shown), NOT_ENDED)]),
            updated,
            np.concatenate([np.full(n, now_s), young.time_s[shown]]),
            mean,
            cov,
            kinds,
            column("first_s"),
            np.concatenate([self._confirmed_s, np.full(len(shown), np.nan)]),
            column("last_s"),
            column("missed").sum(axis=1),
            tuple([history.plots for history in self._histories] + [self._trail_plots(row) for row in shown]),
        )

    def _shown_tentative(self) -> np.ndarray:
        """Return the rows of the likeliest tentative track from each first plot, where it is rather real."""
        young, n = self._tentative, self._tentatives
        total = young.score[:n] + young.missed_score[:n].sum(axis=1)
        rows = np.flatnonzero(total > 0.0)
        shown: dict[int, int] = {}
        for row in rows[np.argsort(-total[rows], kind="stable")].tolist():
            shown.setdefault(int(young.root[row]), row)
        for root, row in shown.items():
            if not young.id[row]:
                family = np.flatnonzero(young.root[:n] == root)
                known = int(young.id[family].max())
                young.id[family] = known or self._mint()
        return np.array(sorted(shown.values()), dtype=np.int64)

    def _trail_plots(self, row: int) -> Plots:
        """Return the plots of a tentative track."""
        slots = self._tentative.trail[row, : self._tentative.count[row]] % len(self._ring.time_s)
        slots = slots[np.argsort(self._ring.time_s[slots], kind="stable")]
        ring = self._ring
        return Plots(ring.time_s[slots], ring.radar[slots], ring.z[slots], ring.sigma[slots], ring.snr_db[slots])
