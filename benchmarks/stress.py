"""The tracker under stress: 100 rockets in 1,000 false plots a scan, 1,000 projectiles at once, forty in 20 s.

`python -m benchmarks.stress --help`: each case alone, fewer seeds, fewer scans.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.followed import START_S, first_seen_s, follow, reference_site
from benchmarks.rockets import FALSE_PLOTS, SALVO_S, UPDATE_S, Rocket, salvo, scans_of
from benchmarks.tracks import Marks, Pace, judge, pooled, pooled_pace, row_of

TITLE = "The tracker under stress (simulated): the reference's rockets and radar, more of everything"
FIRST_SEED = 2000
PLACE_ROCKETS = 20
"""The thousand come from so many at a place, all around, 9 to 12 km away."""


@dataclass(frozen=True)
class Case:
    """So many rockets of one place within `within_s`, again every `again_s` where that is not 0, over `scans` scans.

    `around`: from many places instead.
    """

    name: str
    rockets: int
    false_plots: float = FALSE_PLOTS
    scans: int | None = None
    seeds: int = 10
    within_s: float = SALVO_S
    again_s: float = 0.0
    update_s: float = UPDATE_S
    around: bool = False


CASES = {
    "few": Case("20 rockets, 100 false plots a scan", 20, 100.0),
    "forty": Case("40 rockets in 20 s", 40, within_s=20.0),
    "hundred": Case("100 rockets in 10 s, 1,000 false plots a scan, 600 scans", 100, 1000.0, 600),
    "waves": Case(
        "100 rockets in 10 s every 50 s, 1,000 false plots a scan, 600 scans", 100, 1000.0, 600, again_s=50.0
    ),
    "thousand": Case("1,000 projectiles of 50 places, 1 s", 1000, update_s=1.0, seeds=3, around=True),
    "ten": Case("10 projectiles, 1 s", 10, 0.1, update_s=1.0, around=True),
    "of-hundred": Case("100 projectiles of 5 places, 1 s", 100, 1.0, update_s=1.0, around=True),
}


def rockets_of(case: Case, rng: np.random.Generator) -> list[Rocket]:
    """Return what flies in a case."""
    if case.around:
        flying: list[Rocket] = []
        for begin in range(0, case.rockets, PLACE_ROCKETS):
            away_m, bearing_rad = rng.uniform(9e3, 12e3), rng.uniform(0.0, 2.0 * np.pi)
            place_m = away_m * np.array([np.cos(bearing_rad), np.sin(bearing_rad)])
            count = min(PLACE_ROCKETS, case.rockets - begin)
            flying += salvo(rng, count, case.within_s, place_m, case.update_s)
        return flying
    waves = 1
    if case.again_s and case.scans:
        waves = int(np.ceil(case.scans * case.update_s / case.again_s))
    flying = []
    for wave in range(waves):
        late = round(wave * case.again_s / case.update_s)
        own = salvo(rng, case.rockets, case.within_s, update_s=case.update_s)
        flying += [Rocket(rocket.first + late, rocket.state) for rocket in own]
    return flying


def run(case: Case, seed: int, scans: int | None = None) -> tuple[Marks, Pace]:
    """Return marks and pace of one seed, of the first `scans` scans if so many are wanted."""
    rng = np.random.default_rng(FIRST_SEED + seed)
    rockets = rockets_of(case, rng)
    fed = scans_of(rng, rockets, case.scans, case.false_plots)[:scans]
    moments, pace = follow(rockets, fed, reference_site(case.update_s, false_plots=case.false_plots))
    return judge(moments, first_seen_s(fed, case.update_s)), pace


def measure(
    names: tuple[str, ...] = ("few", "forty", "hundred", "waves", "thousand", "ten"),
    seeds: int | None = None,
    scans: int | None = None,
    said: Callable[[int, Marks], None] | None = None,
) -> list[dict]:
    """Return a row for each case, and the cost of a plot among many against that among few."""
    rows, cost_us = [], {}
    run(CASES["few"], 0, 30)
    for name in names:
        case = CASES[name]
        done = []
        for seed in range(min(seeds or case.seeds, case.seeds)):
            done.append(run(case, seed, scans))
            if said:
                said(seed, done[-1][0])
        pace = pooled_pace([pace for _, pace in done])
        rows.append({"scene": case.name, **row_of("Rampart", pooled(marks for marks, _ in done), pace)})
        cost_us[name] = 1e6 / pace.plots_ps
        rows[-1]["us/plot"] = f"{cost_us[name]:.1f}"
        print("  ", rows[-1], flush=True)
    return rows


def main() -> None:
    """Print the rows of the cases named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", nargs="*", help=f"of {', '.join(CASES)}")
    parser.add_argument("--seeds", type=int, help="so many seeds at most")
    parser.add_argument("--scans", type=int, help="the first so many scans")
    parser.add_argument("--changes", action="store_true", help="which rocket passed to which track, and when")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()

    def said(seed: int, marks: Marks) -> None:
        for time_s, thing, old, new in marks.changes:
            print(f"seed {seed}: rocket {thing} from track {old} to {new} at {time_s - START_S:.1f} s")

    names = tuple(wanted.case) or tuple(CASES)
    rows = measure(names, wanted.seeds, wanted.scans, said if wanted.changes else None)
    if wanted.json:
        for row in rows:
            print(json.dumps(row))


if __name__ == "__main__":
    main()
