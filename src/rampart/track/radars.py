"""The radars of a site as columns: where they look, how surely they see, how dense their false plots are."""

from typing import NamedTuple

import numpy as np

from rampart.domain.clutter import AZIMUTH_CELLS, MOST_NODES, RANGE_CELLS, SIDES
from rampart.domain.scan import ELEVATION, RANGE_RATE
from rampart.domain.site import Radar
from rampart.numerics.jit import lean_kernel
from rampart.numerics.kalman import normal_share
from rampart.numerics.records import records
from rampart.track.clutter import crowd_near
from rampart.track.settings import TrackSettings

LOG_FALSE_ALARM = np.log(1e-6)
LEAST_DETECTION, MOST_DETECTION = 0.05, 0.995

UNLEARNT, LEARNT_LOOKS, BLIND_SHARE = 7.0, 30.0, 0.5
"""Of a radar that has just begun nobody knows yet where the ground echoes: ln of how dense a patch of them may be
against an even sky, the looks until it has been learnt, and how much of it counts where no range rate is measured:
there a true attack in the first looks must not be lost in the doubt."""

RADAR = np.dtype(
    [
        (name, "f8")
        for name in (
            "detection",
            "update_s",
            "now_s",
            "least_m",
            "most_m",
            "low_rad",
            "high_rad",
            "log_false",
            "log_sparse",
            "log_volume",
            "log_volume_flat",
            "log_unlearnt",
        )
    ]
)
"""`detection`: probability in a look, near by; `update_s` between looks; `now_s`: up to when its looks are over;
the limits of its cover; `log_false`: ln of false plots a look, `log_sparse` of the least
crowded cell against an even one; `log_volume`: ln of the cover in metres, radians
and radians, `log_volume_flat` the same without elevation; `log_unlearnt`: ln of how much denser what stands still may
be anywhere, while the radar is new."""


class Radars(NamedTuple):
    """r radars: `table (r,)` of RADAR, which is learnt anew all the time; `origin_enu_m (r, 3)`; `rotation (r, 3, 3)`
    from site to radar; `sigma (r, 4)` of a usual plot, 0 where not measured; `log_crowd (r, ...)` of `lay_clutter`;
    `child`, `side`, `log_share` of `domain.clutter.Crowds`; `place (SIDES,)` is scratch.

    Limits of cover are soft by `edge_range_m`, `edge_elevation_rad`. A radar's `detection` counts for
    `detection_weight` looks beside a track's own hits. False range rates are even within
    +-`range_rate_span_mps`, but `still_share` of them stand still within `still_mps`. `unseen_height_m`: about
    how high something flies whose elevation is not measured.
    """

    table: np.ndarray
    origin_enu_m: np.ndarray
    rotation: np.ndarray
    sigma: np.ndarray
    log_crowd: np.ndarray
    child: np.ndarray
    side: np.ndarray
    log_share: np.ndarray
    place: np.ndarray
    edge_range_m: float
    edge_elevation_rad: float
    detection_weight: float
    range_rate_span_mps: float
    still_share: float
    still_mps: float
    unseen_height_m: float


def radars_of(radars: tuple[Radar, ...], settings: TrackSettings) -> Radars:
    """Return the columns of a site's radars as the site describes them."""
    table = records(len(radars), RADAR)
    table["update_s"], table["now_s"] = [radar.update_s for radar in radars], -np.inf
    detection = [radar.detection_probability for radar in radars]
    table["detection"] = np.clip(detection, LEAST_DETECTION, MOST_DETECTION)
    table["least_m"], table["most_m"] = [r.min_range_m for r in radars], [r.max_range_m for r in radars]
    table["low_rad"] = [radar.min_elevation_rad for radar in radars]
    table["high_rad"] = [radar.max_elevation_rad for radar in radars]
    table["log_volume_flat"] = np.log(2.0 * np.pi * (table["most_m"] - table["least_m"]))
    table["log_volume"] = table["log_volume_flat"] + np.log(table["high_rad"] - table["low_rad"])
    return Radars(
        table,
        np.array([r.frame.origin_enu_m for r in radars], np.float64).reshape(-1, 3),
        np.array([r.frame.rotation for r in radars], np.float64).reshape(-1, 3, 3),
        np.array([np.nan_to_num(r.sigma) for r in radars], np.float64).reshape(-1, 4),
        np.zeros((len(radars), RANGE_CELLS, AZIMUTH_CELLS)),
        np.zeros((len(radars), MOST_NODES), np.int64),
        np.zeros((len(radars), MOST_NODES), np.int64),
        np.zeros((len(radars), MOST_NODES)),
        np.zeros(SIDES),
        settings.edge_range_m,
        settings.edge_elevation_rad,
        settings.detection_weight,
        settings.clutter_range_rate_mps,
        settings.clutter_still_share,
        settings.clutter_still_mps,
        settings.unseen_height_m,
    )


