"""`rampart serve`: a site's feeds, engine, book and alarms put together, from the first line to the last."""

import gc
import itertools
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from rampart import __version__
from rampart.channelkeys import ChannelKeys, kind_of
from rampart.config import read_channels, read_feeds, read_site
from rampart.domain.event import AlertEvent
from rampart.domain.site import MOST_TOLD, Site, Zone
from rampart.domain.wire import iso_time
from rampart.engine import Engine
from rampart.errors import InputError, RampartError
from rampart.feed import entries_of, input_of
from rampart.files import InputFiles
from rampart.record.journal import Journal, JournalHeader
from rampart.runner import arrivals_of, fly, packaged_scenario
from rampart.sense.asterix import decoder_of
from rampart.sense.recordings import midnight_of
from rampart.serve.book import Alarm, Book
from rampart.serve.cap import AlertFiles
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.making import Place, channels_of
from rampart.serve.channels.notice import Channel
from rampart.serve.clocks import Clock, FeedClock, WallClock
from rampart.serve.desk import Desk
from rampart.serve.feeds import Box, Feed, Receiver
from rampart.serve.herald import Herald
from rampart.serve.keys import own_key
from rampart.serve.live import Live
from rampart.serve.parts import LiveFolder, Recovered, recover
from rampart.serve.teller import Teller
from rampart.warn.zones import zones_and_repairs

REHEARSED_S = 40.0
"""So much of the packaged night is flown before the doors open, so that no kernel is loaded under an alarm."""
SWITCH_S = 0.0005
"""The engine's thread keeps those that have an alarm to send waiting for so long at most, not for Python's 5 ms."""
TELL_WITHIN_S = 2.0
SEND_WITHIN_S = 2.0
"""After a stop, what channels have not yet sent may go out for so long."""


def serve(
    site_path: Path,
    out: Path,
    feeds: tuple[Feed, ...] = (),
    mode: str = "test",
    clock_name: str | None = None,
    date: str | None = None,
) -> tuple[str, str]:
    """Run until SIGINT or SIGTERM; return what to say at the end, and a line of what failed, empty where nothing did.

    Raises RampartError where it cannot begin.

    `feeds` stand in for those of the site's file, where there are any. `clock_name`: `wall` or `feeds`.
    """
    files = InputFiles()
    site = replace(read_site(site_path, files), mode=mode)
    feeds = feeds or read_feeds(site_path, files)
    if not feeds:
        wanted = 'a feed: [[feed]] with listen = "udp://…" in the site\'s file, or --feed udp://ADDRESS:PORT'
        raise InputError(f"{site_path}: feed", wanted)
    clock_name = clock_name or ("feeds" if mode == "test" else "wall")
    if mode == "live" and clock_name != "wall":
        raise InputError("--clock", "wall in mode live: a recording is no live radar", clock_name)
    midnight_s = midnight_of(date) if date else None
    header = JournalHeader(
        mode=mode,
        version=__version__,
        note=f"live run of {site.id}",
        facts={"source": ", ".join(feed.url for feed in feeds), "clock": clock_name},
        files=files.contents,
    )
    receiver = Receiver(feeds, Box(), time.time)
    try:
        folder = LiveFolder(out)
    except RampartError:
        receiver.close()
        raise
    teller = Teller(sys.stdout)
    teller.start()
    try:
        channels = channels_of(read_channels(site_path, files), Place(site, site_path.parent, out))
        station = Station(site, folder, header, receiver, teller, channels)
        for line in _greeting(site, files, receiver, clock_name):
            teller.tell(line)
        for channel, keys in channels:
            teller.tell(f"channel {channel.name}: {', '.join(keys.reaches()) or kind_of(keys)}")
        return station.run(clock_name, midnight_s)
    finally:
        teller.stop(TELL_WITHIN_S)


