"""One decision about one zone as a message of the Common Alerting Protocol, version 1.2.

How the life of a warning is told, as CAP has it: a raise is an `Alert`; a revision an `Update`; the all clear
an `Update` whose response is `AllClear` (the warning was right and is over); a cancel is a `Cancel` (it was
wrong). Update and Cancel name every earlier message of the warning. A second raise begins anew.
"""

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from lxml import etree
from lxml.builder import ElementMaker

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

E = ElementMaker(namespace=CAP, nsmap={None: CAP})


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


def message_of(event: AlertEvent, zone: Zone, site: Site, earlier: list[Reference]) -> etree._Element:
    """Return the unsigned message; raises AlertError where the zone has no area."""
    own = reference_of(event, site)
    polygons = cap_polygons(zone)
    head = [
        E.identifier(own.identifier),
        E.sender(own.sender),
        E.sent(own.sent),
        E.status(STATUS[event.mode]),
        E.msgType(MESSAGE_TYPE[event.action]),
        E.source(f"Rampart {__version__}"),
        E.scope("Public" if event.mode == "live" else "Restricted"),
    ]
    if event.mode != "live":
        head += [E.restriction(f"For this {event.mode} only; not for the public."), E.note(NOTE[event.mode])]
    if earlier:
        head.append(E.references(" ".join(map(str, earlier))))
    head.append(E.incidents(_safe(event.alert.removesuffix(f"-{event.zone}"))))
    infos = [_info(event, zone, site, *language, polygons) for language in languages_of(zone).items()]
    return E.alert(*head, *infos)


def _info(
    event: AlertEvent, zone: Zone, site: Site, language: str, texts: Texts, polygons: list[str]
) -> etree._Element:
    """Return the message in one language."""
    over = event.action in (CLEAR, CANCEL)
    said = spoken(event, zone, site, language, texts)
    times = [E.effective(cap_time(posix_time(event.time)))]
    if event.impact_time is not None:
        times.append(E.onset(cap_time(posix_time(event.impact_time))))
    return E.info(
        E.language(language),
        E.category("Security"),
        E.event(texts.prefix[event.mode] + texts.event),
        E.responseType("AllClear" if over else "Shelter"),
        E.urgency("Past" if over else "Immediate"),
        E.severity("Minor" if over else "Extreme"),
        E.certainty(_certainty(event, over)),
        *times,
        E.expires(cap_time(expires_s(event, site))),
        E.senderName(f"Rampart, {site.name}"),
        E.headline(said.headline),
        E.description(said.description),
        E.instruction(said.instruction),
        *_parameters(event),
        E.area(
            E.areaDesc(name_in(language, zone)),
            *(E.polygon(polygon) for polygon in polygons),
            E.geocode(E.valueName("rampart:zone"), E.value(zone.id)),
        ),
    )


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


def _parameters(event: AlertEvent) -> list[etree._Element]:
    """Return the figures for machines, finer than CAP's own fields tell them."""
    values = {"action": event.action, "probability": f"{event.probability:g}", "alert": event.alert}
    if event.impact_time is not None:
        values |= {"impact_time": event.impact_time, "seconds_to_impact": f"{event.seconds_to_impact:g}"}
    if event.manual is not None:
        values |= {"by_hand": event.manual.request}
        del values["probability"]
    return [E.parameter(E.valueName(f"rampart:{name}"), E.value(value)) for name, value in values.items()]


def expires_s(event: AlertEvent, site: Site) -> float:
    """Return when a message is void, should no later one come (POSIX)."""
    if event.manual is not None and event.action == RAISE:
        return posix_time(event.manual.until) + HOLDS_S
    last_s = posix_time(event.impact_time or event.time)
    return last_s + site.warning.clear_after_s + HOLDS_S


def cap_time(time_s: float) -> str:
    """Return POSIX seconds as CAP writes UTC: whole seconds and `-00:00`, never `Z` ([cap12], 3.3.2)."""
    return datetime.fromtimestamp(math.floor(time_s), UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


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


def _safe(text: str) -> str:
    """Return a text without the characters that an identifier must not hold."""
    return quote(text, safe="-._~:")
