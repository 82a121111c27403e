"""The walk over ASTERIX bytes: blocks by their length, records by the table, every read within bounds."""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.sense.tables import (
    BIT,
    BITS,
    CHILD,
    CHILDREN,
    COMPOUND,
    EXPLICIT,
    EXTENDED,
    FIRST_FIELD,
    FIXED,
    KIND,
    LAST_FIELD,
    OCTETS,
    REPEATED,
    REPEATED_FX,
    SIGNED,
    SLOT,
)

WHOLE, BAD_FSPEC, TOO_SHORT = range(3)
"""How a walk over records ends: all are whole, or one has a false specification or a false length."""

STACK = 128
"""More than the items of a record and the subitems of a compound together."""

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
def walk_records(octets, start, end, program, out_value):
    """Return (n, status): the whole records of a block's content, and how the walk ended.

    Where `out_value (n, fields)` has rows it is filled with the wanted fields, NaN where one is absent: walk
    once with no rows to learn n. Arrays stay in this one function: handed to another they are counted, which
    costs more than the reading.
    """
    nodes, fields, lsb = program.nodes, program.fields, program.lsb
    filling = out_value.shape[0] > 0
    out_value[:] = np.nan
    stack = np.empty(STACK, np.int64)
    records, at = 0, start
    while at < end:
        fspec, at = at, _fspec_end(octets, at, end, program.fspec_octets)
        depth = _pushed(octets, fspec, at, 0, program.items, stack, 0)
        while depth > 0:
            depth -= 1
            node = stack[depth]
            kind, size = nodes[node, KIND], nodes[node, OCTETS]
            if kind == COMPOUND:
                fspec, at = at, _fspec_end(octets, at, end, size)
                depth = _pushed(octets, fspec, at, nodes[node, CHILD], nodes[node, CHILDREN], stack, depth)
                continue
            after = at + size if kind == FIXED else _item_end(octets, at, end, kind, size)
            if after > end:
                return records, TOO_SHORT
            if filling:
                for field in range(nodes[node, FIRST_FIELD], nodes[node, LAST_FIELD]):
                    first, bits = fields[field, BIT], fields[field, BITS]
                    # a field of an extent that is not there stays absent
                    if at + (first + bits + 7) // 8 <= after:
                        number = _number(octets, at, first, bits, fields[field, SIGNED])
                        out_value[records, fields[field, SLOT]] = number * lsb[field]
            at = after
        if depth < 0:
            return records, BAD_FSPEC
        records += 1
    return records, WHOLE


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
def _pushed(octets, start, end, first_node, count, stack, depth):
    """Push the nodes whose flags a field specification sets, the first on top; return the new depth.

    -1 where there is no specification, or it sets a flag that stands for nothing.
    """
    if end < 0:
        return -1
    for octet in range(end - start - 1, -1, -1):
        flags = _octet(octets, start + octet)
        for bit in range(6, -1, -1):
            if flags & (0x80 >> bit):
                if 7 * octet + bit >= count:
                    return -1
                stack[depth] = first_node + 7 * octet + bit
                depth += 1
    return depth


@kernel
def _item_end(octets, at, end, kind, size):
    """Return the end of an item whose length stands in it; `end + 1` where it is cut off or breaks a rule."""
    if at >= end:
        return end + 1
    if kind == REPEATED:
        return at + 1 + _octet(octets, at) * size
    if kind == EXPLICIT:
        return at + _octet(octets, at) if octets[at] > 0 else end + 1
    if kind in (EXTENDED, REPEATED_FX):
        after = _fspec_end(octets, at, end, size if kind == EXTENDED else end - at)
        return after if after >= 0 else end + 1
    return end + 1


@kernel
def _number(octets, at, first, bits, signed):
    """Return the number in `bits` bits from the bit `first` after an octet."""
    last_octet = (first + bits + 7) // 8
    number = 0
    for k in range(first // 8, last_octet):
        number = (number << 8) + _octet(octets, at + k)
    number = (number >> (8 * last_octet - first - bits)) & ((1 << bits) - 1)
    if signed and number >> (bits - 1):
        number -= 1 << bits
    return number


@kernel
def _uint16(octets, at):
    return (_octet(octets, at) << 8) + _octet(octets, at + 1)


@kernel
def _octet(octets, at):
    # unsigned of 8 bits it would overflow, and with signed numbers make a float
    return np.int64(octets[at])
