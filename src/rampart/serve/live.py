"""The live run: datagrams and time into the engine, in order of arrival; what comes out, to book and herald."""

import time
from collections import deque
from collections.abc import Callable

from rampart.domain.event import AlertEvent, Event, HealthEvent
from rampart.domain.scan import Reject, Scan
from rampart.domain.wire import event_line, iso_time
from rampart.engine import Engine
from rampart.feed import TICK_S, Entry, Ticks, input_of
from rampart.record.journal import MORE
from rampart.sense.kept import kept_of_scan
from rampart.sense.moment import scans_of_moment
from rampart.serve.book import Alarm, Book
from rampart.serve.channels.exchange import Exchange
from rampart.serve.clocks import Clock, WallClock
from rampart.serve.desk import DONE, Desk, decide
from rampart.serve.feeds import Box, Datagram, Receiver
from rampart.serve.herald import Herald
from rampart.serve.sift import SHED, Sifter

BEHIND_S = 0.25
"""Datagrams that have waited for so long are taken together, and sifted where they are too many."""
MOMENT_S = 0.25
"""So much of the feeds' time, at most, is taken together: within it a radar sees a thing once."""
MANY_OCTETS = 8 << 20
"""At the feeds' own time nothing is late; there so much may wait before it is sifted."""
LEAST_SHARE = 0.1
SLOW_STEP_S, QUICK_STEP_S = 0.12, 0.06
"""The room for ordinary plots shrinks while a moment takes longer than the one, and grows below the other."""
CALM_S = 1.0
STOP_WITHIN_S = 1.0
"""After a signal, what waits is taken for so long."""
WATCH_S = 1.0
STUCK_S = 5.0
"""A signed file that has been waited for so long is a fault that is told."""
NOTE_EVERY_S = 60.0
"""A line in the book so often says that the run was alive, even where nothing came in."""


