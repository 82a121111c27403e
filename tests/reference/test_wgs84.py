"""The ellipsoid against published worked examples and constants."""

import numpy as np
import pytest

from rampart.physics.geodesy import (
    SEMI_MINOR_M,
    ecef_from_geodetic,
    enu_from_geodetic,
    frame_at,
    geodetic_from_ecef,
    normal_gravity_mps2,
)


def dms(degrees, minutes, seconds):
    return np.radians(degrees + minutes / 60.0 + seconds / 3600.0)


# IOGP Publication 373-7-2 (EPSG guidance note 7-2), method 9602: example on WGS84, given to 1 mm
LATITUDE, LONGITUDE, HEIGHT_M = dms(53, 48, 33.820), dms(2, 7, 46.380), 73.0
ECEF_M = (3771793.968, 140253.342, 5124304.349)


def test_geocentric_example_of_the_guidance_note():
    assert ecef_from_geodetic(LATITUDE, LONGITUDE, HEIGHT_M) == pytest.approx(ECEF_M, abs=1e-3)
    lat, lon, height = geodetic_from_ecef(*ECEF_M)
    assert lat == pytest.approx(LATITUDE, abs=1e-9)  # 0.001 m on the ground is 1.6e-10 rad
    assert lon == pytest.approx(LONGITUDE, abs=1e-9)
    assert height == pytest.approx(HEIGHT_M, abs=1e-3)


def test_topocentric_example_of_the_guidance_note():
    # method 9837: origin 55 N, 5 E, 200 m, given to 1 mm
    origin = frame_at(np.radians(55.0), np.radians(5.0), 200.0)
    assert tuple(origin.origin_ecef_m) == pytest.approx((3652755.3058, 319574.6799, 5201547.3536), abs=1e-4)
    enu = enu_from_geodetic(LATITUDE, LONGITUDE, HEIGHT_M, origin)
    assert enu == pytest.approx((-189013.869, -128642.040, -4220.171), abs=1e-3)


def test_published_constants():
    # NGA.STND.0036 (2014): b, normal gravity at the pole; given to the last digit below
    assert pytest.approx(6356752.314245, abs=1e-6) == SEMI_MINOR_M
    assert normal_gravity_mps2(np.pi / 2, 0.0) == pytest.approx(9.8321849379, abs=2e-9)
    assert normal_gravity_mps2(0.0, 0.0) == pytest.approx(9.7803253359, abs=1e-10)
