"""Where false plots are to be expected, as the kernels read it."""

import numpy as np

from rampart.domain.clutter import AZIMUTH_CELLS, RANGE_CELLS, cell_of
from rampart.numerics.jit import kernel


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


@kernel
def crowd_at(range_m, azimuth_rad, least_m, most_m, log_crowd):
    """Return the cell's value of `log_crowd (RANGE_CELLS, AZIMUTH_CELLS)` at a place of one radar's cover."""
    ring, sector = cell_of(range_m, azimuth_rad, least_m, most_m)
    return log_crowd[ring, sector]
