"""Drag coefficient against Mach number: the library of shapes, and curves through points of one's own."""

import csv
from pathlib import Path

import numpy as np

from rampart.numerics.jit import kernel
from rampart.physics.splines import monotone_at, uniform_spline

DragCurve = np.ndarray
"""float64 (n, 4): a row a cell of DRAG_MACH_STEP from Mach 0, rising powers of its own variable 0...1."""

DRAG_MACH_STEP = 0.025
DRAG_MACH_TOP = 5.0
CURVES_FOLDER = Path(__file__).with_name("drag_curves")

SHAPE_NAMES = ("mortar", "shell", "rocket", "sphere", "broad")
SHAPE_FILES = ("mortar", "g7", "rocket", "gs", "broad")
MORTAR, SHELL, ROCKET, SPHERE, BROAD = range(5)


def curve_from_points(mach: np.ndarray, cd: np.ndarray) -> DragCurve:
    """Return the smooth curve through points of rising Mach `(k,)` and `cd (k,)`, k >= 2, held flat outside.

    Shape-keeping between the points, so that it does not overshoot beside the rise at Mach 1, then made
    twice smooth on even knots, so that an integrator keeps its order.
    """
    mach, cd = np.asarray(mach, np.float64), np.asarray(cd, np.float64)
    if mach.ndim != 1 or mach.shape != cd.shape or len(mach) < 2 or not np.all(np.diff(mach) > 0.0):
        raise ValueError(f"mach {mach.shape} must rise, two points at least, and match cd {cd.shape}")
    knots = np.arange(round(DRAG_MACH_TOP / DRAG_MACH_STEP) + 1) * DRAG_MACH_STEP
    return np.ascontiguousarray(uniform_spline(monotone_at(knots, mach, cd)[:, None])[:, 0])


def published_points(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (mach (k,), cd (k,)) of a packaged curve: g1, g7, gs, mortar, rocket or broad."""
    with (CURVES_FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))[1:]
    points = np.array(rows, dtype=np.float64)
    return points[:, 0], points[:, 1]


def published_curve(name: str) -> DragCurve:
    """Return the curve through the points of a packaged file."""
    return curve_from_points(*published_points(name))


SHAPE_CURVES = np.stack([published_curve(name) for name in SHAPE_FILES])
"""(5, n, 4): the estimator's library in the order of SHAPE_NAMES. The simulator's truth draws its own."""


@kernel
def cd_at(mach, curve):
    """Return the drag coefficient at a Mach number."""
    x = mach / DRAG_MACH_STEP
    if not x > 0.0:  # a NaN too: the cell must exist whatever comes
        x = 0.0
    cells = curve.shape[0]
    if x > cells:
        x = float(cells)
    cell = min(int(x), cells - 1)
    s = x - cell
    return curve[cell, 0] + s * (curve[cell, 1] + s * (curve[cell, 2] + s * curve[cell, 3]))


@kernel
def cd_slope_at(mach, curve):
    """Return (cd, d cd / d Mach) at a Mach number; the slope is zero past the curve's end."""
    x = mach / DRAG_MACH_STEP
    per_mach = 1.0 / DRAG_MACH_STEP
    if not x > 0.0:
        x, per_mach = 0.0, 0.0
    cells = curve.shape[0]
    if x > cells:
        x, per_mach = float(cells), 0.0
    cell = min(int(x), cells - 1)
    s = x - cell
    cd = curve[cell, 0] + s * (curve[cell, 1] + s * (curve[cell, 2] + s * curve[cell, 3]))
    return cd, per_mach * (curve[cell, 1] + s * (2.0 * curve[cell, 2] + s * 3.0 * curve[cell, 3]))
