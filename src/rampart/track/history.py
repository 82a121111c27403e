"""The plots of one track, oldest first, kept so that adding one is cheap."""

import numpy as np

from rampart.domain.scan import Plots

FIRST_ROOM = 16


class History:
    """The plots of one track; `plots` is a frozen view that later plots do not change."""

    def __init__(self):
        self._time_s = np.empty(FIRST_ROOM)
        self._radar = np.empty(FIRST_ROOM, np.int64)
        self._measurement = np.empty((FIRST_ROOM, 4))
        self._sigma = np.empty((FIRST_ROOM, 4))
        self._snr_db = np.empty(FIRST_ROOM)
        self._length = 0
        self._plots: Plots | None = None

    def add(
        self, time_s: float, radar: int, measurement: np.ndarray, sigma: np.ndarray, snr_db: float
    ) -> None:
        """Add a plot; one older than the newest goes to its place in time, after those of its time."""
        n = self._length
        if (n and time_s < self._time_s[n - 1]) or n == len(self._time_s):
            self._make_room()
        place = n
        while place and time_s < self._time_s[place - 1]:
            place -= 1
        for column in (self._time_s, self._radar, self._measurement, self._sigma, self._snr_db):
            if place < n:
                column[place + 1 : n + 1] = column[place:n].copy()
        self._time_s[place], self._radar[place], self._snr_db[place] = time_s, radar, snr_db
        self._measurement[place] = measurement
        self._sigma[place] = sigma
        self._length = n + 1
        self._plots = None

    @property
    def plots(self) -> Plots:
        """The plots so far."""
        if self._plots is None:
            n = self._length
            self._plots = Plots(
                self._time_s[:n], self._radar[:n], self._measurement[:n], self._sigma[:n], self._snr_db[:n]
            )
        return self._plots

    def _make_room(self) -> None:
        """Move to larger columns, so that views handed out before keep what they showed."""
        room = max(2 * self._length, FIRST_ROOM)
        for name in ("_time_s", "_radar", "_measurement", "_sigma", "_snr_db"):
            old = getattr(self, name)
            new = np.empty((room, *old.shape[1:]), old.dtype)
            new[: self._length] = old[: self._length]
            setattr(self, name, new)
