"""The tracker: scans in, a table of tracks out, each step in order of arrival."""

from collections import deque

import numpy as np

from rampart.domain.scan import Plots, Scan
from rampart.domain.site import Site
from rampart.domain.track import NOT_ENDED, TrackTable
from rampart.numerics.assignment import ALONE
from rampart.track.associate import empty_candidates, follow_look
from rampart.track.bank import copy_row, empty_bank, empty_work, grown, pack_rows
from rampart.track.clutter import lay_clutter
from rampart.track.gate import LookPlots
from rampart.track.history import History
from rampart.track.initiate import drop_taken, elect, grow_look, thin
from rampart.track.lifecycle import close_step
from rampart.track.looks import LookClock
from rampart.track.motions import sky_of
from rampart.track.radars import radars_of
from rampart.track.ring import TAKEN, empty_ring, put_plots
from rampart.track.settings import TrackSettings
from rampart.track.splinter import LostAircraft
from rampart.track.table import Confirmed, make_table, shown_rows, trail_plots

FIRST_ROWS, MOST_ROWS = 64, 8192
FIRST_RING, MOST_RING, RING_S = 2048, 1 << 18, 40.0
"""Plots stay in the ring for so long at least, where its greatest size allows."""

MOST_ELECTED = 64


class Tracker:
    """Follows everything that the radars of one site see, and says which of it falls.

    Confirmed tracks take their plots first, by the best assignment of each look; what is left feeds tentative
    tracks. Times come from the plots alone.
    """

    def __init__(self, site: Site, settings: TrackSettings | None = None):
        self._settings = settings or TrackSettings()
        self._rules = self._settings.rules()
        self._radars = radars_of(site.radars, self._settings)
        self._false_plots: np.ndarray | None = None
        self._clock = LookClock(self._radars.table)
        self._sky = sky_of(site, self._settings)
        self._lost = LostAircraft()
        self._shape = (len(self._settings.motions), len(site.radars))
        self._work = empty_work(self._shape[0])
        self._candidates = empty_candidates(256)
        self._bank = empty_bank(FIRST_ROWS, *self._shape)
        self._ahead = empty_bank(FIRST_ROWS, *self._shape)
        self._count = 0
        self._histories: list[History] = []
        self._confirmed_s: list[float] = []
        self._young = empty_bank(FIRST_ROWS, *self._shape)
        self._spare = empty_bank(FIRST_ROWS, *self._shape)
        self._young_count = 0
        self._ring = empty_ring(FIRST_RING)
        self._oldest = self._next = 0
        self._blocks: deque[tuple[int, float]] = deque()
        self._next_id = 1
        self._time_s = -np.inf
        self._newest_s = np.full(len(site.radars), -np.inf)
        self._updated: set[int] = set()

    def step(self, scan: Scan, false_plots_per_scan: np.ndarray) -> TrackTable:
        """Take in one scan and return all tracks at its time, or at the newest time so far.

        `false_plots_per_scan (r,)`, or by cell of `domain.clutter`, `(r, RANGE_CELLS, AZIMUTH_CELLS)`: how many false
        plots each radar is now expected to report in a look. A new array is read, the same one is taken as read.
        """
        if false_plots_per_scan is not self._false_plots:
            self._false_plots = false_plots_per_scan
            least = self._settings.least_false_plots
            lay_clutter(false_plots_per_scan, least, self._radars.table.log_false, self._radars.log_crowd)
        self._updated.clear()
        for radar, rows in self._looks(scan.plots):
            self._look(radar, scan.plots if rows is None else scan.plots.take(rows))
        for radar in set(scan.heard).difference(scan.plots.radar.tolist()):
            self._hear(radar, scan.time_s, 0)
        return self._close(scan.time_s)

    def tick(self, time_s: float) -> TrackTable:
        """Let time pass: tracks coast and end; none is updated."""
        self._updated.clear()
        return self._close(time_s)

    def _looks(self, plots: Plots) -> list[tuple[int, np.ndarray | None]]:
        """Return (radar, rows in order of time, None for all as they are) of each look in a scan, in order of time.

        A radar sees a thing once in a look: plots of one radar that lie half an update apart are two looks.
        """
        if not len(plots):
            return []
        if np.all(plots.time_s == plots.time_s[0]) and np.all(plots.radar == plots.radar[0]):
            return [(int(plots.radar[0]), None)]
        looks = []
        for radar in np.unique(plots.radar).tolist():
            rows = np.flatnonzero(plots.radar == radar)
            rows = rows[np.argsort(plots.time_s[rows], kind="stable")]
            times_s, begin = plots.time_s[rows], 0
            while begin < len(rows):
                end_s = times_s[begin] + 0.5 * self._radars.table.update_s[radar]
                end = max(int(np.searchsorted(times_s, end_s)), begin + 1)
                looks.append((float(times_s[begin]), radar, rows[begin:end]))
                begin = end
        return [(radar, rows) for _, radar, rows in sorted(looks, key=lambda look: look[:2])]

    def _look(self, radar: int, plots: Plots) -> None:
        """Take in the plots of one look, in order of time."""
        if plots.time_s[0] <= self._newest_s[radar]:
            plots = plots.take(~self._known(radar, plots))
            if not len(plots):
                return
        first_s, last_s = float(plots.time_s[0]), float(plots.time_s[-1])
        self._newest_s[radar] = max(self._newest_s[radar], last_s)
        self._hear(radar, last_s, len(plots))
        self._make_ring_room(len(plots), last_s)
        order = np.argsort(plots.measurement[:, 0], kind="stable")
        middle_s, span_s = 0.5 * (first_s + last_s), 0.5 * (last_s - first_s)
        look = LookPlots(plots.time_s, plots.measurement, plots.sigma, order, self._next, middle_s, span_s)
        put_plots(self._ring, look, plots.snr_db, radar, self._radars)
        if self._count:
            self._follow(radar, plots, look)
        self._grow(radar, look)
        self._next += len(plots)
        self._blocks.append((self._next, last_s))
        self._confirm()

    def _known(self, radar: int, plots: Plots) -> np.ndarray:
        """Return (p,) which plots are in the ring already, to the bit: some feeds come twice."""
        slots = np.flatnonzero(self._ring.rows["radar"] == radar)
        old = set(
            zip(self._ring.rows["time_s"][slots].tolist(), self._ring.z[slots, 0].tolist(), strict=True)
        )
        new = zip(plots.time_s.tolist(), plots.measurement[:, 0].tolist(), strict=True)
        return np.array([plot in old for plot in new], np.bool_)

    def _hear(self, radar: int, time_s: float, plots: int) -> None:
        """Note that a radar reported; what it could not have seen while its feed was down was not missed."""
        blind_s = self._clock.hear(radar, time_s, plots)
        if blind_s > 0.0:
            for bank in (self._bank, self._young):
                bank.sights["seen_s"][:, radar] += blind_s

    def _make_ring_room(self, count: int, now_s: float) -> None:
        """Forget the oldest plots, or take a larger ring while they are young."""
        while self._blocks and self._blocks[0][1] < now_s - RING_S:
            self._oldest = self._blocks.popleft()[0]
        size = len(self._ring.rows)
        needed = self._next + count - self._oldest
        if needed > size and size < MOST_RING:
            larger = empty_ring(min(1 << int(2 * needed).bit_length(), MOST_RING))
            serials = np.arange(self._oldest, self._next)
            for old, new in zip(self._ring, larger, strict=True):
                new[serials % len(new)] = old[serials % size]
            self._ring, size = larger, len(larger.rows)
        self._oldest = max(self._oldest, self._next + count - size)

    def _follow(self, radar: int, plots: Plots, look: LookPlots) -> None:
        """Give confirmed tracks their plots, and learn from them how the radar looks."""
        n, sights = self._count, self._bank.sights[: self._count]
        seen_s = np.where(sights["hits"][:, radar] > 0.0, sights["seen_s"][:, radar], np.nan)
        looks_before = sights["looks"].sum(axis=0)
        plot_of_row = np.empty(n, np.int64)
        while True:
            found = follow_look(
                self._bank, self._ahead, n, look, radar, self._radars, self._rules, self._sky, self._work,
                self._candidates, plot_of_row,
            )  # fmt: skip
            if found <= len(self._candidates.row):
                break
            self._candidates = empty_candidates(2 * found)
        taken = np.flatnonzero(plot_of_row != ALONE)
        chosen = plot_of_row[taken]
        self._clock.learn(radar, plots.time_s[chosen] - seen_s[taken])
        hits = np.zeros(len(looks_before))
        hits[radar] = len(taken)
        self._clock.tally(hits, sights["looks"].sum(axis=0) - looks_before)
        self._ring.rows.use[(self._next + chosen) % len(self._ring.rows)] = TAKEN
        for i, j in zip(taken.tolist(), chosen.tolist(), strict=True):
            self._histories[i].add(
                plots.time_s[j], radar, plots.measurement[j], plots.sigma[j], plots.snr_db[j]
            )
        self._updated.update(self._bank.rows.id[taken].tolist())

    def _grow(self, radar: int, look: LookPlots) -> None:
        """Grow tentative tracks by the plots that are left."""
        while True:
            n = grow_look(
                self._young, self._young_count, self._ring, self._oldest, look, radar, self._radars, self._rules,
                self._sky, self._work, self._spare,
            )  # fmt: skip
            room = len(self._spare.rows)
            if n >= 0:
                break
            if room >= MOST_ROWS:  # so many at once are clutter: begin anew
                self._young_count = n = 0
                break
            self._spare = empty_bank(2 * room, *self._shape)
        if len(self._young.rows) < room:
            self._young = grown(self._young, room)
        self._young, self._spare, self._young_count = self._spare, self._young, n

    def _confirm(self) -> None:
        """Move the tentative tracks that have been decided to the confirmed ones."""
        if not self._young_count:
            return
        young, elected = self._young, np.empty(MOST_ELECTED, np.int64)
        count = elect(young, self._young_count, self._ring, self._rules, elected)
        for row in elected[:count].tolist():
            if self._count == len(self._bank.rows):
                self._bank = grown(self._bank, 2 * self._count)
                self._ahead = grown(self._ahead, 2 * self._count)
            copy_row(young, row, self._bank, self._count)
            own = self._bank.rows[self._count]
            own.id = own.id or self._mint()
            history = History()
            plots = trail_plots(young, row, self._ring)
            for j in range(len(plots)):
                history.add(
                    plots.time_s[j], plots.radar[j], plots.measurement[j], plots.sigma[j], plots.snr_db[j]
                )
            self._lost.doubt(self._bank, self._count)
            self._histories.append(history)
            self._confirmed_s.append(float(own.last_s))
            self._updated.add(int(own.id))
            self._count += 1
        if count:
            self._young_count = drop_taken(young, self._young_count, self._ring)

    def _mint(self) -> int:
        """Return a new id."""
        self._next_id += 1
        return self._next_id - 1

    def _close(self, time_s: float) -> TrackTable:
        """Return the table at a time, with what ended; forget that afterwards."""
        self._time_s = now_s = max(self._time_s, time_s)
        self._clock.pass_time(now_s)
        if self._young_count:
            self._young_count = thin(
                self._young, self._young_count, self._ring, self._oldest, self._radars, self._rules
            )
        n, bank, part = self._count, self._bank, Confirmed(self._count)
        if n:
            close_step(
                bank, self._ahead, n, now_s, self._radars, self._rules, self._sky, self._work,
                part.reason, part.mean, part.cov, part.kinds,
            )  # fmt: skip
        shown = self._show_tentative()
        table = make_table(
            now_s,
            bank,
            part,
            self._histories,
            self._confirmed_s,
            self._updated,
            self._young,
            shown,
            self._ring,
        )
        keep = part.reason == NOT_ENDED
        self._lost.remember(bank, part.reason, now_s)
        if not keep.all():
            self._count = pack_rows(bank, keep)
            stays = np.flatnonzero(keep).tolist()
            self._histories = [self._histories[i] for i in stays]
            self._confirmed_s = [self._confirmed_s[i] for i in stays]
        return table

    def _show_tentative(self) -> np.ndarray:
        """Return the rows of tentative tracks for the table, each with an id that it shares with its branches."""
        shown = shown_rows(self._young, self._young_count)
        rows = self._young.rows[: self._young_count]
        for row in shown.tolist():
            if not rows[row].id:
                family = np.flatnonzero(rows["root"] == rows[row].root)
                rows["id"][family] = int(rows["id"][family].max()) or self._mint()
        return shown
