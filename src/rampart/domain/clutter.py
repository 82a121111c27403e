"""The cells of a radar's cover by which false plots are counted: even in range, even in azimuth."""

import numpy as np

from rampart.numerics.jit import kernel

RANGE_CELLS, AZIMUTH_CELLS = 10, 24


@kernel
def cell_of(range_m, azimuth_rad, least_m, most_m):
    """Return (ring, sector) of a place in a cover from `least_m` to `most_m`; the nearest ring for one outside."""
    ring = int((range_m - least_m) / (most_m - least_m) * RANGE_CELLS)
    sector = int(azimuth_rad / (2.0 * np.pi) * AZIMUTH_CELLS)
    return min(max(ring, 0), RANGE_CELLS - 1), min(max(sector, 0), AZIMUTH_CELLS - 1)
