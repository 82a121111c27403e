"""Which track is which: hypotheses of a cluster may agree on what flies and differ only in the names they give it.

Where two objects could not be told apart at first, one hypothesis has them as A and B, another as B and A. What people
were shown as A goes on as A: every hypothesis hands its rows to the tracks that took the same plots in the newest
looks of the likeliest one. Hypotheses that differed in names alone are then twins.
"""

import numpy as np

from rampart.numerics.assignment import assign
from rampart.numerics.jit import kernel
from rampart.track.bank import NOTHING, TRAIL

FADE = 0.8
"""What a plot in common counts against one a look newer."""
OWN = 1e-3
"""A track keeps its row where nothing speaks for another."""


@kernel
def keep_names(row, plot, count, said, bank, look):
    """Hand the rows of each hypothesis to the tracks that `said (t,)`, the rows of the likeliest so far, has them be.

    In place: `row (h, t)` of the bank before a look, `plot (h, t)` taken in it; the first `count` hypotheses.
    """
    tracks = said.shape[0]
    common, alone = np.empty((tracks, tracks)), np.full(tracks, 1e3)
    column, row_before, plot_before = (
        np.empty(tracks, np.int64),
        np.empty(tracks, np.int64),
        np.empty(tracks, np.int64),
    )
    for h in range(count):
        if _is_named(row[h], said, bank, look):
            continue
        for i in range(tracks):
            for j in range(tracks):
                common[i, j] = -in_common(said[i], row[h, j], bank, look) - (OWN if i == j else 0.0)
        assign(common, alone, column)
        row_before[:], plot_before[:] = row[h], plot[h]
        for i in range(tracks):
            row[h, i], plot[h, i] = row_before[column[i]], plot_before[column[i]]


@kernel
def _is_named(row, said, bank, look):
    """Return whether every track took the same plot in the last look as `said` has it, which leaves nothing to name."""
    slot = (look - 1) % TRAIL
    for i in range(row.shape[0]):
        newest = bank.trail[said[i], slot]
        if row[i] != said[i] and (newest == NOTHING or bank.trail[row[i], slot] != newest):
            return False
    return True


@kernel
def in_common(row, other, bank, look):
    """Return how many plots two rows have in common, the newer the more they count."""
    total, share = 0.0, 1.0
    for back in range(1, TRAIL):
        slot = (look - back) % TRAIL
        taken = bank.trail[row, slot]
        if taken != NOTHING and taken == bank.trail[other, slot]:
            total += share
        share *= FADE
    return total
