"""The columns behind every track: a row holds one filter for each motion, what is known of the track, its looks."""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import lean_kernel
from rampart.numerics.records import records

SIZE = 7
TRAIL = 12
"""Plots that a tentative track may gather until it must have been decided; looks that a confirmed one remembers."""

ROW = np.dtype(
    [
        ("time_s", "f8"),
        ("score", "f8"),
        ("first_s", "f8"),
        ("last_s", "f8"),
        ("count", "i8"),
        ("id", "i8"),
        ("root", "i8"),
        ("track", "i8"),
        ("level", "?"),
        ("family", "i8"),
        ("shown", "?"),
        ("open", "?"),
    ],
    align=True,
)
"""`time_s` of the filters; `score`: ln of the odds of being real against clutter, up to the last plot; times of
the first and the last plot; `count` of plots; `id`, 0 before it has one; `root`: serial of the first plot; `track`:
index of the confirmed track that this row may be; `level`: born of plots without elevation; `family` of rows grown from
one that was vital in the last vote, see `pruning`; `shown`: a tentative row that is shown as an `open` confirmed track,
see `naming`."""

SIGHT = np.dtype(
    [
        ("seen_s", "f8"),
        ("counted", "f8"),
        ("missed", "f8"),
        ("missed_score", "f8"),
        ("hits", "f8"),
        ("looks", "f8"),
    ]
)
"""What one radar saw of one track: `seen_s`, when last, or since when it has been looking; since the last plot of
any radar, looks `counted`, looks `missed` by share of cover, and their `missed_score`, the sum of ln(1 - Pd); in
all, `hits` and `looks`."""


NOTHING = -1
"""In a trail: no plot."""


NEVER = -1e300
"""The log weight of a motion that has been ruled out for good."""


class Bank(NamedTuple):
    """n rows of tracks with m motions and r radars, of which the first so many are in use.

    `mean (n, m, 7)`, `cov (n, m, 7, 7)` in the site's frame; `log_weight (n, m)` normalised; `rows (n,)` of ROW;
    `sights (n, r)` of SIGHT; `trail (n, TRAIL)`: serials of a tentative track's plots, oldest first; of a confirmed
    track, those of the plots it took in the newest looks, by look modulo TRAIL, NOTHING where it took none.
    """

    mean: np.ndarray
    cov: np.ndarray
    log_weight: np.ndarray
    rows: np.ndarray
    sights: np.ndarray
    trail: np.ndarray


class Work(NamedTuple):
    """Scratch of one thread: a row's filters, and carried ahead to a look; a measurement and its Jacobian, vectors and
    matrices."""

    mean: np.ndarray
    cov: np.ndarray
    log_weight: np.ndarray
    ahead_mean: np.ndarray
    ahead_cov: np.ndarray
    ahead_log_weight: np.ndarray
    z: np.ndarray
    jacobian: np.ndarray
    point: np.ndarray
    vector: np.ndarray
    path: np.ndarray
    offset: np.ndarray
    transition: np.ndarray
    product: np.ndarray
    low: np.ndarray
    high: np.ndarray


def empty_bank(rows: int, motions: int, radars: int) -> Bank:
    """Return a bank of unused rows."""
    return Bank(
        np.zeros((rows, motions, SIZE)),
        np.zeros((rows, motions, SIZE, SIZE)),
        np.zeros((rows, motions)),
        records(rows, ROW),
        records((rows, radars), SIGHT),
        np.full((rows, TRAIL), NOTHING),
    )


def grown(bank: Bank, rows: int) -> Bank:
    """Return the bank with room for `rows`, the old ones first."""
    larger = empty_bank(rows, bank.mean.shape[1], bank.sights.shape[1])
    for old, new in zip(bank, larger, strict=True):
        new[: len(old)] = old
    return larger


def empty_work(motions: int) -> Work:
    """Return scratch for one thread."""
    return Work(
        np.zeros((motions, SIZE)),
        np.zeros((motions, SIZE, SIZE)),
        np.zeros(motions),
        np.zeros((motions, SIZE)),
        np.zeros((motions, SIZE, SIZE)),
        np.zeros(motions),
        np.zeros(4),
        np.zeros((4, 6)),
        np.zeros(SIZE),
        np.zeros(SIZE),
        np.zeros(SIZE),
        np.zeros(SIZE),
        np.zeros((SIZE, SIZE)),
        np.zeros((SIZE, SIZE)),
        np.zeros(4),
        np.zeros(4),
    )


@lean_kernel
def copy_filters(mean, cov, log_weight, out_mean, out_cov, out_log_weight):
    """Copy one row's filters."""
    for motion in range(mean.shape[0]):
        out_log_weight[motion] = log_weight[motion]
        if not log_weight[motion] > NEVER:
            continue
        for i in range(SIZE):
            out_mean[motion, i] = mean[motion, i]
            for j in range(SIZE):
                out_cov[motion, i, j] = cov[motion, i, j]


@lean_kernel
def copy_row(source, i, target, j):
    """Copy row `i` of one bank to row `j` of another."""
    copy_filters(
        source.mean[i],
        source.cov[i],
        source.log_weight[i],
        target.mean[j],
        target.cov[j],
        target.log_weight[j],
    )
    copy_notes(source, i, target, j)


@lean_kernel
def copy_notes(source, i, target, j):
    """Copy what is known of row `i` of one bank beside its filters to row `j` of another."""
    target.rows[j] = source.rows[i]
    for radar in range(source.sights.shape[1]):
        target.sights[j, radar] = source.sights[i, radar]
    for t in range(TRAIL):
        target.trail[j, t] = source.trail[i, t]


@lean_kernel
def pack_rows(bank, keep):
    """Move the rows where `keep (n,)` is True to the front, in order; return how many."""
    kept = 0
    for i in range(keep.shape[0]):
        if keep[i]:
            if kept != i:
                copy_row(bank, i, bank, kept)
            kept += 1
    return kept


@lean_kernel
def best_motion(log_weight):
    """Return the most probable motion."""
    best = 0
    for motion in range(log_weight.shape[0]):
        if log_weight[motion] > log_weight[best]:
            best = motion
    return best


@lean_kernel
def odds(bank, row):
    """Return ln of the odds that a row is real, with the looks missed since its last plot."""
    total = bank.rows[row].score
    for radar in range(bank.sights.shape[1]):
        total += bank.sights[row, radar].missed_score
    return total
