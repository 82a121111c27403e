"""Aircraft as several radars see them, each with errors of its own, as tables of tracks without a tracker."""

import math

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.site import Radar
from rampart.domain.track import AIRCRAFT, CONFIRMED, TrackTable
from rampart.physics.radar import measure
from rampart.sense.common import CLOCK_ERROR
from rampart.sense.registration import Registration
from tests.sense.conftest import radar_like

START_S = 1605614400.0
LOOK_BACK_S = 20.0


def two_radars(**changes) -> tuple[Radar, Radar]:
    """Return the radars of the packaged night, 5.8 km apart."""
    there = {"latitude_rad": math.radians(33.342), "longitude_rad": math.radians(44.433), "height_m": 50.0}
    return radar_like("karkh", **changes), radar_like("rusafa", sic=2, **there, **changes)


class Sky:
    """Aircraft back and forth on straight ways of 50 km, and the plots (time, radar, measurement) of each pass."""

    def __init__(self, radars, errors, duration_s: float, rng: np.random.Generator, aircraft: int = 6):
        self.radars, self.rng = radars, rng
        self.way = [
            (rng.uniform(0.0, 2.0 * np.pi), rng.uniform(-14e3, 14e3), rng.uniform(2e3, 11e3), rng.uniform(100.0, 240.0),
             rng.uniform(0.0, 500.0))
            for _ in range(aircraft)
        ]  # fmt: skip
        self.passes: dict[tuple[int, int], list] = {}
        for row, radar in enumerate(radars):
            for time_s in np.arange(0.37 * row * radar.update_s, duration_s, radar.update_s):
                for one in range(aircraft):
                    self._look(one, row, float(time_s), errors[row])
        for plots in self.passes.values():
            plots.sort(key=lambda plot: plot[0])

    def state(self, one: int, time_s: float) -> tuple[np.ndarray, int]:
        """Return place and velocity (9,) of an aircraft, and the number of its pass."""
        heading, across_m, height_m, speed_mps, since_s = self.way[one]
        number, along_m = divmod((time_s + since_s) * speed_mps, 50e3)
        ahead, side = (
            np.array([np.sin(heading), np.cos(heading)]),
            np.array([np.cos(heading), -np.sin(heading)]),
        )
        place_m = (along_m - 25e3) * ahead + across_m * side
        return np.array([*place_m, height_m, *(speed_mps * ahead), *np.zeros(4)]), int(number)

    def _look(self, one: int, row: int, time_s: float, errors: np.ndarray) -> None:
        radar = self.radars[row]
        state, number = self.state(one, time_s)
        z = np.array(measure(state, radar.frame))
        if (
            z[0] > radar.max_range_m
            or z[2] < radar.min_elevation_rad
            or self.rng.random() > radar.detection_probability
        ):
            return
        z += self.rng.standard_normal(4) * radar.sigma
        z[:3] += errors[:3]
        self.passes.setdefault((one, number), []).append((time_s + errors[CLOCK_ERROR], row, z))

    def table(self, now_s: float, registration: Registration) -> TrackTable:
        """Return the newest plots of each pass under way as tracks, less what was taken off at their time."""
        ids, plots, mean, time_s = [], [], [], []
        for name, (key, own) in enumerate(sorted(self.passes.items()), 1):
            near = [plot for plot in own if now_s - LOOK_BACK_S < plot[0] <= now_s]
            if len(near) > 2:
                ids.append(name)
                plots.append(self._plots(near, registration))
                mean.append(self.state(key[0], near[-1][0])[0][:7] + 3.0 * self.rng.standard_normal(7))
                time_s.append(START_S + near[-1][0])
        n = len(ids)
        kinds, now = np.zeros((n, 4)), np.full(n, START_S + now_s)
        kinds[:, AIRCRAFT] = 1.0
        return TrackTable(
            START_S + now_s, np.array(ids, int), np.full(n, CONFIRMED), np.zeros(n, int), np.ones(n, bool),
            np.array(time_s), np.array(mean).reshape(n, 7), np.zeros((n, 7, 7)), kinds, now, now, now, np.zeros(n),
            tuple(plots),
        )  # fmt: skip

    def _plots(self, near, registration: Registration) -> Plots:
        time_s, radar = START_S + np.array([plot[0] for plot in near]), np.array([plot[1] for plot in near])
        measurement = np.array([plot[2] for plot in near])
        since_s, errors = registration.corrections
        off = errors[np.searchsorted(since_s, time_s, side="right") - 1, radar]
        measurement[:, :3] -= off[:, :3]
        time_s -= off[:, CLOCK_ERROR]
        rows = np.argsort(time_s, kind="stable")
        sigma = np.array([self.radars[row].sigma for row in radar])
        return Plots(time_s[rows], radar[rows], measurement[rows], sigma[rows], np.full(len(rows), 15.0))


def learnt(radars, errors, duration_s: float, seed: int, **sky) -> Registration:
    """Return what is learnt of radars with these errors `(r, 4)`."""
    above = Sky(radars, np.asarray(errors, float), duration_s, np.random.default_rng(seed), **sky)
    registration = Registration(radars)
    for now_s in np.arange(5.0, duration_s, 5.0):
        registration.step(above.table(now_s, registration), START_S + now_s)
    return registration
