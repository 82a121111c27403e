"""Birds and drones: how they move, as bystanders that the simulated radars meet."""

import math

import numpy as np

from rampart.domain.site import Site
from rampart.physics.geodesy import enu_from_geodetic
from rampart.simulate.clutter import place_above_ground
from rampart.simulate.look import BIRD, DRONE
from rampart.simulate.surroundings import Birds, Drone
from rampart.simulate.traffic import Bystander

STEP_S = 0.5
TURNING_S = 15.0
"""A bird keeps its course for about so long, and a height or speed somewhat longer."""
WANDER_RAD, STEADY_RAD = 0.8, 0.15
"""How far a bird's course strays in that time: one that wanders, one that travels."""
SECTION_SPREAD_DB = 4.0
CLIMB_MPS = 1.0
DRONE_LAG_S = 1.5
"""A multirotor takes about so long to reach a new velocity."""


def fly_birds(birds: Birds, duration_s: float, start_s: float, site: Site, rng: np.random.Generator):
    """Return the birds of one table as bystanders: courses that stray, speeds and heights within their limits.

    Birds in flapping flight cruise at about 8 to 23 m/s through the air [alerstam]; wind is not added. Of their
    sizes to a radar see [vaughn].
    """
    centre_m = np.array(
        enu_from_geodetic(birds.latitude_rad, birds.longitude_rad, site.frame.height_m, site.frame)
    )[:2]
    times_s = start_s + np.arange(0.0, duration_s + STEP_S, STEP_S)
    return [_bird(i, birds, centre_m, times_s, site, rng) for i in range(birds.count)]


def _bird(
    number: int, birds: Birds, centre_m: np.ndarray, times_s: np.ndarray, site: Site, rng: np.random.Generator
) -> Bystander:
    start_rad, out = rng.uniform(0.0, 2.0 * math.pi), math.sqrt(rng.random())
    ground_m = centre_m + birds.radius_m * out * np.array([math.sin(start_rad), math.cos(start_rad)])
    speed_mps = rng.uniform(birds.slowest_mps, birds.fastest_mps)
    above_m = rng.uniform(birds.lowest_m, birds.highest_m)
    course_rad = birds.heading_rad if birds.travels else rng.uniform(0.0, 2.0 * math.pi)
    section_m2 = birds.section_m2 * 10.0 ** (0.1 * SECTION_SPREAD_DB * rng.standard_normal())
    stray_rad = STEADY_RAD if birds.travels else WANDER_RAD
    turns = stray_rad * math.sqrt(STEP_S / TURNING_S) * rng.standard_normal(len(times_s))
    climbs_mps = CLIMB_MPS * rng.standard_normal(len(times_s))
    track_m, climb_mps = np.empty((len(times_s), 3)), 0.0
    for i in range(len(times_s)):
        track_m[i] = *ground_m, above_m
        course_rad = _next_course(course_rad + turns[i], ground_m, centre_m, birds)
        ground_m = ground_m + STEP_S * speed_mps * np.array([math.sin(course_rad), math.cos(course_rad)])
        climb_mps += (climbs_mps[i] - climb_mps) * STEP_S / TURNING_S * 2.0
        above_m += STEP_S * climb_mps
        if not birds.lowest_m <= above_m <= birds.highest_m:
            above_m, climb_mps = min(max(above_m, birds.lowest_m), birds.highest_m), -climb_mps
    place_m = place_above_ground(track_m[:, 0], track_m[:, 1], track_m[:, 2], site)
    return Bystander(f"bird-{number + 1}", times_s, place_m, BIRD, section_m2)


def _next_course(course_rad: float, ground_m: np.ndarray, centre_m: np.ndarray, birds: Birds) -> float:
    """Return the course a step later: back to its heading, or home where the bird has strayed too far."""
    home_m = centre_m - ground_m
    if birds.travels:
        wanted_rad = birds.heading_rad
    elif float(home_m @ home_m) > birds.radius_m**2:
        wanted_rad = math.atan2(home_m[0], home_m[1])
    else:
        return course_rad
    return course_rad + STEP_S / TURNING_S * 2.0 * math.remainder(wanted_rad - course_rad, 2.0 * math.pi)


def fly_drone(number: int, drone: Drone, duration_s: float, start_s: float, site: Site) -> Bystander | None:
    """Return a drone along its route, with a hover at each place; it is gone after the last. None if never up."""
    stops_m = np.array([enu_from_geodetic(*place, site.frame) for place in drone.route])
    wanted_s, wanted_m, now_s = [], [], drone.time_s
    for i, stop_m in enumerate(stops_m):
        if i:
            now_s += float(np.linalg.norm(stop_m - stops_m[i - 1])) / drone.speed_mps
        wanted_s += [now_s, now_s + max(drone.hover_s, STEP_S)]
        wanted_m += [stop_m, stop_m]
        now_s += max(drone.hover_s, STEP_S)
    times_s = np.arange(drone.time_s, min(now_s, duration_s) + STEP_S, STEP_S)
    if len(times_s) < 2:
        return None
    wished_m = np.stack([np.interp(times_s, wanted_s, np.array(wanted_m)[:, k]) for k in range(3)], axis=1)
    place_m = _lagged(wished_m)
    return Bystander(f"drone-{number + 1}", start_s + times_s, place_m, DRONE, drone.section_m2)


def _lagged(wished_m: np.ndarray) -> np.ndarray:
    """Return places that follow the wished ones as a damped mass does, so that corners are rounded."""
    place_m, velocity_mps = wished_m[0].copy(), np.zeros(3)
    rate = 2.0 / DRONE_LAG_S
    flown_m = np.empty_like(wished_m)
    for i, wish_m in enumerate(wished_m):
        flown_m[i] = place_m
        for _ in range(4):
            pull = rate**2 * (wish_m - place_m) - 2.0 * rate * velocity_mps
            velocity_mps = velocity_mps + 0.25 * STEP_S * pull
            place_m = place_m + 0.25 * STEP_S * velocity_mps
    return flown_m
