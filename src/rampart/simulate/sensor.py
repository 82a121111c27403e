"""What simulated radars see of the truth: noise, missed detections, false plots, horizon, bias, aircraft."""

import csv
import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.site import Radar, Site
from rampart.domain.wire import posix_time
from rampart.errors import InputError
from rampart.physics.geodesy import enu_from_geodetic
from rampart.physics.motion import STATE_SIZE
from rampart.physics.radar import apparent_from_geometric_elevation, measure
from rampart.simulate.scenario import RadarTruth, Scenario, Traffic
from rampart.simulate.truth import Truth

FALSE_ALARM_PROBABILITY = 1e-6
"""Of one resolution cell; it fixes how the signal-to-noise ratio maps to detection."""
THRESHOLD_DB = 10.0 * math.log10(-math.log(FALSE_ALARM_PROBABILITY))
FASTEST_FALSE_MPS = 450.0
FALSE_PLOT, AIRCRAFT = -1, -2
"""Origins of plots that are no projectile's."""


@dataclass(frozen=True, slots=True)
class RadarLook:
    """One update of one radar. `origin (n,)` says which projectile each plot is of: for tests alone."""

    radar: int
    time_s: float
    plots: Plots
    origin: np.ndarray


@dataclass(frozen=True, slots=True)
class Aircraft:
    """A recorded flight: `time_s (n,)` rising, `position_enu_m (n, 3)`."""

    id: str
    time_s: np.ndarray
    position_enu_m: np.ndarray

    def state_at(self, time_s: float) -> tuple[np.ndarray, np.ndarray] | None:
        """Return place and velocity on the line between two fixes; None outside the record or in a gap."""
        if not self.time_s[0] <= time_s <= self.time_s[-1]:
            return None
        row = min(max(int(np.searchsorted(self.time_s, time_s)) - 1, 0), len(self.time_s) - 2)
        gap_s = self.time_s[row + 1] - self.time_s[row]
        if gap_s > 60.0:
            return None
        velocity = (self.position_enu_m[row + 1] - self.position_enu_m[row]) / gap_s
        return self.position_enu_m[row] + velocity * (time_s - self.time_s[row]), velocity


def observe(truth: Truth, scenario: Scenario, site: Site, rng: np.random.Generator) -> Iterator[RadarLook]:
    """Yield the looks of all radars in order of time; each radar draws from its own stream of `rng`."""
    aircraft = [flight for traffic in scenario.traffic for flight in read_traffic(traffic, site)]
    movers = [(i, projectile) for i, projectile in enumerate(truth.projectiles)]
    movers += [(AIRCRAFT, flight) for flight in aircraft]
    streams = rng.spawn(len(site.radars))
    feeds = [_looks(i, movers, scenario, site, stream) for i, stream in enumerate(streams)]
    yield from heapq.merge(*feeds, key=lambda look: (look.time_s, look.radar))


def _looks(
    index: int, movers: list, scenario: Scenario, site: Site, rng: np.random.Generator
) -> Iterator[RadarLook]:
    """Yield the looks of one radar; radars do not look in step."""
    radar = site.radars[index]
    errors = scenario.radar_truth_of(radar.id) or _known_errors(radar)
    bias = np.array([errors.range_bias_m, errors.azimuth_bias_rad, errors.elevation_bias_rad, 0.0])
    phase_s = (0.37 * index) % 1.0 * radar.update_s
    for k in range(int((scenario.duration_s - phase_s) / radar.update_s) + 1):
        time_s = scenario.start_s + phase_s + k * radar.update_s
        seen = [row for row in (_seen(origin, mover, time_s, radar, rng) for origin, mover in movers) if row]
        rows = seen + _false_plots(radar, rng)
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


def _seen(origin: int, mover, time_s: float, radar: Radar, rng: np.random.Generator):
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
    if chance >= detection_probability(snr_db):
        return None
    # The signal of a detection lies above the threshold, an exponential tail of the fluctuating target.
    faded_db = THRESHOLD_DB + 10.0 * math.log10(1.0 - math.log(1.0 - fading) * 10.0 ** (0.1 * snr_db) / 13.8)
    return origin, (range_m, azimuth_rad, elevation_rad, rate_mps), round(faded_db)


def mean_snr_db(range_m: float, radar: Radar) -> float:
    """Return the mean signal-to-noise ratio: falls with the fourth power of range (the radar equation).

    It is set so that the radar detects with its stated probability at half its farthest range.
    """
    stated = math.log(FALSE_ALARM_PROBABILITY) / math.log(radar.detection_probability) - 1.0
    return 10.0 * math.log10(stated) - 40.0 * math.log10(range_m / (0.5 * radar.max_range_m))


def detection_probability(snr_db: float) -> float:
    """Return the probability of detecting a slowly fluctuating target (Swerling 1), [skolnik], eq. 2.48."""
    return FALSE_ALARM_PROBABILITY ** (1.0 / (1.0 + 10.0 ** (0.1 * snr_db)))


def _false_plots(radar: Radar, rng: np.random.Generator) -> list:
    """Return false plots, evenly spread over the volume that the radar covers."""
    count = int(rng.poisson(radar.false_plots_per_scan))
    cubes = rng.uniform(radar.min_range_m**3, radar.max_range_m**3, count)
    azimuth_rad = rng.uniform(0.0, 2.0 * math.pi, count)
    sines = rng.uniform(math.sin(radar.min_elevation_rad), math.sin(radar.max_elevation_rad), count)
    rate_mps = rng.uniform(-FASTEST_FALSE_MPS, FASTEST_FALSE_MPS, count)
    snr_db = THRESHOLD_DB + rng.exponential(1.5, count)
    columns = zip(np.cbrt(cubes), azimuth_rad, np.arcsin(sines), rate_mps, strict=True)
    return [(FALSE_PLOT, row, round(float(snr))) for row, snr in zip(columns, snr_db, strict=True)]


def read_traffic(traffic: Traffic, site: Site) -> list[Aircraft]:
    """Return the flights of a CSV with the columns time, id, latitude_deg, longitude_deg, height_m.

    Raises InputError naming row, column and value.
    """
    columns = ("time", "id", "latitude_deg", "longitude_deg", "height_m")
    fixes: dict[str, list[tuple[float, tuple[float, float, float]]]] = {}
    with open(traffic.path, newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames is None or not set(columns) <= set(reader.fieldnames):
            raise InputError(traffic.path, f"a header with {', '.join(columns)}", reader.fieldnames)
        for number, row in enumerate(reader, 2):
            where = f"{traffic.path}: row {number}"
            time_s = _number(row["time"], posix_time, f"{where}: time", "an ISO-8601 time")
            place = [_number(row[name], float, f"{where}: {name}", "a number") for name in columns[2:]]
            enu_m = enu_from_geodetic(math.radians(place[0]), math.radians(place[1]), place[2], site.frame)
            fixes.setdefault(row["id"], []).append((time_s, enu_m))
    flights = []
    for name, rows in fixes.items():
        times_s, first = np.unique([time_s for time_s, _ in rows], return_index=True)
        if len(times_s) > 1:
            flights.append(Aircraft(name, times_s, np.array([rows[i][1] for i in first])))
    return flights


def _number(text: str | None, read, where: str, wanted: str) -> float:
    try:
        value = read(text)
    except (TypeError, ValueError) as error:
        raise InputError(where, wanted, text) from error
    if not math.isfinite(value):
        raise InputError(where, wanted, text)
    return value
