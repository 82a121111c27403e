"""The dead and the hurt: how many, and who says that there were none."""

import re
from collections.abc import Iterator

from rampart.ledger.reading.marks import Finding, Marked
from rampart.ledger.reading.quantities import Quantity
from rampart.ledger.reading.words import ADJECTIVE, ANY_Q, DEAD, HURT, LIGHTLY, PEOPLE, Q

_GROUP = rf"(?:\s(?:of\s(?:the|its|his|their|them)\s?)?(?:{ADJECTIVE}\s){{0,5}}?{PEOPLE})"
_BE = (
    r"(?:,?\s(?:were|was|had|have|has|been|is|are|also|later|reportedly|who|that|all|both|being|lay|be|got|"
    r"then|"
    r"subsequently|there|was\sreported|were\sreported|confirmed))*"
)
_ASIDE = (
    r"(?:,\s(?:[^,;.]|\.(?=\w|\s[a-z])){3,60},|\s\([^()]{2,60}\)|"
    r"\s(?:of|from|at|in|on)\s(?:(?!\b(?:said|says|that|nobody|no|when)\b)[^,;.‹]){2,40}?|"
    r"\sincluding\s[^,;.]{3,40},?|\sof\s(?:‹q\d+›|the\ssame|a)\s\w+){0,2}"
)
_DYING = re.compile(rf"^{DEAD}$", re.IGNORECASE)
_MORE = r"(?:\s(?:more|others?|additional|of\sthem|of\s(?:whom|which)|further)){0,2}"
_PASSIVE = re.compile(
    rf"{Q}(?P<group>{_MORE}(?:{_GROUP})?){_ASIDE}{_BE}\s{LIGHTLY}(?P<fate>{DEAD}|{HURT})"
    rf"\b(?!\s(?:by\sIED)?\s?(?:a|an|the|{ANY_Q})\b)",
    re.IGNORECASE,
)
_ACTIVE = re.compile(
    rf"\b(?P<fate>kill(?:ed|ing|s)?|claim(?:ed|ing)\sthe\sli(?:fe|ves)\sof|wound(?:ed|ing|s)?|injur(?:ed|"
    rf"ing|es|e)|hurt(?:ing|s)?|"
    rf"martyr(?:ed|ing)|(?:the\s)?(?:deaths?|killing|martyrdom)\sof|(?:the\s)?(?:injury|injuries|wounding|"
    rf"injuring)\s(?:of|to))\s(?:and\s\w+\s)?(?:the\s|all\s|all\sthe\s)?{Q}(?P<group>{_MORE}(?:{_GROUP})?)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"{Q}(?P<group>(?:\s(?:people|other|more|civilians?|soldiers?))?)\s(?:{LIGHTLY}|minor\s|serious\s|"
    rf"light\s|possible\s|confirmed\s)"
    rf"(?P<fate>dead|killed|deaths?|fatalit(?:y|ies)|wounded|injured|hurt|injur(?:y|ies)|KIA|WIA|martyrs?|"
    rf"bod(?:y|ies))\b",
    re.IGNORECASE,
)
_ADJECTIVAL = re.compile(
    rf"(?:{Q}|\b(?P<single>an?))\s(?P<fate>dead|wounded|injured|killed)(?:\s(?P<group>{PEOPLE})"
    rf")?(?!\s\w+ing\b)(?!\w)",
    re.IGNORECASE,
)
_TALLY = re.compile(
    rf"\b(?P<fate>wounded|injured|hurt|dead|killed|deaths|fatalities|injuries|death\stoll|toll)"
    rf"\b(?:\s(?:in|of|from)\s[^,;.‹]{{2,45}}?)?\s?(?:people\s)?(?:now\s)?(?:\([^)]*\)\s)?"
    rf"(?:at|to|as|is|was|reached|rose\sto|rises\sto|(?:has|had|have)\srisen\sto|increased\sto|(?:has|had)"
    rf"\sreached|(?:has\s|had\s)?climbed\sto|stood\sat|stands\sat|were|:|=|-)"
    rf"\s?{Q}(?!\s(?:dead|killed|wounded|injured|hurt|{PEOPLE}\s(?:dead|killed|wounded)))",
    re.IGNORECASE,
)
_SUFFERED = re.compile(
    rf"{Q}(?P<group>{_MORE}(?:{_GROUP})?)\s(?:has\s|have\s|had\s)?(?:suffered|sustained|suffering|received|"
    rf"treated\sfor|with|were\streated\sfor|was\streated\sfor|"
    rf"escaped\swith|(?:were\s|was\s|been\s)?diagnosed\swith|being\streated\sfor)\s(?!fatal)"
    rf"(?:{ADJECTIVE}\s){{0,4}}?(?P<fate>injur(?:y|ies)|wounds?|burns|concussions?|shrapnel)\b",
    re.IGNORECASE,
)
_LEFT = re.compile(rf"\bleft\s{Q}(?:{_GROUP})?\s(?P<fate>dead|wounded|injured|hurt)\b", re.IGNORECASE)
_SUM = re.compile(
    rf"{Q}(?:{_GROUP}),?\s(?:and\s|,\s)?(?={ANY_Q}{_GROUP}{_BE}\s{LIGHTLY}(?P<fate>{DEAD}|{HURT})\b)",
    re.IGNORECASE,
)
_OF_WHOM = r"(?:\s(?:of|from)\s(?:the\s)?[A-Z][\w-]+(?:\s[A-Z][\w-]+){0,3})?"
_SUM_LIST = re.compile(
    rf"(?P<list>{ANY_Q}{_GROUP}{_OF_WHOM}(?:(?:,\s|,?\sand\s|,?\splus\s|,?\sas\swell\sas\s)(?:(?:her|his|"
    rf"their)"
    rf"\s)?{ANY_Q}(?!\sof\s(?:them|whom|which))(?:{_GROUP}){_OF_WHOM})+)"
    rf"(?:,)?{_BE}\s{LIGHTLY}(?P<fate>{DEAD}|{HURT})\b",
    re.IGNORECASE,
)
_SUM_OBJECT = re.compile(
    rf"\b(?P<fate>kill(?:ed|ing|s)|wound(?:ed|ing|s)|injur(?:ed|ing|es))"
    rf"\s(?P<list>{ANY_Q}{_GROUP}(?:(?:,\s|,?\sand\s|,?\splus\s|,?\sas\swell\sas\s)(?:(?:her|his|their)"
    rf"\s)?{ANY_Q}(?!\sof\s(?:them|whom|which))(?:{_GROUP})"
    rf"(?!{_BE}\s(?:{DEAD}|{HURT})))+)",
    re.IGNORECASE,
)
_GROUP_OF_NONE = rf"(?P<group>(?:(?:{ADJECTIVE}\s){{0,3}}?))"
_NO = re.compile(
    rf"\b(?:no|without(?:\s(?:causing|recording|registering|any|inflicting|leaving|reports\sof))*|"
    rf"not\s(?:cause|result\sin|"
    rf"lead\sto|inflict|leave)(?:\s(?:any|in))?|zero|nor|neither|never\scaused)\s"
    rf"(?P<group>(?:(?!immediate|report|word|confirm|information|detail|sign|mention|claim|one\b|figure|"
    rf"news|indication|account|further){ADJECTIVE}\s){{0,3}}?)"
    r"(?P<first>(?:human\s|(?:material\s(?:or|and)\shuman|human\s(?:or|and)\smaterial)\s)?(?:casualt(?:y|"
    r"ies)|"
    r"loss(?:es)?(?:\sof\s(?:human\s)?li(?:fe|ves))?|deaths?|fatalit(?:y|ies)|injur(?:y|ies)|dead|"
    r"wounded|killed|victims?|injured|damage|damages|wounds?))(?P<rest>(?:,?\s(?:or|and|nor|either)"
    r"\s(?:any\s)?(?:\w+\s){0,2}?(?:casualt(?:y|ies)|deaths?|fatalit(?:y|ies)|"
    r"injur(?:y|ies)|dead|wounded|injured|victims|damage|loss(?:es)?(?:\sof\slife)?)\b)*)",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    rf"\b(?P<who>no\sone|nobody|no-one|none|no\s(?:(?:{ADJECTIVE}\s){{0,3}}?{PEOPLE}))(?:\s(?:there|inside|"
    rf"at\sthe\s\w+|of\s(?:them|the\s\w+|its\s\w+)|else|in\sthe\s\w+))?{_BE}\s{LIGHTLY}(?P<fates>(?:{DEAD}|"
    rf"{HURT}|harmed|died)(?:\s(?:or|and|nor)\s(?:\w+ly\s)?(?:{DEAD}|{HURT}|harmed))*)",
    re.IGNORECASE,
)
_UNCERTAIN = re.compile(
    r"\b(?:no|without|any)\s(?:\w+\s){0,3}?(?:reports?|word|confirmation|information|details?|news|"
    r"indication|account|mention)\b|\bnot\s(?:\w+\s)?(?:clear|known|sure|confirmed|confirm|indicate)\b|"
    r"\b(?:unclear|unknown|whether|would\s(?:have\s)?kill|could\s(?:have\s)?kill|if\s(?:any|there)|"
    r"cannot\sconfirm)\b",
    re.IGNORECASE,
)
_UNREPORTED = re.compile(
    r"^\s?(?:(?:were|was|have\sbeen|had\sbeen|has\sbeen|are|is)\s)?(?:immediately\s|yet\s|so\sfar\s|"
    r"initially\s)?(?:reported|known|confirmed|announced)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:[Ss]ince\s‹d\d+›|car\saccident|road\saccident|traffic|air\s?strikes?\s(?:that\s)?(?:have\s|"
    r"had\s)?kill\w*|drone\sstrike|U\.?S\.?\s(?:air\s)?strikes?|earthquake|"
    r"players?|match|protest(?:er)?s?|demonstrat\w+|flood|fire\sin\sa\shospital|invasion|war\sthat|"
    r"during\sthe\swar|over\sthe\syears|retaliat\w+|so\sfar\sthis\syear|"
    r"this\syear|in\sthe\spast|pandemic|last\syear|(?:aircraft|warplanes|jets)\s(?:\w+\s)?(?:struck|bombed|"
    r"hit|attacked)|in\s(?:response|retaliation)|coronavirus|COVID|in\saction\sagainst)",
)
_AMONG = re.compile(r"\b(?:including|among\sthem|among\swhom|among\sthe)\s(?:also\s)?$", re.IGNORECASE)
_HURT_NOUN = re.compile(r"injur|wound|hurt|WIA|burn|concuss|shrapnel|harm", re.IGNORECASE)
_ONLY_DAMAGE = re.compile(r"damages?|loss(?:es)?", re.IGNORECASE)
_BOTH = re.compile(
    r"casualt|victim|\b(?:human\s(?:(?:or|and)\smaterial\s)?)?loss(?:es)?\b(?!\sof)|human\sloss",
    re.IGNORECASE,
)
_ATTACKERS = re.compile(
    r"\b(?:attackers?|militants?|assailants?|insurgents?|gunmen|launch(?:ed|er)\screw)\b", re.IGNORECASE
)
_ENDED_BEFORE = re.compile(r"\bor\s(?:wounded|injured|hurt)\b", re.IGNORECASE)


def casualty_findings(marked: Marked) -> Iterator[Finding]:
    """Yield every number of killed and of injured, zero only where somebody says that there were none."""
    text = marked.text
    yield from _none(marked)
    if "‹q" not in text and not _ADJECTIVAL.search(text):
        return
    taken: set[str] = set()
    for finding, marks in _numbers(marked):
        fresh = [mark for mark in marks if mark not in taken]
        if not fresh or _beyond(marked, finding):
            continue
        taken.update(marks)
        yield finding


def _numbers(marked: Marked) -> Iterator[tuple[Finding, list[str]]]:
    """Yield each number with the marks that it used up, the surest patterns first."""
    for pattern, rule in ((_SUM_LIST, "several groups added"), (_SUM_OBJECT, "several groups added")):
        for match in pattern.finditer(marked.text):
            marks = re.findall(r"‹q(\d+)›", match["list"])
            parts = [marked.quantities[int(mark)] for mark in marks]
            if all(isinstance(part.value, int) for part in parts):
                yield _added(parts, match, rule), marks
    for pattern, rule in (
        (_SUFFERED, "a number with injuries"),
        (_ACTIVE, "verb before the number"),
        (_LEFT, "left so many"),
        (_COUNTED, "a number of dead or hurt"),
        (_ADJECTIVAL, "dead or hurt people"),
        (_PASSIVE, "verb after the number"),
        (_TALLY, "a tally"),
    ):
        for match in pattern.finditer(marked.text):
            groups = match.groupdict()
            index = match["q"]
            if index is None:
                if not _single(marked.text, match):
                    continue
                yield _finding(Quantity(1, "exact", match.group(0)), match, rule), [f"a{match.start()}"]
                continue
            if rule == "verb after the number" and _ENDED_BEFORE.match(
                marked.text[match.end("fate") :].strip()
            ):
                continue
            if re.match(
                r"\sof\s(?:the|those|its)\s(?:\w+\s)?(?:injured|wounded|dead|killed|casualties)\b",
                marked.text[match.end("q") + 1 :],
            ):
                continue
            if (
                rule == "a tally"
                and re.search(r"‹q\d+›[^.;‹]{0,40}$", marked.text[: match.start()])
                and ":" in match.group(0)
            ):
                continue
            if _split_unknown(marked.text, match) or (groups.get("group") or "").strip().lower().startswith(
                "fired"
            ):
                continue
            yield _finding(marked.quantities[int(index)], match, rule), [index]


def _single(text: str, match: re.Match) -> bool:
    """Return whether "a wounded" stands for one person: with a person's word, or as a noun of its own."""
    if match["group"]:
        return True
    return re.match(r"\s(?:and|in|at|,)|[.,;]|$", text[match.end() : match.end() + 5]) is not None


def _split_unknown(text: str, match: re.Match) -> bool:
    """Return whether the dead and the hurt are told in one number: "killed or wounded 20"."""
    near = text[max(0, match.start() - 2) : match.end() + 22]
    return (
        re.search(r"\b(?:killed|dead)\s(?:or|and/or)\s(?:wounded|injured|hurt)\b", near, re.IGNORECASE)
        is not None
    )


def _finding(quantity: Quantity, match: re.Match, rule: str) -> Finding:
    fate = match["fate"]
    what = "injured" if _HURT_NOUN.search(fate) and "fatally" not in match.group(0).lower() else "killed"
    group = " ".join((match.groupdict().get("group") or "").split()) or None
    return Finding(what, quantity, match.start(), rule, of=group)


def _added(parts: list[Quantity], match: re.Match, rule: str) -> Finding:
    hedges = {part.qualifier for part in parts} - {"exact"}
    total = sum(part.value for part in parts if isinstance(part.value, int))
    quantity = Quantity(
        total, hedges.pop() if len(hedges) == 1 else "about" if hedges else "exact", match["list"]
    )
    return _finding(quantity, match, rule)


def _beyond(marked: Marked, finding: Finding) -> bool:
    """Return whether a number tells of something else than an attack: a war's total, an accident, a match."""
    text = marked.text
    value = finding.value.value if isinstance(finding.value, Quantity) else 0
    if _ELSEWHERE.search(text):
        return True
    near = text[max(0, finding.at - 60) : finding.at]
    if _AMONG.search(near):
        return True
    if re.search(r"\b(?:whether|if|unclear)\b[^,;]*$", near, re.IGNORECASE):
        return True
    return isinstance(value, int) and value > 999


def _none(marked: Marked) -> Iterator[Finding]:
    """Yield zeros, where it is said that nobody was killed or hurt, and not merely that nobody reported it."""
    text = marked.text
    for match in _NO.finditer(text):
        if _UNCERTAIN.search(text[max(0, match.start() - 60) : match.end()]) or _UNREPORTED.match(
            text[match.end() :]
        ):
            continue
        if re.match(r"\s(?:reports?|figures|toll)\b", text[match.end() :]):
            continue
        told = f"{match['first']} {match['rest'] or ''}"
        group = " ".join((match["group"] or "").split()) or None
        yield from _zeros(told, match.start(), group, "none killed or hurt")
    for match in _NOBODY.finditer(text):
        if re.search(r"(?i)\bin\s(?:the\s)?(?:‹q|other|most|many)[^,;]*$", text[: match.start()]):
            continue
        if _UNCERTAIN.search(text[max(0, match.start() - 60) : match.start()]) or re.match(
            r"(?i)no\sone\selse", match["who"]
        ):
            continue
        group = match["who"][3:].strip() if match["who"].lower().startswith("no ") else None
        yield from _zeros(
            match["fates"], match.start(), None if group == "one" else group, "nobody killed or hurt"
        )


def _zeros(told: str, at: int, group: str | None, rule: str) -> Iterator[Finding]:
    """Yield the zeros that words such as "deaths or injuries" stand for."""
    words = told.lower()
    both = _BOTH.search(words) is not None or re.search(r"harmed", words) is not None
    zero = Quantity(0, "exact", told.strip())
    if both or re.search(r"death|fatalit|dead|killed|died|los(?:s|ses)\sof|kia|slain|martyr", words):
        yield Finding("killed", zero, at, rule, of=group)
    if both or _HURT_NOUN.search(words):
        yield Finding("injured", zero, at, rule, of=group)
