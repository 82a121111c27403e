"""The timeline of an attack: each projectile from first plot to end, each zone from alarm to first fall."""

import math
from dataclasses import dataclass

from rampart.evaluate import svg
from rampart.evaluate.map_places import TOLD, zone_state
from rampart.evaluate.map_svg import MapSize
from rampart.evaluate.projectile import ProjectileRow, short_name
from rampart.evaluate.story import Story
from rampart.evaluate.warning import ZoneWarning
from rampart.evaluate.words import LocalClock, fate_words

LANE_PX, NAME_PX = 26.0, 19.0
TAIL_S = 10.0
TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Axis:
    """Time along the drawing: `start_s` at `left`, `end_s` at `right`."""

    start_s: float
    end_s: float
    left: float
    right: float

    def x(self, time_s: float) -> float:
        """Return the pixel of a time, held at the axis' ends."""
        share = (min(max(time_s, self.start_s), self.end_s) - self.start_s) / (self.end_s - self.start_s)
        return self.left + share * (self.right - self.left)


def draw_timeline(story: Story, clock: LocalClock, size: MapSize) -> str | None:
    """Return the timeline; None where no projectile was sensed and no alarm raised."""
    if not story.projectiles and not story.zones:
        return None
    beside = size.width > 600
    axis = _axis(story, left=232.0 if beside else 10.0, right=size.width - 16.0)
    lane = LANE_PX if beside else LANE_PX + NAME_PX
    y = 34.0
    parts: list[str] = []
    for title, rows in (("Projectiles", story.projectiles), ("Zones", story.zones)):
        if not rows:
            continue
        parts.append(svg.text(10.0, y + 4.0, title, "lane-title"))
        y += 12.0
        for row in rows:
            middle = y + lane - LANE_PX / 2.0
            if isinstance(row, ProjectileRow):
                parts.append(_projectile_lane(row, axis, middle, size, beside))
            else:
                parts.append(_zone_lane(row, story, axis, middle, size, beside))
            y += lane
        y += 26.0
    height = y - 10.0
    grid = _grid(axis, clock, height - 8.0, size.letter)
    seconds = axis.end_s - axis.start_s
    described = (
        f"{len(story.projectiles)} projectiles and {len(story.zones)} zones over {seconds:.0f} seconds."
    )
    return svg.drawing(size.width, height, [grid, *parts], "Timeline", described, f"timeline {size.name}")


def _axis(story: Story, left: float, right: float) -> Axis:
    """Return the axis from the first plot to a little after the last end."""
    starts = [row.first_plot_s for row in story.projectiles]
    starts += [row.raised_s for row in story.zones if row.raised_s is not None]
    ends = [row.end_s for row in story.projectiles] or [
        row.cleared_s or row.raised_s or 0.0 for row in story.zones
    ]
    falls = [row.first_fall_s for row in story.zones if row.first_fall_s is not None]
    # An attack that nobody sensed is there by its falls alone, which the truth tells.
    moments = [*starts, *falls] or [story.end_s or 0.0]
    return Axis(min(starts or moments) - 2.0, max(*ends, *moments) + TAIL_S, left, right)


def _grid(axis: Axis, clock: LocalClock, bottom: float, letter: float) -> str:
    """Return the hours, minutes and seconds above, with a line down from each."""
    span_s = axis.end_s - axis.start_s
    room = (axis.right - axis.left) / (5.4 * letter)
    step_s = next((step for step in TICK_STEPS_S if span_s / step <= room), 7200)
    parts = []
    tick_s = math.ceil(axis.start_s / step_s) * step_s
    while tick_s <= axis.end_s:
        x = axis.x(tick_s)
        parts.append(svg.line(x, 22.0, x, bottom, "grid"))
        if axis.left + 2.0 * letter <= x <= axis.right - 1.8 * letter or tick_s == axis.start_s:
            parts.append(svg.text(x, 16.0, clock.time(tick_s), "label tick", "middle"))
        tick_s += step_s
    return svg.group(parts, "grid-lines")


