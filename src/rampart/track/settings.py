"""The tracker's settings: what may be in the sky, how it moves, and how sure the tracker must be."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rampart.domain.clutter import FASTEST_MPS, STILL_MPS, STILL_SHARE
from rampart.domain.track import AIRCRAFT, BALLISTIC, BOOST, OTHER

FALLING, BURNING, CRUISING, CLIMBING, TURNING, SWERVING, DRIFTING = range(7)
"""The motions of a track's bank of filters, in the order of `TrackSettings.motions`."""


@dataclass(frozen=True, slots=True)
class Motion:
    """One way of moving: how often such things appear, how they start, how they may stray.

    `column` of `motion_probability` that it counts towards. `rate_per_h` of new objects in the whole cover.
    The velocity where it is first seen is Gaussian: vertical mean `v_up_mps`, standard deviations
    `speed_sigma_mps` (each horizontal axis) and `climb_sigma_mps`. `ceiling_m`: scale of the exponential in which
    heights of first plots lie. `wander_mps2` and `wander_up_mps2`: root of the spectral
    density of white acceleration noise, m/s2 per root Hz. `flies`: gravity and drag act. `thrust_mps2` and its own
    noise `thrust_wander_mps2` act along the velocity. `lasts_s` after the first plot in which the motion is
    possible.
    """

    column: int
    rate_per_h: float
    speed_sigma_mps: float
    v_up_mps: float
    climb_sigma_mps: float
    ceiling_m: float
    wander_mps2: float
    wander_up_mps2: float
    flies: bool = False
    thrust_mps2: float = 0.0
    thrust_wander_mps2: float = 0.0
    lasts_s: float = np.inf


MOTIONS = (
    Motion(BALLISTIC, 3.0, 400.0, 100.0, 250.0, 1200.0, 1.0, 1.0, flies=True),
    Motion(BOOST, 3.0, 400.0, 150.0, 200.0, 500.0, 15.0, 15.0, True, 120.0, 120.0, lasts_s=8.0),
    Motion(AIRCRAFT, 60.0, 150.0, 0.0, 10.0, 10000.0, 1.0, 0.7),
    Motion(AIRCRAFT, 4.0, 150.0, 0.0, 40.0, 10000.0, 1.5, 1.5),
    Motion(AIRCRAFT, 3.0, 150.0, 0.0, 45.0, 10000.0, 15.0, 10.0),
    Motion(AIRCRAFT, 1.0, 150.0, 0.0, 45.0, 10000.0, 60.0, 40.0, False, 0.0, 200.0),
    Motion(OTHER, 60.0, 15.0, 0.0, 5.0, 3000.0, 2.0, 1.5),
)


class Rules(NamedTuple):
    """The settings that kernels ask for; `log_rate_ps`: ln of new objects of any kind a second."""

    gate_sigma2: float
    late_s: float
    speed_limit_mps: float
    confirm_log_odds: float
    confirm_plots: int
    vanish_log_odds: float
    coast_s: float
    log_rate_ps: float


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """What the tracker assumes and how it decides; one set for every site and scenario.

    `log_drag_mean`, `log_drag_sigma`: prior of ln(i S / m), m2/kg; `log_drag_wander` its drift, per root s,
    for the unknown shape of the drag curve. `confirm_log_odds`: ln of the odds of a real object against
    clutter at which a track is confirmed. `vanish_log_odds`: a confirmed track that went unseen where it
    should have been seen ends when the sum of ln(1 - Pd) has fallen to this. `gate_sigma2`: squared
    Mahalanobis distance past which a plot is no candidate. `coast_s`: how long an aircraft or drifting
    track lives unseen out of cover. `late_s`: how much older than a track a plot may be. `detection_weight`:
    how many looks the site's detection probability counts for beside a track's own hits.
    """

    motions: tuple[Motion, ...] = MOTIONS
    log_drag_mean: float = -7.2
    log_drag_sigma: float = 0.8
    log_drag_wander: float = 0.08
    burn_out_per_s: float = 0.7
    settle_per_s: float = 0.3
    manoeuvre_per_s: float = 0.05
    confirm_log_odds: float = 9.0
    confirm_plots: int = 3
    vanish_log_odds: float = -11.0
    gate_sigma2: float = 30.0
    coast_s: float = 20.0
    late_s: float = 2.0
    detection_weight: float = 10.0
    clutter_range_rate_mps: float = FASTEST_MPS
    clutter_still_share: float = STILL_SHARE
    clutter_still_mps: float = STILL_MPS
    least_false_plots: float = 0.2
    speed_limit_mps: float = 1200.0
    most_tentative: int = 8192
    edge_elevation_rad: float = 0.004
    edge_range_m: float = 100.0
    unseen_height_m: float = 3000.0

    def rules(self) -> Rules:
        """Return what kernels ask for."""
        return Rules(
            self.gate_sigma2,
            self.late_s,
            self.speed_limit_mps,
            self.confirm_log_odds,
            self.confirm_plots,
            self.vanish_log_odds,
            self.coast_s,
            float(np.log(sum(motion.rate_per_h for motion in self.motions) / 3600.0)),
        )
