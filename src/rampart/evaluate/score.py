"""A simulated run held against its truth and against the Cramér–Rao bound: the figures of score.json."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rampart.domain.event import ForecastEvent
from rampart.domain.incident import IncidentLaunchSite
from rampart.domain.site import Radar
from rampart.domain.wire import iso_time, posix_time
from rampart.evaluate.exposure import exposure_of_run
from rampart.evaluate.interception import interception_of
from rampart.evaluate.limit import bound_until, ideal_times
from rampart.evaluate.metrics import gospa, mean, mean_gospa, median, root_mean_square, within_ellipse
from rampart.evaluate.plane import east_north_m, plane_at
from rampart.evaluate.record import Matched, PublishedTrack, RunRecord, match, published_tracks
from rampart.evaluate.warning import (
    ZoneWarning,
    attacks_of,
    falls_of_truth,
    share_with_time_to_shelter,
    standing_alarms,
    zone_warnings,
)
from rampart.physics.flight import LANDED
from rampart.physics.motion import STATE_SIZE
from rampart.physics.radar import measure
from rampart.simulate.truth import TrueProjectile, truth_json

TRACKED_S = (3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0)
"""The times after a projectile's first plot at which its forecast is judged."""
FRESH_S = 2.0
"""A forecast older than this is none: its track was lost by then."""
COVERAGES = (0.5, 0.9, 0.95)
SAME_SITE_M = 300.0
"""Launch places nearer than this are one: no launch area is recorded finer."""
GRAVITY_MPS2 = 9.81


def score(run: RunRecord) -> dict[str, Any]:
    """Return score.json of a simulated run; None where there is nothing to measure.

    Beside the keys that the interfaces name: `tracks`, those that follow each projectile, and
    `warning.zones`, a row for each attack and zone in danger or alarmed; `interception` where the scenario has
    interceptors, `exposure` where it asks for it.
    """
    tracks = published_tracks(run.events, run.site)
    matched = match(tracks, run)
    return {
        "projectiles": len(run.truth.projectiles),
        "confirmed": sum(bool(own) for own in matched.of),
        "false_tracks": len(matched.false),
        "tracks": {
            flown.id: [track.track for track in own]
            for flown, own in zip(run.truth.projectiles, matched.of, strict=True)
        },
        "impact": _impact_rows(run, matched),
        "launch": _launch(run, matched),
        "warning": _warning(run),
        "gospa_m": {key: _rounded(value) for key, value in _gospa(run, tracks).items()},
    } | defence_marks(run)


def defence_marks(run: RunRecord) -> dict[str, Any]:
    """Return the account of the interceptors and of people exposed; empty where the scenario asks for neither."""
    truth = truth_json(run.truth, run.site)
    marks: dict[str, Any] = {}
    if (account := interception_of(truth, run.site)) is not None:
        marks["interception"] = account
    if run.exposure is not None:
        marks["exposure"] = exposure_of_run(truth, run.events, run.site, run.exposure)
    return marks


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def _impact_rows(run: RunRecord, matched: Matched) -> list[dict[str, Any]]:
    """Return the errors of the forecasts at each of TRACKED_S, against the bound from the same plots."""
    rows, falls = [], _ground_truth(run)
    told = [
        [(posix_time(event.time), event) for track in own for event in track.forecasts] for own in matched.of
    ]
    for tracked_s in TRACKED_S:
        found = [
            judged
            for projectile, forecasts in enumerate(told)
            if (judged := _judge(run, projectile, forecasts, falls[projectile], tracked_s)) is not None
        ]
        if not found:
            continue
        offset_m, cov_m2 = np.array([f[0] for f in found]), np.array([f[1] for f in found])
        bounds = [f[2] for f in found if f[2] is not None]
        row: dict[str, Any] = {
            "tracked_s": int(tracked_s),
            "rmse_m": _rounded(root_mean_square(np.linalg.norm(offset_m, axis=1).tolist())),
            "bound_m": _rounded(root_mean_square(bounds)) if len(bounds) == len(found) else None,
        }
        for coverage in COVERAGES:
            share = float(np.mean(within_ellipse(offset_m, cov_m2, coverage)))
            row[f"coverage_{100 * coverage:.0f}"] = _rounded(share, 4)
        rows.append(row | {"n": len(found)})
    return rows


