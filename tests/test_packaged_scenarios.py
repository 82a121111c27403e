"""The scenarios that come along: each reads and flies, and can be run by its name."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

from benchmarks import hardset
from rampart.cli import app
from rampart.domain.site import WarningSettings
from rampart.errors import InputError
from rampart.files import InputFiles
from rampart.runner import fly, packaged_names, packaged_scenario, scenario_named, scenarios_table
from rampart.warn.zones import ZoneShapes

HARD_SET = {
    "biased-radar", "clutter-patches", "crossing-salvos", "forty-rockets", "grazing", "low-detection", "merged-plots",
    "no-doppler", "reference-salvo", "slow-1s", "slow-4s",
}  # fmt: skip

GUARDED = {
    "baghdad-2020-11-17-cram", "baghdad-2020-12-20", "kabul-2021-08-30", "taji-2020-03-11", "mortars-on-a-camp",
}  # fmt: skip


def test_the_hard_set_comes_along():
    assert set(hardset.NAMES) == HARD_SET == set(packaged_names()) - {
        "baghdad-2020-11-17", "baghdad-grid", *GUARDED,
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(HARD_SET))
def test_each_reads_and_flies(name):
    flown = fly(packaged_scenario(name), InputFiles(), None)
    rockets = flown.truth.projectiles
    assert len(rockets) == {"forty-rockets": 40, "crossing-salvos": 16, "merged-plots": 16}.get(name, 7)
    assert rockets[-1].impact_s < flown.scenario.start_s + flown.scenario.duration_s
    assert flown.scenario.assumed
    assert any(rocket.zones for rocket in rockets)
    if name == "forty-rockets":
        assert rockets[-1].launch_s - rockets[0].launch_s <= 20.0


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_an_attack_flies_from_other_seeds_too(name):
    for seed in (20, 21):
        flown = fly(packaged_scenario(name), InputFiles(), seed)
        assert len(flown.truth.projectiles) >= 5


def test_the_grid_covers_a_city_in_cells_of_one_kilometre():
    flown = fly(packaged_scenario("baghdad-grid"), InputFiles(), None)
    assert len(flown.truth.projectiles) == 20
    assert flown.truth.projectiles[-1].impact_s < flown.scenario.start_s + flown.scenario.duration_s
    shapes = ZoneShapes(flown.site.zones, replace(flown.site, warning=WarningSettings(danger_radius_m=0.0)))
    assert len(shapes) == 280
    areas_km2 = np.array([shape.area for shape in shapes.grown]) / 1e6
    assert np.allclose(areas_km2, 1.0, atol=0.001)
    assert shapely.union_all(shapes.grown).area / 1e6 == pytest.approx(280.0, rel=0.001), "none overlap"
    assert any("population" in line for line in flown.scenario.assumed)


def test_a_grazing_path_is_lost_low_down():
    shown = hardset.show("grazing", 1)
    rocket = shown.projectiles[0]
    inside = [
        0 in hardset.sky_at(rocket.launch_s + share * (rocket.impact_s - rocket.launch_s), shown)[0]
        for share in (0.02, 0.5, 0.95)
    ]
    assert inside == [False, True, False]


def test_neighbours_merge():
    shown = hardset.show("merged-plots", 1)
    up = sum(len(hardset.sky_at(scan.time_s, shown)[0]) for scan in shown.scans)
    seen = sum(int((whose >= 0).sum()) for whose in shown.whose)
    assert 0.8 < seen / up < 0.95


def test_a_name_is_taken_where_there_is_no_such_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert scenario_named(Path("forty-rockets")) == packaged_scenario("forty-rockets")
    with pytest.raises(InputError, match="forty-rockets, grazing"):
        scenario_named(Path("fourty-rockets"))
    assert len(scenarios_table().splitlines()) == len(HARD_SET) + len(GUARDED) + 2
    assert "Hard set: forty rockets in 20 s" in CliRunner().invoke(app, ["run", "--list-scenarios"]).output


def test_one_runs_by_its_name(tmp_path):
    done = CliRunner().invoke(app, ["run", "grazing", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0
    marks = json.loads((tmp_path / "out" / "score.json").read_text())
    assert (marks["projectiles"], marks["confirmed"], marks["false_tracks"]) == (7, 7, 0)


def test_the_benchmark_knows_whose_every_plot_is():
    shown = hardset.show("biased-radar", 1)
    moments, pace = hardset.follow(shown)
    assert pace.plots.sum() == sum(len(whose) for whose in shown.whose)
    assert {int(took) for moment in moments for took in moment.took} >= set(range(7))
