"""The ground: ellipsoidal heights on an even grid of the site's frame, flat or from a GeoTIFF."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from rampart.errors import InputError
from rampart.numerics.jit import kernel
from rampart.physics.geodesy import Frame, geodetic_from_enu_each

FLAT_REACH_M = 1e7
MOST_NODES = 2001
"""A side of a grid read from a file has at most this many nodes; a finer file is sampled coarser."""


class Terrain(NamedTuple):
    """Ground heights above the ellipsoid: `height_m (ny, nx)`, rows to the north, columns to the east.

    Node [0, 0] stands at (east0_m, north0_m) of the site's frame. Between nodes the height is bilinear;
    outside the grid that of its edge holds. `lowest_m` and `highest_m` are the grid's lowest and highest node.
    """

    east0_m: float
    north0_m: float
    spacing_m: float
    height_m: np.ndarray
    lowest_m: float
    highest_m: float


def is_level(terrain: Terrain) -> bool:
    """Return whether the ground has one height everywhere."""
    return bool(terrain.lowest_m == terrain.highest_m)


def terrain_from_grid(east0_m: float, north0_m: float, spacing_m: float, height_m: np.ndarray) -> Terrain:
    """Return the terrain of a grid `height_m (ny >= 2, nx >= 2)` of finite heights."""
    height_m = np.array(height_m, dtype=np.float64, order="C")
    if (
        height_m.ndim != 2
        or min(height_m.shape) < 2
        or not np.all(np.isfinite(height_m))
        or not spacing_m > 0.0
    ):
        raise ValueError(
            f"a grid of {height_m.shape}, spacing {spacing_m}: wanted finite, 2 x 2 or more, above zero"
        )
    return Terrain(
        float(east0_m),
        float(north0_m),
        float(spacing_m),
        height_m,
        float(height_m.min()),
        float(height_m.max()),
    )


def flat_terrain(height_m: float) -> Terrain:
    """Return ground of one ellipsoidal height everywhere."""
    return terrain_from_grid(
        -FLAT_REACH_M, -FLAT_REACH_M, 2.0 * FLAT_REACH_M, np.full((2, 2), float(height_m))
    )


def read_geotiff(
    path: Path | str,
    frame: Frame,
    radius_m: float,
    geoid_offset_m: float = 0.0,
    spacing_m: float | None = None,
) -> Terrain:
    """Return the terrain within `radius_m` east, west, north and south of the frame's origin.

    `geoid_offset_m` is added to the file's heights, which most often stand above the geoid. The grid's
    spacing is the file's own unless given, and never so fine as to exceed MOST_NODES a side. Gaps and places
    outside the file take the nearest known height. Raises InputError where rasterio is missing, the file
    cannot be read, or it knows no height around the site.
    """
    try:
        import rasterio
    except ImportError:
        raise InputError(
            str(path), 'rasterio to read a GeoTIFF: pip install "rampart-cram[terrain]"'
        ) from None
    try:
        with rasterio.open(path) as source:
            spacing_m = max(spacing_m or _file_spacing_m(source, frame), 2.0 * radius_m / (MOST_NODES - 1))
            steps = int(np.ceil(radius_m / spacing_m))
            axis_m = spacing_m * np.arange(-steps, steps + 1)
            height_m = _heights_on_grid(source, frame, axis_m, geoid_offset_m)
    except (rasterio.errors.RasterioError, OSError) as error:
        raise InputError(str(path), f"a readable GeoTIFF ({error})") from None
    if not np.any(np.isfinite(height_m)):
        raise InputError(str(path), f"heights within {radius_m:.0f} m of the site")
    return terrain_from_grid(axis_m[0], axis_m[0], spacing_m, _fill_gaps(height_m))


def _file_spacing_m(source, frame: Frame) -> float:
    """Return the finer side of the file's cell, in metres."""
    width, height = abs(source.transform.a), abs(source.transform.e)
    if source.crs is None or source.crs.is_geographic:
        width *= np.pi / 180.0 * frame.radius_east_m * np.cos(frame.latitude_rad)
        height *= np.pi / 180.0 * frame.radius_north_m
    else:
        width, height = (side * source.crs.linear_units_factor[1] for side in (width, height))
    return float(min(width, height))


