"""Whose time it is: this machine's, or, for recordings played onto the wire, that of the plots themselves."""

import math
import time
from typing import Protocol

from rampart.sense.asterix import Decoder
from rampart.sense.verdicts import DAY_S, time_of_record

LEAP_AHEAD_S, LEAP_BACK_S = 60.0, 10.0
SAME_LEAP_S = 10.0
"""A leap ahead is believed when the next datagram confirms it; time never goes back."""
IDLE_S = 2.0
"""Where no datagram has come for so long, the feeds' time goes on with this machine's."""


class Clock(Protocol):
    """Tells when datagrams came in, and how late it is between them."""

    def arrived_s(self, received_s: float, payload: bytes) -> float:
        """Return the POSIX time at which a datagram counts as come in."""

    def now_s(self) -> float | None:
        """Return the POSIX time; None before the first datagram of a clock that waits for it."""


class WallClock:
    """This machine's clock, which a live site keeps with NTP or PTP."""

    def arrived_s(self, received_s: float, payload: bytes) -> float:
        """Return when the datagram was received."""
        return received_s

    def now_s(self) -> float:
        """Return the time."""
        return time.time()


class FeedClock:
    """The time of day in the datagrams, on a date of its own: a recording at any pace is the night it was.

    `midnight_s`, POSIX, begins the date of the first datagram; without one it is the nearest such time to
    now. `time_s` is the newest time so far, from which a run that was interrupted goes on.
    """

    def __init__(self, decoder: Decoder, midnight_s: float | None = None, time_s: float | None = None):
        self._decoder = decoder
        self._midnight_s = midnight_s
        self._time_s = time_s
        self._leap_s = -math.inf
        self._received_s = time.monotonic()

    def arrived_s(self, received_s: float, payload: bytes) -> float:
        """Return the time of a datagram by its plots; the newest time so far where it has none or a false one."""
        self._received_s = time.monotonic()
        of_day_s = self._decoder.time_of_day_s(payload)
        if math.isnan(of_day_s):
            return received_s if self._time_s is None else self._time_s
        if self._time_s is None:
            if self._midnight_s is None:
                self._time_s = float(time_of_record(of_day_s, received_s))
            else:
                self._time_s = self._midnight_s + of_day_s % DAY_S
            return self._time_s
        time_s = float(time_of_record(of_day_s, self._time_s))
        if not self._time_s - LEAP_BACK_S <= time_s <= self._time_s + LEAP_AHEAD_S:
            believed = abs(time_s - self._leap_s) <= SAME_LEAP_S
            self._leap_s = time_s
            if not believed:
                return self._time_s
        self._time_s = max(self._time_s, time_s)
        return time_s

    def now_s(self) -> float | None:
        """Return the newest time, and after a while of silence that much more."""
        if self._time_s is None:
            return None
        return self._time_s + max(0.0, time.monotonic() - self._received_s - IDLE_S)
