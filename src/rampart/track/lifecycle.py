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
from rampart.numerics.jit import kernel, lean_kernel
from rampart.numerics.kalman import merge
from rampart.physics.geodesy import height_of_enu
from rampart.physics.motion import V_UP
from rampart.physics.terrain import ground_height_m
from rampart.track.bank import NEVER, best_motion, copy_filters, pack_rows
from rampart.track.hypotheses import keep_tracks
from rampart.track.looks import count_misses
from rampart.track.motions import carry_row
from rampart.track.precedents import MOST_POINTS, MOST_PRECEDENTS, POINT_S
from rampart.track.radars import cover_share
from rampart.track.settings import BURNING, DRIFTING, FALLING

LONGEST_FALL_S = 150.0
"""After this long unseen even a projectile is lost: none that a site is warned of flies longer."""

SURELY = -0.3
"""ln of the probability of falling from which a track is a precedent."""

COMMIT_S = 2.0
"""A track unseen for longer than this is carried on for good, so that coasting costs the same each look."""


@lean_kernel
def close_step(bank, n, best, ahead, now_s, radars, rules, sky, work, out):
    """Bring the tracks to the step's time and say what becomes of them.

    Of the first `n` rows of `bank`, `best (t,)` are the likeliest of each track. Fills `out`, the `PartColumns` of t
    tracks. Rows long unseen are carried on for good.
    """
    count_misses(bank, n, bank, radars)
    for row in range(n):
        own = bank.rows[row]
        if now_s - own.time_s > COMMIT_S:
            carry_row(
                bank.mean[row], bank.cov[row], bank.log_weight[row],
                now_s - own.first_s, now_s - own.time_s, True, sky, work,
            )  # fmt: skip
            own.time_s = now_s
    for track in range(best.shape[0]):
        row = best[track]
        own, mean, cov, log_weight = bank.rows[row], bank.mean[row], bank.cov[row], bank.log_weight[row]
        if own.time_s != now_s:
            copy_filters(mean, cov, log_weight, ahead.mean[0], ahead.cov[0], ahead.log_weight[0])
            mean, cov, log_weight = ahead.mean[0], ahead.cov[0], ahead.log_weight[0]
            age_s = now_s - own.first_s
            carry_row(mean, cov, log_weight, age_s, now_s - own.time_s, True, sky, work)
        motion = best_motion(log_weight)
        out.reason[track] = judge(bank, row, mean, motion, now_s, radars, rules, sky)
        out.time_s[track] = now_s
        out.seen[track] = False
        for radar in range(radars.table.shape[0]):
            share = cover_share(mean[motion], cov[motion], 0.0, radar, radars)
            out.seen[track] = out.seen[track] or share > 0.5
        summarise(mean, cov, log_weight, out.mean[track], out.cov[track], out.kinds[track])
        _describe(bank, row, track, out)


@lean_kernel
def leave_precedents(bank, best, updated, sky, work):
    """Write down how projectiles began, where the likeliest row of a track, of `best (t,)`, has so many plots.

    Each is flown backwards from where it is now to its first plot; `updated (t,)` says which just got a plot.
    """
    for track in range(best.shape[0]):
        row = best[track]
        own = bank.rows[row]
        if not updated[track] or not bank.log_weight[row, FALLING] > SURELY:
            continue
        if own.count > 8 and own.count != 12:
            continue
        copy_filters(
            bank.mean[row], bank.cov[row], bank.log_weight[row], work.mean, work.cov, work.log_weight
        )
        work.log_weight[:] = NEVER
        work.log_weight[FALLING] = 0.0
        slot, age_s, points = own.id % MOST_PRECEDENTS, own.time_s - own.first_s, 0
        mean = work.mean[FALLING]
        for point in range(MOST_POINTS):
            for i in range(3):
                sky.precedents.place_m[slot, point, i] = mean[i]
                sky.precedents.velocity_mps[slot, point, i] = mean[i + 3]
            points += 1
            if age_s <= 0.0:
                break
            carry_row(work.mean, work.cov, work.log_weight, 0.0, -POINT_S, False, sky, work)
            age_s -= POINT_S
        sky.precedents.points[slot] = points


