"""What comes in at once, before it is read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """A datagram or block, the CSV rows of one radar and time, or a note.

    `kind` is `asterix`, `csv`, or `unread`, whose payload names what a recording holds that cannot be
    given as bytes of its own, a tab, and how often. `time_s`, POSIX: when it came in.
    """

    kind: str
    time_s: float
    payload: bytes
