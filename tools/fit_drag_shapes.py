"""Writes src/rampart/physics/drag_curves/shapes.csv: each drag shape as one quotient of two polynomials.

A quotient Cd = P(x) / Q(x), x = Mach - 1 with the Mach number held within 0...5, needs no table: every lane of
a vector evaluates it in the same way. The fit is made in four steps, all by linear programming: the quotient
nearest to the points; then, within the allowed error, the one that bends least at Mach 1, because what bends
less lets an integrator step further; of these the one with the smallest fourth derivative; of these the
nearest. Run `.venv/bin/python tools/fit_drag_shapes.py` after a change of the points; a test holds the
committed file against its output.
"""

import sys
from math import comb
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev, polynomial
from scipy.optimize import linprog

from rampart.physics.drag import DRAG_MACH_TOP, published_points
from rampart.physics.splines import monotone_at

FILE = Path(__file__).resolve().parents[1] / "src/rampart/physics/drag_curves/shapes.csv"
NAMES = ("g1", "g7", "gs", "mortar", "rocket", "broad")
JUDGED = ("error_at_points", "error_between", "second_derivative", "least_q")

DEGREE = 8
"""The common degree: lower shapes are filled up with zeros."""
LADDER = ((6, 6), (7, 6), (8, 8))
"""Degrees of P and Q tried in turn; an odd Q would have a real root somewhere."""
ALLOWED_AT_POINTS, ALLOWED_BETWEEN = 0.0049, 0.0095
"""Relative errors allowed at the points, and between them against the shape-keeping cubic through them."""
ROOM = 0.8
"""A degree is taken when its nearest quotient needs no more than this part of the allowed error."""
GIVE = {"bend": 1.03, "snap": 1.2}
"""How far a later step may give up what an earlier one won."""

MACH_TESTED = np.unique(np.concatenate([np.arange(501) * 0.01, 0.8 + np.arange(113) * 0.004]))
KNEE_MACH = np.sqrt(0.06**2 + (0.4 * (MACH_TESTED - 1.0)) ** 2)
"""The Mach interval over which a shape may change: short at Mach 1, longer away from it."""


class Quotient(NamedTuple):
    """P and Q by rising powers of x = Mach - 1; the lowest coefficient of Q is 1."""

    numerator: np.ndarray
    denominator: np.ndarray


class Target(NamedTuple):
    """What to meet: (m,) Mach numbers with Cd, and the relative errors allowed there."""

    mach: np.ndarray
    cd: np.ndarray
    allowed: np.ndarray


class Measures(NamedTuple):
    """(m,) errors in parts of what is allowed; (f,) second and scaled fourth derivative on MACH_TESTED."""

    error: np.ndarray
    bend: np.ndarray
    snap: np.ndarray


