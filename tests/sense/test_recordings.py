"""Recordings to arrivals and scans: real files, torn ones, damaged ones, dates."""

import os
import random
import struct
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from rampart.config import read_site
from rampart.domain.track import no_tracks
from rampart.errors import RecordingError
from rampart.sense.blocks import find_pieces, split_blocks
from rampart.sense.condition import Condition
from rampart.sense.recordings import Arrival, dating, read_recording, scan_of
from tests.sense.test_capture import ethernet, ip_4, pcap, udp

MIDNIGHT_S = 1605571200.0
DATE = "2020-11-17"
CAPTURE = "croatia_cat_034_048.pcap"


def plot_at(time_of_day_s: float, sic: int = 1) -> dict:
    return {
        "010": (("SAC", 25), ("SIC", sic)),
        "145": (time_of_day_s, "s"),
        "625": {"R": (9000.0, "m")},
        "627": {"AZ": (9.0, "°")},
        "628": {"EL": (9.0, "°")},
    }


def scans_of(path, site, date=DATE) -> list:
    return [scan_of(a.kind, a.payload, a.time_s, site) for a in read_recording(path, site, date)]


def count(scans: list) -> tuple[int, dict[str, int]]:
    """Return the number of plots and the rejects by reason."""
    reasons: dict[str, int] = {}
    for scan in scans:
        for reject in scan.rejects:
            reasons[reject.reason] = reasons.get(reject.reason, 0) + reject.count
    return sum(len(scan.plots) for scan in scans), reasons


@pytest.fixture
def site(make_site):
    return make_site()


@pytest.fixture
def write(tmp_path):
    def write_file(content: bytes, name: str = "plots.ast"):
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return write_file


def test_blocks_arrive_one_by_one_at_their_times(site, encode_015, write):
    blocks = [encode_015(plot_at(36000.0 + k), plot_at(36000.0 + k)) for k in range(4)]
    path = write(b"".join(blocks))
    arrivals = list(read_recording(path, site, DATE))
    assert arrivals == [Arrival("asterix", MIDNIGHT_S + 36000.0 + k, block) for k, block in enumerate(blocks)]
    scans = scans_of(path, site)
    assert count(scans) == (8, {})
    assert [scan.time_s for scan in scans] == [arrival.time_s for arrival in arrivals]


def test_a_recording_may_cross_midnight(site, encode_015, write):
    path = write(b"".join(encode_015(plot_at(t % 86400.0)) for t in (86398.0, 86399.0, 86400.0, 86401.0)))
    assert [scan.time_s - MIDNIGHT_S for scan in scans_of(path, site)] == [86398.0, 86399.0, 86400.0, 86401.0]


