"""Scans as the radars sent them to scans that can be tracked: corrected, once each, in cover, in time.

Time in the engine only goes forward, so a plot may be neither long past nor far ahead of it: over LATE_S
late it would join a fit that has moved on; over AHEAD_S ahead it would carry everything else into the past.
A leap ahead is believed when a second scan confirms it: then it was a pause, not one false time.
"""

from collections import Counter

import numpy as np

from rampart.domain.clutter import Crowds
from rampart.domain.scan import Plots, Reject, Scan
from rampart.domain.site import Site
from rampart.domain.track import TrackTable
from rampart.numerics.jit import kernel
from rampart.physics.radar import TURN_RAD, geometric_from_apparent_elevation
from rampart.sense.clutter import ClutterWatch
from rampart.sense.common import CLOCK_ERROR
from rampart.sense.health import RadarHealth
from rampart.sense.registration import Registration, version_at

LATE_S = 10.0
AHEAD_S = 60.0
SAME_LEAP_S = 10.0
"""Two scans that leap to times so near to each other confirm the leap."""
BEYOND_RANGE = 1.05
"""A plot may lie so much farther out than the site says that the radar reaches."""
UPRIGHT_RAD = 0.5 * np.pi

KEPT, NOT_A_NUMBER, OUT_OF_RANGE, LATE, AHEAD, DUPLICATE = range(6)
REASONS = ("kept", "not a number", "outside the radar's range", "too late", "ahead of time", "duplicate")


class Condition:
    """Holds what is known of the radars beyond their plots: what came lately, errors, clutter, who is silent.

    `refused` counts by (reason, radar id) all that it has refused itself.
    """

    def __init__(self, site: Site):
        self._radars = site.radars
        self._bias = np.array([radar.bias for radar in site.radars]).reshape(-1, 4)
        self._clock_offset_s = np.array([radar.clock_offset_s for radar in site.radars])
        self._farthest_m = np.array([radar.max_range_m for radar in site.radars]) * BEYOND_RANGE
        self._apparent = np.array([radar.apparent_elevation for radar in site.radars], np.bool_)
        self._clutter = ClutterWatch(site.radars)
        self._health = RadarHealth(site.radars)
        self.registration = Registration(site.radars)
        self.refused: Counter[tuple[str, str]] = Counter()
        self._time_s = -np.inf
        self._leap_s = -np.inf
        self._seen: set[tuple] = set()
        self._seen_before: set[tuple] = set()
        self._forget_s = -np.inf

    @property
    def clutter(self) -> np.ndarray:
        """False plots that each radar gives in an update, by cell of `domain.clutter`, (n_radars, rings, sectors).

        Learnt; a new array when it changes; never less than a trace of what the site expects.
        """
        return self._clutter.false_plots

    @property
    def crowds(self) -> Crowds:
        """How false plots lie within those cells; a new one when it changes."""
        return self._clutter.crowds

    @property
    def bias_sigma(self) -> np.ndarray:
        """What may be left in plots of each radar's biases of range, azimuth, elevation, range rate, (n_radars, 4)."""
        return self.registration.bias_sigma

    def step(self, scan: Scan, tracks: TrackTable) -> Scan:
        """Return the scan corrected, without what cannot be used, which joins its rejects.

        `tracks` is the table before this scan: it tells which of the earlier plots belonged to something, and
        which were several radars' of one aircraft.
        """
        self.registration.step(tracks, self._time_s)
        plots = scan.plots
        time_s, measurement = np.empty(len(plots)), np.empty((len(plots), 4))
        verdict = np.empty(len(plots), np.int64)
        correct_each(
            plots.time_s, plots.radar, plots.measurement, self._bias, self._clock_offset_s, self._apparent,
            self.registration.corrections, time_s, measurement,
        )  # fmt: skip
        horizon_s = self._horizon_s(max((t for t in time_s.tolist() if np.isfinite(t)), default=scan.time_s))
        earliest_s = self._time_s - LATE_S
        judge_each(time_s, plots.radar, measurement, self._farthest_m, earliest_s, horizon_s, verdict)
        self._mark_duplicates(time_s, plots.radar, measurement, verdict)
        kept = np.flatnonzero(verdict == KEPT)
        taken = Plots(
            time_s[kept], plots.radar[kept], measurement[kept], plots.sigma[kept], plots.snr_db[kept]
        )
        scan_s = float(taken.time_s.max()) if len(kept) else scan.time_s
        scan_s = scan_s if scan_s <= horizon_s else self._time_s
        self._time_s = max(self._time_s, scan_s)
        refused = self._refused(plots.radar, verdict) if len(kept) < len(plots) else ()
        self._clutter.step(taken, tracks)
        self._health.hear(taken, scan.heard, (*scan.rejects, *refused), self._time_s)
        return Scan(scan_s, taken, scan.heard, (*scan.rejects, *refused))

    def health(self, time_s: float) -> list[tuple[str, str, str]]:
        """Return (radar id, state, reason) of each radar whose state has changed, now that it is `time_s`."""
        self._time_s = max(self._time_s, time_s)
        self._health.align(self.registration.astray)
        return self._health.changes(self._time_s)

    def _horizon_s(self, newest_s: float) -> float:
        """Return how far ahead a plot may lie, where the newest of a scan is so far."""
        if not np.isfinite(self._time_s):
            return np.inf
        horizon_s = self._time_s + AHEAD_S
        if newest_s <= horizon_s:
            return horizon_s
        confirmed = abs(newest_s - self._leap_s) <= SAME_LEAP_S
        self._leap_s = newest_s
        return newest_s if confirmed else horizon_s

    def _mark_duplicates(self, time_s, radar, measurement, verdict) -> None:
        """Mark the plots that came before bit for bit: radars send over two networks at once."""
        if self._time_s > self._forget_s:
            self._seen_before, self._seen = self._seen, set()
            self._forget_s = self._time_s + LATE_S
        octets, width = measurement.tobytes(), measurement.itemsize * 4
        for row, (at_s, by) in enumerate(zip(time_s.tolist(), radar.tolist(), strict=True)):
            if verdict[row] != KEPT:
                continue
            key = (at_s, by, octets[row * width : (row + 1) * width])
            if key in self._seen or key in self._seen_before:
                verdict[row] = DUPLICATE
            else:
                self._seen.add(key)

    def _refused(self, radar: np.ndarray, verdict: np.ndarray) -> list[Reject]:
        rows = np.flatnonzero(verdict != KEPT)
        count = Counter(zip(verdict[rows].tolist(), radar[rows].tolist(), strict=True))
        refused = [Reject(REASONS[why], n, self._radars[by].id) for (why, by), n in count.items()]
        for reject in refused:
            self.refused[reject.reason, reject.source] += reject.count
        return refused


