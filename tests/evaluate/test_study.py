"""The figures of a study: Wilson's interval, the bootstrap, pooled errors, charts of odd sets."""

import numpy as np
import pytest

from rampart.evaluate.metrics import weighted_median
from rampart.evaluate.study import bootstrapped, count_figure, mean_figure, share, study_of
from rampart.evaluate.study_charts import charts_of
from rampart.evaluate.study_page import figure, percent


def score_like(rmse_m=100.0, bound_m=90.0, n=4, inside=3, zones=((30.0, 31.0),), **changes) -> dict:
    """Return a score.json as a run leaves it."""
    impact = [{
        "tracked_s": 5, "rmse_m": rmse_m, "bound_m": bound_m, "coverage_50": 0.5, "coverage_90": inside / n,
        "coverage_95": 1.0, "n": n,
    }]  # fmt: skip
    rows = [{"seconds": s, "ideal_seconds": i, "projectiles": 1} for s, i in zones]
    warning = {
        "zones_hit": len(zones), "zones_warned": len(zones), "zones_missed": 0, "zones_needless": 2,
        "share_with_time_to_shelter": 1.0 if zones else None, "needless_person_minutes": 10.0, "zones": rows,
    }  # fmt: skip
    return {
        "projectiles": n, "confirmed": n, "false_tracks": 0, "impact": impact,
        "launch": {"coverage_90": 1.0, "sites_found": 1, "sites_true": 1}, "warning": warning,
        "gospa_m": {"total": 50.0, "localisation": 10.0, "missed": 30.0, "false": 10.0},
    } | changes  # fmt: skip


def test_wilsons_interval_is_the_published_one():
    """[wilson]; the figures of 81 of 263, checked in many textbooks: 0.2553 to 0.3662."""
    own = share(81, 263)
    assert own["low"] == pytest.approx(0.2553, abs=1e-4)
    assert own["high"] == pytest.approx(0.3662, abs=1e-4)
    assert share(0, 10)["low"] == 0.0
    assert share(10, 10)["high"] == 1.0
    assert share(0, 0)["value"] is None


def test_the_bootstrap_covers_the_mean_as_often_as_it_says():
    """200 sets of 30: at 95 % a correct one holds fewer than 176 at one seed in 10000 (30 are a little few: 94 %)."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        own = mean_figure(rng.normal(3.0, 2.0, 30).tolist())
        held += own["low"] <= 3.0 <= own["high"]
    assert 176 <= held <= 199
    assert mean_figure([1.0, 2.0]) == mean_figure([1.0, 2.0])
    assert mean_figure([])["value"] is None
    assert bootstrapped(lambda w: np.full(len(w), np.nan), 3)["value"] is None


def test_none_seen_is_not_none_possible():
    own = count_figure([0] * 100)
    assert (own["value"], own["low"]) == (0.0, 0.0)
    assert own["high"] == pytest.approx(0.0369, abs=1e-4)


def test_errors_of_runs_are_pooled_by_their_squares():
    figures = study_of([score_like(100.0, 80.0, 4, 3), score_like(200.0, 160.0, 2, 2)])
    row = figures["impact"][0]
    assert row["rmse_m"]["value"] == pytest.approx(np.sqrt((4 * 1e4 + 2 * 4e4) / 6), rel=1e-5)
    assert row["over_bound"]["value"] == pytest.approx(1.25)
    assert row["over_bound"]["low"] == pytest.approx(1.25)
    assert row["coverage_90"]["value"] == pytest.approx(5 / 6, rel=1e-5)
    assert row["n"] == 6
    assert figures["warning"]["seconds_median"]["value"] == 30.0


def test_the_weighted_median_is_that_of_the_repeated_values():
    rng = np.random.default_rng(3)
    rising = np.sort(rng.normal(size=9))
    weight = rng.integers(0, 4, (20, 9)).astype(float)
    weight[:, 0] += 1.0
    repeated = [np.median(np.repeat(rising, row.astype(int))) for row in weight]
    np.testing.assert_allclose(weighted_median(rising, weight), repeated)
    assert np.isnan(weighted_median(rising, np.zeros((1, 9)))[0])


def test_charts_of_a_study_in_which_nothing_happened():
    empty = score_like(
        zones=(), impact=[], gospa_m=dict.fromkeys(("total", "localisation", "missed", "false"))
    )
    empty |= {
        "projectiles": 0,
        "confirmed": 0,
        "launch": {"coverage_90": None, "sites_found": 0, "sites_true": 0},
    }
    scores = [empty, empty]
    figures = study_of(scores) | {"runs": 2}
    assert set(charts_of(figures, scores)) == {"alarms"}
    whole = [score_like(), score_like(120.0, None)]
    drawn = charts_of(study_of(whole) | {"runs": 2}, whole)
    assert set(drawn) == {"impact", "coverage", "warning", "alarms", "gospa"}
    assert "nan" not in "".join(drawn.values())


def test_figures_in_words():
    assert figure({"value": 12345.0, "low": 12000.0, "high": 13000.0}) == "12,345 (12,000–13,000)"
    assert figure({"value": None, "low": None, "high": None}) == "–"
    assert percent({"value": 0.5, "low": 0.25, "high": 0.75}) == "50.0 (25.0–75.0) %"
