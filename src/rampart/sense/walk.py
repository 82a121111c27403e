"""The walk over ASTERIX bytes: blocks by their length, records by the table, every read within bounds."""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.sense.tables import COMPOUND, EXPLICIT, EXTENDED, FIXED, REPEATED, REPEATED_FX

WHOLE, NO_FSPEC, SPARE_ITEM, TOO_SHORT, TOO_LONG, NO_LENGTH = range(6)
"""How the walk over a record ends."""

HEADER_OCTETS = 3


@kernel
def block_end(octets, start, end):
    """Return where the block that starts at `start` ends; -1 where it has no header or a false length."""
    if end - start < HEADER_OCTETS or octets[start] == 0:
        return -1
    length = _uint16(octets, start + 1)
    if length < HEADER_OCTETS or length > end - start:
        return -1
    return start + length


@kernel
def source_of_block(octets, start, end):
    """Return SAC * 256 + SIC of a block's first record, of which they are the first item; -1 for none."""
    after = _fspec_end(octets, start + HEADER_OCTETS, end, 16)
    if after < 0 or not octets[start + HEADER_OCTETS] & 0x80 or after + 2 > end:
        return -1
    return _uint16(octets, after)


@kernel
def count_records(octets, start, end, program):
    """Return (n, status): the whole records of a block's content, and how the walk ended."""
    n, at = 0, start
    while at < end:
        at, status = _skip_record(octets, at, end, program)
        if status != WHOLE:
            return n, status
        n += 1
    return n, WHOLE


@kernel
def read_records(octets, start, end, program, out_value):
    """Fill `out_value (n, fields)` from the n records that `count_records` found; NaN where one is absent."""
    at = start
    for row in range(out_value.shape[0]):
        out_value[row] = float("nan")
        at = _read_record(octets, at, end, program, out_value[row])


@kernel
def _fspec_end(octets, start, end, longest):
    """Return where a field specification ends; -1 where it is cut off or too long."""
    for i in range(longest):
        if start + i >= end:
            return -1
        if not octets[start + i] & 1:
            return start + i + 1
    return -1


@kernel
def _skip_record(octets, start, end, program):
    """Return (the end of a record, status)."""
    at = _fspec_end(octets, start, end, program.fspec_octets)
    if at < 0:
        return start, NO_FSPEC
    for place in range((at - start) * 7):
        if not _flag(octets, start, place):
            continue
        if place >= program.items:
            return start, SPARE_ITEM
        at, status = _skip_item(octets, at, end, program, place)
        if status != WHOLE:
            return start, status
    return at, WHOLE


@kernel
def _skip_item(octets, at, end, program, node):
    """Return (the end of an item, status)."""
    if program.kind[node] != COMPOUND:
        return _simple_end(octets, at, end, program.kind[node], program.octets[node])
    start = at
    at = _fspec_end(octets, start, end, program.octets[node])
    if at < 0:
        return start, NO_FSPEC
    for place in range((at - start) * 7):
        if not _flag(octets, start, place):
            continue
        if place >= program.children[node]:
            return start, SPARE_ITEM
        sub = program.child[node] + place
        at, status = _simple_end(octets, at, end, program.kind[sub], program.octets[sub])
        if status != WHOLE:
            return start, status
    return at, WHOLE


@kernel
def _simple_end(octets, at, end, kind, size):
    """Return (the end of an item without subitems, status)."""
    if at >= end:
        return at, TOO_SHORT
    if kind == FIXED:
        after = at + size
    elif kind == EXTENDED:
        after = _extents_end(octets, at, end, size)
        if after < 0:
            return at, TOO_LONG
    elif kind == REPEATED:
        after = at + 1 + _octet(octets, at) * size
    elif kind == REPEATED_FX:
        after = _extents_end(octets, at, end, end - at)
    elif kind == EXPLICIT:
        if octets[at] == 0:
            return at, NO_LENGTH
        after = at + _octet(octets, at)
    else:
        return at, SPARE_ITEM
    return (after, WHOLE) if 0 <= after <= end else (at, TOO_SHORT)


@kernel
def _extents_end(octets, start, end, longest):
    """Return where octets chained by their last bit end; `end + 1` where cut off, -1 where too long."""
    for i in range(longest):
        if start + i >= end:
            return end + 1
        if not octets[start + i] & 1:
            return start + i + 1
    return -1


@kernel
def _read_record(octets, start, end, program, out_value):
    """Fill `out_value (fields,)` from a record that is known to be whole; return its end."""
    at = _fspec_end(octets, start, end, program.fspec_octets)
    for place in range((at - start) * 7):
        if not _flag(octets, start, place):
            continue
        after, _ = _skip_item(octets, at, end, program, place)
        if program.kind[place] == COMPOUND:
            _read_subitems(octets, at, end, program, place, out_value)
        else:
            _read_fields(octets, at, after, program, place, out_value)
        at = after
    return at


@kernel
def _read_subitems(octets, start, end, program, node, out_value):
    at = _fspec_end(octets, start, end, program.octets[node])
    for place in range((at - start) * 7):
        if _flag(octets, start, place):
            sub = program.child[node] + place
            after, _ = _simple_end(octets, at, end, program.kind[sub], program.octets[sub])
            _read_fields(octets, at, after, program, sub, out_value)
            at = after


@kernel
def _read_fields(octets, at, after, program, node, out_value):
    """Fill the wanted fields of one item; those in extents that are not there stay absent."""
    for field in range(program.first_field[node], program.first_field[node + 1]):
        first, bits = program.bit[field], program.bits[field]
        if at + (first + bits + 7) // 8 > after:
            continue
        number = 0
        for k in range(first // 8, (first + bits + 7) // 8):
            number = (number << 8) + _octet(octets, at + k)
        number = (number >> (-(first + bits)) % 8) & ((1 << bits) - 1)
        if program.signed[field] and number >> (bits - 1):
            number -= 1 << bits
        out_value[program.slot[field]] = number * program.lsb[field]


@kernel
def _flag(octets, start, place):
    """Return the bit of a field specification at a place; the last bit of each octet is its FX."""
    return _octet(octets, start + place // 7) >> (7 - place % 7) & 1


@kernel
def _uint16(octets, at):
    return (_octet(octets, at) << 8) + _octet(octets, at + 1)


@kernel
def _octet(octets, at):
    # unsigned of 8 bits it would overflow, and with signed numbers make a float
    return np.int64(octets[at])
