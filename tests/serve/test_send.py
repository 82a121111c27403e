"""Any recording becomes datagrams at its own pace; what cannot be sent is counted, or refused in one line."""

import math
import socket
import struct
import time

import numpy as np
import pytest

from rampart import player
from rampart.errors import InputError, JournalError, RecordingError
from rampart.record.journal import Journal, JournalHeader
from rampart.sense.asterix import decode
from rampart.serve.feeds import Box, Feed, Receiver, feed_of
from rampart.serve.send import Sender, paced, play_of
from tests.serve.running import NOON_S, look, two_radars
from tests.serve.test_feeds import free_port, taken_from

SITE = two_radars()
LOOKS = [look(SITE, k % 2, NOON_S + 0.25 * k, (9000.0 + k, 1.0, 0.2)) for k in range(8)]
CSV = """time,radar,range_m,azimuth_deg,elevation_deg,range_rate_mps,snr_db
2020-11-16T12:00:00Z,karkh,9000,80,5,-300,20
2020-11-16T12:00:00Z,karkh,9500,81,5,-300,20
2020-11-16T12:00:00.5Z,rusafa,8850,80,5,-300,
2020-11-16T12:00:00.5Z,stranger,8850,80,5,-300,20
"""


def pcap_of(payloads, times_s) -> bytes:
    """Return a capture of UDP datagrams on raw IP."""
    frames = [struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    for payload, time_s in zip(payloads, times_s, strict=True):
        udp = struct.pack(">HHHH", 1, 2, 8 + len(payload), 0) + payload
        packet = (
            struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 9, 17, 0, bytes(4), bytes(4)) + udp
        )
        whole_s = int(time_s)
        frames.append(
            struct.pack("<IIII", whole_s, round((time_s - whole_s) * 1e6), len(packet), len(packet))
        )
        frames.append(packet)
    return b"".join(frames)


def test_raw_blocks_go_at_their_own_times_of_day(tmp_path):
    (tmp_path / "night.raw").write_bytes(b"".join(LOOKS))
    play = play_of(tmp_path / "night.raw", None)
    assert list(play.payloads) == LOOKS
    assert np.allclose(np.diff(play.time_s), 0.25)
    assert play.left_out == {}


def test_a_capture_goes_at_the_pace_of_its_capture(tmp_path):
    times_s = [NOON_S + 0.1 * k**2 for k in range(8)]
    (tmp_path / "night.pcap").write_bytes(pcap_of(LOOKS, times_s) + b"torn")
    play = play_of(tmp_path / "night.pcap", None)
    assert list(play.payloads) == LOOKS
    assert np.allclose(play.time_s, times_s, atol=1e-5)
    assert play.left_out == {"torn capture": 1}


def test_a_journal_gives_its_datagrams_and_says_what_was_rampart_s_own(tmp_path):
    journal = Journal.create(tmp_path / "journal", JournalHeader(mode="test", version="1"))
    journal.append("tick", NOON_S, b"", [])
    for k, payload in enumerate(LOOKS):
        journal.append("asterix", NOON_S + k, payload, [])
    journal.append("command", NOON_S + 9, b'["end",""]', [])
    journal.close()
    play = play_of(tmp_path / "journal", None)
    assert list(play.payloads) == LOOKS
    assert play.left_out == {"command in the journal": 1}


def test_csv_is_packed_for_the_radars_of_the_site(tmp_path):
    (tmp_path / "plots.csv").write_text(CSV)
    with pytest.raises(InputError, match="--site"):
        play_of(tmp_path / "plots.csv", None)
    play = play_of(tmp_path / "plots.csv", SITE)
    scans = [
        decode(payload, time_s, SITE) for time_s, payload in zip(play.time_s, play.payloads, strict=True)
    ]
    assert [len(scan.plots) for scan in scans] == [2, 1]
    assert [scan.heard for scan in scans] == [(0,), (1,)]
    assert scans[0].plots.measurement[0, 0] == pytest.approx(9000.0, abs=0.05)
    assert play.left_out == {"unknown source (stranger)": 1}


@pytest.mark.parametrize(("name", "content"), [("noise.raw", bytes(range(7, 200))), ("empty.raw", b"")])
def test_what_holds_nothing_to_send_is_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises((RecordingError, InputError)):
        play_of(tmp_path / name, None)


