"""Writes src/rampart/sense/editions/: the layouts of the ASTERIX categories that Rampart reads.

Source: the machine-readable specifications that libasterix carries (`asterix.generated`). Editions whose
layouts agree bit for bit share a file. Run `.venv/bin/python tools/asterix_tables.py` after an upgrade of
libasterix; a test holds the committed files against its output.
"""

import json
import re
import sys
from pathlib import Path

from asterix import base, generated

CATEGORIES = (15, 34, 48, 62)
FOLDER = Path(__file__).resolve().parents[1] / "src/rampart/sense/editions"


def main() -> None:
    """Write one file a layout, and the list of the published categories."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name, text in files().items():
        (FOLDER / name).write_text(text)
        sys.stdout.write(f"{name}: {len(text.splitlines())} lines\n")


def files() -> dict[str, str]:
    """Return the text of every file by its name."""
    texts = {"published.json": json.dumps({"published": published_categories()}) + "\n"}
    for category in CATEGORIES:
        for layout in layouts(category):
            newest = layout["editions"][-1]
            texts[f"cat{category:03d}_{newest}.json"] = text_of(layout)
    return texts


def published_categories() -> list[int]:
    """Return the numbers of all categories that libasterix knows an edition of."""
    names = (re.match(r"Cat_(\d+)_\d+_\d+$", name) for name in dir(generated))
    return sorted({int(match[1]) for match in names if match})


def layouts(category: int) -> list[dict]:
    """Return a category's distinct layouts, oldest first, each with its editions and the newest's titles."""
    found: list[tuple[str, dict]] = []
    for edition in editions(category):
        spec = getattr(generated, f"Cat_{category:03d}_{edition.replace('.', '_')}")
        record = spec.cv_record
        items = [item_of(frn, item) for frn, item in enumerate(record.cv_items_list, 1)]
        layout = {
            "category": category,
            "editions": [edition],
            "fspec_octets": record.cv_fspec_max_bytes,
            "items": [item for item in items if item],
        }
        shape = json.dumps(untitled(layout["items"]))
        if found and found[-1][0] == shape:
            layout["editions"] = [*found.pop()[1]["editions"], edition]
        found.append((shape, layout))
    return [layout for _, layout in found]


def editions(category: int) -> list[str]:
    """Return the editions of a category, oldest first."""
    names = (re.match(rf"Cat_{category:03d}_(\d+)_(\d+)$", name) for name in dir(generated))
    return [f"{major}.{minor}" for major, minor in sorted((int(m[1]), int(m[2])) for m in names if m)]


def untitled(items: list[dict]) -> list:
    """Return the items without their titles: what two editions must share to be one layout."""
    return [item and without_title(item) for item in items]


def without_title(item: dict) -> dict:
    shape = {key: value for key, value in item.items() if key not in {"title", "subitems"}}
    return {**shape, "subitems": untitled(item.get("subitems", []))}


def item_of(frn: int, item: type) -> dict | None:
    """Return one place of the field specification; None where it is spare."""
    if not issubclass(item, base.UapItem):
        assert issubclass(item, base.UapItemSpare), f"FRN {frn}: a random field sequencing is not read"
        return None
    return {"frn": frn, **named(item.cv_non_spare)}


def named(spec: type) -> dict:
    """Return an item or a subitem with its layout."""
    assert issubclass(spec.cv_rule, base.RuleVariationContextFree), f"{spec.cv_name}: depends on another item"
    return {"item": spec.cv_name, "title": spec.cv_title, **layout_of(spec.cv_rule.cv_variation)}


def layout_of(variation: type) -> dict:
    """Return how long an item is, or by what rule, and the parts of what is read bit by bit."""
    if issubclass(variation, base.Element | base.Group):
        parts = parts_of("", variation)
        return {"kind": "fixed", "octets": whole_octets(parts), "parts": parts}
    if issubclass(variation, base.Extended):
        parts = extended_parts(variation)
        return {"kind": "extended", "octets": whole_octets(parts), "parts": parts}
    if issubclass(variation, base.Repetitive):
        parts = parts_of("", variation.cv_variation)
        if variation.cv_rep_bytes is None:
            parts.append({"name": "FX", "bits": 1})
            return {"kind": "repeated_fx", "octets": whole_octets(parts), "parts": parts}
        assert variation.cv_rep_bytes == 1, "the count is one octet"
        return {"kind": "repeated", "octets": whole_octets(parts), "parts": parts}
    if issubclass(variation, base.Explicit):
        return {"kind": "explicit"}
    assert issubclass(variation, base.Compound), f"{variation}: an unknown kind of item"
    subitems = [spec and named(spec) for spec in variation.cv_items_list]
    assert all(sub is None or sub["kind"] != "compound" for sub in subitems), "compounds do not nest"
    return {"kind": "compound", "fspec_octets": variation.cv_fspec_max_bytes, "subitems": subitems}


def parts_of(prefix: str, variation: type) -> list[dict]:
    """Return the elements of a group, or the one element, in order; spare bits are named `-`."""
    if issubclass(variation, base.Element):
        return [{"name": prefix, "bits": variation.cv_bit_size, **scale_of(variation.cv_rule)}]
    parts = []
    for item, bits in variation.cv_items_list:
        spare = issubclass(item, base.Spare)
        parts += [{"name": "-", "bits": bits}] if spare else element_parts(prefix, item)
    return parts


def element_parts(prefix: str, item: type) -> list[dict]:
    spec = item.cv_non_spare
    return parts_of(f"{prefix}/{spec.cv_name}".lstrip("/"), spec.cv_rule.cv_variation)


def extended_parts(variation: type) -> list[dict]:
    """Return the elements of an extended item with the FX bit that ends each octet."""
    parts = []
    for extent in variation.cv_items_list:
        assert extent[-1] is None, "an extent ends with FX"
        for place in extent:
            if place is None:
                parts.append({"name": "FX", "bits": 1})
                assert bits_of(parts) % 8 == 0, "an extent is one octet"
            elif issubclass(place[0], base.Spare):
                parts.append({"name": "-", "bits": place[1]})
            else:
                parts += element_parts("", place[0])
    return parts


def scale_of(rule: type) -> dict:
    """Return sign, step and unit of a quantity or an integer; nothing for raw bits and tables of codes."""
    content = getattr(rule, "cv_content", None) or rule.cv_default_content
    signed = {"signed": True} if getattr(content, "cv_signedness", None) is base.Signed else {}
    if issubclass(content, base.ContentQuantity):
        return {**signed, "lsb": content.cv_lsb, "unit": content.cv_unit}
    return signed


def bits_of(parts: list[dict]) -> int:
    return sum(part["bits"] for part in parts)


def whole_octets(parts: list[dict]) -> int:
    octets, rest = divmod(bits_of(parts), 8)
    assert rest == 0, "an item is whole octets"
    return octets


def text_of(layout: dict) -> str:
    """Return the JSON of a layout, an item or subitem a line."""
    lines = []
    for item in layout["items"]:
        head = {key: value for key, value in item.items() if key != "subitems"}
        line = json.dumps(head, ensure_ascii=False)
        if "subitems" in item:
            subitems = ",\n    ".join(json.dumps(sub, ensure_ascii=False) for sub in item["subitems"])
            line = f'{line[:-1]}, "subitems": [\n    {subitems}]}}'
        lines.append(line)
    head = {key: value for key, value in layout.items() if key != "items"}
    items = ",\n  ".join(lines)
    return f'{json.dumps(head)[:-1]}, "items": [\n  {items}]}}\n'


if __name__ == "__main__":
    main()
