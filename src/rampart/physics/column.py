"""The air over a band of heights as polynomials, whose few numbers a processor keeps at hand.

Splines are looked up in a table at every evaluation, which a processor cannot do for many flights at once.
Over the heights that a batch of flights can reach, one polynomial for each quantity does as well.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import formula
from rampart.physics.atmosphere import DENSITY, SOUND, WIND_EAST, WIND_NORTH, Air

GAS_DEGREE, WIND_DEGREE = 8, 12
SAMPLES = 96
"""Heights at which the air is looked at, closer together near the ends of the band, as Chebyshev's nodes are."""


class Column(NamedTuple):
    """Half the density, the slowness of sound and the wind as polynomials of height, held flat outside the band.

    Each tuple holds rising powers of x = height * per_half_m - middle, which is -1 at the band's foot and 1 at
    its top. Half the density, because drag has it so.
    """

    per_half_m: float
    middle: float
    half_density_kgm3: tuple[float, ...]
    slowness_spm: tuple[float, ...]
    wind_east_mps: tuple[float, ...]
    wind_north_mps: tuple[float, ...]


def column_over(air: Air, lowest_m: float, highest_m: float) -> Column:
    """Return the column over a band of heights above the ellipsoid: least squares at Chebyshev's nodes.

    [trefethen]. What changes within a twelfth of the band is smoothed.
    """
    half_m = 0.5 * max(highest_m - lowest_m, 1.0)
    values = air_on(air, lowest_m + half_m * (1.0 + _nodes()))
    values[:, DENSITY] *= 0.5
    gas = _to_powers(GAS_DEGREE) @ values[:, (DENSITY, SOUND)]
    wind = _to_powers(WIND_DEGREE) @ values[:, (WIND_EAST, WIND_NORTH)]
    rows = (tuple(row) for powers in (gas, wind) for row in powers.T.tolist())
    return Column(1.0 / half_m, 1.0 + lowest_m / half_m, *rows)


def air_on(air: Air, height_m: np.ndarray) -> np.ndarray:
    """Return (n, 4) at heights (n,): density, slowness of sound s/m, wind east and north."""
    cells = len(air.coefficients)
    x = np.clip((height_m - air.bottom_m) / air.spacing_m, 0.0, cells)
    cell = np.minimum(x.astype(np.int64), cells - 1)
    s = (x - cell)[:, None]
    c = air.coefficients[cell]
    values = c[:, :, 0] + s * (c[:, :, 1] + s * (c[:, :, 2] + s * c[:, :, 3]))
    values[:, SOUND] = 1.0 / values[:, SOUND]
    return values


@cache
def _nodes() -> np.ndarray:
    """Return the places (SAMPLES,) in -1...1 at which the air is looked at."""
    return np.cos(np.pi * (np.arange(SAMPLES) + 0.5) / SAMPLES)


@cache
def _to_powers(degree: int) -> np.ndarray:
    """Return the matrix (degree + 1, SAMPLES) from values at the nodes to the powers of the closest polynomial."""
    chebyshev = np.polynomial.chebyshev
    powers_of_terms = np.zeros((degree + 1, degree + 1))
    for k, term in enumerate(np.eye(degree + 1)):
        powers_of_terms[: k + 1, k] = chebyshev.cheb2poly(term[: k + 1])
    return powers_of_terms @ np.linalg.pinv(chebyshev.chebvander(_nodes(), degree))


@formula
def column_at(height_m, column):
    """Return (half_density_kgm3, slowness_spm, wind_east_mps, wind_north_mps) at a height above the ellipsoid."""
    x = min(max(height_m * column.per_half_m - column.middle, -1.0), 1.0)
    return (
        polynomial(column.half_density_kgm3, x),
        polynomial(column.slowness_spm, x),
        polynomial(column.wind_east_mps, x),
        polynomial(column.wind_north_mps, x),
    )


@formula
def polynomial(powers, x):
    """Return the value at x of a polynomial with a tuple of rising powers: Horner's rule."""
    value = powers[-1]
    for k in range(len(powers) - 2, -1, -1):
        value = powers[k] + x * value
    return value
