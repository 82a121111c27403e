"""Launch areas of closed attacks: one place told as one, two as two, and whether the stated radius holds the place."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np

from rampart.domain.forecast import Origin
from rampart.domain.scan import Tick
from rampart.domain.site import Site
from rampart.domain.track import CONFIRMED, ENDED
from rampart.evaluate.study import share
from rampart.feed import Ticks, ticks_from
from rampart.files import InputFiles
from rampart.physics.geodesy import geodetic_from_enu
from rampart.predict.origin import launch_sites
from rampart.predict.predictor import Predictor
from rampart.runner import fly, packaged_scenario
from rampart.sense.condition import Condition
from rampart.simulate.inmemory import scan_of_look
from rampart.simulate.scenario import Launch, Scenario
from rampart.simulate.sensor import observe
from rampart.simulate.truth import fly_scenario
from rampart.track.tracker import Tracker

TITLE = "Launch areas of closed attacks (simulated)"
RUNS, SALVO, FIRST_OF_TWO = 200, 7, 3
SCATTER_M, APART_M = 30.0, 800.0
"""Launchers stand within this of their place's middle, so within 60 m of one another; the other lies so far off."""
CASES = (
    ("rocket-122mm", 7e3, 12e3), ("rocket-107mm", 4e3, 6.8e3), ("mortar-120mm", 3e3, 5.5e3),
)  # fmt: skip
"""Weapon, and how far its salvos fly."""
SETTLE_S = 120.0


def measure(runs: int = RUNS, workers: int = 2) -> list[dict]:
    """Return a row for each weapon and number of places."""
    rows = []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for case, (weapon, _, _) in enumerate(CASES):
            for places in (1, 2):
                told = list(pool.map(judge, [(case, places, seed) for seed in range(runs)], chunksize=5))
                rows.append(_row(weapon, places, told))
    return rows


def _row(weapon: str, places: int, told: list[dict]) -> dict:
    found = [one["sites"] for one in told]
    right = share(sum(one["right"] for one in told), len(told))
    held = [held for one in told for held in one["held"]]
    radii = [radius for one in told for radius in one["radii"]]
    sure = [one["probability"] for one in told]
    return {
        "weapon": weapon,
        "places": "one, 7 launchers within 60 m" if places == 1 else "two, 800 m apart",
        "told right": f"{100 * right['value']:.1f} % ({100 * right['low']:.1f}–{100 * right['high']:.1f})",
        "told as 0, 1, 2, more": ", ".join(str(n) for n in np.bincount(np.minimum(found, 3), minlength=4)),
        "radius holds the place": _told(share(sum(held), len(held))),
        "radius m, median": f"{np.median(radii):.0f}" if radii else "-",
        "stated probability, mean": f"{np.mean(sure):.2f}",
        "launches placed": f"{100 * np.mean([one['placed'] for one in told]):.0f} %",
    }


def _told(own: dict) -> str:
    return f"{100 * own['value']:.1f} %" if own["value"] is not None else "-"


def judge(task: tuple[int, int, int]) -> dict:
    """Return what one salvo's launch areas were worth."""
    origins, truth = run_salvo(*task)
    sites, places = launch_sites(origins), task[1]
    groups = {tuple(sorted({truth[track][1] for track in site.tracks})) for site in sites}
    middles = [np.mean([truth[track][0] for track in site.tracks], axis=0) for site in sites]
    gaps = [np.linalg.norm(site.place_enu_m - m) for site, m in zip(sites, middles, strict=True)]
    return {
        "sites": len(sites),
        "right": len(sites) == places and all(len(group) == 1 for group in groups),
        "held": [bool(gap <= max(site.radius_90_m, 300.0)) for gap, site in zip(gaps, sites, strict=True)],
        "radii": [max(site.radius_90_m, 300.0) for site in sites],
        "probability": float(np.mean([site.probability for site in sites])) if sites else 0.0,
        "placed": len(origins) / SALVO,
    }


