"""`rampart serve` as a user runs it: a process of its own, its lines read, ended by a signal."""

import signal
import subprocess
import sys
import time
from pathlib import Path


class Server:
    """A server in `folder/NAME`, heard until `stop` or `kill`."""

    def __init__(self, folder: Path, *arguments, name: str = "live"):
        self.out = folder / name
        self.log = folder / f"{name}.log"
        command = [sys.executable, "-m", "rampart.cli", "serve", *map(str, arguments), "--out", str(self.out)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        self.begun = self.said().count("listening; ")
        self.wait_for("listening; ", self.begun + 1, 240.0)

    def said(self) -> str:
        """Return all that it has said."""
        return self.log.read_text()

    def wait_for(self, words: str, times: int = 1, within_s: float = 60.0) -> None:
        """Wait until it has said something so many times."""
        deadline_s = time.monotonic() + within_s
        while self.said().count(words) < times:
            if self.process.poll() is not None or time.monotonic() > deadline_s:
                raise AssertionError(f"never said {words!r}:\n{self.said()}")
            time.sleep(0.02)

    def alerts(self) -> list[str]:
        """Return the names of the alert files, in order."""
        return sorted(path.name for path in (self.out / "alerts").glob("*.xml"))

    def stop(self, how: signal.Signals = signal.SIGINT) -> str:
        """End it as a person does; return all that it said."""
        self.process.send_signal(how)
        assert self.process.wait(60) == 0, self.said()
        return self.said()

    def kill(self) -> None:
        """End it as a power failure does."""
        self.process.kill()
        self.process.wait()
