"""How large things look to a radar: projectiles by kind and aspect, aircraft, birds and drones by one number.

The body of a projectile is a cylinder with a flat base and a rounded nose, its axis along its velocity; the
lobes of each part are replaced by their mean, for a real body nods by more than a lobe. What edges, fins and
driving bands scatter is one assumed number. Lengths are encyclopaedic and rounded.
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Body:
    """What a projectile looks like: `edges_m2` is what its edges and fins scatter at every aspect."""

    length_m: float
    radius_m: float
    nose_radius_m: float
    edges_m2: float


BODIES = {
    "mortar-60mm": Body(0.30, 0.030, 0.012, 0.004),
    "mortar-81mm": Body(0.45, 0.040, 0.015, 0.008),
    "mortar-120mm": Body(0.70, 0.060, 0.020, 0.015),
    "rocket-107mm": Body(0.84, 0.053, 0.015, 0.015),
    "rocket-122mm": Body(2.90, 0.061, 0.015, 0.03),
    "artillery-155mm": Body(0.70, 0.077, 0.015, 0.02),
}
"""Edges: assumed, so that most aspects lie between -25 and -10 dBsm, the span usually given for such bodies."""

UNKNOWN_BODY = BODIES["mortar-120mm"]
AIRCRAFT_M2 = 20.0
"""A medium jet airliner. [skolnik], ch. 2."""


def section_m2(body: Body, cos_aspect: float, wavelength_m: float) -> float:
    """Return the mean radar cross-section; `cos_aspect` is 1 where the nose points at the radar.

    Cylinder: k a L^2 |sin| sinc^2(k L cos). Base, seen from behind: 4 pi^3 a^4 / wavelength^2 at its normal.
    Nose, seen from before: pi r^2. Physical and geometrical optics, [knott].
    """
    cosine = min(1.0, max(-1.0, cos_aspect))
    sine = math.sqrt(1.0 - cosine * cosine)
    wavenumber = 2.0 * math.pi / wavelength_m
    along = wavenumber * body.length_m * cosine
    section = body.edges_m2
    section += wavenumber * body.radius_m * body.length_m**2 * sine * _mean_of_sinc_2(along)
    if cosine > 0.0:
        return section + math.pi * body.nose_radius_m**2 * cosine
    flat = 4.0 * math.pi**3 * body.radius_m**4 / wavelength_m**2
    return section + flat * cosine**2 * _mean_of_disc_lobes(2.0 * wavenumber * body.radius_m * sine)


def _mean_of_sinc_2(x: float) -> float:
    """Return (sin x / x)^2 with its lobes levelled: 1 at 0, 1 / (2 x^2) far out."""
    return 1.0 / (1.0 + 2.0 * x * x)


def _mean_of_disc_lobes(x: float) -> float:
    """Return (2 J1(x) / x)^2 with its lobes levelled: 1 at 0, 4 / (pi x^3) far out."""
    return 1.0 / (1.0 + 0.25 * math.pi * x**3)


def cos_aspect(position_enu_m: np.ndarray, velocity_enu_mps: np.ndarray, radar_enu_m: np.ndarray) -> float:
    """Return the cosine between a velocity (3,) and the direction to the radar; 1 for what does not move."""
    to_radar_m = radar_enu_m - position_enu_m
    size = float(np.sqrt((to_radar_m @ to_radar_m) * (velocity_enu_mps @ velocity_enu_mps)))
    return float(to_radar_m @ velocity_enu_mps) / size if size > 0.0 else 1.0
