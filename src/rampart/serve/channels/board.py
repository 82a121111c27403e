"""Where each zone stands, from the decisions as they come: a zone is under a warning while any alert of it stands."""

import threading
from collections.abc import Iterable
from dataclasses import replace

from rampart.domain.site import Zone
from rampart.serve.channels.notice import WARNING, Notice, ZoneState


class Board:
    """Takes notices in order; `states` is a snapshot that is never changed again."""

    def __init__(self, zones: Iterable[Zone]):
        self._lock = threading.Lock()
        self._changes = 0
        self.states: dict[str, ZoneState] = {zone.id: ZoneState(zone) for zone in zones}

    def put(self, notice: Notice) -> ZoneState:
        """Take one decision; return where its zone stands now."""
        with self._lock:
            self._changes += 1
            before = self.states.get(notice.zone.id, ZoneState(notice.zone))
            others = tuple(
                n for n in before.notices if n.state == WARNING and n.event.alert != notice.event.alert
            )
            standing = others + ((notice,) if notice.state == WARNING else ())
            after = self._state_of(notice, standing, before)
            self.states = {**self.states, notice.zone.id: after}
            return after

    def set_zones(self, zones: Iterable[Zone]) -> None:
        """Take a new version of the zones; one that is gone stays while a warning of it stands."""
        with self._lock:
            new = {zone.id: replace(self.states.get(zone.id, ZoneState(zone)), zone=zone) for zone in zones}
            kept = {name: state for name, state in self.states.items() if state.state == WARNING}
            self.states = {**kept, **new}

    def _state_of(self, notice: Notice, standing: tuple[Notice, ...], before: ZoneState) -> ZoneState:
        state = WARNING if standing else notice.state
        impacts_s = [n.impact_s for n in standing if n.impact_s is not None]
        return ZoneState(
            zone=notice.zone,
            state=state,
            since_s=before.since_s if state == before.state else notice.received_s,
            impact_s=min(impacts_s, default=None),
            until_s=max((n.until_s for n in standing), default=notice.until_s),
            change=self._changes,
            notices=standing or (notice,),
        )
