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
SHORTEST_SIGMAS, SHORT_SIGMAS, PANEL_SIGMAS = 0.25, 0.6, 1.5
"""Up to these lengths two, three and five nodes are right to 1e-7; most edges are short."""
TWO_NODE, THREE_NODE = 0.5 / 3.0**0.5, 0.5 * 0.6**0.5
"""Where along an edge the outer nodes stand, in shares of it on either side of its middle."""
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
    """Return the mass over zone z of the normal about (east_m, north_m) with Cholesky factor l.

    Edges beyond all mass give the angle that they fill: from the first corner of such a chain to the last, and a turn
    for each time that it passes the negative axis.
    """
    mass, angle = 0.0, 0.0
    for ring in range(shapes.zone_start[z], shapes.zone_start[z + 1]):
        first, in_chain = shapes.ring_start[ring], False
        ax = (shapes.vertex_enu_m[first, 0] - east_m) / l00
        ay = (shapes.vertex_enu_m[first, 1] - north_m - l10 * ax) / l11
        for row in range(first + 1, shapes.ring_start[ring + 1]):
            bx = (shapes.vertex_enu_m[row, 0] - east_m) / l00
            by = (shapes.vertex_enu_m[row, 1] - north_m - l10 * bx) / l11
            is_far = _is_far(ax, ay, bx, by)
            if is_far != in_chain:
                angle += _bearing(ax, ay) if in_chain else -_bearing(ax, ay)
                in_chain = is_far
            if not is_far:
                mass += edge_mass(ax, ay, bx, by)
            elif (ay < 0.0) != (by < 0.0):
                ahead = ax * by - ay * bx
                if ay < 0.0 and ahead < 0.0:
                    angle -= 2.0 * math.pi
                elif by < 0.0 and ahead > 0.0:
                    angle += 2.0 * math.pi
            ax, ay = bx, by
        if in_chain:
            angle += _bearing(ax, ay)
    return mass + angle / (2.0 * math.pi)


@kernel
def _bearing(x, y):
    """Return the angle of a place from the positive axis, above -pi; a zero has no sign."""
    return math.atan2(y + 0.0, x)


@kernel
def _is_far(ax, ay, bx, by):
    """Return whether the edge keeps REACH_SIGMAS away from the origin."""
    dx, dy = bx - ax, by - ay
    a2, b2, along_a, along_b = ax * ax + ay * ay, bx * bx + by * by, ax * dx + ay * dy, bx * dx + by * dy
    if along_a >= 0.0:
        return a2 >= REACH_SIGMAS**2
    if along_b <= 0.0:
        return b2 >= REACH_SIGMAS**2
    cross = ax * by - ay * bx
    return cross * cross >= REACH_SIGMAS**2 * (dx * dx + dy * dy)


@kernel
def edge_mass(ax, ay, bx, by):
    """Return the standard normal's mass over the triangle origin, a, b; negative where it is clockwise."""
    along_x, along_y = bx - ax, by - ay
    length2 = along_x**2 + along_y**2
    if length2 < SHORT_SIGMAS**2:
        return (ax * by - ay * bx) * _short(ax + 0.5 * along_x, ay + 0.5 * along_y, along_x, along_y, length2)
    length = math.sqrt(length2)
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
def _short(x, y, along_x, along_y, length2):
    """Return the mean of (1 - exp(-r^2 / 2)) / r^2 over a short edge about (x, y), over 2 pi.

    Times the cross product of the edge's ends that is its share of the mass, near the origin or far.
    """
    if length2 < SHORTEST_SIGMAS**2:
        dx, dy = TWO_NODE * along_x, TWO_NODE * along_y
        return (_spread(x - dx, y - dy) + _spread(x + dx, y + dy)) / (8.0 * math.pi)
    dx, dy = THREE_NODE * along_x, THREE_NODE * along_y
    outer = _spread(x - dx, y - dy) + _spread(x + dx, y + dy)
    return (5.0 * outer + 8.0 * _spread(x, y)) / (72.0 * math.pi)


@kernel
def _near(h, low, high):
    """Return the integral of h (1 - exp(-r^2 / 2)) / r^2 along the line at distance h."""
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
