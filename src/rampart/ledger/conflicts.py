"""Claims held against one another: agree, contradict, cannot both be true; and whether an account adds up."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rampart.domain.claim import numbers_of, range_of
from rampart.domain.incident import Claim, Incident
from rampart.ledger.attack import Attack
from rampart.ledger.cells import claimants_of
from rampart.ledger.incidents import fate_of

AGREE, CONTRADICT, IMPOSSIBLE, REVISED, ALONE = (
    "agree",
    "contradict",
    "cannot both be true",
    "revised",
    "one account",
)
FIGURES = ("projectiles_total", "projectiles_in_place", "killed", "injured", "intercepted", "running_total")
_ANYBODY = frozenset(
    [
        "person",
        "persons",
        "people",
        "resident",
        "residents",
        "individual",
        "individuals",
        "wounded",
        "victims",
    ]
)
_SEVERITY = (ALONE, AGREE, REVISED, CONTRADICT, IMPOSSIBLE)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two claims of one matter and how they stand to each other."""

    one: Claim
    other: Claim
    relation: str


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything that was claimed of one matter, the pairs that differ, and the gravest relation among them."""

    what: str
    place: str | None
    claims: tuple[Claim, ...]
    differing: tuple[Pair, ...]
    relation: str


@dataclass(frozen=True, slots=True)
class Account:
    """Whether one account closes: `entered` = the sum of its `parts`; `gap` is what is left.

    `unjudged` names what lies in the gap; a negative gap is more in the parts than entered.
    """

    who: str
    entered: int
    parts: dict[str, int]
    gap: int
    unjudged: dict[str, int]

    @property
    def closes(self) -> bool:
        """Whether nothing is left over."""
        return self.gap == 0


def who_said(claim: Claim) -> str:
    """Return who said it, and where it stood; of an address the host alone."""
    source = re.sub(r"https?://(?:www\.)?([^/\s;]+)[^\s;]*", r"\1", claim.source or "").replace(" ; ", "; ")
    parts = dict.fromkeys(part for part in (claim.according_to, source) if part)
    return ", ".join(parts) or "not said by whom"


def entry_claims(attack: Attack) -> list[Claim]:
    """Return what a table's own entry says, as claims of its source; what it leaves blank it does not claim."""
    if attack.source is not None and attack.source.startswith("Rampart"):
        return []
    said: list[tuple[str, object, str | None]] = [
        ("projectiles_total", attack.projectiles, None),
        ("projectiles_in_place", attack.inside, "target area"),
        ("killed", attack.killed, None),
        ("injured", attack.injured, None),
        ("weapon", attack.weapon, None),
        ("attack_date", attack.date, None),
    ]
    claimed, denied, _ = claimants_of(attack.claimed_by)
    said += [("responsibility_claimed_by", claimed, None)]
    said += [("responsibility_denied_by", name, None) for name in denied]
    return [
        Claim(
            what,
            value,
            "exact" if numbers_of(value) else None,
            place,
            source=attack.source,
            according_to="the list's entry",
        )
        for what, value, place in said
        if value is not None
    ]


def matters(claims: Sequence[Claim]) -> list[Matter]:
    """Return the matters of which several accounts speak or one, gravest disagreement first."""
    groups: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault(_matter_of(claim), []).append(claim)
    found = [_matter(group) for group in groups.values()]
    return sorted(found, key=lambda matter: -_SEVERITY.index(matter.relation))


def _matter_of(claim: Claim) -> tuple[str, str, str]:
    """Return what a claim is about: two claims of one matter can be held against each other."""
    about = claim.incident or ""
    if claim.what in ("responsibility_claimed_by", "responsibility_denied_by"):
        return "responsibility", _key(str(claim.value)), about
    place = claim.place if claim.what in ("projectiles_in_place", "killed", "injured") else claim.since
    return claim.what, _key(place or ""), about


def _key(words: str) -> str:
    """Return words without case, signs, articles and "near"."""
    plain = re.sub(r"[\W_]+", " ", words.casefold())
    return " ".join(
        word for word in plain.split() if word not in ("the", "near", "a", "an", "of", "surroundings")
    )


def _matter(group: Sequence[Claim]) -> Matter:
    pairs = [
        Pair(one, other, relation(one, other)) for i, one in enumerate(group) for other in group[i + 1 :]
    ]
    differing = tuple(pair for pair in pairs if pair.relation in (REVISED, CONTRADICT, IMPOSSIBLE))
    gravest = max((pair.relation for pair in pairs), key=_SEVERITY.index, default=ALONE)
    return Matter(group[0].what, group[0].place, tuple(group), differing, gravest)


