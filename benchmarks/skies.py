"""Skies without a projectile in them: recorded aircraft brought past the radars, and jets, helicopters, birds, patches.

Every flight of the recordings is flown once: the five minutes of it that have most reports, moved so that their middle
passes within a few kilometres of the radars.
"""

import math
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rampart.config import read_site
from rampart.domain.site import Site, Zone
from rampart.physics.geodesy import geodetic_from_enu
from rampart.runner import packaged_scenario
from rampart.simulate.scenario import RadarTruth
from rampart.simulate.surroundings import ROTATING, SWERLING_3, Birds, ClutterPatch, Drone, RadarModel
from rampart.simulate.traffic import Bystander
from tools import adsb_traffic

ROOT = Path(__file__).resolve().parents[1]
ADSB = ROOT.parent / "shared/data/adsb"
START_S = 1605632700.0
WATCH_S, SHIFT_S, ABREAST = 600.0, 300.0, 5
"""A watch of the sky, how long each flight is in it, and how many fly at once."""
NEAR_M = 12e3
"""The middle of a flight's part passes the radars within this."""
STEP_S = 0.25
KM_M = 1e3


LEGS = {
    "dives at 60 m/s": (2500.0, 210.0, [
        (30, 0, 0, 210), (4, -60, 0, 210), (30, -60, 0, 220), (5, 0, 0, 220), (60, 0, 0, 210),
    ]),
    "dives at 120 m/s and pulls up": (5000.0, 230.0, [
        (25, 0, 0, 230), (4, -120, 0, 220), (28, -120, 0, 230), (5, 80, 0, 200), (20, 80, 0, 180), (46, 0, 0, 200),
    ]),
    "turns hard": (1500.0, 220.0, [
        (20, 0, 0, 220), (12, 0, 0.25, 210), (10, 0, 0, 220), (14, 0, -0.28, 200), (10, 30, 0, 220),
        (12, -30, 0.25, 210), (30, 0, 0, 220),
    ]),
    "climbs in afterburner": (200.0, 90.0, [
        (8, 5, 0, 140), (6, 150, 0, 170), (40, 180, 0, 150), (12, 0, 0, 240), (40, 0, 0, 240),
    ]),
    "loops up and over": (1200.0, 230.0, [
        (20, 0, 0, 230), (7, 160, 0, 120), (8, 150, 0, 60), (9, -90, 0.35, 90), (10, -120, 0, 160),
        (6, 0, 0, 220), (40, 0, 0, 220),
    ]),
    "helicopter stops and hovers": (120.0, 60.0, [
        (30, 0, 0, 60), (14, 0, 0, 1), (40, 0, 0, 1), (3, 6, 0, 1), (20, 6, 0.2, 5), (15, -4, 0, 50),
        (40, 0, 0.05, 60),
    ]),
    "bunts at no weight": (7000.0, 180.0, [
        (20, 0, 0, 180), (5, 110, 0, 150), (23, -115, 0, 150), (6, 0, 0, 190), (30, 0, 0, 190),
    ]),
}  # fmt: skip
"""Height m and speed m/s to begin with; legs of seconds, climb m/s and turn rad/s, speed over the ground m/s, of which
climb and speed pass evenly from one leg to the next."""


@dataclass(frozen=True)
class Eyes:
    """One way of seeing: a name, a look every so often, Doppler or not, radars, reach, errors, physics."""

    name: str
    update_s: float = 0.5
    doppler: bool = True
    radars: int = 1
    reach_m: float = 30e3
    bias_rad: float = 0.0
    models: tuple[RadarModel, ...] = ()


