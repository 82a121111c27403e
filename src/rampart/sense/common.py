"""What plots of one aircraft by several radars say of the radars' errors: a filter that carries its own doubt.

The errors enter every plot linearly, so one filter, run as if they were known, and the slope of its answer by them
hold all that the plots say. [friedland]
"""

from typing import NamedTuple

import numpy as np

from rampart.domain.site import Radar
from rampart.numerics.jit import kernel
from rampart.physics.radar import TURN_RAD, RadarFrame, measure_with_jacobian

ERRORS = 4
RANGE_ERROR, AZIMUTH_ERROR, ELEVATION_ERROR, CLOCK_ERROR = range(ERRORS)
"""A radar's errors: m, rad, rad, s; what it reports is too far, too far round, too high, too late by them."""

WANDER2, WANDER_UP2 = 25.0, 9.0
"""Spectral density of an aircraft's white acceleration, m2/s3: turns pass, and a few seconds of flight still count."""
FIRST_PLACE_M, FIRST_SPEED_MPS = 400.0, 50.0
"""How unsure a filter starts about place and velocity, which the track lends it: so weakly that they hardly count."""
STRAY_2, USELESS_2 = 9.0, 100.0
"""Squares, noise one, from which a number makes its plot count less; and from which the plot is passed over."""


class Sensors(NamedTuple):
    """r radars: `origin_enu_m (r, 3)` and `rotation (r, 3, 3)` as in `RadarFrame`."""

    origin_enu_m: np.ndarray
    rotation: np.ndarray


class Chain(NamedTuple):
    """One aircraft as if all errors were as believed: `mean (6,)`, `cov (6, 6)` of place and velocity in the site's
    frame; `slope (6, e)`, how the mean moves with the e errors.

    Its time is that of the clock of radar `keeper`, because plots say how clocks differ and nothing of what they share.
    """

    mean: np.ndarray
    cov: np.ndarray
    slope: np.ndarray
    keeper: int


class Evidence(NamedTuple):
    """What has been said of e errors: `information (e, e)`, `vector (e,)` = information times the errors."""

    information: np.ndarray
    vector: np.ndarray


def sensors_of(radars: tuple[Radar, ...]) -> Sensors:
    """Return the places of a site's radars as arrays."""
    return Sensors(
        np.array([radar.frame.origin_enu_m for radar in radars], np.float64).reshape(-1, 3),
        np.array([radar.frame.rotation for radar in radars], np.float64).reshape(-1, 3, 3),
    )


def new_chain(place_enu_m: np.ndarray, velocity_enu_mps: np.ndarray, keeper: int, errors: int) -> Chain:
    """Return the filter of an aircraft that begins at a place `(3,)` with a velocity `(3,)`."""
    variance = np.repeat([FIRST_PLACE_M**2, FIRST_SPEED_MPS**2], 3)
    mean = np.concatenate([place_enu_m, velocity_enu_mps])
    return Chain(mean, np.diag(variance), np.zeros((6, errors)), keeper)


@kernel
def follow_chain(chain, last_s, time_s, radar, measurement, sigma, believed, doubt, sensors, evidence):
    """Carry a chain along n plots and add what they say to `evidence`; return (squares, numbers, plots passed over).

    `time_s (n,)`, `radar (n,)`, `measurement (n, 4)`, `sigma (n, 4)`, less the errors `believed (e,)`, in order of
    time; `doubt (e, e)` is their covariance; `last_s` the time of the chain. Numbers are taken one after the other,
    the filter free of errors and its slope as in [friedland]; strays count less, as in [huber].
    """
    state, z, h, rows = np.zeros(9), np.empty(4), np.empty((4, 6)), np.empty((3, believed.shape[0]))
    total, numbers, useless = 0.0, 0, 0
    for k in range(time_s.shape[0]):
        carry_chain(chain, time_s[k] - last_s)
        last_s = time_s[k]
        by = radar[k]
        for i in range(6):
            state[i] = chain.mean[i]
        measure_with_jacobian(state, RadarFrame(sensors.origin_enu_m[by], sensors.rotation[by]), z, h)
        for c in range(3):
            z[c] = measurement[k, c] - z[c]
        z[1] -= TURN_RAD * np.floor(z[1] / TURN_RAD + 0.5)
        worst = worst_square(chain, by, z, h, sigma[k], doubt, rows)
        if not worst <= USELESS_2:
            useless += 1
            continue
        weight = 1.0 if worst <= STRAY_2 else STRAY_2 / worst
        for c in range(3):
            if not np.isnan(z[c]):
                miss = z[c]
                for i in range(6):
                    miss -= h[c, i] * (chain.mean[i] - state[i])
                variance = sigma[k, c] * sigma[k, c] / weight
                total += take_number(chain, by, c, miss, variance, h[c], believed, rows[c], evidence)
                numbers += 1
    return total, numbers, useless


