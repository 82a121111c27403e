"""The window of a map: which part of the plane it shows, and at what scale."""

from dataclasses import dataclass

import numpy as np

from rampart.evaluate.plane import Plane, east_north_m

LEAST_HALF_M = 1000.0


@dataclass(frozen=True, slots=True)
class MapWindow:
    """A rectangle of the plane on a drawing of `width` by `height` pixels, north up."""

    plane: Plane
    west_m: float
    north_m: float
    px_per_m: float
    width: float
    height: float

    @property
    def width_m(self) -> float:
        return self.width / self.px_per_m

    @property
    def height_m(self) -> float:
        return self.height / self.px_per_m

    def pixel_m(self, place_m: np.ndarray) -> np.ndarray:
        """Return `(…, 2)` pixels, right and down, of `(…, 2)` east and north."""
        return (place_m - np.array([self.west_m, self.north_m])) * np.array([self.px_per_m, -self.px_per_m])

    def pixel(self, latitude_deg, longitude_deg) -> np.ndarray:
        """Return `(2,)` pixels of one place and `(n, 2)` of columns of n."""
        return self.pixel_m(east_north_m(latitude_deg, longitude_deg, self.plane))


def window_about(
    points_m: np.ndarray,
    plane: Plane,
    width: float,
    flattest: float,
    tallest: float,
    least_half_m: float = LEAST_HALF_M,
    edge: float = 0.07,
) -> MapWindow:
    """Return the smallest window that holds `points_m (n, 2)` with an `edge` around them.

    Its height is `flattest` to `tallest` times its `width` in pixels.
    """
    low, high = points_m.min(axis=0), points_m.max(axis=0)
    centre = (low + high) / 2.0
    half = np.maximum((high - low) / 2.0, least_half_m * np.array([1.0, flattest])) * (1.0 + 2.0 * edge)
    shape = np.clip(half[1] / half[0], flattest, tallest)
    half_east_m = max(half[0], half[1] / shape)
    px_per_m = width / (2.0 * half_east_m)
    height = shape * width
    return MapWindow(
        plane=plane,
        west_m=float(centre[0] - half_east_m),
        north_m=float(centre[1] + height / (2.0 * px_per_m)),
        px_per_m=float(px_per_m),
        width=width,
        height=float(height),
    )
