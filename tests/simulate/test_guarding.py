"""Wrong tables of interceptors and of people exposed: one line that names the place, the value and what was wanted."""

import shutil

import pytest

from rampart.config import read_scenario
from rampart.errors import InputError
from rampart.runner import packaged_scenario

PEOPLE = 'people_per_km2 = 6000.0\npopulation = "people.csv"'


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(packaged_scenario("baghdad-2020-11-17").parent, tmp_path / "baghdad-2020-11-17")
    shutil.copytree(packaged_scenario("baghdad-2020-11-17-cram").parent, tmp_path / "own")
    return tmp_path / "own"


def spoil(folder, old: str, new: str):
    path = folder / "scenario.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "probability = 0.5\n",
            "probability = 1.5\n",
            "interceptor[0].probability: 1.5: wanted float <= 1.0",
        ),
        ("probability = 0.5\n", "", "interceptor[0].probability: wanted this key, which is missing"),
        ("magazine = 20", "magazine = -3", "interceptor[0].magazine: -3: wanted int >= 0"),
        ("magazine = 20", "magasine = 20", "magasine: 20: wanted a known key (did you mean magazine?)"),
        ('"selective"', '"wise"', "interceptor[0].doctrine: 'wise': wanted"),
        (
            "latitude_deg = 33.2990",
            "latitude_deg = 35.0",
            "(35.0, 44.396): wanted a place at the site: within",
        ),
        ("[15.0, 0.6]", "[15.0, 0.1]", "effect.sheltering: "),
        ("harm_radius_m = 50.0", "", "effect.harm_radius_m: wanted this key, which is missing"),
    ],
)
def test_a_wrong_table_is_one_line(folder, old, new, said):
    with pytest.raises(InputError) as caught:
        read_scenario(spoil(folder, old, new))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_of_one_id(folder):
    path = folder / "scenario.toml"
    own = path.read_text().split("[[interceptor]]")[1].split("[effect]")[0]
    path.write_text(path.read_text() + "\n[[interceptor]]" + own)
    with pytest.raises(InputError, match=r"interceptor\[1\].id: 'embassy': wanted an id that no other"):
        read_scenario(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: [*rows, "atlantis,5"], "zone: 'atlantis': wanted a zone of the site: "),
        (lambda rows: rows[:-1], "people.csv: wanted a row for every zone of the site; missing: "),
        (lambda rows: [*rows, rows[1]], "wanted a zone of the site, each once"),
        (
            lambda rows: [*rows[:-1], rows[-1].split(",")[0] + ",-4"],
            "people: '-4': wanted a number of people",
        ),
        (lambda rows: [*rows[:-1], rows[-1].split(",")[0] + ",many"], "people: 'many': wanted a number"),
        (lambda rows: ["a,b", *rows[1:]], "people.csv: 'a,b': wanted a header with zone, people"),
    ],
)
def test_people_that_do_not_match_the_zones(folder, change, said):
    path = spoil(folder, "people_per_km2 = 6000.0", PEOPLE)
    _, site = read_scenario(packaged_scenario("baghdad-2020-11-17"))
    rows = ["zone,people", *(f"{zone.id},{10 * i}" for i, zone in enumerate(site.zones))]
    (folder / "people.csv").write_text("\n".join(rows) + "\n")
    scenario, _ = read_scenario(path)
    assert scenario.exposure.people_by_zone[site.zones[2].id] == 20.0
    (folder / "people.csv").write_text("\n".join(change(rows)) + "\n")
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    assert said in str(caught.value)
    (folder / "people.csv").unlink()
    with pytest.raises(InputError, match=r"people\.csv: wanted a readable file"):
        read_scenario(path)
