"""Why a zone is warned or not at one moment: the projectiles, what each counts for, and the rule that decided."""

import math
from dataclasses import dataclass

from rampart.warn.attacks import Attack, Projectile
from rampart.warn.policy import Policy, ZoneWarning, chance_of

ENDANGERS, FREED, CAME_DOWN, CANCELLED, SMALL = "endangers", "freed", "came down", "cancelled", "small"
RAISED, KEPT, FREEING, CLEARING = "raised", "kept", "freed", "after the impact"
SECOND_LOOK, BELOW, WAS_CANCELLED, EMPTY = "second look", "below", "cancelled", "nothing in the air"


@dataclass(frozen=True, slots=True)
class Share:
    """What one projectile counts for in a zone; `counts_as` is one of ENDANGERS … SMALL."""

    track: int
    probability: float
    impact_time_s: float
    counts_as: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a zone is as it is in one attack: `rule` is one of RAISED … EMPTY, `until_s` when it will be over by itself.

    `probability` that at least one projectile in the air endangers it, those that a cancel covers left out.
    """

    zone: str
    attack: str | None
    warned: bool
    rule: str
    probability: float
    until_s: float
    shares: tuple[Share, ...]


def reason_of(policy: Policy, zone: str) -> Reason:
    """Return why a zone is warned, or is not, now; of the attack that warns it, else the newest."""
    found = [_reason(policy, attack, zone) for attack in policy.attacks]
    none = Reason(zone, None, False, EMPTY, 0.0, math.nan, ())
    return next((reason for reason in found[::-1] if reason.warned), found[-1] if found else none)


def _reason(policy: Policy, attack: Attack, zone: str) -> Reason:
    warning, column = policy.warning_of(attack.id, zone), policy.column_of(zone)
    own = warning or ZoneWarning(f"{attack.id}-{zone}", zone)
    flying = [p for p in attack.flying(policy.now_s) if column is not None]
    counted = [p for p in flying if p.track not in own.forgiven]
    chance = chance_of(counted, column) if column is not None else 0.0
    rule, until_s = _rule(policy, own, chance, flying)
    aloft = {p.track for p in flying}
    shares = [
        Share(p.track, float(p.danger[column]), p.impact_time_s, _counts_as(p, own, aloft))
        for p in attack.projectiles.values()
        if column is not None and (p.track in aloft or p.track in own.expected_s)
    ]
    shares.sort(key=lambda share: (-share.probability, share.track))
    return Reason(zone, attack.id, own.open, rule, chance, until_s, tuple(shares))


def _rule(policy: Policy, own: ZoneWarning, chance: float, flying: list[Projectile]) -> tuple[str, float]:
    """Return the rule that holds the zone where it is, and until when."""
    if own.open:
        if own.said is not None and own.said.action == "raise" and own.said.time_s == policy.now_s:
            return RAISED, math.nan
        if own.endangering:
            return KEPT, math.nan
        until_s = own.clear_s(policy.settings) if own.expected_s else math.nan
        return (FREEING if set(own.freed_s) == set(own.expected_s) else CLEARING), until_s
    if chance >= policy.settings.raise_probability:
        return SECOND_LOOK, own.slight_s + policy.settings.second_look_s
    if own.forgiven and any(p.track in own.forgiven for p in flying):
        return WAS_CANCELLED, math.nan
    return (BELOW if flying else EMPTY), math.nan


def _counts_as(projectile: Projectile, own: ZoneWarning, aloft: set[int]) -> str:
    if projectile.track in own.forgiven:
        return CANCELLED
    if projectile.track not in aloft:
        return FREED if projectile.track in own.freed_s else CAME_DOWN
    if projectile.track in own.endangering:
        return ENDANGERS
    return FREED if projectile.track in own.freed_s else SMALL
