"""The WGS84 ellipsoid: geodetic, earth-centred and local east-north-up coordinates, and normal gravity.

A site's frame is the tangent plane at its origin; nothing is flattened: heights and verticals are those
of the ellipsoid wherever the projectile is. Kernels take scalars; `_each` runs over rows.
"""

from typing import NamedTuple

import numpy as np

from rampart.numerics.jit import formula, kernel, lean_kernel

# [nga2014], tables 3.1, 3.5 and 3.6
SEMI_MAJOR_M = 6378137.0
FLATTENING = 1.0 / 298.257223563
SEMI_MINOR_M = SEMI_MAJOR_M * (1.0 - FLATTENING)
ECCENTRICITY_2 = FLATTENING * (2.0 - FLATTENING)
SECOND_ECCENTRICITY_2 = ECCENTRICITY_2 / (1.0 - ECCENTRICITY_2)
EARTH_RATE_RADPS = 7.292115e-5
GRAVITY_EQUATOR_MPS2 = 9.7803253359
SOMIGLIANA_K = 0.001931852652458
GRAVITY_RATIO_M = 0.003449786506841
"""omega^2 a^2 b / GM, the m of the free-air formula."""

SERIES_REACH_M = 500e3
SERIES_HEIGHT_M = 10e3
"""How far from the origin, and how high, the series of heights is fitted."""


class Frame(NamedTuple):
    """The local east-north-up frame at a place.

    `ecef_from_enu (3, 3)`: columns are east, north and up seen from the earth's centre. `radius_north_m`
    and `radius_east_m`: radii of curvature of the ellipsoid there, along the meridian and across it.
    `height_series (7,)` m: coefficients of x2, y2, x2y, y3, x4, x2y2, y4 in `height_of_enu`.
    """

    latitude_rad: float
    longitude_rad: float
    height_m: float
    origin_ecef_m: np.ndarray
    ecef_from_enu: np.ndarray
    radius_north_m: float
    radius_east_m: float
    radius_m: float
    height_series: np.ndarray


def frame_at(latitude_rad: float, longitude_rad: float, height_m: float) -> Frame:
    """Return the frame at a place; height above the ellipsoid."""
    latitude_rad, longitude_rad, height_m = float(latitude_rad), float(longitude_rad), float(height_m)
    sin_lat, cos_lat = np.sin(latitude_rad), np.cos(latitude_rad)
    sin_lon, cos_lon = np.sin(longitude_rad), np.cos(longitude_rad)
    east = (-sin_lon, cos_lon, 0.0)
    north = (-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat)
    up = (cos_lat * cos_lon, cos_lat * sin_lon, sin_lat)
    ecef_from_enu = np.ascontiguousarray(np.array([east, north, up]).T)
    origin_ecef_m = np.array(ecef_from_geodetic(latitude_rad, longitude_rad, height_m))
    w = np.sqrt(1.0 - ECCENTRICITY_2 * sin_lat**2)
    radius_east_m = float(SEMI_MAJOR_M / w)
    radius_north_m = float(SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / w**3)
    radius_m = float(np.sqrt(radius_east_m * radius_north_m))
    frame = Frame(
        latitude_rad, longitude_rad, height_m, origin_ecef_m, ecef_from_enu,
        radius_north_m, radius_east_m, radius_m, np.zeros(7),
    )  # fmt: skip
    return frame._replace(height_series=_fit_height_series(frame))


def _fit_height_series(frame: Frame) -> np.ndarray:
    """Return (7,): how the ellipsoid departs from the sphere that fits it best at the origin.

    The departure is all but independent of height, so it is a function of direction from the sphere's
    centre alone; the east and the west of a place are alike, so only even powers of x occur.
    """
    reach = SERIES_REACH_M / frame.radius_m
    ring, turn = np.meshgrid(reach * np.linspace(0.05, 1.0, 24), np.arange(32) * (np.pi / 16.0))
    x, y = (np.sin(ring) * np.cos(turn)).ravel(), (np.sin(ring) * np.sin(turn)).ravel()
    enu = (frame.radius_m + SERIES_HEIGHT_M) * np.stack([x, y, np.sqrt(1.0 - x * x - y * y)], axis=1)
    enu[:, 2] -= frame.radius_m + frame.height_m
    departure_m = geodetic_from_enu_each(enu, frame)[:, 2] - SERIES_HEIGHT_M
    x, y = x / reach, y / reach
    terms = np.stack([x * x, y * y, x * x * y, y**3, x**4, x * x * y * y, y**4], axis=1)
    weight = 1.0 / (x * x + y * y)
    fit = np.linalg.lstsq(terms * weight[:, None], departure_m * weight, rcond=None)[0]
    return np.ascontiguousarray(fit / reach ** np.array([2, 2, 3, 3, 4, 4, 4]))


