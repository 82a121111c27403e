"""What was refused, octet by octet, in a file that a person can look into: a JSON object a line."""

import json
from collections import Counter
from pathlib import Path
from typing import BinaryIO

from rampart.domain.wire import iso_time

MOST_OF_A_KIND = 1000
"""So many of one reason and source are kept; the rest of them is counted."""
MOST_OCTETS = 32 * 1024 * 1024
"""So large the file may grow; what does not fit any more is counted."""
FILE_NAME = "quarantine.jsonl"


class Quarantine:
    """Writes `quarantine.jsonl` in a run's folder, once there is something to write; its last line sums up.

    A line: `time` of arrival, `reason`, `source` (SAC/SIC or a radar's id, "" where it is not known),
    how many `octets` of ASTERIX and what they are as `hex`, or the `text` of rows. The last line
    has the `kept` and the `dropped` by reason and source.
    """

    def __init__(self, folder: Path):
        self.path = folder / FILE_NAME
        self.kept: Counter[tuple[str, str]] = Counter()
        self.dropped: Counter[tuple[str, str]] = Counter()
        self._file: BinaryIO | None = None
        self._octets = 0

    def has_room(self, reason: str, source: str) -> bool:
        """Return whether one more of this kind would be kept."""
        return self._octets < MOST_OCTETS and self.kept[reason, source] < MOST_OF_A_KIND

    def add(self, time_s: float, reason: str, source: str, kind: str, content: bytes) -> None:
        """Keep what was refused, as far as there is room; `content` is what came in of that `kind`."""
        facts: dict[str, str | int] = {"time": iso_time(time_s), "reason": reason, "source": source}
        if kind == "asterix":
            facts |= {"octets": len(content), "hex": content.hex()}
        elif content:
            facts |= {"text": content.decode(errors="replace")}
        line = json.dumps(facts, ensure_ascii=False).encode() + b"\n"
        if not self.has_room(reason, source) or self._octets + len(line) > MOST_OCTETS:
            self.drop(reason, source)
            return
        self.kept[reason, source] += 1
        self._write(line)

    def drop(self, reason: str, source: str, count: int = 1) -> None:
        """Count what is not kept."""
        self.dropped[reason, source] += count

    def close(self) -> None:
        """Write the last line, if there was anything, and close the file."""
        if self.kept or self.dropped:
            total = {"kept": _rows(self.kept), "dropped": _rows(self.dropped)}
            self._write(json.dumps(total, ensure_ascii=False).encode() + b"\n")
        if self._file is not None:
            self._file.close()

    def _write(self, line: bytes) -> None:
        if self._file is None:
            self._file = self.path.open("wb")
        self._file.write(line)
        self._octets += len(line)


def _rows(counts: Counter[tuple[str, str]]) -> list[dict]:
    return [
        {"reason": reason, "source": source, "count": count} for (reason, source), count in counts.items()
    ]
