"""Splinters: new tracks that break off where an aircraft has just been lost, and are doubted as projectiles.

What leaps in its plots is lost and found again as a new track, whose few plots may fit anything. No weighing
of motions knows that something of long standing flew there a moment ago.
"""

import numpy as np

from rampart.domain.track import END_LOST
from rampart.track.bank import Bank
from rampart.track.motions import settle_weights
from rampart.track.settings import FALLING

FLYING = slice(0, 2)
"""The motions of projectiles among the columns of weights."""

DOUBT_ODDS = 5.0
"""What a splinter takes off the ln odds of being a projectile: two or three plots of a true one restore it."""

LATE_S, NEAR_M, NEAR_MPS, STANDING_PLOTS = 10.0, 500.0, 300.0, 10
"""A splinter begins so soon after the last plot of a track of so many, and so near to it, for each second."""


class LostAircraft:
    """Remembers where aircraft were lost."""

    def __init__(self) -> None:
        self._lost: list[tuple[np.ndarray, float]] = []

    def remember(self, bank: Bank, rows: np.ndarray, reason: np.ndarray, now_s: float) -> None:
        """Take in the tracks `rows (n,)` that end now, `reason (n,)`, and forget what was lost long ago."""
        self._lost = [(place_m, last_s) for place_m, last_s in self._lost if last_s > now_s - 2.0 * LATE_S]
        standing = bank.rows["count"][rows] >= STANDING_PLOTS
        for row in rows[(reason == END_LOST) & standing].tolist():
            self._lost.append((_place_m(bank, row), float(bank.rows["last_s"][row])))

    def breaks_off(self, bank: Bank, others: np.ndarray, row: int) -> bool:
        """Return whether an aircraft among the rows `others (n,)`, or one that ended, was last seen near where the new
        track of a row begins."""
        first_s = float(bank.rows["first_s"][row])
        old = bank.rows[others]
        flying = np.exp(bank.log_weight[others, FLYING]).sum(axis=1)
        gone = (flying < 0.1) & (old["count"] >= STANDING_PLOTS) & (old["last_s"] <= first_s)
        lost = self._lost + [
            (_place_m(bank, i), float(bank.rows["last_s"][i])) for i in others[gone].tolist()
        ]
        back_s = float(bank.rows["time_s"][row]) - first_s
        start_m = bank.mean[row, FALLING, :3] - back_s * bank.mean[row, FALLING, 3:6]
        for place_m, last_s in lost:
            wait_s = first_s - last_s
            near = np.linalg.norm(start_m - place_m) < NEAR_M + NEAR_MPS * wait_s
            if near and 0.0 <= wait_s < LATE_S:
                return True
        return False


def lower_odds(bank: Bank, row: int) -> None:
    """Lower the odds that a row is a projectile's."""
    bank.log_weight[row, FLYING] -= DOUBT_ODDS
    settle_weights(bank.log_weight[row])


def _place_m(bank: Bank, row: int) -> np.ndarray:
    """Return (3,) where a row's likeliest motion has it."""
    return bank.mean[row, int(np.argmax(bank.log_weight[row])), :3].copy()
