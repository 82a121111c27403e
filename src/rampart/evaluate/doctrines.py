"""Runs under several doctrines as figures with 95 % intervals, and the difference of each from the first, in pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

from rampart.domain.event import Event
from rampart.domain.site import Site
from rampart.domain.wire import posix_time
from rampart.evaluate.exposure import CASES, exposure_of_run
from rampart.evaluate.interception import interception_of, leak_account
from rampart.evaluate.metrics import median
from rampart.evaluate.study import count_figure, mean_figure, share
from rampart.evaluate.warning import falls_of_truth, standing_alarms, zone_warnings
from rampart.simulate.scenario import Exposure
from rampart.simulate.truth import Truth, truth_json

COUNTS = (
    "entered", "ignored", "intercepted", "missed", "endangering", "leakers", "wrongly_ignored", "wrongly_engaged",
    "shots", "shots_at_nothing",
)  # fmt: skip


def marks_of_case(
    truth: Truth, events: Sequence[Event], site: Site, exposure: Exposure | None
) -> dict[str, Any]:
    """Return what a study keeps of one run under one case: the account, the warning, people exposed."""
    told = truth_json(truth, site)
    account = interception_of(told, site) or leak_account(told, site) | {"shots": 0, "shots_at_nothing": 0}
    end_s = max((posix_time(event.time) for event in events), default=0.0)
    falls = [fall for fall in falls_of_truth(told) if fall.reached]
    rows = [row for row in zone_warnings(standing_alarms(events), falls, site, end_s, {}) if row.hit]
    marks: dict[str, Any] = {key: account[key] for key in COUNTS}
    marks["why_ignored"] = account["why_ignored"]
    marks["seconds_median"] = median([row.warning_s or 0.0 for row in rows])
    marks["zones_hit"], marks["zones_warned"] = len(rows), sum(row.warned for row in rows)
    if exposure is not None:
        marks["exposure"] = exposure_of_run(told, events, site, exposure)
    return marks


def cases_of(rows: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return the figures of each case over the runs, and their differences from the first case, seed by seed."""
    names = list(rows[0])
    return {
        "cases": {name: _figures([row[name] for row in rows]) for name in names},
        "differences": {
            name: {"leakers": mean_figure([row[name]["leakers"] - row[names[0]]["leakers"] for row in rows])}
            | _open_difference(rows, name, names[0])
            for name in names[1:]
        },
    }


def _figures(own: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    why: dict[str, int] = {}
    for each in own:
        for reason, count in each["why_ignored"].items():
            why[reason] = why.get(reason, 0) + count
    figures: dict[str, Any] = {key: count_figure([each[key] for each in own]) for key in COUNTS}
    figures["no_leaker"] = share(sum(each["leakers"] == 0 for each in own), len(own))
    figures["account_closes"] = all(
        each["entered"] == each["ignored"] + each["intercepted"] + each["missed"] for each in own
    )
    figures["why_ignored"] = dict(sorted(why.items()))
    figures["seconds_median"] = mean_figure([each["seconds_median"] for each in own])
    figures["zones_warned"] = share(
        sum(each["zones_warned"] for each in own), sum(each["zones_hit"] for each in own)
    )
    exposed = [each["exposure"] for each in own if "exposure" in each]
    if exposed:
        figures["open"] = {case: mean_figure([one[case]["open"] for one in exposed]) for case in CASES}
        figures["shelter"] = {case: mean_figure([one[case]["shelter"] for one in exposed]) for case in CASES}
        both = [one["warned_defended"] for one in exposed]
        figures["exposed"] = mean_figure([one["open"] + one["shelter"] for one in both])
        figures["under_debris"] = mean_figure([one["under_debris"] for one in exposed])
    return figures


def _open_difference(
    rows: Sequence[Mapping[str, Mapping[str, Any]]], name: str, first: str
) -> dict[str, Any]:
    if any("exposure" not in row[name] for row in rows):
        return {}
    apart = [
        row[name]["exposure"]["warned_defended"]["open"] - row[first]["exposure"]["warned_defended"]["open"]
        for row in rows
    ]
    return {"open": mean_figure(apart)}
