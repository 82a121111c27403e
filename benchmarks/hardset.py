"""The hard set: packaged scenarios through simulation, conditioning and tracking, in memory, Stone Soup beside.

`python -m benchmarks.hardset --help`: scenarios alone, fewer seeds, what passed to which track.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from benchmarks import stonesoup
from benchmarks.followed import Truths, moment_of
from benchmarks.tracks import CLUTTER, Marks, Moment, Pace, judge, pooled, pooled_pace, row_of
from rampart.domain.scan import Plots, Scan
from rampart.domain.site import Site
from rampart.domain.track import no_tracks
from rampart.files import InputFiles
from rampart.physics import radar as optics
from rampart.physics.motion import STATE_SIZE
from rampart.runner import fly, looks_of, packaged_names, packaged_scenario
from rampart.sense.condition import Condition
from rampart.simulate.truth import TrueProjectile
from rampart.track.tracker import Tracker

TITLE = "The hard set (simulated): the packaged scenarios, one configuration, trackers side by side"
SEEDS, PEER_SEEDS = 10, 1
GUARDED = ("baghdad", "kabul", "taji", "mortars")
"""Scenarios of these are no part of the hard set."""
NAMES = tuple(name for name in packaged_names() if not name.startswith(GUARDED))
TOLD_APART = 1e-7
"""Added to the SNR of a look's plots, once for each, so that they can be told apart after conditioning."""


class Shown(NamedTuple):
    """One run before anything follows it: scans as simulated, whose plots they hold, what flew then."""

    site: Site
    scans: list[Scan]
    whose: list[np.ndarray]
    projectiles: tuple[TrueProjectile, ...]
    first_plot_s: dict[int, float]


def show(name: str, seed: int) -> Shown:
    """Simulate one seed of a packaged scenario."""
    flown = fly(packaged_scenario(name), InputFiles(), seed)
    scans, whose, first_s = [], [], {}
    for look in looks_of(flown):
        own = np.where(look.origin >= 0, look.origin, CLUTTER)
        for thing, time_s in zip(own.tolist(), look.plots.time_s.tolist(), strict=True):
            if thing != CLUTTER:
                first_s.setdefault(thing, time_s)
        plots = replace(look.plots, snr_db=look.plots.snr_db + TOLD_APART * np.arange(len(own)))
        scans.append(Scan(look.time_s, plots, (look.radar,)))
        whose.append(own)
    return Shown(flown.site, scans, whose, flown.truth.projectiles, first_s)


def sky_at(time_s: float, shown: Shown) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what is in any radar's cover, which (n,) and where (n, 3), and where what flies out of it is, (h, 3)."""
    inside, inside_m, outside_m = [], [], []
    for thing, projectile in enumerate(shown.projectiles):
        moment = projectile.state_at(time_s)
        if moment is None:
            continue
        if _covered(*moment, shown.site):
            inside.append(thing)
            inside_m.append(moment[0])
        else:
            outside_m.append(moment[0])
    return np.array(inside, np.int64), np.reshape(inside_m, (-1, 3)), np.reshape(outside_m, (-1, 3))


def _covered(place_enu_m: np.ndarray, velocity_enu_mps: np.ndarray, site: Site) -> bool:
    state = np.zeros(STATE_SIZE)
    state[:3], state[3:6] = place_enu_m, velocity_enu_mps
    for radar in site.radars:
        range_m, _, elevation_rad, _ = optics.measure(state, radar.frame)
        near = radar.min_range_m <= range_m <= radar.max_range_m
        if near and radar.min_elevation_rad <= elevation_rad <= radar.max_elevation_rad:
            return True
    return False


def follow(shown: Shown) -> tuple[list[Moment], Pace]:
    """Return the log of our tracker behind the conditioning that it has live, and the CPU time of each step of it."""
    condition, tracker = Condition(shown.site), Tracker(shown.site)
    truths: Truths = {}
    moments, spent_s, table = [], [], no_tracks()
    for scan, whose in zip(shown.scans, shown.whose, strict=True):
        conditioned = condition.step(scan, table)
        truths.update(_named(scan.plots, whose, conditioned.plots))
        begin_s = time.thread_time()
        table = tracker.step(conditioned, condition.clutter, condition.crowds)
        spent_s.append(time.thread_time() - begin_s)
        moments.append(moment_of(table.time_s, table, truths, *sky_at(table.time_s, shown), projectiles=True))
    return moments, Pace(np.array(spent_s), np.array([len(scan.plots) for scan in shown.scans]))


def _named(plots: Plots, whose: np.ndarray, kept: Plots) -> Iterator[tuple[bytes, int]]:
    """Yield whose each plot is that was kept, by its bytes."""
    by_snr = dict(zip(plots.snr_db.tolist(), whose.tolist(), strict=True))
    for row, snr_db in zip(kept.measurement, kept.snr_db.tolist(), strict=True):
        yield row.tobytes(), by_snr[snr_db]


def run(name: str, seed: int) -> tuple[Marks, Pace]:
    """Return our marks and pace on one seed."""
    shown = show(name, seed)
    moments, pace = follow(shown)
    return judge(moments, shown.first_plot_s), pace


def peer_row(method: str, name: str, seeds: int) -> dict[str, str]:
    """Return Stone Soup's row on a scenario."""
    done, scans = [], []
    for seed in range(1, seeds + 1):
        shown = show(name, seed)
        skies = [sky_at(scan.time_s, shown) for scan in shown.scans]
        marks, pace, until = stonesoup.follow(
            method, shown.site, shown.scans, shown.whose, skies, shown.first_plot_s
        )
        done.append((marks, pace))
        scans.append(f"{until} of {len(shown.scans)} scans" if until < len(shown.scans) else "")
    row = row_of(
        stonesoup.METHODS[method], pooled(marks for marks, _ in done), pooled_pace([pace for _, pace in done])
    )
    return row | {"runs": ", ".join([row["runs"], *filter(None, scans)])}


def measure(
    names: Sequence[str] = NAMES, seeds: int = SEEDS, peer_seeds: int = PEER_SEEDS, changes: bool = False
) -> list[dict]:
    """Return a row for each scenario and tracker."""
    rows = []
    peers = list(stonesoup.METHODS) if peer_seeds and stonesoup.is_here() else []
    run("reference-salvo", 1)
    for name in names:
        done = [run(name, seed) for seed in range(1, seeds + 1)]
        if changes:
            _say_changes(name, [marks for marks, _ in done])
        pace = pooled_pace([pace for _, pace in done])
        rows.append({"scene": name, **row_of("Rampart", pooled(marks for marks, _ in done), pace)})
        print("  ", rows[-1], flush=True)
        for method in peers:
            rows.append({"scene": name, **peer_row(method, name, peer_seeds)})
            print("  ", rows[-1], flush=True)
    return rows


def _say_changes(name: str, all_marks: Sequence[Marks]) -> None:
    for seed, marks in enumerate(all_marks, 1):
        for time_s, thing, old, new in marks.changes:
            print(f"{name} seed {seed}: p{thing + 1} from track {old} to {new} at {time_s % 3600.0:.1f} s")


def main() -> None:
    """Print the rows of the scenarios named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument(
        "--peer-seeds", type=int, default=0, help="of Stone Soup; a minute of CPU each at most"
    )
    parser.add_argument(
        "--changes", action="store_true", help="which projectile passed to which track, and when"
    )
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    rows = measure(wanted.name or NAMES, wanted.seeds, wanted.peer_seeds, wanted.changes)
    if wanted.json:
        for row in rows:
            print(json.dumps(row))


if __name__ == "__main__":
    main()
