"""Sites by keyword, records encoded by libasterix, and where the real recordings lie."""

from pathlib import Path

import pytest
from asterix import generated

from rampart.domain.site import Radar, Site
from tests import sites

FRAME = sites.make_site().frame
RECORDINGS = Path(__file__).resolve().parents[3] / "shared/data/asterix"


def radar_like(name: str = "karkh", **changes) -> Radar:
    """Return a radar of source 25/1 unless `changes` say otherwise."""
    return sites.make_radar(FRAME, name, **changes)


def site_with(*radars: Radar, **changes) -> Site:
    """Return a site with the radars; without any, with one of the usual kind."""
    return sites.make_site(radars or None, **changes)


def block_015(*records: dict) -> bytes:
    """Return a CAT015 block of records, each with source 25/1 and message type 3 unless it says otherwise."""
    usual = {"010": (("SAC", 25), ("SIC", 1)), "000": (("MT", 3), ("RG", 0))}
    return block_of(generated.Cat_015_1_2, [usual | record for record in records])


def block_048(*records: dict) -> bytes:
    """Return a CAT048 block of records, each a primary detection of source 25/1 unless it says otherwise."""
    usual = {"010": (("SAC", 25), ("SIC", 1)), "020": ((3, 0, 0, 0, 0, None),)}
    return block_of(generated.Cat_048_1_32, [usual | record for record in records])


def block_of(spec, records: list[dict]) -> bytes:
    """Return the block of one category's edition with records as libasterix takes them."""
    made = [spec.cv_record.create({k: v for k, v in record.items() if v is not None}) for record in records]
    return spec.create(made).unparse().to_bytes()


@pytest.fixture(scope="session")
def make_radar():
    return radar_like


@pytest.fixture(scope="session")
def make_site():
    return site_with


@pytest.fixture(scope="session")
def encode_015():
    return block_015


@pytest.fixture(scope="session")
def encode_048():
    return block_048


@pytest.fixture(scope="session")
def real_recordings() -> Path:
    if not RECORDINGS.is_dir():
        pytest.skip(f"no real recordings at {RECORDINGS}")
    return RECORDINGS
