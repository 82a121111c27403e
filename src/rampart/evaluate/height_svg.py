"""Height against time of one or several flights, as a drawing that stands on its own."""

from collections.abc import Mapping, Sequence

import numpy as np

from rampart.evaluate import svg

WIDTH, HEIGHT = 860.0, 420.0
LEFT, RIGHT, TOP, BOTTOM = 68.0, 140.0, 34.0, 52.0
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
"""Okabe and Ito's colours, which the colour-blind tell apart."""
STYLE = """<style>.chart{font:13px system-ui,sans-serif;background:#fff}.chart .grid{stroke:#ddd}
.chart .axis{stroke:#444}.chart text{fill:#222}.chart .end{text-anchor:end}.chart .middle{text-anchor:middle}
.chart polyline{fill:none;stroke-width:2;stroke-linejoin:round}.chart .title{font-weight:600;font-size:15px}</style>"""
NICE = (1.0, 2.0, 5.0)
LETTER_PX = 16.0


def draw_heights(
    arcs: Mapping[str, tuple[Sequence[float], Sequence[float]]], title: str = "Height of flight"
) -> str:
    """Return an SVG of named arcs, each (time_s (k,), height_m (k,)) with k >= 2; raises ValueError for none."""
    drawn = {name: (np.asarray(t, float), np.asarray(h, float)) for name, (t, h) in arcs.items()}
    if not drawn or any(t.ndim != 1 or t.shape != h.shape or len(t) < 2 for t, h in drawn.values()):
        raise ValueError("wanted one arc or more, each of two or more times and as many heights")
    end_s = max(float(t.max()) for t, _ in drawn.values())
    low_m = min(0.0, *(float(h.min()) for _, h in drawn.values()))
    high_m = max(float(h.max()) for _, h in drawn.values())
    times, heights = ticks(0.0, end_s), ticks(low_m, high_m)
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    across = (right - LEFT) / (times[-1] - times[0])
    along = (floor - TOP) / (heights[-1] - heights[0])

    def x(time_s):
        return LEFT + across * time_s

    def y(height_m):
        return floor - along * (height_m - heights[0])

    parts = [STYLE, svg.text(LEFT, TOP - 14.0, title, "title")]
    for tick in times:
        parts += [
            svg.line(x(tick), TOP, x(tick), floor, "grid"),
            svg.text(x(tick), floor + 20.0, f"{tick:g}", "middle"),
        ]
    for tick in heights:
        parts += [
            svg.line(LEFT, y(tick), right, y(tick), "grid"),
            svg.text(LEFT - 8.0, y(tick) + 4.0, f"{tick:,.0f}", "end"),
        ]
    parts.append(svg.line(LEFT, y(heights[0]), right, y(heights[0]), "axis"))
    parts.append(svg.text((LEFT + right) / 2.0, HEIGHT - 10.0, "seconds", "middle"))
    parts.append(svg.text(LEFT - 8.0, TOP - 14.0, "metres", "end"))
    for k, (name, (time_s, height_m)) in enumerate(drawn.items()):
        colour = COLOURS[k % len(COLOURS)]
        arc = svg.polyline(zip(x(time_s), y(height_m), strict=True), "arc")
        parts.append(f'<g style="stroke:{colour}">{arc}</g>')
        beside = TOP + 8.0 + LETTER_PX * 1.4 * k
        parts.append(
            f'<g style="stroke:{colour};stroke-width:3">{svg.line(right + 14, beside, right + 32, beside, "key")}</g>'
        )
        parts.append(svg.text(right + 38.0, beside + 4.5, name, "name"))
    described = f"{len(drawn)} flights, up to {high_m:.0f} metres, {end_s:.0f} seconds."
    return svg.drawing(WIDTH, HEIGHT, parts, title, described, "chart")


def ticks(low: float, high: float, wanted: int = 6) -> np.ndarray:
    """Return round numbers, evenly spaced, from at or below `low` to at or above `high`."""
    span = max(high - low, 1e-9)
    decade = 10.0 ** np.floor(np.log10(span / wanted))
    step = next(s * decade for s in (*NICE, 10.0) if s * decade * wanted >= span)
    return step * np.arange(np.floor(low / step), np.ceil(high / step - 1e-9) + 1)
