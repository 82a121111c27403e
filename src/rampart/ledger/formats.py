"""The tables that analysts hold, each by its columns: our own, ACLED, UCDP GED, with the names they used to have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from operator import itemgetter

from rampart.errors import InputError
from rampart.ledger.attack import Attack, date_of, made_id
from rampart.ledger.cells import (
    CellError,
    claimants_of,
    count_of,
    days_of,
    degrees_of,
    family_of,
    stands_for_of,
    text_of,
)


class SkipError(Exception):
    """A good row that is no attack of the kind the ledger keeps; its text says why."""


Row = dict[str, str]
"""The cells of a row by our names of its columns."""


@dataclass(frozen=True, slots=True)
class Format:
    """A table's form: the names of its columns with older ones, which it must have, and how a row is read.

    In a `closed` one a column that it does not know is a mistake; the others bring many that are not needed.
    """

    name: str
    columns: dict[str, tuple[str, ...]]
    needed: tuple[str, ...]
    read: Callable[[Row], Attack]
    closed: bool = False

    def places(self, header: Sequence[str], where: str) -> list[tuple[str, int]]:
        """Return our names of the columns with where they stand; raises InputError naming the column at fault."""
        names = [name.strip().casefold() for name in header]
        for number, name in enumerate(names):
            if name and names.index(name) != number:
                raise InputError(f"{where}: row 1, column {number + 1}", "each column once", header[number])
        found = {}
        for own, known in self.columns.items():
            if place := [names.index(name) for name in (own, *known) if name in names]:
                found[own] = place[0]
        if missing := [own for own in self.needed if own not in found]:
            near = get_close_matches(missing[0], names, 1)
            meant = f" (is {near[0]!r} it?)" if near else ""
            raise InputError(f"{where}: row 1", f"the column {missing[0]!r} of {self.name}{meant}")
        if self.closed:
            known_places = set(found.values())
            for number, name in enumerate(names):
                if number not in known_places:
                    wanted = f"one of {', '.join(self.columns)}"
                    raise InputError(f"{where}: row 1, column {number + 1}", wanted, header[number] or name)
        return sorted(found.items(), key=lambda pair: pair[1])


def format_of(header: Sequence[str], wanted: str, where: str) -> Format:
    """Return the format asked for, or where that is `auto` the one whose own columns the header has."""
    if wanted != "auto":
        return FORMATS[wanted]
    names = {name.strip().casefold() for name in header}
    for format in (ACLED, UCDP):
        if all(names & {own, *format.columns[own]} for own in format.needed):
            return format
    return RAMPART


OUR_COLUMNS = (
    "date",
    "place",
    "lat",
    "lon",
    "weapon",
    "projectiles",
    "inside_target_area",
    "killed",
    "injured",
    "claimed_by",
    "source_url",
    "confidence",
)
_OUR_CELLS = itemgetter(*OUR_COLUMNS)


def _our_row(row: Row) -> Attack:
    first, last = days_of("date", row["date"])
    place, weapon = text_of(row["place"]), text_of(row["weapon"])
    latitude_deg, longitude_deg = _point(row, "lat", "lon")
    claimed_by = text_of(row["claimed_by"])
    projectiles = count_of("projectiles", row["projectiles"])
    inside = count_of("inside_target_area", row["inside_target_area"])
    if projectiles is not None and inside is not None and inside > projectiles:
        wanted = f"no more than the {projectiles} of column projectiles"
        raise CellError("inside_target_area", row["inside_target_area"], wanted)
    return Attack(
        id=text_of(row.get("id", "")) or made_id(first, "\x1f".join(map(str.strip, _OUR_CELLS(row)))),
        day_first=first,
        day_last=last,
        place=place,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        weapon=weapon,
        family=family_of(weapon),
        projectiles=projectiles,
        inside=inside,
        killed=count_of("killed", row["killed"]),
        injured=count_of("injured", row["injured"]),
        claimed_by=claimed_by,
        source=text_of(row["source_url"]),
        confidence=text_of(row["confidence"]),
        stands_for=stands_for_of(place),
        by_state=claimants_of(claimed_by)[2],
    )


_REMOTE = frozenset({"explosions/remote violence", "remote violence"})
_ACLED_FAMILIES = {"shelling/artillery/missile attack": "indirect fire", "air/drone strike": "other"}
_STATE_ACTORS = frozenset({"1", "8", "state forces", "external/other forces"})


def _acled_row(row: Row) -> Attack:
    kind = row.get("event_type", "").strip()
    if kind.casefold() not in _REMOTE:
        raise SkipError(f"event type {kind or 'not given'}: not fire from afar and no bomb")
    first, last = days_of("event_date", row["event_date"])
    precision = row.get("time_precision", "").strip()
    if precision == "2":
        first, last = first - 3, last + 3
    elif precision == "3":
        first, last = days_of("event_date", f"{date_of(first):%Y-%m}")
    weapon = text_of(row.get("sub_event_type", ""))
    latitude_deg, longitude_deg = _point(row, "latitude", "longitude")
    killed = count_of("fatalities", row.get("fatalities", ""))
    number = text_of(row["event_id_cnty"])
    if number is None:
        raise CellError("event_id_cnty", row["event_id_cnty"], "the event's number")
    by_state = row.get("inter1", "").strip().casefold() in _STATE_ACTORS
    return Attack(
        id=f"acled-{number}",
        day_first=first,
        day_last=last,
        place=_joined(row, "location", "admin1", "country"),
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        weapon=weapon,
        family=_ACLED_FAMILIES.get((weapon or "").casefold()) or family_of(weapon),
        # ACLED writes 0 both for nobody killed and for nobody said so: that is a lower bound, no figure.
        killed=killed or None,
        killed_low=killed,
        source=text_of(row.get("source", "")),
        by_state=by_state,
        note=_attributed(row.get("actor1", ""), row.get("notes", "")),
    )


def _ucdp_row(row: Row) -> Attack:
    first, _ = days_of("date_start", row["date_start"])
    _, last = days_of("date_end", row.get("date_end") or row["date_start"])
    if last < first:
        raise CellError("date_end", row["date_end"], f"no day before date_start, {row['date_start']}")
    latitude_deg, longitude_deg = _point(row, "latitude", "longitude")
    number = text_of(row["id"])
    if number is None:
        raise CellError("id", row["id"], "the event's number")
    low, best, high = (count_of(name, row.get(name, "")) for name in ("low", "best", "high"))
    if low is not None and high is not None and low > high:
        raise CellError("low", row["low"], f"no more than column high, {high}")
    return Attack(
        id=f"ucdp-{number}",
        day_first=first,
        day_last=last,
        place=_joined(row, "where_coordinates", "country"),
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        killed=best,
        killed_low=low,
        killed_high=high,
        source=text_of(row.get("source_article", "")),
        by_state=row.get("side_a", "").strip().casefold().startswith("government of"),
        note=_attributed(row.get("side_a", ""), row.get("conflict_name", "")),
    )


def _attributed(actor: str, note: str) -> str | None:
    """Return a note that says whom a data set holds to be the actor: he has not therefore claimed the deed."""
    told = [f"attributed to {actor.strip()}"] if text_of(actor) else []
    return "; ".join([*told, *filter(None, [text_of(note)])]) or None


def _joined(row: Row, *columns: str) -> str | None:
    return ", ".join(dict.fromkeys(filter(None, (text_of(row.get(name, "")) for name in columns)))) or None


def _point(row: Row, latitude: str, longitude: str) -> tuple[float | None, float | None]:
    latitude_deg = degrees_of(latitude, row.get(latitude, ""), 90.0)
    longitude_deg = degrees_of(longitude, row.get(longitude, ""), 180.0)
    if (latitude_deg is None) != (longitude_deg is None):
        empty = latitude if latitude_deg is None else longitude
        raise CellError(empty, "", "both latitude and longitude, or neither")
    return latitude_deg, longitude_deg


RAMPART = Format("rampart", dict.fromkeys(("id", *OUR_COLUMNS), ()), OUR_COLUMNS, _our_row, closed=True)
ACLED = Format(
    "acled",
    {
        "event_id_cnty": ("event_id_no_cnty", "data_id"),
        "event_date": (),
        "time_precision": ("time_prec",),
        "event_type": (),
        "sub_event_type": (),
        "actor1": (),
        "inter1": (),
        "country": (),
        "admin1": (),
        "location": (),
        "latitude": (),
        "longitude": (),
        "source": (),
        "notes": (),
        "fatalities": ("total_fatalities",),
    },
    ("event_id_cnty", "event_date", "event_type"),
    _acled_row,
)
UCDP = Format(
    "ucdp",
    {
        "id": (),
        "date_start": (),
        "date_end": (),
        "where_coordinates": ("where_description", "adm_1"),
        "country": (),
        "latitude": (),
        "longitude": (),
        "side_a": ("sidea",),
        "conflict_name": ("dyad_name",),
        "source_article": (),
        "best": ("best_est", "deaths_best"),
        "low": ("low_est", "deaths_low"),
        "high": ("high_est", "deaths_high"),
    },
    ("id", "date_start", "best"),
    _ucdp_row,
)
FORMATS = {format.name: format for format in (RAMPART, ACLED, UCDP)}
