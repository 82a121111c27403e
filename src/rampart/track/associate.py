"""Which plot belongs to which confirmed track: candidates through gates, clusters, the best assignment."""

from typing import NamedTuple

import numpy as np

from rampart.numerics.assignment import ALONE, assign
from rampart.numerics.jit import kernel
from rampart.track.bank import best_motion, copy_filters, copy_row
from rampart.track.fit import fit_ahead
from rampart.track.gate import admits, first_at_least, gate_box, in_box
from rampart.track.looks import detection_of, note_hit
from rampart.track.motions import carry_row
from rampart.track.radars import cover_share, log_clutter_density, range_share


class Candidates(NamedTuple):
    """Room for pairs of row and plot, each `(k,)`, with the gain of putting them together."""

    row: np.ndarray
    plot: np.ndarray
    gain: np.ndarray


def empty_candidates(count: int) -> Candidates:
    """Return room for so many."""
    return Candidates(np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count))


@kernel
def follow_look(bank, ahead, n, plots, radar, radars, rules, sky, work, candidates, out_plot_of_row):
    """Give the first `n` rows of `bank` their plots of one look; return the number of candidates.

    Fills `out_plot_of_row (n,)` with the plot of each or ALONE, and `ahead` with the rows carried to the look's time.
    Where there are more candidates than room, nothing is done but counting them.
    """
    carry_bank(bank, n, plots.middle_s, sky, work, ahead)
    found = gather(bank, ahead, n, plots, radar, radars, rules, sky, work, candidates)
    if found > candidates.row.shape[0]:
        return found
    settle_clusters(found, candidates, n, plots.time_s.shape[0], out_plot_of_row)
    for row in range(n):
        j = out_plot_of_row[row]
        if j == ALONE:
            continue
        z, time_s = plots.z[j], plots.time_s[j]
        fit, _ = fit_ahead(ahead, row, time_s, z, plots.sigma[j], radar, radars, sky, work)
        seen = detection_of(bank, row, radar, radars) * range_share(z[0], radar, radars)
        gain = np.log(seen) + fit - log_clutter_density(z, radar, radars)
        take_plot(bank, row, time_s, gain, radar, radars, sky, work)
    return found


@kernel
def carry_bank(bank, n, time_s, sky, work, out_ahead):
    """Fill the first `n` rows of `out_ahead` with those of `bank` at another time."""
    for row in range(n):
        copy_row(bank, row, out_ahead, row)
        own = out_ahead.rows[row]
        if time_s != own.time_s:
            carry_row(
                out_ahead.mean[row], out_ahead.cov[row], out_ahead.log_weight[row],
                time_s - own.first_s, time_s - own.time_s, True, sky, work,
            )  # fmt: skip
            own.time_s = time_s


@kernel
def gather(bank, ahead, n, plots, radar, radars, rules, sky, work, out):
    """Fill the candidate pairs of confirmed row and plot; return how many there are, even past the room.

    `ahead` holds the rows at `plots.middle_s`. The gain is ln of the odds that the plot is the track's and
    not clutter, over those that the track was missed.
    """
    found = 0
    for row in range(n):
        mean, cov, log_weight = ahead.mean[row], ahead.cov[row], ahead.log_weight[row]
        motion = best_motion(log_weight)
        share = cover_share(mean[motion], cov[motion], 0.0, radar, radars)
        detection = detection_of(bank, row, radar, radars)
        base = np.log(detection) - np.log(1.0 - detection * share)
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
            gain = (
                base + np.log(range_share(z[0], radar, radars)) + fit - log_clutter_density(z, radar, radars)
            )
            if distance < rules.gate_sigma2 and gain > 0.0:
                if found < out.row.shape[0]:
                    out.row[found], out.plot[found], out.gain[found] = row, j, gain
                found += 1
    return found


@kernel
def settle_clusters(found, candidates, n, p, out_plot_of_row):
    """Fill `out_plot_of_row (n,)` with the plot of each row or ALONE, for the greatest sum of gains.

    Rows and plots that share no candidate, directly or over others, are apart: each cluster is assigned on
    its own. The first `found` candidates are of `n` rows and `p` plots.
    """
    for row in range(n):
        out_plot_of_row[row] = ALONE
    if found == 0:
        return
    parent = np.arange(n + p)
    root = np.empty(found, np.int64)
    for k in range(found):
        a, b = _root(parent, candidates.row[k]), _root(parent, n + candidates.plot[k])
        if a != b:
            parent[max(a, b)] = min(a, b)
    for k in range(found):
        root[k] = _root(parent, candidates.row[k])
    order = np.argsort(root, kind="mergesort")
    cost = np.empty((min(n, found), min(p, found)))
    chosen = np.empty(min(n, found), np.int64)
    local = np.full(n + p, -1)
    members = np.empty(n + p, np.int64)
    begin = 0
    while begin < found:
        end = begin + 1
        while end < found and root[order[end]] == root[order[begin]]:
            end += 1
        if end == begin + 1:
            k = order[begin]
            out_plot_of_row[candidates.row[k]] = candidates.plot[k]
        else:
            _assign_cluster(order[begin:end], candidates, n, local, members, cost, chosen, out_plot_of_row)
        begin = end


@kernel
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def _assign_cluster(pairs, candidates, n, local, members, cost, chosen, out_plot_of_row):
    """Assign the candidates `pairs` of one cluster; `local`, `members (n + p,)`, `cost`, `chosen` are scratch."""
    rows, plots = 0, 0
    for k in pairs:
        i = candidates.row[k]
        if local[i] < 0:
            local[i] = rows
            members[rows] = i
            rows += 1
    for k in pairs:
        j = n + candidates.plot[k]
        if local[j] < 0:
            local[j] = plots
            members[rows + plots] = j
            plots += 1
    for i in range(rows):
        for j in range(plots):
            cost[i, j] = np.inf
    for k in pairs:
        cost[local[candidates.row[k]], local[n + candidates.plot[k]]] = -candidates.gain[k]
    assign(cost[:rows, :plots], np.zeros(rows), chosen[:rows])
    for i in range(rows):
        if chosen[i] != ALONE:
            out_plot_of_row[members[i]] = members[rows + chosen[i]] - n
    for k in range(rows + plots):
        local[members[k]] = -1


@kernel
def take_plot(bank, row, time_s, gain, radar, radars, sky, work):
    """Give a row the plot to which `work` has been fitted.

    A plot older than the track corrected it where it was then; what was learnt is carried on to the track's
    time without noise.
    """
    own = bank.rows[row]
    if time_s < own.time_s:
        age_s = own.time_s - own.first_s
        carry_row(work.mean, work.cov, work.log_weight, age_s, own.time_s - time_s, False, sky, work)
    copy_filters(work.mean, work.cov, work.log_weight, bank.mean[row], bank.cov[row], bank.log_weight[row])
    note_hit(bank, row, radar, time_s, radars)
    own.time_s = max(own.time_s, time_s)
    own.score += gain
    own.last_s = max(own.last_s, time_s)
    own.first_s = min(own.first_s, time_s)
    own.count += 1