@kernel
def ecef_from_geodetic(latitude_rad, longitude_rad, height_m):
    """Return earth-centred (x, y, z) m. [nga2014], eq. 4-14."""
    sin_lat, cos_lat = np.sin(latitude_rad), np.cos(latitude_rad)
    radius_east_m = SEMI_MAJOR_M / np.sqrt(1.0 - ECCENTRICITY_2 * sin_lat * sin_lat)
    across_m = (radius_east_m + height_m) * cos_lat
    z_m = (radius_east_m * (1.0 - ECCENTRICITY_2) + height_m) * sin_lat
    return across_m * np.cos(longitude_rad), across_m * np.sin(longitude_rad), z_m


@kernel
def geodetic_from_ecef(x_m, y_m, z_m):
    """Return (latitude_rad, longitude_rad, height_m); two rounds of [bowring1985]."""
    across_m = np.sqrt(x_m * x_m + y_m * y_m)
    radius_m = np.sqrt(across_m * across_m + z_m * z_m)
    reduced = np.arctan2(
        SEMI_MINOR_M * z_m * (1.0 + SECOND_ECCENTRICITY_2 * SEMI_MINOR_M / radius_m), SEMI_MAJOR_M * across_m
    )
    latitude_rad = _latitude_of_reduced(reduced, across_m, z_m)
    reduced = np.arctan2((1.0 - FLATTENING) * np.sin(latitude_rad), np.cos(latitude_rad))
    latitude_rad = _latitude_of_reduced(reduced, across_m, z_m)
    sin_lat = np.sin(latitude_rad)
    w = np.sqrt(1.0 - ECCENTRICITY_2 * sin_lat * sin_lat)
    height_m = across_m * np.cos(latitude_rad) + z_m * sin_lat - SEMI_MAJOR_M * w
    return latitude_rad, np.arctan2(y_m, x_m), height_m


@kernel
def _latitude_of_reduced(reduced_rad, across_m, z_m):
    """Return the latitude of a point from the reduced latitude below it. [bowring1985]."""
    return np.arctan2(
        z_m + SECOND_ECCENTRICITY_2 * SEMI_MINOR_M * np.sin(reduced_rad) ** 3,
        across_m - ECCENTRICITY_2 * SEMI_MAJOR_M * np.cos(reduced_rad) ** 3,
    )


@kernel
def geodetic_from_enu(east_m, north_m, up_m, frame):
    """Return (latitude_rad, longitude_rad, height_m) of a point of the frame."""
    r, o = frame.ecef_from_enu, frame.origin_ecef_m
    x_m = o[0] + r[0, 0] * east_m + r[0, 1] * north_m + r[0, 2] * up_m
    y_m = o[1] + r[1, 0] * east_m + r[1, 1] * north_m + r[1, 2] * up_m
    z_m = o[2] + r[2, 0] * east_m + r[2, 1] * north_m + r[2, 2] * up_m
    return geodetic_from_ecef(x_m, y_m, z_m)


@kernel
def enu_from_geodetic(latitude_rad, longitude_rad, height_m, frame):
    """Return (east_m, north_m, up_m) in the frame."""
    r, o = frame.ecef_from_enu, frame.origin_ecef_m
    x_m, y_m, z_m = ecef_from_geodetic(latitude_rad, longitude_rad, height_m)
    x_m, y_m, z_m = x_m - o[0], y_m - o[1], z_m - o[2]
    east_m = r[0, 0] * x_m + r[1, 0] * y_m + r[2, 0] * z_m
    north_m = r[0, 1] * x_m + r[1, 1] * y_m + r[2, 1] * z_m
    up_m = r[0, 2] * x_m + r[1, 2] * y_m + r[2, 2] * z_m
    return east_m, north_m, up_m


