"""The committed closed forms against the tool that wrote them."""

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from rampart.physics.drag import CURVES_FOLDER, drag_shape, published_points
from rampart.physics.splines import monotone_at

TOOL = Path(__file__).parents[2] / "tools" / "fit_drag_shapes.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("fit_drag_shapes", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tool_finds_the_committed_form_again(tool):
    numerator, denominator = tool.fit_shape(*published_points("mortar"))
    kept = drag_shape("mortar").closed
    mach = np.linspace(0.0, 5.0, 400) - 1.0
    value = np.polynomial.polynomial.polyval
    fitted = value(mach, numerator) / value(mach, denominator)
    assert fitted == pytest.approx(value(mach, kept.numerator) / value(mach, kept.denominator), rel=1e-6)


def test_the_errors_stated_in_the_file_are_those_of_its_forms():
    with (CURVES_FOLDER / "shapes.csv").open(encoding="utf-8") as file:
        (_, *names), *rows = csv.reader(line for line in file if not line.startswith("#"))
    stated = {row[0]: dict(zip(names, map(float, row[1:]), strict=True)) for row in rows}
    value = np.polynomial.polynomial.polyval
    for name in names:
        closed = drag_shape(name).closed
        mach, cd = published_points(name)
        between = np.linspace(mach[0], mach[-1], 2000)
        at_points, at_between = (
            value(m - 1.0, closed.numerator) / value(m - 1.0, closed.denominator) for m in (mach, between)
        )
        assert np.abs(at_points / cd - 1.0).max() == pytest.approx(stated["error_at_points"][name], rel=1e-3)
        assert stated["error_at_points"][name] <= 0.005
        assert np.abs(at_between / monotone_at(between, mach, cd) - 1.0).max() <= 0.01
        assert at_between.min() > 0.05
        assert value(np.linspace(-1.0, 4.0, 2000), closed.denominator).min() > 0.4
