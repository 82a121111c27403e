"""Optimal assignment of rows to columns at least cost, where a row may also stay alone."""

import numpy as np

from rampart.numerics.jit import kernel

ALONE = -1


@kernel
def assign(cost, alone_cost, out_column):
    """Fill `out_column (n,)` with each row's column or ALONE; return the least total cost.

    `cost (n, m)`, infinite where a pair is forbidden; `alone_cost (n,)`, finite, is what a row costs that
    takes no column. A column serves one row at most. Shortest augmenting paths with potentials, a private
    spare column for each row: [jonker1987], O(n^2 (n + m)).
    """
    n, m = cost.shape
    wide = m + n
    row_potential = np.zeros(n + 1)
    column_potential = np.zeros(wide + 1)
    row_of = np.full(wide + 1, -1, np.int64)  # the last column is where the path starts
    previous = np.empty(wide + 1, np.int64)
    least = np.empty(wide + 1)
    visited = np.empty(wide + 1, np.bool_)
    for row in range(n):
        row_of[wide] = row
        column = wide
        least[:] = np.inf
        visited[:] = False
        while row_of[column] != -1:
            visited[column] = True
            i = row_of[column]
            step, nearest = np.inf, -1
            for j in range(wide):
                if visited[j]:
                    continue
                if j < m:
                    price = cost[i, j]
                else:
                    price = alone_cost[i] if j == m + i else np.inf
                reduced = price - row_potential[i] - column_potential[j]
                if reduced < least[j]:
                    least[j] = reduced
                    previous[j] = column
                if least[j] < step:
                    step, nearest = least[j], j
            for j in range(wide + 1):
                if visited[j]:
                    row_potential[row_of[j]] += step
                    column_potential[j] -= step
                else:
                    least[j] -= step
            column = nearest
        while column != wide:
            before = previous[column]
            row_of[column] = row_of[before]
            column = before
    total = 0.0
    for j in range(wide):
        i = row_of[j]
        if i < 0:
            continue
        out_column[i] = j if j < m else ALONE
        total += cost[i, j] if j < m else alone_cost[i]
    return total
