"""Rings of GeoJSON made sound: the harmless is repaired, the rest refused with ring and vertex named."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from rampart.errors import ConfigError

MOST_VERTICES = 200_000
"""In one zone; more is a mistake, not a border."""


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring: `lonlat_deg (n, 2)` without the closing vertex; `vertex (n,)` each one's number in the file.

    `where` names the ring for a person; `path` is its place in the file, as `coordinates[0]`.
    """

    where: str
    path: str
    lonlat_deg: np.ndarray
    vertex: np.ndarray

    def at(self, row: int) -> str:
        """Return the words for one vertex."""
        return f"{self.where}, vertex {self.vertex[row] + 1} ({self.path}[{self.vertex[row]}])"

    def polygon(self) -> shapely.Polygon:
        """Return the ring as a polygon of its own."""
        return shapely.Polygon(self.lonlat_deg)


def polygons_of(geometry: Any, where: str, repairs: list[str]) -> tuple[tuple[np.ndarray, ...], ...]:
    """Return polygons of closed rings `(n, 2)` longitude, latitude in radians; outer rings counter-clockwise.

    What was repaired is added to `repairs`. Raises ConfigError.
    """
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise ConfigError(
            f"{where}: geometry", "a Polygon or MultiPolygon", kind or geometry or "no geometry"
        )
    coordinates = geometry.get("coordinates")
    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list) or not parts:
        raise ConfigError(f"{where}: coordinates", "at least one polygon", parts)
    sound: list[shapely.Polygon] = []
    for i, part in enumerate(parts):
        label = where if kind == "Polygon" else f"{where}, polygon {i + 1}"
        path = "coordinates" if kind == "Polygon" else f"coordinates[{i}]"
        sound += _sound_polygons(_rings_of(part, label, path, repairs), label, repairs)
    if sum(shapely.get_num_coordinates(polygon) for polygon in sound) > MOST_VERTICES:
        raise ConfigError(where, f"at most {MOST_VERTICES} vertices")
    return tuple(_radians(polygon) for polygon in sound)


def _rings_of(part: Any, where: str, path: str, repairs: list[str]) -> list[Ring]:
    if not isinstance(part, list) or not part:
        raise ConfigError(f"{where}: {path}", "a list of rings, the first the outer one", part)
    return [_ring_of(ring, f"{where}, ring {i + 1}", f"{path}[{i}]", repairs) for i, ring in enumerate(part)]


def _ring_of(positions: Any, where: str, path: str, repairs: list[str]) -> Ring:
    """Return a ring closed and without repeated vertices."""
    if not isinstance(positions, list):
        raise ConfigError(f"{where} ({path})", "a list of positions", positions)
    lonlat_deg = np.array(
        [_lonlat_deg(p, f"{where}, vertex {i + 1} ({path}[{i}])") for i, p in enumerate(positions)]
    ).reshape(-1, 2)
    end = len(lonlat_deg)
    while end > 1 and np.array_equal(lonlat_deg[end - 1], lonlat_deg[0]):
        end -= 1
    closing = len(lonlat_deg) - end
    changed = np.ones(end, bool)
    changed[1:] = np.any(lonlat_deg[1:end] != lonlat_deg[: end - 1], axis=1)
    vertex = np.flatnonzero(changed)
    ring = Ring(where, path, lonlat_deg[vertex], vertex)
    if len(np.unique(ring.lonlat_deg, axis=0)) < 3:
        raise ConfigError(f"{where} ({path})", "at least 3 distinct vertices", positions)
    if np.ptp(ring.lonlat_deg[:, 0]) > 180.0:
        wanted = "less than half the globe; cut it where it crosses the 180th meridian"
        raise ConfigError(f"{where} ({path})", wanted, [float(v) for v in lonlat_deg[:, 0][:4]])
    if not closing:
        repairs.append(f"{where}: closed")
    if repeated := end - len(vertex) + max(closing - 1, 0):
        repairs.append(f"{where}: {repeated} repeated vertices left out")
    return ring


def _lonlat_deg(position: Any, where: str) -> tuple[float, float]:
    """Return longitude and latitude of one position; a height after them is passed over."""
    if not isinstance(position, list) or not 2 <= len(position) <= 4:
        raise ConfigError(where, "[longitude, latitude]", position)
    for value in position[:2]:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ConfigError(where, "two numbers, longitude and latitude", position)
    longitude_deg, latitude_deg = float(position[0]), float(position[1])
    if not -180.0 <= longitude_deg <= 180.0:
        raise ConfigError(where, f"a longitude from -180 to 180, not {longitude_deg:g}", position)
    if not -90.0 <= latitude_deg <= 90.0:
        wanted = f"a latitude from -90 to 90, not {latitude_deg:g} (longitude stands first)"
        raise ConfigError(where, wanted, position)
    return longitude_deg, latitude_deg


