"""Reported claims beside what was sensed: agree, contradict, or not observable by radar."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rampart.domain.claim import AGREE, CONTRADICT, UNSEEN, WHAT_WORDS, claim_words, range_of
from rampart.domain.incident import Claim, Incident, IncidentLaunchSite
from rampart.domain.site import Site
from rampart.domain.wire import posix_time
from rampart.evaluate.plane import east_north_m, plane_at
from rampart.evaluate.projectile import ProjectileRow, short_name
from rampart.evaluate.story import Story
from rampart.evaluate.words import LocalClock, metres, plural

WEAPON_WORDS = {
    "rocket": ("rocket", "katyusha", "missile", "grad"),
    "mortar": ("mortar",),
    "artillery": ("artillery", "shell", "howitzer"),
}


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim in words, who said so, the radar's view of it, and the verdict."""

    claim: Claim
    said: str
    who: str
    sensed: str
    verdict: str


def compare_claims(
    claims: Sequence[Claim], story: Story, incident: Incident, site: Site, places: Mapping | None
) -> list[ClaimRow]:
    """Return a row for each claim, what a radar can judge first."""
    rows = []
    for claim in claims:
        verdict, sensed = _judge(claim, story, incident, site, places)
        who = ", ".join(dict.fromkeys(part for part in (claim.according_to, claim.source) if part))
        rows.append(ClaimRow(claim, claim_words(claim), who, sensed, verdict))
    order = list(WHAT_WORDS)
    return sorted(
        rows,
        key=lambda row: (
            row.verdict == UNSEEN,
            order.index(row.claim.what) if row.claim.what in order else len(order),
        ),
    )


def _judge(
    claim: Claim, story: Story, incident: Incident, site: Site, places: Mapping | None
) -> tuple[str, str]:
    """Return the verdict on one claim and what was sensed of its matter."""
    if claim.what == "projectiles_total":
        count = len(story.projectiles)
        return _compare_count(claim, count, f"{count} sensed")
    if claim.what == "projectiles_in_place":
        return _judge_place(claim, story, site, places)
    if claim.what == "launch_place":
        return _judge_launch(claim, incident, places)
    if claim.what == "attack_date" and incident.start:
        clock = LocalClock(site.timezone)
        day = clock.at(posix_time(incident.start)).date().isoformat()
        return (AGREE if str(claim.value)[:10] == day else CONTRADICT), f"{day}, local time"
    if claim.what == "weapon" and story.projectiles:
        return _judge_weapon(claim, story)
    if claim.what == "intercepted" and story.projectiles:
        ended = sum(row.fate in ("airburst", "intercepted") for row in story.projectiles)
        return UNSEEN, f"{ended} ended in the air; radar cannot tell a burst from an interception"
    return UNSEEN, "–"


def _compare_count(claim: Claim, count: int, sensed: str) -> tuple[str, str]:
    """Return whether a sensed count fits a claimed number with its qualifier."""
    figures = range_of(claim)
    if figures is None:
        return UNSEEN, sensed
    return (AGREE if figures.holds(count) else CONTRADICT), sensed


def _judge_place(claim: Claim, story: Story, site: Site, places: Mapping | None) -> tuple[str, str]:
    """Return how many came down in the claimed place, or outside it, against the claim."""
    place = (claim.place or "").strip()
    outside = re.match(r"(?i)(outside|elsewhere|other parts)\b", place) is not None
    if re.search(r"(?i)\bin (the|mid)[ -]?air\b", place):
        burst = sum(row.fate in ("airburst", "intercepted") for row in story.projectiles)
        return _compare_count(claim, burst, f"{burst} ended in the air")
    zone = _zone_named(place, site)
    if zone is not None:
        inside = [row for row in story.projectiles if row.fate == "ground" and zone.id in row.record.zones]
    elif outside:
        inside = [row for row in story.projectiles if row.fate == "ground" and row.protected]
    else:
        near = _places_named(place, places)
        if not near:
            return UNSEEN, "place not on the map"
        inside = [row for row in story.projectiles if row.fate == "ground" and _is_near(row, near)]
    if not outside:
        return _compare_count(claim, len(inside), f"{plural(len(inside), 'impact')} there")
    rest = [row for row in story.projectiles if row not in inside]
    burst = sum(row.fate != "ground" for row in rest)
    told = f"{len(rest)} not there" + (f", {burst} of them not to the ground" if burst else "")
    return _compare_count(claim, len(rest), told)


