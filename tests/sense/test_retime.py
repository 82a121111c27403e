"""Times of day move by a constant, nothing else does, and what cannot be read stays as it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.domain.scan import Plots
from rampart.sense.asterix import decode
from rampart.sense.retime import retimed
from rampart.simulate.encode import encode_look
from rampart.simulate.sensor import RadarLook
from tests.sites import make_site

START_S = 1605632700.0
CAT048 = bytes.fromhex("30000ef019010000002010002000")


def look(n: int, time_s: float = START_S) -> bytes:
    """Return a look of n plots; every third without Doppler."""
    rng = np.random.default_rng(n)
    measurement = rng.uniform([500.0, 0.0, 0.1, -300.0], [2e4, 6.0, 1.0, 300.0], (n, 4))
    measurement[::3, 3] = np.nan
    plots = Plots(
        np.full(n, time_s), np.zeros(n, np.int64), measurement, np.ones((n, 4)), rng.uniform(10.0, 30.0, n)
    )
    return encode_look(RadarLook(0, time_s, plots, np.full(n, -1)), make_site())


@pytest.mark.parametrize("n", [0, 1, 30])
@pytest.mark.parametrize("shift_s", [1.5, -7.25, 40000.0])
def test_plots_move_and_nothing_else_does(n, shift_s):
    site, payload = make_site(), look(n)
    moved, left = retimed(payload, shift_s)
    assert left == 0
    assert len(moved) == len(payload)
    before, after = decode(payload, START_S, site), decode(moved, START_S + shift_s, site)
    assert np.allclose(after.plots.time_s - before.plots.time_s, shift_s)
    assert np.array_equal(before.plots.measurement, after.plots.measurement, equal_nan=True)
    assert (before.heard, len(after.rejects)) == (after.heard, 0)
    assert retimed(moved, -shift_s)[0] == payload


def test_midnight_is_passed_and_a_false_time_stays():
    assert retimed(CAT048, -1.0)[0][6:9] == (86399 * 128).to_bytes(3, "big")
    false = CAT048[:6] + b"\xff\xff\xff" + CAT048[9:]
    assert retimed(false, 5.0) == (false, 0)


def test_other_categories_and_damage_stay_and_are_counted():
    other = bytes((21, 0, 5, 0x80, 1))
    broken = bytes((48, 0, 5, 0xF0, 1))
    payload = other + CAT048 + broken
    moved, left = retimed(payload, 1.0)
    assert left == 2
    assert moved == other + retimed(CAT048, 1.0)[0] + broken


@given(st.binary(max_size=200), st.floats(-1e5, 1e5))
def test_any_bytes_keep_their_length(payload, shift_s):
    assert len(retimed(payload, shift_s)[0]) == len(payload)
