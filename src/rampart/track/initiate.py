"""New tracks: pairs of plots, branches of tentative tracks, and the vote by sequential likelihood ratio.

A tentative track is one hypothesis: these plots are one object's. Each look branches it, once for every
plot that fits and once for none; all branches live side by side until their odds decide. Under clutter
alone the expected odds over all branches never grow, so the odds at which a track is confirmed bound the
rate of false tracks whatever the density of clutter: [wald1945], [ville1939].
"""

from typing import NamedTuple

import numpy as np

from rampart.domain.scan import RANGE, RANGE_RATE
from rampart.numerics.jit import kernel
from rampart.physics.geodesy import height_of_enu
from rampart.physics.radar import enu_from_rae
from rampart.physics.terrain import ground_height_m
from rampart.track.associate import admits, fit_ahead, take_plot
from rampart.track.bank import NEVER, TRAIL, add_noise, carry, carry_row, copy_row, fall_about, pack_rows
from rampart.track.fit import (
    first_at_least,
    fit_row,
    gate_box,
    in_box,
    log_clutter_density,
    look_of,
    start_row,
    widen,
)
from rampart.track.looks import TOO_SOON, detection_of, odds, range_share

UNUSED, CLAIMED, TAKEN = range(3)
"""A plot in the ring: free, held by a likely tentative track, taken by a confirmed one."""

LEAST_GAIN = -4.0
"""ln of the likelihood ratio below which a plot starts no branch; the branch without it lives on."""


class Ring(NamedTuple):
    """The newest plots by serial; the row is serial modulo the number of rows.

    `time_s`, `radar`, `z (n, 4)`, `sigma (n, 4)`, `snr_db`, `place_enu_m (n, 3)`, `use (n,)` as above;
    `best (n,)` scratch: the best odds of the tracks that begin there.
    """

    time_s: np.ndarray
    radar: np.ndarray
    z: np.ndarray
    sigma: np.ndarray
    snr_db: np.ndarray
    place_enu_m: np.ndarray
    use: np.ndarray
    best: np.ndarray


def empty_ring(rows: int) -> Ring:
    """Return a ring without plots."""
    return Ring(
        np.full(rows, -np.inf),
        np.full(rows, -1),
        np.zeros((rows, 4)),
        np.zeros((rows, 4)),
        np.zeros(rows),
        np.zeros((rows, 3)),
        np.full(rows, TAKEN),
        np.zeros(rows),
    )


@kernel
def put_plots(ring, plots, snr_db, radar, radars):
    """Write one look's plots into the ring."""
    frame = look_of(radars, radar).frame
    for j in range(plots.time_s.shape[0]):
        k = (plots.serial + j) % ring.time_s.shape[0]
        z = plots.z[j]
        ring.time_s[k], ring.radar[k], ring.snr_db[k], ring.use[k] = plots.time_s[j], radar, snr_db[j], UNUSED
        ring.z[k] = z
        ring.sigma[k] = plots.sigma[j]
        x, y, u = enu_from_rae(z[0], z[1], 0.0 if np.isnan(z[2]) else z[2], frame)
        ring.place_enu_m[k, 0], ring.place_enu_m[k, 1], ring.place_enu_m[k, 2] = x, y, u


