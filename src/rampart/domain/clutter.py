"""Where false plots lie in a radar's cover: cells even in range and azimuth, and each cell halved where they crowd."""

from dataclasses import dataclass

import numpy as np

from rampart.numerics.gaussian import normal_below
from rampart.numerics.jit import kernel

RANGE_CELLS, AZIMUTH_CELLS = 10, 24
CELLS = RANGE_CELLS * AZIMUTH_CELLS
MOST_NODES = CELLS + 2 * 2048
SIDES = 4
"""A cell is a box with a side for each of range, azimuth, elevation and range rate."""

STILL_SHARE, STILL_MPS, FASTEST_MPS = 0.2, 5.0, 500.0
"""What is believed of false range rates: this share about zero, the rest even to either side of it."""


@dataclass(frozen=True, slots=True)
class Crowds:
    """How false plots lie within the cells of each radar: a tree of boxes, each halved along one side.

    The first `CELLS` nodes are the cells. `child (r, MOST_NODES)` int64: the first of a node's two, which follow one
    another, or 0; `side (r, MOST_NODES)` int64 that is halved; `log_share (r, MOST_NODES)`: ln of a node's share of its
    parent's plots, against an even half. Read-only; a new one when it changes.
    """

    child: np.ndarray
    side: np.ndarray
    log_share: np.ndarray


def even_crowds(radars: int) -> Crowds:
    """Return the crowds of radars of which nothing is known."""
    shape = (radars, MOST_NODES)
    return Crowds(np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape))


@kernel
def cell_of(range_m, azimuth_rad, least_m, most_m):
    """Return (ring, sector) of a place in a cover from `least_m` to `most_m`; the nearest ring for one outside."""
    ring = int((range_m - least_m) / (most_m - least_m) * RANGE_CELLS)
    sector = int(azimuth_rad / (2.0 * np.pi) * AZIMUTH_CELLS)
    return min(max(ring, 0), RANGE_CELLS - 1), min(max(sector, 0), AZIMUTH_CELLS - 1)


@kernel
def place_in_cell(z, least_m, most_m, low_rad, high_rad, out_u):
    """Fill where in its cell a plot `z (4,)` lies, `out_u (4,)` of 0...1 on each side; return the cell.

    Where false plots are as believed they are even in all four. What is not measured is NaN.
    """
    ring, sector = cell_of(z[0], z[1], least_m, most_m)
    out_u[0] = (z[0] - least_m) / (most_m - least_m) * RANGE_CELLS - ring
    out_u[1] = z[1] / (2.0 * np.pi) * AZIMUTH_CELLS - sector
    out_u[2] = (z[2] - low_rad) / (high_rad - low_rad)
    even = 0.5 + 0.5 * min(max(z[3] / FASTEST_MPS, -1.0), 1.0)
    out_u[3] = (1.0 - STILL_SHARE) * even + STILL_SHARE * normal_below(z[3] / STILL_MPS)
    for k in range(SIDES):
        if not np.isnan(z[k]):
            out_u[k] = min(max(out_u[k], 0.0), 1.0 - 1e-9)
        else:
            out_u[k] = np.nan
    return ring * AZIMUTH_CELLS + sector


@kernel
def log_crowd_within(cell, u, child, side, log_share):
    """Return ln of the density of false plots at a place `u (4,)` in a cell, against even over the cell.

    `child`, `side`, `log_share (MOST_NODES,)` of one radar. `u` is spent. Where a side was not measured, the halves of
    it count as one: the plot takes the fuller.
    """
    node, total = cell, 0.0
    while child[node] > 0:
        k, node = side[node], child[node]
        if np.isnan(u[k]):
            if log_share[node + 1] > log_share[node]:
                node += 1
            continue
        u[k] *= 2.0
        if u[k] >= 1.0:
            u[k] -= 1.0
            node += 1
        total += log_share[node]
    return total
