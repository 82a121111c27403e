"""Within a cell false plots are dense where they crowd, and nowhere else; a salvo is no crowd."""

import numpy as np
import pytest

from rampart.domain.clutter import (
    CELLS,
    SIDES,
    cell_of,
    even_crowds,
    log_crowd_within,
    place_in_cell,
)
from rampart.domain.scan import Plots
from rampart.domain.track import no_tracks
from rampart.sense.clutter import ClutterWatch
from rampart.sense.crowds import NewestPlots
from tests.sense.conftest import radar_like
from tests.sense.test_condition import START_S

RADAR = radar_like(min_range_m=0.0)
COVER = (RADAR.min_range_m, RADAR.max_range_m, RADAR.min_elevation_rad, RADAR.max_elevation_rad)
CELL = np.ravel_multi_index(cell_of(7.5e3, 1.7, *COVER[:2]), (10, 24))


def patch(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return plots (n, 4) low over the ground that hardly move, in a hundredth of one cell's area."""
    return np.column_stack(
        [
            rng.uniform(7.4e3, 7.7e3, n),
            rng.uniform(1.69, 1.715, n),
            rng.normal(COVER[2] + 0.01, 0.003, n),
            rng.normal(0.0, 1.0, n),
        ]
    )


def even(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return plots (n, 4) as false plots are believed to be."""
    still = rng.random(n) < 0.2
    rate_mps = np.where(still, rng.normal(0.0, 5.0, n), rng.uniform(-500.0, 500.0, n))
    return np.column_stack(
        [rng.uniform(*COVER[:2], n), rng.uniform(0.0, 2.0 * np.pi, n), rng.uniform(*COVER[2:], n), rate_mps]
    )


def within(plots: NewestPlots, z) -> float:
    """Return ln of the density at a plot against even over its cell."""
    u = np.empty(SIDES)
    cell = place_in_cell(np.asarray(z, float), *COVER, u)
    return log_crowd_within(cell, u, plots.child, plots.side, plots.log_share)


def learnt(*parts: np.ndarray, age_s: float = 20.0, dense: bool = False) -> NewestPlots:
    """Return what plots of that age teach."""
    plots = NewestPlots(RADAR, 10.0)
    for z in parts:
        plots.add(np.full(len(z), START_S - age_s), z)
    assert plots.is_due(START_S)
    assert plots.renew(START_S, np.full(CELLS, dense)) == plots.child.any()
    assert not plots.is_due(START_S + 0.5)
    return plots


def test_a_patch_is_dense_where_it_lies_and_sparse_beside_it():
    """The patch is a hundredth of its cell, a fiftieth of its heights and about a fifth of its range rates."""
    rng = np.random.default_rng(1)
    plots = learnt(patch(800, rng), even(2000, rng))
    inside = [within(plots, z) for z in patch(200, rng)]
    assert np.median(inside) > np.log(1000.0)
    assert np.mean(np.array(inside) < np.log(100.0)) < 0.1
    assert within(plots, [7.55e3, 1.7, COVER[2] + 0.3, 0.0]) < 0.0
    assert within(plots, [7.55e3, 1.7, COVER[2] + 0.01, 200.0]) < np.median(inside) - 5.0
    assert within(plots, [8.6e3, 1.8, COVER[2] + 0.01, 0.0]) < 0.0


def test_the_density_of_a_cell_sums_to_one():
    rng = np.random.default_rng(2)
    plots = learnt(patch(800, rng), even(2000, rng))
    leaves = [(CELL, 0.0, 0.0)]
    sums = 0.0
    while leaves:
        node, log_share, log_size = leaves.pop()
        if plots.child[node] == 0:
            sums += np.exp(log_share + log_size)
            continue
        for half in (plots.child[node], plots.child[node] + 1):
            leaves.append((half, log_share + plots.log_share[half], log_size - np.log(2.0)))
    assert sums == pytest.approx(1.0, rel=1e-9)


def test_even_false_plots_make_no_boxes():
    """Along each of four sides chance alone gains so much once in a thousand boxes: of 4,800 cells, 19 are halved."""
    halved = 0
    for seed in range(20):
        plots = learnt(even(8000, np.random.default_rng([3, seed])))
        halved += int(np.count_nonzero(plots.child))
    assert halved < 50


def test_waiting_plots_count_only_in_dense_cells():
    rng = np.random.default_rng(4)
    assert not learnt(patch(100, rng), age_s=2.0).child.any()
    assert learnt(patch(100, rng), age_s=2.0, dense=True).child[CELL] > 0


def test_claimed_and_forgotten_plots_teach_nothing():
    z = patch(100, np.random.default_rng(5))
    assert not learnt(z, age_s=400.0).child.any()
    plots = NewestPlots(RADAR, 10.0)
    time_s = np.full(len(z), START_S - 20.0)
    plots.add(time_s, z)
    plots.claim(time_s, z)
    plots.renew(START_S, np.zeros(CELLS, bool))
    assert not plots.child.any()


def test_what_is_not_measured_says_nothing():
    z = patch(500, np.random.default_rng(6))
    z[:, 3] = np.nan
    plots = learnt(z)
    assert not np.any(plots.side[plots.child > 0] == 3)
    assert within(plots, z[0]) > np.log(50.0)
    assert within(plots, [z[0, 0], z[0, 1], np.nan, np.nan]) > 0.0


def test_more_plots_than_are_kept_are_the_newest():
    rng = np.random.default_rng(7)
    plots = learnt(even(20_000, rng), patch(500, rng))
    assert plots.child[CELL] > 0


def test_a_salvo_s_first_plots_make_no_boxes():
    """Ten rockets from one place, three plots each within a second and a half, which no track has claimed yet."""
    watch, rng = ClutterWatch((RADAR,)), np.random.default_rng(8)
    for k in range(100):
        z = even(rng.poisson(5.0), rng)
        if k >= 97:
            climb = k - 96
            z = np.vstack([z, [[7.5e3 + 60.0 * climb, 1.7, 0.1 + 0.01 * climb, 250.0]] * 10])
        n, time_s = len(z), START_S + 0.5 * k
        watch.step(
            Plots(np.full(n, time_s), np.zeros(n, int), z, np.ones((n, 4)), np.full(n, np.nan)), no_tracks()
        )
    assert watch.crowds.child[0, CELL] == 0


@pytest.mark.uncompiled
def test_nothing_known_is_even():
    crowds = even_crowds(1)
    u = np.full(SIDES, 0.3)
    assert log_crowd_within(5, u, crowds.child[0], crowds.side[0], crowds.log_share[0]) == 0.0
    cell = place_in_cell(np.array([7.5e3, 1.7, COVER[2], 0.0]), *COVER, u)
    assert cell == CELL
    assert u[2] == 0.0
    assert u[3] == pytest.approx(0.5)