def relation(one: Claim, other: Claim) -> str:
    """Return how two claims of one matter stand to each other.

    Figures that leave a number open to both agree; sharp ones that leave none cannot both be true; where one is only
    "about" or "nearly" they contradict; a body's later word replaces its earlier one.
    """
    if {one.what, other.what} == {"responsibility_claimed_by", "responsibility_denied_by"}:
        return CONTRADICT
    first, second = range_of(one), range_of(other)
    if first is not None and second is not None and (some := _people(one)) != (others := _people(other)):
        if some and others:
            return ALONE
        # A number of civilians, or of soldiers, is no more than the number of all.
        part, whole = (first, second) if some else (second, first)
        return AGREE if part.low <= whole.high else IMPOSSIBLE
    if first is None or second is None:
        if one.what in ("weapon", "launch_place", "defence_used") or one.what.endswith("_by"):
            return AGREE if _key(str(one.value)) == _key(str(other.value)) else ALONE
        if one.what == "attack_date":
            return AGREE if _dates_meet(str(one.value), str(other.value)) else IMPOSSIBLE
        return ALONE
    if first.meets(second):
        return AGREE
    if _body(one) and _body(one) == _body(other) and one.according_to != other.according_to:
        return REVISED
    return CONTRADICT if first.soft or second.soft else IMPOSSIBLE


def _people(claim: Claim) -> str:
    """Return which people a number counts; nothing where it counts all."""
    words = _key(claim.of or "")
    return "" if words in _ANYBODY else words


def _dates_meet(one: str, other: str) -> bool:
    """Return whether one day can be both: a month holds its days."""
    return one.startswith(other) or other.startswith(one)


def _body(claim: Claim) -> str:
    """Return the body that spoke, without which of its statements it was."""
    return _key((claim.according_to or "").split(",")[0]) if "statement" in (claim.according_to or "") else ""


def sensed_account(incident: Incident, protected: Sequence[str]) -> Account:
    """Return the accounting of what was sensed: entered = ignored + intercepted + missed, or the gap.

    Ignored came down outside the protected zones, missed inside one; what burst in the air or was lost is neither.
    """
    parts = {"ignored": 0, "intercepted": 0, "missed": 0}
    unjudged: dict[str, int] = {}
    for projectile in incident.projectiles:
        fate = fate_of(projectile.fate)
        if fate == "ground":
            parts["missed" if set(projectile.zones) & set(protected) else "ignored"] += 1
        elif fate == "intercepted":
            parts["intercepted"] += 1
        else:
            name = "burst in the air, cause unknown" if fate == "airburst" else f"fate {fate}"
            unjudged[name] = unjudged.get(name, 0) + 1
    entered = len(incident.projectiles)
    return Account("sensors", entered, parts, entered - sum(parts.values()), unjudged)


def claimed_accounts(claims: Sequence[Claim]) -> list[Account]:
    """Return for everyone who gives parts whether they make up the total that he gives."""
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.what in ("projectiles_total", "projectiles_in_place", "intercepted"):
            groups.setdefault(who_said(claim), []).append(claim)
    for who in [who for who, group in groups.items() if not group[0].according_to]:
        # What a source says in its own voice belongs to the one total that it reports.
        totals = [
            other
            for other, group in groups.items()
            if other != who
            and group[0].source == groups[who][0].source
            and any(claim.what == "projectiles_total" for claim in group)
        ]
        if len(totals) == 1 and groups[who][0].source:
            groups[totals[0]] += groups.pop(who)
    accounts = []
    for who, group in groups.items():
        total = next((_exact(claim) for claim in group if claim.what == "projectiles_total"), None)
        parts = _parts([claim for claim in group if claim.what != "projectiles_total"])
        if total is not None and parts:
            gap = total - sum(parts.values())
            accounts.append(Account(who, total, parts, gap, {"not said": gap} if gap > 0 else {}))
    return accounts


def _exact(claim: Claim) -> int | None:
    figures = range_of(claim)
    return int(figures.low) if figures and figures.low == figures.high else None


def _parts(claims: Sequence[Claim]) -> dict[str, int]:
    """Return the parts that add up: a place and what fell outside it where both are given, else every place."""
    found = {
        (claim.place or "intercepted"): figure for claim in claims if (figure := _exact(claim)) is not None
    }
    outside = [name for name in found if re.match(r"(?i)(outside|elsewhere|other parts)\b", name)]
    for name in outside:
        rest = _key(re.sub(r"(?i)^(outside|elsewhere|other parts)", "", name))
        inside = [other for other in found if other != name and rest and rest in _key(other)]
        if inside:
            return {inside[0]: found[inside[0]], name: found[name]}
    return found