class Live:
    """Runs the engine on feeds until `stop` is called.

    `shed` and `taken` count plots of the present flood, `datagrams` those that were taken, `left` those that were not;
    `faults` are the threads that stopped of themselves.
    """

    def __init__(
        self,
        engine: Engine,
        receiver: Receiver,
        clock: Clock,
        book: Book,
        herald: Herald,
        tell: Callable[[str], None],
        exchange: Exchange | None = None,
        desk: Desk | None = None,
    ):
        self.engine, self.receiver, self.clock = engine, receiver, clock
        self.book, self.herald, self._tell = book, herald, tell
        self._exchange, self.desk = exchange, desk
        self._box: Box = receiver.box
        self._site = engine.site
        self._sifter = Sifter(engine.site)
        self._ticks = Ticks(engine.time_s if engine.time_s > 0.0 else None)
        self._share = 1.0
        self._stopping, self._latest_s = False, 0.0
        self._flood_s: float | None = None
        self._sifted_s = 0.0
        self._watched_s = self._noted_s = time.monotonic()
        self._dropped_told: dict[str, int] = {}
        self._file_is_stuck = False
        self.shed = self.taken = 0
        self.datagrams = self.left = 0
        self.faults: list[str] = []

    def stop(self) -> None:
        """Let `run` return, what waits taken for a moment longer; may be called from a signal's handler."""
        self._latest_s = time.monotonic() + STOP_WITHIN_S
        self._stopping = True

    def run(self) -> None:
        """Take what comes, and let time pass, until `stop`."""
        while not self._stopping:
            self._take(self._box.take(self._patience_s()))
            self._pass_time()
            self._hear_operators()
            self._watch()
        self._take(self._box.take(0.0))
        self._end_flood()
        if self.left:
            self._fact(f"{self.left} datagrams were not taken any more")

    def _patience_s(self) -> float:
        now_s = self.clock.now_s()
        if now_s is None or self._ticks.next_s is None:
            return TICK_S
        return min(max(self._ticks.next_s - now_s, 0.001), TICK_S)

    def _take(self, datagrams: list[Datagram]) -> None:
        """Put datagrams through the engine, one at a time, or many at once where it is behind."""
        waiting = deque(datagrams)
        octets = sum(len(datagram.payload) for datagram in datagrams)
        while waiting:
            if self._stopping and time.monotonic() > self._latest_s:
                self.left += len(waiting)
                return
            received_s, together = waiting[0].time_s, self._is_behind(waiting[0], octets)
            moment = [self._arrival_of(waiting.popleft())]
            while together and waiting and moment[-1].time_s <= moment[0].time_s + MOMENT_S:
                moment.append(self._arrival_of(waiting.popleft()))
            octets -= sum(len(arrival.payload) for arrival in moment)
            self.datagrams += len(moment)
            if together:
                self._take_together(moment, received_s)
            else:
                self._step(Entry("asterix", moment[0].time_s, moment[0].payload), received_s)

    def _arrival_of(self, datagram: Datagram) -> Datagram:
        """Return a datagram with the time at which it counts as come in."""
        return datagram._replace(time_s=self.clock.arrived_s(datagram.time_s, datagram.payload))

    def _is_behind(self, oldest: Datagram, octets: int) -> bool:
        if not isinstance(self.clock, WallClock):
            return octets > MANY_OCTETS
        return self.clock.now_s() - oldest.time_s > BEHIND_S

    def _take_together(self, moment: list[Datagram], received_s: float) -> None:
        """Take the datagrams of one moment as one scan, without the ordinary plots that are too many."""
        newest_s = max(arrival.time_s for arrival in moment)
        scans = scans_of_moment((arrival.payload for arrival in moment), newest_s, self._site)
        scan = self._sifter.sift(scans, self.engine.tracks, self._share)
        shed = sum(reject.count for reject in scan.rejects if reject.reason == SHED)
        self._sifted_s = time.monotonic()
        if shed and self._flood_s is None:
            self._flood_s = self._sifted_s
            self._fact(f"flood: {len(moment)} datagrams in {MOMENT_S} s; ordinary plots are shed")
        self.shed += shed
        self.taken += len(scan.plots)
        self._step(Entry("plots", newest_s, kept_of_scan(scan)), received_s)
        spent_s = time.monotonic() - self._sifted_s
        if spent_s > SLOW_STEP_S:
            self._share = max(LEAST_SHARE, self._share * max(0.5, SLOW_STEP_S / spent_s))
        elif spent_s < QUICK_STEP_S:
            self._share = min(1.0, self._share * 1.3)

    def _pass_time(self) -> None:
        """Take the ticks that are due when nothing comes in."""
        now_s = self.clock.now_s()
        if now_s is not None:
            for tick in self._ticks.until(now_s):
                self._act(tick, time.time())

    def _hear_operators(self) -> None:
        """Act on what operators have asked for, as commands that are in the journal like all else."""
        for offer in self.desk.taken() if self.desk else ():
            outcome, words, command = decide(offer, self.engine, self.clock.now_s())
            if command is not None:
                self._step(command, time.time())
            request = offer.request.paper.id
            if self.desk:
                self.desk.answer(request, outcome, words)
            if outcome == DONE:
                self._tell(f"{iso_time(time.time())}  request {request}: {words}")

    def _step(self, entry: Entry, received_s: float) -> None:
        """Take one arrival, after the ticks that were due before it."""
        for tick in self._ticks.until(entry.time_s):
            self._act(tick, received_s)
        self._act(entry, received_s)

    def _act(self, entry: Entry, received_s: float) -> None:
        """Put one entry through the engine; what it causes into the book and on its way, alarms at once."""
        item = input_of(entry, self._site)
        rejects = item.rejects if isinstance(item, Scan) and entry.kind == "asterix" else ()
        waiting: list[Event] = []
        for events in self.engine.stream(item):
            waiting += events
            if any(isinstance(event, AlertEvent) for event in events):
                self._hand_over(entry, waiting, received_s, rejects)
                entry, waiting, rejects = Entry(MORE, entry.time_s, b""), [], ()
        if self._exchange:
            self._exchange.alive()
        if waiting or entry.kind != MORE:
            self._hand_over(entry, waiting, received_s, rejects)

    def _hand_over(
        self, entry: Entry, events: list[Event], received_s: float, rejects: tuple[Reject, ...]
    ) -> None:
        """Give events to the book with the input that caused them, or with more of it, and send the alarms."""
        alarms = [Alarm(event, received_s) for event in events if isinstance(event, AlertEvent)]
        self.book.add(entry, [event_line(event) for event in events], alarms, rejects)
        self.herald.send(alarms)
        self._tell_health(events)

    def _tell_health(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, HealthEvent):
                self._tell(f"{event.time}  health  {event.source} {event.state}: {event.reason}")
                if self._exchange:
                    self._exchange.health(event)

    def _watch(self) -> None:
        """Once a second: say what was dropped on the way in, and that a flood is over."""
        now_s = time.monotonic()
        if self._exchange:
            self._exchange.alive()
        if now_s - self._watched_s < WATCH_S:
            return
        self._watched_s = now_s
        if self._exchange:
            self._exchange.watch()
        stuck = self.herald.scribe.stuck_s() > STUCK_S
        if stuck and not self._file_is_stuck and self._exchange:
            self._exchange.fault(f"no signed file for {STUCK_S:.0f} s: the disk does not answer")
        self._file_is_stuck = stuck
        counts = {
            f"{feed}: the system's buffer": n
            for feed, n in zip(self.receiver.feeds, self.receiver.dropped, strict=True)
        }
        threads = [self.receiver, self.book, self.herald, self.herald.scribe]
        for worker in [*threads, self.desk] if self.desk else threads:
            if not worker.is_alive() and worker.name not in self._dropped_told:
                self._dropped_told[worker.name] = 1
                self.faults.append(f"the {worker.name} had stopped")
                self._fact(f"FAULT: the {worker.name} has stopped; start the server again")
        for where, count in (counts | {"the box before the engine": self._box.lost}).items():
            told = self._dropped_told.get(where, 0)
            if count != told:
                self._dropped_told[where] = count
                self._fact(f"{where} overran: {count - told} datagrams lost")
        if now_s - self._noted_s > NOTE_EVERY_S:
            self._noted_s = now_s
            self.book.note(time.time(), f"alive: {self.datagrams} datagrams so far")
        if self._flood_s is not None and now_s - self._sifted_s > CALM_S:
            self._end_flood()

    def _end_flood(self) -> None:
        if self._flood_s is None:
            return
        lasted_s = self._sifted_s - self._flood_s
        last_s = time.time() - (time.monotonic() - self._sifted_s)
        self._flood_s = None
        self._fact(
            f"flood over after {lasted_s:.1f} s, last at {iso_time(last_s)} :"
            f" {self.shed} plots shed, {self.taken} kept"
        )
        self.shed = self.taken = 0

    def _fact(self, text: str) -> None:
        """Tell and write down a fact of the outside."""
        now_s = time.time()
        self.book.note(now_s, text)
        self._tell(f"{iso_time(now_s)}  {text}")
