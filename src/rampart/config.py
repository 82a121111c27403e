"""TOML to each room's frozen settings: an unknown or wrong key names file, key, value and what was wanted."""

import math
import tomllib
from datetime import UTC
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from rampart.channelkeys import ChannelKeys, check_channels, kind_wanted
from rampart.domain.site import Radar, Site, System, WarningSettings, Zone
from rampart.errors import ConfigError
from rampart.files import InputFiles
from rampart.physics.atmosphere import Air, read_sounding, standard_air, with_wind
from rampart.physics.geodesy import Frame, frame_at
from rampart.physics.motion import world_at
from rampart.physics.radar import radar_frame
from rampart.physics.terrain import Terrain, flat_terrain, read_geotiff
from rampart.sense.tables import CATEGORIES, layout_of, layouts
from rampart.serve.feeds import Feed, feed_of
from rampart.simulate.guarding import exposure_of, interceptors_of
from rampart.simulate.reading import surroundings_of, traffic_of
from rampart.simulate.scenario import USUAL, Launch, RadarTruth, Scenario
from rampart.tomlfaults import config_error
from rampart.tomlkeys import (
    LaunchKeys,
    RadarKeys,
    RadarTruthKeys,
    ScenarioFile,
    SiteFile,
    SystemKeys,
    WeatherKeys,
)
from rampart.warn.placenames import named
from rampart.warn.zones import zones_of

T = TypeVar("T")

UNKNOWN_WIND_SIGMA_MPS = 6.0
"""How far the air may move where the site says nothing of it: the usual spread of wind below 5 km."""
LEFT_BIAS_ANGLE_RAD, LEFT_BIAS_RATE_MPS = 0.5e-3, 0.2
"""What a surveyed and aligned radar may still be off by."""


def read_site(path: Path, files: InputFiles | None = None) -> Site:
    """Return the site of a site.toml; `files` remembers what was read. Raises InputError, naming the key."""
    files = files or InputFiles()
    keys = _decode(files.fetch("site.toml", path), SiteFile, path)
    own = keys.site
    _check_timezone(own.timezone, path)
    _check_sources(keys, path)
    _channels(keys, path)
    frame = frame_at(math.radians(own.latitude_deg), math.radians(own.longitude_deg), own.height_m)
    air, wind_sigma_mps = _known_air(keys.weather, path, files)
    return Site(
        id=own.id,
        name=own.name,
        timezone=own.timezone,
        frame=frame,
        world=world_at(frame, air),
        air=air,
        wind_sigma_mps=wind_sigma_mps,
        terrain=_terrain(keys, path, frame, files),
        radars=tuple(_radar(radar, frame) for radar in _checked_radars(keys.radar, path)),
        zones=_zones(keys, path, files),
        warning=WarningSettings(**msgspec.structs.asdict(keys.warning)),
        systems=tuple(System(system.id, system.sac, system.sic, system.edition) for system in keys.system),
    )


def _zones(keys: SiteFile, path: Path, files: InputFiles) -> tuple[Zone, ...]:
    """Return the zones, with the names of the site's own table where it has one."""
    place = path.parent / keys.site.zones
    zones = zones_of(_text(files.fetch("zones", place), place), str(place))
    if keys.site.names is None:
        return zones
    place = path.parent / keys.site.names
    return named(zones, _text(files.fetch("names", place), place), str(place))


def read_feeds(path: Path, files: InputFiles | None = None) -> tuple[Feed, ...]:
    """Return the feeds that a site.toml names; raises InputError, naming the key."""
    keys = _decode((files or InputFiles()).fetch("site.toml", path), SiteFile, path)
    feeds = []
    for i, feed in enumerate(keys.feed):
        interfaces = (feed.interface,) if isinstance(feed.interface, str) else tuple(feed.interface)
        feeds.append(feed_of(feed.listen, interfaces, f"{path}: feed[{i}].listen"))
    return tuple(feeds)


def read_channels(path: Path, files: InputFiles | None = None) -> tuple[ChannelKeys, ...]:
    """Return the channels that a site.toml names; nothing is opened. Raises InputError, naming the key."""
    return _channels(_decode((files or InputFiles()).fetch("site.toml", path), SiteFile, path), path)


