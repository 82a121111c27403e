"""Days as people write them, "late on Tuesday" or "17/11/2020", placed in the calendar by the day of publication."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.parser import ParserError, parse
from dateutil.relativedelta import relativedelta, weekday

from rampart.ledger.reading.quantities import read_number
from rampart.ledger.reading.words import either

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_DAY_NUMBER = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_WEEKDAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_SMALL = either("two three four five six seven eight nine ten \\d{1,2}")
_NAMED = rf"(?:{_WEEKDAY}(?:\s(?:night|morning|evening|afternoon))?,?\s(?:the\s|on\s)?\(?)?"
_PATTERNS = {
    "iso": rf"{_NAMED}{_YEAR}-(?:0\d|1[0-2])-[0-3]\d",
    "slashed": rf"{_NAMED}(?:\d{{1,2}}[/.]\d{{1,2}}[/.]{_YEAR})",
    "month_first": rf"{_NAMED}{_MONTH}\s{_DAY_NUMBER}(?:,?\s{_YEAR})?(?!\d)",
    "day_first": rf"{_NAMED}{_DAY_NUMBER}\s(?:of\s)?{_MONTH}(?:,?\s{_YEAR})?(?!\d)",
    "month_only": rf"(?:(?:late|early|mid|the\send\sof|the\sbeginning\sof)"
    rf"[\s-])?(?:last\s)?{_MONTH}(?:\s(?:of\s)?{_YEAR})?",
    "two_days": rf"(?:overnight|the\snight|night)?\s?(?:from\s|between\s)?{_WEEKDAY}(?:\snight)?(?:\s(?:to|"
    rf"and|into)\s|-){_WEEKDAY}",
    "weekday": rf"(?:last\s|this\s)?{_WEEKDAY}(?!'s(?!\s(?:\w+\s)?(?:attack|shelling|strike|bombardment|"
    rf"barrage|salvo|bombing|blast)))",
    "anniversary": r"(?:one|a|two|three|five|ten)\syears?\sago\s(?:today|tonight|this\sday)",
    "before_yesterday": r"(?:the\s)?day\sbefore\syesterday",
    "yesterday": r"yesterday|last\s(?:night|evening)",
    "today": r"today|tonight|this\s(?:morning|evening|afternoon)",
    "ago": rf"{_SMALL}\sdays\sago",
    "later": rf"(?:{_SMALL}\sdays|(?:a|one)\sday|the\sday|the\snext\sday|the\sfollowing\sday)"
    rf"\s?(?P<way>later|earlier|after\sthat|before\sthat|before(?=,))?",
    "vague": r"last\s(?:week|month|year)|earlier\sthis\s(?:week|month|year)|(?:hours|weeks|months|days)"
    r"\s(?:earlier|before)|"
    r"(?:a|one|two|three)\s(?:weeks?|months?)\s(?:ago|earlier|before)|the\sprevious\s(?:day|week|month)",
    "year": rf"(?<=[Ii]n\s){_YEAR}|(?<=[Ss]ince\s){_YEAR}",
}
_DATE = re.compile(
    r"(?<![\w/])(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items())
    + r")(?![\w])",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    rf"^(?:\W*(?:published|updated|posted|date)\W{{0,3}}|"
    rf"[A-Z][A-Z .,/'-]{{2,40}}[,-]?\s?)?\(?({_DAY_NUMBER}\s{_MONTH},?\s{_YEAR}|"
    rf"{_MONTH}\s{_DAY_NUMBER},?\s{_YEAR}|{_YEAR}-\d\d-\d\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was written and what it is: ISO text, the two ends of a night, or words that cannot be placed."""

    words: str
    value: str | tuple[str, str] | None
    exact: date | None
    kind: str


def mark_days(text: str, published: date | None, previous: date | None) -> tuple[str, list[Day]]:
    """Return the text with ‹d0› for each day, and these in order; `previous` is the attack told of last."""
    found: list[Day] = []

    def mark(match: re.Match) -> str:
        day = _day(match, published, previous)
        if day is None:
            return match.group(0)
        found.append(day)
        previous_day = day.exact
        return f"‹d{len(found) - 1}›" if previous_day or day.value or day.kind == "vague" else match.group(0)

    return _DATE.sub(mark, text), found


def dateline(opening: list[str]) -> date | None:
    """Return the day of publication that the first lines of an article give in full, None where they give none."""
    for line in opening:
        match = _DATELINE.search(line)
        if match and (placed := _parsed(match.group(1))):
            return placed
    return None


def _day(match: re.Match, published: date | None, previous: date | None) -> Day | None:
    kind = match.lastgroup if match.lastgroup != "way" else "later"
    words = match.group(0).strip()
    return _READERS[kind or "vague"](words, published, previous)


def _placed(words: str, placed: date | None) -> Day:
    return Day(words, placed.isoformat() if placed else words, placed, "day")


