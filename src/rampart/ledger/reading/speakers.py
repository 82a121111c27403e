"""Who said it: the speaker whose words a place in a sentence belongs to."""

import re
from dataclasses import dataclass
from itertools import islice

from rampart.ledger.reading.words import SAY

MOST_SPEAKERS = 12
"""Verbs of saying that are looked at in one sentence."""

_SAY = re.compile(rf"(?<![\w-]){SAY}(?![\w'-])", re.IGNORECASE)
_ACCORDING = re.compile(
    r"\b(?:according\sto|quoting|citing|in\sthe\swords\sof|as\sper|with\sreference\sto|reported\sby|"
    r"said\sby)\s",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:\d{1,2}:\d{2}\s)?(?:\([^)]*\)\s)?(?:UPDATE:?\s)?([A-Z][\w' .-]{2,45}?)(?:\s(?:corrects|says))?:\s"
)
_SPEAKING = re.compile(
    r"source|police|military|army|spokes|service|ministry|minister|official|cell|command|directorate|media|"
    r"agency|governor|security|coalition|Pentagon|embassy|"
    r"hospital|witness|group|brigade|resident|doctor|mayor|council|statement|AFP|AP\b|Reuters|TV|"
    r"television|mission|UN\b|medic|forces|president|headquarters|CENTCOM|Hezbollah|Hamas|report",
    re.IGNORECASE,
)
_HEADLINE_TAIL = re.compile(r"\s-\s(?:the\s)?([A-Za-z ]{3,40})$|,\s([A-Za-z ]{3,40}?)\s(?:says?|said)$")
_BREAK = re.compile(
    r";\s|\swhile\s|\swhereas\s|,?\sbut\s|,\sand\s(?=(?:[A-Za-z'.-]+\s){1,7}?" + SAY + r"\b)", re.IGNORECASE
)
_VERB_TAIL = re.compile(
    r"(?:\s|^)(?:has|have|had|was|also|later|earlier|then|however|further|meanwhile|immediately|directly|"
    r"already|previously|who|which|that|"
    r"has\salso|in\sa\s(?:tweet|statement))$",
    re.IGNORECASE,
)
_END_OF_NAME = re.compile(
    r"[,;:\"()]|\s-\s|\.(?=\s|$)|\bwho\b|\bwhich\b|\bthat\b|\bin\sa\b|\bon\s‹d|‹d|\bas\ssaying\b|\b(?:said|"
    r"says|told)\b|\bby\sthe\s(?:means|phone)\b|"
    r"\bon\s(?:the\sspot|condition|Twitter|Telegram)\b|\breceived\b|\bhaving\b|\band\s(?:that|confirmed)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"^(?:it|he|she|they|who|which|we|i)$", re.IGNORECASE)
_NOBODY = re.compile(
    r"^(?:there|initial|initially|update|preliminary|updated|more|this|that|no\b.*|nobody|none|what|as|"
    r"it\sis|the\s(?:attack|rockets?)|"
    r"(?:the\s)?(?:preliminary|initial|available|first|early|differing|various|some|conflicting|"
    r"unconfirmed)\s.*|.*‹d\d+›.*)$",
    re.IGNORECASE,
)
_PASSIVE = re.compile(r"\b(?:was|were|been|is|are|be|being)$")
_JOINED = re.compile(r"\b(?:and|but|then)(?:\salso)?$")
_NO_SAYING = re.compile(r"\s(?:the\s)?(?:lives?\b|credit\b)|\s(?:an?|the)\s(?:end|stop|truce)\b")
_TO_WHOM = re.compile(r"^to\s(?:the\s)?[A-Z]\w+\s")
_CLAUSE = re.compile(r"(?:that|on|in|by|to|it|there|the\s(?:number|attack|rockets?))\b", re.IGNORECASE)
_CLAUSE_FOLLOWS = re.compile(r"(?:that\b|:)")
_RUNS_BACK = re.compile(r"\s(?:but|while)\s$")
_BEFORE_NAME = (", ", "; ", ": ", '" ', " while ", " but ", " - ")
_NO_NAME = re.compile(
    r"^(?:in|without|with|from|on|at|by|of|for|to|after|when|I|because|if|where|citing|asked|said|told|who|"
    r"which|a\sresult)\b|"
    rf"^{SAY}\b|\b(?:killed|died|injured|wounded|were|was|had|fell|landed|hit|fired|made|having|caused|"
    rf"has\sbeen|cannot)\b|‹d",
    re.IGNORECASE,
)
_PARTICIPLE = re.compile(
    r"^(?:asked|speaking|quoted|citing|however|meanwhile|in\sturn|for\s(?:its|his|their)\spart)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Speech:
    """A verb of saying and whose it is; `before` where the speaker stands ahead of what is said."""

    speaker: str
    start: int
    end: int
    before: bool
    verb: str


def speeches(text: str, last: str | None) -> list[Speech]:
    """Return who speaks in a marked sentence; a pronoun is whoever spoke last."""
    found = []
    for match in _ACCORDING.finditer(text):
        name = _name_after(text, match.end())
        if _is_name(name) and not _NOBODY.match(name) and not _PRONOUN.match(name):
            leads = text[: match.start()].strip(' ,"') == ""
            found.append(Speech(name, match.start(), match.end() + len(name), leads, "according to"))
    label = _LABEL.match(text)
    if label and _SPEAKING.search(label.group(1)) and not _NOBODY.match(label.group(1)):
        found.append(Speech(re.split(rf"\s{SAY}\b", label.group(1))[0], 0, label.end(), True, ":"))
    tail = _HEADLINE_TAIL.search(text)
    if tail and not found:
        found.append(Speech(tail.group(1) or tail.group(2), tail.start(), tail.end(), False, "-"))
    for match in islice(_SAY.finditer(text), MOST_SPEAKERS):
        if any(speech.start <= match.start() < speech.end for speech in found):
            continue
        speech = _speech(text, match, last, found)
        if speech:
            found.append(speech)
            last = speech.speaker
    return sorted(found, key=lambda speech: speech.start)


def _speech(text: str, match: re.Match, last: str | None, earlier: list[Speech]) -> Speech | None:
    """Return whose verb of saying this is, None where it is nobody's."""
    verb = match.group(0).lower()
    lead = text[: match.start()].rstrip()
    if _PASSIVE.search(lead) or _NO_SAYING.match(text, match.end()):
        return None
    before = earlier[-1].speaker if earlier else last
    if before and (verb.endswith("ing") or (earlier and _JOINED.search(lead))):
        return Speech(before, match.start(), match.end(), True, verb)
    name, begin = _name_before(_without_tail(lead))
    if lead[-1:] in {",", '"'} and not (name and _SPEAKING.search(name)):
        after = _TO_WHOM.sub("", _name_after(text, match.end() + 1))
        if _is_name(after) and not _PRONOUN.match(after) and not _CLAUSE.match(after):
            return Speech(after, match.start(), match.end() + 1 + len(after), False, verb)
    if _PRONOUN.match(name):
        name = last or ""
    if not _is_name(name) or _NOBODY.match(name):
        return None
    follows = text[match.end() :].strip(" .\"'")
    apart = begin > 0 and text[:begin].rstrip()[-1:] in {",", '"'}
    return Speech(name, begin, match.end(), not apart or _CLAUSE_FOLLOWS.match(follows) is not None, verb)


def _without_tail(head: str) -> str:
    """Return a passage without "has", "later", "also" and the like at its end."""
    stripped = _VERB_TAIL.sub("", head)
    while stripped != head:
        head, stripped = stripped, _VERB_TAIL.sub("", stripped.rstrip(" ,"))
    return head


def _is_name(name: str) -> bool:
    """Return whether a phrase can name a speaker: short, no deed in it, a number only before officials and the like."""
    if not 1 < len(name) <= 80 or _NO_NAME.search(name):
        return False
    return "‹q" not in name or _SPEAKING.search(name) is not None


def _name_before(head: str) -> tuple[str, int]:
    """Return the noun phrase that ends a passage, past asides between commas, and where it begins."""
    end = len(head)
    head = head.rstrip(" ,")
    for _ in range(4):
        begin, mark = max(
            ((head.rfind(mark) + len(mark), mark) for mark in _BEFORE_NAME if mark in head), default=(0, "")
        )
        piece = re.sub(r"^(?:and|that|as|but|while)\s", "", head[begin:].strip(' "'))
        piece = re.split(r"\s(?:and|that|where|which)\s(?=(?:the|a|an|its|two|another)\s)", piece)[-1]
        piece = re.split(rf"\s{SAY}\s(?:that\s)?(?=[A-Z])", piece)[-1]
        if _is_name(piece) and not _PARTICIPLE.match(piece):
            words = head.rfind(piece)
            return piece, words if words >= 0 else begin
        if begin < 2:
            return "", end
        head = head[: begin - len(mark)]
    return "", end


def _name_after(text: str, begin: int) -> str:
    window = text[begin : begin + 80]
    end = _END_OF_NAME.search(window)
    return window[: end.start() if end else len(window)].strip(" \"'")


def speaker_at(text: str, found: list[Speech], at: int, carried: str | None) -> str | None:
    """Return whose words stand at a place of a sentence: its own part's speaker, else one whose words run on."""
    breaks = [0, *(match.end() for match in _BREAK.finditer(text)), len(text) + 1]
    part = next(index for index in range(len(breaks) - 1) if breaks[index] <= at < breaks[index + 1])
    begin, end = breaks[part], breaks[part + 1]
    here = [speech for speech in found if begin <= speech.start < end]
    ahead = [speech for speech in here if speech.before and speech.start <= at]
    if ahead:
        return ahead[-1].speaker
    closing = [speech for speech in here if not speech.before and speech.start >= at]
    if closing:
        return closing[0].speaker
    inside = [speech for speech in here if speech.start <= at]
    if inside:
        return inside[-1].speaker
    later = [speech for speech in found if speech.start >= end and not speech.before]
    if later and not any(speech.start < begin for speech in found) and _RUNS_BACK.search(text[:end]):
        return later[0].speaker
    earlier = [speech for speech in found if speech.start < begin and speech.before]
    return earlier[-1].speaker if earlier else carried
