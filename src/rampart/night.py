"""A simulated night in memory: no bytes, no journal, no report; the engine's events and its score all the same."""

import math
from dataclasses import dataclass
from typing import Any

from rampart.domain.event import Event
from rampart.domain.incident import Incident
from rampart.domain.scan import Command, Tick
from rampart.engine import Engine
from rampart.evaluate.record import RunRecord, seen_of
from rampart.evaluate.score import score
from rampart.feed import Ticks, ticks_from
from rampart.runner import SETTLE_S, Flown, looks_of
from rampart.simulate.inmemory import scan_of_look
from rampart.simulate.look import RadarLook
from rampart.simulate.sensor import bystanders


@dataclass(frozen=True, slots=True)
class Night:
    """A night that is over: what the radars saw, the engine that followed it, and all that it said."""

    flown: Flown
    looks: tuple[RadarLook, ...]
    engine: Engine
    events: tuple[Event, ...]

    @property
    def incident(self) -> Incident:
        """Return the largest attack as recorded."""
        return self.engine.incident([])


def run_night(flown: Flown) -> Night:
    """Take what the radars see through the engine; the events are those of `runner.run_scenario`, one for one."""
    engine, ticks = Engine(flown.site, simulated=True), Ticks()
    looks, events = tuple(looks_of(flown)), []
    for look in looks:
        for tick in ticks.until(look.time_s):
            events += engine.step(Tick(tick.time_s))
        events += engine.step(scan_of_look(look, flown.site))
    if ticks.time_s is not None:
        events += engine.step(Command(ticks.time_s, "end"))
    if math.isfinite(engine.time_s):
        for tick in ticks_from(engine.time_s, SETTLE_S):
            if engine.settled:
                break
            events += engine.step(Tick(tick.time_s))
    return Night(flown, looks, engine, tuple(events))


def record_of(night: Night) -> RunRecord:
    """Return the night as it is held against its truth."""
    flown = night.flown
    seen = seen_of(night.looks, len(flown.truth.projectiles))
    others = tuple(bystanders(flown.scenario, flown.site))
    return RunRecord(night.events, night.incident, flown.site, flown.truth, seen, others)


def score_of_night(night: Night) -> dict[str, Any]:
    """Return score.json of a night."""
    return score(record_of(night))
