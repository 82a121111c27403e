"""What lies between a radar and a thing: ground that hides, air that bends, ground that mirrors."""

import math

import numpy as np

from rampart.domain.site import Radar, Site
from rampart.physics.radar import EARTH_RADIUS_M
from rampart.physics.terrain import Terrain, ground_height_m
from rampart.simulate.surroundings import RadarModel

STEPS = 64
"""A line of sight is held against the ground at least at so many places."""
STANDARD_K = 4.0 / 3.0


def hidden(place_enu_m: np.ndarray, radar: Radar, site: Site, k: float = STANDARD_K) -> bool:
    """Return whether the ground stands between a radar and a place (3,), along a ray bent by the air.

    The ray bends down with 1 - 1 / k of the earth's curvature, so it passes above the chord. [itu834]. Heights
    are taken over the sphere that fits best at the site, within a metre of the ellipsoid's at 50 km.
    """
    start_enu_m = radar.frame.origin_enu_m
    along_m = place_enu_m - start_enu_m
    length_m = float(np.sqrt(along_m @ along_m))
    share = _shares(start_enu_m, along_m, site.terrain)
    east_m, north_m, up_m = start_enu_m[:, None] + share * along_m[:, None]
    radius_m = site.frame.radius_m
    above_centre_m = up_m + site.frame.height_m + radius_m
    height_m = np.sqrt(east_m**2 + north_m**2 + above_centre_m**2) - radius_m
    bend_m = share * (1.0 - share) * length_m**2 / (2.0 * EARTH_RADIUS_M) * (1.0 - 1.0 / k)
    return bool(np.any(height_m + bend_m < heights_m(east_m, north_m, site.terrain)))


def _shares(start_enu_m: np.ndarray, along_m: np.ndarray, terrain: Terrain) -> np.ndarray:
    """Return where a line is held against the ground: evenly, and where it crosses the grid's lines."""
    parts = [np.arange(1, STEPS) / STEPS]
    for axis, first_m in enumerate((terrain.east0_m, terrain.north0_m)):
        begin, step = (start_enu_m[axis] - first_m) / terrain.spacing_m, along_m[axis] / terrain.spacing_m
        if step != 0.0:
            lines = np.arange(np.ceil(min(begin, begin + step)), max(begin, begin + step))
            parts.append((lines - begin) / step)
    return np.concatenate(parts)


def heights_m(east_m: np.ndarray, north_m: np.ndarray, terrain: Terrain) -> np.ndarray:
    """Return the ground's heights (n,) under places of the frame: `ground_height_m`, many at a time."""
    rows, columns = terrain.height_m.shape
    x = np.clip((east_m - terrain.east0_m) / terrain.spacing_m, 0.0, columns - 1.0)
    y = np.clip((north_m - terrain.north0_m) / terrain.spacing_m, 0.0, rows - 1.0)
    j, i = np.minimum(x.astype(np.int64), columns - 2), np.minimum(y.astype(np.int64), rows - 2)
    s, t, h = x - j, y - i, terrain.height_m
    low = h[i, j] + s * (h[i, j + 1] - h[i, j])
    high = h[i + 1, j] + s * (h[i + 1, j + 1] - h[i + 1, j])
    return low + t * (high - low)


def antenna_height_m(radar: Radar, site: Site) -> float:
    """Return how high a radar stands over the ground under it, at least 1 m."""
    east_m, north_m, _ = radar.frame.origin_enu_m
    return max(radar.height_m - ground_height_m(east_m, north_m, site.terrain), 1.0)


def bent_elevation_rad(elevation_rad: float, range_m: float, k: float) -> float:
    """Return the elevation at which a radar sees what stands at a true elevation, in air of `k`.

    The ray is straight over an earth of k times the radius: the same height over the radar, along the same
    length. [itu834].
    """
    radius_m = EARTH_RADIUS_M
    rise_m2 = range_m * (range_m + 2.0 * radius_m * math.sin(elevation_rad))
    gain_m = rise_m2 / (math.sqrt(radius_m**2 + rise_m2) + radius_m)
    sine = (gain_m * (gain_m + 2.0 * k * radius_m) - range_m**2) / (2.0 * k * radius_m * range_m)
    return math.asin(min(1.0, max(-1.0, sine)))


def ground_ray(elevation_rad: float, antenna_m: float, model: RadarModel) -> tuple[float, float]:
    """Return what the ray mirrored by level ground does: (gain of the power two ways, error of elevation rad).

    The direct ray and its image, weaker by rho and the beam's edge and later by 4 pi h sin(el) / wavelength, add
    up: the power becomes |1 + c|^4, and the monopulse angle the mean of both, weighted by amplitude: off by
    -2 el Re(c / (1 + c)). Rough ground mirrors less, by exp(-2 (2 pi s sin(el) / wavelength)^2). [skolnik], ch.
    8, [barton].
    """
    if model.ground_reflection == 0.0 or elevation_rad <= 0.0:
        return 1.0, 0.0
    wavenumber = 2.0 * math.pi / model.wavelength_m
    sine = math.sin(elevation_rad)
    mirrored = model.ground_reflection * math.exp(-2.0 * (wavenumber * model.ground_roughness_m * sine) ** 2)
    width = 2.0 * elevation_rad / model.elevation_beam_rad
    mirrored *= 10.0 ** (-0.05 * 12.04 * width**2)
    phase = 2.0 * wavenumber * antenna_m * sine + math.pi
    c = mirrored * complex(math.cos(phase), math.sin(phase))
    error_rad = -2.0 * elevation_rad * (c / (1.0 + c)).real
    most_rad = 0.5 * model.elevation_beam_rad
    return abs(1.0 + c) ** 4, min(max(error_rad, -most_rad), most_rad)
