"""The vote: which tentative tracks, together, are most likely all there is, and what else they may be.

Branches that share plots cannot all be true. Where objects start close together, the branch with the best odds may be
a mixture of two: so whole sets of branches that share no plot are weighed, by the sum of their ln odds. The best set
is shown; the branches that belong to sets nearly as good are vital, and live on until later plots decide.
"""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.track.bank import TRAIL, odds
from rampart.track.best_set import Clashes, best_set
from rampart.track.pruning import VOTED_OUT, uses_taken
from rampart.track.ring import CLAIMED

VITAL_ODDS = 14.0
"""A branch is vital if the best set with it is worse than the best of all by less than this, in ln odds..."""

LEAST_VITAL, VITAL_PER_TRACK = 50, 4
"""...and if not so many are nearer, with so many more for each track shown."""

STAY_ODDS = 1.0
"""What was shown a look ago stays shown against what is likelier by less."""

CLAIM_PLOTS = 4
"""A branch of the best set with so many plots claims them: they start no further pairs."""

LEAD_ODDS, MOST_WAIT_S = 5.0, 1.25
"""A new track that is not in another set, less than this behind the best, is shown a look later, if that comes so
soon."""

UNSURE, SURE, SETTLED = range(3)
"""A branch of the best set: not to be shown as a new track yet; to be shown; with plots that nothing else may want."""


@kernel
def elect(young, n, ring, rules, out_row, out_state):
    """Fill `out_row`, `out_state (k,)` with the best set of the first `n` rows of `young`; return how many.

    Sets `family` of every row: a number of its own if it is vital, VOTED_OUT, or 0 where no vote was held on it.
    Without any row that may be shown the answer is 0.
    """
    rows, gain = _candidates(young, n, ring)
    k, any_sure = rows.shape[0], False
    for i in range(k):
        any_sure = any_sure or _is_sure(young, rows[i], gain[i], rules)
    if not any_sure:
        return 0
    clash = _clashes_of(young, rows)
    chosen, shortfall = best_set(gain, clash)
    _found_families(young, rows, chosen, shortfall)
    waits, settled = _open_questions(young, rows, chosen, shortfall, clash, ring, rules)
    count = 0
    for i in range(k):
        row = rows[i]
        if not chosen[i] or count == out_row.shape[0]:
            continue
        out_row[count], out_state[count] = row, UNSURE
        if _is_sure(young, row, gain[i], rules) and (young.rows[row].shown or not waits[i]):
            out_state[count] = SETTLED if settled[i] else SURE
        count += 1
        if young.rows[row].count >= CLAIM_PLOTS:
            _claim(young, row, ring)
    return count


@kernel
def _candidates(young, n, ring):
    """Return the rows that are likelier real than not, and what each is worth to a set, the best first."""
    rows, gain, k = np.empty(n, np.int64), np.empty(n), 0
    for row in range(n):
        own, total = young.rows[row], odds(young, row)
        own.family = 0
        if total > 0.0 and not uses_taken(young, row, ring):
            rows[k], gain[k] = row, total + (STAY_ODDS if own.shown else 0.0)
            k += 1
    order = np.argsort(-gain[:k], kind="mergesort")
    return rows[:k][order], gain[:k][order]


@lean_kernel
def _is_sure(young, row, gain, rules):
    own = young.rows[row]
    return own.count >= rules.confirm_plots and (gain >= rules.confirm_log_odds or own.shown)


@kernel
def _clashes_of(young, rows):
    """Return which of `rows (k,)` share a plot."""
    k = rows.shape[0]
    begin = np.zeros(k + 1, np.int64)
    for i in range(k):
        begin[i + 1] = begin[i] + min(young.rows[rows[i]].count, TRAIL)
    serial, owner = np.empty(begin[k], np.int64), np.empty(begin[k], np.int64)
    for i in range(k):
        for t in range(begin[i + 1] - begin[i]):
            serial[begin[i] + t], owner[begin[i] + t] = young.trail[rows[i], t], i
    order = np.argsort(serial, kind="mergesort")
    share = np.empty(begin[k], np.int64)
    shares = np.zeros(begin[k] + 1, np.int64)
    groups = 0
    for p in range(begin[k]):
        if p and serial[order[p]] != serial[order[p - 1]]:
            groups += 1
        share[order[p]] = groups
        shares[groups + 1] = p + 1
    seen, first = np.full(k, -1), np.zeros(k + 1, np.int64)
    for counted in range(2):
        other = np.empty(first[k], np.int64) if counted else np.empty(0, np.int64)
        fill = first.copy()
        for i in range(k):  # in rising order, so every list of others rises
            seen[i] = i + counted * k
            for p in range(begin[i], begin[i + 1]):
                for q in range(shares[share[p]], shares[share[p] + 1]):
                    j = owner[order[q]]
                    if seen[j] == i + counted * k:
                        continue
                    seen[j] = i + counted * k
                    if counted:
                        other[fill[j]] = i
                        fill[j] += 1
                    else:
                        first[j + 1] += 1
        if not counted:
            first = np.cumsum(first)
    return Clashes(first, other)


@kernel
def _found_families(young, rows, chosen, shortfall):
    """Make every vital row the first of a family, and vote the others out."""
    most = LEAST_VITAL + VITAL_PER_TRACK * np.sum(chosen)
    families = 0
    for i in np.argsort(shortfall, kind="mergesort"):
        own = young.rows[rows[i]]
        own.family = VOTED_OUT
        if shortfall[i] < VITAL_ODDS and families < most:
            families += 1
            own.family = families


@kernel
def _open_questions(young, rows, chosen, shortfall, clash, ring, rules):
    """Return (waits (k,), settled (k,)): which of the chosen had better wait a look, and which nothing else questions.

    What questions a row is a vital one that shares a plot with it and has others too: a row without its newest plot
    only, as missed, takes nothing from it.
    """
    k, newest_s = rows.shape[0], -np.inf
    for row in rows:
        newest_s = max(newest_s, young.rows[row].last_s)
    waits, settled = np.zeros(k, np.bool_), np.ones(k, np.bool_)
    for j in range(k):
        if chosen[j] or shortfall[j] >= VITAL_ODDS:
            continue
        for q in range(clash.first[j], clash.first[j + 1]):
            i = clash.other[q]
            if not chosen[i]:
                continue
            settled[i] = settled[i] and _is_within(young, rows[j], rows[i])
            if shortfall[j] < LEAD_ODDS and young.rows[rows[i]].count >= rules.confirm_plots:
                third = young.trail[rows[i], rules.confirm_plots - 1] % ring.rows.shape[0]
                waits[i] = waits[i] or newest_s - ring.rows[third].time_s <= MOST_WAIT_S
    return waits, settled


@lean_kernel
def _is_within(young, row, other):
    """Return whether a row has no plot that another has not."""
    for t in range(min(young.rows[row].count, TRAIL)):
        found = False
        for u in range(min(young.rows[other].count, TRAIL)):
            found = found or young.trail[other, u] == young.trail[row, t]
        if not found:
            return False
    return True


@lean_kernel
def _claim(young, row, ring):
    for t in range(min(young.rows[row].count, TRAIL)):
        plot = ring.rows[young.trail[row, t] % ring.rows.shape[0]]
        plot.use = max(plot.use, CLAIMED)
