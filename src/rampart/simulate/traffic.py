"""What flies and is no projectile, as the simulated radars meet it; recorded aircraft from a CSV of fixes."""

import csv
import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rampart.domain.site import Site
from rampart.domain.wire import posix_time
from rampart.errors import InputError
from rampart.physics.geodesy import enu_from_geodetic
from rampart.simulate.crosssection import AIRCRAFT_M2
from rampart.simulate.look import AIRCRAFT
from rampart.simulate.scenario import Traffic

COLUMNS = ("time", "id", "latitude_deg", "longitude_deg", "height_m")
LONGEST_GAP_S = 60.0
"""Between two fixes farther apart than this nobody knows where the aircraft was."""


@dataclass(frozen=True, slots=True)
class Bystander:
    """An aircraft, a bird or a drone: `time_s (n,)` rising, `position_enu_m (n, 3)`, n of 2 or more.

    `origin` is that of its plots, `section_m2` its mean radar cross-section. `velocity_enu_mps (n, 3)` follows
    from the places: at each that of the parabola through its neighbours, across a gap that of one side.
    """

    id: str
    time_s: np.ndarray
    position_enu_m: np.ndarray
    origin: int = AIRCRAFT
    section_m2: float = AIRCRAFT_M2
    velocity_enu_mps: np.ndarray = field(init=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "velocity_enu_mps", _velocities(self.time_s, self.position_enu_m))

    def state_at(self, time_s: float) -> tuple[np.ndarray, np.ndarray] | None:
        """Return place and velocity by the cubic between two fixes; None outside the record or in a gap."""
        if not self.time_s[0] <= time_s <= self.time_s[-1]:
            return None
        row = min(max(int(np.searchsorted(self.time_s, time_s)) - 1, 0), len(self.time_s) - 2)
        gap_s = self.time_s[row + 1] - self.time_s[row]
        if gap_s > LONGEST_GAP_S:
            return None
        s, p, v = (time_s - self.time_s[row]) / gap_s, self.position_enu_m, self.velocity_enu_mps
        step, first, last = p[row + 1] - p[row], v[row] * gap_s, v[row + 1] * gap_s
        c2, c3 = 3.0 * step - 2.0 * first - last, -2.0 * step + first + last
        return p[row] + s * (first + s * (c2 + s * c3)), (first + s * (2.0 * c2 + 3.0 * s * c3)) / gap_s


def _velocities(time_s: np.ndarray, position_m: np.ndarray) -> np.ndarray:
    """Return the velocity (n, 3) at each place."""
    gap_s = np.diff(time_s)[:, None]
    slope_mps = np.diff(position_m, axis=0) / gap_s
    weight = np.where(gap_s > LONGEST_GAP_S, 1e-9, 1.0) / gap_s
    inner = (slope_mps[:-1] * weight[:-1] + slope_mps[1:] * weight[1:]) / (weight[:-1] + weight[1:])
    return np.vstack([slope_mps[:1], inner, slope_mps[-1:]])


def read_traffic(traffic: Traffic, site: Site) -> list[Bystander]:
    """Return the flights of a CSV with the columns time, id, latitude_deg, longitude_deg, height_m.

    Raises InputError naming row, column and value.
    """
    fixes: dict[str, list[tuple[float, tuple[float, float, float]]]] = {}
    reader = csv.DictReader(_lines(traffic.path))
    if reader.fieldnames is None or not set(COLUMNS) <= set(reader.fieldnames):
        header = ",".join(reader.fieldnames or ())
        raise InputError(traffic.path, f"a header with {', '.join(COLUMNS)}", header)
    for number, row in enumerate(reader, 2):
        where = f"{traffic.path}: row {number}"
        time_s = _number(row["time"], posix_time, f"{where}: time", "an ISO-8601 time")
        place = [_number(row[name], float, f"{where}: {name}", "a number") for name in COLUMNS[2:]]
        enu_m = enu_from_geodetic(math.radians(place[0]), math.radians(place[1]), place[2], site.frame)
        fixes.setdefault(row["id"], []).append((time_s, enu_m))
    flights = []
    for name, rows in fixes.items():
        times_s, first = np.unique([time_s for time_s, _ in rows], return_index=True)
        if len(times_s) > 1:
            place_m = np.array([rows[i][1] for i in first])
            flights.append(Bystander(name, times_s, place_m, section_m2=traffic.section_m2))
    return flights


def _lines(path: str) -> list[str]:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, f"a readable CSV file ({error})") from None
    return text.replace("\0", "").splitlines()


def _number(text: str | None, read, where: str, wanted: str) -> float:
    try:
        value = read(text)
    except (TypeError, ValueError) as error:
        raise InputError(where, wanted, text) from error
    if not math.isfinite(value):
        raise InputError(where, wanted, text)
    return value
