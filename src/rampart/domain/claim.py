"""What a claim says: in words, and the numbers that its figure leaves open."""

import math
from typing import NamedTuple

from rampart.domain.incident import Claim

AGREE, CONTRADICT, UNSEEN = "agree", "contradict", "not observable"
VERDICT_WORDS = {AGREE: "agrees", CONTRADICT: "contradicts", UNSEEN: "not observable"}

WHAT_WORDS = {
    "projectiles_total": "fired",
    "projectiles_in_place": "fell",
    "killed": "killed",
    "injured": "injured",
    "launch_place": "launched from",
    "attack_date": "date",
    "weapon": "weapon",
    "defence_used": "defence used",
    "intercepted": "intercepted",
    "responsibility_claimed_by": "claimed by",
    "responsibility_denied_by": "denied by",
    "responsibility_attributed_to": "attributed to",
    "confirmed_by": "confirmed by",
    "declined_to_comment_by": "no comment from",
    "running_total": "attacks so far",
}
QUALIFIER_WORDS = {
    "at_least": "at least",
    "at_most": "at most",
    "nearly": "nearly",
    "about": "about",
    "between": "between",
}
ABOUT = 0.15
"""How far a figure may lie from one that is given as "about" or "nearly" it."""


class Range(NamedTuple):
    """The figures that a claim leaves open, from `low` to `high`; a `soft` one has no sharp ends."""

    low: float
    high: float
    soft: bool = False

    def holds(self, figure: float) -> bool:
        """Return whether a figure lies within."""
        return self.low <= figure <= self.high

    def meets(self, other: "Range") -> bool:
        """Return whether one figure can satisfy both."""
        return self.low <= other.high and other.low <= self.high


def numbers_of(value: object) -> list[float]:
    """Return the numbers of a claim's value: one, the two ends of a range, or none."""
    if isinstance(value, bool):
        return []
    if isinstance(value, int | float):
        return [float(value)]
    if isinstance(value, list | tuple):
        return [number for part in value for number in numbers_of(part)]
    return []


def range_of(claim: Claim) -> Range | None:
    """Return the figures that a claim leaves open; None where it gives no figure."""
    value = numbers_of(claim.value)
    if not value:
        return None
    slack = max(1.0, ABOUT * value[0])
    return {
        "at_least": Range(value[0], math.inf),
        "at_most": Range(0.0, value[0]),
        "nearly": Range(value[0] - slack, value[0], True),
        "about": Range(value[0] - slack, value[0] + slack, True),
        "between": Range(min(value), max(value)),
    }.get(claim.qualifier or "exact", Range(value[0], value[0]))


def claim_words(claim: Claim) -> str:
    """Return a claim as a person would say it."""
    value = numbers_of(claim.value)
    how = QUALIFIER_WORDS.get(claim.qualifier or "", "")
    if claim.qualifier == "between" and len(value) == 2:
        told = f"between {value[0]:g} and {value[1]:g}"
    else:
        told = f"{how} {claim.value}".strip()
    what = WHAT_WORDS.get(claim.what, claim.what.replace("_", " "))
    if claim.what in ("projectiles_total", "projectiles_in_place", "killed", "injured"):
        words = f"{told} {what}" + (f" ({claim.of})" if claim.of else "")
    elif claim.what == "intercepted":
        words = f"{told} intercepted"
    else:
        words = f"{what}: {told}"
    where = f", {claim.place}" if claim.place and claim.what != "launch_place" else ""
    return words + where + (f", since {claim.since}" if claim.since else "")
