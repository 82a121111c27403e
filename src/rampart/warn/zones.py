"""The areas to warn: read from GeoJSON, and laid out on the site's plane, grown by the danger radius."""

import difflib
import math
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import shapely

from rampart.domain.site import Site, Zone
from rampart.errors import ConfigError
from rampart.physics.geodesy import enu_from_geodetic_each
from rampart.physics.terrain import ground_height_m
from rampart.warn.rings import polygons_of

KINDS = ("protected", "public")
DEFAULT_SHELTER_S = 30.0
"""Seconds to cover where the file gives none: what Israel allows for at 10 to 20 km."""
LONGEST_SHELTER_S = 3600.0
MOST_PEOPLE = 1e9
PROPERTIES = ("id", "name", "kind", "population", "shelter_s")
LONGEST_EDGE_DEG = 0.05
"""Longer edges are divided, so that what is straight on the file's map bends as it should on the plane."""
ARC_STEPS = 12
"""Chords in a quarter circle of a grown corner: within 0.3 % of the radius."""
SMOOTHED = 0.01
"""The grown border may be off by this share of the danger radius: half the corners, twice the speed."""


def read_zones(path: Path) -> tuple[Zone, ...]:
    """Return the zones of a GeoJSON file; raises ConfigError naming feature, ring, vertex and value."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(str(path), f"a readable file ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start}", "UTF-8 text") from error
    return zones_of(text, str(path))


def zones_of(text: str, where: str) -> tuple[Zone, ...]:
    """Return the zones of a GeoJSON text that stood at `where`; raises ConfigError."""
    return zones_and_repairs(text, where)[0]


def zones_and_repairs(text: str, where: str) -> tuple[tuple[Zone, ...], tuple[str, ...]]:
    """Return the zones, and a line for each harmless fault that was repaired; raises ConfigError."""
    repairs: list[str] = []
    zones: dict[str, Zone] = {}
    number: dict[str, int] = {}
    for i, feature in enumerate(_features(text, where)):
        zone = _zone(feature, where, i + 1, repairs)
        if zone.id in zones:
            wanted = f"an id that no other zone has; feature {number[zone.id]} has it"
            raise ConfigError(f"{where}: feature {i + 1}: properties.id", wanted, zone.id)
        zones[zone.id], number[zone.id] = zone, i + 1
    return tuple(zones.values()), tuple(repairs)


def _features(text: str, where: str) -> list[Any]:
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ConfigError(where, f"valid JSON ({error})") from error
    kind = document.get("type") if isinstance(document, dict) else None
    if kind != "FeatureCollection":
        raise ConfigError(f"{where}: type", "a GeoJSON FeatureCollection", kind or type(document).__name__)
    if (
        document.get("crs") is not None
        and "CRS84" not in str(document["crs"])
        and "4326" not in str(document["crs"])
    ):
        raise ConfigError(
            f"{where}: crs", "longitude and latitude on WGS84, which is GeoJSON's own", document["crs"]
        )
    features = document.get("features")
    if not isinstance(features, list) or not features:
        raise ConfigError(
            f"{where}: features", "at least one zone; no zone would mean that nobody is warned", features
        )
    return features


def _zone(feature: Any, where: str, number: int, repairs: list[str]) -> Zone:
    place = f"{where}: feature {number}"
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise ConfigError(
            place, "a GeoJSON Feature", feature.get("type") if isinstance(feature, dict) else feature
        )
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        raise ConfigError(
            f"{place}: properties", "an object with id, name, kind, population, shelter_s", properties
        )
    _refuse_misspelt(properties, place)
    identity = _identity(properties, place)
    place = f"{where}: zone {identity!r} (feature {number})"
    kind = properties.get("kind") or "public"
    if kind not in KINDS:
        raise ConfigError(f"{place}: kind", f"one of {', '.join(KINDS)}", kind)
    return Zone(
        id=identity,
        names=_names(properties.get("name"), identity, place),
        kind=kind,
        population=_number(properties, "population", 0.0, MOST_PEOPLE, place),
        shelter_s=_number(properties, "shelter_s", DEFAULT_SHELTER_S, LONGEST_SHELTER_S, place),
        polygons=polygons_of(feature.get("geometry"), place, repairs),
    )


def _refuse_misspelt(properties: dict[str, Any], place: str) -> None:
    """Raise ConfigError where a wanted property is missing and another one almost has its name."""
    for name in properties:
        near = difflib.get_close_matches(name.lower(), PROPERTIES, 1, 0.8)
        if near and near[0] not in properties:
            raise ConfigError(
                f"{place}: properties.{name}", f"{near[0]} (did you mean it?)", properties[name]
            )


def _identity(properties: dict[str, Any], place: str) -> str:
    value = properties.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip() or len(value) > 80 or not value.isprintable():
        raise ConfigError(f"{place}: properties.id", "a text of 1 to 80 characters", value)
    return value


def _names(value: Any, identity: str, place: str) -> dict[str, str]:
    if value is None:
        return {"": identity}
    names = value if isinstance(value, dict) else {"": value}
    if not names or not all(
        isinstance(name, str) and name.strip() and name.isprintable() for name in names.values()
    ):
        raise ConfigError(f"{place}: name", "a text, or {language: text}", value)
    return dict(names)


def _number(properties: dict[str, Any], name: str, default: float, most: float, place: str) -> float:
    value = properties.get(name)
    if value is None:
        return default
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not 0.0 <= value <= most:
        raise ConfigError(f"{place}: {name}", f"a number from 0 to {most:g}", value)
    return float(value)


class ShapeArrays(NamedTuple):
    """The grown zones as a kernel takes them; outer rings run counter-clockwise, holes clockwise.

    `vertex_enu_m (v, 2)` of all rings, each closed; ring r is rows `ring_start[r] : ring_start[r + 1]`,
    zone z is rings `zone_start[z] : zone_start[z + 1]`; `circle_enu_m (z, 3)`: east, north and radius of a
    circle about each.
    """

    vertex_enu_m: np.ndarray
    ring_start: np.ndarray
    zone_start: np.ndarray
    circle_enu_m: np.ndarray


class ZoneShapes:
    """The zones on the site's plane, each grown by the danger radius: where an impact endangers it."""

    def __init__(self, zones: tuple[Zone, ...], site: Site):
        self.zone_ids = tuple(zone.id for zone in zones)
        self.grown = tuple(_grown(zone, site) for zone in zones)
        self.arrays = _arrays(self.grown)

    def __len__(self) -> int:
        return len(self.zone_ids)


