"""Which plot belongs to which confirmed track: candidates through gates, clusters, the best assignment."""

import numpy as np

from rampart.numerics.assignment import ALONE, assign
from rampart.numerics.jit import kernel
from rampart.track.bank import carry_row, copy_row
from rampart.track.fit import first_at_least, fit_row, gate_box, in_box, log_clutter_density, look_of, widen
from rampart.track.looks import TOO_SOON, best_motion, cover_share, detection_of, note_hit, range_share

SAME_TIME_S = 1e-6


@kernel
def carry_bank(bank, n, time_s, sky, work, out_ahead):
    """Fill the first `n` rows of `out_ahead` with those of `bank` at another time."""
    for row in range(n):
        copy_row(bank, row, out_ahead, row)
        carry_row(
            out_ahead.mean[row], out_ahead.cov[row], out_ahead.log_weight[row],
            time_s - bank.first_s[row], time_s - bank.time_s[row], True, sky, work,
        )  # fmt: skip
        out_ahead.time_s[row] = time_s


@kernel
def fit_ahead(ahead, row, time_s, z, sigma, look, sky, work):
    """Carry a row from where it is to a plot's time, in `work`, and fit the plot.

    Returns (ln likelihood, squared distance). `work` then holds the corrected means, covariances, weights.
    """
    work.mean[:] = ahead.mean[row]
    work.cov[:] = ahead.cov[row]
    work.log_weight[:] = ahead.log_weight[row]
    duration_s = time_s - ahead.time_s[row]
    if abs(duration_s) > SAME_TIME_S:
        age_s = time_s - ahead.first_s[row]
        carry_row(work.mean, work.cov, work.log_weight, age_s, duration_s, True, sky, work)
    return fit_row(work.mean, work.cov, work.log_weight, z, sigma, look, work)


@kernel
def admits(bank, row, time_s, z, radar, radars, rules):
    """Return whether a row may take a plot at all: not too late, not twice in a look, no rocket by plan alone.

    Where a track was born of plots without elevation, plots with one are left to tracks that can be projectiles.
    """
    if bank.level[row] and not np.isnan(z[2]):
        return False
    if time_s < bank.time_s[row] - rules.late_s:
        return False
    seen_before = bank.hits[row, radar] > 0.0
    return not seen_before or time_s >= bank.seen_s[row, radar] + TOO_SOON * radars.update_s[radar]


@kernel
def gather(
    bank, ahead, n, plots, radar, radars, rules, sky, work, out_row, out_plot, out_gain
):  # fmt: skip
    """Fill the candidate pairs of confirmed row and plot; return how many there are, even past the room.

    `ahead` holds the rows at `plots.middle_s`. The gain is ln of the odds that the plot is the track's and not
    clutter, over those that the track was missed.
    """
    found, reach = 0, np.sqrt(rules.gate_sigma2)
    look = look_of(radars, radar)
    for row in range(n):
        motion = best_motion(ahead.log_weight[row])
        share = cover_share(ahead.mean[row, motion], ahead.cov[row, motion], 0.0, radar, radars)
        detection = detection_of(bank, row, radar, radars)
        base = np.log(detection) - np.log(1.0 - detection * share)
        centre = gate_box(ahead.mean[row], ahead.cov[row], ahead.log_weight[row], look, reach, work)
        low, high = work.low, work.high
        widen(low, high, plots.span_s)
        for k in range(first_at_least(plots.z, plots.order, low[0]), plots.order.shape[0]):
            j = plots.order[k]
            z, time_s = plots.z[j], plots.time_s[j]
            if z[0] > high[0]:
                break
            if not (in_box(z, centre, low, high) and admits(bank, row, time_s, z, radar, radars, rules)):
                continue
            fit, distance = fit_ahead(ahead, row, time_s, z, plots.sigma[j], look, sky, work)
            gain = base + np.log(range_share(z[0], radar, radars)) + fit - log_clutter_density(z, look)
            if distance < rules.gate_sigma2 and gain > 0.0:
                if found < out_row.shape[0]:
                    out_row[found], out_plot[found], out_gain[found] = row, j, gain
                found += 1
    return found