def _name(words: str, number: str, y: float, size: MapSize, beside: bool) -> str:
    """Return the name of a lane: left of it where there is room, else above it."""
    line_y = y + 0.36 * size.letter if beside else y - NAME_PX + 3.0
    longest = int((215.0 if beside else size.width - 40.0) / (0.56 * size.letter)) - (3 if number else 0)
    told = words if len(words) <= longest else words[: longest - 1].rstrip() + "…"
    if not number:
        return svg.text(10.0, line_y, told, "label lane-name")
    marks = [
        svg.circle(10.0 + 9.0, line_y - 0.36 * size.letter, 9.0, "badge"),
        svg.text(10.0 + 9.0, line_y, number, "badge-number", "middle"),
        svg.text(10.0 + 25.0, line_y, told, "label lane-name"),
    ]
    return "".join(marks)


def _projectile_lane(row: ProjectileRow, axis: Axis, y: float, size: MapSize, beside: bool) -> str:
    """Return one projectile: thin until confirmed, then thick, with a mark for each moment."""
    end_x, first_x = axis.x(row.end_s), axis.x(row.first_plot_s)
    confirmed_x = axis.x(row.confirmed_s) if row.confirmed_s is not None else end_x
    parts = [
        _name(f"{row.record.class_}, {fate_words(row)}", str(row.number), y, size, beside),
        svg.line(first_x, y, confirmed_x, y, "flight seen"),
        svg.line(confirmed_x, y, end_x, y, "flight known"),
        svg.circle(first_x, y, 4.0, "moment first-plot"),
    ]
    if row.guesses:
        parts.append(svg.triangle(axis.x(row.guesses[0].time_s), y - 9.0, 4.5, "moment first-forecast"))
    if row.confirmed_s is not None:
        parts.append(svg.diamond(confirmed_x, y, 5.0, "moment confirmed"))
    if row.fate == "ground":
        parts.append(svg.rectangle(end_x - 5.0, y - 5.0, 10.0, 10.0, "moment impact"))
    else:
        parts.append(svg.star(end_x, y, 8.5, f"moment end-burst {row.fate}"))
    if row.truth:
        parts.append(svg.cross(axis.x(row.truth.end_s), y, 4.0, "end-true"))
    seconds = row.end_s - (row.guesses[0].time_s if row.guesses else row.end_s)
    told = f"{row.number}: {seconds:.0f} s from the first forecast to the end"
    return svg.group(parts, "lane-projectile", told, f"p{row.number}")


def _zone_lane(row: ZoneWarning, story: Story, axis: Axis, y: float, size: MapSize, beside: bool) -> str:
    """Return one zone: a bar while its alarm stood, hatched while people were on their way to cover."""
    zone, state = story.zone_by_id[row.zone], zone_state(row)
    parts = [_name(short_name(zone.name), "", y, size, beside)]
    if row.raised_s is not None:
        until_s = row.cleared_s if row.cleared_s is not None else math.inf
        first_x, last_x = axis.x(row.raised_s), axis.x(until_s)
        parts.append(svg.rectangle(first_x, y - 8.0, last_x - first_x, 16.0, f"alarm {state}", 2.0))
        if row.hit:
            sheltered_x = min(axis.x(row.raised_s + row.shelter_s), last_x)
            parts.append(svg.rectangle(first_x, y - 8.0, sheltered_x - first_x, 16.0, "to-shelter", 2.0))
        parts.append(svg.line(first_x, y - 11.0, first_x, y + 11.0, "raised"))
        if until_s > axis.end_s:
            parts.append(svg.polygon([(last_x, y - 8), (last_x + 8, y), (last_x, y + 8)], f"alarm {state}"))
    for fall_s, came_down in _falls_s(row, story):
        style = "moment impact" if came_down else "moment would-impact"
        parts.append(svg.rectangle(axis.x(fall_s) - 4.5, y - 4.5, 9.0, 9.0, style))
    if row.warning_s is not None and row.raised_s is not None:
        parts.append(svg.text(axis.x(row.raised_s) + 6.0, y + 4.5, f"{row.warning_s:.0f} s", "label seconds"))
    elif row.first_fall_s is not None:
        parts.append(svg.text(axis.x(row.first_fall_s) - 9.0, y + 4.5, "no alarm", "label seconds", "end"))
    return svg.group(parts, "lane-zone", f"{zone.name}: {TOLD[state]}")


def _falls_s(row: ZoneWarning, story: Story) -> list[tuple[float, bool]]:
    """Return when something came down in or near the zone, or (False) would have."""
    inside = [(r.end_s, True) for r in story.projectiles if r.fate == "ground" and row.zone in r.record.zones]
    first = [] if inside or row.first_fall_s is None else [(row.first_fall_s, row.came_down > 0)]
    return inside + first
