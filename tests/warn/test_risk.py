"""The probability over a polygon equals closed forms, counting and finer integration."""

import math
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad
from scipy.stats import multivariate_normal, norm

from rampart.physics.geodesy import frame_at
from rampart.warn.risk import _normal_over, edge_mass, zone_probability
from rampart.warn.zones import ShapeArrays, ZoneShapes
from tests.warn.places import REAL_ZONES, make_box, make_forecast, make_site, make_zone, read_real_zones

SIZES = st.floats(0.01, 30.0)
OFFSETS = st.floats(-30.0, 30.0)


def mass_over(corners) -> float:
    closed = [*corners, corners[0]]
    return sum(edge_mass(*a, *b) for a, b in pairwise(closed))


def naive_edge_mass(a, b) -> float:
    """Integrate the density over the triangle in polar coordinates, by many small steps."""
    t = (np.arange(200_000) + 0.5) / 200_000
    p = np.outer(1 - t, a) + np.outer(t, b)
    r2 = np.maximum(np.sum(p**2, axis=1), 1e-300)
    turn = (a[0] * b[1] - a[1] * b[0]) / r2
    return float(np.mean(turn * -np.expm1(-r2 / 2)) / (2 * math.pi))


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((1, 0), (0, 1)), ((0, 1), (1, 0)), ((-1, 0.5), (2, 0.5)), ((-9, 0.1), (9, 0.3)), ((7, 7), (8, 9)),
        ((0.2, 0.1), (0.21, 0.1)), ((0, 0), (1, 1)), ((-5, 2), (1, 2)), ((3, 0.1), (30, 0.1)),
        ((-20, 6), (-18, 6)), ((1, 2), (1, 2)),
    ],
)  # fmt: skip
def test_an_edge_equals_its_naive_twin(a, b):
    assert edge_mass(*a, *b) == pytest.approx(naive_edge_mass(a, b), abs=2e-7)
    assert edge_mass(*b, *a) == pytest.approx(-edge_mass(*a, *b), abs=1e-12)


@given(OFFSETS, OFFSETS, SIZES, SIZES)
def test_a_box_equals_the_product_of_normals(west, south, width, height):
    east, north = west + width, south + height
    exact = (norm.cdf(east) - norm.cdf(west)) * (norm.cdf(north) - norm.cdf(south))
    assert mass_over([(west, south), (east, south), (east, north), (west, north)]) == pytest.approx(
        exact, abs=1e-7
    )


@given(st.floats(0.0, 2 * math.pi), st.floats(0.1, 4.0), st.integers(3, 9))
def test_turning_a_polygon_about_the_middle_changes_nothing(turn, size, corners):
    angles = 2 * math.pi * np.arange(corners) / corners
    masses = [
        mass_over([(size * math.cos(a + t), size * math.sin(a + t)) for a in angles]) for t in (0.0, turn)
    ]
    assert masses[0] == pytest.approx(masses[1], abs=2e-7)


@settings(deadline=None)  # the first call compiles
@given(
    st.lists(st.tuples(st.floats(0.0, 2 * math.pi), st.floats(0.5, 40.0)), min_size=3, max_size=12),
    OFFSETS,
    OFFSETS,
)
def test_chains_of_far_edges_equal_their_edges_one_by_one(corners, east, north):
    """Also of rings that cross themselves and wind about the middle more than once."""
    ring = [(east + r * math.cos(a), north + r * math.sin(a)) for a, r in corners]
    closed = np.array([*ring, ring[0]])
    arrays = ShapeArrays(closed, np.array([0, len(closed)]), np.array([0, 1]), np.array([[0.0, 0.0, 1e9]]))
    edges = sum(edge_mass(*a, *b) for a, b in pairwise(closed.tolist()))
    mass = _normal_over(0, 0.0, 0.0, 1.0, 0.0, 1.0, arrays)
    assert mass == pytest.approx(edges, abs=2e-9)


def test_a_circle_equals_the_rayleigh_law():
    angles = 2 * math.pi * np.arange(2000) / 2000
    mass = mass_over([(1.5 * math.cos(a), 1.5 * math.sin(a)) for a in angles])
    assert mass == pytest.approx(1 - math.exp(-1.125), abs=1e-5)


