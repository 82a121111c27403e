"""The benchmark's campaign of forecasts, in small: its figures are whole, and right where the truth is the prior's."""

import numpy as np

from benchmarks.forecast import AFTER_S, records_of
from benchmarks.forecast_figures import accuracy_rows, odds_rows
from benchmarks.shots import ALL_UNSEEN, PRIOR, SITES, shot_of

FLIGHTS = 40
CHI2_90 = 4.605


def test_forecasts_of_truths_from_the_prior_attain_the_bound_and_cover():
    """40 flights at 10 s; the ratio has a spread of 0.08, the coverages 0.05: a correct program fails one of the
    limits at one seed in 300."""
    records = records_of(PRIOR, True, range(FLIGHTS))
    at = records[records["after"] == AFTER_S.index(10.0)]
    assert len(at) >= FLIGHTS - 1
    assert np.all(at["right"])
    assert 0.75 < np.sqrt(np.mean(at["right_m2"] / at["bound_m2"])) < 1.25
    assert np.mean(at["right_nees"] < CHI2_90) > 0.75
    assert np.mean(at["denser"] < 0.9) > 0.75
    assert np.all(at["least_m2"] > 0.5 * at["bound_m2"])
    rows = accuracy_rows(PRIOR, True, records, AFTER_S)
    assert {row["estimate"] for row in rows} == {"right shape", "mixture"}
    assert odds_rows(PRIOR, True, records, AFTER_S)


def test_a_seed_gives_the_same_flight_whatever_the_radar_measures():
    first, second = (shot_of(ALL_UNSEEN, SITES[rate], 3) for rate in (True, False))
    assert np.array_equal(first.states, second.states)
    assert np.array_equal(first.plots.measurement[:, :3], second.plots.measurement[:, :3])
    assert np.all(np.isnan(second.plots.measurement[:, 3]))
