"""Alerts, a site and keys for the tests of what is sent."""

from pathlib import Path

import pytest
from lxml import etree

from rampart.domain.event import AlertEvent
from tests.warn.places import make_box, make_site, make_zone

SAMPLES = Path(__file__).parents[3] / "shared/data/cap"
HOLE = [(-100, -100), (-100, 100), (100, 100), (100, -100), (-100, -100)]
ZONES = (
    make_box("green zone", 0, 0, 500),
    make_zone("ring", [(-900, -900), (900, -900), (900, 900), (-900, 900), (-900, -900)], HOLE),
)
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason=f"{SAMPLES} is not here")


def site_in(mode: str = "test"):
    """Return a site of a mode."""
    return make_site(ZONES, mode=mode)


def make_event(seq: int = 7, action: str = "raise", **changes) -> AlertEvent:
    """Return a decision; impact 28 s away, or none where it is over."""
    over = action in ("clear", "cancel")
    values = {
        "seq": seq,
        "time": f"2020-11-17T17:05:{seq:02d}.250Z",
        "alert": "here-20201117T170503Z-green zone",
        "zone": "green zone",
        "action": action,
        "mode": "test",
        "probability": 0.53,
        "impact_time": None if over else "2020-11-17T17:05:35.250Z",
        "seconds_to_impact": None if over else 28.0,
        "tracks": [1, 2],
    }
    return AlertEvent(**(values | changes))


def canonical(element: etree._Element) -> str:
    """Return an element as exclusive XML canonicalization writes it."""
    return etree.tostring(element, method="c14n", exclusive=True).decode()
