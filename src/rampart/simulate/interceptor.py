"""What an interceptor is to the simulation: a place, a reach, times, a magazine, a probability. Nothing else.

There is no aim, no path of anything fired and no place where things would meet: an engagement begins, takes its
time, and has stopped the projectile or has not.
"""

from dataclasses import dataclass, replace
from math import inf, isfinite

from rampart.errors import InputError

SELECTIVE, ALL = "selective", "all"
DOCTRINES = (SELECTIVE, ALL)


@dataclass(frozen=True, slots=True)
class Interceptor:
    """One simulated interceptor at `east_m`, `north_m` of the site's frame.

    It can engage what is within `reach_m`, `reaction_s` after the first forecast that calls for it, for
    `engagement_s` each, as long as the `magazine` lasts; each engagement stops its projectile with
    `probability`. SELECTIVE engages what comes down in a protected zone with `engage_probability` or more by the
    newest forecast, ALL whatever is forecast. `most_each`: engagements of one projectile at most, by all.
    """

    id: str
    east_m: float
    north_m: float
    reach_m: float
    reaction_s: float
    engagement_s: float
    magazine: int
    probability: float
    doctrine: str
    engage_probability: float = 0.5
    most_each: float = inf

    def __post_init__(self):
        for name in ("reach_m", "reaction_s", "engagement_s"):
            value = getattr(self, name)
            if not (isfinite(value) and value >= 0.0):
                raise InputError(name, "0 or more", value)
        if not 0.0 <= self.probability <= 1.0:
            raise InputError("probability", "a probability, 0 to 1", self.probability)
        if self.magazine < 0:
            raise InputError("magazine", "a number of engagements, 0 or more", self.magazine)
        if self.doctrine not in DOCTRINES:
            raise InputError("doctrine", '"selective" or "all"', self.doctrine)


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """What a published forecast tells an interceptor: the track, where it is `(3,)` in the site's frame, when it
    is to come down, and the probability by zone; `over` where the engine has seen it end.
    """

    track: int
    time_s: float
    place_enu_m: tuple[float, float, float]
    impact_s: float
    probability: dict[str, float]
    over: bool = False


@dataclass(frozen=True, slots=True)
class Engagement:
    """One engagement of `track`, from `time_s` to `end_s`; whether it stopped the projectile then."""

    interceptor: str
    track: int
    time_s: float
    end_s: float
    stopped: bool


def with_doctrine(
    interceptors: tuple[Interceptor, ...], doctrine: str | None, magazine: int | None
) -> tuple[Interceptor, ...]:
    """Return the interceptors under another doctrine or magazine; what is None stays; "none" leaves none."""
    if doctrine == "none":
        return ()
    return tuple(
        replace(
            one,
            doctrine=one.doctrine if doctrine is None else doctrine,
            magazine=one.magazine if magazine is None else magazine,
        )
        for one in interceptors
    )