@lean_kernel
def range_share(range_m, radar, radars):
    """Return what is left of the probability of detection at a range: all of it up to half the farthest range.

    Beyond, the signal falls with the fourth power of range and fluctuates from look to look (Swerling 1):
    [skolnik], eq. 2.48, at a probability of false alarm of 1e-6.
    """
    near = 0.5 * radars.table[radar].most_m / range_m
    if near >= 1.0:
        return 1.0
    log_detection = np.log(min(radars.table[radar].detection, 0.99))
    signal = LOG_FALSE_ALARM / log_detection - 1.0
    return np.exp(LOG_FALSE_ALARM / (1.0 + signal * near**4) - log_detection)


@lean_kernel
def cover_share(mean, cov, ahead_s, radar, radars):
    """Return how surely (0...1) a radar looks at a place, `ahead_s` after the state `mean (7,)`, `cov (7, 7)`.

    The share of the place's spread inside each of four soft limits, one times the other, and of `range_share`.
    """
    o, r, row = radars.origin_enu_m[radar], radars.rotation[radar], radars.table[radar]
    x = mean[0] + ahead_s * mean[3] - o[0]
    y = mean[1] + ahead_s * mean[4] - o[1]
    u = mean[2] + ahead_s * mean[5] - o[2]
    range_m = np.sqrt(x * x + y * y + u * u) + 1e-3
    elevation = np.arcsin(min(1.0, max(-1.0, (r[2, 0] * x + r[2, 1] * y + r[2, 2] * u) / range_m)))
    spread_m = np.sqrt(max((cov[0, 0] + cov[1, 1] + cov[2, 2]) / 3.0, 0.0))
    soft_m = np.sqrt(spread_m * spread_m + radars.edge_range_m**2)
    turn = spread_m / range_m
    soft_rad = np.sqrt(turn * turn + radars.edge_elevation_rad**2)
    share = range_share(range_m, radar, radars)
    share *= normal_share((range_m - row.least_m) / soft_m) * normal_share((row.most_m - range_m) / soft_m)
    share *= normal_share((elevation - row.low_rad) / soft_rad)
    return share * normal_share((row.high_rad - elevation) / soft_rad)


@lean_kernel
def log_clutter_density(z, radar, radars):
    """Return ln of the density of false plots, in the units of what was measured, at a plot `z (4,)`."""
    row = radars.table[radar]
    volume = row.log_volume_flat if np.isnan(z[ELEVATION]) else row.log_volume
    return row.log_false - volume + log_crowding(z, radar, radars)


@lean_kernel
def log_crowding(z, radar, radars):
    """Return ln of how much denser false plots like `z (4,)` are than even over the cover, a m/s of range rate."""
    crowd = crowd_near(z, radar, radars)
    rate = z[RANGE_RATE]
    if np.isnan(rate):
        return crowd + BLIND_SHARE * radars.table[radar].log_unlearnt
    even = (1.0 - radars.still_share) / (2.0 * radars.range_rate_span_mps)
    off = rate / radars.still_mps
    still = np.exp(-0.5 * off * off) / (radars.still_mps * np.sqrt(2.0 * np.pi))
    return crowd + np.log(even + radars.still_share * still * np.exp(radars.table[radar].log_unlearnt))
