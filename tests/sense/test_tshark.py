"""Every field of the real captures that tshark names too, as tshark reads it."""

import shutil
import subprocess

import numpy as np
import pytest

from rampart.sense.capture import udp_payloads
from rampart.sense.tables import layout_of
from rampart.sense.walk import block_end
from tests.sense.specs import everything_in, read_block

TSHARK_READS = {34: "1.29", 48: "1.30", 62: "1.18"}
"""The editions that tshark takes a category for when it is told nothing."""
COMPARED = {"croatia_cat_034_048.pcap": 83, "croatia_cat_062_065.pcap": 76}
"""Files, and how many fields of each are there and named by both."""
REPETITIONS = 8


def named_by_tshark(tshark: str) -> dict[str, str]:
    """Return the type of every field of the ASTERIX dissector by name."""
    listing = subprocess.run([tshark, "-G", "fields"], capture_output=True, text=True, check=True, timeout=60)
    rows = [line.split("\t") for line in listing.stdout.splitlines() if "\tasterix." in line]
    return {row[2]: row[3] for row in rows}


def number(text: str, kind: str) -> float:
    return float(text) if kind in ("FT_DOUBLE", "FT_FLOAT") else float(int(text, 0))


def their_values(tshark: str, capture, names: dict[str, str]) -> list[dict[str, list[float]]]:
    """Return for each frame the values of each field in order."""
    command = [
        tshark,
        "-r",
        str(capture),
        "-d",
        "udp.port==1-65535,asterix",
        "-T",
        "fields",
        "-E",
        "aggregator=|",
    ]
    for name in names:
        command += ["-e", name]
    listing = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    rows = [line.split("\t") for line in listing.splitlines()]
    return [
        {
            name: [number(text, kind) for text in cell.split("|") if text]
            for (name, kind), cell in zip(names.items(), row, strict=True)
        }
        for row in rows
    ]


def their_name(category: int, path: str) -> str:
    """Return what tshark calls a field of ours."""
    steps = [step.partition("[")[0] for step in path.split("/")]
    return f"asterix.{category:03d}_{'_'.join(steps)}"


def our_values(payload: bytes) -> dict[str, list[float]]:
    """Return the values of each field of one datagram, by tshark's name, in order of the records."""
    octets, start = np.frombuffer(payload, np.uint8), 0
    found: dict[str, list[float]] = {}
    while (end := block_end(octets, start, len(octets))) >= 0:
        category = payload[start]
        if category in TSHARK_READS:
            layout = layout_of(category, TSHARK_READS[category])
            names = [
                (name, pieces[0])
                for name, pieces, _ in everything_in(layout, REPETITIONS)
                if len(pieces) == 1
            ]
            value = read_block(payload[start:end], layout, tuple(field for _, field in names))
            for row in value:
                for (name, _), cell in zip(names, row.tolist(), strict=True):
                    if cell == cell:
                        found.setdefault(their_name(category, name), []).append(cell)
        start = end
    return found


@pytest.mark.parametrize("name", COMPARED)
def test_every_field_that_tshark_names_is_read_the_same(real_recordings, name):
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("no tshark on this machine")
    known = named_by_tshark(tshark)
    ours = [our_values(payload) for _, payload in udp_payloads((real_recordings / name).read_bytes())[0]]
    there = {field for datagram in ours for field in datagram}
    names = {}
    for field in sorted(there):
        for spelt in (field, f"{field}_VALUE"):
            if spelt in known and known[spelt] not in ("FT_NONE", "FT_STRING"):
                names[spelt] = known[spelt]
    theirs = their_values(tshark, real_recordings / name, names)
    assert len(theirs) == len(ours)
    for mine, other in zip(ours, theirs, strict=True):
        for spelt in names:
            values = mine.get(spelt.removesuffix("_VALUE"), [])
            np.testing.assert_allclose(other[spelt], values, rtol=1e-9, atol=1e-12, err_msg=spelt)
    assert len(names) >= COMPARED[name]
