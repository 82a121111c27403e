"""Where, when and how sure: the forecast of one projectile as a mixture, and its origin for the record."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

CLASS_NAMES = ("rocket", "mortar", "artillery")
FATES = ("ground", "airburst", "intercepted", "unknown")


@dataclass(frozen=True)  # without slots: the moments are reckoned once, when they are first asked for
class Forecast:
    """A Gaussian mixture of k components over the place and time of coming down.

    `weight (k,)` sums to 1; `impact_enu_m (k, 2)`, `impact_cov_m2 (k, 2, 2)` in the site's frame;
    `impact_time_s (k,)` POSIX, `impact_time_sd_s (k,)`; `class_probability (3,)` over CLASS_NAMES given
    that the track is ballistic; `ballistic_probability` that it is; `fate (4,)` over FATES, zeros until the
    track has ended; `state_enu (9,)` and `time_s`: the best component's state at the newest plot (position,
    velocity, log drag, wind), for the display.
    """

    track: int
    time_s: float
    weight: np.ndarray
    impact_enu_m: np.ndarray
    impact_cov_m2: np.ndarray
    impact_time_s: np.ndarray
    impact_time_sd_s: np.ndarray
    class_probability: np.ndarray
    ballistic_probability: float
    state_enu: np.ndarray
    fate: np.ndarray
    first_plot_s: float
    last_plot_s: float

    @cached_property
    def mean_enu_m(self) -> np.ndarray:
        """(2,), the mixture's mean."""
        return self.weight @ self.impact_enu_m

    @cached_property
    def cov_enu_m2(self) -> np.ndarray:
        """(2, 2), the mixture's covariance by moments."""
        offset = self.impact_enu_m - self.mean_enu_m
        within = self.weight @ self.impact_cov_m2.reshape(-1, 4)
        return within.reshape(2, 2) + (self.weight * offset.T) @ offset

    @cached_property
    def time_mean_s(self) -> float:
        """The mean time of coming down, POSIX."""
        return float(self.weight @ self.impact_time_s)

    @cached_property
    def time_sd_s(self) -> float:
        """The standard deviation of the time of coming down."""
        off_s, within_s = self.impact_time_s - self.time_mean_s, self.impact_time_sd_s
        return math.sqrt(self.weight @ (within_s * within_s + off_s * off_s))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one projectile came from, for the record of a closed attack alone.

    `place_enu_m (2,)`, `cov_m2 (2, 2)` in the site's frame, honestly inflated for the unseen boost;
    `time_s` of launch and its spread.
    """

    track: int
    place_enu_m: np.ndarray
    cov_m2: np.ndarray
    time_s: float
    time_sd_s: float


@dataclass(frozen=True, slots=True)
class LaunchSite:
    """One place from which `tracks` were launched: centre, radius (90 %, at least 300 m), confidence."""

    place_enu_m: np.ndarray
    radius_90_m: float
    tracks: tuple[int, ...]
    probability: float
