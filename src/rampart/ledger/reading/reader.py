"""An article read: the claims that it makes, each with the sentence it stands on and the rule that saw it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from rampart.domain.incident import Claim
from rampart.ledger.reading.attacks import PARTS, Attack, Attacks, attack_days
from rampart.ledger.reading.casualties import casualty_findings
from rampart.ledger.reading.circumstances import circumstance_findings
from rampart.ledger.reading.dates import Day, dateline
from rampart.ledger.reading.gather import Proposal, gathered
from rampart.ledger.reading.marks import Finding, Marked, mark
from rampart.ledger.reading.projectiles import projectile_findings
from rampart.ledger.reading.quantities import Quantity
from rampart.ledger.reading.sentences import sentences
from rampart.ledger.reading.speakers import Speech, speaker_at, speeches
from rampart.ledger.reading.totals import total_findings
from rampart.ledger.reading.voices import actor_findings, voice_findings
from rampart.ledger.reading.words import WARHEADS

_WORTH = re.compile(
    r"rocket|missile|mortar|shell|projectile|katyusha|grad\b|bomb|attack|kill|dead|died|death|wound|injur|"
    r"hurt|casualt|harm|victim|drone|IED|explo|blast|"
    r"launch|fired|fell|landed|intercept|shot down|C-?\s?RAM|defen[cs]e|defensive|responsib|denied|denies|"
    r"confirm|comment|declin|blame|accus|KIA|WIA|struck|"
    r"\bone\b|\btwo\b|\bthree\b|\bfour\b|\bfive\b|\bsix\b|\bseven\b|human loss|loss of life|toll\b|impact|"
    r"third|said|knocked|downed|repelled|they|\bboth\b",
    re.IGNORECASE,
)
_WARHEAD = re.compile(WARHEADS)
_CORRECTED = re.compile(
    r"\b(?:an?\s(?:earlier|previous)\s(?:version|report|edition)(?:\sof\sthis\s(?:story|article|report))?)\b",
    re.IGNORECASE,
)
_EARLIER_FIGURE = re.compile(
    r"\b(?:said|stated|gave|had|reported|put)\b[^.;]{0,40}?‹q(\d+)›\s(?:\w+\s)?(rockets?|missiles?|shells?|"
    r"mortars?|people\skilled|killed|dead|wounded|injured)",
    re.IGNORECASE,
)
_ANAPHOR = re.compile(
    r"^\W*(?:of\sthe\sother|the\sother|they|one\sof|‹q\d+›\sof\sthem|all\s‹q|the\srockets|the\smissiles|"
    r"another|‹q\d+›\s(?:more|landed|fell|hit))",
    re.IGNORECASE,
)
_AFTER_ANOTHER = re.compile(
    r"\b(?:days?|hours|weeks?|months?)\safter\s(?!that\b|midnight\b)(?:[^,;])*$", re.IGNORECASE
)
_REFUSED = re.compile(
    r"\b(?:denied|denies|denying|rejected|rejects|dismissed|refuted|called\sfalse)"
    r"\s(?:\w+\s){0,4}(?:reports?|claims?|rumou?rs|allegations?|that)\b",
    re.IGNORECASE,
)
_NUMBERS = ("projectiles_total", "projectiles_in_place", "killed", "injured", "intercepted", "running_total")
_OWN_WORDS = ("responsibility_claimed_by", "responsibility_denied_by", "declined_to_comment_by")
_SPEAKS_OF = re.compile(r"\bspoke\sof\s‹q(\d+)›(?=[.;,]|$)", re.IGNORECASE)


@dataclass(slots=True)
class _State:
    """What the sentences before have said: who spoke, in which paragraph, of which armed group, of rockets or not."""

    speaker: str | None = None
    paragraph: int = -1
    quote_open: bool = False
    actor: str | None = None
    rockets: bool = False
    fired: Quantity | None = None


def propose(text: str, published: date | None = None, source: str | None = None) -> list[Proposal]:
    """Return the claims that an article makes, in the order of its sentences.

    `published` places "Tuesday" in the calendar; without it the article's own dateline does, if it gives a whole
    date, and otherwise the word stays as it is. Pure, and linear in the length of the text.
    """
    opening = [sentence.text for sentence in islice(sentences(text), 4)]
    reference = published or dateline(opening)
    state, attacks = _State(), Attacks()
    found: list[Proposal] = []
    for sentence in sentences(text):
        if not _WORTH.search(sentence.text):
            continue
        marked = mark(sentence, reference, attacks.last_exact)
        found += _read(marked, state, attacks)
    several = len(attacks.told) > 1
    return gathered(found, several, published.isoformat() if published else None, source)


def _read(marked: Marked, state: _State, attacks: Attacks) -> Iterator[Proposal]:
    """Yield what one sentence claims; what it changes for the next is kept in `state` and `attacks`."""
    text = marked.text
    if marked.sentence.paragraph != state.paragraph:
        state.quote_open = False
        state.fired = state.fired if state.fired and state.fired.value == 1 else None
    said = [replace(speech, speaker=marked.plain(speech.speaker)) for speech in speeches(text, state.speaker)]
    carried = _carried(marked, state)
    findings = [*_findings(marked, state)]
    begin = 0
    for end in [*(match.end() for match in PARTS.finditer(text)), len(text) + 1]:
        part = text[begin:end]
        here = [finding for finding in findings if begin <= finding.at < end]
        days = list(attack_days(marked, part))
        attack = attacks.place(marked, part, [day for day, _ in days], here)
        for day, at in days:
            here.append(Finding("attack_date", day, begin + at, "a day with an attack"))
        earlier: Attack | None = None
        refused = _REFUSED.search(part)
        if refused:
            here = [
                finding
                for finding in here
                if finding.at < begin + refused.start() or finding.what not in _NUMBERS
            ]
        for finding in sorted(here, key=lambda finding: finding.at):
            speaker = finding.speaker or _speaker(text, said, finding, carried)
            if earlier is None and _AFTER_ANOTHER.search(part[: finding.at - begin]):
                earlier = attacks.another()
            of = earlier if earlier and _AFTER_ANOTHER.search(part[: finding.at - begin]) else attack
            yield _proposal(marked, finding, speaker, of)
        begin = end
    _remember(marked, state, said, findings)


def _findings(marked: Marked, state: _State) -> Iterator[Finding]:
    """Yield what every rule finds in a sentence."""
    correction = list(_correction(marked))
    if correction:
        yield from correction
        return
    known = state.rockets or _WARHEAD.search(marked.text) is not None
    yield from projectile_findings(marked, known, state.fired)
    casualties = list(casualty_findings(marked))
    yield from casualties
    for match in _SPEAKS_OF.finditer(marked.text):
        if casualties:
            quantity = marked.quantities[int(match.group(1))]
            yield replace(casualties[-1], value=quantity, at=match.start(), rule="spoke of another number")
    yield from total_findings(marked)
    yield from circumstance_findings(marked)
    yield from actor_findings(marked, state.actor)
    yield from voice_findings(marked)


def _correction(marked: Marked) -> Iterator[Finding]:
    """Yield the figure that an earlier version of the article gave, said by that version."""
    earlier = _CORRECTED.search(marked.text)
    figure = _EARLIER_FIGURE.search(marked.text, earlier.end()) if earlier else None
    if earlier and figure:
        noun = figure.group(2).lower()
        what = (
            "projectiles_total"
            if _WARHEAD.match(noun)
            else "injured"
            if noun in ("wounded", "injured")
            else "killed"
        )
        quantity = marked.quantities[int(figure.group(1))]
        speaker = " ".join(marked.plain(earlier.group(0)).split())
        yield Finding(what, quantity, earlier.start(), "an earlier version", speaker=speaker)


def _carried(marked: Marked, state: _State) -> str | None:
    """Return whose words go on in this sentence: an open quotation, or "of the other three" after a speaker."""
    if marked.sentence.paragraph != state.paragraph or state.speaker is None:
        return None
    if state.quote_open or marked.text.startswith('"') or _ANAPHOR.match(marked.text):
        return state.speaker
    return None


def _remember(marked: Marked, state: _State, said: list[Speech], findings: Iterable[Finding]) -> None:
    state.paragraph = marked.sentence.paragraph
    state.rockets = state.rockets or _WARHEAD.search(marked.text) is not None
    if said:
        state.speaker = said[-1].speaker
    if marked.text.count('"') % 2:
        state.quote_open = not state.quote_open
    for finding in findings:
        counted = finding.what == "projectiles_total" or (
            finding.what == "projectiles_in_place" and "‹q1›" not in marked.text
        )
        if counted and isinstance(finding.value, Quantity):
            state.fired = finding.value
        if finding.what.startswith("responsibility") and isinstance(finding.value, str):
            state.actor = finding.value


def _proposal(marked: Marked, finding: Finding, speaker: str | None, attack: Attack) -> Proposal:
    """Return a finding as a claim in the words that INTERFACES gives it."""
    value: object = finding.value
    qualifier = None
    if isinstance(finding.value, Quantity):
        value, qualifier = finding.value.value, finding.value.qualifier
    elif isinstance(finding.value, Day):
        value = finding.value.value
        qualifier = "between" if isinstance(value, tuple) else None
    elif isinstance(finding.value, str):
        value = marked.plain(finding.value)
    if isinstance(value, tuple):
        value = list(value)
    claim = Claim(
        what=finding.what,
        value=value,
        qualifier=qualifier,
        place=_clean(marked, finding.place),
        since=finding.since,
        incident=None if finding.what == "running_total" else finding.incident or str(attack.number),
        according_to=_clean(marked, speaker) if _is_another(speaker, finding) else None,
        sentence=marked.sentence.raw,
        offset=marked.sentence.offset,
        of=_clean(marked, finding.of) if finding.what in ("killed", "injured") else None,
    )
    return Proposal(claim, finding.rule)


def _speaker(text: str, said: list[Speech], finding: Finding, carried: str | None) -> str | None:
    """Return whose words a finding stands in; of who confirmed it, the one who tells so, not he himself."""
    if finding.what == "confirmed_by":
        tellers = [
            speech.speaker
            for speech in said
            if speech.start < finding.at and str(finding.value) not in speech.speaker
        ]
        return tellers[-1] if tellers else None
    return speaker_at(text, said, finding.at, carried)


def _is_another(speaker: str | None, finding: Finding) -> bool:
    """Return whether somebody else tells of what a group or a body did or said itself."""
    if finding.speaker is not None or not isinstance(finding.value, str) or speaker is None:
        return True
    return finding.what not in _OWN_WORDS and finding.value not in speaker and speaker not in finding.value


def _clean(marked: Marked, words: str | None) -> str | None:
    return marked.plain(words).strip(" \"'.,") or None if words else None
