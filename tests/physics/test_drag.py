"""Drag curves: through their points, smooth, without overshoot, held flat past their ends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import PchipInterpolator

from rampart.errors import InputError
from rampart.physics.drag import (
    DRAG_MACH_TOP,
    SHAPE_CURVES,
    SHAPE_NAMES,
    cd_at,
    cd_slope_at,
    closed_cd_at,
    curve_from_points,
    drag_shape,
    published_points,
)

POINTS = ([0.0, 0.6, 0.9, 1.0, 1.1, 1.5, 3.0], [0.2, 0.2, 0.25, 0.4, 0.5, 0.45, 0.3])
FILES = ["g1", "g7", "gs", "mortar", "rocket", "broad"]


@pytest.mark.uncompiled
def test_a_curve_passes_its_points_and_lies_on_the_shape_keeping_cubic():
    curve = curve_from_points(*POINTS)
    for mach, cd in zip(*POINTS, strict=True):
        assert cd_at(mach, curve) == pytest.approx(cd, abs=1e-9)
    mach = np.linspace(0.0, 3.0, 200)
    assert [cd_at(m, curve) for m in mach] == pytest.approx(PchipInterpolator(*POINTS)(mach), abs=2e-3)


@pytest.mark.uncompiled
@pytest.mark.parametrize("name", FILES)
def test_closed_forms_keep_to_half_a_percent_of_their_points_and_curves_to_them(name):
    mach, cd = published_points(name)
    shape = drag_shape(name)
    assert np.all(np.diff(mach) > 0.0)
    assert [closed_cd_at(m, shape.closed) for m in mach] == pytest.approx(cd, rel=5e-3)
    fine = np.arange(0.0, 5.0, 0.0071)
    exact = [closed_cd_at(m, shape.closed) for m in fine]
    assert [cd_at(m, shape.curve) for m in fine] == pytest.approx(exact, rel=1e-3)


def test_a_shape_that_is_none_is_refused_in_one_line():
    with pytest.raises(InputError, match=r"wanted one of .*mortar"):
        drag_shape("brick")


def test_the_library_is_five_shapes_in_the_order_of_their_names():
    assert SHAPE_NAMES == ("mortar", "shell", "rocket", "sphere", "broad")
    assert SHAPE_CURVES.shape == (5, 400, 4)
    assert np.array_equal(SHAPE_CURVES[1], drag_shape("g7").curve)
    assert np.array_equal(SHAPE_CURVES[3], drag_shape("gs").curve)
    subsonic = {name: cd_at(0.6, curve) for name, curve in zip(SHAPE_NAMES, SHAPE_CURVES, strict=True)}
    assert 0.12 <= subsonic["mortar"] <= 0.18
    assert 0.25 <= subsonic["rocket"] <= 0.35
    assert 0.11 <= subsonic["shell"] <= 0.15


@pytest.mark.uncompiled
@pytest.mark.parametrize("mach", [0.01, 0.5, 0.9137, 0.975, 1.0, 1.21, 2.6, 4.99])
def test_the_slope_is_the_derivative(mach):
    for curve in SHAPE_CURVES:
        cd, slope = cd_slope_at(mach, curve)
        assert cd == cd_at(mach, curve)
        central = (cd_at(mach + 1e-5, curve) - cd_at(mach - 1e-5, curve)) / 2e-5
        assert slope == pytest.approx(central, rel=1e-5, abs=1e-5)


@pytest.mark.uncompiled
def test_a_curve_is_flat_past_its_end_and_survives_nan():
    curve = curve_from_points(*POINTS)
    end = cd_at(DRAG_MACH_TOP, curve)
    assert cd_slope_at(7.0, curve) == (end, 0.0) == (cd_at(np.inf, curve), 0.0)
    assert np.isfinite(cd_at(np.nan, curve))
    assert cd_slope_at(-1.0, curve) == (cd_at(0.0, curve), 0.0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.05, 1.5), min_size=2, max_size=12))
def test_no_curve_dips_to_zero_beside_a_steep_place(cd):
    mach = np.linspace(0.3, 3.0, len(cd))
    curve = curve_from_points(mach, cd)
    assert min(cd_at(m, curve) for m in np.linspace(0.0, 5.0, 301)) > 0.0


@pytest.mark.parametrize("points", [([0.0], [0.2]), ([0.0, 0.0], [0.2, 0.2]), ([0.0, 1.0], [0.2, 0.2, 0.2])])
def test_points_that_make_no_curve_are_refused(points):
    with pytest.raises(ValueError, match="must rise"):
        curve_from_points(*points)
