"""New tracks: branches of tentative tracks, weighed by sequential likelihood ratio until `elect` decides.

A tentative track is one hypothesis: these plots are one object's. Each look branches it, once for every
plot that fits and once for none; all branches live side by side until their odds decide. Under clutter
alone the expected odds over all branches never grow, so the odds at which a track is confirmed bound the
rate of false tracks whatever the density of clutter: [wald1945], [ville1939].
"""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.track.bank import TRAIL, copy_filters, copy_notes, copy_row, odds, pack_rows
from rampart.track.cluster import take_plot
from rampart.track.fit import fit_ahead
from rampart.track.gate import admits, first_at_least, gate_box, in_box
from rampart.track.looks import count_misses, detection_of
from rampart.track.motions import carry_row
from rampart.track.pairs import pair_plots
from rampart.track.radars import log_clutter_density, range_share
from rampart.track.ring import CLAIMED, TAKEN

LEAST_GAIN = -4.0
"""ln of the likelihood ratio below which a plot starts no branch; the branch without it lives on."""

FLOOR_ODDS = -6.0
"""A tentative track whose ln odds fall below this, or below a fresh start's, is dropped."""

MOST_UNSEEN_LOOKS = 6.5
"""A tentative track is dropped when it has gone unseen for so many looks, though none may have been missed: where no
radar looks any more nothing will decide it, and its gate would grow over the whole sky."""

SIBLING_ODDS = 8.0
"""A tentative track is dropped when one from the same first plot is likelier by this, in ln odds."""


@kernel
def grow_look(young, n, ring, oldest, plots, radar, radars, rules, sky, work, spare):
    """Branch the first `n` rows of `young` by the plots that are left, pair the others, prune; all in `spare`.

    Returns how many rows `spare` holds, or -1 where it has no room.
    """
    n = branch(young, n, ring, plots, radar, radars, rules, sky, work, spare)
    if n >= 0:
        floor = floor_odds(radars, rules)
        n = pair_plots(ring, oldest, plots, floor, radar, radars, rules, sky, work, spare, n)
    if n >= 0:
        n = thin(spare, n, ring, oldest, radars, rules)
    return n


@lean_kernel
def floor_odds(radars, rules):
    """Return the ln odds below which a tentative track explains less than a fresh start would."""
    update_s, false = 0.0, -np.inf
    for radar in range(radars.table.shape[0]):
        update_s = max(update_s, radars.table[radar].update_s)
        false = max(false, radars.table[radar].log_false)
    return min(FLOOR_ODDS, rules.log_rate_ps + np.log(update_s) - false - 1.0)


@lean_kernel
def branch(young, n, ring, plots, radar, radars, rules, sky, work, out):
    """Fill `out` with every branch of the first `n` rows of `young`; return how many, or -1 without room.

    A branch without a plot is the row as it was; `count_misses` counts its missed look.
    """
    size, grown = ring.rows.shape[0], 0
    for row in range(n):
        if grown >= out.rows.shape[0]:
            return -1
        copy_row(young, row, out, grown)
        grown += 1
        centre = _draw_gate(young, row, plots, radar, radars, rules, sky, work)
        low_m, high_m = work.low[0], work.high[0]
        log_seen = np.log(detection_of(young, row, radar, radars))
        for k in range(first_at_least(plots.z, plots.order, low_m), plots.order.shape[0]):
            j = plots.order[k]
            z, time_s = plots.z[j], plots.time_s[j]
            if z[0] > high_m:
                break
            if ring.rows[(plots.serial + j) % size].use == TAKEN or not in_box(
                z, centre, work.low, work.high
            ):
                continue
            if not admits(young, row, time_s, z, radar, radars, rules.late_s):
                continue
            fit, distance = fit_ahead(young, row, time_s, z, plots.sigma[j], radar, radars, sky, work)
            gain = (
                log_seen
                + np.log(range_share(z[0], radar, radars))
                + fit
                - log_clutter_density(z, radar, radars)
            )
            if distance > rules.gate_sigma2 or gain < LEAST_GAIN:
                continue
            if grown >= out.rows.shape[0]:
                return -1
            copy_notes(young, row, out, grown)
            count = out.rows[grown].count
            if count < TRAIL:
                out.trail[grown, count] = plots.serial + j
            take_plot(
                out, grown, work.mean, work.cov, work.log_weight, time_s, gain, radar, radars, sky, work
            )
            grown += 1
    return grown


