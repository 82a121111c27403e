"""Tentative tracks made by hand, for tests of the vote and of what follows from it."""

import numpy as np

from rampart.track.bank import empty_bank
from rampart.track.ring import empty_ring


def mixed_births(*trails_and_odds, motions=1):
    """Return a bank and a ring with one tentative track for each (plots, ln odds).

    Plots come three to a look, by serial, a look each half a second.
    """
    bank, ring = empty_bank(len(trails_and_odds), motions, 1), empty_ring(64)
    ring.rows["use"] = 0
    ring.rows["look"] = np.arange(64) // 3
    ring.rows["time_s"] = 0.5 * ring.rows["look"]
    bank.log_weight[:] = -np.log(motions)
    bank.cov[:] = np.eye(7)
    for row, (plots, odds) in enumerate(trails_and_odds):
        bank.trail[row, : len(plots)] = plots
        bank.rows["count"][row], bank.rows["score"][row] = len(plots), odds
        bank.rows["root"][row] = plots[0]
        bank.rows["first_s"][row], bank.rows["last_s"][row] = 0.5 * (plots[0] // 3), 0.5 * (plots[-1] // 3)
    return bank, ring
