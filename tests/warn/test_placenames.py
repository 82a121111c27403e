"""A site's table of place names: what it says goes before the map's, and what cannot be meant is one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.config import read_site
from rampart.errors import ConfigError
from rampart.files import InputFiles
from rampart.serve.phrases import languages_of, name_in
from rampart.warn.placenames import named
from tests.test_config import SITE, ZONES
from tests.warn.places import make_box

PLACES = (make_box("karrada", 0, 0, 500), make_box("ring road", 3000, 0, 500))


def test_names_of_the_table_go_before_those_of_the_map():
    one, two = named(
        PLACES, 'zone,ar,he\r\nkarrada, الكرادة ,\r\n\r\n"ring road",,"כביש, הטבעת"\r\n', "names.csv"
    )
    assert one.names == {"en": "Karrada", "ar": "الكرادة"}
    assert two.names == {"en": "Ring Road", "ar": "المنطقة", "he": "כביש, הטבעת"}
    assert name_in("ar", one) == "الكرادة"
    assert (one.version, one.id) == (PLACES[0].version, "karrada"), "the zone is the same"
    assert named(PLACES, "zone\n", "names.csv") == PLACES


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names.csv: line 1: .*wanted a head of 'zone' and languages"),
        ("id,ar\n", "names.csv: line 1: .*id,ar"),
        ("zone,Arabic!\n", "names.csv: line 1, column 2: .*Arabic!"),
        ("zone,ar,ar\n", "names.csv: line 1, column 3"),
        ("zone,ar\nnowhere,x\n", "names.csv: line 2: .*nowhere.*the id of a zone"),
        ("zone,ar\nkarrada,x\nkarrada,y\n", "names.csv: line 3: .*stands here once"),
        ("zone,ar\nkarrada\n", "names.csv: line 2: .*wanted 2 columns"),
        ("zone,ar\nkarrada,x,y\n", "names.csv: line 2: .*wanted 2 columns"),
        ('zone,ar\nkarrada,"a\nb"\n', "names.csv: line 2: ar: .*in one line"),
        ('zone,ar\nkarrada,"a\n', "names.csv: .*a table with commas"),
    ],
)
def test_what_cannot_be_meant_is_one_line(text, said):
    with pytest.raises(ConfigError, match=said) as refusal:
        named(PLACES, text, "names.csv")
    assert "\n" not in str(refusal.value)


def outcome(text: str) -> str:
    try:
        return " ".join(zone.id for zone in named(PLACES, text, "names.csv"))
    except ConfigError as error:
        return str(error)


@given(st.text() | st.text(alphabet='zone,ar\n"karrada').map("zone,ar\nkarrada,".__add__))
def test_no_table_brings_it_down(text):
    told = outcome(text)
    assert told == "karrada ring road" or ("names.csv" in told and "\n" not in told)


def test_a_site_names_its_table_and_a_journal_keeps_it(tmp_path):
    (tmp_path / "site.toml").write_text(SITE.replace('zones = "', 'names = "names.csv"\nzones = "'))
    (tmp_path / "zones.geojson").write_text(ZONES)
    with pytest.raises(Exception, match=r"names.csv: .*a readable file"):
        read_site(tmp_path / "site.toml")
    (tmp_path / "names.csv").write_bytes("\ufeffzone,ar\na,الكرادة\n".encode())
    files = InputFiles()
    (zone,) = read_site(tmp_path / "site.toml", files).zones
    assert list(languages_of(zone)) == ["en", "ar"]
    (again,) = read_site(tmp_path / "elsewhere.toml", InputFiles(files.contents)).zones
    assert again.names == {"": "A", "ar": "الكرادة"}
    (tmp_path / "names.csv").write_bytes(b"zone,ar\na,\xff\n")
    with pytest.raises(ConfigError, match=r"names.csv: byte 10.*UTF-8"):
        read_site(tmp_path / "site.toml")
