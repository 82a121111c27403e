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
    elevation: Literal["geometric", "apparent"] = "geometric"
    edition: dict[str, str] = {}
    detection_probability: Probability = 0.9
    false_plots_per_scan: NotNegative = 5.0


class WarningKeys(Keys, kw_only=True, frozen=True):
    """`[warning]`: when to warn."""

    raise_probability: Probability = 0.03
    danger_radius_m: NotNegative = 150.0
    clear_after_s: NotNegative = 60.0
    attack_gap_s: Positive = 300.0


class WeatherKeys(Keys, kw_only=True, frozen=True):
    """`[weather]`: the air, known to a site or true in a scenario."""

    sounding: str | None = None
    wind_sigma_mps: NotNegative | None = None
    wind_east_mps: Wind = 0.0
    wind_north_mps: Wind = 0.0


class SiteFile(Keys, kw_only=True, frozen=True):
    """A whole site.toml."""

    site: SiteKeys
    radar: Annotated[list[RadarKeys], Meta(min_length=1)]
    warning: WarningKeys = WarningKeys()
    weather: WeatherKeys | None = None
    channel: list[dict[str, Any]] = []


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


class ScenarioKeys(Keys, kw_only=True, frozen=True):
    """`[scenario]`: what is simulated, and when."""

    title: Name
    site: str
    start: datetime
    seed: Annotated[int, Meta(ge=0)] = 1
    duration_s: Annotated[float, Meta(gt=0.0, le=86400.0)]
    assumed: list[str] = []
    places: str | None = None
    claims: str | None = None


class ScenarioFile(Keys, kw_only=True, frozen=True):
    """A whole scenario.toml."""

    scenario: ScenarioKeys
    launch: list[LaunchKeys] = []
    weather: WeatherKeys = WeatherKeys()
    radar_truth: list[RadarTruthKeys] = []
    traffic: list[TrafficKeys] = []
    interceptor: list[dict[str, Any]] = []