EYES = (
    Eyes("0.5 s", 0.5),
    Eyes("1 s", 1.0, reach_m=40e3),
    Eyes("4 s", 4.0, reach_m=60e3),
    Eyes("0.5 s, no Doppler", 0.5, doppler=False),
    Eyes("1 s, no Doppler, 0.1 deg bias", 1.0, doppler=False, reach_m=40e3, bias_rad=math.radians(0.1)),
    Eyes("4 s, no Doppler", 4.0, doppler=False, reach_m=60e3),
    Eyes("two radars, 0.5 s, 0.1 deg bias", 0.5, radars=2, bias_rad=math.radians(0.1)),
    Eyes("two radars, 1 s and no Doppler", 1.0, doppler=False, radars=2, bias_rad=math.radians(0.1)),
    Eyes(
        "two radars by their physics, 1 s",
        1.0,
        radars=2,
        reach_m=60e3,
        models=(
            RadarModel("karkh", ground_reflection=0.3, refraction_k=1.45, blocks=4),
            RadarModel("rusafa", scan=ROTATING, fluctuation=SWERLING_3, elevation_beam_rad=0.05),
        ),
    ),
)


def site_for(eyes: Eyes) -> Site:
    """Return the packaged place with these radars, and one zone that is all the country below."""
    site = read_site(packaged_scenario("baghdad-2020-11-17").parent / "site.toml")
    sigma = site.radars[0].sigma.copy()
    sigma[3] = sigma[3] if eyes.doppler else np.nan
    radars = tuple(
        replace(radar, update_s=eyes.update_s, max_range_m=eyes.reach_m, sigma=sigma)
        for radar in site.radars[: eyes.radars]
    )
    half = math.radians(0.7)
    latitude_rad, longitude_rad = site.frame.latitude_rad, site.frame.longitude_rad
    corners = [(-half, -half), (half, -half), (half, half), (-half, half), (-half, -half)]
    ring = np.array([(longitude_rad + east, latitude_rad + north) for east, north in corners])
    country = Zone("country", {"": "Country"}, "area", 1e6, 10.0, ((ring,),))
    return replace(site, radars=radars, zones=(country,))


def errors_of(eyes: Eyes, site: Site) -> tuple[RadarTruth, ...]:
    """Return the errors that nobody knows of: the first radar turned one way, the second the other."""
    signs = zip(site.radars, (1.0, -1.0), strict=False)
    return tuple(RadarTruth(r.id, azimuth_bias_rad=s * eyes.bias_rad, elevation_bias_rad=s * eyes.bias_rad)
                 for r, s in signs) if eyes.bias_rad else ()  # fmt: skip


