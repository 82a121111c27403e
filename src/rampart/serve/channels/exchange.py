"""All channels of a live run: each decision to each of them at once, none waiting for another."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from rampart.channelkeys import ChannelKeys
from rampart.domain.event import AlertEvent, HealthEvent
from rampart.domain.site import Site, Zone, zones_changed
from rampart.domain.wire import posix_time
from rampart.serve.channels.board import Board
from rampart.serve.channels.notice import AtOnce, Beat, Channel, Notice
from rampart.serve.channels.worker import OK, Worker

ALIVE_S = 3.0
"""Where the engine's loop has not been heard of for so long, no channel says that all is well."""
MOST_FAULTS = 1000
ALERTS = "alerts"
"""The source under which an alert that could not go out shows in the health."""
OVER_S = 10.0
"""So long after its end a raise still sounds: one that comes with its impact must, one that a kill kept back not."""
ZONES = "zones"
"""The source under which a set of zones shows that has changed under those who subscribed to it."""
OLD_NEWS_S = 300.0
"""An all clear that could not be delivered for so long is not sent any more."""


class Exchange:
    """Hands decisions to the channels' threads. `by_wall_clock`: the events' times are this machine's.

    `note(text)` writes a fact into the journal, `tell(line)` tells people. `refused` counts what no channel was given:
    of another mode, or of a zone that is unknown or has no area; `faults` are Rampart's own, the newest last.
    """

    def __init__(
        self,
        channels: Sequence[tuple[Channel, ChannelKeys]],
        site: Site,
        by_wall_clock: bool,
        note: Callable[[str], None],
        tell: Callable[[str], None],
    ):
        self.site, self._by_wall_clock = site, by_wall_clock
        self._note, self._tell = note, tell
        self.board = Board(site.zones)
        self._zones = {zone.id: zone for zone in site.zones}
        self._health: dict[str, tuple[str, str]] = {}
        self._alive_s = time.monotonic()
        self.refused = 0
        self.faults: deque[str] = deque(maxlen=MOST_FAULTS)
        self.workers = [
            Worker(channel, keys, self.beat_now, self._noting(channel.name), self._channel_health)
            for channel, keys in channels
            if channel.mode == site.mode
        ]

    def start(self, standing: Sequence[AlertEvent] = ()) -> None:
        """Open the channels; `standing` are the warnings that stood when a run before this one ended."""
        for event in standing:
            if (notice := self._notice(event, time.time())) is not None:
                self.board.put(notice)
        for worker in self.workers:
            worker.start()

    def announce(self, event: AlertEvent, received_s: float) -> Notice | None:
        """Take a decision before it is signed: the state changes, and channels that need no file have it.

        Returns what `publish` completes; None where nothing may be sent, which is counted and told.
        """
        notice = self._notice(event, received_s)
        if notice is None:
            return None
        notice = replace(notice, zone_state=self.board.put(notice))
        for worker in self.workers:
            # what a kill kept back until it was over sounds no siren any more
            fresh = time.time() <= notice.until_s + OVER_S
            if fresh and isinstance(worker.channel, AtOnce) and worker.channel.mode == event.mode:
                try:
                    worker.channel.at_once(notice)
                except Exception as error:
                    # its thread tries again; nobody else waits
                    self._note(f"channel {worker.channel.name}: {type(error).__name__}: {error}")
        for worker in self.workers:
            if not worker.channel.needs_cap:
                worker.hand_over(notice)
        return notice

    def publish(self, notice: Notice, cap_name: str, cap: bytes) -> None:
        """Hand a decision with its signed file to the channels that need it; returns at once."""
        signed = replace(notice, cap_name=cap_name, cap=cap)
        for worker in self.workers:
            if worker.channel.needs_cap:
                worker.hand_over(signed)

    def alive(self) -> None:
        """Hear from the engine's loop that it is running."""
        self._alive_s = time.monotonic()

    def health(self, event: HealthEvent) -> None:
        """Take the state of a feed, which channels show."""
        self._health = {**self._health, event.source: (event.state, event.reason)}

    def fault(self, reason: str) -> None:
        """Take a fault of Rampart's own: it is told, in the journal, and on every channel that shows health."""
        self._health = {**self._health, ALERTS: ("degraded", reason)}
        self.faults.append(reason)
        self._fact(f"SYSTEM FAULT: {reason}")

    def zones_were(self, before: tuple[Zone, ...]) -> None:
        """Hear the zones of the run before: that some are gone or changed is told, and shown for all of this run."""
        version = {zone.id: zone.version for zone in self.site.zones}
        if any(version.get(zone.id) != zone.version for zone in before):
            reason = f"since the run before: {zones_changed(before, self.site.zones)}"
            self._health = {**self._health, ZONES: ("degraded", reason)}
            self._fact(f"ZONES HAVE CHANGED {reason}")

    def set_zones(self, zones: tuple[Zone, ...]) -> None:
        """Take a new version of the zones; those that are gone stay known for what is still open there."""
        self._zones |= {zone.id: zone for zone in zones}
        self.board.set_zones(zones)

    def watch(self) -> None:
        """Notice channels that hang or have ended; to be called about once a second."""
        for worker in self.workers:
            worker.watch()

    def beat_now(self) -> Beat:
        """Return the state of everything."""
        alive = time.monotonic() - self._alive_s < ALIVE_S
        return Beat(time.time(), self.site.mode, alive, self.board.states, self._health)

    def stop(self, within_s: float) -> list[str]:
        """Let what is left go out for at most so long, all channels together; return their counts in words."""
        for worker in self.workers:
            worker.stop(within_s)
        latest_s = time.monotonic() + within_s
        for worker in self.workers:
            worker.join(max(0.05, latest_s - time.monotonic()))
        return [
            f"channel {worker.channel.name}: {worker.state}; {worker.counts()}" for worker in self.workers
        ]

    def _notice(self, event: AlertEvent, received_s: float) -> Notice | None:
        zone = self._zones.get(event.zone)
        fault = ""
        if event.mode != self.site.mode:
            fault = f"of mode {event.mode} in a run of mode {self.site.mode}"
        elif zone is None or not zone.polygons:
            fault = f"zone {event.zone!r} is unknown or without an area"
        if fault or zone is None:
            self.refused += 1
            self.fault(f"alert {event.alert}: {fault}; nothing is sent")
            return None
        shift_s = 0.0 if self._by_wall_clock else received_s - posix_time(event.time)
        impact_s = None if event.impact_time is None else posix_time(event.impact_time) + shift_s
        held_s = OLD_NEWS_S if event.action in ("clear", "cancel") else self.site.warning.clear_after_s
        until_s = (impact_s or posix_time(event.time) + shift_s) + held_s
        if event.manual is not None and event.action == "raise":
            until_s = posix_time(event.manual.until) + shift_s
        if impact_s is None and event.action == "revise":
            # the danger has moved elsewhere: the warning holds as long as it did
            before = self.board.states.get(event.zone)
            until_s = max([until_s, *(n.until_s for n in before.notices)] if before else [until_s])
        return Notice(event, zone, self.site, received_s, impact_s, until_s)

    def _noting(self, name: str) -> Callable[[str], None]:
        def note(text: str) -> None:
            (self._fact if "NOT DELIVERED" in text or "REFUSED" in text else self._note)(
                f"channel {name}: {text}"
            )

        return note

    def _channel_health(self, name: str, state: str, reason: str) -> None:
        self._health = {**self._health, f"channel {name}": (state, reason)}
        self._fact(
            f"health  channel {name} {state}: {reason}" if state != OK else f"health  channel {name} ok"
        )

    def _fact(self, text: str) -> None:
        self._note(text)
        self._tell(text)
