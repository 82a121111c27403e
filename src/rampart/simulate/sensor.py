"""What simulated radars see of the truth: noise, missed detections, false plots, horizon, bias, aircraft."""

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.site import Radar, Site
from rampart.physics.geodesy import height_of_enu
from rampart.physics.motion import STATE_SIZE
from rampart.physics.radar import EARTH_RADIUS_M, apparent_from_geometric_elevation, measure
from rampart.physics.terrain import ground_height_m
from rampart.simulate.scenario import RadarTruth, Scenario
from rampart.simulate.traffic import Aircraft, read_traffic
from rampart.simulate.truth import TrueProjectile, Truth

FALSE_ALARM_PROBABILITY = 1e-6
"""Of one resolution cell; it fixes how the signal-to-noise ratio maps to detection."""
THRESHOLD = -math.log(FALSE_ALARM_PROBABILITY)
"""Of the signal's power over the mean noise: noise alone exceeds it with that probability."""
LEAST_DETECTION, MOST_DETECTION = 1e-4, 0.999
"""Stated probabilities are held within these: outside, no signal-to-noise ratio belongs to them."""
FASTEST_FALSE_MPS = 450.0
SIGHT_STEPS = 64
"""A line of sight is held against the ground at so many places."""
FALSE_PLOT, AIRCRAFT = -1, -2
"""Origins of plots that are no projectile's."""


Mover = TrueProjectile | Aircraft


@dataclass(frozen=True, slots=True)
class RadarLook:
    """One update of one radar. `origin (n,)` says which projectile each plot is of: for tests alone."""

    radar: int
    time_s: float
    plots: Plots
    origin: np.ndarray


def observe(truth: Truth, scenario: Scenario, site: Site, rng: np.random.Generator) -> Iterator[RadarLook]:
    """Yield the looks of all radars in order of time; each radar draws from its own stream of `rng`."""
    aircraft = [flight for traffic in scenario.traffic for flight in read_traffic(traffic, site)]
    movers: list[tuple[int, Mover]] = [*enumerate(truth.projectiles), *((AIRCRAFT, one) for one in aircraft)]
    streams = rng.spawn(len(site.radars))
    feeds = [_looks(i, movers, scenario, site, stream) for i, stream in enumerate(streams)]
    yield from heapq.merge(*feeds, key=lambda look: (look.time_s, look.radar))


def _looks(
    index: int, movers: list[tuple[int, Mover]], scenario: Scenario, site: Site, rng: np.random.Generator
) -> Iterator[RadarLook]:
    """Yield the looks of one radar; radars do not look in step."""
    radar = site.radars[index]
    errors = scenario.radar_truth_of(radar.id) or _known_errors(radar)
    bias = np.array([errors.range_bias_m, errors.azimuth_bias_rad, errors.elevation_bias_rad, 0.0])
    phase_s = (0.37 * index) % 1.0 * radar.update_s
    for k in range(int((scenario.duration_s - phase_s) / radar.update_s) + 1):
        time_s = scenario.start_s + phase_s + k * radar.update_s
        met = [_seen(origin, mover, time_s, radar, site, rng) for origin, mover in movers]
        rows = [row for row in met if row] + _false_plots(radar, rng)
        order = rng.permutation(len(rows))
        measurement = np.array([rows[i][1] for i in order]).reshape(-1, 4)
        sigma = np.tile(radar.sigma, (len(rows), 1))
        measured = measurement + bias + rng.standard_normal(measurement.shape) * np.nan_to_num(sigma)
        measured[:, 1] %= 2.0 * math.pi
        if not radar.measures_range_rate:
            measured[:, 3] = np.nan
            sigma[:, 3] = 1.0
        stamped_s = time_s + errors.clock_offset_s
        plots = Plots(
            np.full(len(rows), stamped_s),
            np.full(len(rows), index, np.int64),
            measured,
            sigma,
            np.array([rows[i][2] for i in order]),
        )
        yield RadarLook(index, stamped_s, plots, np.array([rows[i][0] for i in order], np.int64))


def _known_errors(radar: Radar) -> RadarTruth:
    """Return the errors of a radar of which the scenario says nothing: those that the site corrects."""
    return RadarTruth(radar.id, radar.bias[0], radar.bias[1], radar.bias[2], radar.clock_offset_s)


