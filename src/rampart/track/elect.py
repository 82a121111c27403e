"""The vote: which tentative tracks, together, are confirmed, and what else they might have been.

Branches that share plots cannot all be true. Where objects start close together, the branch with the best odds may be
a mixture of two: so whole sets of branches that share no plot are weighed, by the sum of their ln odds, and the sets
nearly as likely as the best live on as hypotheses of the new tracks.
"""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.track.bank import TRAIL, odds, pack_rows
from rampart.track.heaviest import heaviest_sets
from rampart.track.ring import TAKEN

MOST_RIVALS, MOST_OF_ROOT = 60, 6
"""Branches weighed together, the likeliest of those that share plots with one another; so many from one first plot, for
of these one alone can be true, and the neighbours' branches say which."""

LEAD, MOST_WAIT_S = 2.0, 0.75
"""Where another set is less than this behind the best, in ln odds, the choice waits for the next look, if that comes so
soon: a mixture of two stays one when it is confirmed, and later still would be too late."""


@kernel
def elect(young, n, ring, rules, out_row, out_log_weight):
    """Fill the hypotheses of the next tentative tracks to be confirmed; return (hypotheses, tracks), or (0, 0).

    `out_row (h, t)`: rows of `young`, the likeliest hypothesis first; `out_log_weight (h,)`. The plots of the first are
    taken. Rows are left where they are; `drop_taken` removes them and all that shared a plot.
    """
    total, fit, waits = np.empty(n), np.empty(n, np.bool_), np.zeros(n, np.bool_)
    for row in range(n):
        total[row] = odds(young, row)
        fit[row] = total[row] > 0.0 and not uses_taken(young, row, ring)
    chosen, weight = np.zeros(out_row.shape[0], np.int64), np.empty(out_row.shape[0])
    while True:
        best = _surest(young, n, total, fit, waits, rules)
        if best < 0:
            return 0, 0
        rivals = _rivals(young, n, total, fit, best)
        gain = total[rivals]
        count = heaviest_sets(gain, clashes(young, rivals), chosen, weight)
        if not _is_open(young, rivals, gain, chosen[:count], weight, ring, rules):
            break
        for row in rivals:
            waits[row] = True
    tracks = 0
    for i in range(rivals.shape[0]):
        row = rivals[i]
        sure = _is_sure(young, row, gain[i], rules)
        if chosen[0] & (1 << i) and sure and tracks < out_row.shape[1]:
            out_row[0, tracks] = row
            tracks += 1
    if (
        tracks == 0
    ):  # two unsure ones outweigh the sure one: it is confirmed all the same, later would be too late
        out_row[0, 0], tracks, count = best, 1, 1
    out_log_weight[0] = 0.0
    hypotheses = 1
    for k in range(1, count):
        if _recast(young, rivals, chosen[k], out_row[0, :tracks], rules.confirm_plots, out_row[hypotheses]):
            out_log_weight[hypotheses] = weight[k] - weight[0]
            hypotheses += 1
    for i in range(tracks):
        row = out_row[0, i]
        for t in range(young.rows[row].count):
            ring.rows[young.trail[row, t] % ring.rows.shape[0]].use = TAKEN
    return hypotheses, tracks


@kernel
def _surest(young, n, total, fit, waits, rules):
    """Return the row with the best odds of those that may be confirmed, or -1."""
    best = -1
    for row in range(n):
        may = fit[row] and not waits[row] and _is_sure(young, row, total[row], rules)
        if may and (best < 0 or total[row] > total[best]):
            best = row
    return best


@kernel
def _is_sure(young, row, total, rules):
    return young.rows[row].count >= rules.confirm_plots and total >= rules.confirm_log_odds


