"""How false plots crowd within the cells of a radar's cover: learnt from the newest plots that no track has claimed."""

import numpy as np

from rampart.domain.clutter import CELLS, MOST_NODES, SIDES, place_in_cell
from rampart.domain.site import Radar
from rampart.numerics.jit import kernel

KEPT = 8192
"""The newest plots of a radar, claimed or not, that are kept."""
FORGOTTEN_S = 300.0
EVERY_S = 1.0
"""The boxes are made anew so often."""
LEAST_PLOTS = 16
BINS = 8
LEAST_GAIN = 12.0
"""A box is halved where counting its plots in eighths of one side gains so much in ln likelihood over even ones: of
seven degrees of freedom chance alone gains that once in a thousand boxes."""
BELIEF_PLOTS = 1.0
"""So many plots' worth of belief, for each half, that they share evenly."""
DEEPEST = 32
LONGEST_ORDER_S = 10.0
"""Plots come in order of time but for so much."""


class NewestPlots:
    """The newest plots of one radar: `time_s (n,)`, `z (n, 4)`, `claimed (n,)`, a ring of which `count` came so far."""

    def __init__(self, radar: Radar, patience_s: float):
        self._cover = (
            radar.min_range_m,
            radar.max_range_m,
            radar.min_elevation_rad,
            radar.max_elevation_rad,
        )
        self._patience_s = patience_s
        self.time_s, self.z = np.full(KEPT, -np.inf), np.zeros((KEPT, 4))
        self.claimed = np.zeros(KEPT, np.bool_)
        self.count, self._made_s, self.halved = 0, -np.inf, False
        self.child, self.side = np.zeros(MOST_NODES, np.int64), np.zeros(MOST_NODES, np.int64)
        self.log_share = np.zeros(MOST_NODES)

    def add(self, time_s: np.ndarray, z: np.ndarray) -> None:
        """Take in the plots of a scan, `time_s (n,)`, `z (n, 4)`."""
        keep_each(time_s, z, self.count, self.time_s, self.z, self.claimed)
        self.count += len(time_s)

    def claim(self, time_s: np.ndarray, z: np.ndarray) -> None:
        """Mark plots as some track's, which were added before."""
        claim_each(time_s, z, self.time_s, self.z, self.count, self.claimed)

    def is_due(self, now_s: float) -> bool:
        """Return whether it is time to make the boxes anew."""
        return now_s >= self._made_s + EVERY_S

    def renew(self, now_s: float, dense: np.ndarray) -> bool:
        """Make the boxes anew; return whether they may be others than before.

        A plot counts when it has waited for long enough, or at once in a cell that is `dense (CELLS,)`: more than any
        salvo wait there.
        """
        self._made_s, before = now_s, self.halved
        n = min(self.count, KEPT)
        self.halved = halve_each(
            self.time_s[:n], self.z[:n], self.claimed[:n], now_s - FORGOTTEN_S, now_s - self._patience_s, dense,
            self._cover, self.child, self.side, self.log_share,
        )  # fmt: skip
        return self.halved or before


@kernel
def keep_each(time_s, z, count, out_time_s, out_z, out_claimed):
    """Put plots, `time_s (n,)`, `z (n, 4)`, into the ring behind the `count` that came before."""
    kept = out_time_s.shape[0]
    for row in range(max(time_s.shape[0] - kept, 0), time_s.shape[0]):
        k = (count + row) % kept
        out_time_s[k], out_claimed[k] = time_s[row], False
        for c in range(z.shape[1]):
            out_z[k, c] = z[row, c]


@kernel
def claim_each(time_s, z, kept_time_s, kept_z, count, out_claimed):
    """Mark the kept plots that equal one of `time_s (n,)`, `z (n, 4)`; most claims are of the newest."""
    kept = kept_time_s.shape[0]
    for row in range(time_s.shape[0]):
        for back in range(1, min(count, kept) + 1):
            k = (count - back) % kept
            if kept_time_s[k] < time_s[row] - LONGEST_ORDER_S:
                break
            if kept_time_s[k] == time_s[row] and kept_z[k, 0] == z[row, 0] and kept_z[k, 1] == z[row, 1]:
                out_claimed[k] = True
                break


