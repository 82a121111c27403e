"""libasterix as an oracle: random records by its specifications, and fields by name out of what it reads."""

import math
import random

from asterix import base, generated

EDITIONS = {
    15: ("1.0", "1.1", "1.2"),
    34: ("1.27", "1.29"),
    48: ("1.27", "1.28", "1.29", "1.30", "1.31", "1.32"),
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


def field_of(record, path: str) -> float:
    """Return a field as a number in the specification's unit; NaN where it is absent."""
    item, *steps = path.split("/")
    node = record.get_item(item)
    for step in steps:
        node = _below(node.arg.arg, step) if node is not None else None
    if node is None:
        return math.nan
    content = node.arg.arg._get_rule()._get_content()
    if isinstance(content, base.ContentQuantity):
        return content._as_quantity()
    return content.as_integer() if isinstance(content, base.ContentInteger) else content.as_uint()


def _below(variation, name: str):
    if isinstance(variation, base.Compound):
        return variation.arg.get(name)
    groups = variation.arg if isinstance(variation, base.Extended) else [variation.arg]
    items = [item.arg for group in groups for item in group if isinstance(item, base.Item)]
    return next((item for item in items if item.cv_name == name), None)


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
            return _chained(rng, rng.randint(1, 4))
        times = rng.randint(0, 3)
        return bytes([times]) + b"".join(_random_variation(variation.cv_variation, rng) for _ in range(times))
    return rng.randbytes(_bits(variation) // 8)


def _chained(rng: random.Random, octets: int) -> bytes:
    bits = [octet | 1 for octet in rng.randbytes(octets)]
    return bytes([*bits[:-1], bits[-1] & 0xFE])


def _bits(variation) -> int:
    return variation.cv_bit_size
