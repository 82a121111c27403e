"""Elevation out of a measured height, held against the ellipsoid itself."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.physics.geodesy import enu_from_geodetic, frame_at, geodetic_from_enu
from rampart.physics.radar import geometric_from_apparent_elevation
from rampart.sense.cat048 import elevation_of_height
from rampart.sense.verdicts import radar_table

FAR = st.floats(5e3, 440e3)
AZIMUTH = st.floats(0.0, 2 * math.pi)
HEIGHT = st.floats(-100.0, 15e3)
LATITUDE = st.floats(-1.2, 1.2)


def height_at(range_m, azimuth_rad, elevation_rad, radar) -> float:
    """Return the height over the ellipsoid at the end of a straight line from a radar."""
    frame = frame_at(radar.latitude_rad, radar.longitude_rad, radar.height_m)
    across_m = range_m * math.cos(elevation_rad)
    east_m, north_m = across_m * math.sin(azimuth_rad), across_m * math.cos(azimuth_rad)
    return geodetic_from_enu(east_m, north_m, range_m * math.sin(elevation_rad), frame)[2]


@settings(deadline=None)
@given(range_m=FAR, azimuth_rad=AZIMUTH, height_m=HEIGHT, latitude_rad=LATITUDE)
def test_the_elevation_leads_to_the_height(make_radar, range_m, azimuth_rad, height_m, latitude_rad):
    radar = make_radar(latitude_rad=latitude_rad, height_m=500.0)
    columns = radar_table((radar,))
    elevation_rad = elevation_of_height(range_m, azimuth_rad, height_m, 0, columns)
    if math.isnan(elevation_rad):
        assert abs(height_m - radar.height_m) > range_m
    elif abs(elevation_rad) < 1.5:
        assert height_at(range_m, azimuth_rad, elevation_rad, radar) == pytest.approx(height_m, abs=1.0)


@pytest.mark.uncompiled
def test_a_radar_that_reports_refracted_elevations_is_given_them(make_radar):
    plain = radar_table((make_radar(),))
    apparent = radar_table((make_radar(apparent_elevation=True),))
    true_rad = elevation_of_height(300e3, 1.0, 10e3, 0, plain)
    seen_rad = elevation_of_height(300e3, 1.0, 10e3, 0, apparent)
    assert seen_rad > true_rad + 5e-3
    assert geometric_from_apparent_elevation(seen_rad, 300e3) == pytest.approx(true_rad, abs=1e-9)


@pytest.mark.uncompiled
def test_a_height_that_the_range_does_not_reach_gives_no_elevation(make_radar):
    columns = radar_table((make_radar(),))
    assert np.isnan(elevation_of_height(1000.0, 0.0, 3000.0, 0, columns))
    assert np.isnan(elevation_of_height(0.0, 0.0, 30.0, 0, columns))
    assert elevation_of_height(1000.0, 0.0, 1045.0, 0, columns) == pytest.approx(math.pi / 2, abs=0.02)


def test_two_radars_place_one_aircraft_at_one_spot(make_radar):
    place = (math.radians(33.9), math.radians(45.4), 9000.0)
    for latitude_deg in (33.0, 34.5):
        radar = make_radar(latitude_rad=math.radians(latitude_deg))
        frame = frame_at(radar.latitude_rad, radar.longitude_rad, radar.height_m)
        east_m, north_m, up_m = enu_from_geodetic(*place, frame)
        range_m, azimuth_rad = math.hypot(east_m, north_m, up_m), math.atan2(east_m, north_m)
        columns = radar_table((radar,))
        elevation_rad = elevation_of_height(range_m, azimuth_rad, 9000.0, 0, columns)
        assert elevation_rad == pytest.approx(math.asin(up_m / range_m), abs=1e-6)
