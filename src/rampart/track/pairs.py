"""Pairs: two plots that may be one thing's, from which every track begins."""

import numpy as np

from rampart.domain.scan import ELEVATION, RANGE, RANGE_RATE
from rampart.numerics.jit import kernel, lean_kernel
from rampart.physics.geodesy import height_of_enu
from rampart.physics.terrain import ground_height_m
from rampart.track.fit import fit_row, start_row
from rampart.track.glance import MARGIN, glance
from rampart.track.looks import TOO_SOON
from rampart.track.motions import NEVER, add_noise, carry, carry_row, fall_about
from rampart.track.precedents import follow_precedent
from rampart.track.radars import log_clutter_density, range_share
from rampart.track.ring import UNUSED

SEED_ODDS = -4.7
"""A single plot waits for a partner until the looks that it went unseen, in ln(1 - Pd), sum to this..."""

MOST_WAIT_LOOKS = 6.0
"""...but for no more looks than this."""

MOST_BEND_MPS2 = 60.0
"""A range rate that changes by up to 240 m/s a second bends the range by no more than this a square second."""


@kernel
def pair_plots(ring, oldest, plots, floor, must_fit, radar, radars, rules, sky, work, bank, n):
    """Append to `bank` a row for every likely pair of a new plot and an earlier one; return the rows, or -1.

    Earlier plots have serials from `oldest` on. A pair whose ln odds are below `floor` is not worth following.
    Without room the answer is -1, or, where they `must_fit`, the pairs so far are all.
    """
    size = ring.rows.shape[0]
    longest_s = 0.0
    for other in range(radars.table.shape[0]):
        longest_s = max(longest_s, _most_wait_s(other, radar, radars))
    seeds, range_m, begins = _waiting_seeds(ring, oldest, plots, longest_s, radar, radars, rules)
    for group in range(begins.shape[0] - 1):
        own = seeds[begins[group] : begins[group + 1]]
        own_range_m = range_m[begins[group] : begins[group + 1]]
        other = ring.rows[own[0] % size].radar
        most_s, extent = _most_wait_s(other, radar, radars), _extent(ring, own)
        for new in range(plots.serial, plots.serial + plots.time_s.shape[0]):
            k = new % size
            if ring.rows[k].use != UNUSED:
                continue
            low_m, high_m = _reach_m(ring, k, other == radar, extent, rules)
            for s in range(np.searchsorted(own_range_m, low_m), np.searchsorted(own_range_m, high_m)):
                i = own[s] % size
                if not _may_pair(ring, i, k, most_s, radars, rules) or not _promises(
                    ring, i, k, floor, radars, sky
                ):
                    continue
                if n >= bank.rows.shape[0]:
                    return n if must_fit else -1
                if _fit_pair(ring, i, k, radars, sky, work, bank, n) > floor:
                    bank.rows[n].root = own[s]
                    bank.trail[n, 0], bank.trail[n, 1] = own[s], new
                    n += 1
    return n


@lean_kernel
def _most_wait_s(first, second, radars):
    """Return how long a plot of one radar waits for a partner of another, or of the same."""
    looks = min(max(np.floor(SEED_ODDS / np.log(1.0 - radars.table[first].detection)), 1.0), MOST_WAIT_LOOKS)
    return (looks + 0.5) * max(radars.table[first].update_s, radars.table[second].update_s)


@kernel
def _waiting_seeds(ring, oldest, plots, longest_s, radar, radars, rules):
    """Return the earlier plots that still wait, look by look: (serials, ranges from this radar m, where looks begin).

    Those of a look are sorted by range. Plots come nearly in order of time, so the search goes back until they are
    too old by more than any delay.
    """
    size = ring.rows.shape[0]
    earliest_s = plots.middle_s - plots.span_s - longest_s
    begin = plots.serial
    while begin > oldest and ring.rows[(begin - 1) % size].time_s > earliest_s - rules.late_s:
        begin -= 1
    serials, range_m = np.empty(plots.serial - begin, np.int64), np.empty(plots.serial - begin)
    begins = np.empty(plots.serial - begin + 1, np.int64)
    count = groups = 0
    look = -1
    for old in range(begin, plots.serial):
        i = old % size
        if ring.rows[i].use != UNUSED or ring.rows[i].time_s < earliest_s:
            continue
        if ring.rows[i].look != look:
            look = ring.rows[i].look
            begins[groups] = count
            groups += 1
        far_m2 = 0.0
        for c in range(3):
            far_m2 += (ring.place_enu_m[i, c] - radars.origin_enu_m[radar, c]) ** 2
        serials[count], range_m[count] = old, np.sqrt(far_m2)
        count += 1
    begins[groups] = count
    for group in range(groups):
        part = slice(begins[group], begins[group + 1])
        order = np.argsort(range_m[part])
        serials[part], range_m[part] = serials[part][order], range_m[part][order]
    return serials[:count], range_m[:count], begins[: groups + 1]


