"""What else is told of an attack: from where, with what, and what defended against it."""

import re
from collections.abc import Iterator

from rampart.ledger.reading.marks import Finding, Marked
from rampart.ledger.reading.places import noun_phrase
from rampart.ledger.reading.words import ADJECTIVE, WARHEADS

_SOURCE_VERB = re.compile(
    r"\b(?:launched|fired|released|shot|came|come|coming|originated|originating|launching|firing|launch|"
    r"fire)\b(?:,)?(?P<between>(?:\s[\w'.‹›-]+){0,9}?),?\sfrom\s",
    re.IGNORECASE,
)
_SOURCE_NOUN = re.compile(
    r"\b(?:(?:place|site|point|source|origin|location|area)\sof\s(?:the\s)?(?:launch(?:ing)?|fire|firing|"
    r"attack|shelling)|launch(?:ing)?\s(?:site|point|pad|place|location))\s(?:was|is|were|lay|had\sbeen)\s"
    r"(?:located\s|found\s|identified\s)?(?:from|in|at|near|as|to\sbe\sin)?\s?",
    re.IGNORECASE,
)
_FOUND_AT = re.compile(
    rf"\b(?:launcher|launch(?:ing)?\s(?:pad|site|platform|base)|platform|rails)"
    rf"s?\b(?:,?\s{ADJECTIVE}|\sfrom\swhich\s(?:the\s)?\w+\swere\s\w+){{0,5}}?\s(?:(?:was\s|"
    rf"were\s)?(?:found|located|discovered)\s)?(?:in|at|near|"
    rf"inside)\s",
    re.IGNORECASE,
)
_FROM_WHERE = re.compile(
    r"^(?:the\s)?(?:same\s(?:place|location|site|area)\sin\s|(?:a|one|the\ssame)\s(?:single\s)?(?:place|"
    r"location|site|point|area)\sin\s)",
    re.IGNORECASE,
)
_LAUNCH_CONTEXT = re.compile(
    rf"{WARHEADS}|\b(?:shelling|attack|strike|bombardment|fire|salvo|seven|all|they|launch\w*|it)\b|‹q\d+›",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"^(?:‹|multiple|various|several|behind|above|within|it|there|here|them|him|the\sair|the\sground|"
    r"a\sdistance|different|all|scratch|a\struck-mounted|an?\sdrone|sources?|"
    r"the\s(?:ministry|government|coalition|army|military|source|attack)|Iran\b(?=\sto))",
    re.IGNORECASE,
)
_DEFENCE = (
    r"(?:C-?\s?RAMs?|counter-rocket[\w\s,-]{0,30}?|(?:the\s)?(?:missile|air|rocket|anti-?(?:missile|"
    r"aircraft|rocket))[\s-]?(?:defen[cs]e)s?(?:\s(?:systems?|batter(?:y|ies)|guns?|missiles?|units?))?|"
    r"(?:embassy\s)?defensive\ssystems?|defen[cs]e\ssystems?|defen[cs]ive\s(?:systems?|measures)|"
    r"countermeasures|"
    r"Patriots?(?:\s(?:missiles?|batter(?:y|ies)|systems?))?|Iron\sDome|Phalanx|CIWS|NASAMS|Centurion|"
    r"Land-Based\sPhalanx)"
)
_USED = (
    r"activated|was\sactive|engaged|engagement|fired|opened\sfire|responded|intercept(?:ed|ing|ion)|"
    r"shot\sdown|shot|downed|repelled|entered\sinto\saction|went\sinto\saction|came\sinto\saction|kicked\sin|"
    r"used|triggered|switched\son|worked|destroyed|brought\sdown|in\saction|swung\sinto\saction|heard|"
    r"blasting|firing|operated|stopped|destroyed|confronted"
)
_DEFENDED = re.compile(rf"\b{_DEFENCE}", re.IGNORECASE)
_AT_WORK = re.compile(rf"\b(?:{_USED})\b", re.IGNORECASE)
_NOT_USED = re.compile(
    r"\b(?:not|never|no|declin\w+|refus\w+|without|whether|denied|denies|would|will|could|plans?|"
    r"to\sbe\s(?:installed|deployed)|"
    r"test\w*|only\swhen|did\snot)\b",
    re.IGNORECASE,
)
_WEAPON = re.compile(
    r"\b(?P<name>(?:(?:\d{2,3}\s?-?mm|\d{2,3}\s?-?millimet(?:re|er)s?)\s(?:\w+\s)?(?:rockets?|"
    r"mortars?(?:\s(?:shells?|bombs?|rounds?))?|missiles?|shells?|artillery\s(?:shells?|rounds?)|"
    r"projectiles?)|"
    r"(?:Katyusha|Grad|Fajr|Qassam|Fateh|Fateh-\d+|Arash|Haseb|Burkan|Zelzal|Badr|Kornet|ballistic|cruise|"
    r"Iranian-made)(?:-\w+)?(?:\s(?:type|style))?\s(?:rockets?|missiles?|projectiles?)|Katyushas|"
    r"mortars?(?:\s(?:bombs?|shells?|rounds?|projectiles?|fire))|mortars|artillery\s(?:shells?|rounds?|"
    r"fire)|(?:armed|explosive[\w-]*|booby-trapped|bomb-laden|suicide|kamikaze)\sdrones?|"
    r"drones?(?!\sstrike)|roadside\sbombs?|improvised\sexplosive\sdevices?|IEDs?|car\sbombs?|"
    r"rockets?|missiles?))\b(?!\s?-?\s?(?:defen[cs]e|launch(?:er|ers)\b|alarm|sirens?|propelled|"
    r"strikes?\sby|systems?|engineer))",
    re.IGNORECASE,
)
_WEAPON_EVENT = re.compile(
    r"\b(?:fired|launched|landed|fell|fallen|falls?|hit|hits|struck|strike|explod\w+|crash\w+|target\w*|"
    r"attack\w*|shell(?:ed|ing)|impact\w*|detonated|attacked|shot|came\sdown|went\soff|bombard\w+|packed|"
    r"resulted|counted|salvo|volley|barrage|engagement|crashed|kills?|killed|wound\w*|released|downed|"
    r"intercepted|burst|aimed|"
    r"by)\b",
    re.IGNORECASE,
)


