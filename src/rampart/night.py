"""A simulated night in memory: no bytes, no journal, no report; the engine's events and its score all the same."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rampart.defended import Loop
from rampart.domain.event import Event
from rampart.domain.incident import Incident
from rampart.domain.scan import Command, Input, Tick
from rampart.domain.wire import posix_time
from rampart.engine import Engine
from rampart.evaluate.record import RunRecord, seen_of
from rampart.evaluate.score import score
from rampart.evaluate.thresholds import trade_off
from rampart.evaluate.warning import falls_of_truth
from rampart.feed import Ticks, ticks_from
from rampart.runner import SETTLE_S, Flown, looks_of, loop_of
from rampart.simulate.inmemory import scan_of_look
from rampart.simulate.look import RadarLook
from rampart.simulate.sensor import bystanders
from rampart.simulate.truth import truth_json


@dataclass(frozen=True, slots=True)
class Night:
    """A night that is over: what the radars saw, the engine that followed it, all that it said, and the
    interceptors that heard it.
    """

    flown: Flown
    looks: tuple[RadarLook, ...]
    engine: Engine
    events: tuple[Event, ...]
    loop: Loop

    @property
    def incident(self) -> Incident:
        """Return the largest attack as recorded."""
        return self.engine.incident([])


def run_night(flown: Flown, brief: bool = False) -> Night:
    """Take what the radars see through the engine; the events are those of `runner.run_scenario`, one for one.

    `brief`: only until all that flew is down and gone and no alarm stands. What the radars would still see of an
    empty sky is left out, the last ticks come once a second, and no attack closes; every event until then is the
    same.
    """
    engine, ticks, loop = Engine(flown.site, simulated=True), Ticks(), loop_of(flown)
    looks: list[RadarLook] = []
    events: list[Event] = []

    def step(item: Input) -> None:
        published = engine.step(item)
        events.extend(published)
        loop.hear(published)

    down_s = max((each.ground_s for each in flown.truth.projectiles), default=flown.scenario.start_s)
    for look in looks_of(flown):
        if brief and look.time_s > down_s and not np.any(engine.tracks.is_live()):
            break
        for tick in ticks.until(look.time_s):
            step(Tick(tick.time_s))
        looks.append(loop.shown(look))
        step(scan_of_look(looks[-1], flown.site))
    if brief:
        _let_alarms_end(engine, step)
        return Night(flown, tuple(looks), engine, tuple(events), loop)
    if ticks.time_s is not None:
        step(Command(ticks.time_s, "end"))
    if math.isfinite(engine.time_s):
        for tick in ticks_from(engine.time_s, SETTLE_S):
            if engine.settled:
                break
            step(Tick(tick.time_s))
    return Night(flown, tuple(looks), engine, tuple(events), loop)


def _let_alarms_end(engine: Engine, step: Callable[[Input], None]) -> None:
    """Let time pass once a second until no alarm stands."""
    step(Command(engine.time_s, "end"))
    for second in range(int(SETTLE_S)):
        if not engine.policy.open_alerts():
            return
        step(Tick(math.floor(engine.time_s) + 1.0 if second else math.ceil(engine.time_s)))


def record_of(night: Night) -> RunRecord:
    """Return the night as it is held against its truth."""
    flown = night.flown
    seen = seen_of(night.looks, len(flown.truth.projectiles))
    others = tuple(bystanders(flown.scenario, flown.site))
    truth = night.loop.truth()
    return RunRecord(night.events, night.incident, flown.site, truth, seen, others, flown.scenario.exposure)


def trade_off_of_night(night: Night, zones: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what other thresholds would have missed and cost; `zones` are those of its score."""
    ideal_s = {(zone["attack"], zone["zone"]): posix_time(zone["ideal"]) for zone in zones if zone["ideal"]}
    falls = falls_of_truth(truth_json(night.loop.truth(), night.flown.site))
    return trade_off(night.events, night.flown.site, falls, ideal_s)


def score_of_night(night: Night) -> dict[str, Any]:
    """Return score.json of a night."""
    return score(record_of(night))
