"""Gates: the box of measurements in which a track's next plot must lie, and the plots of one look to search."""

from typing import NamedTuple

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, RANGE, RANGE_RATE
from rampart.numerics.jit import lean_kernel
from rampart.physics.radar import RadarFrame, measure_with_jacobian
from rampart.track.fit import FAINT, wrapped
from rampart.track.looks import TOO_SOON

FASTEST_MPS, FASTEST_RATE_MPS2 = 1500.0, 400.0


class LookPlots(NamedTuple):
    """The p plots of one look: `time_s (p,)`, `z (p, 4)`, `sigma (p, 4)`, `order (p,)` sorts them by range.

    Their serials begin at `serial`; `middle_s` and `span_s`: all their times lie in middle +- span.
    """

    time_s: np.ndarray
    z: np.ndarray
    sigma: np.ndarray
    order: np.ndarray
    serial: int
    middle_s: float
    span_s: float


@lean_kernel
def gate_box(mean, cov, log_weight, span_s, radar, radars, gate_sigma2, work):
    """Fill `work.low`, `work.high (4,)` with the box about all motions with a say; return its azimuth's centre.

    Azimuths in the box are offsets from the centre that is returned. `span_s` widens the box for plots that
    lie up to so far off its time.
    """
    low, high = work.low, work.high
    for c in range(4):
        low[c], high[c] = np.inf, -np.inf
    frame = RadarFrame(radars.origin_enu_m[radar], radars.rotation[radar])
    reach, centre, first = np.sqrt(gate_sigma2), 0.0, True
    for motion in range(mean.shape[0]):
        if not log_weight[motion] > FAINT:
            continue
        measure_with_jacobian(mean[motion], frame, work.z, work.jacobian)
        if first:
            centre, first = work.z[AZIMUTH], False
        across, slip = _lateral_spread(cov[motion], work.jacobian[RANGE])
        for c in range(4):
            parts = 6 if c == RANGE_RATE else 3
            spread = radars.sigma[radar, c] ** 2
            for i in range(parts):
                for j in range(parts):
                    spread += work.jacobian[c, i] * cov[motion, i, j] * work.jacobian[c, j]
            half = reach * np.sqrt(max(spread, 0.0))
            middle = wrapped(work.z[c] - centre) if c == AZIMUTH else work.z[c]
            bend = 0.0  # what the straight line leaves out: r and its rate grow with what lies across
            if c == RANGE:
                bend = 0.5 * gate_sigma2 * across * across / work.z[RANGE]
            elif c == RANGE_RATE:
                bend = gate_sigma2 * across * slip / work.z[RANGE]
            low[c] = min(low[c], middle - half - (bend if c == RANGE_RATE else 0.0))
            high[c] = max(high[c], middle + half + bend)
    if span_s > 0.0:
        _widen(low, high, span_s)
    if high[AZIMUTH] - low[AZIMUTH] > 3.0:  # so wide that a straight line means nothing any more
        low[AZIMUTH], high[AZIMUTH] = -4.0, 4.0
    return centre


@lean_kernel
def _lateral_spread(cov, along):
    """Return the standard deviations of place and velocity across the line of sight `along`, an axis' mean."""
    place, speed = 0.0, 0.0
    for i in range(3):
        place += cov[i, i]
        speed += cov[i + 3, i + 3]
        for j in range(3):
            place -= along[i] * cov[i, j] * along[j]
            speed -= along[i] * cov[i + 3, j + 3] * along[j]
    return np.sqrt(max(0.5 * place, 0.0)), np.sqrt(max(0.5 * speed, 0.0))


@lean_kernel
def _widen(low, high, span_s):
    """Widen a gate's box by what the fastest thing moves in a time."""
    reach_m = FASTEST_MPS * span_s
    turn = min(reach_m / max(0.5 * (low[RANGE] + high[RANGE]), reach_m), 4.0)
    low[RANGE] -= reach_m
    high[RANGE] += reach_m
    for c in (AZIMUTH, ELEVATION):
        low[c] -= turn
        high[c] += turn
    low[RANGE_RATE] -= FASTEST_RATE_MPS2 * span_s
    high[RANGE_RATE] += FASTEST_RATE_MPS2 * span_s


@lean_kernel
def in_box(z, centre, low, high):
    """Return whether a plot `z (4,)` lies in the box; what was not measured always does."""
    if z[RANGE] < low[RANGE] or z[RANGE] > high[RANGE]:
        return False
    if z[ELEVATION] < low[ELEVATION] or z[ELEVATION] > high[ELEVATION]:
        return False
    if z[RANGE_RATE] < low[RANGE_RATE] or z[RANGE_RATE] > high[RANGE_RATE]:
        return False
    offset = wrapped(z[AZIMUTH] - centre)
    return low[AZIMUTH] <= offset <= high[AZIMUTH]


@lean_kernel
def first_at_least(z, order, range_m):
    """Return the first place in `order (p,)`, which sorts plots `z (p, 4)` by range, of a range not below."""
    low, high = 0, order.shape[0]
    while low < high:
        middle = (low + high) // 2
        if z[order[middle], RANGE] < range_m:
            low = middle + 1
        else:
            high = middle
    return low


@lean_kernel
def admits(bank, row, time_s, z, radar, radars, late_s):
    """Return whether a row may take a plot at all: not too late, not twice in a look.

    Where a track was born of plots without elevation, plots with one are left to tracks that can be
    projectiles: none is to hide in an old track of the plan.
    """
    if bank.rows[row].level and not np.isnan(z[ELEVATION]):
        return False
    if time_s < bank.rows[row].time_s - late_s:
        return False
    sight = bank.sights[row, radar]
    return sight.hits == 0.0 or time_s >= sight.seen_s + TOO_SOON * radars.table[radar].update_s
