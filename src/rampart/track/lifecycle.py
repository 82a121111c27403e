"""How a confirmed track ends, and what the table says of it."""

import numpy as np

from rampart.domain.track import (
    AIRCRAFT,
    BALLISTIC,
    BOOST,
    END_GROUND,
    END_LOST,
    END_VANISHED,
    NOT_ENDED,
    OTHER,
)
from rampart.numerics.jit import kernel
from rampart.numerics.kalman import merge
from rampart.physics.geodesy import height_of_enu
from rampart.physics.motion import V_UP
from rampart.physics.terrain import ground_height_m
from rampart.track.looks import best_motion
from rampart.track.settings import BURNING, DRIFTING, FALLING

LONGEST_FALL_S = 150.0
"""After this long unseen even a projectile is lost: none that a site is warned of flies longer."""


@kernel
def judge(bank, ahead, n, now_s, vanish_odds, coast_s, sky, out_reason):
    """Fill `out_reason (n,)` with why each row ends now, or NOT_ENDED; `ahead` holds the rows at `now_s`.

    A projectile ends where its flight meets the ground, unless it is seen at that very moment; it has
    vanished when it went unseen for long where it should have been seen. Anything else is lost.
    """
    for row in range(n):
        out_reason[row] = NOT_ENDED
        weight = ahead.log_weight[row]
        motion = best_motion(weight)
        unseen_s = now_s - bank.last_s[row]
        odds = 0.0
        for radar in range(bank.missed_score.shape[1]):
            odds += bank.missed_score[row, radar]
        if motion == FALLING or motion == BURNING:
            mean = ahead.mean[row, motion]
            height_m = height_of_enu(mean[0], mean[1], mean[2], sky.frame)
            below = height_m < ground_height_m(mean[0], mean[1], sky.terrain)
            if below and mean[V_UP] < 0.0 and unseen_s > 0.0:
                out_reason[row] = END_GROUND
            elif odds < vanish_odds:
                out_reason[row] = END_VANISHED
            elif unseen_s > LONGEST_FALL_S:
                out_reason[row] = END_LOST
        elif odds < vanish_odds or unseen_s > coast_s:
            out_reason[row] = END_LOST


@kernel
def summarise(ahead, rows, out_mean, out_cov, out_probability):
    """Fill, for each of `rows (k,)`, the mixture's mean `(k, 7)`, its `(k, 7, 7)` moments and `(k, 4)` kinds."""
    for k in range(rows.shape[0]):
        row = rows[k]
        weight = ahead.log_weight[row]
        best = best_motion(weight)
        out_mean[k] = ahead.mean[row, best]
        out_cov[k] = ahead.cov[row, best]
        total = np.exp(weight[best])
        out_probability[k] = 0.0
        for motion in range(weight.shape[0]):
            share = np.exp(weight[motion])
            column = AIRCRAFT
            if motion == FALLING:
                column = BALLISTIC
            elif motion == BURNING:
                column = BOOST
            elif motion == DRIFTING:
                column = OTHER
            out_probability[k, column] += share
            if motion != best and share > 1e-4:
                total += share
                merge(share / total, ahead.mean[row, motion], ahead.cov[row, motion], out_mean[k], out_cov[k])
