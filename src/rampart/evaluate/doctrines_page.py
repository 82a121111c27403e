"""The page that compares doctrines and magazines: leakers against engagements, seconds of warning against people."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from rampart.evaluate.chart import BLUE, GREEN, GREY, ORANGE, PINK, TOP, Chart
from rampart.evaluate.height_svg import ticks
from rampart.evaluate.study_page import PAGE, PLOTS, figure, percent

COLOURS = {"none": GREY, "selective": BLUE, "all": ORANGE, "own": GREEN}


def write_doctrines_page(folder: Path, figures: Mapping[str, Any]) -> None:
    """Write study.html and plots/*.svg into `folder`."""
    drawn = {"leakers": leakers_chart(figures), "exposed": exposed_chart(figures)}
    charts = {name: drawing for name, drawing in drawn.items() if drawing is not None}
    (folder / PLOTS).mkdir(exist_ok=True)
    for name, drawing in charts.items():
        (folder / PLOTS / f"{name}.svg").write_text(drawing + "\n", encoding="utf-8")
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("rampart.evaluate", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figure=figure, percent=percent)
    page = environment.get_template("doctrines.html.j2").render(
        study=figures, charts={name: Markup(drawing) for name, drawing in charts.items()}
    )
    (folder / PAGE).write_text(page, encoding="utf-8")


def _colour(name: str) -> str:
    return COLOURS.get(name.split()[0], PINK)


def leakers_chart(figures: Mapping[str, Any]) -> str:
    """Return leakers a run against engagements a run, a line for each doctrine through its magazines."""
    cases = figures["cases"]
    across = ticks(0.0, max(1.0, *(case["shots"]["value"] for case in cases.values())) * 1.12)
    along = ticks(0.0, max(1.0, *(case["leakers"]["high"] for case in cases.values())) * 1.05)
    chart = Chart(
        "What came down in a protected zone, and what it took",
        (0.0, across[-1]), (0.0, along[-1]), right=40.0,
    )  # fmt: skip
    chart.axes(across.tolist(), along.tolist(), "engagements a run", "leakers a run")
    lines: dict[str, list[tuple[float, float]]] = {}
    for name, case in cases.items():
        lines.setdefault(name.split()[0], []).append((case["shots"]["value"], case["leakers"]["value"]))
    for doctrine, points in lines.items():
        if len(points) > 1:
            x, y = zip(*sorted(points), strict=True)
            chart.line(x, y, _colour(doctrine), "thin")
    places: list[tuple[float, float]] = []
    for name, case in cases.items():
        shots, leakers = case["shots"]["value"], case["leakers"]
        chart.dot(shots, leakers["value"], _colour(name), leakers["low"], leakers["high"])
        place = (chart.x(shots), chart.y(leakers["value"]))
        crowd = sum(abs(place[0] - x) < 60.0 and abs(place[1] - y) < 16.0 for x, y in places)
        places.append(place)
        chart.word(shots, leakers["value"], name, _colour(name), "start", (9.0, -7.0 - 14.0 * crowd))
    chart.foot(f"Simulated. Bars: 95 % interval over {figures['runs']} seeds, the same under every doctrine.")
    told = [f"{n}: {c['leakers']['value']:.3g} at {c['shots']['value']:.3g}" for n, c in cases.items()]
    return chart.drawn("; ".join(told))


def exposed_chart(figures: Mapping[str, Any]) -> str | None:
    """Return people exposed in the open against seconds of warning, a curve for each doctrine; None without people.

    The curve: had every impact's zone been warned so long before. The dot: the warnings that were given.
    """
    cases = {name: case for name, case in figures["cases"].items() if case.get("exposed")}
    if not cases or not figures["sheltering"]:
        return None
    seconds, shares = np.array(figures["sheltering"]).T
    longest_s = max(
        [float(seconds[-1]), *(case["seconds_median"]["value"] or 0.0 for case in cases.values())]
    )
    at_s = np.linspace(0.0, longest_s, 61)
    left = 1.0 - np.interp(at_s, seconds, shares)
    across = ticks(0.0, longest_s)
    along = ticks(0.0, max(0.1, *(case["exposed"]["high"] * left[0] for case in cases.values())) * 1.05)
    chart = Chart(
        "People exposed in the open, and the seconds of warning",
        (0.0, across[-1]),
        (0.0, along[-1]),
        right=40.0,
    )
    chart.axes(
        across.tolist(), along.tolist(), "seconds of warning before each impact", "people in the open, a run"
    )
    entries = []
    shown: set[str] = set()
    for name, case in cases.items():
        total = case["exposed"]
        doctrine = name.split()[0]
        first = doctrine not in shown
        shown.add(doctrine)
        if first:
            chart.band(
                at_s.tolist(), (total["low"] * left).tolist(), (total["high"] * left).tolist(), _colour(name)
            )
        chart.line(at_s.tolist(), (total["value"] * left).tolist(), _colour(name), "" if first else "thin")
        warned, given = case["open"]["warned_defended"], case["seconds_median"]["value"]
        if given is not None:
            chart.dot(given, warned["value"], _colour(name), warned["low"], warned["high"])
        entries.append((f"{name}: {warned['value']:.3g} in the open", _colour(name), "" if first else "thin"))
    chart.key(entries, chart.width - chart.right - 250.0, TOP + 22.0)
    chart.foot(
        f"Simulated; sheltering assumed. Dots: the warnings given, median seconds. Bars: 95 %, {figures['runs']} seeds."
    )
    return chart.drawn("Expected people exposed in the open against seconds of warning, by doctrine.")
