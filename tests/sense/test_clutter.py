"""False plots are counted where they come, and a patch of clutter raises the threshold there and nowhere else."""

import numpy as np
import pytest

from rampart.domain.clutter import AZIMUTH_CELLS, RANGE_CELLS, cell_of
from rampart.domain.scan import Plots, Scan, join_plots
from rampart.domain.track import TENTATIVE, no_tracks
from rampart.sense.clutter import ClutterWatch, count_each, span_of, usual_count
from rampart.sense.condition import Condition
from rampart.track.clutter import crowd_at, lay_clutter
from tests.sense.conftest import radar_like, site_with
from tests.sense.test_condition import START_S, plots_at, scan_at, table_of

RADAR = radar_like(min_range_m=0.0)
PATCH_M, PATCH_RAD = (9e3, 12e3), (np.pi / 2, np.pi / 2 + np.pi / 12)
"""A patch that is one cell."""
PATCH_CELL = cell_of(10e3, 1.7, 0.0, 30e3)
ROCKET_CELL = cell_of(20e3, 4.0, 0.0, 30e3)


def even_plots(time_s, rng, count=5.0) -> Plots:
    """Return false plots evenly over the plane's range and azimuth."""
    n = rng.poisson(count)
    return placed(time_s, rng.uniform(0.0, 30e3, n), rng.uniform(0.0, 2.0 * np.pi, n))


def patch_plots(time_s, rng, count=20.0) -> Plots:
    """Return the false plots of the patch."""
    n = rng.poisson(count)
    return placed(time_s, rng.uniform(*PATCH_M, n), rng.uniform(*PATCH_RAD, n))


def placed(time_s, range_m, azimuth_rad) -> Plots:
    n = len(range_m)
    measurement = np.column_stack([range_m, azimuth_rad, np.full(n, 0.1), np.full(n, -50.0)])
    return Plots(np.full(n, time_s), np.zeros(n, int), measurement, np.ones((n, 4)), np.full(n, np.nan))


def log_density(watch: ClutterWatch) -> np.ndarray:
    """Return ln of false plots a look in each cell as the tracker reads it."""
    log_false, log_crowd = np.empty(1), np.empty((1, RANGE_CELLS, AZIMUTH_CELLS))
    lay_clutter(watch.false_plots, 0.2, log_false, log_crowd)
    return log_false[0] + log_crowd[0] - np.log(RANGE_CELLS * AZIMUTH_CELLS)


def watched(seconds: float, seed: int, patch_from_s=np.inf, even=lambda time_s: 5.0) -> ClutterWatch:
    """Return what was learnt of a sky with false plots, and with a patch from a time on."""
    watch, rng, of_patch = (
        ClutterWatch((RADAR,)),
        np.random.default_rng(seed),
        np.random.default_rng([seed, 1]),
    )
    for time_s in np.arange(0.0, seconds, RADAR.update_s):
        parts = [even_plots(START_S + time_s, rng, even(time_s))]
        if time_s >= patch_from_s:
            parts.append(patch_plots(START_S + time_s, of_patch))
        watch.step(join_plots(parts), no_tracks())
    return watch


def test_a_patch_raises_the_threshold_there_and_nowhere_else():
    """The patch has 1,000 times an even cell's plots; all else is the same plots as in a sky without it."""
    without, patched = log_density(watched(360.0, 1)), log_density(watched(360.0, 1, patch_from_s=300.0))
    assert patched[PATCH_CELL] == pytest.approx(np.log(20.0), abs=0.7)
    assert patched[PATCH_CELL] - without[PATCH_CELL] > 5.0
    more = patched - without
    more[PATCH_CELL] = 0.0
    assert np.abs(more).max() < 0.15


def test_a_patch_is_forgotten_when_it_has_gone():
    watch, rng = watched(360.0, 1, patch_from_s=300.0), np.random.default_rng(5)
    high = log_density(watch)[PATCH_CELL]
    for time_s in np.arange(360.0, 2400.0, RADAR.update_s):
        watch.step(even_plots(START_S + time_s, rng), no_tracks())
    assert log_density(watch)[PATCH_CELL] < high - 3.0


def test_a_patch_is_known_within_seconds():
    assert log_density(watched(306.0, 1, patch_from_s=300.0))[PATCH_CELL] > np.log(1.0)


def test_a_sky_that_fills_everywhere_is_known_within_seconds():
    """False plots all over rise from 5 to 100 a look."""

    def even(time_s):
        return 5.0 if time_s < 300.0 else 100.0

    assert watched(305.0, 2, even=even).false_plots.sum() > 40.0
    assert watched(330.0, 2, even=even).false_plots.sum() == pytest.approx(100.0, rel=0.15)


def test_a_salvo_s_first_plots_raise_nothing():
    """Seven rockets from one place, three plots each, which no track has claimed yet."""
    watch = watched(300.0, 3)
    before = log_density(watch)
    for time_s in (300.0, 300.5, 301.0):
        watch.step(placed(START_S + time_s, np.full(7, 20e3), np.full(7, 4.0)), no_tracks())
    assert (log_density(watch) - before)[ROCKET_CELL] < 0.2


