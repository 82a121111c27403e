"""The page of a study: one file that needs no network, with its charts, and each chart beside it as SVG."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from rampart.evaluate.study import Score
from rampart.evaluate.study_charts import charts_of

PAGE, PLOTS = "study.html", "plots"


def write_study_page(folder: Path, figures: Mapping[str, Any], scores: Sequence[Score]) -> None:
    """Write study.html and plots/*.svg into `folder`."""
    charts = charts_of(figures, scores)
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
    page = environment.get_template("study.html.j2").render(
        study=figures, charts={name: Markup(drawing) for name, drawing in charts.items()}
    )
    (folder / PAGE).write_text(page, encoding="utf-8")


def figure(value: Mapping[str, Any], digits: int = 3) -> str:
    """Return a figure with its interval, `12.3 (11.9–12.8)`; a dash for none."""
    if value["value"] is None:
        return "–"
    return f"{_told(value['value'], digits)} ({_told(value['low'], digits)}–{_told(value['high'], digits)})"


def _told(value: float, digits: int) -> str:
    return f"{value:,.0f}" if abs(value) >= 10.0**digits else f"{value:.{digits}g}"


def percent(value: Mapping[str, Any]) -> str:
    """Return a share in per cent with its interval."""
    if value["value"] is None:
        return "–"
    return f"{100 * value['value']:.1f} ({100 * value['low']:.1f}–{100 * value['high']:.1f}) %"
