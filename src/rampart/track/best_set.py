"""The best set of things of which some exclude one another, and how much worse every other choice would be.

The heaviest set of a graph's nodes that share no edge is hard to find for certain; here the greedy set is bettered,
swap by swap, until no single newcomer, put in the place of those that it excludes, pays. [andrade2012]
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel

MOST_PASSES = 4
"""How often all things are tried as newcomers."""

LEAST_BETTER = 1e-9
MOST_OUT, MOST_FREED = 32, 128
"""A swap that would throw out more is not tried; of more that it frees, the rest is forgotten."""

BARRED = -(1 << 40)


class Clashes(NamedTuple):
    """Who excludes whom among k: `other[first[i]:first[i + 1]]`, rising, are those that i excludes; it is mutual."""

    first: np.ndarray
    other: np.ndarray


class Choice(NamedTuple):
    """A set in the making: `chosen (k,)`; `blocked (k,)`: how many chosen ones exclude each, or are it.

    Of the swap looked at last: it throws out `out`, and puts in `freed`, the first `size[0]` and `size[1]` of them.
    `mark (k,)` is scratch, 0 between swaps.
    """

    chosen: np.ndarray
    blocked: np.ndarray
    mark: np.ndarray
    out: np.ndarray
    freed: np.ndarray
    size: np.ndarray


@kernel
def best_set(gain, clash):
    """Return (chosen (k,), shortfall (k,)): the best set found, and by how much a set with each other one is worse.

    `gain (k,)` falls; `clash` are `Clashes`. The shortfall of those chosen is 0.
    """
    k = gain.shape[0]
    choice = Choice(
        np.zeros(k, np.bool_), np.zeros(k, np.int64), np.zeros(k, np.int64),
        np.empty(MOST_OUT, np.int64), np.empty(MOST_FREED, np.int64), np.zeros(2, np.int64),
    )  # fmt: skip
    for i in range(k):
        if choice.blocked[i] == 0:
            _put_in(i, clash, choice)
    for _ in range(MOST_PASSES):
        better = False
        for i in range(k):
            if not choice.chosen[i] and _weigh_swap(i, gain, clash, choice) > LEAST_BETTER:
                _swap(i, clash, choice)
                better = True
        if not better:
            break
    shortfall = np.zeros(k)
    for i in range(k):
        if not choice.chosen[i]:
            shortfall[i] = -_weigh_swap(i, gain, clash, choice)
    return choice.chosen, shortfall


@lean_kernel
def _weigh_swap(i, gain, clash, choice):
    """Return what the set gains by i in place of all that it excludes, with the best of what these leave free."""
    mark, out, size = choice.mark, choice.out, choice.size
    size[0] = size[1] = 0
    total = gain[i]
    for q in range(clash.first[i], clash.first[i + 1]):
        j = clash.other[q]
        mark[j] = BARRED
        if choice.chosen[j]:
            total -= gain[j]
            if size[0] < MOST_OUT:
                out[size[0]] = j
            size[0] += 1
    if size[0] > MOST_OUT:
        total = -np.inf
        size[0] = 0
    for p in range(size[0]):
        for q in range(clash.first[out[p]], clash.first[out[p] + 1]):
            mark[clash.other[q]] += 1
    for p in range(size[0]):
        for q in range(clash.first[out[p]], clash.first[out[p] + 1]):
            j = clash.other[q]
            if mark[j] == choice.blocked[j] and j != i:
                mark[j] = BARRED
                _note_free(j, choice)
    total += _fill_up(gain, clash, choice)
    for q in range(clash.first[i], clash.first[i + 1]):
        mark[clash.other[q]] = 0
    for p in range(size[0]):
        for q in range(clash.first[out[p]], clash.first[out[p] + 1]):
            mark[clash.other[q]] = 0
    return total


@lean_kernel
def _note_free(j, choice):
    """Put j among what a swap leaves free, in order."""
    freed, size = choice.freed, choice.size
    if size[1] == MOST_FREED:
        return
    place = size[1]
    while place > 0 and freed[place - 1] > j:
        freed[place] = freed[place - 1]
        place -= 1
    freed[place] = j
    size[1] += 1


@lean_kernel
def _fill_up(gain, clash, choice):
    """Keep of what is free, the best first, what excludes nothing kept before; return the sum of its gains."""
    freed, kept, total = choice.freed, 0, 0.0
    for p in range(choice.size[1]):
        fits = True
        for q in range(kept):
            fits = fits and not _exclude(freed[p], freed[q], clash)
        if fits:
            freed[kept] = freed[p]
            kept += 1
            total += gain[freed[kept - 1]]
    choice.size[1] = kept
    return total


@lean_kernel
def _exclude(i, j, clash):
    low, high = clash.first[i], clash.first[i + 1]
    while low < high:
        middle = (low + high) // 2
        if clash.other[middle] < j:
            low = middle + 1
        else:
            high = middle
    return low < clash.first[i + 1] and clash.other[low] == j


@lean_kernel
def _swap(i, clash, choice):
    """Carry out the swap that has just been weighed."""
    for p in range(choice.size[0]):
        _take_out(choice.out[p], clash, choice)
    _put_in(i, clash, choice)
    for p in range(choice.size[1]):
        _put_in(choice.freed[p], clash, choice)


@lean_kernel
def _put_in(i, clash, choice):
    choice.chosen[i] = True
    choice.blocked[i] += 1
    for q in range(clash.first[i], clash.first[i + 1]):
        choice.blocked[clash.other[q]] += 1


@lean_kernel
def _take_out(i, clash, choice):
    choice.chosen[i] = False
    choice.blocked[i] -= 1
    for q in range(clash.first[i], clash.first[i + 1]):
        choice.blocked[clash.other[q]] -= 1
