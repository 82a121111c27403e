"""What else a simulation may be asked for: radars by their physics, clutter patches, birds, drones."""

from dataclasses import dataclass
from math import isfinite, nan, pi

from rampart.errors import InputError

ELECTRONIC, ROTATING = "electronic", "rotating"
STEADY, SWERLING_1, SWERLING_3 = "steady", "swerling-1", "swerling-3"


@dataclass(frozen=True, slots=True)
class RadarModel:
    """The physics of one simulated radar; every default is a typical, public, assumed value.

    `reference_snr_db`: mean signal-to-noise ratio of one look at 1 m2 at `reference_range_m`, in the middle of
    the beam. `range_cell_m`, `azimuth_beam_rad`, `elevation_beam_rad` (3 dB, one way) and
    `range_rate_cell_mps` make the resolution cell; the `floor`s are what is left of the errors in a strong
    signal. `false_alarm_probability` is that of one resolution cell, `cfar_cells` the cells around it from
    which the noise is estimated (0: the noise is known). Nothing with a range rate below
    `least_range_rate_mps` is reported. Rays bend as over an earth of `refraction_k` its radius.
    `ground_reflection` (0: none) and `ground_roughness_m` make the reflected ray. An electronic antenna has
    `faces`, the first to `boresight_azimuth_rad`, all tilted up by `boresight_elevation_rad`. The plots of an
    update come in so many `blocks`.
    """

    id: str
    scan: str = ELECTRONIC
    fluctuation: str = SWERLING_1
    reference_snr_db: float = 42.0
    reference_range_m: float = 12e3
    wavelength_m: float = 0.055
    range_cell_m: float = 30.0
    azimuth_beam_rad: float = pi / 100.0
    elevation_beam_rad: float = pi / 100.0
    range_rate_cell_mps: float = 3.0
    range_floor_m: float = 5.0
    azimuth_floor_rad: float = 0.06 * pi / 180.0
    elevation_floor_rad: float = 0.06 * pi / 180.0
    range_rate_floor_mps: float = 0.3
    false_alarm_probability: float = 2e-9
    cfar_cells: int = 32
    least_range_rate_mps: float = 0.0
    refraction_k: float = 4.0 / 3.0
    ground_reflection: float = 0.0
    ground_roughness_m: float = 0.2
    faces: int = 4
    boresight_azimuth_rad: float = 0.0
    boresight_elevation_rad: float = pi / 12.0
    blocks: int = 8


@dataclass(frozen=True, slots=True)
class ClutterPatch:
    """A round patch of ground that gives plots: `plots_per_km2` a look of each radar that sees it, on average.

    They lie up to `top_above_ground_m` over the ground; `persistent` is the share of them that comes from
    fixed places. Their range rates spread by `range_rate_sigma_mps`, their signal lies on average `snr_db` above
    the threshold of detection.
    """

    latitude_rad: float
    longitude_rad: float
    radius_m: float
    plots_per_km2: float
    top_above_ground_m: float = 30.0
    persistent: float = 0.5
    range_rate_sigma_mps: float = 0.5
    snr_db: float = 6.0


@dataclass(frozen=True, slots=True)
class Birds:
    """`count` birds about a place, each at a speed over the ground and a height above it within these limits.

    They wander within `radius_m`, or travel along `heading_rad` where that is a number. `section_m2` is their
    middle radar cross-section; single birds lie about it.
    """

    count: int
    latitude_rad: float
    longitude_rad: float
    radius_m: float
    lowest_m: float = 20.0
    highest_m: float = 300.0
    slowest_mps: float = 8.0
    fastest_mps: float = 20.0
    heading_rad: float = nan
    section_m2: float = 0.01

    def __post_init__(self):
        if not self.lowest_m < self.highest_m:
            raise InputError("above_ground_m", "lowest and highest, rising", [self.lowest_m, self.highest_m])
        if not 0.0 < self.slowest_mps <= self.fastest_mps:
            speeds = [self.slowest_mps, self.fastest_mps]
            raise InputError("speed_mps", "slowest and fastest, rising, above 0", speeds)

    @property
    def travels(self) -> bool:
        return isfinite(self.heading_rad)


@dataclass(frozen=True, slots=True)
class Drone:
    """A small multirotor that flies along `route`: places of latitude rad, longitude rad, height m (WGS84).

    It takes off `time_s` after the start, flies at `speed_mps` and hovers `hover_s` at every place.
    """

    time_s: float
    route: tuple[tuple[float, float, float], ...]
    speed_mps: float = 15.0
    hover_s: float = 0.0
    section_m2: float = 0.01
