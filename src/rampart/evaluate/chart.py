"""Axes of a chart that stands on its own: scales, grid, and marks with their intervals, as SVG text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from rampart.evaluate import svg

LEFT, RIGHT, TOP, BOTTOM = 64.0, 24.0, 50.0, 72.0
BLUE, ORANGE, GREEN, PINK, BLACK, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#222222", "#767676"
"""Okabe and Ito's colours, which the colour-blind tell apart."""
STYLE = """<style>.chart{font:13px system-ui,sans-serif;background:#fff;max-width:100%}
.chart .grid{stroke:#e3e3e3}.chart .axis{stroke:#444}.chart text{fill:#222}.chart .note{fill:#5a5a5a}
.chart .small{font-size:11.5px}
.chart .title{font-weight:600;font-size:15px}.chart polyline{fill:none;stroke-width:2.2;stroke-linejoin:round}
.chart .thin{stroke-width:1.2}.chart .bar{stroke-width:1.6}.chart .band{stroke:none}.chart .dash{stroke-dasharray:6 4}
.chart .halo{paint-order:stroke;stroke:#fff;stroke-width:3px}</style>"""


@dataclass(slots=True)
class Chart:
    """A chart of `width` by `height` pixels with a scale each way; marks are drawn in the order they come."""

    title: str
    across: tuple[float, float]
    along: tuple[float, float]
    width: float = 640.0
    height: float = 400.0
    right: float = RIGHT
    logarithmic: tuple[bool, bool] = (False, False)
    parts: list[str] = field(default_factory=list)

    def x(self, value: float) -> float:
        """Return the pixel of a value across."""
        share = _share(value, self.across, self.logarithmic[0])
        return LEFT + share * (self.width - LEFT - self.right)

    def y(self, value: float) -> float:
        """Return the pixel of a value along, upwards."""
        share = _share(value, self.along, self.logarithmic[1])
        return self.height - BOTTOM - share * (self.height - BOTTOM - TOP)

    def axes(
        self, x_ticks: Sequence[float], y_ticks: Sequence[float], x_words: str, y_words: str,
        told: Callable[[float], str] = lambda value: f"{value:,g}",
    ) -> None:  # fmt: skip
        """Draw the grid, the numbers, and what they are of; `told` words the numbers of the upright axis."""
        floor, end = self.height - BOTTOM, self.width - self.right
        for tick in x_ticks:
            self.parts.append(svg.line(self.x(tick), TOP, self.x(tick), floor, "grid"))
            self.parts.append(svg.text(self.x(tick), floor + 18.0, f"{tick:g}", "number", "middle"))
        for tick in y_ticks:
            self.parts.append(svg.line(LEFT, self.y(tick), end, self.y(tick), "grid"))
            self.parts.append(svg.text(LEFT - 8.0, self.y(tick) + 4.0, told(tick), "number", "end"))
        self.parts.append(svg.line(LEFT, floor, end, floor, "axis"))
        self.parts.append(svg.text((LEFT + end) / 2.0, self.height - 36.0, x_words, "note", "middle"))
        self.parts.append(svg.text(LEFT, TOP - 8.0, y_words, "note"))

    def line(self, x: Sequence[float], y: Sequence[float], colour: str, style: str = "") -> None:
        """Draw a line through points."""
        points = [(self.x(a), self.y(b)) for a, b in zip(x, y, strict=True)]
        self.parts.append(f'<g style="stroke:{colour}">{svg.polyline(points, style)}</g>')

    def band(self, x: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str) -> None:
        """Fill what lies between two lines."""
        there = [(self.x(a), self.y(b)) for a, b in zip(x, high, strict=True)]
        back = [(self.x(a), self.y(b)) for a, b in zip(x, low, strict=True)][::-1]
        self.parts.append(
            f'<g style="fill:{colour};fill-opacity:.18">{svg.polygon(there + back, "band")}</g>'
        )

    def dot(
        self, x: float, y: float, colour: str, low: float | None = None, high: float | None = None
    ) -> None:
        """Draw a point, upright through it its interval where it has one."""
        if low is not None and high is not None:
            ends = [(self.y(low), self.x(x) - 4.0), (self.y(high), self.x(x) - 4.0)]
            strokes = [svg.line(self.x(x), ends[0][0], self.x(x), ends[1][0], "bar")]
            strokes += [svg.line(left, at, left + 8.0, at, "bar") for at, left in ends]
            self.parts.append(f'<g style="stroke:{colour}">{"".join(strokes)}</g>')
        self.parts.append(f'<g style="fill:{colour}">{svg.circle(self.x(x), self.y(y), 4.2, "dot")}</g>')

    def word(
        self, x: float, y: float, words: str, colour: str = BLACK, anchor: str = "start",
        shift: tuple[float, float] = (0.0, 0.0),
    ) -> None:  # fmt: skip
        """Write beside a place, moved by so many pixels."""
        place = self.x(x) + shift[0], self.y(y) + shift[1]
        written = svg.text(*place, words, "halo", anchor)
        self.parts.append(written.replace("<text", f'<text style="fill:{colour}"', 1))

    def foot(self, words: str) -> None:
        """Write what the marks mean under it all."""
        self.parts.append(svg.text(LEFT, self.height - 10.0, words, "note small"))

    def key(self, entries: Sequence[tuple[str, str, str]], x: float, y: float) -> None:
        """Write (words, colour, style) of each line, one under the other, from a place in pixels on."""
        for i, (words, colour, style) in enumerate(entries):
            at = y + 20.0 * i
            stroke = svg.polyline([(x, at - 4.0), (x + 26.0, at - 4.0)], style)
            self.parts.append(f'<g style="stroke:{colour}">{stroke}</g>')
            self.parts.append(svg.text(x + 34.0, at, words, "halo"))

    def drawn(self, description: str) -> str:
        """Return the whole drawing."""
        title = svg.text(LEFT, 18.0, self.title, "title")
        return svg.drawing(
            self.width, self.height, [STYLE, title, *self.parts], self.title, description, "chart"
        )


def _share(value: float, span: tuple[float, float], logarithmic: bool) -> float:
    if logarithmic:
        value, span = np.log(max(value, 1e-12)), (np.log(span[0]), np.log(span[1]))
    return float((value - span[0]) / (span[1] - span[0]))


def decades(low: float, high: float) -> list[float]:
    """Return 1, 2, 5 and their tens that lie between two values, for a logarithmic scale."""
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    return [float(k * p) for p in powers for k in (1, 2, 5) if low <= k * p <= high * (1 + 1e-9)]
