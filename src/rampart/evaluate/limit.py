"""What the bound allows in one run: the best forecast at a time, the first time a zone could be warned."""

from collections.abc import Iterable, Sequence

import numpy as np

from rampart.domain.forecast import CLASS_NAMES, FATES, Forecast
from rampart.evaluate.bound import NO_BOUND, ImpactBound, impact_bound
from rampart.evaluate.record import RunRecord, Seen
from rampart.physics.flight import LANDED
from rampart.physics.motion import LOG_DRAG, STATE_SIZE
from rampart.simulate.truth import TrueProjectile
from rampart.warn.risk import zone_probability
from rampart.warn.zones import ZoneShapes


def bound_until(record: RunRecord, projectile: int, time_s: float) -> ImpactBound:
    """Return the bound from the plots of a projectile between burn-out and `time_s`; NO_BOUND of none."""
    flown = record.truth.projectiles[projectile]
    coasting = record.seen[projectile].since(flown.burnout_s).until(time_s)
    if not len(coasting.time_s):
        return NO_BOUND
    return _bound(record, flown, coasting)


def _bound(record: RunRecord, flown: TrueProjectile, seen: Seen) -> ImpactBound:
    # A radar's clock may put a plot a moment before launch or after the end.
    moment = flown.state_at(float(np.clip(seen.time_s[0], flown.launch_s, flown.impact_s)))
    if moment is None:
        return NO_BOUND
    state = np.zeros(STATE_SIZE)
    state[:3], state[3:6], state[LOG_DRAG] = *moment, flown.log_drag
    return impact_bound(state, flown.curve, seen.time_s, seen.radar, record.site, world=record.truth.world)


def ideal_times(record: RunRecord, attacks: Sequence[Iterable[str]]) -> dict[tuple[int, str], float]:
    """Return by attack and zone when a warner at the bound would have raised the alarm; absent where never.

    That is the first plot after which, for any projectile of the attack, a normal about its true impact
    with the bound's covariance puts `raise_probability` on the grown zone. `attacks` names the projectiles
    of each.
    """
    wanted = _endangered(record, attacks)
    ideal: dict[tuple[int, str], float] = {}
    for attack, names in enumerate(attacks):
        for row, flown in enumerate(record.truth.projectiles):
            if flown.id in set(names):
                for zone, time_s in _raise_times(record, row, wanted[attack]).items():
                    ideal[attack, zone] = min(time_s, ideal.get((attack, zone), np.inf))
    return ideal


def _endangered(record: RunRecord, attacks: Sequence[Iterable[str]]) -> list[set[str]]:
    """Return the zones that each attack endangered."""
    zones = {flown.id: set(flown.zones_endangered) for flown in record.truth.projectiles}
    return [set().union(*(zones[name] for name in names)) for names in attacks]


def _raise_times(record: RunRecord, row: int, zones: set[str]) -> dict[str, float]:
    """Return by zone the first plot at which the bound about one projectile's impact reaches it.

    The bound only shrinks: a zone that it does not touch any more will not be reached.
    """
    site = record.site
    wanted = tuple(zone for zone in site.zones if zone.id in zones)
    shapes = ZoneShapes(wanted, site)
    found: dict[str, float] = {}
    left = {zone.id for zone in wanted}
    for time_s in np.unique(record.seen[row].time_s):
        if not left:
            break
        bound = bound_until(record, row, float(time_s))
        if bound.status != LANDED:
            continue
        probability = zone_probability(_as_forecast(record.truth.projectiles[row], bound), shapes)
        for zone, p in zip(wanted, probability.tolist(), strict=True):
            if zone.id in left and p >= site.warning.raise_probability:
                found[zone.id] = float(time_s)
            if p == 0.0 or zone.id in found:
                left.discard(zone.id)
    return found


def _as_forecast(flown: TrueProjectile, bound: ImpactBound) -> Forecast:
    """Return the bound about the true impact in the shape that the warner's integral takes."""
    return Forecast(
        track=0,
        time_s=0.0,
        weight=np.ones(1),
        impact_enu_m=flown.ground_enu_m[None, :2].copy(),
        impact_cov_m2=bound.covariance[None, :2, :2].copy(),
        impact_time_s=np.array([flown.ground_s]),
        impact_time_sd_s=np.sqrt(bound.covariance[None, 2, 2]),
        class_probability=np.full(len(CLASS_NAMES), 1.0 / len(CLASS_NAMES)),
        ballistic_probability=1.0,
        state_enu=np.zeros(STATE_SIZE),
        fate=np.zeros(len(FATES)),
        first_plot_s=0.0,
        last_plot_s=0.0,
    )
