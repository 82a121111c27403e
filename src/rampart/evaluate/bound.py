"""The physical limit: how well any method could know an impact from the plots there were, by Cramér and Rao.

The posterior bound of [vantrees], 4.3, at the truth: the information of the plots and of the same
priors that the estimator has, radar biases, wind and the drag curve's departures included. The truth may have
any drag curve.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rampart.domain.site import Site
from rampart.numerics.linalg import invert_cholesky
from rampart.physics.flight import LANDED
from rampart.physics.motion import LOG_DRAG, STATE_SIZE, World
from rampart.predict.fit import NO_CLIP
from rampart.predict.normal import gather, solve_step
from rampart.predict.priors import prior_of
from rampart.predict.problem import PARAMETERS, Task, empty_normal, empty_room, library_of
from rampart.predict.sights import Radars, Sights, radars_of
from rampart.predict.spread import carry_to_ground

LOG_DRAG_SIGMA = 0.45
"""Prior spread of the drag parameter that the bound takes when not told: about that of one class of
weapon."""
PATTERNS = 32
"""Patterns of detection over which the bound is averaged where they are known as probabilities alone."""
PATTERN_SEED = 1773


@dataclass(frozen=True, slots=True)
class ImpactBound:
    """The bound: `status` of `physics.flight`; `covariance (3, 3)` of impact east m, north m and time s,
    infinite unless LANDED."""

    status: int
    covariance: np.ndarray

    @property
    def rms_m(self) -> float:
        """Return the least root mean square distance of a forecast from the true impact."""
        return float(np.sqrt(self.covariance[0, 0] + self.covariance[1, 1]))


NO_BOUND = ImpactBound(-1, np.full((3, 3), np.inf))


def impact_bound(
    state_enu: np.ndarray,
    curve: np.ndarray,
    time_s: np.ndarray,
    radar: np.ndarray,
    site: Site,
    *,
    elevation_seen: np.ndarray | None = None,
    detection: np.ndarray | None = None,
    log_drag_sigma: float = LOG_DRAG_SIGMA,
    world: World | None = None,
    step_s: float = 0.25,
) -> ImpactBound:
    """Return the bound of the impact forecast from plots at rising `time_s (n,)` by radars `radar (n,)`.

    `state_enu (9,)`: the true state at `time_s[0]`, after any boost, its LOG_DRAG meant for the drag curve
    `curve (n, 4)` and its wind the departure from that of `world` (the site's, unless given). `detection
    (n,)`: each plot's probability instead of its being there for certain; the bound is then the mean over
    PATTERNS even-spread patterns of detection, in each of which the first plot is seen. `elevation_seen (n,)`
    bool: False for a plot without one. `log_drag_sigma`: the prior's spread about the true drag parameter. No
    plots: NO_BOUND.
    """
    if not len(time_s):
        return NO_BOUND
    world = site.world if world is None else world
    radars = radars_of(site.radars)
    sights = _sights(np.asarray(time_s, np.float64), np.asarray(radar, np.int64), site, elevation_seen)
    seen = detection_patterns(detection) if detection is not None else np.ones((1, len(time_s)), bool)
    total = np.zeros((3, 3))
    library = _library_of(np.ascontiguousarray(curve, np.float64).tobytes(), curve.shape)
    for pattern in seen:
        part = Sights(*(np.ascontiguousarray(column[pattern]) for column in sights))
        status, covariance = _bound(state_enu, library, part, radars, site, log_drag_sigma, world, step_s)
        if status != LANDED:
            return ImpactBound(status, NO_BOUND.covariance)
        total += covariance
    return ImpactBound(LANDED, total / len(seen))


def detection_patterns(detection: np.ndarray) -> np.ndarray:
    """Return (PATTERNS, n) bool: which plots are there.

    A Latin hypercube of fixed seed: each plot's share of patterns is its probability to within 1 / PATTERNS,
    and the same probabilities always give the same patterns. The first plot is in all.
    """
    rng = np.random.default_rng(PATTERN_SEED)
    rank = np.stack([rng.permutation(PATTERNS) for _ in detection], axis=1)
    seen = (rank + 0.5) / PATTERNS < np.asarray(detection)
    seen[:, 0] = True
    return seen


@lru_cache(maxsize=64)
def _library_of(curve: bytes, shape: tuple[int, int]) -> np.ndarray:
    """Return `problem.library_of` a curve, which a night asks for hundreds of times."""
    return library_of(np.frombuffer(curve).reshape(shape))


def _sights(time_s, radar, site: Site, elevation_seen) -> Sights:
    """Return sights with the site's noise and no measurement: information does not depend on it."""
    sigma = np.array([site.radars[r].sigma for r in radar])
    precision = np.where(
        np.isfinite(sigma) & (sigma > 0.0), 1.0 / np.where(np.isfinite(sigma), sigma, 1.0) ** 2, 0.0
    )
    if elevation_seen is not None:
        precision[~np.asarray(elevation_seen, bool), 2] = 0.0
    return Sights(time_s - time_s[0], radar, np.zeros_like(precision), precision)


def _bound(state_enu, library, sights, radars: Radars, site: Site, log_drag_sigma, world, step_s):
    """Return (status, covariance (3, 3)) for one pattern of detection."""
    count = len(radars.bias_precision)
    parameters = np.zeros(PARAMETERS)
    parameters[:STATE_SIZE] = state_enu
    prior = prior_of(parameters[LOG_DRAG], log_drag_sigma, site.wind_sigma_mps)
    task = Task(sights, radars, 0, parameters[:3].copy(), prior, library, world, step_s)
    normal, room = empty_normal(count), empty_room()
    state, transition = np.empty(STATE_SIZE), np.empty((STATE_SIZE, PARAMETERS))
    gather(parameters, np.zeros((count, 4)), task, NO_CLIP, room, normal, state, transition)
    _, _, good = solve_step(normal, 0.0, room, np.empty(PARAMETERS), np.empty((count, 4)))
    if not good:
        return NO_BOUND.status, NO_BOUND.covariance
    own, mean, covariance = np.empty((PARAMETERS, PARAMETERS)), np.empty(3), np.empty((3, 3))
    invert_cholesky(room.factor, own)
    status, _ = carry_to_ground(
        state, transition, parameters, own, library, site.wind_sigma_mps, world, site.terrain, step_s, False,
        room.curve, mean, covariance, np.empty(3), np.empty((3, PARAMETERS)), np.zeros((3, 3)),
    )  # fmt: skip
    return int(status), covariance
