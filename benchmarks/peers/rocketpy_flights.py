"""Flights a second of RocketPy's point-mass mode on the mortar-like case; run by a Python that has RocketPy.

Prints one JSON object. Its scope is another one (rails, motors, parachutes, events), its accuracy its default.
"""

import json
import sys
import time

import numpy as np
from rocketpy import EmptyMotor, Environment, Flight, PointMassRocket


def main() -> None:
    flights = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    given = json.load(sys.stdin)
    environment = Environment(latitude=45.0, longitude=0.0, elevation=0.0)
    environment.set_atmospheric_model(type="standard_atmosphere")
    drag = [list(pair) for pair in zip(given["mach"], given["cd"], strict=True)]
    rocket = PointMassRocket(
        radius=0.5 * given["diameter_m"], mass=given["mass_kg"], center_of_mass_without_motor=0.0,
        power_off_drag=drag, power_on_drag=drag,
    )  # fmt: skip
    rocket.add_motor(EmptyMotor(), position=0.0)
    start = [0.0, 0.0, 0.0, 0.1, *given["velocity_mps"], 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    fly(rocket, environment, start)
    begin_s = time.perf_counter()
    for _ in range(flights):
        flight = fly(rocket, environment, start)
    seconds = (time.perf_counter() - begin_s) / flights
    reached_m = float(np.hypot(flight.x_impact, flight.y_impact))
    print(json.dumps({"per_second": 1.0 / seconds, "range_m": reached_m, "time_s": float(flight.t_final)}))


def fly(rocket, environment, start):
    return Flight(
        rocket=rocket, environment=environment, rail_length=0.1, inclination=62, heading=30,
        initial_solution=start, simulation_mode="3 DOF", max_time=120,
    )  # fmt: skip


if __name__ == "__main__":
    main()
