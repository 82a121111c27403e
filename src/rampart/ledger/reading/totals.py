"""Running totals: "nearly 90 attacks since October 2019", "the third in a week"."""

import re
from collections.abc import Iterator

from rampart.ledger.reading.marks import Finding, Marked
from rampart.ledger.reading.quantities import Quantity
from rampart.ledger.reading.words import ADJECTIVE, ATTACK_NOUN, ORDINAL, Q

_ATTACKS = (
    rf"(?:\s(?:separate\s)?(?!people|were|was){ADJECTIVE}){{0,3}}?\s{ATTACK_NOUN}"
    rf"(?:\s(?:and|or)\s(?:{ADJECTIVE}\s){{0,2}}?{ATTACK_NOUN})?\b"
)
_PERIOD = (
    r"(?P<period>since\s(?:late\s|early\s|the\s(?:start|beginning)\sof\s)?(?:‹d\d+›|[^,;.]{3,40})|"
    r"(?:in|within|over|during)\s(?:the\s(?:past|last|space\sof)\s|less\sthan\s|just\s|under\s|as\smany\s|"
    r"about\s)?(?:an?\s|‹q\d+›\s)(?:\w+\s)?(?:hours?|days?|weeks?|months?|years?|fortnight)|"
    r"in\s(?:\w+\s)?(?:hours|days|weeks|months)|"
    r"this\s(?:week|month|year)|in\sthe\s(?:past|last)\s(?:\w+\s)?(?:week|month|year|fortnight)|"
    r"so\sfar\sthis\s(?:week|month|year))"
)
_SINCE_AHEAD = re.compile(r"\b(?P<period>since\s(?:late\s|early\s|mid-)?‹d\d+›)", re.IGNORECASE)
_PERIOD_ANYWHERE = re.compile(_PERIOD, re.IGNORECASE)
_COUNTED = re.compile(rf"{Q}{_ATTACKS}", re.IGNORECASE)
_NUMBERED = re.compile(
    rf"\b(?:attacks|incidents|strikes)\b[^.;]{{0,60}}?\b(?:numbered|number|totalled|reached|counted|to)"
    rf"\s{Q}(?!\s[a-z]*(?:rockets|people|dead))",
    re.IGNORECASE,
)
_BRINGS = re.compile(
    rf"\bbring(?:s|ing)?\s(?:to\s{Q}\sthe\s(?:total\s)?number\sof|the\s(?:total\s)?(?:number|tally|total)"
    rf"\s(?:of\s[^.;]{{3,60}}?\s)?to\s‹q(?P<second>\d+)›)",
    re.IGNORECASE,
)
_NTH = re.compile(
    rf"(?:^\W*|,\s|\b(?:the|its|their|in|for\sthe|an?)\s){ORDINAL}(?:\stime\b|(?:\s(?:such|{ADJECTIVE})"
    rf"){{0,3}}?(?:\s{ATTACK_NOUN})?(?!\w))",
    re.IGNORECASE,
)
_LAST_YEAR = re.compile(r"\b(?:last\syear|previous\syear|a\syear\s(?:ago|earlier|before))\b", re.IGNORECASE)
_ABOUT_ATTACKS = re.compile(rf"\b(?:{ATTACK_NOUN}|rockets?|targeted|hit|struck|attacked)\b", re.IGNORECASE)
_NOT_COUNTS = re.compile(
    r"\b(?:people|killed|wounded|injured|soldiers|troops|rockets|missiles)\b\s*$", re.IGNORECASE
)


def total_findings(marked: Marked) -> Iterator[Finding]:
    """Yield running totals with what they are counted from."""
    text = marked.text
    if not _ABOUT_ATTACKS.search(text) or any(
        "year" in day.words and day.kind == "vague" for day in marked.days
    ):
        return
    if _LAST_YEAR.search(text):
        return
    period = _SINCE_AHEAD.search(text) or _PERIOD_ANYWHERE.search(text)
    for match in _COUNTED.finditer(text):
        if period and not _inside(period, match.start()) and not _single(marked, match.group(1)):
            yield _finding(
                marked, marked.quantities[int(match.group(1))], match.start(), period, "attacks so far"
            )
    for match in _NUMBERED.finditer(text):
        if period:
            yield _finding(
                marked, marked.quantities[int(match.group(1))], match.start(), period, "attacks so far"
            )
    for match in _BRINGS.finditer(text):
        if period:
            mark = match["q"] or match["second"]
            yield _finding(marked, marked.quantities[int(mark)], match.start(), period, "attacks so far")
    for match in _NTH.finditer(text):
        after = _PERIOD_ANYWHERE.search(text, match.end())
        if after and marked.ordinals[int(match.group(1))] > 1:
            quantity = Quantity(marked.ordinals[int(match.group(1))], "exact", marked.plain(match.group(0)))
            yield _finding(marked, quantity, match.start(), after, "the so-manieth attack")


def _single(marked: Marked, mark: str) -> bool:
    return marked.quantities[int(mark)].value == 1


def _inside(period: re.Match, at: int) -> bool:
    """Return whether a number belongs to the period itself: the six of "in six weeks"."""
    return period.start() <= at < period.end() and not re.match(r"(?i)since", period.group(0))


def _finding(marked: Marked, quantity: Quantity, at: int, period: re.Match, rule: str) -> Finding:
    return Finding("running_total", quantity, at, rule, since=_since(marked, period["period"]))


def _since(marked: Marked, words: str) -> str:
    """Return from when, as a day or a month where the article gives one, else in its words."""
    day = re.search(r"‹d(\d+)›", words)
    if day:
        found = marked.days[int(day.group(1))]
        return found.value if isinstance(found.value, str) else found.words
    plain = marked.plain(words)
    return re.sub(
        r"(?i)^(?:since|in|within|over|during|less\sthan|just)\s(?:the\s(?:past|last)\s)?(?:less\sthan\s)?",
        "",
        plain,
    ).strip()
