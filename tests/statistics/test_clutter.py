"""False plots alone confirm nothing: as seldom as the odds at which a track is confirmed say.

A track is confirmed at odds exp(9) of a real object against clutter, from prior odds that are the rate of new objects.
By Ville's inequality clutter alone confirms, over all branches, at most (new objects expected in the time) x exp(-9):
with 134 an hour 0.003 tracks in ten minutes, whatever the density. So a correct program that knew the density would
fail a case here once in 400 seeds. It has to learn it, for which the denser cases allow one track.
"""

import numpy as np
import pytest

from rampart.domain.scan import Plots, Scan
from rampart.domain.site import Site
from rampart.domain.track import no_tracks
from rampart.sense.condition import Condition
from rampart.track.settings import TrackSettings
from rampart.track.tracker import Tracker
from tests.sense.conftest import radar_like, site_with

START_S = 1605632700.0


def false_plots(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return false plots (n, 4) even over the volume covered, any range rate."""
    return np.column_stack(
        [
            np.cbrt(rng.uniform(300.0**3, 30e3**3, n)),
            rng.uniform(0.0, 2.0 * np.pi, n),
            np.arcsin(rng.uniform(np.sin(0.01), np.sin(1.2), n)),
            rng.uniform(-450.0, 450.0, n),
        ]
    )


def patch_plots(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the plots (n, 4) of a patch of 2 km2 some 6 km off, low and slow, as a radar errs."""
    out_m, turn_rad = 800.0 * np.sqrt(rng.random(n)), rng.uniform(0.0, 2.0 * np.pi, n)
    east_m, north_m = 5e3 + out_m * np.sin(turn_rad), 3e3 + out_m * np.cos(turn_rad)
    far_m = np.hypot(east_m, north_m)
    exact = np.column_stack(
        [far_m, np.arctan2(east_m, north_m), rng.uniform(50.0, 150.0, n) / far_m, np.zeros(n)]
    )
    return exact + rng.standard_normal((n, 4)) * [15.0, 2e-3, 2e-3, 1.5]


def confirmed_s(site: Site, look, seconds: float, rng: np.random.Generator) -> list[float]:
    """Return when each false track was confirmed, in a sky in which `look(rng)` gives the plots (n, 4) of each look."""
    condition, tracker, tracks = Condition(site), Tracker(site), no_tracks()
    radar, found = site.radars[0], {}
    for time_s in np.arange(0.0, seconds, radar.update_s):
        z = look(rng)
        n = len(z)
        plots = Plots(
            np.full(n, START_S + time_s),
            np.zeros(n, int),
            z,
            np.tile(radar.sigma, (n, 1)),
            np.full(n, np.nan),
        )
        scan = condition.step(Scan(START_S + time_s, plots, (0,)), tracks)
        tracks = tracker.step(scan, condition.clutter, condition.crowds)
        for track in tracks.id[np.isfinite(tracks.confirmed_s)]:
            found.setdefault(int(track), float(time_s))
    return sorted(found.values())


def test_ville_s_bound_is_as_stated():
    settings = TrackSettings()
    an_hour = sum(motion.rate_per_h for motion in settings.motions)
    assert an_hour * np.exp(-settings.confirm_log_odds) / 6.0 == pytest.approx(0.003, abs=0.0005)


@pytest.mark.parametrize(("count", "seconds", "allowed"), [(20.0, 600.0, 0), (200.0, 60.0, 1)])
def test_even_clutter_confirms_nothing(count, seconds, allowed):
    site = site_with(radar_like(false_plots_per_scan=count))
    rng = np.random.default_rng([11, int(count)])
    assert len(confirmed_s(site, lambda rng: false_plots(rng.poisson(count), rng), seconds, rng)) <= allowed


def test_a_patch_confirms_few_tracks_once_it_is_learnt():
    """Forty plots a look from a patch far smaller than a cell: at most one in the minute after the first."""
    site, rng = site_with(), np.random.default_rng(12)

    def look(rng):
        return np.vstack([false_plots(rng.poisson(5.0), rng), patch_plots(rng.poisson(40.0), rng)])

    times_s = confirmed_s(site, look, 120.0, rng)
    assert sum(time_s > 60.0 for time_s in times_s) <= 1
    assert len(times_s) < 40