def read_scenario(
    path: Path, files: InputFiles | None = None, seed: int | None = None
) -> tuple[Scenario, Site]:
    """Return a scenario and its site; `seed` overrules the file's. Raises InputError, naming the key."""
    files = files or InputFiles()
    keys = _decode(files.fetch("scenario.toml", path), ScenarioFile, path)
    own = keys.scenario
    site = read_site(path.parent / own.site, files)
    known = {radar.id for radar in site.radars}
    for i, truth in enumerate(keys.radar_truth):
        if truth.id not in known:
            raise ConfigError(f"{path}: radar_truth[{i}].id", f"one of {', '.join(sorted(known))}", truth.id)
    air = _air(keys.weather, path, files, "true sounding")
    people = None
    if keys.effect and keys.effect.population:
        people = files.fetch("population", path.parent / keys.effect.population)
    scenario = Scenario(
        title=own.title,
        start_s=(own.start if own.start.tzinfo else own.start.replace(tzinfo=UTC)).timestamp(),
        seed=own.seed if seed is None else seed,
        duration_s=own.duration_s,
        launches=tuple(_launch(launch, f"{path}: launch[{i}]") for i, launch in enumerate(keys.launch)),
        air=air,
        weather=_weather_sentence(keys.weather),
        radar_truth=tuple(_radar_truth(truth) for truth in keys.radar_truth),
        traffic=tuple(
            traffic_of(traffic, str(files.path(f"traffic:{i}", path.parent / traffic.file)))
            for i, traffic in enumerate(keys.traffic)
        ),
        interceptors=interceptors_of(keys.interceptor, site, str(path)),
        exposure=exposure_of(keys.effect, people, site, str(path)),
        assumed=tuple(own.assumed),
        reported=tuple(own.reported),
        source=str(path),
        **surroundings_of(keys, known, str(path)),
    )
    for role in ("places", "claims"):
        if getattr(own, role):
            files.fetch(role, path.parent / getattr(own, role))
    return scenario, site


def scenario_title(path: Path) -> str:
    """Return the title of a scenario; raises InputError, naming the key."""
    return _decode(InputFiles().fetch("scenario.toml", path), ScenarioFile, path).scenario.title


def _decode(content: bytes, kind: type[T], path: Path) -> T:
    """Return the TOML of `content` as `kind`; raises ConfigError naming line or key, value and wish."""
    try:
        raw = tomllib.loads(_text(content, path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), f"valid TOML ({error})") from error
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise config_error(str(error), raw, kind, str(path)) from error


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: byte {error.start}", "UTF-8 text") from error


def _channels(keys: SiteFile, path: Path) -> tuple[ChannelKeys, ...]:
    channels = []
    for i, table in enumerate(keys.channel):
        kind = kind_wanted(table, f"{path}: channel[{i}]")
        try:
            channels.append(msgspec.convert(table, kind))
        except msgspec.ValidationError as error:
            raise config_error(str(error), table, kind, str(path), f"channel[{i}]") from error
    check_channels(channels, str(path))
    return tuple(channels)


def _check_timezone(name: str, path: Path) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(
            f"{path}: site.timezone", "a name of the IANA time zones, as Asia/Baghdad", name
        ) from error


def _check_sources(keys: SiteFile, path: Path) -> None:
    """Raise ConfigError where two radars or systems share an id or a source, or an edition cannot be read."""
    named: list[tuple[str, RadarKeys | SystemKeys]] = [(f"radar[{i}]", r) for i, r in enumerate(keys.radar)]
    named += [(f"system[{i}]", system) for i, system in enumerate(keys.system)]
    for attribute in ("id", "sac and sic"):
        seen: set = set()
        for where, source in named:
            value = source.id if attribute == "id" else (source.sac, source.sic)
            if value in seen:
                raise ConfigError(f"{path}: {where}", f"{attribute} that no other radar has", value)
            seen.add(value)
    for where, source in named:
        for category, edition in source.edition.items():
            place = f"{path}: {where}.edition"
            if category not in CATEGORIES:
                raise ConfigError(place, f"categories that are read: {', '.join(CATEGORIES)}", category)
            if layout_of(int(category), edition) is None:
                of_category = [layout for layout in layouts() if layout.category == int(category)]
                known = ", ".join(name for layout in of_category for name in layout.editions)
                raise ConfigError(f"{place}.{category}", f"an edition that is read: {known}", edition)


def _checked_radars(radars: list[RadarKeys], path: Path) -> list[RadarKeys]:
    for i, radar in enumerate(radars):
        if radar.min_range_m >= radar.max_range_m:
            raise ConfigError(f"{path}: radar[{i}].min_range_m", "less than max_range_m", radar.min_range_m)
        if radar.min_elevation_deg >= radar.max_elevation_deg:
            wanted = "less than max_elevation_deg"
            raise ConfigError(f"{path}: radar[{i}].min_elevation_deg", wanted, radar.min_elevation_deg)
    return radars


