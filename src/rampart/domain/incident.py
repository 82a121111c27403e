"""The record of an attack, in the shape of incident.json."""

import msgspec

from rampart.domain.event import AlertEvent, Impact


class IncidentProjectile(msgspec.Struct, frozen=True, rename={"class_": "class"}):
    """One projectile as it was sensed; times ISO-8601."""

    track: int
    class_: str
    first_plot: str
    confirmed: str
    fate: dict[str, float]
    impact: Impact | None
    zones: list[str]


class IncidentLaunchSite(msgspec.Struct, frozen=True):
    """An area that projectiles came from, no finer than 300 m."""

    latitude_deg: float
    longitude_deg: float
    radius_90_m: float
    projectiles: list[int]
    probability: float


class IncidentZone(msgspec.Struct, frozen=True):
    """What happened to one zone: impacts there, whether and how early it was warned."""

    zone: str
    impacts: int
    warned: bool
    warning_s: float | None


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody said of an attack; keys that do not apply are left out (INTERFACES: a claim).

    `of` says whom a number of killed or injured counts, in the article's words ("civilians").
    """

    what: str
    value: object
    qualifier: str | None = None
    place: str | None = None
    since: str | None = None
    incident: str | None = None
    according_to: str | None = None
    source: str | None = None
    published: str | None = None
    sentence: str | None = None
    offset: int | None = None
    of: str | None = None


class Incident(msgspec.Struct, frozen=True):
    """An attack as recorded; launch sites appear when it has closed."""

    id: str | None
    site: str
    start: str | None
    end: str | None
    projectiles: list[IncidentProjectile] = []
    launch_sites: list[IncidentLaunchSite] = []
    zones: list[IncidentZone] = []
    alerts: list[AlertEvent] = []
    claims: list[Claim] = []
    simulated: bool = False
