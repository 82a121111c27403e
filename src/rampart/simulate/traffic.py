"""Recorded aircraft as the simulated radars meet them: a CSV of fixes, and straight lines between them."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rampart.domain.site import Site
from rampart.domain.wire import posix_time
from rampart.errors import InputError
from rampart.physics.geodesy import enu_from_geodetic
from rampart.simulate.scenario import Traffic

COLUMNS = ("time", "id", "latitude_deg", "longitude_deg", "height_m")
LONGEST_GAP_S = 60.0
"""Between two fixes farther apart than this nobody knows where the aircraft was."""


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
        if gap_s > LONGEST_GAP_S:
            return None
        velocity = (self.position_enu_m[row + 1] - self.position_enu_m[row]) / gap_s
        return self.position_enu_m[row] + velocity * (time_s - self.time_s[row]), velocity


def read_traffic(traffic: Traffic, site: Site) -> list[Aircraft]:
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
            flights.append(Aircraft(name, times_s, np.array([rows[i][1] for i in first])))
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
