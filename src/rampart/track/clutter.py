"""Where false plots are to be expected, as the kernels read it."""

import numpy as np

from rampart.domain.clutter import (
    AZIMUTH_CELLS,
    RANGE_CELLS,
    Crowds,
    cell_of,
    log_crowd_within,
    place_in_cell,
)
from rampart.numerics.jit import kernel, lean_kernel


def lay_clutter(
    false_plots: np.ndarray, least: float, out_log_false: np.ndarray, out_log_crowd: np.ndarray
) -> None:
    """Fill ln of false plots a look `(r,)`, and ln of each cell's density against an even one, from false plots a look.

    `false_plots` is `(r,)`, even over the cover, or `(r, RANGE_CELLS, AZIMUTH_CELLS)`; nowhere are fewer expected
    than `least` a look would give if they were even.
    """
    cells = RANGE_CELLS * AZIMUTH_CELLS
    counts = np.asarray(false_plots, float)
    if counts.ndim == 1:
        counts = np.broadcast_to(counts[:, None, None] / cells, (len(counts), RANGE_CELLS, AZIMUTH_CELLS))
    counts = np.maximum(counts, least / cells)
    total = counts.sum(axis=(1, 2))
    out_log_false[:] = np.log(total)
    out_log_crowd[:] = np.log(counts * (cells / total)[:, None, None])


def lay_crowds(crowds: Crowds, radars) -> None:
    """Copy how false plots lie within cells to where the kernels read it."""
    radars.child[:], radars.side[:], radars.log_share[:] = crowds.child, crowds.side, crowds.log_share


@lean_kernel
def crowd_near(z, radar, radars):
    """Return ln of how much denser false plots are at a plot `z (4,)` than even over the cover, range rate included.

    Even in a crowded cell they are nowhere sparser than even over the least dense cell.
    """
    row = radars.table[radar]
    ring, sector = cell_of(z[0], z[1], row.least_m, row.most_m)
    crowd = radars.log_crowd[radar, ring, sector]
    if radars.child[radar, ring * AZIMUTH_CELLS + sector] == 0:
        return crowd
    place = radars.place
    cell = place_in_cell(z, row.least_m, row.most_m, row.low_rad, row.high_rad, place)
    within = log_crowd_within(cell, place, radars.child[radar], radars.side[radar], radars.log_share[radar])
    return max(crowd + within, row.log_sparse)


@kernel
def crowd_at(range_m, azimuth_rad, least_m, most_m, log_crowd):
    """Return the cell's value of `log_crowd (RANGE_CELLS, AZIMUTH_CELLS)` at a place of one radar's cover."""
    ring, sector = cell_of(range_m, azimuth_rad, least_m, most_m)
    return log_crowd[ring, sector]