def _heights_on_grid(source, frame: Frame, axis_m: np.ndarray, geoid_offset_m: float) -> np.ndarray:
    """Return (n, n) ellipsoidal heights at the nodes, NaN where the file knows none."""
    from rasterio.warp import transform

    to, grid_m, top, left = ~source.transform, None, 0, 0
    east_m, north_m = (a.ravel() for a in np.meshgrid(axis_m, axis_m))
    up_m = np.zeros_like(east_m)
    height_m = np.full_like(east_m, np.nan)
    for _ in range(2):  # the place under a node depends a little on the height there
        place = geodetic_from_enu_each(np.stack([east_m, north_m, up_m], axis=1), frame)
        x, y = np.degrees(place[:, 1]), np.degrees(place[:, 0])
        if source.crs is not None and source.crs.to_epsg() != 4326:
            x, y = (np.array(a) for a in transform("EPSG:4326", source.crs, x, y))
        column, row = to.a * x + to.b * y + to.c, to.d * x + to.e * y + to.f
        if grid_m is None:
            grid_m, top, left = _read_around(source, row, column)
        height_m = _bilinear(grid_m, row - 0.5 - top, column - 0.5 - left) + geoid_offset_m
        wanted_m = np.where(np.isfinite(height_m), height_m, frame.height_m)
        up_m = up_m + wanted_m - place[:, 2]
    return height_m.reshape(len(axis_m), len(axis_m))


def _read_around(source, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, int, int]:
    """Return the file's part with the pixels asked for, NaN in its gaps, and its first row and column."""
    from rasterio.windows import Window

    top, left = (
        int(np.clip(np.floor(a.min()) - 2, 0, n - 1))
        for a, n in ((row, source.height), (column, source.width))
    )
    bottom = int(np.clip(np.ceil(row.max()) + 2, top + 1, source.height))
    right = int(np.clip(np.ceil(column.max()) + 2, left + 1, source.width))
    pixels = source.read(1, window=Window(left, top, right - left, bottom - top), masked=True)
    return pixels.astype(np.float64).filled(np.nan), top, left


def _bilinear(grid: np.ndarray, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return values between the pixels' centres; NaN half a pixel outside them or beside a gap."""
    rows, columns = grid.shape
    inside = (row >= -0.5) & (row <= rows - 0.5) & (column >= -0.5) & (column <= columns - 0.5)
    row, column = np.clip(row, 0.0, rows - 1.0), np.clip(column, 0.0, columns - 1.0)
    i = np.clip(row.astype(np.int64), 0, max(rows - 2, 0))
    j = np.clip(column.astype(np.int64), 0, max(columns - 2, 0))
    i1, j1 = np.minimum(i + 1, rows - 1), np.minimum(j + 1, columns - 1)
    s, t = row - i, column - j
    low = grid[i, j] * (1.0 - t) + grid[i, j1] * t
    high = grid[i1, j] * (1.0 - t) + grid[i1, j1] * t
    return np.where(inside, low * (1.0 - s) + high * s, np.nan)


def _fill_gaps(height_m: np.ndarray) -> np.ndarray:
    """Return the grid with every NaN replaced by the nearest known height."""
    gaps = ~np.isfinite(height_m)
    if not gaps.any():
        return height_m
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(gaps, return_distances=False, return_indices=True)
    return height_m[tuple(nearest)]


@kernel
def ground_height_m(east_m, north_m, terrain):
    """Return the ground's ellipsoidal height under a place of the frame."""
    rows, columns = terrain.height_m.shape
    x = (east_m - terrain.east0_m) / terrain.spacing_m
    y = (north_m - terrain.north0_m) / terrain.spacing_m
    x = x if x > 0.0 else 0.0  # a NaN too: the cell must exist whatever comes
    y = y if y > 0.0 else 0.0
    x = x if x < columns - 1.0 else columns - 1.0
    y = y if y < rows - 1.0 else rows - 1.0
    j, i = min(int(x), columns - 2), min(int(y), rows - 2)
    s, t = x - j, y - i
    h = terrain.height_m
    low = h[i, j] + s * (h[i, j + 1] - h[i, j])
    high = h[i + 1, j] + s * (h[i + 1, j + 1] - h[i + 1, j])
    return low + t * (high - low)


@kernel
def ground_slope(east_m, north_m, terrain):
    """Return (height_m, rise to the east, rise to the north) of the ground, m a m; flat off the grid."""
    rows, columns = terrain.height_m.shape
    x = (east_m - terrain.east0_m) / terrain.spacing_m
    y = (north_m - terrain.north0_m) / terrain.spacing_m
    per_x, per_y = 1.0 / terrain.spacing_m, 1.0 / terrain.spacing_m
    if not (x > 0.0 and x < columns - 1.0):
        per_x = 0.0
    if not (y > 0.0 and y < rows - 1.0):
        per_y = 0.0
    x = x if x > 0.0 else 0.0
    y = y if y > 0.0 else 0.0
    x = x if x < columns - 1.0 else columns - 1.0
    y = y if y < rows - 1.0 else rows - 1.0
    j, i = min(int(x), columns - 2), min(int(y), rows - 2)
    s, t = x - j, y - i
    h = terrain.height_m
    south, north = h[i, j + 1] - h[i, j], h[i + 1, j + 1] - h[i + 1, j]
    low, high = h[i, j] + s * south, h[i + 1, j] + s * north
    return low + t * (high - low), per_x * (south + t * (north - south)), per_y * (high - low)
