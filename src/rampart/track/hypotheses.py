"""Joint hypotheses: which rows of the bank, together, may be the confirmed tracks of a cluster.

A track that shares a plot with no other, now or in the looks remembered, is a cluster of its own with one row. Where
tracks compete, each hypothesis of their cluster gives every one of them a row, with other plots in its past; they
live side by side until later plots tell them apart. [cox1996]
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.numerics.kalman import log_sum
from rampart.track.bank import TRAIL

MOST_HYPOTHESES = 8
"""Of one cluster; a large one keeps fewer, so that its trouble slows nobody: see `most_of`."""

SLACK = 7.0
"""A hypothesis less likely than the best by this, in ln odds, is dropped."""

ALIKE_LOOKS, DECIDED_LOOKS = 5, TRAIL - 1
"""Hypotheses that agree in so many newest looks are one; what lies so many looks back is decided as the best says."""


class Hypotheses(NamedTuple):
    """For each of t tracks: `row (t, MOST_HYPOTHESES)` of the bank under each hypothesis of its cluster, likeliest
    first, and their `log_weight`, the same for all of a cluster; `number (t,)` of them; `cluster (t,)`: its lowest
    track."""

    row: np.ndarray
    log_weight: np.ndarray
    number: np.ndarray
    cluster: np.ndarray


def empty_hypotheses(tracks: int) -> Hypotheses:
    """Return room for so many tracks."""
    wide = (tracks, MOST_HYPOTHESES)
    return Hypotheses(
        np.zeros(wide, np.int64), np.zeros(wide), np.zeros(tracks, np.int64), np.zeros(tracks, np.int64)
    )


def with_room(old: Hypotheses, tracks: int) -> Hypotheses:
    """Return the same with room for so many tracks."""
    larger = empty_hypotheses(tracks)
    for column, new in zip(old, larger, strict=True):
        new[: len(column)] = column
    return larger


@lean_kernel
def stand_alone(track, row, out):
    """Make one track a cluster of its own with one row."""
    out.row[track, 0] = row
    out.log_weight[track, 0] = 0.0
    out.number[track] = 1
    out.cluster[track] = track


@kernel
def divide(members, log_weight, out_hypotheses):
    """Write how likely the hypotheses are, and let tracks go on alone that have one row in all of them."""
    count, lowest = log_weight.shape[0], -1
    for track in members:
        shared = False
        for h in range(1, count):
            shared = shared or out_hypotheses.row[track, h] != out_hypotheses.row[track, 0]
        if not shared:
            stand_alone(track, out_hypotheses.row[track, 0], out_hypotheses)
            continue
        if lowest < 0:
            lowest = track
        out_hypotheses.cluster[track] = lowest
        out_hypotheses.number[track] = count
        for h in range(count):
            out_hypotheses.log_weight[track, h] = log_weight[h]


@kernel
def most_of(tracks):
    """Return how many hypotheses a cluster of so many tracks may keep."""
    return max(1, min(MOST_HYPOTHESES, 48 // tracks))


@kernel
def join_clusters(members, most, hypotheses, out_row, out_log_weight):
    """Fill the joint hypotheses of all old clusters that have met in the tracks `members (t,)`; return how many.

    `out_row (most, t)`, `out_log_weight (most,)`: the likeliest of all combinations, the likeliest first.
    """
    count = 1
    out_log_weight[0] = 0.0
    row = np.empty_like(out_row)
    log_weight = np.empty_like(out_log_weight)
    for first in members:
        if hypotheses.cluster[first] != first:
            continue
        others = hypotheses.number[first]
        taken = np.zeros((count, others), np.bool_)
        joined = min(count * others, most)
        for h in range(joined):
            best, best_other, likeliest = 0, 0, -np.inf
            for old in range(count):
                for other in range(others):
                    both = out_log_weight[old] + hypotheses.log_weight[first, other]
                    if not taken[old, other] and both > likeliest:
                        best, best_other, likeliest = old, other, both
            taken[best, best_other] = True
            log_weight[h] = likeliest
            for i in range(members.shape[0]):
                row[h, i] = out_row[best, i]
                if hypotheses.cluster[members[i]] == first:
                    row[h, i] = hypotheses.row[members[i], best_other]
        count = joined
        out_row[:count] = row[:count]
        out_log_weight[:count] = log_weight[:count]
    return count


@kernel
def prune(row, plot, log_weight, count, bank, look):
    """Drop hypotheses that are unlikely, decided against or doubled, and normalise; return how many stay.

    Each is `row (t,)` of the bank before a look with `plot (t,)` taken in it, or none, -1; the likeliest is first.
    """
    tracks, kept = row.shape[1], 0
    for h in range(count):
        if log_weight[h] < log_weight[0] - SLACK:
            continue
        if h and _decided_against(row[h], row[0], bank, look):
            continue
        twin = -1
        for other in range(kept):
            if _alike(row[h], plot[h], row[other], plot[other], bank, look):
                twin = other
                break
        if twin >= 0:
            low = min(log_weight[h], log_weight[twin])
            high = max(log_weight[h], log_weight[twin])
            log_weight[twin] = high + np.log(1.0 + np.exp(low - high))
            continue
        if kept != h:
            log_weight[kept] = log_weight[h]
            for i in range(tracks):
                row[kept, i] = row[h, i]
                plot[kept, i] = plot[h, i]
        kept += 1
    log_weight[:kept] -= log_sum(log_weight[:kept])
    _likeliest_first(row[:kept], plot[:kept], log_weight[:kept])
    return kept


@kernel
def _likeliest_first(row, plot, log_weight):
    """Swap the likeliest hypothesis to the front: what twins add may have made it another."""
    best = np.argmax(log_weight)
    if best:
        log_weight[0], log_weight[best] = log_weight[best], log_weight[0]
        for i in range(row.shape[1]):
            row[0, i], row[best, i] = row[best, i], row[0, i]
            plot[0, i], plot[best, i] = plot[best, i], plot[0, i]


@kernel
def _decided_against(row, best, bank, look):
    slot = (look - DECIDED_LOOKS) % TRAIL
    for i in range(row.shape[0]):
        if bank.trail[row[i], slot] != bank.trail[best[i], slot]:
            return True
    return False


@kernel
def _alike(row, plot, other_row, other_plot, bank, look):
    """Return whether two hypotheses say the same of the newest looks, this one with them."""
    for i in range(row.shape[0]):
        if plot[i] != other_plot[i]:
            return False
        if row[i] == other_row[i]:
            continue
        for back in range(1, ALIKE_LOOKS):
            slot = (look - back) % TRAIL
            if bank.trail[row[i], slot] != bank.trail[other_row[i], slot]:
                return False
    return True


@kernel
def yield_plots(serials, tracks, bank, hypotheses):
    """Drop the hypotheses in which another track has one of the plots `serials (k,)`, unless none were left."""
    for track in range(tracks):
        if hypotheses.number[track] < 2:
            continue
        for h in range(hypotheses.number[track] - 1, 0, -1):
            if _holds(serials, hypotheses.row[track, h], bank):
                drop_hypothesis(hypotheses.cluster[track], h, tracks, hypotheses)


@kernel
def _holds(serials, row, bank):
    for serial in serials:
        for t in range(TRAIL):
            if bank.trail[row, t] == serial:
                return True
    return False


@kernel
def drop_hypothesis(cluster, h, tracks, hypotheses):
    """Drop one hypothesis of a cluster."""
    for track in range(cluster, tracks):
        if hypotheses.cluster[track] != cluster:
            continue
        last = hypotheses.number[track] - 1
        for k in range(h, last):
            hypotheses.row[track, k] = hypotheses.row[track, k + 1]
            hypotheses.log_weight[track, k] = hypotheses.log_weight[track, k + 1]
        hypotheses.number[track] = last
        hypotheses.log_weight[track, :last] -= log_sum(hypotheses.log_weight[track, :last])


@kernel
def keep_tracks(keep, hypotheses):
    """Move the tracks where `keep (t,)` is True to the front, in order; return how many."""
    tracks, kept = keep.shape[0], 0
    lowest = np.full(tracks, -1)
    for track in range(tracks):
        if not keep[track]:
            continue
        cluster, count = hypotheses.cluster[track], hypotheses.number[track]
        if lowest[cluster] < 0:
            lowest[cluster] = kept
        for h in range(count):
            hypotheses.row[kept, h] = hypotheses.row[track, h]
            hypotheses.log_weight[kept, h] = hypotheses.log_weight[track, h]
        hypotheses.number[kept] = count
        hypotheses.cluster[kept] = lowest[cluster]
        kept += 1
    return kept
