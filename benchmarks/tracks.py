"""How good a tracker's tracks are against the truth: one set of measures for every scene and every tracker.

A tracker is judged by its log alone: where its confirmed tracks were after each scan, and of which true thing the plot
was that each has just taken.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from rampart.evaluate.metrics import Gospa, gospa

NO_PLOT, CLUTTER = -2, -1
"""What a track took instead of a true thing's plot: nothing, or a plot that is of none."""
WINDOW = 5
"""A track is of the thing that most of its last so many plots are of."""
LEAST_PLOTS = 3
"""A track of fewer plots says nothing of purity."""


class Moment(NamedTuple):
    """The sky after one scan: `truth (n,)` at `truth_m (n, 3)` are in cover, `unseen_m (h, 3)` fly out of it.

    `track (m,)`: ids of confirmed tracks, at `track_m (m, 3)`; `took (m,)`: whose plot each has just taken.
    """

    time_s: float
    truth: np.ndarray
    truth_m: np.ndarray
    unseen_m: np.ndarray
    track: np.ndarray
    track_m: np.ndarray
    took: np.ndarray


@dataclass
class Marks:
    """What one run, or several together, came to.

    `distances`: every track counts, as with the peers; `inside`: a track of what flies out of cover does not.
    `changes`: when a thing passed from one track to another, told by the plots that tracks take, as (time_s, thing,
    old track, new track); `crossings`: how often, told by which track is nearest, which also counts things that fly
    side by side.
    `false_tracks` are mostly of clutter; `ghosts` are of a thing that another track had all the while.
    `delays_s`: first plot to confirmation, infinite where it never came.
    """

    runs: int = 0
    distances: list[Gospa] = field(default_factory=list)
    inside: list[Gospa] = field(default_factory=list)
    pure: int = 0
    taken: int = 0
    changes: list[tuple[float, int, int, int]] = field(default_factory=list)
    crossings: int = 0
    false_tracks: int = 0
    ghosts: int = 0
    delays_s: list[float] = field(default_factory=list)

    @property
    def purity(self) -> float:
        return self.pure / self.taken if self.taken else float("nan")

    @property
    def switches(self) -> int:
        return len(self.changes)

    @property
    def confirmed(self) -> int:
        return int(np.isfinite(self.delays_s).sum())

    def delay_s(self, percent: float) -> float:
        """Return the percentile of the delays; infinite where so many were never confirmed."""
        return (
            float(np.percentile(self.delays_s, percent, method="higher")) if self.delays_s else float("nan")
        )


def pooled(all_marks: Iterable[Marks]) -> Marks:
    """Return the marks of several runs as one."""
    whole = Marks()
    for marks in all_marks:
        for name, value in vars(marks).items():
            setattr(whole, name, getattr(whole, name) + value)
    return whole


def judge(moments: Sequence[Moment], first_plot_s: dict[int, float]) -> Marks:
    """Return the marks of one run; `first_plot_s` is when each thing was seen first."""
    identity, marks = _Identity(), Marks(runs=1)
    nearest: dict[int, int] = {}
    for moment in moments:
        identity.step(moment)
        if not len(moment.truth):
            continue
        distance = gospa(moment.truth_m, moment.track_m)
        marks.distances.append(distance)
        marks.inside.append(_inside(moment, distance))
        for thing_row, row in distance.pairs:
            thing, track = int(moment.truth[thing_row]), int(moment.track[row])
            marks.crossings += nearest.get(thing, track) != track
            nearest[thing] = track
    identity.close(marks)
    marks.delays_s = [
        identity.since_s.get(thing, float("inf")) - first_s for thing, first_s in first_plot_s.items()
    ]
    return marks


def _inside(moment: Moment, distance: Gospa) -> Gospa:
    """Return the distance without the tracks that are of a thing out of cover."""
    if not len(moment.unseen_m) or not len(moment.track):
        return distance
    pairs = gospa(np.concatenate([moment.truth_m, moment.unseen_m]), moment.track_m).pairs
    outside = [track for thing, track in pairs if thing >= len(moment.truth_m)]
    return gospa(moment.truth_m, np.delete(moment.track_m, outside, axis=0))