@lru_cache(maxsize=2)
def shapes_of(site: Site) -> ZoneShapes:
    """Return the shapes of a site's zones; kept, because a study follows many nights at one site."""
    return ZoneShapes(site.zones, site)


def _grown(zone: Zone, site: Site) -> shapely.Geometry:
    """Return the zone on the plane, grown by the danger radius; its parts may flow together."""
    parts = [
        shapely.Polygon(np.degrees(rings[0]), [np.degrees(hole) for hole in rings[1:]])
        for rings in zone.polygons
    ]
    divided = shapely.segmentize(shapely.union_all(parts), LONGEST_EDGE_DEG)
    flat = shapely.transform(divided, lambda lonlat_deg: _enu_m(np.radians(lonlat_deg), site))
    # A hair's breadth joins parts that touch, where the danger radius is zero.
    radius_m = max(site.warning.danger_radius_m, 0.001)
    return shapely.orient_polygons(flat.buffer(radius_m, quad_segs=ARC_STEPS).simplify(SMOOTHED * radius_m))


def _enu_m(lonlat_rad: np.ndarray, site: Site) -> np.ndarray:
    """Return (n, 2) east and north of places on the ground, `lonlat_rad (n, 2)`."""
    height_m = np.full(len(lonlat_rad), site.frame.height_m)
    for _ in range(2):
        enu_m = enu_from_geodetic_each(lonlat_rad[:, 1].copy(), lonlat_rad[:, 0].copy(), height_m, site.frame)
        height_m = np.array(
            [ground_height_m(east_m, north_m, site.terrain) for east_m, north_m in enu_m[:, :2]]
        )
    return enu_m[:, :2]


def _arrays(grown: tuple[shapely.Geometry, ...]) -> ShapeArrays:
    rings = [
        [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
        for shape in grown
    ]
    vertices = [np.array(ring.coords) for zone in rings for ring in zone]
    boxes = np.array([shape.bounds for shape in grown]).reshape(-1, 4)
    middle_m = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    reach_m = np.hypot(*(boxes[:, 2:] - boxes[:, :2]).T) / 2.0
    return ShapeArrays(
        np.concatenate(vertices) if vertices else np.empty((0, 2)),
        np.cumsum([0, *(len(ring) for ring in vertices)]),
        np.cumsum([0, *(len(zone) for zone in rings)]),
        np.column_stack([middle_m, reach_m]),
    )
