"""Which tentative tracks are not worth following any further, and which speak for the others."""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.track.bank import TRAIL, odds, pack_rows
from rampart.track.looks import count_misses
from rampart.track.ring import TAKEN

FLOOR_ODDS = -6.0
"""A tentative track whose ln odds fall below this, or below a fresh start's, is dropped."""

MOST_UNSEEN_LOOKS = 6.5
"""A tentative track is dropped when it has gone unseen for so many looks, though none may have been missed: where no
radar looks any more nothing will decide it, and its gate would grow over the whole sky."""

SIBLING_ODDS, COUSIN_ODDS = 8.0, 16.0
"""A tentative track is dropped when one from the same first plot, or of the same family, is likelier by this, in ln
odds; the second, once the likelier one may be shown: what else its plots may be is then for the vote to say."""

VOTED_OUT = -1
"""The `family` of a row that belongs to no set nearly as good as the best; 0: no vote was held on it."""


@lean_kernel
def floor_odds(radars, rules):
    """Return the ln odds below which a tentative track explains less than a fresh start would."""
    update_s, false = 0.0, -np.inf
    for radar in range(radars.table.shape[0]):
        update_s = max(update_s, radars.table[radar].update_s)
        false = max(false, radars.table[radar].log_false)
    return min(FLOOR_ODDS, rules.log_rate_ps + np.log(update_s) - false - 1.0)


@kernel
def thin(young, n, ring, oldest, radars, rules):
    """Count missed looks and drop what is not worth following from the first `n` rows; return how many stay.

    A row is dropped when its ln odds are too low, when one of its family, or from its first plot, is far likelier,
    when it has long gone unseen, when its first plot has left the ring, or when its trail is full.
    """
    if n == 0:
        return 0
    count_misses(young, n, young, radars)
    size, floor, keep = ring.rows.shape[0], floor_odds(radars, rules), np.zeros(n, np.bool_)
    _note_best(young, n, ring, oldest)
    families = 0
    for row in range(n):
        families = max(families, young.rows[row].family)
    best_of_family = np.full(families + 1, -np.inf)
    for row in range(n):
        family = max(young.rows[row].family, 0)
        best_of_family[family] = max(best_of_family[family], odds(young, row))
    for row in range(n):
        own, total = young.rows[row], odds(young, row)
        if own.root < oldest or own.count > TRAIL or not total > floor or _is_stale(young, row, radars):
            continue
        best = best_of_family[own.family] if own.family > 0 else ring.rows[own.root % size].best
        keep[row] = total > best - (SIBLING_ODDS if best < rules.confirm_log_odds else COUSIN_ODDS)
    return pack_rows(young, keep)


@lean_kernel
def _note_best(young, n, ring, oldest):
    """Write to every first plot, in the ring, the best odds of the first `n` rows that begin there."""
    size = ring.rows.shape[0]
    for row in range(n):
        if young.rows[row].root >= oldest:
            ring.rows[young.rows[row].root % size].best = -np.inf
    for row in range(n):
        if young.rows[row].root >= oldest:
            first = ring.rows[young.rows[row].root % size]
            first.best = max(first.best, odds(young, row))


@lean_kernel
def _is_stale(young, row, radars):
    """Return whether a row has gone unseen for too long by the radars that saw it."""
    update_s, now_s = 0.0, -np.inf
    for radar in range(radars.table.shape[0]):
        if young.sights[row, radar].hits > 0.0:
            update_s = max(update_s, radars.table[radar].update_s)
            now_s = max(now_s, radars.table[radar].now_s)
    return now_s - young.rows[row].last_s > MOST_UNSEEN_LOOKS * update_s


@kernel
def drop_weak(young, n, ring, oldest):
    """Drop what was voted out, and what no vote was held on but is far behind; return how many stay."""
    keep, size = np.ones(n, np.bool_), ring.rows.shape[0]
    _note_best(young, n, ring, oldest)
    for row in range(n):
        own = young.rows[row]
        if own.family == VOTED_OUT:
            keep[row] = False
        elif own.root >= oldest and own.family == 0 and not own.shown:
            keep[row] = odds(young, row) > ring.rows[own.root % size].best - SIBLING_ODDS
    return pack_rows(young, keep)


@kernel
def drop_taken(young, n, ring):
    """Drop every row that holds a plot that was taken for good; return how many stay."""
    keep = np.zeros(n, np.bool_)
    for row in range(n):
        keep[row] = not uses_taken(young, row, ring)
    return pack_rows(young, keep)


@lean_kernel
def uses_taken(young, row, ring):
    """Return whether a row holds a plot that was taken for good."""
    for t in range(min(young.rows[row].count, TRAIL)):
        if ring.rows[young.trail[row, t] % ring.rows.shape[0]].use == TAKEN:
            return True
    return False


@kernel
def keep_likeliest(young, n, most):
    """Drop all but `most` rows: those that are shown, and of the others the likeliest; return how many stay."""
    behind, keep = np.empty(n), np.zeros(n, np.bool_)
    for row in range(n):
        behind[row] = -np.inf if young.rows[row].shown else -odds(young, row)
    for row in np.argsort(behind, kind="mergesort")[:most]:
        keep[row] = True
    return pack_rows(young, keep)


@kernel
def foremost(young, n, ring):
    """Return the likeliest row from each first plot that is rather real than not and holds no plot of a track that is
    shown, in order of first plots."""
    size = ring.rows.shape[0]
    rows, count = np.empty(n, np.int64), 0
    for row in range(n):
        if odds(young, row) > 0.0 and not _is_held(young, row, ring):
            rows[count] = row
            count += 1
    rows = rows[:count]
    for row in rows:
        ring.rows[young.rows[row].root % size].best = -np.inf
    for row in rows:
        first = ring.rows[young.rows[row].root % size]
        first.best = max(first.best, odds(young, row))
    root, kept = np.empty(count, np.int64), 0
    for row in rows:
        first = ring.rows[young.rows[row].root % size]
        if odds(young, row) == first.best:
            first.best = np.inf  # the first of equals speaks for all
            rows[kept], root[kept] = row, young.rows[row].root
            kept += 1
    return rows[:kept][np.argsort(root[:kept])]


@lean_kernel
def _is_held(young, row, ring):
    for t in range(min(young.rows[row].count, TRAIL)):
        plot = ring.rows[young.trail[row, t] % ring.rows.shape[0]]
        if plot.held != 0 or plot.use == TAKEN:
            return True
    return False