def _is_near(row: ProjectileRow, features: Sequence[Mapping]) -> bool:
    """Return whether a projectile came down within the accuracy of any of these points."""
    return row.end_place is not None and any(
        _gap_m(feature, *row.end_place) <= feature["properties"].get("accuracy_m", 500.0)
        for feature in features
    )


def _gap_m(feature: Mapping, latitude_deg: float, longitude_deg: float) -> float:
    longitude, latitude = feature["geometry"]["coordinates"][:2]
    east_m, north_m = east_north_m(latitude, longitude, plane_at(latitude_deg, longitude_deg))
    return math.hypot(east_m, north_m)


def _zone_named(place: str, site: Site):
    """Return the zone whose name the place contains, the longest name first."""
    key = _key(place)
    named = [
        (len(_key(name)), zone)
        for zone in site.zones
        for name in _short_names(zone.names)
        if _key(name) in key
    ]
    return max(named, key=lambda pair: pair[0])[1] if named and key else None


def _short_names(names: Mapping[str, str]) -> list[str]:
    """Return the names, and what stands before a bracket in them."""
    return [part for name in names.values() for part in {name, short_name(name)} if _key(part)]


def _places_named(place: str, places: Mapping | None) -> list[Mapping]:
    """Return the points of the places whose name contains the claimed one or is contained in it."""
    key = _key(place)
    found = []
    for feature in (places or {}).get("features", []):
        names = feature["properties"].get("name") or {}
        keys = [_key(name) for name in (names.values() if isinstance(names, dict) else [names])]
        if feature["geometry"]["type"] == "Point" and key and any(k and (k in key or key in k) for k in keys):
            found.append(feature)
    return found


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


def _judge_launch(claim: Claim, incident: Incident, places: Mapping | None) -> tuple[str, str]:
    """Return whether any launch area reaches the claimed place."""
    if not incident.launch_sites:
        return UNSEEN, "no launch area recorded"
    named = str(claim.place or claim.value)
    features = _places_named(named, places)
    if not features:
        return UNSEEN, f"{plural(len(incident.launch_sites), 'launch area')} recorded; place not on the map"
    gap_m = min(_launch_gap_m(launch, feature) for launch in incident.launch_sites for feature in features)
    if gap_m <= 0.0:
        return AGREE, f"{plural(len(incident.launch_sites), 'launch area')}, overlapping it"
    return CONTRADICT, f"nearest launch area {metres(gap_m)} beyond it"


def _launch_gap_m(launch: IncidentLaunchSite, feature: Mapping) -> float:
    """Return how far a launch area's edge lies from a place's."""
    accuracy_m = feature["properties"].get("accuracy_m", 500.0)
    return _gap_m(feature, launch.latitude_deg, launch.longitude_deg) - launch.radius_90_m - accuracy_m


def _judge_weapon(claim: Claim, story: Story) -> tuple[str, str]:
    """Return whether the class sensed most often is the one that the claim names."""
    classes = [row.record.class_ for row in story.projectiles]
    most = max(sorted(set(classes)), key=classes.count)
    sensed = f"{plural(classes.count(most), most)} of {len(classes)}"
    named = [
        name
        for name, words in WEAPON_WORDS.items()
        if any(word in str(claim.value).casefold() for word in words)
    ]
    if not named:
        return UNSEEN, sensed
    return (AGREE if most in named else CONTRADICT), sensed
