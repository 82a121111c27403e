"""Where false plots come from: a map of each radar's cover, learnt from plots that no track ever took."""

import numpy as np

from rampart.domain.site import Radar
from rampart.numerics.jit import kernel

RANGE_CELLS, AZIMUTH_CELLS = 10, 24

PRIOR_PLOTS = 200.0
"""So many plots' worth of belief that false plots are even over range, azimuth and elevation."""

MEMORY_PLOTS = 2000.0
"""Older plots fade so that the map remembers about this many."""

LEAST, MOST = 0.1, 200.0
"""A cell's density against the even one is held between these."""


class ClutterMap:
    """`log_crowd (r, RANGE_CELLS, AZIMUTH_CELLS)`: ln of a cell's share of false plots against an even share."""

    def __init__(self, radars: tuple[Radar, ...]):
        self._least_m = np.array([radar.min_range_m for radar in radars])
        self._span_m = np.array([radar.max_range_m - radar.min_range_m for radar in radars])
        self._counts = np.zeros((len(radars), RANGE_CELLS, AZIMUTH_CELLS))
        self.log_crowd = np.zeros((len(radars), RANGE_CELLS, AZIMUTH_CELLS))

    def add(self, radar: int, range_m: np.ndarray, azimuth_rad: np.ndarray) -> None:
        """Learn plots of one radar, each argument (n,), that no track took."""
        counts, cells = self._counts[radar], RANGE_CELLS * AZIMUTH_CELLS
        counts *= min(1.0, MEMORY_PLOTS / (counts.sum() + len(range_m)))
        ring = np.clip(
            (range_m - self._least_m[radar]) / self._span_m[radar] * RANGE_CELLS, 0, RANGE_CELLS - 1
        )
        sector = np.clip(azimuth_rad / (2.0 * np.pi) * AZIMUTH_CELLS, 0, AZIMUTH_CELLS - 1)
        cell = ring.astype(np.int64) * AZIMUTH_CELLS + sector.astype(np.int64)
        counts += np.bincount(cell, minlength=cells).reshape(counts.shape)
        crowd = (PRIOR_PLOTS + counts * cells) / (PRIOR_PLOTS + counts.sum())
        np.log(np.clip(crowd, LEAST, MOST), out=self.log_crowd[radar])


@kernel
def crowd_at(range_m, azimuth_rad, least_m, most_m, log_crowd):
    """Return the cell's value of `log_crowd (RANGE_CELLS, AZIMUTH_CELLS)` at a place of one radar's cover."""
    ring = int((range_m - least_m) / (most_m - least_m) * RANGE_CELLS)
    sector = int(azimuth_rad / (2.0 * np.pi) * AZIMUTH_CELLS)
    ring = min(max(ring, 0), RANGE_CELLS - 1)
    sector = min(max(sector, 0), AZIMUTH_CELLS - 1)
    return log_crowd[ring, sector]
