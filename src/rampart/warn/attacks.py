"""Projectiles gathered into attacks, and how far each endangers each zone."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite

import numpy as np

from rampart.domain.forecast import Forecast

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
class Attack:
    """Projectiles seen within the gap of one another; `id` is made of the site and the first plot's time."""

    id: str
    start_s: float
    last_seen_s: float
    projectiles: dict[int, Projectile] = field(default_factory=dict)

    def takes(self, first_plot_s: float, gap_s: float) -> bool:
        """Return whether a projectile first seen then belongs to this attack."""
        return self.start_s - gap_s <= first_plot_s <= self.last_seen_s + gap_s

    def learn(self, forecast: Forecast, danger: np.ndarray, now_s: float) -> None:
        """Take in the newest forecast of one projectile."""
        self.last_seen_s = max(self.last_seen_s, forecast.last_plot_s)
        time_s, sd_s = forecast.time_mean_s(), forecast.time_sd_s()
        self.projectiles[forecast.track] = Projectile(
            forecast.track,
            danger,
            # Without a number for the time the danger is now.
            time_s if isfinite(time_s) else now_s,
            sd_s if isfinite(sd_s) else 0.0,
            now_s,
            bool(np.any(forecast.fate > 0.0)),
        )

    def flying(self, now_s: float) -> list[Projectile]:
        """Return the projectiles that may still come down, by track."""
        return [
            self.projectiles[track]
            for track in sorted(self.projectiles)
            if self.projectiles[track].flying(now_s)
        ]


def attack_at(site_id: str, forecast: Forecast) -> Attack:
    """Return a new attack that begins with this projectile's first plot."""
    second = datetime.fromtimestamp(int(forecast.first_plot_s), UTC).strftime("%Y%m%dT%H%M%SZ")
    return Attack(f"{site_id}-{second}", forecast.first_plot_s, forecast.last_plot_s)


def at_least_one(projectiles: list[Projectile], zones: int) -> np.ndarray:
    """Return (n_zones,): that at least one of the projectiles, taken as independent, endangers the zone."""
    if not projectiles:
        return np.zeros(zones)
    return 1.0 - np.prod([1.0 - projectile.danger for projectile in projectiles], axis=0)
