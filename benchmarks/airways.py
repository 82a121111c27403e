"""Air traffic to align radars by, as the CSV that `[[traffic]]` reads: invented airways, and recorded aircraft."""

import gzip
import json
import math
from pathlib import Path

import numpy as np

from rampart.domain.site import Site
from rampart.domain.wire import iso_time
from rampart.physics.geodesy import geodetic_from_enu

HEADER = "time,id,latitude_deg,longitude_deg,height_m"
RECORDED = Path(__file__).resolve().parents[2] / "shared/data/adsb/traffic_switzerland.json.gz"
RECORDED_START_S, RECORDED_LATITUDE_DEG, RECORDED_LONGITUDE_DEG = 1533108600.0, 47.458, 8.555
"""Ten minutes with thirteen aircraft over Zurich."""
FIX_S = 2.0
REACH_M = 32e3
"""Half the length of an airway."""
AIRWAYS = 5
FEET_M = 0.3048


def airways_csv(site: Site, start_s: float, duration_s: float, rng: np.random.Generator) -> str:
    """Return aircraft on straight airways at 3 to 11 km, and on a bent approach; about seven at any time.

    An aircraft enters each airway every three minutes or so, the first ones under way at the start.
    """
    lines = [HEADER]
    for airway in range(AIRWAYS):
        heading, across_m = rng.uniform(0.0, 2.0 * math.pi), rng.uniform(-14e3, 14e3)
        height_m, speed_mps = rng.uniform(3000.0, 11000.0), rng.uniform(130.0, 240.0)
        enter_s = -rng.uniform(0.0, 2.0 * REACH_M / speed_mps)
        for number in range(20):
            times_s = enter_s + np.arange(0.0, 2.0 * REACH_M / speed_mps, FIX_S)
            along_m = speed_mps * (times_s - enter_s) - REACH_M
            places = _laid(along_m, np.full(len(along_m), across_m), heading)
            lines += _rows(f"a{airway}-{number}", times_s, places, height_m, site, start_s, duration_s)
            enter_s += rng.uniform(150.0, 210.0)
    enter_s = -100.0
    for number in range(20):
        times_s = np.arange(0.0, 400.0, FIX_S)
        along_m = 95.0 * times_s - 19e3
        bend_m = 1500.0 * np.sin(2.0 * math.pi * along_m / 16e3)
        heights_m = np.maximum(2500.0 - 5.0 * times_s, 600.0)
        lines += _rows(
            f"b{number}", enter_s + times_s, _laid(along_m, bend_m, 1.0), heights_m, site, start_s, duration_s
        )
        enter_s += 150.0
    return "\n".join(lines)


def recorded_csv(site: Site, start_s: float, duration_s: float) -> str | None:
    """Return recorded aircraft, moved from Zurich to the site and to its time; None where the recording is not."""
    if not RECORDED.is_file():
        return None
    with gzip.open(RECORDED) as file:
        fixes = json.load(file)
    origin = site.frame.latitude_rad, site.frame.longitude_rad
    narrower = math.cos(math.radians(RECORDED_LATITUDE_DEG)) / math.cos(origin[0])
    lines = [HEADER]
    for fix in fixes:
        time_s = fix["timestamp"] / 1e3 - RECORDED_START_S
        north_deg, east_deg = (
            fix["latitude"] - RECORDED_LATITUDE_DEG,
            fix["longitude"] - RECORDED_LONGITUDE_DEG,
        )
        if (
            not -30.0 <= time_s <= duration_s + 30.0
            or abs(north_deg) > 0.5
            or abs(east_deg) > 0.7
            or not fix["altitude"]
        ):
            continue
        latitude_deg = math.degrees(origin[0]) + north_deg
        longitude_deg = math.degrees(origin[1]) + east_deg * narrower
        height_m = fix["altitude"] * FEET_M
        lines.append(
            f"{iso_time(start_s + time_s)},{fix['icao24']},{latitude_deg:.6f},{longitude_deg:.6f},{height_m:.1f}"
        )
    return "\n".join(lines)


def _laid(along_m: np.ndarray, across_m: np.ndarray, heading: float) -> np.ndarray:
    """Return places (n, 2) east and north on a way with a heading."""
    east_m = along_m * math.sin(heading) + across_m * math.cos(heading)
    north_m = along_m * math.cos(heading) - across_m * math.sin(heading)
    return np.stack([east_m, north_m], axis=1)


def _rows(name, times_s, places_m, height_m, site: Site, start_s: float, duration_s: float) -> list[str]:
    """Return the rows of one aircraft in the time that counts; heights are over the site's plane."""
    heights_m = np.broadcast_to(height_m, len(times_s))
    rows = []
    for time_s, place_m, up_m in zip(times_s.tolist(), places_m, heights_m.tolist(), strict=True):
        if -FIX_S <= time_s <= duration_s + FIX_S:
            latitude, longitude, height = geodetic_from_enu(place_m[0], place_m[1], up_m, site.frame)
            where = f"{math.degrees(latitude):.7f},{math.degrees(longitude):.7f},{height:.2f}"
            rows.append(f"{iso_time(start_s + time_s)},{name},{where}")
    return rows
