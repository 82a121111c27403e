"""What the interceptors of a simulated run did, in figures: an account that closes, and what it was wrong about."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rampart.domain.site import Site
from rampart.evaluate.projectile import short_name
from rampart.evaluate.story import Story
from rampart.evaluate.words import FATE_WORDS, plural

IGNORED, INTERCEPTED, MISSED = "ignored", "intercepted", "missed"
TRUTH_WORDS = {"ground": "came down", "airburst": "burst by itself", "intercepted": "intercepted"}


def outcome_of(projectile: Mapping[str, Any]) -> str:
    """Return what became of one projectile of truth.json: ignored, intercepted, or engaged and missed."""
    if projectile["fate"] == "intercepted":
        return INTERCEPTED
    return MISSED if projectile.get("engagements") else IGNORED


def interception_of(truth: Mapping[str, Any], site: Site) -> dict[str, Any] | None:
    """Return the account of a truth.json: entered = ignored + intercepted + missed; None without interceptors.

    `endangering`: would come down within the danger radius of a protected zone. `wrongly_ignored`: those that did
    come down and were never engaged, by the reason in `why_ignored`; `wrongly_engaged`: engaged although they
    endangered no protected zone. `leakers` came down there, engaged or not.
    """
    if "interceptors" not in truth:
        return None
    account = leak_account(truth, site)
    shots = [each for p in truth["projectiles"] for each in p.get("engagements", [])]
    idle = truth["engagements_at_nothing"]
    by_interceptor: Counter[str] = Counter(each["interceptor"] for each in (*shots, *idle))
    stops: Counter[str] = Counter(each["interceptor"] for each in shots if each["stopped"])
    return account | {
        "shots": len(shots) + len(idle),
        "shots_at_nothing": len(idle),
        "interceptors": [
            {**one, "shots": by_interceptor[one["id"]], "stopped": stops[one["id"]]}
            for one in truth["interceptors"]
        ],
    }


def leak_account(truth: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """Return who entered and what became of each; without interceptors all are ignored."""
    protected = {zone.id for zone in site.zones if zone.kind == "protected"}
    outcomes: Counter[str] = Counter()
    why: Counter[str] = Counter()
    endangering = leakers = wrongly_engaged = 0
    for each in truth["projectiles"]:
        outcome = outcome_of(each)
        outcomes[outcome] += 1
        danger = bool(protected & set(each["zones_endangered"]))
        endangering += danger
        came_down = danger and each["fate"] == "ground"
        leakers += came_down
        wrongly_engaged += outcome != IGNORED and not danger
        if came_down and outcome == IGNORED:
            why[each.get("left_alone", "") or "no interceptor"] += 1
    return {
        "entered": len(truth["projectiles"]),
        "ignored": outcomes[IGNORED],
        "intercepted": outcomes[INTERCEPTED],
        "missed": outcomes[MISSED],
        "endangering": endangering,
        "leakers": leakers,
        "wrongly_ignored": sum(why.values()),
        "wrongly_engaged": wrongly_engaged,
        "why_ignored": dict(sorted(why.items())),
    }


@dataclass(frozen=True, slots=True)
class InterceptionRow:
    """One projectile of the simulation for a person: what it was bound for, what was tried, what became of it,
    and what the engine, which is told nothing of interceptors, made of it.
    """

    number: int | None
    id: str
    weapon: str
    bound_for: str
    endangering: bool
    engagements: tuple[Mapping[str, Any], ...]
    outcome: str
    truth_words: str
    sensed_words: str
    verdict: str
    ended_in_air: bool
    debris: Mapping[str, Any] | None


def rows_of(truth: Mapping[str, Any], story: Story) -> list[InterceptionRow]:
    """Return a row for each projectile of a truth.json, in order of launch."""
    sensed = {row.truth.id: row for row in story.projectiles if row.truth}
    zones = story.zone_by_id
    rows = []
    for each in truth["projectiles"]:
        outcome = outcome_of(each)
        protected = [
            zones[z] for z in each["zones_endangered"] if z in zones and zones[z].kind == "protected"
        ]
        names = [short_name(zones[z].name) for z in each["zones_endangered"] if z in zones]
        seen = sensed.get(each["id"])
        rows.append(
            InterceptionRow(
                number=seen.number if seen else None,
                id=each["id"],
                weapon=each["weapon"],
                bound_for=", ".join(names) or "no zone",
                endangering=bool(protected),
                engagements=tuple(each.get("engagements", ())),
                outcome=outcome,
                truth_words=TRUTH_WORDS[each["fate"]],
                sensed_words=FATE_WORDS.get(seen.fate, seen.fate) if seen else "not tracked",
                verdict=_verdict(outcome, bool(protected), each),
                ended_in_air=seen is not None and seen.fate in ("airburst", "intercepted"),
                debris=each.get("debris"),
            )
        )
    return rows


def _verdict(outcome: str, danger: bool, projectile: Mapping[str, Any]) -> str:
    """Return what is to be said of the decision."""
    if outcome == IGNORED:
        if danger and projectile["fate"] == "ground":
            return f"wrongly ignored: {projectile.get('left_alone') or 'no interceptor'}"
        return "left alone, rightly" if not danger else "left alone, and it burst"
    told = "intercepted" if outcome == INTERCEPTED else "engaged, missed"
    return told if danger else f"{told}; it endangered no protected zone"


def account_words(account: Mapping[str, Any]) -> str:
    """Return the account in one sentence."""
    told = (
        f"{account['entered']} entered: {account['ignored']} ignored, {account['intercepted']} intercepted,"
        f" {account['missed']} engaged and missed, with {plural(account['shots'], 'engagement')}"
    )
    wrong = [
        f"{account[key]} {key.replace('_', ' ')}"
        for key in ("wrongly_ignored", "wrongly_engaged")
        if account[key]
    ]
    if account["shots_at_nothing"]:
        wrong.append(f"{plural(account['shots_at_nothing'], 'engagement')} of nothing")
    leaked = (
        f"{account['leakers']} of {account['endangering']} that endangered a protected zone came down there"
    )
    return f"{told}. {leaked}; {', '.join(wrong) if wrong else 'none wrongly ignored or engaged'}."
