"""Compiles every kernel once, by a short night in simulation, and says how far it is."""

import sys
import tempfile
import time
from pathlib import Path

from rampart.numerics.jit import cache_folder, watch_compilation

EVERY = 20
"""Where nobody watches a terminal, one line for so many kernels."""


class Counter:
    """Tells how many kernels have been compiled, on one line of a terminal or on a line now and then."""

    def __init__(self):
        self.count = 0
        self.begin_s = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def tell(self, name: str) -> None:
        """Note that the kernel `name` is being compiled."""
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


def main() -> None:
    """Run the packaged scenario and two small recordings into a folder that is thrown away."""
    counter = Counter()
    watch_compilation(counter.tell)
    from rampart import runner

    with tempfile.TemporaryDirectory(prefix="rampart-") as folder:
        scenario = runner.packaged_scenario("baghdad-2020-11-17")
        runner.run_scenario(scenario, Path(folder) / "run")
        for name, content in (("plots.csv", CSV.encode()), ("blocks.raw", CAT048)):
            (Path(folder) / name).write_bytes(content)
            out = Path(folder) / f"of-{name}"
            runner.replay(Path(folder) / name, scenario.with_name("site.toml"), out, "2020-11-17")
    counter.end()


if __name__ == "__main__":
    main()
