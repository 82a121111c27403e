"""What is no projectile, past simulated radars for hours: confirmed, called a projectile, foretold, alarmed for.

`python -m benchmarks.nuisance --watches 0:8` flies a part: each watch is ten minutes of radar time, through the
engine. What is measured of one source text is kept under build/nuisance, so that the whole may be done in parts;
`--who` says what was taken for a projectile, and when.
"""

import argparse
import hashlib
import json
import sys
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.skies import (
    ABREAST,
    ADSB,
    EYES,
    ROOT,
    SHIFT_S,
    START_S,
    WATCH_S,
    Eyes,
    errors_of,
    invented,
    low_life,
    passing,
    recorded_flights,
    site_for,
)
from rampart.domain.event import AlertEvent, ForecastEvent, TrackEvent
from rampart.domain.scan import Tick
from rampart.domain.site import Site
from rampart.engine import Engine
from rampart.physics.atmosphere import standard_air
from rampart.simulate.inmemory import scan_of_look
from rampart.simulate.scenario import Scenario
from rampart.simulate.sensor import observe
from rampart.simulate.truth import Truth

TITLE = (
    "What is no projectile, past simulated radars (recorded aircraft, invented jets, birds, drones, clutter)"
)
FLIGHTS_A_WATCH = int(ABREAST * WATCH_S / SHIFT_S)
INVENTED = 2 * len(EYES)
"""So many watches are of invented jets over birds, drones and clutter; the rest are of recorded aircraft."""
KEPT = ROOT / "build" / "nuisance"
BENCHED = [ROOT / "benchmarks" / name for name in ("nuisance.py", "skies.py")]


@dataclass(frozen=True)
class Sky:
    """One watch: what flies in it and how it is seen."""

    number: int
    eyes: Eyes
    site: Site
    movers: list
    scenario: Scenario


def sky_of(number: int, flights: list) -> Sky:
    """Return a watch; the first `INVENTED` are of invented jets, birds, drones and clutter."""
    rng = np.random.default_rng([number, 5])
    eyes = EYES[number % len(EYES)]
    site = site_for(eyes)
    low, movers = {}, []
    if number < INVENTED:
        low = low_life(site, rng)
        for begin_s in np.arange(0.0, WATCH_S - 150.0, 150.0):
            movers += invented(rng, START_S + begin_s)
    else:
        first = (number - INVENTED) * FLIGHTS_A_WATCH
        own = flights[first : first + FLIGHTS_A_WATCH]
        for shift in range(0, len(own), ABREAST):
            movers += passing(own[shift : shift + ABREAST], START_S + shift / ABREAST * SHIFT_S, rng)
    scenario = Scenario(
        f"nuisance {number}", START_S, number, WATCH_S, (), standard_air(),
        radar_truth=errors_of(eyes, site), radar_models=eyes.models, **low,
    )  # fmt: skip
    return Sky(number, eyes, site, movers, scenario)


