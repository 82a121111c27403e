"""Numbers of projectiles, named ("seven rockets") or understood ("four of them"), where they stand in a sentence."""

import re
from dataclasses import dataclass

from rampart.ledger.reading.marks import Marked
from rampart.ledger.reading.quantities import Quantity
from rampart.ledger.reading.words import ANY_Q, FELL, FEW_ADJECTIVES, FIRED, HIT, STOPPED, WARHEADS, Q

_AUXILIARY = (
    r"(?:,?\s(?:were|was|having|had|have|has|been|being|are|is|that|which|also|all|both|each|either|later|"
    r"earlier|"
    r"apparently|reportedly|"
    r"then|simultaneously|successfully|in\stotal|directly|actually|only|just|allegedly|could\sbe\sseen|"
    r"subsequently|said\sto\shave|believed\sto\shave))*"
)
_PARTITIVE = (
    rf"\s(?:out\s)?of\s(?:the\s|these\s|those\s|its\s)?(?:(?:{ANY_Q}|other|remaining)\s)*"
    rf"(?:them|which|these|those|{WARHEADS}|{ANY_Q})"
)
_NAMED = re.compile(
    rf"{Q}\"?(?P<of>\s(?:out\s)?of\s(?:(?:the|these|those|its|their)(?:\s{ANY_Q})?|{ANY_Q})"
    rf")?{FEW_ADJECTIVES}\s(?P<noun>{WARHEADS})\b",
    re.IGNORECASE,
)
_UNNAMED = re.compile(
    rf"{Q}(?P<of>{_PARTITIVE}|\s(?:more|others?|ones?|of\sthem))?(?={_AUXILIARY}\s(?:{FIRED}|{FELL}|{HIT}|"
    rf"{STOPPED})\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A number of projectiles: which, where it stands, and whether it is a part of others ("two of them")."""

    quantity: Quantity
    start: int
    end: int
    part: bool
    noun: str

    @property
    def next_one(self) -> bool:
        """Whether it is "the first" or "another", which is no count of all."""
        return self.quantity.words.lower() in ("the", "another")


def mentions_in(marked: Marked, known: bool) -> list[Mention]:
    """Return the numbers of projectiles in order; `known` says that a bare "four fell" can mean them."""
    found: dict[int, Mention] = {}
    for match in _NAMED.finditer(marked.text):
        quantity = marked.quantities[int(match.group(1))]
        found[match.start()] = Mention(
            quantity, match.start(), match.end(), match["of"] is not None, match["noun"]
        )
    if known:
        for match in _UNNAMED.finditer(marked.text):
            quantity = marked.quantities[int(match.group(1))]
            part = match["of"] is not None and " of " in match["of"]
            found.setdefault(match.start(), Mention(quantity, match.start(), match.end(), part, ""))
    ends = 0
    mentions = []
    for start in sorted(found):
        if start >= ends or found[start].noun:
            mentions.append(found[start])
            ends = found[start].end
    return mentions
