"""What is kept of a flood of plots: those near projectiles first, then every radar its share, crowds last."""

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, RANGE, Plots, Reject, Scan, join_plots
from rampart.domain.site import Site
from rampart.domain.track import AIRCRAFT, ENDED, OTHER, TrackTable

SHED = "shed in a flood"
NEAR_EACH = 8
"""So many plots of each radar nearest to where a projectile should be are kept, before all others."""
MOST_TRACKS = 256
GATE_SIGMAS, GATE_M = 4.0, 150.0
GRAVITY_MPS2 = 9.81
CELL_M, CELL_RAD = 500.0, np.radians(3.0)


class Sifter:
    """Joins the scans of one moment into one and keeps of its plots what is worth most."""

    def __init__(self, site: Site):
        self._radars = site.radars
        self._origin_enu_m = np.array([radar.frame.origin_enu_m for radar in site.radars]).reshape(-1, 3)
        self._rotation = np.array([radar.frame.rotation for radar in site.radars]).reshape(-1, 3, 3)

    def sift(self, scans: list[Scan], tracks: TrackTable, room: int) -> Scan:
        """Return one scan of all: plots near projectiles, and `room` others; what was shed is in its rejects."""
        plots = join_plots([scan.plots for scan in scans])
        heard = tuple(sorted({radar for scan in scans for radar in scan.heard}))
        rejects = _joined(scans)
        time_s = max(scan.time_s for scan in scans)
        if len(plots) <= room:
            return Scan(time_s, plots, heard, rejects)
        keep = self.near_projectiles(plots, tracks)
        keep[fair_share(plots, np.flatnonzero(~keep), room)] = True
        shed = np.bincount(plots.radar[~keep], minlength=len(self._radars))
        rejects += tuple(
            Reject(SHED, int(count), radar.id)
            for radar, count in zip(self._radars, shed, strict=True)
            if count
        )
        return Scan(time_s, plots.take(keep), heard, rejects)

    def near_projectiles(self, plots: Plots, tracks: TrackTable) -> np.ndarray:
        """Return (n,) bool: the plots of each radar that lie nearest to where projectiles should be."""
        keep = np.zeros(len(plots), bool)
        places_enu_m = self._places_enu_m(plots)
        flat = np.isnan(plots.measurement[:, ELEVATION])
        blur_m = plots.measurement[:, RANGE] * plots.sigma[:, AZIMUTH] + plots.sigma[:, RANGE]
        for row in _projectiles(tracks):
            after_s = plots.time_s - tracks.track_time_s[row]
            mean, spread = tracks.mean_enu[row], np.diagonal(tracks.cov_enu[row])
            apart = places_enu_m - mean[:3] - after_s[:, None] * mean[3:6]
            apart[:, 2] += 0.5 * GRAVITY_MPS2 * after_s**2
            apart[flat, 2] = 0.0
            apart_m = np.sqrt(np.sum(apart**2, axis=1))
            sigma_m = np.sqrt(spread[:3].max() + spread[3:6].max() * after_s**2 + blur_m**2)
            inside = np.flatnonzero(apart_m < GATE_M + GATE_SIGMAS * sigma_m)
            for radar in np.unique(plots.radar[inside]):
                own = inside[plots.radar[inside] == radar]
                keep[own[np.argsort(apart_m[own], kind="stable")[:NEAR_EACH]]] = True
        return keep

    def _places_enu_m(self, plots: Plots) -> np.ndarray:
        """Return (n, 3) places in the site's frame; those without elevation on their radar's plane."""
        z = plots.measurement
        elevation_rad = np.nan_to_num(z[:, ELEVATION])
        level_m = z[:, RANGE] * np.cos(elevation_rad)
        own = np.stack(
            [
                level_m * np.sin(z[:, AZIMUTH]),
                level_m * np.cos(z[:, AZIMUTH]),
                z[:, RANGE] * np.sin(elevation_rad),
            ],
            axis=1,
        )
        # the rotation takes the site's axes to the radar's: its transpose comes back
        turned = np.einsum("nji,nj->ni", self._rotation[plots.radar], own)
        return turned + self._origin_enu_m[plots.radar]


def _projectiles(tracks: TrackTable) -> np.ndarray:
    """Return the rows of tracks that are or may become projectiles, the oldest first."""
    if not len(tracks):
        return np.empty(0, np.int64)
    crafts = tracks.motion_probability[:, AIRCRAFT] + tracks.motion_probability[:, OTHER]
    rows = np.flatnonzero((tracks.status != ENDED) & (crafts < 0.95))
    order = np.lexsort((tracks.first_plot_s[rows], np.isnan(tracks.confirmed_s[rows])))
    return rows[order[:MOST_TRACKS]]


def fair_share(plots: Plots, rows: np.ndarray, room: int) -> np.ndarray:
    """Return at most `room` of the rows: as many of each radar as of any other that has them.

    Of one radar those in the least crowded cells of its sky come first, the strongest first among equals:
    clutter and jamming come in crowds, a rocket does not.
    """
    radars = np.unique(plots.radar[rows])
    kept: list[np.ndarray] = []
    for left, radar in sorted(
        (int(np.count_nonzero(plots.radar[rows] == radar)), int(radar)) for radar in radars
    ):
        share = min(left, room // (len(radars) - len(kept)))
        own = rows[plots.radar[rows] == radar]
        kept.append(own[_by_worth(plots, own)[:share]])
        room -= share
    return np.concatenate(kept) if kept else rows


def _by_worth(plots: Plots, rows: np.ndarray) -> np.ndarray:
    z = plots.measurement[rows]
    cells = np.floor(
        np.stack(
            [z[:, RANGE] / CELL_M, z[:, AZIMUTH] / CELL_RAD, np.nan_to_num(z[:, ELEVATION]) / CELL_RAD],
            axis=1,
        )
    )
    numbers = np.nan_to_num(cells @ np.array([1.0, 1e4, 1e7]))
    _, cell, count = np.unique(numbers, return_inverse=True, return_counts=True)
    return np.lexsort((-np.nan_to_num(plots.snr_db[rows], nan=0.0), count[cell]))


def _joined(scans: list[Scan]) -> tuple[Reject, ...]:
    counts: dict[tuple[str, str], int] = {}
    for scan in scans:
        for reject in scan.rejects:
            key = reject.reason, reject.source
            counts[key] = counts.get(key, 0) + reject.count
    return tuple(Reject(reason, count, source) for (reason, source), count in counts.items())
