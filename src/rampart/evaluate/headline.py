"""What a watch officer wants first: one sentence, a few figures, and what to hold in mind with them."""

from collections import Counter
from dataclasses import dataclass

from rampart.domain.incident import Incident
from rampart.evaluate.metrics import median
from rampart.evaluate.projectile import ProjectileRow, short_name
from rampart.evaluate.story import Story
from rampart.evaluate.warning import ZoneWarning
from rampart.evaluate.words import metres, people, plural, seconds


@dataclass(frozen=True, slots=True)
class Figure:
    """A large figure with its words; `mark` names its shape on the map, `tone` its colour."""

    value: str
    words: str
    mark: str = ""
    tone: str = ""


def sentence(story: Story) -> str:
    """Return what happened, in a sentence or two."""
    rows = story.projectiles
    if not rows:
        return "No attack sensed."
    kinds = Counter(row.record.class_ for row in rows)
    what = plural(len(rows), next(iter(kinds))) if len(kinds) == 1 and "artillery" not in kinds else ""
    what = what or plural(len(rows), "projectile")
    parts = [f"{count} in {_short(place)}" for place, count in _protected(rows).items()]
    outside = _outside(rows)
    if outside:
        parts.append(f"{outside} outside" if parts else f"{outside} came down")
    parts += [f"{count} {words}" for words, count in _not_down(rows).items()]
    return f"{what} sensed: {', '.join(parts)}."


def _short(name: str) -> str:
    """Return a zone's name as it is spoken: without what stands in brackets."""
    short = short_name(name)
    return f"the {short}" if short.casefold().endswith("zone") else short


def _protected(rows: tuple[ProjectileRow, ...]) -> Counter[str]:
    """Return how many came down in each protected zone."""
    return Counter(row.protected.name for row in rows if row.fate == "ground" and row.protected)


def _outside(rows: tuple[ProjectileRow, ...]) -> int:
    """Return how many came down in no protected zone."""
    return sum(row.fate == "ground" and row.protected is None for row in rows)


def _not_down(rows: tuple[ProjectileRow, ...]) -> Counter[str]:
    """Return how many ended in the air or were lost, by words for it."""
    words = {"airburst": "burst in the air", "intercepted": "stopped in the air"}
    return Counter(words.get(row.fate, "lost from view") for row in rows if row.fate != "ground")


def warning_sentence(story: Story, away_m: float) -> str:
    """Return how the warning went, in a sentence; needless is a warning with nothing within `away_m`."""
    hit, others, needless = story.hit, story.not_hit, [row for row in story.zones if row.needless]
    if not hit and not story.zones:
        return (
            "No zone was warned." if not story.projectiles else "No zone was in danger and none was warned."
        )
    told = [_hit_sentence(hit)] if hit else []
    if others:
        count = plural(len(others), "more zone" if hit else "zone")
        how = ", none of them needlessly."
        if needless:
            how = f", {len(needless)} of them needlessly: nothing came down within {metres(away_m)}."
        told.append(f"{count} warned{how}")
    return " ".join(told)


def _hit_sentence(hit: list[ZoneWarning]) -> str:
    """Return how the zones in danger were warned."""
    warned = sum(row.warned for row in hit)
    given = [row.warning_s or 0.0 for row in hit]
    span = f"{seconds(median(given))} before the first impact"
    if len(hit) > 1:
        span = f"at the median {span}, {seconds(min(given))} at the least"
    if warned < len(hit):
        return f"{warned} of {plural(len(hit), 'zone')} in danger warned in time, {span}."
    if len(hit) == 1:
        return f"The zone in danger was warned, {span}."
    return f"All {len(hit)} zones in danger were warned, {span}."


def figures(story: Story, incident: Incident) -> list[Figure]:
    """Return the large figures, the most needed first."""
    rows = story.projectiles
    if not rows:
        aircraft = sum(path.class_name == "aircraft" for path in story.others)
        return [
            Figure("0", "projectiles sensed", "first-plot"),
            Figure(str(len(story.others)), "tracks confirmed", "other"),
            Figure(str(aircraft), "of them aircraft", "aircraft"),
            Figure(str(len(story.zones)), "zones warned", "alarm"),
        ]
    confirmed = sum(row.confirmed_s is not None for row in rows)
    shown = [Figure(str(len(rows)), "sensed", "first-plot"), Figure(str(confirmed), "confirmed", "confirmed")]
    shown += [
        Figure(str(n), f"in {_short(place)}", "impact", "threat") for place, n in _protected(rows).items()
    ]
    outside = _outside(rows)
    if outside:
        shown.append(Figure(str(outside), "outside" if _protected(rows) else "came down", "impact", "threat"))
    shown += [
        Figure(str(n), words, "burst" if "air" in words else "other") for words, n in _not_down(rows).items()
    ]
    hit = story.hit
    warned = sum(row.warned for row in hit)
    if hit:
        tone = "good" if warned == len(hit) else "threat"
        shown.append(Figure(f"{warned} of {len(hit)}", "zones in danger warned", "alarm", tone))
        shown.append(
            Figure(seconds(median([row.warning_s or 0.0 for row in hit])), "warning, median", "clock")
        )
        exposed = sum(row.population for row in hit)
        if exposed:
            shown.append(Figure(people(exposed), "people in those zones", "people"))
    return shown
