"""How a confirmed track coasts and ends, and what the table says of it."""

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
from rampart.track.associate import carry_bank
from rampart.track.bank import best_motion, copy_filters
from rampart.track.looks import count_misses
from rampart.track.settings import BURNING, DRIFTING, FALLING

LONGEST_FALL_S = 150.0
"""After this long unseen even a projectile is lost: none that a site is warned of flies longer."""

COMMIT_S = 3.0
"""A track unseen for longer than this is carried on for good, so that coasting costs the same each look."""


@kernel
def close_step(bank, ahead, n, now_s, radars, rules, sky, work, out_reason, out_mean, out_cov, out_kinds):
    """Bring the first `n` rows to the step's time and say what becomes of them.

    `ahead` then holds them at `now_s`; fills `out_reason (n,)` as `judge` and the rest as `summarise` does.
    """
    carry_bank(bank, n, now_s, sky, work, ahead)
    count_misses(bank, n, ahead, radars)
    judge(bank, ahead, n, now_s, radars, rules, sky, out_reason)
    for row in range(n):
        summarise(ahead, row, out_mean[row], out_cov[row], out_kinds[row])
        if now_s - bank.rows[row].time_s > COMMIT_S:
            copy_filters(
                ahead.mean[row], ahead.cov[row], ahead.log_weight[row],
                bank.mean[row], bank.cov[row], bank.log_weight[row],
            )  # fmt: skip
            bank.rows[row].time_s = now_s


@kernel
def judge(bank, ahead, n, now_s, radars, rules, sky, out_reason):
    """Fill `out_reason (n,)` with why each row ends now, or NOT_ENDED; `ahead` holds the rows at `now_s`.

    A projectile ends where its flight meets the ground, unless it is seen at that very moment; it has
    vanished when it went unseen for long where it should have been seen. Anything else is lost.
    """
    coast_s = rules.coast_s
    for radar in range(radars.table.shape[0]):
        coast_s = max(coast_s, 4.0 * radars.table[radar].update_s)
    for row in range(n):
        out_reason[row] = NOT_ENDED
        motion = best_motion(ahead.log_weight[row])
        unseen_s = now_s - bank.rows[row].last_s
        missed_score = 0.0
        for radar in range(bank.sights.shape[1]):
            missed_score += bank.sights[row, radar].missed_score
        vanished = missed_score < rules.vanish_log_odds
        if motion != FALLING and motion != BURNING:
            if vanished or unseen_s > coast_s:
                out_reason[row] = END_LOST
            continue
        mean = ahead.mean[row, motion]
        height_m = height_of_enu(mean[0], mean[1], mean[2], sky.frame)
        below = height_m < ground_height_m(mean[0], mean[1], sky.terrain)
        if below and mean[V_UP] < 0.0 and unseen_s > 0.0:
            out_reason[row] = END_GROUND
        elif vanished:
            out_reason[row] = END_VANISHED
        elif unseen_s > LONGEST_FALL_S:
            out_reason[row] = END_LOST


@kernel
def summarise(bank, row, out_mean, out_cov, out_kinds):
    """Fill one row's mixture: mean `(7,)`, moments about it `(7, 7)`, and `motion_probability (4,)`."""
    weight = bank.log_weight[row]
    best = best_motion(weight)
    for i in range(out_mean.shape[0]):
        out_mean[i] = bank.mean[row, best, i]
        for j in range(out_mean.shape[0]):
            out_cov[i, j] = bank.cov[row, best, i, j]
    total = np.exp(weight[best])
    for column in range(4):
        out_kinds[column] = 0.0
    for motion in range(weight.shape[0]):
        share = np.exp(weight[motion])
        column = AIRCRAFT
        if motion == FALLING:
            column = BALLISTIC
        elif motion == BURNING:
            column = BOOST
        elif motion == DRIFTING:
            column = OTHER
        out_kinds[column] += share
        if motion != best and share > 1e-4:
            total += share
            merge(share / total, bank.mean[row, motion], bank.cov[row, motion], out_mean, out_cov)


@kernel
def summarise_each(bank, rows, out_mean, out_cov, out_kinds):
    """Fill, for each of `rows (k,)`, what `summarise` does."""
    for k in range(rows.shape[0]):
        summarise(bank, rows[k], out_mean[k], out_cov[k], out_kinds[k])
