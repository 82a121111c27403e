"""Looks: when each radar looks again, and what it means not to be seen."""

import math
from collections import deque

import numpy as np

from rampart.numerics.jit import lean_kernel
from rampart.track.bank import best_motion
from rampart.track.radars import LEARNT_LOOKS, LEAST_DETECTION, MOST_DETECTION, UNLEARNT, cover_share

TOO_SOON = 0.2
"""The share of an update within which a radar cannot see the same thing twice."""

SILENCE_S, SILENT_UPDATES = 5.0, 5.0
"""A radar that has been silent for longer than both is not looking."""

TALKATIVE_PLOTS, HELD_UPDATES = 2.0, 1.6
"""A radar that reports empty looks, or should give so many plots a look, reports every look; when nothing comes from
it for so many updates its feed is down, and nothing has been missed."""

LATENCY_S = 1.0
"""How long a radar's plots may be under way; only then does silence mean that it saw nothing."""

GAPS, ENOUGH_GAPS = 32, 8

SOBER_DETECTION = 0.9
"""One missed look is never taken for stronger evidence than this detection's: misses come in runs."""

TALLY_PRIOR, TALLY_DECAY = 60.0, 0.998
"""The site's probability of detection counts for so many looks; what tracks showed fades a look at a time."""


class LookClock:
    """When each radar last looked, how often it does and how surely: as the site says, or as its plots show.

    Writes `update_s`, `detection`, `now_s` and `log_unlearnt` of the table of `Radars`.
    """

    def __init__(self, table: np.ndarray):
        self._table = table
        table["log_unlearnt"] = UNLEARNT
        self._update_s = table["update_s"].copy()
        self._detection = table["detection"].copy()
        self._hits, self._looks = np.zeros(len(table)), np.zeros(len(table))
        self._heard_s = np.full(len(table), -np.inf)
        self._followed = np.zeros(len(table))
        self._heard = np.zeros(len(table))
        self._reports_all = np.zeros(len(table), np.bool_)
        self._block_gaps: list[deque[float]] = [deque(maxlen=GAPS) for _ in table]
        self._track_gaps: list[deque[float]] = [deque(maxlen=GAPS) for _ in table]

    def hear(self, radar: int, time_s: float, plots: int) -> float:
        """Note that a radar reported so many plots at a time; return for how long before it did not look, s."""
        gap_s = time_s - self._heard_s[radar]
        blind_s = 0.0
        if plots == 0:
            self._reports_all[radar] = True
        if gap_s > 1e-3:
            if np.isfinite(gap_s):
                self._block_gaps[radar].append(gap_s)
                self._settle(radar)
                if gap_s > self._patience_s(radar):
                    blind_s = gap_s - self._table["update_s"][radar]
            self._heard_s[radar] = time_s
            self._heard[radar] += 1.0
            self._table["log_unlearnt"][radar] = UNLEARNT * max(1.0 - self._heard[radar] / LEARNT_LOOKS, 0.0)
        self._table["now_s"][radar] = max(self._table["now_s"][radar], time_s)
        return float(blind_s)

    def learn(self, radar: int, gaps_s: np.ndarray) -> None:
        """Note the times between plots of the same track."""
        gaps = self._track_gaps[radar]
        gaps.extend(gap for gap in gaps_s.tolist() if gap > 1e-3)
        if len(gaps) >= ENOUGH_GAPS:
            self._settle(radar)

    def tally(self, radar: int, hits: int, looks: np.ndarray) -> None:
        """Note how many confirmed tracks a radar saw, and in how many looks `(r,)` each radar did, between plots of
        theirs."""
        if hits:
            self._followed[radar] = hits
        fade = TALLY_DECAY**looks
        self._hits *= fade
        self._hits[radar] += hits
        self._looks *= fade
        self._looks += looks
        share = (TALLY_PRIOR * self._detection + self._hits) / (TALLY_PRIOR + self._looks)
        self._table["detection"] = np.minimum(np.maximum(share, LEAST_DETECTION), MOST_DETECTION)

    def pass_time(self, time_s: float) -> None:
        """Let time pass for radars that are alive but report nothing."""
        now_s = self._table["now_s"]
        for radar in range(len(now_s)):
            if time_s - self._heard_s[radar] <= self._patience_s(radar):
                now_s[radar] = max(now_s[radar], time_s - LATENCY_S)

    def _patience_s(self, radar: int) -> float:
        """Return how long a radar may be silent before its silence is a fault, not an empty sky."""
        update_s, expected = self._table["update_s"][radar], math.exp(self._table["log_false"][radar])
        if self._reports_all[radar] or expected + self._followed[radar] >= TALKATIVE_PLOTS:
            return HELD_UPDATES * update_s
        return max(SILENCE_S, SILENT_UPDATES * update_s)

    def _settle(self, radar: int) -> None:
        """Decide on the time between looks: tracks know it best, blocks of plots bound it from below."""
        tracks, blocks = self._track_gaps[radar], self._block_gaps[radar]
        update_s = max(self._update_s[radar], min(blocks, default=0.0))
        if len(tracks) >= ENOUGH_GAPS:
            seen_s = sorted(tracks)[len(tracks) // 4]
            if abs(seen_s - update_s) > 0.2 * update_s:
                update_s = seen_s
        self._table["update_s"][radar] = update_s


@lean_kernel
def detection_of(bank, row, radar, radars):
    """Return the probability that a radar sees this track in a look at its near cover, as far as it has shown."""
    prior, weight, sight = radars.table[radar].detection, radars.detection_weight, bank.sights[row, radar]
    return min((weight * prior + sight.hits) / (weight + sight.looks), MOST_DETECTION)


@lean_kernel
def count_misses(bank, n, states, radars):
    """Count the looks that are over without a plot, for the first `n` rows, in place.

    `states` is the bank that holds the rows' newest prediction.
    """
    for row in range(n):
        motion = best_motion(states.log_weight[row])
        for radar in range(radars.table.shape[0]):
            sight, now_s = bank.sights[row, radar], radars.table[radar].now_s
            waited = (now_s - sight.seen_s) / radars.table[radar].update_s
            if not waited > 0.0:
                continue
            due = np.floor(waited) - sight.counted
            if due < 1.0:
                continue
            ahead_s = now_s - states.rows[row].time_s
            share = cover_share(states.mean[row, motion], states.cov[row, motion], ahead_s, radar, radars)
            seen = min(share * detection_of(bank, row, radar, radars), SOBER_DETECTION)
            sight.counted += due
            sight.missed += due * share
            sight.missed_score += due * np.log(1.0 - seen)


@lean_kernel
def note_hit(bank, row, radar, time_s, radars):
    """Settle the looks of a row that a radar has just seen, in place.

    Looks counted before their plots came are taken back: between two plots lie as many as fit the time between.
    """
    own = bank.sights[row, radar]
    waited = (time_s - own.seen_s) / radars.table[radar].update_s
    between = max(np.floor(waited + 0.5) - 1.0, 0.0)
    if own.counted > between:
        own.missed *= between / own.counted
        own.missed_score *= between / own.counted
    for other in range(radars.table.shape[0]):
        sight = bank.sights[row, other]
        bank.rows[row].score += sight.missed_score
        sight.looks += sight.missed
        if other != radar:
            sight.seen_s += sight.counted * radars.table[other].update_s
        sight.counted = 0.0
        sight.missed = 0.0
        sight.missed_score = 0.0
    own.hits += 1.0
    own.looks += 1.0
    own.seen_s = max(own.seen_s, time_s)