def _judge(
    run: RunRecord,
    projectile: int,
    forecasts: Sequence[tuple[float, ForecastEvent]],
    true: Mapping[str, Any],
    tracked_s: float,
) -> tuple[np.ndarray, np.ndarray, float | None] | None:
    """Return offset (2,) from the true impact, published covariance (2, 2) and bound in m of a forecast.

    It is the one of its `forecasts`, each with its time, that stood `tracked_s` after the first plot; None where the
    flight was over by then, or no fresh forecast stood. `true` is where the projectile came down, or would have.
    """
    flown, seen = run.truth.projectiles[projectile], run.seen[projectile]
    if not len(seen.time_s):
        return None
    # Events are stamped to the millisecond.
    until_s = float(seen.time_s[0]) + tracked_s + 1e-3
    if until_s > flown.impact_s:
        return None
    early = [pair for pair in forecasts if until_s - FRESH_S <= pair[0] <= until_s]
    if not early:
        return None
    impact = max(early, key=lambda pair: pair[0])[1].impact
    plane = plane_at(true["latitude_deg"], true["longitude_deg"])
    offset_m = east_north_m(impact.latitude_deg, impact.longitude_deg, plane)
    bound = bound_until(run, projectile, until_s)
    return offset_m, np.array(impact.cov_enu_m2), bound.rms_m if bound.status == LANDED else None


def _ground_truth(run: RunRecord) -> list[Mapping[str, Any]]:
    """Return where and when each projectile came down, or would have."""
    projectiles = truth_json(run.truth, run.site)["projectiles"]
    return [projectile.get("would_impact", projectile["impact"]) for projectile in projectiles]


def _launch(run: RunRecord, matched: Matched) -> dict[str, Any]:
    """Return how many launch places were found of those there were, and how often the circle held one."""
    launches = {
        track.track: projectile["launch"]
        for projectile, own in zip(truth_json(run.truth, run.site)["projectiles"], matched.of, strict=True)
        for track in own
    }
    sites = run.incident.launch_sites
    held = [held for site in sites if (held := _holds(site, launches)) is not None]
    return {
        "coverage_90": _rounded(mean([float(h) for h in held]), 4),
        "sites_found": len(sites),
        "sites_true": _distinct(np.array([flown.launch_enu_m[:2] for flown in run.truth.projectiles])),
    }


def _holds(site: IncidentLaunchSite, launches: Mapping[int, Mapping[str, Any]]) -> bool | None:
    """Return whether a launch area holds the middle of its projectiles' true places; None if false."""
    plane = plane_at(site.latitude_deg, site.longitude_deg)
    places = [
        east_north_m(launches[track]["latitude_deg"], launches[track]["longitude_deg"], plane)
        for track in site.projectiles
        if track in launches
    ]
    return bool(np.linalg.norm(np.mean(places, axis=0)) <= site.radius_90_m) if places else None


def _distinct(places_m: np.ndarray) -> int:
    """Return how many groups `places_m (n, 2)` make when neighbours within SAME_SITE_M belong together."""
    left = set(range(len(places_m)))
    groups = 0
    while left:
        groups += 1
        grown = [left.pop()]
        while grown:
            gap_m = np.linalg.norm(places_m - places_m[grown.pop()], axis=1)
            near = {i for i in left if gap_m[i] <= SAME_SITE_M}
            left -= near
            grown += near
    return groups


