"""What is kept of a flood of plots: those near projectiles first, then of every radar what it usually sends."""

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, RANGE, Plots, Reject, Scan, join_plots
from rampart.domain.site import Site
from rampart.domain.track import TrackTable

SHED = "shed in a flood"
NEAR_EACH = 4
"""So many plots of each radar nearest to where a projectile should be are kept, before all others."""
MOST_TRACKS = 256
GATE_SIGMAS, GATE_M = 4.0, 100.0
GRAVITY_MPS2 = 9.81
USUAL_TIMES, LEAST_USUAL = 4.0, 5.0
"""A radar may send so many times its usual false plots, and these are at least so many, before any are shed."""
CELL_M, CELL_RAD = 1000.0, np.radians(5.0)
CROWDED = 4.0
"""A cell of a radar's sky with so many times the plots of the mean cell is a crowd: clutter, or jamming."""


class Sifter:
    """Joins the scans of one moment into one and keeps of its plots what is worth most."""

    def __init__(self, site: Site):
        self._radars = site.radars
        self._origin_enu_m = np.array([radar.frame.origin_enu_m for radar in site.radars]).reshape(-1, 3)
        self._rotation = np.array([radar.frame.rotation for radar in site.radars]).reshape(-1, 3, 3)
        usual = [max(radar.false_plots_per_scan, LEAST_USUAL) for radar in site.radars]
        self.room = np.ceil(USUAL_TIMES * np.array(usual)).astype(np.int64)

    def sift(self, scans: list[Scan], tracks: TrackTable, share: float = 1.0) -> Scan:
        """Return one scan of all: plots near projectiles, and of each radar `share` of the room for others.

        What was shed is in its rejects.
        """
        plots = join_plots([scan.plots for scan in scans])
        heard = tuple(sorted({radar for scan in scans for radar in scan.heard}))
        rejects = _joined(scans)
        time_s = max(scan.time_s for scan in scans)
        room = np.maximum(1, (self.room * share).astype(np.int64))
        counts = np.bincount(plots.radar, minlength=len(room))
        if np.all(counts <= room):
            return Scan(time_s, plots, heard, rejects)
        keep = self.near_projectiles(plots, tracks)
        for radar in np.flatnonzero(counts).tolist():
            others = np.flatnonzero((plots.radar == radar) & ~keep)
            keep[others[by_worth(plots, others)[: room[radar]]]] = True
        shed = np.bincount(plots.radar[~keep], minlength=len(room)).tolist()
        told = zip(self._radars, shed, strict=True)
        rejects += tuple(Reject(SHED, count, radar.id) for radar, count in told if count)
        return Scan(time_s, plots.take(keep), heard, rejects)

    def near_projectiles(self, plots: Plots, tracks: TrackTable) -> np.ndarray:
        """Return (n,) bool: the plots of each radar that lie nearest to where projectiles should be."""
        keep = np.zeros(len(plots), bool)
        rows = _projectiles(tracks)
        if not len(rows):
            return keep
        places_enu_m = self._places_enu_m(plots)
        blur_m = plots.measurement[:, RANGE] * plots.sigma[:, AZIMUTH] + plots.sigma[:, RANGE]
        flat = np.isnan(plots.measurement[:, ELEVATION])
        east = np.argsort(places_enu_m[:, 0], kind="stable")
        east_m = places_enu_m[east, 0]
        for row in rows:
            mean, spread = tracks.mean_enu[row], np.diagonal(tracks.cov_enu[row])
            after_s = plots.time_s - tracks.track_time_s[row]
            widest_s = np.abs(after_s).max()
            widest_m = GATE_M + GATE_SIGMAS * np.sqrt(
                spread[:3].max() + spread[3:6].max() * widest_s**2 + blur_m.max() ** 2
            )
            ends_m = np.sort(mean[0] + mean[3] * np.array([after_s.min(), after_s.max()]))
            first, last = np.searchsorted(east_m, [ends_m[0] - widest_m, ends_m[1] + widest_m])
            near = east[first:last]
            late_s = after_s[near]
            apart = places_enu_m[near] - mean[:3] - late_s[:, None] * mean[3:6]
            apart[:, 2] += 0.5 * GRAVITY_MPS2 * late_s**2
            apart[flat[near], 2] = 0.0
            apart_m = np.sqrt(np.sum(apart**2, axis=1))
            sigma_m = np.sqrt(spread[:3].max() + spread[3:6].max() * late_s**2 + blur_m[near] ** 2)
            inside = np.flatnonzero(apart_m < GATE_M + GATE_SIGMAS * sigma_m)
            for radar in np.unique(plots.radar[near[inside]]):
                own = inside[plots.radar[near[inside]] == radar]
                keep[near[own[np.argsort(apart_m[own], kind="stable")[:NEAR_EACH]]]] = True
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
    """Return the rows of confirmed projectiles, the oldest first.

    Not of tentative tracks: in a flood some plot lies near every one of them, and each would come true.
    """
    if not len(tracks):
        return np.empty(0, np.int64)
    rows = np.flatnonzero(tracks.is_live() & tracks.is_ballistic())
    return rows[np.argsort(tracks.first_plot_s[rows], kind="stable")[:MOST_TRACKS]]


def by_worth(plots: Plots, rows: np.ndarray) -> np.ndarray:
    """Return the order of the rows by what they are worth: crowds last, else the strongest first.

    False alarms of noise are weak, clutter and jamming come in crowds; a rocket near by is neither.
    """
    if not len(rows):
        return rows
    z = plots.measurement[rows]
    steps = z[:, RANGE] / CELL_M, z[:, AZIMUTH] / CELL_RAD, np.nan_to_num(z[:, ELEVATION]) / CELL_RAD
    numbers = np.floor(np.stack(steps, axis=1)) @ np.array([1.0, 1e4, 1e7])
    _, cell, count = np.unique(numbers, return_inverse=True, return_counts=True)
    crowded = count > CROWDED * count.mean()
    return np.lexsort((-np.nan_to_num(plots.snr_db[rows]), crowded[cell]))


def _joined(scans: list[Scan]) -> tuple[Reject, ...]:
    counts: dict[tuple[str, str], int] = {}
    for scan in scans:
        for reject in scan.rejects:
            key = reject.reason, reject.source
            counts[key] = counts.get(key, 0) + reject.count
    return tuple(Reject(reason, count, source) for (reason, source), count in counts.items())
