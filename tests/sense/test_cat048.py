"""Elevation out of a measured height, held against the ellipsoid itself."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.domain.track import no_tracks
from rampart.physics.geodesy import enu_from_geodetic, frame_at, geodetic_from_enu
from rampart.physics.radar import geometric_from_apparent_elevation
from rampart.sense.asterix import decode
from rampart.sense.cat048 import FIELDS, RAW_DOPPLER, elevation_of_height, range_rate
from rampart.sense.condition import Condition
from rampart.sense.verdicts import radar_table

NOON_S = 1605614400.0
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


@pytest.mark.uncompiled
def test_elevation_by_hand_on_the_true_earth_and_on_one_of_four_thirds(make_radar):
    """A target 100 km away and 10 km above a radar at sea level, by the triangle with the earth's centre.

    sin = (h^2 + 2 R h - r^2) / (2 R r): with R = 6371 km 0.092231, with 4/3 R 0.094172.
    """
    plain = radar_table((make_radar(height_m=0.0),))
    apparent = radar_table((make_radar(height_m=0.0, apparent_elevation=True),))
    true_rad = elevation_of_height(100e3, 0.8, 10e3, 0, plain)
    seen_rad = elevation_of_height(100e3, 0.8, 10e3, 0, apparent)
    assert math.degrees(true_rad) == pytest.approx(5.292, abs=0.002)
    assert math.degrees(seen_rad) == pytest.approx(5.404, abs=0.002)


def test_the_height_comes_back_through_a_refracting_air(make_site, make_radar, encode_048):
    """I048/110 to an apparent elevation, straightened by Condition, carried back to a height."""
    radar = make_radar(
        apparent_elevation=True, max_range_m=300e3, max_elevation_rad=1.5, min_elevation_rad=-0.1
    )
    site = make_site(radar)
    record = {
        "140": (43200.0, "s"),
        "040": (("RHO", (100.0, "NM")), ("THETA", (45.0, "°"))),
        "110": (0, (36000.0, "ft")),
    }
    scan = Condition(site).step(decode(encode_048(record), NOON_S, site), no_tracks())
    range_m, azimuth_rad, elevation_rad, _ = scan.plots.measurement[0]
    assert height_at(range_m, azimuth_rad, elevation_rad, radar) == pytest.approx(36000.0 * 0.3048, abs=1.0)


def raw_dopplers(speed_mps: float, *intervals_mps: int) -> list[tuple[int, int, int]]:
    """Return the repetitions of I048/120/RDS: Doppler modulo its interval, the interval, a frequency."""
    return [(round(speed_mps) % interval, interval, 9000) for interval in intervals_mps]


@pytest.mark.uncompiled
@pytest.mark.parametrize(
    ("item", "speed_mps"),
    [
        ({"CAL": (0, 0, -312)}, -312.0),
        ({"CAL": (1, 0, -312)}, math.nan),
        # by hand: -312 is 88 modulo 100, 78 modulo 130 and 28 modulo 170; the first two alone also mean 988
        ({"RDS": [(88, 100, 9000), (78, 130, 9000), (28, 170, 9000)]}, -312.0),
        ({"RDS": [(88, 100, 9000), (78, 130, 9000)]}, math.nan),
        ({"RDS": [(88, 100, 9000)]}, math.nan),
        ({"RDS": [(88, 100, 9000), (60, 130, 9000), (28, 170, 9000)]}, math.nan),
        ({"RDS": [(600, 4000, 9000)]}, 600.0),
        ({"RDS": [(3688, 4000, 9000)]}, -312.0),
        ({"RDS": [(5, 0, 9000)]}, math.nan),
        ({"RDS": [(5, 3, 9000)]}, math.nan),
        ({"RDS": []}, math.nan),
        ({"RDS": raw_dopplers(250.0, 97, 113, 131), "CAL": (0, 0, -7)}, -7.0),
    ],
)
def test_a_raw_doppler_counts_where_one_speed_explains_all(make_site, encode_048, item, speed_mps):
    record = {"140": (43200.0, "s"), "040": (("RHO", 1000), ("THETA", 1000)), "120": item}
    measured = decode(encode_048(record), NOON_S, make_site()).plots.measurement[0, 3]
    assert measured == speed_mps or (math.isnan(speed_mps) and math.isnan(measured))


@settings(deadline=None)
@given(speed_mps=st.integers(-900, 900), error=st.lists(st.integers(-1, 1), min_size=3, max_size=3))
def test_raw_dopplers_of_three_intervals_are_resolved(speed_mps, error):
    value = np.full((1, len(FIELDS)), np.nan)
    for turn, (interval_mps, off) in enumerate(zip((107, 139, 173), error, strict=True)):
        value[0, RAW_DOPPLER + 2 * turn : RAW_DOPPLER + 2 * turn + 2] = (
            (speed_mps + off) % interval_mps,
            interval_mps,
        )
    assert abs(range_rate(value, 0) - speed_mps) <= 1.0
