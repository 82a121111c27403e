"""New tracks: branches of tentative tracks, weighed by sequential likelihood ratio until `elect` decides.

A tentative track is one hypothesis: these plots are one object's. Each look branches it, once for every
plot that fits and once for none; all branches live side by side until their odds decide. Under clutter
alone the expected odds over all branches never grow, so the odds at which a track is confirmed bound the
rate of false tracks whatever the density of clutter: [wald1945], [ville1939].
"""

import numpy as np

from rampart.numerics.jit import kernel, lean_kernel
from rampart.track.bank import TRAIL, copy_filters, copy_notes, copy_row, odds
from rampart.track.cluster import take_plot
from rampart.track.fit import SAME_TIME_S, fit_ahead, fit_row
from rampart.track.gate import admits, first_at_least, gate_box, in_box
from rampart.track.looks import detection_of
from rampart.track.motions import carry_row
from rampart.track.pairs import pair_plots
from rampart.track.pruning import floor_odds, thin
from rampart.track.radars import log_clutter_density, range_share
from rampart.track.ring import TAKEN

LEAST_GAIN = -4.0
"""ln of the likelihood ratio below which a plot starts no branch; the branch without it lives on."""


@kernel
def grow_look(young, n, ring, oldest, plots, must_fit, radar, radars, rules, sky, work, spare):
    """Branch the first `n` rows of `young` by the plots that are left, pair the others, prune; all in `spare`.

    Returns how many rows `spare` holds, or -1 where it has no room; pairs that `must_fit` do without.
    """
    n = branch(young, n, ring, plots, radar, radars, rules, sky, work, spare)
    if n >= 0:
        floor = floor_odds(radars, rules)
        n = pair_plots(ring, oldest, plots, floor, must_fit, radar, radars, rules, sky, work, spare, n)
    if n >= 0:
        n = thin(spare, n, ring, oldest, radars, rules)
    return n


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
            fit, distance = _fit(young, row, j, plots, radar, radars, sky, work)
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
            fit, _ = _fit(young, row, j, plots, radar, radars, sky, work)
            claim = log_seen + fit - log_clutter_density(z, radar, radars)
            out_log_claim[j] = max(out_log_claim[j], np.log(1.0 + np.exp(min(claim, 500.0))))


@lean_kernel
def _draw_gate(young, row, plots, radar, radars, rules, sky, work):
    """Carry a row ahead to the look's middle and draw its gate there, in `work`; return the centre of its azimuths."""
    mean, cov, log_weight = work.ahead_mean, work.ahead_cov, work.ahead_log_weight
    copy_filters(young.mean[row], young.cov[row], young.log_weight[row], mean, cov, log_weight)
    own = young.rows[row]
    age_s, wait_s = plots.middle_s - own.first_s, plots.middle_s - own.time_s
    carry_row(mean, cov, log_weight, age_s, wait_s, True, sky, work)
    return gate_box(mean, cov, log_weight, plots.span_s, radar, radars, rules.gate_sigma2, work)


@lean_kernel
def _fit(young, row, j, plots, radar, radars, sky, work):
    """Return (ln likelihood, squared distance) of plot j for the row whose gate was drawn last; `work` then holds its
    filters with the plot."""
    time_s, z, sigma = plots.time_s[j], plots.z[j], plots.sigma[j]
    if abs(time_s - plots.middle_s) > SAME_TIME_S:
        return fit_ahead(young, row, time_s, z, sigma, radar, radars, sky, work)
    copy_filters(work.ahead_mean, work.ahead_cov, work.ahead_log_weight, work.mean, work.cov, work.log_weight)
    return fit_row(work.mean, work.cov, work.log_weight, z, sigma, radar, radars, work)
