"""How many false plots each radar gives, and where: learnt from the plots that no confirmed track has claimed."""

import math
from typing import NamedTuple

import numpy as np

from rampart.domain.clutter import AZIMUTH_CELLS, CELLS, RANGE_CELLS, Crowds, cell_of, even_crowds
from rampart.domain.scan import Plots
from rampart.domain.site import Radar
from rampart.domain.track import TrackTable
from rampart.numerics.jit import kernel
from rampart.sense.crowds import NewestPlots

PATIENCE_S, PATIENCE_UPDATES = 10.0, 6.0
"""A plot that no track has claimed for the longer of these is false; until then it is nothing."""
SHORTEST_SPAN_S = 0.25
MOST_WAITING, MOST_NEW = 30.0, 15.0
"""More plots than this that wait in one cell, and that are of one span, are no salvo: the rest counts as false at
once."""
LONG_UPDATES, SHORT_UPDATES, FIRST_UPDATES = 1000.0, 50.0, 50.0
"""Older updates fade with these constants; what the site expects counts for the last one."""
BELIEF_PLOTS, STEADY_PLOTS = 2.0, 10.0
"""So many plots' worth of belief that a cell is like most others, and that the whole sky is as it was."""
LONGEST_PAUSE_UPDATES = 10.0
"""A longer silence is a fault of the radar and tells nothing of clutter."""
LEAST_SHARE, LEAST_PLOTS = 0.05, 0.01
"""The estimate stays above this share of what the site expects, and above so many plots, evenly spread."""


class Cover(NamedTuple):
    """What one radar's plots are counted by: spans of `span_s`, an update or more; range from `least_m` to `most_m`."""

    span_s: float
    least_m: float
    most_m: float


class _Cells:
    """The false plots of one radar: `waiting (spans, cells)` by span modulo their number; `long`, `short (cells,)`
    fading sums, the former over `looks` updates, fading too."""

    def __init__(self, radar: Radar):
        self.cover = Cover(max(radar.update_s, SHORTEST_SPAN_S), radar.min_range_m, radar.max_range_m)
        self.updates = self.cover.span_s / radar.update_s
        self.waiting = np.zeros((math.ceil(max(PATIENCE_S / self.cover.span_s, PATIENCE_UPDATES)), CELLS))
        expected = radar.false_plots_per_scan / CELLS
        self.least = max(LEAST_SHARE * radar.false_plots_per_scan, LEAST_PLOTS) / CELLS
        self.long, self.looks = np.full(CELLS, expected * FIRST_UPDATES), FIRST_UPDATES
        self.short = np.full(CELLS, expected * SHORT_UPDATES)
        self.newest, self.begun = 0, False
        self.plots = NewestPlots(radar, len(self.waiting) * self.cover.span_s)

    def dense(self) -> np.ndarray:
        """Return (CELLS,) bool: more plots wait there than a salvo would give."""
        count = self.waiting.sum(axis=0) - MOST_WAITING
        return count - 3.0 * np.sqrt(np.maximum(count, 0.0)) - 3.0 > 0.0

    def renew_crowds(self) -> bool:
        """Make the boxes anew where it is time; return whether they may be others than before."""
        now_s = (self.newest + 1) * self.cover.span_s
        return self.plots.is_due(now_s) and self.plots.renew(now_s, self.dense())

    def pass_to(self, span: int) -> bool:
        """Let time pass to a span; return whether it did. What has waited for long enough becomes false."""
        if not self.begun:
            self.newest, self.begun = span, True
        if span <= self.newest:
            return False
        passed = min((span - self.newest) * self.updates, LONGEST_PAUSE_UPDATES)
        fade = math.exp(-passed / LONG_UPDATES)
        fade_each(
            self.newest, span, fade, math.exp(-passed / SHORT_UPDATES), self.waiting, self.long, self.short
        )
        self.looks = self.looks * fade + passed
        self.newest = span
        return True

    def count(self, time_s: np.ndarray, measurement: np.ndarray, each: float) -> None:
        """Count plots, `time_s (n,)`, `measurement (n, 4)`, `each` 1, or take them back, -1."""
        count_each(time_s, measurement, each, self.cover, self.newest, self.waiting, self.long, self.short)

    def expected(self) -> np.ndarray:
        """Return the false plots to be expected in an update, (RANGE_CELLS, AZIMUTH_CELLS).

        Each cell's mean over a long time, drawn to that of most cells, as much more as most cells have given lately;
        or, where plots have lately come in far denser than that, the least that so many surely speak for.
        """
        out = np.empty((RANGE_CELLS, AZIMUTH_CELLS))
        expect_each(
            self.newest, self.looks, self.updates, self.least, self.waiting, self.long, self.short, out
        )
        return out


