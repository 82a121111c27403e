"""A channel into a list, for the tests of what all channels have in common."""

import threading
import time

from rampart.channelkeys import CapKeys
from rampart.domain.wire import iso_time
from rampart.errors import ChannelError
from rampart.serve.channels.notice import Beat, Notice
from tests.serve.alerts import make_event

QUICK = {"beat_s": 0.05, "first_retry_s": 0.01, "longest_retry_s": 0.05, "timeout_s": 0.3}


def quick_keys(**changes) -> CapKeys:
    """Return keys with which nothing takes long."""
    return CapKeys(**(QUICK | changes))


def event_now(seq: int = 1, action: str = "raise", in_s: float = 20.0, **changes):
    """Return a decision of this moment about the green zone, its impact in so many seconds."""
    now_s = time.time()
    alert = changes.pop("alert", f"here-20201117T170503Z-{changes.get('zone', 'green zone')}")
    times = {"time": iso_time(now_s)}
    if action in ("raise", "revise"):
        times |= {"impact_time": iso_time(now_s + in_s), "seconds_to_impact": in_s}
    return make_event(seq, action, alert=alert, **(times | changes))


class ListChannel:
    """Keeps what it is handed. `hold` keeps it waiting, `fault` makes it fail."""

    needs_cap = False

    def __init__(self, name: str = "list", mode: str = "test"):
        self.name, self.mode = name, mode
        self.delivered: list[Notice] = []
        self.beats: list[Beat] = []
        self.hold = threading.Event()
        self.hold.set()
        self.fault: Exception | None = None
        self.closed = False

    def deliver(self, notice: Notice) -> str:
        self.hold.wait(10.0)
        if self.fault is not None:
            raise self.fault
        self.delivered.append(notice)
        return "kept"

    def beat(self, beat: Beat) -> None:
        if self.fault is not None:
            raise ChannelError("no beat either")
        self.beats.append(beat)

    def close(self) -> None:
        self.closed = True

    def actions(self) -> list[tuple[str, str]]:
        return [(notice.zone.id, notice.event.action) for notice in self.delivered]


def wait_for(condition, within_s: float = 5.0) -> None:
    """Wait until a condition holds; fail where it does not."""
    latest_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < latest_s, "did not come about"
        time.sleep(0.002)
