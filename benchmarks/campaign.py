"""The seeds of a mutation campaign, a site that knows their sources, and the check against libasterix."""

import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from asterix import base, generated

from benchmarks.mutator import (
    GUARD,
    MOST_OCTETS,
    OCTETS,
    PLOTS,
    REJECTS,
    SOUND_INPUTS,
    Kept,
    campaign,
    seeds_of,
)
from rampart.config import read_site
from rampart.domain.scan import Plots
from rampart.domain.site import Site, System
from rampart.numerics.jit import kernel
from rampart.runner import packaged_scenario
from rampart.sense.asterix import FIELDS, tables_of
from rampart.sense.blocks import split_blocks
from rampart.sense.capture import is_capture, udp_payloads
from rampart.sense.reading import empty_room, read_fields
from rampart.sense.tables import book_of, fields_of, newest_layout
from rampart.sense.walk import HEADER_OCTETS, block_end, empty_plans
from rampart.simulate.encode import encode_look
from rampart.simulate.sensor import RadarLook
from tests.sense.specs import random_block, spec_of

ARRIVED_S = 1462433754.0
"""When the capture with plots was made: mutated plots are in time."""
MOST_OF_A_FILE = 20
MADE = 60
ORACLE = {15: "1.2", 34: "1.29", 48: "1.32", 62: "1.21"}


class Campaign:
    """Runs mutated seeds through the decoder; raises AssertionError on anything that goes wrong."""

    def __init__(self, recordings: Path, seed: int):
        site = site_of_the_recordings()
        datagrams = [*real_datagrams(recordings), *made_datagrams(seed, site)]
        self.seeds, self.seed_count = seeds_of(datagrams), len(datagrams)
        self.tables = tables_of(site)
        self.first, self.second = empty_room(MOST_OCTETS, self.tables), empty_room(MOST_OCTETS, self.tables)
        self.buffer = np.zeros(2 * GUARD + MOST_OCTETS, np.uint8)
        self.state = np.array([seed], np.uint64)
        self.plots = self.rejects = self.sound = self.octets = self.held = self.refused_by_both = 0
        self.layouts = {category: newest_layout(category) for category in ORACLE}

    def run(self, inputs: int, oracle_every: int) -> float:
        """Decode so many inputs; return the seconds that it took, without libasterix's."""
        most = inputs // oracle_every + 1
        room = Kept(np.empty(most * MOST_OCTETS, np.uint8), np.empty(most, np.int64))
        begin_s = time.perf_counter()
        fault, kept, counts = campaign(
            self.seeds, self.state, inputs, ARRIVED_S, self.tables, self.buffer, self.first, self.second,
            oracle_every, room,
        )  # fmt: skip
        spent_s = time.perf_counter() - begin_s
        assert fault == 0, f"fault {fault}: {self.buffer[GUARD : GUARD + MOST_OCTETS].tobytes().hex()}"
        self.plots += int(counts[PLOTS])
        self.rejects += int(counts[REJECTS])
        self.sound += int(counts[SOUND_INPUTS])
        self.octets += int(counts[OCTETS])
        begin = 0
        for end in room.ends[:kept].tolist():
            self._hold(room.octets[begin:end])
            begin = end
        return spent_s

    def _hold(self, octets: np.ndarray) -> None:
        """Hold every block of a datagram against libasterix: the same is refused, and as many records are there."""
        start = 0
        while (end := block_end(octets, start, len(octets))) >= 0:
            category = int(octets[start])
            if category in ORACLE:
                ours, theirs = self._records(octets, start, end), their_records(octets[start:end])
                assert ours == theirs, (
                    f"{ours} records, libasterix {theirs}: {octets[start:end].tobytes().hex()}"
                )
                self.held += 1
                self.refused_by_both += theirs < 0
            start = end

    def _records(self, octets: np.ndarray, start: int, end: int) -> int:
        """Return how many records a block has by our walk; -1 where it is refused."""
        layout = self.layouts[int(octets[start])]
        fields = fields_of(layout, FIELDS[int(octets[start])])
        none, plans = np.empty((0, len(fields))), empty_plans(len(fields))
        content = start + HEADER_OCTETS
        records, read = read_fields(octets, content, end, book_of([(layout, fields)]), 0, plans, none)
        return records if content + read == end else -1


def their_records(block: np.ndarray) -> int:
    """Return how many records libasterix finds in a block; -1 where it refuses it."""
    category = int(block[0])
    spec = getattr(generated, f"Cat_{category:03d}_{ORACLE[category].replace('.', '_')}")
    try:
        records = spec.cv_uap.parse(base.Bits.from_bytes(block[HEADER_OCTETS:].tobytes()))
    except (RecursionError, TypeError):
        return -1
    return -1 if isinstance(records, ValueError) else len(records)


def site_of_the_recordings() -> Site:
    """Return a site whose radars have the sources of the real recordings."""
    site = read_site(packaged_scenario("baghdad-2020-11-17").with_name("site.toml"))
    sources = [(25, sic) for sic in (1, 11, 12, 13, 14, 201, 204, 205)]
    radars = tuple(
        replace(site.radars[0], id=f"{sac}-{sic}", sac=sac, sic=sic, edition={}) for sac, sic in sources
    )
    systems = (System("a", 25, 100), System("b", 1, 1))
    return replace(site, radars=radars, systems=systems)


def real_datagrams(recordings: Path) -> list[bytes]:
    """Return the datagrams of the captures and the first blocks of the files; none where they are not there."""
    found: list[bytes] = []
    for path in sorted(recordings.iterdir()) if recordings.is_dir() else ():
        content = path.read_bytes()
        if is_capture(content):
            found += [payload for _, payload in udp_payloads(content)[0]]
        elif path.suffix in (".ast", ".raw"):
            found += split_blocks(content[:50_000])[:MOST_OF_A_FILE]
    return found


def made_datagrams(seed: int, site: Site) -> list[bytes]:
    """Return random valid blocks of each category that is read, and plots of 015: no recording of it is known."""
    rng = random.Random(seed)
    found = [encode_look(look_of(rng.randint(1, 5), k, site), site) for k in range(MADE)]
    for category, edition in ORACLE.items():
        for _ in range(MADE):
            block = bytearray(random_block(spec_of(category, edition), rng, rng.randint(1, 3)))
            first = next(k for k in range(HEADER_OCTETS, len(block)) if not block[k] & 1) + 1
            block[first : first + 2] = bytes((25, 1))
            found.append(bytes(block))
    return found


def look_of(n: int, seed: int, site: Site) -> RadarLook:
    """Return a look of the first radar at n targets anywhere."""
    rng = np.random.default_rng(seed)
    measurement = rng.uniform([300.0, 0.0, 0.0, -600.0], [30000.0, 6.28, 1.2, 600.0], (n, 4))
    sigma, snr_db = np.tile([15.0, 2e-3, 2e-3, 1.0], (n, 1)), np.full(n, 20.0)
    if seed % 2:
        measurement[:, 3] = np.nan
    plots = Plots(np.full(n, ARRIVED_S), np.zeros(n, np.int64), measurement, sigma, snr_db)
    return RadarLook(0, ARRIVED_S, plots, np.full(n, -1))


@kernel
def _read_at(octets, at):
    return octets[at]


def check_bounds_are_checked() -> None:
    """Raise AssertionError unless a read out of bounds is an error in this process."""
    try:
        _read_at(np.zeros(4, np.uint8), 4)
    except IndexError:
        return
    raise AssertionError("indices are not checked: NUMBA_BOUNDSCHECK=1 must be set before numba is imported")
