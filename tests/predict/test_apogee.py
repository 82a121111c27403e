"""Real flights: the batch fit foretells the apogee of a student rocket from the first half of its coast."""

import numpy as np
import pytest

from benchmarks import apogee

real = pytest.mark.skipif(not apogee.DATA.is_dir(), reason=f"real flights are not there: {apogee.DATA}")


@real
@pytest.mark.parametrize("name", ["Bella Lui", "Juno III", "Prometheus"])
def test_the_apogee_lies_in_the_interval(name):
    """All seven, six of which hold it, are in `python -m benchmarks apogee`."""
    source = next(source for source in apogee.SOURCES if source.name == name)
    flight = apogee.read_flight(source)
    told = apogee.foretell(flight, source.ground_m)
    low_m, high_m = np.quantile(told[:, 1], [0.05, 0.95])
    assert low_m <= flight.apogee_m <= high_m
    assert high_m - low_m < 0.12 * flight.apogee_m
    low_s, high_s = np.quantile(told[:, 0], [0.05, 0.95])
    assert low_s <= flight.apogee_s <= high_s


def test_a_flight_without_data_is_said_to_be_skipped(monkeypatch, tmp_path):
    monkeypatch.setattr(apogee, "DATA", tmp_path / "none")
    (row,) = apogee.measure()
    assert row["flight"] == "skipped"


def test_burn_out_and_apogee_are_found_in_the_heights_alone(monkeypatch, tmp_path):
    """A burn of 3 s at 60 m/s2 net, then free fall, and a spike where the parachute's charge goes off."""
    time_s = np.arange(0.0, 60.0, 0.05)
    coast_s = np.maximum(time_s - 3.0, 0.0)
    burn_s = np.minimum(time_s, 3.0)
    height_m = 30.0 * burn_s**2 + 180.0 * coast_s - 0.5 * 9.81 * coast_s**2
    top_s, top_m = 3.0 + 180.0 / 9.81, 270.0 + 0.5 * 180.0**2 / 9.81
    height_m[time_s > top_s + 1.0] += np.where(time_s[time_s > top_s + 1.0] < top_s + 1.6, 4000.0, 0.0)
    rows = np.stack([time_s, height_m + np.random.default_rng(4).normal(0.0, 1.0, len(time_s))], axis=1)
    np.savetxt(tmp_path / "made.csv", rows, delimiter=",", header="time,height")
    monkeypatch.setattr(apogee, "DATA", tmp_path)
    flight = apogee.read_flight(apogee.Source("made", "made.csv", "none", (0, 1), 1.0, 0.0))
    assert flight.apogee_s == pytest.approx(top_s, abs=0.15)
    assert flight.apogee_m == pytest.approx(top_m, abs=2.0)
    assert 3.0 < flight.burnout_s < 4.5
    assert flight.sigma_m == apogee.LEAST_SIGMA_M
