"""What a radar sees that is known by the site's description alone: its sigmas, its probability of detection."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.site import Radar, Site
from rampart.numerics.jit import kernel
from rampart.physics.motion import STATE_SIZE
from rampart.physics.radar import apparent_from_geometric_elevation, measure
from rampart.physics.terrain import is_level
from rampart.simulate.clutter import PatchField
from rampart.simulate.look import CLUTTER, FALSE_PLOT, FASTEST_FALSE_MPS, RadarLook, true_errors
from rampart.simulate.scenario import Scenario
from rampart.simulate.sight import hidden
from rampart.simulate.traffic import Bystander
from rampart.simulate.truth import TrueProjectile

FALSE_ALARM_PROBABILITY = 1e-6
"""Of one resolution cell; it fixes how the signal-to-noise ratio maps to detection."""
THRESHOLD = -math.log(FALSE_ALARM_PROBABILITY)
"""Of the signal's power over the mean noise: noise alone exceeds it with that probability."""
LEAST_DETECTION, MOST_DETECTION = 1e-4, 0.999
"""Stated probabilities are held within these: outside, no signal-to-noise ratio belongs to them."""

Mover = TrueProjectile | Bystander
Moment = tuple[np.ndarray, list[float]]
"""Place (3,) in the site's frame and what the radar would measure there (4,), free of errors."""
Row = tuple[int, Sequence[float], int]


def stated_looks(
    index: int,
    movers: Sequence[tuple[int, Mover]],
    patches: Sequence[PatchField],
    scenario: Scenario,
    site: Site,
    rng: np.random.Generator,
) -> Iterator[RadarLook]:
    """Yield the looks of one radar; radars do not look in step."""
    radar = site.radars[index]
    errors = true_errors(radar, scenario)
    bias = np.array([errors.range_bias_m, errors.azimuth_bias_rad, errors.elevation_bias_rad, 0.0])
    noise = np.nan_to_num(radar.sigma)
    phase_s = (0.37 * index) % 1.0 * radar.update_s
    count = int((scenario.duration_s - phase_s) / radar.update_s) + 1
    times_s = [scenario.start_s + phase_s + k * radar.update_s for k in range(count)]
    moments = [_moments(mover, times_s, radar) for _, mover in movers]
    for k, time_s in enumerate(times_s):
        # Two numbers for every mover at every look, seen or not, so that one projectile's fate changes nothing for
        # the others.
        chances = rng.random((len(movers), 2)).tolist()
        rows = []
        for (origin, _), known, drawn in zip(movers, moments, chances, strict=True):
            if (moment := known.get(k)) is not None and (row := _seen(origin, moment, drawn, radar, site)):
                rows.append(row)
        rows += _false_plots(radar, rng) + _clutter(patches, radar, site, rng)
        order = rng.permutation(len(rows)).tolist()
        measurement = np.array([rows[i][1] for i in order]).reshape(-1, 4)
        sigma = np.tile(radar.sigma, (len(rows), 1))
        measured = measurement + bias + rng.standard_normal(measurement.shape) * noise
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


def _moments(mover: Mover, times_s: Sequence[float], radar: Radar) -> dict[int, Moment]:
    """Return what may be seen of a mover by the number of the time, where it is in the air."""
    if isinstance(mover, TrueProjectile):
        first = bisect_left(times_s, mover.launch_s)
        last = bisect_right(times_s, mover.impact_s)
        numbers = list(range(first, last))
        place_enu_m, velocity_enu_mps = mover.states_at(np.array(times_s[first:last]))
    else:
        found = [(k, mover.state_at(time_s)) for k, time_s in enumerate(times_s)]
        flying = [(k, *moment) for k, moment in found if moment is not None]
        numbers = [k for k, _, _ in flying]
        place_enu_m = np.array([place for _, place, _ in flying]).reshape(-1, 3)
        velocity_enu_mps = np.array([velocity for _, _, velocity in flying]).reshape(-1, 3)
    measurement = np.empty((len(numbers), 4))
    measure_each(place_enu_m, velocity_enu_mps, radar.frame, radar.apparent_elevation, measurement)
    return dict(zip(numbers, zip(place_enu_m, measurement.tolist(), strict=True), strict=True))