def salvo(case: int, places: int, seed: int) -> tuple[Scenario, Site]:
    """Return a salvo of seven from one or two places somewhere about the packaged site's radars, and the site."""
    rng = np.random.default_rng([case, places, seed])
    flown = fly(packaged_scenario("baghdad-2020-11-17"), InputFiles(), seed)
    weapon, nearest_m, farthest_m = CASES[case]
    aim = rng.uniform(-2e3, 2e3, 2)
    turn, reach_m = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(nearest_m, farthest_m)
    middle = aim + reach_m * np.array([np.sin(turn), np.cos(turn)])
    beside = rng.uniform(0.0, 2.0 * np.pi)
    other = middle + APART_M * np.array([np.sin(beside), np.cos(beside)])
    launches = []
    for i in range(SALVO):
        place = other if places == 2 and i >= FIRST_OF_TWO else middle
        around = SCATTER_M * np.sqrt(rng.uniform()) * _turned(rng)
        at, end = _degrees(place + around, flown.site), _degrees(aim + rng.normal(0.0, 300.0, 2), flown.site)
        launches.append(Launch(weapon, 2.0 + 1.7 * i, at[0], at[1], end[0], end[1]))
    scenario = replace(flown.scenario, launches=tuple(launches), duration_s=80.0, seed=seed, source="")
    return scenario, flown.site


def _turned(rng: np.random.Generator) -> np.ndarray:
    turn = rng.uniform(0.0, 2.0 * np.pi)
    return np.array([np.sin(turn), np.cos(turn)])


def _degrees(place_m: np.ndarray, site: Site) -> tuple[float, float]:
    latitude_rad, longitude_rad, _ = geodetic_from_enu(place_m[0], place_m[1], 0.0, site.frame)
    return latitude_rad, longitude_rad


def run_salvo(case: int, places: int, seed: int) -> tuple[list[Origin], dict[int, tuple[np.ndarray, int]]]:
    """Return the origins of a salvo's tracks, as the engine makes them, and for each track true place and group.

    A track belongs to the projectile launched last before its first plot that it was nearest to.
    """
    scenario, site = salvo(case, places, seed)
    truth = fly_scenario(scenario, site, np.random.default_rng([seed, 0]))
    condition, tracker, predictor, ticks = Condition(site), Tracker(site), Predictor(site), Ticks()
    tracks, ended, states = None, {}, {}

    def follow(table) -> None:
        predictor.step(table, condition.bias_sigma)
        for i in np.flatnonzero(np.isin(table.status, (CONFIRMED, ENDED))):
            states.setdefault(int(table.id[i]), (float(table.track_time_s[i]), table.mean_enu[i, :3].copy()))
        for track in table.id[table.status == ENDED]:
            ended[int(track)] = predictor.origin(int(track))

    for look in observe(truth, scenario, site, np.random.default_rng([seed, 1])):
        for tick in ticks.until(look.time_s):
            tracks = tracker.tick(tick.time_s)
            follow(tracks)
        scan = condition.step(
            scan_of_look(look, site), tracks if tracks is not None else tracker.tick(look.time_s)
        )
        tracks = tracker.step(scan, condition.clutter)
        follow(tracks)
    for tick in ticks_from(ticks.time_s or 0.0, SETTLE_S):
        if not np.any(tracks.status == CONFIRMED):
            break
        tracks = tracker.tick(Tick(tick.time_s).time_s)
        follow(tracks)
    own = {}
    for track, (time_s, place_m) in states.items():
        gaps = [
            np.linalg.norm(moment[0] - place_m) if (moment := flown.state_at(time_s)) is not None else np.inf
            for flown in truth.projectiles
        ]
        nearest = int(np.argmin(gaps))
        group = int(places == 2 and nearest >= FIRST_OF_TWO)
        own[track] = truth.projectiles[nearest].launch_enu_m[:2], group
    return [origin for origin in ended.values() if origin is not None], own
