"""Marks of a drawing as SVG text, styled by the page's classes, and labels that do not cover one another."""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np


def number(value: float) -> str:
    """Return a coordinate to a tenth of a pixel, as short as can be."""
    return f"{round(float(value), 1) + 0.0:g}"


def _points(points: Iterable[Sequence[float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    """Return a straight line."""
    return f'<line class="{style}" x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"/>'


def polyline(points: Iterable[Sequence[float]], style: str) -> str:
    """Return an open line through points `(n, 2)` in pixels."""
    return f'<polyline class="{style}" points="{_points(points)}"/>'


def polygon(points: Iterable[Sequence[float]], style: str) -> str:
    """Return a closed line."""
    return f'<polygon class="{style}" points="{_points(points)}"/>'


def area(rings: Iterable[Iterable[Sequence[float]]], style: str, fill: str = "") -> str:
    """Return a closed area of several rings, holes by the even-odd rule; `fill` may name a pattern."""
    path = " ".join("M" + "L".join(f"{number(x)} {number(y)}" for x, y in ring) + "Z" for ring in rings)
    painted = f' style="fill:{fill}"' if fill else ""
    return f'<path class="{style}" fill-rule="evenodd"{painted} d="{path}"/>'


def rectangle(x: float, y: float, width: float, height: float, style: str, round_px: float = 0.0) -> str:
    """Return a rectangle, its corners rounded by `round_px`."""
    rounded = f' rx="{number(round_px)}"' if round_px else ""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" height="{number(height)}"'
    return f'<rect class="{style}"{rounded} {place}/>'


def circle(x: float, y: float, radius: float, style: str) -> str:
    """Return a circle."""
    return f'<circle class="{style}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'


def ellipse(x: float, y: float, major: float, minor: float, angle_deg: float, style: str) -> str:
    """Return an ellipse, its major axis turned by `angle_deg` from the right, counter-clockwise."""
    axes = f'cx="{number(x)}" cy="{number(y)}" rx="{number(major)}" ry="{number(minor)}"'
    turn = f'transform="rotate({number(-angle_deg)} {number(x)} {number(y)})"'
    return f'<ellipse class="{style}" {axes} {turn}/>'


def cross(x: float, y: float, half: float, style: str) -> str:
    """Return a diagonal cross."""
    strokes = f"M{number(x - half)} {number(y - half)}l{number(2 * half)} {number(2 * half)}"
    strokes += f"m0 {number(-2 * half)}l{number(-2 * half)} {number(2 * half)}"
    return f'<path class="{style}" d="{strokes}"/>'


def star(x: float, y: float, radius: float, style: str, points: int = 8) -> str:
    """Return a star."""
    angle = np.arange(2 * points) * np.pi / points
    reach = radius * np.where(np.arange(2 * points) % 2 == 0, 1.0, 0.45)
    return polygon(zip(x + reach * np.sin(angle), y - reach * np.cos(angle), strict=True), style)


def diamond(x: float, y: float, half: float, style: str) -> str:
    """Return a square that stands on a corner."""
    return polygon([(x, y - half), (x + half, y), (x, y + half), (x - half, y)], style)


def triangle(x: float, y: float, half: float, style: str) -> str:
    """Return a triangle that points up."""
    return polygon([(x, y - half), (x + half, y + 0.8 * half), (x - half, y + 0.8 * half)], style)


def text(x: float, y: float, words: str, style: str, anchor: str = "start", language: str = "") -> str:
    """Return a line of text on the baseline `y`; right-to-left where its language runs so."""
    spoken = f' lang="{language}"' if language else ""
    spoken += ' direction="rtl"' if language in RIGHT_TO_LEFT else ""
    if language in RIGHT_TO_LEFT and anchor != "middle":
        anchor = "end" if anchor == "start" else "start"
    place = f'x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"'
    return f'<text class="{style}" {place}{spoken}>{escape(words)}</text>'


RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur", "ps", "ckb", "dv", "sd", "ug", "yi"})


def group(parts: Iterable[str], style: str = "", title: str = "", key: str = "") -> str:
    """Return marks that belong together; `title` shows on hovering, `key` ties them to a projectile."""
    head = (f' class="{style}"' if style else "") + (f' data-key="{escape(key)}"' if key else "")
    told = f"<title>{escape(title)}</title>" if title else ""
    return f"<g{head}>{told}{''.join(parts)}</g>"


def drawing(
    width: float, height: float, parts: Iterable[str], title: str, description: str, style: str
) -> str:
    """Return a whole drawing that scales to its place; `title` and `description` are read aloud."""
    head = f'<svg class="{style}" viewBox="0 0 {number(width)} {number(height)}" role="img" '
    head += f'xmlns="http://www.w3.org/2000/svg" aria-label="{escape(title)}">'
    return f"{head}<desc>{escape(description)}</desc>{''.join(parts)}</svg>"


def text_width(words: str, size_px: float) -> float:
    """Return about how wide a line is in the system's sans-serif letters."""
    return 0.56 * size_px * len(words)


class Labels:
    """Keeps labels apart: the first keep their place, a later one moves round its point or is left out."""

    def __init__(self, width: float, height: float, margin: float = 4.0):
        self._inside = (margin, margin, width - margin, height - margin)
        self._taken: list[tuple[float, float, float, float]] = []

    def reserve(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Keep a box free of labels."""
        self._taken.append((x0, y0, x1, y1))

    def place(
        self, x: float, y: float, width: float, height: float, gap: float = 7.0, centred: bool = False
    ) -> tuple[float, float] | None:
        """Return the upper left corner of a free box near `(x, y)` and take it; None where there is none."""
        right, left, middle = x + gap, x - gap - width, x - width / 2
        above, below, level = y - gap - height, y + gap, y - height / 2
        corners = [(right, level), (left, level), (middle, above), (middle, below)]
        corners += [(right, above), (left, above), (right, below), (left, below)]
        if centred:
            shift = 0.9 * height
            corners = [(middle, level), (middle, level - shift), (middle, level + shift), *corners]
        for corner in corners:
            box = (corner[0], corner[1], corner[0] + width, corner[1] + height)
            if self._fits(box):
                self._taken.append(box)
                return corner
        return None

    def _fits(self, box: tuple[float, float, float, float]) -> bool:
        x0, y0, x1, y1 = self._inside
        if box[0] < x0 or box[1] < y0 or box[2] > x1 or box[3] > y1:
            return False
        return all(box[2] <= t[0] or box[0] >= t[2] or box[3] <= t[1] or box[1] >= t[3] for t in self._taken)
