"""A track's plots and the site's radars as the arrays that the kernels of the fit take."""

from typing import NamedTuple

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, RANGE, Plots
from rampart.domain.site import Radar
from rampart.numerics.jit import kernel
from rampart.physics.radar import RadarFrame, enu_from_rae

LATEST_S = 5.0
"""No plot comes later than this behind its time; one so much older than an epoch is none of its track's."""
LEAST_BIAS_SIGMA = np.array([1e-3, 1e-8, 1e-8, 1e-4])
"""A bias known to be zero keeps this spread, so that its precision stays a number."""


class Sights(NamedTuple):
    """n plots of one track in order of time.

    `time_s (n,)` after the epoch; `radar (n,)` int64; `measurement (n, 4)` and `precision (n, 4)`, 1 /
    sigma^2, both zero where not measured.
    """

    time_s: np.ndarray
    radar: np.ndarray
    measurement: np.ndarray
    precision: np.ndarray


class Radars(NamedTuple):
    """r radars: `origin_enu_m (r, 3)`, `rotation (r, 3, 3)` as in `RadarFrame`, `bias_precision (r, 4)`."""

    origin_enu_m: np.ndarray
    rotation: np.ndarray
    bias_precision: np.ndarray


def radars_of(radars: tuple[Radar, ...]) -> Radars:
    """Return the radars of a site as arrays; what may be left of their biases as precisions."""
    return Radars(
        np.array([radar.frame.origin_enu_m for radar in radars], np.float64).reshape(-1, 3),
        np.ascontiguousarray([radar.frame.rotation for radar in radars], np.float64).reshape(-1, 3, 3),
        bias_precision_of(np.array([radar.bias_sigma for radar in radars]).reshape(-1, 4)),
    )


def bias_precision_of(bias_sigma: np.ndarray) -> np.ndarray:
    """Return one over the squares of what may be left of the radars' biases `(r, 4)`, all finite."""
    return 1.0 / np.maximum(np.nan_to_num(bias_sigma), LEAST_BIAS_SIGMA) ** 2


def sights_of(plots: Plots, epoch_s: float) -> Sights:
    """Return the plots that have range and azimuth, in order of time; times after `epoch_s` (POSIX).

    Those of LATEST_S before the epoch and earlier are left out.
    """
    n = len(plots)
    sights = Sights(np.empty(n), np.empty(n, np.int64), np.empty((n, 4)), np.empty((n, 4)))
    count = put_in_order(plots.time_s, plots.radar, plots.measurement, plots.sigma, epoch_s, sights)
    return sights if count == n else Sights(*(column[:count] for column in sights))


@kernel
def put_in_order(time_s, radar, measurement, sigma, epoch_s, out):
    """Fill `out`, Sights with room for all, as `sights_of` says; return how many there are."""
    count = 0
    for k in range(time_s.shape[0]):
        row, since_s = count, time_s[k] - epoch_s
        measured = np.isfinite(since_s + measurement[k, RANGE] + measurement[k, AZIMUTH])
        if not measured or since_s < -LATEST_S:
            continue
        while row > 0 and out.time_s[row - 1] > since_s:
            out.time_s[row], out.radar[row] = out.time_s[row - 1], out.radar[row - 1]
            for c in range(4):
                out.measurement[row, c] = out.measurement[row - 1, c]
                out.precision[row, c] = out.precision[row - 1, c]
            row -= 1
        out.time_s[row], out.radar[row] = since_s, radar[k]
        for c in range(4):
            z, spread = measurement[k, c], sigma[k, c]
            known = np.isfinite(z) and np.isfinite(spread) and spread > 0.0
            out.measurement[row, c] = z if known else 0.0
            out.precision[row, c] = 1.0 / (spread * spread) if known else 0.0
        count += 1
    return count