@lean_kernel
def _describe(bank, row, place, out):
    """Fill what a row of the bank says of its track's looks, at one place of `PartColumns`."""
    out.first_s[place] = bank.rows[row].first_s
    out.last_s[place] = bank.rows[row].last_s
    out.missed[place] = 0.0
    for radar in range(bank.sights.shape[1]):
        out.missed[place] += bank.sights[row, radar].missed


@lean_kernel
def judge(bank, row, mean, motion, now_s, radars, rules, sky):
    """Return why a track ends now, or NOT_ENDED; `mean (m, 7)` are its motions at `now_s`, `motion` the likeliest.

    A projectile ends where its flight meets the ground, unless it is seen at that very moment; it has
    vanished when it went unseen for long where it should have been seen. Anything else is lost.
    """
    coast_s = rules.coast_s
    for radar in range(radars.table.shape[0]):
        coast_s = max(coast_s, 4.0 * radars.table[radar].update_s)
    unseen_s = now_s - bank.rows[row].last_s
    missed_score = 0.0
    for radar in range(bank.sights.shape[1]):
        missed_score += bank.sights[row, radar].missed_score
    vanished = missed_score < rules.vanish_log_odds
    if motion != FALLING and motion != BURNING:
        return END_LOST if vanished or unseen_s > coast_s else NOT_ENDED
    here = mean[motion]
    height_m = height_of_enu(here[0], here[1], here[2], sky.frame)
    below = height_m < ground_height_m(here[0], here[1], sky.terrain)
    if below and here[V_UP] < 0.0 and unseen_s > 0.0:
        return END_GROUND
    if vanished:
        return END_VANISHED
    return END_LOST if unseen_s > LONGEST_FALL_S else NOT_ENDED


@kernel
def drop_tracks(bank, rows, hypotheses, keep):
    """Drop the tracks where `keep (t,)` is False, with their rows; return (tracks, rows) that stay."""
    tracks = keep_tracks(keep, hypotheses)
    index = np.cumsum(keep) - 1
    stays = np.zeros(rows, np.bool_)
    for row in range(rows):
        stays[row] = keep[bank.rows[row].track]
    new_row = np.cumsum(stays) - 1
    for track in range(tracks):
        for h in range(hypotheses.number[track]):
            hypotheses.row[track, h] = new_row[hypotheses.row[track, h]]
    kept = pack_rows(bank, stays)
    for row in range(kept):
        bank.rows[row].track = index[bank.rows[row].track]
    return tracks, kept


@lean_kernel
def summarise(mean, cov, weight, out_mean, out_cov, out_kinds):
    """Fill the mixture of the motions `mean (m, 7)`, `cov (m, 7, 7)`, ln `weight (m,)`: its mean `(7,)`, moments about
    it `(7, 7)`, and `motion_probability (4,)`."""
    best = best_motion(weight)
    for i in range(out_mean.shape[0]):
        out_mean[i] = mean[best, i]
        for j in range(out_mean.shape[0]):
            out_cov[i, j] = cov[best, i, j]
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
            merge(share / total, mean[motion], cov[motion], out_mean, out_cov)


@lean_kernel
def summarise_each(bank, rows, out):
    """Fill the `PartColumns` of k tentative tracks, `rows (k,)` of the bank, each at its own time."""
    for k in range(rows.shape[0]):
        row = rows[k]
        summarise(bank.mean[row], bank.cov[row], bank.log_weight[row], out.mean[k], out.cov[k], out.kinds[k])
        out.reason[k] = NOT_ENDED
        out.time_s[k] = bank.rows[row].time_s
        out.seen[k] = True
        _describe(bank, row, k, out)
