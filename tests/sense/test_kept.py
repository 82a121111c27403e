"""What was kept of a flood comes out of the journal as it went in, and damage is a counted reject."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.domain.scan import NO_PLOTS, Plots, Reject, Scan
from rampart.sense.kept import kept_of_scan, scan_of_kept


def scan_of(n: int, seed: int = 1) -> Scan:
    rng = np.random.default_rng(seed)
    measurement = rng.normal(size=(n, 4))
    measurement[rng.random((n, 4)) < 0.2] = np.nan
    plots = Plots(
        1.6e9 + rng.random(n), rng.integers(0, 3, n), measurement, rng.random((n, 4)), rng.random(n)
    )
    rejects = (Reject("unknown source", 3, "9/9"), Reject("no time"))
    return Scan(float(plots.time_s.max()) if n else 1.6e9, plots, (0, 2), rejects)


@given(st.integers(0, 40), st.integers(0, 1000))
def test_there_and_back(n, seed):
    scan = scan_of(n, seed)
    back = scan_of_kept(kept_of_scan(scan), 1.6e9, 3)
    assert (back.time_s, back.heard, back.rejects) == (scan.time_s, scan.heard, scan.rejects)
    for name in ("time_s", "radar", "measurement", "sigma", "snr_db"):
        one, other = getattr(scan.plots, name), getattr(back.plots, name)
        assert one.dtype == other.dtype
        assert np.array_equal(one, other, equal_nan=True)


@given(st.binary(max_size=400))
def test_any_bytes_are_read(payload):
    assert scan_of_kept(payload, 5.0, 3).time_s == 5.0


@pytest.mark.parametrize("radars", [0, 2])
def test_a_plot_of_no_radar_is_damage(radars):
    back = scan_of_kept(kept_of_scan(scan_of(30)), 5.0, radars)
    assert back == Scan(5.0, NO_PLOTS, (), (Reject("damaged record of kept plots"),))
