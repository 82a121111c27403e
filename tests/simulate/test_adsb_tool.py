"""Recorded ADS-B becomes traffic by one command: what cannot have flown is not invented, nothing is lost unsaid."""

import gzip
import importlib.util
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from rampart.simulate.scenario import Traffic
from rampart.simulate.traffic import read_traffic
from tests.sites import make_site

ROOT = Path(__file__).resolve().parents[2]
RECORDED = sorted((ROOT / "../shared/data/adsb").resolve().glob("*.json.gz"))
spec = importlib.util.spec_from_file_location("adsb_traffic", ROOT / "tools/adsb_traffic.py")
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)


def report(second: float, latitude: float, longitude: float = 8.0, **changes) -> dict:
    return {
        "timestamp": 1.6e12 + 1e3 * second, "icao24": "abc123", "altitude": 10000.0,
        "latitude": latitude, "longitude": longitude,
    } | changes  # fmt: skip


def convert(folder: Path, rows, *options: str) -> list[str]:
    (folder / "in.json").write_text(json.dumps(rows))
    assert tool.main([str(folder / "in.json"), str(folder / "out.csv"), *options]) == 0
    return (folder / "out.csv").read_text().splitlines()


def test_reports_become_fixes_in_metres_and_utc(tmp_path):
    lines = convert(tmp_path, [report(0, 47.0), report(5, 47.01)])
    assert lines[0] == "time,id,latitude_deg,longitude_deg,height_m"
    assert lines[1] == "2020-09-13T12:26:40.000Z,abc123,47.0000000,8.0000000,3048.0"


def test_columns_read_as_records_do(tmp_path):
    rows = [report(0, 47.0), report(5, 47.01)]
    columns = {name: {str(i): row[name] for i, row in enumerate(rows)} for name in rows[0]}
    assert convert(tmp_path, rows) == convert(tmp_path, columns)


def test_what_is_no_fix_is_counted(tmp_path, capsys):
    rows = [
        report(0, 47.0), report(1, 47.002), report(5, 47.0), report(10, 47.02), report(11, None),
        report(12, 47.1, onground=True), report(13, 47.1, altitude=110000.0),
    ]  # fmt: skip
    assert len(convert(tmp_path, rows)) == 3
    said = capsys.readouterr().out
    for why in (
        "1 sooner than",
        "1 at the last",
        "1 without place",
        "1 on the ground",
        "1 higher than",
        "7 reports, 2 fixes of 1",
    ):
        assert why in said


def test_a_spoofed_leap_is_another_flight(tmp_path):
    """An address that is reported from two places at once gives two flights, and neither ever leaps."""
    rows = [report(5 * k, 47.0 + 0.01 * k, 8.0 + (2.0 if k % 2 else 0.0)) for k in range(10)]
    names = Counter(line.split(",")[1] for line in convert(tmp_path, rows)[1:])
    assert names == {"abc123": 5, "abc123-2": 5}


def test_a_recording_is_moved_to_another_place_and_time(tmp_path):
    rows = [report(5 * k, 47.0 + 0.01 * k, 8.0 + 0.01 * k) for k in range(11)]
    plain = convert(tmp_path, rows)
    moved = convert(tmp_path, rows, "--place", "30", "-45", "--start", "2026-03-21T02:00Z")
    assert moved[1].startswith("2026-03-21T02:00:00.000Z,abc123,29.95")
    east = [float(lines[-1].split(",")[3]) - float(lines[1].split(",")[3]) for lines in (plain, moved)]
    assert east[1] / east[0] == pytest.approx(np.cos(np.radians(47.05)) / np.cos(np.radians(30.0)), rel=1e-4)


def test_the_busiest_minutes_and_the_nearest_flights(tmp_path):
    rows = [report(60 * k, 47.0 + 0.001 * k) for k in range(20)]
    rows += [report(600 + 5 * k, 46.0 + 0.01 * k, icao24="busy") for k in range(12)]
    lines = convert(tmp_path, rows, "--busiest", "1", "--within-km", "60")
    assert {line.split(",")[1] for line in lines[1:]} == {"busy"}


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"{", b"\x1f\x8b\x00"])
def test_what_is_no_recording_is_refused_in_one_line(tmp_path, capsys, content):
    (tmp_path / "in.json").write_bytes(content)
    assert tool.main([str(tmp_path / "in.json"), str(tmp_path / "out.csv")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(not RECORDED, reason="../shared/data/adsb is not here")
@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name.removesuffix(".json.gz"))
def test_every_recorded_sample_converts_and_flies_like_aircraft(path, tmp_path):
    out = tmp_path / "aircraft.csv"
    busiest = ("--busiest", "20") if "switzerland" in path.name else ()
    assert tool.main([str(path), str(out), *busiest, "--place", "33.315", "44.42"]) == 0
    flights = read_traffic(Traffic(str(out)), make_site())
    rows = len(json.loads(gzip.decompress(path.read_bytes())))
    heights_m = [float(line.split(",")[4]) for line in out.read_text().splitlines()[1:]]
    assert min(heights_m) > -200.0
    assert max(heights_m) < 20e3
    assert sum(len(flight.time_s) for flight in flights) > (1000 if rows > 5 else 100)
    for flight in flights:
        step_s = np.diff(flight.time_s)
        level_mps = np.hypot(*np.diff(flight.position_enu_m[:, :2], axis=0).T) / step_s
        assert step_s.min() >= 4.0
        assert level_mps.max() < 405.0
