"""The engine as a stranger's program uses it: flights, clouds, ellipses, and what it says to bad input."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from rampart import trajectories as tr
from rampart.errors import InputError

AROUND = tr.surroundings(33.315, 44.42, 34.0)
START = tr.state((0.0, 0.0, 900.0), (60.0, 80.0, 120.0), tr.log_drag(4.2, 0.081))
COVARIANCE = np.diag([15.0, 15.0, 15.0, 2.0, 2.0, 2.0, 0.03]) ** 2


def test_a_flight_begins_at_its_state_and_ends_on_the_ground():
    flight = tr.fly(START, AROUND, "mortar")
    assert flight.status == tr.LANDED
    assert flight.time_s[0] == 0.0
    assert np.all(np.diff(flight.time_s) > 0.0)
    assert np.array_equal(flight.state_enu[0], START)
    assert flight.geodetic[-1, 2] == pytest.approx(34.0, abs=2e-3)
    assert flight.geodetic[-1, :2] == pytest.approx([33.334, 44.437], abs=0.01)
    landing = tr.fly_each(np.stack([START, START]), AROUND, "mortar")
    assert landing.state_enu[0, :3] == pytest.approx(flight.position_enu_m[-1], abs=0.02)
    assert landing.time_s[1] == pytest.approx(flight.time_s[-1], abs=1e-3)


def test_a_burst_ends_a_flight_in_the_air():
    flight = tr.fly(START, AROUND, "mortar", burst_s=5.0)
    assert flight.status == tr.NO_CROSSING
    assert flight.time_s[-1] == 5.0
    whole = tr.fly(START, AROUND, "mortar")
    assert flight.position_enu_m[-1] == pytest.approx(whole.position_enu_m[whole.time_s == 5.0][0], abs=1e-3)


def test_a_motor_burns_first_and_its_mass_is_gone():
    boost = tr.Boost(thrust_n=24e3, burn_s=1.6, mass_full_kg=66.0, mass_empty_kg=45.0)
    start = tr.state((0.0, 0.0, 1.0), (20.0, 20.0, 25.0), tr.log_drag(45.0, 0.122))
    flight = tr.fly(start, AROUND, "rocket", boost=boost)
    speed = np.linalg.norm(flight.velocity_enu_mps, axis=1)
    fastest_s = flight.time_s[np.argmax(speed)]
    assert fastest_s == pytest.approx(1.6, abs=0.01)
    ideal = np.linalg.norm(start[3:6]) + 24e3 * 1.6 / 21.0 * np.log(66.0 / 45.0)
    assert 0.9 * ideal < speed.max() < ideal
    assert flight.status == tr.LANDED
    assert np.all(np.diff(flight.time_s) > 0.0)


def test_cloud_and_ellipse_agree():
    cloud = tr.impact_cloud(START, COVARIANCE, AROUND, "mortar", n=20_000, seed=3)
    ellipse = tr.impact_ellipse(START, COVARIANCE, AROUND, "mortar")
    assert ellipse.status == tr.LANDED
    impacts = np.column_stack([cloud.state_enu[:, :2], cloud.time_s])
    spread = np.sqrt(np.diag(np.cov(impacts.T)))
    assert np.all(np.abs(impacts.mean(axis=0) - ellipse.mean) < 0.06 * spread)
    assert np.sqrt(np.diag(ellipse.covariance)) == pytest.approx(spread, rel=0.05)
    major, minor, bearing = ellipse.axes_m(0.9)
    turn = np.array([[np.sin(bearing), np.cos(bearing)], [np.cos(bearing), -np.sin(bearing)]])
    along = (impacts[:, :2] - ellipse.mean[:2]) @ turn.T
    inside = np.mean((along[:, 0] / major) ** 2 + (along[:, 1] / minor) ** 2 < 1.0)
    assert inside == pytest.approx(0.9, abs=0.02)
    assert np.array_equal(
        cloud.state_enu, tr.impact_cloud(START, COVARIANCE, AROUND, "mortar", n=20_000, seed=3).state_enu
    )


@pytest.mark.uncompiled
def test_an_ellipse_that_is_none_says_so():
    underground = START.copy()
    underground[2] = -200.0
    ellipse = tr.impact_ellipse(underground, COVARIANCE, AROUND, "mortar")
    assert ellipse.status == tr.UNDERGROUND
    assert np.all(np.isnan(ellipse.mean))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: tr.fly(START[:5], AROUND, "mortar"), "7 numbers"),
        (lambda: tr.fly(START * np.nan, AROUND, "mortar"), "finite"),
        (lambda: tr.fly(START, AROUND, "brick"), "'brick'"),
        (lambda: tr.fly_each(START, AROUND, "mortar"), "7 numbers"),
        (lambda: tr.impact_ellipse(START, np.ones((3, 3)), AROUND, "mortar"), "6, 7 or 9"),
        (lambda: tr.impact_ellipse(START, -COVARIANCE, AROUND, "mortar"), "positive"),
        (lambda: tr.impact_cloud(START, -COVARIANCE, AROUND, "mortar"), "positive"),
        (lambda: tr.impact_cloud(START, np.triu(np.ones((7, 7))), AROUND, "mortar"), "symmetric"),
        (lambda: tr.surroundings(91.0, 0.0), "degrees"),
        (lambda: tr.surroundings(33.0, 44.0, sounding="/no/such.csv"), "no/such.csv"),
        (lambda: tr.log_drag(0.0, 0.1), "above zero"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line(call, said):
    with pytest.raises(InputError) as caught:
        call()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_drawing_is_a_whole_svg():
    flight = tr.fly(START, AROUND, "mortar")
    text = tr.draw_heights({"bomb <1>": (flight.time_s, flight.geodetic[:, 2])})
    root = ET.fromstring(text)
    assert root.tag.endswith("svg")
    words = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert "bomb <1>" in words
    assert {"seconds", "metres"} <= set(words)
    with pytest.raises(ValueError, match="one arc"):
        tr.draw_heights({})


def test_the_tutorial_runs_as_it_stands(tmp_path, monkeypatch):
    page = Path(__file__).parents[1] / "docs" / "trajectories.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    assert len(blocks) == 4
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec("\n".join(blocks), names)
    assert (tmp_path / "heights.svg").read_text().startswith("<svg")
    assert names["burst"].status == tr.NO_CROSSING
    assert np.all(names["cloud"].landed)


def test_nothing_that_aims_is_exported():
    words = ("aim", "launch", "elevation", "azimuth", "range_table", "solve", "fire")
    assert not [name for name in tr.__all__ if any(word in name.lower() for word in words)]


def test_surroundings_take_a_sounding_and_a_geotiff(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    sounding = tmp_path / "sounding.csv"
    rows = [
        f"{h},{1013.25 * np.exp(-h / 8000.0):.2f},{288.15 - 0.0065 * h:.2f},12,0" for h in range(0, 9001, 500)
    ]
    sounding.write_text(
        "height_m,pressure_hpa,temperature_k,wind_east_mps,wind_north_mps\n" + "\n".join(rows)
    )
    heights = np.full((40, 40), 34.0, np.float32)
    heights[:20] = 134.0  # a table mountain in the north
    transform = rasterio.transform.from_origin(44.32, 33.415, 0.005, 0.005)
    with rasterio.open(
        tmp_path / "hills.tif", "w", driver="GTiff", height=40, width=40, count=1, dtype="float32",
        crs="EPSG:4326", transform=transform,
    ) as file:  # fmt: skip
        file.write(heights, 1)
    hilly = tr.surroundings(33.315, 44.42, 34.0, terrain=tmp_path / "hills.tif", reach_m=6e3)
    windy = tr.surroundings(33.315, 44.42, 34.0, sounding=sounding)
    still = tr.fly(START, AROUND, "mortar")
    on_the_mountain = tr.fly(START, hilly, "mortar")
    assert on_the_mountain.geodetic[-1, 2] == pytest.approx(134.0, abs=0.1)
    assert on_the_mountain.time_s[-1] < still.time_s[-1]
    ellipse = tr.impact_ellipse(START, COVARIANCE, hilly, "mortar")
    assert ellipse.mean[:2] == pytest.approx(on_the_mountain.position_enu_m[-1, :2], abs=20.0)
    assert tr.fly(START, windy, "mortar").position_enu_m[-1, 0] > still.position_enu_m[-1, 0] + 20.0
