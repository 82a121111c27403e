"""The committed layouts: what the generator writes, and which of them an edition means."""

import importlib.util
from pathlib import Path

import pytest

from rampart.sense.asterix import FIELDS
from rampart.sense.tables import (
    BIT,
    BITS,
    EDITIONS,
    SIGNED,
    SLOT,
    WINDOW_BITS,
    book_of,
    fields_of,
    layout_of,
    layouts,
    nodes_of,
    published_categories,
)
from rampart.sense.walk import STACK
from tests.sense.specs import EDITIONS as EDITIONS_OF_LIBASTERIX

TOOL = Path(__file__).resolve().parents[2] / "tools/asterix_tables.py"


def test_the_committed_tables_are_what_the_specifications_give():
    spec = importlib.util.spec_from_file_location("asterix_tables", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert {file.name: file.read_text() for file in EDITIONS.glob("*.json")} == tool.files()


@pytest.mark.parametrize(
    ("edition", "read_as"),
    [("", "1.32"), ("1.30", "1.30"), ("1.29", "1.30"), ("1.31", "1.31"), ("1.21", "1.30"), ("1.40", "1.32")],
)
def test_an_edition_is_read_by_the_newest_table_not_after_it(edition, read_as):
    assert layout_of(48, edition).editions[-1] == read_as


def test_an_edition_of_another_major_number_is_not_guessed():
    assert layout_of(62, "0.26") is None
    assert layout_of(48, "2.0") is None


def test_every_published_edition_of_what_is_read_has_its_table():
    for category, editions in EDITIONS_OF_LIBASTERIX.items():
        for edition in editions:
            assert edition in layout_of(category, edition).editions


def test_a_field_is_found_by_its_name():
    layout = layout_of(48, "1.30")
    book = book_of([(layout, fields_of(layout, ("120/CAL/CAL", "040/THETA", "120/RDS[1]/AMB")))])
    # sorted by item: range and azimuth stand before the Doppler
    assert book.fields[:, SLOT].tolist() == [1, 0, 2]
    assert book.fields[:, BIT].tolist() == [16, 6, 8 + 48 + 16]
    assert book.fields[:, BITS].tolist() == [16, 10, 16]
    assert book.fields[:, SIGNED].tolist() == [0, 1, 0]
    assert book.lsb.tolist() == [360 / 2**16, 1.0, 1.0]
    with pytest.raises(KeyError, match="040/RADIUS"):
        fields_of(layout, ("040/RADIUS",))


@pytest.mark.parametrize("layout", layouts(), ids=lambda layout: f"{layout.category}-{layout.editions[-1]}")
def test_a_layout_fits_the_walk(layout):
    nodes = nodes_of(layout)
    assert len(nodes) < STACK
    assert all(sub.kind != "compound" for item in layout.items for sub in item.subitems if sub)


def test_every_field_that_is_read_fits_into_four_octets():
    for layout in layouts():
        for field in fields_of(layout, FIELDS[layout.category]):
            assert -(-(field.bit + field.bits) // 8) * 8 - field.bit <= WINDOW_BITS


def test_the_categories_that_are_read_are_published():
    assert {15, 34, 48, 62} < published_categories()
