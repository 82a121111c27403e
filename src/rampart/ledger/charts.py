"""Charts and the map of the statistics, PNG and SVG: the only room that draws with matplotlib."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rampart.errors import InputError
from rampart.ledger.statistics import Tally

INK, SOFT, LINE = "#1b1f24", "#5b6470", "#d5dae0"
COLOURS = {
    "rocket": "#d55e00",
    "mortar": "#e69f00",
    "missile": "#cc79a7",
    "indirect fire": "#f0e442",
    "artillery": "#009e73",
    "drone": "#56b4e9",
    "bomb": "#0072b2",
    "other": "#888888",
    "unknown": "#bbbbbb",
}
"""Okabe and Ito's colours, one a kind of weapon; shapes tell them apart too."""
MARKERS = {
    "rocket": "o",
    "mortar": "v",
    "missile": "D",
    "indirect fire": "P",
    "bomb": "s",
    "drone": "^",
    "artillery": "X",
}
MOST_BARS = 20


def draw_charts(
    folder: Path,
    months: Sequence[tuple[str, dict[str, int]]],
    tallies: Sequence[Tally],
    points,
    simulated: bool = False,
) -> list[Path]:
    """Write every chart as PNG and SVG into `folder`; return the files.

    `months` are months in order with their counts by kind of weapon; `points` are `(longitude_deg, latitude_deg,
    family, count)`.
    """
    plt = _matplotlib()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(str(folder), f"a folder to write charts into ({error.strerror})") from error
    written = []
    drawings: dict[str, Callable[[Any], None]] = {"by-month": partial(_months, months=months)}
    drawings["map"] = partial(_map, points=points)
    for tally in tallies:
        drawings[f"by-{tally.by.replace('_', '-')}"] = partial(_bars, tally=tally)
    with plt.rc_context(
        {"font.family": "DejaVu Sans", "font.size": 10, "svg.hashsalt": "rampart", "text.color": INK}
    ):
        for name, draw in drawings.items():
            figure, axes = plt.subplots(figsize=(9.0, 7.0 if name == "map" else 4.8), layout="constrained")
            draw(axes)
            if simulated:
                axes.text(
                    1.0,
                    1.02,
                    "SIMULATED",
                    transform=axes.transAxes,
                    ha="right",
                    color="#d55e00",
                    fontweight="bold",
                )
            for kind in ("png", "svg"):
                path = folder / f"{name}.{kind}"
                figure.savefig(
                    path, dpi=144, bbox_inches="tight", metadata={"Date": None} if kind == "svg" else None
                )
                written.append(path)
            plt.close(figure)
    return written


def _matplotlib():
    try:
        import matplotlib
    except ImportError as error:
        raise InputError("--charts", "matplotlib to be installed (make demo installs it)") from error
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def _plain(axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=13, fontweight="bold")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(LINE)
    axes.tick_params(colors=SOFT)
    axes.set_axisbelow(True)


def _months(axes, months: Sequence[tuple[str, dict[str, int]]]) -> None:
    names = [month for month, _ in months]
    families = [family for family in COLOURS if any(counts.get(family) for _, counts in months)]
    foot = [0] * len(names)
    for family in families:
        heights = [counts.get(family, 0) for _, counts in months]
        axes.bar(
            range(len(names)),
            heights,
            bottom=foot,
            color=COLOURS[family],
            label=family,
            width=0.8,
            edgecolor="white",
        )
        foot = [low + high for low, high in zip(foot, heights, strict=True)]
    axes.set_ylim(0, 1.15 * max(foot, default=1))
    step = max(1, len(names) // 18)
    axes.set_xticks(range(0, len(names), step), names[::step], rotation=60, ha="right")
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y", color=LINE)
    _plain(axes, "Attacks on record by month")
    if families:
        axes.legend(frameon=False, ncols=len(families), loc="upper left")


def _bars(axes, tally: Tally) -> None:
    shown = list(tally.counts.items())[:MOST_BARS]
    rest = sum(list(tally.counts.values())[MOST_BARS:])
    bars = shown + ([(f"{len(tally.counts) - MOST_BARS} others", rest)] if rest else [])
    bars += [("unknown", tally.unknown)] if tally.unknown else []
    names = [name if len(name) <= 44 else name[:43] + "…" for name, _ in bars]
    colours = ["#0072b2"] * len(shown) + [SOFT] * (len(bars) - len(shown))
    axes.barh(range(len(bars)), [count for _, count in bars], color=colours)
    axes.set_yticks(range(len(bars)), names, fontsize=8 if len(bars) > 12 else 10)
    axes.invert_yaxis()
    for row, (_, count) in enumerate(bars):
        axes.text(count, row, f" {count:,}".replace(",", "\u202f"), va="center", color=INK, fontsize=8)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="x", color=LINE)
    _plain(axes, f"Attacks on record by {tally.by}")


def _map(axes, points) -> None:
    """Places at their coordinates on a bare grid: no ground is drawn that is not on this machine."""
    for family in [family for family in COLOURS if any(point[2] == family for point in points)]:
        own = [point for point in points if point[2] == family]
        sizes = [36.0 * point[3] ** 0.8 for point in own]
        marker = MARKERS.get(family, "o")
        longitude, latitude = [point[0] for point in own], [point[1] for point in own]
        axes.scatter(
            longitude,
            latitude,
            s=sizes,
            color=COLOURS[family],
            marker=marker,
            alpha=0.75,
            edgecolor=INK,
            label=family,
            linewidth=0.6,
        )
    axes.set_xlabel("degrees east", color=SOFT)
    axes.set_ylabel("degrees north", color=SOFT)
    axes.set_aspect(1.0 / math.cos(math.radians(sum(p[1] for p in points) / max(1, len(points)))))
    axes.grid(color=LINE)
    _plain(axes, "Attacks on record by place (larger: more)")
    if points:
        axes.legend(frameon=False, loc="best")
