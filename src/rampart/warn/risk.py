"""The probability that an impact endangers each zone: the forecast integrated over the grown polygons.

By Gauss's theorem the mass of a standard normal over a polygon is a sum over its edges,

    P = 1 / (2 pi) * sum of the integrals of (1 - exp(-r^2 / 2)) d(theta),

so there are no samples and no noise: edges far from the middle give an arc tangent, the others a few nodes
of Gauss and Legendre. Each component is brought to the standard normal by its Cholesky factor first.
"""

import math

import numpy as np

from rampart.domain.forecast import Forecast
from rampart.numerics.jit import kernel
from rampart.warn.zones import ZoneShapes

REACH_SIGMAS = 6.5
"""Beyond this the standard normal has less than 1e-9 left."""
NEAR_SIGMAS = 4.5
"""A zone that lies farther off along an axis of the ellipse has less than 4e-6: nothing."""
LEAST_SIGMA_M = 0.1
"""No impact is foretold better; keeps a degenerate covariance a number."""
SHORT_SIGMAS, PANEL_SIGMAS = 0.6, 1.5
"""Up to these lengths three and five nodes are right to 1e-7 and 3e-8; most edges are short."""
SHORT_NODES, SHORT_WEIGHTS = np.polynomial.legendre.leggauss(3)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(5)


def zone_probability(forecast: Forecast, shapes: ZoneShapes) -> np.ndarray:
    """Return (n_zones,): that the projectile, given that it is one, comes down where it endangers the zone.

    A component with a number that is not finite is left out and the others weigh more; where none is left
    every probability is 0, as the forecast then says nothing of a place.
    """
    out = np.zeros(len(shapes))
    integrate_each(
        np.ascontiguousarray(forecast.weight, float),
        np.ascontiguousarray(forecast.impact_enu_m, float),
        np.ascontiguousarray(forecast.impact_cov_m2, float),
        shapes.arrays,
        out,
    )
    return out


@kernel
def integrate_each(weight, mean_m, cov_m2, shapes, out_probability):
    """Fill `out_probability (z,)` from a mixture: `weight (k,)`, `mean_m (k, 2)`, `cov_m2 (k, 2, 2)`."""
    out_probability[:] = 0.0
    total = 0.0
    for k in range(weight.shape[0]):
        c = cov_m2[k]
        sound = math.isfinite(mean_m[k, 0] + mean_m[k, 1]) and math.isfinite(c[0, 0] + c[1, 0] + c[1, 1])
        if not sound or not weight[k] > 0.0:
            continue
        total += weight[k]
        l00 = math.sqrt(max(c[0, 0], LEAST_SIGMA_M**2))
        l10 = c[1, 0] / l00
        l11 = math.sqrt(max(c[1, 1] - l10**2, LEAST_SIGMA_M**2))
        along_e, along_n, long_m, short_m = _reach(l00, l10, l11)
        for z in range(out_probability.shape[0]):
            east_m = shapes.circle_enu_m[z, 0] - mean_m[k, 0]
            north_m = shapes.circle_enu_m[z, 1] - mean_m[k, 1]
            radius_m = shapes.circle_enu_m[z, 2]
            # the circle must meet the strip along each axis of the ellipse
            if (
                abs(east_m * along_e + north_m * along_n) < long_m + radius_m
                and abs(north_m * along_e - east_m * along_n) < short_m + radius_m
            ):
                share = _normal_over(z, mean_m[k, 0], mean_m[k, 1], l00, l10, l11, shapes)
                out_probability[z] += weight[k] * share
    for z in range(out_probability.shape[0]):
        share = out_probability[z] / total if total > 0.0 else 0.0
        out_probability[z] = min(max(share, 0.0), 1.0)


@kernel
def _reach(l00, l10, l11):
    """Return (east, north) of the long axis of the normal with Cholesky factor l, and NEAR_SIGMAS along and across."""
    east_m2, north_m2, both_m2 = l00 * l00, l10 * l10 + l11 * l11, l00 * l10
    half, bend = 0.5 * (east_m2 + north_m2), 0.5 * (east_m2 - north_m2)
    apart = math.sqrt(bend * bend + both_m2 * both_m2)
    turn = 0.5 * math.atan2(both_m2, bend)
    long_m, short_m = math.sqrt(half + apart), math.sqrt(max(half - apart, 0.0))
    return math.cos(turn), math.sin(turn), NEAR_SIGMAS * long_m, NEAR_SIGMAS * short_m


@kernel
def _normal_over(z, east_m, north_m, l00, l10, l11, shapes):
    """Return the mass over zone z of the normal about (east_m, north_m) with Cholesky factor l."""
    mass = 0.0
    for ring in range(shapes.zone_start[z], shapes.zone_start[z + 1]):
        first = shapes.ring_start[ring]
        ax = (shapes.vertex_enu_m[first, 0] - east_m) / l00
        ay = (shapes.vertex_enu_m[first, 1] - north_m - l10 * ax) / l11
        for row in range(first + 1, shapes.ring_start[ring + 1]):
            bx = (shapes.vertex_enu_m[row, 0] - east_m) / l00
            by = (shapes.vertex_enu_m[row, 1] - north_m - l10 * bx) / l11
            mass += edge_mass(ax, ay, bx, by)
            ax, ay = bx, by
    return mass


@kernel
def edge_mass(ax, ay, bx, by):
    """Return the standard normal's mass over the triangle origin, a, b; negative where it is clockwise."""
    along_x, along_y = bx - ax, by - ay
    length = math.sqrt(along_x**2 + along_y**2)
    if length < 1e-12:
        return 0.0
    # The edge's line passes the origin at distance |h|; s runs along it from the foot.
    h = (ax * by - ay * bx) / length
    s_a = (ax * along_x + ay * along_y) / length
    s_b = s_a + length
    if abs(h) >= REACH_SIGMAS:
        return _angle(h, s_a, s_b) / (2.0 * math.pi)
    half = math.sqrt(REACH_SIGMAS**2 - h * h)
    low, high = max(s_a, -half), min(s_b, half)
    if low >= high:
        return _angle(h, s_a, s_b) / (2.0 * math.pi)
    angle = _near(h, low, high)
    if s_a < low:
        angle += _angle(h, s_a, low)
    if s_b > high:
        angle += _angle(h, high, s_b)
    return angle / (2.0 * math.pi)


@kernel
def _angle(h, s_from, s_to):
    """Return the angle at the origin that the line at distance h fills between two places along it."""
    return math.atan2(h * (s_to - s_from), h * h + s_from * s_to)


@kernel
def _near(h, low, high):
    """Return the integral of h (1 - exp(-r^2 / 2)) / r^2 along the line at distance h."""
    if high - low < SHORT_SIGMAS:
        half, total = 0.5 * (high - low), 0.0
        for node in range(3):
            total += SHORT_WEIGHTS[node] * _spread(h, low + half * (1.0 + SHORT_NODES[node]))
        return 0.5 * h * half * total
    panels = int((high - low) / PANEL_SIGMAS) + 1
    half = 0.5 * (high - low) / panels
    total = 0.0
    for i in range(panels):
        middle = low + (2 * i + 1) * half
        for node in range(5):
            total += WEIGHTS[node] * _spread(h, middle + half * NODES[node])
    return 0.5 * h * half * total


@kernel
def _spread(h, s):
    """Return (1 - exp(-x)) / x with x = r^2 / 2."""
    x = 0.5 * (h * h + s * s)
    return (1.0 - math.exp(-x)) / x if x > 1e-4 else 1.0 - x / 2.0 + x * x / 6.0
