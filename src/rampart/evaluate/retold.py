"""What the warner was told in a run, read back from its events: the policy decides it again without a flight anew."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from rampart.domain.event import AlertEvent, Event, ForecastEvent, HealthEvent, TrackEvent
from rampart.domain.forecast import CLASS_NAMES, FATES, Forecast
from rampart.domain.wire import posix_time
from rampart.physics.motion import STATE_SIZE

TICK_S = 1.0
"""Time passes in such steps where nothing is told."""


@dataclass(frozen=True, slots=True)
class Told:
    """One step of the policy: `forecasts` of projectiles, their `zones` by id, tracks that are `gone`."""

    time_s: float
    forecasts: tuple[Forecast, ...] = ()
    zones: tuple[dict[str, float], ...] = ()
    gone: tuple[int, ...] = ()

    def probability(self, columns: dict[str, int]) -> np.ndarray:
        """Return (n_forecasts, n_zones) with zone z in `columns[z]`; a zone that the events left out has 0."""
        rows = np.zeros((len(self.forecasts), len(columns)))
        for row, zones in enumerate(self.zones):
            for zone, p in zones.items():
                if zone in columns:
                    rows[row, columns[zone]] = p
        return rows


class Reader:
    """Turns the events of one step after another into what the policy was told; knows when each track began."""

    def __init__(self) -> None:
        self._first_s: dict[int, float] = {}

    def step(self, time_s: float, events: Sequence[Event]) -> Told:
        """Return what the policy was told at the step that caused these events."""
        forecasts = {event.track: event for event in events if isinstance(event, ForecastEvent)}
        tracks = [event.track for event in events if isinstance(event, TrackEvent)]
        for track in tracks:
            self._first_s.setdefault(track, time_s)
        return Told(
            time_s,
            tuple(
                _forecast(event, time_s, self._first_s.get(event.track, time_s))
                for event in forecasts.values()
            ),
            tuple({zone.zone: zone.probability for zone in event.zones} for event in forecasts.values()),
            tuple(track for track in tracks if track not in forecasts),
        )


def told_by(events: Iterable[Event], rest_s: float) -> Iterator[Told]:
    """Yield the steps of a run in order, time passing between them and for `rest_s` after the last."""
    reader, last_s = Reader(), None
    heard = (event for event in events if not isinstance(event, AlertEvent | HealthEvent))
    for time, group in groupby(heard, key=lambda event: event.time):
        time_s = posix_time(time)
        if last_s is not None:
            yield from (Told(float(t)) for t in np.arange(last_s + TICK_S, time_s, TICK_S))
        yield reader.step(time_s, list(group))
        last_s = time_s
    if last_s is not None:
        yield from (Told(float(t)) for t in np.arange(last_s, last_s + rest_s, TICK_S))


def _forecast(event: ForecastEvent, time_s: float, first_s: float) -> Forecast:
    """Return a published forecast as one component; its zones' probabilities hold for the track, projectile or not."""
    return Forecast(
        track=event.track,
        time_s=time_s,
        weight=np.ones(1),
        impact_enu_m=np.zeros((1, 2)),
        impact_cov_m2=np.array([event.impact.cov_enu_m2]),
        impact_time_s=np.array([posix_time(event.impact.time)]),
        impact_time_sd_s=np.array([event.impact.time_sd_s]),
        class_probability=np.full(len(CLASS_NAMES), 1.0 / len(CLASS_NAMES)),
        ballistic_probability=1.0,
        state_enu=np.zeros(STATE_SIZE),
        fate=np.array([event.fate[name] if event.fate else 0.0 for name in FATES]),
        first_plot_s=first_s,
        last_plot_s=time_s,
    )
