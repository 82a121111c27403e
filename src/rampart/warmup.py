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


def main() -> None:
    """Run the packaged scenario once into a folder that is thrown away."""
    counter = Counter()
    watch_compilation(counter.tell)
    from rampart import runner

    with tempfile.TemporaryDirectory(prefix="rampart-") as folder:
        runner.run_scenario(runner.packaged_scenario("baghdad-2020-11-17"), Path(folder) / "run")
    counter.end()


if __name__ == "__main__":
    main()
