"""Every field of every record of every real recording, as libasterix reads it; every file read to its end."""

from collections import Counter

import numpy as np
import pytest

from rampart.domain.site import System
from rampart.errors import RecordingError
from rampart.sense.asterix import decode, decoder_of
from rampart.sense.blocks import unframed
from rampart.sense.capture import is_capture, udp_payloads
from rampart.sense.recordings import read_recording, refused_of, scan_of
from rampart.sense.tables import layouts
from rampart.sense.walk import block_end
from tests.sense.specs import check_every_field, field_of, records_of, spec_of

BLOCKS = {
    "croatia_asterix.pcap": {62: 100},
    "croatia_cat034.raw": {34: 1},
    "croatia_cat048.raw": {48: 1},
    "croatia_cat062cat065.raw": {62: 1, 65: 1},
    "croatia_cat21_re.ast": {21: 2},
    "croatia_cat_001_002.pcap": {1: 5, 2: 1},
    "croatia_cat_034_048.pcap": {34: 34, 48: 86},
    "croatia_cat_062_065.pcap": {62: 1, 65: 1},
    "croatia_parsegps.gps": {},
    "decereix_201002-lebl_smr_cat10.ast": {10: 52659},
    "decereix_alicante_adsb_cat21.ast": {21: 20090},
}
"""The blocks of each real file by category."""
READ = {"034", "048", "062"}


def payloads_of(path) -> list[bytes]:
    content = path.read_bytes()
    return [payload for _, payload in udp_payloads(content)[0]] if is_capture(content) else [content]


def blocks_of(payload: bytes) -> tuple[list[bytes], bytes]:
    """Return the blocks of a payload and what stands behind the last of them."""
    octets, start, blocks = np.frombuffer(payload, np.uint8), 0, []
    while (end := block_end(octets, start, len(octets))) >= 0:
        blocks.append(payload[start:end])
        start = end
    return blocks, payload[start:]


@pytest.mark.parametrize("name", [name for name, blocks in BLOCKS.items() if {34, 48, 62} & set(blocks)])
def test_every_field_of_every_record_is_libasterix_s(real_recordings, name):
    there = 0
    for payload in payloads_of(real_recordings / name):
        for block in blocks_of(payload)[0]:
            for layout in layouts():
                if layout.category == block[0]:
                    there += check_every_field(block, spec_of(block[0], layout.editions[-1]), layout)
    assert there > 0


@pytest.mark.parametrize("name", BLOCKS)
def test_every_real_file_is_read_to_its_end(real_recordings, make_site, name):
    if name == "croatia_parsegps.gps":
        pytest.skip("not ASTERIX: its own test below")
    site, path = make_site(), real_recordings / name
    arrivals = list(read_recording(path, site, "2020-11-17"))
    counted: Counter[str] = Counter()
    for arrival in arrivals:
        for block in blocks_of(unframed(arrival.payload))[0]:
            counted[f"{block[0]:03d}"] += 1
    assert counted == {f"{category:03d}": blocks for category, blocks in BLOCKS[name].items()}
    passed_over: Counter[str] = Counter()
    for arrival in arrivals:
        for reject in scan_of(arrival.kind, arrival.payload, arrival.time_s, site).rejects:
            if reject.reason == "category not read":
                passed_over[reject.source] += reject.count
    assert passed_over == {category: n for category, n in counted.items() if category not in READ}
    if not is_capture(path.read_bytes()):
        assert sum(len(arrival.payload) for arrival in arrivals) == path.stat().st_size


def test_blocks_of_a_wrong_edition_are_quarantined_not_guessed(real_recordings, make_site):
    path = real_recordings / "croatia_asterix.pcap"
    system = System("Zagreb", sac=25, sic=100)
    # another edition of the same major number would not read them either
    for site in (make_site(), make_site(systems=(system,))):
        kept: Counter[str] = Counter()
        for arrival in read_recording(path, site):
            scan = scan_of(arrival.kind, arrival.payload, arrival.time_s, site)
            refused = refused_of(arrival.kind, arrival.payload, arrival.time_s, site)
            assert len(scan.plots) == 0
            assert refused, "a part of every block is refused"
            assert not any(reject.reason == "system track, no plot" for reject in scan.rejects)
            assert b"".join(r.octets for r in refused) in (arrival.payload, arrival.payload[3:])
            kept.update(r.reason for r in refused)
        assert kept["malformed block"] == 72
    old = System("Zagreb", sac=25, sic=100, edition={"062": "0.27"})
    scans = [decode(payload, 0.0, make_site(systems=(old,))) for payload in payloads_of(path)]
    assert Counter(r.reason for scan in scans for r in scan.rejects) == {"edition not read": 100}


def test_the_real_system_tracks_are_read_counted_and_given(real_recordings, make_site):
    payload = (real_recordings / "croatia_cat062cat065.raw").read_bytes()
    records = records_of(spec_of(62, "1.18"), blocks_of(payload)[0][0])
    source = int(field_of(records[0], "010/SAC")), int(field_of(records[0], "010/SIC"))
    site = make_site(systems=(System("acc", *source, edition={"062": "1.18"}),))
    time_s = 1605571200.0 + field_of(records[0], "070")
    scan = decode(payload, time_s, site)
    assert len(scan.plots) == 0
    assert {(r.reason, r.count) for r in scan.rejects} == {
        ("system track, no plot", len(records)),
        ("category not read", 1),
    }
    tracks = decoder_of(site).system_tracks(payload, time_s)
    assert len(tracks) == len(records)
    for row, record in enumerate(records):
        assert tracks.time_s[row] % 86400.0 == pytest.approx(field_of(record, "070"))
        assert tracks.track[row] == field_of(record, "040")
        place = [field_of(record, "105/LAT"), field_of(record, "105/LON")]
        np.testing.assert_allclose(np.degrees(tracks.position[row]), place, rtol=1e-12)
        velocity = [field_of(record, "185/VX"), field_of(record, "185/VY")]
        np.testing.assert_allclose(tracks.velocity[row, :2], velocity)
        np.testing.assert_allclose(tracks.pressure_height_m[row], field_of(record, "136") * 30.48)
    # of a source that the site does not know, or of a stranger's edition, nothing is taken
    assert len(decoder_of(make_site()).system_tracks(payload, time_s)) == 0


def test_what_is_no_asterix_is_an_error(real_recordings, make_site):
    with pytest.raises(RecordingError, match="not one valid block"):
        list(read_recording(real_recordings / "croatia_parsegps.gps", make_site()))
