"""The tables and keys of site.toml and scenario.toml, and what each may hold; a key not named here is an error."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=80)]
Latitude = Annotated[float, Meta(ge=-90.0, le=90.0)]
Longitude = Annotated[float, Meta(ge=-180.0, le=180.0)]
Height = Annotated[float, Meta(ge=-500.0, le=9000.0)]
Positive = Annotated[float, Meta(gt=0.0, le=1e7)]
NotNegative = Annotated[float, Meta(ge=0.0, le=1e7)]
Probability = Annotated[float, Meta(gt=0.0, le=1.0)]
Octet = Annotated[int, Meta(ge=0, le=255)]
Angle = Annotated[float, Meta(ge=-90.0, le=90.0)]
Offset = Annotated[float, Meta(ge=-1e5, le=1e5)]
Beam = Annotated[float, Meta(ge=0.05, le=90.0)]
Section = Annotated[float, Meta(ge=-80.0, le=60.0)]
Wind = Annotated[float, Meta(ge=-150.0, le=150.0)]


class Keys(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table of a TOML file."""


class SiteKeys(Keys, kw_only=True, frozen=True):
    """`[site]`: the place itself."""

    id: Annotated[str, Meta(pattern="^[A-Za-z0-9._-]{1,60}$")]
    name: Name
    latitude_deg: Latitude
    longitude_deg: Longitude
    height_m: Height
    ground_height_m: Height | None = None
    terrain: str | None = None
    timezone: str = "UTC"
    zones: str
    names: str | None = None


class RadarKeys(Keys, kw_only=True, frozen=True):
    """`[[radar]]`: one radar of a site."""

    id: Name
    sac: Octet
    sic: Octet
    latitude_deg: Latitude
    longitude_deg: Longitude
    height_m: Height
    range_sigma_m: Positive
    azimuth_sigma_deg: Positive
    elevation_sigma_deg: Positive
    range_rate_sigma_mps: Positive | None = None
    min_range_m: NotNegative = 0.0
    max_range_m: Positive
    min_elevation_deg: Angle = 0.0
    max_elevation_deg: Angle = 90.0
    update_s: Positive
    azimuth_bias_deg: Offset = 0.0
    elevation_bias_deg: Offset = 0.0
    range_bias_m: Offset = 0.0
    clock_offset_s: Offset = 0.0
    range_bias_sigma_m: NotNegative = 5.0
    azimuth_bias_sigma_deg: NotNegative | None = None
    elevation_bias_sigma_deg: NotNegative | None = None
    clock_sigma_s: NotNegative = 0.01
    elevation: Literal["geometric", "apparent"] = "geometric"
    edition: dict[str, str] = {}
    detection_probability: Probability = 0.9
    false_plots_per_scan: NotNegative = 5.0


class SystemKeys(Keys, kw_only=True, frozen=True):
    """`[[system]]`: a source of system tracks that is no radar."""

    id: Name
    sac: Octet
    sic: Octet
    edition: dict[str, str] = {}


class WarningKeys(Keys, kw_only=True, frozen=True):
    """`[warning]`: when to warn."""

    raise_probability: Probability = 0.03
    danger_radius_m: NotNegative = 150.0
    clear_after_s: NotNegative = 60.0
    attack_gap_s: Positive = 300.0
    free_after_s: NotNegative = 20.0
    second_look_s: NotNegative = 1.0


class WeatherKeys(Keys, kw_only=True, frozen=True):
    """`[weather]`: the air, known to a site or true in a scenario."""

    sounding: str | None = None
    wind_sigma_mps: NotNegative | None = None
    wind_east_mps: Wind = 0.0
    wind_north_mps: Wind = 0.0


class FeedKeys(Keys, kw_only=True, frozen=True):
    """`[[feed]]`: where radars are heard, `udp://ADDRESS:PORT`; a multicast group on which interfaces."""

    listen: str
    interface: str | list[str] = []


class SiteFile(Keys, kw_only=True, frozen=True):
    """A whole site.toml."""

    site: SiteKeys
    radar: Annotated[list[RadarKeys], Meta(min_length=1)]
    system: list[SystemKeys] = []
    warning: WarningKeys = WarningKeys()
    weather: WeatherKeys | None = None
    channel: list[dict[str, Any]] = []
    feed: list[FeedKeys] = []


class LaunchKeys(Keys, kw_only=True, frozen=True):
    """`[[launch]]`: projectiles from one place at one aim."""

    weapon: Name
    time_s: NotNegative
    latitude_deg: Latitude
    longitude_deg: Longitude
    aim_latitude_deg: Latitude
    aim_longitude_deg: Longitude
    count: Annotated[int, Meta(ge=1, le=1000)] = 1
    interval_s: NotNegative = 2.0
    dispersion_m: NotNegative = 0.0
    arc: Literal["low", "high"] | None = None
    fate: Literal["ground", "airburst"] = "ground"
    burst_s: Positive | None = None


class RadarTruthKeys(Keys, kw_only=True, frozen=True):
    """`[[radar_truth]]`: what a simulated radar really errs by."""

    id: Name
    range_bias_m: Offset = 0.0
    azimuth_bias_deg: Offset = 0.0
    elevation_bias_deg: Offset = 0.0
    clock_offset_s: Offset = 0.0


class TrafficKeys(Keys, kw_only=True, frozen=True):
    """`[[traffic]]`: recorded aircraft."""

    file: str
    section_dbsm: Section = 13.0


