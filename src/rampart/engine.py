"""Joins the rooms: `Engine.step(item)` takes a scan, a tick, a command or a zone set and returns the events.

The engine knows no clock, disk, network or random source: the same inputs give the same events, live, in a
replay and after a restart.
"""

import numpy as np

from rampart.attack import AttackBook
from rampart.domain.alert import Alert
from rampart.domain.event import Event
from rampart.domain.forecast import Forecast
from rampart.domain.incident import Incident
from rampart.domain.scan import Command, Input, Scan, Tick, ZoneSet
from rampart.domain.site import Site
from rampart.domain.track import CONFIRMED, ENDED, TrackTable, no_tracks
from rampart.predict.origin import launch_sites
from rampart.predict.predictor import Predictor
from rampart.publish import Publisher
from rampart.sense.condition import Condition
from rampart.track.tracker import Tracker
from rampart.warn.policy import Policy
from rampart.warn.risk import zone_probability
from rampart.warn.zones import ZoneShapes


class Engine:
    """All that is known at one moment; `step` is its one verb. `incidents` holds the attacks that have closed."""

    def __init__(self, site: Site, simulated: bool = False):
        self.site = site
        self.simulated = simulated
        self.condition = Condition(site)
        self.tracker = Tracker(site)
        self.predictor = Predictor(site)
        self.shapes = ZoneShapes(site.zones, site)
        self.policy = Policy(site)
        self.publisher = Publisher(site)
        self.tracks: TrackTable = no_tracks()
        self.book: AttackBook | None = None
        self.incidents: list[Incident] = []
        self.time_s = -np.inf
        self._silence_is_fault = True

    def step(self, item: Input) -> list[Event]:
        """Return the events that `item` causes, in order."""
        self.time_s = max(self.time_s, item.time_s)
        match item:
            case Scan():
                scan = self.condition.step(item, self.tracks)
                self.tracks = self.tracker.step(scan, self.condition.clutter)
                events = self._follow()
            case Tick():
                self.tracks = self.tracker.tick(self.time_s)
                events = self._follow()
            case Command():
                events = self._obey(item)
            case ZoneSet():
                events = self._alerts(self.policy.set_zones(item.zones, self.time_s))
        if self._silence_is_fault:
            changes = self.condition.health(self.time_s)
            events += [self.publisher.health(self.time_s, *change) for change in changes]
        return events

    @property
    def settled(self) -> bool:
        """Whether nothing is in the air, no alert is open and no attack is still open."""
        confirmed = bool(np.any(self.tracks.status == CONFIRMED))
        return not confirmed and not self.policy.open_alerts() and self.book is None

    def _follow(self) -> list[Event]:
        """Predict, warn and publish from the newest table of tracks."""
        tracks = self.tracks
        forecasts = {forecast.track: forecast for forecast in self.predictor.step(tracks)}
        probability = {track: zone_probability(forecast, self.shapes) for track, forecast in forecasts.items()}
        alerts = self.policy.step(self.time_s, list(forecasts.values()), _rows(probability, len(self.site.zones)))
        if self.policy.attack_id is not None and self.book is None:
            self.book = AttackBook(self.policy.attack_id, self.site)
        events: list[Event] = []
        for row in np.flatnonzero(np.isfinite(tracks.confirmed_s) & (tracks.updated | (tracks.status == ENDED))):
            forecast = forecasts.get(int(tracks.id[row]))
            events += self._projectile(row, forecast, probability)
        events += self._alerts(alerts)
        self._close_attack()
        return events

    def _projectile(self, row: int, forecast: Forecast | None, probability: dict[int, np.ndarray]) -> list[Event]:
        """Return a track's event and its forecast's: the last forecast comes before `ended`."""
        tracks, ended = self.tracks, bool(self.tracks.status[row] == ENDED)
        track_event = None if ended else self.publisher.track(tracks, row, forecast, self.time_s)
        forecast_event = None
        if forecast is not None:
            chance = probability[forecast.track] * forecast.ballistic_probability
            forecast_event = self.publisher.forecast(forecast, chance, self.time_s, ended)
        track_event = track_event or self.publisher.track(tracks, row, forecast, self.time_s)
        if forecast_event is not None and self.book is not None and forecast.ballistic_probability > 0.5:
            self.book.add_track(track_event, tracks.first_plot_s[row], tracks.confirmed_s[row])
            self.book.add_forecast(forecast_event)
        both = [event for event in (track_event, forecast_event) if event is not None]
        return sorted(both, key=lambda event: event.seq)

    def _alerts(self, alerts: list[Alert]) -> list[Event]:
        events = [self.publisher.alert(alert) for alert in alerts]
        if self.book is not None:
            self.book.alerts += events
        return list(events)

    def _obey(self, command: Command) -> list[Event]:
        """Act on an operator's command; an unknown one is heard, not ignored."""
        if command.verb == "end":
            self._silence_is_fault = False
            return []
        return [self.publisher.health(self.time_s, "command", "degraded", f"unknown command {command.verb!r}")]

    def _close_attack(self) -> None:
        """Close the book when the policy says that the attack is over: only now are launch areas made."""
        if self.book is None or self.policy.attack_id == self.book.attack_id:
            return
        members = list(self.book.sensed)
        origins = [origin for track in members if (origin := self.predictor.origin(track)) is not None]
        self.incidents.append(self.book.close(launch_sites(origins), self.simulated))
        self.predictor.close(members)
        self.book = None


def _rows(probability: dict[int, np.ndarray], zones: int) -> np.ndarray:
    """Return the probabilities (n_forecasts, n_zones)."""
    return np.array(list(probability.values())).reshape(len(probability), zones)
