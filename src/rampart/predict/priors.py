"""What is known of a projectile before its first plot: drag, speed, steepness of each class of weapon.

The figures are the encyclopaedic ones of generic classes, spread wide; nothing here describes one round.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rampart.domain.forecast import CLASS_NAMES
from rampart.physics.drag import SHAPE_CURVES, SHAPE_NAMES, cd_at

ROCKET, MORTAR, ARTILLERY = range(len(CLASS_NAMES))
NO_CLASS = -1

MORTAR_SHAPE, SHELL_SHAPE, ROCKET_SHAPE, SPHERE_SHAPE, BROAD_SHAPE = range(len(SHAPE_NAMES))

SHAPE_CLASS = np.array([MORTAR, ARTILLERY, ROCKET, NO_CLASS, NO_CLASS])
"""The class whose projectiles fly like each drag shape; sphere and broad speak for none."""

SUBSONIC_MACH = 0.6
DRAG_SPREAD = 0.25
"""Spread of ln(i S / m) between makes of one calibre, in addition to that between the calibres of a class."""


@dataclass(frozen=True, slots=True)
class WeaponFigures:
    """One generic calibre: coasting mass and subsonic Cd as (lowest, highest)."""

    shape: str
    calibre_m: float
    mass_kg: tuple[float, float]
    subsonic_cd: tuple[float, float]

    def log_drag(self, curve: np.ndarray) -> float:
        """Return ln(i S / m) of the middle of the figures on a drag curve, ln m2/kg."""
        area_m2 = np.pi / 4.0 * self.calibre_m**2
        form = np.sqrt(self.subsonic_cd[0] * self.subsonic_cd[1]) / cd_at(SUBSONIC_MACH, curve)
        return float(np.log(form * area_m2 / np.sqrt(self.mass_kg[0] * self.mass_kg[1])))


WEAPON_FIGURES = (
    WeaponFigures("mortar", 0.060, (1.4, 1.8), (0.12, 0.18)),
    WeaponFigures("mortar", 0.081, (3.2, 4.5), (0.12, 0.18)),
    WeaponFigures("mortar", 0.120, (12.0, 15.0), (0.12, 0.18)),
    WeaponFigures("shell", 0.105, (13.0, 16.0), (0.12, 0.15)),
    WeaponFigures("shell", 0.155, (41.0, 47.0), (0.12, 0.15)),
    WeaponFigures("rocket", 0.107, (14.0, 18.8), (0.25, 0.35)),
    WeaponFigures("rocket", 0.122, (40.0, 65.0), (0.25, 0.35)),
)
"""The catalogue of generic projectiles in FACTS, a rocket's mass from burnt out to full."""


class Prior(NamedTuple):
    """The prior of one drag shape, as the kernels take it.

    `log_drag`, `log_drag_sigma`: mean and spread of ln(i S / m). `tilt_sigma`, `bump_sigma`: spread of the
    curve's departure from the published one (`fit.normal`). `position_sigma_m`, `velocity_sigma_mps`: weak,
    so that every posterior is proper. `wind_sigma_mps`: of the constant departure from the site's wind.
    """

    log_drag: float
    log_drag_sigma: float
    tilt_sigma: float
    bump_sigma: float
    position_sigma_m: float
    velocity_sigma_mps: float
    wind_sigma_mps: float


POSITION_SIGMA_M = 20e3
VELOCITY_SIGMA_MPS = 1000.0
TILT_SIGMA = 0.08
BUMP_SIGMA = 0.08

SHAPE_WEIGHT = np.array([0.3, 0.3, 0.3, 0.02, 0.08])
"""Weight of each shape before the first plot: even, so that nothing is foretold worse for being rare."""

CLASS_RATE = np.array([0.42, 0.38, 0.2])
"""How usual each of CLASS_NAMES is among what is fired at a guarded place; it colours the class alone."""


def log_drag_priors() -> np.ndarray:
    """Return (5, 2): mean and standard deviation of LOG_DRAG for each shape of the library."""
    out = np.empty((len(SHAPE_NAMES), 2))
    for k, (name, curve) in enumerate(zip(SHAPE_NAMES, SHAPE_CURVES, strict=True)):
        own = [figures.log_drag(curve) for figures in WEAPON_FIGURES if figures.shape == name]
        if own:
            spread = np.hypot(np.std(own), DRAG_SPREAD)
        else:  # a shape of no class: whatever any class may have, and more
            own = [figures.log_drag(curve) for figures in WEAPON_FIGURES]
            spread = np.hypot(np.std(own), 2.0 * DRAG_SPREAD)
        out[k] = np.mean(own), max(spread, 0.35)
    return out


LOG_DRAG_PRIORS = log_drag_priors()


def priors_of(wind_sigma_mps: float) -> tuple[Prior, ...]:
    """Return the prior of each shape of the library at a site whose wind is known to `wind_sigma_mps`."""
    return tuple(prior_of(mean, sigma, wind_sigma_mps) for mean, sigma in LOG_DRAG_PRIORS)


def prior_of(log_drag: float, log_drag_sigma: float, wind_sigma_mps: float) -> Prior:
    """Return a prior with the house's weak rest."""
    return Prior(
        float(log_drag),
        float(log_drag_sigma),
        TILT_SIGMA,
        BUMP_SIGMA,
        POSITION_SIGMA_M,
        VELOCITY_SIGMA_MPS,
        max(float(wind_sigma_mps), 0.05),
    )


@dataclass(frozen=True, slots=True)
class ClassHabits:
    """How projectiles of a class fly: each a mixture of normals, (weight, mean, spread) a row.

    `log_speed` of the first coasting plot, ln m/s; `steepness_rad` of the path there as it would be at the
    ground. `boost_seen`: probability that the first plots are seen to burn.
    """

    log_speed: np.ndarray
    steepness_rad: np.ndarray
    boost_seen: float


def _rows(*rows: tuple[float, float, float]) -> np.ndarray:
    return np.array(rows)


CLASS_HABITS = {
    ROCKET: ClassHabits(
        _rows((0.5, np.log(620.0), 0.3), (0.5, np.log(370.0), 0.3)),
        _rows((0.8, np.radians(36.0), np.radians(12.0)), (0.2, np.radians(55.0), np.radians(10.0))),
        boost_seen=0.4,
    ),
    MORTAR: ClassHabits(
        _rows((1.0, np.log(200.0), 0.35)),
        _rows((0.8, np.radians(62.0), np.radians(10.0)), (0.2, np.radians(45.0), np.radians(12.0))),
        boost_seen=0.005,
    ),
    ARTILLERY: ClassHabits(
        _rows((1.0, np.log(480.0), 0.35)),
        _rows((0.7, np.radians(38.0), np.radians(12.0)), (0.3, np.radians(55.0), np.radians(10.0))),
        boost_seen=0.005,
    ),
}
