"""The maps of an attack, drawn here: zones, river, radars, tracks, shrinking forecasts, ends, launch area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rampart.domain.incident import IncidentLaunchSite
from rampart.domain.site import Radar, Site
from rampart.evaluate import svg
from rampart.evaluate.map_places import draw_furniture, draw_labels, draw_places, draw_zones
from rampart.evaluate.map_window import MapWindow, window_about
from rampart.evaluate.metrics import ellipse_axes
from rampart.evaluate.plane import Plane, east_north_m, plane_at
from rampart.evaluate.projectile import Guess, Path, ProjectileRow
from rampart.evaluate.story import Story

ELLIPSE_PROBABILITY = 0.9
ELLIPSES_SHOWN = 4
LEAST_LAUNCH_RADIUS_M = 300.0
LEAST_DETAIL_HALF_M = 1300.0
PATH_POINTS = 160
OTHERS_SHOWN = 400


@dataclass(frozen=True, slots=True)
class MapSize:
    """The size of a drawing in its own pixels; `name` tells patterns of several drawings apart.

    A map's height is `flattest` to `tallest` times its width.
    """

    name: str
    width: float
    letter: float
    flattest: float
    tallest: float


WIDE, NARROW = MapSize("wide", 1060.0, 14.0, 0.45, 0.72), MapSize("narrow", 380.0, 11.0, 0.8, 1.1)


def draw_overview(
    story: Story,
    launch_sites: Sequence[IncidentLaunchSite],
    site: Site,
    places: Mapping | None,
    size: MapSize,
) -> str:
    """Return the map from the launch area to the last impact; of all that flew where nothing was fired."""
    plane = site_plane(site)
    window = window_about(
        _overview_points(story, launch_sites, site, plane), plane, size.width, size.flattest, size.tallest
    )
    parts = [draw_zones(story, site, window, size.name), draw_places(places, window)]
    parts += [_draw_radar_cover(radar, window) for radar in site.radars]
    parts += [_draw_launch_site(launch, window) for launch in launch_sites]
    parts += [_draw_other(path, window) for path in story.others[:OTHERS_SHOWN]]
    parts += _draw_debris(story, window)
    parts += [_draw_projectile(row, window, detail=False) for row in story.projectiles]
    parts += [_draw_radar(radar, window) for radar in site.radars]
    parts.append(draw_labels(story, launch_sites, site, places, window, size.letter))
    parts.append(draw_furniture(window, size.letter))
    shown = f"{len(story.projectiles)} projectiles and {len(story.others)} other tracks"
    described = f"North is up, {window.width_m / 1000:.0f} km across. Shows {shown}."
    title = f"Map of {site.name}"
    return svg.drawing(window.width, window.height, parts, title, described, f"map overview {size.name}")


def draw_detail(story: Story, site: Site, places: Mapping | None, size: MapSize) -> str | None:
    """Return the map of where they came down, forecast and truth; None where nothing came down."""
    plane = site_plane(site)
    points = _end_points(story, plane)
    if not len(points):
        return None
    window = window_about(points, plane, size.width, size.flattest, size.tallest, LEAST_DETAIL_HALF_M)
    parts = [draw_zones(story, site, window, f"detail-{size.name}"), draw_places(places, window)]
    parts += _draw_debris(story, window)
    parts += [_draw_projectile(row, window, detail=True) for row in story.projectiles]
    parts += [_draw_radar(radar, window) for radar in site.radars]
    parts.append(draw_labels(story, (), site, places, window, size.letter))
    parts.append(draw_furniture(window, size.letter))
    described = (
        f"North is up, {window.width_m / 1000:.1f} km across. Last forecasts beside where each came down."
    )
    return svg.drawing(
        window.width,
        window.height,
        parts,
        "Map of where they came down",
        described,
        f"map detail {size.name}",
    )


def site_plane(site: Site) -> Plane:
    """Return the plane about the site's origin."""
    return plane_at(np.degrees(site.frame.latitude_rad), np.degrees(site.frame.longitude_rad))


