"""How far each radar is off in range, azimuth, elevation and time: learnt from aircraft that several radars see."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rampart.domain.scan import ELEVATION, Plots
from rampart.domain.site import Radar
from rampart.domain.track import TrackTable
from rampart.numerics.jit import kernel
from rampart.numerics.linalg import invert_symmetric
from rampart.sense.common import (
    CLOCK_ERROR,
    ERRORS,
    Chain,
    Evidence,
    follow_chain,
    new_chain,
    sensors_of,
)

EPOCH_S = 5.0
"""The estimate is renewed once in so long, so that plots near each other in time are corrected alike."""
PATIENCE_S = 3.0
"""Plots are taken up this long after their time, when late ones have come in."""
LONGEST_GAP_S, LONGEST_GAP_UPDATES = 10.0, 3.0
"""An aircraft that was seen by fewer than two radars for so long is taken up anew."""
DRIFT_HOUR = np.array([1.0, 1e-4, 1e-4, 2e-3])
"""How far the errors wander in an hour, one standard deviation: m, rad, rad, s."""
TAIL = 3.0
"""Degrees of freedom of the prior, Student's t over all radars for each kind of error: most sites are aligned as they
say, some are far off. [lange]"""
MOST_INFLATED = 0.01
"""The prior is held to this share of its information at least: ten times the site's standard deviation."""
LEAST_SIGMA = np.array([1e-3, 1e-7, 1e-7, 1e-6])
KEPT_VERSIONS = 64
USUAL_SPEED_MPS, USUAL_RANGE_M = 300.0, 8000.0
"""Of a projectile under fire: so a clock's error is told as errors of range and angle."""
AIRCRAFT_SURE = 0.9
"""Tracks that are this surely no projectile's are used."""
FAR, BACK = 4.0, 3.5
"""So many of the site's own standard deviations off, and a radar is out of order; so few, and it is well again."""
NAMES, SCALES, UNITS = (
    ("range", "azimuth", "elevation", "clock"),
    (1.0, 57.29578, 57.29578, 1.0),
    ("m", "°", "°", "s"),
)
MOST_USELESS, MOST_SQUARE = 0.3, 3.0
"""Where more than this share of a track's newest plots fits nothing, or the rest on average worse than noise by this,
the aircraft is none, or none that a filter can follow: nothing is learnt from it."""
FEW_NUMBERS = 12
ENOUGH_NUMBERS, NOISE_MEMORY = 300.0, 0.999
"""How many numbers the claim that the radars' noise is as stated counts for; what their plots say of it fades by so
much an epoch."""


class Corrections(NamedTuple):
    """What is taken off: from `since_s (v,)` on, POSIX by the radar's clock, `errors (v, r, 4)`; the last lasts."""

    since_s: np.ndarray
    errors: np.ndarray


@dataclass(slots=True)
class _Seen:
    """An aircraft under way: its chain, the time up to which it goes, and when each radar last saw it."""

    chain: Chain
    last_s: float
    done_s: float
    seen_s: np.ndarray


