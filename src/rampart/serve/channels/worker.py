"""A channel's thread: takes what it is handed, retries with limits, counts and says what became of it."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from rampart.channelkeys import ChannelKeys
from rampart.errors import ChannelError
from rampart.serve.channels.notice import WARNING, Beat, Channel, Notice

MOST_WAITING = 5000
LOST_AFTER = 3
"""So many failures in a row, and the channel counts as lost."""
STUCK_S = 10.0
"""Beyond its own time-out a call may last so long before the channel counts as hung."""
OK, DEGRADED, LOST = "ok", "degraded", "lost"


@dataclass(slots=True)
class Waiting:
    """A decision that waits, and how often it was tried."""

    notice: Notice
    attempts: int = 0


class Worker(threading.Thread):
    """Runs one channel. Of each alert only the newest decision waits, so nothing newer is ever dropped for older.

    `delivered`, `failed` (given up), `superseded`, `expired`, `refused` (of another mode) and `retries` count;
    `state` is ok, degraded or lost, and `on_health(name, state, reason)` hears its changes.
    """

    def __init__(
        self,
        channel: Channel,
        keys: ChannelKeys,
        beat: Callable[[], Beat],
        note: Callable[[str], None],
        on_health: Callable[[str, str, str], None],
    ):
        super().__init__(name=f"channel {channel.name}", daemon=True)
        self.channel, self._keys = channel, keys
        self._beat_now, self._note, self._on_health = beat, note, on_health
        self._waiting: dict[str, Waiting] = {}
        self._changed = threading.Condition()
        self._ending, self._latest_s = False, 0.0
        self._rest_until_s = self._beat_due_s = 0.0
        self._busy_since_s: float | None = None
        self._failures, self._fault = 0, ""
        self.state, self.reason = OK, ""
        self.delivered = self.failed = self.superseded = self.expired = self.refused = self.retries = 0

    def hand_over(self, notice: Notice) -> None:
        """Take one decision; returns at once. One of another mode is refused, whoever handed it over."""
        if notice.event.mode != self.channel.mode:
            self.refused += 1
            self._note(
                f"REFUSED an alert of mode {notice.event.mode}: this channel is for {self.channel.mode}"
            )
            return
        with self._changed:
            waiting = self._waiting.get(notice.event.alert)
            if waiting is not None:
                # the newer one takes the place of the older, which must not go out any more
                self.superseded += 1
                waiting.notice = notice
            else:
                self._waiting[notice.event.alert] = Waiting(notice)
                self._make_room()
            self._changed.notify()

    def run(self) -> None:
        """Deliver and beat until `stop`; then what is left, for a moment."""
        while True:
            waiting = self._next()
            if waiting is not None:
                self._deliver(waiting)
            elif self._ending:
                break
            if time.monotonic() >= self._beat_due_s and not self._ending:
                self._beat()
        if self._waiting:
            self.failed += len(self._waiting)
            self._note(f"{len(self._waiting)} NOT DELIVERED: the run has ended")
        self._guarded(lambda _: self.channel.close(), None)

    def stop(self, within_s: float) -> None:
        """Let what is left go out for at most so long; a channel that hangs is left behind."""
        with self._changed:
            self._ending, self._latest_s = True, time.monotonic() + within_s
            self._changed.notify()

    def watch(self) -> None:
        """Notice that a call hangs, from outside."""
        since_s = self._busy_since_s
        if since_s is not None and time.monotonic() - since_s > self._keys.timeout_s + STUCK_S:
            self._turn(LOST, f"has hung for {time.monotonic() - since_s:.0f} s")

    def counts(self) -> str:
        """Return the counts in words."""
        counts = {
            "delivered": self.delivered, "retries": self.retries, "given up": self.failed,
            "superseded": self.superseded, "expired": self.expired, "refused": self.refused,
        }  # fmt: skip
        return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing to send"

    def _make_room(self) -> None:
        """Beyond the limit, what is over gives way first, then the oldest."""
        if len(self._waiting) > MOST_WAITING:
            over = (alert for alert, waiting in self._waiting.items() if waiting.notice.state != WARNING)
            del self._waiting[next(over, next(iter(self._waiting)))]
            self.failed += 1

    def _next(self) -> Waiting | None:
        """Return what is to be tried now; None when a beat is due, or at the end."""
        with self._changed:
            while True:
                now_s = time.monotonic()
                if self._ending and (not self._waiting or now_s >= self._latest_s):
                    return None
                if self._waiting and now_s >= self._rest_until_s:
                    return self._waiting.pop(next(iter(self._waiting)))
                if not self._ending and now_s >= self._beat_due_s:
                    return None
                due_s = self._rest_until_s if self._waiting else self._beat_due_s
                self._changed.wait(
                    max(0.001, min(due_s, self._latest_s if self._ending else self._beat_due_s) - now_s)
                )

    def _deliver(self, waiting: Waiting) -> None:
        notice = waiting.notice
        said = f"{notice.event.alert} {notice.event.action}"
        if time.time() > notice.until_s:
            self.expired += 1
            self._note(f"{said}: not sent any more: it would be old news")
            return
        begin_s = time.monotonic()
        error, words = self._guarded(self.channel.deliver, notice)
        waiting.attempts += 1
        if error is None:
            self._be_well()
            self.delivered += 1
            tried = f", at attempt {waiting.attempts}" if waiting.attempts > 1 else ""
            self._note(f"{said}: delivered in {(time.monotonic() - begin_s) * 1e3:.1f} ms{tried}: {words}")
            return
        if error.for_good or waiting.attempts >= self._keys.most_attempts:
            self.failed += 1
            self._note(f"{said}: NOT DELIVERED, given up after {waiting.attempts} attempts: {error}")
            return
        self.retries += 1
        with self._changed:
            if notice.event.alert in self._waiting:
                self.superseded += 1
            else:
                # behind the others: one that is refused again and again holds none of them up
                self._waiting[notice.event.alert] = waiting

    def _beat(self) -> None:
        error, fault = self._guarded(self.channel.beat, self._beat_now())
        self._beat_due_s = time.monotonic() + self._keys.beat_s
        if error is None:
            self._fault = fault
            self._be_well()
        else:
            self._beat_due_s = max(self._beat_due_s, self._rest_until_s)

    def _be_well(self) -> None:
        """What was to go out went; a fault that the channel told at its last beat stands all the same."""
        self._failures, self._rest_until_s = 0, 0.0
        self._turn(DEGRADED if self._fault else OK, self._fault or "answers")

    def _guarded(self, call: Callable, argument: Notice | Beat | None) -> tuple[ChannelError | None, str]:
        """Call the channel; return what went wrong, whatever it was, and what it said."""
        self._busy_since_s = time.monotonic()
        try:
            words = call(argument)
        except ChannelError as error:
            self._fail(error)
            return error, ""
        except Exception as error:
            # a channel's own fault ends this attempt, never the thread
            failure = ChannelError(f"{type(error).__name__}: {error}")
            self._fail(failure)
            return failure, ""
        finally:
            self._busy_since_s = None
        return None, words or ""

    def _fail(self, error: ChannelError) -> None:
        self._failures += 1
        keys = self._keys
        rest_s = min(keys.longest_retry_s, keys.first_retry_s * 2.0 ** min(self._failures - 1, 30))
        self._rest_until_s = time.monotonic() + rest_s * random.uniform(0.5, 1.0)
        self._turn(LOST if self._failures >= LOST_AFTER else DEGRADED, str(error))

    def _turn(self, state: str, reason: str) -> None:
        """Say that the channel's state has changed, or that it is faulty for another reason than before."""
        if state != self.state or (self._fault and reason != self.reason):
            self.state, self.reason = state, reason
            self._on_health(self.channel.name, state, reason)
