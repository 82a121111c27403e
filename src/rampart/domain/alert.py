"""A warning's life as the policy decides it, before it is published."""

from dataclasses import dataclass

RAISE, REVISE, CLEAR, CANCEL = "raise", "revise", "clear", "cancel"


@dataclass(frozen=True, slots=True)
class Manual:
    """What people did: the request, who asked, who released it (empty where one person suffices), until when."""

    request: str
    by: str
    released_by: str
    until_s: float


@dataclass(frozen=True, slots=True)
class Alert:
    """One decision about one zone in one attack.

    `alert` is the id made of site, attack and zone; `impact_time_s` the earliest expected impact that
    endangers the zone (NaN on clear and cancel); `probability` that at least one projectile endangers it
    (0 where people raised it: `manual` says who; nothing was computed).
    """

    time_s: float
    alert: str
    zone: str
    action: str
    mode: str
    probability: float
    impact_time_s: float
    tracks: tuple[int, ...]
    manual: Manual | None = None