@kernel
def carry_chain(chain, ahead_s):
    """Carry a chain straight on for a time, in place; it may be a little backwards."""
    mean, cov, slope = chain.mean, chain.cov, chain.slope
    spread_s = abs(ahead_s)
    for i in range(3):
        mean[i] += ahead_s * mean[i + 3]
        for j in range(slope.shape[1]):
            slope[i, j] += ahead_s * slope[i + 3, j]
    for i in range(3):
        for j in range(6):
            cov[i, j] += ahead_s * cov[i + 3, j]
    for i in range(3):
        for j in range(6):
            cov[j, i] += ahead_s * cov[j, i + 3]
    for i in range(3):
        density = WANDER_UP2 if i == 2 else WANDER2
        cov[i, i] += density * spread_s**3 / 3.0
        cov[i, i + 3] += density * ahead_s * spread_s / 2.0
        cov[i + 3, i] += density * ahead_s * spread_s / 2.0
        cov[i + 3, i + 3] += density * spread_s


@kernel
def error_slope(chain, by, c, row, out_slope):
    """Fill `out_slope (e,)`: how number `c` of a plot of radar `by`, expected less measured, moves with the errors.

    `row (6,)`: the number's derivative by place and velocity.
    """
    for e in range(out_slope.shape[0]):
        out_slope[e] = 0.0
        for i in range(6):
            out_slope[e] += row[i] * chain.slope[i, e]
    out_slope[ERRORS * by + c] += 1.0
    for i in range(3):
        moved = row[i] * chain.mean[i + 3]
        out_slope[ERRORS * by + CLOCK_ERROR] -= moved
        out_slope[ERRORS * chain.keeper + CLOCK_ERROR] += moved


@kernel
def worst_square(chain, by, miss, h, sigma, doubt, rows):
    """Return the largest square, its spread one, of what a plot's numbers miss by; `rows (3, e)` is scratch."""
    worst = 0.0
    for c in range(3):
        if np.isnan(miss[c]):
            continue
        error_slope(chain, by, c, h[c], rows[c])
        variance = sigma[c] * sigma[c]
        for i in range(6):
            for j in range(6):
                variance += h[c, i] * chain.cov[i, j] * h[c, j]
        for i in range(doubt.shape[0]):
            for j in range(doubt.shape[0]):
                variance += rows[c, i] * doubt[i, j] * rows[c, j]
        worst = max(worst, miss[c] * miss[c] / variance)
    return worst


@kernel
def take_number(chain, by, c, miss, variance, row, believed, slope, evidence):
    """Give a chain one number of a plot, and `evidence` what it says of the errors; return the miss squared over
    its variance. `slope (e,)` is scratch."""
    error_slope(chain, by, c, row, slope)
    gain = np.empty(6)
    spread = variance
    for i in range(6):
        gain[i] = 0.0
        for j in range(6):
            gain[i] += chain.cov[i, j] * row[j]
        spread += row[i] * gain[i]
    said = miss
    for e in range(slope.shape[0]):
        said += slope[e] * believed[e]
    for e in range(slope.shape[0]):
        evidence.vector[e] += slope[e] * said / spread
        for f in range(slope.shape[0]):
            evidence.information[e, f] += slope[e] * slope[f] / spread
    for i in range(6):
        chain.mean[i] += gain[i] * miss / spread
        for e in range(slope.shape[0]):
            chain.slope[i, e] -= gain[i] * slope[e] / spread
    for i in range(6):
        for j in range(6):
            chain.cov[i, j] -= gain[i] * gain[j] / spread
    return miss * miss / spread
