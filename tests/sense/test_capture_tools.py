"""Captures made and rewritten by Wireshark's own tools; and those built here, as tshark reads them."""

import re
import shutil
import subprocess
from collections import Counter

import pytest

from rampart.sense.capture import udp_payloads
from rampart.sense.recordings import read_recording, scan_of
from tests.sense.test_capture import LINKS, PAYLOAD, TIME_S, ethernet, fragments, ip_4, pcap, pcapng, udp

CAPTURE = "croatia_cat_034_048.pcap"
FORMATS = ("pcap", "nsecpcap", "pcapng")


def run(*command: str, **options) -> str:
    """Return what a tool prints; skips the test where it is missing."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} on this machine")
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, **options).stdout


def payloads(path) -> tuple[list[bytes], list[float], Counter]:
    timed, unread = udp_payloads(path.read_bytes())
    return [payload for _, payload in timed], [time_s for time_s, _ in timed], unread


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_that_editcap_writes_gives_the_same(real_recordings, tmp_path, form):
    path = tmp_path / "rewritten"
    run("editcap", "-F", form, str(real_recordings / CAPTURE), str(path))
    ours, theirs = payloads(real_recordings / CAPTURE), payloads(path)
    assert ours[0] == theirs[0]
    assert ours[1] == pytest.approx(theirs[1], abs=1e-6)
    assert not theirs[2]


def test_captures_of_several_links_merged_by_mergecap_give_all(tmp_path):
    names = {"ethernet": "two vlan tags", "cooked": "cooked", "cooked2": "cooked, version 2", "raw": "raw ip"}
    for name, link in names.items():
        (tmp_path / name).write_bytes(pcap([LINKS[link][1]] * 2, LINKS[link][0]))
    merged = tmp_path / "merged.pcapng"
    run("mergecap", "-F", "pcapng", "-w", str(merged), *(str(tmp_path / name) for name in names))
    found, times_s, unread = payloads(merged)
    assert found == [PAYLOAD] * 8
    assert times_s == pytest.approx([TIME_S] * 8)
    assert not unread


@pytest.mark.parametrize("version", ["-4", "-6"])
def test_packets_made_by_text2pcap_are_read(tmp_path, version, real_recordings):
    (block,) = payloads(real_recordings / "croatia_cat_062_065.pcap")[0]
    lines = [f"{at:06x} {block[at : at + 16].hex(' ')}" for at in range(0, len(block), 16)]
    (tmp_path / "dump.txt").write_text("\n".join([*lines, ""]))
    addresses = "10.0.0.1,225.1.0.1" if version == "-4" else "fe80::1,ff02::5"
    path = tmp_path / "made.pcapng"
    run("text2pcap", "-q", "-u", "8600,8600", version, addresses, str(tmp_path / "dump.txt"), str(path))
    assert payloads(path)[0] == [block]


def test_a_capture_that_kept_only_the_heads_is_read_as_far_as_it_goes(real_recordings, tmp_path, make_site):
    path = tmp_path / "heads.pcap"
    run("editcap", "-F", "pcap", "-s", "80", str(real_recordings / CAPTURE), str(path))
    found, _, unread = payloads(path)
    assert len(found) == 100
    assert unread["datagram cut short"] > 50
    site = make_site()
    for arrival in read_recording(path, site):
        scan_of(arrival.kind, arrival.payload, arrival.time_s, site)


def test_the_capturing_machine_s_clock_changes_nothing(real_recordings, make_site, make_radar, tmp_path):
    site = make_site(*(make_radar(str(sic), sic=sic) for sic in (11, 12, 13, 14, 201, 204, 205)))
    path, moved = real_recordings / CAPTURE, tmp_path / "moved.pcapng"
    # the radars' clocks say what they say; a capturing machine an hour behind changes nothing of it
    run("editcap", "-t", "-3600", str(path), str(moved))
    ours = [arrival.time_s for arrival in read_recording(path, site)]
    assert [arrival.time_s for arrival in read_recording(moved, site)] == pytest.approx(ours)


def test_tshark_finds_the_same_payloads_in_the_captures_built_here(tmp_path):
    for name, (link, frame) in LINKS.items():
        path = tmp_path / "built.pcap"
        path.write_bytes(pcap([frame], link))
        listing = run(
            "tshark", "-r", str(path), "-T", "fields", "-e", "udp.payload", "-o", "ip.check_checksum:FALSE"
        )
        assert re.sub(r"[^0-9a-f]", "", listing) == PAYLOAD.hex(), name


def test_tshark_puts_the_same_fragments_together(tmp_path):
    packets = fragments(bytes(range(200)), [64, 64])
    path = tmp_path / "fragments.pcap"
    path.write_bytes(pcap([packets[1], packets[0], packets[2]]))
    listing = run("tshark", "-r", str(path), "-T", "fields", "-e", "udp.payload", "-o", "ip.defragment:TRUE")
    assert re.sub(r"[^0-9a-f]", "", listing) == bytes(range(200)).hex()
    assert payloads(path)[0] == [bytes(range(200))]


def test_what_tshark_writes_is_read_back(tmp_path):
    built, written = tmp_path / "built.pcapng", tmp_path / "written.pcapng"
    built.write_bytes(pcapng([ethernet(ip_4(udp(PAYLOAD)), tags=b"\x81\x00\x00\x05")] * 3))
    run("tshark", "-r", str(built), "-Y", "udp", "-w", str(written))
    found, times_s, unread = payloads(written)
    assert (found, times_s, unread) == ([PAYLOAD] * 3, pytest.approx([TIME_S] * 3), Counter())
