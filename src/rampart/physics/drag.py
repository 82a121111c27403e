"""Drag coefficient against Mach number: the library of shapes, and curves through points of one's own.

A shape of the library is a closed form, fitted to published points to better than 0.5 % (tools/fit_drag_shapes.py).
Flights in lanes evaluate the form itself; one flight at a time looks it up in a curve, a spline on even knots,
which also takes any points of one's own.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rampart.errors import InputError
from rampart.numerics.jit import formula, kernel
from rampart.physics.splines import monotone_at, uniform_spline

DragCurve = np.ndarray
"""float64 (n, 4): a row a cell of DRAG_MACH_STEP from Mach 0, rising powers of its own variable 0...1."""

DRAG_MACH_STEP = 0.0125
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


class ClosedDrag(NamedTuple):
    """A drag curve as a quotient of polynomials of x = Mach - 1, rising powers; held flat past Mach 5."""

    numerator: tuple[float, ...]
    denominator: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DragShape:
    """A shape of the library: its closed form, and the curve (n, 4) of the same."""

    name: str
    closed: ClosedDrag
    curve: DragCurve


@cache
def drag_shape(name: str) -> DragShape:
    """Return a shape by its name, of SHAPE_NAMES or a packaged file's; raises InputError for any other."""
    files = dict(zip(SHAPE_NAMES, SHAPE_FILES, strict=True))
    forms = _closed_forms()
    closed = forms.get(files.get(name, name))
    if closed is None:
        raise InputError("shape", "one of " + ", ".join(sorted(files | forms)), name)
    knots = np.arange(round(DRAG_MACH_TOP / DRAG_MACH_STEP) + 1) * DRAG_MACH_STEP
    polyval = np.polynomial.polynomial.polyval
    cd = polyval(knots - 1.0, closed.numerator) / polyval(knots - 1.0, closed.denominator)
    return DragShape(name, closed, np.ascontiguousarray(uniform_spline(cd[:, None])[:, 0]))


@cache
def _closed_forms() -> dict[str, ClosedDrag]:
    """Return the closed form of each packaged file."""
    with (CURVES_FOLDER / "shapes.csv").open(encoding="utf-8") as file:
        (_, *names), *rows = csv.reader(line for line in file if not line.startswith("#"))
    powers = {
        kind: np.array([row[1:] for row in rows if row[0][0] == kind and row[0][1:].isdigit()], float)
        for kind in "pq"
    }
    above, below = powers["p"].T.tolist(), powers["q"].T.tolist()
    return {name: ClosedDrag(tuple(p), tuple(q)) for name, p, q in zip(names, above, below, strict=True)}


SHAPES = tuple(drag_shape(name) for name in SHAPE_NAMES)
SHAPE_CURVES = np.stack([shape.curve for shape in SHAPES])
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


@formula
def closed_cd_at(mach, drag):
    """Return the drag coefficient of a closed form at a Mach number."""
    x = min(max(mach, 0.0), DRAG_MACH_TOP) - 1.0
    above, below = drag.numerator[-1], drag.denominator[-1]
    for k in range(len(drag.numerator) - 2, -1, -1):
        above = drag.numerator[k] + x * above
        below = drag.denominator[k] + x * below
    return above / below
