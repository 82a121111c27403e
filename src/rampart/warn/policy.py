"""When each zone is warned: raise, revise, clear and cancel, a pure state machine of forecasts and time.

The rules, in the order in which they are asked, for each attack and zone:

1. *Raise* where the probability that at least one projectile in the air endangers the zone reaches
   `raise_probability`; at once, and whenever it happens. A second raise in the same attack keeps the id.
   A slight risk alone, which leaves people more time than they need, waits up to `second_look_s` for another look.
2. *Revise* where the earliest expected impact moved, the projectiles that endanger the zone changed, or the
   probability changed by a factor; at most once in `REVISE_EVERY_S`.
3. *Clear* `clear_after_s` after the last impact that kept the warning up, when nothing that endangers the
   zone is in the air. A danger that better forecasts have moved elsewhere for `free_after_s` keeps it up no more.
4. *Cancel* by command alone. The projectiles known then do not raise that zone again; others do.
"""

import math

import numpy as np

from rampart.domain.alert import CANCEL, CLEAR, RAISE, REVISE, Alert
from rampart.domain.forecast import Forecast
from rampart.domain.site import Site, Zone
from rampart.warn.attacks import Attack, Projectile, ZoneWarning, at_least_one, attack_at, chance_of, due

REVISE_EVERY_S = 2.0
REVISE_SHIFT_S = 2.0
REVISE_FACTOR = 3.0
JOIN_SHARE, LEAVE_SHARE = 0.5, 0.25
"""Shares of `raise_probability` at which one projectile begins and ceases to count as endangering a zone."""
LITTLE_SHARE = 0.02
"""A projectile whose own share of `raise_probability` stays below this in a zone is no reason to look at it again."""
SLIGHT_FACTOR = 3.0
"""A risk below so many times `raise_probability` is slight: most of them are gone with the next look."""
SPARE_S = 10.0
"""A slight risk waits only where people have so many seconds more than they need to reach cover."""


