"""Skies for tests of the simulated radars: things that stand still in the air or fly straight."""

import numpy as np

from rampart.simulate.truth import TrueProjectile, Truth

START_S = 1605632700.0
TRACK_S = 400.0


def flying(site, *paths, weapon: str = "none") -> Truth:
    """Return a truth of things on straight lines: each path a place and a velocity at the start, in the frame."""
    return Truth(
        tuple(_line(i, np.array(p, float), np.array(v, float), weapon) for i, (p, v) in enumerate(paths)),
        site.world,
    )


def hovering(site, east_m: float, north_m: float, up_m: float) -> Truth:
    """Return a truth of one thing that stands still in the air, so that every look sees the same place."""
    return flying(site, ((east_m, north_m, up_m), (0.0, 0.0, 0.0)))


def _line(number: int, place_m: np.ndarray, velocity_mps: np.ndarray, weapon: str) -> TrueProjectile:
    end_m = place_m + TRACK_S * velocity_mps
    return TrueProjectile(
        f"p{number + 1}", weapon, "ground", START_S, place_m, START_S, START_S + np.array([0.0, TRACK_S]),
        np.array([place_m, end_m]), np.array([velocity_mps, velocity_mps]), 0.0, np.empty((0, 4)),
        START_S + TRACK_S, end_m, START_S + TRACK_S, end_m, (), (),
    )  # fmt: skip
