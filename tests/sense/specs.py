"""libasterix as an oracle: random records by its specifications, and fields by name out of what it reads."""

import math
import random
from itertools import pairwise

import numpy as np
from asterix import base, generated

from rampart.sense.reading import read_fields
from rampart.sense.tables import Field, book_of, named_fields
from rampart.sense.walk import HEADER_OCTETS, empty_plans

EDITIONS = {
    15: ("1.0", "1.1", "1.2"),
    34: ("1.27", "1.28", "1.29"),
    48: ("1.27", "1.28", "1.29", "1.30", "1.31", "1.32"),
    62: ("1.16", "1.17", "1.18", "1.19", "1.20", "1.21"),
}


def spec_of(category: int, edition: str):
    """Return libasterix's class of an edition."""
    return getattr(generated, f"Cat_{category:03d}_{edition.replace('.', '_')}")


def records_of(spec, block: bytes) -> list | None:
    """Return the records of a block as libasterix reads it; None where it refuses the block."""
    try:
        records = spec.cv_uap.parse(base.Bits.from_bytes(block[3:]))
    except (RecursionError, TypeError):
        return None
    return None if isinstance(records, ValueError) else records


def read_block(block: bytes, layout, fields, met=None) -> np.ndarray | None:
    """Return the fields `(records, fields)` of a block as Rampart reads them; None where it refuses it."""
    octets, book = np.frombuffer(block, np.uint8), book_of([(layout, fields)])
    end, plans = len(octets), met or empty_plans(len(fields))
    value = np.empty((0, len(fields)))
    records, read = read_fields(octets, HEADER_OCTETS, end, book, 0, plans, value)
    if HEADER_OCTETS + read < end:
        return None
    value = np.empty((records, len(fields)))
    read_fields(octets, HEADER_OCTETS, end, book, 0, plans, value)
    return value


def field_of(record, path: str) -> float:
    """Return a field as a number in the specification's unit; NaN where it is absent."""
    element = element_of(record, path)
    if element is None:
        return math.nan
    rule = element._get_rule()
    if isinstance(rule, base.RuleContentDependent):
        return element.as_uint()
    content = rule._get_content()
    if isinstance(content, base.ContentQuantity):
        return content._as_quantity()
    return content.as_integer() if isinstance(content, base.ContentInteger) else content.as_uint()


def element_of(record, path: str):
    """Return the element that a path names, as `item/part`, `item[2]/part` or `item/subitem/part`, or None."""
    item, *steps = path.replace("[", "/").replace("]", "").split("/")
    found = record.get_item(item)
    variation = found.arg.arg if found is not None else None
    for step in steps:
        variation = _below(variation, step) if variation is not None else None
    return variation


def _below(variation, name: str):
    if isinstance(variation, base.Repetitive):
        return variation.arg[int(name)] if int(name) < len(variation.arg) else None
    if isinstance(variation, base.Compound):
        found = variation.arg.get(name)
    else:
        groups = variation.arg if isinstance(variation, base.Extended) else [variation.arg]
        items = [item.arg for group in groups for item in group if isinstance(item, base.Item)]
        found = next((item for item in items if item.cv_name == name), None)
    return found.arg.arg if found is not None else None


def everything_in(layout, repetitions: int) -> list[tuple[str, list[Field], float]]:
    """Return every field of a layout: its name, pieces of up to 24 bits from the left, and the step."""
    found = []
    for name, field in named_fields(layout, repetitions):
        cuts = [*range(field.bit, field.bit + field.bits, 24), field.bit + field.bits]
        pieces = [Field(field.node, a, b - a, False, 1.0) for a, b in pairwise(cuts)]
        found.append((name, [field] if field.bits <= 24 else pieces, field.lsb))
    return found


def check_every_field(block: bytes, spec, layout, repetitions: int = 8) -> int:
    """Hold every field of a block's records against libasterix; return how many were there."""
    records = records_of(spec, block)
    names = everything_in(layout, repetitions)
    value = read_block(block, layout, tuple(piece for _, pieces, _ in names for piece in pieces))
    assert (value is None) == (records is None), block.hex()
    if records is None:
        return 0
    assert len(value) == len(records)
    there = 0
    for row, record in zip(value, records, strict=True):
        slot = 0
        for name, pieces, _ in names:
            ours = row[slot : slot + len(pieces)].tolist()
            slot += len(pieces)
            element = element_of(record, name)
            there += element is not None
            if len(pieces) == 1:
                theirs = field_of(record, name)
                assert ours[0] == theirs or (ours[0] != ours[0] and theirs != theirs), name
            elif element is None:
                assert all(math.isnan(piece) for piece in ours), name
            else:
                whole = 0
                for piece, field in zip(ours, pieces, strict=True):
                    whole = (whole << field.bits) | int(piece)
                assert whole == element.as_uint(), name
    return there


def random_block(spec, rng: random.Random, records: int) -> bytes:
    """Return a valid block of records with random items, each of random bits."""
    content = b"".join(_random_record(spec.cv_record, rng) for _ in range(records))
    return bytes([spec.cv_category]) + (len(content) + 3).to_bytes(2, "big") + content


def _random_record(record, rng: random.Random) -> bytes:
    items = [item.cv_non_spare if issubclass(item, base.UapItem) else None for item in record.cv_items_list]
    return _random_items(items, rng, always=("010",))


def _random_items(items: list, rng: random.Random, always: tuple = ()) -> bytes:
    chosen = [item is not None and (item.cv_name in always or rng.random() < 0.4) for item in items]
    last = max((i for i, here in enumerate(chosen) if here), default=0)
    octets = [chosen[i : i + 7] + [False] * 7 for i in range(0, last + 1, 7)]
    fspec = [sum(bit << (7 - k) for k, bit in enumerate(bits[:7])) | 1 for bits in octets]
    fspec[-1] &= 0xFE
    bodies = [_random_variation(items[i].cv_rule.cv_variation, rng) for i, here in enumerate(chosen) if here]
    return bytes(fspec) + b"".join(bodies)


def _random_variation(variation, rng: random.Random) -> bytes:
    if issubclass(variation, base.Compound):
        return _random_items(list(variation.cv_items_list), rng)
    if issubclass(variation, base.Extended):
        return _chained(rng, rng.randint(1, len(variation.cv_items_list)))
    if issubclass(variation, base.Explicit):
        length = rng.randint(1, 9)
        return bytes([length]) + rng.randbytes(length - 1)
    if issubclass(variation, base.Repetitive):
        if variation.cv_rep_bytes is None:
            octets = (_bits(variation.cv_variation) + 1) // 8
            return _chained(rng, rng.randint(1, 4), octets)
        times = rng.randint(0, 3)
        return bytes([times]) + b"".join(_random_variation(variation.cv_variation, rng) for _ in range(times))
    return rng.randbytes(_bits(variation) // 8)


def _chained(rng: random.Random, links: int, octets: int = 1) -> bytes:
    """Return links of so many octets whose last bit says whether another one follows."""
    chain = bytearray(rng.randbytes(links * octets))
    for last in range(octets - 1, len(chain), octets):
        chain[last] |= 1
    chain[-1] &= 0xFE
    return bytes(chain)


def _bits(variation) -> int:
    return variation.cv_bit_size
