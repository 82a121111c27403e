"""Whatever is wrong with the input: one clear line, status 2, and nothing half-written that looks whole."""

import json
import shutil
from pathlib import Path

import pytest

from rampart.runner import packaged_scenario
from tests.system.conftest import rampart

HEADER = "time,radar,range_m,azimuth_deg,elevation_deg,range_rate_mps,snr_db\n"


@pytest.fixture
def night(tmp_path) -> Path:
    """Return a copy of the packaged scenario that can be spoiled."""
    folder = tmp_path / "night"
    shutil.copytree(packaged_scenario("baghdad-2020-11-17").parent, folder)
    return folder


def refused(*arguments, folder: Path) -> str:
    """Return the one line that a command leaves with status 2."""
    done = rampart(*arguments, folder=folder, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert "Traceback" not in line
    return line


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("time_s = 5.0", "tmie_s = 5.0", "launch[0].tmie_s: 5.0: wanted a known key (did you mean time_s?)"),
        ("time_s = 5.0", 'time_s = "soon"', "scenario.toml: launch[0].time_s: 'soon': wanted float"),
        (
            'weapon = "rocket-122mm"',
            'weapon = "arrow"',
            "launch[0].weapon: 'arrow': wanted one of mortar-60mm",
        ),
        (
            "aim_longitude_deg = 44.3795",
            "aim_longitude_deg = 43.9",
            "wanted an aim that rocket-122mm reaches",
        ),
    ],
)
def test_a_wrong_scenario(night, tmp_path, old, new, said):
    replace(night / "scenario.toml", old, new)
    assert said in refused("run", night / "scenario.toml", "--out", tmp_path / "out", folder=tmp_path)
    assert not (tmp_path / "out").exists()


def test_a_zone_that_crosses_itself(night, tmp_path):
    zones = json.loads((night / "zones.geojson").read_text())
    ring = zones["features"][0]["geometry"]["coordinates"][0]
    ring[2], ring[6] = ring[6], ring[2]
    (night / "zones.geojson").write_text(json.dumps(zones))
    line = refused("run", night / "scenario.toml", "--out", tmp_path / "out", folder=tmp_path)
    assert "zones.geojson" in line
    assert "green-zone" in line
    assert "ring 1" in line
    assert "vertex" in line


def test_an_output_folder_that_exists_or_cannot_be_made(night, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep me")
    (tmp_path / "file").write_text("not a folder")
    scenario = night / "scenario.toml"
    assert "nothing is overwritten" in refused("run", scenario, "--out", tmp_path / "out", folder=tmp_path)
    assert "a file" in refused("run", scenario, "--out", tmp_path / "file", folder=tmp_path)
    assert "Rampart wrote" in refused("demo", "--out", tmp_path / "out", folder=tmp_path)
    assert refused("run", scenario, "--out", tmp_path / "file" / "below", folder=tmp_path)
    assert refused("run", scenario, "--out", "/proc/rampart", folder=tmp_path)
    assert (tmp_path / "out" / "mine.txt").read_text() == "keep me"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2020-11-17T17:05:00Z,karkh,far,10,5,-300,20", "row 2"),
        ("2020-11-17T17:05:00Z,karkh,9000,10", "row 2"),
        ("tonight,karkh,9000,10,5,-300,20", "row 2"),
    ],
)
def test_a_word_where_a_number_belongs(night, tmp_path, row, said):
    (tmp_path / "plots.csv").write_text(HEADER + row + "\n")
    line = refused(
        "replay",
        tmp_path / "plots.csv",
        "--site",
        night / "site.toml",
        "--out",
        tmp_path / "out",
        folder=tmp_path,
    )
    assert "plots.csv" in line
    assert said in line


def test_files_that_are_not_there_or_not_what_they_seem(night, tmp_path):
    site = night / "site.toml"
    (tmp_path / "noise.raw").write_bytes(bytes(range(7, 200)))
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "journal").mkdir()
    for name in ("absent.csv", "noise.raw", "empty.csv"):
        line = refused("replay", tmp_path / name, "--site", site, "--out", tmp_path / "out", folder=tmp_path)
        assert name in line
    assert "--site" in refused("replay", tmp_path / "noise.raw", "--out", tmp_path / "out", folder=tmp_path)
    done = rampart("replay", tmp_path / "journal", "--out", tmp_path / "out", folder=tmp_path, check=False)
    assert done.returncode in (1, 2)
    assert len(done.stderr.strip().splitlines()) == 1
    assert (
        len(rampart("verify", tmp_path / "noise.raw", folder=tmp_path, check=False).stderr.splitlines()) == 1
    )
    assert not (tmp_path / "out").exists()


def test_a_radar_that_the_site_does_not_know_is_counted_and_named(night, tmp_path):
    rows = [f"2020-11-17T17:05:{s:02d}Z,stranger,9000,10,5,-300,20" for s in range(10)]
    rows += [f"2020-11-17T17:05:{s:02d}Z,karkh,9000,10,5,-300,20" for s in range(10)]
    (tmp_path / "plots.csv").write_text(HEADER + "\n".join(rows) + "\n")
    rampart("replay", tmp_path / "plots.csv", "--site", night / "site.toml", "--out", "out", folder=tmp_path)
    health = [
        line for line in (tmp_path / "out" / "events.jsonl").read_text().splitlines() if "health" in line
    ]
    assert any("stranger" in line for line in health)


def test_help_and_catalogue(tmp_path):
    for command in ("demo", "run", "replay", "score", "verify", "doctor"):
        assert "rampart " + command in rampart(command, "--help", folder=tmp_path).stdout
    assert "rocket-122mm" in rampart("run", "--list-weapons", folder=tmp_path).stdout
    assert rampart("doctor", folder=tmp_path).stdout.startswith("rampart ")
    assert refused("run", folder=tmp_path)
    assert refused("fly", folder=tmp_path)
