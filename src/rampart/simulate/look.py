"""One look of a simulated radar, and where its plots come from."""

from dataclasses import dataclass
from math import nan

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.site import Radar
from rampart.simulate.scenario import RadarTruth, Scenario

FALSE_PLOT, AIRCRAFT, BIRD, DRONE, CLUTTER = -1, -2, -3, -4, -5
"""Origins of plots that are no projectile's."""

FASTEST_FALSE_MPS = 450.0
"""Noise and clutter have any range rate up to this."""


@dataclass(frozen=True, slots=True)
class RadarLook:
    """One block of plots of one radar, as sent at `time_s`. `origin (n,)` says what each plot is of: for tests
    and scoring alone; of merged plots the strongest.

    `sector_rad` is where the sector begins that a rotating antenna has just passed, NaN for any other radar.
    """

    radar: int
    time_s: float
    plots: Plots
    origin: np.ndarray
    sector_rad: float = nan


def true_errors(radar: Radar, scenario: Scenario) -> RadarTruth:
    """Return what a radar errs by: as the scenario says, else what the site corrects, so that nothing is left."""
    known = RadarTruth(radar.id, radar.bias[0], radar.bias[1], radar.bias[2], radar.clock_offset_s)
    return scenario.radar_truth_of(radar.id) or known