def _overview_points(
    story: Story, launch_sites: Sequence[IncidentLaunchSite], site: Site, plane: Plane
) -> np.ndarray:
    """Return `(n, 2)` m: what the overview must show."""
    paths = [row.path for row in story.projectiles] or list(story.others)
    parts = [east_north_m(path.place[:, 0], path.place[:, 1], plane) for path in paths if len(path.place)]
    parts.append(_end_points(story, plane))
    for launch in launch_sites:
        centre = east_north_m(launch.latitude_deg, launch.longitude_deg, plane)
        parts.append(
            centre + max(launch.radius_90_m, LEAST_LAUNCH_RADIUS_M) * np.array([[-1.0, -1.0], [1.0, 1.0]])
        )
    if not story.projectiles:
        parts.append(np.array([_radar_place_m(radar, plane) for radar in site.radars]).reshape(-1, 2))
    points = np.concatenate([part for part in parts if len(part)] or [np.zeros((1, 2))])
    near = [_radar_place_m(radar, plane) for radar in site.radars]
    span_m = np.ptp(points, axis=0).max() if len(points) else 0.0
    low, high = points.min(axis=0) - 0.15 * span_m, points.max(axis=0) + 0.15 * span_m
    inside = [place[None] for place in near if (place >= low).all() and (place <= high).all()]
    return np.concatenate([points, *inside])


def _end_points(story: Story, plane: Plane) -> np.ndarray:
    """Return `(n, 2)` m: where projectiles came down or burst, sensed and true."""
    ends = [row.end_place for row in story.projectiles]
    ends += [
        (row.last_guess.latitude_deg, row.last_guess.longitude_deg)
        for row in story.projectiles
        if row.last_guess
    ]
    truths = [row.truth for row in story.projectiles if row.truth] + list(story.unseen)
    ends += [truth.burst_place or truth.place for truth in truths]
    return np.array([east_north_m(*end, plane) for end in ends if end]).reshape(-1, 2)


def _radar_place_m(radar: Radar, plane: Plane) -> np.ndarray:
    return east_north_m(np.degrees(radar.latitude_rad), np.degrees(radar.longitude_rad), plane)


def _draw_radar_cover(radar: Radar, window: MapWindow) -> str:
    """Return the ring at the radar's reach, where it crosses the map."""
    x, y = window.pixel_m(_radar_place_m(radar, window.plane))
    radius = radar.max_range_m * window.px_per_m
    nearest = np.hypot(x - np.clip(x, 0.0, window.width), y - np.clip(y, 0.0, window.height))
    farthest = np.hypot(max(x, window.width - x), max(y, window.height - y))
    return svg.circle(x, y, radius, "cover") if nearest < radius < farthest else ""


def _draw_radar(radar: Radar, window: MapWindow) -> str:
    """Return a mast with two waves."""
    x, y = window.pixel_m(_radar_place_m(radar, window.plane))
    waves = "".join(
        f'<path class="radar-wave" d="M{svg.number(x - r)} {svg.number(y - 3 - r / 3)}'
        f'a{r} {r} 0 0 1 {2 * r} 0"/>'
        for r in (7, 11)
    )  # fmt: skip
    told = f"Radar {radar.id}: sees to {radar.max_range_m / 1000:g} km, a look every {radar.update_s:g} s"
    return svg.group([svg.triangle(x, y, 6.0, "radar-mast"), waves], "radar", told)


def _draw_launch_site(launch: IncidentLaunchSite, window: MapWindow) -> str:
    """Return the circle within which a launch place lies at 90 %."""
    radius_m = max(launch.radius_90_m, LEAST_LAUNCH_RADIUS_M)
    x, y = window.pixel(launch.latitude_deg, launch.longitude_deg)
    told = f"Launch area, within {radius_m:.0f} m at 90 %, of {len(launch.projectiles)} projectiles"
    return svg.group([svg.circle(x, y, radius_m * window.px_per_m, "launch-area")], "launch", told)


