"""How many were fired, came down and where, or were stopped: each number with the verb that it belongs to."""

import re
from collections.abc import Iterator

from rampart.ledger.reading.marks import Finding, Marked
from rampart.ledger.reading.mentions import Mention, mentions_in
from rampart.ledger.reading.places import place_after, place_before
from rampart.ledger.reading.quantities import Quantity
from rampart.ledger.reading.words import ANY_Q, FELL, FIRED, HIT, SAY, STOPPED, WARHEADS, Q

_THEY = re.compile(
    rf"\b(?:they|the\s(?:rockets|missiles|shells|projectiles|rounds)|(?P<it>it|(?:the|this)\s(?:rocket|"
    rf"missile|shell|projectile)(?:\swas\s(?:launched|fired)\s[^,;.‹]{3, 60}\sand)?))\s(?:had\s|have\s|all\s|"
    rf"both\s)*(?:(?P<fell>{FELL})|{HIT})\b",
    re.IGNORECASE,
)
_NUMBER_OF = re.compile(
    rf"\bnumber\sof\s(?:the\s)?(?:{WARHEADS})(?P<clause>[^.;]{{0,80}}?)\s(?:was|is|reached|at|to|as|were|"
    rf"had\sreached|stood\sat)\s{Q}(?!\s\w*\s?(?:{WARHEADS}))",
    re.IGNORECASE,
)
_FELL_AHEAD = re.compile(rf"(?:{WARHEADS}|‹q\d+›)[^.;]*\b(?:{FELL}|{HIT})\b", re.IGNORECASE)
_FIGURE = re.compile(
    rf"\bput\s(?:the\s|their\s)(?:figure|number|total|count)\s(?:of\s(?:{WARHEADS})\s)?at\s{Q}(?!\s\w+)|"
    rf"{WARHEADS}[^.;‹]{{0,50}}\snumbered\s‹q(?P<numbered>\d+)›",
    re.IGNORECASE,
)
_GAPPED = re.compile(
    rf"(?:[,:;]|,?\sand)\s{Q}(?:\smore|\sothers?|\sof\s(?:them|which))?(?=\s(?:in|at|near|on|outside|"
    rf"inside|within|elsewhere|by)(?:\s|(?=[.,;]))(?!‹d|the\ssame))",
    re.IGNORECASE,
)
_VERBS = re.compile(
    rf"(?P<aux>(?:\b(?:were|was|been|being|is|are|be)\s(?:\w+ly\s)?)?)\b(?:(?P<stopped>{STOPPED})|"
    rf"(?P<fired>{FIRED})|(?P<fell>{FELL})|(?P<hit>{HIT}))\b",
    re.IGNORECASE,
)
_FROM_OTHERS = re.compile(
    r"(?:;|,?\s(?:(?:most|some|many|several|half|all|\d+\s?(?:%|per\s?cent))\s)?of\s(?:which|them|whom)\b|"
    r"\swhile\s|,\sand\s(?!(?:were|was|landed|fell|hit|exploded|struck)\b))",
    re.IGNORECASE,
)
_FIRED_BEFORE = re.compile(
    r"\b(?:(?:spoke\sof|state\sof|(?:launching|firing|launch)\sof|reported|mentioned|cited|evoked|"
    r"there\s(?:were|was|had\sbeen)|talked\sof|"
    r"fired|fires|firing|launched|launches|launching|released|shot|lobbed|"
    r"unleashed|sent|counted|"
    r"counts|counting|consist(?:ed|s|ing)\sof|comprised|compris(?:ed|ing)|made\sup\sof|total\sof|"
    r"salvo\sof|volley\sof|barrage\sof|volleys?\sof|attack\s(?:of|with|using)|involv(?:ed|ing|es)|rain\sof|"
    r"hail\sof|series\sof|"
    r"number\sof\s(?:\w+\s){0,4}(?:reached|was|is|to|at|rose\sto|as)|carried\sout\s(?:\w+\s){0,3}(?:with|"
    r"by|using))|"
    r"(?:targeted|attacked|bombed|hit|struck|shelled|pounded|bombarded|struck\sthem|hit\sthem|targeting|"
    r"attacking|"
    r"(?:was|were|been|being)\s(?!loaded|armed|equipped|found|caught|packed|arrested)\w+(?:ed|t)|"
    r"under\s(?:fire|attack)|rocketed|attacks?|shelling|bombardment|strikes?)\s(?:[\w'‹›-]+\s){0,8}?(?:with|"
    r"by|from|of))"
    r"\s(?:an?\s|the\s|about\s)?\"?$",
    re.IGNORECASE,
)
_HIT_BY_BEFORE = re.compile(
    r"\s(?P<verb>(?:was|were|been|being)?\s?(?:hit|struck))\s(?:\w+ly\s)?by\s$", re.IGNORECASE
)
_STOPPED_BEFORE = re.compile(
    rf"(?<!\bbeen\s)\b(?:{STOPPED}|intercepting|shooting\sdown|downing|intercepts|intercept|downs|"
    rf"shoots\sdown|shot)\s(?:and\s\w+\s)?"
    rf"(?:{ANY_Q}\s[^,;.‹]{{3,40}}\sand\s)?(?:the\s|at\sleast\s)?$",
    re.IGNORECASE,
)
_SHOT_AFTER = re.compile(r"(?:\s\w+){0,2}\sdown\b|\sof\sthem\sdown\b", re.IGNORECASE)
_STOPPED_OBJECT = re.compile(
    rf"\b(?:{STOPPED}|intercepting|shooting\sdown|downing)\s{Q}(?=\smore\b|\sof\s(?:them|these)|[.,;]|"
    rf"\sand\b|$)|"
    rf"\bshot\s(?={ANY_Q}\s(?:of\sthem\s)?down)‹q(?P<shot>\d+)›",
    re.IGNORECASE,
)
_SAYS = re.compile(rf"\b{SAY}\s$", re.IGNORECASE)
_SAY_OTHERS = re.compile(rf",\s(?:and\s)?(?P<who>(?:the|an?)\s[A-Za-z' -]{{3,40}}?)\s{Q}(?=[,.;]|$)")
_SALVO = re.compile(r"\b(?:salvo|volley|barrage|series|total)\sof\s$", re.IGNORECASE)
_TOTAL = re.compile(r"\b(?:in\stotal|altogether|a\stotal\sof|in\sall)\b", re.IGNORECASE)
_NEVER_FIRED = re.compile(
    r"\b(?:unfired|unlaunched|ready|unexploded|found|seized|defused|discovered|dismantled|recovered|loaded|"
    r"failed\sto|delivery|test-fired|bought|sold)\b",
    re.IGNORECASE,
)
_SITES = re.compile(r"\b(?:test|tests|parade|exercise|drill|satellite|space|orbit)\b", re.IGNORECASE)
_NOT_DONE = re.compile(
    r"\b(?:if|threaten\w*|would|could|may|might|plan\w*\sto|able\sto|capable\sof|can|should|will|intend\w*|"
    r"vow\w*\sto)\b[^,;.]*$",
    re.IGNORECASE,
)
_FRAGMENTS = re.compile(
    r"\b(?:fragments?|debris|wreckage|remains|parts?|pieces?|remnants)\s(?:of|from)\s(?:the\s)?$",
    re.IGNORECASE,
)
_NOT_YET = re.compile(
    r"\b(?:to|would|will|could|not|never|ready\sto)\s(?:have\s)?be(?:en)?\s\w+$|\bready\b", re.IGNORECASE
)
_NOT_EXPLODED = re.compile(r"(?:did|do|does)\snot\s$|failed\sto\s$|without\s$|never\s$|n't\s$", re.IGNORECASE)
_SOME_STOPPED = re.compile(
    rf"\b(?P<some>some|several|many|most|all)\s(?:of\sthe\s(?:{WARHEADS}|{ANY_Q})\s|of\sthem\s|"
    rf"{WARHEADS}\s)?(?:were|was|had\sbeen|have\sbeen|being)\s(?:{STOPPED})\b",
    re.IGNORECASE,
)


