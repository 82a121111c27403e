"""Which plot belongs to which confirmed track: candidates through gates, and the clusters of tracks that share them."""

from typing import NamedTuple

import numpy as np

from rampart.numerics.assignment import ALONE
from rampart.numerics.jit import kernel, lean_kernel
from rampart.track.bank import SIZE, best_motion, copy_filters
from rampart.track.cluster import is_plain, settle_alone, settle_cluster
from rampart.track.fit import fit_ahead
from rampart.track.gate import admits, first_at_least, gate_box, in_box
from rampart.track.looks import detection_of
from rampart.track.motions import carry_row
from rampart.track.radars import cover_share, log_clutter_density, range_share

LEAST_GAIN = -2.0
"""ln of the odds of a plot for a track, against its being missed, below which the plot is no candidate."""


class Candidates(NamedTuple):
    """Room for pairs of row and plot, `row`, `plot`, `gain (k,)`, in order of rows, and what is known of the n rows.

    `gain`: ln of the odds that the plot is the row's and not clutter or another's, over those that the row was missed;
    `score (k,)`: what the plot adds to the row's score; `mean (k, m, 7)`, `cov (k, m, 7, 7)`, `log_weight (k, m)`: the
    row's filters with the plot; `first (n + 1,)`: where each row's candidates begin; `missed (n,)`: ln of the
    probability of being missed.
    """

    row: np.ndarray
    plot: np.ndarray
    gain: np.ndarray
    score: np.ndarray
    mean: np.ndarray
    cov: np.ndarray
    log_weight: np.ndarray
    first: np.ndarray
    missed: np.ndarray


def empty_candidates(pairs: int, rows: int, motions: int) -> Candidates:
    """Return room for so many pairs of so many rows."""
    return Candidates(
        np.empty(pairs, np.int64),
        np.empty(pairs, np.int64),
        np.empty(pairs),
        np.empty(pairs),
        np.empty((pairs, motions, SIZE)),
        np.empty((pairs, motions, SIZE, SIZE)),
        np.empty((pairs, motions)),
        np.empty(rows + 1, np.int64),
        np.empty(rows),
    )


@kernel
def follow_look(
    bank, ahead, rows, hypotheses, tracks, plots, log_claim, look, radar, radars, rules, sky, work, candidates, out,
    out_hypotheses, out_plot, out_same, out_gap_s, out_looks,
):  # fmt: skip
    """Give the tracks their plots of one look: from the first `rows` of `bank` to those of `out`.

    `log_claim (p,)`: what `claim_plots` says of the plots. Returns (number of candidates, rows of `out`); where there
    is no room for one of them, it is greater than the room, and it must be done anew. Fills `ahead` with the rows at
    the look's time, the `out_hypotheses` of the `tracks`, `out_plot (t,)` with what each takes as the likeliest
    hypothesis has it, or ALONE, `out_same (t,)` with whether its past is still what the likeliest said before,
    `out_gap_s (t,)` with how long before the radar had seen it, and `out_looks (r,)` with the looks that are settled.
    """
    carry_bank(bank, rows, plots.middle_s, sky, work, ahead)
    found = gather(bank, ahead, rows, plots, log_claim, radar, radars, rules, sky, work, candidates)
    if found > candidates.row.shape[0]:
        return found, 0
    cluster_of = meet(found, candidates, bank, hypotheses, tracks, plots.time_s.shape[0])
    order = np.argsort(cluster_of, kind="mergesort")
    made, begin = 0, 0
    while begin < tracks:
        end = begin + 1
        while end < tracks and cluster_of[order[end]] == cluster_of[order[begin]]:
            end += 1
        members = order[begin:end]
        own = hypotheses.row[members[0], 0]
        if end == begin + 1 and hypotheses.number[members[0]] == 1 and is_plain(own, candidates):
            made = settle_alone(
                members[0], own, candidates, bank, plots, look, radar, radars, sky, work, out, made,
                out_hypotheses, out_plot, out_same,
            )  # fmt: skip
        else:
            made = settle_cluster(
                members, candidates, bank, ahead, hypotheses, plots, look, radar, radars, sky, work, out, made,
                out_hypotheses, out_plot, out_same,
            )  # fmt: skip
        if made > out.rows.shape[0]:
            return found, made
        begin = end
    out_looks[:] = 0.0
    for track in range(tracks):
        old, new, plot = hypotheses.row[track, 0], out_hypotheses.row[track, 0], out_plot[track]
        if bank.rows[old].open:
            continue
        for other in range(out_looks.shape[0]):
            out_looks[other] += max(out.sights[new, other].looks - bank.sights[old, other].looks, 0.0)
        sight = bank.sights[old, radar]
        out_gap_s[track] = plots.time_s[plot] - sight.seen_s if plot != ALONE and sight.hits > 0.0 else np.nan
    return found, made