@kernel
def halve_each(time_s, z, claimed, oldest_s, ripe_s, dense, cover, out_child, out_side, out_log_share):
    """Fill the tree of boxes of `domain.clutter.Crowds` from the plots that count; return whether one is halved."""
    n = 0
    of_cell, u = np.empty(time_s.shape[0], np.int64), np.empty((time_s.shape[0], SIDES))
    for row in range(time_s.shape[0]):
        if claimed[row] or not time_s[row] > oldest_s:
            continue
        of_cell[n] = place_in_cell(z[row], cover[0], cover[1], cover[2], cover[3], u[n])
        if time_s[row] <= ripe_s or dense[of_cell[n]]:
            n += 1
    most, in_cell = 0, np.zeros(CELLS, np.int64)
    for i in range(n):
        in_cell[of_cell[i]] += 1
        most = max(most, in_cell[of_cell[i]])
    out_child[:], out_side[:], out_log_share[:] = 0, 0, 0.0
    if most < LEAST_PLOTS:
        return False
    order = np.argsort(of_cell[:n], kind="mergesort")
    begin, end, depth = (
        np.zeros(MOST_NODES, np.int64),
        np.zeros(MOST_NODES, np.int64),
        np.zeros(MOST_NODES, np.int64),
    )
    for i in range(n):
        cell = of_cell[order[i]]
        if end[cell] == 0:
            begin[cell] = i
        end[cell] = i + 1
    nodes, node = CELLS, 0
    while node < nodes:
        if nodes + 2 > MOST_NODES:
            break
        side = -1
        if end[node] - begin[node] >= LEAST_PLOTS and depth[node] < DEEPEST:
            side = _crowded_side(order[begin[node] : end[node]], u)
        if side >= 0:
            middle = _part(order, begin[node], end[node], u, side)
            first, second = middle - begin[node], end[node] - middle
            total = first + second + 2.0 * BELIEF_PLOTS
            out_child[node], out_side[node] = nodes, side
            out_log_share[nodes] = np.log(2.0 * (first + BELIEF_PLOTS) / total)
            out_log_share[nodes + 1] = np.log(2.0 * (second + BELIEF_PLOTS) / total)
            begin[nodes], end[nodes] = begin[node], middle
            begin[nodes + 1], end[nodes + 1] = middle, end[node]
            depth[nodes] = depth[nodes + 1] = depth[node] + 1
            nodes += 2
        node += 1
    return nodes > CELLS


@kernel
def _crowded_side(rows, u):
    """Return the side of a box along which its plots `rows (n,)` are least even; -1 where all may be."""
    best, chosen = LEAST_GAIN, -1
    count = np.empty(BINS)
    for side in range(SIDES):
        count[:] = 0.0
        total = 0.0
        for row in rows:
            if not np.isnan(u[row, side]):
                count[int(u[row, side] * BINS)] += 1.0
                total += 1.0
        gain = 0.0
        for k in range(BINS):
            if count[k] > 0.0:
                gain += count[k] * np.log(count[k] * BINS / total)
        if gain > best:
            best, chosen = gain, side
    return chosen


@kernel
def _part(order, begin, end, u, side):
    """Sort the plots of a box into its halves, in place; return where the second begins. Their places double."""
    low, high = begin, end - 1
    while low <= high:
        row = order[low]
        if u[row, side] < 0.5 or np.isnan(u[row, side]):
            low += 1
        else:
            order[low], order[high] = order[high], row
            high -= 1
    for i in range(begin, end):
        row = order[i]
        u[row, side] = 2.0 * u[row, side] - (1.0 if i >= low else 0.0)
    return low
