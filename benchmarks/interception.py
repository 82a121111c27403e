"""The closed forms of interception against the simulated interceptors, 10,000 runs each, with perfect forecasts.

python -m benchmarks.interception [RUNS]
"""

import sys
from math import inf, sqrt

import numpy as np

from rampart.domain.site import Zone
from rampart.simulate.defence import Defence, perfect_rows
from rampart.simulate.interceptor import SELECTIVE, Interceptor
from rampart.simulate.truth import TrueProjectile

FLIGHT_S = 30.0


def hovering(index: int) -> TrueProjectile:
    """Return something 100 m up that endangers the base and comes down after FLIGHT_S, 1 km from the next."""
    place = np.array([1000.0 * index, 0.0, 100.0])
    return TrueProjectile(
        id=f"p{index + 1}", weapon="rocket-107mm", fate="ground", launch_s=0.0, launch_enu_m=place, burnout_s=0.0,
        time_s=np.array([0.0, FLIGHT_S]), position_enu_m=np.array([place, place]),
        velocity_enu_mps=np.zeros((2, 3)), log_drag=-8.0, curve=np.zeros((0, 0)), impact_s=FLIGHT_S,
        impact_enu_m=place, ground_s=FLIGHT_S, ground_enu_m=place, zones=("base",), zones_endangered=("base",),
    )  # fmt: skip


def zones_of() -> tuple[Zone, ...]:
    """Return a protected base and a town that is not."""
    return tuple(
        Zone(name, {"": name}, kind, 0.0, 0.0, ())
        for name, kind in (("base", "protected"), ("town", "public"))
    )


def post_of(doctrine: str, magazine: int, probability: float, most_each: float = inf) -> Interceptor:
    """Return an interceptor amid it all; an engagement is over just before the next forecast comes."""
    return Interceptor(
        "one", 3000.0, 0.0, 8000.0, 0.0, 0.39, magazine, probability, doctrine, most_each=most_each
    )


def outcomes_of(
    rockets: int, shots: int, probability: float, runs: int, magazine: int | None = None
) -> np.ndarray:
    """Return how many of `rockets` leaked in each run, each engaged up to `shots` times from one magazine."""
    flights = [hovering(i) for i in range(rockets)]
    rows = perfect_rows(flights, 0.4)
    rows = [row for row in rows if row.track * shots <= row.time_s / 0.4 < (row.track + 1) * shots + 1]
    own = post_of(SELECTIVE, rockets * shots if magazine is None else magazine, probability, shots)
    leakers = np.empty(runs, int)
    for seed in range(runs):
        defence = Defence([own], flights, zones_of(), seed)
        for row in rows:
            defence.hear(row)
            if defence.posts[0].left == 0:
                break
        leakers[seed] = rockets - len(defence.stopped_s)
    return leakers


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    print("W n k     no leaker: closed form, simulated, error/sd   leakers: closed form, simulated, error/sd")
    for rockets in (7, 4):
        for shots in (1, 2, 3):
            for probability in (0.5, 0.75):
                leakers = outcomes_of(rockets, shots, probability, runs)
                left = (1.0 - probability) ** shots
                none, mean = (1.0 - left) ** rockets, rockets * left
                none_sd = sqrt(none * (1.0 - none) / runs)
                mean_sd = sqrt(rockets * left * (1.0 - left) / runs)
                found, average = float(np.mean(leakers == 0)), float(np.mean(leakers))
                print(
                    f"{rockets} {shots} {probability:.2f}  {none:.4f} {found:.4f} {(found - none) / none_sd:+.1f}"
                    f"   {mean:.4f} {average:.4f} {(average - mean) / mean_sd:+.1f}"
                )


if __name__ == "__main__":
    main()
