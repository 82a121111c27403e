"""The confirmed tracks: their rows of the bank, the hypotheses over these, their plots, their beginnings and ends."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.track import END_WITHDRAWN, NOT_ENDED
from rampart.numerics.assignment import ALONE
from rampart.numerics.jit import steady
from rampart.track.associate import empty_candidates, follow_look
from rampart.track.bank import NOTHING, TRAIL, Bank, Work, empty_bank, grown
from rampart.track.elect import UNSURE
from rampart.track.gate import LookPlots
from rampart.track.history import History
from rampart.track.hypotheses import empty_hypotheses, stand_alone, with_room, yield_plots
from rampart.track.lifecycle import close_step, drop_tracks, leave_precedents
from rampart.track.motions import Sky
from rampart.track.naming import name_rows, tell_rows
from rampart.track.radars import Radars
from rampart.track.ring import TAKEN, RecentPlots, Ring
from rampart.track.settings import Rules
from rampart.track.splinter import LostAircraft, lower_odds
from rampart.track.table import NOBODY, Part

FIRST_TRACKS, FIRST_ROWS, FIRST_CANDIDATES = 16, 64, 256


@dataclass(slots=True)
class _Track:
    """What is known of one track beside its rows of the bank."""

    id: int
    confirmed_s: float
    doubted: bool = False
    updated: bool = False
    withdrawn: bool = False
    history: History = field(default_factory=History)


class ConfirmedTracks:
    """Follows confirmed tracks; `count` of them, in `rows` of the bank."""

    def __init__(self, motions: int, radars: Radars, rules: Rules, sky: Sky, work: Work):
        self._radars, self._rules, self._sky, self._work = radars, rules, sky, work
        self._shape = (motions, len(radars.table))
        self._follow_look, self._close_step = steady(follow_look), steady(close_step)
        self._leave_precedents = steady(leave_precedents)
        self._name_rows, self._tell_rows = steady(name_rows), steady(tell_rows)
        self.rows = 0
        self.bank, self._next, self._ahead = (empty_bank(FIRST_ROWS, *self._shape) for _ in range(3))
        self._hypotheses, self._next_hypotheses = (empty_hypotheses(FIRST_TRACKS) for _ in range(2))
        self._candidates = empty_candidates(FIRST_CANDIDATES, FIRST_ROWS, motions)
        self._make_look_room(FIRST_TRACKS)
        self._looks = np.zeros(len(radars.table))
        self._tracks: list[_Track] = []
        self._lost = LostAircraft()
        self._some_taken = False

    @property
    def count(self) -> int:
        """How many tracks there are."""
        return len(self._tracks)

    def begin_step(self) -> None:
        """Forget what was updated in the step before."""
        for track in self._tracks:
            track.updated = False

    def follow(
        self, radar: int, plots: Plots, look: LookPlots, log_claim: np.ndarray, recent: RecentPlots
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the tracks their plots of a look; return (s since the radar saw each before, looks settled (r,)).

        `log_claim (p,)`: how much of each plot tentative tracks claim. What the likeliest hypotheses take is taken in
        the ring. Open tracks take none: the vote gives them theirs.
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
            for i in np.flatnonzero(~same).tolist():
                self._think_again(i, recent)
        for i, j in zip(tracks.tolist(), taken.tolist(), strict=True):
            track = self._tracks[i]
            track.updated = True
            if same[i]:
                track.history.add(
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

    def _think_again(self, i: int, recent: RecentPlots) -> None:
        """Put the remembered looks of a track's history as its likeliest hypothesis now has them."""
        history, ring = self._tracks[i].history, recent.ring
        first = recent.first_of(recent.look - TRAIL + 1)
        serials = self.bank.trail[self._hypotheses.row[i, 0]]
        serials = np.sort(serials[serials >= first])
        history.forget_from(first)
        _add_plots(history, serials, ring)
        recent.use[serials % len(recent.use)] = TAKEN
        self._some_taken = True

    def publish(
        self,
        young: Bank,
        n: int,
        rows: np.ndarray,
        state: np.ndarray,
        recent: RecentPlots,
        mint: Callable[[], int],
    ) -> bool:
        """Tell the open tracks anew as the vote has them; return whether plots were taken for good.

        `rows`, `state (k,)`: the best set of the first `n` rows of `young`. What it shows for the first time is a
        new open track, with the id of its row or a new one; what it has no more is withdrawn where others now hold
        most of its plots, and else goes on as it was.
        """
        best = self._hypotheses.row[: self.count, 0]
        open_ = [
            i for i in np.flatnonzero(self.bank.rows["open"][best]).tolist() if not self._tracks[i].withdrawn
        ]
        if open_ or len(rows):
            track_of = {self._tracks[i].id: i for i in open_}
            ids = np.empty(len(rows), np.int64)
            self._name_rows(young, rows, state, recent.ring, np.array(sorted(track_of), np.int64), ids)
            for i in open_:
                recent.ring.rows["held"][_slots_of(self._tracks[i], recent)] = 0
            told = (ids > 0) | (state != UNSURE)
            ids = ids[told]
            tracks = [track_of[track_id] if track_id else -1 for track_id in ids.tolist()]
            for k, row in enumerate(rows[told].tolist()):
                if tracks[k] < 0:
                    tracks[k] = self._begin(young, n, row, mint)
                    ids[k] = self._tracks[tracks[k]].id
            self._tell(young, n, rows[told], state[told], ids, tracks, recent)
            for i in open_:
                if i not in tracks:
                    self._let_go(i, recent)
        taken, self._some_taken = self._some_taken, False
        return taken

    def _begin(self, young: Bank, n: int, row: int, mint: Callable[[], int]) -> int:
        """Begin a track, with a row of the bank still to be told; return its index."""
        new, own = self.count, young.rows[:n]
        track_id = int(own["id"][row]) or mint()
        own["id"][own["id"] == track_id] = 0  # no other branch is to come by it
        self._make_track_room(new + 1)
        if self.rows == len(self.bank.rows):
            self._make_room(0, self.rows + 1)
        stand_alone(new, self.rows, self._hypotheses)
        self.rows += 1
        self._tracks.append(_Track(track_id, float(own["last_s"][row])))
        return new

    def _tell(
        self, young: Bank, n: int, rows: np.ndarray, state: np.ndarray, ids: np.ndarray, tracks: list[int],
        recent: RecentPlots,
    ) -> None:  # fmt: skip
        """Make each of `tracks (k,)` what its row of `young` is."""
        k, ring = len(rows), recent.ring
        serials, updated, stays_open = (
            np.empty((k, TRAIL), np.int64),
            np.empty(k, np.bool_),
            np.empty(k, np.bool_),
        )
        index = np.array(tracks, np.int64)
        places = self._hypotheses.row[index, 0]
        self._tell_rows(
            young, n, rows, state, ids, index, places, ring, recent.look - 1, self.bank, serials, updated, stays_open
        )  # fmt: skip
        if not stays_open.all():
            taken = serials[~stays_open]
            yield_plots(taken[taken != NOTHING], self.count, self.bank, self._hypotheses)
            self._some_taken = True
        for i, row, own, is_updated in zip(tracks, places.tolist(), serials, updated.tolist(), strict=True):
            track = self._tracks[i]
            track.updated = is_updated
            own = own[own != NOTHING]
            if not len(track.history.serials):
                track.doubted = self._lost.breaks_off(self.bank, self._hypotheses.row[:i, 0], row)
            if track.doubted:
                lower_odds(self.bank, row)
            _add_plots(track.history, own[track.history.keep_common(own) :], ring)

    def _let_go(self, i: int, recent: RecentPlots) -> None:
        """Withdraw an open track that the vote has no more, or let it go on without."""
        track, history = self._tracks[i], self._tracks[i].history
        slots = _slots_of(track, recent)
        held = recent.ring.rows["held"][slots] != 0
        if len(held) and 2 * np.count_nonzero(held) >= len(held):
            track.withdrawn = True
            return
        self.bank.rows["open"][self._hypotheses.row[i, 0]] = False
        recent.use[slots[~held]] = TAKEN
        self._some_taken = True
        if held.any():
            own = history.serials[-len(held) :][~held]
            _add_plots(history, own[history.keep_common(own) :], recent.ring)

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

    def close(self, now_s: float, recent: RecentPlots) -> Part:
        """Return the tracks as they are at a time, with those that end now; forget these."""
        n = self.count
        if not n:
            return NOBODY
        part, best = Part(n), self._hypotheses.row[:n, 0].copy()
        self._close_step(
            self.bank, self.rows, best, self._ahead, now_s, self._radars, self._rules, self._sky, self._work,
            part.columns,
        )  # fmt: skip
        updated = [track.updated for track in self._tracks]
        self._leave_precedents(self.bank, best, np.array(updated), self._sky, self._work)
        part.name(
            [track.id for track in self._tracks], [track.confirmed_s for track in self._tracks], updated
        )
        part.histories = [track.history.frozen() for track in self._tracks]
        for i, track in enumerate(self._tracks):
            if track.withdrawn:
                part.columns.reason[i] = END_WITHDRAWN
        keep = part.columns.reason == NOT_ENDED
        if not keep.all():
            self._lost.remember(self.bank, best, part.columns.reason, now_s)
            for i in np.flatnonzero(~keep & self.bank.rows["open"][best]).tolist():
                if not self._tracks[i].withdrawn:
                    recent.use[_slots_of(self._tracks[i], recent)] = TAKEN
                    self._some_taken = True
            self._drop(keep)
        return part

    def _drop(self, keep: np.ndarray) -> None:
        _, self.rows = drop_tracks(self.bank, self.rows, self._hypotheses, keep)
        self._tracks = [track for track, stays in zip(self._tracks, keep.tolist(), strict=True) if stays]


def _slots_of(track: _Track, recent: RecentPlots) -> np.ndarray:
    """Return where in the ring a track's plots are, as far as they still are."""
    serials = track.history.serials
    return serials[serials >= recent.oldest] % len(recent.use)


def _add_plots(history: History, serials: np.ndarray, ring: Ring) -> None:
    for serial in serials.tolist():
        k = serial % len(ring.rows)
        plot = ring.rows[k]
        history.add(serial, plot["time_s"], plot["radar"], ring.z[k], ring.sigma[k], plot["snr_db"])
