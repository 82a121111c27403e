"""Where projectiles came from, for the record of a closed attack: back through the unseen boost, and one site
or two."""

from dataclasses import dataclass

import numpy as np

from rampart.domain.forecast import LaunchSite, Origin
from rampart.physics.flight import LANDED, fly_to_ground
from rampart.physics.motion import STATE_SIZE
from rampart.physics.variation import fly_with_transition
from rampart.predict.blend import curve_of
from rampart.predict.priors import ROCKET

LONGEST_BACK_S = 60.0
UNSEEN_ALONG_SHARE, UNSEEN_ACROSS_SHARE = 0.08, 0.02
"""Spread of the way back that was not seen, as shares of its length: thrust bends a path otherwise than a
coast."""
UNSEEN_M = 25.0
"""The launcher itself, and the ground under it."""
UNSEEN_BURN_S = 0.9
"""About how much longer than a coast the unseen way took a rocket, which began it at rest: half its burn."""

SITE_SIGMA_M = 50.0
"""How far launchers of one site stand from its middle, each axis."""
SITE_AREA_M2 = 10e3**2
"""Area over which sites may lie, before any is known."""
NEW_SITE = 1.0
"""Readiness to believe in one more site: the concentration of a Chinese restaurant process. [heller]"""
LEAST_RADIUS_M = 300.0
CHI2_90 = 4.605


def origin_of_estimate(track: int, estimate, class_probability: np.ndarray, fitter, site) -> Origin | None:
    """Return where an ended track came from, by its best fit; None where its path back meets no ground.

    The way back starts at the first coasting plot: a plot made under thrust is one noisy place, the fit many.
    """
    shape = estimate.best()
    fit, curve = estimate.fit(shape), curve_of(estimate, shape)
    state, phi = np.empty(STATE_SIZE), np.eye(STATE_SIZE)
    begin_s = float(estimate.sights.time_s[estimate.leading])
    fly_with_transition(
        fit.parameters[:STATE_SIZE].copy(), phi, begin_s, fitter.world, curve, fitter.step_s, state, phi
    )
    cov = (phi @ fit.covariance[:STATE_SIZE, :STATE_SIZE] @ phi.T)[:6, :6]
    thrust = 1.0 if estimate.leading > 0 else float(class_probability[ROCKET])
    return origin_of(track, state, cov, curve, estimate.epoch_s + begin_s, thrust, site)


def origin_of(
    track: int, state_enu: np.ndarray, cov_enu: np.ndarray, curve, time_s: float, thrust: float, site
) -> Origin | None:
    """Return where a path through `state_enu (9,)` at `time_s` left the ground; None where it did not.

    `cov_enu (6, 6)` of its position and velocity; `thrust` 0...1 the probability that the way before was
    under thrust. The way back is that of a coast, its derivative that of a straight line with the slope of
    the first plot, its error inflated for what is not known.
    """
    start = np.empty(9)
    back_s, status = fly_to_ground(state_enu, site.world, curve, site.terrain, 0.1, -LONGEST_BACK_S, start)
    if status != LANDED:
        return None
    way = state_enu[:2] - start[:2]
    length_m, height_m = float(np.hypot(*way)), max(float(state_enu[2] - start[2]), 0.0)
    heading = way / length_m if length_m > 1.0 else np.array([1.0, 0.0])
    climb = max(state_enu[5], 0.1 * float(np.linalg.norm(state_enu[3:5])), 1.0)
    cov = _ground_rows(state_enu, height_m, climb) @ cov_enu @ _ground_rows(state_enu, height_m, climb).T
    along, across = UNSEEN_ALONG_SHARE * length_m, UNSEEN_ACROSS_SHARE * length_m
    cov += along**2 * np.outer(heading, heading) + across**2 * (np.eye(2) - np.outer(heading, heading))
    cov += UNSEEN_M**2 * np.eye(2)
    longer_s = thrust * min(abs(back_s), UNSEEN_BURN_S)
    return Origin(
        track, start[:2].copy(), 0.5 * (cov + cov.T), time_s - abs(back_s) - longer_s, 0.1 + 0.5 * longer_s
    )