@kernel
def correct_each(
    time_s, radar, measurement, bias, clock_offset_s, apparent, corrections, out_time_s, out_measurement
):
    """Fill times and measurements `(n, 4)` less known errors and, from `corrections`, those learnt; elevation
    geometric, azimuth in 0...2 pi."""
    for row in range(len(time_s)):
        by = radar[row]
        clocked_s = time_s[row] - clock_offset_s[by]
        learnt = corrections.errors[version_at(clocked_s, corrections), by]
        out_time_s[row] = clocked_s - learnt[CLOCK_ERROR]
        for k in range(4):
            out_measurement[row, k] = measurement[row, k] - bias[by, k]
        if apparent[by]:
            out_measurement[row, 2] = geometric_from_apparent_elevation(
                out_measurement[row, 2], out_measurement[row, 0]
            )
        for k in range(3):
            out_measurement[row, k] -= learnt[k]
        out_measurement[row, 1] %= TURN_RAD


@kernel
def judge_each(time_s, radar, measurement, farthest_m, earliest_s, latest_s, out_verdict):
    """Fill the verdict on each plot, as REASONS has them."""
    for row in range(len(time_s)):
        range_m, azimuth_rad = measurement[row, 0], measurement[row, 1]
        elevation_rad, rate_mps = measurement[row, 2], measurement[row, 3]
        measured = np.isfinite(time_s[row]) and np.isfinite(range_m) and np.isfinite(azimuth_rad)
        if not measured or np.isinf(elevation_rad) or np.isinf(rate_mps):
            out_verdict[row] = NOT_A_NUMBER
        elif not 0.0 < range_m <= farthest_m[radar[row]] or abs(elevation_rad) > UPRIGHT_RAD:
            out_verdict[row] = OUT_OF_RANGE
        elif time_s[row] < earliest_s:
            out_verdict[row] = LATE
        elif time_s[row] > latest_s:
            out_verdict[row] = AHEAD
        else:
            out_verdict[row] = KEPT
