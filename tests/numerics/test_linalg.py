"""Small algebra against numpy's."""

import numpy as np
import pytest

from rampart.numerics.linalg import (
    cholesky,
    congruence,
    invert_cholesky,
    invert_symmetric,
    log_determinant,
    multiply,
    solve_cholesky,
    solve_lower,
    solve_upper,
    symmetrise,
)

pytestmark = pytest.mark.uncompiled


def positive(n, seed=0):
    a = np.random.default_rng(seed).normal(size=(n, n + 2))
    return a @ a.T + 0.1 * np.eye(n)


@pytest.mark.parametrize("n", [1, 2, 4, 9])
def test_factor_solution_inverse_and_determinant_are_numpys(n):
    a, b = positive(n), np.arange(1.0, n + 1)
    lower, x, inverse = np.full((n, n), np.nan), np.empty(n), np.empty((n, n))
    assert cholesky(a, lower)
    assert lower == pytest.approx(np.linalg.cholesky(a))
    solve_cholesky(lower, b, x)
    assert a @ x == pytest.approx(b)
    solve_lower(lower, b, x)
    assert lower @ x == pytest.approx(b)
    solve_upper(lower, b, x)
    assert lower.T @ x == pytest.approx(b)
    invert_cholesky(lower, inverse)
    assert inverse == pytest.approx(np.linalg.inv(a))
    assert np.array_equal(inverse, inverse.T)
    assert log_determinant(lower) == pytest.approx(np.linalg.slogdet(a)[1])


def test_results_may_stand_on_their_inputs():
    a = positive(5)
    lower, x = a.copy(), np.arange(5.0)
    assert cholesky(lower, lower)
    assert lower == pytest.approx(np.linalg.cholesky(a))
    solve_cholesky(lower, x, x)
    assert a @ x == pytest.approx(np.arange(5.0))


@pytest.mark.parametrize("spoiler", [-1.0, 0.0, np.nan])
def test_a_matrix_that_is_not_positive_definite_is_a_false(spoiler):
    a = positive(4)
    a[2, 2] = spoiler
    assert not cholesky(a, np.empty((4, 4)))
    assert not invert_symmetric(a, np.empty((4, 4)), np.empty((4, 4)))


def test_inverse_from_the_matrix():
    a, inverse = positive(7), np.empty((7, 7))
    assert invert_symmetric(a, np.empty((7, 7)), inverse)
    assert a @ inverse == pytest.approx(np.eye(7), abs=1e-10)


def test_products_are_numpys():
    rng = np.random.default_rng(3)
    a, b, p = rng.normal(size=(4, 6)), rng.normal(size=(6, 3)), positive(6)
    out, square = np.empty((4, 3)), np.empty((4, 4))
    multiply(a, b, out)
    assert out == pytest.approx(a @ b)
    congruence(a, p, np.empty((4, 6)), square)
    assert square == pytest.approx(a @ p @ a.T)
    assert np.array_equal(square, square.T)


def test_both_halves_become_their_mean():
    a = np.array([[1.0, 2.0], [4.0, 5.0]])
    symmetrise(a)
    assert np.array_equal(a, [[1.0, 3.0], [3.0, 5.0]])