class Policy:
    """Decides for each zone when to warn. Works on time as it is told; the clock only runs forwards.

    A forecast's zone probability holds for a projectile; it is multiplied here by the probability that the
    track is one.
    """

    def __init__(self, site: Site):
        self.site_id = site.id
        self.mode = site.mode
        self.settings = site.warning
        self._zone_ids = [zone.id for zone in site.zones]
        self._shelter_s = {zone.id: zone.shelter_s for zone in site.zones}
        self._column = {zone: column for column, zone in enumerate(self._zone_ids)}
        self._zones = len(self._zone_ids)
        self._attacks: list[Attack] = []
        self.now_s = -math.inf

    def step(
        self, time_s: float, forecasts: list[Forecast], probability: np.ndarray, gone: tuple[int, ...] = ()
    ) -> list[Alert]:
        """Return the decisions that new forecasts cause.

        `probability (n_forecasts, n_zones)` in the order of the site's zones. A forecast with a fate says
        that its track has ended; `gone` names tracks that ended, or ceased to be a projectile's, without one.
        """
        self.now_s = max(self.now_s, time_s)
        for forecast, row in zip(forecasts, probability, strict=True):
            self._learn(forecast, row)
        for attack in self._attacks:
            for track in gone:
                attack.end(track)
        return self._decide()

    def hear(self, time_s: float, forecast: Forecast, probability: np.ndarray) -> list[Alert]:
        """Return what one new forecast raises or revises in the zones that it endangers; `step` decides the rest.

        So an alarm need not wait for the forecasts of all that a scan has seen. `probability (n_zones,)`.
        """
        self.now_s = max(self.now_s, time_s)
        attack = self._learn(forecast, probability)
        endangered = attack.projectiles[forecast.track].danger >= JOIN_SHARE * self.settings.raise_probability
        flying, alerts = attack.flying(self.now_s), []
        for column in endangered.nonzero()[0].tolist():
            warning = attack.warnings.get(self._zone_ids[column])
            if warning is not None and warning.open:
                if self._may_revise(warning):
                    alerts += self._revise(attack, warning, self._follow(attack, warning, flying))
            elif chance_of(flying, column) >= self.settings.raise_probability:
                alerts += self._raise(attack, column, flying)
        return alerts

    def tick(self, time_s: float, gone: tuple[int, ...] = ()) -> list[Alert]:
        """Return the decisions that the passing of time causes, or that these tracks are `gone`, as in `step`."""
        return self.step(time_s, [], np.empty((0, self._zones)), gone)

    def set_zones(self, zones: tuple[Zone, ...], time_s: float) -> list[Alert]:
        """Change the zones; one that is dropped while it is warned keeps its warning until that is over."""
        self.now_s = max(self.now_s, time_s)
        kept = [zone for attack in self._attacks for zone, warning in attack.warnings.items() if warning.open]
        wanted = [zone.id for zone in zones]
        self._zones = len(wanted)
        self._shelter_s |= {zone.id: zone.shelter_s for zone in zones}
        self._zone_ids = list(dict.fromkeys(wanted + kept))
        columns = [self._column.get(zone, -1) for zone in self._zone_ids]
        self._column = {zone: column for column, zone in enumerate(self._zone_ids)}
        for attack in self._attacks:
            attack.changes += 1
            attack.touched = np.full(len(self._zone_ids), attack.changes)
            for projectile in attack.projectiles.values():
                projectile.danger = np.append(projectile.danger, 0.0)[columns]
        return self._decide()

    def cancel(self, time_s: float, target: str) -> list[Alert]:
        """Cancel the open warnings whose alert id or zone is `target`; empty where there is none."""
        self.now_s = max(self.now_s, time_s)
        alerts = []
        for attack in self._attacks:
            for warning in attack.warnings.values():
                if warning.open and target in (warning.alert, warning.zone):
                    attack.changes += 1
                    warning.forgiven |= frozenset(attack.projectiles)
                    alerts.append(self._end(warning, CANCEL, attack))
        return alerts

    def open_alerts(self) -> tuple[Alert, ...]:
        """Return what was last said of every warning that is open."""
        return tuple(
            due(warning.said)
            for attack in self._attacks
            for warning in attack.warnings.values()
            if warning.open and warning.said
        )

    @property
    def attacks(self) -> tuple[Attack, ...]:
        """The attacks that are still open, oldest first, with what is known of their projectiles."""
        return tuple(self._attacks)

    def warning_of(self, attack_id: str, zone: str) -> ZoneWarning | None:
        """Return the warning of a zone in an open attack, open or over; None where there was none."""
        return next((attack.warnings.get(zone) for attack in self._attacks if attack.id == attack_id), None)

    def column_of(self, zone: str) -> int | None:
        """Return the column of a zone in `Projectile.danger`; None of a zone that is not warned."""
        return self._column.get(zone)

    @property
    def attack_id(self) -> str | None:
        """The newest attack that is still open; None where there is none."""
        return self._attacks[-1].id if self._attacks else None

    @property
    def open_attacks(self) -> tuple[str, ...]:
        """The attacks that are still open, oldest first."""
        return tuple(attack.id for attack in self._attacks)

    def attack_of(self, track: int) -> str | None:
        """Return the open attack to which a track belongs."""
        return next((attack.id for attack in reversed(self._attacks) if track in attack.projectiles), None)

    def expected_s(self, track: int) -> float:
        """Return when a projectile was last expected to come down; -inf where nothing was told of it yet."""
        for attack in reversed(self._attacks):
            if track in attack.projectiles:
                return attack.projectiles[track].impact_time_s
        return -math.inf

    def _learn(self, forecast: Forecast, probability: np.ndarray) -> Attack:
        attack = self._attack_for(forecast)
        known = attack.projectiles.get(forecast.track)
        danger = np.zeros(len(self._zone_ids)) if known is None else known.danger.copy()
        # what is no number endangers nothing
        np.fmax(probability * forecast.ballistic_probability, 0.0, out=danger[: self._zones])
        attack.learn(forecast, danger, self.now_s)
        if len(attack.touched) != len(danger):
            attack.touched = np.zeros(len(danger), np.int64)
        most = danger if known is None else np.maximum(danger, known.danger)
        attack.touched[most >= LITTLE_SHARE * self.settings.raise_probability] = attack.changes
        return attack

    def _attack_for(self, forecast: Forecast) -> Attack:
        gap_s = self.settings.attack_gap_s
        newest_first = self._attacks[::-1]
        fitting = [attack for attack in newest_first if forecast.track in attack.projectiles]
        fitting += [attack for attack in newest_first if attack.takes(forecast.first_plot_s, gap_s)]
        if not fitting:
            new = attack_at(self.site_id, forecast)
            # Two attacks of one second would have one id: they are one.
            fitting = [attack for attack in newest_first if attack.id == new.id]
            if not fitting:
                self._attacks.append(new)
                return new
        return fitting[0]

    def _decide(self) -> list[Alert]:
        alerts: list[Alert] = []
        for attack in self._attacks:
            flying = attack.flying(self.now_s)
            known = (attack.changes, *(projectile.track for projectile in flying))
            if known != attack.decided or self.now_s >= attack.next_s:
                alerts += self._decide_in(attack, flying, known[1:] != attack.decided[1:])
                attack.decided, attack.next_s = known, self._next_s(attack)
        self._attacks = [attack for attack in self._attacks if self._is_open(attack)]
        return alerts

    def _decide_in(self, attack: Attack, flying: list[Projectile], others: bool) -> list[Alert]:
        """Return the decisions of one attack, of whose projectiles these may still come down; `others` than before."""
        alerts: list[Alert] = []
        reached = at_least_one(flying, len(self._zone_ids)) >= self.settings.raise_probability
        for column in np.flatnonzero(reached).tolist():
            alerts += self._raise(attack, column, flying)
        touched = attack.touched.tolist()
        for warning in attack.warnings.values():
            column = self._column.get(warning.zone, -1)
            if column < 0 or not reached[column]:
                warning.slight_s = math.nan
            if warning.open and (
                others or touched[column] > warning.followed or self.now_s >= warning.again_s
            ):
                alerts += self._keep_or_clear(attack, warning, flying)
        return alerts

    def _next_s(self, attack: Attack) -> float:
        """Return when time alone may change a decision of this attack."""
        if any(not math.isnan(warning.slight_s) for warning in attack.warnings.values()):
            return self.now_s
        return min((w.again_s for w in attack.warnings.values() if w.open), default=math.inf)

    def _raise(self, attack: Attack, column: int, flying: list[Projectile]) -> list[Alert]:
        zone = self._zone_ids[column]
        warning = attack.warnings.get(zone)
        if warning is None:
            warning = attack.warnings[zone] = ZoneWarning(f"{attack.id}-{zone}", zone)
        if warning.open:
            return []
        flying = [projectile for projectile in flying if projectile.track not in warning.forgiven]
        chance = chance_of(flying, column)
        if chance < self.settings.raise_probability or self._waits(warning, chance, column, flying):
            return []
        warning.open = True
        warning.expected_s, warning.endangering, warning.freed_s = {}, set(), {}
        self._follow(attack, warning, flying)
        news = warning.say(self._alert(warning, RAISE, attack, flying))
        warning.again_s = self._again_s(warning)
        return [news]

    def _waits(self, warning: ZoneWarning, chance: float, column: int, flying: list[Projectile]) -> bool:
        """Return whether a slight risk waits for a second look: people have the time, and a look may come."""
        join = JOIN_SHARE * self.settings.raise_probability
        counted = [p for p in flying if p.danger[column] >= join] or flying
        left_s = min(p.impact_time_s for p in counted) - self.now_s
        if chance >= SLIGHT_FACTOR * self.settings.raise_probability or all(p.ended for p in counted):
            return False
        if left_s < self._shelter_s[warning.zone] + SPARE_S + self.settings.second_look_s:
            return False
        if math.isnan(warning.slight_s):
            warning.slight_s = self.now_s
        return self.now_s < warning.slight_s + self.settings.second_look_s

    def _keep_or_clear(self, attack: Attack, warning: ZoneWarning, flying: list[Projectile]) -> list[Alert]:
        flying = self._follow(attack, warning, flying)
        if not warning.endangering and self.now_s >= warning.clear_s(self.settings):
            return [self._end(warning, CLEAR, attack)]
        return self._revise(attack, warning, flying)

    def _revise(self, attack: Attack, warning: ZoneWarning, flying: list[Projectile]) -> list[Alert]:
        """Return the news of a warned zone, where they are worth telling and the last were not told just now."""
        said = warning.said
        if said is None or not self._may_revise(warning):
            return []
        tracks = {projectile.track for projectile in flying}
        over = [attack.projectiles[track] for track in warning.expected_s if track not in tracks]
        probability = chance_of(flying + over, self._column[warning.zone])
        if not self._is_material(said, warning, probability, tracks):
            return []
        news = warning.say(self._alert(warning, REVISE, attack, flying))
        warning.again_s = self._again_s(warning)
        return [news]

    def _may_revise(self, warning: ZoneWarning) -> bool:
        """Return whether the last news of a warned zone is old enough for others."""
        return warning.said is not None and self.now_s - warning.said.time_s >= REVISE_EVERY_S

    def _again_s(self, warning: ZoneWarning) -> float:
        """Return when the passing of time alone asks for another look at an open warning."""
        may_s = warning.said.time_s + REVISE_EVERY_S if warning.said else math.inf
        again_s = may_s if may_s > self.now_s else math.inf
        return again_s if warning.endangering else min(again_s, warning.clear_s(self.settings))

    def _follow(self, attack: Attack, warning: ZoneWarning, flying: list[Projectile]) -> list[Projectile]:
        """Note which projectiles endanger the zone now, and when each is expected there; return those that may."""
        column, threshold = self._column[warning.zone], self.settings.raise_probability
        if warning.forgiven:
            flying = [projectile for projectile in flying if projectile.track not in warning.forgiven]
        danger = {projectile.track: projectile.danger.item(column) for projectile in flying}
        join, leave = JOIN_SHARE * threshold, LEAVE_SHARE * threshold
        if chance_of(flying, column) >= threshold:
            # Many small dangers may reach together what none of them reaches alone: then the greatest count.
            join = min(join, 0.5 * max(danger.values()))
            leave = min(leave, join)
        warning.endangering = {
            track for track, p in danger.items() if p >= (leave if track in warning.endangering else join)
        }
        for projectile in flying:
            if projectile.track in warning.endangering:
                warning.expected_s[projectile.track] = projectile.impact_time_s
                warning.freed_s.pop(projectile.track, None)
            elif projectile.track in warning.expected_s:
                warning.freed_s.setdefault(projectile.track, self.now_s)
        warning.followed, warning.again_s = attack.changes, self._again_s(warning)
        return flying

    def _is_material(self, said: Alert, warning: ZoneWarning, probability: float, flying: set[int]) -> bool:
        """Return whether a warning differs enough from what was said of it; an impact that came is no news."""
        floor = LEAVE_SHARE * self.settings.raise_probability
        ratio = max(probability, floor) / max(said.probability, floor)
        if not 1.0 / REVISE_FACTOR < ratio < REVISE_FACTOR:
            return True
        if not warning.endangering:
            return False
        impact_s = min(warning.expected_s[track] for track in warning.endangering)
        moved = not abs(impact_s - said.impact_time_s) <= REVISE_SHIFT_S
        return moved or warning.endangering != set(said.tracks) & flying

    def _alert(self, warning: ZoneWarning, action: str, attack: Attack, flying: list[Projectile]) -> Alert:
        """Return the state of a warning; its probability counts what is in the air and what came down."""
        counted = {projectile.track: projectile for projectile in flying}
        counted |= {track: attack.projectiles[track] for track in warning.expected_s}
        over = action in (CLEAR, CANCEL)
        expected = [] if over else [warning.expected_s[track] for track in warning.endangering]
        return Alert(
            time_s=self.now_s,
            alert=warning.alert,
            zone=warning.zone,
            action=action,
            mode=self.mode,
            probability=chance_of([counted[track] for track in sorted(counted)], self._column[warning.zone]),
            impact_time_s=min(expected, default=math.nan),
            tracks=tuple(sorted(warning.expected_s if over else warning.endangering)),
        )

    def _end(self, warning: ZoneWarning, action: str, attack: Attack) -> Alert:
        """Close a warning, naming all that kept it up."""
        warning.open = False
        return warning.say(self._alert(warning, action, attack, attack.flying(self.now_s)))

    def _is_open(self, attack: Attack) -> bool:
        if any(warning.open for warning in attack.warnings.values()) or attack.flying(self.now_s):
            return True
        return self.now_s <= attack.last_seen_s + self.settings.attack_gap_s