def _ground_rows(state_enu: np.ndarray, height_m: float, climb_mps: float) -> np.ndarray:
    """Return (2, 6), the derivative of place - height velocity / climb by position and velocity."""
    rows = np.zeros((2, 6))
    time_s = height_m / climb_mps
    for i in range(2):
        rows[i, i] = 1.0
        rows[i, 2] = -state_enu[3 + i] / climb_mps
        rows[i, 3 + i] = -time_s
        rows[i, 5] = time_s * state_enu[3 + i] / climb_mps
    return rows


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Some origins taken to be of one site, and the log likelihood of their places given that."""

    members: tuple[int, ...]
    log_likelihood: float
    centre: np.ndarray
    cov: np.ndarray


def launch_sites(origins: list[Origin]) -> list[LaunchSite]:
    """Return the places that the projectiles came from, most projectiles first.

    Clusters are merged while that raises the posterior of the partition, the best pair first: in a cluster
    the origins scatter about a centre anywhere in SITE_AREA_M2. [heller]. `probability` that this grouping is
    right against the best one that splits it or joins it with its neighbour; the radius holds the centre with
    90 % and the launchers about it, and is never below LEAST_RADIUS_M.
    """
    order = sorted(range(len(origins)), key=lambda i: origins[i].track)
    clusters = [_cluster(origins, (i,)) for i in order]
    while len(clusters) > 1:
        gain, a, b = _best_merge(origins, clusters)
        if gain <= 0.0:
            break
        merged = _cluster(origins, clusters[a].members + clusters[b].members)
        clusters = [c for i, c in enumerate(clusters) if i not in (a, b)] + [merged]
    sites = [_site(origins, clusters, i) for i in range(len(clusters))]
    return sorted(sites, key=lambda site: (-len(site.tracks), site.tracks))


def _cluster(origins: list[Origin], members: tuple[int, ...]) -> _Cluster:
    """Return the cluster of these origins, its centre integrated out over an even prior."""
    information, pull, log_likelihood = np.zeros((2, 2)), np.zeros(2), -np.log(SITE_AREA_M2)
    for i in members:
        own = origins[i].cov_m2 + SITE_SIGMA_M**2 * np.eye(2)
        precision = np.linalg.inv(own)
        place = origins[i].place_enu_m
        information += precision
        pull += precision @ place
        log_likelihood -= 0.5 * (place @ precision @ place + np.log(np.linalg.det(2.0 * np.pi * own)))
    cov = np.linalg.inv(information)
    centre = cov @ pull
    log_likelihood += 0.5 * (pull @ centre + np.log(np.linalg.det(2.0 * np.pi * cov)))
    return _Cluster(members, float(log_likelihood), centre, cov)


def _log_prior(sizes: list[int]) -> float:
    """Return the log prior of a partition into clusters of these sizes, up to a constant of their sum."""
    return sum(np.log(NEW_SITE) + float(np.log(np.arange(1, size)).sum()) for size in sizes)


def _merge_gain(origins: list[Origin], a: _Cluster, b: _Cluster) -> float:
    """Return the log odds that two clusters are one site."""
    merged = _cluster(origins, a.members + b.members)
    likelihood = merged.log_likelihood - a.log_likelihood - b.log_likelihood
    sizes = len(a.members), len(b.members)
    return likelihood + _log_prior([sum(sizes)]) - _log_prior(list(sizes))


def _best_merge(origins: list[Origin], clusters: list[_Cluster]) -> tuple[float, int, int]:
    pairs = [(a, b) for a in range(len(clusters)) for b in range(a + 1, len(clusters))]
    gains = [_merge_gain(origins, clusters[a], clusters[b]) for a, b in pairs]
    best = int(np.argmax(gains))
    return gains[best], *pairs[best]


def _site(origins: list[Origin], clusters: list[_Cluster], index: int) -> LaunchSite:
    """Return one cluster as a site, with the odds against its best rival grouping."""
    own = clusters[index]
    against = [_merge_gain(origins, own, other) for i, other in enumerate(clusters) if i != index]
    against += [-_merge_gain(origins, *halves) for halves in _halves(origins, own)]
    rival = float(np.sum(np.exp(np.clip(against, -50.0, 50.0)))) if against else 0.0
    spread = own.cov + SITE_SIGMA_M**2 * np.eye(2)
    radius_m = float(np.sqrt(CHI2_90 * np.linalg.eigvalsh(spread)[-1]))
    tracks = tuple(sorted(origins[i].track for i in own.members))
    return LaunchSite(own.centre, max(radius_m, LEAST_RADIUS_M), tracks, 1.0 / (1.0 + rival))


def _halves(origins: list[Origin], cluster: _Cluster) -> list[tuple[_Cluster, _Cluster]]:
    """Return the ways to split a cluster that a rival would choose: along its longest spread, at each gap."""
    if len(cluster.members) < 2:
        return []
    places = np.array([origins[i].place_enu_m for i in cluster.members])
    _, _, axes = np.linalg.svd(places - places.mean(axis=0))
    ranked = [cluster.members[i] for i in np.argsort(places @ axes[0], kind="stable")]
    return [
        (_cluster(origins, tuple(ranked[:cut])), _cluster(origins, tuple(ranked[cut:])))
        for cut in range(1, len(ranked))
    ]
