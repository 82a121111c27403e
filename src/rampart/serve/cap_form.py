"""The form of a message of the Common Alerting Protocol 1.2: which elements, in which order, saying what."""

import math
import re
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple

from lxml import etree

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
MANY = 1 << 30

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-,+]\d\d:\d\d")
LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
NAME = re.compile(r"[^\s,<&]+")
"""Identifiers and senders hold no spaces, commas or restricted characters ([cap12], 3.2.1)."""


class Field(NamedTuple):
    """One element of a sequence: how often it may stand, and what it may say (`check` returns whether)."""

    name: str
    least: int
    most: int
    wanted: str = ""
    check: object = None


@cache
def _tag(name: str) -> str:
    """Return an element's name as lxml has it."""
    return f"{{{CAP}}}{name}"


def _one_of(*words: str):
    return lambda text: text in words


def _time(text: str) -> bool:
    try:
        return bool(TIME.fullmatch(text)) and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def _fits(pattern: re.Pattern):
    return lambda text: bool(pattern.fullmatch(text))


def _enumeration(name: str, least: int, most: int, words: str) -> Field:
    return Field(name, least, most, f"one of {words}", _one_of(*words.split()))


def _text(*names: str, least: int = 0, most: int = 1) -> list[Field]:
    return [Field(name, least, most) for name in names]


def _times(*names: str, least: int = 0) -> list[Field]:
    return [Field(name, least, 1, "a time as 2020-11-17T17:05:03-00:00", _time) for name in names]


ALERT = [
    Field("identifier", 1, 1, "a text without spaces, commas, < and &", _fits(NAME)),
    Field("sender", 1, 1, "a text without spaces, commas, < and &", _fits(NAME)),
    *_times("sent", least=1),
    _enumeration("status", 1, 1, "Actual Exercise System Test Draft"),
    _enumeration("msgType", 1, 1, "Alert Update Cancel Ack Error"),
    *_text("source"),
    _enumeration("scope", 1, 1, "Public Restricted Private"),
    *_text("restriction", "addresses"),
    *_text("code", most=MANY),
    *_text("note", "references", "incidents"),
    Field("info", 0, MANY),
]
INFO = [
    Field("language", 0, 1, "a language as en or ar-IQ", _fits(LANGUAGE)),
    _enumeration(
        "category", 1, MANY, "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other"
    ),
    *_text("event", least=1),
    _enumeration(
        "responseType", 0, MANY, "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None"
    ),
    _enumeration("urgency", 1, 1, "Immediate Expected Future Past Unknown"),
    _enumeration("severity", 1, 1, "Extreme Severe Moderate Minor Unknown"),
    _enumeration("certainty", 1, 1, "Observed Likely Possible Unlikely Unknown"),
    *_text("audience"),
    Field("eventCode", 0, MANY),
    *_times("effective", "onset", "expires"),
    *_text("senderName", "headline", "description", "instruction", "web", "contact"),
    Field("parameter", 0, MANY),
    Field("resource", 0, MANY),
    Field("area", 1, MANY),
]
PAIR = _text("valueName", "value", least=1)
RESOURCE = [
    *_text("resourceDesc", "mimeType", least=1),
    Field("size", 0, 1, "a whole number", _fits(re.compile(r"[+-]?\d+"))),
    *_text("uri", "derefUri", "digest"),
]
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


@lru_cache(maxsize=8192)
def _polygon(text: str) -> bool:
    """Return whether a text is a closed ring of at least four places on the earth."""
    pairs = [NUMBER_PAIR.fullmatch(pair) for pair in text.split()]
    if len(pairs) < 4 or not all(pairs) or text.split()[0] != text.split()[-1]:
        return False
    return all(abs(float(pair[1])) <= 90.0 and abs(float(pair[2])) <= 180.0 for pair in pairs if pair)


def _circle(text: str) -> bool:
    """Return whether a text is a place and a radius in kilometres."""
    place, _, radius = text.partition(" ")
    pair = NUMBER_PAIR.fullmatch(place)
    return bool(pair and NUMBER.fullmatch(radius) and 0.0 < float(radius) < math.inf)


NUMBER_PAIR = re.compile(rf"({NUMBER.pattern.replace('(', '(?:')}),({NUMBER.pattern.replace('(', '(?:')})")
AREA = [
    *_text("areaDesc", least=1),
    Field("polygon", 0, MANY, "a closed ring of at least 4 pairs latitude,longitude", _polygon),
    Field("circle", 0, MANY, "latitude,longitude and a radius in km", _circle),
    Field("geocode", 0, MANY),
    Field("altitude", 0, 1, "a number", _fits(NUMBER)),
    Field("ceiling", 0, 1, "a number", _fits(NUMBER)),
]
INSIDE = {
    "alert": ALERT, "info": INFO, "area": AREA, "eventCode": PAIR, "parameter": PAIR, "geocode": PAIR,
    "resource": RESOURCE,
}  # fmt: skip
BY_TAG = {name: {_tag(field.name): field for field in fields} for name, fields in INSIDE.items()}
PLACES = {_tag("polygon"), _tag("circle")}


def fault_of(alert: etree._Element) -> str | None:
    """Return what is wrong with the form of an alert, in one line; None where it is right.

    As strict as the OASIS schema, and stricter where a message could be misread: every `info` has an area
    with a polygon or circle.
    """
    if alert.tag != _tag("alert"):
        return f"{_short(alert.tag)}: wanted an alert of CAP 1.2"
    children = list(alert)
    if children and children[-1].tag == f"{{{DSIG}}}Signature":
        children.pop()
    fault = _fault("alert", alert, children)
    return f"alert{fault}" if fault else None


def _fault(name: str, element: etree._Element, children: list[etree._Element]) -> str | None:
    """Return the first fault of an element that holds others, told from its name on."""
    fault = _misplaced(name, tuple(child.tag for child in children))
    if fault is None:
        fields = BY_TAG[name]
        for child in children:
            if fault := _fault_inside(fields[child.tag], child):
                return f"/{fields[child.tag].name}{fault}"
        texts = [element.text, *(child.tail for child in children)]
        if stray := next((text.strip() for text in texts if text and text.strip()), None):
            return f": {stray[:60]!r} between its elements: wanted none"
    return fault


@lru_cache(maxsize=1024)
def _misplaced(name: str, tags: tuple) -> str | None:
    """Return what is wrong with the row of an element's children; the same row is judged once."""
    row = 0
    for field in INSIDE[name]:
        found = 0
        while row < len(tags) and tags[row] == _tag(field.name):
            row, found = row + 1, found + 1
        if found < field.least:
            return f"/{field.name}: missing, or out of its place"
        if found > field.most:
            return f"/{field.name}: stands {found} times: wanted at most {field.most}"
    if row < len(tags):
        return f"/{_short(tags[row])}: not a known element, or out of its place"
    if name == "area" and PLACES.isdisjoint(tags):
        return ": no polygon and no circle: wanted the area"
    return None


def _fault_inside(field: Field, element: etree._Element) -> str | None:
    """Return the fault of one element, told from its name on."""
    if len(element.attrib):
        return ": has an attribute: wanted none"
    if field.name in INSIDE:
        return _fault(field.name, element, list(element))
    if len(element):
        return f"/{_short(element[0].tag)}: wanted a text"
    if callable(field.check):
        text = (element.text or "").strip()
        if not field.check(text):
            return f": {text[:60]!r}: wanted {field.wanted}"
    return None


def _short(tag: object) -> str:
    return etree.QName(tag).localname if isinstance(tag, str) else "comment"