@lean_kernel
def _extent(ring, serials):
    """Return (first time s, last time s, greatest slack m, greatest sigma of range m) of plots."""
    size = ring.rows.shape[0]
    first_s, last_s, widest_m, sigma_m = np.inf, -np.inf, 0.0, 0.0
    for serial in serials:
        i = serial % size
        first_s, last_s = min(first_s, ring.rows[i].time_s), max(last_s, ring.rows[i].time_s)
        widest_m, sigma_m = max(widest_m, _slack_m(ring, i)), max(sigma_m, ring.sigma[i, RANGE])
    return first_s, last_s, widest_m, sigma_m


@lean_kernel
def _reach_m(ring, k, same, extent, rules):
    """Return between which ranges (m, m) a partner of plot k lies among earlier plots of an `_extent`.

    Of the `same` radar, k's own range rate says how far it has come, within `_may_pair`'s slack.
    """
    first_s, last_s, widest_m, sigma_m = extent
    range_m, rate_mps = ring.z[k, RANGE], ring.z[k, RANGE_RATE]
    least_s, most_s = ring.rows[k].time_s - last_s, ring.rows[k].time_s - first_s
    longest_s = max(abs(least_s), abs(most_s))
    reach_m = rules.speed_limit_mps * longest_s + widest_m + _slack_m(ring, k)
    if not same or np.isnan(rate_mps) or least_s < 0.0:
        return range_m - reach_m, range_m + reach_m
    slack_m = 5.0 * (sigma_m + ring.sigma[k, RANGE]) + 3.0 * MOST_BEND_MPS2 * longest_s * longest_s
    low_m = range_m - max(rate_mps * least_s, rate_mps * most_s) - slack_m
    high_m = range_m - min(rate_mps * least_s, rate_mps * most_s) + slack_m
    return max(low_m, range_m - reach_m), min(high_m, range_m + reach_m)


@lean_kernel
def _slack_m(ring, i):
    """Return how far off a plot may lie from its thing, four standard deviations in each direction."""
    sigma = ring.sigma[i]
    angle = sigma[1] + (0.0 if np.isnan(ring.z[i, ELEVATION]) else sigma[2])
    return 4.0 * (sigma[RANGE] + ring.z[i, RANGE] * angle)


@lean_kernel
def _may_pair(ring, i, k, most_s, radars, rules):
    """Return whether the plots in rows i and k can be one thing's: in range rate, in time up to `most_s`, in place.

    Without elevation the place on the plane is a wrong one, but of one radar's plots wrong alike.
    """
    other, radar = ring.rows[i].radar, ring.rows[k].radar
    wait_s = ring.rows[k].time_s - ring.rows[i].time_s
    first, second = ring.z[i], ring.z[k]
    if other == radar:
        slack_m = 5.0 * (ring.sigma[i, RANGE] + ring.sigma[k, RANGE]) + MOST_BEND_MPS2 * wait_s * wait_s
        rate_mps = 0.5 * (first[RANGE_RATE] + second[RANGE_RATE])
        if (
            abs(second[RANGE] - first[RANGE] - rate_mps * wait_s) > slack_m
        ):  # NaN, without a rate, says nothing
            return False
    if ring.rows[i].use != UNUSED or abs(wait_s) > most_s:
        return False
    if wait_s < (TOO_SOON * radars.table[other].update_s if other == radar else -rules.late_s):
        return False
    reach_m = rules.speed_limit_mps * abs(wait_s) + _slack_m(ring, i) + _slack_m(ring, k)
    far_m2 = 0.0
    for c in range(3):
        gap_m = ring.place_enu_m[k, c] - ring.place_enu_m[i, c]
        far_m2 += gap_m * gap_m
    if far_m2 > reach_m * reach_m:
        return False
    level = np.isnan(first[ELEVATION])
    return level == np.isnan(second[ELEVATION]) and (not level or other == radar)


