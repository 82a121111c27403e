"""Compiles every kernel once, by a short night in simulation, and says how far it is.

A second process goes ahead from the other end: it compiles what the night calls last, then what it calls before,
from `kernels.json`, a record of such a night. Where the record is behind the source nothing is lost but time.
"""

import contextlib
import dataclasses
import gc
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from rampart.numerics.jit import cache_folder, expect_entry, make_ready, watch_compilation, watch_entries
from rampart.numerics.kinds import kind_of, value_of

EVERY = 20
"""Where nobody watches a terminal, one line for so many kernels."""
RECORD = Path(__file__).with_name("kernels.json")
"""The kernels that Python calls in the night below, in their order: a name and the kinds of the arguments each."""
GARBAGE = 200_000
"""The compiler makes many small objects that stay: counting them less often saves a tenth of its time."""


class Counter:
    """Tells how many kernels have been compiled, on one line of a terminal or on a line now and then."""

    def __init__(self):
        self.count = 0
        self.begin_s = time.monotonic()
        self.terminal = sys.stderr.isatty()
        self.lock = threading.Lock()

    def tell(self, name: str) -> None:
        """Note that the kernel `name` is being compiled, here or in the other process."""
        with self.lock:
            self.count += 1
            line = f"   compiling kernel {self.count}: {name} ({time.monotonic() - self.begin_s:.0f} s)"
            if self.terminal:
                sys.stderr.write(f"\r{line:<78}")
            elif self.count % EVERY == 1:
                sys.stderr.write(line + "\n")
            sys.stderr.flush()

    def end(self) -> None:
        """Say what was done."""
        start = "\r" if self.terminal else ""
        seconds = time.monotonic() - self.begin_s
        sys.stderr.write(
            f"{start}   kernels ready: {self.count} compiled in {seconds:.0f} s, kept in {cache_folder()}\n"
        )


CSV = """time,radar,range_m,azimuth_deg,elevation_deg,range_rate_mps,snr_db
2020-11-17T17:05:00Z,karkh,9000,80,5,-300,20
2020-11-17T17:05:00.5Z,karkh,8850,80,5,-300,20
"""
CAT048 = bytes.fromhex("30000ef019010000002010002000")
"""One record of a rotating radar: source, time, descriptor, range and azimuth."""


def live_a_night() -> None:
    """Run two rockets of the packaged scenario and two small recordings into a folder that is thrown away."""
    from rampart import runner

    with tempfile.TemporaryDirectory(prefix="rampart-") as folder:
        scenario = shorten(runner.packaged_scenario("baghdad-2020-11-17"), Path(folder))
        runner.run_scenario(scenario, Path(folder) / "run")
        for name, content in (("plots.csv", CSV.encode()), ("blocks.raw", CAT048)):
            (Path(folder) / name).write_bytes(content)
            out = Path(folder) / f"of-{name}"
            runner.replay(Path(folder) / name, scenario.with_name("site.toml"), out, "2020-11-17")
    align_a_little()
    fly_a_little()


def align_a_little() -> None:
    """Let the radars of the packaged scenario share an aircraft for ten seconds, which the night has none of."""
    from rampart.config import read_site
    from rampart.domain.scan import Plots
    from rampart.domain.track import AIRCRAFT, CONFIRMED, TrackTable
    from rampart.physics.radar import measure
    from rampart.runner import packaged_scenario
    from rampart.sense.registration import Registration

    site = read_site(packaged_scenario("baghdad-2020-11-17").with_name("site.toml"))
    registration = Registration(site.radars)
    state, times_s, by = np.array([3e3, 9e3, 4e3, 150.0, 0, 0, 0, 0, 0]), np.arange(20.0), np.arange(20) % 2
    seen = np.array([measure(state, site.radars[radar].frame) for radar in by])
    plots = Plots(times_s, by, seen, np.tile(site.radars[0].sigma, (20, 1)), np.full(20, 15.0))
    one, kinds = np.ones(1), np.zeros((1, 4))
    kinds[0, AIRCRAFT] = 1.0
    for now_s in (15.0, 20.0, 25.0):
        table = TrackTable(
            now_s, np.ones(1, int), np.full(1, CONFIRMED), np.zeros(1, int), np.ones(1, bool), now_s * one,
            state[None, :7], np.eye(7)[None], kinds, 0.0 * one, 0.0 * one, now_s * one, 0.0 * one, (plots,),
        )  # fmt: skip
        registration.step(table, now_s)


