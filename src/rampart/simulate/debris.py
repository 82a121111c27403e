"""Where what is left of a stopped projectile comes down: along its path, on a footprint.

Nobody knows into what a projectile breaks. Three pieces stand for all: one that keeps most of the drag of the
whole, one of eight times, one of sixty times; the footprint is the ellipse that reaches from the first to the
last. Assumed, and for the expected number of people below alone.
"""

from dataclasses import dataclass

import numpy as np

from rampart.domain.site import Site
from rampart.physics.flight import LANDED, fly_to_ground
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, World

PIECES = (1.5, 8.0, 60.0)
"""Drag of the pieces, in that of the whole."""
SPREAD = 0.15
"""Half width of the footprint, in the distance that the debris still goes, beside LEAST_HALF_M."""
LEAST_HALF_M = 30.0
LONGEST_FALL_S = 300.0


@dataclass(frozen=True, slots=True)
class Debris:
    """An ellipse on the ground about `centre_enu_m (3,)`, `along_m` and `across_m` its half axes, the longer to
    `azimuth_rad`; `time_s` is when the middle piece comes down.
    """

    time_s: float
    centre_enu_m: np.ndarray
    along_m: float
    across_m: float
    azimuth_rad: float

    def outline_m(self, points: int = 36) -> np.ndarray:
        """Return the ellipse as `(points, 2)` east and north."""
        turn = np.linspace(0.0, 2.0 * np.pi, points, endpoint=False)
        ahead = np.array([np.sin(self.azimuth_rad), np.cos(self.azimuth_rad)])
        aside = np.array([ahead[1], -ahead[0]])
        round_m = self.along_m * np.cos(turn)[:, None] * ahead
        round_m = round_m + self.across_m * np.sin(turn)[:, None] * aside
        return self.centre_enu_m[:2] + round_m


def fall(
    time_s: float, place_enu_m: np.ndarray, velocity_enu_mps: np.ndarray, log_drag: float, curve: np.ndarray,
    site: Site, world: World,
) -> Debris:  # fmt: skip
    """Return the footprint of a projectile that was stopped at a place (3,) with a velocity (3,)."""
    ends, falls_s = [], []
    for share in PIECES:
        state, end = np.zeros(STATE_SIZE), np.zeros(STATE_SIZE)
        state[:3], state[3:6], state[LOG_DRAG] = place_enu_m, velocity_enu_mps, log_drag + np.log(share)
        fall_s, status = fly_to_ground(state, world, curve, site.terrain, 0.25, LONGEST_FALL_S, end)
        ends.append(end[:3].copy() if status == LANDED else np.array(place_enu_m, float))
        falls_s.append(float(fall_s))
    near, far = ends[-1], ends[0]
    centre = 0.5 * (near + far)
    reach_m = float(np.hypot(*(far - place_enu_m)[:2]))
    half = 0.5 * float(np.hypot(*(far - near)[:2])) + LEAST_HALF_M
    across_m = min(SPREAD * reach_m + LEAST_HALF_M, half)
    azimuth_rad = float(np.arctan2(velocity_enu_mps[0], velocity_enu_mps[1]) % (2.0 * np.pi))
    return Debris(time_s + falls_s[1], centre, half, across_m, azimuth_rad)