def _sound_polygons(rings: list[Ring], where: str, repairs: list[str]) -> list[shapely.Polygon]:
    """Return the valid polygons of an outer ring and its holes: several where the ring touches itself."""
    for ring in rings:
        _refuse_crossing(ring)
    outer = shapely.make_valid(rings[0].polygon())
    holes = [shapely.make_valid(ring.polygon()) for ring in rings[1:]]
    for i, (ring, hole) in enumerate(zip(rings[1:], holes, strict=True)):
        if not outer.covers(hole):
            outside = ~shapely.intersects_xy(outer, ring.lonlat_deg)
            row = int(np.argmax(outside))
            wanted = "a hole that lies inside the outer ring, ring 1"
            raise ConfigError(ring.at(row), wanted, ring.lonlat_deg[row].tolist())
        for k, other in enumerate(holes[:i]):
            if hole.intersection(other).area > 0.0:
                wanted = f"a hole apart from the other holes; it overlaps ring {k + 2}"
                raise ConfigError(ring.at(0), wanted, ring.lonlat_deg[0].tolist())
    whole = shapely.Polygon(rings[0].lonlat_deg, [ring.lonlat_deg for ring in rings[1:]])
    if not whole.is_valid:
        repairs.append(f"{where}: a ring that touches itself taken apart ({shapely.is_valid_reason(whole)})")
        whole = outer.difference(shapely.union_all(holes)) if holes else outer
    parts = [part for part in shapely.get_parts(whole) if part.area > 0.0]
    if not parts:
        raise ConfigError(rings[0].at(0), "an area that is left between the outer ring and its holes")
    turned = [shapely.orient_polygons(part) for part in parts]
    if len(parts) == 1 and _is_turned(rings, whole):
        repairs.append(f"{where}: rings turned, the outer one counter-clockwise")
    return turned


def _is_turned(rings: list[Ring], whole: shapely.Polygon) -> bool:
    """Return whether a ring runs the wrong way round, as many programs write them."""
    drawn = [shapely.is_ccw(shapely.LinearRing(ring.lonlat_deg)) for ring in rings]
    return drawn != [True] + [False] * (len(rings) - 1)


def _refuse_crossing(ring: Ring) -> None:
    """Raise ConfigError where the ring crosses itself, runs back over itself or has no area."""
    polygon = ring.polygon()
    if polygon.is_valid and polygon.area > 0.0:
        return
    meeting = first_crossing(ring.lonlat_deg)
    if meeting is not None:
        i, j = meeting
        n = len(ring.vertex)
        ends = [f"{ring.vertex[k] + 1}-{ring.vertex[(k + 1) % n] + 1}" for k in (i, j)]
        wanted = f"a ring that does not cross itself; its edge {ends[0]} meets its edge {ends[1]}"
        raise ConfigError(ring.at(i), wanted, ring.lonlat_deg[i].tolist())
    if polygon.area == 0.0:
        raise ConfigError(ring.at(0), "an area; all vertices lie on one line", ring.lonlat_deg[0].tolist())


def first_crossing(corners: np.ndarray) -> tuple[int, int] | None:
    """Return the first two edges of a ring `(n, 2)` that cross or lie upon one another; None where none do.

    Edge i runs from corner i to the next. Edges that only touch in a point do not count.
    """
    starts, ends = corners, np.roll(corners, -1, axis=0)
    for i in range(len(corners) - 1):
        a, b, c, d = starts[i], ends[i], starts[i + 1 :], ends[i + 1 :]
        side_c, side_d = np.sign(_cross(b - a, c - a)), np.sign(_cross(b - a, d - a))
        side_a, side_b = np.sign(_cross(d - c, a - c)), np.sign(_cross(d - c, b - c))
        through = (side_c * side_d < 0) & (side_a * side_b < 0)
        along = (side_c == 0) & (side_d == 0)
        direction = (b - a) / np.dot(b - a, b - a)
        reach = np.sort(np.stack([(c - a) @ direction, (d - a) @ direction]), axis=0)
        upon = along & (np.minimum(reach[1], 1.0) - np.maximum(reach[0], 0.0) > 1e-12)
        found = np.flatnonzero(through | upon)
        if len(found):
            return i, i + 1 + int(found[0])
    return None


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]


def _radians(polygon: shapely.Polygon) -> tuple[np.ndarray, ...]:
    rings = [np.radians(np.array(ring.coords)[:, :2]) for ring in (polygon.exterior, *polygon.interiors)]
    for ring in rings:
        ring.setflags(write=False)
    return tuple(rings)
