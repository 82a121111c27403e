"""One look of one cluster of tracks: every hypothesis branches into its best assignments, the likeliest live on."""

import numpy as np

from rampart.numerics.assignment import ALONE
from rampart.numerics.jit import kernel, lean_kernel
from rampart.numerics.ranking import rank_assignments
from rampart.track.bank import NOTHING, TRAIL, copy_filters, copy_notes, copy_row
from rampart.track.hypotheses import SLACK, divide, join_clusters, most_of, prune, stand_alone
from rampart.track.labels import keep_names
from rampart.track.looks import note_hit
from rampart.track.motions import carry_row
from rampart.track.unresolved import hidden_shares, hide, log_unseen

POINTLESS = 9.0
"""A candidate is left out where both its row and its plot have one that gains so much more."""


@lean_kernel
def is_plain(row, candidates):
    """Return whether a row has nothing to decide: no candidate, or one that leaves no doubt."""
    begin, end = candidates.first[row], candidates.first[row + 1]
    return end == begin or (end == begin + 1 and candidates.gain[begin] > SLACK)


@lean_kernel
def settle_alone(
    track, row, candidates, bank, plots, look, radar, radars, sky, work, out, made, out_hypotheses, out_plot,
    out_same,
):  # fmt: skip
    """Settle a track that competes with no other and has nothing to decide; return the rows of `out`."""
    if made >= out.rows.shape[0]:
        return made + 1
    k = candidates.first[row]
    out_plot[track], out_same[track] = ALONE, True
    if k < candidates.first[row + 1]:
        out_plot[track] = candidates.plot[k]
    _make_row(row, out_plot[track], track, candidates, bank, plots, look, radar, radars, sky, work, out, made)
    stand_alone(track, made, out_hypotheses)
    return made + 1


@kernel
def settle_cluster(
    members, candidates, bank, ahead, hypotheses, plots, look, radar, radars, sky, work, out, made,
    out_hypotheses, out_plot, out_same,
):  # fmt: skip
    """Settle the tracks `members (t,)` together; return the rows of `out`, past the room where there is none."""
    tracks = members.shape[0]
    most = most_of(tracks)
    parent_row, parent_weight = np.empty((most, tracks), np.int64), np.empty(most)
    parents = join_clusters(members, most, hypotheses, parent_row, parent_weight)
    row, plot = np.empty((most, tracks), np.int64), np.empty((most, tracks), np.int64)
    log_weight = np.empty(most)
    hidden = np.empty(tracks)
    count = _branch(
        parent_row[:parents], parent_weight, candidates, plots.time_s.shape[0], ahead, radar, radars, work, row, plot,
        log_weight,
    )  # fmt: skip
    keep_names(row, plot, count, hypotheses.row[members, 0], bank, look)
    count = prune(row, plot, log_weight, count, bank, look)
    begin = made
    made_of, made_with = np.empty(count * tracks, np.int64), np.empty(count * tracks, np.int64)
    for h in range(count):
        hidden_shares(row[h], plot[h], ahead, radar, radars, work, hidden)
        for i in range(tracks):
            track = members[i]
            known = -1
            for q in range(made - begin):
                own = out.rows[begin + q].track == track
                if own and made_of[q] == row[h, i] and made_with[q] == plot[h, i]:
                    known = begin + q
            if known < 0:
                if made >= out.rows.shape[0]:
                    return made + 1
                made_of[made - begin], made_with[made - begin] = row[h, i], plot[h, i]
                _make_row(
                    row[h, i], plot[h, i], track, candidates, bank, plots, look, radar, radars, sky, work, out, made
                )  # fmt: skip
                if hidden[i] > 0.0:
                    hide(out, made, radar, plots.middle_s, candidates.missed[row[h, i]], hidden[i])
                known, made = made, made + 1
            out_hypotheses.row[track, h] = known
    for i in range(tracks):
        out_plot[members[i]], out_same[members[i]] = plot[0, i], row[0, i] == hypotheses.row[members[i], 0]
    divide(members, log_weight[:count], out_hypotheses)
    return made


