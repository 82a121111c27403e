"""How far a set of tracks or forecasts is from the truth: GOSPA, matching, coverage, small statistics."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

GOSPA_CUTOFF_M = 300.0
GOSPA_ORDER = 2.0


class Gospa(NamedTuple):
    """The distance of two sets of places: the total and its three parts, in metres; the pairs that match.

    total**p = localisation**p + missed**p + false**p. `pairs` holds (truth row, estimate row).
    """

    total_m: float
    localisation_m: float
    missed_m: float
    false_m: float
    pairs: tuple[tuple[int, int], ...]


def gospa(
    truth_m: np.ndarray,
    estimate_m: np.ndarray,
    cutoff_m: float = GOSPA_CUTOFF_M,
    order: float = GOSPA_ORDER,
) -> Gospa:
    """Return the generalised optimal sub-pattern assignment distance, alpha = 2, of `(n, d)` and `(m, d)`.

    A place without a partner nearer than `cutoff_m` costs cutoff**p / 2, so the parts can be told apart:
    places missed, places made up, error of those found. [rahmathullah], eq. 1.
    """
    n, m = len(truth_m), len(estimate_m)
    pairs: tuple[tuple[int, int], ...] = ()
    localisation = 0.0
    if n and m:
        from scipy.optimize import linear_sum_assignment  # a fifth of a second, and a run may never score

        distance_m = np.linalg.norm(truth_m[:, None, :] - estimate_m[None, :, :], axis=2)
        rows, columns = linear_sum_assignment(np.minimum(distance_m, cutoff_m) ** order)
        near = distance_m[rows, columns] < cutoff_m
        localisation = float(np.sum(distance_m[rows, columns][near] ** order))
        pairs = tuple((int(r), int(c)) for r, c in zip(rows[near], columns[near], strict=True))
    lonely = cutoff_m**order / 2.0
    missed, false = lonely * (n - len(pairs)), lonely * (m - len(pairs))
    total, *parts = (
        float(part ** (1.0 / order)) for part in (localisation + missed + false, localisation, missed, false)
    )
    return Gospa(total, parts[0], parts[1], parts[2], pairs)


def mean_gospa(distances: Sequence[Gospa]) -> dict[str, float | None]:
    """Return the means over time of the total and of each part; None where there was nothing to compare."""
    names = {"total": "total_m", "localisation": "localisation_m", "missed": "missed_m", "false": "false_m"}
    return {key: mean([getattr(each, name) for each in distances]) for key, name in names.items()}


def place_at(time_s: float | np.ndarray, path_time_s: np.ndarray, path_m: np.ndarray) -> np.ndarray:
    """Return the place on a dense path `(k,)`, `(k, d)` at `time_s`, linear between its points.

    The shape is `(d,)` for one time and `(n, d)` for n; NaN before the first point and after the last.
    """
    columns = [np.interp(time_s, path_time_s, column, left=np.nan, right=np.nan) for column in path_m.T]
    return np.stack(columns, axis=-1)


def share_following(
    track_time_s: np.ndarray,
    track_m: np.ndarray,
    path_time_s: np.ndarray,
    path_m: np.ndarray,
    cutoff_m: float,
) -> float:
    """Return the share of a track's n updates that lie nearer than `cutoff_m` to where the path was then."""
    if not len(track_time_s) or not len(path_time_s):
        return 0.0
    gap_m = np.linalg.norm(track_m - place_at(track_time_s, path_time_s, path_m), axis=1)
    return float(np.mean(np.where(np.isnan(gap_m), np.inf, gap_m) < cutoff_m))


def match_tracks(share: np.ndarray, least: float = 0.5) -> np.ndarray:
    """Return for each track the path that it follows, -1 for none, from `share (tracks, paths)`.

    A track follows the path that most of its updates lie near to; several tracks may follow one path, one
    after the other or at once.
    """
    if share.size == 0:
        return np.full(len(share), -1)
    best = np.argmax(share, axis=1)
    return np.where(share[np.arange(len(share)), best] >= least, best, -1)


def within_ellipse(offset_m: np.ndarray, cov_m2: np.ndarray, probability: float) -> np.ndarray:
    """Return `(n,)` bool: whether `offset_m (n, 2)` lies in the ellipse of `cov_m2 (n, 2, 2)` that holds
    `probability` of a Gaussian; False where the covariance is singular or not a number.
    """
    determinant = cov_m2[:, 0, 0] * cov_m2[:, 1, 1] - cov_m2[:, 0, 1] * cov_m2[:, 1, 0]
    quadratic = (
        cov_m2[:, 1, 1] * offset_m[:, 0] ** 2
        - (cov_m2[:, 0, 1] + cov_m2[:, 1, 0]) * offset_m[:, 0] * offset_m[:, 1]
        + cov_m2[:, 0, 0] * offset_m[:, 1] ** 2
    )
    limit = ellipse_scale(probability) ** 2
    return (determinant > 0.0) & (quadratic <= limit * determinant)


def ellipse_scale(probability: float) -> float:
    """Return how many standard deviations the edge of that ellipse lies from its centre."""
    return float(np.sqrt(-2.0 * np.log1p(-probability)))


def ellipse_axes(cov_m2: np.ndarray, probability: float) -> tuple[float, float, float]:
    """Return the half axes of that ellipse, m, the longer first, and its angle from east to north, rad."""
    value, vector = np.linalg.eigh(np.asarray(cov_m2, dtype=float))
    minor_m, major_m = np.sqrt(np.maximum(value, 0.0)) * ellipse_scale(probability)
    return float(major_m), float(minor_m), float(np.arctan2(vector[1, 1], vector[0, 1]))


def root_mean_square(values: Sequence[float]) -> float | None:
    """Return the root of the mean of the squares; None of nothing."""
    return float(np.sqrt(np.mean(np.square(values)))) if len(values) else None


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return float(np.mean(values)) if len(values) else None


def median(values: Sequence[float]) -> float | None:
    """Return the median; None of nothing."""
    return float(np.median(values)) if len(values) else None


def weighted_median(rising: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return (k,), the median of `rising (n,)` under each row of weights `(k, n)`; NaN for a row of none."""
    passed = np.cumsum(weight, axis=1)
    half = 0.5 * passed[:, -1:]
    low = np.argmax(passed >= half, axis=1)
    high = np.argmax(passed > half, axis=1)
    return np.where(half[:, 0] > 0.0, 0.5 * (rising[low] + rising[high]), np.nan)


def groups_in_time(time_s: Sequence[float], gap_s: float) -> list[list[int]]:
    """Return the indices of `time_s` in order of time, cut wherever two neighbours lie over `gap_s` apart."""
    groups: list[list[int]] = []
    last_s = -np.inf
    for index in sorted(range(len(time_s)), key=lambda i: time_s[i]):
        if time_s[index] - last_s > gap_s:
            groups.append([])
        groups[-1].append(index)
        last_s = time_s[index]
    return groups
