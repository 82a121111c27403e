"""A site, zones and forecasts to warn with."""

import json
import math
import zipfile
from pathlib import Path

import numpy as np

from rampart.domain.forecast import Forecast
from rampart.domain.site import Site, WarningSettings, Zone
from rampart.physics.atmosphere import standard_air
from rampart.physics.geodesy import frame_at, geodetic_from_enu_each
from rampart.physics.motion import world_at
from rampart.physics.terrain import flat_terrain

FRAME = frame_at(math.radians(33.315), math.radians(44.42), 34.0)
AIR = standard_air()
REAL_ZONES = Path(__file__).parents[3] / "shared/data/alerts/oref_alert_area_to_polygon.json.zip"


def make_site(zones: tuple[Zone, ...] = (), mode: str = "test", **warning: float) -> Site:
    """Return a site without radars; `warning` overrules the settings."""
    return Site(
        id="here", name="Here", timezone="Asia/Baghdad", frame=FRAME, world=world_at(FRAME, AIR), air=AIR,
        wind_sigma_mps=6.0, terrain=flat_terrain(34.0), radars=(), zones=zones,
        warning=WarningSettings(**warning), mode=mode,
    )  # fmt: skip


def make_zone(name: str, corners_m: list[tuple[float, float]], *holes_m: list[tuple[float, float]]) -> Zone:
    """Return a zone with these corners on the plane, east and north."""
    rings = tuple(np.radians(lonlat_deg(corners)) for corners in (corners_m, *holes_m))
    return Zone(name, {"en": name.title(), "ar": "المنطقة"}, "public", 1000.0, 15.0, (rings,))


def make_box(name: str, east_m: float, north_m: float, half_m: float) -> Zone:
    """Return a square zone."""
    offsets = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    return make_zone(name, [(east_m + half_m * e, north_m + half_m * n) for e, n in offsets])


def lonlat_deg(enu_m) -> np.ndarray:
    """Return longitude and latitude of places on the plane."""
    flat = np.column_stack([np.asarray(enu_m, float), np.zeros(len(enu_m))])
    return np.degrees(geodetic_from_enu_each(flat, FRAME)[:, [1, 0]])


def make_forecast(track: int = 1, **changes) -> Forecast:
    """Return a forecast of one component, coming down at the origin at time 30 with 100 m of spread."""
    mean = np.atleast_2d(changes.pop("impact_enu_m", (0.0, 0.0))).astype(float)
    k = len(mean)
    values = {
        "time_s": 10.0,
        "weight": np.full(k, 1.0 / k),
        "impact_enu_m": mean,
        "impact_cov_m2": np.broadcast_to(np.eye(2) * 100.0**2, (k, 2, 2)).copy(),
        "impact_time_s": np.full(k, float(changes.pop("impact_at_s", 30.0))),
        "impact_time_sd_s": np.full(k, 0.3),
        "class_probability": np.array([1.0, 0.0, 0.0]),
        "ballistic_probability": 1.0,
        "state_enu": np.zeros(9),
        "fate": np.zeros(4),
        "first_plot_s": 0.0,
        "last_plot_s": 10.0,
    }
    return Forecast(track=track, **(values | changes))


def read_real_zones(count: int | None = None) -> tuple[Zone, ...]:
    """Return real alert zones, through the reader itself."""
    from rampart.warn.zones import zones_of

    areas = json.loads(zipfile.ZipFile(REAL_ZONES).read("area_to_polygon.json"))
    features = [
        {
            "type": "Feature",
            "properties": {"id": name, "name": {"he": name}},
            "geometry": {"type": "Polygon", "coordinates": [[[lon, lat] for lat, lon in ring]]},
        }
        for name, ring in list(areas.items())[:count]
    ]
    return zones_of(json.dumps({"type": "FeatureCollection", "features": features}), "real zones")
