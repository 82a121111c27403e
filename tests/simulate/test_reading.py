"""The tables of a scenario about radars and what surrounds them: read in radians, refused by name."""

import math

import pytest

from rampart.config import read_scenario
from rampart.errors import ConfigError
from rampart.simulate.surroundings import RadarModel
from tests.test_config import SCENARIO, SITE, ZONES

TABLES = """
[[radar_model]]
id = "one"
scan = "rotating"
azimuth_beam_deg = 2.0
blocks = 16

[[clutter]]
latitude_deg = 33.3
longitude_deg = 44.4
radius_m = 800.0
plots_per_km2 = 1.5

[[birds]]
count = 12
latitude_deg = 33.3
longitude_deg = 44.4
radius_m = 1000.0
heading_deg = 90.0

[[drone]]
route = [{ latitude_deg = 33.3, longitude_deg = 44.4, height_m = 120.0 }]
hover_s = 30.0
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site.toml").write_text(SITE)
    (tmp_path / "zones.geojson").write_text(ZONES)
    (tmp_path / "scenario.toml").write_text(SCENARIO + TABLES)
    return tmp_path


def test_the_tables_are_read_in_radians_and_square_metres(folder):
    scenario, _ = read_scenario(folder / "scenario.toml")
    model = scenario.radar_model_of("one")
    assert (model.scan, model.blocks) == ("rotating", 16)
    assert model.azimuth_beam_rad == pytest.approx(math.radians(2.0))
    assert scenario.radar_model_of("two") is None
    assert scenario.clutter[0].plots_per_km2 == 1.5
    assert scenario.birds[0].heading_rad == pytest.approx(math.pi / 2)
    assert scenario.birds[0].section_m2 == pytest.approx(0.01)
    assert scenario.drones[0].route[0] == pytest.approx((math.radians(33.3), math.radians(44.4), 120.0))


def test_the_defaults_of_the_file_are_those_of_the_model(folder):
    (folder / "scenario.toml").write_text(SCENARIO + '[[radar_model]]\nid = "one"\n')
    (model,), default = read_scenario(folder / "scenario.toml")[0].radar_models, RadarModel("one")
    for name in RadarModel.__slots__:
        assert getattr(model, name) == pytest.approx(getattr(default, name)), name


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "one"', 'id = "none"', "radar_model[0].id: 'none': wanted one of one"),
        ('scan = "rotating"', 'scan = "spinning"', "radar_model[0].scan: 'spinning': wanted"),
        ("azimuth_beam_deg", "azimuth_beem_deg", "did you mean azimuth_beam_deg?"),
        ("[[clutter]]", '[[radar_model]]\nid = "one"\n[[clutter]]', "radar_model[1].id: 'one': wanted a radar"),
        ("plots_per_km2 = 1.5", "plots_per_km2 = -1.5", "clutter[0].plots_per_km2: -1.5: wanted"),
        ("count = 12", "count = 12\nspeed_mps = [20.0, 8.0]", "birds[0].speed_mps: [20.0, 8.0]: wanted slowest and"),
        ("hover_s = 30.0", "hover_s = -1.0", "drone[0].hover_s: -1.0: wanted"),
        ("height_m = 120.0", "hight_m = 120.0", "drone[0].route[0]"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_one_line_that_names_the_place(folder, old, new, said):
    path = folder / "scenario.toml"
    assert old in TABLES
    path.write_text(SCENARIO + TABLES.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        read_scenario(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
