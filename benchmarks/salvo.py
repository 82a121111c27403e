"""The reference salvo: seven rockets in 10 s, Pd 0.9, ten false plots a scan. `python -m benchmarks.salvo --help`."""

import argparse
import json

import numpy as np

from benchmarks import stonesoup
from benchmarks.followed import START_S, first_seen_s, follow, reference_site, scan_at, sky_at
from benchmarks.rockets import salvo, scans_of
from benchmarks.tracks import Marks, Pace, judge, pooled, pooled_pace, row_of

TITLE = "The reference salvo (simulated): 7 rockets in 10 s, one radar, 0.5 s, Pd 0.9, 10 false plots a scan"
SEEDS, PEER_SEEDS = 100, 5
FIRST_SEED = 1000


def run(seed: int, count: int | None = None) -> tuple[Marks, Pace]:
    """Return marks and pace of one seed, of the first `count` scans if so many are wanted."""
    rng = np.random.default_rng(FIRST_SEED + seed)
    rockets = salvo(rng)
    scans = scans_of(rng, rockets)[:count]
    moments, pace = follow(rockets, scans, reference_site())
    return judge(moments, first_seen_s(scans)), pace


def runs(seeds: int) -> tuple[list[Marks], list[Pace]]:
    """Return the marks and paces of so many seeds, after one run that is not counted: code is loaded in it."""
    run(seeds)
    done = [run(seed) for seed in range(seeds)]
    return [marks for marks, _ in done], [pace for _, pace in done]


def measure(seeds: int = SEEDS, peer_seeds: int = PEER_SEEDS) -> list[dict]:
    """Return our row, and Stone Soup's on the first of the same seeds."""
    marks, paces = runs(seeds)
    rows = [row_of("Rampart", pooled(marks), pooled_pace(paces))]
    if peer_seeds and stonesoup.is_here():
        rows += [peer_row(method, peer_seeds) for method in stonesoup.METHODS]
    return rows


def peer_row(method: str, seeds: int) -> dict[str, str]:
    """Return Stone Soup's row."""
    site, done = reference_site(), []
    for seed in range(seeds):
        rng = np.random.default_rng(FIRST_SEED + seed)
        rockets = salvo(rng)
        scans = scans_of(rng, rockets)
        fed = [scan_at(k, plots, {}) for k, plots in enumerate(scans)]
        whose = [np.array([plot.thing for plot in plots], np.int64) for plots in scans]
        skies = [sky_at(k, rockets) for k in range(len(scans))]
        done.append(stonesoup.follow(method, site, fed, whose, skies, first_seen_s(scans)))
    pace = pooled_pace([pace for _, pace, _ in done])
    return row_of(stonesoup.METHODS[method], pooled(marks for marks, _, _ in done), pace)


def main() -> None:
    """Print the row, or with --each a row for each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds, from 0")
    parser.add_argument("--seed", type=int, help="this seed alone")
    parser.add_argument("--each", action="store_true", help="a row for each seed too")
    parser.add_argument("--peer-seeds", type=int, default=0, help="how many of them for Stone Soup")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    if wanted.seed is not None:
        run(wanted.seed)
        done = [run(wanted.seed)]
        marks, paces = [done[0][0]], [done[0][1]]
    else:
        marks, paces = runs(wanted.seeds)
    rows = [row_of(f"seed {i}", *each) for i, each in enumerate(zip(marks, paces, strict=True))]
    rows = (rows if wanted.each else []) + [row_of("Rampart", pooled(marks), pooled_pace(paces))]
    if wanted.peer_seeds:
        rows += [peer_row(method, wanted.peer_seeds) for method in stonesoup.METHODS]
    for row in rows:
        print(json.dumps(row) if wanted.json else row)
    for i, one in enumerate(marks):
        for time_s, thing, old, new in one.changes:
            seed = wanted.seed if wanted.seed is not None else i
            print(f"seed {seed}: rocket {thing} from track {old} to {new} at {time_s - START_S:.1f} s")


if __name__ == "__main__":
    main()
