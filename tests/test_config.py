"""A wrong key names file, key, value and what was wanted."""

import math

import numpy as np
import pytest

from rampart.config import read_scenario, read_site
from rampart.errors import ConfigError, InputError
from rampart.files import InputFiles

SITE = """
[site]
id = "here"
name = "Here"
latitude_deg = 33.3
longitude_deg = 44.4
height_m = 34.0
zones = "zones.geojson"

[[radar]]
id = "one"
sac = 25
sic = 1
latitude_deg = 33.31
longitude_deg = 44.41
height_m = 45.0
range_sigma_m = 15.0
azimuth_sigma_deg = 0.115
elevation_sigma_deg = 0.115
max_range_m = 30000.0
update_s = 0.5
"""
ZONES = """{"type": "FeatureCollection", "features": [{"type": "Feature",
 "properties": {"id": "a", "name": "A", "kind": "public", "population": 10, "shelter_s": 30},
 "geometry": {"type": "Polygon", "coordinates": [[[44.3, 33.2], [44.5, 33.2], [44.5, 33.4], [44.3, 33.2]]]}}]}"""
SCENARIO = """
[scenario]
title = "A test"
site = "site.toml"
start = 2020-11-17T20:05:00+03:00
duration_s = 60.0

[[launch]]
weapon = "rocket-122mm"
time_s = 5.0
latitude_deg = 33.31
longitude_deg = 44.51
aim_latitude_deg = 33.299
aim_longitude_deg = 44.396
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "zones.geojson").write_text(ZONES)
    (tmp_path / "scenario.toml").write_text(SCENARIO)
    return tmp_path


def spoiled(folder, name, old, new):
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_a_site_is_read_in_si_and_radians(folder):
    site = read_site(folder / "site.toml")
    radar = site.radars[0]
    assert radar.latitude_rad == pytest.approx(math.radians(33.31))
    assert radar.sigma[:3] == pytest.approx([15.0, math.radians(0.115), math.radians(0.115)])
    assert not radar.measures_range_rate
    assert site.warning.raise_probability == 0.03
    assert [zone.id for zone in site.zones] == ["a"]
    assert site.radar_index(25, 1) == 0
    assert site.radar_index(9, 9) == -1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "height_m = 34.0",
            "hieght_m = 34.0",
            "site.hieght_m: 34.0: wanted a known key (did you mean height_m?)",
        ),
        ("update_s = 0.5", "", "radar[0].update_s: wanted this key, which is missing"),
        (
            "latitude_deg = 33.31",
            "latitude_deg = 144.0",
            "radar[0].latitude_deg: 144.0: wanted float <= 90.0",
        ),
        ("sac = 25", 'sac = "x"', "radar[0].sac: 'x': wanted int"),
        ("range_sigma_m = 15.0", "range_sigma_m = nan", "radar[0].range_sigma_m: nan: wanted"),
        (
            "max_range_m = 30000.0",
            "max_range_m = 30000.0\nmin_range_m = 40000.0",
            "radar[0].min_range_m: 40000.0",
        ),
        (
            'name = "Here"',
            'name = "Here"\ntimezone = "Mars/Base"',
            "site.timezone: 'Mars/Base': wanted a name",
        ),
        ("[site]", "[site", "wanted valid TOML"),
        ('zones = "zones.geojson"', 'zones = "none.geojson"', "none.geojson: wanted a readable file"),
        (
            "[[radar]]",
            '[weather]\nsounding = "a.csv"\nwind_east_mps = 3.0\n[[radar]]',
            "weather: wanted a sounding or",
        ),
        ("[[radar]]", "[wether]\n[[radar]]", "wether: {}: wanted a known key (did you mean weather?)"),
    ],
)
def test_a_wrong_site_is_one_line_that_names_the_place(folder, old, new, said):
    path = spoiled(folder, "site.toml", old, new)
    with pytest.raises(InputError) as caught:
        read_site(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 2


def test_two_radars_may_not_share_a_source(folder):
    radar = SITE[SITE.index("[[radar]]") :]
    (folder / "site.toml").write_text(SITE + radar.replace('"one"', '"two"'))
    with pytest.raises(
        ConfigError, match=r"radar\[1\]: \(25, 1\): wanted sac and sic that no other radar has"
    ):
        read_site(folder / "site.toml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("time_s = 5.0", "time = 5.0", "launch[0].time: 5.0: wanted a known key"),
        ("time_s = 5.0", 'time_s = 5.0\nfate = "airburst"', "launch[0].burst_s: wanted seconds after launch"),
        ("time_s = 5.0", 'time_s = 5.0\nfate = "lost"', "launch[0].fate: 'lost': wanted"),
        (
            "[[launch]]",
            '[[radar_truth]]\nid = "none"\n[[launch]]',
            "radar_truth[0].id: 'none': wanted one of one",
        ),
        ("[[launch]]", "[[interceptor]]\n[[launch]]", "interceptor[0].id: wanted this key, which is missing"),
        ("duration_s = 60.0", "duration_s = -1.0", "scenario.duration_s: -1.0: wanted float > 0.0"),
    ],
)
def test_a_wrong_scenario_is_one_line_that_names_the_place(folder, old, new, said):
    path = spoiled(folder, "scenario.toml", old, new)
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    assert said in str(caught.value)


def test_what_a_journal_keeps_reads_the_same_without_the_files(folder):
    files = InputFiles()
    scenario, site = read_scenario(folder / "scenario.toml", files, seed=9)
    again, site_again = read_scenario(folder / "gone" / "scenario.toml", InputFiles(files.contents), seed=9)
    assert (again.title, again.seed, again.launches) == (scenario.title, 9, scenario.launches)
    assert site_again.radars[0].id == site.radars[0].id
    assert np.array_equal(site_again.zones[0].polygons[0][0], site.zones[0].polygons[0][0])


def test_a_system_has_its_source_and_edition(folder):
    system = '[[system]]\nid = "acc"\nsac = 25\nsic = 100\nedition = { "062" = "1.18" }\n'
    (folder / "site.toml").write_text(SITE + system)
    (read,) = read_site(folder / "site.toml").systems
    assert (read.id, read.sac, read.sic, read.edition) == ("acc", 25, 100, {"062": "1.18"})
    (folder / "site.toml").write_text(SITE + system.replace("100", "1"))
    with pytest.raises(
        ConfigError, match=r"system\[0\]: \(25, 1\): wanted sac and sic that no other radar has"
    ):
        read_site(folder / "site.toml")


@pytest.mark.parametrize(
    ("edition", "said"),
    [
        ('"062" = "0.26"', "edition.062: '0.26': wanted an edition that is read: 1.16, 1.17, 1.18, 1.19"),
        ('"021" = "2.1"', "edition: '021': wanted categories that are read: 015, 034, 048, 062"),
        ('"48" = "1.30"', "edition: '48': wanted categories that are read: 015"),
    ],
)
def test_an_edition_that_is_not_read_is_said(folder, edition, said):
    system = f'[[system]]\nid = "acc"\nsac = 25\nsic = 100\nedition = {{ {edition} }}\n'
    (folder / "site.toml").write_text(SITE + system)
    with pytest.raises(ConfigError) as caught:
        read_site(folder / "site.toml")
    assert said in str(caught.value)
