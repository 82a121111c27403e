"""What enters the engine: plots, scans, ticks, commands and zone sets, each with its time."""

from dataclasses import dataclass, field

import numpy as np

from rampart.domain.site import Zone

RANGE, AZIMUTH, ELEVATION, RANGE_RATE = range(4)
"""Columns of a measurement: m, rad from true north, rad above the radar's horizontal, m/s outward."""


@dataclass(frozen=True, slots=True)
class Plots:
    """Columns of n plots, in order of arrival; also the history of one track.

    `time_s (n,)` POSIX; `radar (n,)` int64 index into `site.radars`; `measurement (n, 4)` in the radar's
    own polar frame, NaN where not measured (elevation or range rate); `sigma (n, 4)` one standard
    deviation of each, never NaN; `snr_db (n,)`, NaN where not measured.
    """

    time_s: np.ndarray
    radar: np.ndarray
    measurement: np.ndarray
    sigma: np.ndarray
    snr_db: np.ndarray

    def __post_init__(self):
        n = len(self.time_s)
        if self.measurement.shape != (n, 4) or self.sigma.shape != (n, 4):
            raise ValueError(
                f"measurement {self.measurement.shape}, sigma {self.sigma.shape}: wanted ({n}, 4)"
            )
        for column in (self.time_s, self.radar, self.measurement, self.sigma, self.snr_db):
            if len(column) != n:
                raise ValueError(f"a column of {len(column)} among columns of {n}")
            column.setflags(write=False)

    def __len__(self) -> int:
        return len(self.time_s)

    def take(self, rows) -> "Plots":
        """Return the chosen rows: an index array, a mask or a slice."""
        columns = (self.time_s, self.radar, self.measurement, self.sigma, self.snr_db)
        return Plots(*(column[rows] for column in columns))


def join_plots(parts: list[Plots]) -> Plots:
    """Return the rows of all `parts`, one after the other."""
    if not parts:
        return NO_PLOTS
    names = ("time_s", "radar", "measurement", "sigma", "snr_db")
    return Plots(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


NO_PLOTS = Plots(np.empty(0), np.empty(0, np.int64), np.empty((0, 4)), np.empty((0, 4)), np.empty(0))


@dataclass(frozen=True, slots=True)
class Reject:
    """Something in the input that was not used: why, how often, and from whom where that is known."""

    reason: str
    count: int = 1
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """The plots of one datagram or block, with what was heard and what was refused in it.

    `time_s` is the newest plot's time, or the reference time of a block without plots. `heard` holds the
    indices of the radars from which anything valid came (service messages count).
    """

    time_s: float
    plots: Plots
    heard: tuple[int, ...] = ()
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passes: warnings clear, tracks coast, a silent feed is noticed."""

    time_s: float


@dataclass(frozen=True, slots=True)
class Command:
    """An operator's or the runner's act. `end`: the recording is over, so silence is no fault."""

    time_s: float
    verb: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class ByHandAct:
    """What the argument of a command `by hand` says, as JSON: `raise` in zones, or `cancel` of an alert or request."""

    verb: str
    request: str
    by: str
    released_by: str = ""
    zones: tuple[str, ...] = ()
    target: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ZoneSet:
    """A new version of the zones."""

    time_s: float
    zones: tuple[Zone, ...] = field(default=())


Input = Scan | Tick | Command | ZoneSet
