"""The forecast's ellipse of one projectile as it shrinks toward the bound's, on the ground, at two scales."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rampart.domain.wire import posix_time
from rampart.evaluate import svg
from rampart.evaluate.chart import STYLE
from rampart.evaluate.limit import bound_until
from rampart.evaluate.metrics import ellipse_axes, ellipse_scale
from rampart.evaluate.plane import east_north_m, plane_at
from rampart.evaluate.record import RunRecord, match, published_tracks
from rampart.physics.flight import LANDED
from rampart.physics.geodesy import geodetic_from_enu

WIDTH, GAP, TOP = 900.0, 66.0, 54.0
COLOURS = ("#56b4e9", "#0072b2", "#08306b")
"""From the first forecast of a panel to its last, lighter to darker."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """One forecast: `tracked_s` after the first plot; its middle `(2,)` and covariance `(2, 2)` about the true impact,
    m east and north; the bound's covariance, None where there is none.
    """

    tracked_s: float
    offset_m: np.ndarray
    cov_m2: np.ndarray
    bound_m2: np.ndarray | None


def shrinking(run: RunRecord, projectile: int, times_s: Sequence[float]) -> list[Shrunk]:
    """Return the forecasts of one projectile that stood so many seconds after its first plot, with the bound."""
    flown, seen = run.truth.projectiles[projectile], run.seen[projectile]
    east_m, north_m, up_m = flown.ground_enu_m
    place = geodetic_from_enu(east_m, north_m, up_m, run.site.frame)
    plane = plane_at(*np.degrees(place[:2]))
    tracks = match(published_tracks(run.events, run.site), run).of[projectile]
    told = sorted(
        ((posix_time(event.time), event.impact) for track in tracks for event in track.forecasts),
        key=lambda pair: pair[0],
    )
    rows = []
    for tracked_s in times_s:
        until_s = float(seen.time_s[0]) + tracked_s + 1e-3 if len(seen.time_s) else -np.inf
        before = [impact for time_s, impact in told if time_s <= until_s]
        if not before or until_s > flown.impact_s:
            continue
        bound = bound_until(run, projectile, until_s)
        offset_m = east_north_m(before[-1].latitude_deg, before[-1].longitude_deg, plane)
        limit = bound.covariance[:2, :2].copy() if bound.status == LANDED else None
        rows.append(Shrunk(tracked_s, np.array(offset_m), np.array(before[-1].cov_enu_m2), limit))
    return rows


def draw_shrinking(rows: Sequence[Shrunk], title: str, share: float = 0.9) -> str:
    """Return the drawing: all ellipses on the left, the later half again on the right, magnified.

    Raises ValueError where there is nothing to draw.
    """
    if not rows:
        raise ValueError("wanted one forecast or more")
    half = (len(rows) + 1) // 2
    panels = [(rows[:half], "the first seconds")]
    if rows[half:]:
        panels.append((rows[half:], "after that, magnified"))
    parts, top = [STYLE, svg.text(0.0, 18.0, title, "title")], TOP
    for own, words in panels:
        drawn, height = _panel(own, top, words, share)
        parts += drawn
        top += height + GAP
    words = "Blue: the forecast's ellipse after so many seconds. Dashed: the bound's, about the true impact (cross)."
    parts.append(
        svg.text(0.0, top - 12.0, f"{words} Each holds {100 * share:.0f} %. Simulated.", "note small")
    )
    told = "; ".join(f"{row.tracked_s:g} s: {_reach(row.cov_m2, share):.0f} m" for row in rows)
    return svg.drawing(WIDTH, top, parts, title, f"Longer half axis of the ellipse: {told}", "chart")


def _panel(rows: Sequence[Shrunk], top: float, words: str, share: float) -> tuple[list[str], float]:
    """Return one panel that holds all of `rows` about the true impact, and its height."""
    reach = ellipse_scale(share)
    boxes = [np.abs(row.offset_m) + reach * np.sqrt(np.diag(row.cov_m2)) for row in rows]
    boxes += [reach * np.sqrt(np.diag(row.bound_m2)) for row in rows if row.bound_m2 is not None]
    half_m = 1.06 * np.max(boxes, axis=0)
    half_m = np.maximum(half_m, [1.6 * half_m[1], 0.16 * half_m[0]])
    scale = 0.5 * WIDTH / half_m[0]
    height = 2.0 * half_m[1] * scale
    middle = np.array([0.5 * WIDTH, top + 0.5 * height])
    frame = svg.rectangle(0.0, top, WIDTH, height, "frame")
    parts = [svg.text(0.0, top - 9.0, words, "note"), f'<g style="fill:none;stroke:#bbb">{frame}</g>']
    for k, row in enumerate(rows):
        colour = COLOURS[k * len(COLOURS) // len(rows)]
        at = middle + row.offset_m * np.array([1.0, -1.0]) * scale
        ring = _ellipse(at, row.cov_m2, scale, share, "bar")
        parts.append(f'<g style="stroke:{colour};fill:{colour};fill-opacity:.10;stroke-width:2.2">{ring}</g>')
        if row.bound_m2 is not None:
            dashed = _ellipse(middle, row.bound_m2, scale, share, "dash")
            parts.append(f'<g style="stroke:#222;fill:none;stroke-width:1.2">{dashed}</g>')
    cross = svg.cross(middle[0], middle[1], 6.0, "bar")
    parts.append(f'<g style="stroke:#d55e00;stroke-width:2.2;fill:none">{cross}</g>')
    for k, row in enumerate(rows):
        parts.append(_label(row, middle, scale, share, COLOURS[k * len(COLOURS) // len(rows)]))
    return [*parts, *_ruler(top + height, half_m[0], scale)], height


def _ellipse(at: np.ndarray, cov_m2: np.ndarray, scale: float, share: float, style: str) -> str:
    major_m, minor_m, angle_rad = ellipse_axes(cov_m2, share)
    return svg.ellipse(at[0], at[1], scale * major_m, scale * minor_m, float(np.degrees(angle_rad)), style)


def _label(row: Shrunk, middle: np.ndarray, scale: float, share: float, colour: str) -> str:
    """Return the seconds at that end of an ellipse which lies farther from the impact."""
    major_m, _, angle_rad = ellipse_axes(row.cov_m2, share)
    reach = major_m * np.array([np.cos(angle_rad), np.sin(angle_rad)])
    end = max((row.offset_m + reach, row.offset_m - reach), key=lambda place: float(np.linalg.norm(place)))
    at = middle + end * np.array([1.0, -1.0]) * scale
    right = at[0] > middle[0]
    place = at[0] + (-6.0 if right else 6.0), at[1] + 4.5
    written = svg.text(*place, f"{row.tracked_s:g} s", "halo", "end" if right else "start")
    return written.replace("<text", f'<text style="fill:{colour};font-weight:600"', 1)


def _ruler(floor: float, half_m: float, scale: float) -> list[str]:
    """Return a length to compare with."""
    length_m = max(k * 10.0**p for p in range(-1, 5) for k in (1, 2, 5) if k * 10.0**p <= 0.5 * half_m)
    y, start = floor + 16.0, 2.0
    bar = svg.line(start, y, start + length_m * scale, y, "bar")
    return [
        f'<g style="stroke:#222">{bar}</g>',
        svg.text(start + length_m * scale + 8.0, y + 4.0, f"{length_m:g} m", ""),
    ]


def _reach(cov_m2: np.ndarray, share: float) -> float:
    return ellipse_axes(cov_m2, share)[0]
