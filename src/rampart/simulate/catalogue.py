"""The projectiles that the simulator can fly: generic, encyclopaedic, spread wide, and never a firing table.

Masses, calibres and speeds are those of encyclopaedias; the drag curves are drawn by hand through what open
literature says of each shape, and are other curves than those of the estimator's library. Each flight is
varied at random about them, so nothing here gives the range of any real round at any setting.
"""

from dataclasses import dataclass
from functools import cache
from math import log, pi

import numpy as np

from rampart.errors import InputError
from rampart.physics.drag import curve_from_points
from rampart.simulate.scenario import HIGH, LOW

MORTAR_BOMB = (
    (0.0, 0.131), (0.5, 0.133), (0.7, 0.139), (0.8, 0.149), (0.87, 0.170), (0.92, 0.213), (0.97, 0.306),
    (1.04, 0.372), (1.15, 0.384), (1.4, 0.362), (2.0, 0.318),
)  # fmt: skip
"""Mach and Cd of a finned, boat-tailed bomb without rotation: low and flat, a steep rise above Mach 0.85."""

SPUN_ROCKET = (
    (0.0, 0.256), (0.6, 0.252), (0.8, 0.263), (0.88, 0.288), (0.94, 0.338), (0.99, 0.394), (1.06, 0.430),
    (1.2, 0.422), (1.5, 0.378), (2.0, 0.328), (3.0, 0.272),
)  # fmt: skip
"""Mach and Cd of a blunt rocket that spins, its base bluff after burn-out."""

FINNED_ROCKET = (
    (0.0, 0.330), (0.5, 0.324), (0.75, 0.330), (0.86, 0.352), (0.93, 0.408), (1.0, 0.492), (1.08, 0.536),
    (1.2, 0.524), (1.45, 0.470), (1.8, 0.408), (2.2, 0.356), (2.8, 0.302), (4.0, 0.244),
)  # fmt: skip
"""Mach and Cd of a long slender rocket with wrap-around fins, burnt out."""

ARTILLERY_SHELL = (
    (0.0, 0.136), (0.6, 0.134), (0.8, 0.141), (0.89, 0.172), (0.94, 0.238), (0.98, 0.318), (1.03, 0.366),
    (1.12, 0.371), (1.3, 0.349), (1.6, 0.316), (2.0, 0.281), (2.5, 0.249), (3.5, 0.212),
)  # fmt: skip
"""Mach and Cd of a boat-tailed shell that spins."""


@dataclass(frozen=True, slots=True)
class Weapon:
    """One generic projectile.

    `mass_kg` as launched and `mass_empty_kg` after burn-out (the same without a motor); `speed_mps` lowest
    and highest at the muzzle, or at burn-out of a rocket; `burn_s` is 0 without a motor. `form_spread` and
    `speed_spread` are relative standard deviations between makes; `round_spread` scales them to those between
    rounds of one make. `usual_arc` is how such weapons are mostly fired.
    """

    name: str
    family: str
    description: str
    mass_kg: float
    mass_empty_kg: float
    diameter_m: float
    speed_mps: tuple[float, float]
    burn_s: float
    rail_length_m: float
    drag_points: tuple[tuple[float, float], ...]
    usual_arc: str
    form_spread: float = 0.06
    speed_spread: float = 0.01
    round_spread: float = 0.3

    @property
    def burns(self) -> bool:
        return self.burn_s > 0.0

    @property
    def reference_area_m2(self) -> float:
        return pi / 4.0 * self.diameter_m**2

    @property
    def log_drag(self) -> float:
        """Return ln(S / m) of the empty projectile at form factor 1, ln(m2/kg)."""
        return log(self.reference_area_m2 / self.mass_empty_kg)


WEAPONS = (
    Weapon(
        "mortar-60mm", "mortar", "generic 60 mm mortar bomb",
        1.5, 1.5, 0.060, (80.0, 235.0), 0.0, 0.0, MORTAR_BOMB, HIGH,
    ),
    # A muzzle speed of 225 m/s and a reach of 5.65 km are both quoted for the 81 mm class, but 225 m/s does
    # not carry that far even in a vacuum: the top speed is that of later, stronger charges.
    Weapon(
        "mortar-81mm", "mortar", "generic 81 mm mortar bomb",
        4.2, 4.2, 0.081, (90.0, 300.0), 0.0, 0.0, MORTAR_BOMB, HIGH,
    ),
    Weapon(
        "mortar-120mm", "mortar", "generic 120 mm mortar bomb",
        14.0, 14.0, 0.120, (120.0, 320.0), 0.0, 0.0, MORTAR_BOMB, HIGH,
    ),
    Weapon(
        "rocket-107mm", "rocket", "generic 107 mm spin-stabilised rocket",
        18.8, 16.2, 0.107, (380.0, 380.0), 0.7, 0.9, SPUN_ROCKET, LOW,
    ),
    Weapon(
        "rocket-122mm", "rocket", "generic 122 mm fin-stabilised rocket",
        65.0, 45.0, 0.122, (690.0, 690.0), 2.0, 3.0, FINNED_ROCKET, LOW,
    ),
    Weapon(
        "artillery-155mm", "artillery", "generic 155 mm shell",
        43.0, 43.0, 0.155, (300.0, 680.0), 0.0, 0.0, ARTILLERY_SHELL, LOW,
    ),
)  # fmt: skip


def catalogue() -> tuple[Weapon, ...]:
    """Return every projectile that the simulator can fly."""
    return WEAPONS


def weapon(name: str, where: str = "weapon") -> Weapon:
    """Return the projectile of this name; raises InputError at `where`, with the names that there are."""
    for candidate in WEAPONS:
        if candidate.name == name:
            return candidate
    raise InputError(where, f"one of {', '.join(candidate.name for candidate in WEAPONS)}", name)


@cache
def drag_curve(points: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Return the drag curve through these points of Mach and Cd."""
    mach, cd = np.array(points).T
    return curve_from_points(mach, cd)
