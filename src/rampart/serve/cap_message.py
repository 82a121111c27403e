"""One decision about one zone as a message of the Common Alerting Protocol, version 1.2.

How the life of a warning is told, as CAP has it: a raise is an `Alert`; a revision an `Update`; the all clear
an `Update` whose response is `AllClear` (the warning was right and is over); a cancel is a `Cancel` (it was
wrong). Update and Cancel name every earlier message of the warning. A second raise begins anew.
"""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from rampart import __version__
from rampart.domain.alert import CANCEL, CLEAR, RAISE, REVISE
from rampart.domain.event import AlertEvent
from rampart.domain.site import Site, Zone
from rampart.domain.wire import posix_time
from rampart.errors import AlertError
from rampart.serve.cap_form import CAP
from rampart.serve.phrases import Texts, languages_of, name_in, name_within

STATUS = {"live": "Actual", "exercise": "Exercise", "test": "Test"}
MESSAGE_TYPE = {RAISE: "Alert", REVISE: "Update", CLEAR: "Update", CANCEL: "Cancel"}
NOTE = {
    "exercise": "An exercise. Actionable by its participants only.",
    "test": "A test, from simulated or recorded plots. Nobody is in danger.",
}
HOLDS_S = 300.0
"""How long after the awaited clear a message expires by itself, should the clear never arrive."""
DECIMALS = 6
"""Of a degree: a tenth of a metre."""

UNSPEAKABLE = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, and the line breaks that it would alter."""


class Reference(NamedTuple):
    """What a later message calls an earlier one by."""

    sender: str
    identifier: str
    sent: str

    def __str__(self) -> str:
        return f"{self.sender},{self.identifier},{self.sent}"


def reference_of(event: AlertEvent, site: Site) -> Reference:
    """Return the name of an event's message; the same event has the same name on every machine."""
    return Reference(
        f"rampart:{site.id}", f"{_safe(event.alert)}.{event.seq}", cap_time(posix_time(event.time))
    )


def message_of(event: AlertEvent, zone: Zone, site: Site, earlier: list[Reference]) -> str:
    """Return the unsigned message in its canonical form (exclusive c14n); raises AlertError without an area."""
    own = reference_of(event, site)
    polygons = cap_polygons(zone)
    head = [
        _said("identifier", own.identifier),
        _said("sender", own.sender),
        _said("sent", own.sent),
        _said("status", STATUS[event.mode]),
        _said("msgType", MESSAGE_TYPE[event.action]),
        _said("source", f"Rampart {__version__}"),
        _said("scope", "Public" if event.mode == "live" else "Restricted"),
    ]
    if event.mode != "live":
        head.append(_said("restriction", f"For this {event.mode} only; not for the public."))
        head.append(_said("note", NOTE[event.mode]))
    if earlier:
        head.append(_said("references", " ".join(map(str, earlier))))
    head.append(_said("incidents", _safe(event.alert.removesuffix(f"-{event.zone}"))))
    infos = [_info(event, zone, site, *language, polygons) for language in languages_of(zone).items()]
    return f'<alert xmlns="{CAP}">{"".join(head + infos)}</alert>'


@lru_cache(maxsize=8192)
def _said(name: str, text: str) -> str:
    """Return one element as canonical XML has it; what XML cannot hold becomes a space.

    Kept, because most of a message stands in the others of its warning as well.
    """
    return f"<{name}>{escape(UNSPEAKABLE.sub(' ', text))}</{name}>"


def _pair(tag: str, name: str, value: str) -> str:
    return f"<{tag}>{_said('valueName', f'rampart:{name}')}{_said('value', value)}</{tag}>"


def _info(event: AlertEvent, zone: Zone, site: Site, language: str, texts: Texts, polygons: list[str]) -> str:
    """Return the message in one language."""
    over = event.action in (CLEAR, CANCEL)
    said = spoken(event, zone, site, language, texts)
    onset = [_said("onset", cap_time(posix_time(event.impact_time)))] if event.impact_time is not None else []
    fields = [
        _said("language", language),
        _said("category", "Security"),
        _said("event", texts.prefix[event.mode] + texts.event),
        _said("responseType", "AllClear" if over else "Shelter"),
        _said("urgency", "Past" if over else "Immediate"),
        _said("severity", "Minor" if over else "Extreme"),
        _said("certainty", _certainty(event, over)),
        _said("effective", cap_time(posix_time(event.time))),
        *onset,
        _said("expires", cap_time(expires_s(event, site))),
        _said("senderName", f"Rampart, {site.name}"),
        _said("headline", said.headline),
        _said("description", said.description),
        _said("instruction", said.instruction),
        *(_pair("parameter", name, value) for name, value in _figures(event).items()),
        "<area>",
        _said("areaDesc", name_in(language, zone)),
        *(_said("polygon", polygon) for polygon in polygons),
        _pair("geocode", "zone", zone.id),
        "</area>",
    ]
    return f"<info>{''.join(fields)}</info>"


