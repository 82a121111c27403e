"""Drag shapes in closed form: near their points, without wiggles or poles, and as their generator makes them."""

import csv
import importlib.util
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.polynomial.polynomial import polyder, polyval

from rampart.physics.drag import CURVES_FOLDER, DRAG_MACH_TOP, closed_cd_at, drag_shape, published_points
from rampart.physics.splines import monotone_at
from rampart.simulate.catalogue import ARTILLERY_SHELL, FINNED_ROCKET, MORTAR_BOMB, SPUN_ROCKET

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools/fit_drag_shapes.py"
PUBLISHED = ROOT.parent / "shared/data/drag"
NAMES = ["g1", "g7", "gs", "mortar", "rocket", "broad"]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("fit_drag_shapes", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def columns() -> dict[str, dict[str, float]]:
    with (CURVES_FOLDER / "shapes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {
        name: {row["quantity"]: float(row[name]) for row in rows} for name in rows[0] if name != "quantity"
    }


SHAPES = columns()


def polynomials(name: str) -> tuple[np.ndarray, np.ndarray]:
    closed = drag_shape(name).closed
    return np.array(closed.numerator), np.array(closed.denominator)


def cd_of(mach, name: str):
    numerator, denominator = polynomials(name)
    x = np.clip(mach, 0.0, DRAG_MACH_TOP) - 1.0
    return polyval(x, numerator) / polyval(x, denominator)


def test_the_file_holds_every_packaged_shape():
    assert list(SHAPES) == NAMES
    assert all(len(column) == 4 + 2 * 9 for column in SHAPES.values())
    assert all(column["q0"] == 1.0 for column in SHAPES.values())
    for name, column in SHAPES.items():
        numerator, denominator = polynomials(name)
        assert numerator.tolist() == [column[f"p{power}"] for power in range(9)]
        assert denominator.tolist() == [column[f"q{power}"] for power in range(9)]


@pytest.mark.parametrize("name", NAMES)
def test_every_point_is_met_within_half_a_percent(name):
    mach, cd = published_points(name)
    worst = np.abs(cd_of(mach, name) / cd - 1.0).max()
    assert worst <= 0.005
    assert worst == pytest.approx(SHAPES[name]["error_at_points"], rel=1e-4)


@pytest.mark.parametrize("name", ["G1", "G7", "GS"])
def test_the_tables_as_published_are_met_too(name):
    path = PUBLISHED / f"drag_{name}.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not on this machine")
    mach, cd = np.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    assert np.abs(cd_of(mach, name.lower()) / cd - 1.0).max() <= 0.005


@pytest.mark.parametrize("name", NAMES)
def test_between_the_points_the_shape_keeping_cubic_is_met_within_one_percent(name):
    fine = np.linspace(0.0, DRAG_MACH_TOP, 20001)
    worst = np.abs(cd_of(fine, name) / monotone_at(fine, *published_points(name)) - 1.0).max()
    assert worst <= 0.01
    assert worst == pytest.approx(SHAPES[name]["error_between"], rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_shape_rises_and_falls_where_its_points_do(name):
    mach, cd = published_points(name)
    # half a percent at both ends can turn a cell that changes by less
    for cell in np.flatnonzero(np.abs(np.diff(cd)) > 0.025 * cd[:-1]):
        inside = cd_of(np.linspace(mach[cell], mach[cell + 1], 101), name)
        assert np.all(np.diff(inside) * (cd[cell + 1] - cd[cell]) > 0.0), f"a wiggle after Mach {mach[cell]}"
    turns = np.diff(np.sign(np.diff(cd_of(np.linspace(0.0, DRAG_MACH_TOP, 20001), name)))) != 0.0
    assert np.count_nonzero(turns) <= 3


@pytest.mark.parametrize("name", NAMES)
def test_the_denominator_has_no_root_and_the_bend_is_as_stated(name):
    numerator, denominator = polynomials(name)
    x = np.linspace(-1.0, DRAG_MACH_TOP - 1.0, 20001)
    p, p1, p2 = (polyval(x, polyder(numerator, order)) for order in range(3))
    q, q1, q2 = (polyval(x, polyder(denominator, order)) for order in range(3))
    assert q.min() > 0.4
    assert q.min() == pytest.approx(SHAPES[name]["least_q"], rel=1e-4)
    slope = (p1 - p / q * q1) / q
    bend = (p2 - 2.0 * slope * q1 - p / q * q2) / q
    assert np.abs(bend).max() == pytest.approx(SHAPES[name]["second_derivative"], rel=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_no_root_of_the_denominator_comes_near_the_mach_numbers_flown(name):
    _, denominator = polynomials(name)
    roots = np.roots(np.trim_zeros(denominator, "b")[::-1]) + 1.0
    off_the_line = roots.real - np.clip(roots.real, 0.0, DRAG_MACH_TOP) + 1j * roots.imag
    assert np.abs(off_the_line).min() > 0.04


@pytest.mark.parametrize("name", NAMES)
def test_rounding_stays_near_the_last_digit(name):
    numerator, denominator = (list(map(Fraction, part)) for part in polynomials(name))
    for mach in np.linspace(0.0, DRAG_MACH_TOP, 101):
        x = Fraction(float(mach) - 1.0)
        exact = sum(c * x**k for k, c in enumerate(numerator)) / sum(
            c * x**k for k, c in enumerate(denominator)
        )
        assert cd_of(mach, name) == pytest.approx(float(exact), rel=1e-14)


@pytest.mark.uncompiled
@pytest.mark.parametrize("name", NAMES)
def test_a_shape_is_held_outside_its_mach_numbers(name):
    closed = drag_shape(name).closed
    for mach, held in ((-1.0, 0.0), (0.97, 0.97), (9.0, DRAG_MACH_TOP)):
        assert closed_cd_at(mach, closed) == pytest.approx(cd_of(held, name), rel=1e-14)


def test_the_committed_numbers_are_those_of_the_generator(tool):
    shape = tool.Quotient(*tool.fit_shape(*published_points("mortar")))
    fine = np.linspace(0.0, DRAG_MACH_TOP, 501)
    # another linear algebra library may end its descent a little elsewhere
    assert tool.cd_of(fine, shape) == pytest.approx(cd_of(fine, "mortar"), rel=1e-4)


@pytest.mark.parametrize("points", [MORTAR_BOMB, SPUN_ROCKET, FINNED_ROCKET, ARTILLERY_SHELL])
def test_the_degree_is_enough_for_the_curves_of_the_simulator(tool, points):
    mach, cd = np.array(points).T
    shape, _ = tool.nearest(tool.target_of(mach, cd), *tool.LADDER[-1])
    at_points, between = tool.errors(mach, cd, shape)
    assert at_points <= 0.005
    assert between <= 0.01


def test_a_constant_is_fitted_exactly(tool):
    shape = tool.Quotient(*tool.fit_shape([0.0, 5.0], [0.3, 0.3]))
    assert tool.cd_of(np.linspace(0.0, 5.0, 50), shape) == pytest.approx(0.3, rel=1e-9)


@pytest.mark.parametrize(
    "points",
    [
        ([0.5], [0.2]),
        ([0.0, 0.0], [0.2, 0.2]),
        ([0.0, 6.0], [0.2, 0.2]),
        ([0.0, 1.0], [0.2]),
        ([0.0, 1.0], [0.2, 0.0]),
    ],
)
def test_points_that_make_no_shape_are_refused(tool, points):
    with pytest.raises(ValueError, match="must"):
        tool.fit_shape(*points)
