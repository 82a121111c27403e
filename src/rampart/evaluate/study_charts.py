"""The charts of a study: error against the bound, coverage, seconds of warning, GOSPA, alarms and tracks too many."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rampart.evaluate import svg
from rampart.evaluate.chart import (
    BLACK,
    BLUE,
    BOTTOM,
    GREEN,
    GREY,
    LEFT,
    ORANGE,
    PINK,
    TOP,
    Chart,
    decades,
)
from rampart.evaluate.height_svg import ticks
from rampart.evaluate.study import Score, seconds_of
from rampart.evaluate.study_trade_off import trade_off_chart

LOG_BOTH = (True, True)
TIMES = (3, 5, 8, 10, 15, 20, 30, 45, 60)
LEAST_SHOWN = 5
"""A time tracked with fewer forecasts than this says nothing in a picture; the table has it."""


def charts_of(figures: Mapping[str, Any], scores: Sequence[Score]) -> dict[str, str]:
    """Return the drawings by file name; one with nothing to show is left out."""
    drawn = {
        "impact": _impact(figures),
        "coverage": _coverage(figures),
        "warning": _warning(scores, figures),
        "trade_off": trade_off_chart(figures),
        "alarms": _bars(figures, "alarms"),
        "gospa": _bars(figures, "gospa"),
    }
    return {name: drawing for name, drawing in drawn.items() if drawing is not None}


def _shown(figures: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in figures["impact"] if row["n"] >= min(LEAST_SHOWN, figures["projectiles"])]


def _impact(figures: Mapping[str, Any]) -> str | None:
    """Return the RMS distance of the forecast from the true impact, and the least that any method could reach."""
    rows = _shown(figures)
    if not rows:
        return None
    at = [row["tracked_s"] for row in rows]
    own, bound = [row["rmse_m"] for row in rows], [row["bound_m"] for row in rows]
    known = [i for i, b in enumerate(bound) if b["value"]]
    values = [f[key] for f in own for key in ("low", "high")] + [bound[i]["value"] for i in known]
    span = max(min(values) / 1.3, 0.5), max(values) * 1.4
    chart = Chart(
        "How far the forecast was from the impact", (min(at) / 1.1, max(at) * 1.1), span, right=44.0,
        logarithmic=LOG_BOTH,
    )  # fmt: skip
    chart.axes(at, decades(*span), "seconds since the first plot", "metres, root mean square")
    chart.band(at, [f["low"] for f in own], [f["high"] for f in own], BLUE)
    chart.line([at[i] for i in known], [bound[i]["value"] for i in known], BLACK, "dash")
    chart.line(at, [f["value"] for f in own], BLUE)
    for when, figure, row in zip(at, own, rows, strict=True):
        chart.dot(when, figure["value"], BLUE)
        if row["over_bound"]["value"] is not None:
            chart.word(when, figure["value"], f"{row['over_bound']['value']:.2f}", BLUE, "start", (7.0, -7.0))
    lines = [("Rampart, and how many times the bound", BLUE, ""), ("Cramér–Rao bound", BLACK, "dash")]
    chart.key(lines, chart.width - chart.right - 290.0, TOP + 22.0)
    chart.foot(
        f"Shaded: 95 % interval. {figures['runs']} simulated runs, {figures['projectiles']} projectiles."
    )
    return chart.drawn("Impact error and the Cramér–Rao bound by seconds tracked, both axes logarithmic.")


def _coverage(figures: Mapping[str, Any]) -> str | None:
    """Return how often the impact lay in the ellipses that should hold 50, 90 and 95 % of them."""
    rows = _shown(figures)
    if not rows:
        return None
    lows = [row[f"coverage_{p}"]["low"] for row in rows for p in (50, 90, 95)]
    low = min(0.4, np.floor(10 * min(lows)) / 10)
    chart = Chart("How often the ellipse held the impact", (0.4, len(rows) + 0.6), (low, 1.0), right=96.0)
    chart.axes(
        [],
        np.arange(low, 1.001, 0.1).tolist(),
        "seconds since the first plot",
        "",
        lambda v: f"{100 * v:.0f} %",
    )
    for share, colour, apart in ((50, GREEN, 0.0), (90, BLUE, -0.16), (95, ORANGE, 0.16)):
        chart.line([0.5, len(rows) + 0.5], [share / 100] * 2, colour, "thin dash")
        chart.word(
            len(rows) + 0.5,
            share / 100,
            f"{share} % stated",
            colour,
            "start",
            (6.0, 4.0 if share != 95 else 0.0),
        )
        for i, row in enumerate(rows):
            own = row[f"coverage_{share}"]
            chart.dot(i + 1 + apart, own["value"], colour, own["low"], own["high"])
    for i, row in enumerate(rows):
        chart.word(i + 1, low, f"{row['tracked_s']}", BLACK, "middle", (0.0, 18.0))
    chart.foot(f"Bars: Wilson's 95 % interval. {figures['runs']} simulated runs.")
    return chart.drawn("Share of impacts inside the 50, 90 and 95 % ellipses, by seconds tracked.")


def _warning(scores: Sequence[Score], figures: Mapping[str, Any]) -> str | None:
    """Return which share of the zones in danger had at least so many seconds, beside what the bound allows."""
    own = np.sort([s for _, s in seconds_of(scores, "seconds")])
    ideal = np.sort([s for _, s in seconds_of(scores, "ideal_seconds")])
    if not len(own):
        return None
    across = ticks(0.0, max(own.max(), ideal.max(), 10.0))
    chart = Chart("Seconds of warning that zones in danger had", (0.0, across[-1]), (0.0, 1.0), right=96.0)
    chart.axes(across.tolist(), [0.0, 0.25, 0.5, 0.75, 1.0], "seconds before the first impact, at least",
               "share of zones in danger", lambda v: f"{100 * v:.0f} %")  # fmt: skip
    chart.line(*_steps(ideal), BLACK, "dash")
    chart.line(*_steps(own), BLUE)
    medians = [float(np.median(seconds)) for seconds in (own, ideal)]
    lines = [
        (f"Rampart: median {medians[0]:.1f} s", BLUE, ""),
        (f"at the bound: {medians[1]:.1f} s", BLACK, "dash"),
    ]
    chart.key(lines, LEFT + 14.0, chart.y(0.14))
    chart.foot(f"{len(own)} zones in danger in {figures['runs']} simulated runs.")
    return chart.drawn(
        "Share of zones in danger that had at least so many seconds of warning; and the ideal."
    )


def _steps(rising: np.ndarray) -> tuple[list[float], list[float]]:
    """Return the corners of the curve that says which share of values is at least x."""
    n = len(rising)
    x, y = [0.0], [1.0]
    for i, value in enumerate(rising.tolist()):
        x += [value, value]
        y += [1.0 - i / n, 1.0 - (i + 1) / n]
    return x, y


def _bars(figures: Mapping[str, Any], which: str) -> str | None:
    """Return bars with their intervals: GOSPA and its parts, or what there was too many and too few of."""
    warning = figures["warning"]
    title, rows, unit = {
        "gospa": (
            "GOSPA: how far the tracks were from the projectiles",
            [
                ("all", figures["gospa_m"]["total"], BLACK), ("place", figures["gospa_m"]["localisation"], BLUE),
                ("missed", figures["gospa_m"]["missed"], ORANGE), ("false", figures["gospa_m"]["false"], PINK),
            ],
            "metres, mean over time (cutoff 300 m, order 2)",
        ),
        "alarms": (
            "Too many and too few, a run",
            [
                ("false tracks", figures["false_tracks"], PINK), ("zones missed", warning["zones_missed"], ORANGE),
                ("zones needless", warning["zones_needless"], GREY),
            ],
            "mean number in one run",
        ),
    }[which]  # fmt: skip
    rows = [row for row in rows if row[1]["value"] is not None]
    if not rows:
        return None
    across = ticks(0.0, max([0.5, *(row[1]["high"] for row in rows)]))
    height = TOP + BOTTOM + 46.0 * len(rows)
    chart = Chart(title, (0.0, across[-1]), (0.0, float(len(rows))), height=height, right=200.0)
    chart.axes(across.tolist(), [], unit, "")
    for i, (name, figure, colour) in enumerate(rows):
        middle = len(rows) - i - 0.5
        chart.parts.append(_bar(chart, figure, middle, colour))
        told = f"{name} {figure['value']:.3g} ({figure['low']:.3g}–{figure['high']:.3g})"
        chart.word(max(figure["high"], 0.0), middle, told, BLACK, "start", (9.0, 4.5))
    chart.foot(f"Whiskers: 95 % interval. {figures['runs']} simulated runs.")
    return chart.drawn("; ".join(f"{name}: {figure['value']:.3g}" for name, figure, _ in rows))


def _bar(chart: Chart, figure: Mapping[str, Any], middle: float, colour: str) -> str:
    top, floor = chart.y(middle + 0.3), chart.y(middle - 0.3)
    box = svg.rectangle(chart.x(0.0), top, chart.x(figure["value"]) - chart.x(0.0), floor - top, "bar", 2.0)
    low, high, at = chart.x(figure["low"]), chart.x(figure["high"]), chart.y(middle)
    whisker = svg.line(low, at, high, at, "bar") + svg.line(high, at - 4, high, at + 4, "bar")
    whisker += svg.line(low, at - 4, low, at + 4, "bar")
    return f'<g style="fill:{colour}">{box}</g><g style="stroke:#222">{whisker}</g>'
