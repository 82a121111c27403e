"""Two things in one resolution cell: the radar makes one plot of them, and the fainter is hidden, not missed.

A track whose neighbour takes the only plot of both goes on by its motion and is not held against it. [koch1997]
"""

import numpy as np

from rampart.domain.scan import AZIMUTH
from rampart.numerics.assignment import ALONE
from rampart.numerics.jit import kernel
from rampart.physics.radar import RadarFrame, measure_with_jacobian
from rampart.track.bank import best_motion
from rampart.track.fit import wrapped

CELL_SIGMAS = (3.0, 12.0, 12.0, 6.0)
"""About how many standard deviations of a usual plot its radar's cell is wide, in each number: a strong echo is
measured to a fraction of the cell, in angle to a twentieth of the beam, on average to more. [skolnik], ch. 6 and 9."""

MOST_HIDDEN = 0.7
"""The probability that two things in the very same place give one plot: echoes fluctuate apart."""


@kernel
def hidden_shares(row, plot, ahead, radar, radars, work, out_share):
    """Fill `out_share (t,)`: the probability that each row without a plot is hidden by one that took one.

    `row (t,)` of the bank `ahead` at the look's time, each with its `plot (t,)` or ALONE; 0 for those that took one.
    """
    tracks, frame = row.shape[0], RadarFrame(radars.origin_enu_m[radar], radars.rotation[radar])
    out_share[:] = 0.0
    unseen = 0
    for i in range(tracks):
        unseen += plot[i] == ALONE
    if unseen == 0 or unseen == tracks:
        return
    places = np.empty((tracks, 4))
    for i in range(tracks):
        motion = best_motion(ahead.log_weight[row[i]])
        measure_with_jacobian(ahead.mean[row[i], motion], frame, work.z, work.jacobian)
        places[i] = work.z
    for i in range(tracks):
        if plot[i] != ALONE:
            continue
        for k in range(tracks):
            if plot[k] != ALONE:
                share = _unresolved_share(places[i], places[k], radars.sigma[radar])
                out_share[i] = max(out_share[i], share)


@kernel
def _unresolved_share(place, other, sigma):
    """Return the probability that things at two places `(4,)` give one plot, by their distance in cells."""
    far_2 = 0.0
    for c in range(4):
        if sigma[c] > 0.0:
            gap = wrapped(place[c] - other[c]) if c == AZIMUTH else place[c] - other[c]
            far_2 += (gap / (CELL_SIGMAS[c] * sigma[c])) ** 2
    return MOST_HIDDEN * np.exp(-0.5 * far_2)


@kernel
def hide(bank, row, radar, time_s, missed, share):
    """Note in a row that a look missed it, with ln of the probability `missed`, or hid it, with `share`."""
    own = bank.sights[row, radar]
    own.missed_score += log_unseen(missed, share)
    own.counted = 0.0
    own.seen_s = max(own.seen_s, time_s)


@kernel
def log_unseen(missed, share):
    """Return ln of the probability of giving no plot of its own, missed (ln `missed`) or hidden."""
    unseen = np.exp(missed)
    return np.log(unseen + (1.0 - unseen) * share)
