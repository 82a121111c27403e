"""A simulated scenario through sense, track and predict alone, in memory: each track's end and what it was of."""

from dataclasses import dataclass

import numpy as np

from rampart.domain.forecast import Forecast, Origin
from rampart.domain.site import Site
from rampart.domain.track import CONFIRMED, ENDED, TrackTable
from rampart.feed import Ticks, ticks_from
from rampart.predict.predictor import Predictor
from rampart.sense.condition import Condition
from rampart.simulate.inmemory import scan_of_look
from rampart.simulate.scenario import Scenario
from rampart.simulate.sensor import observe
from rampart.simulate.truth import Truth, fly_scenario
from rampart.track.tracker import Tracker

SETTLE_S = 120.0


@dataclass(slots=True)
class Chased:
    """One confirmed track: the projectile that it was nearest to when confirmed, its last forecast, its origin."""

    projectile: int
    last: Forecast | None = None
    origin: Origin | None = None


def chase(scenario: Scenario, site: Site, every: int = 1) -> tuple[Truth, dict[int, Chased]]:
    """Return the truth and the confirmed tracks as the engine makes them, warning left out.

    `every`: fits are made at one look in so many; a fit takes all plots so far, so the last is all but the same.
    """
    truth = fly_scenario(scenario, site, np.random.default_rng([scenario.seed, 0]))
    condition, tracker, predictor, ticks = Condition(site), Tracker(site), Predictor(site), Ticks()
    found: dict[int, Chased] = {}
    table = tracker.tick(scenario.start_s)
    for k, look in enumerate(observe(truth, scenario, site, np.random.default_rng([scenario.seed, 1]))):
        for tick in ticks.until(look.time_s):
            table = tracker.tick(tick.time_s)
            _follow(table, condition, predictor, truth, found)
        table = tracker.step(condition.step(scan_of_look(look, site), table), condition.clutter)
        if k // len(site.radars) % every == 0 or np.any(table.status == ENDED):
            _follow(table, condition, predictor, truth, found)
    for tick in ticks_from(ticks.time_s or scenario.start_s, SETTLE_S):
        if not np.any(table.status == CONFIRMED):
            break
        table = tracker.tick(tick.time_s)
        _follow(table, condition, predictor, truth, found)
    return truth, found


def _follow(
    table: TrackTable, condition: Condition, predictor: Predictor, truth: Truth, found: dict[int, Chased]
) -> None:
    forecasts = {forecast.track: forecast for forecast in predictor.step(table, condition.bias_sigma)}
    for i in np.flatnonzero(np.isfinite(table.confirmed_s)):
        track = int(table.id[i])
        if track not in found:
            found[track] = Chased(_nearest(truth, float(table.track_time_s[i]), table.mean_enu[i, :3]))
        if table.status[i] == ENDED:
            found[track].last, found[track].origin = forecasts.get(track), predictor.origin(track)


def _nearest(truth: Truth, time_s: float, place_m: np.ndarray) -> int:
    gaps = [
        np.linalg.norm(moment[0] - place_m) if (moment := flown.state_at(time_s)) is not None else np.inf
        for flown in truth.projectiles
    ]
    return int(np.argmin(gaps))
