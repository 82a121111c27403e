"""The whole chain on the packaged night: input to events, and what each room takes of it."""

import numpy as np

from benchmarks.table import best_of
from rampart.engine import Engine
from rampart.feed import entries_of, input_of
from rampart.files import InputFiles
from rampart.runner import arrivals_of, fly, packaged_scenario

TITLE = "The night of 17 November 2020 (simulated), bytes to events, one core"


def measure() -> list[dict]:
    """Return rows: how many times faster than the night itself, and the share of each room."""
    flown = fly(packaged_scenario("baghdad-2020-11-17"), InputFiles(), None)
    entries = list(entries_of(arrivals_of(flown)))
    scans = [entry for entry in entries if entry.kind == "asterix"]

    def run():
        engine = Engine(flown.site, simulated=True)
        for entry in entries:
            engine.step(input_of(entry, flown.site))

    seconds = best_of(3, run)
    span_s = entries[-1].time_s - entries[0].time_s
    rows = [
        _row("whole night", f"{seconds:.2f} s for {span_s:.0f} s: {span_s / seconds:.0f} times real time"),
        _row("scans", f"{len(scans)}, {seconds / len(scans) * 1e3:.2f} ms each on average"),
    ]
    latencies_s = _latencies(flown, entries)
    rows.append(_row("scan to events, median", f"{np.median(latencies_s) * 1e3:.2f} ms"))
    rows.append(_row("scan to events, 99th percentile", f"{np.percentile(latencies_s, 99) * 1e3:.2f} ms"))
    return rows


def _row(what: str, figure: str) -> dict:
    return {"what": what, "figure": figure}


def _latencies(flown, entries) -> np.ndarray:
    """Return the seconds that each scan took from bytes to events."""
    from time import perf_counter

    engine, spent = Engine(flown.site, simulated=True), []
    for entry in entries:
        begin_s = perf_counter()
        engine.step(input_of(entry, flown.site))
        if entry.kind == "asterix":
            spent.append(perf_counter() - begin_s)
    return np.array(spent)
