"""What msgspec complains of, in words that name the key, what stood there and what was wanted."""

import difflib
import re
from typing import Any

import msgspec

from rampart.errors import ConfigError
from rampart.tomlkeys import Keys


def config_error(message: str, raw: Any, kind: type, path: str, prefix: str = "") -> ConfigError:
    """Return msgspec's complaint in our words: where, what stood there, what was wanted.

    `raw` is what was to become `kind`, and stands under the key `prefix` of the file.
    """
    complaint, _, place = message.partition(" - at `")
    steps = re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", place.rstrip("`"))
    value, keys = raw, []
    for name, index in steps:
        value = value[int(index)] if index else value[name]
        keys.append(f"[{index}]" if index else f".{name}")
    key = (prefix + "".join(keys)).lstrip(".")
    if unknown := re.search(r"unknown field `(.+)`", complaint):
        wrong = unknown.group(1)
        wanted = f"a known key, one of {', '.join(_known_keys(kind, steps))}"
        if near := difflib.get_close_matches(wrong, _known_keys(kind, steps), 1):
            wanted = f"a known key (did you mean {near[0]}?)"
        return ConfigError(f"{path}: {key + '.' if key else ''}{wrong}", wanted, value.get(wrong))
    if missing := re.search(r"missing required field `(.+)`", complaint):
        return ConfigError(
            f"{path}: {key + '.' if key else ''}{missing.group(1)}", "this key, which is missing"
        )
    wanted = re.sub(r"^Expected |, got .*$|^Invalid ", "", complaint).replace("`", "")
    return ConfigError(f"{path}: {key}", wanted, value)


def _known_keys(kind: type, steps: list[tuple[str, str]]) -> list[str]:
    """Return the keys that the table at `steps` may have."""
    for name, _ in steps:
        if name:
            hint = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}.get(name)
            kind = next((part for part in _parts(hint) if _is_keys(part)), kind)
    return [field.encode_name for field in msgspec.structs.fields(kind)]


def _parts(hint: Any) -> list[Any]:
    inner = [part for argument in getattr(hint, "__args__", ()) for part in _parts(argument)]
    return [hint, *inner]


def _is_keys(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Keys)
