"""What people are told, in their languages: one file of texts for each, in `texts/` beside this or the user's own."""

import re
import string
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import msgspec
import platformdirs

from rampart.domain.site import Zone
from rampart.errors import ConfigError

DEFAULT_LANGUAGE = "en"
FIELDS = ("zone", "count", "time", "percent", "shelter")
"""What may stand in braces."""
ACTIONS = ("raise", "revise", "clear", "cancel")
WANTED = {
    "prefix": ("live", "exercise", "test"),
    "headline": ACTIONS,
    "description": (*ACTIONS, "waning", "manual", "manual_clear"),
    "instruction": ACTIONS,
    "seconds": ("other",),
    "page": (
        "calm", "calm_text", "left", "now", "hold", "fault", "fault_text", "blind", "blind_text", "partly",
        "stale", "sound", "sound_on", "wall", "exercise", "test", "zones", "choose", "no_name",
    ),
}  # fmt: skip
FIRST_STRONG, POP = "\u2068", "\u2069"
"""Unicode's isolates: what stands between them cannot turn the words around it ([bidi], UAX 9)."""


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The texts of one language. `prefix` by mode, `page` by what the public page says, the rest by an alert's action.

    Fields that may stand in braces: `zone`, `count`, `time`, `percent`, `shelter` (with its unit).
    `description["waning"]` is for a warning that holds although its danger has moved elsewhere, `manual` and
    `manual_clear` for one that people raised. `seconds` has the unit by plural form: one, two, few, other.
    """

    name: str
    event: str
    seconds: dict[str, str]
    prefix: dict[str, str]
    headline: dict[str, str]
    description: dict[str, str]
    instruction: dict[str, str]
    page: dict[str, str]
    direction: Literal["ltr", "rtl"] = "ltr"

    def seconds_in_words(self, count: float) -> str:
        """Return a number of seconds with its unit, in the right plural form."""
        return f"{count:g} {self.seconds.get(plural_form(count), self.seconds['other'])}"


def plural_form(count: float) -> str:
    """Return one, two, few or other, as Arabic counts; a language without `two` or `few` uses `other` for them."""
    if count in (1, 2):
        return {1: "one", 2: "two"}[int(count)]
    return "few" if count == int(count) and 3 <= count % 100 <= 10 else "other"


def read_texts(content: bytes, where: str) -> Texts:
    """Return the texts of a file; raises ConfigError naming the first key that is missing or field that is unknown."""
    try:
        texts = msgspec.json.decode(content, type=Texts)
    except msgspec.MsgspecError as error:
        raise ConfigError(where, f"a file of texts as en.json ({error})") from error
    for group, keys in WANTED.items():
        given = getattr(texts, group)
        for key in keys:
            if key not in given or (group != "prefix" and not given[key].strip()):
                raise ConfigError(f"{where}: {group}.{key}", "a text")
        for key, text in given.items():
            _check_fields(text, f"{where}: {group}.{key}")
    return texts


def _check_fields(text: str, where: str) -> None:
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise ConfigError(where, f"braces in pairs ({error})", text[:60]) from error
    if unknown := next((name for name in names if name not in FIELDS), None):
        raise ConfigError(where, f"in braces one of {', '.join(FIELDS)}", unknown)


def own_folder() -> Path:
    """Return the folder of the user's own texts, `LANGUAGE.json` each; they go before those that come along."""
    return Path(platformdirs.user_data_dir("rampart")) / "texts"


@cache
def texts_in(language: str) -> Texts | None:
    """Return the texts of a language (`en`, `ar`, …); None where there are none. Raises ConfigError."""
    if not re.fullmatch(r"[A-Za-z]{2,8}", language):
        return None
    for file in (own_folder() / f"{language}.json", files("rampart.serve") / "texts" / f"{language}.json"):
        if file.is_file():
            return read_texts(file.read_bytes(), str(file))
    return None


def known_languages() -> list[str]:
    """Return the languages in which there are texts."""
    packaged = (Path(entry.name) for entry in (files("rampart.serve") / "texts").iterdir())
    return sorted({path.stem for path in [*packaged, *own_folder().glob("*.json")] if path.suffix == ".json"})


def languages_of(zone: Zone) -> dict[str, Texts]:
    """Return the texts with which a zone is warned: English, then each language that it has a name in."""
    others = sorted(set(zone.names) - {DEFAULT_LANGUAGE})
    known = {language: texts_in(language) for language in (DEFAULT_LANGUAGE, *others)}
    return {language: texts for language, texts in known.items() if texts is not None}


def name_in(language: str, zone: Zone) -> str:
    """Return the zone's name in a language, else its usual one."""
    return zone.names.get(language) or zone.name


def name_within(language: str, zone: Zone) -> str:
    """Return the zone's name as it stands inside a sentence: isolated where it runs against the sentence."""
    name, texts = name_in(language, zone), texts_in(language)
    against = ("L",) if texts is not None and texts.direction == "rtl" else ("R", "AL")
    strong = [kind for kind in map(unicodedata.bidirectional, name) if kind in ("L", "R", "AL")]
    return f"{FIRST_STRONG}{name}{POP}" if any(kind in against for kind in strong) else name