class _Identity:
    """Which track has which thing, by the plots that tracks take."""

    def __init__(self):
        self._recent: dict[int, deque[int]] = {}
        self._all: dict[int, Counter[int]] = {}
        self._holder: dict[int, int] = {}
        self._held: set[int] = set()
        self.changes: list[tuple[float, int, int, int]] = []
        self.since_s: dict[int, float] = {}

    def step(self, moment: Moment) -> None:
        """Take in one moment."""
        tracks = moment.track.tolist()
        for track, thing in zip(tracks, moment.took.tolist(), strict=True):
            self._all.setdefault(track, Counter())
            if thing != NO_PLOT:
                self._recent.setdefault(track, deque(maxlen=WINDOW)).append(thing)
                self._all[track][thing] += 1
        owners = [(self._owner(track), track) for track in tracks]
        standing = {thing for thing, track in owners if self._holder.get(thing) == track}
        for thing, track in owners:
            if thing is None or thing in standing:
                continue
            if thing in self._holder:
                self.changes.append((moment.time_s, thing, self._holder[thing], track))
            self._holder[thing] = track
            self._held.add(track)
            self.since_s.setdefault(thing, moment.time_s)
            standing.add(thing)

    def _owner(self, track: int) -> int | None:
        """Return the thing that most of a track's last plots are of; None where there is none such."""
        recent = self._recent.get(track)
        if not recent:
            return None
        thing, count = Counter(recent).most_common(1)[0]
        return thing if thing >= 0 and 2 * count > len(recent) else None

    def close(self, marks: Marks) -> None:
        """Put what is known at the end into the marks."""
        marks.changes = self.changes
        for track, counts in self._all.items():
            thing, most = counts.most_common(1)[0] if counts else (CLUTTER, 0)
            if thing == CLUTTER:
                marks.false_tracks += 1
                continue
            marks.ghosts += track not in self._held
            if counts.total() >= LEAST_PLOTS:
                marks.pure += most
                marks.taken += counts.total()


class Pace(NamedTuple):
    """How long a tracker took: CPU seconds of every scan `(k,)`, and its plots `(k,)`."""

    spent_s: np.ndarray
    plots: np.ndarray

    @property
    def plots_ps(self) -> float:
        return float(self.plots.sum() / self.spent_s.sum())

    def scan_ms(self, percent: float) -> float:
        """Return a percentile of the time a scan takes."""
        return 1e3 * float(np.percentile(self.spent_s, percent))


def pooled_pace(paces: Sequence[Pace]) -> Pace:
    """Return the pace of several runs as one."""
    return Pace(np.concatenate([p.spent_s for p in paces]), np.concatenate([p.plots for p in paces]))


def row_of(name: str, marks: Marks, pace: Pace | None = None) -> dict[str, str]:
    """Return one row of a table, the same columns for every tracker and scene."""
    total_m, *parts_m = _means(marks.distances)
    row = {
        "tracker": name,
        "runs": f"{marks.runs}",
        "GOSPA m": f"{total_m:.1f}",
        "located / missed / false m": " / ".join(f"{part:.1f}" for part in parts_m),
        "GOSPA in cover m": f"{_means(marks.inside)[0]:.1f}",
        "purity": f"{marks.purity:.4f}",
        "switches": f"{marks.switches}",
        "side by side": f"{marks.crossings}",
        "false": f"{marks.false_tracks}",
        "ghosts": f"{marks.ghosts}",
        "confirmed": f"{marks.confirmed} of {len(marks.delays_s)}",
        "confirmed after s, median / 95 %": f"{marks.delay_s(50):.1f} / {marks.delay_s(95):.1f}",
    }
    if pace is not None:
        row["plots/s"] = f"{pace.plots_ps:,.0f}"
        row["scan ms, p50 / p99 / max"] = " / ".join(f"{pace.scan_ms(p):.2f}" for p in (50, 99, 100))
    return row


def _means(distances: Sequence[Gospa]) -> list[float]:
    """Return the means of the total and of its parts, NaN of nothing."""
    if not distances:
        return [float("nan")] * 4
    return np.array([distance[:4] for distance in distances]).mean(axis=0).tolist()
