"""Numbers as people write them, with their hedges: "at least three", "nearly 90", "between 8 and 10"."""

import re
from dataclasses import dataclass, replace

from text_to_num import alpha2digit, text2num

from rampart.ledger.reading.words import ADJECTIVE, PEOPLE, PROJECTILE, either

_WORD = either(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen "
    "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand"
)
_WRITTEN = rf"(?:(?:a\s)?{_WORD}(?:(?:-|\s|\sand\s(?=(?:\w+[\s-])?\w+))(?:{_WORD})\b){{0,6}})"
_DOZEN = r"(?:half\sa\sdozen|(?:(?:a|one|two|three|four|five|six)\s)?dozen)"
_PAIR = r"(?:a\s(?:pair|couple)\sof)"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,7})"
_NUMBER = rf"(?:{_DOZEN}|{_PAIR}|{_WRITTEN}|{_DIGITS})"
_HEDGES = {
    "at_least": r"at\sleast|at\sthe\svery\sleast|no\sfewer\sthan|no\sless\sthan|not\sless\sthan|"
    r"a\sminimum\sof|more\sthan|over|upwards\sof|"
    r"in\sexcess\sof|exceeding",
    "at_most": r"at\smost|up\sto|as\smany\sas|no\smore\sthan|not\smore\sthan|fewer\sthan|less\sthan|under|"
    r"a\smaximum\sof",
    "nearly": r"nearly|almost|close\sto|just\sunder|approaching|not\squite",
    "about": r"about|around|some|roughly|approximately|approx\.?|an\sestimated|circa|perhaps|~",
    "exact": r"exactly|precisely|only|just",
}
_HEDGE = "|".join(f"(?P<{name}>{words})" for name, words in _HEDGES.items())
_QUANTITY = re.compile(
    rf"(?<![\w$€£+#/:.,-])(?:(?:{_HEDGE})\s)?(?:some\s|the\s(?=\d))?"
    rf"(?:between\s(?P<low>{_NUMBER})\s(?:and|to)\s(?P<high>{_NUMBER})|"
    rf"(?P<first>{_DIGITS})-(?P<last>{_DIGITS})|(?P<from>{_NUMBER})\s(?:to|or)\s(?P<to>{_NUMBER})|"
    rf"\((?P<shut>{_NUMBER})\)|(?P<one>{_NUMBER}))"
    r"(?![\w%°/]|[.:,]\d|-[a-z]|\s(?:per\scent|percent|million|billion|times|mm\b|millimet|km\b|kilomet|"
    r"met(?:er|re)s?\b|m\b|miles?\b|feet\b|kg\b|dollars|dinars|a\.?m\b|p\.?m\b|o'clock))",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"\+\d[\d -]{6,20}\d")