def test_a_torn_file_gives_what_is_whole_and_counts_the_rest(site, encode_015, encode_048, write):
    other = bytes([65, 0, 20]) + bytes(17)
    place = {"140": (36001.0, "s"), "040": (("RHO", 1000), ("THETA", 1000))}
    parts = [encode_015(*[plot_at(36000.0)] * 6), other, encode_048(*[place] * 2)]
    content = b"".join(parts * 30)[:2100]
    ends = np.cumsum([len(part) for part in parts * 30])
    read = cache(lambda payload, time_s: count([scan_of("asterix", payload, time_s, site)]))
    for cut in range(1, 2000):
        whole = int(np.searchsorted(ends, cut, side="right"))
        path = write(content[:cut])
        if not whole:
            with pytest.raises(RecordingError, match="not one valid block"):
                read_recording(path, site, DATE)
            continue
        counts = [read(arrival.payload, arrival.time_s) for arrival in read_recording(path, site, DATE)]
        assert sum(plots for plots, _ in counts) == 6 * ((whole + 2) // 3) + 2 * (whole // 3)
        torn = [reasons for _, reasons in counts if "no whole block" in reasons]
        assert torn == ([] if cut in ends else [{"no whole block": 1}])


def test_reading_goes_on_behind_damage(site, encode_015, write):
    block = encode_015(plot_at(36000.0))
    damaged = block[:1] + b"\xff\xff" + block[3:]
    path = write(block * 5 + damaged + block * 5)
    assert count(scans_of(path, site)) == (10, {"no whole block": 1})


def test_damage_is_not_taken_for_blocks(site, encode_015, write):
    block, rng = encode_015(plot_at(36000.0)), random.Random(2)
    for _ in range(50):
        path = write(block * 2 + b"\x00" + rng.randbytes(400))
        assert count(scans_of(path, site))[0] == 2


@pytest.mark.uncompiled
def test_pieces_of_a_damaged_file(encode_015):
    block = encode_015(plot_at(1.0))
    assert split_blocks(block * 2) == [block] * 2
    assert split_blocks(block + b"\x00\x00" + block * 3) == [block, b"\x00\x00", block, block, block]
    assert split_blocks(block + b"\x00\x00" + block) == [block, b"\x00\x00", block]
    assert split_blocks(b"\x00" * 9) == [b"\x00" * 9]
    ends = np.empty(1, np.int64)
    octets = np.frombuffer(block * 3, np.uint8)
    assert find_pieces(octets, np.zeros(256, np.bool_), ends) == 1, "what does not fit stays one piece"
    assert ends[0] == len(octets)


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"\x0f\x00", b"hello, world\n" * 4000, bytes(1000), b"\xff" * 500]
)
def test_a_file_without_one_valid_block_is_an_error_of_one_line(site, write, content):
    with pytest.raises(RecordingError, match=r"plots\.ast: wanted") as caught:
        read_recording(write(content), site)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_an_error(site, tmp_path):
    with pytest.raises(RecordingError, match=r"nowhere\.pcap: wanted a file that can be read"):
        read_recording(tmp_path / "nowhere.pcap", site)
    with pytest.raises(RecordingError, match="wanted a file that can be read"):
        read_recording(tmp_path, site)


def test_a_capture_arrives_by_the_radars_clock(site, encode_015, write):
    frames = [ethernet(ip_4(udp(encode_015(plot_at(61503.0 + k)) + bytes(8)))) for k in range(3)]
    path = write(pcap([*frames, ethernet(ip_4(bytes(20), protocol=6))]), "plots.pcap")
    arrivals = list(read_recording(path, site, "1999-01-01"))
    assert [a.kind for a in arrivals] == ["asterix"] * 3 + ["unread"]
    assert [a.time_s - MIDNIGHT_S for a in arrivals] == [61503.0, 61504.0, 61505.0, 61505.0]
    assert count(scans_of(path, site)) == (3, {"not a UDP datagram": 1})
    assert dating(path, "1999-01-01") == "dated 2020-11-17 by the capture"


def test_a_capture_may_cross_midnight(site, encode_015, write):
    of_day_s = (86398.0, 86399.5, 0.5, 1.0, 86399.75, 2.0)
    true_s = MIDNIGHT_S + np.array([86398.0, 86399.5, 86400.5, 86401.0, 86399.75, 86402.0])
    frames = [ethernet(ip_4(udp(encode_015(plot_at(t))))) for t in of_day_s]
    content = bytearray(pcap(frames))
    # the capturing machine is 3 s behind the radars: its midnight comes later than theirs
    size = (len(content) - 24) // len(frames)
    for k, time_s in enumerate(true_s.tolist()):
        whole_s, part_s = divmod(time_s - 3.0, 1.0)
        content[24 + k * size : 32 + k * size] = struct.pack("<II", int(whole_s), round(part_s * 1e6))
    path = write(bytes(content), "plots.pcap")
    assert [scan.time_s for scan in scans_of(path, site)] == pytest.approx(true_s.tolist())
    assert count(scans_of(path, site)) == (6, {})


def test_a_capture_without_asterix_is_an_error(site, write):
    path = write(pcap([ethernet(ip_4(udp(b"GET / HTTP/1.1")))]), "plots.pcap")
    with pytest.raises(RecordingError, match="wanted a capture with ASTERIX datagrams"):
        read_recording(path, site)


