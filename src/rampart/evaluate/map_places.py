"""What a map shows of the ground: zones by how they were warned, river, names, scale bar and north arrow."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely

from rampart.domain.incident import IncidentLaunchSite
from rampart.domain.site import Site, Zone
from rampart.evaluate import svg
from rampart.evaluate.map_window import MapWindow
from rampart.evaluate.plane import zone_rings_m, zone_shape
from rampart.evaluate.story import Story
from rampart.evaluate.warning import ZoneWarning

SCALE_STEPS_M = (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000)


def draw_zones(story: Story, site: Site, window: MapWindow, name: str) -> str:
    """Return all zones: tinted where warned with cause, hatched where needlessly, crossed where missed."""
    state = zone_states(story.zones)
    parts = [_patterns(name)]
    for zone in sorted(site.zones, key=lambda zone: zone.kind == "protected"):
        rings = [window.pixel_m(ring) for polygon in zone_rings_m(zone, window.plane) for ring in polygon]
        how = state.get(zone.id, "quiet")
        fill = {"missed": f"url(#missed-{name})", "needless": f"url(#needless-{name})"}.get(how, "")
        parts.append(
            svg.group([svg.area(rings, f"zone {zone.kind} {how}", fill)], title=f"{zone.name}: {TOLD[how]}")
        )
    return svg.group(parts, "zones")


TOLD = {
    "warned": "in danger, warned in time",
    "late": "in danger, warned late",
    "missed": "in danger, not warned",
    "needless": "warned, nothing came down near it",
    "near": "warned, something came down near it",
    "quiet": "not warned, not in danger",
}


def zone_states(rows: Iterable[ZoneWarning]) -> dict[str, str]:
    """Return by zone how its warning went, the worst of several attacks."""
    order = ["quiet", "near", "needless", "warned", "late", "missed"]
    states: dict[str, str] = {}
    for row in rows:
        state = zone_state(row)
        states[row.zone] = max(state, states.get(row.zone, "quiet"), key=order.index)
    return states


def zone_state(row: ZoneWarning) -> str:
    """Return how one zone's warning went in one attack: a key of TOLD."""
    if row.hit:
        return "warned" if row.warned else "late" if row.warning_s else "missed"
    return "needless" if row.needless else "near"


def _patterns(name: str) -> str:
    """Return the hatchings, so that a zone's state is told without colour too."""
    dots = f'<pattern id="needless-{name}" width="7" height="7" patternUnits="userSpaceOnUse">'
    dots += '<path d="M0 7L7 0" class="hatch needless"/></pattern>'
    cross = f'<pattern id="missed-{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
    cross += '<path d="M0 8L8 0M0 0L8 8" class="hatch missed"/></pattern>'
    return f"<defs>{dots}{cross}</defs>"


def draw_places(places: Mapping | None, window: MapWindow) -> str:
    """Return the river and other lines of a GeoJSON of places, and what was reported of the launch."""
    parts = []
    for feature in (places or {}).get("features", []):
        kind, geometry = feature["properties"].get("kind", "place"), feature["geometry"]
        if geometry["type"] == "LineString":
            longitude, latitude = np.array(geometry["coordinates"], dtype=float)[:, :2].T
            parts.append(svg.polyline(window.pixel(latitude, longitude), f"line-{kind}"))
        elif geometry["type"] == "Point" and kind == "reported-launch-area":
            x, y = window.pixel(geometry["coordinates"][1], geometry["coordinates"][0])
            radius_m = float(feature["properties"].get("accuracy_m", 500.0))
            parts.append(svg.circle(x, y, radius_m * window.px_per_m, "launch-reported"))
        elif geometry["type"] == "Point" and kind == "place":
            x, y = window.pixel(geometry["coordinates"][1], geometry["coordinates"][0])
            parts.append(svg.circle(x, y, 2.2, "place"))
    return svg.group(parts, "places")


def draw_labels(
    story: Story,
    launch_sites: Sequence[IncidentLaunchSite],
    site: Site,
    places: Mapping | None,
    window: MapWindow,
    letter: float,
) -> str:
    """Return all names, the most needed first: projectiles, launch areas, radars, zones, places."""
    labels = svg.Labels(window.width, window.height)
    labels.reserve(0, window.height - 3.6 * letter, 14 * letter, window.height)
    labels.reserve(window.width - 3.6 * letter, 0, window.width, 4.6 * letter)
    parts = [_number_badges(story, window, labels, letter)]
    for launch in launch_sites:
        x, y = window.pixel(launch.latitude_deg, launch.longitude_deg)
        y += launch.radius_90_m * window.px_per_m + 1.6 * letter
        names = {"": "launch area", "en": f"within {launch.radius_90_m:.0f} m (90 %)"}
        parts.append(_label(x, y, names, "label launch", labels, letter, centred=True))
    for radar in site.radars:
        x, y = window.pixel(np.degrees(radar.latitude_rad), np.degrees(radar.longitude_rad))
        labels.reserve(x - 11, y - 11, x + 11, y + 7)
        names = {
            "": radar.id if "radar" in radar.id.casefold() else f"radar {radar.id}",
            "en": f"sees to {radar.max_range_m / 1000:g} km",
        }
        parts.append(_label(x, y, names, "label radar", labels, letter, gap=12.0))
    state = zone_states(story.zones)
    wanted = sorted(
        site.zones, key=lambda zone: (zone.kind != "protected", state.get(zone.id, "quiet") == "quiet")
    )
    named = {_english(zone.names) for zone in site.zones} | {zone.id for zone in site.zones}
    for zone in wanted:
        x, y = _heart(zone, window)
        style = f"label zone-name {zone.kind} {state.get(zone.id, 'quiet')}"
        names = zone.names if zone.kind == "protected" or window.width > 600 else {"": zone.name}
        parts.append(_label(x, y, names, style, labels, letter, centred=True))
    for feature in _named_points(places):
        properties, coordinates = feature["properties"], feature["geometry"]["coordinates"]
        names = properties["name"] if isinstance(properties["name"], dict) else {"": properties["name"]}
        x, y = window.pixel(coordinates[1], coordinates[0])
        if named & {_english(names), properties.get("id")}:
            continue
        style = "label place-name" if properties.get("kind") == "place" else "label district-name"
        parts.append(_label(x, y, names, style, labels, letter, gap=5.0))
    return svg.group(parts, "labels")


