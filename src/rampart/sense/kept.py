"""Scans as bytes: what was kept of a flood goes into the journal in this form, and comes back as it was.

A line of JSON (radars heard, rejects, number of plots), a line break, then the columns of the plots one
after the other as little-endian doubles: time, radar, measurement, sigma, signal-to-noise ratio.
"""

import msgspec
import numpy as np

from rampart.domain.scan import NO_PLOTS, Plots, Reject, Scan

WIDTHS = (1, 1, 4, 4, 1)
NUMBERS = sum(WIDTHS)


class Head(msgspec.Struct, frozen=True):
    """What stands before the columns."""

    plots: int
    heard: list[int]
    rejects: list[tuple[str, int, str]]


def kept_of_scan(scan: Scan) -> bytes:
    """Return a scan as bytes; its time is not among them."""
    plots = scan.plots
    rejects = [(reject.reason, reject.count, reject.source) for reject in scan.rejects]
    head = msgspec.json.encode(Head(len(plots), list(scan.heard), rejects))
    columns = (plots.time_s, plots.radar, plots.measurement, plots.sigma, plots.snr_db)
    return head + b"\n" + b"".join(np.ascontiguousarray(column, "<f8").tobytes() for column in columns)


def scan_of_kept(payload: bytes, time_s: float, radars: int) -> Scan:
    """Return the scan of such bytes, at most at `time_s` where it has no plots; a damaged one is a reject.

    `radars`: how many the site has; a plot of none of them is damage too.
    """
    text, _, columns = payload.partition(b"\n")
    try:
        head = msgspec.json.decode(text, type=Head)
        numbers = np.frombuffer(columns, "<f8")
    except (msgspec.MsgspecError, ValueError):
        return _damaged(time_s)
    n = head.plots
    if n < 0 or len(numbers) != NUMBERS * n or not all(0 <= row < radars for row in head.heard):
        return _damaged(time_s)
    rejects = tuple(Reject(*reject) for reject in head.rejects)
    if not n:
        return Scan(time_s, NO_PLOTS, tuple(head.heard), rejects)
    parts = np.split(numbers, np.cumsum(WIDTHS)[:-1] * n)
    radar = parts[1]
    if not np.all((radar >= 0) & (radar < radars)):
        return _damaged(time_s)
    plots = Plots(
        parts[0].copy(), radar.astype(np.int64), parts[2].reshape(n, 4).copy(), parts[3].reshape(n, 4).copy(),
        parts[4].copy(),
    )  # fmt: skip
    return Scan(float(plots.time_s.max()), plots, tuple(head.heard), rejects)


def _damaged(time_s: float) -> Scan:
    return Scan(time_s, NO_PLOTS, (), (Reject("damaged record of kept plots"),))
