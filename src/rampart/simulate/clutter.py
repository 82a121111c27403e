"""Patches of ground that give plots: some from the same places at every look, some from anywhere in them."""

import numpy as np

from rampart.domain.site import Site
from rampart.physics.geodesy import enu_from_geodetic
from rampart.simulate.sight import heights_m
from rampart.simulate.surroundings import ClutterPatch

PLACES_A_PLOT = 4.0
"""A patch has so many fixed places for each plot that they give in a look."""


class PatchField:
    """One patch in the site's frame, with its fixed places `(m, 3)`, the same for every radar."""

    def __init__(self, patch: ClutterPatch, site: Site, rng: np.random.Generator):
        self._patch, self._site = patch, site
        height_m = site.frame.height_m
        centre_m = enu_from_geodetic(patch.latitude_rad, patch.longitude_rad, height_m, site.frame)
        self._centre_m = np.array(centre_m[:2])
        self.plots_mean = patch.plots_per_km2 * np.pi * (1e-3 * patch.radius_m) ** 2
        fixed = int(np.ceil(PLACES_A_PLOT * patch.persistent * self.plots_mean))
        self.fixed_enu_m = self._places(fixed, rng)

    def draw(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the plots of one look: places `(n, 3)`, range rates `(n,)` m/s, dB over the threshold `(n,)`."""
        count = int(rng.poisson(self.plots_mean))
        places_m = self._places(count, rng)
        if len(self.fixed_enu_m):
            old = rng.random(count) < self._patch.persistent
            places_m[old] = self.fixed_enu_m[rng.integers(len(self.fixed_enu_m), size=count)[old]]
        rates_mps = rng.normal(0.0, self._patch.range_rate_sigma_mps, count)
        return places_m, rates_mps, rng.exponential(self._patch.snr_db, count)

    def _places(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Return places `(count, 3)` even over the disc and up to its top above the ground."""
        out_m = self._patch.radius_m * np.sqrt(rng.random(count))
        turn_rad = rng.uniform(0.0, 2.0 * np.pi, count)
        east_m = self._centre_m[0] + out_m * np.sin(turn_rad)
        north_m = self._centre_m[1] + out_m * np.cos(turn_rad)
        above_m = rng.uniform(0.0, self._patch.top_above_ground_m, count)
        return place_above_ground(east_m, north_m, above_m, self._site)


def place_above_ground(
    east_m: np.ndarray, north_m: np.ndarray, above_m: np.ndarray, site: Site
) -> np.ndarray:
    """Return (n, 3) places of the frame so high above the ground; the earth falls away under its plane."""
    height_m = heights_m(east_m, north_m, site.terrain) + above_m
    fall_m = (east_m**2 + north_m**2) / (2.0 * site.frame.radius_m)
    return np.stack([east_m, north_m, height_m - site.frame.height_m - fall_m], axis=1)
