"""Captured frames to UDP payloads: link and network headers of any length, fragments put together.

Ethernet with any VLAN tags, Linux cooked (both versions), BSD loopback and raw IP; IPv4 and IPv6. A read
beyond the frame's end yields fewer octets, never an error.
"""

from collections import Counter
from dataclasses import dataclass, field

NULL, ETHERNET, RAW_BSD, RAW_OPENBSD, RAW, LOOP = 0, 1, 12, 14, 101, 108
COOKED, RAW_4, RAW_6, COOKED_2 = 113, 228, 229, 276
"""Kinds of link, as the registry of link types numbers them."""

VLAN_TAGS = {0x8100, 0x88A8, 0x9100, 0x9200}
IP_4, IP_6 = 0x0800, 0x86DD
UDP, FRAGMENT_6, AUTHENTICATION = 17, 44, 51
EXTENSIONS = {0, 43, 60, 135, AUTHENTICATION}
"""IPv6 headers that may stand before the payload's."""

MOST_PENDING = 256
"""So many datagrams may wait for their fragments; the oldest gives way."""


@dataclass(slots=True)
class Pieces:
    """The fragments of one datagram so far: octets by offset, and its length once the last has come."""

    octets: dict[int, bytes] = field(default_factory=dict)
    length: int | None = None

    def whole(self) -> bytes | None:
        """Return the datagram when nothing is missing."""
        if self.length is None:
            return None
        parts, at = [], 0
        while at < self.length and self.octets.get(at):
            parts.append(self.octets[at])
            at += len(self.octets[at])
        return b"".join(parts) if at == self.length else None


class Datagrams:
    """Takes frames in order, gives the UDP payloads that they complete, counts in `unread` what it drops."""

    def __init__(self, unread: Counter[str]):
        self._unread = unread
        self._pending: dict[tuple, Pieces] = {}

    def payload_of(self, link: int, frame: bytes) -> bytes | None:
        """Return the UDP payload that the frame completes; None where it completes none."""
        packet = _packet_of(link, frame)
        version = packet[0] >> 4 if packet else 0
        if version == 4:
            content = self._content_4(packet)
        elif version == 6:
            content = self._content_6(packet)
        else:
            self._unread["not an IP packet"] += 1
            return None
        return None if content is None else self._udp_payload(content)

    def give_up(self) -> None:
        """Count the datagrams whose fragments never came."""
        if self._pending:
            self._unread["fragment without the rest"] += len(self._pending)
        self._pending.clear()

    def _content_4(self, packet: bytes) -> bytes | None:
        """Return the UDP datagram of an IPv4 packet, if it is one and whole."""
        header = (packet[0] & 0xF) * 4
        if len(packet) < 20 or header < 20 or packet[9] != UDP:
            self._unread["not a UDP datagram"] += 1
            return None
        # a card that splits packets itself leaves the length 0
        length = _number(packet, 2, 2) or len(packet)
        content = packet[header:length]
        flags = _number(packet, 6, 2)
        more, offset = bool(flags & 0x2000), (flags & 0x1FFF) * 8
        if not more and not offset:
            return content
        return self._joined((packet[12:20], packet[4:6]), offset, more, content)

    def _content_6(self, packet: bytes) -> bytes | None:
        """Return the UDP datagram of an IPv6 packet, if it is one and whole."""
        length = _number(packet, 4, 2)
        content = packet[40 : 40 + length] if length else packet[40:]
        kind = packet[6] if len(packet) >= 40 else -1
        while kind in EXTENSIONS and len(content) >= 8:
            size = (content[1] + 2) * 4 if kind == AUTHENTICATION else (content[1] + 1) * 8
            kind, content = content[0], content[size:]
        if kind == FRAGMENT_6 and len(content) >= 8 and content[0] == UDP:
            place = _number(content, 2, 2)
            if place & 0xFFF9:
                return self._joined(
                    (packet[8:40], content[4:8]), place & 0xFFF8, bool(place & 1), content[8:]
                )
            kind, content = UDP, content[8:]
        if kind != UDP:
            self._unread["not a UDP datagram"] += 1
            return None
        return content

    def _joined(self, key: tuple, offset: int, more: bool, content: bytes) -> bytes | None:
        """Return the datagram that a fragment completes; None where others are still missing."""
        pieces = self._pending.setdefault(key, Pieces())
        pieces.octets.setdefault(offset, content)
        if not more:
            pieces.length = offset + len(content)
        whole = pieces.whole()
        if whole is not None:
            del self._pending[key]
        elif len(self._pending) > MOST_PENDING:
            del self._pending[next(iter(self._pending))]
            self._unread["fragment without the rest"] += 1
        return whole

    def _udp_payload(self, datagram: bytes) -> bytes | None:
        """Return the payload; what the capture cut off is counted, and the rest is given all the same."""
        if len(datagram) < 8:
            self._unread["datagram cut short"] += 1
            return None
        length = _number(datagram, 4, 2) or len(datagram)
        if length > len(datagram):
            self._unread["datagram cut short"] += 1
        return datagram[8:length]


def _packet_of(link: int, frame: bytes) -> bytes:
    """Return the IP packet in a frame; nothing where there is none."""
    if link == ETHERNET:
        kind, at = _number(frame, 12, 2), 14
    elif link == COOKED:
        kind, at = _number(frame, 14, 2), 16
    elif link == COOKED_2:
        kind, at = _number(frame, 0, 2), 20
    elif link in (NULL, LOOP):
        return frame[4:]
    elif link in (RAW_BSD, RAW_OPENBSD, RAW, RAW_4, RAW_6):
        return frame
    else:
        return b""
    while kind in VLAN_TAGS:
        kind, at = _number(frame, at + 2, 2), at + 4
    return frame[at:] if kind in (IP_4, IP_6) else b""


def _number(octets: bytes, start: int, length: int) -> int:
    """Return the number in `length` octets, fewer at the end."""
    return int.from_bytes(octets[start : start + length], "big")
