"""The tentative tracks: branches grown from the plots that no confirmed track takes, until their odds decide."""

import numpy as np

from rampart.numerics.jit import steady
from rampart.track.bank import Work, empty_bank, grown
from rampart.track.elect import elect
from rampart.track.gate import LookPlots
from rampart.track.initiate import claim_plots, grow_look
from rampart.track.lifecycle import summarise_each
from rampart.track.motions import Sky
from rampart.track.pruning import drop_taken, drop_weak, foremost, keep_likeliest, thin
from rampart.track.radars import Radars
from rampart.track.ring import RecentPlots
from rampart.track.settings import Rules
from rampart.track.table import NOBODY, Part, trail_plots

FIRST_ROWS, MOST_ROWS = 64, 8192
NOTHING_SHOWN = np.empty(0, np.int64)


class TentativeTracks:
    """Grows tentative tracks; the first `count` rows of `bank`."""

    def __init__(self, motions: int, radars: Radars, rules: Rules, sky: Sky, work: Work):
        self._radars, self._rules, self._sky, self._work = radars, rules, sky, work
        self._shape = (motions, len(radars.table))
        self._claim_plots, self._grow_look = steady(claim_plots), steady(grow_look)
        self._elect, self._thin, self._foremost = steady(elect), steady(thin), steady(foremost)
        self._drop_weak, self._drop_taken = steady(drop_weak), steady(drop_taken)
        self._keep_likeliest = steady(keep_likeliest)
        self._summarise_each = steady(summarise_each)
        self.count = 0
        self.bank, self._spare = (empty_bank(FIRST_ROWS, *self._shape) for _ in range(2))
        self._elected, self._state = (np.empty(FIRST_ROWS, np.int64) for _ in range(2))

    def claims(self, radar: int, look: LookPlots) -> np.ndarray:
        """Return (p,) how much denser than clutter the plots of tentative tracks are expected at each plot, ln."""
        log_claim = np.zeros(len(look.time_s))
        if self.count:
            self._claim_plots(
                self.bank, self.count, look, radar, self._radars, self._rules, self._sky, self._work, log_claim
            )  # fmt: skip
        return log_claim

    def grow(self, radar: int, look: LookPlots, recent: RecentPlots) -> None:
        """Grow tentative tracks by the plots of a look that are left."""
        must_fit = False
        while True:
            n = self._grow_look(
                self.bank, self.count, recent.ring, recent.oldest, look, must_fit, radar, self._radars,
                self._rules, self._sky, self._work, self._spare,
            )  # fmt: skip
            room = len(self._spare.rows)
            if n >= 0:
                break
            if room >= MOST_ROWS:  # so many at once are clutter, most of them
                must_fit = True
                self.count = self._keep_likeliest(self.bank, self.count, self.count // 4)
                continue
            self._spare = empty_bank(2 * room, *self._shape)
        if len(self.bank.rows) < room:
            self.bank = grown(self.bank, room)
        self.bank, self._spare, self.count = self._spare, self.bank, n

    def vote(self, recent: RecentPlots) -> tuple[np.ndarray, np.ndarray]:
        """Return (rows (k,), state (k,)) of the likeliest set of tracks, as `elect` has them."""
        tracks = 0
        if self.count:
            if len(self._elected) < self.count:
                self._elected, self._state = (np.empty(2 * self.count, np.int64) for _ in range(2))
            tracks = self._elect(self.bank, self.count, recent.ring, self._rules, self._elected, self._state)
        return self._elected[:tracks], self._state[:tracks]

    def forget_weak(self, recent: RecentPlots) -> None:
        """Drop what the vote has left no hope."""
        if self.count:
            self.count = self._drop_weak(self.bank, self.count, recent.ring, recent.oldest)

    def forget_taken(self, recent: RecentPlots) -> None:
        """Drop every row that holds a plot that was taken for good."""
        self.count = self._drop_taken(self.bank, self.count, recent.ring)

    def was_blind(self, radar: int, blind_s: float) -> None:
        """Note that a radar did not look for so long: nothing was missed."""
        self.bank.sights["seen_s"][: self.count, radar] += blind_s

    def close(self, now_s: float, recent: RecentPlots, mint) -> Part:
        """Return the likeliest tentative track from each first plot, where it is rather real than not.

        `mint()` gives a new id, which a track shares with its branches.
        """
        if self.count:
            self.count = self._thin(
                self.bank, self.count, recent.ring, recent.oldest, self._radars, self._rules
            )
        shown = self._foremost(self.bank, self.count, recent.ring) if self.count else NOTHING_SHOWN
        if not len(shown):
            return NOBODY
        part, rows = Part(len(shown)), self.bank.rows[: self.count]
        for row in shown.tolist():
            if not rows["id"][row]:
                family = np.flatnonzero(rows["root"] == rows["root"][row])
                rows["id"][family] = int(rows["id"][family].max()) or mint()
        self._summarise_each(self.bank, shown, part.columns)
        part.name(rows["id"][shown], np.full(len(shown), np.nan), part.columns.last_s >= now_s)
        part.whole = [trail_plots(self.bank, row, recent.ring) for row in shown.tolist()]
        return part
