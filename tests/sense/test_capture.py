"""Captures to payloads: every link and version, fragments, damage; and tshark's own conversion."""

import random
import shutil
import struct
import subprocess
from collections import Counter

import pytest

from rampart.sense.capture import capture_time_s, is_capture, udp_payloads
from rampart.sense.datagrams import MOST_PENDING, Datagrams

PAYLOAD = bytes(range(48))
TIME_S = 1605632703.25


def udp(payload: bytes) -> bytes:
    return struct.pack(">HHHH", 8600, 8600, 8 + len(payload), 0) + payload


def ip_4(content: bytes, protocol: int = 17, flags: int = 0, ident: int = 7, options: bytes = b"") -> bytes:
    size = 20 + len(options)
    head = struct.pack(">BBHHHBBH", 0x40 + size // 4, 0, size + len(content), ident, flags, 64, protocol, 0)
    return head + bytes([10, 0, 0, 1, 225, 1, 0, 1]) + options + content


def ip_6(content: bytes, following: int = 17) -> bytes:
    return struct.pack(">IHBB", 0x60000000, len(content), following, 64) + bytes(32) + content


def ethernet(packet: bytes, kind: int = 0x0800, tags: bytes = b"") -> bytes:
    return bytes(12) + tags + kind.to_bytes(2, "big") + packet


def pcap(frames: list[bytes], link: int = 1, order: str = "<", magic: int = 0xA1B2C3D4) -> bytes:
    unit = 1e-9 if magic == 0xA1B23C4D else 1e-6
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    whole_s = int(TIME_S)
    part = round((TIME_S - whole_s) / unit)
    return head + b"".join(struct.pack(order + "IIII", whole_s, part, len(f), len(f)) + f for f in frames)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def pcapng(
    frames: list[bytes], order: str = "<", kind: int = 6, options: bytes = b"", step_s: float = 1e-6
) -> bytes:
    content = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    content += block(1, struct.pack(order + "HHI", 1, 0, 0) + options, order)
    high, low = divmod(round(TIME_S / step_s), 1 << 32)
    for frame in frames:
        if kind == 6:
            body = struct.pack(order + "IIIII", 0, high, low, len(frame), len(frame))
        elif kind == 2:
            body = struct.pack(order + "HHIIII", 0, 0, high, low, len(frame), len(frame))
        else:
            body = struct.pack(order + "I", len(frame))
        content += block(kind, body + frame, order)
    return content


LINKS = {
    "ethernet": (1, ethernet(ip_4(udp(PAYLOAD)))),
    "one vlan tag": (1, ethernet(ip_4(udp(PAYLOAD)), tags=b"\x81\x00\x00\x05")),
    "two vlan tags": (1, ethernet(ip_4(udp(PAYLOAD)), tags=b"\x88\xa8\x00\x05\x81\x00\x00\x06")),
    "ethernet padding": (1, ethernet(ip_4(udp(PAYLOAD))) + bytes(10)),
    "ip options": (1, ethernet(ip_4(udp(PAYLOAD), options=bytes(8)))),
    "ipv6": (1, ethernet(ip_6(udp(PAYLOAD)), 0x86DD)),
    "ipv6 extensions": (
        1,
        ethernet(ip_6(b"\x3c\x00" + bytes(6) + b"\x11\x01" + bytes(14) + udp(PAYLOAD), 0), 0x86DD),
    ),
    "ipv6 lone fragment": (1, ethernet(ip_6(b"\x11\x00" + bytes(6) + udp(PAYLOAD), 44), 0x86DD)),
    "cooked": (113, bytes(14) + b"\x08\x00" + ip_4(udp(PAYLOAD))),
    "cooked, version 2": (276, b"\x08\x00" + bytes(18) + ip_4(udp(PAYLOAD))),
    "raw ip": (101, ip_4(udp(PAYLOAD))),
    "raw ipv6": (229, ip_6(udp(PAYLOAD))),
    "loopback": (0, b"\x02\x00\x00\x00" + ip_4(udp(PAYLOAD))),
}


@pytest.mark.parametrize("name", LINKS)
def test_every_kind_of_link_gives_the_payload(name):
    link, frame = LINKS[name]
    payloads, unread = udp_payloads(pcap([frame], link))
    assert payloads == [(TIME_S, PAYLOAD)]
    assert not unread


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D])
def test_every_kind_of_pcap_gives_the_payload(order, magic):
    content = pcap([LINKS["ethernet"][1]] * 2, order=order, magic=magic)
    assert is_capture(content)
    assert udp_payloads(content) == ([(TIME_S, PAYLOAD)] * 2, Counter())
    assert capture_time_s(content) == TIME_S


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", [6, 2, 3])
def test_every_kind_of_pcapng_packet_gives_the_payload(order, kind):
    content = pcapng([LINKS["ethernet"][1]] * 2, order, kind)
    payloads, unread = udp_payloads(content)
    assert [payload for _, payload in payloads] == [PAYLOAD] * 2
    assert not unread
    assert capture_time_s(content) == (None if kind == 3 else TIME_S)


@pytest.mark.parametrize(
    ("options", "step_s", "shift_s"),
    [
        (struct.pack("<HHB3x", 9, 1, 9), 1e-9, 0.0),
        (struct.pack("<HHB3x", 9, 1, 0x80 + 10), 2.0**-10, 0.0),
        (struct.pack("<HHq", 14, 8, 1000) + bytes(4), 1e-6, 1000.0),
    ],
)
def test_an_interface_says_how_its_clock_counts(options, step_s, shift_s):
    content = pcapng([LINKS["ethernet"][1]], options=options, step_s=step_s)
    assert capture_time_s(content) == pytest.approx(TIME_S + shift_s, abs=1e-6)


