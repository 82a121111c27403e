"""When things of a recording happened: times of day to POSIX, and times that stray from their neighbours'."""

import numpy as np

DAY_S = 86400.0
NEIGHBOURS = 9
"""A time is held against the median of so many around it, itself among them."""
STRAY_S = 60.0
"""A time that lies farther from its neighbours' and breaks their order does not belong there."""
STRAY_AT_THE_EDGE_S = 3600.0
"""At the ends of a recording order alone cannot tell a stray from a pause: there it must be so far off."""
MIDNIGHT_JUMP_S = 0.5 * DAY_S
ACROSS_MIDNIGHT_S = 3600.0
"""How far back over midnight a late record may reach."""


def strays(time_s: np.ndarray, period_s: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
    """Return (rows, median_s): the rows whose time strays, and the median of the neighbours of each.

    `time_s (n,)` in order of arrival, not NaN; modulo `period_s` where that is finite.
    """
    n, half = len(time_s), NEIGHBOURS // 2
    jumps = np.flatnonzero(np.abs(_wrapped_s(np.diff(time_s), period_s)) > STRAY_S)
    near = np.unique(jumps[:, None] + np.arange(1 - half, 1 + half))
    rows, medians_s = [], []
    for row in near[(near >= 0) & (near < n)].tolist():
        around = np.arange(max(0, row - half), min(n, row + half + 1))
        apart_s = _wrapped_s(time_s[around] - time_s[row], period_s)
        median_s = float(np.sort(apart_s)[(len(apart_s) - 1) // 2])
        broken_order = np.any(apart_s[around > row] < -STRAY_S) or np.any(apart_s[around < row] > STRAY_S)
        if abs(median_s) > (STRAY_S if broken_order else STRAY_AT_THE_EDGE_S):
            rows.append(row)
            medians_s.append(time_s[row] + median_s)
    return np.array(rows, np.int64), np.array(medians_s)


def times_on_date(time_of_day_s: np.ndarray, midnight_s: float) -> np.ndarray:
    """Return the POSIX times of blocks in order, the first of them on the date that begins at `midnight_s`.

    A jump back of over 12 h is midnight, but a late record may reach back over it. NaN takes the time
    before it; a time of day that strays from its neighbours' is taken for theirs.
    """
    known = np.flatnonzero(np.isfinite(time_of_day_s))
    if not len(known):
        return np.full(len(time_of_day_s), midnight_s)
    of_day_s = time_of_day_s[known]
    rows, medians_s = strays(of_day_s, DAY_S)
    of_day_s[rows] = medians_s % DAY_S
    step_s = np.diff(of_day_s)
    days = np.where(step_s < -MIDNIGHT_JUMP_S, 1, np.where(step_s > DAY_S - ACROSS_MIDNIGHT_S, -1, 0))
    of_day_s[1:] += DAY_S * np.cumsum(days)
    return midnight_s + _filled(of_day_s, known, len(time_of_day_s))


def times_near(time_of_day_s: np.ndarray, capture_s: np.ndarray) -> np.ndarray:
    """Return the POSIX times with these times of day nearest to those of their capture.

    So they are the radars' clocks', not the capturing machine's. NaN, and a time of day whose distance from
    the capture strays from its neighbours', take their neighbours' distance.
    """
    rows, medians_s = strays(capture_s)
    capture_s = capture_s.copy()
    capture_s[rows] = medians_s
    skew_s = _wrapped_s(time_of_day_s - capture_s, DAY_S)
    known = np.flatnonzero(np.isfinite(skew_s))
    if not len(known):
        return capture_s
    rows, medians_s = strays(skew_s[known])
    settled_s = skew_s[known]
    settled_s[rows] = medians_s
    return capture_s + _filled(settled_s, known, len(capture_s))


def _wrapped_s(difference_s: np.ndarray, period_s: float) -> np.ndarray:
    """Return differences modulo a period, within half of it to either side."""
    if np.isinf(period_s):
        return difference_s
    return (difference_s + 0.5 * period_s) % period_s - 0.5 * period_s


def _filled(known_s: np.ndarray, known: np.ndarray, n: int) -> np.ndarray:
    """Return n values: the known ones at their places, the last known one after them, the first before it."""
    last_known = np.maximum.accumulate(np.isin(np.arange(n), known) * np.arange(n))
    return known_s[np.searchsorted(known, np.maximum(last_known, known[0]))]
