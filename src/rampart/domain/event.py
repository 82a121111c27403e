"""What leaves the engine, in the shape of events.jsonl: degrees, ISO times, rounded numbers."""

import msgspec


class Impact(msgspec.Struct, frozen=True):
    """The published forecast of one projectile."""

    time: str
    time_sd_s: float
    latitude_deg: float
    longitude_deg: float
    cov_enu_m2: list[list[float]]


class ZoneProbability(msgspec.Struct, frozen=True):
    """The probability that a projectile comes down in the zone grown by the danger radius."""

    zone: str
    probability: float


class TrackEvent(msgspec.Struct, frozen=True, tag="track", tag_field="kind", rename={"class_": "class"}):
    """A confirmed track at one update, or its end."""

    seq: int
    time: str
    track: int
    status: str
    latitude_deg: float
    longitude_deg: float
    height_m: float
    velocity_enu_mps: list[float]
    class_: str
    class_probability: dict[str, float]


class ForecastEvent(msgspec.Struct, frozen=True, tag="forecast", tag_field="kind", omit_defaults=True):
    """The forecast of a ballistic track; the last one carries its fate."""

    seq: int
    time: str
    track: int
    impact: Impact
    zones: list[ZoneProbability]
    fate: dict[str, float] | None = None


class ByHand(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who raised or cancelled an alert by hand, and until when it stands."""

    request: str
    by: str
    until: str
    released_by: str = ""


class AlertEvent(msgspec.Struct, frozen=True, tag="alert", tag_field="kind", omit_defaults=True):
    """A warning raised, revised, cleared or cancelled for one zone in one attack, or by hand."""

    seq: int
    time: str
    alert: str
    zone: str
    action: str
    mode: str
    probability: float
    impact_time: str | None
    seconds_to_impact: float | None
    tracks: list[int]
    manual: ByHand | None = None


class HealthEvent(msgspec.Struct, frozen=True, tag="health", tag_field="kind"):
    """The state of a feed or of a part of Rampart."""

    seq: int
    time: str
    source: str
    state: str
    reason: str


Event = TrackEvent | ForecastEvent | AlertEvent | HealthEvent
