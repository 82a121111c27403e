"""Who is warned, how early and for nothing, over many seeds of the two cities, beside warning all of a city at once.

`python -m benchmarks warning --seeds 20 --workers 1` flies fewer; what is flown of one source text is kept under
build/warning, so that it may be done in parts: `python -m benchmarks.warning --scenario NAME --seeds 1:40`.
"""

import argparse
import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from rampart.domain.event import AlertEvent, TrackEvent
from rampart.domain.wire import posix_time
from rampart.evaluate.score import score
from rampart.evaluate.warning import falls_of_truth
from rampart.files import InputFiles
from rampart.night import record_of, run_night
from rampart.runner import fly, packaged_scenario
from rampart.simulate.truth import truth_json

TITLE = (
    "Warning two cities (simulated): missed, early, needless; beside the whole city at the first confirmation"
)
SCENARIOS = ("baghdad-2020-11-17", "baghdad-grid")
SEEDS = 200
ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "warning"


def fly_one(name: str, seed: int) -> dict:
    """Fly, follow and score one seed; return what its zones got and what warning everyone would have cost."""
    flown = fly(packaged_scenario(name), InputFiles(), seed)
    night = run_night(flown)
    own = score(record_of(night))["warning"]
    falls = falls_of_truth(truth_json(flown.truth, flown.site))
    people = {zone.id: (zone.population, zone.shelter_s) for zone in flown.site.zones}
    hit = {zone["zone"] for zone in own["zones"] if zone["projectiles"]}
    confirmed = [
        event for event in night.events if isinstance(event, TrackEvent) and event.status == "confirmed"
    ]
    begin_s = min(posix_time(event.time) for event in confirmed)
    stood_s = max(fall.time_s for fall in falls) + flown.site.warning.clear_after_s - begin_s
    raises = [
        event.alert for event in night.events if isinstance(event, AlertEvent) and event.action == "raise"
    ]
    return {
        "seed": seed,
        "hit": [
            {key: zone[key] for key in ("zone", "seconds", "ideal_seconds", "warned")}
            | {"people": people[zone["zone"]][0], "shelter_s": people[zone["zone"]][1]}
            for zone in own["zones"]
            if zone["projectiles"]
        ],
        "raised": len(set(raises)),
        "again": len(raises) - len(set(raises)),
        "needless": own["zones_needless"],
        "person_minutes": own["needless_person_minutes"],
        "everyone_person_minutes": sum(n for zone, (n, _) in people.items() if zone not in hit)
        * stood_s
        / 60.0,
    }


def kept(name: str, seed: int) -> dict:
    """Return one seed's row, flown unless it is there."""
    file = KEPT / f"{source_key()}-{name}-{seed}.json"
    if not file.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(fly_one(name, seed)))
    return json.loads(file.read_text())


def source_key() -> str:
    """Return a name for the source text that decides these figures."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    rooms = (
        "numerics",
        "physics",
        "domain",
        "sense",
        "track",
        "predict",
        "warn",
        "simulate",
        "evaluate",
        "scenarios",
    )
    for room in rooms:
        for path in sorted((ROOT / "src/rampart" / room).rglob("*")):
            if path.suffix in (".py", ".toml", ".geojson"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def gather(name: str, seeds: range, workers: int) -> list[dict]:
    """Return the rows of many seeds, in order."""
    if workers <= 1:
        return [kept(name, seed) for seed in seeds]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(kept, [name] * len(seeds), seeds))


def measure(seeds: int = SEEDS, workers: int = 1) -> list[dict]:
    """Return a row for each city, then one for each zone that was missed."""
    flown = {name: gather(name, range(1, seeds + 1), workers) for name in SCENARIOS}
    rows = [row_of(name, own) for name, own in flown.items()]
    for name, own in flown.items():
        rows += [
            {
                "missed": name,
                "seed": one["seed"],
                "zone": zone["zone"],
                "seconds": zone["seconds"],
                "ideal seconds": zone["ideal_seconds"],
            }
            for one in own
            for zone in one["hit"]
            if not zone["warned"]
        ]
    return rows


def row_of(name: str, own: list[dict]) -> dict:
    """Return one city's figures."""
    hit = [zone for one in own for zone in one["hit"]]
    seconds = np.array([zone["seconds"] or 0.0 for zone in hit])
    ideal = np.array([zone["ideal_seconds"] or 0.0 for zone in hit])
    people = np.array([zone["people"] for zone in hit])
    shelter_s = np.array([zone["shelter_s"] for zone in hit])
    missed = [zone for zone in hit if not zone["warned"]]
    spent, everyone = (sum(one[key] for one in own) for key in ("person_minutes", "everyone_person_minutes"))
    return {
        "city": name,
        "runs": len(own),
        "zones endangered": len(hit),
        "missed": len(missed),
        "of them the ideal could": sum(zone["ideal_seconds"] is not None for zone in missed),
        "median s": f"{np.median(seconds):.2f}",
        "ideal's": f"{np.median(ideal):.2f}",
        "share with time to shelter": f"{people @ (seconds >= shelter_s) / people.sum():.4f}",
        "the ideal's": f"{people @ (ideal >= shelter_s) / people.sum():.4f}",
        "zones warned a run": f"{np.mean([one['raised'] for one in own]):.1f}",
        "needless": f"{np.mean([one['needless'] for one in own]):.1f}",
        "raised again": f"{np.mean([one['again'] for one in own]):.2f}",
        "needless person-minutes a run": f"{spent / len(own):,.0f}",
        "everyone warned": f"{everyone / len(own):,.0f}",
        "below": f"{100.0 * (1.0 - spent / everyone):.1f} %",
    }


def main() -> None:
    """Fly a part, and print its row."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scenario", choices=SCENARIOS, default=SCENARIOS[1])
    parser.add_argument("--seeds", default="1:13", help="FIRST:END")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    first, end = map(int, options.seeds.split(":"))
    own = gather(options.scenario, range(first, end), options.workers)
    print(row_of(options.scenario, own))
    for one in own:
        print(
            *(f"missed {one['seed']} {zone}\n" for zone in one["hit"] if not zone["warned"]), sep="", end=""
        )


if __name__ == "__main__":
    main()