def test_folders_and_files_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match="nothing here"):
        play_of(tmp_path / "absent.raw", None)
    (tmp_path / "journal").mkdir()
    with pytest.raises(JournalError):
        play_of(tmp_path / "journal", None)


def test_a_payload_beyond_a_datagram_goes_block_by_block(tmp_path):
    long = look(SITE, 0, NOON_S, *[(1000.0 + k, 1.0, 0.2) for k in range(2500)])
    journal = Journal.create(tmp_path / "journal", JournalHeader(mode="test", version="1"))
    journal.append("asterix", NOON_S, long, [])
    journal.append("asterix", NOON_S, bytes((48,)) + (65535).to_bytes(2, "big") + bytes(65532), [])
    journal.close()
    play = play_of(tmp_path / "journal", None)
    assert b"".join(play.payloads) == long
    assert len(play.payloads) == 3
    assert play.left_out == {"longer than a datagram": 1}


@pytest.mark.parametrize(("speed", "takes_s"), [(1.0, 0.4), (4.0, 0.1), (math.inf, 0.0)])
def test_the_pace_is_the_recordings_times_the_speed(tmp_path, speed, takes_s):
    (tmp_path / "night.pcap").write_bytes(pcap_of(LOOKS[:5], [NOON_S + 0.1 * k for k in range(5)]))
    play = play_of(tmp_path / "night.pcap", None)
    begin_s = time.monotonic()
    assert [payload for _, payload in paced(play, speed)] == LOOKS[:5]
    assert takes_s <= time.monotonic() - begin_s < takes_s + 0.3


def test_sent_is_what_comes_in_and_now_moves_its_times(tmp_path):
    (tmp_path / "night.raw").write_bytes(b"".join(LOOKS))
    feed = Feed("239.192.17.9", free_port(), ("lo",))
    box = Box()
    receiver = Receiver((feed,), box, time.time)
    receiver.start()
    said = player.send(tmp_path / "night.raw", feed.url, math.inf, "lo")
    assert [datagram.payload for datagram in taken_from(box, 8)] == LOOKS
    assert said.startswith(f"8 datagrams, {sum(map(len, LOOKS))} octets to {feed.url}")
    player.send(tmp_path / "night.raw", feed.url, math.inf, "lo", now=True)
    came = taken_from(box, 8)
    receiver.stop()
    scans = [decode(datagram.payload, datagram.time_s, SITE) for datagram in came]
    assert abs(scans[0].plots.time_s[0] - came[0].time_s) < 5.0
    assert np.allclose(np.diff([scan.time_s for scan in scans]), 0.25)


def test_nobody_listening_is_said(tmp_path):
    (tmp_path / "night.raw").write_bytes(b"".join(LOOKS))
    said = player.send(tmp_path / "night.raw", f"udp://127.0.0.1:{free_port()}", 20.0)
    assert "nobody listens there" in said


@pytest.mark.parametrize(
    ("to", "speed", "interface"),
    [
        ("udp://:8600", 1.0, ""),
        ("127.0.0.1:8600", 1.0, ""),
        ("udp://127.0.0.1:8600", 0.0, ""),
        ("udp://127.0.0.1:8600", -1.0, ""),
        ("udp://127.0.0.1:8600", math.nan, ""),
        ("udp://127.0.0.1:8600", 1.0, "lo"),
        ("udp://239.192.0.1:8600", 1.0, "no-such-card"),
    ],
)
def test_a_wrong_target_or_pace_is_told_in_one_line(tmp_path, to, speed, interface):
    (tmp_path / "night.raw").write_bytes(b"".join(LOOKS))
    with pytest.raises(InputError) as caught:
        player.send(tmp_path / "night.raw", to, speed, interface)
    assert "\n" not in str(caught.value)


def test_version_6_goes_too():
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("no IPv6 on loopback here")
    feed = feed_of(f"udp://[::1]:{free_port()}")
    box = Box()
    receiver = Receiver((feed,), box, time.time)
    receiver.start()
    Sender(feed).send(b"six")
    assert [datagram.payload for datagram in taken_from(box, 1)] == [b"six"]
    receiver.stop()
