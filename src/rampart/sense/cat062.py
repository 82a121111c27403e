"""ASTERIX category 062, the tracks of an air-traffic system: what its fields mean.

A system track is the work of another tracker on other radars' plots: smoothed, late, and of aircraft. It is no
plot and starts no track here; it is read, checked, counted and given as columns.
"""

from dataclasses import dataclass

import numpy as np

from rampart.numerics.jit import lean_kernel
from rampart.sense.verdicts import NO_POSITION, SIMULATED_TARGET, SYSTEM_TRACK

FIELDS = (
    "010/SAC", "010/SIC", "070", "040", "105/LAT", "105/LON", "185/VX", "185/VY", "130", "136", "220",
    "080/SIM", "060/MODE3A",
)  # fmt: skip
(
    SAC, SIC, TIME, TRACK, LATITUDE, LONGITUDE, EAST_SPEED, NORTH_SPEED, HEIGHT, FLIGHT_LEVEL, CLIMB,
    SIMULATED, CODE,
) = range(13)  # fmt: skip

FOOT_M = 0.3048
FLIGHT_LEVEL_M = 100.0 * FOOT_M
CLIMB_MPS = FOOT_M / 60.0


@dataclass(frozen=True, slots=True)
class SystemTracks:
    """The system tracks of one datagram, n of them; NaN where a record does not say.

    `time_s (n,)` POSIX, `source (n,)` SAC * 256 + SIC, `track (n,)` the system's number, `position (n, 2)`
    latitude and longitude (rad), `velocity (n, 3)` east, north, up (m/s), `height_m (n,)` geometric over
    sea level, `pressure_height_m (n,)` by the measured flight level, `code (n,)` the reply to mode 3/A.
    """

    time_s: np.ndarray
    source: np.ndarray
    track: np.ndarray
    position: np.ndarray
    velocity: np.ndarray
    height_m: np.ndarray
    pressure_height_m: np.ndarray
    code: np.ndarray

    def __len__(self) -> int:
        return len(self.time_s)


def system_tracks(value: np.ndarray, time_s: np.ndarray) -> SystemTracks:
    """Return the columns of records with the fields `value (n, 13)` and the times `time_s (n,)`."""
    velocity = value[:, [EAST_SPEED, NORTH_SPEED, CLIMB]] * np.array([1.0, 1.0, CLIMB_MPS])
    return SystemTracks(
        time_s=time_s,
        source=(value[:, SAC] * 256 + value[:, SIC]).astype(np.int64),
        track=value[:, TRACK],
        position=np.radians(value[:, [LATITUDE, LONGITUDE]]),
        velocity=velocity,
        height_m=value[:, HEIGHT] * FOOT_M,
        pressure_height_m=value[:, FLIGHT_LEVEL] * FLIGHT_LEVEL_M,
        code=value[:, CODE],
    )


@lean_kernel
def judge_062(value, row, live):
    """Return the verdict on the content of a record of a known system; its fields are `value[row]`."""
    if live and value[row, SIMULATED] == 1:
        return SIMULATED_TARGET
    if np.isnan(value[row, LATITUDE]) or np.isnan(value[row, LONGITUDE]):
        return NO_POSITION
    return SYSTEM_TRACK
