"""When a radar's beam meets a thing: an antenna that turns, or beams that step over faces that stand still."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from rampart.domain.site import Radar
from rampart.simulate.surroundings import ROTATING, RadarModel

TURN_RAD = 2.0 * math.pi
CLOSE_S = 1e-4
TRIES = 6
MOST_DRIFT = 0.3
"""The share of a turn that a thing may move about the radar while the antenna turns once."""
DWELL_SPACING = 0.75
"""Beams of an electronic antenna stand this share of their width apart."""
FACE_REACH_RAD = math.radians(60.0)
"""A face is steered no farther than this from its boresight."""
BEAM_EDGE_DB = 12.04
"""A Gaussian beam loses 3.01 dB, one way, half its width off its middle: this times the square of the share."""

Angles = Callable[[float], tuple[float, float]]
"""Azimuth and elevation (rad) of a thing at a POSIX time; before and after its life those of its ends."""


class Meeting(NamedTuple):
    """A moment at which the beam meets a thing, and what the antenna loses there, two ways."""

    time_s: float
    loss_db: float


class Scan(Protocol):
    """How a radar looks around: one update begins at `start_s` and lasts `update_s`."""

    def meetings(self, angles: Angles, start_s: float) -> list[Meeting]:
        """Return when the beam meets a thing within one update."""

    def share(self, azimuth_rad: float, elevation_rad: float) -> float:
        """Return at which share of an update the beam stands there; NaN where it never does."""


def scan_of(radar: Radar, model: RadarModel) -> Scan:
    """Return how this radar looks around."""
    if model.scan == ROTATING:
        return Rotating(radar.update_s)
    return Electronic(radar, model)


@dataclass(frozen=True, slots=True)
class Rotating:
    """A fan of beams, stacked in elevation, that turns clockwise and points north when an update begins."""

    update_s: float

    def share(self, azimuth_rad: float, elevation_rad: float) -> float:
        """Return the share of a turn at which the antenna points there."""
        return azimuth_rad % TURN_RAD / TURN_RAD

    def meetings(self, angles: Angles, start_s: float) -> list[Meeting]:
        """Return the moments of this turn at which the antenna points at the thing: none, one or two.

        What crosses north against the turn is met twice in one turn, and not at all in another.
        """
        share = self.share(*angles(start_s))
        found: list[float] = []
        for turn in (-1.0, 0.0, 1.0):
            if not -MOST_DRIFT <= share + turn <= 1.0 + MOST_DRIFT:
                continue
            time_s = start_s + (share + turn) * self.update_s
            met_s = self._settled(time_s, angles, start_s)
            known = any(abs(met_s - other_s) < 0.5 * self.update_s for other_s in found)
            if start_s <= met_s < start_s + self.update_s and not known:
                found.append(met_s)
        return [Meeting(time_s, 0.0) for time_s in sorted(found)]

    def _settled(self, time_s: float, angles: Angles, start_s: float) -> float:
        for _ in range(TRIES):
            beam_rad = TURN_RAD * (time_s - start_s) / self.update_s
            ahead_rad = math.remainder(angles(time_s)[0] - beam_rad, TURN_RAD)
            time_s += ahead_rad / TURN_RAD * self.update_s
            if abs(ahead_rad) * self.update_s < CLOSE_S * TURN_RAD:
                break
        return time_s


class Electronic:
    """Faces that stand still, each stepping a beam from left to right, bar above bar, all at the same time."""

    def __init__(self, radar: Radar, model: RadarModel):
        self._update_s = radar.update_s
        self._model = model
        self._low_rad = radar.min_elevation_rad
        self._half_rad = min(math.pi / model.faces, FACE_REACH_RAD)
        self._bar_rad = DWELL_SPACING * model.elevation_beam_rad
        bars = max(1, math.ceil((radar.max_elevation_rad - radar.min_elevation_rad) / self._bar_rad))
        middles_rad = self._low_rad + (np.arange(bars) + 0.5) * self._bar_rad
        width_rad = DWELL_SPACING * model.azimuth_beam_rad
        wide = 2.0 * self._half_rad * np.maximum(np.cos(middles_rad), 0.05) / width_rad
        self._columns = np.maximum(np.ceil(wide), 1.0).astype(np.int64)
        self._dwells_before = np.concatenate([[0], np.cumsum(self._columns)])

    def share(self, azimuth_rad: float, elevation_rad: float) -> float:
        """Return the share of an update at which a beam stands there; NaN where no face reaches."""
        dwell = self._dwell(azimuth_rad, elevation_rad)
        return math.nan if dwell is None else self._share_of(*dwell)

    def meetings(self, angles: Angles, start_s: float) -> list[Meeting]:
        """Return the moment of this update at which a beam stands on the thing; none where none does."""
        seen = self._dwell(*angles(start_s))
        time_s, beam = start_s, seen
        for _ in range(TRIES):
            if seen is None:
                return []
            beam, time_s = seen, start_s + self._share_of(*seen) * self._update_s
            seen = self._dwell(*angles(time_s))
            if seen == beam:
                break
        loss_db = math.inf if beam is None else self._loss_db(beam, *angles(time_s))
        return [Meeting(time_s, loss_db)] if math.isfinite(loss_db) else []

    def _face(self, azimuth_rad: float) -> tuple[int, float]:
        """Return the face that looks there and how far right of its boresight the place is."""
        step_rad = TURN_RAD / self._model.faces
        off_rad = azimuth_rad - self._model.boresight_azimuth_rad
        face = round(off_rad / step_rad) % self._model.faces
        return face, math.remainder(off_rad - face * step_rad, TURN_RAD)

    def _dwell(self, azimuth_rad: float, elevation_rad: float) -> tuple[int, int, int] | None:
        """Return face, bar and column of the beam nearest to a direction; None where no face reaches."""
        if math.isnan(elevation_rad):
            return None
        face, off_rad = self._face(azimuth_rad)
        bar = math.floor((elevation_rad - self._low_rad) / self._bar_rad)
        if abs(off_rad) > self._half_rad or not 0 <= bar < len(self._columns):
            return None
        columns = int(self._columns[bar])
        return face, bar, min(int((off_rad / self._half_rad + 1.0) / 2.0 * columns), columns - 1)

    def _share_of(self, face: int, bar: int, column: int) -> float:
        return float((self._dwells_before[bar] + column + 0.5) / self._dwells_before[-1])

    def _loss_db(self, dwell: tuple[int, int, int], azimuth_rad: float, elevation_rad: float) -> float:
        """Return the loss, two ways, of a thing off its beam's middle, of a beam off its face's boresight.

        A face seen at an angle is smaller, and its elements weaker there: gain falls by about cos^1.5, one way.
        [skolnik], ch. 9. Infinite where the thing has left the beam.
        """
        model = self._model
        face, bar, column = dwell
        own_rad = ((column + 0.5) / self._columns[bar] * 2.0 - 1.0) * self._half_rad
        step_rad = TURN_RAD / model.faces
        at_rad = azimuth_rad - model.boresight_azimuth_rad - face * step_rad
        across = math.remainder(at_rad - own_rad, TURN_RAD) * math.cos(elevation_rad) / model.azimuth_beam_rad
        above = (elevation_rad - self._low_rad) / self._bar_rad - bar - 0.5
        above *= DWELL_SPACING
        if max(abs(across), abs(above)) > 1.0:
            return math.inf
        tilt_rad = model.boresight_elevation_rad
        cosine = math.sin(elevation_rad) * math.sin(tilt_rad)
        cosine += math.cos(elevation_rad) * math.cos(tilt_rad) * math.cos(own_rad)
        steering_db = -30.0 * math.log10(max(cosine, 0.05))
        return 2.0 * BEAM_EDGE_DB * (across**2 + above**2) + steering_db