@kernel
def branch(
    bank, n, ring, plots, radar, radars, rules, sky, work, out_bank
):  # fmt: skip
    """Fill `out_bank` with every branch of the first `n` rows; return how many, or -1 without room.

    A branch without a plot is the row as it was; `count_misses` counts its missed look.
    """
    size, grown, reach = ring.time_s.shape[0], 0, np.sqrt(rules.gate_sigma2)
    look = look_of(radars, radar)
    for row in range(n):
        if grown >= out_bank.time_s.shape[0]:
            return -1
        copy_row(bank, row, out_bank, grown)
        grown += 1
        stay = grown - 1
        work.mean[:] = bank.mean[row]
        work.cov[:] = bank.cov[row]
        work.log_weight[:] = bank.log_weight[row]
        age_s, wait_s = plots.middle_s - bank.first_s[row], plots.middle_s - bank.time_s[row]
        carry_row(work.mean, work.cov, work.log_weight, age_s, wait_s, True, sky, work)
        centre = gate_box(work.mean, work.cov, work.log_weight, look, reach, work)
        low, high = work.low, work.high
        widen(low, high, plots.span_s)
        log_seen = np.log(detection_of(bank, row, radar, radars))
        for k in range(first_at_least(plots.z, plots.order, low[0]), plots.order.shape[0]):
            j = plots.order[k]
            z, time_s = plots.z[j], plots.time_s[j]
            if z[0] > high[0]:
                break
            if ring.use[(plots.serial + j) % size] == TAKEN or not in_box(z, centre, low, high):
                continue
            if not admits(bank, row, time_s, z, radar, radars, rules):
                continue
            fit, distance = fit_ahead(bank, row, time_s, z, plots.sigma[j], look, sky, work)
            gain = log_seen + np.log(range_share(z[0], radar, radars)) + fit - log_clutter_density(z, look)
            if distance > rules.gate_sigma2 or gain < LEAST_GAIN:
                continue
            if grown >= out_bank.time_s.shape[0]:
                return -1
            copy_row(out_bank, stay, out_bank, grown)
            if out_bank.count[grown] < TRAIL:
                out_bank.trail[grown, out_bank.count[grown]] = plots.serial + j
            take_plot(out_bank, grown, time_s, gain, radar, radars, sky, work)
            grown += 1
    return grown


@kernel
def pair_plots(
    ring, oldest, plots, floor, radar, radars, horizon_looks, rules, sky, work, bank, n
):  # fmt: skip
    """Append to `bank` a row for every likely pair of a new plot and an earlier one; return the rows, or -1.

    Earlier plots have serials from `oldest` on. `horizon_looks (r,)`: how many looks a plot waits for a partner. A pair
    whose ln odds are below `floor` is not worth following.
    """
    size = ring.time_s.shape[0]
    longest_s = 0.0
    for other in range(horizon_looks.shape[0]):
        update_s = max(radars.update_s[other], radars.update_s[radar])
        longest_s = max(longest_s, (horizon_looks[other] + 0.5) * update_s)
    seeds, east_m, widest_m = _waiting_seeds(ring, oldest, plots, longest_s, rules)
    for new in range(plots.serial, plots.serial + plots.time_s.shape[0]):
        k = new % size
        if ring.use[k] != UNUSED:
            continue
        reach_m = rules.speed_limit_mps * longest_s + widest_m + _slack_m(ring, k)
        low = np.searchsorted(east_m, ring.place_enu_m[k, 0] - reach_m)
        high = np.searchsorted(east_m, ring.place_enu_m[k, 0] + reach_m)
        for s in range(low, high):
            i = seeds[s] % size
            if ring.use[i] != UNUSED or not _may_pair(ring, i, k, radar, radars, horizon_looks, rules):
                continue
            if n >= bank.time_s.shape[0]:
                return -1
            score = _fit_pair(ring, i, k, radars, sky, work, bank, n)
            if score > floor:
                bank.root[n] = seeds[s]
                bank.trail[n] = -1
                bank.trail[n, 0], bank.trail[n, 1] = seeds[s], new
                n += 1
    return n


@kernel
def _waiting_seeds(ring, oldest, plots, longest_s, rules):
    """Return (serials, places to the east m) of the earlier plots that still wait, sorted by place, and their
    greatest slack.

    Plots come nearly in order of time, so the search goes back until they are too old by more than any delay.
    """
    size = ring.time_s.shape[0]
    earliest_s = plots.middle_s - plots.span_s - longest_s
    begin = plots.serial
    while begin > oldest and ring.time_s[(begin - 1) % size] > earliest_s - rules.late_s:
        begin -= 1
    serials, east_m = np.empty(plots.serial - begin, np.int64), np.empty(plots.serial - begin)
    count, widest_m = 0, 0.0
    for old in range(begin, plots.serial):
        i = old % size
        if ring.use[i] == UNUSED and ring.time_s[i] >= earliest_s:
            serials[count], east_m[count] = old, ring.place_enu_m[i, 0]
            widest_m = max(widest_m, _slack_m(ring, i))
            count += 1
    order = np.argsort(east_m[:count], kind="mergesort")
    return serials[:count][order], east_m[:count][order], widest_m