def shorten(scenario: Path, folder: Path) -> Path:
    """Write a scenario with its first launch and those of a special fate alone: all kernels are called."""
    copied = Path(shutil.copytree(scenario.parent, folder / "scenario")) / scenario.name
    head, first, *launches = scenario.read_text().split("[[launch]]")
    copied.write_text("[[launch]]".join([head, first, *(each for each in launches if "fate" in each)]))
    return copied


def fly_a_little() -> None:
    """Use the trajectory engine, over level ground and over a slope."""
    from rampart import trajectories
    from rampart.physics.terrain import terrain_from_grid

    level = trajectories.surroundings(33.3, 44.4, 34.0)
    slope = terrain_from_grid(-1e5, -1e5, 2e5, np.array([[0.0, 1.0], [1.0, 2.0]]))
    start = trajectories.state((0, 0, 900), (60, 80, 120), trajectories.log_drag(4.2, 0.081))
    trajectories.fly(start, level, "mortar")
    trajectories.fly_each([start], dataclasses.replace(level, terrain=slope), "mortar")
    trajectories.impact_ellipse(start, np.eye(9), level, "mortar")


def expected() -> list[tuple[Any, list[Any]]]:
    """Return the recorded kernels that are still there, each marked as one that Python calls, and their kinds."""
    found = []
    for name, kinds in json.loads(RECORD.read_text()):
        module, _, kernel = name.partition(":")
        with contextlib.suppress(ImportError, AttributeError):
            ready = getattr(importlib.import_module(module), kernel)
            expect_entry(ready)
            found.append((ready, kinds))
    return found


def go_ahead() -> None:
    """Compile the recorded kernels, last first; print a line for each kernel."""
    watch_compilation(lambda name: print(name, flush=True))
    for ready, kinds in reversed(expected()):
        # a kernel that has changed since: the night itself will compile it
        with contextlib.suppress(Exception):
            make_ready(ready, [value_of(kind) for kind in kinds])


def warm(record: bool = False) -> list[tuple[str, list[Any]]]:
    """Compile all that the night needs, on two cores where there are two, and say how far it is.

    Returns the kernels that Python called, in their order, and the kinds of their arguments.
    """
    counter = Counter()
    watch_compilation(counter.tell)
    called: dict[str, tuple[str, list[Any]]] = {}

    def note(function: Any, values: tuple[Any, ...]) -> None:
        entry = f"{function.__module__}:{function.__name__}", [kind_of(value) for value in values]
        called.setdefault(json.dumps(entry), entry)

    watch_entries(note)
    with contextlib.ExitStack() as stack:
        if (os.cpu_count() or 1) > 1:
            helper = subprocess.Popen(
                [sys.executable, "-m", "rampart.warmup", "ahead"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            stack.callback(helper.wait)
            stack.callback(helper.terminate)
            threading.Thread(target=_relay, args=(helper.stdout, counter), daemon=True).start()
        if not record:  # a kernel that another has made ready for Python would not be seen to be called
            expected()
        live_a_night()
    counter.end()
    return list(called.values())


def _relay(lines: Any, counter: Counter) -> None:
    """Count what the other process compiles."""
    for line in lines:
        counter.tell(line.strip())


def main() -> None:
    """Warm up; with the word `record`, write the record anew."""
    gc.set_threshold(GARBAGE)
    job = sys.argv[1] if len(sys.argv) > 1 else ""
    if job == "ahead":
        go_ahead()
        return
    called = warm(record=job == "record")
    if job == "record":
        rows = ",\n".join(json.dumps(entry) for entry in called)
        RECORD.write_text(f"[\n{rows}\n]\n")


if __name__ == "__main__":
    main()
