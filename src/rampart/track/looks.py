"""Looks: which radar covers what, when each looks again, and what it means not to be seen."""

from collections import deque
from typing import NamedTuple

import numpy as np

from rampart.domain.site import Radar
from rampart.numerics.jit import kernel
from rampart.numerics.kalman import normal_share
from rampart.track.bank import NEVER
from rampart.track.clutter import ClutterMap
from rampart.track.settings import TrackSettings

EARLY = 0.25
"""The share of an update by which a look may come before its time: the beam meets what flies towards it."""

TOO_SOON = 0.2
"""The share of an update within which a radar cannot see the same thing twice."""

SILENCE_S, SILENT_UPDATES = 5.0, 5.0
"""A radar that has been silent for longer than both is not looking."""

LATENCY_S = 1.0
"""How long a radar's plots may be under way; only then does silence mean that it saw nothing."""

GAPS, ENOUGH_GAPS = 32, 8

SOBER_DETECTION = 0.9
"""One missed look is never taken for stronger evidence than this detection's: misses come in runs."""

LOG_FALSE_ALARM = np.log(1e-6)
LEAST_DETECTION, MOST_DETECTION = 0.05, 0.995
TALLY_PRIOR, TALLY_DECAY = 60.0, 0.998
"""The site's probability of detection counts for so many looks; what tracks showed fades a look at a time."""


class Radars(NamedTuple):
    """The r radars of a site as columns: where they look, how often and how surely they see, what they make up.

    `origin_enu_m (r, 3)`, `rotation (r, 3, 3)` from site to radar, `limits (r, 4)`: least and greatest range,
    least and greatest elevation, soft by `edge_range_m` and `edge_elevation_rad`; `detection (r,)`, which
    counts for `detection_weight` looks beside a track's own hits; `update_s (r,)` between looks; `log_false (r,)`
    ln of false plots a look, `log_crowd (r, ...)` where they are, see `ClutterMap`; `log_volume (r,)` ln of the cover in metres, radians and radians,
    `log_volume_flat (r,)` the same without elevation; `sigma (r, 4)` of a usual plot, 0 where not measured.
    False range rates are even within +-`range_rate_span_mps`, but `still_share` of them stand still within
    `still_mps`. `unseen_height_m`: about how high something flies whose elevation is not measured.
    """

    origin_enu_m: np.ndarray
    rotation: np.ndarray
    limits: np.ndarray
    detection: np.ndarray
    update_s: np.ndarray
    log_false: np.ndarray
    log_crowd: np.ndarray
    log_volume: np.ndarray
    log_volume_flat: np.ndarray
    sigma: np.ndarray
    edge_range_m: float
    edge_elevation_rad: float
    detection_weight: float
    range_rate_span_mps: float
    still_share: float
    still_mps: float
    unseen_height_m: float


def radars_of(radars: tuple[Radar, ...], settings: TrackSettings, clock: "LookClock", clutter: ClutterMap) -> Radars:
    """Return the columns of a site's radars; what the clock and the map learn later shows in them."""
    limits = np.array(
        [(r.min_range_m, r.max_range_m, r.min_elevation_rad, r.max_elevation_rad) for r in radars], np.float64
    ).reshape(-1, 4)
    flat = np.log(2.0 * np.pi * (limits[:, 1] - limits[:, 0]))
    return Radars(
        np.array([r.frame.origin_enu_m for r in radars], np.float64).reshape(-1, 3),
        np.array([r.frame.rotation for r in radars], np.float64).reshape(-1, 3, 3),
        limits,
        clock.detection,
        clock.update_s,
        np.zeros(len(radars)),
        clutter.log_crowd,
        flat + np.log(limits[:, 3] - limits[:, 2]),
        flat,
        np.array([np.nan_to_num(r.sigma) for r in radars], np.float64).reshape(-1, 4),
        settings.edge_range_m,
        settings.edge_elevation_rad,
        settings.detection_weight,
        settings.clutter_range_rate_mps,
        settings.clutter_still_share,
        settings.clutter_still_mps,
        settings.unseen_height_m,
    )


