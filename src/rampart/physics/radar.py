"""A radar's own polar frame: what it would measure of a state, and where a measurement lies."""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import lean_kernel
from rampart.physics.geodesy import Frame, enu_from_geodetic, frame_at

TURN_RAD = 2.0 * np.pi
EARTH_RADIUS_M = 6371e3
REFRACTED_RADIUS_M = 4.0 / 3.0 * EARTH_RADIUS_M
"""The radius of the earth over which a beam in the standard atmosphere is straight. [itu834]."""


class RadarFrame(NamedTuple):
    """A radar in the site's frame: where it stands, and the turn from the site's axes to its own."""

    origin_enu_m: np.ndarray
    rotation: np.ndarray


def radar_frame(latitude_rad: float, longitude_rad: float, height_m: float, site_frame: Frame) -> RadarFrame:
    """Return the frame of a radar at a place, `rotation (3, 3)` from site to radar."""
    own = frame_at(latitude_rad, longitude_rad, height_m)
    origin_enu_m = np.array(enu_from_geodetic(own.latitude_rad, own.longitude_rad, own.height_m, site_frame))
    return RadarFrame(origin_enu_m, np.ascontiguousarray(own.ecef_from_enu.T @ site_frame.ecef_from_enu))


@lean_kernel
def measure(state, radar):
    """Return (range_m, azimuth_rad 0...2 pi, elevation_rad, range_rate_mps) of a state (6 or more,)."""
    e, n, u = _turned(
        state[0] - radar.origin_enu_m[0],
        state[1] - radar.origin_enu_m[1],
        state[2] - radar.origin_enu_m[2],
        radar.rotation,
    )
    ve, vn, vu = _turned(state[3], state[4], state[5], radar.rotation)
    across = np.sqrt(e * e + n * n)
    range_m = np.sqrt(across * across + u * u)
    rate = (e * ve + n * vn + u * vu) / range_m if range_m > 0.0 else 0.0
    azimuth = np.arctan2(e, n)
    return range_m, azimuth if azimuth >= 0.0 else azimuth + TURN_RAD, np.arctan2(u, across), rate


@lean_kernel
def measure_with_jacobian(state, radar, out_z, out_h):
    """Fill `out_z (4,)` as `measure` does and `out_h (4, 6)`, its derivative by position and velocity."""
    r = radar.rotation
    e, n, u = _turned(
        state[0] - radar.origin_enu_m[0],
        state[1] - radar.origin_enu_m[1],
        state[2] - radar.origin_enu_m[2],
        r,
    )
    ve, vn, vu = _turned(state[3], state[4], state[5], r)
    # a projectile straight over or inside the radar has no azimuth: a millimetre keeps the numbers finite
    across_2 = e * e + n * n + 1e-6
    across = np.sqrt(across_2)
    range_2 = across_2 + u * u
    range_m = np.sqrt(range_2)
    rate = (e * ve + n * vn + u * vu) / range_m
    azimuth = np.arctan2(e, n)
    out_z[0], out_z[1] = range_m, azimuth if azimuth >= 0.0 else azimuth + TURN_RAD
    out_z[2], out_z[3] = np.arctan2(u, across), rate
    for k in range(3):
        re, rn, ru = r[0, k], r[1, k], r[2, k]
        along = (e * re + n * rn + u * ru) / range_m
        out_h[0, k] = along
        out_h[1, k] = (n * re - e * rn) / across_2
        out_h[2, k] = (across_2 * ru - u * (e * re + n * rn)) / (across * range_2)
        out_h[3, k] = (ve * re + vn * rn + vu * ru - rate * along) / range_m
        out_h[0, k + 3] = out_h[1, k + 3] = out_h[2, k + 3] = 0.0
        out_h[3, k + 3] = along


@lean_kernel
def enu_from_rae(range_m, azimuth_rad, elevation_rad, radar):
    """Return (east_m, north_m, up_m) in the site's frame of a place in the radar's polar frame."""
    across = range_m * np.cos(elevation_rad)
    e, n, u = across * np.sin(azimuth_rad), across * np.cos(azimuth_rad), range_m * np.sin(elevation_rad)
    r, o = radar.rotation, radar.origin_enu_m
    return (
        o[0] + r[0, 0] * e + r[1, 0] * n + r[2, 0] * u,
        o[1] + r[0, 1] * e + r[1, 1] * n + r[2, 1] * u,
        o[2] + r[0, 2] * e + r[1, 2] * n + r[2, 2] * u,
    )


@lean_kernel
def apparent_from_geometric_elevation(elevation_rad, range_m):
    """Return the elevation at which a beam, bent by the air, meets a target at a true elevation.

    The target's height over the radar is the same on the true earth and, along a straight beam, on one of
    4/3 its radius. [itu834].
    """
    return _elevation_over(_gain_m(elevation_rad, range_m, EARTH_RADIUS_M), range_m, REFRACTED_RADIUS_M)


@lean_kernel
def geometric_from_apparent_elevation(elevation_rad, range_m):
    """Return the true elevation of a target that a radar sees at an apparent one: the inverse."""
    return _elevation_over(_gain_m(elevation_rad, range_m, REFRACTED_RADIUS_M), range_m, EARTH_RADIUS_M)


@lean_kernel
def _gain_m(elevation_rad, range_m, radius_m):
    """Return the height over the radar at the end of a straight line, over a sphere."""
    rise_m2 = range_m * (range_m + 2.0 * radius_m * np.sin(elevation_rad))
    return rise_m2 / (np.sqrt(radius_m * radius_m + rise_m2) + radius_m)


@lean_kernel
def _elevation_over(gain_m, range_m, radius_m):
    """Return the elevation of the straight line of a length that gains a height over a sphere."""
    sine = (gain_m * (gain_m + 2.0 * radius_m) - range_m * range_m) / (2.0 * radius_m * range_m)
    return np.arcsin(min(1.0, max(-1.0, sine)))


@lean_kernel
def _turned(x, y, z, rotation):
    return (
        rotation[0, 0] * x + rotation[0, 1] * y + rotation[0, 2] * z,
        rotation[1, 0] * x + rotation[1, 1] * y + rotation[1, 2] * z,
        rotation[2, 0] * x + rotation[2, 1] * y + rotation[2, 2] * z,
    )
