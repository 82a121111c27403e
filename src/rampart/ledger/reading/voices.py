"""Who claimed an attack, denied it, was blamed for it, confirmed it or would not comment."""

import re
from collections.abc import Iterator

from rampart.ledger.reading.marks import Finding, Marked
from rampart.ledger.reading.words import ATTACK_NOUN

_NAME = (
    r"(?P<name>(?:[A-Z][\w'’-]*|al-[A-Z][\w'-]*|of|the|for)"
    r"(?:\s(?:[A-Z][\w'’-]*|al-[A-Z][\w'-]*|of|the|for|in|and(?=\sthe\s[A-Z])))*)"
)
_CLAIMED = re.compile(
    r"(?P<subject>[^;.]{2,140}?)\s(?:has\s|have\s|had\s|later\s|also\s|immediately\s|"
    r"quickly\s)*(?:claim(?:ed|s|ing)?|taken|took|takes|assumed)\s(?:(?:the\s)?(?:responsibility|credit)\b|"
    r"(?:the|this|that)\s(?:\w+\s)?(?:attack|strike|operation|bombing|shelling|assault)\b)",
    re.IGNORECASE,
)
_CLAIMED_BY = re.compile(
    r"\bclaimed\sby\s(?P<subject>[^,;.]{3,80})|responsibility\s(?:was|had\sbeen)"
    r"\sclaimed\sby\s(?P<second>[^,;.]{3,80})",
    re.IGNORECASE,
)
_CALLING = re.compile(
    r"\bcalling\sitself\s(?:the\s)?\"?(?P<name>[^,;.\"‹]{3,60}?)\"?(?=\s(?:claimed|said|has|had|took|on|in|"
    r"which|posted)\b|[,;.]|$)"
)
_CLAIMANT_SAID = re.compile(
    r"(?P<subject>(?:calling\sitself|the|a|an)?\s?[^;.,]{3,80}?)\ssaid\s(?:on\s‹d\d+›\s|"
    r"in\s[\w\s]{3,25}\s)?(?:that\s)?(?:it|its\sfighters|its\smen|they)\s(?:had\s|have\s)?(?:fired|"
    r"targeted|launched|shelled|struck|attacked|carried\sout)",
    re.IGNORECASE,
)
_NO_GROUP = re.compile(
    r"\b(?:no\s(?:\w+\s)?(?:group|one|party|organi[sz]ation|side|claim|faction)|nobody|none|not|without|"
    r"unclear|yet\sto)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?P<subject>[^;.]{2,120}?)\s(?:has\s|have\s|had\s|also\s|quickly\s|later\s|strongly\s|"
    r"categorically\s|still\s)*(?:den(?:ied|ies|y|ying)\s(?:any\s|all\s|having\s|taken\s|taking\s|"
    r"that\sit\s|being\s|its\s|their\s|"
    r"the\s|a\s)*"
    r"(?:involvement|role|part|responsibility|link|links|connection|behind|carried|fired|firing|launch\w*|"
    r"accusation|accusations|involved|had|it\swas|it\shad|firing|shelling)|den(?:ied|ies)\s(?:it|this)"
    r"(?=[.,;]|$)|disavow\w*|distanc\w+\sitself)",
    re.IGNORECASE,
)
_BLAMED = re.compile(
    r"(?P<who>[^;,.]{2,60}?)\s(?:has\s|have\s|had\s|directly\s|also\s|publicly\s|"
    r"repeatedly\s)*(?:blam(?:ed|es|ing)|accus(?:ed|es|ing)|suspect(?:ed|s)(?!\sof)|attribut(?:ed|es|e|ing)"
    r"\s(?:\w+\s){1,4}?"
    r"to|point(?:ed|s)\sthe\sfinger\sat|held)\s"
    r"(?:the\s)?(?P<name>[^;,.]{3,90}?)(?=\s(?:for|of|and|over|in|but|group\sof|after|to|with|responsible|"
    r"fighters|militants|on)\b|[;,.]|$)",
)
EARLIER = "earlier attacks"
_PAST_ACTS = re.compile(
    r"\b(?:some|several|previous|past|earlier|similar|many|most|other|dozens\sof|a\sseries\sof|such|recent)"
    r"\s(?:of\sthe\s)?(?:\w+\s){0,2}?"
    r"(?:acts|attacks|strikes|incidents|rockets|bombings)\b",
    re.IGNORECASE,
)
_BLAME_NOT = re.compile(
    r"\b(?:government|minister|parliament|embassy|each\sother|authorities|officials?|lying|it|them|him|"
    r"Washington|United\sStates|Baghdad)\b",
    re.IGNORECASE,
)
_CONFIRMED = re.compile(
    r"(?P<subject>[^;]{2,120}?)\s(?:has\s|have\s|had\s|also\s|later\s|officially\s|today\s|,\s|"
    r"‹d\d+›,?\s|that\s)*(?P<verb>confirmed|confirms|confirming)(?!\sdead)(?P<object>[^;.]{0,120})",
    re.IGNORECASE,
)
_CONFIRMED_BY = re.compile(
    r"\b(?:has\sbeen|have\sbeen|had\sbeen|was|were|is)\s(?:also\s|later\s)?confirmed\sby\s(?P<name>(?:the|"
    r"an?|[A-Z])[\w' -]{2,60}?)(?=[.,;]|\s(?:in|on|to|and|who)\b|$)"
)
_CONFIRMED_MATTER = re.compile(
    rf"\b(?:{ATTACK_NOUN}|rockets?|missiles?|that|launch\w*|landed|fired|hit|fall(?:ing)?)\b|^\s*$",
    re.IGNORECASE,
)
_DECLINED = re.compile(
    r"(?P<subject>[^;.]{2,140}?)\s(?:has\s|have\s|had\s|also\s|both\s)*(?:(?P<pronoun>they|he|she|it)"
    r"\s)?(?:declin(?:ed|es|ing)|refus(?:ed|es|ing))\s(?:to\s(?:(?:immediately|publicly|further)"
    r"\s)?(?:comment|discuss|say|speak|give\sdetails|elaborate|answer|provide|confirm)|any\scomment|comment)|"
    r"(?P<second>[^;.]{2,100}?)\s(?:would\snot\scomment|gave\sno\scomment|had\sno\scomment|"
    r"offered\sno\scomment|made\sno\scomment)",
    re.IGNORECASE,
)
_THE_GROUP = re.compile(
    r"^(?:the\s)?(?:group|militia|brigade|faction|movement|which|who|it|organisation|organization|party)$",
    re.IGNORECASE,
)


