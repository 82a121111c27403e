"""A made-up salvo in the shape of the sample scenario: site, events, truth, incident, all from parabolas."""

import json
import math
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from rampart.domain.event import AlertEvent, Event, ForecastEvent, HealthEvent, Impact, TrackEvent, ZoneProbability
from rampart.domain.incident import Claim, Incident, IncidentLaunchSite, IncidentProjectile, IncidentZone
from rampart.domain.site import Radar, Site, WarningSettings, Zone
from rampart.domain.wire import iso_time, posix_time
from rampart.evaluate.plane import distance_to_zone_m, east_north_m, plane_at
from rampart.physics.atmosphere import standard_air
from rampart.physics.geodesy import frame_at
from rampart.physics.motion import world_at
from rampart.physics.radar import radar_frame
from rampart.physics.terrain import flat_terrain

SCENARIO = files("rampart") / "scenarios" / "baghdad-2020-11-17"
START_S = posix_time("2020-11-17T20:05:05+03:00")
LAUNCH = (33.3100, 44.5100)
AIMS = (
    (33.2995, 44.3965, "ground"),
    (33.3045, 44.3795, "ground"),
    (33.3010, 44.4010, "ground"),
    (33.3070, 44.3900, "ground"),
    (33.3490, 44.3840, "ground"),
    (33.3130, 44.3770, "ground"),
    (33.3060, 44.4020, "airburst"),
)
FLIGHT_S, FIRST_PLOT_S, CONFIRMED_S, GAP_S = 33.0, 3.0, 4.5, 1.5


def read_places() -> dict:
    """Return the packaged places."""
    return json.loads((SCENARIO / "places.geojson").read_text())


def read_zones() -> tuple[Zone, ...]:
    """Return the packaged zones, unchecked."""
    zones = []
    for feature in json.loads((SCENARIO / "zones.geojson").read_text())["features"]:
        own, geometry = feature["properties"], feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings = tuple(tuple(np.radians(np.array(ring)) for ring in polygon) for polygon in polygons)
        zones.append(Zone(own["id"], own["name"], own["kind"], own["population"], own["shelter_s"], rings))
    return tuple(zones)


def make_radar(name: str, sic: int, latitude_deg: float, longitude_deg: float, frame) -> Radar:
    """Return a radar as the sample site has it."""
    place = math.radians(latitude_deg), math.radians(longitude_deg), 45.0
    return Radar(
        id=name, sac=25, sic=sic, latitude_rad=place[0], longitude_rad=place[1], height_m=45.0,
        sigma=np.array([15.0, 0.002, 0.002, 1.0]), min_range_m=300.0, max_range_m=30000.0,
        min_elevation_rad=math.radians(0.5), max_elevation_rad=math.radians(70.0), update_s=0.5,
        detection_probability=0.9, false_plots_per_scan=5.0, bias=np.zeros(4), bias_sigma=np.zeros(4),
        clock_offset_s=0.0, apparent_elevation=False, edition={}, frame=radar_frame(*place, frame),
    )  # fmt: skip