def main() -> None:
    """Fit every shape and write the file."""
    text = file_text({name: fit_shape(*published_points(name)) for name in NAMES})
    FILE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def fit_shape(mach: np.ndarray, cd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (numerator (9,), denominator (9,)), rising powers of Mach - 1, of the quotient fitted to points.

    `mach (k,)` rises within 0...5, k >= 2, and `cd (k,)` is positive; the curve is held flat outside the
    points. Points that degree 8 does not meet within ALLOWED_AT_POINTS get the nearest quotient that there
    is: ask `errors` how near. Raises ValueError for points that make no curve.
    """
    mach, cd = np.asarray(mach, np.float64), np.asarray(cd, np.float64)
    rises = mach.ndim == 1 and len(mach) >= 2 and np.all(np.diff(mach) > 0.0)
    if not (rises and mach[0] >= 0.0 and mach[-1] <= DRAG_MACH_TOP):
        raise ValueError(f"mach {mach.shape} must rise within 0...{DRAG_MACH_TOP:g}, two points at least")
    if cd.shape != mach.shape or not np.all(cd > 0.0):
        raise ValueError(f"cd {cd.shape} must match mach {mach.shape} and be positive")
    target = target_of(mach, cd)
    for degrees in LADDER:
        shape, error = nearest(target, *degrees)
        if error <= ROOM:
            break
    if error <= 1.0:
        shape = smoothed(shape, target)
    return padded(shape.numerator), padded(shape.denominator)


def errors(mach: np.ndarray, cd: np.ndarray, shape: Quotient) -> tuple[float, float]:
    """Return the worst relative error (at the points, between them against the shape-keeping cubic)."""
    fine = np.linspace(0.0, DRAG_MACH_TOP, 5001)
    at_points, between = cd_of(mach, shape) / cd, cd_of(fine, shape) / monotone_at(fine, mach, cd)
    return float(np.abs(at_points - 1.0).max()), float(np.abs(between - 1.0).max())


def cd_of(mach: np.ndarray, shape: Quotient) -> np.ndarray:
    """Return the drag coefficient (m,) of a quotient at `mach (m,)`."""
    x = np.clip(mach, 0.0, DRAG_MACH_TOP) - 1.0
    return polynomial.polyval(x, shape.numerator) / polynomial.polyval(x, shape.denominator)


def target_of(mach: np.ndarray, cd: np.ndarray) -> Target:
    """Return the points, and the shape-keeping cubic between them where a wider error is allowed."""
    between = np.unique(
        np.concatenate([np.arange(36) * 0.02, 0.7 + np.arange(151) * 0.004, 1.3 + np.arange(186) * 0.02])
    )
    between = between[np.abs(between[:, None] - mach).min(axis=1) > 1e-6]
    both = np.concatenate([mach, between])
    allowed = np.where(np.arange(len(both)) < len(mach), ALLOWED_AT_POINTS, ALLOWED_BETWEEN)
    order = np.argsort(both)
    return Target(both[order], monotone_at(both[order], mach, cd), allowed[order])


def nearest(target: Target, degree_p: int, degree_q: int) -> tuple[Quotient, float]:
    """Return the quotient with the smallest worst error, and that error in parts of what is allowed.

    The differential correction algorithm [barrodale]: each round minimises by linear programming how far
    |P - Cd Q| exceeds the error of the last round times Q, in units of the last Q. The polynomials are made
    orthogonal under that weight in every round, without which Q, small at the knee, would be lost in rounding.
    """
    mach, cd, allowed = target
    vander = chebyshev.chebvander(mach * (2.0 / DRAG_MACH_TOP) - 1.0, max(degree_p, degree_q))
    q_last, worst, shape = np.ones_like(mach), 1.0 / ALLOWED_AT_POINTS, None
    for _ in range(150):
        p_by, q_by = (
            np.linalg.qr(vander[:, : degree + 1] / q_last[:, None])[0] * len(mach) ** 0.5
            for degree in (degree_p, degree_q)
        )
        missed_by = np.hstack([p_by / cd[:, None], -q_by]) / allowed[:, None]
        q_only = np.hstack([np.zeros_like(p_by), q_by])
        rows = np.vstack([missed_by - worst * q_only, -missed_by - worst * q_only, -q_only])
        limits = np.concatenate([np.zeros(2 * len(mach)), np.full(len(mach), -0.05)])
        free = np.repeat([[-np.inf, np.inf], [-1.5, 1.5]], [degree_p + 1, degree_q + 1], axis=0)
        step = least_worst(rows, limits, np.arange(len(rows)) < 2 * len(mach), free)
        if step is None:
            break
        p, q = p_by @ step[: degree_p + 1], q_by @ step[degree_p + 1 :]
        error = np.abs(p / q / cd - 1.0) / allowed
        if error.max() >= worst * (1.0 - 1e-4):
            break
        worst, p, q = error.max(), p * q_last, q * q_last
        shape = Quotient(powers(mach, p, q, degree_p), powers(mach, q, q, degree_q))
        q_last = q / np.sqrt(np.mean(q**2))
    return Quotient(shape.numerator / shape.denominator[0], shape.denominator / shape.denominator[0]), worst


def powers(mach: np.ndarray, values: np.ndarray, weight: np.ndarray, degree: int) -> np.ndarray:
    """Return the rising powers of Mach - 1 of the polynomial through these values, small in units of `weight`."""
    columns = polynomial.polyvander(mach - 1.0, degree) / weight[:, None]
    size = np.abs(columns).max(axis=0)
    return np.linalg.lstsq(columns / size, values / weight, rcond=None)[0] / size


def smoothed(shape: Quotient, target: Target) -> Quotient:
    """Return the smoothest quotient within the allowed error, as the opening of this file says."""
    limits = {"error": 1.0, "bend": np.inf, "snap": np.inf}
    for goal in ("bend", "snap", "error"):
        shape = descended(shape, target, goal, limits)
        if goal in GIVE:
            limits[goal] = GIVE[goal] * worst_of(measures(shape, target))[goal]
    return shape


def descended(shape: Quotient, target: Target, goal: str, limits: dict[str, float]) -> Quotient:
    """Return the quotient with the smallest worst value of one measure, the others within their limits.

    Sequential linear programming [osborne]: each round linearises the measures in the coefficients and moves
    no farther than `reach`, a relative change of Cd, which shrinks when the step did not keep its promise.
    """
    reach = 0.01
    for _ in range(60):
        best = worst_of(measures(shape, target))
        step = linear_step(shape, target, goal, {**limits, goal: best[goal]}, reach)
        for part in (1.0, 0.5, 0.25) if step is not None else ():
            moved = Quotient(
                shape.numerator + part * step.numerator, shape.denominator + part * step.denominator
            )
            now = worst_of(measures(moved, target))
            kept = all(now[name] <= 1.001 * limits[name] for name in limits if name != goal)
            if kept and now[goal] < best[goal] * (1.0 - 1e-5) and denominator_least(moved) > 0.0:
                break
        else:
            reach *= 0.3
            if reach < 1e-7:
                break
            continue
        shape, reach = moved, min(reach * (1.5 if part == 1.0 else 0.7), 0.05)
        if now[goal] > best[goal] * (1.0 - 1e-4):
            break
    return shape


def linear_step(
    shape: Quotient, target: Target, goal: str, limits: dict[str, float], reach: float
) -> Quotient | None:
    """Return the change of coefficients that lessens the goal most within `reach`; None where there is none."""
    now = measures(shape, target)
    value_by, den_by, by = slopes(shape, target)
    # an orthogonal basis of the changes that Cd and Q feel: where P and Q share a factor some are felt by neither
    felt = np.vstack([value_by, 0.01 * den_by])
    size = np.linalg.norm(felt, axis=0)
    _, strength, directions = np.linalg.svd(felt / size, full_matrices=False)
    seen = strength > 1e-9 * strength[0]
    basis = (directions[seen].T / strength[seen]) / size[:, None] * len(target.mach) ** 0.5
    rows, limit, counts = [], [], []
    for name in limits:
        if np.isinf(limits[name]):
            continue
        ratio, ratio_by = getattr(now, name) / limits[name], getattr(by, name) @ basis / limits[name]
        # beside the goal's own rows the variable that is made least stands on the left
        for sign in (1.0, -1.0):
            rows.append(sign * ratio_by)
            limit.append((0.0 if name == goal else 1.0) - sign * ratio)
            counts.append(np.full(len(ratio), name == goal))
    for moved_by, most in ((value_by @ basis, reach), (den_by @ basis, min(30.0 * reach, 0.7))):
        rows += [moved_by, -moved_by]
        limit.append(np.full(2 * len(moved_by), most))
        counts.append(np.zeros(2 * len(moved_by), dtype=bool))
    free = np.full((basis.shape[1], 2), [-np.inf, np.inf])
    step = least_worst(np.vstack(rows), np.concatenate(limit), np.concatenate(counts), free)
    if step is None:
        return None
    change, n = basis @ step, len(shape.numerator)
    return Quotient(change[:n], np.concatenate([[0.0], change[n:]]))


def least_worst(
    rows: np.ndarray, limits: np.ndarray, counts: np.ndarray, free: np.ndarray
) -> np.ndarray | None:
    """Return y (k,) with rows y <= limits, + t where `counts`, for the least t; `free (k, 2)` bounds y."""
    with_t = np.hstack([rows, np.where(counts, -1.0, 0.0)[:, None]])
    cost = np.zeros(with_t.shape[1])
    cost[-1] = 1.0
    bounds = np.vstack([free, [-np.inf, np.inf]])
    found = linprog(cost, A_ub=with_t, b_ub=limits, bounds=bounds, method="highs").x
    return None if found is None else found[:-1]


def measures(shape: Quotient, target: Target) -> Measures:
    """Return the errors and the derivatives of a quotient."""
    error = (cd_of(target.mach, shape) / target.cd - 1.0) / target.allowed
    cd = quotient(*(derivatives(MACH_TESTED - 1.0, part) for part in shape))
    return Measures(error, cd[2], cd[4] * KNEE_MACH**4)


def worst_of(found: Measures) -> dict[str, float]:
    """Return the largest absolute value of each measure."""
    return {name: float(np.abs(values).max()) for name, values in found._asdict().items()}


def denominator_least(shape: Quotient) -> float:
    """Return the smallest value of Q at the tested Mach numbers."""
    return float(polynomial.polyval(MACH_TESTED - 1.0, shape.denominator).min())


def slopes(shape: Quotient, target: Target) -> tuple[np.ndarray, np.ndarray, Measures]:
    """Return relative changes of Cd (m, n), of Q (f, n), and changes of each measure, a coefficient a column.

    The columns are P's coefficients, then Q's without the lowest, which stays 1.
    """
    n = len(shape.numerator)
    cd, cd_by = changes(target.mach - 1.0, shape)
    value_by = cd_by[0] / cd[0][:, None]
    error_by = cd_by[0] / (target.cd * target.allowed)[:, None]
    fine = MACH_TESTED - 1.0
    _, fine_by = changes(fine, shape)
    den = polynomial.polyval(fine, shape.denominator)
    den_by = polynomial.polyvander(fine, len(shape.denominator) - 1)[:, 1:] / den[:, None]
    den_by = np.hstack([np.zeros((len(fine), n)), den_by])
    return value_by, den_by, Measures(error_by, fine_by[2], fine_by[4] * KNEE_MACH[:, None] ** 4)


def changes(x: np.ndarray, shape: Quotient) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return Cd's derivatives 0...4, each (m,), and their changes with the coefficients, each (m, n)."""
    p, q = (derivatives(x, part) for part in shape)
    cd = quotient(p, q)
    one_over_q = quotient([np.ones_like(x)] + [np.zeros_like(x)] * 4, q)
    cd_over_q = [-value for value in product(cd, one_over_q)]
    columns = [product(derivatives(x, unit), one_over_q) for unit in np.eye(len(shape.numerator))]
    columns += [product(derivatives(x, unit), cd_over_q) for unit in np.eye(len(shape.denominator))[1:]]
    return cd, [np.stack(order, axis=1) for order in zip(*columns, strict=True)]


def derivatives(x: np.ndarray, coefficients: np.ndarray) -> list[np.ndarray]:
    """Return the derivatives 0...4 of a polynomial, each (m,)."""
    return [polynomial.polyval(x, polynomial.polyder(coefficients, order)) for order in range(5)]


def product(a: list[np.ndarray], b: list[np.ndarray]) -> list[np.ndarray]:
    """Return the derivatives of a product from those of its factors (Leibniz)."""
    return [sum(comb(k, i) * a[i] * b[k - i] for i in range(k + 1)) for k in range(len(a))]


def quotient(p: list[np.ndarray], q: list[np.ndarray]) -> list[np.ndarray]:
    """Return the derivatives of p / q from those of p and q."""
    found: list[np.ndarray] = []
    for k in range(len(p)):
        found.append((p[k] - sum(comb(k, i) * found[k - i] * q[i] for i in range(1, k + 1))) / q[0])
    return found


def padded(coefficients: np.ndarray) -> np.ndarray:
    """Return (9,) coefficients to twelve digits, which change Cd by less than 1e-10 of itself."""
    rounded = [float(f"{value:.12g}") for value in coefficients]
    return np.pad(rounded, (0, DEGREE + 1 - len(rounded)))


def file_text(shapes: dict[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """Return the table: a shape a column, first its worst errors and second derivative, then P and Q."""
    lines = [
        "# Drag shapes in closed form: Cd = (p0 + p1 x + ... + p8 x^8) / (q0 + q1 x + ... + q8 x^8), where",
        "# x = Mach - 1, the Mach number held within 0...5. Worst relative errors: at the points of each file,",
        "# and between them against the shape-keeping cubic. Largest |d2 Cd / d Mach2|, smallest denominator.",
        "# Written by tools/fit_drag_shapes.py from the files beside this one.",
        ",".join(["quantity", *shapes]),
    ]
    fitted = {name: Quotient(*shape) for name, shape in shapes.items()}
    judged = [(*errors(*published_points(name), shape), *extremes(shape)) for name, shape in fitted.items()]
    for quantity, row in zip(JUDGED, zip(*judged, strict=True), strict=True):
        lines.append(",".join([quantity, *(f"{value:.5g}" for value in row)]))
    for letter, parts in zip("pq", zip(*shapes.values(), strict=True), strict=True):
        for power in range(DEGREE + 1):
            lines.append(",".join([f"{letter}{power}", *(f"{part[power]:.12g}" for part in parts)]))
    return "\n".join(lines) + "\n"


def extremes(shape: Quotient) -> tuple[float, float]:
    """Return the largest |d2 Cd / d Mach2| and the smallest Q on a fine grid of Mach 0...5."""
    x = np.linspace(-1.0, DRAG_MACH_TOP - 1.0, 20001)
    p, q = (derivatives(x, part) for part in shape)
    return float(np.abs(quotient(p, q)[2]).max()), float(q[0].min())


if __name__ == "__main__":
    main()
