"""A run's folder keeps what was refused, with its octets."""

import json
from pathlib import Path

import pytest

from rampart.feed import Entry, input_of
from rampart.record.journal import JournalHeader
from rampart.record.quarantine import FILE_NAME
from rampart.runfolder import RunWriter
from rampart.sense.recordings import read_recording
from tests.sites import make_site

RECORDING = Path(__file__).resolve().parents[2] / "shared/data/asterix/croatia_asterix.pcap"
TIME_S = 1605632703.25
PLOT = bytes.fromhex("30000ef0ffff000000201000a000")
"""A plot of a source that no site here knows."""


def quarantined(entries: list[Entry], folder: Path) -> list[dict]:
    site = make_site()
    with RunWriter(folder, JournalHeader(mode="test", version="0"), site) as writer:
        for entry in entries:
            writer.add(entry, input_of(entry, site), [])
    if not (folder / FILE_NAME).exists():
        return []
    return [json.loads(line) for line in (folder / FILE_NAME).read_text().splitlines()]


def test_refused_records_and_blocks_come_with_their_octets(tmp_path):
    damaged = b"\x30\x00\x05\xff\xff"
    other = bytes([65, 0, 6, 1, 2, 3])
    *lines, total = quarantined([Entry("asterix", TIME_S, PLOT + damaged + other)], tmp_path)
    assert [(line["reason"], line["source"], line["hex"]) for line in lines] == [
        ("unknown source", "255/255", PLOT[3:].hex()),
        ("malformed block", "", damaged.hex()),
    ], "a category that is not read is counted, not kept"
    assert len(total["kept"]) == 2


def test_a_flood_is_counted_once_it_has_had_its_share(tmp_path):
    *lines, total = quarantined([Entry("asterix", TIME_S + i, PLOT) for i in range(1500)], tmp_path)
    assert len(lines) == 1000
    assert total["dropped"] == [{"reason": "unknown source", "source": "255/255", "count": 500}]


def test_refused_rows_come_as_text(tmp_path):
    rows = "time,radar,range_m,azimuth_deg,elevation_deg,range_rate_mps,snr_db\n2020-11-17T17:05:00Z,nobody,9,8,5,,\n"
    line, _ = quarantined([Entry("csv", TIME_S, rows.encode()), Entry("tick", TIME_S)], tmp_path)
    assert (line["reason"], line["text"]) == ("unknown source", rows)


def test_a_note_of_a_recording_is_kept_as_its_reason(tmp_path):
    line, _ = quarantined([Entry("unread", TIME_S, b"torn capture\t1")], tmp_path)
    assert line["reason"] == "torn capture"


def test_blocks_of_a_wrong_edition_lie_in_quarantine_whole(tmp_path):
    if not RECORDING.exists():
        pytest.skip(f"no real recording at {RECORDING}")
    arrivals = list(read_recording(RECORDING, make_site()))
    *lines, _ = quarantined([Entry(a.kind, a.time_s, a.payload) for a in arrivals], tmp_path)
    kept = [bytes.fromhex(line["hex"]) for line in lines if line["reason"] == "malformed block"]
    assert len(kept) == 72
    assert {block[0] for block in kept} == {62}
    assert sum(line["octets"] for line in lines) == sum(
        len(a.payload) - (3 if a.payload not in kept else 0) for a in arrivals
    )
