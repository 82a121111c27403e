"""What became of each projectile, held against the truth: how often a fate called with p was so."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import pairwise
from math import pi
from multiprocessing import get_context

import numpy as np

from benchmarks.chase import chase
from rampart.config import read_scenario
from rampart.domain.forecast import FATES
from rampart.domain.site import Site
from rampart.errors import InputError
from rampart.files import InputFiles
from rampart.physics.geodesy import geodetic_from_enu
from rampart.runner import packaged_scenario
from rampart.simulate.scenario import AIRBURST, Launch, Scenario
from rampart.simulate.truth import fly_scenario

TITLE = "Fates called against fates had (simulated; bursts weighed as one projectile in ten)"
FIRST_SEED, NIGHTS, SALVO = 1000, 16, 6
BURST_SHARE, BURST_RATE = 0.5, 0.1
"""Half of those simulated burst, and are weighed as if it were one in ten, which the predictor takes for usual."""
WEAPONS = (("rocket-122mm", 7e3, 12e3), ("rocket-107mm", 4e3, 6.8e3), ("mortar-120mm", 3e3, 5.5e3))
SITES = {
    "two radars, Pd 0.9": {},
    "two radars, Pd 0.6": {"detection_probability": 0.6},
    "lowest elevation 3 degrees": {"min_elevation_rad": 3.0 * pi / 180.0},
    "one radar, Pd 0.6, lowest elevation 2 degrees": {
        "detection_probability": 0.6, "min_elevation_rad": 2.0 * pi / 180.0, "alone": True,
    },
}  # fmt: skip
EDGES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.0 + 1e-9)


def measure(nights: int = NIGHTS, workers: int = 2) -> list[dict]:
    """Return a row for each site and bin of what was called, ground or burst; then how many had which true fate."""
    rows = []
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        pools = {
            name: pool.map(judge, [(name, FIRST_SEED + k) for k in range(nights)], chunksize=4)
            for name in SITES
        }
        told = {
            name: np.array([one for night in own for one in night]).reshape(-1, 6)
            for name, own in pools.items()
        }
    told["all of them"] = np.vstack(list(told.values()))
    for name, own in told.items():
        rows += _rows(name, own)
    return rows


def _rows(name: str, told: np.ndarray) -> list[dict]:
    """Return rows from `told (n, 6)`: 1 for a burst, p over FATES, 1 for a track that lasted to the truth's end."""
    burst = told[:, 0] > 0.5
    weight = np.where(burst, BURST_RATE / BURST_SHARE, (1.0 - BURST_RATE) / (1.0 - BURST_SHARE))
    called = {"ground": told[:, 1], "burst or stopped": told[:, 2] + told[:, 3]}
    was = {"ground": ~burst, "burst or stopped": burst}
    rows = []
    for fate, p in called.items():
        for low, high in pairwise(EDGES):
            inside = (p >= low) & (p < high)
            if not np.any(inside):
                continue
            w = weight[inside]
            rows.append({
                "site": name, "called": fate, "with p": f"{low:g}–{min(high, 1.0):g}", "n": int(inside.sum()),
                "mean p": f"{np.average(p[inside], weights=w):.3f}",
                "was so": f"{np.average(was[fate][inside], weights=w):.3f}",
                "left unknown, mean": f"{np.average(told[inside, 4], weights=w):.3f}",
            })  # fmt: skip
    return rows


def judge(task: tuple[str, int]) -> list[list[float]]:
    """Return for each projectile with a last forecast: whether it burst, p over FATES, and its place in time."""
    name, seed = task
    for attempt in range(20):
        try:
            scenario, site = night(name, seed, attempt)
            truth, found = chase(scenario, site)
        except InputError:
            continue
        return [
            [float(truth.projectiles[one.projectile].fate == AIRBURST), *one.last.fate, 1.0]
            for one in found.values()
            if one.last is not None and len(one.last.fate) == len(FATES)
        ]
    return []


def night(name: str, seed: int, attempt: int) -> tuple[Scenario, Site]:
    """Return six projectiles from about the site, half of them bursting somewhere on their way, and the site."""
    rng = np.random.default_rng([seed, attempt, 77])
    scenario, site = read_scenario(packaged_scenario("baghdad-2020-11-17"), InputFiles(), seed)
    changes = dict(SITES[name])
    radars = site.radars[:1] if changes.pop("alone", False) else site.radars
    site = replace(site, radars=tuple(replace(radar, **changes) for radar in radars))
    launches = []
    for i in range(SALVO):
        weapon, nearest_m, farthest_m = WEAPONS[int(rng.integers(len(WEAPONS)))]
        turn, reach_m, aim = (
            rng.uniform(0.0, 2.0 * pi),
            rng.uniform(nearest_m, farthest_m),
            rng.uniform(-2e3, 2e3, 2),
        )
        start = aim + reach_m * np.array([np.sin(turn), np.cos(turn)])
        places = [geodetic_from_enu(place[0], place[1], 0.0, site.frame)[:2] for place in (start, aim)]
        launches.append(Launch(weapon, 2.0 + 5.0 * i, *places[0], *places[1]))
    scenario = replace(
        scenario, launches=tuple(launches), duration_s=110.0, seed=seed, source="",
        radar_truth=tuple(t for t in scenario.radar_truth if t.id in {radar.id for radar in radars}),
    )  # fmt: skip
    truth = fly_scenario(scenario, site, np.random.default_rng([seed, 0]))
    whole_s = [flown.impact_s - flown.launch_s for flown in truth.projectiles]
    ending = list(launches)
    for i, lasts_s in enumerate(whole_s):
        if rng.random() < BURST_SHARE:
            ending[i] = replace(launches[i], fate=AIRBURST, burst_s=rng.uniform(0.3, 0.98) * lasts_s)
    return replace(scenario, launches=tuple(ending)), site