class LookClock:
    """When each radar last looked, how often it does and how surely: as the site says, or as its plots show.

    `update_s (r,)`, `detection (r,)`, `heard_s (r,)` the newest time heard of, `now_s (r,)` up to when its looks
    are over.
    """

    def __init__(self, radars: tuple[Radar, ...]):
        self.nominal_s = np.array([radar.update_s for radar in radars])
        self.update_s = self.nominal_s.copy()
        self._nominal = np.array(
            [min(max(r.detection_probability, LEAST_DETECTION), MOST_DETECTION) for r in radars], np.float64
        )
        self.detection = self._nominal.copy()
        self._hits, self._looks = np.zeros(len(radars)), np.zeros(len(radars))
        self.heard_s = np.full(len(radars), -np.inf)
        self.now_s = np.full(len(radars), -np.inf)
        self._block_gaps = [deque(maxlen=GAPS) for _ in radars]
        self._track_gaps = [deque(maxlen=GAPS) for _ in radars]

    def hear(self, radar: int, time_s: float) -> None:
        """Note that a radar reported something at a time."""
        gap_s = time_s - self.heard_s[radar]
        if gap_s > 1e-3:
            if np.isfinite(gap_s):
                self._block_gaps[radar].append(gap_s)
                self._settle(radar)
            self.heard_s[radar] = time_s
        self.now_s[radar] = max(self.now_s[radar], time_s)

    def learn(self, radar: int, gaps_s: np.ndarray) -> None:
        """Note the times between plots of the same track."""
        gaps = self._track_gaps[radar]
        gaps.extend(float(gap) for gap in gaps_s if gap > 1e-3)
        if len(gaps) >= ENOUGH_GAPS:
            self._settle(radar)

    def tally(self, hits: np.ndarray, looks: np.ndarray) -> None:
        """Note how often each radar saw confirmed tracks `(r,)` in how many looks `(r,)`, between plots of theirs."""
        fade = TALLY_DECAY**looks
        self._hits = fade * self._hits + hits
        self._looks = fade * self._looks + looks
        share = (TALLY_PRIOR * self._nominal + self._hits) / (TALLY_PRIOR + self._looks)
        np.clip(share, LEAST_DETECTION, MOST_DETECTION, out=self.detection)

    def pass_time(self, time_s: float) -> None:
        """Let time pass for radars that are alive but report nothing."""
        patience_s = np.maximum(SILENCE_S, SILENT_UPDATES * self.update_s)
        alive = time_s - self.heard_s <= patience_s
        self.now_s = np.where(alive, np.maximum(self.now_s, time_s - LATENCY_S), self.now_s)

    def _settle(self, radar: int) -> None:
        """Decide on the time between looks: tracks know it best, blocks of plots bound it from below."""
        tracks, blocks = self._track_gaps[radar], self._block_gaps[radar]
        update_s = max(self.nominal_s[radar], min(blocks, default=0.0))
        if len(tracks) >= ENOUGH_GAPS:
            seen_s = sorted(tracks)[len(tracks) // 4]
            if abs(seen_s - update_s) > 0.2 * update_s:
                update_s = seen_s
        self.update_s[radar] = update_s


@kernel
def cover_share(mean, cov, ahead_s, radar, radars):
    """Return how surely (0...1) a place lies in a radar's cover, `ahead_s` after the state `mean (7,)`.

    The share of the place's spread inside each of four soft limits, one times the other, and of `range_share`.
    """
    o, r = radars.origin_enu_m[radar], radars.rotation[radar]
    x = mean[0] + ahead_s * mean[3] - o[0]
    y = mean[1] + ahead_s * mean[4] - o[1]
    u = mean[2] + ahead_s * mean[5] - o[2]
    range_m = np.sqrt(x * x + y * y + u * u) + 1e-3
    elevation = np.arcsin(min(1.0, max(-1.0, (r[2, 0] * x + r[2, 1] * y + r[2, 2] * u) / range_m)))
    spread_m = np.sqrt(max((cov[0, 0] + cov[1, 1] + cov[2, 2]) / 3.0, 0.0))
    soft_m = np.sqrt(spread_m * spread_m + radars.edge_range_m**2)
    turn = spread_m / range_m
    soft_rad = np.sqrt(turn * turn + radars.edge_elevation_rad**2)
    limits = radars.limits[radar]
    far = range_share(range_m, radar, radars)
    share = far * normal_share((range_m - limits[0]) / soft_m) * normal_share((limits[1] - range_m) / soft_m)
    share *= normal_share((elevation - limits[2]) / soft_rad)
    return share * normal_share((limits[3] - elevation) / soft_rad)


@kernel
def range_share(range_m, radar, radars):
    """Return what is left of the probability of detection at a range: all of it up to half the farthest range.

    Beyond, the signal falls with the fourth power of range and fluctuates from look to look (Swerling 1):
    [skolnik], eq. 2.48, at a probability of false alarm of 1e-6.
    """
    near = 0.5 * radars.limits[radar, 1] / range_m
    if near >= 1.0:
        return 1.0
    log_detection = np.log(min(radars.detection[radar], 0.99))
    signal = LOG_FALSE_ALARM / log_detection - 1.0
    return np.exp(LOG_FALSE_ALARM / (1.0 + signal * near**4) - log_detection)


@kernel
def detection_of(bank, row, radar, radars):
    """Return the probability that a radar sees this track in a look at its near cover, as far as it has shown."""
    prior, weight = radars.detection[radar], radars.detection_weight
    share = (weight * prior + bank.hits[row, radar]) / (weight + bank.looks[row, radar])
    return min(share, MOST_DETECTION)


@kernel
def best_motion(log_weight):
    """Return the most probable motion."""
    best = 0
    for motion in range(log_weight.shape[0]):
        if log_weight[motion] > log_weight[best]:
            best = motion
    return best


@kernel
def count_misses(bank, n, states, now_s, radars):
    """Count the looks that are over without a plot, for the first `n` rows, in place.

    `states` is the bank that holds the rows' newest prediction; `now_s (r,)` up to when each radar's looks are over.
    """
    for row in range(n):
        motion = best_motion(bank.log_weight[row])
        for radar in range(now_s.shape[0]):
            waited_s = now_s[radar] - bank.seen_s[row, radar]
            if not waited_s > 0.0:
                continue
            due = np.floor(waited_s / radars.update_s[radar] + EARLY) - bank.counted[row, radar]
            if due < 1.0:
                continue
            ahead_s = now_s[radar] - states.time_s[row]
            share = cover_share(states.mean[row, motion], states.cov[row, motion], ahead_s, radar, radars)
            seen = share * detection_of(bank, row, radar, radars)
            bank.counted[row, radar] += due
            bank.missed[row, radar] += due * share
            bank.missed_score[row, radar] += due * np.log(1.0 - min(seen, SOBER_DETECTION))


@kernel
def note_hit(bank, row, radar, time_s, update_s):
    """Settle the looks of a row that a radar has just seen, in place.

    Looks counted before their time are taken back: between two plots lie as many as fit the time between.
    """
    waited = (time_s - bank.seen_s[row, radar]) / update_s[radar]
    between = max(np.floor(waited + 0.5) - 1.0, 0.0)
    counted = bank.counted[row, radar]
    if counted > between:
        bank.missed[row, radar] *= between / counted
        bank.missed_score[row, radar] *= between / counted
    for other in range(update_s.shape[0]):
        bank.score[row] += bank.missed_score[row, other]
        bank.looks[row, other] += bank.missed[row, other]
        if other != radar:
            bank.seen_s[row, other] += bank.counted[row, other] * update_s[other]
        bank.counted[row, other] = 0.0
        bank.missed[row, other] = 0.0
        bank.missed_score[row, other] = 0.0
    bank.hits[row, radar] += 1.0
    bank.looks[row, radar] += 1.0
    bank.seen_s[row, radar] = max(bank.seen_s[row, radar], time_s)


@kernel
def odds(bank, row):
    """Return ln of the odds that a row is real, with the looks missed since its last plot."""
    total = bank.score[row]
    for radar in range(bank.missed_score.shape[1]):
        total += bank.missed_score[row, radar]
    return total


@kernel
def ruled_out(log_weight):
    """Return whether no motion is left."""
    return not log_weight[best_motion(log_weight)] > NEVER
