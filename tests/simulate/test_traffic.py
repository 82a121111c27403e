"""Recorded aircraft fly through their fixes, smoothly; a bad file is one line that names the place."""

import numpy as np
import pytest

from rampart.errors import InputError
from rampart.simulate.look import AIRCRAFT
from rampart.simulate.scenario import Scenario, Traffic
from rampart.simulate.sensor import observe
from rampart.simulate.traffic import Bystander, read_traffic
from rampart.simulate.truth import Truth
from tests.simulate.test_truth import AIR
from tests.sites import make_site

TRAFFIC = """time,id,latitude_deg,longitude_deg,height_m
2020-11-17T17:05:00Z,abc,33.40,44.40,9000
2020-11-17T17:06:00Z,abc,33.45,44.50,9000
"""


def test_a_traffic_file_that_is_no_text_is_refused_in_one_line(tmp_path):
    path = tmp_path / "aircraft.csv"
    for content in (b"\xff\xfe\x00", b""):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"aircraft\.csv"):
            read_traffic(Traffic(str(path)), make_site())
    with pytest.raises(InputError, match=r"missing\.csv: wanted a readable CSV file"):
        read_traffic(Traffic(str(tmp_path / "missing.csv")), make_site())


def test_recorded_aircraft_are_seen(tmp_path):
    path = tmp_path / "aircraft.csv"
    path.write_text(TRAFFIC)
    site = make_site()
    night = Scenario("t", 1605632700.0, 1, 70.0, (), AIR, traffic=(Traffic(str(path)),))
    looks = list(observe(Truth((), site.world), night, site, np.random.default_rng(1)))
    seen = [look for look in looks if np.any(look.origin == AIRCRAFT)]
    assert len(seen) > 60
    assert seen[-1].time_s <= 1605632760.0
    (flight,) = read_traffic(Traffic(str(path)), site)
    assert flight.state_at(1605632699.0) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("33.45", "north", "row 3: latitude_deg: 'north': wanted a number"),
        ("2020-11-17T17:06:00Z", "noon", "row 3: time: 'noon': wanted an ISO-8601 time"),
        ("time,id", "when,id", "wanted a header with time"),
        ("33.40,44.40,9000", "33.40,44.40,nan", "row 2: height_m: 'nan': wanted a number"),
    ],
)
def test_a_bad_traffic_file_names_row_and_column(tmp_path, old, new, said):
    path = tmp_path / "aircraft.csv"
    path.write_text(TRAFFIC.replace(old, new))
    with pytest.raises(InputError, match=said):
        read_traffic(Traffic(str(path)), make_site())


def test_between_fixes_a_turn_is_round():
    """A standard turn, 3 degrees a second at 120 m/s, fixed every 5 s: within 2 m and 2.5 m/s of the circle."""
    rate, speed_mps = np.radians(3.0), 120.0
    times_s = np.arange(0.0, 121.0, 5.0)

    def place(t):
        return speed_mps / rate * np.array([np.sin(rate * t), 1.0 - np.cos(rate * t), 0.0])

    flight = Bystander("turning", times_s, np.array([place(t) for t in times_s]))
    for t in np.arange(10.0, 110.0, 0.7):
        position_m, velocity_mps = flight.state_at(t)
        assert np.linalg.norm(position_m - place(t)) < 2.0
        true_mps = speed_mps * np.array([np.cos(rate * t), np.sin(rate * t), 0.0])
        assert np.linalg.norm(velocity_mps - true_mps) < 2.5


def test_across_a_gap_nothing_is_known_and_nothing_is_bent():
    times_s = np.array([0.0, 10.0, 200.0, 210.0])
    flight = Bystander(
        "gap", times_s, np.array([[0.0, 0, 0], [1000, 0, 0], [1000, 9000, 0], [1000, 10000, 0]])
    )
    assert flight.state_at(100.0) is None
    assert flight.state_at(9.0)[1] == pytest.approx([100.0, 0.0, 0.0], abs=1e-3)
    assert flight.state_at(201.0)[1] == pytest.approx([0.0, 100.0, 0.0], abs=1e-3)
