"""Projectiles gathered into attacks, how far each endangers each zone, and the warnings that they caused."""

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import isfinite

import numpy as np

from rampart.domain.alert import Alert
from rampart.domain.forecast import Forecast
from rampart.domain.site import WarningSettings

SURE_SIGMAS = 3.0
"""A projectile is expected until this many standard deviations after its expected time."""
SILENT_S = 5.0
"""A track that outlives its expected impact without a word for this long is taken to have ended."""


@dataclass(slots=True)
class Projectile:
    """One projectile as the newest forecast has it.

    `danger (n_zones,)`: that it is a projectile and comes down where it endangers the zone. `ended`: no
    radar follows it any more; it may still be in the air, below a radar's view, until its time has come.
    """

    track: int
    danger: np.ndarray
    impact_time_s: float
    impact_time_sd_s: float
    heard_s: float
    ended: bool

    def flying(self, now_s: float) -> bool:
        """Return whether it may still come down after `now_s`."""
        expected = now_s <= self.impact_time_s + SURE_SIGMAS * self.impact_time_sd_s
        return expected or (not self.ended and now_s < self.heard_s + SILENT_S)


@dataclass(slots=True)
class ZoneWarning:
    """The warning of one zone in one attack, open or over.

    `expected_s`: for each projectile that endangered the zone since the raise, when it was last expected
    there; `endangering`: those of them that still do; `freed_s`: when a better forecast moved one elsewhere;
    `forgiven`: tracks that an operator's cancel covers; `slight_s`: since when a slight risk waits for a second
    look, NaN where none does; `said`: the last decision, with the impact's time as expected even where it is past.
    `followed`: the attack's `changes` when this was last looked at; `again_s`: when time alone asks for another look.
    """

    alert: str
    zone: str
    open: bool = False
    expected_s: dict[int, float] = field(default_factory=dict)
    endangering: set[int] = field(default_factory=set)
    freed_s: dict[int, float] = field(default_factory=dict)
    slight_s: float = math.nan
    forgiven: frozenset[int] = frozenset()
    said: Alert | None = None
    followed: int = -1
    again_s: float = -math.inf

    def say(self, alert: Alert) -> Alert:
        """Remember what is said of it, and return that as people hear it."""
        self.said = alert
        return due(alert)

    def clear_s(self, settings: WarningSettings) -> float:
        """Return when the last of those that endangered the zone keeps the warning up no longer."""
        return max(
            min(
                expected_s + settings.clear_after_s,
                self.freed_s.get(track, math.inf) + settings.free_after_s,
            )
            for track, expected_s in self.expected_s.items()
        )


@dataclass(slots=True)
class Attack:
    """Projectiles seen within the gap of one another; `id` is made of the site and the first plot's time.

    `warnings` by zone. `changes` counts what was learnt; `decided` says of what it was decided last, and of which
    projectiles in the air; before `next_s` time alone changes no decision. `touched (n_zones,)`: the count of changes
    at the last that mattered to each zone.
    """

    id: str
    start_s: float
    last_seen_s: float
    projectiles: dict[int, Projectile] = field(default_factory=dict)
    warnings: dict[str, ZoneWarning] = field(default_factory=dict)
    changes: int = 0
    decided: tuple[int, ...] = ()
    next_s: float = -math.inf
    touched: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def takes(self, first_plot_s: float, gap_s: float) -> bool:
        """Return whether a projectile first seen then belongs to this attack."""
        return self.start_s - gap_s <= first_plot_s <= self.last_seen_s + gap_s

    def learn(self, forecast: Forecast, danger: np.ndarray, now_s: float) -> None:
        """Take in the newest forecast of one projectile."""
        self.changes += 1
        self.last_seen_s = max(self.last_seen_s, forecast.last_plot_s)
        time_s, sd_s = forecast.time_mean_s, forecast.time_sd_s
        self.projectiles[forecast.track] = Projectile(
            forecast.track,
            danger,
            # Without a number for the time the danger is now.
            time_s if isfinite(time_s) else now_s,
            sd_s if isfinite(sd_s) else 0.0,
            now_s,
            bool((forecast.fate > 0.0).any()),
        )

    def end(self, track: int) -> None:
        """Take in that a projectile's track ended without a last forecast, or is no projectile's any more."""
        if track in self.projectiles and not self.projectiles[track].ended:
            self.projectiles[track].ended = True
            self.changes += 1

    def flying(self, now_s: float) -> list[Projectile]:
        """Return the projectiles that may still come down, by track."""
        flying = [projectile for projectile in self.projectiles.values() if projectile.flying(now_s)]
        return sorted(flying, key=lambda projectile: projectile.track)


def due(alert: Alert) -> Alert:
    """Return the alert with an impact that is overdue put at its own time: now."""
    return replace(alert, impact_time_s=alert.time_s) if alert.impact_time_s < alert.time_s else alert


def attack_at(site_id: str, forecast: Forecast) -> Attack:
    """Return a new attack that begins with this projectile's first plot."""
    second = datetime.fromtimestamp(int(forecast.first_plot_s), UTC).strftime("%Y%m%dT%H%M%SZ")
    return Attack(f"{site_id}-{second}", forecast.first_plot_s, forecast.last_plot_s)


def at_least_one(projectiles: list[Projectile], zones: int) -> np.ndarray:
    """Return (n_zones,): that at least one of the projectiles, taken as independent, endangers the zone."""
    none = np.ones(zones)
    for projectile in projectiles:
        none *= 1.0 - projectile.danger
    return 1.0 - none


def chance_of(projectiles: list[Projectile], column: int) -> float:
    """Return the probability that at least one of them endangers the zone in this column."""
    none = 1.0
    for projectile in projectiles:
        none *= 1.0 - projectile.danger.item(column)
    return 1.0 - none
