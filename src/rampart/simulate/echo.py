"""From an echo to a plot: the radar equation, fluctuation, detection over the noise, accuracy, merging.

Powers are in units of the mean noise of one resolution cell after the coherent work of one look.
"""

import math
from typing import NamedTuple

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION
from rampart.simulate.surroundings import STEADY, SWERLING_3, RadarModel

MONOPULSE_SLOPE = 1.6
"""Of a usual monopulse antenna, by which an angle is known better than the beam is wide. [barton]."""


class Echo(NamedTuple):
    """What comes back from one thing in one look: `place (4,)` as a measurement, without errors.

    `signal` and `noise` are complex amplitudes, `level` the noise as CFAR estimates it, `draws (4,)` standard
    normal, the errors to come.
    """

    time_s: float
    origin: int
    place: np.ndarray
    signal: complex
    noise: complex
    level: float
    draws: np.ndarray

    @property
    def power(self) -> float:
        """Return the power of the signal alone."""
        return abs(self.signal) ** 2


def mean_snr(section_m2: float, range_m: float, loss_db: float, model: RadarModel) -> float:
    """Return the mean signal-to-noise ratio, a power ratio: falls with range^4. [skolnik], ch. 1, 2."""
    reference = 10.0 ** (0.1 * (model.reference_snr_db - loss_db))
    return reference * section_m2 * (model.reference_range_m / range_m) ** 4


def threshold_factor(model: RadarModel) -> float:
    """Return by how much a power must exceed the estimated noise.

    -ln P with known noise; N (P^(-1/N) - 1) over the mean of N cells, cell-averaging CFAR. [richards].
    """
    p, n = model.false_alarm_probability, model.cfar_cells
    return -math.log(p) if n == 0 else n * (p ** (-1.0 / n) - 1.0)


def detection_probability(snr: float, model: RadarModel) -> float:
    """Return the probability of detection at a mean signal-to-noise ratio (a power ratio), in closed form.

    Swerling 1 and 3 [swerling], over known noise; Swerling 1 also over the mean of `cfar_cells`: (1 + a / (N (1 +
    S)))^-N [richards]. The other cases over estimated noise have no short form: ValueError.
    """
    n, threshold = model.cfar_cells, threshold_factor(model)
    if model.fluctuation == STEADY or (n and model.fluctuation == SWERLING_3):
        raise ValueError("no closed form: draw it")
    if model.fluctuation == SWERLING_3:
        half = 1.0 + 0.5 * snr
        return math.exp(-threshold / half) * (1.0 + threshold * 0.5 * snr / half**2)
    if n == 0:
        return math.exp(-threshold / (1.0 + snr))
    return (1.0 + threshold / (n * (1.0 + snr))) ** -n


def draw_echo(
    time_s: float, origin: int, place: np.ndarray, snr: float, model: RadarModel, rng: np.random.Generator
) -> Echo:
    """Return an echo with all its chances drawn; always the same number of them."""
    exponential, second, turn = rng.exponential(size=2).tolist() + [rng.random()]
    real, imaginary, *draws = rng.standard_normal(6)
    level = rng.standard_gamma(max(model.cfar_cells, 1)) / max(model.cfar_cells, 1)
    fading = exponential
    if model.fluctuation == SWERLING_3:
        fading = 0.5 * (exponential + second)
    if model.fluctuation == STEADY:
        fading = 1.0
    signal = math.sqrt(snr * fading) * complex(math.cos(2.0 * math.pi * turn), math.sin(2.0 * math.pi * turn))
    noise = complex(real, imaginary) * math.sqrt(0.5)
    return Echo(
        time_s, origin, place, signal, noise, level if model.cfar_cells else 1.0, np.array(draws, float)
    )


def detected_power(echo: Echo, model: RadarModel) -> float:
    """Return the power that the receiver sees, or 0.0 where it does not exceed the threshold."""
    power = abs(echo.signal + echo.noise) ** 2
    return power if power >= threshold_factor(model) * echo.level else 0.0