@lean_kernel
def claim_plots(young, n, plots, radar, radars, rules, sky, work, out_log_claim):
    """Fill `out_log_claim (p,)`: ln of how much denser plots are expected at each plot than clutter alone would be.

    What likely tentative tracks are about to take is not free for a confirmed one that was missed: to it, they are one
    more source of other things' plots, each as dense as it is likely to be real.
    """
    out_log_claim[:] = 0.0
    for row in range(n):
        total = odds(young, row)
        if not total > 0.0:
            continue
        log_real = -np.log(1.0 + np.exp(-total))
        centre = _draw_gate(young, row, plots, radar, radars, rules, sky, work)
        low_m, high_m = work.low[0], work.high[0]
        log_seen = log_real + np.log(detection_of(young, row, radar, radars))
        for k in range(first_at_least(plots.z, plots.order, low_m), plots.order.shape[0]):
            j = plots.order[k]
            z, time_s = plots.z[j], plots.time_s[j]
            if z[0] > high_m:
                break
            if not in_box(z, centre, work.low, work.high):
                continue
            if not admits(young, row, time_s, z, radar, radars, rules.late_s):
                continue
            fit, _ = fit_ahead(young, row, time_s, z, plots.sigma[j], radar, radars, sky, work)
            claim = log_seen + fit - log_clutter_density(z, radar, radars)
            out_log_claim[j] = max(out_log_claim[j], np.log(1.0 + np.exp(min(claim, 500.0))))


@lean_kernel
def _draw_gate(young, row, plots, radar, radars, rules, sky, work):
    """Draw a row's gate at the look's time, in `work`; return the centre of its azimuths."""
    copy_filters(young.mean[row], young.cov[row], young.log_weight[row], work.mean, work.cov, work.log_weight)
    own = young.rows[row]
    age_s, wait_s = plots.middle_s - own.first_s, plots.middle_s - own.time_s
    carry_row(work.mean, work.cov, work.log_weight, age_s, wait_s, True, sky, work)
    return gate_box(
        work.mean, work.cov, work.log_weight, plots.span_s, radar, radars, rules.gate_sigma2, work
    )


@lean_kernel
def _is_stale(young, row, radars):
    """Return whether a row has gone unseen for too long by the radars that saw it."""
    update_s, now_s = 0.0, -np.inf
    for radar in range(radars.table.shape[0]):
        if young.sights[row, radar].hits > 0.0:
            update_s = max(update_s, radars.table[radar].update_s)
            now_s = max(now_s, radars.table[radar].now_s)
    return now_s - young.rows[row].last_s > MOST_UNSEEN_LOOKS * update_s


@kernel
def thin(young, n, ring, oldest, radars, rules):
    """Count missed looks and drop what is not worth following from the first `n` rows; return how many stay.

    A row is dropped when its ln odds are too low, when a row from the same first plot is likelier by
    SIBLING_ODDS, when it has long gone unseen, when its first plot has left the ring, or when its trail is
    full. Rows that are likelier real than not and have plots enough to be confirmed claim them, so that these
    start no further pairs.
    """
    if n == 0:
        return 0
    count_misses(young, n, young, radars)
    size, floor = ring.rows.shape[0], floor_odds(radars, rules)
    keep = np.zeros(n, np.bool_)
    for row in range(n):
        if young.rows[row].root >= oldest:
            ring.rows[young.rows[row].root % size].best = -np.inf
    for row in range(n):
        if young.rows[row].root >= oldest:
            first = ring.rows[young.rows[row].root % size]
            first.best = max(first.best, odds(young, row))
    for row in range(n):
        own, total = young.rows[row], odds(young, row)
        if own.root < oldest or own.count > TRAIL or not total > floor or _is_stale(young, row, radars):
            continue
        keep[row] = total > ring.rows[own.root % size].best - SIBLING_ODDS
        if keep[row] and own.count >= rules.confirm_plots and total > 0.0:
            for t in range(own.count):
                plot = ring.rows[young.trail[row, t] % size]
                plot.use = max(plot.use, CLAIMED)
    return pack_rows(young, keep)