_NEEDS = {
    _CLAIMED: re.compile(r"claim|responsib|credit", re.IGNORECASE),
    _CLAIMANT_SAID: re.compile(r"\ssaid\s.{0,60}\b(?:it|its|they)\s", re.IGNORECASE),
    _DENIED: re.compile(r"\b(?:deni|deny|disavow|distanc)", re.IGNORECASE),
    _BLAMED: re.compile(r"blam|accus|suspect|attribut|finger|\bheld\b", re.IGNORECASE),
    _CONFIRMED: re.compile(r"confirm", re.IGNORECASE),
    _DECLINED: re.compile(r"declin|refus|comment", re.IGNORECASE),
}
"""A word without which a pattern finds nothing: looked for first, as it costs little."""


def _where(pattern: re.Pattern, text: str) -> Iterator[re.Match]:
    """Yield the matches of a pattern."""
    needed = _NEEDS.get(pattern)
    if needed is None or needed.search(text):
        yield from pattern.finditer(text)


def actor_findings(marked: Marked, actor: str | None) -> Iterator[Finding]:
    """Yield who claimed, who denied and who was blamed by whom; `actor` is the armed group named last."""
    text = marked.text
    for match in (*_where(_CLAIMED, text), *_where(_CLAIMED_BY, text), *_where(_CLAIMANT_SAID, text)):
        subject = match["subject"] or match.groupdict().get("second") or ""
        if _NO_GROUP.search(text[max(0, match.start() - 20) : match.end()]):
            continue
        name = _group_name(subject, actor, marked)
        if name:
            yield Finding("responsibility_claimed_by", name, match.start(), "claimed responsibility")
            break
    for match in _where(_BLAMED, text):
        actor = _group_name(match["name"], actor, marked) or actor
    for match in _where(_DENIED, text):
        name = _group_name(match["subject"], actor, marked)
        if name:
            yield Finding("responsibility_denied_by", name, match.start(), "denied a part")
    for match in _where(_BLAMED, text):
        name = _group_name(match["name"], actor, marked)
        past = EARLIER if _PAST_ACTS.search(text[match.end() : match.end() + 60]) else None
        who = _subject(match["who"])
        if re.search(
            r"(?i)\b(?:routinely|often|regularly|usually|frequently|generally|always)\b", match.group(0)
        ):
            continue
        if (
            name
            and who
            and not _BLAME_NOT.search(match["name"])
            and not re.search(r"(?i)\b(?:no|it|they|he|she)$", who)
        ):
            yield Finding(
                "responsibility_attributed_to",
                name,
                match.start("name"),
                "blamed by somebody",
                speaker=who,
                incident=past,
            )


