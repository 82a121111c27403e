"""Which zones were in danger, which were warned, how early, and which for nothing."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rampart.domain.alert import CANCEL, CLEAR, RAISE
from rampart.domain.event import AlertEvent, Event
from rampart.domain.site import Site, Zone
from rampart.domain.wire import posix_time
from rampart.evaluate.metrics import groups_in_time
from rampart.evaluate.plane import distance_to_zone_m

IN_TIME_S = 10.0
"""A zone is warned when its alarm comes this long before its first impact …"""

NEAR_IDEAL_S = 1.0
"""… or no later than this after the ideal."""

NEEDLESS_BEYOND_M = 1000.0
"""An alarm is needless where nothing fell within the danger radius and this much more."""


@dataclass(frozen=True, slots=True)
class Fall:
    """Where and when one projectile came down, or would have had it not burst.

    `seen_s` places it in an attack; `places` are latitude and longitude in degrees of all that fell or
    would have fallen; `endangers` the zones within the danger radius; `reached` the ground or not.
    """

    id: str
    seen_s: float
    time_s: float
    places: tuple[tuple[float, float], ...]
    endangers: tuple[str, ...]
    reached: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """One alarm while it stood over a zone; `until_s` is infinite where nothing ended it."""

    alert: str
    zone: str
    raised_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class ZoneWarning:
    """What one zone got in one attack; `attack` is -1 for alarms in none.

    `falls` counts the projectiles that endangered it, `came_down` those of them that reached the ground;
    `first_fall_s` is the earliest of these;
    `raised_s` is its first alarm, `warning_s` the seconds before the first fall during which an alarm
    stood, 0 where none did; both are None where there is none. `ideal_s` is the time at which no system could
    have known better, None where not known.
    """

    attack: int
    zone: str
    population: float
    shelter_s: float
    falls: int
    came_down: int
    first_fall_s: float | None
    raised_s: float | None
    cleared_s: float | None
    warning_s: float | None
    ideal_s: float | None
    nearest_fall_m: float
    needless: bool
    needless_person_minutes: float

    @property
    def hit(self) -> bool:
        """Something came down within the danger radius."""
        return self.falls > 0

    @property
    def ideal_warning_s(self) -> float | None:
        """Return the seconds that the ideal would have given; None where not known."""
        if self.ideal_s is None or self.first_fall_s is None:
            return None
        return max(0.0, self.first_fall_s - self.ideal_s)

    @property
    def warned(self) -> bool:
        """The zone was in danger and its alarm came in time, or as soon as could be."""
        if self.first_fall_s is None or not self.warning_s:
            return False
        near_ideal = (
            self.ideal_s is not None and self.first_fall_s - self.warning_s <= self.ideal_s + NEAR_IDEAL_S
        )
        return self.warning_s >= IN_TIME_S or near_ideal

    @property
    def time_to_shelter(self) -> bool:
        """The people there had the seconds that they need to reach cover."""
        return self.warning_s is not None and self.warning_s >= self.shelter_s


def standing_alarms(events: Iterable[Event]) -> list[Standing]:
    """Return every alarm of a run in order of its raise."""
    open_: dict[str, tuple[str, float]] = {}
    closed: list[Standing] = []
    for event in events:
        if not isinstance(event, AlertEvent):
            continue
        if event.action == RAISE:
            open_.setdefault(event.alert, (event.zone, posix_time(event.time)))
        elif event.action in (CLEAR, CANCEL) and event.alert in open_:
            zone, raised_s = open_.pop(event.alert)
            closed.append(Standing(event.alert, zone, raised_s, posix_time(event.time)))
    closed += [Standing(alert, zone, raised_s, math.inf) for alert, (zone, raised_s) in open_.items()]
    return sorted(closed, key=lambda alarm: (alarm.raised_s, alarm.zone))


def falls_of_truth(truth: Mapping) -> list[Fall]:
    """Return the falls of a truth.json."""
    falls = []
    for projectile in truth["projectiles"]:
        ends = [end for end in (projectile.get("would_impact"), projectile["impact"]) if end]
        falls.append(
            Fall(
                id=str(projectile["id"]),
                seen_s=posix_time(projectile["launch"]["time"]),
                time_s=posix_time(ends[0]["time"]),
                places=tuple((end["latitude_deg"], end["longitude_deg"]) for end in ends),
                endangers=tuple(projectile["zones_endangered"]),
                reached=projectile["fate"] == "ground",
            )
        )
    return falls


def zone_warnings(
    alarms: Sequence[Standing],
    falls: Sequence[Fall],
    site: Site,
    end_s: float,
    ideal_s: Mapping[tuple[int, str], float] | None = None,
    known_m: dict[tuple[int, str], float] | None = None,
) -> list[ZoneWarning]:
    """Return a row for each attack and zone in danger or alarmed; the endangered first, by their first fall.

    `end_s` ends the alarms that nothing ended; `ideal_s` maps attack and zone to the ideal time. `known_m` keeps the
    nearest fall by attack and zone for another call with the same falls.
    """
    attacks = attacks_of(falls, site.warning.attack_gap_s)
    nearest_m = {} if known_m is None else known_m
    rows = []
    for attack in range(-1, len(attacks)):
        fallen = attacks[attack] if attack >= 0 else []
        raised = [alarm for alarm in alarms if attack_at(alarm.raised_s, attacks, site) == attack]
        for zone in site.zones:
            here = [alarm for alarm in raised if alarm.zone == zone.id]
            hits = [fall for fall in fallen if zone.id in fall.endangers]
            if here or hits:
                ideal = (ideal_s or {}).get((attack, zone.id))
                if (attack, zone.id) not in nearest_m:
                    nearest_m[attack, zone.id] = _nearest_m(fallen, zone)
                near_m = nearest_m[attack, zone.id]
                rows.append(_zone_warning(attack, zone, here, hits, near_m, site, end_s, ideal))
    return sorted(rows, key=lambda row: (row.first_fall_s or math.inf, row.raised_s or math.inf, row.zone))


def attacks_of(falls: Sequence[Fall], gap_s: float) -> list[list[Fall]]:
    """Return the falls of each attack: those seen within `gap_s` of one another."""
    return [[falls[i] for i in group] for group in groups_in_time([fall.seen_s for fall in falls], gap_s)]


def attack_at(time_s: float, attacks: Sequence[Sequence[Fall]], site: Site) -> int:
    """Return the attack in which an alarm of that time belongs, -1 for none."""
    for index, falls in enumerate(attacks):
        last_s = max(fall.time_s for fall in falls) + site.warning.clear_after_s
        if min(fall.seen_s for fall in falls) <= time_s <= last_s:
            return index
    return -1


def _nearest_m(fallen: Iterable[Fall], zone: Zone) -> float:
    """Return how near to a zone anything fell, or would have; infinite where nothing did."""
    return min(
        (distance_to_zone_m(*place, zone) for fall in fallen for place in fall.places), default=math.inf
    )


def _zone_warning(
    attack: int,
    zone: Zone,
    alarms: list[Standing],
    hits: list[Fall],
    nearest_m: float,
    site: Site,
    end_s: float,
    ideal_s: float | None,
) -> ZoneWarning:
    """Return the row of one zone in one attack."""
    first_s = min((fall.time_s for fall in hits), default=None)
    warning_s = None
    if first_s is not None:
        standing = [alarm.raised_s for alarm in alarms if alarm.raised_s <= first_s <= alarm.until_s]
        warning_s = first_s - min(standing) if standing else 0.0
    until_s = [min(alarm.until_s, end_s) for alarm in alarms]
    minutes = sum(max(0.0, end - alarm.raised_s) for alarm, end in zip(alarms, until_s, strict=True)) / 60.0
    return ZoneWarning(
        attack=attack,
        zone=zone.id,
        population=zone.population,
        shelter_s=zone.shelter_s,
        falls=len(hits),
        came_down=sum(fall.reached for fall in hits),
        first_fall_s=first_s,
        raised_s=min((alarm.raised_s for alarm in alarms), default=None),
        cleared_s=max((alarm.until_s for alarm in alarms if math.isfinite(alarm.until_s)), default=None),
        warning_s=warning_s,
        ideal_s=ideal_s,
        nearest_fall_m=0.0 if hits else nearest_m,
        needless=not hits and nearest_m > site.warning.danger_radius_m + NEEDLESS_BEYOND_M,
        needless_person_minutes=0.0 if hits else zone.population * minutes,
    )


def share_with_time_to_shelter(rows: Sequence[ZoneWarning]) -> float | None:
    """Return the share of the people in endangered zones who had the time to reach cover; None of nobody.

    Where no population is known every zone counts alike.
    """
    hit = [row for row in rows if row.hit]
    weight = [row.population for row in hit] if any(row.population > 0 for row in hit) else [1.0] * len(hit)
    return (
        sum(w for w, row in zip(weight, hit, strict=True) if row.time_to_shelter) / sum(weight)
        if hit
        else None
    )
