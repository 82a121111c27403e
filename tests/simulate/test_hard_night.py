"""The example with everything in it: it reads, each part of it is seen, and a run of some seconds holds together."""

import importlib.util
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rampart.config import read_scenario
from rampart.runner import run_scenario
from rampart.simulate.look import AIRCRAFT, BIRD, CLUTTER, DRONE, FALSE_PLOT
from rampart.simulate.sensor import observe
from rampart.simulate.truth import fly_scenario

pytest.importorskip("rasterio", reason="the example's terrain needs rasterio")

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs/examples/hard-night"


def shortened(folder: Path, duration_s: float) -> Path:
    """Return a copy of the scenario that ends early."""
    shutil.copytree(FOLDER, folder / "night")
    path = folder / "night/scenario.toml"
    text = path.read_text()
    assert "duration_s = 100.0" in text
    path.write_text(text.replace("duration_s = 100.0", f"duration_s = {duration_s}"))
    return path


def test_everything_in_it_is_seen_and_a_stream_of_its_own():
    scenario, site = read_scenario(FOLDER / "scenario.toml")
    truth = fly_scenario(scenario, site, np.random.default_rng([1, 0]))
    assert len(truth.projectiles) == 9
    looks = list(observe(truth, replace(scenario, duration_s=60.0), site, np.random.default_rng([1, 1])))
    seen = Counter(origin for look in looks for origin in look.origin.tolist())
    assert {FALSE_PLOT, AIRCRAFT, BIRD, DRONE, CLUTTER, *range(9)} <= set(seen)
    assert {look.radar for look in looks} == {0, 1}
    assert [look.time_s for look in looks] == sorted(look.time_s for look in looks)


def test_a_few_seconds_of_it_run_from_bytes_to_report(tmp_path):
    path = shortened(tmp_path, 7.0)
    said = run_scenario(path, tmp_path / "out")
    assert "Valley town" in said
    made = {file.name for file in (tmp_path / "out").iterdir()}
    assert {"truth.json", "score.json", "events.jsonl", "journal", "report.html"} <= made
    events = [json.loads(line) for line in (tmp_path / "out/events.jsonl").read_text().splitlines()]
    assert any(event["kind"] == "track" for event in events)


def test_its_terrain_and_aircraft_are_what_the_tool_writes(tmp_path):
    spec = importlib.util.spec_from_file_location("hard_night", ROOT / "tools/hard_night.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (FOLDER / "aircraft.csv").read_text() == tool.aircraft()
    import rasterio

    with rasterio.open(FOLDER / "terrain.tif") as file:
        np.testing.assert_array_equal(file.read(1), np.rint(tool.heights_m()).astype(np.int16))