def projectile_findings(marked: Marked, known: bool, last: Quantity | None = None) -> Iterator[Finding]:
    """Yield counts fired, in a place and stopped; `known` says that projectiles were spoken of before.

    `last` is the number fired that the paragraph told of last: "they" are so many.
    """
    text = marked.text
    if _SITES.search(text):
        return
    mentions = mentions_in(marked, known or re.search(WARHEADS, text) is not None)
    for index, mention in enumerate(mentions):
        following = mentions[index + 1].start if index + 1 < len(mentions) else len(text)
        previous = mentions[index - 1].end if index else 0
        yield from _roles(marked, mention, previous, following, len(mentions))
    for match in _SOME_STOPPED.finditer(text):
        yield Finding("intercepted", match["some"].lower(), match.start(), "some intercepted")
    for match in _NUMBER_OF.finditer(text):
        yield from _number_of(marked, match)
    for match in _FIGURE.finditer(text):
        if known and not re.search(
            r"(?i)\b(?:dead|killed|wounded|injured|toll|casualt\w+)\b", text[: match.start()]
        ):
            yield Finding(
                "projectiles_total",
                marked.quantities[int(match["q"] or match["numbered"])],
                match.start(),
                "put the figure at",
            )
    if last is not None:
        yield from _they(marked, last)
    if known:
        yield from _gapped(marked)
        starts = {mention.start for mention in mentions}
        for match in _STOPPED_OBJECT.finditer(text):
            mark = match["q"] or match["shot"]
            if text.index(f"‹q{mark}›") not in starts:
                yield Finding(
                    "intercepted", marked.quantities[int(mark)], match.start(), "stopped a number of them"
                )