class Station:
    """One live run: recovered or begun anew, then run, then closed."""

    def __init__(
        self,
        site: Site,
        folder: LiveFolder,
        header: JournalHeader,
        receiver: Receiver,
        teller: Teller,
        channels: list[tuple[Channel, ChannelKeys]],
    ):
        self.site, self.folder, self.header = site, folder, header
        self.receiver, self.teller = receiver, teller
        self.engine = Engine(site)
        self.files = AlertFiles(folder.path / "alerts", site, own_key(header.mode))
        self.channels = channels

    def run(self, clock_name: str, midnight_s: float | None) -> tuple[str, str]:
        """Run until a signal comes; return the last words, and a line of what failed, empty where nothing did."""
        sys.setswitchinterval(SWITCH_S)
        # the feeds are heard from now on: what comes in meanwhile waits in the box
        self.receiver.start()
        spent_s = rehearse()
        self.teller.tell(f"rehearsed in {spent_s:.1f} s: kernels and keys are ready")
        self.folder.put_quarantine_aside()
        before = zones_before(self.folder.files_before(), self.header.files)
        journal, back, words = self._journal()
        book = Book(journal, self.folder.lines, self.site, self._tell_book)
        exchange = Exchange(
            self.channels,
            self.site,
            clock_name == "wall",
            lambda text: book.note(time.time(), text),
            lambda text: self.teller.tell(f"{iso_time(time.time())}  {text}", urgent=True),
        )
        herald = Herald(self.files, book, lambda line: self.teller.tell(line, urgent=True), exchange)
        clock = self._clock(clock_name, midnight_s)
        desk = Desk(self.folder.path / "requests", self.site, lambda text: book.note(time.time(), text))
        live = Live(self.engine, self.receiver, clock, book, herald, self.teller.tell, exchange, desk)
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: live.stop())
        book.start()
        herald.start()
        book.note(time.time(), words or "began")
        if words:
            self.teller.tell(words)
        exchange.zones_were(before)
        if left := self.folder.left_standing:
            exchange.fault(
                f"{len(left)} warnings stood when the run before ended, with other files or another version; nobody"
                f" follows them, and they end by themselves: {', '.join(left[:MOST_TOLD])}"
            )
        exchange.start(back.standing if back else ())
        herald.send([Alarm(event, time.time()) for event in (back.unsent if back else ())])
        desk.start()
        self.teller.tell("listening; Ctrl-C ends")
        try:
            live.run()
        finally:
            self.receiver.stop()
            desk.stop()
            herald.stop()
            sent = exchange.stop(SEND_WITHIN_S)
            for line in sent:
                book.note(time.time(), line)
            whole = book.stop()
            if not book.lines_whole:
                self.folder.write_lines_anew()
        words = "\n".join([*sent, self._last_words(live, herald, whole)])
        return words, fault_line(herald.scribe.failed, [*exchange.faults, *live.faults], whole)

    def _journal(self) -> tuple[Journal, Recovered | None, str]:
        """Return the journal to write, and what came back with a line on it where one is gone on with."""
        reader = self.folder.part_to_continue(self.header, time.time())
        if reader is None:
            return self.folder.begin(self.header), None, ""
        begin_s = time.monotonic()
        back = recover(reader, self.engine, self.files, lambda n: self.teller.tell(f"recovering: {n} inputs"))
        line = (
            f"recovered {back.inputs} inputs in {time.monotonic() - begin_s:.1f} s;"
            f" was away since {iso_time(back.last_s)} at the latest"
        )
        if back.differing:
            line += f"; {back.differing} inputs came out otherwise than they are written"
        return self.folder.resume(back.missing), back, line

    def _clock(self, name: str, midnight_s: float | None) -> Clock:
        if name == "wall":
            return WallClock()
        time_s = self.engine.time_s if np.isfinite(self.engine.time_s) else None
        return FeedClock(decoder_of(self.site), midnight_s, time_s)

    def _tell_book(self, state: str, reason: str) -> None:
        self.teller.tell(f"{iso_time(time.time())}  health  journal {state}: {reason}", urgent=True)

    def _last_words(self, live: Live, herald: Herald, whole: bool) -> str:
        delays_ms = np.array(herald.scribe.delays_s) * 1e3
        dropped = sum(self.receiver.dropped) + self.receiver.box.lost
        lines = [f"{live.datagrams} datagrams taken, {dropped} lost on the way in"]
        if len(delays_ms):
            lines.append(
                f"{len(delays_ms)} alerts, from datagram to file {np.median(delays_ms):.0f} ms in the median,"
                f" {delays_ms.max():.0f} ms at most"
            )
        if failed := herald.scribe.failed:
            lines.append(f"SYSTEM FAULT: {failed} ALERTS HAVE NO SIGNED FILE; the journal says why")
        lines.append("the journal is closed" if whole else "THE JOURNAL IS NOT WHOLE: the disk refused")
        return "\n".join(lines)


def zones_before(before: dict[str, bytes], now: dict[str, bytes]) -> tuple[Zone, ...]:
    """Return the zones in the files of the run before, where that file is another one than now; else none."""
    if "zones" not in before or before["zones"] == now.get("zones"):
        return ()
    try:
        return read_site(Path("site.toml"), InputFiles(before)).zones
    except RampartError:
        # another version of Rampart took what this one does not
        return ()


def fault_line(unsigned: int, faults: list[str], journal_whole: bool) -> str:
    """Return one line of what failed in a run: alerts without a signed file, other faults, a torn journal; else ""."""
    told = [f"{unsigned} alerts have no signed file"] if unsigned else []
    others = [fault for fault in faults if "no signed file" not in fault]
    told += [f"{len(others)} times, the last: {others[-1]}"] if others else []
    told += [] if journal_whole else ["the journal is not whole"]
    return f"SYSTEM FAULT: {'; '.join(told)}; the journal and events.jsonl say when" if told else ""


def _greeting(site: Site, files: InputFiles, receiver: Receiver, clock_name: str) -> list[str]:
    """Return the lines with which a run begins."""
    clock = {"wall": "this machine's clock", "feeds": "the time of day in the feeds"}[clock_name]
    marked = {"live": "Actual", "exercise": "Exercise", "test": "Test"}[site.mode]
    lines = [f"{site.name}: mode {site.mode.upper()}, alerts are marked {marked}; by {clock}"]
    lines += [f"radar {radar.id}: source {radar.sac}/{radar.sic}" for radar in site.radars]
    for i, feed in enumerate(receiver.feeds):
        lines.append(f"feed {feed}: the system holds {receiver.buffer_octets(i) >> 10} KiB")
    text = files.contents["zones"].decode("utf-8-sig")
    repairs = zones_and_repairs(text, str(files.places["zones"]))[1]
    return [*lines, *(f"zones: {repair}" for repair in repairs)]


def rehearse() -> float:
    """Fly part of the packaged night through an engine of its own, to signed alerts; return the seconds it took."""
    begin_s = time.monotonic()
    flown = fly(packaged_scenario("baghdad-2020-11-17"), InputFiles(), None)
    engine = Engine(flown.site, simulated=True)
    looks = itertools.takewhile(
        lambda arrival: arrival.time_s < flown.scenario.start_s + REHEARSED_S, arrivals_of(flown)
    )
    with tempfile.TemporaryDirectory(prefix="rampart-") as name:
        files = AlertFiles(Path(name), flown.site, own_key(flown.site.mode))
        for entry in entries_of(looks):
            for event in engine.step(input_of(entry, flown.site)):
                if isinstance(event, AlertEvent):
                    files.write(event)
    # what has been loaded so far stays: the collector need not look through it under an alarm
    gc.collect()
    gc.freeze()
    return time.monotonic() - begin_s