def _named_points(places: Mapping | None) -> list[Mapping]:
    """Return the points that bear a name, places before districts."""
    points = [
        feature
        for feature in (places or {}).get("features", [])
        if feature["geometry"]["type"] == "Point" and feature["properties"].get("name")
    ]
    return sorted(points, key=lambda feature: feature["properties"].get("kind") == "district")


def _english(names: Mapping[str, str]) -> str:
    return names.get("") or names.get("en") or next(iter(names.values()))


def _heart(zone: Zone, window: MapWindow) -> np.ndarray:
    """Return the pixel of a zone's name: inside the zone, and in the window where the zone reaches in."""
    shape = zone_shape(zone, window.plane)
    south_m, east_m = window.north_m - window.height_m, window.west_m + window.width_m
    seen = shapely.make_valid(shape).intersection(shapely.box(window.west_m, south_m, east_m, window.north_m))
    point = (shape if seen.is_empty else seen).representative_point()
    return window.pixel_m(np.array([point.x, point.y]))


def _label(
    x: float,
    y: float,
    names: Mapping[str, str],
    style: str,
    labels: svg.Labels,
    letter: float,
    gap: float = 7.0,
    centred: bool = False,
) -> str:
    """Return a name and below it one in a second language, as far as there is room."""
    own = _english(names)
    other = next(((tongue, name) for tongue, name in names.items() if name != own), None)
    lines = [(own, "")] + ([(other[1], other[0])] if other else [])
    for count in range(len(lines), 0, -1):
        width = max(svg.text_width(words, letter) for words, _ in lines[:count])
        corner = labels.place(x, y, width, 1.25 * letter * count, gap, centred)
        if corner is not None:
            middle, top = corner[0] + width / 2, corner[1] + 0.95 * letter
            return "".join(
                svg.text(middle, top + 1.25 * letter * i, words, style, "middle", tongue)
                for i, (words, tongue) in enumerate(lines[:count])
            )
    return ""


def _number_badges(story: Story, window: MapWindow, labels: svg.Labels, letter: float) -> str:
    """Return the number of each projectile beside its end, on a line to it."""
    ends = [(row, *window.pixel(*row.end_place)) for row in story.projectiles if row.end_place]
    for _, x, y in ends:
        labels.reserve(x - 6, y - 6, x + 6, y + 6)
    parts = []
    radius = 0.72 * letter
    for row, x, y in ends:
        corner = None
        for gap in (8.0, 18.0, 32.0, 50.0):
            corner = corner or labels.place(x, y, 2 * radius, 2 * radius, gap)
        if corner is None:
            continue
        cx, cy = corner[0] + radius, corner[1] + radius
        marks = [
            svg.line(x, y, cx, cy, "badge-line"),
            svg.circle(cx, cy, radius, "badge"),
            svg.text(cx, cy + 0.36 * letter, str(row.number), "badge-number", "middle"),
        ]
        parts.append(svg.group(marks, key=f"p{row.number}"))
    return "".join(parts)


def draw_furniture(window: MapWindow, letter: float) -> str:
    """Return scale bar and north arrow."""
    length_m = max(
        (step for step in SCALE_STEPS_M if step * window.px_per_m <= 0.3 * window.width), default=100
    )
    x, y, length = 12.0, window.height - 14.0, length_m * window.px_per_m
    words = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m} m"
    bar = [
        svg.polyline([(x, y - 6), (x, y), (x + length, y), (x + length, y - 6)], "scale-bar"),
        svg.text(x + 4, y - 9, words, "label scale"),
    ]
    nx, ny = window.width - 1.8 * letter, 1.2 * letter
    arrow = [(nx, ny), (nx + 6, ny + 17), (nx, ny + 13), (nx - 6, ny + 17)]
    north = [svg.polygon(arrow, "north"), svg.text(nx, ny + 17 + 1.1 * letter, "N", "label scale", "middle")]
    return svg.group([*bar, *north], "furniture")
