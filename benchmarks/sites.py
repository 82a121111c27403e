"""Launch areas of closed attacks: one place told as one, two as two, and whether the stated radius holds the place."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np

from benchmarks.chase import chase
from rampart.config import read_scenario
from rampart.domain.forecast import Origin
from rampart.domain.site import Site
from rampart.evaluate.study import share
from rampart.files import InputFiles
from rampart.physics.geodesy import geodetic_from_enu
from rampart.predict.origin import launch_sites
from rampart.runner import packaged_scenario
from rampart.simulate.scenario import Launch, Scenario

TITLE = "Launch areas of closed attacks (simulated)"
RUNS, SALVO, FIRST_OF_TWO = (200, 12, 12, 24), 7, 3
FIT_EVERY = 4
SCATTER_M, APART_M = 30.0, 800.0
"""Launchers stand within this of their place's middle, so within 60 m of one another; the other lies so far off."""
CASES = (
    ("rocket-122mm", 7e3, 12e3, None), ("rocket-107mm", 4e3, 6.8e3, None), ("mortar-120mm", 3e3, 5.5e3, None),
    ("rocket-122mm", 7e3, 12e3, 3.0),
)  # fmt: skip
"""Weapon, how far its salvos fly, and the radars' lowest elevation, degrees, where it is not the site's."""


def measure(runs: tuple[int, ...] = RUNS, workers: int = 2) -> list[dict]:
    """Return a row for each weapon and number of places."""
    rows = []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for case, (weapon, _, _, lowest_deg) in enumerate(CASES):
            told_as = weapon if lowest_deg is None else f"{weapon}, nothing seen below {lowest_deg:g} degrees"
            for places in (1, 2):
                told = list(
                    pool.map(judge, [(case, places, seed) for seed in range(runs[case])], chunksize=5)
                )
                rows.append(_row(told_as, places, told))
                print("  ", rows[-1], flush=True)
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
        "runs": len(told),
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
    scenario, site = read_scenario(packaged_scenario("baghdad-2020-11-17"), InputFiles(), seed)
    weapon, nearest_m, farthest_m, lowest_deg = CASES[case]
    if lowest_deg is not None:
        lowest_rad = np.radians(lowest_deg)
        site = replace(
            site, radars=tuple(replace(radar, min_elevation_rad=lowest_rad) for radar in site.radars)
        )
    aim = rng.uniform(-2e3, 2e3, 2)
    turn, reach_m = rng.uniform(0.0, 2.0 * np.pi), rng.uniform(nearest_m, farthest_m)
    middle = aim + reach_m * np.array([np.sin(turn), np.cos(turn)])
    beside = rng.uniform(0.0, 2.0 * np.pi)
    other = middle + APART_M * np.array([np.sin(beside), np.cos(beside)])
    launches = []
    for i in range(SALVO):
        place = other if places == 2 and i >= FIRST_OF_TWO else middle
        around = SCATTER_M * np.sqrt(rng.uniform()) * _turned(rng)
        at, end = _degrees(place + around, site), _degrees(aim + rng.normal(0.0, 300.0, 2), site)
        launches.append(Launch(weapon, 2.0 + 1.7 * i, at[0], at[1], end[0], end[1]))
    scenario = replace(scenario, launches=tuple(launches), duration_s=65.0, seed=seed, source="")
    return scenario, site


def _turned(rng: np.random.Generator) -> np.ndarray:
    turn = rng.uniform(0.0, 2.0 * np.pi)
    return np.array([np.sin(turn), np.cos(turn)])


def _degrees(place_m: np.ndarray, site: Site) -> tuple[float, float]:
    latitude_rad, longitude_rad, _ = geodetic_from_enu(place_m[0], place_m[1], 0.0, site.frame)
    return latitude_rad, longitude_rad


def run_salvo(case: int, places: int, seed: int) -> tuple[list[Origin], dict[int, tuple[np.ndarray, int]]]:
    """Return the origins of a salvo's tracks, as the engine makes them, and for each track true place and group."""
    truth, found = chase(*salvo(case, places, seed), every=FIT_EVERY)
    own = {
        track: (
            truth.projectiles[one.projectile].launch_enu_m[:2],
            int(places == 2 and one.projectile >= FIRST_OF_TWO),
        )
        for track, one in found.items()
    }
    return [one.origin for one in found.values() if one.origin is not None], own