def _radar(keys: RadarKeys, frame: Frame) -> Radar:
    latitude_rad, longitude_rad = math.radians(keys.latitude_deg), math.radians(keys.longitude_deg)
    rate_sigma_mps = math.nan if keys.range_rate_sigma_mps is None else keys.range_rate_sigma_mps
    angles_rad = np.radians([keys.azimuth_sigma_deg, keys.elevation_sigma_deg])
    biases_rad = np.radians([keys.azimuth_bias_deg, keys.elevation_bias_deg])
    left = [
        LEFT_BIAS_ANGLE_RAD if sigma_deg is None else math.radians(sigma_deg)
        for sigma_deg in (keys.azimuth_bias_sigma_deg, keys.elevation_bias_sigma_deg)
    ]
    return Radar(
        id=keys.id,
        sac=keys.sac,
        sic=keys.sic,
        latitude_rad=latitude_rad,
        longitude_rad=longitude_rad,
        height_m=keys.height_m,
        sigma=_frozen([keys.range_sigma_m, *angles_rad, rate_sigma_mps]),
        min_range_m=keys.min_range_m,
        max_range_m=keys.max_range_m,
        min_elevation_rad=math.radians(keys.min_elevation_deg),
        max_elevation_rad=math.radians(keys.max_elevation_deg),
        update_s=keys.update_s,
        detection_probability=min(keys.detection_probability, 0.999),
        false_plots_per_scan=keys.false_plots_per_scan,
        bias=_frozen([keys.range_bias_m, *biases_rad, 0.0]),
        bias_sigma=_frozen([keys.range_bias_sigma_m, *left, LEFT_BIAS_RATE_MPS]),
        clock_offset_s=keys.clock_offset_s,
        apparent_elevation=keys.elevation == "apparent",
        edition=keys.edition,
        frame=radar_frame(latitude_rad, longitude_rad, keys.height_m, frame),
        clock_sigma_s=keys.clock_sigma_s,
    )


def _frozen(values: list[float]) -> np.ndarray:
    array = np.array(values, float)
    array.setflags(write=False)
    return array


def _known_air(weather: WeatherKeys | None, path: Path, files: InputFiles) -> tuple[Air, float]:
    """Return the air as the site knows it and how far its wind is to be trusted."""
    if weather is None:
        return standard_air(), UNKNOWN_WIND_SIGMA_MPS
    known = weather.sounding is not None or weather.wind_east_mps or weather.wind_north_mps
    default = 2.0 if known else UNKNOWN_WIND_SIGMA_MPS
    sigma_mps = default if weather.wind_sigma_mps is None else weather.wind_sigma_mps
    return _air(weather, path, files, "sounding"), sigma_mps


def _air(weather: WeatherKeys, path: Path, files: InputFiles, role: str) -> Air:
    if weather.sounding is None:
        return with_wind(standard_air(), weather.wind_east_mps, weather.wind_north_mps)
    if weather.wind_east_mps or weather.wind_north_mps:
        raise ConfigError(f"{path}: weather", "a sounding or a wind, not both")
    return read_sounding(files.path(role, path.parent / weather.sounding))


def _weather_sentence(weather: WeatherKeys) -> str:
    if weather.sounding is not None:
        return f"true air from {weather.sounding}"
    return f"standard air, wind {weather.wind_east_mps:g} m/s east, {weather.wind_north_mps:g} m/s north"


def _terrain(keys: SiteFile, path: Path, frame: Frame, files: InputFiles) -> Terrain:
    own = keys.site
    if own.terrain is not None and own.ground_height_m is not None:
        raise ConfigError(f"{path}: site", "ground_height_m or terrain, not both")
    if own.terrain is None:
        return flat_terrain(own.height_m if own.ground_height_m is None else own.ground_height_m)
    reach_m = min(max(radar.max_range_m for radar in keys.radar), 60e3)
    return read_geotiff(files.path("terrain", path.parent / own.terrain), frame, reach_m)


def _launch(keys: LaunchKeys, where: str) -> Launch:
    if (keys.fate == "airburst") != (keys.burst_s is not None):
        raise ConfigError(
            f"{where}.burst_s", 'seconds after launch with fate = "airburst", else nothing', keys.burst_s
        )
    return Launch(
        weapon=keys.weapon,
        time_s=keys.time_s,
        latitude_rad=math.radians(keys.latitude_deg),
        longitude_rad=math.radians(keys.longitude_deg),
        aim_latitude_rad=math.radians(keys.aim_latitude_deg),
        aim_longitude_rad=math.radians(keys.aim_longitude_deg),
        count=keys.count,
        interval_s=keys.interval_s,
        dispersion_m=keys.dispersion_m,
        arc=keys.arc or USUAL,
        fate=keys.fate,
        burst_s=math.nan if keys.burst_s is None else keys.burst_s,
    )


def _radar_truth(keys: RadarTruthKeys) -> RadarTruth:
    return RadarTruth(
        id=keys.id,
        range_bias_m=keys.range_bias_m,
        azimuth_bias_rad=math.radians(keys.azimuth_bias_deg),
        elevation_bias_rad=math.radians(keys.elevation_bias_deg),
        clock_offset_s=keys.clock_offset_s,
    )
