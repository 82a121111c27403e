"""One projectile as a person is told of it: its path, its forecasts, its end as sensed and as it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rampart.domain.incident import IncidentProjectile
from rampart.domain.site import Zone
from rampart.evaluate.metrics import ellipse_axes
from rampart.evaluate.plane import east_north_m, plane_at


@dataclass(frozen=True, slots=True)
class Guess:
    """A forecast as it stood at `time_s`: place in degrees, covariance in m2, time of coming down."""

    time_s: float
    latitude_deg: float
    longitude_deg: float
    cov_m2: np.ndarray
    impact_time_s: float
    impact_sd_s: float


@dataclass(frozen=True, slots=True)
class Path:
    """One track as it was seen: `time_s (n,)`, `place (n, 3)` latitude, longitude in degrees, height in m."""

    track: int
    class_name: str
    class_probability: float
    time_s: np.ndarray
    place: np.ndarray


@dataclass(frozen=True, slots=True)
class TrueEnd:
    """How the simulator ended a projectile; `place` and `time_s` are of the ground, reached or not; `debris` as in
    truth.json.
    """

    id: str
    weapon: str
    fate: str
    place: tuple[float, float]
    time_s: float
    burst_place: tuple[float, float] | None
    burst_time_s: float | None
    debris: Mapping[str, Any] | None = None

    @property
    def end_s(self) -> float:
        """Return when its flight ended, in the air or on the ground."""
        return self.time_s if self.burst_time_s is None else self.burst_time_s


@dataclass(frozen=True, slots=True)
class ProjectileRow:
    """One projectile from its first plot to its end, numbered in order of appearance.

    `fate` is the most probable one and `protected` the protected zone that it came down in.
    `warning_s` is how long an alarm had stood, where it came down; None in no zone.
    """

    number: int
    record: IncidentProjectile
    path: Path
    guesses: tuple[Guess, ...]
    first_plot_s: float
    confirmed_s: float | None
    fate: str
    fate_probability: float
    protected: Zone | None
    zones: tuple[Zone, ...]
    warning_s: float | None
    truth: TrueEnd | None

    @property
    def last_guess(self) -> Guess | None:
        return self.guesses[-1] if self.guesses else None

    @property
    def end_s(self) -> float:
        """Return when it came down, or when it was last seen where it did not."""
        if self.fate == "ground" and self.last_guess:
            return self.last_guess.impact_time_s
        return float(self.path.time_s[-1]) if len(self.path.time_s) else self.first_plot_s

    @property
    def end_place(self) -> tuple[float, float] | None:
        """Return latitude and longitude of its end in degrees."""
        if self.fate != "ground" and len(self.path.place):
            return float(self.path.place[-1, 0]), float(self.path.place[-1, 1])
        return (self.last_guess.latitude_deg, self.last_guess.longitude_deg) if self.last_guess else None

    @property
    def radius_90_m(self) -> float | None:
        """Return the longer half axis of the ellipse that holds 90 % of the last forecast."""
        return ellipse_axes(self.last_guess.cov_m2, 0.9)[0] if self.last_guess else None

    @property
    def place_words(self) -> str:
        """Return the zones that it came down in, or would have."""
        return ", ".join(short_name(zone.name) for zone in self.zones)

    @property
    def error_m(self) -> float | None:
        """Return the distance from the last forecast to the simulated truth."""
        return self.error_at_m(np.inf)

    @property
    def time_error_s(self) -> float | None:
        """Return the last forecast's time of coming down less the simulated truth's."""
        if self.truth is None or self.last_guess is None:
            return None
        return self.last_guess.impact_time_s - self.truth.time_s

    def error_at_m(self, tracked_s: float) -> float | None:
        """Return how far the forecast that stood `tracked_s` after the first plot lies from the truth."""
        until_s = self.first_plot_s + tracked_s
        guess = next((guess for guess in reversed(self.guesses) if guess.time_s <= until_s), None)
        if self.truth is None or guess is None:
            return None
        offset_m = east_north_m(guess.latitude_deg, guess.longitude_deg, plane_at(*self.truth.place))
        return float(np.hypot(*offset_m))


def short_name(name: str) -> str:
    """Return a name without what stands in brackets after it."""
    return name.split("(")[0].strip() or name
