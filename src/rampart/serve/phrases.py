"""What people are told, in their languages: one file of texts for each, beside this module in `texts/`."""

from functools import cache
from importlib.resources import files

import msgspec

from rampart.domain.site import Zone

DEFAULT_LANGUAGE = "en"


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The texts of one language. `prefix` by mode, the rest by an alert's action.

    Fields that may stand in braces: `zone`, `count`, `time`, `percent`, `shelter`.
    `description["waning"]` is for a warning that holds although its danger has moved elsewhere.
    """

    event: str
    prefix: dict[str, str]
    headline: dict[str, str]
    description: dict[str, str]
    instruction: dict[str, str]


@cache
def texts_in(language: str) -> Texts | None:
    """Return the texts of a language (`en`, `ar`, …); None where there are none."""
    file = files("rampart.serve") / "texts" / f"{language}.json"
    if not language.isalpha() or not file.is_file():
        return None
    return msgspec.json.decode(file.read_bytes(), type=Texts)


def languages_of(zone: Zone) -> dict[str, Texts]:
    """Return the texts with which a zone is warned: English, then each language that it has a name in."""
    others = sorted(set(zone.names) - {DEFAULT_LANGUAGE})
    known = {language: texts_in(language) for language in (DEFAULT_LANGUAGE, *others)}
    return {language: texts for language, texts in known.items() if texts is not None}


def name_in(language: str, zone: Zone) -> str:
    """Return the zone's name in a language, else its usual one."""
    return zone.names.get(language) or zone.name