@kernel
def _is_open(young, rivals, gain, chosen, weight, ring, rules):
    """Return whether another set, without a sure row of the first, is about as likely, and the time allows to wait."""
    newest_s, eldest_s = -np.inf, np.inf
    for i in range(rivals.shape[0]):
        row = young.rows[rivals[i]]
        newest_s = max(newest_s, row.last_s)
        if chosen[0] & (1 << i) and _is_sure(young, rivals[i], gain[i], rules):
            eldest_s = min(eldest_s, _third_s(young, rivals[i], ring, rules))
    if newest_s - eldest_s > MOST_WAIT_S:
        return False
    for h in range(1, chosen.shape[0]):
        if weight[h] < weight[0] - LEAD:
            break
        for i in range(rivals.shape[0]):
            if (
                chosen[0] & (1 << i)
                and not chosen[h] & (1 << i)
                and _is_sure(young, rivals[i], gain[i], rules)
            ):
                return True
    return False


@kernel
def _third_s(young, row, ring, rules):
    """Return the time of the plot with which a row could have been confirmed."""
    return ring.rows[young.trail[row, rules.confirm_plots - 1] % ring.rows.shape[0]].time_s


@kernel
def _rivals(young, n, total, fit, best):
    """Return the rows that share plots with `best`, directly or over others: those of the best odds, `best` first."""
    rivals = np.empty(MOST_RIVALS, np.int64)
    is_in, near = np.zeros(n, np.bool_), np.empty(n)
    rivals[0], count = best, 1
    is_in[best] = True
    done = 0
    while done < count and count < MOST_RIVALS:
        for row in range(n):
            shares = fit[row] and not is_in[row] and count_shared(young, rivals[done], row) > 0
            near[row] = total[row] if shares else -np.inf
        while count < MOST_RIVALS:
            next_row = np.argmax(near)
            if near[next_row] == -np.inf:
                break
            near[next_row] = -np.inf
            is_in[next_row] = True
            siblings = 0
            for i in range(count):
                siblings += young.rows[rivals[i]].root == young.rows[next_row].root
            if siblings < MOST_OF_ROOT:
                rivals[count] = next_row
                count += 1
        done += 1
    return rivals[:count].copy()


@kernel
def clashes(young, rows):
    """Return (k,) int64: for each of the rows, the bits of those that share a plot with it."""
    k = rows.shape[0]
    clash = np.zeros(k, np.int64)
    for i in range(k):
        for j in range(k):
            if i != j and count_shared(young, rows[i], rows[j]):
                clash[i] |= 1 << j
    return clash


@kernel
def _recast(young, rivals, chosen, first, confirm_plots, out_row):
    """Fill `out_row (t,)` with what the tracks `first (t,)` would be in the set `chosen`; return whether all are in it.

    A track would be what shares the most plots with it.
    """
    used = np.zeros(rivals.shape[0], np.bool_)
    for i in range(first.shape[0]):
        best, most = -1, 0
        for k in range(rivals.shape[0]):
            if chosen & (1 << k) and not used[k] and young.rows[rivals[k]].count >= confirm_plots:
                shared = count_shared(young, first[i], rivals[k])
                if shared > most:
                    best, most = k, shared
        if best < 0:
            return False
        used[best] = True
        out_row[i] = rivals[best]
    return True


@kernel
def count_shared(young, row, other):
    """Return how many plots two rows share."""
    shared = 0
    for t in range(min(young.rows[row].count, TRAIL)):
        for u in range(min(young.rows[other].count, TRAIL)):
            if young.trail[row, t] == young.trail[other, u]:
                shared += 1
    return shared


@kernel
def drop_taken(young, n, ring):
    """Drop every row that holds a plot of a confirmed track; return how many stay."""
    keep = np.zeros(n, np.bool_)
    for row in range(n):
        keep[row] = not uses_taken(young, row, ring)
    return pack_rows(young, keep)


@kernel
def uses_taken(young, row, ring):
    """Return whether a row holds a plot of a confirmed track."""
    for t in range(min(young.rows[row].count, TRAIL)):
        if ring.rows[young.trail[row, t] % ring.rows.shape[0]].use == TAKEN:
            return True
    return False