@kernel
def geodetic_from_enu_each(position_enu_m, frame):
    """Return (n, 3) latitude_rad, longitude_rad, height_m of `position_enu_m (n, 3)`."""
    out = np.empty((position_enu_m.shape[0], 3))
    for i in range(position_enu_m.shape[0]):
        p = position_enu_m[i]
        out[i, 0], out[i, 1], out[i, 2] = geodetic_from_enu(p[0], p[1], p[2], frame)
    return out


@kernel
def enu_from_geodetic_each(latitude_rad, longitude_rad, height_m, frame):
    """Return (n, 3) east, north, up of n places; each argument `(n,)`."""
    out = np.empty((latitude_rad.shape[0], 3))
    for i in range(latitude_rad.shape[0]):
        e, n, u = enu_from_geodetic(latitude_rad[i], longitude_rad[i], height_m[i], frame)
        out[i, 0], out[i, 1], out[i, 2] = e, n, u
    return out


@kernel
def height_of_enu(east_m, north_m, up_m, frame):
    """Return the height above the ellipsoid; error below 0.1 mm within 50 km and 1 cm within 450 km."""
    return height_from_sphere(
        east_m, north_m, up_m + frame.height_m + frame.radius_m, frame.radius_m, frame.height_series
    )


@kernel
def height_from_sphere(east_m, north_m, above_centre_m, radius_m, series):
    """Return the ellipsoidal height of a point given from the centre of the frame's best sphere.

    Height above that sphere plus a short series in the direction (x, y) from its centre, which stands
    for the ellipsoid's departure from it; `series (7,)` as in `Frame`.
    """
    distance_m = np.sqrt(east_m * east_m + north_m * north_m + above_centre_m * above_centre_m)
    return distance_m - radius_m + above_sphere_m(east_m / distance_m, north_m / distance_m, series)


@lean_kernel
def above_sphere_m(x, y, series):
    """Return how much higher a point is over the ellipsoid than over the best sphere, in the direction (x, y)."""
    xx, yy = x * x, y * y
    along_x = series[0] + series[2] * y + series[4] * xx + series[5] * yy
    along_y = series[1] + series[3] * y + series[6] * yy
    return xx * along_x + yy * along_y


@kernel
def normal_gravity_mps2(latitude_rad, height_m):
    """Return normal gravity with its centrifugal part: Somigliana, free air; [nga2014], eq. 4-1, 4-3."""
    return gravity_of_sine(np.sin(latitude_rad) ** 2, height_m)


@kernel
def gravity_of_sine(sin_2, height_m):
    """Return normal gravity m/s2 where the latitude's sine squared is `sin_2`.

    Somigliana's root is expanded to the fourth power of its small argument: relative error below 1e-11.
    """
    q = ECCENTRICITY_2 * sin_2
    root = 1.0 + q * (0.5 + q * (0.375 + q * (0.3125 + q * 0.2734375)))
    ground_mps2 = GRAVITY_EQUATOR_MPS2 * (1.0 + SOMIGLIANA_K * sin_2) * root
    relative = height_m / SEMI_MAJOR_M
    shape = 1.0 + FLATTENING + GRAVITY_RATIO_M - 2.0 * FLATTENING * sin_2
    return ground_mps2 * (1.0 - 2.0 * shape * relative + 3.0 * relative * relative)


class Earth(NamedTuple):
    """What a flight near a site needs to know of the earth: numbers alone, so that kernels keep them at hand.

    The place's height over the best sphere (`radius_m`; the origin stands `origin_height_m` over it) departs
    from that over the ellipsoid by `bulge_* ` in rising powers of east and north. Normal gravity on the
    ellipsoid is a parabola `ground_gravity_*` of the latitude's sine squared near the site, and falls with height as
    1 - h (fall - fall_sine sin2 - fall_height h). `axis_north`, `axis_up`: the direction of the earth's axis (its
    east part is zero); `turn_*` twice the earth's turning about them, 1/s.
    """

    radius_m: float
    origin_height_m: float
    bulge_ee: float
    bulge_nn: float
    bulge_een: float
    bulge_nnn: float
    axis_north: float
    axis_up: float
    turn_north: float
    turn_up: float
    ground_gravity_0: float
    ground_gravity_1: float
    ground_gravity_2: float
    fall: float
    fall_sine: float
    fall_height: float


