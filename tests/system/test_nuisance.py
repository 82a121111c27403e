"""Birds, drones, aircraft and clutter, seen by radars simulated by their physics: no forecast, no alarm."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rampart.config import read_scenario
from rampart.domain.event import AlertEvent, ForecastEvent, TrackEvent
from rampart.engine import Engine
from rampart.feed import entries_of, input_of
from rampart.sense.recordings import Arrival
from rampart.simulate.encode import encode_look
from rampart.simulate.scenario import Scenario, Traffic
from rampart.simulate.sensor import observe
from rampart.simulate.surroundings import ROTATING, RadarModel
from rampart.simulate.truth import fly_scenario
from tests.simulate.test_truth import AIR
from tests.sites import make_radar, make_site

ROOT = Path(__file__).resolve().parents[2]
RECORDED = (ROOT / "../shared/data/adsb").resolve()


def events_of(scenario, site):
    """Return what the engine publishes of a scenario, through the bytes of its radars."""
    truth = fly_scenario(scenario, site, np.random.default_rng([scenario.seed, 0]))
    looks = observe(truth, scenario, site, np.random.default_rng([scenario.seed, 1]))
    arrivals = (Arrival("asterix", look.time_s, encode_look(look, site)) for look in looks)
    engine = Engine(site, simulated=True)
    return [event for entry in entries_of(arrivals) for event in engine.step(input_of(entry, site))]


def kinds(events, kind) -> list:
    return [event for event in events if isinstance(event, kind)]


def test_a_night_of_birds_drones_helicopter_and_clutter_alarms_nobody():
    pytest.importorskip("rasterio", reason="the example's terrain needs rasterio")
    scenario, site = read_scenario(ROOT / "docs/examples/hard-night/scenario.toml")
    events = events_of(replace(scenario, launches=(), duration_s=12.0), site)
    assert len({event.track for event in kinds(events, TrackEvent)}) > 10
    assert kinds(events, ForecastEvent) == []
    assert kinds(events, AlertEvent) == []


@pytest.mark.skipif(not RECORDED.exists(), reason="../shared/data/adsb is not here")
@pytest.mark.parametrize("name", ["zero_gravity", "noisy_spoofing"])
def test_a_recorded_flight_alarms_nobody(name, tmp_path):
    """The steepest two minutes of a parabolic flight; two of a flight among spoofed reports."""
    spec = importlib.util.spec_from_file_location("adsb_traffic", ROOT / "tools/adsb_traffic.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    path, start_s = tmp_path / "aircraft.csv", 1605632700.0
    moved = ["--place", "33.35", "44.42", "--start", "2020-11-17T17:05:00Z"]
    begin = {"zero_gravity": "2020-06-25T08:24:30Z", "noisy_spoofing": "2024-09-17T09:43:40Z"}[name]
    recorded = [str(RECORDED / f"traffic_{name}.json.gz"), str(path)]
    assert tool.main([*recorded, "--from", begin, "--minutes", "2", *moved]) == 0
    site = make_site((make_radar(make_site().frame, max_range_m=50e3, update_s=1.0),))
    model = RadarModel("karkh", scan=ROTATING, blocks=8, reference_snr_db=44.0)
    night = Scenario("t", start_s, 1, 118.0, (), AIR, traffic=(Traffic(str(path)),), radar_models=(model,))
    events = events_of(night, site)
    assert kinds(events, TrackEvent), "it is tracked"
    assert kinds(events, ForecastEvent) == []
    assert kinds(events, AlertEvent) == []
