"""A live run in this process, over real sockets on loopback, with a real journal and real alert files."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from rampart.domain.event import Event
from rampart.domain.scan import Plots
from rampart.domain.site import Site
from rampart.domain.wire import event_of
from rampart.engine import Engine
from rampart.feed import Entry, input_of
from rampart.record.journal import Journal, JournalHeader, read_journal
from rampart.sense.asterix import decoder_of
from rampart.serve.book import Book
from rampart.serve.cap import AlertFiles
from rampart.serve.clocks import Clock, FeedClock
from rampart.serve.feeds import Box, Receiver, feed_of
from rampart.serve.herald import Herald
from rampart.serve.keys import own_key
from rampart.serve.live import Live
from rampart.serve.send import Sender
from rampart.simulate.encode import encode_look
from rampart.simulate.sensor import RadarLook
from tests.serve.test_feeds import free_port
from tests.sites import make_radar, make_site

MIDNIGHT_S = 1605571200.0
NOON_S = MIDNIGHT_S + 43200.0


def two_radars() -> Site:
    """Return a site with the radars karkh (25/1) and rusafa (25/2)."""
    site = make_site()
    return replace(site, radars=(*site.radars, make_radar(site.frame, "rusafa", 2)))


def look(site: Site, radar: int, time_s: float, *places: tuple[float, float, float]) -> bytes:
    """Return a look as bytes: plots at (range_m, azimuth_rad, elevation_rad), or a north marker for none."""
    n = len(places)
    measurement = np.array([(*place, -50.0) for place in places]).reshape(n, 4)
    plots = Plots(
        np.full(n, time_s),
        np.full(n, radar),
        measurement,
        np.tile(site.radars[radar].sigma, (n, 1)),
        np.full(n, 20.0),
    )
    return encode_look(RadarLook(radar, time_s, plots, np.full(n, -1)), site)


class Running:
    """Runs until `stop`; `lines` is what was told."""

    def __init__(self, folder: Path, site: Site, clock: Clock | None = None):
        self.site, self.folder = site, folder
        self.lines: list[str] = []
        feed = feed_of(f"udp://127.0.0.1:{free_port()}")
        self.receiver = Receiver((feed,), Box(), time.time)
        header = JournalHeader(mode=site.mode, version="test")
        self.book = Book(
            Journal.create(folder / "journal", header), folder / "events.jsonl", site, self._tell_book
        )
        files = AlertFiles(folder / "alerts", site, own_key(site.mode))
        self.herald = Herald(files, self.book, self.lines.append)
        self.engine = Engine(site)
        clock = clock or FeedClock(decoder_of(site), MIDNIGHT_S)
        self.live = Live(self.engine, self.receiver, clock, self.book, self.herald, self.lines.append)
        self._thread = threading.Thread(target=self.live.run)
        for thread in (self.receiver, self.book, self.herald, self._thread):
            thread.start()
        self.sender = Sender(feed)

    def send(self, *payloads: bytes) -> None:
        """Send datagrams and wait until the engine has taken them."""
        wanted = self.live.datagrams + len(payloads)
        for payload in payloads:
            self.sender.send(payload)
        deadline_s = time.monotonic() + 300.0
        while self.live.datagrams < wanted and time.monotonic() < deadline_s:
            time.sleep(0.005)
        assert self.live.datagrams == wanted

    def stop(self) -> list[Event]:
        """End the run and return its events."""
        self.live.stop()
        self._thread.join()
        self.receiver.stop()
        self.herald.stop()
        assert self.book.stop()
        return [event_of(line) for line in (self.folder / "events.jsonl").read_bytes().splitlines()]

    def replayed(self) -> bytes:
        """Return events.jsonl as the journal's inputs give it through a new engine."""
        from rampart.domain.wire import event_line

        engine = Engine(self.site)
        reader = read_journal(self.folder / "journal")
        lines = [
            event_line(event)
            for kind, time_s, payload in reader
            for event in engine.step(input_of(Entry(kind, time_s, payload), self.site))
        ]
        reader.close()
        return b"".join(line + b"\n" for line in lines)

    def _tell_book(self, state: str, reason: str) -> None:
        self.lines.append(f"journal {state}: {reason}")
