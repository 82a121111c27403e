"""Plain lines to whoever watches, from a thread of their own: a stuck terminal holds nothing else up."""

import threading
from collections import deque
from typing import TextIO

MOST_LINES = 2000


class Teller(threading.Thread):
    """Writes lines in order. Where nobody reads them, ordinary ones give way, urgent ones never."""

    def __init__(self, stream: TextIO):
        super().__init__(name="teller", daemon=True)
        self._stream = stream
        self._lines: deque[str] = deque()
        self._urgent: deque[str] = deque()
        self._changed = threading.Condition()
        self._ending = False
        self.untold = 0

    def tell(self, line: str, urgent: bool = False) -> None:
        """Hand over one line; returns at once."""
        with self._changed:
            if urgent:
                self._urgent.append(line)
            elif len(self._lines) < MOST_LINES:
                self._lines.append(line)
            else:
                self.untold += 1
            self._changed.notify()

    def run(self) -> None:
        """Write until `stop`."""
        while (lines := self._taken()) is not None:
            try:
                self._stream.write(self._sayable("".join(f"{line}\n" for line in lines)))
                self._stream.flush()
            except (OSError, ValueError):
                # nobody listens any more: the alerts go out as files all the same
                self.untold += len(lines)

    def stop(self, timeout_s: float) -> None:
        """Write what is left, for at most so long."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        self.join(timeout_s)

    def _sayable(self, text: str) -> str:
        """Return a text with what the terminal's alphabet lacks spelt out: a place's name costs no alarm its line."""
        alphabet = self._stream.encoding or "utf-8"
        return text.encode(alphabet, "backslashreplace").decode(alphabet)

    def _taken(self) -> list[str] | None:
        with self._changed:
            while not (self._lines or self._urgent):
                if self._ending:
                    return None
                self._changed.wait()
            lines = [*self._urgent, *self._lines]
            if self.untold:
                lines.append(f"({self.untold} lines were not told: nobody read them)")
                self.untold = 0
            self._urgent.clear()
            self._lines.clear()
        return lines
