"""The place that is guarded: its frame, its radars, its zones, its air, and when it warns."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from rampart.physics.atmosphere import Air
from rampart.physics.geodesy import Frame
from rampart.physics.motion import World
from rampart.physics.radar import RadarFrame
from rampart.physics.terrain import Terrain

MOST_TOLD = 8
"""So many zones are named where a set of them changes."""


@dataclass(frozen=True, slots=True)
class Radar:
    """One radar: where it stands, what it measures and how well. `sigma (4,)` as in a measurement.

    `range_rate_sigma_mps` is NaN where the radar measures none. `bias (4,)` and `clock_offset_s` are the
    known corrections, subtracted from what the radar reports. `bias_sigma (4,)` and `clock_sigma_s` are what may be
    left of them.
    """

    id: str
    sac: int
    sic: int
    latitude_rad: float
    longitude_rad: float
    height_m: float
    sigma: np.ndarray
    min_range_m: float
    max_range_m: float
    min_elevation_rad: float
    max_elevation_rad: float
    update_s: float
    detection_probability: float
    false_plots_per_scan: float
    bias: np.ndarray
    bias_sigma: np.ndarray
    clock_offset_s: float
    apparent_elevation: bool
    edition: dict[str, str]
    frame: RadarFrame
    clock_sigma_s: float = 0.01

    @property
    def measures_range_rate(self) -> bool:
        return bool(np.isfinite(self.sigma[3]))


@dataclass(frozen=True, slots=True)
class System:
    """A source of system tracks (an air-traffic system, not a radar), and the editions that it sends."""

    id: str
    sac: int
    sic: int
    edition: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Zone:
    """An area to warn: one or more rings in longitude and latitude (rad), the first the outside.

    `polygons` holds for each polygon a tuple of rings, each `(n, 2)` longitude, latitude in radians,
    closed, the first the outer ring and the rest holes. `names` maps a language ("" where the file gives
    plain text) to the name.
    """

    id: str
    names: dict[str, str]
    kind: str
    population: float
    shelter_s: float
    polygons: tuple[tuple[np.ndarray, ...], ...]

    @property
    def name(self) -> str:
        return self.names.get("") or self.names.get("en") or next(iter(self.names.values()))

    def contains(self, latitude_rad: float, longitude_rad: float) -> bool:
        """Return whether the place lies inside: an odd number of ring edges east of it."""
        return any(
            sum(_edges_east(ring, latitude_rad, longitude_rad) for ring in rings) % 2 == 1
            for rings in self.polygons
        )

    @property
    def version(self) -> str:
        """Twelve digits that change when the area, or what decides about it, does; a new name alone is no change."""
        digest = hashlib.blake2b(
            f"{self.kind} {self.population!r} {self.shelter_s!r}".encode(), digest_size=6
        )
        for rings in self.polygons:
            digest.update(len(rings).to_bytes(4, "big"))
            for ring in rings:
                digest.update(len(ring).to_bytes(4, "big") + np.ascontiguousarray(ring, "<f8").tobytes())
        return digest.hexdigest()


def zones_version(zones: tuple[Zone, ...]) -> str:
    """Return twelve digits for a set of zones: the same ids and versions give the same, whatever their order."""
    told = "\n".join(sorted(f"{zone.id}\t{zone.version}" for zone in zones))
    return hashlib.blake2b(told.encode(), digest_size=6).hexdigest()


def zones_changed(old: tuple[Zone, ...], new: tuple[Zone, ...]) -> str:
    """Return in words which zones are gone, changed or new; empty where none is."""
    before, after = ({zone.id: zone.version for zone in zones} for zones in (old, new))
    parts = {
        "gone": [zone for zone in before if zone not in after],
        "changed": [zone for zone in before if after.get(zone, before[zone]) != before[zone]],
        "new": [zone for zone in after if zone not in before],
    }
    return "; ".join(
        f"{what}: {', '.join(ids[:MOST_TOLD])}{f' and {len(ids) - MOST_TOLD} more' if len(ids) > MOST_TOLD else ''}"
        for what, ids in parts.items()
        if ids
    )


def _edges_east(ring: np.ndarray, latitude_rad: float, longitude_rad: float) -> int:
    """Return how many edges of `ring (n, 2)` a ray from the place to the east crosses."""
    start, end = ring[:-1], ring[1:]
    spans = (start[:, 1] > latitude_rad) != (end[:, 1] > latitude_rad)
    start, end = start[spans], end[spans]
    share = (latitude_rad - start[:, 1]) / (end[:, 1] - start[:, 1])
    return int(np.count_nonzero(start[:, 0] + share * (end[:, 0] - start[:, 0]) > longitude_rad))


@dataclass(frozen=True, slots=True)
class WarningSettings:
    """When to warn, and for how long; see site.toml.

    `free_after_s`: a zone is cleared so long after better forecasts moved the danger elsewhere; `second_look_s`: a
    slight risk that leaves people time waits so long for another look.
    """

    raise_probability: float = 0.03
    danger_radius_m: float = 150.0
    clear_after_s: float = 60.0
    attack_gap_s: float = 300.0
    free_after_s: float = 20.0
    second_look_s: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)  # a site is itself, so that what follows from it can be kept
class Site:
    """Everything that the engine knows of the place.

    `frame` is the local east-north-up frame, `world` the motion's surroundings as the site knows them
    (gravity, Coriolis, air), `wind_sigma_mps` how far that wind is to be trusted, `terrain` the ground.
    """

    id: str
    name: str
    timezone: str
    frame: Frame
    world: World
    air: Air
    wind_sigma_mps: float
    terrain: Terrain
    radars: tuple[Radar, ...]
    zones: tuple[Zone, ...]
    warning: WarningSettings = field(default_factory=WarningSettings)
    mode: str = "test"
    systems: tuple[System, ...] = ()

    def radar_index(self, sac: int, sic: int) -> int:
        """Return the index of the radar with this ASTERIX source, or -1."""
        return next((i for i, r in enumerate(self.radars) if (r.sac, r.sic) == (sac, sic)), -1)
