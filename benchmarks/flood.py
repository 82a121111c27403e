"""200,000 plots a second over real UDP on loopback while a salvo is in the air: what is kept, and what it costs."""

import argparse
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rampart.domain.event import AlertEvent
from rampart.domain.scan import Plots
from rampart.domain.site import Site
from rampart.domain.wire import event_of, posix_time
from rampart.files import InputFiles
from rampart.record.journal import read_journal
from rampart.runner import Flown, arrivals_of, fly, packaged_scenario
from rampart.sense.retime import retimed, time_places
from rampart.serve.feeds import feed_of
from rampart.serve.send import Sender
from rampart.simulate.encode import encode_look
from rampart.simulate.sensor import RadarLook

TITLE = "A flood of plots over UDP on loopback during a salvo (simulated)"
PLOTS_PER_S, FLOOD_S = 200_000, 10.0
PLOTS_EACH = 50
"""Plots in one datagram of the flood."""
FLOOD_FROM_S = 12.0
"""After the night's begin: rockets are up since the fifth second, the first comes down at the twenty-eighth."""
NIGHT_S = 50.0
STEP_S = 0.01


@dataclass
class Outcome:
    """What a run under flood shows."""

    sent_plots: int
    flood_s: float
    memory_before_mib: float
    memory_most_mib: float
    facts: list[str] = field(default_factory=list)
    raised: dict[str, float] = field(default_factory=dict)
    recovered_s: float = float("nan")
    last_words: str = ""


class Flood:
    """Datagrams of false plots all over the cover of one radar, drawn anew at every call of `stamped`."""

    def __init__(self, site: Site, radar: int, rng: np.random.Generator):
        own, n = site.radars[radar], PLOTS_EACH
        zeros = np.zeros(n)
        measurement = np.column_stack([np.full(n, 1e3), zeros, zeros + 0.1, zeros])
        plots = Plots(zeros, np.full(n, radar), measurement, np.tile(own.sigma, (n, 1)), np.full(n, 12.0))
        model = bytearray(encode_look(RadarLook(radar, 0.0, plots, np.full(n, -1)), site))
        places = time_places(model, 0, len(model)) or []
        self._head = np.frombuffer(bytes(model[:3]), np.uint8)
        self._records = np.frombuffer(bytes(model[3:]), np.uint8).reshape(n, -1)
        self._time = places[0] - 3
        self._radar, self._rng = own, rng

    def stamped(self, datagrams: int, time_s: float) -> list[bytes]:
        """Return so many datagrams of that time: even over the volume, weak as noise is."""
        if datagrams < 1:
            return []
        rng, radar, n = self._rng, self._radar, datagrams * PLOTS_EACH
        records = np.tile(self._records, (datagrams, 1))
        at = self._time
        _put(records, at, 3, np.full(n, round((time_s % 86400.0) * 128.0)))
        cubes_m3 = rng.uniform(radar.min_range_m**3, radar.max_range_m**3, n)
        _put(records, at + 4, 3, np.cbrt(cubes_m3) * 10.0)
        _put(records, at + 11, 3, rng.uniform(-40000.0, 40000.0, n) % 2**24)
        _put(records, at + 17, 2, rng.uniform(0.0, 2**16, n))
        sines = rng.uniform(np.sin(radar.min_elevation_rad), np.sin(radar.max_elevation_rad), n)
        _put(records, at + 22, 2, np.degrees(np.arcsin(sines)) * 2**16 / 180.0)
        _put(records, at + 27, 1, np.round(10.0 * np.log10(13.8 + rng.exponential(1.0, n))))
        heads = np.tile(self._head, (datagrams, 1))
        rows = np.hstack([heads, records.reshape(datagrams, -1)])
        return [row.tobytes() for row in rows]


def _put(records: np.ndarray, at: int, octets: int, values: np.ndarray) -> None:
    """Write numbers into columns of records."""
    whole = values.astype(np.int64)
    for k in range(octets):
        records[:, at + k] = (whole >> (8 * (octets - 1 - k))) & 0xFF


class Flooder(threading.Thread):
    """Sends false plots, stamped with the time that it is, at a steady rate for a while; `sent` counts them."""

    def __init__(self, floods: list[Flood], url: str, plots_per_s: float, seconds: float):
        super().__init__(daemon=True)
        self._floods, self._seconds = floods, seconds
        self._step_datagrams = plots_per_s * STEP_S / PLOTS_EACH
        self._sender = Sender(feed_of(url))
        self.sent = 0
        self.ended_s = self.lasted_s = 0.0

    def run(self) -> None:
        """Send until the time is over; what a slow machine misses in one step it makes up in the next."""
        begin_s, sent, step = time.monotonic(), 0, 0
        while (spent_s := time.monotonic() - begin_s) < self._seconds:
            due = max(0, int(spent_s / STEP_S * self._step_datagrams) - sent)
            for payload in self._floods[step % len(self._floods)].stamped(due, time.time()):
                self._sender.send(payload)
            sent, step = sent + due, step + 1
            time.sleep(STEP_S)
        self.sent, self.lasted_s, self.ended_s = sent * PLOTS_EACH, spent_s, time.time()
        self._sender.close()


