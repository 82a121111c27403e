"""The plots of one track, oldest first, kept so that adding one is cheap and what was handed out never changes."""

from collections.abc import Sequence

import numpy as np

from rampart.domain.scan import Plots

FIRST_ROOM = 32

Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""time_s, radar, measurement, sigma, snr_db, as `Plots` has them."""


class History:
    """The plots of one track, with their serials."""

    def __init__(self) -> None:
        self._serial = np.empty(FIRST_ROOM, np.int64)
        self._columns: Columns = (
            np.empty(FIRST_ROOM),
            np.empty(FIRST_ROOM, np.int64),
            np.empty((FIRST_ROOM, 4)),
            np.empty((FIRST_ROOM, 4)),
            np.empty(FIRST_ROOM),
        )
        self._length = 0

    def add(
        self,
        serial: int,
        time_s: float,
        radar: int,
        measurement: np.ndarray,
        sigma: np.ndarray,
        snr_db: float,
    ) -> None:
        """Add a plot; one older than the newest goes to its place in time, after those of its time."""
        n, times_s = self._length, self._columns[0]
        if n == len(times_s) or (n and time_s < times_s[n - 1]):
            self._renew(slice(0, n), max(2 * n, FIRST_ROOM))
            times_s = self._columns[0]
        place = n
        while place and time_s < times_s[place - 1]:
            place -= 1
        if place < n:
            for column in (self._serial, *self._columns):
                column[place + 1 : n + 1] = column[place:n].copy()
        self._serial[place], times_s[place] = serial, time_s
        _, radars, measurements, sigmas, snrs_db = self._columns
        radars[place], snrs_db[place] = radar, snr_db
        measurements[place] = measurement
        sigmas[place] = sigma
        self._length = n + 1

    def forget_from(self, serial: int) -> None:
        """Take back the plots from a serial on: the track's past has been decided otherwise."""
        self._renew(np.flatnonzero(self._serial[: self._length] < serial), len(self._serial))

    def keep_common(self, serials: np.ndarray) -> int:
        """Take back the plots from the first on that is not what `serials (k,)` has there; return how many stay."""
        n = min(self._length, len(serials))
        differs = np.flatnonzero(self._serial[:n] != serials[:n])
        n = int(differs[0]) if len(differs) else n
        if n < self._length:
            self._renew(slice(0, n), len(self._serial))
        return n

    @property
    def serials(self) -> np.ndarray:
        """The plots' serials, oldest first; not to be kept."""
        return self._serial[: self._length]

    def frozen(self) -> tuple[Columns, int]:
        """Return the columns and how many of their rows are the plots so far; these rows never change."""
        return self._columns, self._length

    @property
    def plots(self) -> Plots:
        """The plots so far."""
        return plots_of(self.frozen())

    def _renew(self, kept: slice | np.ndarray, room: int) -> None:
        """Move the kept rows to new columns, so that what was handed out before stays as it was."""
        serial, *columns = ((old[kept], old) for old in (self._serial, *self._columns))
        self._length = len(serial[0])
        self._serial = _with_room(*serial, room)
        time_s, radar, measurement, sigma, snr_db = (_with_room(*column, room) for column in columns)
        self._columns = (time_s, radar, measurement, sigma, snr_db)


def _with_room(kept: np.ndarray, old: np.ndarray, room: int) -> np.ndarray:
    new = np.empty((room, *old.shape[1:]), old.dtype)
    new[: len(kept)] = kept
    return new


def plots_of(frozen: tuple[Columns, int]) -> Plots:
    """Return the plots that were handed out as columns and their number."""
    (time_s, radar, measurement, sigma, snr_db), n = frozen
    return Plots(time_s[:n], radar[:n], measurement[:n], sigma[:n], snr_db[:n])


class Histories(Sequence[Plots]):
    """The plots of many tracks, made when they are asked for; `frozen` histories, then whole `Plots`."""

    def __init__(self, frozen: list[tuple[Columns, int]], whole: list[Plots]):
        self._frozen, self._whole = frozen, whole

    def __len__(self) -> int:
        return len(self._frozen) + len(self._whole)

    def __getitem__(self, i):
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        i = i + len(self) if i < 0 else i
        if not 0 <= i < len(self):
            raise IndexError(i)
        n = len(self._frozen)
        return plots_of(self._frozen[i]) if i < n else self._whole[i - n]