class ClutterWatch:
    """Keeps for each radar, cell by cell, fading sums of the plots that belong to nothing.

    A plot waits when it comes. When a confirmed track shows it in its history it is taken back, so the plots from which
    a track grew are taken back together once it is confirmed. `false_plots (r, RANGE_CELLS, AZIMUTH_CELLS)` is
    made anew when it changes, never changed in place. So are the `crowds` within the cells.
    """

    def __init__(self, radars: tuple[Radar, ...]):
        self._cells = [_Cells(radar) for radar in radars]
        self._credited_s: dict[int, float] = {}
        self.false_plots = np.array([cells.expected() for cells in self._cells]).reshape(
            -1, RANGE_CELLS, AZIMUTH_CELLS
        )
        self.crowds = even_crowds(len(radars))

    def step(self, plots: Plots, tracks: TrackTable) -> None:
        """Count the plots of a scan, and take back what `tracks`, the table before it, has claimed since."""
        if len(tracks):
            self._take_back(tracks)
        passed, seen_by = [], sorted(set(plots.radar.tolist()))
        for radar in seen_by:
            cells, own = self._cells[radar], plots if len(seen_by) == 1 else plots.take(plots.radar == radar)
            if cells.pass_to(span_of(float(own.time_s.max()), cells.cover.span_s)):
                passed.append(radar)
            cells.count(own.time_s, own.measurement, 1.0)
            cells.plots.add(own.time_s, own.measurement)
        if passed:
            self.false_plots = self.false_plots.copy()
            for radar in passed:
                self.false_plots[radar] = self._cells[radar].expected()
            self._renew_crowds(passed)

    def _renew_crowds(self, radars: list[int]) -> None:
        """Make the boxes of these radars anew where it is time."""
        made = [radar for radar in radars if self._cells[radar].renew_crowds()]
        if made:
            self.crowds = Crowds(
                *(part.copy() for part in (self.crowds.child, self.crowds.side, self.crowds.log_share))
            )
            for radar in made:
                own = self._cells[radar].plots
                self.crowds.child[radar], self.crowds.side[radar] = own.child, own.side
                self.crowds.log_share[radar] = own.log_share

    def _take_back(self, tracks: TrackTable) -> None:
        """Take back the plots that confirmed tracks have joined since they were last looked at."""
        confirmed = np.flatnonzero(tracks.is_live())
        ids = tracks.id[confirmed].tolist()
        for row, track in zip(confirmed.tolist(), ids, strict=True):
            if tracks.updated[row]:
                history = tracks.plots[row]
                since = int(
                    np.searchsorted(history.time_s, self._credited_s.get(track, -math.inf), side="right")
                )
                for radar in sorted(set(history.radar[since:].tolist())):
                    self._claim(radar, history, since)
                self._credited_s[track] = float(tracks.last_plot_s[row])
        if len(self._credited_s) > 2 * len(ids) + 100:
            known = set(ids)
            self._credited_s = {track: at_s for track, at_s in self._credited_s.items() if track in known}

    def _claim(self, radar: int, history: Plots, since: int) -> None:
        """Take back one radar's plots of a history from row `since` on."""
        cells, own = self._cells[radar], history.radar[since:] == radar
        if cells.begun:
            time_s, measurement = history.time_s[since:][own], history.measurement[since:][own]
            cells.count(time_s, measurement, -1.0)
            cells.plots.claim(time_s, measurement)


