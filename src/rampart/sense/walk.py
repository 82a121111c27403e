"""The walk over ASTERIX bytes: blocks by their length, records by the table, every read within bounds.

Records of one radar mostly have one shape: the same items, the same subitems, the same counts. The walk notes
a record's shape as a plan: which octets decide it, and where each field lies from the record's first octet.
The next record whose deciding octets are the same is read by the plan, without another walk.
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import lean_kernel
from rampart.sense.tables import (
    BIT,
    BITS,
    CHILD,
    CHILDREN,
    COMPOUND,
    EXPLICIT,
    EXTENDED,
    FIRST_FIELD,
    FIRST_NODE,
    FIXED,
    FSPEC_OCTETS,
    ITEMS,
    KIND,
    LAST_FIELD,
    OCTETS,
    REPEATED,
    REPEATED_FX,
    SIGNED,
    SLOT,
)

BAD_FSPEC, TOO_SHORT = -1, -2
"""Lengths of records that are none: a false field specification, or an item that does not fit."""

STACK = 256
"""More than the items of a record and the subitems of a compound together."""

HEADER_OCTETS = 3

ONE, TWO, THREE = np.uint64(1), np.uint64(2), np.uint64(3)

PLANS = 16
"""So many shapes are remembered at once."""
MOST_GUARDS = 64
"""A record whose shape more octets decide is walked every time."""
LENGTH, PROGRAM, GUARDS, READS, FIRST_GUARD = range(5)
FIRST_READ = FIRST_GUARD + 3 * MOST_GUARDS
"""Columns of a plan: the record's length (0: no plan), its program, how many guards and reads, then for each
guard its octet's place, the bits that decide and their value, then for each read the place of the four octets
that end with the field, how far to shift them, the mask, the sign's bit and the slot."""


@lean_kernel
def block_end(octets, start, end):
    """Return where the block that starts at `start` ends; -1 where it has no header or a false length."""
    if end - start < HEADER_OCTETS or octets[start] == 0:
        return -1
    length = _uint16(octets, start + 1)
    if length < HEADER_OCTETS or length > end - start:
        return -1
    return start + length


@lean_kernel
def source_of_block(octets, start, end):
    """Return SAC * 256 + SIC of a block's first record, of which they are the first item; -1 for none."""
    after = _fspec_end(octets, start + HEADER_OCTETS, end, 16)
    if after < 0 or not octets[start + HEADER_OCTETS] & 0x80 or after + 2 > end:
        return -1
    return _uint16(octets, after)


class Plans(NamedTuple):
    """The shapes of records met so far: `plan (PLANS, columns)`, and the fields as last read by each.

    The first half of a row of `value (PLANS, 2 slots)` is fields, the second the step of each read.
    `stack (STACK,)` is for the walk. They change nothing in what is read, only how fast.
    """

    plan: np.ndarray
    value: np.ndarray
    stack: np.ndarray


def empty_plans(slots: int) -> Plans:
    """Return room for plans of so many fields, none of them known yet."""
    plan = np.zeros((PLANS, FIRST_READ + 5 * slots), np.int64)
    return Plans(plan, np.empty((PLANS, 2 * slots)), np.empty(STACK, np.int64))


@lean_kernel
def read_record(octets, at, end, program, book, plans):
    """Return (length, row): the octets of the record at `at`, and the row of `value` that holds its fields.

    Fields that the record does not have are NaN. The length is BAD_FSPEC or TOO_SHORT where it is no record.
    A block's header stands before `at`, so that the four octets that end with a field are in `octets`.
    """
    plan, value = plans.plan, plans.value
    row = _row_of(octets, at, end)
    length = plan[row, LENGTH]
    same = length > 0 and plan[row, PROGRAM] == program and at + length <= end
    if same:
        # an index without a sign is not taken for one that may count from the end: that costs time
        for guard in range(FIRST_GUARD, FIRST_GUARD + 3 * plan[row, GUARDS], 3):
            if octets[np.uint64(at + plan[row, guard])] & plan[row, guard + 1] != plan[row, guard + 2]:
                same = False
                break
    if not same:
        length = _plan_record(octets, at, end, program, book, plans, row)
        if length < 0:
            return length, row
    steps = value.shape[1] // 2
    read = FIRST_READ
    for i in range(plan[row, READS]):
        window = np.uint64(at + plan[row, read])
        number = (
            (np.int64(octets[window]) << 24)
            | (np.int64(octets[window + ONE]) << 16)
            | (np.int64(octets[window + TWO]) << 8)
            | np.int64(octets[window + THREE])
        )
        sign = plan[row, read + 3]
        number = (((number >> plan[row, read + 1]) & plan[row, read + 2]) ^ sign) - sign
        value[row, plan[row, read + 4]] = number * value[row, steps + i]
        read += 5
    return length, row


