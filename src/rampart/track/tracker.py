"""The tracker: scans in, a table of tracks out, each step in order of arrival."""

import numpy as np

from rampart.domain.clutter import Crowds
from rampart.domain.scan import Plots, Scan
from rampart.domain.site import Site
from rampart.domain.track import TrackTable
from rampart.numerics.jit import steady
from rampart.track.bank import empty_work
from rampart.track.clutter import lay_clutter, lay_crowds
from rampart.track.confirmed import ConfirmedTracks
from rampart.track.gate import LookPlots
from rampart.track.looks import LookClock
from rampart.track.motions import sky_of
from rampart.track.radars import radars_of
from rampart.track.ring import RecentPlots, put_plots
from rampart.track.settings import TrackSettings
from rampart.track.table import make_table
from rampart.track.tentative import TentativeTracks


class Tracker:
    """Follows everything that the radars of one site see, and says which of it falls.

    Confirmed tracks take their plots first, cluster by cluster; what is left feeds tentative tracks. Times come from
    the plots alone.
    """

    def __init__(self, site: Site, settings: TrackSettings | None = None):
        self._settings = settings or TrackSettings()
        self._radars = radars_of(site.radars, self._settings)
        self._false_plots: np.ndarray | None = None
        self._crowds: Crowds | None = None
        self._clock = LookClock(self._radars.table)
        motions = len(self._settings.motions)
        shared = (self._radars, self._settings.rules(), sky_of(site, self._settings), empty_work(motions))
        self._confirmed = ConfirmedTracks(motions, *shared)
        self._tentative = TentativeTracks(motions, *shared)
        self._recent = RecentPlots()
        self._put_plots = steady(put_plots)
        self._next_id = 1
        self._time_s = -np.inf
        self._newest_s = np.full(len(site.radars), -np.inf)

    def step(self, scan: Scan, false_plots_per_scan: np.ndarray, crowds: Crowds | None = None) -> TrackTable:
        """Take in one scan and return all tracks at its time, or at the newest time so far.

        `false_plots_per_scan (r,)`, or by cell of `domain.clutter`, `(r, RANGE_CELLS, AZIMUTH_CELLS)`: how many false
        plots each radar is now expected to report in a look. A new array is read, the same one is taken as read.
        `crowds` says how they lie within the cells; even, without it.
        """
        if crowds is not None and crowds is not self._crowds:
            self._crowds = crowds
            lay_crowds(crowds, self._radars)
        if false_plots_per_scan is not self._false_plots:
            self._false_plots = false_plots_per_scan
            least = self._settings.least_false_plots
            lay_clutter(false_plots_per_scan, least, self._radars.table["log_false"], self._radars.log_crowd)
            self._radars.table["log_sparse"] = self._radars.log_crowd.min(axis=(1, 2))
        self._confirmed.begin_step()
        seen = set()
        for radar, plots in self._looks(scan.plots):
            seen.add(radar)
            self._look(radar, plots)
        for radar in scan.heard:
            if radar not in seen:
                self._hear(radar, scan.time_s, 0)
        return self._close(scan.time_s)

    def tick(self, time_s: float) -> TrackTable:
        """Let time pass: tracks coast and end; none is updated."""
        self._confirmed.begin_step()
        return self._close(time_s)

    def _looks(self, plots: Plots) -> list[tuple[int, Plots]]:
        """Return (radar, plots) of each look in a scan, in order of time.

        A radar sees a thing once in a look: plots of one radar that lie half an update apart are two looks.
        """
        if not len(plots):
            return []
        if np.all(plots.time_s == plots.time_s[0]) and np.all(plots.radar == plots.radar[0]):
            return [(int(plots.radar[0]), plots)]
        looks = []
        for radar in np.unique(plots.radar).tolist():
            rows = np.flatnonzero(plots.radar == radar)
            rows = rows[np.argsort(plots.time_s[rows], kind="stable")]
            times_s, begin = plots.time_s[rows], 0
            while begin < len(rows):
                end_s = times_s[begin] + 0.5 * self._radars.table["update_s"][radar]
                end = max(int(np.searchsorted(times_s, end_s)), begin + 1)
                looks.append((float(times_s[begin]), radar, rows[begin:end]))
                begin = end
        return [(radar, plots.take(rows)) for _, radar, rows in sorted(looks, key=lambda look: look[:2])]

    def _look(self, radar: int, plots: Plots) -> None:
        """Take in the plots of one look, in order of time."""
        recent = self._recent
        if plots.time_s[0] <= self._newest_s[radar]:
            plots = plots.take(~recent.known(radar, plots))
            if not len(plots):
                return
        first_s, last_s = float(plots.time_s[0]), float(plots.time_s[-1])
        self._newest_s[radar] = max(self._newest_s[radar], last_s)
        self._hear(radar, last_s, len(plots))
        recent.make_room(len(plots), last_s)
        order = np.argsort(plots.measurement[:, 0], kind="stable")
        middle_s, span_s = 0.5 * (first_s + last_s), 0.5 * (last_s - first_s)
        columns = (plots.time_s, plots.measurement, plots.sigma, plots.snr_db)
        times_s, z, sigma, snr_db = (np.ascontiguousarray(column, np.float64) for column in columns)
        look = LookPlots(times_s, z, sigma, order, recent.next, middle_s, span_s)
        self._put_plots(recent.ring, look, snr_db, recent.look, radar, self._radars)
        if self._confirmed.count:
            log_claim = self._tentative.claims(radar, look)
            gaps_s, looks = self._confirmed.follow(radar, plots, look, log_claim, recent)
            self._clock.learn(radar, gaps_s)
            self._clock.tally(radar, len(gaps_s), looks)
        self._tentative.grow(radar, look, recent)
        recent.pass_look(len(plots), last_s)
        self._confirm()

    def _confirm(self) -> None:
        """Show what the tentative tracks most likely are, and forget what can be none any more."""
        young = self._tentative
        rows, state = young.vote(self._recent)
        if self._confirmed.publish(young.bank, young.count, rows, state, self._recent, self._mint):
            young.forget_taken(self._recent)
        young.forget_weak(self._recent)

    def _hear(self, radar: int, time_s: float, plots: int) -> None:
        """Note that a radar reported; what it could not have seen while its feed was down was not missed."""
        blind_s = self._clock.hear(radar, time_s, plots)
        if blind_s > 0.0:
            self._confirmed.was_blind(radar, blind_s)
            self._tentative.was_blind(radar, blind_s)

    def _mint(self) -> int:
        """Return a new id."""
        self._next_id += 1
        return self._next_id - 1

    def _close(self, time_s: float) -> TrackTable:
        """Return the table at a time, with what ended; forget that afterwards."""
        self._time_s = now_s = max(self._time_s, float(time_s))
        self._clock.pass_time(now_s)
        confirmed = self._confirmed.close(now_s, self._recent)
        tentative = self._tentative.close(now_s, self._recent, self._mint)
        return make_table(now_s, confirmed, tentative)
