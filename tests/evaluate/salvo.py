"""The sample night as an imagined tracker would tell it: true flights, made-up forecasts that sharpen."""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np

from rampart.config import read_scenario
from rampart.domain.event import AlertEvent, Event, ForecastEvent, HealthEvent, Impact, TrackEvent
from rampart.domain.incident import Claim, Incident, IncidentLaunchSite, IncidentProjectile, IncidentZone
from rampart.domain.site import Site
from rampart.domain.wire import iso_time, posix_time
from rampart.evaluate.plane import distance_to_zone_m, plane_at
from rampart.evaluate.record import RunRecord, Seen, seen_of
from rampart.evaluate.report import ReportContext, RunFacts
from rampart.evaluate.score import score
from rampart.files import InputFiles
from rampart.physics.geodesy import geodetic_from_enu
from rampart.simulate.scenario import Scenario
from rampart.simulate.sensor import observe
from rampart.simulate.truth import TrueProjectile, fly_scenario, truth_json

NAME = "baghdad-2020-11-17"
CONFIRMED_AT = 3
"""The plot that confirms a track."""


@dataclass(frozen=True, slots=True)
class Night:
    """One run and all that its report tells of."""

    run: RunRecord
    scenario: Scenario
    truth: dict
    score: dict
    claims: tuple[Claim, ...]
    places: dict


@lru_cache(maxsize=1)
def make_night() -> Night:
    """Return the night: seven tracks that follow the truth to the metre, forecasts off by a fixed draw."""
    path = Path(str(resources.files("rampart"))) / "scenarios" / NAME / "scenario.toml"
    files = InputFiles()
    scenario, site = read_scenario(path, files)
    truth = fly_scenario(scenario, site, np.random.default_rng([scenario.seed, 0]))
    looks = observe(truth, scenario, site, np.random.default_rng([scenario.seed, 1]))
    seen = seen_of(looks, len(truth.projectiles))
    events, incident = _tell(truth_json(truth, site), truth.projectiles, seen, site)
    run = RunRecord(events, incident, site, truth, seen)
    claims = msgspec.json.decode(files.contents["claims"], type=tuple[Claim, ...])
    places = json.loads(files.contents["places"])
    return Night(run, scenario, truth_json(truth, site), score(run), claims, places)


def context_of(night: Night) -> ReportContext:
    """Return what the report of the night is made from."""
    run, scenario = night.run, night.scenario
    return ReportContext(
        incident=run.incident,
        events=run.events,
        site=run.site,
        facts=RunFacts("0.0.1", "scenario.toml"),
        truth=night.truth,
        score=night.score,
        claims=night.claims,
        places=night.places,
        title=scenario.title,
        assumed=scenario.assumed,
    )


def quiet_context() -> ReportContext:
    """Return a plain replay: two aircraft and a drifting thing, no projectile, no alarm, no truth."""
    site, start_s = make_night().run.site, 1605632700.0
    events = []
    for track, (name, north_deg, height_m) in enumerate(
        (("aircraft", 0.1, 9000), ("aircraft", -0.05, 3000), ("other", 0, 400)), 1
    ):
        for k in range(120):
            place = (
                33.3 + north_deg,
                44.2 + 0.003 * k * (1.0 if name == "aircraft" else 0.05),
                float(height_m),
            )
            events.append(track_event(start_s + 2 * k, track, place, np.zeros(3), name))
    return ReportContext(Incident(None, site.id, None, None), events, site, RunFacts("0.0.1", "plots.csv"))


def track_event(
    time_s: float, track: int, place, velocity_mps, name: str, status: str = "confirmed"
) -> TrackEvent:
    """Return one update; `place` is latitude and longitude in degrees and height in m."""
    shares = dict.fromkeys(("rocket", "mortar", "artillery", "aircraft", "other"), 0.01) | {name: 0.96}
    velocity = [round(float(v), 2) for v in velocity_mps]
    latitude, longitude, height_m = (float(part) for part in place)
    return TrackEvent(
        0, iso_time(time_s), track, status, latitude, longitude, height_m, velocity, name, shares
    )


def sigma_m(tracked_s: float) -> float:
    """Return how well an imagined tracker foretells: about as the bound does."""
    return 150.0 * (5.0 / max(tracked_s, 1.0)) ** 1.7