@kernel
def _slack_m(ring, i):
    """Return how far off a plot may lie from its thing, four standard deviations in each direction."""
    sigma = ring.sigma[i]
    angle = sigma[1] + (0.0 if np.isnan(ring.z[i, 2]) else sigma[2])
    return 4.0 * (sigma[RANGE] + ring.z[i, RANGE] * angle)


@kernel
def _may_pair(ring, i, k, radar, radars, horizon_looks, rules):
    """Return whether the plots in rows i and k can be one thing's: in time, in place, in range rate.

    Without elevation the place on the plane is a wrong one, but of one radar's plots wrong alike.
    """
    other = ring.radar[i]
    wait_s = ring.time_s[k] - ring.time_s[i]
    least_s = TOO_SOON * radars.update_s[other] if other == radar else -rules.late_s
    most_s = (horizon_looks[other] + 0.5) * max(radars.update_s[other], radars.update_s[radar])
    if wait_s < least_s or abs(wait_s) > most_s:
        return False
    reach_m = rules.speed_limit_mps * abs(wait_s) + _slack_m(ring, i) + _slack_m(ring, k)
    far_m2 = 0.0
    for c in range(3):
        gap_m = ring.place_enu_m[k, c] - ring.place_enu_m[i, c]
        far_m2 += gap_m * gap_m
    if far_m2 > reach_m * reach_m:
        return False
    first, second = ring.z[i], ring.z[k]
    level = np.isnan(first[2])
    if level != np.isnan(second[2]) or (level and other != radar):
        return False
    if other != radar:
        return True
    # a range rate that changes by up to 240 m/s a second bends the range by no more than this
    slack_m = 5.0 * (ring.sigma[i, RANGE] + ring.sigma[k, RANGE]) + 60.0 * wait_s * wait_s
    rate_mps = 0.5 * (first[RANGE_RATE] + second[RANGE_RATE])
    bent_m = abs(second[RANGE] - first[RANGE] - rate_mps * wait_s)
    return not bent_m > slack_m  # without a range rate it is NaN and says nothing


@kernel
def _fit_pair(ring, i, k, radars, sky, work, bank, n):
    """Fill row `n` with the track of two plots; return its score."""
    place, motions = ring.place_enu_m, sky.motions
    radar, first_radar = ring.radar[k], ring.radar[i]
    look, first_look = look_of(radars, radar), look_of(radars, first_radar)
    wait_s = ring.time_s[k] - ring.time_s[i]
    height_m = height_of_enu(place[i, 0], place[i, 1], place[i, 2], sky.frame)
    height_m -= ground_height_m(place[i, 0], place[i, 1], sky.terrain)
    score, level = start_row(
        ring.z[i], ring.sigma[i], height_m, first_look, motions, np.log(radars.update_s[first_radar]), work,
        bank.mean[n], bank.cov[n], bank.log_weight[n],
    )  # fmt: skip
    for motion in range(bank.log_weight.shape[1]):
        mean, cov = bank.mean[n, motion], bank.cov[n, motion]
        if not bank.log_weight[n, motion] > NEVER:
            continue
        if motions.flies[motion] and wait_s > 0.1:
            speed = work.low
            for c in range(3):
                speed[c] = (place[k, c] - place[i, c]) / wait_s
            fall_about(
                mean, cov, speed[0], speed[1], speed[2], wait_s, motions.thrust_mps2[motion], sky, work
            )
            add_noise(work.path, cov, motion, wait_s, motions)
        else:
            carry(mean, cov, motion, wait_s, True, sky, work)
    fit, _ = fit_row(bank.mean[n], bank.cov[n], bank.log_weight[n], ring.z[k], ring.sigma[k], look, work)
    if wait_s < 0.0:
        carry_row(bank.mean[n], bank.cov[n], bank.log_weight[n], 0.0, -wait_s, False, sky, work)
    _fill_pair(ring, i, k, level, bank, n)
    seen = radars.detection[radar] * range_share(ring.z[k, RANGE], radar, radars)
    score += np.log(seen) + fit - log_clutter_density(ring.z[k], look)
    if first_radar == radar:
        missed = max(np.floor(wait_s / radars.update_s[radar] + 0.5) - 1.0, 0.0)
        score += missed * np.log(1.0 - seen)
        bank.looks[n, radar] += missed
    bank.score[n] = score
    return score