def _number_of(marked: Marked, match: re.Match) -> Iterator[Finding]:
    """Yield "the number of rockets that fell on the zone was four"."""
    quantity = marked.quantities[int(match["q"])]
    fell = _VERBS.search(match["clause"])
    place = None
    if fell and not fell["fired"]:
        needs = fell["fell"] is not None
        place = place_after(marked.text, match.start("clause") + fell.end(), needs_preposition=needs)
    what = "projectiles_in_place" if place else "projectiles_total"
    yield Finding(what, quantity, match.start(), "the number of projectiles", place=place)


def _they(marked: Marked, last: Quantity) -> Iterator[Finding]:
    """Yield where "they" came down: so many as were fired."""
    for match in _THEY.finditer(marked.text):
        place = place_after(marked.text, match.end(), needs_preposition=match["fell"] is not None)
        if place and (last.value == 1 or not match["it"]):
            yield Finding("projectiles_in_place", last, match.start(), "they came down", place=place)


def _roles(marked: Marked, mention: Mention, previous: int, following: int, count: int) -> Iterator[Finding]:
    """Yield what the verbs about one number say of it."""
    text = marked.text
    before = text[previous : mention.start]
    after = text[mention.end : following]
    own = _FROM_OTHERS.split(after, maxsplit=1)[0]
    if _NEVER_FIRED.search(text[max(0, mention.start - 25) : mention.end]):
        return
    if _FRAGMENTS.search(before):
        return
    if _NOT_DONE.search(text[max(0, mention.start - 50) : mention.start]):
        return
    if mention.part and (inner := _whole(marked, mention)):
        yield inner
    if match := _HIT_BY_BEFORE.search(before):
        place = place_before(text, previous + match.start())
        yield from _landed(mention, place, "hit by a number of projectiles")
        return
    if _STOPPED_BEFORE.search(before) and (not before.rstrip().endswith("shot") or _SHOT_AFTER.match(after)):
        yield Finding("intercepted", mention.quantity, mention.start, "stopped a number of projectiles")
        return
    roles = list(_verb_roles(text, mention, own))
    salvo = _SALVO.search(before) is not None or _is_total(text, mention, previous, own)
    if salvo or (_FIRED_BEFORE.search(before) and not mention.part):
        yield _fired(mention, "fired a number of projectiles")
        roles = [role for role in roles if role.what != "projectiles_total"]
        if salvo:
            return
    yield from roles
    if not roles and not mention.part and mention.noun and not _FIRED_BEFORE.search(before):
        yield from _bare(marked, mention, before, after, count)


def _is_total(text: str, mention: Mention, previous: int, own: str) -> bool:
    """Return whether "in total" stands with this number and no other."""
    near = text[previous : mention.start] + " . " + own[:30]
    return not mention.part and _TOTAL.search(near) is not None


