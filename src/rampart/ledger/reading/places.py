"""Where something came down or came from: the words of a place after a verb, or before a passive one."""

import re

from rampart.ledger.reading.words import PREPOSITION

_END = re.compile(
    r"[,;:()\[\]\"]|\s-\s|\.(?=\s|$)|‹[qd]\d+›|\b(?:and(?=\s(?:‹|the[ny]?\b|it|he|she|was|were|caused?|"
    r"causing|wound|kill|injur|damag|set|did|one\b|another|also|"
    r"destroy|promised|two|no\b|failed|left|led|that|in\b|at\b|near|burst|exploded|its|a\b|an\b))|but|"
    r"while|which|where|that|who|when|after|before|as|without|with|killing|wounding|injuring|damaging|"
    r"hitting|leaving|causing|setting|starting|destroying|sparking|according|late|early|earlier|overnight|"
    r"shortly|today|yesterday|tonight|on(?=\s‹d)|"
    r"in(?=\s‹d)|at(?=\s(?:‹|dawn|night|\d))|during|for|was|were|had|have|has|is|are|did|said|says|say|"
    r"resulted?|led|kill|wound|injured?|"
    r"killed|wounded|caused|from|by|this|last|just|around(?=\s(?:‹|\d|mid|noon))|about(?=\s(?:‹|\d))|using|"
    r"amid|since|until|directly|despite|"
    r"(?:if|because|though|although|so(?!-))\b|to\s(?!the)|then|yet|again|there(?:$|\s)|one\b|(?:a|the)"
    r"\s(?:security|military|police)\s(?:source|official|spokes)\w*)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    rf"\s*(?:(?:down|only|directly|squarely|harmlessly|right|straight|somewhere)"
    rf"\s)?(?P<how>elsewhere(?:\sin)?|{PREPOSITION})(?:\s|(?=[.,;]|$))",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"near|elsewhere|outside|close|next|around|beside|by|behind|not far|adjacent|within|opposite|short|"
    r"along|beyond|between|off|above",
    re.IGNORECASE,
)
_IN_AIR = re.compile(r"\s*(?:in|into)\s(?:the\s|mid-?\s?)?air\b", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|its|their|an?|so-called|heavily|fortified)\s(?:so-called\s)?", re.IGNORECASE)
_NOT_PLACES = re.compile(
    r"^(?:it|them|him|us|me|her|his|full|place|force|effect|large|numbers?|all|part|response|retaliation|"
    r"quick|succession|"
    r"total|number|couple|turn|addition|fact|return|order|least|most|first|what|minutes?|seconds?|hours?|"
    r"days?|week|times?)\b(?!.*[A-Z])",
    re.IGNORECASE,
)
_DISTANCE = re.compile(
    r"\s(?:just\s|only\s|about\s|some\s|barely\s|less\sthan\s|within\s)*(?:‹q\d+›|[\d.,]{1,7}|a|one|"
    r"half\sa|several\shundred|a\sfew\shundred)\s?(?:met(?:re|er)s?|m|km|kilomet(?:re|er)s?|miles?|yards)"
    r"\s(?:away\s)?(?:from|off|of|short\sof|(?:north|south|east|west)\sof)\s",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"(?:(?:,?\s(?:(?:late|early|overnight|this|on|at|shortly|just|before|after|around|about|local|time|dawn|"
    r"midnight|noon|sunset|night|evening|morning|"
    r"afternoon|[ap]\.?m\.?|\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?)(?=[\s,])|‹d\d+›),?)*?(?=\s(?:(?:down|only|"
    r"directly|harmlessly|somewhere|squarely|right)\s)?(?:in|on(?!\s‹d)|at|near|inside|outside|around|"
    r"close|within|into|to)\s(?!‹d|dawn|night|\d|midnight|noon)))?",
    re.IGNORECASE,
)
_ITS = re.compile(
    r"^(?:its|their|the)\s(?:territory|area|grounds|perimeter)$|^(?:it|there)$|^territory$", re.IGNORECASE
)
_TARGET = re.compile(
    r"(?:direction\sof|towards?|targeted|targeting|aimed\sat|fired\sat|launched\sat)\s(?:the\s)?",
    re.IGNORECASE,
)
_FURTHER = re.compile(r",\s(?:in|at|near)\s[A-Z][\w'-]*(?:\s[A-Z][\w'-]*)*")
_LEADING = re.compile(r"‹q\d+›(?=\s[a-z])")
LONGEST = 90


def place_after(text: str, at: int, needs_preposition: bool) -> str | None:
    """Return the place named from `at` on, with its "near" or "outside", or None."""
    when = _WHEN.match(text, at)
    at = when.end() if when else at
    if _IN_AIR.match(text, at):
        return "in the air"
    far = _DISTANCE.match(text, at)
    if far:
        name = noun_phrase(text, far.end())
        return f"{far.group(0).strip()} {name}" if name else None
    lead = _LEAD.match(text, at)
    if lead is None and needs_preposition:
        return None
    begin = lead.end() if lead else at + (1 if text[at : at + 1] == " " else 0)
    name = noun_phrase(text, begin)
    how = " ".join(lead["how"].split()) if lead else ""
    if name is None or len(name) < 2:
        bare = how.lower() if how.lower() in ("inside", "outside") else None
        return bare
    if how.lower() in ("outside", "outside of", "inside") and name.lower() in ("it", "them"):
        return f"{how.lower()} it"
    if _NOT_PLACES.match(name):
        return None
    if _ITS.match(name):
        return _target_before(text, at)
    if not re.search(r"[A-Z]", name) and (more := _FURTHER.match(text, begin + len(name))):
        name += more.group(0)
    name = _ARTICLE.sub("", name)
    if "vicinity" in how or "surroundings" in how:
        how = "near"
    return f"{how.lower()} {name}" if _KEPT.match(how) else name


def _target_before(text: str, at: int) -> str | None:
    """Return the target that "its territory" speaks of: the last one named before."""
    targets = list(_TARGET.finditer(text, 0, at))
    return noun_phrase(text, targets[-1].end()) if targets else None


def noun_phrase(text: str, begin: int) -> str | None:
    """Return the words from `begin` to where the phrase ends; quotation marks about a name are left out."""
    window = text[begin : begin + LONGEST]
    if window.startswith('"') and '"' in window[1:]:
        close = window.index('"', 1)
        window = window[1:close] + " " + window[close + 1 :].lstrip(' "')
    else:
        window = re.sub(r'"([^",.]{2,40})"', r"\1", window)
    leading = _LEADING.match(window)
    end = _END.search(window, leading.end() if leading else 0)
    name = window[: end.start() if end else len(window)].strip(" \"'-.")
    if end is None and len(text) > begin + LONGEST:
        name = name.rsplit(" ", 1)[0]
    name = re.sub(r"(?:\s(?:at|in|on|of|to|and|the|by|near|a))+$", "", name)
    return name or None


def place_before(text: str, end: int) -> str | None:
    """Return the subject that stands before a passive verb at `end`."""
    begin = max(
        text.rfind(mark, 0, end) for mark in (", ", "; ", ": ", " that ", '"', " and ", " after ", " as ")
    )
    name = text[begin + 1 if begin >= 0 else 0 : end].strip(" ,;:\"'")
    name = re.sub(r"^(?:that|and|after|as|when)\s", "", name)
    name = _ARTICLE.sub("", name)
    return name if 2 < len(name) <= LONGEST and "‹" not in name else None