class Server:
    """`rampart serve` in a process of its own, its memory watched."""

    def __init__(self, folder: Path, url: str):
        self.folder = folder
        self._log = (folder / "serve.log").open("wb")
        site = packaged_scenario("baghdad-2020-11-17").with_name("site.toml")
        command = [sys.executable, "-m", "rampart.cli", "serve", str(site), "--out", str(folder / "out")]
        command += ["--feed", url, "--mode", "exercise"]
        self.process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)
        while "listening" not in self.said():
            if self.process.poll() is not None:
                raise RuntimeError(self.said())
            time.sleep(0.1)
        self.memory_before_mib = self.memory_most_mib = memory_mib(self.process.pid)

    def said(self) -> str:
        return (self.folder / "serve.log").read_text()

    def watch(self, until_s: float) -> None:
        """Keep the most memory that is seen until then."""
        while time.time() < until_s:
            self.memory_most_mib = max(self.memory_most_mib, memory_mib(self.process.pid))
            time.sleep(0.1)

    def stop(self) -> str:
        """End the server and return all that it said."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self._log.close()
        return self.said()


def play_night(flown: Flown, url: str, seconds: float, begin_s: float) -> None:
    """Send the night's looks as they come, as if it began at `begin_s`."""
    sender = Sender(feed_of(url))
    shift_s = round((begin_s - flown.scenario.start_s) * 128.0) / 128.0
    for arrival in arrivals_of(flown):
        due_s = arrival.time_s + shift_s
        if due_s > begin_s + seconds:
            break
        time.sleep(max(0.0, due_s - time.time()))
        sender.send(retimed(arrival.payload, shift_s)[0])
    sender.close()


def flood(
    folder: Path,
    plots_per_s: float = PLOTS_PER_S,
    seconds: float = FLOOD_S,
    from_s: float = FLOOD_FROM_S,
    night_s: float = NIGHT_S,
    port: int = 8690,
) -> Outcome:
    """Run a server, a night and a flood of both its radars, and return what happened."""
    url = f"udp://127.0.0.1:{port}"
    flown = fly(packaged_scenario("baghdad-2020-11-17"), InputFiles(), None)
    rng = np.random.default_rng(4)
    floods = [Flood(flown.site, radar, rng) for radar in (0, 1)]
    server = Server(folder, url)
    begin_s = time.time() + 0.5
    night = threading.Thread(target=play_night, args=(flown, url, night_s, begin_s), daemon=True)
    flooder = Flooder(floods, url, plots_per_s, seconds)
    night.start()
    server.watch(begin_s + from_s)
    flooder.start()
    server.watch(begin_s + night_s)
    night.join()
    flooder.join()
    said = server.stop()
    outcome = Outcome(flooder.sent, flooder.lasted_s, server.memory_before_mib, server.memory_most_mib)
    outcome.facts = [line for line in said.splitlines() if "flood" in line or "overran" in line]
    outcome.last_words = "\n".join(said.splitlines()[-3:])
    outcome.raised = raised_after_s(folder / "out" / "journal", begin_s)
    for line in outcome.facts:
        if "flood over" in line:
            outcome.recovered_s = posix_time(line.split("last at ")[1].split()[0]) - flooder.ended_s
    return outcome


def raised_after_s(journal: Path, begin_s: float) -> dict[str, float]:
    """Return for each zone how long after the night's begin it was first raised."""
    raised: dict[str, float] = {}
    reader = read_journal(journal)
    for event in map(event_of, reader.lines()):
        if isinstance(event, AlertEvent) and event.action == "raise":
            raised.setdefault(event.zone, round(posix_time(event.time) - begin_s, 2))
    reader.close()
    return raised


def memory_mib(process: int) -> float:
    """Return the resident memory of a process."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024.0
    return float("nan")


def measure() -> list[dict]:
    """Return rows: one night without a flood, one with it."""
    rows = []
    for plots_per_s in (0, PLOTS_PER_S):
        with tempfile.TemporaryDirectory(prefix="rampart-flood-") as name:
            rows.append(row_of(flood(Path(name), plots_per_s), plots_per_s))
    return rows


def row_of(outcome: Outcome, plots_per_s: float) -> dict:
    """Return an outcome as a row of the table."""
    raised = outcome.raised
    return {
        "plots/s": f"{outcome.sent_plots / outcome.flood_s:,.0f}" if plots_per_s else "none",
        "memory MiB before, at most": f"{outcome.memory_before_mib:.0f}, {outcome.memory_most_mib:.0f}",
        "zones raised": len(raised),
        "the last of them after s": max(raised.values(), default=float("nan")),
        "recovered after s": round(outcome.recovered_s, 2) if plots_per_s else "-",
        "what the server said": " / ".join(line.split("  ", 1)[-1] for line in outcome.facts) or "-",
    }


def main() -> None:
    """Run one flood as told and print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plots-per-s", type=float, default=PLOTS_PER_S)
    parser.add_argument("--seconds", type=float, default=FLOOD_S)
    parser.add_argument("--from-s", type=float, default=FLOOD_FROM_S)
    parser.add_argument("--night-s", type=float, default=NIGHT_S)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rampart-flood-") as name:
        outcome = flood(Path(name), wanted.plots_per_s, wanted.seconds, wanted.from_s, wanted.night_s)
    for key, value in row_of(outcome, wanted.plots_per_s).items():
        print(f"{key}: {value}")
    print(outcome.raised)
    print(outcome.last_words)


if __name__ == "__main__":
    main()