GRAVITY_REACH = 0.02
"""How far from the site's sine squared the parabola of gravity is fitted: some 100 km and more."""


def earth_at(frame: Frame) -> Earth:
    """Return the earth as flights near the frame's origin need it."""
    radius_m, series = frame.radius_m, frame.height_series
    north, up = float(np.cos(frame.latitude_rad)), float(np.sin(frame.latitude_rad))
    nearby = up * up + GRAVITY_REACH * np.cos(np.pi * (np.arange(9) + 0.5) / 9.0)
    gravity = np.polynomial.Polynomial.fit(nearby, gravity_of_sine(nearby, 0.0), 2).convert().coef
    return Earth(
        radius_m=radius_m,
        origin_height_m=frame.height_m,
        bulge_ee=float(series[0] / radius_m**2),
        bulge_nn=float(series[1] / radius_m**2),
        bulge_een=float(series[2] / radius_m**3),
        bulge_nnn=float(series[3] / radius_m**3),
        axis_north=north,
        axis_up=up,
        turn_north=2.0 * EARTH_RATE_RADPS * north,
        turn_up=2.0 * EARTH_RATE_RADPS * up,
        ground_gravity_0=float(gravity[0]),
        ground_gravity_1=float(gravity[1]),
        ground_gravity_2=float(gravity[2]),
        fall=2.0 * (1.0 + FLATTENING + GRAVITY_RATIO_M) / SEMI_MAJOR_M,
        fall_sine=4.0 * FLATTENING / SEMI_MAJOR_M,
        fall_height=3.0 / SEMI_MAJOR_M**2,
    )


@formula
def vertical_near(east_m, north_m, up_m, earth):
    """Return (height_m, up_east, up_north, up_up, gravity_mps2): ellipsoidal height, vertical, normal gravity.

    Root and quotient of the distance from the sphere's centre are a series of t = (distance / radius)^2 - 1, so
    that nothing but products and sums is computed. Measured: within 50 km and 30 km up, height to 0.1 mm and
    gravity as a vector to 1e-8 of itself; within 100 km and 60 km up, 1.5 mm and 4e-8.
    """
    z = up_m + earth.origin_height_m
    ee, nn = east_m * east_m, north_m * north_m
    t = (ee + nn + z * (2.0 * earth.radius_m + z)) * (1.0 / (earth.radius_m * earth.radius_m))
    root = 1.0 + t * (-0.5 + t * (0.375 + t * (-0.3125 + t * (0.2734375 - t * 0.24609375))))  # (1 + t)^-1/2
    per_m = root * (1.0 / earth.radius_m)
    nearer = root * root
    by_ee = (earth.bulge_ee + earth.bulge_een * north_m) * nearer
    by_nn = (earth.bulge_nn + earth.bulge_nnn * north_m) * nearer
    height_m = earth.radius_m * (root + t * root - 1.0) + by_ee * ee + by_nn * nn
    by_east = 2.0 * by_ee * east_m
    by_north = 2.0 * by_nn * north_m + nearer * (earth.bulge_een * ee + earth.bulge_nnn * nn)
    outward = by_east * east_m + by_north * north_m
    up_e, up_n = east_m * per_m + by_east, north_m * per_m + by_north
    up_u = (earth.radius_m + z - outward) * per_m
    sine = earth.axis_north * up_n + earth.axis_up * up_u
    sin_2 = sine * sine
    ground_mps2 = earth.ground_gravity_0 + sin_2 * (earth.ground_gravity_1 + sin_2 * earth.ground_gravity_2)
    falls = earth.fall - earth.fall_sine * sin_2 - earth.fall_height * height_m
    return height_m, up_e, up_n, up_u, ground_mps2 * (1.0 - height_m * falls)
