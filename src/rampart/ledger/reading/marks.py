"""A sentence with its numbers and days marked, and what the rules find in it."""

import re
from dataclasses import dataclass
from datetime import date

from rampart.ledger.reading.dates import Day, mark_days
from rampart.ledger.reading.quantities import Quantity, mark_quantities
from rampart.ledger.reading.sentences import Sentence

_MARK = re.compile(r"‹([qdo])(\d+)›")


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence whose text holds ‹q0›, ‹d0› and ‹o0› where numbers, days and ordinals stood."""

    sentence: Sentence
    text: str
    quantities: list[Quantity]
    days: list[Day]
    ordinals: list[int]

    def plain(self, passage: str) -> str:
        """Return a passage of the marked text as it read before."""
        return _MARK.sub(self._words, passage)

    def _words(self, match: re.Match) -> str:
        index = int(match.group(2))
        if match.group(1) == "q":
            return self.quantities[index].words
        if match.group(1) == "d":
            return self.days[index].words
        return f"{self.ordinals[index]}."


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at a place in the marked text; `value` is a Quantity or words.

    `incident` stands where the rule itself knows that other attacks are meant ("earlier attacks").
    """

    what: str
    value: Quantity | Day | str
    at: int
    rule: str
    place: str | None = None
    since: str | None = None
    speaker: str | None = None
    of: str | None = None
    incident: str | None = None


def mark(sentence: Sentence, published: date | None, previous: date | None) -> Marked:
    """Return a sentence with its days marked first, then its numbers."""
    text, days = mark_days(sentence.text, published, previous)
    text, quantities, ordinals = mark_quantities(text)
    return Marked(sentence, text, quantities, days, ordinals)