def _group_name(subject: str, actor: str | None, marked: Marked) -> str | None:
    """Return the name of an armed group in a clause's subject."""
    calling = _CALLING.search(subject + " claimed")
    if calling:
        return calling["name"].strip()
    plain = marked.plain(_subject(subject))
    if _THE_GROUP.match(plain):
        return actor
    factions = re.search(
        r"\b[\w-]+-(?:backed|aligned|linked|led)\s(?:Shi'?ite\s|Shia\s|armed\s)?(?:militias?|factions?|"
        r"groups?|paramilitar\w+)",
        plain,
    )
    if factions:
        return factions.group(0)
    names = [re.sub(r"^(?:the|of|for)\s", "", m["name"].strip()) for m in re.finditer(_NAME, plain)]
    names = [re.sub(r"(?:\s(?:of|the|for|in))+$", "", name) for name in names]
    names = [
        name
        for name in names
        if re.search(r"[A-Z]", name)
        and name not in ("A", "The", "No", "Groups", "Both", "Some", "In", "On", "An")
    ]
    if names:
        return max(names, key=len)
    return (
        re.sub(r"^(?:and|but|that)\s", "", plain)
        if re.match(r"(?i)(?:the\s)?(?:rebels|militants|insurgents|resistance|militia\w*)$", plain)
        else None
    )


def _subject(words: str) -> str:
    """Return the subject at the end of a passage: what stands after its last comma, "while" or "but"."""
    words = re.sub(r",\s(?:which|who)\s[^,]*,?$", "", words)
    words = re.sub(r"(?<=\w),\s(?:an?|the)\s[^,]{3,60},?$", "", words)
    piece = re.split(
        r",\s(?:and\s)?|\swhile\s|\sbut\s|\swhereas\s|\sas\s|\sthat\s|:\s|\"\s?", words.strip(' ,"')
    )[-1]
    piece = re.sub(r"^(?:and|but|while|that|the\spowerful)\s", "", piece.strip())
    return re.sub(
        r"\s(?:has|have|had|also|later|officially|immediately|directly|which|who)$", "", piece
    ).strip()


def voice_findings(marked: Marked) -> Iterator[Finding]:
    """Yield who confirmed the attack and who would not comment."""
    text = marked.text
    for match in _where(_CONFIRMED, text):
        near = text[max(0, match.start("verb") - 45) : match.end("verb")]
        if re.search(
            r"(?i)\b(?:not|cannot|no|could|yet|to\sbe|un|been|were|was|is|are|be|nor)\b", near[-60:]
        ) or not _CONFIRMED_MATTER.search(match["object"]):
            continue
        name = _voice(marked, match["subject"])
        if name:
            yield Finding("confirmed_by", name, match.start("verb"), "confirmed it")
    for match in _where(_CONFIRMED_BY, text):
        yield Finding("confirmed_by", match["name"], match.start(), "confirmed by somebody")
    for match in _where(_DECLINED, text):
        name = _voice(marked, match["subject"] or match["second"])
        if name:
            yield Finding("declined_to_comment_by", name, match.start(), "would not comment")


def _voice(marked: Marked, subject: str) -> str | None:
    """Return who confirms or declines: the subject, or a spokesman who said something first."""
    subject = re.sub(r"\s(?:today|‹d\d+›)(?:,\s(?:today|‹d\d+›))*,?$", "", subject.strip(" ,")).strip(" ,")
    subject = re.sub(r",\s‹d\d+›$|\stoday$", "", subject)
    subject = re.sub(r",\s(?:who|speaking|citing|asked|quoted|on\scondition|talking)\b[^,]*$", "", subject)
    spoken = re.match(r"(?P<who>.{3,90}?)\s(?:said|told|says|added)\b.*$", subject)
    piece = _subject(subject)
    if spoken and re.search(r"\bsaid\b.*,$|\bsaid\b[^,]*,\s*(?:but|and)?$", subject + ","):
        inner = re.sub(r"^.*?\b(?:said|told|says)\s(?:that\s)?", "", piece)
        piece = inner if inner and re.match(r"^[A-Z]", inner) and len(inner.split()) <= 4 else spoken["who"]
    piece = re.sub(r"^(?:In\sthe|In|At\sthe|from)\s", "", piece)
    piece = re.sub(r",?\s(?:they|he|she|it)$", "", piece)
    plain = marked.plain(piece).strip(" \"'")
    if (
        not 2 < len(plain) <= 90
        or "‹" in piece[:2]
        or re.match(r"(?i)^(?:it|he|she|they|which|who|no\sone|there|this|one)$", plain)
    ):
        return None
    return plain