@lean_kernel
def _row_of(octets, at, end):
    """Return the row of the plan that a record may have: by its first octets, its field specification."""
    if at + 4 > end:
        return 0
    mixed = octets[at] ^ (octets[at + 1] << 1) ^ (octets[at + 2] << 2) ^ (octets[at + 3] << 3)
    return ((mixed >> 4) ^ mixed) & (PLANS - 1)


@lean_kernel
def _plan_record(octets, start, end, program, book, plans, row):
    """Fill a plan's row from the record at `start`; return the record's length, or why it is none."""
    nodes, fields = book.nodes, book.fields
    plan, value, stack = plans.plan, plans.value, plans.stack
    steps = value.shape[1] // 2
    plan[row, LENGTH] = 0
    for slot in range(steps):
        value[row, slot] = np.nan
    after = _fspec_end(octets, start, end, book.programs[program, FSPEC_OCTETS])
    first_node, items = book.programs[program, FIRST_NODE], book.programs[program, ITEMS]
    depth = _pushed(octets, start, after, first_node, items, stack, 0)
    guards = _guarded(octets, start, start, after, 0xFF, plan, row, 0)
    at, reads = after, 0
    while depth > 0:
        depth -= 1
        node = stack[depth]
        kind, size = nodes[node, KIND], nodes[node, OCTETS]
        if kind == COMPOUND:
            after = _fspec_end(octets, at, end, size)
            depth = _pushed(octets, at, after, nodes[node, CHILD], nodes[node, CHILDREN], stack, depth)
            guards = _guarded(octets, start, at, after, 0xFF, plan, row, guards)
            at = after
            continue
        after = at + size if kind == FIXED else _item_end(octets, at, end, kind, size)
        if after > end:
            return TOO_SHORT
        if kind in (REPEATED, EXPLICIT):
            guards = _guarded(octets, start, at, at + 1, 0xFF, plan, row, guards)
        elif kind in (EXTENDED, REPEATED_FX):
            guards = _guarded(octets, start, at, after, 1, plan, row, guards)
        for field in range(nodes[node, FIRST_FIELD], nodes[node, LAST_FIELD]):
            last_bit = fields[field, BIT] + fields[field, BITS]
            last_octet = at + (last_bit + 7) // 8
            # a field of an extent or a repetition that is not there stays absent
            if last_octet <= after:
                read = FIRST_READ + 5 * reads
                plan[row, read] = last_octet - 4 - start
                plan[row, read + 1] = 8 * ((last_bit + 7) // 8) - last_bit
                plan[row, read + 2] = (1 << fields[field, BITS]) - 1
                plan[row, read + 3] = fields[field, SIGNED] << (fields[field, BITS] - 1)
                plan[row, read + 4] = fields[field, SLOT]
                value[row, steps + reads] = book.lsb[field]
                reads += 1
        at = after
    if depth < 0:
        return BAD_FSPEC
    plan[row, PROGRAM], plan[row, GUARDS], plan[row, READS] = program, guards, reads
    if guards <= MOST_GUARDS:
        plan[row, LENGTH] = at - start
    return at - start


@lean_kernel
def _guarded(octets, start, first, after, mask, plan, row, guards):
    """Note that the octets from `first` decide a record's shape; return how many do now."""
    for at in range(first, after):
        if guards < MOST_GUARDS:
            guard = FIRST_GUARD + 3 * guards
            plan[row, guard] = at - start
            plan[row, guard + 1] = mask
            plan[row, guard + 2] = octets[at] & mask
        guards += 1
    return guards


@lean_kernel
def _fspec_end(octets, start, end, longest):
    """Return where a field specification ends; -1 where it is cut off or too long."""
    for i in range(longest):
        if start + i >= end:
            return -1
        if not octets[start + i] & 1:
            return start + i + 1
    return -1


@lean_kernel
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


@lean_kernel
def _item_end(octets, at, end, kind, size):
    """Return the end of an item whose length stands in it; `end + 1` where it is cut off or breaks a rule."""
    if at >= end:
        return end + 1
    if kind == REPEATED:
        return at + 1 + _octet(octets, at) * size
    if kind == EXPLICIT:
        return at + _octet(octets, at) if octets[at] > 0 else end + 1
    if kind == EXTENDED:
        after = _fspec_end(octets, at, end, size)
        return after if after >= 0 else end + 1
    if kind == REPEATED_FX:
        at += size
        while at <= end and octets[at - 1] & 1:
            at += size
        return at if at <= end else end + 1
    return end + 1


@lean_kernel
def _uint16(octets, at):
    return (_octet(octets, at) << 8) + _octet(octets, at + 1)


@lean_kernel
def _octet(octets, at):
    # unsigned of 8 bits it would overflow, and with signed numbers make a float
    return np.int64(octets[at])
