"""ASTERIX records decoded to scans a second, beside libasterix and asterix_decoder on the same bytes in one run.

Time is the processor's, so that other work beside does not count. asterix_decoder lives in an environment of its
own (its package has the name of libasterix's):

    python3 -m venv build/peers && build/peers/bin/pip install asterix_decoder==0.7.11

`$RAMPART_PEERS` may name another Python that has it. Where there is none, its rows say so.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asterix.base as base
import numpy as np
from asterix import generated

from rampart.config import read_site
from rampart.domain.scan import Plots
from rampart.domain.site import Site
from rampart.runner import packaged_scenario
from rampart.sense.recordings import scan_of
from rampart.simulate.encode import encode_look
from rampart.simulate.sensor import RadarLook

TITLE = "ASTERIX to scans, one core"
PEER = Path(os.environ.get("RAMPART_PEERS", Path(__file__).resolve().parents[1] / "build/peers/bin/python"))
TIME_S = 1605632700.0
A_DATAGRAM = (1, 20, 100)
A_BUFFER = 50_000
AT_ONCE = 40_000
"""So many records are decoded in each round, however they come."""
PEER_SCRIPT = Path(__file__).with_name("peers") / "asterix_decoder_records.py"


def measure() -> list[dict]:
    """Return rows of records a second: datagrams one at a time, and whole buffers of many blocks."""
    site = read_site(packaged_scenario("baghdad-2020-11-17").with_name("site.toml"))
    kinds: dict[str, Callable[[int], bytes]] = {
        "015, range, angles, Doppler, their sigmas": lambda n: encode_look(_look(n), site),
        "048, range, azimuth, height, Doppler": lambda n: _blocks_048(n, site, heights=True),
        "048, range and azimuth": lambda n: _blocks_048(n, site, heights=False),
    }
    rows = []
    for kind, encode in kinds.items():
        theirs = _libasterix_speed(encode(500), kind)
        for n in (*A_DATAGRAM, A_BUFFER):
            octets, rounds = encode(n), max(1, AT_ONCE // n)
            assert len(scan_of("asterix", octets, TIME_S, site).plots) == n
            spent_s = least_s(9, _repeated(rounds, octets, site))
            come = f"{n} in one buffer" if n == A_BUFFER else f"{n} a datagram"
            rows.append(_row(kind, come, "Rampart", rounds * n / spent_s, theirs))
        rows.append(_row(kind, "500 in one buffer", "libasterix", theirs, theirs))
        rows.append(
            _row(kind, "5000 in one buffer", "asterix_decoder", _peer_speed(encode(5000), kind), theirs)
        )
    return rows


def least_s(times: int, work: Callable[[], object]) -> float:
    """Return the least processor time of so many runs of `work()`, in seconds."""
    spent_s = []
    for _ in range(times):
        begin_s = time.process_time()
        work()
        spent_s.append(time.process_time() - begin_s)
    return min(spent_s)


def _repeated(rounds: int, octets: bytes, site: Site) -> Callable[[], list]:
    return lambda: [scan_of("asterix", octets, TIME_S, site) for _ in range(rounds)]


def _row(kind: str, come: str, decoder: str, speed: float | str, peer: float) -> dict:
    if isinstance(speed, str):
        return {
            "category": kind,
            "records": come,
            "decoder": decoder,
            "records/s": speed,
            "times libasterix": "",
        }
    figures = {"records/s": f"{speed:,.0f}", "times libasterix": f"{speed / peer:,.0f}"}
    return {"category": kind, "records": come, "decoder": decoder} | figures


def _look(n: int) -> RadarLook:
    rng = np.random.default_rng(1)
    measurement = rng.uniform([300.0, 0.0, 0.0, -600.0], [30000.0, 6.28, 1.2, 600.0], (n, 4))
    sigma = np.tile([15.0, 2e-3, 2e-3, 1.0], (n, 1))
    plots = Plots(np.full(n, TIME_S), np.zeros(n, np.int64), measurement, sigma, np.full(n, 20.0))
    return RadarLook(0, TIME_S, plots, np.full(n, -1))


def _blocks_048(n: int, site: Site, heights: bool) -> bytes:
    """Return blocks of n records of primary plots, with I048/110 and /120 or without."""
    rng = np.random.default_rng(1)
    radar = site.radars[0]
    ticks = int(TIME_S % 86400.0 * 128.0).to_bytes(3, "big")
    head = bytes((0xF1, 0x01, 0x0C) if heights else (0xF0,)) + bytes((radar.sac, radar.sic)) + ticks + b"\x20"
    records = []
    for rho, theta, height in rng.integers([2000, 0, 100], [9000, 65536, 400], (n, 3)).tolist():
        record = head + rho.to_bytes(2, "big") + theta.to_bytes(2, "big")
        records.append(record + height.to_bytes(2, "big") + b"\x80\x00\x50" if heights else record)
    parts = [b"".join(records[first : first + 1000]) for first in range(0, n, 1000)]
    return b"".join(b"\x30" + (len(part) + 3).to_bytes(2, "big") + part for part in parts)


def _libasterix_speed(octets: bytes, kind: str) -> float:
    """Return libasterix's records a second: all blocks, and the time of each record as a number."""
    spec = generated.Cat_015_1_2 if kind.startswith("015") else generated.Cat_048_1_32
    item = "145" if kind.startswith("015") else "140"
    times: list = []

    def read() -> None:
        times.clear()
        for raw in base.RawDatablock.parse(base.Bits.from_bytes(octets)):
            records = spec.cv_uap.parse(raw.get_raw_records())
            times.extend(record.get_item(item).variation.as_uint() for record in records)

    spent_s = least_s(2, read)
    return len(times) / spent_s


def _peer_speed(octets: bytes, kind: str) -> float | str:
    """Return asterix_decoder's records a second, or why there is no figure."""
    if kind.startswith("015"):
        return "does not read this category"
    if not PEER.exists():
        return "not measured: no environment with it (see benchmarks/decoding.py)"
    with tempfile.NamedTemporaryFile(suffix=".ast") as file:
        file.write(octets)
        file.flush()
        command = [str(PEER), str(PEER_SCRIPT), file.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, env={}, check=False)
    return float(done.stdout) if done.returncode == 0 else f"failed with status {done.returncode}"


if __name__ == "__main__":
    for row in measure():
        print(row)
