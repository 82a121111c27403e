"""Where the arc of one integration step meets the ground, a ridge that it only grazes included."""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.physics.geodesy import height_from_sphere
from rampart.physics.terrain import ground_height_m

SAMPLES_PER_CELL = 4.0
MOST_SAMPLES = 256
NUDGE = 1e-4
"""Share of a sample's interval over which its end slopes are taken."""
CLOSE_M = 1e-5
GOLDEN = 0.6180339887498949


@kernel
def meeting_on_arc(arc, world, terrain):
    """Return the share 0...1 of the step at which the arc first meets the ground, or -1.

    `arc`: position, velocity and acceleration at the start, the same at the end (18 numbers), and the step
    in seconds. Each quarter of a terrain cell is looked at on its own; where the clearance falls into it
    and rises out of it, its lowest place is sought, so that a ridge between two samples is not flown through.
    """
    across_m = np.sqrt((arc[9] - arc[0]) ** 2 + (arc[10] - arc[1]) ** 2)
    cells = SAMPLES_PER_CELL * across_m / terrain.spacing_m
    samples = 1 + int(min(cells, MOST_SAMPLES)) if cells > 0.0 else 1
    width = 1.0 / samples
    start, start_m = 0.0, clearance_on_arc(0.0, arc, world, terrain)
    for i in range(samples):
        end = (i + 1) * width
        end_m = clearance_on_arc(end, arc, world, terrain)
        if end_m <= 0.0:
            return start if start_m <= 0.0 else _first_zero(start, start_m, end, end_m, arc, world, terrain)
        falls = clearance_on_arc(start + NUDGE * width, arc, world, terrain) < start_m
        rises = clearance_on_arc(end - NUDGE * width, arc, world, terrain) < end_m
        if start_m <= 0.0 and falls:
            return start
        if falls and rises:
            lowest, lowest_m = _lowest_on_arc(start, end, arc, world, terrain)
            if lowest_m <= 0.0:
                return _first_zero(start, start_m, lowest, lowest_m, arc, world, terrain)
        start, start_m = end, end_m
    return -1.0


@kernel
def clearance_on_arc(share, arc, world, terrain):
    """Return the height over the ground at a share 0...1 of the step, on the arc's quintic."""
    s, h = share, arc[18]
    r = 1.0 - s
    s3, r3 = s * s * s, r * r * r
    p0, p1 = r3 * (1.0 + 3.0 * s + 6.0 * s * s), s3 * (1.0 + 3.0 * r + 6.0 * r * r)
    v0, v1 = h * r3 * s * (1.0 + 3.0 * s), -h * s3 * r * (1.0 + 3.0 * r)
    a0, a1 = 0.5 * h * h * r3 * s * s, 0.5 * h * h * s3 * r * r
    e = p0 * arc[0] + v0 * arc[3] + a0 * arc[6] + p1 * arc[9] + v1 * arc[12] + a1 * arc[15]
    n = p0 * arc[1] + v0 * arc[4] + a0 * arc[7] + p1 * arc[10] + v1 * arc[13] + a1 * arc[16]
    u = p0 * arc[2] + v0 * arc[5] + a0 * arc[8] + p1 * arc[11] + v1 * arc[14] + a1 * arc[17]
    height_m = height_from_sphere(e, n, u + world.centre_depth_m, world.radius_m, world.height_series)
    return height_m - ground_height_m(e, n, terrain)


@kernel
def _first_zero(low, low_m, high, high_m, arc, world, terrain):
    """Return the share at which the clearance, above zero at `low` and not at `high`, is zero (Illinois)."""
    side = 0
    for _ in range(60):
        middle = (low * high_m - high * low_m) / (high_m - low_m)
        middle_m = clearance_on_arc(middle, arc, world, terrain)
        if abs(middle_m) < CLOSE_M:
            return middle
        if middle_m > 0.0:
            low, low_m = middle, middle_m
            high_m = 0.5 * high_m if side == 1 else high_m
            side = 1
        else:
            high, high_m = middle, middle_m
            low_m = 0.5 * low_m if side == -1 else low_m
            side = -1
    return high


@kernel
def _lowest_on_arc(low, high, arc, world, terrain):
    """Return (share, clearance_m) of the lowest clearance between two shares: golden section."""
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    a_m, b_m = clearance_on_arc(a, arc, world, terrain), clearance_on_arc(b, arc, world, terrain)
    for _ in range(40):
        if a_m < b_m:
            high, b, b_m = b, a, a_m
            a = high - GOLDEN * (high - low)
            a_m = clearance_on_arc(a, arc, world, terrain)
        else:
            low, a, a_m = a, b, b_m
            b = low + GOLDEN * (high - low)
            b_m = clearance_on_arc(b, arc, world, terrain)
    return (a, a_m) if a_m < b_m else (b, b_m)