def _warning(run: RunRecord) -> dict[str, Any]:
    """Return who was warned, how early, who for nothing, and what the bound would have allowed."""
    site = run.site
    falls = falls_of_truth(truth_json(run.truth, site))
    attacks = attacks_of(falls, site.warning.attack_gap_s)
    ideal_s = ideal_times(run, [[fall.id for fall in attack] for attack in attacks])
    end_s = max((posix_time(event.time) for event in run.events), default=0.0)
    rows = zone_warnings(standing_alarms(run.events), falls, site, end_s, ideal_s)
    hit = [row for row in rows if row.hit]
    given = [row.warning_s or 0.0 for row in hit]
    warned = sum(row.warned for row in hit)
    return {
        "zones_hit": len(hit),
        "zones_warned": warned,
        "zones_missed": len(hit) - warned,
        "zones_needless": sum(row.needless for row in rows),
        "seconds_median": _rounded(median(given)),
        "seconds_min": _rounded(min(given, default=None)),
        "share_with_time_to_shelter": _rounded(share_with_time_to_shelter(rows), 4),
        "ideal_seconds_median": _rounded(median([row.ideal_warning_s or 0.0 for row in hit])),
        "needless_person_minutes": _rounded(sum(row.needless_person_minutes for row in rows), 1),
        "zones": [_zone_json(row) for row in rows],
    }


def _zone_json(row: ZoneWarning) -> dict[str, Any]:
    """Return one zone's row in score.json."""
    return {
        "attack": row.attack,
        "zone": row.zone,
        "projectiles": row.falls,
        "raised": _iso(row.raised_s),
        "first_impact": _iso(row.first_fall_s),
        "ideal": _iso(row.ideal_s),
        "seconds": _rounded(row.warning_s),
        "ideal_seconds": _rounded(row.ideal_warning_s),
        "warned": row.warned,
        "needless": row.needless,
        "needless_person_minutes": _rounded(row.needless_person_minutes, 1),
    }


def _iso(time_s: float | None) -> str | None:
    return None if time_s is None else iso_time(time_s)


def _gospa(run: RunRecord, tracks: Sequence[PublishedTrack]) -> dict[str, float | None]:
    """Return the mean distance of tracks to projectiles over the looks with any projectile in cover."""
    flights = run.truth.projectiles
    if not flights:
        return mean_gospa([])
    step_s = min(radar.update_s for radar in run.site.radars)
    times_s = np.arange(min(f.launch_s for f in flights), max(f.impact_s for f in flights), step_s)
    distances = []
    for time_s in times_s:
        truth_m = [place for flown in flights if (place := _visible(run, flown, float(time_s))) is not None]
        if truth_m:
            estimate_m = [
                place for track in tracks if (place := _standing_at(track, float(time_s))) is not None
            ]
            distances.append(gospa(np.array(truth_m), np.array(estimate_m).reshape(-1, 3)))
    return mean_gospa(distances)


def _visible(run: RunRecord, flown: TrueProjectile, time_s: float) -> np.ndarray | None:
    """Return where a projectile is, if it flies and stands in the cover of any radar."""
    moment = flown.state_at(time_s)
    if moment is None:
        return None
    state = np.zeros(STATE_SIZE)
    state[:3], state[3:6] = moment
    return moment[0] if any(_covers(radar, state) for radar in run.site.radars) else None


def _covers(radar: Radar, state: np.ndarray) -> bool:
    range_m, _, elevation_rad, _ = measure(state, radar.frame)
    in_range = radar.min_range_m <= range_m <= radar.max_range_m
    return bool(in_range and radar.min_elevation_rad <= elevation_rad <= radar.max_elevation_rad)


def _standing_at(track: PublishedTrack, time_s: float) -> np.ndarray | None:
    """Return where a track held to be a projectile stands: its last update carried on, falling freely."""
    row = int(np.searchsorted(track.time_s, time_s, side="right")) - 1
    if row < 0 or time_s >= track.end_s or not track.projectile[row]:
        return None
    late_s = time_s - track.time_s[row]
    place_m = track.state_enu[row, :3] + late_s * track.state_enu[row, 3:]
    place_m[2] -= 0.5 * GRAVITY_MPS2 * late_s**2
    return place_m
