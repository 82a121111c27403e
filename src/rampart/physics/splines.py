"""Cubic splines on even knots: built once from values, looked up in kernels by cell number."""

import numpy as np


def uniform_spline(values: np.ndarray) -> np.ndarray:
    """Return (n, q, 4), the twice smooth cubic spline through n + 1 even knots, a cell and quantity a row.

    `values (n + 1, q)` with n >= 3. Powers rise from 0 to 3 in the cell's own variable 0...1, so that a
    value is c0 + s (c1 + s (c2 + s c3)). The end slopes are those of the cubic through the four end knots.
    [deboor], ch. IV.
    """
    y = np.asarray(values, dtype=np.float64)
    n = len(y) - 1
    slope = np.empty_like(y)
    slope[0] = (-11.0 * y[0] + 18.0 * y[1] - 9.0 * y[2] + 2.0 * y[3]) / 6.0
    slope[n] = (11.0 * y[n] - 18.0 * y[n - 1] + 9.0 * y[n - 2] - 2.0 * y[n - 3]) / 6.0
    right = 3.0 * (y[2:] - y[:-2])
    right[0] -= slope[0]
    right[-1] -= slope[n]
    # Thomas' algorithm on m[i-1] + 4 m[i] + m[i+1] = 3 (y[i+1] - y[i-1])
    share = np.empty(n - 1)
    share[0] = 0.25
    right[0] *= 0.25
    for i in range(1, n - 1):
        share[i] = 1.0 / (4.0 - share[i - 1])
        right[i] = (right[i] - right[i - 1]) * share[i]
    for i in range(n - 3, -1, -1):
        right[i] -= share[i] * right[i + 1]
    slope[1:n] = right
    rise, m0, m1 = np.diff(y, axis=0), slope[:-1], slope[1:]
    return np.ascontiguousarray(
        np.stack([y[:-1], m0, 3.0 * rise - 2.0 * m0 - m1, m0 + m1 - 2.0 * rise], axis=-1)
    )


def monotone_at(x: np.ndarray, knot_x: np.ndarray, knot_y: np.ndarray) -> np.ndarray:
    """Return (n,) values at `x (n,)` of the shape-keeping cubic through the k >= 2 knots, held flat outside.

    Where the points rise the curve rises: no overshoot beside a steep place. [fritsch], with the weighted
    harmonic mean of the neighbouring slopes.
    """
    knot_x, knot_y = np.asarray(knot_x, np.float64), np.asarray(knot_y, np.float64)
    x = np.clip(np.asarray(x, np.float64), knot_x[0], knot_x[-1])
    width = np.diff(knot_x)
    chord = np.diff(knot_y) / width
    slope = _monotone_slopes(width, chord)
    cell = np.clip(np.searchsorted(knot_x, x, side="right") - 1, 0, len(width) - 1)
    s = (x - knot_x[cell]) / width[cell]
    m0, m1, rise = slope[cell] * width[cell], slope[cell + 1] * width[cell], chord[cell] * width[cell]
    return knot_y[cell] + s * (m0 + s * (3.0 * rise - 2.0 * m0 - m1 + s * (m0 + m1 - 2.0 * rise)))


def _monotone_slopes(width: np.ndarray, chord: np.ndarray) -> np.ndarray:
    """Return (k,) slopes at the knots from the k - 1 cells' widths and chords; zero at a turning point."""
    if len(chord) == 1:
        return np.array([chord[0], chord[0]])
    before, after = chord[:-1], chord[1:]
    weight_before, weight_after = 2.0 * width[1:] + width[:-1], width[1:] + 2.0 * width[:-1]
    same_way = before * after > 0.0
    safe_before, safe_after = np.where(same_way, before, 1.0), np.where(same_way, after, 1.0)
    inner = (weight_before + weight_after) / (weight_before / safe_before + weight_after / safe_after)
    slope = np.empty(len(chord) + 1)
    slope[1:-1] = np.where(same_way, inner, 0.0)
    slope[0] = _end_slope(width[0], width[1], chord[0], chord[1])
    slope[-1] = _end_slope(width[-1], width[-2], chord[-1], chord[-2])
    return slope


def _end_slope(width: float, next_width: float, chord: float, next_chord: float) -> float:
    """Return the three-point slope at an end knot, bent back where it would overshoot."""
    slope = ((2.0 * width + next_width) * chord - width * next_chord) / (width + next_width)
    if slope * chord <= 0.0:
        return 0.0
    if chord * next_chord <= 0.0 and abs(slope) > 3.0 * abs(chord):
        return 3.0 * chord
    return slope
