"""What a claimed figure says: the numbers that it leaves open, and how sure its wording is."""

import math
from typing import NamedTuple

from rampart.domain.incident import Claim

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
