"""Many short datagrams of one moment read together, so that each costs little."""

from collections.abc import Iterable

from rampart.domain.scan import Scan
from rampart.domain.site import Site
from rampart.sense.asterix import decode

HEADER_OCTETS = 3
TOGETHER_OCTETS = 60_000
SHORT_OCTETS = 500
"""A longer datagram is read as fast by itself."""


def scans_of_moment(payloads: Iterable[bytes], time_s: float, site: Site) -> list[Scan]:
    """Return the scans of datagrams that all came in at about `time_s`; every plot and reject is in one of them.

    Short ones that are whole blocks and nothing else are read together; the others each by itself. Blocks stay
    as they are, so that a damaged one spoils no other.
    """
    together: list[bytes] = []
    octets = 0
    scans = []
    for payload in payloads:
        if len(payload) > SHORT_OCTETS or not is_whole(payload):
            scans.append(decode(payload, time_s, site))
            continue
        if octets + len(payload) > TOGETHER_OCTETS:
            scans.append(decode(b"".join(together), time_s, site))
            together, octets = [], 0
        together.append(payload)
        octets += len(payload)
    if together:
        scans.append(decode(b"".join(together), time_s, site))
    return scans


def is_whole(payload: bytes) -> bool:
    """Return whether a datagram ends with its last block."""
    at = 0
    while at + HEADER_OCTETS <= len(payload):
        length = int.from_bytes(payload[at + 1 : at + HEADER_OCTETS], "big")
        if length < HEADER_OCTETS or payload[at] == 0:
            return False
        at += length
    return at == len(payload) > 0
