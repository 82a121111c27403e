"""The trade-off of a study: what each alarm threshold misses against what it warns for nothing, as a drawing."""

from collections.abc import Mapping, Sequence
from typing import Any

from rampart.evaluate.chart import BLACK, BLUE, LEFT, ORANGE, Chart, decades
from rampart.evaluate.height_svg import ticks

NOTHING_PERSON_MINUTES = 1.0
"""Less is drawn as this: a logarithmic scale has no nothing."""


def trade_off_chart(figures: Mapping[str, Any]) -> str | None:
    """Return the shares of zones missed and of people without time to reach cover, over person-minutes for nothing."""
    rows: Sequence[Mapping[str, Any]] = [
        row for row in figures["warning"]["trade_off"] if row["zones_missed"]["value"] is not None
    ]
    if not rows:
        return None
    cost = [max(row["needless_person_minutes"]["value"], NOTHING_PERSON_MINUTES) for row in rows]
    missed = [row["zones_missed"] for row in rows]
    late = [_rest(row["share_with_time_to_shelter"]) for row in rows]
    highest = max([0.01, *(f["high"] for f in missed), *(f["high"] or 0.0 for f in late)])
    span = min(cost) / 1.5, max(cost) * 1.5
    up = ticks(0.0, 1.25 * highest)
    chart = Chart(
        "What an alarm threshold costs", span, (0.0, up[-1]), width=640.0, height=430.0,
        logarithmic=(True, False),
    )  # fmt: skip
    chart.axes(
        [tick for tick in decades(*span) if f"{tick:g}"[0] in "125"][:: 2 if span[1] > 30 * span[0] else 1],
        up.tolist(),
        "person-minutes warned for nothing, a run",
        "share of zones in danger, or of the people there",
        lambda v: f"{100 * v:g} %",
    )
    for figures_of, colour in ((late, BLUE), (missed, ORANGE)):
        known = [i for i, f in enumerate(figures_of) if f["value"] is not None]
        chart.line([cost[i] for i in known], [figures_of[i]["value"] for i in known], colour)
        for i in known:
            own = figures_of[i]
            chart.dot(cost[i], own["value"], colour, own["low"], own["high"])
    for i, (at, row) in enumerate(zip(cost, rows, strict=True)):
        told = f"{row['raise_probability']:.2g}" + (" (set)" if row["own"] else "")
        top = max(missed[i]["high"], late[i]["high"] or 0.0)
        chart.word(at, top, told, BLACK, "middle", (0.0, -8.0 - 15.0 * (i % 2)))
    lines = [
        ("people without the time to reach cover", BLUE, ""),
        ("zones missed; numbers: raise_probability", ORANGE, ""),
    ]
    chart.key(lines, LEFT + 250.0, 70.0)
    chart.foot(f"Decided anew from the forecasts of {figures['runs']} simulated runs; bars: 95 % interval.")
    return chart.drawn("; ".join(
        f"{row['raise_probability']:g}: missed {row['zones_missed']['value']:.3g}, person-minutes {at:.3g}"
        for at, row in zip(cost, rows, strict=True)
    ))  # fmt: skip


def _rest(share: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is left of a share."""
    if share["value"] is None:
        return {"value": None, "low": None, "high": None}
    return {"value": 1.0 - share["value"], "low": 1.0 - share["high"], "high": 1.0 - share["low"]}