@kernel
def _fill_pair(ring, i, k, level, bank, n):
    """Fill the columns of a new row, all but its filters, its score and its trail."""
    bank.first_s[n] = min(ring.time_s[i], ring.time_s[k])
    bank.last_s[n] = max(ring.time_s[i], ring.time_s[k])
    bank.time_s[n] = bank.last_s[n]
    bank.count[n], bank.id[n], bank.level[n] = 2, 0, level
    bank.seen_s[n] = bank.first_s[n]
    bank.counted[n] = 0.0
    bank.missed[n] = 0.0
    bank.missed_score[n] = 0.0
    bank.hits[n] = 0.0
    bank.looks[n] = 0.0
    for row in (i, k):
        radar = ring.radar[row]
        bank.seen_s[n, radar] = max(bank.seen_s[n, radar], ring.time_s[row])
        bank.hits[n, radar] += 1.0
        bank.looks[n, radar] += 1.0


@kernel
def prune(bank, n, ring, oldest, floor, sibling_odds, claim_plots):
    """Drop what is not worth following from the first `n` rows; return how many stay.

    A row is dropped when its ln odds are below `floor`, when a row from the same first plot is likelier by `sibling_odds`,
    when its oldest plot has left the ring, or when its trail is full. Rows of `claim_plots` plots or more that are
    likelier real than not claim their plots, so that these start no further pairs.
    """
    size = ring.time_s.shape[0]
    keep = np.zeros(n, np.bool_)
    for row in range(n):
        if bank.root[row] >= oldest:
            ring.best[bank.root[row] % size] = -np.inf
    for row in range(n):
        if bank.root[row] >= oldest:
            k = bank.root[row] % size
            ring.best[k] = max(ring.best[k], odds(bank, row))
    for row in range(n):
        total = odds(bank, row)
        keep[row] = (
            bank.root[row] >= oldest
            and bank.count[row] <= TRAIL
            and total > floor
            and total > ring.best[bank.root[row] % size] - sibling_odds
        )
        if keep[row] and bank.count[row] >= claim_plots and total > 0.0:
            for t in range(bank.count[row]):
                k = bank.trail[row, t] % size
                ring.use[k] = max(ring.use[k], CLAIMED)
    return pack_rows(bank, keep)


@kernel
def elect(bank, n, ring, confirm_odds, confirm_plots, out_rows):
    """Fill `out_rows` with the rows to be confirmed, the likeliest first, no plot in two; return how many.

    Their plots are taken. Rows are left where they are; `drop_taken` removes them and all that shared a plot.
    """
    size, elected = ring.time_s.shape[0], 0
    while elected < out_rows.shape[0]:
        best, best_total = -1, confirm_odds
        for row in range(n):
            if bank.count[row] < confirm_plots or not odds(bank, row) >= best_total:
                continue
            if not _uses_taken(bank, row, ring):
                best, best_total = row, odds(bank, row)
        if best < 0:
            break
        for t in range(min(bank.count[best], TRAIL)):
            ring.use[bank.trail[best, t] % size] = TAKEN
        out_rows[elected] = best
        elected += 1
    return elected


@kernel
def drop_taken(bank, n, ring):
    """Drop every row that holds a plot of a confirmed track; return how many stay."""
    keep = np.zeros(n, np.bool_)
    for row in range(n):
        keep[row] = not _uses_taken(bank, row, ring)
    return pack_rows(bank, keep)


@kernel
def _uses_taken(bank, row, ring):
    for t in range(min(bank.count[row], TRAIL)):
        if ring.use[bank.trail[row, t] % ring.time_s.shape[0]] == TAKEN:
            return True
    return False
