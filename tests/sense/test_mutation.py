"""A short campaign of mutated recordings; `python -m benchmarks.mutation` is the long one."""

import numpy as np
import pytest

from benchmarks.campaign import Campaign
from benchmarks.mutator import MOST_OCTETS, mutate, seeds_of
from tests.sense.conftest import RECORDINGS


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_recordings_are_read_alike_everywhere_and_as_libasterix_reads_them(seed):
    campaign = Campaign(RECORDINGS, seed)
    campaign.run(20_000, oracle_every=100)
    assert campaign.plots > 1000
    assert campaign.rejects > 10_000
    assert campaign.held > 100
    assert 20 < campaign.refused_by_both < campaign.held - 20


def test_the_same_seed_gives_the_same_mutations():
    seeds = seeds_of([b"\x30\x00\x0e\xf0\xff\xff\x00\x00\x00\x20\x10\x00\xa0\x00", bytes(40)])
    octets = np.empty((2, MOST_OCTETS), np.uint8)
    for _ in range(2):
        states = [np.array([5], np.uint64) for _ in range(2)]
        sizes = [
            [mutate(seeds, state, room) for _ in range(100)]
            for state, room in zip(states, octets, strict=True)
        ]
        assert sizes[0] == sizes[1]
        assert octets[0, : sizes[0][-1]].tobytes() == octets[1, : sizes[1][-1]].tobytes()
    assert max(sizes[0]) <= MOST_OCTETS
    assert len(set(sizes[0])) > 10
