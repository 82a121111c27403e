"""Alarms on their way out: in the book first, or after a moment without it; then told to channels, then signed."""

import threading
import time
from collections import deque
from collections.abc import Callable

from rampart.domain.alert import RAISE
from rampart.domain.event import AlertEvent
from rampart.serve.book import SLOW_COMMIT_S, Alarm, Book
from rampart.serve.cap import AlertFiles
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.notice import Notice

MOST_DELAYS = 10_000


class Herald(threading.Thread):
    """Announces alarms in order, each at most `SLOW_COMMIT_S` after it was decided; their files are the `scribe`'s.

    So neither engine nor feed is waited for, nor a signature, nor a disk.
    """

    def __init__(
        self, files: AlertFiles, book: Book, tell: Callable[[str], None], exchange: Exchange | None = None
    ):
        super().__init__(name="herald", daemon=True)
        self._book, self._tell, self._exchange = book, tell, exchange
        self.scribe = Scribe(files, book, tell, exchange)
        self._alarms: deque[tuple[Alarm, float]] = deque()
        self._changed = threading.Condition()
        self._ending = False

    def send(self, alarms: list[Alarm]) -> None:
        """Hand over alarms that were handed to the book; returns at once."""
        if alarms:
            with self._changed:
                self._alarms.extend((alarm, time.monotonic() + SLOW_COMMIT_S) for alarm in alarms)
                self._changed.notify()

    def run(self) -> None:
        """Announce until `stop`."""
        self.scribe.start()
        while (alarm := self._next()) is not None:
            self.scribe.sign(alarm[0], self._announce(*alarm))
        self.scribe.stop()

    def stop(self) -> None:
        """Send what is left."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self.join()

    def _next(self) -> tuple[Alarm, float] | None:
        """Return the next alarm; None at the end."""
        with self._changed:
            while not self._alarms:
                if self._ending:
                    return None
                self._changed.wait()
            return self._alarms.popleft()

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


class Scribe(threading.Thread):
    """Signs the files of announced alarms, raises first, and hands them to the channels that need them.

    `delays_s`: of each alarm, from its datagram's receipt to its file; `failed` counts those without one.
    """

    def __init__(self, files: AlertFiles, book: Book, tell: Callable[[str], None], exchange: Exchange | None):
        super().__init__(name="scribe", daemon=True)
        self._files, self._book, self._tell, self._exchange = files, book, tell, exchange
        self._unsigned: deque[tuple[Alarm, Notice | None]] = deque()
        self._changed = threading.Condition()
        self._ending = False
        self._busy_since_s: float | None = None
        self.delays_s: deque[float] = deque(maxlen=MOST_DELAYS)
        self.failed = 0

    def sign(self, alarm: Alarm, notice: Notice | None) -> None:
        """Hand over an alarm that was announced; returns at once."""
        with self._changed:
            self._unsigned.append((alarm, notice))
            self._changed.notify()

    def run(self) -> None:
        """Write until `stop`."""
        while (alarm := self._most_urgent()) is not None:
            self._busy_since_s = time.monotonic()
            self._write(*alarm)
            self._busy_since_s = None

    def stop(self) -> None:
        """Write what is left."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self.join()

    def stuck_s(self) -> float:
        """Return for how long the file has been waited for that is being written; 0 where none is."""
        since_s = self._busy_since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def _most_urgent(self) -> tuple[Alarm, Notice | None] | None:
        """Take what is to be signed next: a raise before others, but of each alert the older first; None at the end."""
        with self._changed:
            while not self._unsigned:
                if self._ending:
                    return None
                self._changed.wait()
            place, waiting = 0, set[str]()
            for i, (alarm, _) in enumerate(self._unsigned):
                if alarm.event.action == RAISE and alarm.event.alert not in waiting:
                    place = i
                    break
                waiting.add(alarm.event.alert)
            urgent = self._unsigned[place]
            del self._unsigned[place]
            return urgent

    def _write(self, alarm: Alarm, notice: Notice | None) -> None:
        """Sign and write an alarm's file, and hand it to the channels that need it."""
        event = alarm.event
        try:
            path = self._files.write(event)
            content = path.read_bytes()
        except Exception as error:
            # whatever it is, the next alarm must go
            self.failed += 1
            self._tell(f"ALERT FILE NOT WRITTEN: {error}")
            self._book.note(time.time(), f"alert {event.alert} {event.action}: not written: {error}")
            if self._exchange:
                self._exchange.fault(f"alert {event.alert} {event.action}: no signed file: {error}")
            return
        if self._exchange and notice:
            self._exchange.publish(notice, path.name, content)
        delay_s = time.time() - alarm.received_s
        self.delays_s.append(delay_s)
        self._book.note(time.time(), f"{path.name}: {delay_s * 1e3:.1f} ms after its datagram")


def line_of(event: AlertEvent) -> str:
    """Return an alarm as one line for people."""
    said = f"{event.time}  {event.mode.upper()}  {event.action.upper():<6}  {event.zone}"
    if event.seconds_to_impact is not None:
        said += f"  impact in {event.seconds_to_impact:.0f} s, probability {event.probability:.2f}"
    return f"{said}  ({event.alert})"
