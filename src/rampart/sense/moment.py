"""Many datagrams of one moment read at once: blocks of one source put together, so that each costs little."""

from collections.abc import Iterable

from rampart.domain.scan import Scan
from rampart.domain.site import Site
from rampart.sense.asterix import FIELDS, decode

HEADER_OCTETS = 3
LONGEST_BLOCK = 65535
MALFORMED = "malformed block"


def scans_of_moment(payloads: Iterable[bytes], time_s: float, site: Site) -> list[Scan]:
    """Return the scans of datagrams that all came in at about `time_s`; every plot and reject is in one of them.

    Blocks of one category whose first record is of one source are read as one block; where that breaks, and
    where a datagram is more than whole blocks of categories that are read, each is read by itself.
    """
    groups: dict[tuple[int, bytes], list[bytes]] = {}
    alone: list[bytes] = []
    for payload in payloads:
        blocks = whole_blocks(payload)
        if blocks is None or any(category not in FIELDS for category, _ in blocks):
            alone.append(payload)
            continue
        for category, body in blocks:
            groups.setdefault((category, source_of(body)), []).append(body)
    scans = [decode(payload, time_s, site) for payload in alone]
    for (category, _), bodies in groups.items():
        for part in parts_of(bodies):
            scan = decode(block_of(category, part), time_s, site)
            if len(part) > 1 and any(reject.reason == MALFORMED for reject in scan.rejects):
                scans += [decode(block_of(category, [body]), time_s, site) for body in part]
            else:
                scans.append(scan)
    return scans


def whole_blocks(payload: bytes) -> list[tuple[int, bytes]] | None:
    """Return (category, content) of a datagram's blocks; None where it does not end with the last of them."""
    blocks, at = [], 0
    while at < len(payload):
        length = int.from_bytes(payload[at + 1 : at + HEADER_OCTETS], "big")
        if length <= HEADER_OCTETS or at + length > len(payload) or payload[at] == 0:
            return None
        blocks.append((payload[at], payload[at + HEADER_OCTETS : at + length]))
        at += length
    return blocks or None


def source_of(body: bytes) -> bytes:
    """Return the two octets after the first field specification: the source, where that is the first item."""
    for at, octet in enumerate(body):
        if not octet & 1:
            return body[at + 1 : at + 3]
    return b""


def parts_of(bodies: list[bytes]) -> Iterable[list[bytes]]:
    """Yield runs of contents that fit into one block together."""
    part: list[bytes] = []
    octets = HEADER_OCTETS
    for body in bodies:
        if part and octets + len(body) > LONGEST_BLOCK:
            yield part
            part, octets = [], HEADER_OCTETS
        part.append(body)
        octets += len(body)
    if part:
        yield part


def block_of(category: int, bodies: list[bytes]) -> bytes:
    """Return one block of these contents."""
    body = b"".join(bodies)
    return bytes((category,)) + (len(body) + HEADER_OCTETS).to_bytes(2, "big") + body
