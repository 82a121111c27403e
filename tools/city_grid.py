"""Lays the fixed grid of 1 km cells over Baghdad that the scenario `baghdad-grid` warns, people as assumed beside it.

Example:  python tools/city_grid.py > src/rampart/scenarios/baghdad-grid/zones.geojson
"""

import json
import math

import numpy as np
import shapely

from rampart.config import read_site
from rampart.domain.site import Site, Zone
from rampart.physics.geodesy import enu_from_geodetic, geodetic_from_enu
from rampart.runner import packaged_scenario

EAST_CELLS, NORTH_CELLS, CELL_M = 20, 14, 1000.0
ELSEWHERE_PER_KM2 = 5000.0
"""People where the neighbourhoods' illustrative areas leave a gap; assumed, as all of them."""
NOTE = (
    "A fixed grid of 1 km for trying how finely a city can be warned; not administrative areas. Each cell has the name "
    "of the nearest illustrative area of the scenario baghdad-2020-11-17, and its share of that one's people. "
    "Populations and times to shelter are assumed."
)


def main() -> None:
    """Print the grid as GeoJSON, one cell a line."""
    site = read_site(packaged_scenario("baghdad-2020-11-17").with_name("site.toml"))
    areas = [(zone, _flat(zone, site)) for zone in site.zones]
    cells = [
        json.dumps(_cell(east, north, areas, site), ensure_ascii=False)
        for north in range(NORTH_CELLS)
        for east in range(EAST_CELLS)
    ]
    print(f'{{"type": "FeatureCollection",\n "note": {json.dumps(NOTE)},\n "features": [')
    print("  " + ",\n  ".join(cells) + "\n ]}")


def _cell(east: int, north: int, areas: list[tuple[Zone, shapely.Geometry]], site: Site) -> dict:
    """Return one cell as a feature; columns count from the west, rows from the south."""
    west_m, south_m = (east - EAST_CELLS / 2) * CELL_M, (north - NORTH_CELLS / 2) * CELL_M
    square = shapely.box(west_m, south_m, west_m + CELL_M, south_m + CELL_M)
    inside_m2 = [shapely.intersection(square, area).area for _, area in areas]
    people = ELSEWHERE_PER_KM2 * max(0.0, square.area - sum(inside_m2)) / 1e6
    for (zone, area), share_m2 in zip(areas, inside_m2, strict=True):
        people += zone.population * share_m2 / area.area
    middle = square.centroid
    nearest = min(areas, key=lambda pair: pair[1].distance(middle))[0]
    grid = f"{chr(ord('A') + north)}{east + 1:02d}"
    ring = [
        _degrees(west_m + x * CELL_M, south_m + y * CELL_M, site)
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    ]
    return {
        "type": "Feature",
        "properties": {
            "id": f"grid-{grid.lower()}",
            "name": {"en": f"{nearest.names['en']} {grid}", "ar": f"{nearest.names['ar']} {grid}"},
            "kind": "public",
            "population": int(round(people, -2)),
            "population_assumed": True,
            "shelter_s": 15,
            "shelter_assumed": True,
        },
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _degrees(east_m: float, north_m: float, site: Site) -> list[float]:
    latitude_rad, longitude_rad, _ = geodetic_from_enu(east_m, north_m, 0.0, site.frame)
    return [round(math.degrees(longitude_rad), 6), round(math.degrees(latitude_rad), 6)]


def _flat(zone: Zone, site: Site) -> shapely.Geometry:
    """Return a zone on the site's plane."""
    parts = []
    for rings in zone.polygons:
        flat = [
            np.array([enu_from_geodetic(lat, lon, site.frame.height_m, site.frame)[:2] for lon, lat in ring])
            for ring in rings
        ]
        parts.append(shapely.Polygon(flat[0], flat[1:]))
    return shapely.union_all(parts)


if __name__ == "__main__":
    main()
