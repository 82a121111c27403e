"""The confirmed tracks: their rows of the bank, the hypotheses over these, their plots, their beginnings and ends."""

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.track import NOT_ENDED
from rampart.numerics.assignment import ALONE
from rampart.numerics.jit import steady
from rampart.track.associate import empty_candidates, follow_look
from rampart.track.bank import NOTHING, TRAIL, Bank, Work, copy_row, empty_bank, grown
from rampart.track.gate import LookPlots
from rampart.track.history import History
from rampart.track.hypotheses import divide, empty_hypotheses, with_room, yield_plots
from rampart.track.lifecycle import close_step, drop_tracks, leave_precedents
from rampart.track.motions import Sky
from rampart.track.radars import Radars
from rampart.track.ring import TAKEN, RecentPlots, Ring, sorted_trail
from rampart.track.settings import Rules
from rampart.track.splinter import LostAircraft
from rampart.track.table import NOBODY, Part

FIRST_TRACKS, FIRST_ROWS, FIRST_CANDIDATES = 16, 64, 256


class ConfirmedTracks:
    """Follows confirmed tracks; `count` of them, in `rows` of the bank."""

    def __init__(self, motions: int, radars: Radars, rules: Rules, sky: Sky, work: Work):
        self._radars, self._rules, self._sky, self._work = radars, rules, sky, work
        self._shape = (motions, len(radars.table))
        self._follow_look, self._close_step = steady(follow_look), steady(close_step)
        self._leave_precedents = steady(leave_precedents)
        self.count = self.rows = 0
        self.bank, self._next, self._ahead = (empty_bank(FIRST_ROWS, *self._shape) for _ in range(3))
        self._hypotheses, self._next_hypotheses = (empty_hypotheses(FIRST_TRACKS) for _ in range(2))
        self._candidates = empty_candidates(FIRST_CANDIDATES, FIRST_ROWS, motions)
        self._make_look_room(FIRST_TRACKS)
        self._looks = np.zeros(len(radars.table))
        self._histories: list[History] = []
        self._ids: list[int] = []
        self._confirmed_s: list[float] = []
        self._updated: list[bool] = []
        self._lost = LostAircraft()

    def begin_step(self) -> None:
        """Forget what was updated in the step before."""
        self._updated = [False] * self.count

    def follow(
        self, radar: int, plots: Plots, look: LookPlots, log_claim: np.ndarray, recent: RecentPlots
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the tracks their plots of a look; return (s since the radar saw each before, looks settled (r,)).

        `log_claim (p,)`: how much of each plot tentative tracks claim. What the likeliest hypotheses take is taken in
        the ring.
        """
        while True:
            found, rows = self._follow_look(
                self.bank, self._ahead, self.rows, self._hypotheses, self.count, look, log_claim, recent.look, radar,
                self._radars, self._rules, self._sky, self._work, self._candidates, self._next,
                self._next_hypotheses, self._plot, self._same, self._gap_s, self._looks,
            )  # fmt: skip
            if found <= len(self._candidates.row) and rows <= len(self._next.rows):
                break
            self._make_room(found, rows)
        self.bank, self._next, self.rows = self._next, self.bank, rows
        self._hypotheses, self._next_hypotheses = self._next_hypotheses, self._hypotheses
        chosen, same = self._plot[: self.count], self._same[: self.count]
        tracks = np.flatnonzero(chosen != ALONE)
        taken = chosen[tracks]
        recent.use[(look.serial + taken) % len(recent.use)] = TAKEN
        if not same.all():
            for track in np.flatnonzero(~same).tolist():
                self._think_again(track, recent)
        for track, j in zip(tracks.tolist(), taken.tolist(), strict=True):
            self._updated[track] = True
            if same[track]:
                self._histories[track].add(
                    look.serial + j,
                    plots.time_s[j],
                    radar,
                    plots.measurement[j],
                    plots.sigma[j],
                    plots.snr_db[j],
                )
        return self._gap_s[tracks], self._looks

    def _make_room(self, found: int, rows: int) -> None:
        """Take larger columns, so that so many candidates and rows have room."""
        room = len(self.bank.rows)
        if rows > room:
            room *= 2
            self.bank, self._next, self._ahead = (
                grown(bank, room) for bank in (self.bank, self._next, self._ahead)
            )
        self._candidates = empty_candidates(max(2 * found, len(self._candidates.row)), room, self._shape[0])

    def _think_again(self, track: int, recent: RecentPlots) -> None:
        """Put the remembered looks of a track's history as its likeliest hypothesis now has them."""
        history, ring = self._histories[track], recent.ring
        first = recent.first_of(recent.look - TRAIL + 1)
        serials = self.bank.trail[self._hypotheses.row[track, 0]]
        serials = np.sort(serials[serials >= first])
        history.forget_from(first)
        self._add_plots(history, serials, ring)
        recent.use[serials % len(recent.use)] = TAKEN

    def add(
        self, young: Bank, rows: np.ndarray, log_weight: np.ndarray, ids: list[int], recent: RecentPlots
    ) -> None:
        """Take over tentative tracks that have been decided together; others yield plots that they only might have.

        `rows (h, t)` of `young` under each hypothesis, the likeliest first, with ln odds `log_weight (h,)`.
        """
        first, many = self.count, len(ids)
        self._make_track_room(first + many)
        for track, (own, track_id) in enumerate(zip(rows.T.tolist(), ids, strict=True), first):
            serials = sorted_trail(young, own[0], recent.ring)
            if first:
                yield_plots(serials, first, self.bank, self._hypotheses)
            made: dict[int, int] = {}
            for h, row in enumerate(own):
                if row not in made:
                    made[row] = self._take_row(young, row, track, track_id, recent)
                self._hypotheses.row[track, h] = made[row]
            history = History()
            self._add_plots(history, serials, recent.ring)
            self._histories.append(history)
            self._ids.append(track_id)
            self._confirmed_s.append(float(young.rows["last_s"][own[0]]))
            self._updated.append(True)
        self.count = first + many
        divide(np.arange(first, self.count), log_weight - np.logaddexp.reduce(log_weight), self._hypotheses)
        for track in range(first, self.count):
            self._lost.doubt(self.bank, self._hypotheses.row[: track + 1, 0])

    def _take_row(self, young: Bank, row: int, track: int, track_id: int, recent: RecentPlots) -> int:
        """Copy a tentative row to the bank; return where it is."""
        if self.rows == len(self.bank.rows):
            self._make_room(0, self.rows + 1)
        new = self.rows
        self.rows += 1
        copy_row(young, row, self.bank, new)
        self.bank.rows["id"][new], self.bank.rows["track"][new] = track_id, track
        trail, rows = self.bank.trail[new], recent.ring.rows
        trail[:] = NOTHING
        for serial in young.trail[row, : young.rows["count"][row]].tolist():
            look = rows["look"][serial % len(rows)]
            if look > recent.look - TRAIL:
                trail[look % TRAIL] = serial
        return new

    def _add_plots(self, history: History, serials: np.ndarray, ring: Ring) -> None:
        for serial in serials.tolist():
            k = serial % len(ring.rows)
            plot = ring.rows[k]
            history.add(serial, plot["time_s"], plot["radar"], ring.z[k], ring.sigma[k], plot["snr_db"])

    def _make_track_room(self, tracks: int) -> None:
        """Take larger columns, so that so many tracks have room."""
        room = len(self._hypotheses.number)
        if tracks > room:
            room = max(2 * room, tracks)
            self._hypotheses, self._next_hypotheses = (
                with_room(old, room) for old in (self._hypotheses, self._next_hypotheses)
            )
            self._make_look_room(room)

    def _make_look_room(self, tracks: int) -> None:
        """Make the columns in which a look of so many tracks is told."""
        self._plot, self._same = np.empty(tracks, np.int64), np.empty(tracks, np.bool_)
        self._gap_s = np.empty(tracks)

    def was_blind(self, radar: int, blind_s: float) -> None:
        """Note that a radar did not look for so long: nothing was missed."""
        self.bank.sights["seen_s"][: self.rows, radar] += blind_s

    def close(self, now_s: float) -> Part:
        """Return the tracks as they are at a time, with those that end now; forget these."""
        n = self.count
        if not n:
            return NOBODY
        part = Part(n)
        self._close_step(
            self.bank, self.rows, self._hypotheses.row[:n, 0].copy(), self._ahead, now_s, self._radars, self._rules,
            self._sky, self._work, part.columns,
        )  # fmt: skip
        self._leave_precedents(
            self.bank, self._hypotheses.row[:n, 0].copy(), np.array(self._updated), self._sky, self._work
        )
        part.name(self._ids, self._confirmed_s, self._updated)
        part.histories = [history.frozen() for history in self._histories]
        keep = part.columns.reason == NOT_ENDED
        if not keep.all():
            self._lost.remember(self.bank, self._hypotheses.row[:n, 0], part.columns.reason, now_s)
            self._drop(keep)
        return part

    def _drop(self, keep: np.ndarray) -> None:
        self.count, self.rows = drop_tracks(self.bank, self.rows, self._hypotheses, keep)
        stays = np.flatnonzero(keep).tolist()
        self._histories = [self._histories[i] for i in stays]
        self._ids = [self._ids[i] for i in stays]
        self._confirmed_s = [self._confirmed_s[i] for i in stays]
        self._updated = [self._updated[i] for i in stays]
