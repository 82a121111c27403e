"""What a radar simulated by its physics sees: scan, signal, detection, accuracy, merging, clutter, noise."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, RANGE, RANGE_RATE, Plots
from rampart.domain.site import Radar, Site
from rampart.physics.motion import STATE_SIZE
from rampart.physics.radar import geometric_from_apparent_elevation, measure
from rampart.simulate.beam import Meeting, Scan, scan_of
from rampart.simulate.clutter import PatchField
from rampart.simulate.crosssection import BODIES, UNKNOWN_BODY, cos_aspect, section_m2
from rampart.simulate.echo import (
    Echo,
    cell_of,
    detected_power,
    draw_echo,
    errors_of,
    false_plots_mean,
    mean_snr,
    merge,
    sigma_of,
    threshold_factor,
)
from rampart.simulate.look import CLUTTER, FALSE_PLOT, FASTEST_FALSE_MPS, RadarLook, true_errors
from rampart.simulate.scenario import RadarTruth, Scenario
from rampart.simulate.sight import antenna_height_m, bent_elevation_rad, ground_ray, hidden
from rampart.simulate.surroundings import ROTATING, RadarModel
from rampart.simulate.traffic import Bystander
from rampart.simulate.truth import TrueProjectile

Mover = TrueProjectile | Bystander


@dataclass(frozen=True, slots=True)
class Reported:
    """One plot as the radar reports it, before its lasting errors."""

    time_s: float
    origin: int
    measurement: np.ndarray
    sigma: np.ndarray
    snr_db: float


def modelled_looks(
    index: int,
    model: RadarModel,
    movers: Sequence[tuple[int, Mover]],
    patches: Sequence[PatchField],
    scenario: Scenario,
    site: Site,
    rng: np.random.Generator,
) -> Iterator[RadarLook]:
    """Yield the looks of one radar, `model.blocks` an update.

    Every mover has a stream of chances of its own, so that one thing's fate changes nothing for the others.
    """
    radar = site.radars[index]
    errors = true_errors(radar, scenario)
    phase_s = (0.37 * index) % 1.0 * radar.update_s
    eye = _Eye(radar, model, site, scan_of(radar, model))
    noise_rng, *streams = rng.spawn(len(movers) + 1)
    for k in range(int((scenario.duration_s - phase_s) / radar.update_s)):
        start_s = scenario.start_s + phase_s + k * radar.update_s
        echoes = [
            echo
            for (origin, mover), own in zip(movers, streams, strict=True)
            for echo in eye.echoes(origin, mover, start_s, own)
        ]
        found = [eye.report(echo) for echo in merge(echoes, cell_of(model, radar.measures_range_rate))]
        plots = [plot for plot in found if plot is not None]
        plots += eye.clutter(patches, start_s, noise_rng) + eye.noise(start_s, noise_rng)
        yield from _blocks(index, plots, start_s, radar, model, errors)


class _Eye:
    """One radar with all that is worked out once about it."""

    def __init__(self, radar: Radar, model: RadarModel, site: Site, scan: Scan):
        self._radar, self._model, self._site, self._scan = radar, model, site, scan
        self._antenna_m = antenna_height_m(radar, site)
        self._threshold = threshold_factor(model)
        self._false_mean = false_plots_mean(
            radar.min_range_m,
            radar.max_range_m,
            radar.min_elevation_rad,
            radar.max_elevation_rad,
            2.0 * FASTEST_FALSE_MPS if radar.measures_range_rate else 0.0,
            model,
        )

    def echoes(self, origin: int, mover: Mover, start_s: float, rng: np.random.Generator) -> list[Echo]:
        """Return what comes back from one mover in the update that begins at `start_s`."""
        first_s, last_s = float(mover.time_s[0]), float(mover.time_s[-1])
        if last_s < start_s or first_s > start_s + self._radar.update_s:
            return []

        def angles(time_s: float) -> tuple[float, float]:
            moment = mover.state_at(min(max(time_s, first_s), last_s))
            return (0.0, math.nan) if moment is None else self._angles(*moment)

        if math.isnan(angles(start_s)[1]):
            return []
        echoes = []
        for meeting in self._scan.meetings(angles, start_s):
            moment = mover.state_at(meeting.time_s)
            if moment is not None and (echo := self._echo(origin, mover, meeting, moment, rng)) is not None:
                echoes.append(echo)
        return echoes

    def _angles(self, position_enu_m: np.ndarray, velocity_enu_mps: np.ndarray) -> tuple[float, float]:
        place = self._place(position_enu_m, velocity_enu_mps)
        return float(place[AZIMUTH]), float(place[ELEVATION])

    def _place(self, position_enu_m: np.ndarray, velocity_enu_mps: np.ndarray) -> np.ndarray:
        """Return the measurement (4,) without errors, its elevation as the ray arrives."""
        state = np.zeros(STATE_SIZE)
        state[:3], state[3:6] = position_enu_m, velocity_enu_mps
        place = np.array(measure(state, self._radar.frame))
        place[ELEVATION] = bent_elevation_rad(place[ELEVATION], place[RANGE], self._model.refraction_k)
        return place

    def _covers(self, place: np.ndarray) -> bool:
        radar = self._radar
        inside = radar.min_range_m <= place[RANGE] <= radar.max_range_m
        return bool(inside and radar.min_elevation_rad <= place[ELEVATION] <= radar.max_elevation_rad)

    def _echo(
        self,
        origin: int,
        mover: Mover,
        meeting: Meeting,
        moment: tuple[np.ndarray, np.ndarray],
        rng: np.random.Generator,
    ) -> Echo | None:
        place = self._place(*moment)
        visible = self._covers(place) and not hidden(
            moment[0], self._radar, self._site, self._model.refraction_k
        )
        snr = 0.0
        if visible:
            section = self._section_m2(mover, *moment)
            gain, error_rad = ground_ray(place[ELEVATION], self._antenna_m, self._model)
            snr = gain * mean_snr(section, place[RANGE], meeting.loss_db, self._model)
            place[ELEVATION] += error_rad
        echo = draw_echo(meeting.time_s, origin, place, snr, self._model, rng)
        return echo if visible else None

    def _section_m2(self, mover: Mover, position_enu_m: np.ndarray, velocity_enu_mps: np.ndarray) -> float:
        if isinstance(mover, Bystander):
            return mover.section_m2
        aspect = cos_aspect(position_enu_m, velocity_enu_mps, self._radar.frame.origin_enu_m)
        return section_m2(BODIES.get(mover.weapon, UNKNOWN_BODY), aspect, self._model.wavelength_m)

    def report(self, echo: Echo) -> Reported | None:
        """Return the plot of an echo; None where the radar misses it, or takes it for standing ground."""
        power = detected_power(echo, self._model)
        if power == 0.0:
            return None
        measured = echo.place + errors_of(echo, self._model)
        return self._reported(echo.time_s, echo.origin, measured, power)

    def _reported(self, time_s: float, origin: int, measured: np.ndarray, power: float) -> Reported | None:
        """Return a plot of a measurement as the receiver has it, its errors in it already."""
        if self._radar.measures_range_rate and abs(measured[RANGE_RATE]) < self._model.least_range_rate_mps:
            return None
        sigma = sigma_of(power, float(measured[ELEVATION]), self._model)
        if not self._radar.apparent_elevation:
            # The radar's own computer takes the usual air for granted.
            measured[ELEVATION] = geometric_from_apparent_elevation(measured[ELEVATION], measured[RANGE])
        return Reported(time_s, origin, measured, sigma, float(round(10.0 * math.log10(power))))

    def clutter(
        self, patches: Sequence[PatchField], start_s: float, rng: np.random.Generator
    ) -> list[Reported]:
        """Return the plots of the clutter patches in one update."""
        plots = []
        for patch in patches:
            places_m, rates_mps, above_db = patch.draw(rng)
            for place_m, rate_mps, over_db in zip(places_m, rates_mps, above_db, strict=True):
                place = self._place(place_m, np.zeros(3))
                if self._covers(place) and not hidden(place_m, self._radar, self._site):
                    place[RANGE_RATE] = rate_mps
                    power = self._threshold * 10.0 ** (0.1 * over_db)
                    plots.append(self._still(CLUTTER, place, power, start_s, rng))
        return [plot for plot in plots if plot is not None]

    def _still(
        self, origin: int, place: np.ndarray, power: float, start_s: float, rng: np.random.Generator
    ) -> Reported | None:
        """Return a plot of something that stands still, with errors, when the beam stands on it."""
        share = self._scan.share(place[AZIMUTH], place[ELEVATION])
        sigma = sigma_of(power, float(place[ELEVATION]), self._model)
        measured = place + sigma * rng.standard_normal(4)
        if math.isnan(share):
            return None
        return self._reported(start_s + share * self._radar.update_s, origin, measured, power)

    def noise(self, start_s: float, rng: np.random.Generator) -> list[Reported]:
        """Return the false plots of one update: noise alone over the threshold, any cell as likely as the next."""
        radar = self._radar
        count = int(rng.poisson(self._false_mean))
        lines = np.sin([radar.min_elevation_rad, radar.max_elevation_rad])
        rate_mps = FASTEST_FALSE_MPS
        plots = []
        for range_m, azimuth_rad, sine, rate in rng.uniform(
            [radar.min_range_m, 0.0, lines[0], -rate_mps],
            [radar.max_range_m, 2.0 * math.pi, lines[1], rate_mps],
            (count, 4),
        ):
            power = self._threshold + rng.exponential()
            place = np.array([range_m, azimuth_rad, math.asin(sine), rate])
            plots.append(self._still(FALSE_PLOT, place, power, start_s, rng))
        return [plot for plot in plots if plot is not None]


def _blocks(
    index: int,
    plots: list[Reported],
    start_s: float,
    radar: Radar,
    model: RadarModel,
    errors: RadarTruth,
) -> Iterator[RadarLook]:
    """Yield the plots of one update in blocks by time, with the radar's lasting errors in them."""
    block_s = radar.update_s / model.blocks
    bias = np.array([errors.range_bias_m, errors.azimuth_bias_rad, errors.elevation_bias_rad, 0.0])
    ordered = sorted(plots, key=lambda plot: plot.time_s)
    for k in range(model.blocks):
        from_s, to_s = start_s + k * block_s, start_s + (k + 1) * block_s
        last = k == model.blocks - 1
        own = [plot for plot in ordered if from_s <= plot.time_s and (plot.time_s < to_s or last)]
        measured = np.array([plot.measurement for plot in own]).reshape(-1, 4) + bias
        measured[:, AZIMUTH] %= 2.0 * math.pi
        sigma = np.array([plot.sigma for plot in own]).reshape(-1, 4)
        if not radar.measures_range_rate:
            measured[:, RANGE_RATE] = np.nan
            sigma[:, RANGE_RATE] = 1.0
        columns = Plots(
            np.array([plot.time_s for plot in own], float) + errors.clock_offset_s,
            np.full(len(own), index, np.int64),
            measured,
            sigma,
            np.array([plot.snr_db for plot in own], float),
        )
        sector_rad = 2.0 * math.pi * k / model.blocks if model.scan == ROTATING else math.nan
        origin = np.array([plot.origin for plot in own], np.int64)
        yield RadarLook(index, to_s + errors.clock_offset_s, columns, origin, sector_rad)
