"""The newest plots of all radars in a ring, so that new tracks can be grown from them and remembered by serial."""

from collections import deque
from typing import NamedTuple

import numpy as np

from rampart.domain.scan import Plots
from rampart.numerics.jit import lean_kernel
from rampart.numerics.records import records
from rampart.physics.radar import RadarFrame, enu_from_rae
from rampart.track.bank import TRAIL, Bank

UNUSED, CLAIMED, TAKEN = range(3)
"""A plot in the ring: free, claimed by a likely tentative track, taken for good by a confirmed one."""

PLOT = np.dtype(
    [
        ("time_s", "f8"),
        ("snr_db", "f8"),
        ("best", "f8"),
        ("radar", "i8"),
        ("look", "i8"),
        ("use", "i8"),
        ("held", "i8"),
        ("shown", "i8"),
    ],
    align=True,
)
"""`look`: number of the look it came in; `use` as above; `best` is scratch: the best odds of the tracks that begin
there; `held`: the id of the open track that has it now, `shown`: of that whose newest plot it was when that was shown;
0 for none."""

FIRST_RING, MOST_RING, RING_S = 2048, 1 << 18, 40.0
"""Plots stay in the ring for so long at least, where its greatest size allows."""


class Ring(NamedTuple):
    """The newest plots; the row is the serial modulo the number of rows.

    `rows (n,)` of PLOT, `z (n, 4)`, `sigma (n, 4)`, `place_enu_m (n, 3)`; without elevation, the place is that on
    the radar's plane.
    """

    rows: np.ndarray
    z: np.ndarray
    sigma: np.ndarray
    place_enu_m: np.ndarray


def empty_ring(count: int) -> Ring:
    """Return a ring without plots."""
    ring = Ring(
        records(count, PLOT),
        np.zeros((count, 4)),
        np.zeros((count, 4)),
        np.zeros((count, 3)),
    )
    ring.rows["time_s"] = -np.inf
    ring.rows["use"] = TAKEN
    return ring


class RecentPlots:
    """The ring, which grows with the plots that come: serials from `oldest` to `next`; `use` is its column."""

    def __init__(self) -> None:
        self.ring = empty_ring(FIRST_RING)
        self.use = self.ring.rows["use"]
        self.oldest = self.next = self.look = 0
        self._blocks: deque[tuple[int, float]] = deque()
        self._first_of: deque[int] = deque([0], maxlen=TRAIL)

    def make_room(self, count: int, now_s: float) -> None:
        """Forget the oldest plots, or take a larger ring while they are young."""
        while self._blocks and self._blocks[0][1] < now_s - RING_S:
            self.oldest = self._blocks.popleft()[0]
        size = len(self.ring.rows)
        needed = self.next + count - self.oldest
        if needed > size and size < MOST_RING:
            larger = empty_ring(min(1 << int(2 * needed).bit_length(), MOST_RING))
            serials = np.arange(self.oldest, self.next)
            for old, new in zip(self.ring, larger, strict=True):
                new[serials % len(new)] = old[serials % size]
            self.ring, self.use, size = larger, larger.rows["use"], len(larger.rows)
        self.oldest = max(self.oldest, self.next + count - size)

    def pass_look(self, count: int, now_s: float) -> None:
        """Count the plots of a look in; what comes next is of another look."""
        self.next += count
        self.look += 1
        self._first_of.append(self.next)
        self._blocks.append((self.next, now_s))

    def first_of(self, look: int) -> int:
        """Return the serial of the first plot of a look, or of the oldest look remembered."""
        return self._first_of[max(look - self.look - 1, -len(self._first_of))]

    def known(self, radar: int, plots: Plots) -> np.ndarray:
        """Return (p,) which of a radar's plots are in the ring already, to the bit: some feeds come twice."""
        slots = np.flatnonzero(self.ring.rows["radar"] == radar)
        old = set(zip(self.ring.rows["time_s"][slots].tolist(), self.ring.z[slots, 0].tolist(), strict=True))
        new = zip(plots.time_s.tolist(), plots.measurement[:, 0].tolist(), strict=True)
        return np.array([plot in old for plot in new], np.bool_)


@lean_kernel
def put_plots(ring, plots, snr_db, look, radar, radars):
    """Write one look's plots into the ring."""
    frame = RadarFrame(radars.origin_enu_m[radar], radars.rotation[radar])
    for j in range(plots.time_s.shape[0]):
        k = (plots.serial + j) % ring.rows.shape[0]
        row, z = ring.rows[k], plots.z[j]
        row.time_s = plots.time_s[j]
        row.snr_db = snr_db[j]
        row.radar = radar
        row.look = look
        row.use = UNUSED
        row.held = row.shown = 0
        for c in range(4):
            ring.z[k, c] = z[c]
            ring.sigma[k, c] = plots.sigma[j, c]
        x, y, u = enu_from_rae(z[0], z[1], 0.0 if np.isnan(z[2]) else z[2], frame)
        ring.place_enu_m[k, 0], ring.place_enu_m[k, 1], ring.place_enu_m[k, 2] = x, y, u


def sorted_trail(young: Bank, row: int, ring: Ring) -> np.ndarray:
    """Return the serials of a tentative track's plots, oldest first."""
    serials = young.trail[row, : young.rows["count"][row]]
    return serials[np.argsort(ring.rows["time_s"][serials % len(ring.rows)], kind="stable")]