@pytest.mark.uncompiled
def test_a_mixture_over_a_crooked_zone_equals_counting():
    hole = [(-300, -300), (-300, 200), (250, 0), (-300, -300)]
    crooked = make_zone(
        "a", [(-900, -800), (1000, -500), (200, 100), (800, 900), (-700, 600), (-900, -800)], hole
    )
    far = make_box("far", 60e3, 0, 100)
    site = make_site((crooked, far))
    shapes = ZoneShapes(site.zones, site)
    cov = np.array(
        [[[300.0**2, 200.0 * 300.0], [200.0 * 300.0, 400.0**2]], [[40.0**2, -500.0], [-500.0, 30.0**2]]]
    )
    forecast = make_forecast(
        impact_enu_m=[(100.0, 200.0), (-800.0, -500.0)], impact_cov_m2=cov, weight=np.array([0.7, 0.3])
    )
    rng = np.random.default_rng(1)
    n = 400_000
    counted = sum(
        w * np.mean(shapely.contains_xy(shapes.grown[0], rng.multivariate_normal(m, c, n)))
        for w, m, c in zip(forecast.weight, forecast.impact_enu_m, cov, strict=True)
    )
    out = zone_probability(forecast, shapes)
    assert out[0] == pytest.approx(counted, abs=5 * 0.5 / math.sqrt(n))
    assert out[1] == 0.0


def test_a_box_with_correlation_equals_quadrature():
    zone = make_box("a", 200.0, -100.0, 400.0)
    shapes = ZoneShapes((zone,), make_site((zone,), danger_radius_m=0.0))
    law = multivariate_normal([0.0, 0.0], [[250.0**2, 0.6 * 250 * 500], [0.6 * 250 * 500, 500.0**2]])
    exact = dblquad(lambda n, e: law.pdf((e, n)), -200, 600, -500, 300)[0]
    out = zone_probability(make_forecast(impact_cov_m2=np.array([law.cov])), shapes)
    assert out[0] == pytest.approx(exact, abs=2e-5), "up to the zone's own curvature"


def test_a_sharp_forecast_is_certain_and_a_hole_is_left_out():
    hole = [(-600, -600), (-600, 600), (600, 600), (600, -600), (-600, -600)]
    ring = make_zone("ring", [(-900, -900), (900, -900), (900, 900), (-900, 900), (-900, -900)], hole)
    shapes = ZoneShapes((ring, make_box("in", 0, 0, 50)), make_site())
    sharp = make_forecast(impact_cov_m2=np.zeros((1, 2, 2)))
    assert zone_probability(sharp, shapes) == pytest.approx([0.0, 1.0])
    edge = make_forecast(impact_enu_m=(600.0 - 150.0, 0.0), impact_cov_m2=np.eye(2)[None] * 0.25)
    assert zone_probability(edge, shapes)[0] == pytest.approx(0.5, abs=0.02)


@pytest.mark.uncompiled
def test_a_component_that_is_no_number_is_left_out():
    shapes = ZoneShapes((make_box("a", 0, 0, 500),), make_site())
    alone = zone_probability(make_forecast(), shapes)
    for mean, cov in [((math.nan, 0.0), 1.0), ((0.0, 0.0), math.nan), ((0.0, 0.0), math.inf)]:
        covs = np.array([np.eye(2) * 1e4, np.full((2, 2), cov)])
        both = make_forecast(impact_enu_m=[(0.0, 0.0), mean], impact_cov_m2=covs)
        assert zone_probability(both, shapes) == pytest.approx(alone)
    nothing = make_forecast(impact_enu_m=(math.nan, math.nan))
    assert zone_probability(nothing, shapes) == pytest.approx([0.0])


@given(st.floats(-2000, 2000), st.floats(-2000, 2000), st.floats(1.0, 2000.0))
def test_disjoint_zones_never_sum_to_more_than_one_and_a_larger_zone_holds_more(east_m, north_m, sigma_m):
    zones = (make_box("a", -500, 0, 300), make_box("b", 500, 0, 300), make_box("big", 0, 0, 1000))
    out = zone_probability(
        make_forecast(impact_enu_m=(east_m, north_m), impact_cov_m2=np.eye(2)[None] * sigma_m**2),
        ZoneShapes(zones, make_site(zones)),
    )
    assert np.all((out >= 0.0) & (out <= 1.0))
    assert out[0] + out[1] <= out[2] + 1e-6


@pytest.mark.skipif(not REAL_ZONES.exists(), reason=f"{REAL_ZONES} is not here")
def test_a_land_of_real_zones_takes_milliseconds():
    zones = read_real_zones()
    site = replace(make_site(zones), frame=frame_at(math.radians(32.08), math.radians(34.80), 20.0))
    shapes = ZoneShapes(zones, site)
    forecast = make_forecast(
        impact_enu_m=100.0 * np.arange(10).reshape(5, 2),
        impact_cov_m2=np.tile(np.eye(2) * 1000.0**2, (5, 1, 1)),
    )
    out = zone_probability(forecast, shapes)
    taken_s = []
    for _ in range(20):
        begin_s = time.perf_counter()
        zone_probability(forecast, shapes)
        taken_s.append(time.perf_counter() - begin_s)
    assert 0.9 < out.sum() < 2.0, "the city is covered, and grown zones overlap"
    assert min(taken_s) < 0.01
