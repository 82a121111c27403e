"""Small dense algebra for kernels: Cholesky factors, solutions and inverses of symmetric matrices.

Matrices here have 2 to a dozen rows, where hand-written loops beat the library's calls. Nothing is
allocated and nothing raised: a matrix that is not positive definite is a False.
"""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel


@lean_kernel
def cholesky(a, out_l):
    """Fill `out_l (n, n)` with the lower factor L of `a (n, n)` = L L', zero above; return whether it exists.

    Only the lower half of `a` is read; `out_l` may be `a`. A diagonal not above zero, or NaN, ends it: False,
    `out_l` unfinished. [golub], alg. 4.2.1.
    """
    n = a.shape[0]
    for j in range(n):
        pivot = a[j, j]
        for k in range(j):
            pivot -= out_l[j, k] * out_l[j, k]
        if not pivot > 0.0:
            return False
        root = np.sqrt(pivot)
        out_l[j, j] = root
        for i in range(j + 1, n):
            dot = a[i, j]
            for k in range(j):
                dot -= out_l[i, k] * out_l[j, k]
            out_l[i, j] = dot / root
        for i in range(j):
            out_l[i, j] = 0.0
    return True


@lean_kernel
def solve_lower(lower, b, out_x):
    """Fill `out_x (n,)` with the solution of L x = b, `lower (n, n)` lower; `out_x` may be `b`."""
    n = lower.shape[0]
    for i in range(n):
        dot = b[i]
        for k in range(i):
            dot -= lower[i, k] * out_x[k]
        out_x[i] = dot / lower[i, i]


@lean_kernel
def solve_upper(lower, b, out_x):
    """Fill `out_x (n,)` with the solution of L' x = b, `lower (n, n)` lower; `out_x` may be `b`."""
    n = lower.shape[0]
    for i in range(n - 1, -1, -1):
        dot = b[i]
        for k in range(i + 1, n):
            dot -= lower[k, i] * out_x[k]
        out_x[i] = dot / lower[i, i]


@lean_kernel
def solve_cholesky(lower, b, out_x):
    """Fill `out_x (n,)` with the solution of L L' x = b; `out_x` may be `b`."""
    solve_lower(lower, b, out_x)
    solve_upper(lower, out_x, out_x)


@lean_kernel
def invert_cholesky(lower, out_inverse):
    """Fill `out_inverse (n, n)`, exactly symmetric, with the inverse of L L'; it must not be `l`."""
    n = lower.shape[0]
    for j in range(n):  # the lower inverse of L, column by column
        for i in range(j):
            out_inverse[i, j] = 0.0
        out_inverse[j, j] = 1.0 / lower[j, j]
        for i in range(j + 1, n):
            dot = 0.0
            for k in range(j, i):
                dot -= lower[i, k] * out_inverse[k, j]
            out_inverse[i, j] = dot / lower[i, i]
    for i in range(n):  # its transpose times itself, written over it from the top
        for j in range(i + 1):
            dot = 0.0
            for k in range(i, n):
                dot += out_inverse[k, i] * out_inverse[k, j]
            out_inverse[i, j] = dot
            out_inverse[j, i] = dot


@kernel
def invert_symmetric(a, scratch, out_inverse):
    """Fill `out_inverse (n, n)` with the inverse of positive definite `a (n, n)`; return whether it exists.

    `scratch (n, n)` is left with the lower factor; all three differ.
    """
    if not cholesky(a, scratch):
        return False
    invert_cholesky(scratch, out_inverse)
    return True


@lean_kernel
def log_determinant(lower):
    """Return ln det(L L') from the lower factor `lower (n, n)`."""
    total = 0.0
    for i in range(lower.shape[0]):
        total += np.log(lower[i, i])
    return 2.0 * total


@kernel
def multiply(a, b, out):
    """Fill `out (n, m)` with `a (n, k)` @ `b (k, m)`; it must be neither."""
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            out[i, j] = 0.0
        for k in range(a.shape[1]):
            factor = a[i, k]
            for j in range(b.shape[1]):
                out[i, j] += factor * b[k, j]


@kernel
def congruence(a, p, scratch, out):
    """Fill `out (n, n)`, exactly symmetric, with A P A' for `a (n, m)`, symmetric `p (m, m)`.

    `scratch (n, m)`; `out` may be `p` where n = m.
    """
    multiply(a, p, scratch)
    n, m = a.shape
    for i in range(n):
        for j in range(i + 1):
            dot = 0.0
            for k in range(m):
                dot += scratch[i, k] * a[j, k]
            out[i, j] = dot
            out[j, i] = dot


@kernel
def symmetrise(a):
    """Make `a (n, n)` exactly symmetric: both halves their mean."""
    for i in range(a.shape[0]):
        for j in range(i):
            mean = 0.5 * (a[i, j] + a[j, i])
            a[i, j] = mean
            a[j, i] = mean