def _certainty(event: AlertEvent, over: bool) -> str:
    if over:
        return "Observed"
    if event.manual is not None:
        return "Unknown"
    return "Likely" if event.probability >= 0.5 else "Possible"


class Spoken(NamedTuple):
    """A decision in one language, as people hear it."""

    headline: str
    description: str
    instruction: str


def spoken(event: AlertEvent, zone: Zone, site: Site, language: str, texts: Texts) -> Spoken:
    """Return what people are told of a decision; an exercise or a test says so at the head of each text."""
    prefix, fields = texts.prefix[event.mode], fields_of(event, zone, site, language, texts)
    waning = event.action not in (CLEAR, CANCEL) and event.impact_time is None
    told = "waning" if waning else event.action
    if event.manual is not None:
        told = {RAISE: "manual", CLEAR: "manual_clear"}.get(event.action, event.action)
    return Spoken(
        prefix + texts.headline[event.action].format(**fields),
        prefix + texts.description[told].format(**fields),
        prefix + texts.instruction[event.action].format(**fields),
    )


def fields_of(event: AlertEvent, zone: Zone, site: Site, language: str, texts: Texts) -> dict[str, str]:
    """Return what the texts speak of; times on the site's clocks."""
    impact = ""
    if event.impact_time is not None:
        impact = _local(event.impact_time, site)
    elif event.manual is not None:
        impact = _local(event.manual.until, site)
    percent = 100.0 * event.probability
    return {
        "zone": name_within(language, zone),
        "count": str(len(event.tracks)),
        "time": impact,
        "percent": f"{percent:.0f}" if percent >= 1.0 else f"{percent:.1g}",
        "shelter": texts.seconds_in_words(zone.shelter_s),
    }


def _local(time: str, site: Site) -> str:
    return datetime.fromtimestamp(posix_time(time), ZoneInfo(site.timezone)).strftime("%H:%M:%S")


def _figures(event: AlertEvent) -> dict[str, str]:
    """Return what is for machines, finer than CAP's own fields tell it."""
    values = {"action": event.action, "probability": f"{event.probability:g}", "alert": event.alert}
    if event.impact_time is not None:
        values |= {"impact_time": event.impact_time, "seconds_to_impact": f"{event.seconds_to_impact:g}"}
    if event.manual is not None:
        values |= {"by_hand": event.manual.request}
        del values["probability"]
    return values


def expires_s(event: AlertEvent, site: Site) -> float:
    """Return when a message is void, should no later one come (POSIX)."""
    if event.manual is not None and event.action == RAISE:
        return posix_time(event.manual.until) + HOLDS_S
    last_s = posix_time(event.impact_time or event.time)
    return last_s + site.warning.clear_after_s + HOLDS_S


def cap_time(time_s: float) -> str:
    """Return POSIX seconds as CAP writes UTC: whole seconds and `-00:00`, never `Z` ([cap12], 3.3.2)."""
    return _whole_second(math.floor(time_s))


@lru_cache(maxsize=1024)
def _whole_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def cap_polygons(zone: Zone) -> list[str]:
    """Return the zone's polygons as `latitude,longitude …`, closed; raises AlertError where there is none.

    CAP knows no holes: a polygon with holes is cut into pieces that together leave them out.
    """
    texts = _polygon_texts(tuple(tuple(ring.tobytes() for ring in rings) for rings in zone.polygons))
    if not texts:
        raise AlertError(f"zone {zone.id!r}: wanted an area; without one nothing is sent")
    return list(texts)


@lru_cache(maxsize=8192)
def _polygon_texts(polygons: tuple[tuple[bytes, ...], ...]) -> tuple[str, ...]:
    """Return what `cap_polygons` does of rings as octets: the same zone is warned more than once."""
    pieces = [
        piece
        for rings in polygons
        for piece in _without_holes(_degrees(tuple(np.frombuffer(ring).reshape(-1, 2) for ring in rings)))
    ]
    return tuple(
        " ".join(f"{lat:.{DECIMALS}f},{lon:.{DECIMALS}f}" for lon, lat in piece.exterior.coords)
        for piece in pieces
    )


def _degrees(rings: tuple[np.ndarray, ...]) -> shapely.Polygon:
    return shapely.Polygon(np.degrees(rings[0]), [np.degrees(hole) for hole in rings[1:]])


def _without_holes(polygon: shapely.Polygon) -> list[shapely.Polygon]:
    """Return pieces without holes, cut along the meridian through a hole's middle."""
    if polygon.is_empty or polygon.area == 0.0:
        return []
    if not polygon.interiors:
        return [polygon]
    west, south, east, north = polygon.bounds
    middle = polygon.interiors[0].centroid.x
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    parts = [part for half in halves for part in shapely.get_parts(polygon.intersection(half))]
    return [piece for part in parts if isinstance(part, shapely.Polygon) for piece in _without_holes(part)]


@lru_cache(maxsize=8192)
def _safe(text: str) -> str:
    """Return a text without the characters that an identifier must not hold."""
    return quote(text, safe="-._~:")
