"""The committed layouts of the ASTERIX categories, per edition, made into flat arrays for the kernel."""

from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

EDITIONS = Path(__file__).parent / "editions"
CATEGORIES = ("015", "034", "048", "062")
"""The categories that are read."""

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
"""Columns of a book's nodes."""
SLOT, BIT, BITS, SIGNED = range(4)
"""Columns of a book's fields."""
FIRST_NODE, ITEMS, FSPEC_OCTETS = range(3)
"""Columns of a book's programs."""

WINDOW_BITS = 32
"""A field is read out of the four octets that end with its last: it may lie anywhere in them."""


class Field(NamedTuple):
    """Some bits of an item or subitem to be read: its node, and where in it they lie from its first octet."""

    node: int
    bit: int
    bits: int
    signed: bool
    lsb: float


class Book(NamedTuple):
    """Layouts for the kernels, one after the other: `programs (p, 3)` says where each begins.

    A program is its first node, how many items by field reference number begin there, and the longest
    field specification. `nodes (n, 6)`: the kind as above; the octets of a fixed one or of one repetition,
    the longest of an extended one or of a compound's field specification; where the subitems of a compound
    begin and how many there are; where the fields wanted of it begin and end. `fields (f, 4)`: the slot of
    the output, the first bit within the item, bits, whether signed; `lsb (f,)`: the step of each.
    """

    programs: np.ndarray
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
def layout_of(category: int, edition: str = "") -> Layout | None:
    """Return the layout of an edition: the newest that is not after it; the newest of all for no edition.

    An edition older than the committed ones of its major number is read as the oldest of them. None for
    one of another major number: between those, items change their places.
    """
    of_category = [layout for layout in layouts() if layout.category == category]
    known = {edition_number(name): layout for layout in of_category for name in layout.editions}
    if not edition:
        return newest_layout(category)
    wanted = edition_number(edition)
    of_major = [number for number in known if number[:1] == wanted[:1]]
    not_after = [number for number in of_major if number <= wanted]
    return known[max(not_after) if not_after else min(of_major)] if of_major else None


@cache
def newest_layout(category: int) -> Layout:
    """Return the layout of a category's newest edition."""
    of_category = [layout for layout in layouts() if layout.category == category]
    return max(of_category, key=lambda layout: edition_number(layout.editions[-1]))


def edition_number(edition: str) -> tuple[int, ...]:
    """Return an edition as numbers that compare: 1.30 is after 1.4."""
    return tuple(int(part) for part in edition.split(".") if part.isdecimal())


def book_of(layouts: Iterable[tuple[Layout, tuple[Field, ...]]]) -> Book:
    """Return the book of some layouts, each with the fields to be read of it, one to a slot in order."""
    programs: list[tuple[int, int, int]] = []
    nodes: list[tuple[int, ...]] = []
    fields: list[tuple[int, int, int, bool]] = []
    lsb: list[float] = []
    for layout, wanted in layouts:
        first = len(nodes)
        places = nodes_of(layout)
        programs.append((first, max(item.frn for item in layout.items), layout.fspec_octets))
        by_node = [slot for *_, slot in sorted((f.node, f.bit, slot) for slot, f in enumerate(wanted))]
        node_of_field = [wanted[slot].node for slot in by_node]
        for place, (_, item, child) in enumerate(places):
            begin, end = bisect_left(node_of_field, place), bisect_left(node_of_field, place + 1)
            kind = KINDS[item.kind] if item else SPARE
            octets = (item.octets or item.fspec_octets) if item else 0
            children = len(item.subitems) if item else 0
            begin_end = len(fields) + begin, len(fields) + end
            nodes.append((kind, octets, first + child, children, *begin_end))
        fields += [(slot, wanted[slot].bit, wanted[slot].bits, wanted[slot].signed) for slot in by_node]
        lsb += [wanted[slot].lsb for slot in by_node]
    shape = np.array(fields, np.int64).reshape(-1, 4)
    return Book(np.array(programs, np.int64), np.array(nodes, np.int64), shape, np.array(lsb, np.float64))


def nodes_of(layout: Layout) -> list[tuple[str, Item | None, int]]:
    """Return path, item and first child of every node: the items by field reference number, then subitems."""
    by_frn = {item.frn: item for item in layout.items}
    items = [by_frn.get(frn) for frn in range(1, max(by_frn) + 1)]
    nodes: list[tuple[str, Item | None, int]] = []
    below: list[tuple[str, Item | None, int]] = []
    for item in items:
        compound = item is not None and item.kind == "compound"
        nodes.append((item.item if item else "", item, len(items) + len(below) if compound else 0))
        below += [(f"{item.item}/{sub.item}" if sub else "", sub, 0) for sub in item.subitems] if item else []
    return nodes + below


@cache
def fields_of(layout: Layout, paths: tuple[str, ...]) -> tuple[Field, ...]:
    """Return the fields named `item/part` or `item/subitem/part`; `item[2]/part` is of the third repetition.

    Raises KeyError where the layout has no such field.
    """
    known = dict(named_fields(layout))
    return tuple(known[path] for path in paths)


def named_fields(layout: Layout, repetitions: int = 4) -> list[tuple[str, Field]]:
    """Return every field of a layout with its name, of so many repetitions of an item that repeats."""
    found = []
    for node, (path, item, _) in enumerate(nodes_of(layout)):
        repeated = item is not None and item.kind in ("repeated", "repeated_fx")
        for turn in range(repetitions if repeated else 1):
            # the count of a repeated item is the octet before them
            bit = 8 * turn * item.octets + (8 if item.kind == "repeated" else 0) if item else 0
            name = f"{path}[{turn}]" if repeated else path
            for part in item.parts if item else ():
                if part.name not in ("-", "FX"):
                    field = Field(node, bit, part.bits, part.signed, part.lsb)
                    found.append((f"{name}/{part.name}".rstrip("/"), field))
                bit += part.bits
    return found
