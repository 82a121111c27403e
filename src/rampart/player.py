"""`rampart send`: a recording played onto the wire, with its progress, and what was not sent said at the end."""

import itertools
import math
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rampart.config import read_site
from rampart.errors import InputError
from rampart.progress import progress_over
from rampart.sense.arrival import Arrival
from rampart.sense.retime import TICKS_PER_S, retimed
from rampart.serve.feeds import feed_of
from rampart.serve.send import Play, Sender, paced, play_of

FASTEST = 1e6


def send(
    recording: Path,
    to: str,
    speed: float = 1.0,
    interface: str = "",
    loop: bool = False,
    now: bool = False,
    site_path: Path | None = None,
) -> str:
    """Play a recording to `to`; return what was sent and what not. Raises RampartError where it cannot.

    `speed` may be infinite. With `now` the times of day are moved so that the recording begins now; with
    `loop` it is played until it is interrupted, each time as if it began then.
    """
    if math.isnan(speed) or speed <= 0.0 or FASTEST < speed < math.inf:
        raise InputError("--speed", f"a number above 0, at most {FASTEST:.0f}", speed)
    target = feed_of(to, (), "--to")
    if not target.host:
        raise InputError("--to", "an address to send to, as udp://239.192.0.1:8600", to)
    play = play_of(recording, read_site(site_path) if site_path else None)
    sender = Sender(target, interface)
    told: Counter[str] = Counter(play.left_out)
    sent = octets = 0
    begin_s = time.monotonic()
    try:
        for payload in _played(play, recording.name, speed, loop, now or loop, told):
            sender.send(payload)
            sent += 1
            octets += len(payload)
    except KeyboardInterrupt:
        told["not sent: interrupted"] += 0 if loop else len(play.payloads) - sent
    finally:
        sender.close()
    if sender.refused:
        told["came back: nobody listens there"] = sender.refused
    spent_s = time.monotonic() - begin_s
    lines = [f"{sent} datagrams, {octets} octets to {target.url} in {spent_s:.1f} s"]
    return "\n".join([*lines, *(f"  {count} {reason}" for reason, count in told.items() if count)])


def _played(
    play: Play, name: str, speed: float, loop: bool, now: bool, told: Counter[str]
) -> Iterator[bytes]:
    """Yield what is to be sent, when it is due."""
    span_s = play.time_s[-1] - play.time_s[0]
    for _ in itertools.count() if loop else range(1):
        # to whole ticks of the items, so that all times move alike
        shift_s = round((time.time() - play.time_s[0]) * TICKS_PER_S) / TICKS_PER_S
        for arrival in progress_over(_arrivals(play, speed), span_s, play.time_s[0], name):
            payload = arrival.payload
            if now:
                payload, left = retimed(payload, shift_s)
                told["blocks whose times could not be moved"] += left
            yield payload


def _arrivals(play: Play, speed: float) -> Iterator[Arrival]:
    return (Arrival("asterix", time_s, payload) for time_s, payload in paced(play, speed))
