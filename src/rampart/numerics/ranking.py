"""The best assignments of rows to columns in order, where a row may also stay alone."""

import numpy as np

from rampart.numerics.assignment import ALONE, assign
from rampart.numerics.jit import kernel


@kernel
def rank_assignments(gain, most, slack, out_column, out_total):
    """Fill the `most` best assignments, the best first, of those within `slack` of the best; return how many.

    `gain (n, m)`: what a pair adds to the total, -inf where it is forbidden; a row alone adds nothing.
    `out_column (most, n)`: each row's column or ALONE; `out_total (most,)`. Murty's partition: what is left of a
    set of assignments when its best is taken out are n sets, each with some rows fixed and one column more
    forbidden to the next row. [murty1968]
    """
    n, m = gain.shape
    room = most * n + 1
    column = np.empty((room, n), np.int64)
    total, fixed = np.empty(room), np.zeros(room, np.int64)
    barred = np.zeros((room, m + 1), np.bool_)  # to the row behind the fixed ones; the last: to stay alone
    is_open = np.zeros(room, np.bool_)
    total[0] = _best_within(gain, column[0], 0, barred[0])
    is_open[0] = True
    made, ranked = 1, 0
    while ranked < most:
        best = -1
        for node in range(made):
            if is_open[node] and (best < 0 or total[node] > total[best]):
                best = node
        if best < 0 or total[best] < total[0] - slack or total[best] == -np.inf:
            break
        is_open[best] = False
        out_total[ranked] = total[best]
        out_column[ranked] = column[best]
        ranked += 1
        if ranked == most:
            break
        for row in range(fixed[best], n):
            column[made] = column[best]
            fixed[made] = row
            if row == fixed[best]:
                barred[made] = barred[best]
            else:
                barred[made] = False
            barred[made, m if column[best, row] == ALONE else column[best, row]] = True
            total[made] = _best_within(gain, column[made], row, barred[made])
            is_open[made] = True
            made += 1
    return ranked


@kernel
def _best_within(gain, column, fixed, barred):
    """Assign the rows from `fixed` on, in place of what `column (n,)` says of them; return the total of all rows.

    The row `fixed` may not take what is `barred (m + 1,)`. -inf where nothing is left.
    """
    n, m = gain.shape
    total = 0.0
    free = np.ones(m, np.bool_)
    for row in range(fixed):
        if column[row] != ALONE:
            free[column[row]] = False
            total += gain[row, column[row]]
    cost, alone = np.empty((n - fixed, m)), np.zeros(n - fixed)
    for row in range(fixed, n):
        for j in range(m):
            allowed = free[j] and not (row == fixed and barred[j])
            cost[row - fixed, j] = -gain[row, j] if allowed else np.inf
    if barred[m]:
        alone[0] = UNWANTED
    least = assign(cost, alone, column[fixed:])
    return total - least if least < 0.5 * UNWANTED else -np.inf


UNWANTED = 1e9
"""What it costs to stay alone where that is barred: more than any gain makes good."""