def _calendar(words: str, published: date | None, previous: date | None) -> Day | None:
    """Read a day of a month, in the last year before publication where none is given."""
    placed = _parsed(words)
    if not re.search(_YEAR, words):
        if _parsed(f"{words} 2020") is None:
            return None
        placed = _latest(lambda year: _parsed(f"{words} {year}"), published)
    elif placed is None:
        return None
    return _placed(words, placed)


def _parsed(words: str) -> date | None:
    """Return the day that words with a year give, day before month; None where there is no such day."""
    if not re.search(_YEAR, words):
        return None
    iso = re.search(r"\d{4}-\d\d-", words) is not None
    words = re.sub(rf"(?i)^{_NAMED}", "", words)
    plain = re.sub(r"\b(\d{1,2})(?:st|nd|rd|th)\b", r"\1", words.replace(" of ", " "))
    try:
        return parse(plain, dayfirst=not iso, yearfirst=iso, default=datetime(2000, 1, 1)).date()
    except (ParserError, ValueError, OverflowError):
        return None


def _latest(make: Callable[[int], date | None], published: date | None) -> date | None:
    """Return the latest such day that is not after publication."""
    if published is None:
        return None
    for year in (published.year, published.year - 1):
        placed = make(year)
        if placed and placed <= published + timedelta(days=1):
            return placed
    return None


def _month(words: str, published: date | None, previous: date | None) -> Day | None:
    name = re.search(_MONTH, words, re.IGNORECASE)
    if name is None or words == "may" or (words == "May" and published is None) or words in ("march", "mar"):
        return None
    month = next(
        n for n, full in enumerate(_MONTHS, 1) if full.startswith(name.group(0).lower().rstrip(".")[:3])
    )
    year = re.search(_YEAR, words)
    if year:
        return Day(words, f"{year.group(0)}-{month:02d}", None, "month")
    placed = _latest(lambda year: date(year, month, 1), published)
    return Day(words, f"{placed.year}-{month:02d}" if placed else words, None, "month")


def _weekday(words: str, published: date | None, previous: date | None) -> Day | None:
    """Read a weekday as the last one up to publication."""
    if published is None:
        return _placed(words, None)
    placed = published + relativedelta(weekday=weekday(_weekday_number(words.split()[-1]))(-1))
    if placed == published and words.lower().startswith("last"):
        placed -= timedelta(days=7)
    return _placed(words, placed)


def _weekday_number(name: str) -> int:
    return _WEEKDAYS.index(name.lower())


def _night(words: str, published: date | None, previous: date | None) -> Day | None:
    """Read a night between two weekdays."""
    names = re.findall(_WEEKDAY, words, re.IGNORECASE)
    first, last = (_weekday_number(name) for name in names[:2])
    if (last - first) % 7 != 1:
        return None
    if published is None:
        return Day(words, words, None, "day")
    after = published + relativedelta(weekday=weekday(last)(-1))
    before = after - timedelta(days=1)
    return Day(words, (before.isoformat(), after.isoformat()), before, "night")


def _anniversary(words: str, published: date | None, previous: date | None) -> Day | None:
    count = 1 if words.lower().startswith("a ") else read_number(words.split()[0])
    return _placed(words, published - relativedelta(years=count) if published and count else None)


def _ago(words: str, published: date | None, previous: date | None) -> Day | None:
    count = read_number(words.split()[0])
    return _placed(words, published - timedelta(days=count) if published and count else None)


def _later(words: str, published: date | None, previous: date | None) -> Day | None:
    """Read "three days later", counted from the attack told of before."""
    way = re.search(r"(later|earlier|after|before|next|following)", words.lower())
    if way is None:
        return None
    count = read_number(words.split()[0]) if words.lower().split()[0] not in ("a", "the") else 1
    sign = -1 if way.group(1) in ("earlier", "before") else 1
    if previous is None or not count:
        return Day(words, None, None, "vague")
    return _placed(words, previous + sign * timedelta(days=count))


def _from_published(days: int) -> Callable[[str, date | None, date | None], Day | None]:
    def read(words: str, published: date | None, previous: date | None) -> Day | None:
        return _placed(words, published - timedelta(days=days) if published else None)

    return read


def _vague(words: str, published: date | None, previous: date | None) -> Day | None:
    return Day(words, None, None, "vague")


def _year(words: str, published: date | None, previous: date | None) -> Day | None:
    return Day(words, words, None, "year")


_READERS: dict[str, Callable[[str, date | None, date | None], Day | None]] = {
    "iso": _calendar,
    "slashed": _calendar,
    "month_first": _calendar,
    "day_first": _calendar,
    "month_only": _month,
    "two_days": _night,
    "weekday": _weekday,
    "before_yesterday": _from_published(2),
    "yesterday": _from_published(1),
    "today": _from_published(0),
    "anniversary": _anniversary,
    "ago": _ago,
    "later": _later,
    "vague": _vague,
    "year": _year,
}
