"""The forces on a projectile in flight: gravity, the earth's turning, and drag through moving air."""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import formula, kernel
from rampart.physics.atmosphere import Air, air_at
from rampart.physics.drag import cd_at
from rampart.physics.geodesy import Earth, Frame, earth_at, vertical_near

EAST, NORTH, UP, V_EAST, V_NORTH, V_UP, LOG_DRAG, WIND_EAST, WIND_NORTH = range(9)
"""Places in a state (9,): position m and velocity m/s in the site's frame; LOG_DRAG = ln(i S / m), i the form
factor on the shape's curve, S / m in m2/kg; the wind in addition to that of the air, m/s, at every height."""

STATE_SIZE = 9

LEAST_SPEED_MPS = 1e-9
"""Added to a speed that divides, so that a body at rest in the air has finite numbers."""


class World(NamedTuple):
    """What a projectile flies through over one site: the earth and the air, and `Frame`'s exact shape of the earth.

    `centre_depth_m`: how far below the origin the centre of the best sphere lies.
    """

    earth: Earth
    air: Air
    radius_m: float
    centre_depth_m: float
    height_series: np.ndarray


def world_at(frame: Frame, air: Air) -> World:
    """Return the world over a site."""
    return World(earth_at(frame), air, frame.radius_m, frame.radius_m + frame.height_m, frame.height_series)


@kernel
def acceleration(
    east_m,
    north_m,
    up_m,
    v_east_mps,
    v_north_mps,
    v_up_mps,
    log_drag,
    wind_east_mps,
    wind_north_mps,
    world,
    curve,
):
    """Return (east, north, up) m/s2: gravity along the local vertical, -2 Omega x v, and drag.

    Drag is -rho Cd(M) exp(log_drag) |v_air| v_air / 2. [mccoy], ch. 8; the centrifugal part of the
    earth's turning is inside normal gravity.
    """
    a = drive(
        east_m, north_m, up_m, v_east_mps, v_north_mps, v_up_mps,
        np.exp(log_drag), wind_east_mps, wind_north_mps, world, curve,
    )  # fmt: skip
    return a[0], a[1], a[2]


@kernel
def drive(
    east_m,
    north_m,
    up_m,
    v_east_mps,
    v_north_mps,
    v_up_mps,
    drag_m2kg,
    wind_east_mps,
    wind_north_mps,
    world,
    curve,
):
    """Return (a_east, a_north, a_up, mach, mach_rate_ps, decay_ps), with drag_m2kg = exp(log_drag).

    `decay_ps` is the share of its air speed that drag takes a second; it and the rate at which the Mach
    number changes tell the integrator how far it may step.
    """
    height_m, up_e, up_n, up_u, gravity = vertical_near(east_m, north_m, up_m, world.earth)
    density, sound, air_east, air_north = air_at(height_m, world.air)
    rel_e, rel_n = v_east_mps - air_east - wind_east_mps, v_north_mps - air_north - wind_north_mps
    speed = np.sqrt(rel_e * rel_e + rel_n * rel_n + v_up_mps * v_up_mps)
    mach = speed / sound
    decay = 0.5 * density * cd_at(mach, curve) * drag_m2kg * speed
    a_e, a_n, a_u = pulled(
        v_east_mps, v_north_mps, v_up_mps, rel_e, rel_n, decay, up_e, up_n, up_u, gravity, world.earth
    )
    mach_rate = (a_e * rel_e + a_n * rel_n + a_u * v_up_mps) / ((speed + LEAST_SPEED_MPS) * sound)
    return a_e, a_n, a_u, mach, mach_rate, decay


@formula
def pulled(v_east, v_north, v_up, rel_east, rel_north, decay_ps, up_east, up_north, up_up, gravity, earth):
    """Return (east, north, up) m/s2 of gravity down the vertical, of the turning earth and of drag.

    `rel_`: velocity through the air, whose air moves level; it loses `decay_ps` of itself a second.
    """
    a_e = earth.turn_up * v_north - earth.turn_north * v_up - gravity * up_east - decay_ps * rel_east
    a_n = -earth.turn_up * v_east - gravity * up_north - decay_ps * rel_north
    a_u = earth.turn_north * v_east - gravity * up_up - decay_ps * v_up
    return a_e, a_n, a_u
