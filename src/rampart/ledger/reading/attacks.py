"""Which attack a part of an article tells of, and the days on which attacks were."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from rampart.ledger.reading.dates import Day
from rampart.ledger.reading.marks import Finding, Marked
from rampart.ledger.reading.words import ATTACK_NOUN, DAY, DEAD, HURT, SAY, WARHEADS

PARTS = re.compile(r";\s|\swhile\s|\swhereas\s|,?\sbut\s", re.IGNORECASE)
_DAY = re.compile(DAY)
_EVENT = re.compile(
    rf"\b(?:{ATTACK_NOUN}|{WARHEADS}|{DEAD}|{HURT}|shell(?:ed|ing)|bomb\w*|explo\w+|struck|hit|fired|"
    rf"launched|landed|fell|attacked|targeted|"
    rf"detonated|drones?|engagement|under\s(?:rocket\s)?fire|fire|sirens)\b",
    re.IGNORECASE,
)
_BEFORE_NO_DAY = re.compile(
    r"\bsince\b[^,;.]{0,50}$|\b(?:since|by|until|till|to|before|after|from|for|dated|statement\sof|interview|"
    r"through|starting|born|"
    r"signed\sin|next|following|between|expir\w+|truce\sof|"
    r"killing\sof\s\w+\s\w+\son|release\s\w+)\s(?:(?:late|early|mid|the|on|at)[\s-])*$",
    re.IGNORECASE,
)
_SAID = re.compile(
    rf"\b(?:{SAY}|statement|press\sconference|visited|met|arrived|called|condemned|vowed|ordered|travel\w*|"
    rf"posted|published|interview\w*|began|deliver\w*|approved|voted)\b",
    re.IGNORECASE,
)
_SAID_AFTER = re.compile(
    rf"^(?:\s(?:night|evening|morning|afternoon))?,?\s(?:(?:also|again|it\shad|that)\s)*{SAY}\b",
    re.IGNORECASE,
)
_DEED = re.compile(
    rf"\b(?:{WARHEADS}|{ATTACK_NOUN}|fired|launched|landed|fell|hit|struck|explo\w+|detonated|targeted|"
    rf"attacked|shelled|killed|wounded|injured|bombing|carried\sout|impacted|came\sdown|died|dead|"
    r"crashed|happened|occurred|took\splace|engagement|drones?|sirens?|shelling|bombardment)\b",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:will|would|plans?\sto|due\sto|is\sto|scheduled|expected\sto|elections?|summit|talks|anniversary|"
    r"deadline|withdraw\w*|reduc\w+)\b",
    re.IGNORECASE,
)
_SEPARATE = re.compile(
    r"\b(?:separate(?:ly)?|another\s(?:attack|incident|base|rocket)|similar\s(?:\w+\s)?attack|"
    r"previous\s(?:\w+\s)?attacks?|an\searlier\s(?:\w+\s)?attack|in\sanother|second\sattack|"
    r"also\scame\sunder|"
    r"in\sa\sdifferent|meanwhile,?\sin|the\slast\ssuch\sattack|that\sattack\sfollowed)\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(
    r"\b(?:second|another|separate|similar|also|again|earlier|previous|later)\b", re.IGNORECASE
)
_NAMELESS = re.compile(r"^(?:to|yester|this|last|the|\w+\sdays)", re.IGNORECASE)
_LATER_DEATH = re.compile(
    r"\b(?:died\s(?:\w+\s)?in\s(?:\w+\s)?hospital|succumbed|died\sof|buried|funeral)\b[^;.]*$", re.IGNORECASE
)
_STRIKES = re.compile(r"\b(?:air|drone)\s?strikes?\b", re.IGNORECASE)
_ROCKETS = re.compile(WARHEADS)
_NO_ATTACK = re.compile(
    r"\bno\s(?:\w+\s)?(?:attacks?|rockets?|incidents?|shelling|strikes?)\b", re.IGNORECASE
)
_DATELINE = re.compile(
    r"^\W*[A-Z][A-Z .'/-]{2,30}(?:,\s[A-Z][\w .'-]{2,25}){0,2}(?:\([^()]{2,30}\))?,?\s‹d\d+›"
    r"(?=[^A-Za-z]{0,4}(?:\([^()]{2,30}\))?[^A-Za-z]{0,4}(?:[-:.]|$)|\s[A-Z\"‹])"
)
_GOES_ON = re.compile(
    r"^\W*(?:it|they|that\sattack|those|these|the\srockets|the\sdrones?|the\smissiles|one\sof\sthem|he|she|"
    r"no\sone\swas)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Attack:
    """One attack of an article: its number there, and its day once that is known."""

    number: int
    day: str | None = None
    exact: date | None = None


@dataclass(slots=True)
class Attacks:
    """The attacks of an article so far, and which is being told of."""

    told: list[Attack] = field(default_factory=lambda: [Attack(1)])
    current: int = 0
    paragraph: int = -1
    sentences: int = 0
    begun: bool = False

    @property
    def last_exact(self) -> date | None:
        """The day from which "three days later" counts."""
        return self.told[self.current].exact

    def place(self, marked: Marked, part: str, days: list[Day], findings: list[Finding]) -> Attack:
        """Return which attack a part of a sentence tells of, a new one where its day or words say so."""
        new_paragraph = marked.sentence.paragraph != self.paragraph
        if new_paragraph and not _GOES_ON.match(part):
            self.current = 0
        self.paragraph = marked.sentence.paragraph
        deeds = [finding for finding in findings if finding.what != "running_total"]
        day = next((day for day in days if day.kind in ("day", "night", "month")), None)
        if day is not None:
            self._on(day, part)
        elif deeds and self.begun and (_SEPARATE.search(part) or self._vague(marked, part, deeds)):
            self._begin(None)
        if deeds or days:
            self.begun = True
        return self.told[self.current]

    def another(self) -> Attack:
        """Return a new attack that only this part tells of: "days after an attack that killed three"."""
        self.told.append(Attack(len(self.told) + 1))
        return self.told[-1]

    def _on(self, day: Day, part: str) -> None:
        value = str(day.value)
        for index, attack in enumerate(self.told):
            if attack.day == value and not _SEPARATE.search(part):
                self.current = index
                return
        main = self.told[0]
        undated = main.day is None and day.kind != "month" and (self.paragraph < 4 or not self.begun)
        if undated and not (self.begun and _AGAIN.search(part)):
            main.day, main.exact, self.current = value, day.exact, 0
            return
        leads = part.lstrip(' "').startswith(
            ("On ‹d", "‹d", "Late ‹d", "Early ‹d", "Late on ‹d", "Early on ‹d", "In ‹d")
        )
        listed = re.match(r"‹q\d+›\.\s|[-*•]\s", part) is not None
        near = not listed and main.exact and day.exact and abs(main.exact - day.exact) <= timedelta(days=1)
        if near and not leads and not _AGAIN.search(part):
            self.current = 0
            return
        self._begin(day)

    def _begin(self, day: Day | None) -> None:
        value = None if day is None else str(day.value)
        if not self.begun:
            self.told[0].day, self.told[0].exact = value, day.exact if day else None
            return
        self.told.append(Attack(len(self.told) + 1, value, day.exact if day else None))
        self.current = len(self.told) - 1

    def _vague(self, marked: Marked, part: str, deeds: list[Finding]) -> bool:
        """Return whether "last week" and the like date the deeds of a part."""
        numbers = {"projectiles_total", "projectiles_in_place", "killed", "injured", "intercepted"}
        return any(finding.what in numbers for finding in deeds) and any(
            marked.days[int(match.group(1))].kind == "vague" and not _speech_day(part, match)
            for match in _DAY.finditer(part)
        )


def attack_days(marked: Marked, part: str) -> Iterator[tuple[Day, int]]:
    """Yield the days of a part on which an attack was, and where they stand; not those when somebody spoke."""
    if (_STRIKES.search(part) and not _ROCKETS.search(part)) or _NO_ATTACK.search(part):
        return
    if not _EVENT.search(part) or (marked.sentence.headline and not _DEED.search(part)):
        return
    dateline = _DATELINE.match(part)
    opening = dateline.end() if dateline else 0
    for match in _DAY.finditer(part):
        day = marked.days[int(match.group(1))]
        if (
            match.start() < opening
            or part[max(0, match.start() - 1) : match.end() + 1][:: len(match.group(0)) + 1] == "()"
        ):
            continue
        if (
            day.kind in ("vague", "year")
            or (day.exact is None and day.value == day.words and _NAMELESS.match(day.words))
            or _BEFORE_NO_DAY.search(part[: match.start()])
            or _speech_day(part, match)
        ):
            continue
        if day.kind == "month" and not re.search(
            r"\b(?:in|during)\s(?:\w+\s)?$", part[: match.start()], re.IGNORECASE
        ):
            continue
        clause = part[
            max(part.rfind(", ", 0, match.start()), part.rfind(" and ", 0, match.start()), 0) : match.end()
        ]
        if (
            _LATER_DEATH.search(part[: match.start()])
            or _FUTURE.search(clause)
            or _FUTURE.search(part[match.end() : match.end() + 25])
            or not _DEED.search(part)
        ):
            continue
        yield day, match.start()


def _in_brackets(part: str, match: re.Match) -> bool:
    """Return whether a day stands alone in brackets, as the stamp of an entry: "00:10 (Friday)"."""
    return part[: match.start()].endswith("(") and part[match.end() :].startswith((")", ","))


def _speech_day(part: str, match: re.Match) -> bool:
    """Return whether a day is when somebody spoke, not when something was done."""
    if part.startswith("'s ", match.end()):
        return False
    if _SAID_AFTER.match(part[match.end() :]):
        return True
    said = [verb.end() for verb in _SAID.finditer(part, 0, match.start())]
    if not said:
        return False
    between = part[said[-1] : match.start()]
    return len(between) < 60 and not _DEED.search(between) and not re.search(r"\bthat\s", between)
