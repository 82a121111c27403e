"""What is kept of a flood: plots near projectiles, then the strongest that stand alone, each radar for itself."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rampart.domain.scan import Plots, Reject, Scan
from rampart.domain.track import CONFIRMED, NOT_ENDED, TENTATIVE, TrackTable, no_tracks
from rampart.physics.radar import enu_from_rae
from rampart.serve.sift import NEAR_EACH, SHED, Sifter, by_worth
from tests.serve.running import two_radars

START_S = 1605632700.0


def plots_at(places, radar: int = 0, snr_db: float = 12.0, time_s: float = START_S) -> Plots:
    """Return plots of one radar at (range_m, azimuth_rad, elevation_rad)."""
    n = len(places)
    measurement = np.column_stack([np.reshape(places, (n, 3)), np.zeros(n)])
    sigma = np.tile([15.0, 2e-3, 2e-3, 1.0], (n, 1))
    return Plots(np.full(n, time_s), np.full(n, radar, np.int64), measurement, sigma, np.full(n, snr_db))


def one_track(mean_enu, status: int = CONFIRMED, ballistic: float = 0.99) -> TrackTable:
    """Return a table of one track at START_S."""
    one = np.array([1])
    cov = np.diag([400.0, 400.0, 400.0, 25.0, 25.0, 25.0, 0.01])[None]
    kinds = np.array([[ballistic, 0.0, 1.0 - ballistic, 0.0]])
    at = np.array([START_S])
    return TrackTable(
        START_S, one, np.array([status]), np.array([NOT_ENDED]), np.array([True]), at, np.array([mean_enu]), cov, kinds,
        at - 5.0, at - 3.0, at, np.zeros(1), (plots_at([]),),
    )  # fmt: skip


def clutter(n: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack(
        [rng.uniform(500, 3e4, n), rng.uniform(0, 2 * math.pi, n), rng.uniform(0.01, 1.2, n)]
    )


def test_few_plots_are_all_kept():
    site = two_radars()
    scans = [Scan(START_S, plots_at(clutter(10)), (0,)), Scan(START_S + 0.1, plots_at(clutter(9), 1), (1,))]
    scan = Sifter(site).sift(scans, no_tracks())
    assert (len(scan.plots), scan.heard, scan.rejects) == (19, (0, 1), ())
    assert scan.time_s == START_S + 0.1


def test_every_plot_is_kept_or_counted_and_a_calm_radar_loses_none():
    site = two_radars()
    refused = Reject("unknown source", 2, "9/9")
    scans = [
        Scan(START_S, plots_at(clutter(5000)), (0,), (refused,)),
        Scan(START_S, plots_at(clutter(12, 2), 1), (1,), (refused,)),
    ]
    scan = Sifter(site).sift(scans, no_tracks())
    kept = np.bincount(scan.plots.radar)
    assert kept.tolist() == [20, 12]
    counts = {(reject.reason, reject.source): reject.count for reject in scan.rejects}
    assert counts == {("unknown source", "9/9"): 4, (SHED, "karkh"): 4980}


@pytest.mark.parametrize("late_s", [0.0, 0.4, -0.3])
def test_the_plots_of_a_projectile_are_kept(late_s):
    site = two_radars()
    z = (9000.0, 1.0, 0.4)
    velocity = np.array([-250.0, 40.0, 60.0])
    place = np.array(enu_from_rae(*z, site.radars[0].frame))
    # where it was at START_S, so that it is at the plot's place when the plot is taken
    mean = np.append(np.concatenate([place - late_s * velocity, velocity]), -6.0)
    own = plots_at([z], snr_db=10.0, time_s=START_S + late_s)
    scans = [Scan(START_S, plots_at(clutter(20000), snr_db=15.0), (0,)), Scan(START_S, own, (0,))]
    kept = Sifter(site).sift(scans, one_track(mean))
    assert z in [tuple(row[:3]) for row in kept.plots.measurement]
    # weak as it is, without its track it would go
    gone = Sifter(site).sift(scans, no_tracks())
    assert z not in [tuple(row[:3]) for row in gone.plots.measurement]


def test_a_crowd_near_a_projectile_is_bounded_and_guesses_get_none():
    site = two_radars()
    z = (9000.0, 1.0, 0.4)
    mean = np.append(np.array([*enu_from_rae(*z, site.radars[0].frame), 0.0, 0.0, 0.0]), -6.0)
    swarm = plots_at(np.array(z) + np.random.default_rng(3).normal(0, [20, 1e-3, 1e-3], (3000, 3)))
    sifter = Sifter(site)
    assert np.count_nonzero(sifter.near_projectiles(swarm, one_track(mean))) == NEAR_EACH
    assert not sifter.near_projectiles(swarm, one_track(mean, TENTATIVE)).any()
    assert not sifter.near_projectiles(swarm, one_track(mean, ballistic=0.1)).any()


def test_crowds_are_shed_first_then_the_weak():
    crowd = plots_at(np.tile([8000.0, 2.02, 0.3], (500, 1)), snr_db=30.0)
    alone = plots_at(clutter(100))
    strong = np.linspace(10.0, 20.0, 100)
    both = Plots(*(np.concatenate([getattr(part, name) for part in (crowd, alone)])
                   for name in ("time_s", "radar", "measurement", "sigma", "snr_db")))  # fmt: skip
    both = replace(both, snr_db=np.concatenate([crowd.snr_db, strong]))
    order = by_worth(both, np.arange(600))
    assert order[:100].tolist() == list(range(599, 499, -1))


def test_plots_without_elevation_or_signal_are_judged_all_the_same():
    site = two_radars()
    places = clutter(500)
    places[:, 2] = np.nan
    plots = replace(plots_at(places), snr_db=np.full(500, np.nan))
    scan = Sifter(site).sift([Scan(START_S, plots, (0,))], one_track(np.zeros(7)))
    assert 0 < len(scan.plots) <= 20 + NEAR_EACH


def test_a_smaller_share_keeps_fewer():
    site = two_radars()
    scans = [Scan(START_S, plots_at(clutter(500)), (0,))]
    assert len(Sifter(site).sift(scans, no_tracks(), 0.1).plots) == 2
