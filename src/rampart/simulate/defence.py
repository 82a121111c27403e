"""The interceptors of a simulation at work: what they engage on the forecasts they hear, and what came of it.

Strictly outcome statistics. It hears forecasts as they were published, right or wrong; which projectile a track
follows, and whether an engagement stopped it, it takes from the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import dist, hypot, inf

import numpy as np

from rampart.domain.site import Zone
from rampart.simulate.interceptor import ALL, Engagement, ForecastRow, Interceptor
from rampart.simulate.truth import TrueProjectile

FOLLOWS_M = 300.0
"""A track farther than this from every projectile follows none: what is spent on it is spent on nothing."""
FRESH_S = 2.0
"""Nobody engages on a forecast older than this."""
LEAST_S = 2e-3
"""No engagement is over before this: published times are rounded to the millisecond."""
CHANCES, MOST_DRAWS = 4, 64
"""The stream of chances beside those of truth, radars, bystanders and clutter; draws kept for one projectile."""

NOT_TRACKED, NO_THREAT, OUT_OF_REACH, EMPTY, BUSY, TOO_LATE = (
    "no forecast", "not held a threat", "out of reach", "magazine empty", "all busy", "too late",
)  # fmt: skip
REASONS = (NOT_TRACKED, NO_THREAT, OUT_OF_REACH, TOO_LATE, BUSY, EMPTY)
"""Why one was left alone; of several reasons the last in this order is told."""


@dataclass(slots=True)
class Contact:
    """One track as the interceptors know it.

    `threat`: the highest probability of a protected zone; `called_s`: by interceptor, when it first called for
    engagement; `follows`: the projectile that it was found to follow, for the account.
    """

    row: ForecastRow
    threat: float = 0.0
    called_s: dict[str, float] = field(default_factory=dict)
    engaged_until_s: float = -inf
    engagements: int = 0
    over: bool = False
    follows: int | None = None


@dataclass(slots=True)
class Post:
    """An interceptor with what is left in it."""

    interceptor: Interceptor
    left: int
    free_s: float = -inf


class Defence:
    """Hears forecasts one by one in the order of their times; `hear` is its one verb.

    `stopped_s` holds when each projectile, by its index in the truth, was or will be stopped; `engagements` what
    each was engaged with, `at_nothing` what was spent on tracks that follow no projectile. The j-th engagement
    of a projectile has the same luck under every doctrine, so that doctrines can be compared pair by pair.
    """

    def __init__(
        self,
        interceptors: Sequence[Interceptor],
        projectiles: Sequence[TrueProjectile],
        zones: Sequence[Zone],
        seed: int,
    ):
        self.posts = [Post(one, one.magazine) for one in interceptors]
        self.stopped_s: dict[int, float] = {}
        self.engagements: dict[int, list[Engagement]] = {}
        self.at_nothing: list[Engagement] = []
        self.reasons: dict[int, str] = {}
        self._projectiles = projectiles
        self._protected = {zone.id for zone in zones if zone.kind == "protected"}
        self._luck = np.random.default_rng([seed, CHANCES]).random((max(len(projectiles), 1), MOST_DRAWS))
        self._contacts: dict[int, Contact] = {}

    def hear(self, row: ForecastRow) -> None:
        """Take in one forecast and begin what it allows."""
        contact = self._contacts.get(row.track)
        if contact is None:
            contact = self._contacts[row.track] = Contact(row)
        contact.row = row
        contact.threat = max(
            (p for zone, p in row.probability.items() if zone in self._protected), default=0.0
        )
        contact.over = contact.over or row.over
        for post in self.posts:
            name = post.interceptor.id
            if name not in contact.called_s and _is_threat(contact, post.interceptor):
                contact.called_s[name] = row.time_s
        if not contact.over:
            self._note(contact)
        for post in self.posts:
            self._allot(post, row.time_s)

    def _hindrance(self, contact: Contact, interceptor: Interceptor, now_s: float) -> str:
        """Return why this contact cannot be engaged now, empty where it can."""
        row = contact.row
        if not _is_threat(contact, interceptor):
            return NO_THREAT
        if hypot(dist(row.place_enu_m[:2], (interceptor.east_m, interceptor.north_m)), row.place_enu_m[2]) > (
            interceptor.reach_m
        ):
            return OUT_OF_REACH
        soon = now_s < contact.called_s[interceptor.id] + interceptor.reaction_s
        if soon or now_s + interceptor.engagement_s >= row.impact_s:
            return TOO_LATE
        return ""

    def _allot(self, post: Post, now_s: float) -> None:
        """Begin an engagement where the interceptor is free: first called for, first served."""
        interceptor = post.interceptor
        if post.left <= 0 or post.free_s > now_s:
            return
        ready = [
            contact
            for contact in self._contacts.values()
            if not contact.over
            and contact.engaged_until_s <= now_s
            and now_s - contact.row.time_s <= FRESH_S
            and contact.engagements < interceptor.most_each
            and not self._hindrance(contact, interceptor, now_s)
        ]
        if ready:
            first = min(ready, key=lambda c: (c.called_s[interceptor.id], c.row.impact_s, c.row.track))
            self._engage(post, first, now_s)

    def _engage(self, post: Post, contact: Contact, now_s: float) -> None:
        interceptor = post.interceptor
        end_s = now_s + max(interceptor.engagement_s, LEAST_S)
        post.left -= 1
        post.free_s = contact.engaged_until_s = end_s
        contact.engagements += 1
        of = self._followed(contact.row)
        if of is None:
            self.at_nothing.append(Engagement(interceptor.id, contact.row.track, now_s, end_s, False))
            return
        own = self.engagements.setdefault(of, [])
        lucky = self._luck[of, len(own) % MOST_DRAWS] < interceptor.probability
        in_the_air = end_s < min(self._projectiles[of].impact_s, self.stopped_s.get(of, inf))
        own.append(Engagement(interceptor.id, contact.row.track, now_s, end_s, bool(lucky and in_the_air)))
        if lucky and in_the_air:
            self.stopped_s[of] = end_s
            contact.over = True

    def _followed(self, row: ForecastRow) -> int | None:
        """Return which projectile a track follows: the nearest in the air; None where none is near."""
        best, nearest_m = None, FOLLOWS_M
        for index, projectile in enumerate(self._projectiles):
            moment = projectile.state_at(row.time_s)
            if moment is None or self.stopped_s.get(index, inf) <= row.time_s:
                continue
            away_m = dist(moment[0], row.place_enu_m)
            if away_m < nearest_m:
                best, nearest_m = index, away_m
        return best

    def _note(self, contact: Contact) -> None:
        """Note what keeps a contact from being engaged, for the one that it follows."""
        if contact.follows is None:
            contact.follows = self._followed(contact.row)
        of = contact.follows
        if of is None or of in self.engagements:
            return
        now_s = contact.row.time_s
        told = self.reasons.get(of, NOT_TRACKED)
        for post in self.posts:
            why = self._hindrance(contact, post.interceptor, now_s)
            why = why or (EMPTY if post.left <= 0 else BUSY)
            if REASONS.index(why) > REASONS.index(told):
                told = why
        self.reasons[of] = told

    def reason(self, index: int) -> str:
        """Return why a projectile was left alone; empty where it was engaged."""
        return "" if index in self.engagements else self.reasons.get(index, NOT_TRACKED)


def _is_threat(contact: Contact, interceptor: Interceptor) -> bool:
    return interceptor.doctrine == ALL or contact.threat >= interceptor.engage_probability


def perfect_rows(projectiles: Sequence[TrueProjectile], every_s: float, first_s: float = 0.0):
    """Yield the forecasts of one that knows the truth: each projectile every `every_s` from `first_s` after launch,
    in order of time; what endangers a zone does so for certain.
    """
    rows = []
    for track, flown in enumerate(projectiles):
        count = int((flown.impact_s - flown.launch_s - first_s) / every_s) + 1
        for k in range(max(count, 0)):
            time_s = flown.launch_s + first_s + k * every_s
            moment = flown.state_at(time_s)
            if moment is not None:
                place = (float(moment[0][0]), float(moment[0][1]), float(moment[0][2]))
                certain = dict.fromkeys(flown.zones_endangered, 1.0)
                rows.append(ForecastRow(track, time_s, place, flown.ground_s, certain))
    return sorted(rows, key=lambda row: (row.time_s, row.track))