def circumstance_findings(marked: Marked) -> Iterator[Finding]:
    """Yield launch places, defences at work and weapons."""
    yield from _launch_places(marked)
    yield from _defences(marked)
    yield from _weapons(marked)


def _launch_places(marked: Marked) -> Iterator[Finding]:
    text = marked.text
    for pattern, rule in (
        (_SOURCE_VERB, "launched from"),
        (_SOURCE_NOUN, "place of launching"),
        (_FOUND_AT, "launcher found"),
    ):
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 120) : match.end()]
            if not _LAUNCH_CONTEXT.search(before) or re.search(
                r"\b(?:statement|drone|sources|reports?|sound)s?\b", match.group(0)
            ):
                continue
            name = _launch_name(text, match.end())
            if name:
                yield Finding("launch_place", name, match.start(), rule)
                return


def _launch_name(text: str, begin: int) -> str | None:
    rest = text[begin:]
    same = _FROM_WHERE.match(rest)
    if same:
        begin += same.end()
    if _NO_PLACE.match(text[begin:]):
        return None
    name = noun_phrase(text, begin)
    if name is None:
        return None
    after = text[begin + len(name) :]
    tail = re.match(
        r",\s(?:in|near|south|north|east|west|southeast|northeast|southwest|northwest)\s?[\w\s'-]{2,40}",
        after,
    )
    name = name + tail.group(0).rstrip() if tail and re.search(r"[A-Z]", tail.group(0)) else name
    name = re.split(r"\s(?:towards?|against|at|on|to|into)\s(?=the\s|[A-Z])", name)[0]
    name = re.sub(r"^(?:the|an?)\s(?=.*)", "", name)
    return (
        name
        if len(name) > 2
        and re.search(
            r"[A-Z]|\b(?:hills?|village|farm|area|field|district|outskirts|river|orchard|desert|road|house|"
            r"school|neighbou?rhood|car|truck|van|lorry|brickworks|factory)\b",
            name,
        )
        else None
    )


def _defences(marked: Marked) -> Iterator[Finding]:
    text = marked.text
    for match in _DEFENDED.finditer(text):
        before = re.split(r"[;:]|\.\s", text[max(0, match.start() - 80) : match.start()])[-1]
        after = re.split(r"[;:]|\.\s", text[match.end() : match.end() + 60])[0]
        if not _AT_WORK.search(before + " . " + after) or _NOT_USED.search(
            before[-45:] + match.group(0) + after[:30]
        ):
            continue
        name = re.sub(r"^(?:the)\s", "", " ".join(match.group(0).split()))
        yield Finding(
            "defence_used", re.sub(r"(?i)^C-?\s?RAMs?$", "C-RAM", name), match.start(), "a defence at work"
        )
        return


def _weapons(marked: Marked) -> Iterator[Finding]:
    text = marked.text
    if not _WEAPON_EVENT.search(text):
        return
    for match in _WEAPON.finditer(text):
        if re.match(r"\s(?:engineer|man\b|parts|defense)", text[match.end() :]):
            continue
        yield Finding("weapon", " ".join(match["name"].split()), match.start(), "weapon named")
