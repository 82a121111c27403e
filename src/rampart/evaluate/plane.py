"""A flat plane about one place, for distances of a few kilometres and for drawing, in degrees at its rim."""

import math
from typing import NamedTuple

import numpy as np
import shapely

from rampart.domain.site import Zone
from rampart.physics.geodesy import ECCENTRICITY_2, SEMI_MAJOR_M


class Plane(NamedTuple):
    """East and north of a centre, equirectangular: right to 0.1 % within 10 km of it."""

    latitude_deg: float
    longitude_deg: float
    east_m_per_deg: float
    north_m_per_deg: float


def plane_at(latitude_deg: float, longitude_deg: float) -> Plane:
    """Return the plane that touches the ellipsoid there."""
    latitude_rad = math.radians(latitude_deg)
    root = math.sqrt(1.0 - ECCENTRICITY_2 * math.sin(latitude_rad) ** 2)
    radius_east_m = SEMI_MAJOR_M / root
    radius_north_m = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2) / root**3
    east_m = math.radians(1.0) * radius_east_m * math.cos(latitude_rad)
    return Plane(latitude_deg, longitude_deg, east_m, math.radians(1.0) * radius_north_m)


def east_north_m(latitude_deg, longitude_deg, plane: Plane) -> np.ndarray:
    """Return the place on the plane, `(2,)` of one place and `(n, 2)` of columns of n."""
    east_m = (np.asarray(longitude_deg, dtype=float) - plane.longitude_deg) * plane.east_m_per_deg
    north_m = (np.asarray(latitude_deg, dtype=float) - plane.latitude_deg) * plane.north_m_per_deg
    return np.stack([east_m, north_m], axis=-1)


def zone_rings_m(zone: Zone, plane: Plane) -> list[list[np.ndarray]]:
    """Return for each polygon of a zone its rings on the plane, `(n, 2)` each, the outer one first."""
    return [
        [east_north_m(np.degrees(ring[:, 1]), np.degrees(ring[:, 0]), plane) for ring in polygon]
        for polygon in zone.polygons
    ]


def zone_shape(zone: Zone, plane: Plane) -> shapely.MultiPolygon:
    """Return a zone as one shape on the plane."""
    return shapely.MultiPolygon([(rings[0], rings[1:]) for rings in zone_rings_m(zone, plane)])


def distance_to_zone_m(latitude_deg: float, longitude_deg: float, zone: Zone) -> float:
    """Return how far a place lies outside a zone; 0 inside it."""
    plane = plane_at(latitude_deg, longitude_deg)
    return float(zone_shape(zone, plane).distance(shapely.Point(0.0, 0.0)))