@kernel
def measure_each(place_enu_m, velocity_enu_mps, frame, apparent, out_measurement):
    """Fill what a radar would measure of n things, `(n, 3)` each, free of errors: `out_measurement (n, 4)`.

    Elevations `apparent`, as the air bends the beam, or geometric.
    """
    state = np.zeros(STATE_SIZE)
    for row in range(place_enu_m.shape[0]):
        for k in range(3):
            state[k], state[3 + k] = place_enu_m[row, k], velocity_enu_mps[row, k]
        range_m, azimuth_rad, elevation_rad, rate_mps = measure(state, frame)
        if apparent:
            elevation_rad = apparent_from_geometric_elevation(elevation_rad, range_m)
        out_measurement[row, 0], out_measurement[row, 1] = range_m, azimuth_rad
        out_measurement[row, 2], out_measurement[row, 3] = elevation_rad, rate_mps


def _seen(origin: int, moment: Moment, drawn: list[float], radar: Radar, site: Site) -> Row | None:
    """Return (origin, true measurement (4,), SNR in dB) where the radar detects what is there, else None.

    `drawn` is even over 0 to 1: its chance of being detected, its fading.
    """
    chance, fading = drawn
    place_enu_m, measurement = moment
    range_m, _, elevation_rad, _ = measurement
    if not _covers(range_m, elevation_rad, radar):
        return None
    snr_db = mean_snr_db(range_m, radar)
    if chance >= detection_probability(snr_db) or _behind_ground(place_enu_m, radar, site):
        return None
    # The signal of a detection lies above the threshold, an exponential tail of the fluctuating target.
    power = THRESHOLD - math.log(1.0 - fading) * (1.0 + 10.0 ** (0.1 * snr_db))
    return origin, measurement, round(10.0 * math.log10(power))


def _covers(range_m: float, elevation_rad: float, radar: Radar) -> bool:
    inside = radar.min_range_m <= range_m <= radar.max_range_m
    return inside and radar.min_elevation_rad <= elevation_rad <= radar.max_elevation_rad


def _behind_ground(place_enu_m: np.ndarray, radar: Radar, site: Site) -> bool:
    """Return whether hills hide the place; level ground hides nothing above the lowest elevation."""
    return not is_level(site.terrain) and hidden(place_enu_m, radar, site)


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


def _false_plots(radar: Radar, rng: np.random.Generator) -> list[Row]:
    """Return false plots, evenly spread over the volume that the radar covers."""
    count = int(rng.poisson(radar.false_plots_per_scan))
    if count == 0:
        return []
    cubes = rng.uniform(radar.min_range_m**3, radar.max_range_m**3, count)
    azimuth_rad = rng.uniform(0.0, 2.0 * math.pi, count)
    sines = rng.uniform(math.sin(radar.min_elevation_rad), math.sin(radar.max_elevation_rad), count)
    rate_mps = rng.uniform(-FASTEST_FALSE_MPS, FASTEST_FALSE_MPS, count)
    snr_db = 10.0 * np.log10(THRESHOLD + rng.exponential(1.0, count))
    columns = zip(np.cbrt(cubes), azimuth_rad, np.arcsin(sines), rate_mps, strict=True)
    return [(FALSE_PLOT, row, round(float(snr))) for row, snr in zip(columns, snr_db, strict=True)]


def _clutter(patches: Sequence[PatchField], radar: Radar, site: Site, rng: np.random.Generator) -> list[Row]:
    """Return the plots of the clutter patches in one look."""
    rows: list[Row] = []
    for patch in patches:
        places_m, rates_mps, overs_db = patch.draw(rng)
        measured = np.empty((len(places_m), 4))
        measure_each(places_m, np.zeros_like(places_m), radar.frame, radar.apparent_elevation, measured)
        for place_m, z, rate_mps, over_db in zip(
            places_m, measured.tolist(), rates_mps, overs_db, strict=True
        ):
            range_m, azimuth_rad, elevation_rad, _ = z
            if _covers(range_m, elevation_rad, radar) and not _behind_ground(place_m, radar, site):
                snr_db = round(10.0 * math.log10(THRESHOLD) + float(over_db))
                rows.append((CLUTTER, (range_m, azimuth_rad, elevation_rad, float(rate_mps)), snr_db))
    return rows
