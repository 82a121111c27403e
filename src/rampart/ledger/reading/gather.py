"""What was found, each claim once: repeats by nobody new fall together, figures that contradict all stay."""

import re
from dataclasses import dataclass

import msgspec

from rampart.domain.incident import Claim

_SMALL_WORDS = frozenset(
    ["the", "a", "an", "of", "in", "at", "on", "to", "its", "their", "so-called", "area"]
)
_PLAIN_WEAPON = re.compile(r"^(?:rockets?|missiles?|mortars?|drones?|mortar fire)$", re.IGNORECASE)
_NO_ATTACK = ("weapon", "responsibility_attributed_to", "declined_to_comment_by", "running_total")
"""What an article on no attack may hold as well."""
_CLASSES = (
    ("rocket", "missile", "katyusha", "grad"),
    ("mortar",),
    ("artillery", "shell"),
    ("drone",),
    ("bomb", "ied", "explosive"),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A claim for a person to accept or reject, and the rule that saw it."""

    claim: Claim
    rule: str


def gathered(
    found: list[Proposal], several: bool, published: str | None, source: str | None
) -> list[Proposal]:
    """Return the proposals without repeats; `incident` stays only where an article tells of several attacks."""
    kept: list[Proposal] = []
    by_key: dict[tuple, list[int]] = {}
    for proposal in found:
        claim = proposal.claim
        key = (claim.what, _value_key(claim), claim.qualifier, claim.incident)
        same = next((index for index in by_key.get(key, []) if _is_repeat(kept[index].claim, claim)), None)
        if same is None:
            by_key.setdefault(key, []).append(len(kept))
            kept.append(proposal)
        elif kept[same].claim.according_to is None and claim.according_to is not None:
            kept[same] = proposal
    if not any(proposal.claim.what not in _NO_ATTACK for proposal in kept):
        kept = [proposal for proposal in kept if proposal.claim.what != "weapon"]
    kept = sorted(_without_vaguer_weapons(kept), key=lambda proposal: proposal.claim.offset or 0)
    return [_finished(proposal, several, published, source) for proposal in kept]


def _finished(proposal: Proposal, several: bool, published: str | None, source: str | None) -> Proposal:
    incident = proposal.claim.incident
    if incident is not None and incident.isdigit() and not several:
        incident = None
    claim = msgspec.structs.replace(proposal.claim, incident=incident, published=published, source=source)
    return Proposal(claim, proposal.rule)


def _value_key(claim: Claim) -> str:
    if claim.what in ("launch_place", "weapon", "defence_used") or claim.what.endswith("_by"):
        return ""
    return repr(claim.value)


def _is_repeat(old: Claim, new: Claim) -> bool:
    """Return whether a claim says what another one said, and nobody new says it."""
    if not isinstance(old.value, int | float | list) and not _alike(str(old.value), str(new.value)):
        return False
    if (old.place or new.place) and not _alike(old.place or "", new.place or ""):
        return False
    if old.since != new.since and not _alike(old.since or "", new.since or ""):
        return False
    if old.what == "attack_date" or old.what == "weapon" or old.what == "defence_used":
        return True
    return old.according_to is None or new.according_to is None or _alike(old.according_to, new.according_to)


def _alike(one: str, other: str) -> bool:
    """Return whether the words of the shorter are all among the other's."""
    first, second = _words(one), _words(other)
    return bool(first and second) and (first <= second or second <= first)


def _words(text: str) -> set[str]:
    return {_stem(word) for word in re.findall(r"[\w-]+", text.lower())} - _SMALL_WORDS


def _stem(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def _without_vaguer_weapons(kept: list[Proposal]) -> list[Proposal]:
    """Return the proposals without plain "rockets" where it says "Katyusha rockets" too."""
    named = [p.claim for p in kept if p.claim.what == "weapon"]
    exact = {_weapon_class(c) for c in named if not _PLAIN_WEAPON.match(str(c.value))}
    seen: set[int] = set()
    result = []
    for proposal in kept:
        claim = proposal.claim
        if claim.what == "weapon":
            key = _weapon_class(claim)
            if _PLAIN_WEAPON.match(str(claim.value)):
                if key in exact or key in seen:
                    continue
                seen.add(key)
        result.append(proposal)
    return result


def _weapon_class(claim: Claim) -> int:
    name = str(claim.value).lower()
    return next((index for index, words in enumerate(_CLASSES) if any(word in name for word in words)), -1)
