"""The committed layouts of the ASTERIX categories, per edition, made into flat arrays for the kernel."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

EDITIONS = Path(__file__).parent / "editions"

SPARE, FIXED, EXTENDED, REPEATED, REPEATED_FX, EXPLICIT, COMPOUND = range(7)
KINDS = {
    "fixed": FIXED,
    "extended": EXTENDED,
    "repeated": REPEATED,
    "repeated_fx": REPEATED_FX,
    "explicit": EXPLICIT,
    "compound": COMPOUND,
}


class Part(msgspec.Struct, frozen=True):
    """Some bits of an item: spare (`-`), the extension bit (`FX`) or an element."""

    name: str
    bits: int
    signed: bool = False
    lsb: float = 1.0
    unit: str = ""


class Item(msgspec.Struct, frozen=True):
    """An item or subitem: by what rule long, and its parts where it is read bit by bit."""

    item: str
    title: str
    kind: str
    frn: int = 0
    octets: int = 0
    fspec_octets: int = 0
    parts: tuple[Part, ...] = ()
    subitems: tuple["Item | None", ...] = ()


class Layout(msgspec.Struct, frozen=True):
    """One layout of a category, shared by `editions`, oldest first."""

    category: int
    editions: tuple[str, ...]
    fspec_octets: int
    items: tuple[Item, ...]


KIND, OCTETS, CHILD, CHILDREN, FIRST_FIELD, LAST_FIELD = range(6)
"""Columns of a program's nodes."""
SLOT, BIT, BITS, SIGNED = range(4)
"""Columns of a program's fields."""


class Program(NamedTuple):
    """A layout for the kernel: nodes, of which the first `items` are the items by field reference number.

    `nodes (n, 6)`: the kind as above; the octets of a fixed one or of one repetition, the longest of an
    extended one or of a compound's FSPEC; where the subitems of a compound begin and how many there are;
    where the fields wanted of it begin and end. `fields (f, 4)`: the column of the output, the first bit
    within the item, bits, whether signed; `lsb (f,)`: the step of each.
    """

    items: int
    fspec_octets: int
    nodes: np.ndarray
    fields: np.ndarray
    lsb: np.ndarray


@cache
def layouts() -> tuple[Layout, ...]:
    """Return every committed layout."""
    files = sorted(EDITIONS.glob("cat*.json"))
    return tuple(msgspec.json.decode(file.read_bytes(), type=Layout) for file in files)


@cache
def published_categories() -> frozenset[int]:
    """Return the numbers of the categories that have been published: what a block may be of."""
    return frozenset(msgspec.json.decode((EDITIONS / "published.json").read_bytes())["published"])


@cache
def layout_of(category: int, edition: str = "") -> Layout:
    """Return the layout of an edition: the newest that is not after it; the newest of all for no edition.

    An edition older than all the committed ones is read as the oldest.
    """
    of_category = [layout for layout in layouts() if layout.category == category]
    known = {_number(name): layout for layout in of_category for name in layout.editions}
    not_after = [number for number in known if not edition or number <= _number(edition)]
    return known[max(not_after)] if not_after else known[min(known)]


def _number(edition: str) -> tuple[int, ...]:
    return tuple(int(part) for part in edition.split(".") if part.isdecimal())


@cache
def program_of(category: int, edition: str, fields: tuple[str, ...]) -> Program:
    """Return the arrays of a layout, to read `fields`, named `item/part` or `item/subitem/part`, in order.

    Raises KeyError where the layout has no such field.
    """
    layout = layout_of(category, edition)
    by_frn = {item.frn: item for item in layout.items}
    nodes: list[tuple[str, Item | None]] = [
        (by_frn[frn].item if frn in by_frn else "", by_frn.get(frn)) for frn in range(1, max(by_frn) + 1)
    ]
    items = len(nodes)
    child = [0] * items
    for place in range(items):
        path, item = nodes[place]
        if item is not None and item.kind == "compound":
            child[place] = len(nodes)
            nodes += [(f"{path}/{sub.item}" if sub else "", sub) for sub in item.subitems]
    child += [0] * (len(nodes) - items)
    found = [_field(nodes, path) for path in fields]
    order = sorted(range(len(fields)), key=lambda slot: found[slot][:2])
    node_of_field = np.array([found[slot][0] for slot in order], np.int64)
    rows = [
        (KINDS[item.kind], item.octets or item.fspec_octets, child[place], len(item.subitems))
        if item
        else (SPARE, 0, 0, 0)
        for place, (_, item) in enumerate(nodes)
    ]
    first_field = np.searchsorted(node_of_field, np.arange(len(nodes) + 1))
    return Program(
        items=items,
        fspec_octets=layout.fspec_octets,
        nodes=np.column_stack([np.array(rows, np.int64), first_field[:-1], first_field[1:]]),
        fields=np.array([(slot, *found[slot][1:4]) for slot in order], np.int64),
        lsb=np.array([found[slot][4] for slot in order]),
    )


def _field(nodes: list[tuple[str, Item | None]], path: str) -> tuple[int, int, int, int, float]:
    """Return node, first bit, bits, signed and step of a field."""
    for node, (prefix, item) in enumerate(nodes):
        bit = 0
        for part in item.parts if item else ():
            if f"{prefix}/{part.name}".rstrip("/") == path:
                return node, bit, part.bits, int(part.signed), part.lsb
            bit += part.bits
    raise KeyError(path)
