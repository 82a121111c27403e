"""A site, its air and its projectiles, for the tests of the physics."""

import numpy as np
import pytest

from rampart.physics.atmosphere import standard_air, with_wind
from rampart.physics.drag import MORTAR, ROCKET, SHAPE_CURVES
from rampart.physics.geodesy import frame_at
from rampart.physics.motion import world_at
from rampart.physics.terrain import flat_terrain


@pytest.fixture(scope="session")
def frame():
    return frame_at(np.radians(33.315), np.radians(44.42), 34.0)


@pytest.fixture(scope="session")
def air():
    return with_wind(standard_air(), 4.0, -3.0)


@pytest.fixture(scope="session")
def world(frame, air):
    return world_at(frame, air)


@pytest.fixture(scope="session")
def still_world(frame):
    return world_at(frame, standard_air())


@pytest.fixture(scope="session")
def ground():
    return flat_terrain(34.0)


@pytest.fixture(scope="session")
def rocket_curve():
    return SHAPE_CURVES[ROCKET].copy()


@pytest.fixture(scope="session")
def mortar_curve():
    return SHAPE_CURVES[MORTAR].copy()


def state_of(
    speed_mps, elevation_deg, log_drag, azimuth_deg=250.0, place=(1500.0, 900.0, 20.0), wind=(0.0, 0.0)
):
    elevation, azimuth = np.radians([elevation_deg, azimuth_deg])
    across = speed_mps * np.cos(elevation)
    velocity = (across * np.sin(azimuth), across * np.cos(azimuth), speed_mps * np.sin(elevation))
    return np.array([*place, *velocity, log_drag, *wind])


@pytest.fixture
def rocket_state():
    """A 122 mm rocket at burn-out: 690 m/s, 45 kg; it flies 75 s through Mach 2.2 to 0.8."""
    return state_of(690.0, 44.0, np.log(np.pi / 4 * 0.122**2 / 45.0), place=(1500.0, 900.0, 320.0))


@pytest.fixture
def mortar_state():
    """An 81 mm mortar bomb at the muzzle, subsonic throughout."""
    return state_of(225.0, 62.0, np.log(np.pi / 4 * 0.081**2 / 4.2), place=(0.0, 0.0, 2.0))