@lean_kernel
def carry_bank(bank, n, time_s, sky, work, out_ahead):
    """Fill the first `n` rows of `out_ahead`, their filters and times, with those of `bank` at another time."""
    for row in range(n):
        own = out_ahead.rows[row]
        own.time_s, own.first_s = bank.rows[row].time_s, bank.rows[row].first_s
        copy_filters(
            bank.mean[row], bank.cov[row], bank.log_weight[row],
            out_ahead.mean[row], out_ahead.cov[row], out_ahead.log_weight[row],
        )  # fmt: skip
        if time_s != own.time_s:
            carry_row(
                out_ahead.mean[row], out_ahead.cov[row], out_ahead.log_weight[row],
                time_s - own.first_s, time_s - own.time_s, True, sky, work,
            )  # fmt: skip
            own.time_s = time_s


@lean_kernel
def gather(bank, ahead, n, plots, log_claim, radar, radars, rules, sky, work, out):
    """Fill the candidates of the first `n` rows; return how many there are, even past the room.

    `ahead` holds the rows at `plots.middle_s`; `log_claim (p,)` as from `claim_plots`.
    """
    found = 0
    for row in range(n):
        out.first[row] = min(found, out.row.shape[0])
        if bank.rows[row].open:  # its plots are still the vote's to give
            out.missed[row] = 0.0
            continue
        mean, cov, log_weight = ahead.mean[row], ahead.cov[row], ahead.log_weight[row]
        motion = best_motion(log_weight)
        covered = cover_share(mean[motion], cov[motion], 0.0, radar, radars)
        detection = detection_of(bank, row, radar, radars)
        out.missed[row] = np.log(1.0 - detection * covered)
        base = np.log(detection) - out.missed[row]
        centre = gate_box(mean, cov, log_weight, plots.span_s, radar, radars, rules.gate_sigma2, work)
        low, high = work.low, work.high
        for k in range(first_at_least(plots.z, plots.order, low[0]), plots.order.shape[0]):
            j = plots.order[k]
            z, time_s = plots.z[j], plots.time_s[j]
            if z[0] > high[0]:
                break
            if not in_box(z, centre, low, high) or not admits(
                bank, row, time_s, z, radar, radars, rules.late_s
            ):
                continue
            fit, distance = fit_ahead(ahead, row, time_s, z, plots.sigma[j], radar, radars, sky, work)
            share, density = range_share(z[0], radar, radars), log_clutter_density(z, radar, radars)
            gain = base + np.log(share) + fit - (density + log_claim[j])
            if distance < rules.gate_sigma2 and gain > LEAST_GAIN:
                if found < out.row.shape[0]:
                    out.row[found], out.plot[found], out.gain[found] = row, j, gain
                    out.score[found] = np.log(detection * share) + fit - density
                    copy_filters(
                        work.mean, work.cov, work.log_weight,
                        out.mean[found], out.cov[found], out.log_weight[found],
                    )  # fmt: skip
                found += 1
    out.first[n] = min(found, out.row.shape[0])
    return found


@kernel
def meet(found, candidates, bank, hypotheses, tracks, p):
    """Return (t,) the cluster of each track, its lowest member: those that share a candidate of the look's `p` plots,
    directly or over others, or that were of one cluster before."""
    parent = np.empty(tracks, np.int64)
    for track in range(tracks):
        parent[track] = hypotheses.cluster[track]
    first_to_want = np.full(p, -1)
    for k in range(found):
        track, plot = bank.rows[candidates.row[k]].track, candidates.plot[k]
        if first_to_want[plot] < 0:
            first_to_want[plot] = track
        a, b = _root(parent, track), _root(parent, first_to_want[plot])
        if a != b:
            parent[max(a, b)] = min(a, b)
    for track in range(tracks):
        parent[track] = _root(parent, track)
    return parent


@kernel
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