@kernel
def settle_clusters(found, row, plot, gain, n, p, out_plot_of_row):
    """Fill `out_plot_of_row (n,)` with the plot of each row or ALONE, for the greatest sum of gains.

    Rows and plots that share no candidate, directly or over others, are apart: each cluster is assigned on
    its own. `row`, `plot`, `gain`: the first `found` are the candidates, of `n` rows and `p` plots.
    """
    out_plot_of_row[:n] = ALONE
    parent = np.arange(n + p)
    for k in range(found):
        a, b = _root(parent, row[k]), _root(parent, n + plot[k])
        if a != b:
            parent[max(a, b)] = min(a, b)
    root = np.empty(found, np.int64)
    for k in range(found):
        root[k] = _root(parent, row[k])
    order = np.argsort(root, kind="mergesort")
    cost = np.empty((min(n, found), min(p, found)))
    alone = np.zeros(min(n, found))
    chosen = np.empty(min(n, found), np.int64)
    local = np.full(n + p, -1)
    members = np.empty(n + p, np.int64)
    begin = 0
    while begin < found:
        end = begin + 1
        while end < found and root[order[end]] == root[order[begin]]:
            end += 1
        pairs = order[begin:end]
        if end == begin + 1:
            out_plot_of_row[row[pairs[0]]] = plot[pairs[0]]
        else:
            _assign_cluster(pairs, row, plot, gain, n, local, members, cost, alone, chosen, out_plot_of_row)
        begin = end


@kernel
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def _assign_cluster(pairs, row, plot, gain, n, local, members, cost, alone, chosen, out_plot_of_row):
    """Assign the candidates `pairs` of one cluster; `local`, `members (n + p,)` and what follows are scratch."""
    rows, plots = 0, 0
    for k in pairs:
        if local[row[k]] < 0:
            local[row[k]] = rows
            members[rows] = row[k]
            rows += 1
    for k in pairs:
        if local[n + plot[k]] < 0:
            local[n + plot[k]] = plots
            members[rows + plots] = plot[k]
            plots += 1
    cost[:rows, :plots] = np.inf
    for k in pairs:
        cost[local[row[k]], local[n + plot[k]]] = -gain[k]
    assign(cost[:rows, :plots], alone[:rows], chosen[:rows])
    for i in range(rows):
        if chosen[i] != ALONE:
            out_plot_of_row[members[i]] = members[rows + chosen[i]]
    for k in pairs:
        local[row[k]] = -1
        local[n + plot[k]] = -1


@kernel
def absorb(bank, ahead, n, plot_of_row, plots, radar, radars, sky, work):
    """Correct each of the first `n` rows of `bank` by its plot, in place; `ahead` as in `gather`."""
    look = look_of(radars, radar)
    for row in range(n):
        j = plot_of_row[row]
        if j == ALONE:
            continue
        fit, _ = fit_ahead(ahead, row, plots.time_s[j], plots.z[j], plots.sigma[j], look, sky, work)
        seen = detection_of(bank, row, radar, radars) * range_share(plots.z[j, 0], radar, radars)
        gain = np.log(seen) + fit - log_clutter_density(plots.z[j], look)
        take_plot(bank, row, plots.time_s[j], gain, radar, radars, sky, work)


@kernel
def take_plot(bank, row, time_s, gain, radar, radars, sky, work):
    """Give a row the plot to which `work` has been fitted.

    A plot older than the track corrected it where it was then; what was learnt is carried on to the track's
    time without noise.
    """
    own_s = bank.time_s[row]
    if time_s < own_s:
        age_s = own_s - bank.first_s[row]
        carry_row(work.mean, work.cov, work.log_weight, age_s, own_s - time_s, False, sky, work)
    bank.mean[row] = work.mean
    bank.cov[row] = work.cov
    bank.log_weight[row] = work.log_weight
    bank.time_s[row] = max(time_s, own_s)
    note_hit(bank, row, radar, time_s, radars.update_s)
    bank.score[row] += gain
    bank.last_s[row] = max(bank.last_s[row], time_s)
    bank.first_s[row] = min(bank.first_s[row], time_s)
    bank.count[row] += 1