@kernel
def surely(count):
    """Return what a number of plots surely speaks for: three deviations of Poisson's, and three plots, below it."""
    return max(count - 3.0 * np.sqrt(max(count, 0.0)) - 3.0, 0.0)


@kernel
def fade_each(newest, span, long_fade, short_fade, waiting, long, short):
    """Let time pass from one span to another: what waited for long enough joins the sums, which then fade."""
    spans = waiting.shape[0]
    for k in range(newest + 1, newest + 1 + min(span - newest, spans)):
        over = waiting[k % spans]
        for cell in range(over.shape[0]):
            long[cell] += over[cell]
            short[cell] += over[cell]
            over[cell] = 0.0
    for cell in range(long.shape[0]):
        long[cell] *= long_fade
        short[cell] *= short_fade


@kernel
def expect_each(newest, looks, updates, least, waiting, long, short, out_expected):
    """Fill `out_expected (RANGE_CELLS, AZIMUTH_CELLS)` as `_Cells.expected` says."""
    spans, cells = waiting.shape
    last, before = waiting[newest % spans], waiting[(newest - 1) % spans]
    all_waiting, waited = np.zeros(cells), spans * updates
    for k in range(spans):
        for cell in range(cells):
            all_waiting[cell] += waiting[k, cell]
    usual = usual_count(long) / looks
    now = max(usual_count(short) / SHORT_UPDATES, usual_count(all_waiting) / waited)
    everywhere = max(usual_count(last), usual_count(before)) * cells
    now = max(now, surely(everywhere) / (cells * updates))
    change = (now * cells * SHORT_UPDATES + STEADY_PLOTS) / (usual * cells * SHORT_UPDATES + STEADY_PLOTS)
    for cell in range(cells):
        lasting = change * (long[cell] + BELIEF_PLOTS) / (looks + BELIEF_PLOTS / usual)
        lately = max(surely(short[cell]) / SHORT_UPDATES, surely(all_waiting[cell] - MOST_WAITING) / waited)
        lately = max(lately, surely(max(last[cell], before[cell]) - MOST_NEW) / updates)
        out_expected[cell // AZIMUTH_CELLS, cell % AZIMUTH_CELLS] = max(lasting, lately, least)


@kernel
def usual_count(counts):
    """Return the mean of `counts (n,)`, cells that stand out by three deviations of Poisson's held to that."""
    usual = counts.mean()
    for _ in range(8):
        most, total = usual + 3.0 * np.sqrt(usual) + 1.0, 0.0
        for count in counts:
            total += min(count, most)
        usual = total / counts.shape[0]
    return max(usual, 1e-4)


@kernel
def span_of(time_s, span_s):
    """Return the number of the span in which a time lies; of any time, however far."""
    return int(np.floor(min(max(time_s / span_s, -1e15), 1e15)))


@kernel
def count_each(time_s, measurement, sign, cover, newest, waiting, long, short):
    """Add `sign` for each of n plots, `time_s (n,)`, `measurement (n, 4)`, to its cell, which stays zero or above.

    The cell is of those that wait where the plot is new, else of both sums.
    """
    spans = waiting.shape[0]
    for row in range(time_s.shape[0]):
        ring, sector = cell_of(measurement[row, 0], measurement[row, 1], cover.least_m, cover.most_m)
        cell = ring * AZIMUTH_CELLS + sector
        span = span_of(time_s[row], cover.span_s)
        if newest - spans < span <= newest:
            waiting[span % spans, cell] = max(waiting[span % spans, cell] + sign, 0.0)
        else:
            long[cell] = max(long[cell] + sign, 0.0)
            short[cell] = max(short[cell] + sign, 0.0)
