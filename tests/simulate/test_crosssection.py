"""Cross-sections of bodies: broadside, base and nose as published, and in the span that is usually given."""

import math

import numpy as np
import pytest

from rampart.simulate.catalogue import catalogue
from rampart.simulate.crosssection import BODIES, Body, cos_aspect, section_m2

WAVELENGTH_M = 0.055
PLAIN = Body(0.6, 0.05, 0.02, 0.0)


def test_broadside_is_that_of_a_cylinder():
    """2 pi a L^2 / wavelength."""
    assert section_m2(PLAIN, 0.0, WAVELENGTH_M) == pytest.approx(2.0 * math.pi * 0.05 * 0.36 / WAVELENGTH_M)


def test_the_base_is_a_flat_disc_and_the_nose_a_sphere():
    """4 pi A^2 / wavelength^2, and pi r^2."""
    area_m2 = math.pi * 0.05**2
    assert section_m2(PLAIN, -1.0, WAVELENGTH_M) == pytest.approx(
        4.0 * math.pi * area_m2**2 / WAVELENGTH_M**2
    )
    assert section_m2(PLAIN, 1.0, WAVELENGTH_M) == pytest.approx(math.pi * 0.02**2)


def test_the_lobes_are_levelled_to_their_mean():
    """Over many lobes, 20 to 70 degrees off broadside, the mean of the exact cylinder within 15 %."""
    angles = np.radians(np.linspace(20.0, 70.0, 20_001))
    k = 2.0 * math.pi / WAVELENGTH_M
    x = k * 0.6 * np.sin(angles)
    exact = k * 0.05 * 0.36 * np.cos(angles) * (np.sin(x) / x) ** 2
    level = [section_m2(PLAIN, math.sin(a), WAVELENGTH_M) - math.pi * 0.02**2 * math.sin(a) for a in angles]
    assert np.mean(level) == pytest.approx(np.mean(exact), rel=0.15)


@pytest.mark.parametrize("name", [kind.name for kind in catalogue()])
def test_every_projectile_has_a_body_and_most_aspects_lie_in_the_usual_span(name):
    aspects = np.cos(np.linspace(0.0, math.pi, 181))
    dbsm = 10.0 * np.log10([section_m2(BODIES[name], c, WAVELENGTH_M) for c in aspects])
    assert -26.0 < np.median(dbsm) < -10.0
    assert dbsm.min() > -26.0
    assert dbsm.max() < 20.0


def test_the_aspect_is_that_of_the_flight_to_the_radar():
    place, radar = np.array([1000.0, 0.0, 0.0]), np.zeros(3)
    assert cos_aspect(place, np.array([-300.0, 0.0, 0.0]), radar) == pytest.approx(1.0)
    assert cos_aspect(place, np.array([300.0, 0.0, 0.0]), radar) == pytest.approx(-1.0)
    assert cos_aspect(place, np.array([0.0, 300.0, 0.0]), radar) == pytest.approx(0.0)
    assert cos_aspect(place, np.zeros(3), radar) == 1.0
