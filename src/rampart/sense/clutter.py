"""How many false plots each radar gives: learnt from the plots that joined no confirmed track."""

import math

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.site import Radar
from rampart.domain.track import CONFIRMED, TrackTable

MEMORY_UPDATES = 50.0
"""Older updates fade with this constant: half a minute at two a second."""
LONGEST_PAUSE_UPDATES = 10.0
"""A longer silence is a fault of the radar and tells nothing of clutter."""
LEAST_SHARE, LEAST_PLOTS = 0.05, 0.01
"""The estimate stays above this share of what the site expects, and above so many plots."""


class ClutterWatch:
    """Keeps for each radar a fading sum of the plots that belong to nothing.

    A plot counts as false when it comes. When a confirmed track shows it in its history it is taken back, so
    the plots from which a track grew are taken back together once it is confirmed.
    """

    def __init__(self, radars: tuple[Radar, ...]):
        self._update_s = [radar.update_s for radar in radars]
        expected = [radar.false_plots_per_scan for radar in radars]
        self._least = np.array([max(LEAST_SHARE * plots, LEAST_PLOTS) for plots in expected])
        self._sum = [plots * MEMORY_UPDATES for plots in expected]
        self._last_s: dict[int, float] = {}
        self._credited_s: dict[int, float] = {}

    @property
    def false_plots(self) -> np.ndarray:
        """False plots of each radar in one of its updates, (n_radars,)."""
        return np.maximum(np.array(self._sum) / MEMORY_UPDATES, self._least)

    def step(self, plots: Plots, tracks: TrackTable) -> None:
        """Count the plots of a scan, and take back what `tracks`, the table before it, has claimed since."""
        if len(tracks):
            self._take_back(tracks)
        for radar, time_s in zip(plots.radar.tolist(), plots.time_s.tolist(), strict=True):
            updates = (time_s - self._last_s.get(radar, time_s)) / self._update_s[radar]
            if updates > 0.0:
                self._sum[radar] *= math.exp(-min(updates, LONGEST_PAUSE_UPDATES) / MEMORY_UPDATES)
            self._sum[radar] += 1.0
            self._last_s[radar] = max(time_s, self._last_s.get(radar, time_s))

    def _take_back(self, tracks: TrackTable) -> None:
        """Take back the plots that confirmed tracks have joined since they were last looked at."""
        confirmed = np.flatnonzero(tracks.status == CONFIRMED)
        ids = tracks.id[confirmed].tolist()
        for row, track in zip(confirmed.tolist(), ids, strict=True):
            if tracks.updated[row]:
                history = tracks.plots[row]
                for radar in history.radar[history.time_s > self._credited_s.get(track, -math.inf)].tolist():
                    self._sum[radar] -= 1.0
                self._credited_s[track] = float(tracks.last_plot_s[row])
        if len(self._credited_s) > 2 * len(ids) + 100:
            known = set(ids)
            self._credited_s = {track: at_s for track, at_s in self._credited_s.items() if track in known}