def recorded_flights() -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Return (id, times (n,) s, places (n, 3) m about the middle) of each flight's part; none without recordings."""
    flights = []
    for path in sorted(ADSB.glob("*.json.gz")):
        refused: Counter[str] = Counter()
        fixes = [
            fix for row in adsb_traffic.read_rows(path) if (fix := adsb_traffic.fix_of(row, 0.0, refused))
        ]
        fixes.sort(key=lambda fix: fix.time_s)
        name = path.name.split(".")[0].removeprefix("traffic_")
        for who, flight in adsb_traffic.flights_of(fixes, 4.0, refused).items():
            times_s = np.array([fix.time_s for fix in flight])
            ends = np.searchsorted(times_s, times_s + SHIFT_S, side="right")
            first = int(np.argmax(ends - np.arange(len(ends))))
            part = flight[first : max(int(ends[first]), first + 2)]
            middle = part[len(part) // 2]
            metres = KM_M * adsb_traffic.KM_PER_DEG
            east = metres * math.cos(math.radians(middle.latitude_deg))
            places_m = [
                (
                    east * math.remainder(fix.longitude_deg - middle.longitude_deg, 360.0),
                    metres * (fix.latitude_deg - middle.latitude_deg),
                    fix.height_m,
                )
                for fix in part
            ]
            since_s = np.array([fix.time_s - part[0].time_s for fix in part])
            flights.append((f"{name}/{who}", since_s, np.array(places_m)))
    return flights


def passing(flights, begin_s: float, rng: np.random.Generator) -> list[Bystander]:
    """Return flights as bystanders that pass the radars, all from `begin_s` on, POSIX."""
    found = []
    for name, since_s, places_m in flights:
        out_m, turn_rad = NEAR_M * math.sqrt(rng.random()), rng.uniform(0.0, 2.0 * math.pi)
        moved_m = places_m + np.array([out_m * math.sin(turn_rad), out_m * math.cos(turn_rad), 0.0])
        moved_m[:, 2] = np.maximum(moved_m[:, 2], 60.0)
        found.append(Bystander(name, begin_s + since_s, moved_m))
    return found


def invented(rng: np.random.Generator, begin_s: float) -> list[Bystander]:
    """Return jets that dive, pull up, turn hard and climb in afterburner, and helicopters that stop and hover."""
    return [
        _flown(f"jet {name}", height_m, speed_mps, legs, begin_s + rng.uniform(0.0, 20.0), rng)
        for name, (height_m, speed_mps, legs) in LEGS.items()
    ]


def _flown(name, height_m, speed_mps, legs, begin_s: float, rng: np.random.Generator) -> Bystander:
    """Return a path of legs in which climb, turn and speed pass evenly from one value to the next."""
    marks_s = np.cumsum([0.0, *(leg[0] for leg in legs)])
    times_s = np.arange(0.0, marks_s[-1], STEP_S)
    climb_mps = np.interp(times_s, marks_s, [0.0, *(leg[1] for leg in legs)])
    speed = np.interp(times_s, marks_s, [speed_mps, *(leg[3] for leg in legs)])
    which = np.minimum(np.searchsorted(marks_s, times_s, side="right") - 1, len(legs) - 1)
    turn_radps = np.array([leg[2] for leg in legs])[which]
    course_rad = rng.uniform(0.0, 2.0 * math.pi) + np.cumsum(turn_radps) * STEP_S
    steps_m = STEP_S * np.stack([speed * np.sin(course_rad), speed * np.cos(course_rad), climb_mps], axis=1)
    way_m = np.cumsum(steps_m, axis=0)
    way_m[:, 2] = np.maximum(height_m + way_m[:, 2], 30.0)
    out_m, turn_rad = NEAR_M * math.sqrt(rng.random()), rng.uniform(0.0, 2.0 * math.pi)
    middle_m = way_m[len(way_m) // 2, :2]
    way_m[:, :2] += np.array([out_m * math.sin(turn_rad), out_m * math.cos(turn_rad)]) - middle_m
    return Bystander(name, begin_s + times_s, way_m)


def low_life(site: Site, rng: np.random.Generator) -> dict:
    """Return birds, drones and clutter patches for a scenario, about the radars."""

    def somewhere(out_m: float) -> tuple[float, float]:
        turn_rad = rng.uniform(0.0, 2.0 * math.pi)
        place = geodetic_from_enu(out_m * math.sin(turn_rad), out_m * math.cos(turn_rad), 0.0, site.frame)
        return float(place[0]), float(place[1])

    places = [somewhere(rng.uniform(1e3, 5e3)) for _ in range(8)]
    drones = tuple(
        Drone(
            20.0 * i,
            tuple((*place, 120.0 + 60.0 * k) for k, place in enumerate(places[i : i + 4])),
            15.0,
            10.0,
        )
        for i in range(3)
    )
    return {
        "birds": (
            Birds(20, *somewhere(3e3), 2500.0),
            Birds(20, *somewhere(6e3), 3000.0, heading_rad=rng.uniform(0.0, 6.0)),
        ),
        "drones": drones,
        "clutter": (
            ClutterPatch(*somewhere(rng.uniform(4e3, 9e3)), 800.0, 4.0, range_rate_sigma_mps=2.0),
            ClutterPatch(*somewhere(rng.uniform(8e3, 14e3)), 1500.0, 1.0, 150.0, 0.3, 4.0),
        ),
    }  # fmt: skip
