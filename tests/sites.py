"""Sites for tests, made without files."""

import math

import numpy as np

from rampart.domain.site import Radar, Site, WarningSettings, Zone
from rampart.physics.atmosphere import standard_air
from rampart.physics.geodesy import Frame, frame_at
from rampart.physics.motion import world_at
from rampart.physics.radar import radar_frame
from rampart.physics.terrain import flat_terrain

LATITUDE_DEG, LONGITUDE_DEG, HEIGHT_M = 33.315, 44.42, 34.0


def make_radar(frame: Frame, name: str = "karkh", sic: int = 1, **changes) -> Radar:
    """Return a 3-D radar near the site's origin; `changes` overrule its fields."""
    latitude_rad, longitude_rad = math.radians(33.300), math.radians(44.395)
    fields = {
        "id": name,
        "sac": 25,
        "sic": sic,
        "latitude_rad": latitude_rad,
        "longitude_rad": longitude_rad,
        "height_m": 45.0,
        "sigma": np.array([15.0, 2e-3, 2e-3, 1.0]),
        "min_range_m": 300.0,
        "max_range_m": 30000.0,
        "min_elevation_rad": math.radians(0.5),
        "max_elevation_rad": math.radians(70.0),
        "update_s": 0.5,
        "detection_probability": 0.9,
        "false_plots_per_scan": 5.0,
        "bias": np.zeros(4),
        "bias_sigma": np.array([5.0, 0.5e-3, 0.5e-3, 0.2]),
        "clock_offset_s": 0.0,
        "apparent_elevation": False,
        "edition": {},
    } | changes
    place = fields["latitude_rad"], fields["longitude_rad"], fields["height_m"]
    return Radar(**fields, frame=radar_frame(*place, frame))


def square_zone(name: str, latitude_deg: float, longitude_deg: float, half_deg: float = 0.01) -> Zone:
    """Return a square zone about a place."""
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    ring = np.radians([[longitude_deg + i * half_deg, latitude_deg + j * half_deg] for i, j in corners])
    return Zone(name, {"": name}, "public", 1000.0, 30.0, ((ring,),))


def make_site(radars: tuple[Radar, ...] | None = None, zones: tuple[Zone, ...] = (), **changes) -> Site:
    """Return a site over flat ground with one radar, unless others are given."""
    frame = frame_at(math.radians(LATITUDE_DEG), math.radians(LONGITUDE_DEG), HEIGHT_M)
    air = standard_air()
    fields = {
        "id": "here",
        "name": "Here",
        "timezone": "Asia/Baghdad",
        "frame": frame,
        "world": world_at(frame, air),
        "air": air,
        "wind_sigma_mps": 6.0,
        "terrain": flat_terrain(HEIGHT_M),
        "radars": radars or (make_radar(frame),),
        "zones": zones or (square_zone("centre", 33.30, 44.396),),
        "warning": WarningSettings(),
    } | changes
    return Site(**fields)