def _draw_debris(story: Story, window: MapWindow) -> list[str]:
    """Return the footprints of what simulated interceptors stopped."""
    ends = [row.truth for row in story.projectiles if row.truth] + list(story.unseen)
    drawn = []
    for debris in (end.debris for end in ends if end.debris):
        x, y = window.pixel(debris["latitude_deg"], debris["longitude_deg"])
        half_px = debris["along_m"] * window.px_per_m, debris["across_m"] * window.px_per_m
        drawn.append(svg.ellipse(x, y, *half_px, 90.0 - debris["azimuth_deg"], "debris"))
    return drawn


def _draw_other(path: Path, window: MapWindow) -> str:
    """Return the track of something that is no projectile, or was not counted as one."""
    kind = "aircraft" if path.class_name == "aircraft" else "other"
    low_m, high_m = path.place[:, 2].min(), path.place[:, 2].max()
    told = f"Track {path.track}: {path.class_name}, {low_m:.0f} to {high_m:.0f} m high"
    points = window.pixel(path.place[:, 0], path.place[:, 1])
    return svg.group([svg.polyline(_thin(points), f"path {kind}")], "track other", told)


def _draw_projectile(row: ProjectileRow, window: MapWindow, detail: bool) -> str:
    """Return the path as sensed, the forecasts on their way to the end, and the end, sensed and true."""
    parts = []
    if len(row.path.place):
        points = window.pixel(row.path.place[:, 0], row.path.place[:, 1])
        parts.append(svg.polyline(_thin(points), "path projectile"))
    largest_m = window.width_m * (0.5 if detail else 0.3)
    for depth, guess in enumerate(shrinking(row.guesses, largest_m)):
        major_m, minor_m, angle_rad = ellipse_axes(guess.cov_m2, ELLIPSE_PROBABILITY)
        x, y = window.pixel(guess.latitude_deg, guess.longitude_deg)
        scale = window.px_per_m
        parts.append(
            svg.ellipse(
                x,
                y,
                major_m * scale,
                max(minor_m * scale, 0.8),
                np.degrees(angle_rad),
                f"guess depth-{depth}",
            )
        )
    parts += _draw_end(row, window, detail)
    told = f"{row.number}: {row.record.class_}, track {row.record.track}"
    return svg.group(parts, "track projectile", told, f"p{row.number}")


def _draw_end(row: ProjectileRow, window: MapWindow, detail: bool) -> list[str]:
    """Return the marks of the end: ring = last forecast, star = burst, cross = simulated truth."""
    parts = []
    half = 6.0 if detail else 4.5
    if row.last_guess:
        x, y = window.pixel(row.last_guess.latitude_deg, row.last_guess.longitude_deg)
        parts.append(svg.circle(x, y, half, "end-guess" if row.fate == "ground" else "end-guess would"))
    if row.truth:
        tx, ty = window.pixel(*(row.truth.burst_place or row.truth.place))
        if row.truth.burst_place is None:
            parts.append(svg.cross(tx, ty, half, "end-true"))
    if row.fate != "ground" and row.end_place:
        bx, by = window.pixel(*row.end_place)
        parts.append(svg.star(bx, by, 1.6 * half, f"end-burst {row.fate}"))
    return parts


def shrinking(guesses: Sequence[Guess], largest_m: float) -> list[Guess]:
    """Return a few forecasts: the first that fits into `largest_m`, then each half the size of the last."""
    chosen: list[Guess] = []
    limit_m = largest_m
    for guess in guesses:
        major_m = ellipse_axes(guess.cov_m2, ELLIPSE_PROBABILITY)[0]
        if 0.0 < major_m <= limit_m and len(chosen) < ELLIPSES_SHOWN:
            chosen.append(guess)
            limit_m = major_m / 2.0
    return chosen


def _thin(points: np.ndarray) -> np.ndarray:
    """Return at most PATH_POINTS of the points, the first and the last among them."""
    if len(points) <= PATH_POINTS:
        return points
    return points[np.unique(np.linspace(0, len(points) - 1, PATH_POINTS).astype(int))]
