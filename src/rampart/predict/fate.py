"""What became of a projectile whose track has ended: it reached the ground, burst in the air, was stopped, or
unknown."""

from math import lgamma

import numpy as np

from rampart.domain.site import Radar
from rampart.domain.track import END_GROUND, END_VANISHED
from rampart.physics.flight import trajectory
from rampart.physics.radar import measure

P_BURST = 0.1
"""Share of projectiles that come apart in the air, of themselves or stopped, somewhere along their path."""
P_STRAY_END = 0.004
"""Share of tracks that end of themselves although the projectile flies on; none of 200 did in benchmarks/fates."""
STOPPED_SHARE = 0.15
"""Share of those that come apart that were intercepted. A radar sees no difference; nothing is known of a
defence."""
STATED_LOOKS = 4.0
"""For so many looks counts the site's word on how often a radar sees; the track's own looks count for themselves."""
LATELY_S = 8.0
"""How far back a track's own looks are counted: how well it is seen changes with its range."""
FADED_SHARE, FADED_MISS = 0.005, 0.35
"""Projectiles that the radars suddenly see badly, for which misses are not independent."""
VANISHED_LOOKS = 4.0
"""Looks that a tracker has missed at least where it says vanished."""
BLIND_S, BLIND_DECAY_S = 3.0, 15.0
"""Time to the ground in which nobody looks: so much is a matter of course, after that the fate grows
unknown."""
PATH_STEP_S = 0.1
EDGE_RAD = 2e-3
"""Looks closer than this to the edge of cover are not counted as chances to see."""


def fate_probabilities(
    state_enu: np.ndarray, curve: np.ndarray, flight_left_s: float, age_s: float, ended_after_s: float,
    looks_missed: float, end_reason: int, plots_lately: int, radars: tuple[Radar, ...], world,
) -> np.ndarray:  # fmt: skip
    """Return (4,) over FATES.

    `state_enu (9,)` at the newest plot flies on along `curve` for `flight_left_s` to the ground, `age_s`
    after the first plot; the track ended `ended_after_s` after the newest plot, `looks_missed` looks after
    it. A ground impact, a burst at an even rate along the path and a track lost of itself are weighed by how
    likely each leaves what was seen: the last plot where it was, and no more in the looks after. How likely a
    look sees it is told by the `plots_lately` of its last LATELY_S, and by the site where they are few.
    """
    seen_until_s, gap_s = _cover_left(state_enu, curve, flight_left_s, radars, world)
    blind_s = max(flight_left_s - min(seen_until_s, ended_after_s), 0.0)
    missed = min(looks_missed, chances(min(seen_until_s, ended_after_s), gap_s))
    if end_reason == END_VANISHED and seen_until_s > gap_s:
        missed = max(missed, min(VANISHED_LOOKS, chances(seen_until_s, gap_s)))
    if end_reason == END_GROUND and flight_left_s < 2.0 * gap_s:
        missed = 0.0
    stated = max((radar.detection_probability for radar in radars), default=0.9)
    looks = max(min(age_s, LATELY_S) / gap_s + 1.0, float(plots_lately))
    seen, unseen_looks = (
        STATED_LOOKS * stated + plots_lately,
        STATED_LOOKS * (1.0 - stated) + looks - plots_lately,
    )
    hit = seen / (seen + unseen_looks)
    miss = (1.0 - FADED_SHARE) * misses_in_a_row(
        missed, seen, unseen_looks
    ) + FADED_SHARE * FADED_MISS**missed
    rate = gap_s / max(age_s + flight_left_s, 5.0 * gap_s)
    # a burst before the last look that missed: each look is as likely its moment
    burst = P_BURST * rate * (1.0 + (1.0 - hit) / hit)
    burst += P_BURST * miss * blind_s / max(age_s + flight_left_s, 1.0)
    stray = P_STRAY_END * rate * min(missed, 1.0)
    ground = (1.0 - P_BURST - P_STRAY_END) * miss
    unseen = 1.0 - np.exp(-max(blind_s - BLIND_S, 0.0) / BLIND_DECAY_S)
    weights = np.array(
        [
            ground * (1.0 - unseen),
            burst * (1.0 - STOPPED_SHARE),
            burst * STOPPED_SHARE,
            stray + ground * unseen,
        ]
    )
    return weights / weights.sum()


def misses_in_a_row(missed: float, seen: float, unseen: float) -> float:
    """Return the probability of so many misses in a row where the chance to see has a beta law: so often seen, so
    often not, B(seen, unseen + missed) / B(seen, unseen). [mackay], ch. 23."""
    return float(
        np.exp(
            lgamma(unseen + missed) - lgamma(unseen) + lgamma(seen + unseen) - lgamma(seen + unseen + missed)
        )
    )


def unknown_fate() -> np.ndarray:
    """Return (4,): nothing is known."""
    return np.array([0.0, 0.0, 0.0, 1.0])


def chances(cover_left_s: float, gap_s: float) -> float:
    """Return the number of looks in a time of cover."""
    return float(np.floor(max(cover_left_s, 0.0) / gap_s + 1e-6))


def _cover_left(state_enu, curve, flight_left_s: float, radars, world) -> tuple[float, float]:
    """Return (s, s): how long after the newest plot the path stays in some radar's cover, and the mean time
    between looks of those that cover it at the start."""
    times = np.arange(0.0, max(flight_left_s, 0.0) + PATH_STEP_S, PATH_STEP_S)
    path = np.empty((len(times), 9))
    trajectory(state_enu, times, world, curve, 0.5, path)
    covered = np.zeros((len(radars), len(times)), bool)
    for i, radar in enumerate(radars):
        for k in range(len(times)):
            if times[k] <= flight_left_s:
                range_m, _, elevation_rad, _ = measure(path[k], radar.frame)
                above = (
                    radar.min_elevation_rad + EDGE_RAD < elevation_rad < radar.max_elevation_rad - EDGE_RAD
                )
                covered[i, k] = above and radar.min_range_m < range_m < radar.max_range_m
    looks_ps = sum(1.0 / radar.update_s for i, radar in enumerate(radars) if covered[i, 0])
    gap_s = 1.0 / looks_ps if looks_ps > 0.0 else min((radar.update_s for radar in radars), default=1.0)
    lost = np.flatnonzero(~covered.any(axis=0))
    return float(times[lost[0]] if len(lost) else flight_left_s), gap_s