@pytest.mark.uncompiled
def test_a_map_or_a_number_is_read_alike():
    log_false, log_crowd = np.empty(2), np.empty((2, RANGE_CELLS, AZIMUTH_CELLS))
    lay_clutter(np.array([5.0, 0.0]), 0.2, log_false, log_crowd)
    assert np.exp(log_false) == pytest.approx([5.0, 0.2])
    assert log_crowd == pytest.approx(np.zeros_like(log_crowd), abs=1e-12)
    cells = np.full((2, RANGE_CELLS, AZIMUTH_CELLS), 5.0 / 240.0)
    cells[0, 3, 6] = 20.0
    lay_clutter(cells, 0.2, log_false, log_crowd)
    assert np.exp(log_false) == pytest.approx([25.0 - 5.0 / 240.0, 5.0])
    assert np.exp(log_false + log_crowd[:, 3, 6]) == pytest.approx([20.0 * 240.0, 5.0])
    assert crowd_at(10e3, 1.7, 0.0, 30e3, log_crowd[0]) == log_crowd[0, 3, 6]
    assert crowd_at(1e9, 7.0, 300.0, 30e3, log_crowd[0]) == log_crowd[0, -1, -1]
    assert crowd_at(0.0, 0.0, 300.0, 30e3, log_crowd[0]) == log_crowd[0, 0, 0]


@pytest.mark.uncompiled
def test_plots_are_counted_where_they_wait_and_taken_back_wherever_they_are():
    (cells,) = ClutterWatch((RADAR,))._cells
    assert cells.pass_to(span_of(START_S, 0.5)) is False
    plots = placed(START_S, [10e3, 10e3, 20e3], [1.7, 1.7, 4.0])
    old = placed(START_S - 60.0, [10e3], [1.7])

    def count(some, sign):
        count_each(
            some.time_s,
            some.measurement,
            sign,
            cells.cover,
            cells.newest,
            cells.waiting,
            cells.long,
            cells.short,
        )

    long, place = cells.long.copy(), PATCH_CELL[0] * AZIMUTH_CELLS + PATCH_CELL[1]
    count(plots, 1.0)
    count(old, 1.0)
    assert cells.waiting.sum(axis=0)[place] == 2.0
    assert cells.long[place] == long[place] + 1.0
    count(plots, -1.0)
    count(plots, -1.0)
    assert not cells.waiting.any()
    for _ in range(5):
        count(old, -1.0)
    assert cells.long[place] == 0.0
    count(plots, 1.0)
    assert cells.pass_to(cells.newest + 30) is True
    assert not cells.waiting.any()
    assert cells.long[place] > 1.9
    assert abs(span_of(1e300, 1e-300)) == abs(span_of(-1e300, 0.5)) == 10**15


def test_what_stands_out_is_not_usual():
    counts = np.random.default_rng(1).poisson(3.0, 240).astype(float)
    usual = usual_count(counts)
    counts[7] = 5000.0
    assert usual_count(counts) == pytest.approx(usual, rel=0.1)
    assert usual == pytest.approx(3.0, rel=0.1)


def test_clutter_starts_with_what_the_site_expects_and_follows_what_comes():
    condition, rng = Condition(site_with()), np.random.default_rng(4)
    assert condition.clutter.shape == (1, RANGE_CELLS, AZIMUTH_CELLS)
    assert condition.clutter.sum() == pytest.approx(5.0, rel=0.1)
    for k in range(1000):
        condition.step(Scan(START_S + 0.5 * k, even_plots(START_S + 0.5 * k, rng, 12.0), (0,)), no_tracks())
    assert condition.clutter.sum() == pytest.approx(12.0, abs=1.5)


def test_the_plots_of_confirmed_tracks_are_no_clutter():
    condition, rng = Condition(site_with()), np.random.default_rng(4)
    history, tracks = [], no_tracks()
    for k in range(600):
        of_targets = plots_at(START_S + 0.5 * k, 5000.0 + k + 1000.0 * np.arange(3))
        false = even_plots(START_S + 0.5 * k, rng, 2.0)
        condition.step(Scan(START_S + 0.5 * k, join_plots([of_targets, false]), (0,)), tracks)
        history.append(of_targets)
        tracks = table_of(
            {row: join_plots([plots.take([row]) for plots in history[-40:]]) for row in range(3)}
        )
        if k < 4:
            tracks = table_of({1: history[0]}, TENTATIVE)
    assert condition.clutter.sum() == pytest.approx(2.0, abs=0.8)


def test_tracks_that_are_gone_are_forgotten():
    condition = Condition(site_with())
    for k in range(300):
        table = table_of({k: plots_at(START_S + 0.5 * k)})
        condition.step(scan_at(START_S + 0.5 * k + 0.25, [9000.0 + k]), table)
    assert len(condition._clutter._credited_s) < 110


def test_clutter_never_falls_to_nothing():
    condition = Condition(site_with())
    for k in range(5000):
        condition.step(
            scan_at(START_S + 0.5 * k, [9000.0 + k]), table_of({1: plots_at(START_S + 0.5 * k - 0.5)})
        )
    assert condition.clutter.min() > 0.0
    assert condition.clutter.sum() < 3.0


def test_a_radar_that_turns_slowly_counts_by_turns_not_by_sectors():
    condition, rng = Condition(site_with(radar_like(update_s=4.0))), np.random.default_rng(4)
    for k in range(12000):
        azimuth_rad = (k % 32 + rng.random()) / 32.0 * 2.0 * np.pi
        condition.step(
            scan_at(START_S + 0.125 * k, [rng.uniform(300.0, 30e3)], azimuth_rad=azimuth_rad), no_tracks()
        )
    assert condition.clutter.sum() == pytest.approx(32.0, rel=0.1)