@lean_kernel
def _promises(ring, i, k, floor, radars, sky):
    """Return whether the plots in rows i and k are worth a fit; those of two radars, or without elevation, always."""
    radar, wait_s = ring.rows[i].radar, ring.rows[k].time_s - ring.rows[i].time_s
    if ring.rows[k].radar != radar or np.isnan(ring.z[i, ELEVATION]):
        return True
    odds = glance(
        ring.z[i],
        ring.sigma[i],
        ring.z[k],
        ring.sigma[k],
        _height_m(ring, i, sky),
        wait_s,
        radar,
        radars,
        sky,
    )
    return odds > floor - MARGIN


@lean_kernel
def _height_m(ring, i, sky):
    """Return how high over the ground a plot lies."""
    place = ring.place_enu_m
    height_m = height_of_enu(place[i, 0], place[i, 1], place[i, 2], sky.frame)
    return height_m - ground_height_m(place[i, 0], place[i, 1], sky.terrain)


@lean_kernel
def _fit_pair(ring, i, k, radars, sky, work, bank, n):
    """Fill row `n` with the track of two plots; return its score."""
    place, first, second = ring.place_enu_m, ring.rows[i].radar, ring.rows[k].radar
    wait_s = ring.rows[k].time_s - ring.rows[i].time_s
    height_m = _height_m(ring, i, sky)
    mean, cov, log_weight = bank.mean[n], bank.cov[n], bank.log_weight[n]
    score = start_row(ring.z[i], ring.sigma[i], height_m, first, radars, sky, work, mean, cov, log_weight)
    for motion in range(log_weight.shape[0]):
        if log_weight[motion] > NEVER:
            _carry_prior(mean[motion], cov[motion], motion, place[i], place[k], wait_s, sky, work)
    fit, _ = fit_row(mean, cov, log_weight, ring.z[k], ring.sigma[k], second, radars, work)
    if wait_s < 0.0:
        carry_row(mean, cov, log_weight, 0.0, -wait_s, False, sky, work)
    _fill_pair(ring, i, k, bank, n)
    seen = radars.table[second].detection * range_share(ring.z[k, RANGE], second, radars)
    score += np.log(seen) + fit - log_clutter_density(ring.z[k], second, radars)
    score += follow_precedent(mean, cov, log_weight, sky, work)
    if first == second:
        missed = max(np.floor(wait_s / radars.table[second].update_s + 0.5) - 1.0, 0.0)
        score += missed * np.log(1.0 - seen)
        bank.sights[n, second].looks += missed
    bank.rows[n].score = score
    return score


@lean_kernel
def _carry_prior(mean, cov, motion, here, there, wait_s, sky, work):
    """Carry what the first plot knows to the time of the second; a flight goes by way of both places `(3,)`."""
    if not (sky.motions[motion].flies and wait_s > 0.1):
        carry(mean, cov, motion, wait_s, True, sky, work)
        return
    fall_about(
        mean, cov,
        (there[0] - here[0]) / wait_s, (there[1] - here[1]) / wait_s, (there[2] - here[2]) / wait_s,
        wait_s, sky.motions[motion].thrust_mps2, sky, work,
    )  # fmt: skip
    add_noise(work.path, cov, motion, wait_s, sky)


@lean_kernel
def _fill_pair(ring, i, k, bank, n):
    """Fill the columns of a new row, all but its filters, its score and its trail."""
    row = bank.rows[n]
    row.first_s = min(ring.rows[i].time_s, ring.rows[k].time_s)
    row.last_s = max(ring.rows[i].time_s, ring.rows[k].time_s)
    row.time_s = row.last_s
    row.count = 2
    row.id = 0
    row.family = 0
    row.shown = row.open = False
    row.level = np.isnan(ring.z[i, ELEVATION])
    for t in range(bank.trail.shape[1]):
        bank.trail[n, t] = -1
    for radar in range(bank.sights.shape[1]):
        sight = bank.sights[n, radar]
        sight.seen_s = row.first_s
        sight.counted = sight.missed = sight.missed_score = sight.hits = sight.looks = 0.0
    for plot in (i, k):
        sight = bank.sights[n, ring.rows[plot].radar]
        sight.seen_s = max(sight.seen_s, ring.rows[plot].time_s)
        sight.hits += 1.0
        sight.looks += 1.0
