"""The newest plots of all radars in a ring, so that new tracks can be grown from them and remembered by serial."""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import kernel
from rampart.physics.radar import enu_from_rae
from rampart.track.radars import frame_of

UNUSED, CLAIMED, TAKEN = range(3)
"""A plot in the ring: free, held by a likely tentative track, taken by a confirmed one."""

PLOT = np.dtype(
    [("time_s", "f8"), ("snr_db", "f8"), ("best", "f8"), ("radar", "i8"), ("use", "i8")], align=True
)
"""`use` as above; `best` is scratch: the best odds of the tracks that begin there."""


class Ring(NamedTuple):
    """The newest plots; the row is the serial modulo the number of rows.

    `rows (n,)` of PLOT, `z (n, 4)`, `sigma (n, 4)`, `place_enu_m (n, 3)`; without elevation, the place is that on
    the radar's plane.
    """

    rows: np.recarray
    z: np.ndarray
    sigma: np.ndarray
    place_enu_m: np.ndarray


def empty_ring(count: int) -> Ring:
    """Return a ring without plots."""
    ring = Ring(
        np.zeros(count, PLOT).view(np.recarray),
        np.zeros((count, 4)),
        np.zeros((count, 4)),
        np.zeros((count, 3)),
    )
    ring.rows.time_s = -np.inf
    ring.rows.use = TAKEN
    return ring


@kernel
def put_plots(ring, plots, snr_db, radar, radars):
    """Write one look's plots into the ring."""
    frame = frame_of(radar, radars)
    for j in range(plots.time_s.shape[0]):
        k = (plots.serial + j) % ring.rows.shape[0]
        row, z = ring.rows[k], plots.z[j]
        row.time_s = plots.time_s[j]
        row.snr_db = snr_db[j]
        row.radar = radar
        row.use = UNUSED
        for c in range(4):
            ring.z[k, c] = z[c]
            ring.sigma[k, c] = plots.sigma[j, c]
        x, y, u = enu_from_rae(z[0], z[1], 0.0 if np.isnan(z[2]) else z[2], frame)
        ring.place_enu_m[k, 0], ring.place_enu_m[k, 1], ring.place_enu_m[k, 2] = x, y, u
