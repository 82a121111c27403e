"""Open tracks: shown as confirmed, but told anew by every vote until nothing else is likely to have their plots.

Rockets of one salvo begin side by side, and which plots are whose shows some looks after all of them are known to be
there. So a track that the vote has shown keeps its id, and nothing else: as long as it is open, every look it is what
the row of the new best set is that took over from it.
"""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.track.bank import NOTHING, TRAIL, copy_row
from rampart.track.elect import SETTLED, UNSURE
from rampart.track.ring import TAKEN

MATURE_PLOTS, MATURE_LOOKS = 8, 10
"""With so many plots, or so many looks after its first, a track is open no longer."""

SHOWN_WEIGHT = 10
"""What a plot that was the newest of a track when it was shown says for the name, beside one that it only held."""


@kernel
def name_rows(young, rows, state, ring, open_ids, out_id):
    """Fill `out_id (k,)`: the id of the open track that each of `rows (k,)` of the best set goes on as, 0 if of none.

    `open_ids (t,)` rising. A row takes over from the track with which it shares most; a name that people follow on a
    screen stays with the plots that it was shown with.
    """
    k, size, most = rows.shape[0], ring.rows.shape[0], open_ids.shape[0]
    row_of, name_of = np.empty(2 * TRAIL * k, np.int64), np.empty(2 * TRAIL * k, np.int64)
    weight, count = np.empty(2 * TRAIL * k), 0
    for i in range(k):
        out_id[i] = 0
        first = count
        for t in range(min(young.rows[rows[i]].count, TRAIL)):
            plot = ring.rows[young.trail[rows[i], t] % size]
            for told in range(2):
                name = plot.shown if told else plot.held
                place = np.searchsorted(open_ids, name)
                if place == most or open_ids[place] != name:
                    continue
                p = first
                while p < count and name_of[p] != place:
                    p += 1
                if p == count:
                    row_of[p], name_of[p] = i, place
                    weight[p] = 0.5 if state[i] != UNSURE else 0.0
                    count += 1
                weight[p] += SHOWN_WEIGHT if told else 1
    taken = np.zeros(most, np.bool_)
    for p in np.argsort(-weight[:count], kind="mergesort"):
        if out_id[row_of[p]] == 0 and not taken[name_of[p]]:
            out_id[row_of[p]] = open_ids[name_of[p]]
            taken[name_of[p]] = True


@kernel
def tell_rows(
    young, n, rows, state, ids, tracks, places, ring, look, bank, out_serial, out_updated, out_open
):
    """Copy `rows (k,)` of the first `n` of `young` to the `places (k,)` of `bank`: they are what open tracks now are.

    `ids`, `tracks (k,)`: of the tracks. Fills `out_serial (k, TRAIL)` with their plots, oldest first, NOTHING after
    the last, `out_updated (k,)` with whether one is of the newest `look`, and `out_open (k,)` with whether they stay
    open; the plots of those that do not are taken.
    """
    size = ring.rows.shape[0]
    for row in range(n):
        young.rows[row].shown = False
    for i in range(rows.shape[0]):
        own, new = young.rows[rows[i]], places[i]
        copy_row(young, rows[i], bank, new)
        own.shown = True
        bank.rows[new].id, bank.rows[new].track = ids[i], tracks[i]
        bank.trail[new] = NOTHING
        out_serial[i] = NOTHING
        eldest, newest = look, 0
        for t in range(own.count):
            serial = young.trail[rows[i], t]
            plot = ring.rows[serial % size]
            place = t  # plots may have come late
            while place > 0 and ring.rows[out_serial[i, place - 1] % size].time_s > plot.time_s:
                out_serial[i, place] = out_serial[i, place - 1]
                place -= 1
            out_serial[i, place] = serial
            eldest, newest = min(eldest, plot.look), max(newest, plot.look)
            if plot.look > look + 1 - TRAIL:
                bank.trail[new, plot.look % TRAIL] = serial
            plot.held = ids[i]
            if plot.look == look:
                plot.shown = ids[i]
        out_updated[i] = newest == look
        out_open[i] = state[i] != SETTLED and own.count < MATURE_PLOTS and look - eldest < MATURE_LOOKS
        bank.rows[new].open = out_open[i]
        if not out_open[i]:
            _take(out_serial[i], ring)


@lean_kernel
def _take(serials, ring):
    for serial in serials:
        if serial != NOTHING:
            ring.rows[serial % ring.rows.shape[0]].use = TAKEN