class Registration:
    """Estimates the errors of all radars of a site together, as what the plots say plus what the site says.

    What the plots say is kept as information that fades only as the errors may wander, so that an estimate outlives a
    night without traffic; the site's prior is added when the errors are solved for. With one radar, or none that
    share aircraft, that prior is the estimate. `errors (r, 4)` and `covariance (4 r, 4 r)` are its newest state;
    `bias_sigma (r, 4)` what may be left as biases of range, azimuth, elevation and range rate, clocks included;
    `astray` says of each radar in words which errors leave what the site allows for by far, "" where none does.
    """

    def __init__(self, radars: tuple[Radar, ...]):
        r = len(radars)
        self._sensors = sensors_of(radars)
        prior = [[*radar.bias_sigma[:3], radar.clock_sigma_s] for radar in radars]
        self.prior_sigma = np.maximum(np.nan_to_num(np.array(prior).reshape(r, ERRORS)), LEAST_SIGMA)
        self._rate_sigma = np.array([radar.bias_sigma[3] for radar in radars])
        self._gap_s = max([LONGEST_GAP_S, *(LONGEST_GAP_UPDATES * radar.update_s for radar in radars)])
        size = r * ERRORS
        self._evidence = Evidence(np.zeros((size, size)), np.zeros(size))
        self._squares, self._numbers = 0.0, 0.0
        self.errors = np.zeros((r, ERRORS))
        self.covariance = np.diag(self.prior_sigma.ravel() ** 2)
        self.corrections = Corrections(np.array([-np.inf]), np.zeros((1, r, ERRORS)))
        self.bias_sigma = self._left()
        self.astray = [""] * r
        self._seen: dict[int, _Seen] = {}
        self._epoch = -np.inf

    @property
    def sigma(self) -> np.ndarray:
        """What may be left of each error, one standard deviation, (r, 4)."""
        return np.sqrt(np.diag(self.covariance)).reshape(-1, ERRORS)

    def step(self, tracks: TrackTable, now_s: float) -> None:
        """Once an epoch, learn from the tracks and renew the estimate; it holds for plots of later epochs."""
        epoch = np.floor(now_s / EPOCH_S)
        if not epoch > self._epoch or len(self.errors) < 2:
            return
        elapsed_s = (epoch - self._epoch) * EPOCH_S if np.isfinite(self._epoch) else 0.0
        self._epoch = epoch
        self._wander(elapsed_s)
        self._squares *= NOISE_MEMORY
        self._numbers *= NOISE_MEMORY
        rows = np.flatnonzero(
            tracks.is_live() & (tracks.motion_probability[:, 2:].sum(axis=1) > AIRCRAFT_SURE)
        )
        present = set()
        for row in rows.tolist():
            present.add(int(tracks.id[row]))
            self._learn(tracks, row, now_s - PATIENCE_S)
        self._seen = {track: seen for track, seen in self._seen.items() if track in present}
        if self._numbers:
            self._solve()
            self._publish((epoch + 1.0) * EPOCH_S)

    def _wander(self, elapsed_s: float) -> None:
        """Let what was learnt grow old: the errors walk at random. [barshalom], 7.2 (information filter)."""
        if elapsed_s <= 0.0 or not self._numbers:
            return
        information, vector = self._evidence
        walked = np.tile(DRIFT_HOUR**2 * elapsed_s / 3600.0, len(self.errors))
        inverse, scratch = np.empty_like(information), np.empty_like(information)
        if invert_symmetric(information + np.diag(1.0 / walked), scratch, inverse):
            vector -= information @ (inverse @ vector)
            information -= information @ inverse @ information
            information[:] = 0.5 * (information + information.T)

    def _learn(self, tracks: TrackTable, row: int, until_s: float) -> None:
        """Take up the plots of one track up to a time."""
        track, plots = int(tracks.id[row]), tracks.plots[row]
        seen = self._seen.get(track)
        begin_s = until_s - EPOCH_S if seen is None else seen.done_s
        first, last = np.searchsorted(plots.time_s, [begin_s, until_s], side="right").tolist()
        if first == last:
            return
        time_s, measurement = self._as_believed(plots.take(slice(first, last)))
        order = np.argsort(time_s, kind="stable")
        radar, sigma = plots.radar[first:last][order], plots.sigma[first:last][order]
        time_s, measurement = time_s[order], measurement[order]
        if seen is None or time_s[0] - seen.last_s > self._gap_s:
            seen = self._take_up(tracks, row, time_s, radar, measurement)
            if seen is None:
                return
            self._seen[track] = seen
        np.maximum.at(seen.seen_s, radar, time_s)
        seen.done_s = until_s
        if np.count_nonzero(seen.seen_s > time_s[-1] - self._gap_s) < 2:
            del self._seen[track]
            return
        told = Evidence(*(np.zeros_like(part) for part in self._evidence))
        squares, numbers, useless = follow_chain(
            seen.chain, seen.last_s, time_s, radar, measurement, sigma, self.errors.ravel(), self.covariance,
            self._sensors, told,
        )  # fmt: skip
        seen.last_s = float(time_s[-1])
        if useless > MOST_USELESS * len(time_s) or squares > MOST_SQUARE * max(numbers, FEW_NUMBERS):
            del self._seen[track]
            return
        for sum_, part in zip(self._evidence, told, strict=True):
            sum_ += part
        self._squares += squares
        self._numbers += numbers

    def _take_up(self, tracks: TrackTable, row: int, time_s, radar, measurement) -> _Seen | None:
        """Return a new chain that begins where the track was at its first plots; None where none has a height."""
        if not np.isfinite(measurement[:, ELEVATION]).any():
            return None
        place, velocity = tracks.mean_enu[row, :3], tracks.mean_enu[row, 3:6]
        begin_s = float(time_s[0])
        place = place - (float(tracks.track_time_s[row]) - begin_s) * velocity
        chain = new_chain(place, velocity, int(radar[0]), self.errors.size)
        return _Seen(chain, begin_s, -np.inf, np.full(len(self.errors), -np.inf))

    def _as_believed(self, plots: Plots) -> tuple[np.ndarray, np.ndarray]:
        """Return times and measurements, which have been corrected as it was then believed, as is believed now."""
        time_s, measurement = np.empty(len(plots)), np.empty((len(plots), 4))
        renew_each(
            plots.time_s, plots.radar, plots.measurement, self.corrections, self.errors, time_s, measurement
        )
        return time_s, measurement

    def _solve(self) -> None:
        """Find the errors and what may be left of them; chains move along."""
        information, vector = self._evidence
        # noise above what the radars claim makes all of it less sure [birge]
        excess = (ENOUGH_NUMBERS + self._squares) / (ENOUGH_NUMBERS + self._numbers)
        told = 1.0 / max(excess, 1.0)
        spread = (self.errors**2 + self.sigma**2) / self.prior_sigma**2
        weight = np.maximum((TAIL + len(spread)) / (TAIL + spread.sum(axis=0)), MOST_INFLATED)
        whole = told * information + np.diag((weight / self.prior_sigma**2).ravel())
        scratch, covariance = np.empty_like(whole), np.empty_like(whole)
        if not invert_symmetric(whole, scratch, covariance):
            return
        errors = covariance @ (told * vector)
        moved = errors - self.errors.ravel()
        for seen in self._seen.values():
            seen.chain.mean[:] += seen.chain.slope @ moved
        self.errors, self.covariance = errors.reshape(-1, ERRORS), covariance
        self.bias_sigma = self._left()
        self.astray = [self._said_of(row) for row in range(len(self.errors))]

    def _apart(self) -> tuple[np.ndarray, np.ndarray]:
        """Return by how much each clock is off the mean of all, (r,), and its standard deviation, (r,).

        What all clocks share shifts nothing but the time of it all, and no plot tells it.
        """
        clocks = self.covariance[CLOCK_ERROR::ERRORS, CLOCK_ERROR::ERRORS]
        apart = np.eye(len(clocks)) - 1.0 / max(len(clocks), 1)
        return apart @ self.errors[:, CLOCK_ERROR], np.sqrt(
            np.maximum(np.diag(apart @ clocks @ apart.T), 0.0)
        )

    def _left(self) -> np.ndarray:
        """Return what may be left, (r, 4), as `bias_sigma` has it."""
        sigma, (_, clock_s) = self.sigma, self._apart()
        way_m = USUAL_SPEED_MPS * clock_s
        left = np.empty((len(sigma), 4))
        left[:, 0] = np.hypot(sigma[:, 0], way_m)
        left[:, 1] = np.hypot(sigma[:, 1], way_m / USUAL_RANGE_M)
        left[:, 2] = np.hypot(sigma[:, 2], way_m / USUAL_RANGE_M)
        left[:, 3] = self._rate_sigma
        return left

    def _said_of(self, row: int) -> str:
        """Return in words what is far off with a radar."""
        off, sigma = self.errors[row].copy(), self.sigma[row]
        clock, clock_sigma = self._apart()
        off[CLOCK_ERROR], sigma[CLOCK_ERROR] = clock[row], clock_sigma[row]
        limit = (BACK if self.astray[row] else FAR) * self.prior_sigma[row]
        far = np.flatnonzero((np.abs(off) > limit) & (np.abs(off) > FAR * sigma)).tolist()
        said = [f"{NAMES[c]} {SCALES[c] * off[c]:+.3g} {UNITS[c]}" for c in far]
        return f"off by more than the site allows for, and corrected: {', '.join(said)}" if said else ""

    def _publish(self, since_s: float) -> None:
        """Let the newest errors be taken off from a time on."""
        since, errors = self.corrections
        keep = slice(max(len(since) + 1 - KEPT_VERSIONS, 0), None)
        self.corrections = Corrections(
            np.append(since, since_s)[keep], np.concatenate([errors, self.errors[None]])[keep]
        )


@kernel
def version_at(stamped_s, corrections):
    """Return which corrections hold for a time by the radar's clock."""
    version = corrections.since_s.shape[0] - 1
    while version > 0 and stamped_s < corrections.since_s[version]:
        version -= 1
    return version


@kernel
def renew_each(time_s, radar, measurement, corrections, errors, out_time_s, out_measurement):
    """Fill times and measurements `(n, 4)` with those given less `errors (r, 4)` instead of what was taken off."""
    for row in range(time_s.shape[0]):
        by = radar[row]
        version = corrections.since_s.shape[0] - 1
        while (
            version > 0
            and time_s[row] + corrections.errors[version, by, CLOCK_ERROR] < corrections.since_s[version]
        ):
            version -= 1
        was = corrections.errors[version, by]
        out_time_s[row] = time_s[row] + was[CLOCK_ERROR] - errors[by, CLOCK_ERROR]
        for c in range(3):
            out_measurement[row, c] = measurement[row, c] + was[c] - errors[by, c]
        out_measurement[row, 3] = measurement[row, 3]