_AGE = re.compile(r"(?<=[a-z]),\s(?:aged\s)?‹q\d+›,\s(?=(?:and|was|were|who|died|of|had|in|from|his|her)\b)")
_AFTERWARDS = re.compile(
    r"‹q(\d+)›(?:\s[A-Za-z]+)?,?\s(or\smore|at\sleast|approximately|or\sso|or\sthereabouts|at\smost|"
    r"or\sfewer)\b",
    re.IGNORECASE,
)
_AFTER = {"or more": "at_least", "at least": "at_least", "at most": "at_most", "or fewer": "at_most"}
_SINGLE = re.compile(
    rf"(?<![\w-])(?P<another>another|an?|the(?=\s‹o\d+›)|(?:her|his)(?=\s(?:mother|father|wife|husband|son|"
    rf"daughter|brother|sister|grandmother|grandfather|uncle|aunt|cousin|nephew|niece)\b))"
    rf"(?=\s‹o\d+›\s(?:near|in\sthe\s(?:vicinity|area|surroundings|garden|yard)|at\sthe|outside|inside|"
    rf"did\snot)\b|(?:\s‹o\d+›)?\s(?:one|was|were|had|hit|struck|landed|fell|exploded|"
    rf"crashed|came|which|also)\b|(?:\s(?:second|third|further|single|‹o\d+›))?"
    rf"(?:\s{ADJECTIVE}){{0,3}}\s(?:{PROJECTILE}|{PEOPLE})(?!\w|'))",
    re.IGNORECASE,
)
_BOTH = re.compile(
    rf"(?<![\w-])both(?=\s(?:of\s(?:them|the)|{PROJECTILE}|landed|fell|hit|exploded|came))", re.IGNORECASE
)
_NONE = re.compile(
    rf"(?<![\w-])(?:(?P<none>none)(?=\sof)|no(?=(?:\s[a-z]+)?\s{PROJECTILE}(?!\w)))", re.IGNORECASE
)
_NOT_A_NUMBER = re.compile(r"\b(?:no|every|any|each|another|this|the)\s$")
_ORDINAL = re.compile(
    r"(?<![\w-])(?:(?P<digits>\d{1,4})(?:st|nd|rd|th)|(?P<word>(?:twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety)?-?"
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|"
    r"fourteenth|fifteenth|"
    r"sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)))(?![\w-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that was said: a whole number, or the two ends of a range, with its hedge."""

    value: int | tuple[int, int]
    qualifier: str
    words: str

    def minus_hedge(self) -> bool:
        """Return whether nothing hedges it."""
        return self.qualifier == "exact"


def mark_quantities(text: str) -> tuple[str, list[Quantity], list[int]]:
    """Return the text with ‹q0› for each number and ‹o0› for each ordinal, and these in order."""
    found: list[Quantity] = []
    ordinals: list[int] = []

    def ordinal(match: re.Match) -> str:
        ordinals.append(_ordinal(match))
        return f"‹o{len(ordinals) - 1}›"

    def keep(quantity: Quantity, match: re.Match) -> str:
        found.append(quantity)
        return f"‹q{len(found) - 1}›"

    def number(match: re.Match) -> str:
        quantity = _quantity(match)
        before = match.string[max(0, match.start() - 8) : match.start()].lower()
        if quantity is None or (_NOT_A_NUMBER.search(before) and quantity.words.lower() == "one"):
            return match.group(0)
        return keep(quantity, match)

    text = _TELEPHONE.sub("-", text)
    text = _ORDINAL.sub(ordinal, text)
    text = _QUANTITY.sub(number, text)
    text = _SINGLE.sub(lambda match: keep(Quantity(1, "exact", match.group(0)), match), text)
    text = _BOTH.sub(lambda match: keep(Quantity(2, "exact", match.group(0)), match), text)
    text = _NONE.sub(lambda match: keep(Quantity(0, "exact", match.group(0)), match), text)
    text = re.sub(r"(‹q\d+›) ‹o\d+›", r"\1", text)
    text = _AGE.sub(" ", text)
    for match in _AFTERWARDS.finditer(text):
        index = int(match.group(1))
        how = _AFTER.get(" ".join(match.group(2).lower().split()), "about")
        if found[index].minus_hedge():
            found[index] = replace(found[index], qualifier=how)
    return text, found, ordinals


def _quantity(match: re.Match) -> Quantity | None:
    """Return the number of a match, None where its words make none."""
    words = match.group(0).strip("() ")
    ends = [(match["low"], match["high"]), (match["from"], match["to"]), (match["first"], match["last"])]
    for low, high in ends:
        if low:
            values = read_number(low), read_number(high)
            if values[0] is None or values[1] is None or values[0] >= values[1]:
                return None
            return Quantity((values[0], values[1]), "between", words)
    value = read_number(match["one"] or match["shut"])
    if value is None:
        return None
    hedge = next((name for name in _HEDGES if match[name]), "exact")
    return Quantity(value, hedge, words)


def read_number(words: str) -> int | None:
    """Return the whole number that digits or words stand for, None where they stand for none."""
    plain = " ".join(words.lower().split())
    if plain[0].isdigit():
        return int(plain.replace(",", ""))
    if plain.startswith(("a pair", "a couple")):
        return 2
    if plain == "half a dozen":
        return 6
    if plain.endswith("dozen"):
        times = plain.removesuffix("dozen").strip()
        return 12 * (text2num(times, "en") if times not in ("", "a") else 1)
    try:
        return text2num(plain.removeprefix("a "), "en")
    except ValueError:
        return None


def _ordinal(match: re.Match) -> int:
    if match["digits"]:
        return int(match["digits"])
    digits = re.match(r"\d+", alpha2digit(match["word"].lower(), "en", 0))
    return int(digits.group(0)) if digits else 0
