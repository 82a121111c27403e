"""From the tables `[[interceptor]]` and `[effect]` of scenario.toml to what the simulation works with."""

import csv
import math
from itertools import pairwise
from math import hypot, inf

from rampart.domain.site import Site
from rampart.errors import ConfigError, InputError
from rampart.physics.geodesy import enu_from_geodetic
from rampart.simulate.interceptor import Interceptor
from rampart.simulate.scenario import Exposure
from rampart.tomlkeys import EffectKeys, InterceptorKeys


def interceptors_of(keys: list[InterceptorKeys], site: Site, where: str) -> tuple[Interceptor, ...]:
    """Return the interceptors; raises ConfigError for one outside the site, or two of one id."""
    found: list[Interceptor] = []
    for i, one in enumerate(keys):
        place = f"{where}: interceptor[{i}]"
        if one.id in {earlier.id for earlier in found}:
            raise ConfigError(f"{place}.id", "an id that no other interceptor has", one.id)
        east_m, north_m, _ = enu_from_geodetic(
            math.radians(one.latitude_deg), math.radians(one.longitude_deg), site.frame.height_m, site.frame
        )
        reach_m = max(radar.max_range_m for radar in site.radars)
        if hypot(east_m, north_m) > reach_m:
            raise ConfigError(
                f"{place}.latitude_deg, longitude_deg",
                f"a place at the site: within {reach_m / 1000:g} km of its origin, the farthest that a radar sees",
                (one.latitude_deg, one.longitude_deg),
            )
        found.append(
            Interceptor(
                id=one.id,
                east_m=east_m,
                north_m=north_m,
                reach_m=one.reach_m,
                reaction_s=one.reaction_s,
                engagement_s=one.engagement_s,
                magazine=one.magazine,
                probability=one.probability,
                doctrine=one.doctrine,
                engage_probability=one.engage_probability,
                most_each=inf if one.most_each is None else one.most_each,
            )
        )
    return tuple(found)


def exposure_of(keys: EffectKeys | None, people: bytes | None, site: Site, where: str) -> Exposure | None:
    """Return what the count of people exposed works with; `people` is the file of population, if there is one.

    Raises ConfigError for a curve of sheltering that does not rise, InputError for a file that does not match the
    zones.
    """
    if keys is None:
        return None
    for (early_s, few), (late_s, many) in pairwise(keys.sheltering):
        if late_s <= early_s or many < few:
            told = [list(point) for point in keys.sheltering]
            raise ConfigError(
                f"{where}: effect.sheltering", "seconds that rise, shares that do not fall", told
            )
    by_zone = {zone.id: float(zone.population) for zone in site.zones}
    if people is not None:
        by_zone = _people(people, set(by_zone), str(keys.population))
    return Exposure(by_zone, keys.people_per_km2, keys.harm_radius_m, tuple(keys.sheltering))


def _people(content: bytes, zones: set[str], where: str) -> dict[str, float]:
    """Return people by zone from a CSV with the columns zone, people: each zone of the site once."""
    try:
        lines = content.decode("utf-8-sig").replace("\0", "").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: byte {error.start}", "UTF-8 text") from None
    reader = csv.DictReader(lines)
    if reader.fieldnames is None or not {"zone", "people"} <= set(reader.fieldnames):
        raise InputError(where, "a header with zone, people", ",".join(reader.fieldnames or ()))
    found: dict[str, float] = {}
    for number, row in enumerate(reader, 2):
        zone, told = (row["zone"] or "").strip(), row["people"]
        if zone not in zones or zone in found:
            wanted = (
                "a zone of the site, each once" if zone in zones else f"a zone of the site: {_some(zones)}"
            )
            raise InputError(f"{where}: row {number}: zone", wanted, zone)
        try:
            found[zone] = float(told or "")
        except ValueError:
            found[zone] = math.nan
        if not (math.isfinite(found[zone]) and found[zone] >= 0.0):
            raise InputError(f"{where}: row {number}: people", "a number of people, 0 or more", told)
    if missing := zones - set(found):
        raise InputError(where, f"a row for every zone of the site; missing: {_some(missing)}")
    return found


def _some(names: set[str], most: int = 8) -> str:
    told = ", ".join(sorted(names)[:most])
    return told + (f" and {len(names) - most} more" if len(names) > most else "")