def watch(sky: Sky, who: bool = False) -> dict:
    """Fly one watch through the engine and return its counts."""
    site, engine = sky.site, Engine(sky.site, simulated=True)
    confirmed, foretold, alarms, plots = set(), set(), 0, 0
    called: dict[int, list] = {}
    tick_s = START_S
    begin_s = time.perf_counter()
    looks = observe(
        Truth((), site.world), sky.scenario, site, np.random.default_rng([sky.number, 1]), sky.movers
    )
    for look in looks:
        events = []
        while tick_s + 0.25 < look.time_s:
            tick_s += 0.25
        events += engine.step(Tick(tick_s)) if tick_s > START_S else []
        events += engine.step(scan_of_look(look, site))
        plots += len(look.plots)
        for event in events:
            if isinstance(event, TrackEvent):
                confirmed.add(event.track)
            elif isinstance(event, ForecastEvent):
                foretold.add(event.track)
            elif isinstance(event, AlertEvent) and event.action == "raise":
                alarms += 1
                if who:
                    print(f"  ALARM {sky.number} {sky.eyes.name}: tracks {event.tracks} {event.probability}")
        table = engine.tracks
        for row in np.flatnonzero(np.isfinite(table.confirmed_s) & table.is_ballistic() & table.is_live()):
            own = called.setdefault(
                int(table.id[row]), [float(table.time_s), 0.0, *_nearest(sky, table, row)]
            )
            own[1] = float(table.time_s) - own[0]
    spent_s = time.perf_counter() - begin_s
    if who:
        for track, (first_s, lasted_s, name, gap_m) in called.items():
            mark = "foretold" if track in foretold else ""
            print(f"  {sky.number} {sky.eyes.name}: track {track} at {first_s - START_S:.1f} s for {lasted_s:.1f} s, "
                  f"{name} {gap_m:.0f} m away {mark}", flush=True)  # fmt: skip
    return {
        "eyes": sky.eyes.name,
        "invented": sky.number < INVENTED,
        "hours": WATCH_S / 3600.0,
        "flown": len(sky.movers),
        "plots": plots,
        "confirmed": len(confirmed),
        "called": len(called),
        "longest_s": max((own[1] for own in called.values()), default=0.0),
        "foretold": len(foretold),
        "alarms": alarms,
        "spent_s": spent_s,
    }


def _nearest(sky: Sky, table, row: int) -> tuple[str, float]:
    """Return (id, metres) of what flies nearest to a track."""
    gaps = [("nothing", np.inf)]
    for mover in sky.movers:
        if (state := mover.state_at(float(table.time_s))) is not None:
            gaps.append((mover.id, float(np.linalg.norm(state[0] - table.mean_enu[row, :3]))))
    return min(gaps, key=lambda gap: gap[1])


def source_key() -> str:
    """Return a name for the source text that is measured."""
    digest = hashlib.sha256()
    for path in sorted([*(ROOT / "src/rampart").rglob("*.py"), *BENCHED]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def measure(watches: range | None = None, who: bool = False) -> list[dict]:
    """Return a row for each way of seeing, of recorded aircraft and of what is invented, and one for all."""
    flights = recorded_flights()
    if not flights:
        print(f"   no recordings in {ADSB}: only what is invented is flown", file=sys.stderr)
    every = range(INVENTED + -(-len(flights) // FLIGHTS_A_WATCH))
    KEPT.mkdir(parents=True, exist_ok=True)
    key, done = source_key(), []
    for number in every if watches is None else [n for n in watches if n in every]:
        file = KEPT / f"{key}-{number}.json"
        if who or not file.exists():
            file.write_text(json.dumps(watch(sky_of(number, flights), who)))
        done.append(json.loads(file.read_text()))
    rows = []
    for name, group in (("recorded aircraft", False), ("jets, birds, drones, clutter", True)):
        for eyes in EYES:
            own = [one for one in done if one["invented"] == group and one["eyes"] == eyes.name]
            if own:
                rows.append(_row(name, eyes.name, own))
    return [*rows, _row("all", "all", done)]


def _row(sky: str, eyes: str, own: list[dict]) -> dict:
    total = {name: sum(one[name] for one in own) for name in own[0] if name not in ("eyes", "invented")}
    return {
        "sky": sky,
        "radars": eyes,
        "hours": f"{total['hours']:.1f}",
        "flown": total["flown"],
        "confirmed tracks": total["confirmed"],
        "called projectile": total["called"],
        "longest s": f"{max(one['longest_s'] for one in own):.1f}",
        "forecasts": total["foretold"],
        "alarms": total["alarms"],
        "x real time": f"{3600 * total['hours'] / total['spent_s']:.0f}",
    }


def main() -> None:
    """Fly the watches named, or all, and print the rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--watches", default=":", help="FIRST:END[:STEP], of those without a number all")
    parser.add_argument("--who", action="store_true", help="what was taken for a projectile; flown anew")
    options = parser.parse_args()
    parts = [int(part) if part else None for part in options.watches.split(":")]
    for row in measure(range(*slice(*parts).indices(10_000)), options.who):
        print(row, flush=True)


if __name__ == "__main__":
    main()