def make_site() -> Site:
    """Return the sample site: two radars, thirty zones."""
    frame = frame_at(math.radians(33.315), math.radians(44.42), 34.0)
    air = standard_air()
    return Site(
        id="baghdad", name="Baghdad", timezone="Asia/Baghdad", frame=frame, world=world_at(frame, air), air=air,
        wind_sigma_mps=2.0, terrain=flat_terrain(34.0),
        radars=(make_radar("karkh", 1, 33.30, 44.395, frame), make_radar("rusafa", 2, 33.34, 44.44, frame)),
        zones=read_zones(), warning=WarningSettings(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Salvo:
    """All that a report wants of a run."""

    site: Site
    events: list[Event]
    truth: dict
    incident: Incident
    score: dict
    claims: tuple[Claim, ...]


def place_of(index: int, flown_s: float) -> tuple[float, float, float]:
    """Return latitude, longitude and height of a projectile on its parabola."""
    share = flown_s / FLIGHT_S
    aim = AIMS[index]
    height_m = 34.0 + 0.5 * 9.81 * flown_s * (FLIGHT_S - flown_s)
    return LAUNCH[0] + share * (aim[0] - LAUNCH[0]), LAUNCH[1] + share * (aim[1] - LAUNCH[1]), height_m


def make_salvo(seed: int = 3) -> Salvo:
    """Return the salvo with forecasts that sharpen as a real one's do."""
    site, rng = make_site(), np.random.default_rng(seed)
    plain: list[tuple[float, Event]] = []
    raised: dict[str, tuple[float, list[int]]] = {}
    records, truths = [], []
    for index, aim in enumerate(AIMS):
        launch_s = START_S + GAP_S * index
        end_s = launch_s + FLIGHT_S
        burst_s = launch_s + 27.0
        last_s = burst_s if aim[2] == "airburst" else end_s - 0.6
        direction = rng.normal(size=2)
        impact = None
        for flown_s in np.arange(CONFIRMED_S, last_s - launch_s, 0.5):
            now_s = launch_s + flown_s
            tracked_s = flown_s - FIRST_PLOT_S
            sigma_m = 190.0 * (5.0 / max(tracked_s, 1.0)) ** 1.7
            offset_m = 0.9 * sigma_m * direction + 0.2 * sigma_m * rng.normal(size=2)
            plane = plane_at(aim[0], aim[1])
            latitude = aim[0] + offset_m[1] / plane.north_m_per_deg
            longitude = aim[1] + offset_m[0] / plane.east_m_per_deg
            along = east_north_m(*aim[:2], plane_at(*LAUNCH))
            along = along / np.linalg.norm(along)
            cov = sigma_m**2 * (0.25 * np.eye(2) + 1.2 * np.outer(along, along))
            impact = Impact(
                time=iso_time(end_s + 0.002 * sigma_m * direction[0]), time_sd_s=round(0.004 * sigma_m, 3),
                latitude_deg=round(latitude, 6), longitude_deg=round(longitude, 6), cov_enu_m2=cov.round(1).tolist(),
            )  # fmt: skip
            here = place_of(index, flown_s)
            rocket = min(0.97, 0.5 + 0.05 * tracked_s)
            shares = {"rocket": rocket, "mortar": 0.01, "artillery": 0.98 - rocket, "aircraft": 0.005, "other": 0.005}
            plain.append((now_s, TrackEvent(0, iso_time(now_s), index + 1, "confirmed", *here, [0, 0, 0], "rocket", shares)))
            zones = []
            for zone in site.zones:
                gap_m = distance_to_zone_m(latitude, longitude, zone)
                if gap_m < 150.0 + 1.4 * sigma_m:
                    zones.append(ZoneProbability(zone.id, round(math.exp(-gap_m / (sigma_m + 150.0)), 4)))
                    raised.setdefault(zone.id, (now_s, []))[1].append(index + 1)
            plain.append((now_s, ForecastEvent(0, iso_time(now_s), index + 1, impact, zones)))
        fate = {"ground": 0.02, "airburst": 0.9, "intercepted": 0.05, "unknown": 0.03}
        if aim[2] == "ground":
            fate = {"ground": 0.97, "airburst": 0.02, "intercepted": 0.0, "unknown": 0.01}
        plain.append((end_s + 1, ForecastEvent(0, iso_time(end_s + 1), index + 1, impact, [], fate)))
        inside = [z.id for z in site.zones if distance_to_zone_m(impact.latitude_deg, impact.longitude_deg, z) == 0]
        records.append(
            IncidentProjectile(
                index + 1, "rocket", iso_time(launch_s + FIRST_PLOT_S), iso_time(launch_s + CONFIRMED_S), fate, impact, inside
            )  # fmt: skip
        )
        truths.append(_truth(index, aim, launch_s, end_s, burst_s, site))
    endangered = {zone for truth in truths for zone in truth["zones_endangered"]}
    alerts = [
        (time_s, AlertEvent(0, iso_time(time_s), f"baghdad-20201117T170508Z-{zone}", zone, action, "test", p, *when, sorted(set(tracks))))
        for zone, (raised_s, tracks) in raised.items()
        for time_s, action, p, when in (
            (raised_s, "raise", 0.06, (iso_time(START_S + FLIGHT_S), round(START_S + FLIGHT_S - raised_s, 2))),
            (raised_s + 4.0, "revise", 0.55, (iso_time(START_S + FLIGHT_S), round(START_S + FLIGHT_S - raised_s - 4, 2))),
            (START_S + FLIGHT_S + (69.0 if zone in endangered else -8.0), "clear", 0.0, (None, None)),
        )
    ]  # fmt: skip
    health = (START_S + 20.0, HealthEvent(0, iso_time(START_S + 20.0), "rusafa", "degraded", "no update for 2.6 s"))
    ordered = sorted([*plain, *alerts, health], key=lambda pair: pair[0])
    events = [type(e)(*[i if f == "seq" else getattr(e, f) for f in e.__struct_fields__]) for i, (_, e) in enumerate(ordered, 1)]
    launch = IncidentLaunchSite(33.311, 44.508, 620.0, list(range(1, 8)), 0.97)
    zones = [IncidentZone(zone, sum(zone in r.zones for r in records), True, 20.0) for zone in raised]
    incident = Incident(
        "baghdad-20201117T170508Z", "baghdad", records[0].first_plot, iso_time(START_S + 45), records, [launch], zones,
        [e for e in events if isinstance(e, AlertEvent)], [], True,
    )  # fmt: skip
    truth = {"site": "baghdad", "projectiles": truths}
    return Salvo(site, events, truth, incident, make_score(raised, endangered), CLAIMS)


def _truth(index, aim, launch_s, end_s, burst_s, site) -> dict:
    """Return one projectile of truth.json."""
    place = {"time": iso_time(end_s), "latitude_deg": aim[0], "longitude_deg": aim[1]}
    near = {z.id: distance_to_zone_m(aim[0], aim[1], z) for z in site.zones}
    own = {
        "id": f"P{index + 1}", "weapon": "rocket-122mm", "fate": aim[2],
        "launch": {"time": iso_time(launch_s), "latitude_deg": LAUNCH[0], "longitude_deg": LAUNCH[1]},
        "impact": place,
        "zones": [zone for zone, gap_m in near.items() if gap_m == 0],
        "zones_endangered": [zone for zone, gap_m in near.items() if gap_m <= 150.0],
    }  # fmt: skip
    if aim[2] == "airburst":
        latitude, longitude, _ = place_of(index, burst_s - launch_s)
        own["impact"] = {"time": iso_time(burst_s), "latitude_deg": latitude, "longitude_deg": longitude}
        own["would_impact"] = place
    return own


def make_score(raised: dict, endangered: set[str]) -> dict:
    """Return a score.json in full; its figures are made up."""
    rows = [(3, 420, 394, 6), (5, 205, 191, 7), (8, 99, 93, 7), (10, 67, 64, 7), (15, 32, 31, 7), (20, 17, 17, 7)]
    return {
        "projectiles": 7, "confirmed": 7, "false_tracks": 0, "tracks": {f"P{i}": [i] for i in range(1, 8)},
        "impact": [
            {"tracked_s": t, "rmse_m": r, "bound_m": b, "coverage_50": 0.57, "coverage_90": 0.86, "coverage_95": 1.0, "n": n}
            for t, r, b, n in rows
        ],
        "launch": {"coverage_90": 1.0, "sites_found": 1, "sites_true": 1},
        "warning": {
            "zones_hit": len(endangered), "zones_warned": len(endangered), "zones_missed": 0, "zones_needless": 3,
            "seconds_median": 27.5, "seconds_min": 21.5, "share_with_time_to_shelter": 1.0,
            "ideal_seconds_median": 28.0, "needless_person_minutes": 184000.0,
            "zones": [{"attack": 0, "zone": zone, "ideal": iso_time(raised[zone][0] - 0.5)} for zone in endangered if zone in raised],
        },
        "gospa_m": {"total": 52.0, "localisation": 11.0, "missed": 47.0, "false": 0.0},
    }  # fmt: skip


CLAIMS = (
    Claim("projectiles_total", 2, "at_least", according_to="a security official", source="AP", sentence="At least two rockets were fired."),
    Claim("projectiles_total", 7, "exact", according_to="Security Media Cell, second statement", source="AFP", sentence="In total, seven rockets fell."),
    Claim("projectiles_total", 6, "exact", according_to="Ashab al-Kahf", source="Washington Post"),
    Claim("projectiles_in_place", 4, "exact", place="Green Zone", according_to="Security Media Cell", source="AFP"),
    Claim("projectiles_in_place", 3, "exact", place="outside the Green Zone", according_to="Security Media Cell", source="AFP"),
    Claim("launch_place", "al-Amin al-Thaniyah", according_to="Security Media Cell", source="AFP"),
    Claim("attack_date", "2020-11-18", according_to="later items", source="Reuters"),
    Claim("weapon", "Katyusha rocket", according_to="police", source="Reuters"),
    Claim("killed", 1, "exact", place="outside the Green Zone", according_to="Security Media Cell", source="AFP"),
    Claim("injured", 5, "exact", according_to="Security Media Cell", source="AFP"),
    Claim("intercepted", "the third outside rocket", according_to="the government", source="The National"),
    Claim("responsibility_claimed_by", "Ashab al-Kahf", source="Washington Post"),
    Claim("running_total", 90, "nearly", since="2019-10", source="AFP"),
)  # fmt: skip
