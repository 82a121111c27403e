"""The two splines against scipy's."""

import numpy as np
import pytest
from scipy.interpolate import CubicSpline, PchipInterpolator

from rampart.physics.splines import monotone_at, uniform_spline


def test_even_spline_with_true_end_slopes_is_scipys():
    x = np.arange(12.0)
    cubic = 0.3 * x**3 - 2.0 * x**2 + x + 5.0  # its end slopes are exact, so the spline is the cubic
    ours = uniform_spline(np.stack([cubic, np.sin(x)], axis=1))
    assert ours[:, 0] == pytest.approx(CubicSpline(x, cubic).c[::-1].T, abs=1e-9)
    slopes = [ours[0, 1, 1], ours[-1, 1] @ [0.0, 1.0, 2.0, 3.0]]
    clamped = CubicSpline(x, np.sin(x), bc_type=((1, slopes[0]), (1, slopes[1])))
    assert ours[:, 1] == pytest.approx(clamped.c[::-1].T, abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_shape_keeping_cubic_is_scipys_inside_and_flat_outside(seed):
    rng = np.random.default_rng(seed)
    x, y = np.cumsum(rng.uniform(0.1, 2.0, 9)), np.round(rng.normal(size=9), 1)
    fine = np.linspace(x[0], x[-1], 301)
    assert monotone_at(fine, x, y) == pytest.approx(PchipInterpolator(x, y)(fine), abs=1e-12)
    assert monotone_at([x[0] - 1.0, x[-1] + 1.0], x, y) == pytest.approx([y[0], y[-1]], abs=1e-12)


def test_two_points_make_a_line():
    assert monotone_at([0.0, 1.0, 1.5, 3.0], [1.0, 2.0], [4.0, 6.0]) == pytest.approx([4.0, 4.0, 5.0, 6.0])
