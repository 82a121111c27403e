"""A turning antenna and standing faces meet things when their geometry says so."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.simulate.beam import Electronic, Rotating
from rampart.simulate.surroundings import RadarModel
from tests.sites import make_radar, make_site

UPDATE_S = 2.0
TURNING = Rotating(UPDATE_S)


def still(azimuth_rad: float, elevation_rad: float = 0.1):
    return lambda _: (azimuth_rad % (2.0 * math.pi), elevation_rad)


def turning(azimuth_rad: float, rate_radps: float):
    return lambda t: ((azimuth_rad + rate_radps * t) % (2.0 * math.pi), 0.1)


def electronic(**changes) -> Electronic:
    radar = make_radar(make_site().frame, update_s=UPDATE_S)
    return Electronic(radar, RadarModel("karkh", **changes))


@given(st.floats(0.0, 6.28))
def test_what_stands_still_is_met_once_a_turn_when_the_antenna_points_at_it(azimuth_rad):
    (meeting,) = TURNING.meetings(still(azimuth_rad), 100.0)
    assert meeting.time_s == pytest.approx(100.0 + azimuth_rad / (2.0 * math.pi) * UPDATE_S, abs=1e-3)


@given(st.floats(0.0, 6.28), st.floats(-0.5, 0.5))
def test_what_moves_is_met_where_the_antenna_points(azimuth_rad, rate_radps):
    """Ten turns: as many meetings as the antenna's turns relative to the thing, each on the beam."""
    place = turning(azimuth_rad, rate_radps)
    met = [m.time_s for k in range(10) for m in TURNING.meetings(place, k * UPDATE_S)]
    for time_s in met:
        beam_rad = 2.0 * math.pi * time_s / UPDATE_S
        assert math.remainder(place(time_s)[0] - beam_rad, 2.0 * math.pi) == pytest.approx(0.0, abs=1e-3)
    turns = 10 * (1.0 - rate_radps * UPDATE_S / (2.0 * math.pi))
    assert abs(len(met) - turns) <= 1.0
    gaps = [b - a for a, b in pairwise(met)]
    assert gaps == pytest.approx(
        [UPDATE_S / (1.0 - rate_radps * UPDATE_S / (2.0 * math.pi))] * len(gaps), abs=2e-3
    )


def test_electronic_faces_look_at_the_same_time():
    scan = electronic()
    met = [scan.meetings(still(0.3 + k * math.pi / 2.0), 0.0)[0].time_s for k in range(4)]
    assert met == pytest.approx([met[0]] * 4)


def test_an_electronic_radar_looks_low_first_and_everywhere_once():
    scan = electronic()
    low, high = (scan.meetings(still(0.2, math.radians(e)), 0.0)[0] for e in (1.0, 60.0))
    assert 0.0 <= low.time_s < high.time_s < UPDATE_S
    assert scan.share(0.2, math.radians(1.0)) == pytest.approx(low.time_s / UPDATE_S)


def test_a_rotating_radar_gives_every_azimuth_its_time_and_an_electronic_one_every_bar():
    azimuths = [math.radians(a) for a in (10.0, 100.0, 190.0, 280.0)]
    rotating = [TURNING.share(a, 0.02) for a in azimuths]
    standing = [electronic().share(a, 0.02) for a in azimuths]
    assert rotating == sorted(rotating)
    assert max(rotating) - min(rotating) == pytest.approx(0.75)
    assert max(standing) - min(standing) < 0.05


@given(st.floats(-3.1, 3.1), st.floats(0.01, 1.2))
def test_the_beam_stands_no_farther_off_than_half_a_step(azimuth_rad, elevation_rad):
    """Losses: at most 2 x 12.04 (0.375^2 + 0.375^2) dB of the beam, and of steering to 45 and 55 degrees."""
    (meeting,) = electronic().meetings(still(azimuth_rad, elevation_rad), 0.0)
    assert (
        0.0 <= meeting.loss_db < 2.0 * 12.04 * 2.0 * 0.39**2 - 30.0 * math.log10(math.cos(math.radians(70.0)))
    )


def test_one_face_sees_its_side_alone():
    scan = electronic(faces=1, boresight_azimuth_rad=math.radians(90.0))
    assert scan.meetings(still(math.radians(100.0)), 0.0)
    assert not scan.meetings(still(math.radians(270.0)), 0.0)
    assert math.isnan(scan.share(math.radians(270.0), 0.1))


def test_nothing_is_met_above_the_highest_beam_or_where_nothing_is_known():
    assert not electronic().meetings(still(0.2, 1.4), 0.0)
    assert not electronic().meetings(still(0.2, math.nan), 0.0)


def test_what_leaves_its_beam_before_it_comes_is_missed_or_met_in_it():
    """Something that crosses a beam in a fraction of an update is never met far from a beam's middle."""
    scan = electronic()
    for start_rad in (0.0, 0.05, 0.11, 0.3):
        for meeting in scan.meetings(turning(start_rad, 0.4), 0.0):
            assert meeting.loss_db < 60.0
