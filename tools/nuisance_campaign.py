"""Runs recorded ADS-B, birds and drones past simulated radars, and says whether anything was taken for a threat.

    python tools/nuisance_campaign.py FOLDER_OF_JSON_GZ [--minutes 6] [--from 2020-06-25T08:22Z]

Two lines a recording: what was used of it; confirmed tracks, tracks that got a forecast, alarms. Each is moved over
the city of the packaged scenario, seen by an electronic and a rotating radar by their physics (assumed), with 60 birds
and two drones below, through the bytes and the engine that run live. Exit status 1 where an alarm was raised.
"""

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import adsb_traffic
import numpy as np

from rampart.config import read_site
from rampart.domain.event import AlertEvent, ForecastEvent, TrackEvent
from rampart.domain.site import Site
from rampart.engine import Engine
from rampart.feed import entries_of, input_of
from rampart.physics.atmosphere import standard_air
from rampart.runner import packaged_scenario
from rampart.sense.recordings import Arrival
from rampart.simulate.encode import encode_look
from rampart.simulate.scenario import Scenario, Traffic
from rampart.simulate.sensor import observe
from rampart.simulate.surroundings import ROTATING, SWERLING_3, Birds, Drone, RadarModel
from rampart.simulate.truth import Truth

START, START_S = "2020-11-17T17:05:00Z", 1605632700.0
REACH_M = 60e3
MODELS = (
    RadarModel("karkh", ground_reflection=0.3, refraction_k=1.45, blocks=4),
    RadarModel("rusafa", scan=ROTATING, fluctuation=SWERLING_3, elevation_beam_rad=0.05),
)


def main() -> int:
    """Run every recording of a folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=6.0, help="of each recording, the busiest")
    parser.add_argument("--from", dest="first", help="these minutes instead of the busiest")
    options = parser.parse_args()
    site = wide_site()
    alarms = 0
    for path in sorted(options.folder.glob("*.json.gz")):
        with tempfile.TemporaryDirectory() as folder:
            traffic = Path(folder) / "aircraft.csv"
            part = ["--busiest", str(options.minutes)]
            if options.first:
                part = ["--from", options.first, "--minutes", str(options.minutes)]
            place = [str(np.degrees(angle)) for angle in (site.frame.latitude_rad, site.frame.longitude_rad)]
            moved = ["--within-km", "80", "--place", *place, "--start", START]
            if adsb_traffic.main([str(path), str(traffic), *part, *moved]) == 0:
                alarms += report(path.name, events_of(sky(traffic, options.minutes, site), site))
    return 1 if alarms else 0


def wide_site() -> Site:
    """Return the packaged site with radars that reach farther and look less often."""
    site = read_site(packaged_scenario("baghdad-2020-11-17").parent / "site.toml")
    looks = zip(site.radars, (1.0, 2.0), strict=True)
    return replace(site, radars=tuple(replace(r, max_range_m=REACH_M, update_s=s) for r, s in looks))


def sky(traffic: Path, minutes: float, site: Site) -> Scenario:
    """Return the scenario: recorded aircraft above, birds and drones below, nothing fired."""
    latitude_rad, longitude_rad = site.frame.latitude_rad, site.frame.longitude_rad
    places = [(latitude_rad + 1e-4 * i, longitude_rad + 2e-4 * (i % 2), 150.0 + 40.0 * i) for i in range(4)]
    return Scenario(
        title="nuisance",
        start_s=START_S,
        seed=1,
        duration_s=60.0 * minutes,
        launches=(),
        air=standard_air(),
        traffic=(Traffic(str(traffic)),),
        radar_models=MODELS,
        birds=(
            Birds(30, latitude_rad, longitude_rad, 3000.0),
            Birds(30, latitude_rad, longitude_rad, 6000.0, heading_rad=0.7),
        ),
        drones=(Drone(5.0, tuple(places), 15.0, 10.0), Drone(30.0, tuple(reversed(places)), 20.0, 5.0)),
    )


def events_of(scenario: Scenario, site: Site) -> list:
    """Return what the engine publishes, through the bytes of the radars."""
    looks = observe(Truth((), site.world), scenario, site, np.random.default_rng([scenario.seed, 1]))
    engine, events = Engine(site, simulated=True), []
    for entry in entries_of(Arrival("asterix", look.time_s, encode_look(look, site)) for look in looks):
        events += engine.step(input_of(entry, site))
    return events


def report(name: str, events: list) -> int:
    """Say what was seen of one recording; return the number of alarms."""
    tracks, forecasts = (
        {e.track for e in events if isinstance(e, kind)} for kind in (TrackEvent, ForecastEvent)
    )
    alarms = sum(isinstance(event, AlertEvent) and event.action == "raise" for event in events)
    sys.stdout.write(
        f"{name}: {len(tracks)} confirmed tracks, {len(forecasts)} with a forecast, {alarms} alarms\n"
    )
    sys.stdout.flush()
    return alarms


if __name__ == "__main__":
    sys.exit(main())
