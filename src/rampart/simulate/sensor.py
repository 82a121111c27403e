"""What all simulated radars see of the truth, of what else flies, and of the ground, in order of time."""

import heapq
from collections.abc import Iterator, Sequence

import numpy as np

from rampart.domain.site import Site
from rampart.simulate.clutter import PatchField
from rampart.simulate.look import RadarLook
from rampart.simulate.modelled import Mover, modelled_looks
from rampart.simulate.nuisance import fly_birds, fly_drone
from rampart.simulate.scenario import Scenario
from rampart.simulate.stated import stated_looks
from rampart.simulate.traffic import Bystander, read_traffic
from rampart.simulate.truth import Truth

BYSTANDERS, PATCHES = 2, 3
"""Streams of chances beside those of the truth (0) and of the radars (1)."""


def observe(
    truth: Truth,
    scenario: Scenario,
    site: Site,
    rng: np.random.Generator,
    others: Sequence[Bystander] = (),
) -> Iterator[RadarLook]:
    """Yield the looks of all radars in order of time; each radar draws from its own stream of `rng`.

    A radar for which the scenario has a model is simulated by its physics, any other as the site states it.
    `others` fly besides what the scenario names.
    """
    movers: list[tuple[int, Mover]] = [*enumerate(truth.projectiles)]
    movers += [(one.origin, one) for one in (*bystanders(scenario, site), *others)]
    patch_rng = np.random.default_rng([scenario.seed, PATCHES])
    patches = [PatchField(patch, site, patch_rng) for patch in scenario.clutter]
    feeds = []
    for i, stream in enumerate(rng.spawn(len(site.radars))):
        model = scenario.radar_model_of(site.radars[i].id)
        if model is None:
            feeds.append(stated_looks(i, movers, patches, scenario, site, stream))
        else:
            feeds.append(modelled_looks(i, model, movers, patches, scenario, site, stream))
    yield from heapq.merge(*feeds, key=lambda look: (look.time_s, look.radar))


def bystanders(scenario: Scenario, site: Site) -> list[Bystander]:
    """Return all that flies and is no projectile: recorded aircraft, birds, drones; the same at every call."""
    rng = np.random.default_rng([scenario.seed, BYSTANDERS])
    flying = [flight for traffic in scenario.traffic for flight in read_traffic(traffic, site)]
    for birds in scenario.birds:
        flying += fly_birds(birds, scenario.duration_s, scenario.start_s, site, rng)
    drones = [
        fly_drone(i, drone, scenario.duration_s, scenario.start_s, site)
        for i, drone in enumerate(scenario.drones)
    ]
    return flying + [drone for drone in drones if drone is not None]