def fragments(payload: bytes, sizes: list[int], ident: int = 7) -> list[bytes]:
    """Return the IPv4 fragments of a datagram, each of `sizes` octets but the last."""
    datagram, packets, at = udp(payload), [], 0
    for size in [*sizes, len(datagram)]:
        piece = datagram[at : at + size]
        more = 0x2000 if at + len(piece) < len(datagram) else 0
        packets.append(ethernet(ip_4(piece, flags=more + at // 8, ident=ident)))
        at += len(piece)
    return packets


@pytest.mark.parametrize("seed", range(4))
def test_fragments_are_put_together_in_any_order(seed):
    packets = fragments(bytes(200), [64, 64]) + fragments(bytes([1]) * 100, [8], ident=8)
    random.Random(seed).shuffle(packets)
    payloads, unread = udp_payloads(pcap(packets))
    assert sorted(payload for _, payload in payloads) == [bytes(200), bytes([1]) * 100]
    assert not unread


def test_ipv6_fragments_are_put_together():
    datagram = udp(bytes(100))
    heads = [struct.pack(">BBHI", 17, 0, at | more, 5) for at, more in ((0, 1), (64, 0))]
    packets = [
        ethernet(ip_6(heads[0] + datagram[:64], 44), 0x86DD),
        ethernet(ip_6(heads[1] + datagram[64:], 44), 0x86DD),
    ]
    assert udp_payloads(pcap(packets)) == ([(TIME_S, bytes(100))], Counter())


def test_fragments_without_the_rest_are_counted_and_bounded():
    lone = [fragments(bytes(100), [64], ident=i)[0] for i in range(MOST_PENDING + 10)]
    unread: Counter[str] = Counter()
    datagrams = Datagrams(unread)
    assert [datagrams.payload_of(1, frame) for frame in lone] == [None] * len(lone)
    assert unread == {"fragment without the rest": 10}
    datagrams.give_up()
    assert unread == {"fragment without the rest": MOST_PENDING + 10}


def test_what_is_no_udp_is_counted():
    frames = [
        ethernet(ip_4(bytes(20), protocol=6)),
        ethernet(bytes(28), 0x0806),
        ethernet(ip_6(bytes(8), 58), 0x86DD),
        b"",
    ]
    payloads, unread = udp_payloads(pcap(frames))
    assert payloads == []
    assert unread == {"not a UDP datagram": 2, "not an IP packet": 2}


def test_a_datagram_that_the_capture_cut_short_is_given_and_counted():
    payloads, unread = udp_payloads(pcap([LINKS["ethernet"][1][:-10], LINKS["ethernet"][1][:38]]))
    assert payloads == [(TIME_S, PAYLOAD[:-10])]
    assert unread == {"datagram cut short": 2}


def test_a_torn_capture_gives_what_is_whole_at_every_cut():
    frames = [LINKS["ethernet"][1]] * 3
    for content, head, boundaries in ((pcap(frames), 24, {24}), (pcapng(frames), 28 + 20, {28, 48})):
        size = (len(content) - head) // 3
        for cut in range(4, len(content)):
            payloads, unread = udp_payloads(content[:cut])
            whole = max(0, (cut - head) // size)
            assert [payload for _, payload in payloads] == [PAYLOAD] * whole
            at_a_boundary = cut in boundaries or (cut > head and (cut - head) % size == 0)
            assert unread == ({} if at_a_boundary else {"torn capture": 1}), cut


def test_no_bytes_make_a_capture_fail():
    rng = random.Random(5)
    frames = [frame for link, frame in LINKS.values() if link == 1] + fragments(bytes(100), [64])
    seeds = [pcap(frames), pcapng(frames), pcapng(frames, ">", 2)]
    for _ in range(3000):
        content = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 6)):
            content[rng.randrange(4, len(content))] = rng.choice([0, 1, 0x7F, 0xFF, rng.randrange(256)])
        payloads, _ = udp_payloads(bytes(content[: rng.randint(4, len(content))]))
        assert all(0.0 <= time_s < 7.3e9 for time_s, _ in payloads)


def test_an_unknown_interface_is_counted():
    content = pcapng([])
    content += block(6, struct.pack("<IIIII", 5, 0, 0, 0, 0)) + block(6, b"") + block(1, b"") + block(3, b"")
    payloads, unread = udp_payloads(content)
    assert payloads == []
    assert unread == {"packet of no known interface": 3}


def test_a_real_capture_converted_by_editcap_gives_the_same(real_recordings, tmp_path):
    editcap = shutil.which("editcap")
    if editcap is None:
        pytest.skip("no editcap on this machine")
    capture = real_recordings / "croatia_cat_034_048.pcap"
    converted = tmp_path / "converted.pcapng"
    subprocess.run([editcap, "-F", "pcapng", str(capture), str(converted)], check=True, timeout=60)
    ours, theirs = udp_payloads(capture.read_bytes()), udp_payloads(converted.read_bytes())
    assert [payload for _, payload in ours[0]] == [payload for _, payload in theirs[0]]
    assert [t for t, _ in ours[0]] == pytest.approx([t for t, _ in theirs[0]], abs=1e-6)
