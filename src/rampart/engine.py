"""Joins the rooms: `Engine.step(item)` takes a scan, a tick, a command or a zone set and returns the events.

`Engine.stream(item)` is the same, each event as soon as it is known. The engine knows no clock, disk, network or random
source: the same inputs give the same events, live, in a replay and after a restart.
"""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import numpy as np

from rampart.attack import AttackBook
from rampart.domain.alert import Alert, Manual
from rampart.domain.event import AlertEvent, Event
from rampart.domain.forecast import Forecast
from rampart.domain.incident import Claim, Incident
from rampart.domain.scan import ByHandAct, Command, Input, Scan, Tick, ZoneSet
from rampart.domain.site import Site, zones_changed, zones_version
from rampart.domain.track import END_WITHDRAWN, ENDED, TrackTable, no_tracks
from rampart.predict.origin import launch_sites
from rampart.predict.predictor import Predictor
from rampart.publish import Publisher
from rampart.sense.condition import Condition
from rampart.track.tracker import Tracker
from rampart.warn.manual import ManualAlerts
from rampart.warn.policy import Policy
from rampart.warn.risk import zone_probability
from rampart.warn.zones import ZoneShapes, shapes_of


class Engine:
    """All that is known at one moment; `step` is its one verb.

    `incidents` holds the attacks that have closed, `books` those that are open, by attack id; `outside` the alerts that
    people raised or ended while none was open.
    """

    def __init__(self, site: Site, simulated: bool = False):
        self.site = site
        self.simulated = simulated
        self.condition = Condition(site)
        self.tracker = Tracker(site)
        self.predictor = Predictor(site)
        self.shapes = shapes_of(site)
        self.policy = Policy(site)
        self.manual = ManualAlerts(site.id, site.mode)
        self.publisher = Publisher(site)
        self.tracks: TrackTable = no_tracks()
        self.books: dict[str, AttackBook] = {}
        self.incidents: list[Incident] = []
        self.outside: list[AlertEvent] = []
        self.time_s = -np.inf
        self._silence_is_fault = True

    def step(self, item: Input) -> list[Event]:
        """Return the events that `item` causes, in order."""
        return [event for events in self.stream(item) for event in events]

    def stream(self, item: Input) -> Iterator[list[Event]]:
        """Yield the events that `item` causes, in order, as they become known; to be taken to the end."""
        match item:
            case Scan():
                scan = self.condition.step(item, self.tracks)
                # The conditioned scan's time is that of its good plots: a plot from tomorrow moves no clock.
                self.time_s = max(self.time_s, scan.time_s)
                self.tracks = self.tracker.step(scan, self.condition.clutter, self.condition.crowds)
                yield from self._follow()
            case Tick():
                self.time_s = max(self.time_s, item.time_s)
                self.tracks = self.tracker.tick(self.time_s)
                yield from self._follow()
            case Command():
                yield self._obey(item)
            case ZoneSet():
                yield self._change_zones(item)
        events: list[Event] = []
        if not isinstance(item, Command):
            events += self._published_alerts(self.manual.tick(self.time_s))
        if self._silence_is_fault and np.isfinite(self.time_s):
            for source, state, reason in self.condition.health(self.time_s):
                events.append(self.publisher.health(self.time_s, source, state, reason))
        yield events

    @property
    def settled(self) -> bool:
        """Whether nothing is in the air, no alert is open and every attack has closed."""
        return not np.any(self.tracks.is_live()) and not self.policy.open_attacks and not self.manual.standing

    def incident(self, claims: list[Claim]) -> Incident:
        """Return the attack with the most projectiles, with what was claimed of it; an empty one where none was.

        Its alerts are those of the attack and all that people raised and ended while there was none.
        """
        nothing = Incident(None, self.site.id, None, None, simulated=self.simulated)
        largest = max(self.incidents, key=lambda incident: len(incident.projectiles), default=nothing)
        alerts = sorted([*largest.alerts, *self.outside], key=lambda alert: alert.seq)
        return msgspec.structs.replace(largest, claims=claims, alerts=alerts)

    def _follow(self) -> Iterator[list[Event]]:
        """Predict, warn and publish from the newest table of tracks, one track after the other.

        So an alarm waits for no forecast but those before the one that causes it.
        """
        if not len(self.tracks):
            events = self._published_alerts(self.policy.tick(self.time_s))
            self._close_attacks()
            yield events
            return
        told: set[int] = set()
        row_of = {track: row for row, track in enumerate(self.tracks.id.tolist())}
        for forecast in self.predictor.each(self.tracks, self._by_urgency(), self.condition.bias_sigma):
            danger = zone_probability(forecast, self.shapes)
            alerts = self.policy.hear(self.time_s, forecast, danger)
            told.add(forecast.track)
            events = self._published_track(row_of[forecast.track], forecast, danger)
            yield events + self._published_alerts(alerts)
        alerts = self.policy.tick(self.time_s, self._gone(told))
        events = []
        for row in self._shown():
            if int(self.tracks.id[row]) not in told:
                events += self._published_track(row, None, None)
        events += self._published_alerts(alerts)
        self._close_attacks()
        yield events

    def _by_urgency(self) -> list[int]:
        """Return the rows of the table: tracks that are new to the policy, then those that come down soonest."""
        expected_s = [self.policy.expected_s(track) for track in self.tracks.id.tolist()]
        return sorted(range(len(expected_s)), key=lambda row: expected_s[row])

    def _shown(self) -> list[int]:
        """Return the rows of confirmed tracks that got a plot or ended."""
        tracks = self.tracks
        news = tracks.updated | (tracks.status == ENDED)
        return np.flatnonzero(np.isfinite(tracks.confirmed_s) & news).tolist()

    def _gone(self, told: set[int]) -> tuple[int, ...]:
        """Return the tracks that ended without a last forecast, or are no projectile's any more."""
        over = (self.tracks.status == ENDED) | ~self.tracks.is_ballistic()
        return tuple(track for track in self.tracks.id[over].tolist() if track not in told)

    def _published_track(self, row: int, forecast: Forecast | None, danger: np.ndarray | None) -> list[Event]:
        """Return a track's event and its forecast's; the last forecast comes before `ended`."""
        tracks, publisher = self.tracks, self.publisher
        ended = bool(tracks.status[row] == ENDED)
        if tracks.end_reason[row] == END_WITHDRAWN:
            for book in self.books.values():
                book.withdraw(int(tracks.id[row]))
        if forecast is None or danger is None:
            return [publisher.track(tracks, row, None, self.time_s)]
        chance = danger * forecast.ballistic_probability
        if ended:
            foretold = publisher.forecast(forecast, chance, self.time_s, ended)
            track = publisher.track(tracks, row, forecast, self.time_s)
        else:
            track = publisher.track(tracks, row, forecast, self.time_s)
            foretold = publisher.forecast(forecast, chance, self.time_s, ended)
        if (attack := self.policy.attack_of(forecast.track)) is not None:
            book = self.books.setdefault(attack, AttackBook(attack, self.site))
            book.add(track, foretold, tracks.first_plot_s[row], tracks.confirmed_s[row])
        return [foretold, track] if ended else [track, foretold]

    def _published_alerts(self, alerts: list[Alert]) -> list[Event]:
        events = [self.publisher.alert(alert) for alert in alerts]
        for event in events:
            attack = event.alert.removesuffix(f"-{event.zone}")
            if attack in self.books:
                self.books[attack].alerts.append(event)
            elif event.manual is not None:
                # what people said while an attack went on belongs to its record
                for alerts_of in [book.alerts for book in self.books.values()] or [self.outside]:
                    alerts_of.append(event)
        return list(events)

    def _obey(self, command: Command) -> list[Event]:
        """Act on an operator's command; an unknown one is heard, not ignored."""
        if command.verb == "end":
            self._silence_is_fault = False
            return []
        if command.verb == "by hand":
            return self._obey_people(command)
        if command.verb == "cancel":
            return self._published_alerts(self.policy.cancel(command.time_s, command.argument))
        return [
            self.publisher.health(command.time_s, "command", "degraded", f"unknown command {command.verb!r}")
        ]

    def _obey_people(self, command: Command) -> list[Event]:
        """Raise or cancel what operators asked for; who they are has been verified before, and is in the events."""
        act = msgspec.json.decode(command.argument, type=ByHandAct)
        manual = Manual(act.request, act.by, act.released_by, command.time_s + act.duration_s)
        if act.verb == "raise":
            return self._published_alerts(self.manual.raise_in(command.time_s, act.zones, manual))
        alerts = self.manual.cancel(command.time_s, act.target, manual)
        # an alert's id alone: a zone's would take back what nobody was asked about
        if any(alert.alert == act.target for alert in self.policy.open_alerts()):
            taken_back = self.policy.cancel(command.time_s, act.target)
            alerts += [replace(alert, manual=manual) for alert in taken_back]
        self.manual.requests.add(act.request)
        return self._published_alerts(alerts)

    def _change_zones(self, item: ZoneSet) -> list[Event]:
        """Take a set of zones; that some are gone or changed is a fault, heard until the same set comes again."""
        old, self.site = self.site.zones, replace(self.site, zones=item.zones)
        self.publisher.site = self.site
        self.shapes = ZoneShapes(item.zones, self.site)
        events = self._published_alerts(self.policy.set_zones(item.zones, item.time_s))
        told = zones_changed(old, item.zones)
        fault = "gone:" in told or "changed:" in told
        reason = f"set {zones_version(old)} to {zones_version(item.zones)}: {told or 'the same, confirmed'}"
        state = "degraded" if fault else "ok"
        return [*events, self.publisher.health(item.time_s, "zones", state, reason)]

    def _close_attacks(self) -> None:
        """Put the attacks that are over on record: only now are launch areas made."""
        open_attacks = self.policy.open_attacks
        for attack in [attack for attack in self.books if attack not in open_attacks]:
            book = self.books.pop(attack)
            members = book.projectiles()
            origins = [origin for track in members if (origin := self.predictor.origin(track)) is not None]
            if members:
                self.incidents.append(book.close(launch_sites(origins), self.simulated))
            self.predictor.close(book.sensed)
