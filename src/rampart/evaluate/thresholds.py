"""What other alarm thresholds would have missed and cost in a run, decided anew from its published forecasts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rampart.domain.alert import CANCEL, CLEAR, RAISE
from rampart.domain.event import Event
from rampart.domain.site import Site
from rampart.evaluate.retold import Told, told_by
from rampart.evaluate.warning import Fall, Standing, share_with_time_to_shelter, zone_warnings
from rampart.warn.policy import Policy

FACTORS = (0.1, 1 / 3, 1.0, 10 / 3, 10.0, 80 / 3)
"""The thresholds that are tried, as multiples of the site's: 0.003 to 0.8 of 0.03."""
MOST = 0.99


def trade_off(
    events: Sequence[Event], site: Site, falls: Sequence[Fall], ideal_s: Mapping[tuple[int, str], float]
) -> list[dict[str, Any]]:
    """Return for each threshold the zones in danger, missed and warned for nothing, seconds and person-minutes.

    The yardstick stays the same for all: `ideal_s`, by attack and zone, is that of the site's own threshold.
    """
    steps = list(told_by(events, site.warning.clear_after_s + 60.0))
    columns = {zone.id: column for column, zone in enumerate(site.zones)}
    chances = [step.probability(columns) for step in steps]
    rows: list[dict[str, Any]] = []
    known_m: dict[tuple[int, str], float] = {}
    for factor in FACTORS:
        threshold = min(factor * site.warning.raise_probability, MOST)
        tried = replace(site, warning=replace(site.warning, raise_probability=threshold))
        alarms = _alarms(Policy(tried), list(zip(steps, chances, strict=True)))
        end_s = steps[-1].time_s if steps else 0.0
        zones = zone_warnings(alarms, falls, site, end_s, ideal_s, known_m)
        hit = [row for row in zones if row.hit]
        rows.append(
            {
                "raise_probability": round(threshold, 6),
                "own": factor == 1.0,
                "zones_hit": len(hit),
                "zones_missed": sum(not row.warned for row in hit),
                "zones_needless": sum(row.needless for row in zones),
                "needless_person_minutes": round(sum(row.needless_person_minutes for row in zones), 1),
                "share_with_time_to_shelter": share_with_time_to_shelter(zones),
                "seconds": [round(row.warning_s or 0.0, 2) for row in hit],
            }
        )
    return rows


def _alarms(policy: Policy, steps: Sequence[tuple[Told, Any]]) -> list[Standing]:
    """Return the alarms that a policy raises; one that is open at the end stands until then."""
    open_: dict[str, tuple[str, float]] = {}
    alarms = []
    for told, chance in steps:
        for alert in policy.step(told.time_s, list(told.forecasts), chance, told.gone):
            if alert.action == RAISE:
                open_.setdefault(alert.alert, (alert.zone, told.time_s))
            elif alert.action in (CLEAR, CANCEL) and alert.alert in open_:
                alarms.append(Standing(alert.alert, *open_.pop(alert.alert), told.time_s))
    end_s = steps[-1][0].time_s if steps else 0.0
    alarms += [Standing(alert, zone, raised_s, end_s) for alert, (zone, raised_s) in open_.items()]
    return sorted(alarms, key=lambda alarm: (alarm.raised_s, alarm.zone))
