"""Which radars are heard, which send what cannot be used, and which are far off."""

import math
from collections.abc import Iterable

from rampart.domain.scan import Plots, Reject
from rampart.domain.site import Radar
from rampart.sense.verdicts import OWN_WORDS, REASONS

OK, DEGRADED, LOST = "ok", "degraded", "lost"

LOST_AFTER_S, LOST_AFTER_UPDATES = 5.0, 5.0
DEGRADED_SHARE = 0.6
"""A radar is degraded after this share of the silence at which it is lost."""
MEMORY_UPDATES = 20.0
"""Plots taken and refused fade with this constant."""
ENOUGH_REFUSED = 5.0
"""So many refused plots, more than were taken, make a radar degraded."""
UNKNOWN_SOURCE = "unknown source"
STRANGER = "sends plots, and the site does not know it"
MOST_STRANGERS = 50
FAULTS = {
    "malformed block", "edition not read", "no time", "false time", "time far from its arrival", "not a number",
    "too late", "ahead of time", "outside the radar's range",
}  # fmt: skip
"""Reasons of refusal that speak of a radar, its clock or its set-up out of order."""
WORDS = {REASONS[verdict] for verdict in OWN_WORDS}
WORD_HOLDS_S, WORD_HOLDS_UPDATES = 30.0, 5.0
"""What a radar says of itself holds so long: it is said again at every turn."""


class RadarHealth:
    """Keeps when each radar was last heard, and how much of what it sends is refused."""

    def __init__(self, radars: tuple[Radar, ...]):
        n = len(radars)
        self._ids = [radar.id for radar in radars]
        self._update_s = [radar.update_s for radar in radars]
        self._lost_after_s = [max(LOST_AFTER_S, LOST_AFTER_UPDATES * radar.update_s) for radar in radars]
        self._row_of_source = {f"{radar.sac}/{radar.sic}": row for row, radar in enumerate(radars)}
        self._row_of_source |= {radar.id: row for row, radar in enumerate(radars)}
        self._heard_s = [math.nan] * n
        self._ever_heard = [False] * n
        self._taken, self._refused = [0.0] * n, [0.0] * n
        self._fault, self._astray = [""] * n, [""] * n
        self._word, self._said_s = [""] * n, [-math.inf] * n
        self._state = [OK] * n
        self._strangers: set[str] = set()
        self._new_strangers: list[str] = []

    def hear(self, plots: Plots, heard: tuple[int, ...], rejects: Iterable[Reject], time_s: float) -> None:
        """Note who was heard at `time_s`, what was taken of it and what refused."""
        senders = plots.radar.tolist()
        for row in {*heard, *senders}:
            since_s = time_s - self._heard_s[row] if self._ever_heard[row] else 0.0
            fade = math.exp(-since_s / (MEMORY_UPDATES * self._update_s[row]))
            self._taken[row] = self._taken[row] * fade + senders.count(row)
            self._refused[row] *= fade
            self._heard_s[row], self._ever_heard[row] = time_s, True
        for reject in rejects:
            if reject.reason == UNKNOWN_SOURCE:
                self._meet(reject.source)
            sender = self._row_of_source.get(reject.source)
            if sender is not None and reject.reason in FAULTS:
                self._refused[sender] += reject.count
                self._fault[sender] = reject.reason
            if sender is not None and reject.reason in WORDS:
                self._word[sender], self._said_s[sender] = reject.reason, time_s

    def align(self, astray: list[str]) -> None:
        """Note in words, radar by radar, what is far off with it; "" where nothing is."""
        self._astray = astray

    def changes(self, time_s: float) -> list[tuple[str, str, str]]:
        """Return (source, state, reason) of each radar whose state has changed, and of each new stranger."""
        changed = [(source, DEGRADED, STRANGER) for source in self._new_strangers]
        self._new_strangers = []
        for row, radar in enumerate(self._ids):
            if math.isnan(self._heard_s[row]):
                self._heard_s[row] = time_s
            state, reason = self._judge(row, time_s)
            if state != self._state[row]:
                self._state[row] = state
                changed.append((radar, state, reason))
        return changed

    def _meet(self, source: str) -> None:
        """Remember a source that the site does not know, so that it is named once; a flood of them is not."""
        if source not in self._strangers and len(self._strangers) < MOST_STRANGERS:
            self._strangers.add(source)
            self._new_strangers.append(source)

    def _judge(self, row: int, time_s: float) -> tuple[str, str]:
        """Return the state of a radar and why."""
        silent_s, limit_s = time_s - self._heard_s[row], self._lost_after_s[row]
        if silent_s >= DEGRADED_SHARE * limit_s:
            since = f"silent for {silent_s:.0f} s" if self._ever_heard[row] else "never heard"
            return (LOST if silent_s >= limit_s else DEGRADED), since
        if time_s - self._said_s[row] <= max(WORD_HOLDS_S, WORD_HOLDS_UPDATES * self._update_s[row]):
            return DEGRADED, self._word[row]
        refused, taken = self._refused[row], self._taken[row]
        # once degraded, it takes twice as many good plots as bad ones to be well again
        bad_share = 0.5 if self._state[row] == DEGRADED else 1.0
        if refused >= ENOUGH_REFUSED * bad_share and refused > taken * bad_share:
            return DEGRADED, f"most of its plots are refused: {self._fault[row]}"
        if self._astray[row]:
            return DEGRADED, self._astray[row]
        return OK, "heard again, its plots are used"
