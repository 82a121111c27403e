"""Cursor-on-Target events: an alarm and the area of each zone under warning; never a launch place.

Types are those of MITRE's list (`b-l-l`, an alarm of security) and of TAK (`u-d-f`, a drawn area; `t-x-d-d`, take away;
`t-x-c-t`, a ping). Two events of one uid are one thing, the later one counts.
"""

import math

from lxml import etree
from lxml.builder import E

from rampart.domain.alert import CANCEL, CLEAR
from rampart.domain.wire import iso_time
from rampart.serve.cap_message import cap_polygons
from rampart.serve.channels.notice import Notice

ALARM, AREA, DELETE, PING, PONG = "b-l-l", "u-d-f", "t-x-d-d", "t-x-c-t", "t-x-c-t-r"
OPERATION = {"live": "o", "exercise": "e", "test": "s"}
MARK = {"live": "", "exercise": "EXERCISE ", "test": "TEST "}
SAID = {CLEAR: "ALL CLEAR", CANCEL: "CANCELLED"}
UNKNOWN = "9999999.0"
OVER_STALE_S = 60.0
RED, GREEN = "-65536", "-16711936"
METRES_PER_DEGREE = 111_320.0

Place = tuple[float, float]


def events_of(notice: Notice, now_s: float) -> list[bytes]:
    """Return a decision as events, the alarm first, then its areas; after a cancel what takes them away.

    Raises AlertError where the zone has no area.
    """
    event = notice.event
    over = event.action in (CLEAR, CANCEL)
    stale_s = now_s + OVER_STALE_S if over else max(notice.until_s, now_s + 1.0)
    pieces = [_places(text) for text in cap_polygons(notice.zone)]
    callsign = f"{MARK[event.mode]}{SAID.get(event.action, 'ROCKETS')} {notice.zone.name}"
    middle, reach_m = _circle([place for piece in pieces for place in piece])
    largest = max(pieces, key=len)
    vertices = [E.vertex(lat=f"{lat:.6f}", lon=f"{lon:.6f}") for lat, lon in largest]
    alarm = _event(
        event.alert, ALARM, event.mode, now_s, stale_s, middle, reach_m,
        E.contact(callsign=callsign),
        E.remarks(_remarks(notice)),
        E.shape(E.polyline(*vertices, closed="true")),
    )  # fmt: skip
    events = [alarm]
    for number, piece in enumerate(pieces, 1):
        links = [E.link(point=f"{lat:.6f},{lon:.6f}") for lat, lon in piece]
        colour = GREEN if over else RED
        uid = f"{event.alert}.area.{number}"
        details = (E.contact(callsign=callsign), E.strokeColor(value=colour), E.strokeWeight(value="4.0"))
        events.append(_event(uid, AREA, event.mode, now_s, stale_s, *_circle(piece), *links, *details))
    if event.action == CANCEL:
        uids = [event.alert, *(f"{event.alert}.area.{number}" for number in range(1, len(pieces) + 1))]
        events += [_taking_away(uid, event.mode, now_s, middle) for uid in uids]
    return [etree.tostring(each, xml_declaration=True, encoding="UTF-8", standalone=True) for each in events]


def ping(uid: str, now_s: float) -> bytes:
    """Return the question whether a server is there."""
    return etree.tostring(_event(uid, PING, "", now_s, now_s + 20.0, (0.0, 0.0), None), encoding="UTF-8")


def _event(
    uid: str,
    kind: str,
    mode: str,
    now_s: float,
    stale_s: float,
    middle: Place,
    reach_m: float | None,
    *details,
) -> etree._Element:
    operation = {"opex": OPERATION[mode]} if mode else {}
    radius = UNKNOWN if reach_m is None else f"{reach_m:.1f}"
    return E.event(
        E.point(lat=f"{middle[0]:.6f}", lon=f"{middle[1]:.6f}", hae=UNKNOWN, ce=radius, le=UNKNOWN),
        E.detail(*details),
        version="2.0",
        uid=uid,
        type=kind,
        time=iso_time(now_s),
        start=iso_time(now_s),
        stale=iso_time(stale_s),
        how="m-p",
        qos="9-r-g",
        **operation,
    )


def _taking_away(uid: str, mode: str, now_s: float, middle: Place) -> etree._Element:
    link = E.link(uid=uid, relation="none", type="none")
    return _event(
        f"{uid}.delete", DELETE, mode, now_s, now_s + OVER_STALE_S, middle, None, link, E("__forcedelete")
    )


def _remarks(notice: Notice) -> str:
    event = notice.event
    said = f"{MARK[event.mode]}{SAID.get(event.action, 'Take cover')}: {notice.zone.name}."
    if notice.impact_s is not None and event.action not in SAID:
        said += f" Impact expected at {iso_time(notice.impact_s)}, probability {event.probability:.2g}."
    return f"{said} {event.alert}, {event.action}."


def _places(text: str) -> list[Place]:
    """Return the corners of one CAP polygon."""
    pairs = (pair.split(",") for pair in text.split())
    return [(float(lat), float(lon)) for lat, lon in pairs]


def _circle(places: list[Place]) -> tuple[Place, float]:
    """Return the middle of some places and a radius that encloses them all, in metres."""
    lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
    middle = (min(lats) + max(lats)) / 2.0, (min(lons) + max(lons)) / 2.0
    shrink = math.cos(math.radians(middle[0]))
    return middle, max(
        METRES_PER_DEGREE * math.hypot(lat - middle[0], (lon - middle[1]) * shrink) for lat, lon in places
    ) + 1.0
