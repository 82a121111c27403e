"""A site's own table of place names: for each zone its name in other languages, from a CSV that people can review."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace

from rampart.domain.site import Zone
from rampart.errors import ConfigError

ZONE = "zone"
"""The head of the first column; those of the others are languages."""
LANGUAGE = re.compile(r"[a-z]{2,8}")


def named(zones: tuple[Zone, ...], text: str, where: str) -> tuple[Zone, ...]:
    """Return the zones with the names of a table: `zone,ar,he`, then a row for each zone that has any.

    A name here goes before that of the zone's own file; an empty cell says nothing. Raises ConfigError naming the
    line: a head that is no language, a zone that is unknown or stands twice, a row of another length, a name that is no
    line of text.
    """
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise ConfigError(where, f"a table with commas ({error})") from error
    if not rows or not rows[0] or rows[0][0].strip() != ZONE:
        wanted = f"a head of {ZONE!r} and languages, as zone,ar,he"
        raise ConfigError(f"{where}: line 1", wanted, ",".join(rows[0])[:60] if rows else "")
    languages = [_language(cell, rows[0][:column], where) for column, cell in enumerate(rows[0]) if column]
    told: dict[str, dict[str, str]] = {}
    known = {zone.id for zone in zones}
    for line, row in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in row):
            zone, names = _row(row, languages, f"{where}: line {line}")
            if zone not in known or zone in told:
                wanted = "a zone that stands here once" if zone in told else "the id of a zone of this site"
                raise ConfigError(f"{where}: line {line}", wanted, zone[:80])
            told[zone] = names
    return tuple(replace(zone, names=zone.names | told.get(zone.id, {})) for zone in zones)


def _language(cell: str, before: Sequence[str], where: str) -> str:
    language = cell.strip()
    if not LANGUAGE.fullmatch(language) or language in [other.strip() for other in before]:
        wanted = "in each column another language, as ar or he"
        raise ConfigError(f"{where}: line 1, column {len(before) + 1}", wanted, cell[:60])
    return language


def _row(row: list[str], languages: list[str], where: str) -> tuple[str, dict[str, str]]:
    """Return a zone's id and its names by language."""
    if len(row) != len(languages) + 1:
        raise ConfigError(where, f"{len(languages) + 1} columns", f"{len(row)}")
    names = {
        language: cell.strip() for language, cell in zip(languages, row[1:], strict=True) if cell.strip()
    }
    for language, name in names.items():
        if not name.isprintable():
            raise ConfigError(
                f"{where}: {language}", "a name in one line, without signs that control", name[:60]
            )
    return row[0].strip(), names
