"""Alarms on their way out: in the book first, or after a moment without it; then told, as signed files, to channels."""

import threading
import time
from collections import deque
from collections.abc import Callable

from rampart.domain.event import AlertEvent
from rampart.serve.book import SLOW_COMMIT_S, Alarm, Book
from rampart.serve.cap import AlertFiles
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.notice import Notice

MOST_DELAYS = 10_000


class Herald(threading.Thread):
    """Sends alarms in order, each at most `SLOW_COMMIT_S` after it was decided; never waits for engine or feed.

    `delays_s`: of each alarm, from its datagram's receipt to its file.
    """

    def __init__(
        self, files: AlertFiles, book: Book, tell: Callable[[str], None], exchange: Exchange | None = None
    ):
        super().__init__(name="herald", daemon=True)
        self._files, self._book, self._tell = files, book, tell
        self._exchange = exchange
        self._alarms: deque[tuple[Alarm, float]] = deque()
        self._changed = threading.Condition()
        self._ending = False
        self.delays_s: deque[float] = deque(maxlen=MOST_DELAYS)
        self.failed = 0

    def send(self, alarms: list[Alarm]) -> None:
        """Hand over alarms that were handed to the book; returns at once."""
        if alarms:
            with self._changed:
                self._alarms.extend((alarm, time.monotonic() + SLOW_COMMIT_S) for alarm in alarms)
                self._changed.notify()

    def run(self) -> None:
        """Send until `stop`."""
        while (waiting := self._next()) is not None:
            # all that one datagram raised is announced first, so that no siren waits for another zone's signature
            notices = [self._announce(alarm, latest_s) for alarm, latest_s in waiting]
            for (alarm, _), notice in zip(waiting, notices, strict=True):
                self._write(alarm, notice)

    def stop(self) -> None:
        """Send what is left."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self.join()

    def _next(self) -> list[tuple[Alarm, float]] | None:
        """Return the alarms that one input caused; None at the end."""
        with self._changed:
            while not self._alarms:
                if self._ending:
                    return None
                self._changed.wait()
            waiting = [self._alarms.popleft()]
            while self._alarms and self._alarms[0][0].received_s == waiting[0][0].received_s:
                waiting.append(self._alarms.popleft())
            return waiting

    def _announce(self, alarm: Alarm, latest_s: float) -> Notice | None:
        """Tell an alarm as soon as it is in the book; return what its signed file completes."""
        event = alarm.event
        if not alarm.booked.wait(max(0.0, latest_s - time.monotonic())):
            self._book.degrade(f"a commit takes over {SLOW_COMMIT_S * 1e3:.0f} ms: alarms go without it")
        self._tell(line_of(event))
        try:
            return self._exchange.announce(event, alarm.received_s) if self._exchange else None
        except Exception as error:
            # the signed file goes all the same
            self._book.note(
                time.time(), f"alert {event.alert}: not announced: {type(error).__name__}: {error}"
            )
            self._tell(f"ALERT NOT ANNOUNCED TO CHANNELS: {error}")
            return None

    def _write(self, alarm: Alarm, notice: Notice | None) -> None:
        """Sign and write an alarm's file, and hand it to the channels that need it."""
        event = alarm.event
        try:
            path = self._files.write(event)
        except Exception as error:
            # whatever it is, the next alarm must go
            self.failed += 1
            self._tell(f"ALERT FILE NOT WRITTEN: {error}")
            self._book.note(time.time(), f"alert {event.alert} {event.action}: not written: {error}")
            if self._exchange:
                self._exchange.fault(f"alert {event.alert} {event.action}: no signed file: {error}")
            return
        if self._exchange and notice:
            self._exchange.publish(notice, path.name, path.read_bytes())
        delay_s = time.time() - alarm.received_s
        self.delays_s.append(delay_s)
        self._book.note(time.time(), f"{path.name}: {delay_s * 1e3:.1f} ms after its datagram")


def line_of(event: AlertEvent) -> str:
    """Return an alarm as one line for people."""
    said = f"{event.time}  {event.mode.upper()}  {event.action.upper():<6}  {event.zone}"
    if event.seconds_to_impact is not None:
        said += f"  impact in {event.seconds_to_impact:.0f} s, probability {event.probability:.2f}"
    return f"{said}  ({event.alert})"