def _whole(marked: Marked, mention: Mention) -> Finding | None:
    """Return the number that a part is of: the five in "three of the five rockets"."""
    inner = re.search(r"\sof\s(?:the\s|these\s|those\s)?‹q(\d+)›", marked.text[mention.start : mention.end])
    if inner is None or mention.noun == "" or "other" in marked.text[mention.start : mention.end]:
        return None
    quantity = marked.quantities[int(inner.group(1))]
    return Finding("projectiles_total", quantity, mention.start, "a part of a number of projectiles")


def _verb_roles(text: str, mention: Mention, own: str) -> Iterator[Finding]:
    """Yield a finding for the first verb of each kind that follows a number."""
    seen: set[str] = set()
    for match in _VERBS.finditer(own):
        kind = next(name for name in ("stopped", "fired", "fell", "hit") if match[name])
        role = "fell" if kind == "hit" else kind
        if role in seen or _NOT_YET.search(own[: match.end()]) or _NOT_EXPLODED.search(own[: match.start()]):
            continue
        passive = bool(match["aux"])
        gap = own[: match.start()].strip()
        if kind == "hit" and (passive or re.search(r"\b(?:that|which)\sw", gap)):
            continue
        if kind == "stopped" and not (passive or gap == ""):
            continue
        if kind == "fired" and (mention.part and mention.noun and not passive):
            continue
        if (
            kind == "fired"
            and re.match(r"(?i)(?:target\b|fire\b|launch\b|aimed$)", match["fired"])
            and gap
            and not passive
            and "aimed" not in match["fired"]
        ):
            continue
        found = _finding(text, mention, match, kind, role)
        seen.update({role} if found else ())
        yield from found


def _finding(text: str, mention: Mention, match: re.Match, kind: str, role: str) -> list[Finding]:
    """Return what one verb says of a number; nothing where it does not say enough."""
    if role == "stopped":
        return [Finding("intercepted", mention.quantity, mention.start, "projectiles stopped")]
    if role == "fired":
        return (
            [] if mention.quantity.value == 0 or mention.next_one else [_fired(mention, "projectiles fired")]
        )
    place = place_after(text, mention.end + match.end(), needs_preposition=kind == "fell")
    return _landed(mention, place, "projectiles came down")


def _fired(mention: Mention, rule: str) -> Finding:
    return Finding("projectiles_total", mention.quantity, mention.start, rule)


def _landed(mention: Mention, place: str | None, rule: str) -> list[Finding]:
    """Return how many came down in a place; where none is named, how many there were."""
    if place is None:
        if mention.part or mention.next_one or mention.quantity.value == 0 or mention.noun == "":
            return []
        return [_fired(mention, rule)]
    return [Finding("projectiles_in_place", mention.quantity, mention.start, rule, place=place)]


def _bare(marked: Marked, mention: Mention, before: str, after: str, count: int) -> Iterator[Finding]:
    """Yield a number without a verb: "six rockets at Erbil", "Police source: two rockets, perhaps three"."""
    text = marked.text
    if re.match(r"\s(?:at|against|toward|towards|on|into)\s(?!‹d)", after) and re.search(
        r"(?:^|[:,-]\s|^\W*)$", text[: mention.start]
    ):
        yield _fired(mention, "projectiles at a target")
    elif _SAYS.search(before) and re.match(r"[,.;]|$|\sand\b", after):
        yield _fired(mention, "somebody says so many projectiles")
        for match in _SAY_OTHERS.finditer(text, mention.end):
            other = marked.quantities[int(match["q"])]
            yield Finding(
                "projectiles_total", other, match.start("q"), "another says so many", speaker=match["who"]
            )
    elif re.search(r"(?:^|:\s)$", text[: mention.start]) and re.match(r"[,.]|$", after) and count == 1:
        yield _fired(mention, "a number of projectiles alone")
    elif re.search(r"\b(?:the|all|these)\s$", text[: mention.start], re.IGNORECASE):
        yield _fired(mention, "the so many projectiles")


def _gapped(marked: Marked) -> Iterator[Finding]:
    """Yield the later members of a list whose verb stands only once: "one fell near A, one at B"."""
    for match in _GAPPED.finditer(marked.text):
        before = marked.text[: match.start()]
        if not _FELL_AHEAD.search(before):
            continue
        place = place_after(marked.text, match.end(), needs_preposition=True)
        if place:
            quantity = marked.quantities[int(match.group(1))]
            yield Finding(
                "projectiles_in_place", quantity, match.start(), "one more place of a list", place=place
            )
