"""Captures of a network (pcap and pcapng) to their frames with the capture's times, whatever the bytes.

Formats: the IETF drafts draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from rampart.sense.datagrams import Datagrams

PCAP_MAGICS = {
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
}
"""The first octets of a pcap file: the order of octets and the unit of the times' second part."""
PCAP_HEADER, PCAP_RECORD = 24, 16

SECTION_HEADER = b"\x0a\x0d\x0d\x0a"
BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
INTERFACE, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 1, 2, 3, 6
END_OPTION, RESOLUTION_OPTION, OFFSET_OPTION = 0, 9, 14
BLOCK_FRAME = 12
"""Type and length before a block's body and the length again after it."""


EARLIEST_S, LATEST_S = 315532800.0, 7258118400.0
"""1980 and 2200: a capture whose first time lies outside carries no date."""


class Frame(NamedTuple):
    """One captured frame: when, on what kind of link, its octets."""

    time_s: float
    link: int
    octets: bytes


class Interface(NamedTuple):
    """What a pcapng file says of an interface: its kind of link, its clock's step and offset."""

    link: int
    step_s: float = 1e-6
    offset_s: float = 0.0


def is_capture(content: bytes) -> bool:
    """Return whether the first octets are those of a pcap or pcapng file."""
    return content[:4] in PCAP_MAGICS or content[:4] == SECTION_HEADER


def udp_payloads(content: bytes) -> tuple[list[tuple[float, bytes]], Counter[str]]:
    """Return the UDP payloads of a capture in order, each with its time, and what was not read, counted."""
    unread: Counter[str] = Counter()
    datagrams = Datagrams(unread)
    payloads, last_s = [], 0.0
    for frame in _frames(content, unread):
        last_s = frame.time_s if EARLIEST_S <= frame.time_s <= LATEST_S else last_s
        payload = datagrams.payload_of(frame.link, frame.octets)
        if payload is not None:
            payloads.append((last_s, payload))
    datagrams.give_up()
    return payloads, unread


def capture_time_s(content: bytes) -> float | None:
    """Return the time of a capture's first frame; None where it has none or a senseless one."""
    first = next(_frames(content, Counter()), None)
    return first.time_s if first and EARLIEST_S <= first.time_s <= LATEST_S else None


def _frames(content: bytes, unread: Counter[str]) -> Iterator[Frame]:
    return (pcap_frames if content[:4] in PCAP_MAGICS else pcapng_frames)(content, unread)


def pcap_frames(content: bytes, unread: Counter[str]) -> Iterator[Frame]:
    """Yield the frames of a pcap file; a torn end is counted in `unread`."""
    order, unit_s = PCAP_MAGICS[content[:4]]
    if len(content) < PCAP_HEADER:
        unread["torn capture"] += 1
        return
    link = struct.unpack_from(order + "I", content, 20)[0] & 0xFFFF
    record = struct.Struct(order + "IIII")
    at = PCAP_HEADER
    while at + PCAP_RECORD <= len(content):
        whole_s, part, length, _ = record.unpack_from(content, at)
        at += PCAP_RECORD
        if length > len(content) - at:
            unread["torn capture"] += 1
            return
        yield Frame(whole_s + part * unit_s, link, content[at : at + length])
        at += length
    if at < len(content):
        unread["torn capture"] += 1


def pcapng_frames(content: bytes, unread: Counter[str]) -> Iterator[Frame]:
    """Yield the frames of a pcapng file; a torn end and unreadable blocks are counted in `unread`."""
    order = "<"
    interfaces: list[Interface] = []
    at, time_s = 0, 0.0
    while at < len(content):
        if content[at : at + 4] == SECTION_HEADER:
            order, interfaces = BYTE_ORDERS.get(content[at + 8 : at + 12], ""), []
        if not order or len(content) - at < BLOCK_FRAME:
            unread["torn capture"] += 1
            return
        kind, length = struct.unpack_from(order + "II", content, at)
        if length < BLOCK_FRAME or length % 4 or length > len(content) - at:
            unread["torn capture"] += 1
            return
        body = content[at + 8 : at + length - 4]
        if kind == INTERFACE:
            interfaces.append(_interface(body, order))
        elif kind in (OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET):
            frame = _packet(kind, body, order, interfaces, time_s)
            if frame is None:
                unread["packet of no known interface"] += 1
            else:
                time_s = frame.time_s
                yield frame
        at += length


def _interface(body: bytes, order: str) -> Interface:
    """Return what an interface block says; a damaged one counts as of no known link."""
    if len(body) < 8:
        return Interface(-1)
    link = struct.unpack_from(order + "H", body)[0]
    step_s, offset_s = 1e-6, 0.0
    at = 8
    while at + 4 <= len(body):
        code, length = struct.unpack_from(order + "HH", body, at)
        value = body[at + 4 : at + 4 + length]
        if code == END_OPTION:
            break
        if code == RESOLUTION_OPTION and len(value) == 1:
            step_s = 2.0 ** -(value[0] & 0x7F) if value[0] & 0x80 else 10.0 ** -value[0]
        if code == OFFSET_OPTION and len(value) == 8:
            offset_s = float(struct.unpack(order + "q", value)[0])
        at += 4 + length + -length % 4
    return Interface(link, step_s, offset_s)


def _packet(kind: int, body: bytes, order: str, interfaces: list[Interface], last_s: float) -> Frame | None:
    """Return the frame of a packet block; None where its interface or its head is missing."""
    if kind == SIMPLE_PACKET:
        if len(body) < 4 or not interfaces:
            return None
        # it carries no time: that of the packet before it stands in
        length = struct.unpack_from(order + "I", body)[0]
        return Frame(last_s, interfaces[0].link, body[4 : 4 + length])
    if len(body) < 20:
        return None
    head = "HHIII" if kind == OLD_PACKET else "IIII"
    number, *_, high, low, length = struct.unpack_from(order + head, body)
    if number >= len(interfaces):
        return None
    link, step_s, offset_s = interfaces[number]
    return Frame(((high << 32) + low) * step_s + offset_s, link, body[20 : 20 + length])