def _seen(origin: int, mover: Mover, time_s: float, radar: Radar, site: Site, rng: np.random.Generator):
    """Return (origin, true measurement (4,), SNR in dB) where the radar detects the mover, else None.

    Two numbers are drawn for every mover at every look, seen or not, so that one projectile's fate changes
    nothing for the others.
    """
    chance, fading = rng.random(2)
    moment = mover.state_at(time_s)
    if moment is None:
        return None
    state = np.zeros(STATE_SIZE)
    state[:3], state[3:6] = moment
    range_m, azimuth_rad, elevation_rad, rate_mps = measure(state, radar.frame)
    if radar.apparent_elevation:
        elevation_rad = apparent_from_geometric_elevation(elevation_rad, range_m)
    inside = radar.min_range_m <= range_m <= radar.max_range_m
    if not inside or not radar.min_elevation_rad <= elevation_rad <= radar.max_elevation_rad:
        return None
    snr_db = mean_snr_db(range_m, radar)
    if chance >= detection_probability(snr_db) or _hidden(moment[0], radar, site):
        return None
    # The signal of a detection lies above the threshold, an exponential tail of the fluctuating target.
    power = THRESHOLD - math.log(1.0 - fading) * (1.0 + 10.0 ** (0.1 * snr_db))
    return origin, (range_m, azimuth_rad, elevation_rad, rate_mps), round(10.0 * math.log10(power))


def _hidden(place_enu_m: np.ndarray, radar: Radar, site: Site) -> bool:
    """Return whether the ground stands between a radar and a place.

    The beam bends down with a quarter of the earth's curvature, so it passes above the chord. [itu834].
    """
    if np.ptp(site.terrain.height_m) == 0.0:
        return False
    start_enu_m = radar.frame.origin_enu_m
    along_m = place_enu_m - start_enu_m
    for share in np.arange(1, SIGHT_STEPS) / SIGHT_STEPS:
        east_m, north_m, up_m = start_enu_m + share * along_m
        bend_m = share * (1.0 - share) * float(along_m @ along_m) / (8.0 * EARTH_RADIUS_M)
        beam_m = height_of_enu(east_m, north_m, up_m, site.frame) + bend_m
        if beam_m < ground_height_m(east_m, north_m, site.terrain):
            return True
    return False


def mean_snr_db(range_m: float, radar: Radar) -> float:
    """Return the mean signal-to-noise ratio: falls with the fourth power of range (the radar equation).

    It is set so that the radar detects with its stated probability at half its farthest range.
    """
    held = min(max(radar.detection_probability, LEAST_DETECTION), MOST_DETECTION)
    stated = math.log(FALSE_ALARM_PROBABILITY) / math.log(held) - 1.0
    return 10.0 * math.log10(stated) - 40.0 * math.log10(range_m / (0.5 * radar.max_range_m))


def detection_probability(snr_db: float) -> float:
    """Return the probability of detecting a slowly fluctuating target (Swerling 1). [skolnik]."""
    return FALSE_ALARM_PROBABILITY ** (1.0 / (1.0 + 10.0 ** (0.1 * snr_db)))


def _false_plots(radar: Radar, rng: np.random.Generator) -> list:
    """Return false plots, evenly spread over the volume that the radar covers."""
    count = int(rng.poisson(radar.false_plots_per_scan))
    cubes = rng.uniform(radar.min_range_m**3, radar.max_range_m**3, count)
    azimuth_rad = rng.uniform(0.0, 2.0 * math.pi, count)
    sines = rng.uniform(math.sin(radar.min_elevation_rad), math.sin(radar.max_elevation_rad), count)
    rate_mps = rng.uniform(-FASTEST_FALSE_MPS, FASTEST_FALSE_MPS, count)
    snr_db = 10.0 * np.log10(THRESHOLD + rng.exponential(1.0, count))
    columns = zip(np.cbrt(cubes), azimuth_rad, np.arcsin(sines), rate_mps, strict=True)
    return [(FALSE_PLOT, row, round(float(snr))) for row, snr in zip(columns, snr_db, strict=True)]