class RadarModelKeys(Keys, kw_only=True, frozen=True):
    """`[[radar_model]]`: a simulated radar by its physics. Every default is typical and assumed."""

    id: Name
    scan: Literal["electronic", "rotating"] = "electronic"
    fluctuation: Literal["swerling-1", "swerling-3", "steady"] = "swerling-1"
    reference_snr_db: Annotated[float, Meta(ge=-50.0, le=120.0)] = 42.0
    reference_range_m: Positive = 12e3
    wavelength_m: Annotated[float, Meta(ge=0.001, le=3.0)] = 0.055
    range_cell_m: Positive = 30.0
    azimuth_beam_deg: Beam = 1.8
    elevation_beam_deg: Beam = 1.8
    range_rate_cell_mps: Positive = 3.0
    range_floor_m: NotNegative = 5.0
    azimuth_floor_deg: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.06
    elevation_floor_deg: Annotated[float, Meta(ge=0.0, le=10.0)] = 0.06
    range_rate_floor_mps: NotNegative = 0.3
    false_alarm_probability: Annotated[float, Meta(ge=1e-15, le=1e-3)] = 2e-9
    cfar_cells: Annotated[int, Meta(ge=0, le=1000)] = 32
    least_range_rate_mps: NotNegative = 0.0
    refraction_k: Annotated[float, Meta(ge=0.5, le=10.0)] = 4.0 / 3.0
    ground_reflection: Annotated[float, Meta(ge=0.0, le=0.95)] = 0.0
    ground_roughness_m: NotNegative = 0.2
    faces: Annotated[int, Meta(ge=1, le=12)] = 4
    boresight_azimuth_deg: Annotated[float, Meta(ge=-360.0, le=360.0)] = 0.0
    boresight_elevation_deg: Angle = 15.0
    blocks: Annotated[int, Meta(ge=1, le=256)] = 8


class ClutterKeys(Keys, kw_only=True, frozen=True):
    """`[[clutter]]`: a round patch of ground that gives plots."""

    latitude_deg: Latitude
    longitude_deg: Longitude
    radius_m: Annotated[float, Meta(gt=0.0, le=50e3)]
    plots_per_km2: Annotated[float, Meta(ge=0.0, le=1000.0)]
    top_above_ground_m: Annotated[float, Meta(gt=0.0, le=5000.0)] = 30.0
    persistent: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5
    range_rate_sigma_mps: NotNegative = 0.5
    snr_db: Annotated[float, Meta(ge=0.0, le=60.0)] = 6.0


class BirdKeys(Keys, kw_only=True, frozen=True):
    """`[[birds]]`: birds about a place."""

    count: Annotated[int, Meta(ge=1, le=10000)]
    latitude_deg: Latitude
    longitude_deg: Longitude
    radius_m: Annotated[float, Meta(gt=0.0, le=100e3)]
    above_ground_m: tuple[NotNegative, NotNegative] = (20.0, 300.0)
    speed_mps: tuple[Positive, Positive] = (8.0, 20.0)
    heading_deg: Annotated[float, Meta(ge=-360.0, le=360.0)] | None = None
    section_dbsm: Section = -20.0


class PlaceKeys(Keys, kw_only=True, frozen=True):
    """A place on a drone's route; height above the ellipsoid."""

    latitude_deg: Latitude
    longitude_deg: Longitude
    height_m: Height


class DroneKeys(Keys, kw_only=True, frozen=True):
    """`[[drone]]`: a small multirotor along a route."""

    route: Annotated[list[PlaceKeys], Meta(min_length=1)]
    time_s: NotNegative = 0.0
    speed_mps: Annotated[float, Meta(gt=0.0, le=100.0)] = 15.0
    hover_s: NotNegative = 0.0
    section_dbsm: Section = -20.0


class InterceptorKeys(Keys, kw_only=True, frozen=True):
    """`[[interceptor]]`: a simulated interceptor; its probability is always the user's, there is no default."""

    id: Name
    latitude_deg: Latitude
    longitude_deg: Longitude
    reach_m: Positive
    reaction_s: NotNegative
    engagement_s: NotNegative
    magazine: Annotated[int, Meta(ge=0, le=100000)]
    probability: Annotated[float, Meta(ge=0.0, le=1.0)]
    doctrine: Literal["selective", "all"]
    engage_probability: Probability = 0.5
    most_each: Annotated[int, Meta(ge=1, le=64)] | None = None


class EffectKeys(Keys, kw_only=True, frozen=True):
    """`[effect]`: what the count of people exposed is told; every number is the user's."""

    harm_radius_m: Annotated[float, Meta(gt=0.0, le=1000.0)]
    sheltering: Annotated[
        list[tuple[NotNegative, Annotated[float, Meta(ge=0.0, le=1.0)]]], Meta(min_length=1)
    ]
    people_per_km2: NotNegative
    population: str | None = None


class ScenarioKeys(Keys, kw_only=True, frozen=True):
    """`[scenario]`: what is simulated, and when."""

    title: Name
    site: str
    start: datetime
    seed: Annotated[int, Meta(ge=0)] = 1
    duration_s: Annotated[float, Meta(gt=0.0, le=86400.0)]
    assumed: list[str] = []
    reported: list[str] = []
    places: str | None = None
    claims: str | None = None


class ScenarioFile(Keys, kw_only=True, frozen=True):
    """A whole scenario.toml."""

    scenario: ScenarioKeys
    launch: list[LaunchKeys] = []
    weather: WeatherKeys = WeatherKeys()
    radar_truth: list[RadarTruthKeys] = []
    traffic: list[TrafficKeys] = []
    radar_model: list[RadarModelKeys] = []
    clutter: list[ClutterKeys] = []
    birds: list[BirdKeys] = []
    drone: list[DroneKeys] = []
    interceptor: list[InterceptorKeys] = []
    effect: EffectKeys | None = None