def forecast_at(time_s: float, first_s: float, track: int, goal: dict, draw: np.ndarray) -> ForecastEvent:
    """Return the forecast of `goal`, an entry of truth.json, `draw (2,)` standard deviations off."""
    spread_m = sigma_m(time_s - first_s)
    plane = plane_at(goal["latitude_deg"], goal["longitude_deg"])
    impact = Impact(
        time=iso_time(posix_time(goal["time"]) + 0.002 * spread_m * draw[0]),
        time_sd_s=round(0.003 * spread_m, 3),
        latitude_deg=round(goal["latitude_deg"] + draw[1] * spread_m / plane.north_m_per_deg, 6),
        longitude_deg=round(goal["longitude_deg"] + draw[0] * spread_m / plane.east_m_per_deg, 6),
        cov_enu_m2=[[round(spread_m**2, 1), 0.0], [0.0, round(spread_m**2, 1)]],
    )
    return ForecastEvent(0, iso_time(time_s), track, impact, [])


def _tell(
    truth: dict, flights: tuple[TrueProjectile, ...], seen: tuple[Seen, ...], site: Site
) -> tuple[list[Event], Incident]:
    """Return the events, in order, and the incident that they make."""
    rng = np.random.default_rng(5)
    told: list[tuple[float, Event]] = []
    raised_s: dict[str, float] = {}
    records = []
    for track, (flown, own, entry) in enumerate(zip(flights, seen, truth["projectiles"], strict=True), 1):
        goal, draw = entry.get("would_impact", entry["impact"]), rng.uniform(-0.8, 0.8, 2)
        for time_s in own.time_s[CONFIRMED_AT - 1 :]:
            told.append((time_s, _update(flown, time_s, track, site)))
            last = forecast_at(time_s, own.time_s[0], track, goal, draw)
            told.append((time_s, last))
            for zone in site.zones:
                reach_m = 1.2 * sigma_m(time_s - own.time_s[0]) + site.warning.danger_radius_m
                if distance_to_zone_m(last.impact.latitude_deg, last.impact.longitude_deg, zone) < reach_m:
                    raised_s[zone.id] = min(raised_s.get(zone.id, math.inf), time_s)
        share = {"ground": 0.97, "airburst": 0.01, "intercepted": 0.01, "unknown": 0.01}
        if flown.fate == "airburst":
            share = {"ground": 0.02, "airburst": 0.9, "intercepted": 0.05, "unknown": 0.03}
        end_s = flown.impact_s + 0.4
        told.append((end_s, msgspec.structs.replace(last, time=iso_time(end_s), fate=share)))
        told.append(
            (
                end_s,
                msgspec.structs.replace(
                    _update(flown, flown.impact_s, track, site), time=iso_time(end_s), status="ended"
                ),
            )
        )
        times = iso_time(own.time_s[0]), iso_time(own.time_s[CONFIRMED_AT - 1])
        records.append(IncidentProjectile(track, "rocket", *times, share, last.impact, entry["zones"]))
    told += _alerts(raised_s, max(flown.ground_s for flown in flights))
    told.append(
        (
            told[0][0] + 9.0,
            HealthEvent(0, iso_time(told[0][0] + 9.0), "rusafa", "degraded", "no update for 2.6 s"),
        )
    )
    told.sort(key=lambda pair: pair[0])
    events = [msgspec.structs.replace(event, seq=seq) for seq, (_, event) in enumerate(told, 1)]
    alerts = [event for event in events if isinstance(event, AlertEvent)]
    zones = [
        IncidentZone(zone, sum(zone in record.zones for record in records), True, 20.0) for zone in raised_s
    ]
    launch = IncidentLaunchSite(33.311, 44.508, 620.0, list(range(1, len(records) + 1)), 0.97)
    start, end = records[0].first_plot, records[-1].impact.time
    return events, Incident(
        "baghdad-20201117T170506Z", site.id, start, end, records, [launch], zones, alerts, [], True
    )


def _update(flown: TrueProjectile, time_s: float, track: int, site: Site) -> TrackEvent:
    """Return the true state as an update."""
    place_m, velocity_mps = flown.state_at(min(max(time_s, flown.launch_s), flown.impact_s))
    latitude_rad, longitude_rad, height_m = geodetic_from_enu(*place_m, site.frame)
    place = math.degrees(latitude_rad), math.degrees(longitude_rad), height_m
    return track_event(time_s, track, place, velocity_mps, "rocket")


def _alerts(raised_s: dict[str, float], last_s: float) -> list[tuple[float, AlertEvent]]:
    """Return a raise, a revision and the clearing for each zone."""
    alerts = []
    for zone, first_s in raised_s.items():
        name = f"baghdad-20201117T170506Z-{zone}"
        for time_s, action, p in (
            (first_s, "raise", 0.05),
            (first_s + 3.0, "revise", 0.5),
            (last_s + 60.0, "clear", 0.0),
        ):
            due = (None, None) if action == "clear" else (iso_time(last_s), round(last_s - time_s, 2))
            alerts.append((time_s, AlertEvent(0, iso_time(time_s), name, zone, action, "test", p, *due, [1])))
    return alerts
