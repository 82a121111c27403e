"""CAT015 records decoded a second, beside libasterix on the same bytes."""

import asterix.base as base
import numpy as np
from asterix import generated

from benchmarks.table import best_of
from rampart.config import read_site
from rampart.domain.scan import Plots
from rampart.runner import packaged_scenario
from rampart.sense.recordings import scan_of
from rampart.simulate.encode import encode_look
from rampart.simulate.sensor import RadarLook

TITLE = "ASTERIX CAT015, one core"


def measure() -> list[dict]:
    """Return rows of records a second: single datagrams of 20 records, and one buffer of 2,000."""
    site = read_site(packaged_scenario("baghdad-2020-11-17").with_name("site.toml"))
    rows = []
    for n in (20, 2000):
        look = _look(n, site)
        block = encode_look(look, site)
        repeats = max(1, 20000 // n)
        ours = (
            repeats
            * n
            / best_of(3, lambda: [scan_of("asterix", block, look.time_s, site) for _ in range(repeats)])
        )
        theirs = n / best_of(1, lambda: _libasterix(block))
        rows.append(_row(n, "Rampart", ours, ours / theirs))
        rows.append(_row(n, "libasterix", theirs, 1.0))
    return rows


def _row(n: int, decoder: str, speed: float, ratio: float) -> dict:
    figures = {"records/s": f"{speed:,.0f}", "times libasterix": f"{ratio:,.0f}"}
    return {"records a datagram": n, "decoder": decoder} | figures


def _look(n: int, site) -> RadarLook:
    rng = np.random.default_rng(1)
    measurement = rng.uniform([300.0, 0.0, 0.0, -600.0], [30000.0, 6.28, 1.2, 600.0], (n, 4))
    sigma = np.tile([15.0, 2e-3, 2e-3, 1.0], (n, 1))
    plots = Plots(np.full(n, 1605632700.0), np.zeros(n, np.int64), measurement, sigma, np.full(n, 20.0))
    return RadarLook(0, 1605632700.0, plots, np.full(n, -1))


def _libasterix(block: bytes) -> list:
    """Decode all blocks, and read the time of each record as a number."""
    times = []
    for raw in base.RawDatablock.parse(base.Bits.from_bytes(block)):
        records = generated.Cat_015_1_2.cv_uap.parse(raw.get_raw_records())
        times += [record.get_item("145").variation.as_uint() for record in records]
    return times
