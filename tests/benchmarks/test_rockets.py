"""The reference salvo: the same chances give the same rockets, the numbers those that peers were measured on."""

import numpy as np
import pytest

from benchmarks.rockets import salvo, scans_of, seen

FIRST = [6, 20, 20, 7, 2, 1, 11]
STATE_M = [8115.6230853989555, 1371.7775063671108, 1102.935482118246]
PLOTS = 1613
Z = [14284.082390949572, 2.5898513038380724, 0.10818707595121203, -61.224627777030776]
"""Worked out once by the peers' own script, from seed 1000."""


def test_a_seed_gives_the_salvo_that_peers_were_measured_on():
    rng = np.random.default_rng(1000)
    rockets = salvo(rng)
    scans = scans_of(rng, rockets)
    assert [rocket.first for rocket in rockets] == FIRST
    assert rockets[0].state[10, :3] == pytest.approx(STATE_M, abs=1e-6)
    assert sum(len(plots) for plots in scans) == PLOTS
    assert scans[20][0].z == pytest.approx(Z, rel=1e-9)


def test_what_is_seen_of_a_place_to_the_north():
    range_m, azimuth_rad, elevation_rad, rate_mps = seen(
        np.array([0.0, 3000.0, 4000.0, 0.0, -30.0, 0.0, 9.0])
    )
    assert (range_m, rate_mps) == pytest.approx((5000.0, -18.0))
    assert (azimuth_rad, np.sin(elevation_rad)) == pytest.approx((0.5 * np.pi, 0.8))
