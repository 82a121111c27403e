"""Text as it should have arrived: entities, encodings and spaces mended, each letter's origin kept."""

import html
import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass

_ENTITY = re.compile(r"&(?:\s?amp\s?;)*\s?(#\s?[xX]?[0-9a-fA-F]{1,6}|[A-Za-z]{2,8}[0-9]{0,2})\s?;")
_MOJIBAKE = re.compile(
    "[\u00c2-\u00f4]"
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{1,3}"
)
_TAG = re.compile(r"<[/!a-zA-Z][^<>]{0,300}>")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_STOP = re.compile(r" (?=[,;:.!?](?!\d))")
_NO_SPACE_AFTER_COMMA = re.compile(r"(?<=[A-Za-z0-9)\"]),(?=[A-Za-z])")
_NO_SPACE_AFTER_STOP = re.compile(r"(?<=[a-z)\"0-9])\.(?=\"?[A-Z])")
_LIKE = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»‹›″", '"'),
        **dict.fromkeys("‘’‚‛`´′", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("،", ","),
        **dict.fromkeys("؛", ";"),
        **dict.fromkeys("؟", "?"),
        **{chr(base + digit): str(digit) for base in (0x660, 0x6F0) for digit in range(10)},
    }
)


@dataclass(frozen=True, slots=True)
class Repaired:
    """Mended text; `origins[i]` is where its letter i stood, `origins[len(text)]` where the text ended."""

    text: str
    origins: array


def repair(text: str, start: int = 0) -> Repaired:
    """Return a passage that began at `start` of the whole, mended. Linear in its length."""
    whole = Repaired(text, array("q", range(start, start + len(text) + 1)))
    whole = _rewrite(whole, _ENTITY, _entity)
    whole = _rewrite(whole, _MOJIBAKE, _decoded)
    whole = _rewrite(whole, _TAG, lambda match: " ")
    whole = _rewrite(whole, _INVISIBLE, lambda match: "")
    whole = Repaired(whole.text.translate(_LIKE), whole.origins)
    whole = _rewrite(whole, _SPACES, lambda match: " ")
    whole = _rewrite(whole, _SPACE_BEFORE_STOP, lambda match: "")
    whole = _rewrite(whole, _NO_SPACE_AFTER_COMMA, lambda match: ", ")
    return _rewrite(whole, _NO_SPACE_AFTER_STOP, lambda match: ". ")


def _rewrite(whole: Repaired, pattern: re.Pattern, replace: Callable[[re.Match], str]) -> Repaired:
    """Return the text with every match replaced; what is put in comes from where the match began."""
    if pattern.search(whole.text) is None:
        return whole
    parts: list[str] = []
    origins = array("q")
    at = 0
    for match in pattern.finditer(whole.text):
        new = replace(match)
        parts += (whole.text[at : match.start()], new)
        origins.extend(whole.origins[at : match.start()])
        origins.extend([whole.origins[match.start()]] * len(new))
        at = match.end()
    parts.append(whole.text[at:])
    origins.extend(whole.origins[at:])
    return Repaired("".join(parts), origins)


def _entity(match: re.Match) -> str:
    """Return the letter that an entity stands for, the entity itself where it stands for none."""
    entity = f"&{''.join(match.group(1).split())};"
    letter = html.unescape(entity)
    return match.group(0) if letter == entity else letter


def _decoded(match: re.Match) -> str:
    """Return what UTF-8 read as Windows-1252 was before; a quotation mark that lost its last byte included."""
    found = match.group(0)
    for length in range(len(found), 1, -1):
        try:
            raw = b"".join(_byte(letter) for letter in found[:length])
            return raw.decode("utf-8") + found[length:]
        except (UnicodeDecodeError, UnicodeEncodeError):
            continue
    return '"' + found[2:] if found.startswith("\u00e2\u20ac") else found


def _byte(letter: str) -> bytes:
    return bytes([ord(letter)]) if ord(letter) < 0x100 else letter.encode("cp1252")