def test_a_capture_without_times_is_dated_like_a_file(site, encode_015, write):
    content = bytearray(pcap([ethernet(ip_4(udp(encode_015(plot_at(100.0)))))]))
    content[24:32] = bytes(8)
    path = write(bytes(content), "plots.pcap")
    assert [scan.time_s for scan in scans_of(path, site)] == [MIDNIGHT_S + 100.0]
    assert dating(path, DATE) == "dated 2020-11-17 by --date"


def test_the_date_is_said(site, encode_015, write):
    path = write(encode_015(plot_at(100.0)))
    os.utime(path, (MIDNIGHT_S + 70000.0,) * 2)
    assert dating(path, "2020-12-20") == "dated 2020-12-20 by --date"
    assert dating(path) == "dated 2020-11-17 by the file's own time, for want of --date"
    assert scans_of(path, site, None)[0].time_s == MIDNIGHT_S + 100.0
    with pytest.raises(RecordingError, match="--date: 'today': wanted a date"):
        dating(path, "today")
    with pytest.raises(RecordingError, match=r"--date: '17\.11\.2020': wanted a date"):
        read_recording(path, site, "17.11.2020")


def test_a_csv_dates_itself(write):
    assert dating(write(b"time,radar\n", "plots.csv")) == "dated by its own rows"


def test_an_unknown_kind_of_arrival_is_a_mistake_of_ours(site):
    with pytest.raises(ValueError, match="'tea'"):
        scan_of("tea", b"", 0.0, site)


def test_a_note_is_counted(site):
    (reject,) = scan_of("unread", b"torn capture\t3", 5.0, site).rejects
    assert (reject.reason, reject.count) == ("torn capture", 3)
    assert scan_of("unread", b"what\tmany", 5.0, site).rejects[0].count == 1


def test_the_real_capture_reads_whole(real_recordings, make_site, make_radar):
    site = make_site(*(make_radar(str(sic), sic=sic) for sic in (11, 12, 13, 14, 201, 204, 205)))
    path = real_recordings / CAPTURE
    scans = scans_of(path, site)
    assert count(scans) == (126, {"extrapolated, not detected": 2})
    assert {radar for scan in scans for radar in scan.heard} == set(range(7))
    assert dating(path) == "dated 2016-05-05 by the capture"
    assert all(1462433750.0 < scan.time_s < 1462433757.5 for scan in scans)


def test_the_example_s_site_knows_every_radar_of_the_real_capture(real_recordings):
    site = read_site(Path(__file__).resolve().parents[2] / "docs/examples/croatia/site.toml")
    condition = Condition(site)
    scans = [condition.step(scan, no_tracks()) for scan in scans_of(real_recordings / CAPTURE, site)]
    # each plot came over two lines
    assert count(scans) == (63, {"extrapolated, not detected": 2, "duplicate": 63})
    time_s = max(scan.time_s for scan in scans)
    assert condition.health(time_s) == []


@pytest.mark.parametrize(
    ("name", "category", "blocks"),
    [
        ("decereix_alicante_adsb_cat21.ast", "021", 20090),
        ("decereix_201002-lebl_smr_cat10.ast", "010", 52659),
    ],
)
def test_real_recordings_of_other_categories_are_passed_over_and_counted(
    real_recordings, site, name, category, blocks
):
    scans = scans_of(real_recordings / name, site)
    assert len(scans) == blocks
    assert {(r.reason, r.source) for scan in scans for r in scan.rejects} == {("category not read", category)}
    assert count(scans)[0] == 0


def test_a_real_file_cut_at_any_place_is_read(real_recordings, make_site, make_radar, write):
    site = make_site(*(make_radar(str(sic), sic=sic) for sic in (11, 12, 13, 14, 201, 204, 205)))
    content = (real_recordings / CAPTURE).read_bytes()
    last = 0
    for cut in range(24, 2000, 5):
        path = write(content[:cut], "torn.pcap")
        if cut < 24 + 16 + 90:
            with pytest.raises(RecordingError):
                read_recording(path, site)
            continue
        plots, reasons = count(scans_of(path, site))
        assert plots >= last
        assert set(reasons) <= {"torn capture", "extrapolated, not detected"}
        last = plots
    assert last > 10