@kernel
def goes_on(past, now):
    """Return whether the Sights of `now` are those of `past` and perhaps more behind them."""
    n = past.time_s.shape[0]
    if n > now.time_s.shape[0]:
        return False
    for k in range(n):
        if past.time_s[k] != now.time_s[k] or past.radar[k] != now.radar[k]:
            return False
        for c in range(4):
            if past.measurement[k, c] != now.measurement[k, c] or past.precision[k, c] != now.precision[k, c]:
                return False
    return True


@kernel
def first_place(sights, radars, out_enu_m):
    """Fill `out_enu_m (3,)` with the place of the first sight with an elevation; return whether there is one."""
    for k in range(sights.time_s.shape[0]):
        if sights.precision[k, 2] > 0.0:
            out_enu_m[0], out_enu_m[1], out_enu_m[2] = place_of_sight(k, sights, radars)
            return True
    return False


@kernel
def place_of_sight(k, sights, radars):
    """Return (east_m, north_m, up_m) of sight `k`, which must have an elevation."""
    radar = RadarFrame(radars.origin_enu_m[sights.radar[k]], radars.rotation[sights.radar[k]])
    z = sights.measurement[k]
    return enu_from_rae(z[0], z[1], z[2], radar)


@kernel
def places_each(sights, radars):
    """Return (n, 3), the places of all sights; NaN where no elevation was measured."""
    out = np.empty((sights.time_s.shape[0], 3))
    for k in range(out.shape[0]):
        if sights.precision[k, 2] > 0.0:
            out[k, 0], out[k, 1], out[k, 2] = place_of_sight(k, sights, radars)
        else:
            out[k, 0], out[k, 1], out[k, 2] = np.nan, np.nan, np.nan
    return out


def place_precision_each(sights: Sights, places_enu_m: np.ndarray, radars: Radars) -> np.ndarray:
    """Return (n,) one over the mean variance, m^-2, of each of `places_enu_m (n, 3)`; 0 for NaN."""
    range_m = np.linalg.norm(places_enu_m - radars.origin_enu_m[sights.radar], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 1.0 / sights.precision[:, RANGE]
        variance = variance + range_m**2 * (
            1.0 / sights.precision[:, AZIMUTH] + 1.0 / sights.precision[:, ELEVATION]
        )
        precision = 3.0 / variance
    return np.where(np.isfinite(precision), precision, 0.0)


START_SPAN_S = 5.0
"""How much of a track a first guess is drawn through."""


def guess_state(sights: Sights, radars: Radars, first: int, log_drag: float) -> np.ndarray | None:
    """Return a rough state (9,) at the epoch from the places seen within START_SPAN_S of sight `first`.

    A parabola under gravity by least squares, its velocity drawn weakly to that of a slow projectile. None
    where fewer than two places with a height were seen.
    """
    places = places_each(sights, radars)
    time_s = sights.time_s - sights.time_s[first]
    rows = (np.arange(len(time_s)) >= first) & (time_s <= START_SPAN_S) & np.isfinite(places[:, 2])
    if np.count_nonzero(rows) < 2 or np.ptp(time_s[rows]) <= 0.0:
        return None
    fall = np.zeros((np.count_nonzero(rows), 3))
    fall[:, 2] = -0.5 * 9.81 * time_s[rows] ** 2
    weight = np.sqrt(place_precision_each(sights, places, radars)[rows])
    design = np.stack([np.ones(len(fall)), time_s[rows]], axis=1) * weight[:, None]
    design = np.vstack([design, [0.0, 1.0 / 1000.0]])
    target = np.vstack([(places[rows] - fall) * weight[:, None], np.zeros(3)])
    line, *_ = np.linalg.lstsq(design, target, rcond=None)
    lead_s = -sights.time_s[first]
    velocity = line[1] - np.array([0.0, 0.0, 9.81]) * lead_s
    place = line[0] + line[1] * lead_s - np.array([0.0, 0.0, 0.5 * 9.81]) * lead_s**2
    return np.concatenate([place, velocity, [log_drag, 0.0, 0.0]])
