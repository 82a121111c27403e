"""A file of ASTERIX blocks split into them, and a way on past damage."""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.sense.tables import published_categories
from rampart.sense.walk import HEADER_OCTETS, block_end

CHAIN = 3
"""After damage reading goes on where so many blocks of categories seen before follow one another."""


def split_blocks(content: bytes) -> list[bytes]:
    """Return the blocks of a file in order; damaged stretches and a torn end stand between them."""
    octets = np.frombuffer(content, np.uint8)
    ends = np.empty(len(octets) // HEADER_OCTETS + 2, np.int64)
    pieces = find_pieces(octets, np.zeros(256, np.bool_), ends)
    starts = [0, *ends[: pieces - 1].tolist()]
    return [content[start:end] for start, end in zip(starts, ends[:pieces].tolist(), strict=True)]


FRAME_OCTETS = 6


def unframed(payload: bytes) -> bytes:
    """Return the blocks of a datagram in which a line converter has put a head of 6 octets before each part.

    A head is the length of its part, itself among it, in 2 octets, and a counter in 4. A datagram that is not
    wholly made of such parts, each of whole blocks, is returned as it is. No block begins as a head does: there
    is no category 0.
    """
    parts, at = [], 0
    while at < len(payload):
        end = at + int.from_bytes(payload[at : at + 2], "big")
        part = payload[at + FRAME_OCTETS : end]
        if end > len(payload) or not _is_blocks(part):
            return payload
        parts.append(part)
        at = end
    return b"".join(parts)


def _is_blocks(part: bytes) -> bool:
    """Return whether octets are one block or several, and nothing else."""
    octets, start = np.frombuffer(part, np.uint8), 0
    while start < len(part) and (end := block_end(octets, start, len(part))) >= 0:
        start = end
    return start == len(part) > 0


def begins_with_block(payload: bytes) -> bool:
    """Return whether octets begin with a whole block of a published category."""
    if payload[:1] == b"\0":
        payload = unframed(payload)
    if not payload or payload[0] not in published_categories():
        return False
    return bool(block_end(np.frombuffer(payload, np.uint8), 0, len(payload)) >= 0)


@kernel
def find_pieces(octets, seen, out_end):
    """Fill `out_end` with the ends of blocks and of the damage between them; return how many.

    `seen (256,)` bool becomes the categories of the blocks.
    """
    at, end, pieces = 0, len(octets), 0
    while at < end:
        stop = block_end(octets, at, end)
        if stop >= 0:
            seen[octets[at]] = True
        else:
            stop = _next_chain(octets, at + 1, end, seen)
        if pieces == len(out_end) - 1:
            stop = end
        out_end[pieces] = stop
        pieces += 1
        at = stop
    return pieces


@kernel
def _next_chain(octets, start, end, seen):
    """Return where the next run of CHAIN blocks of seen categories begins, or one that ends with the file."""
    for at in range(start, end):
        stop, blocks = at, 0
        while blocks < CHAIN and 0 <= stop < end and seen[octets[stop]]:
            stop = block_end(octets, stop, end)
            blocks += 1 if stop >= 0 else 0
        if blocks == CHAIN or (blocks and stop == end):
            return at
    return end