def cell_of(model: RadarModel, doppler: bool) -> np.ndarray:
    """Return the resolution cell (4,) as a measurement; without Doppler nothing is told apart by range rate."""
    rate_mps = model.range_rate_cell_mps if doppler else math.inf
    return np.array([model.range_cell_m, model.azimuth_beam_rad, model.elevation_beam_rad, rate_mps])


def merge(echoes: list[Echo], cell: np.ndarray) -> list[Echo]:
    """Return the echoes with those in one resolution cell `cell (4,)` made one, the strongest first.

    A strong echo swallows all within a cell of it: amplitudes add, places are weighted by power.
    """
    rest = sorted(echoes, key=lambda echo: -echo.power)
    merged: list[Echo] = []
    while rest:
        strongest = rest[0]
        near = [echo for echo in rest if echo is strongest or _unresolved(echo, strongest, cell)]
        rest = [echo for echo in rest if not any(echo is other for other in near)]
        merged.append(_joined(near))
    return merged


def _unresolved(echo: Echo, other: Echo, cell: np.ndarray) -> bool:
    off = np.abs(_offset(echo, other))
    off[AZIMUTH] *= math.cos(other.place[ELEVATION])
    return bool(np.all(off < cell))


def _offset(echo: Echo, other: Echo) -> np.ndarray:
    off = echo.place - other.place
    off[AZIMUTH] = math.remainder(off[AZIMUTH], 2.0 * math.pi)
    return off


def _joined(near: list[Echo]) -> Echo:
    strongest = near[0]
    total = sum(echo.power for echo in near)
    if len(near) == 1 or total <= 0.0:
        return strongest
    pull = sum(echo.power * _offset(echo, strongest) for echo in near) / total
    return strongest._replace(place=strongest.place + pull, signal=sum(echo.signal for echo in near))


def sigma_of(power: float, elevation_rad: float, model: RadarModel) -> np.ndarray:
    """Return the standard deviations (4,) of a measurement at a signal-to-noise ratio, a power ratio.

    Cell / sqrt(2 S) in range and range rate, beam / (slope sqrt(2 S)) in angle [barton] [skolnik, ch. 6], never
    worse than even over the cell, and never better than the floor. Off the horizon a beam covers more azimuth.
    """
    root = math.sqrt(2.0 * max(power, 1e-9))
    noise = np.array(
        [
            model.range_cell_m,
            model.azimuth_beam_rad / MONOPULSE_SLOPE,
            model.elevation_beam_rad / MONOPULSE_SLOPE,
            model.range_rate_cell_mps,
        ]
    ) * min(1.0 / root, 1.0 / math.sqrt(12.0))
    floor = [
        model.range_floor_m,
        model.azimuth_floor_rad,
        model.elevation_floor_rad,
        model.range_rate_floor_mps,
    ]
    sigma = np.hypot(noise, floor)
    sigma[AZIMUTH] /= max(math.cos(elevation_rad), 0.1)
    return sigma


def errors_of(echo: Echo, model: RadarModel) -> np.ndarray:
    """Return the errors (4,) of one measurement: by its true signal, which the radar does not know."""
    return sigma_of(echo.power, float(echo.place[ELEVATION]), model) * echo.draws


def false_plots_mean(
    least_m: float, most_m: float, low_rad: float, high_rad: float, doppler_mps: float, model: RadarModel
) -> float:
    """Return how many of a look's resolution cells exceed the threshold by noise alone, on average.

    `doppler_mps` is the span of range rates that the radar tells apart, 0 where it measures none.
    """
    ranges = (most_m - least_m) / model.range_cell_m
    solid_rad2 = 2.0 * math.pi * (math.sin(high_rad) - math.sin(low_rad))
    beams = solid_rad2 / (model.azimuth_beam_rad * model.elevation_beam_rad)
    rates = max(doppler_mps / model.range_rate_cell_mps, 1.0)
    return model.false_alarm_probability * ranges * beams * rates
