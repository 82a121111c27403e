"""The committed layouts: what the generator writes, and which of them an edition means."""

import importlib.util
from pathlib import Path

import pytest

from rampart.sense.tables import (
    BIT,
    BITS,
    EDITIONS,
    SIGNED,
    SLOT,
    layout_of,
    program_of,
    published_categories,
)

TOOL = Path(__file__).resolve().parents[2] / "tools/asterix_tables.py"


def test_the_committed_tables_are_what_the_specifications_give():
    spec = importlib.util.spec_from_file_location("asterix_tables", TOOL)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert {file.name: file.read_text() for file in EDITIONS.glob("*.json")} == tool.files()


@pytest.mark.parametrize(
    ("edition", "read_as"),
    [("", "1.32"), ("1.30", "1.30"), ("1.29", "1.30"), ("1.31", "1.31"), ("1.21", "1.30"), ("2.0", "1.32")],
)
def test_an_edition_is_read_by_the_newest_table_not_after_it(edition, read_as):
    assert layout_of(48, edition).editions[-1] == read_as


def test_a_field_is_found_by_its_name():
    program = program_of(48, "1.30", ("120/CAL/CAL", "040/THETA"))
    # sorted by item: range and azimuth stand before the Doppler
    assert program.fields[:, SLOT].tolist() == [1, 0]
    assert program.fields[:, BIT].tolist() == [16, 6]
    assert program.fields[:, BITS].tolist() == [16, 10]
    assert program.fields[:, SIGNED].tolist() == [0, 1]
    assert program.lsb.tolist() == [360 / 2**16, 1.0]
    with pytest.raises(KeyError, match="040/RADIUS"):
        program_of(48, "1.30", ("040/RADIUS",))


def test_the_categories_that_are_read_are_published():
    assert {15, 34, 48} < published_categories()