@kernel
def _branch(
    parent_row, parent_weight, candidates, p, ahead, radar, radars, work, out_row, out_plot, out_log_weight
):
    """Fill the likeliest branches of the hypotheses `parent_row (h, t)`, the best first; return how many.

    A branch is `out_row (most, t)` of the bank, each with its `out_plot (most, t)` of the `p` or ALONE.
    """
    parents, tracks = parent_row.shape
    most, count = out_row.shape[0], 0
    local, plots = np.full(p, -1), np.empty(p, np.int64)
    wanted = 0
    for h in range(parents):
        for i in range(tracks):
            own = parent_row[h, i]
            for k in range(candidates.first[own], candidates.first[own + 1]):
                if local[candidates.plot[k]] < 0:
                    local[candidates.plot[k]] = wanted
                    plots[wanted] = candidates.plot[k]
                    wanted += 1
    gain = np.empty((tracks, wanted))
    column, total, hidden = np.empty((most, tracks), np.int64), np.empty(most), np.empty(tracks)
    for h in range(parents):
        base = parent_weight[h]
        gain[:] = -np.inf
        for i in range(tracks):
            own = parent_row[h, i]
            base += candidates.missed[own]
            for k in range(candidates.first[own], candidates.first[own + 1]):
                gain[i, local[candidates.plot[k]]] = candidates.gain[k]
        _leave_out_pointless(gain)
        for rank in range(rank_assignments(gain, most, SLACK, column, total)):
            weight = base + total[rank]
            hidden_shares(parent_row[h], column[rank], ahead, radar, radars, work, hidden)
            for i in range(tracks):
                if hidden[i] > 0.0:
                    missed = candidates.missed[parent_row[h, i]]
                    weight += log_unseen(missed, hidden[i]) - missed
            place = count
            while place > 0 and weight > out_log_weight[place - 1]:
                place -= 1
            if place >= most or (count > 0 and weight < out_log_weight[0] - SLACK):
                continue
            count = min(count + 1, most)
            for k in range(count - 1, place, -1):
                out_log_weight[k] = out_log_weight[k - 1]
                out_row[k] = out_row[k - 1]
                out_plot[k] = out_plot[k - 1]
            out_log_weight[place] = weight
            for i in range(tracks):
                out_row[place, i] = parent_row[h, i]
                out_plot[place, i] = ALONE if column[rank, i] == ALONE else plots[column[rank, i]]
    return count


@kernel
def _leave_out_pointless(gain):
    """Forbid the pairs of `gain (t, p)` that both their row and their plot could do much better without."""
    tracks, plots = gain.shape
    best_of_plot = np.full(plots, -np.inf)
    for i in range(tracks):
        for j in range(plots):
            best_of_plot[j] = max(best_of_plot[j], gain[i, j])
    for i in range(tracks):
        best = -np.inf
        for j in range(plots):
            best = max(best, gain[i, j])
        for j in range(plots):
            if gain[i, j] < min(best, best_of_plot[j]) - POINTLESS:
                gain[i, j] = -np.inf


@lean_kernel
def _make_row(row, plot, track, candidates, bank, plots, look, radar, radars, sky, work, out, made):
    """Make row `made` of `out`: a row of `bank` that takes a plot of the look, or ALONE."""
    if plot == ALONE:
        copy_row(bank, row, out, made)
        out.trail[made, look % TRAIL] = NOTHING
    else:
        k = candidates.first[row]
        while candidates.plot[k] != plot:
            k += 1
        copy_notes(bank, row, out, made)
        out.trail[made, look % TRAIL] = plots.serial + plot
        take_plot(
            out, made, candidates.mean[k], candidates.cov[k], candidates.log_weight[k], plots.time_s[plot],
            candidates.score[k], radar, radars, sky, work,
        )  # fmt: skip
    out.rows[made].track = track


@lean_kernel
def take_plot(bank, row, mean, cov, log_weight, time_s, gain, radar, radars, sky, work):
    """Give a row the plot to which its filters `mean (m, 7)`, `cov (m, 7, 7)`, `log_weight (m,)` have been fitted.

    A plot older than the track corrected it where it was then; what was learnt is carried on to the track's
    time without noise.
    """
    own = bank.rows[row]
    copy_filters(mean, cov, log_weight, bank.mean[row], bank.cov[row], bank.log_weight[row])
    if time_s < own.time_s:
        age_s = own.time_s - own.first_s
        carry_row(
            bank.mean[row], bank.cov[row], bank.log_weight[row], age_s, own.time_s - time_s, False, sky, work
        )
    note_hit(bank, row, radar, time_s, radars)
    own.time_s = max(own.time_s, time_s)
    own.score += gain
    own.last_s = max(own.last_s, time_s)
    own.first_s = min(own.first_s, time_s)
    own.count += 1
