"""The heaviest sets of things of which some exclude one another, exactly where the time allows.

Things that all exclude one another are a clique, of which a set has one at most. So the search goes clique by
clique, the best member first, and turns back where even the best that is still free in every clique to come is not
enough.
"""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.track.hypotheses import SLACK

MOST_STEPS = 8000
"""Sets looked at before the best so far must do."""


@kernel
def heaviest_sets(gain, clash, out_set, out_weight):
    """Fill the heaviest sets of which no two clash and to which nothing can be added; return how many, heaviest first.

    `gain (k,)` above 0 and `clash (k,)`, for each the bits of those that it excludes, k < 63; `out_set (h,)` in bits,
    `out_weight (h,)`. Depth first and bounded by what is still to be had.
    """
    k, count = gain.shape[0], 0
    member, first = np.empty(k, np.int64), np.empty(k + 1, np.int64)
    cliques = cover_with_cliques(gain, clash, member, first)
    room = 2 * k + 2
    place, members, barred = np.zeros(room, np.int64), np.zeros(room, np.int64), np.zeros(room, np.int64)
    weight = np.zeros(room)
    waiting = 1
    for _ in range(MOST_STEPS):
        if waiting == 0:
            break
        waiting -= 1
        c, taken, bar, sum_ = place[waiting], members[waiting], barred[waiting], weight[waiting]
        if count > 0:
            least = out_weight[0] - SLACK
            if count == out_weight.shape[0]:
                least = max(least, out_weight[count - 1])
            if sum_ + _still_free(c, cliques, bar, gain, member, first) <= least:
                continue
        if c == cliques:
            count = _keep_set(taken, sum_, clash, out_set, out_weight, count)
            continue
        place[waiting], members[waiting], barred[waiting], weight[waiting] = c + 1, taken, bar, sum_
        waiting += 1
        for m in range(first[c + 1] - 1, first[c] - 1, -1):
            i = member[m]
            if not bar & (1 << i):
                place[waiting], members[waiting] = c + 1, taken | (1 << i)
                barred[waiting], weight[waiting] = bar | clash[i], sum_ + gain[i]
                waiting += 1
    while count > 0 and out_weight[count - 1] < out_weight[0] - SLACK:
        count -= 1
    return count


@kernel
def cover_with_cliques(gain, clash, out_member, out_first):
    """Fill `out_member (k,)`, clique by clique from `out_first (k + 1,)` on; return the number of cliques.

    A clique's members, and the cliques by their first, are in order of `gain`, the best first.
    """
    k = gain.shape[0]
    order, within = np.argsort(-gain), np.empty(k, np.int64)
    cliques = 0
    for i in order:
        for c in range(cliques + 1):
            if c == cliques or within[c] & ~clash[i] == 0:
                break
        if c == cliques:
            within[c] = 0
            cliques += 1
        within[c] |= 1 << i
    count = 0
    for c in range(cliques):
        out_first[c] = count
        for i in order:
            if within[c] & (1 << i):
                out_member[count] = i
                count += 1
    out_first[cliques] = count
    return cliques


@lean_kernel
def _still_free(c, cliques, bar, gain, member, first):
    """Return the sum of the best that is free in every clique from `c` on."""
    total = 0.0
    for clique in range(c, cliques):
        for m in range(first[clique], first[clique + 1]):
            if not bar & (1 << member[m]):
                total += gain[member[m]]
                break
    return total


@lean_kernel
def _keep_set(taken, weight, clash, out_set, out_weight, count):
    """Put a set among the heaviest so far, if it is whole and heavy enough; return how many these are."""
    for i in range(clash.shape[0]):
        if not taken & (1 << i) and not clash[i] & taken:
            return count
    most, place = out_weight.shape[0], count
    while place > 0 and weight > out_weight[place - 1]:
        place -= 1
    if place >= most or (count > 0 and weight < out_weight[0] - SLACK):
        return count
    count = min(count + 1, most)
    for h in range(count - 1, place, -1):
        out_weight[h] = out_weight[h - 1]
        out_set[h] = out_set[h - 1]
    out_weight[place] = weight
    out_set[place] = taken
    return count
