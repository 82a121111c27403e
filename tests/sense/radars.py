"""Sites for the tests of this room, built by hand."""

import math

import numpy as np

from rampart.domain.site import Radar, Site, WarningSettings
from rampart.physics.atmosphere import standard_air
from rampart.physics.geodesy import frame_at
from rampart.physics.motion import world_at
from rampart.physics.radar import radar_frame
from rampart.physics.terrain import flat_terrain

LATITUDE_RAD, LONGITUDE_RAD = math.radians(33.315), math.radians(44.42)
FRAME = frame_at(LATITUDE_RAD, LONGITUDE_RAD, 34.0)
AIR = standard_air()


def make_radar(name: str = "karkh", sac: int = 25, sic: int = 1, **changes) -> Radar:
    """Return a radar near the site's origin that measures range rate."""
    place = {"latitude_rad": LATITUDE_RAD, "longitude_rad": LONGITUDE_RAD, "height_m": 45.0}
    place |= {key: changes.pop(key) for key in place if key in changes}
    keys = {
        "sigma": np.array([15.0, 2e-3, 2e-3, 1.0]),
        "min_range_m": 300.0,
        "max_range_m": 30e3,
        "min_elevation_rad": 0.0,
        "max_elevation_rad": 1.4,
        "update_s": 0.5,
        "detection_probability": 0.9,
        "false_plots_per_scan": 5.0,
        "bias": np.zeros(4),
        "bias_sigma": np.zeros(4),
        "clock_offset_s": 0.0,
        "apparent_elevation": False,
        "edition": {},
    }
    return Radar(
        id=name, sac=sac, sic=sic, **place, frame=radar_frame(*place.values(), FRAME), **(keys | changes)
    )


def make_site(*radars: Radar, mode: str = "test") -> Site:
    """Return a site with the radars; without any, with one of the usual kind."""
    return Site(
        id="here",
        name="Here",
        timezone="UTC",
        frame=FRAME,
        world=world_at(FRAME, AIR),
        air=AIR,
        wind_sigma_mps=6.0,
        terrain=flat_terrain(34.0),
        radars=radars or (make_radar(),),
        zones=(),
        warning=WarningSettings(),
        mode=mode,
    )
