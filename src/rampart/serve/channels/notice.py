"""What channels are handed: a decision with all that it needs to be told, and at every beat the state of all zones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from rampart.domain.event import AlertEvent
from rampart.domain.site import Site, Zone

WARNING, CLEARED, CANCELLED, CALM = "warning", "clear", "cancelled", "calm"
"""The states of a zone. `calm`: nothing has been said of it in this run."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One decision on its way out, with times by this machine's clock (POSIX).

    `cap_name` and `cap` are the signed file; both empty for channels that are handed it before it is signed.
    `zone_state` is where the zone stands after it, all its alerts together: what a channel that tells states sends.
    `impact_s` is None where none is expected; after `until_s` it would be old news, and is not sent any more.
    """

    event: AlertEvent
    zone: Zone
    site: Site
    received_s: float
    impact_s: float | None
    until_s: float
    cap_name: str = ""
    cap: bytes = b""
    zone_state: "ZoneState | None" = None

    @property
    def state(self) -> str:
        """The state that the decision puts its zone into, as far as its own alert goes."""
        return {"clear": CLEARED, "cancel": CANCELLED}.get(self.event.action, WARNING)


@dataclass(frozen=True, slots=True)
class ZoneState:
    """Where a zone stands, all its alerts together; `notices` are those that stand, else the last one.

    `since_s` is when this state began, `impact_s` the earliest impact still named, `until_s` how long it holds if
    nothing more is heard. `change` numbers the changes of all zones: of two states the greater is the newer.
    """

    zone: Zone
    state: str = CALM
    since_s: float = 0.0
    impact_s: float | None = None
    until_s: float = 0.0
    change: int = 0
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Beat:
    """The state of everything at `time_s`. `alive`: the engine has been heard of just now.

    `states` by zone's id; `health` by source, each `(state, reason)`: feeds, the journal, channels.
    """

    time_s: float
    mode: str
    alive: bool
    states: Mapping[str, ZoneState]
    health: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def standing(self) -> list[ZoneState]:
        """The zones that are under a warning."""
        return [state for state in self.states.values() if state.state == WARNING]


class Channel(Protocol):
    """One way out. Each has a thread of its own, in which `deliver` and `beat` are called and may take a while."""

    name: str
    mode: str
    needs_cap: bool
    """Whether it is handed a decision only when the CAP file is signed; else a little before."""

    def deliver(self, notice: Notice) -> str:
        """Send one decision; return in a few words what went where. Raises ChannelError where it did not."""

    def beat(self, beat: Beat) -> str | None:
        """Say that all is alive and where each zone stands, every `beat_s`.

        Returns in words what is wrong although it went out, if anything. Raises ChannelError where it did not.
        """

    def close(self) -> None:
        """Take leave of the peer."""


@runtime_checkable
class AtOnce(Protocol):
    """A channel that can send without ever waiting: it is called before all others, by the herald itself."""

    def at_once(self, notice: Notice) -> None:
        """Send one decision without waiting for anything; `deliver` is called all the same."""
