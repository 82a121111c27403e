"""The mixture: an estimate's shapes weighed, landed and joined into one forecast."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rampart.domain.forecast import FATES, Forecast
from rampart.domain.site import Site
from rampart.numerics.jit import kernel
from rampart.physics.drag import SHAPE_CURVES
from rampart.physics.flight import LANDED, fly
from rampart.physics.motion import STATE_SIZE
from rampart.predict.boost import burning_landings, coast
from rampart.predict.doubt import projectile_share
from rampart.predict.estimate import Estimate
from rampart.predict.fit import LIBRARY, Fitter
from rampart.predict.held import FAILED
from rampart.predict.landing import land_each
from rampart.predict.path import lay_curve
from rampart.predict.priors import BROAD_SHAPE, ROCKET
from rampart.predict.problem import BUMP, TILT
from rampart.predict.weapon import (
    CLASS_EVIDENCE_SHARE,
    CLASSES,
    EVIDENCE_SHARE,
    weigh_classes,
    weigh_habits,
    weigh_shapes,
)

ROCKET_SURE = 0.96
"""Probability that what burns is a rocket: the rest are tracks joined wrongly."""


@dataclass(frozen=True, slots=True)
class TrackRow:
    """What the forecast takes from one row of the track table."""

    id: int
    time_s: float
    mean_enu: np.ndarray
    cov_enu: np.ndarray
    ballistic: float
    boost: float
    first_plot_s: float
    last_plot_s: float


class Parts(NamedTuple):
    """The k components of a forecast as it names them, all of the same length, and its `kinds (3,)` of weapon."""

    weight: np.ndarray
    impact_enu_m: np.ndarray
    impact_cov_m2: np.ndarray
    impact_time_s: np.ndarray
    impact_time_sd_s: np.ndarray
    kinds: np.ndarray


def empty_parts(k: int) -> Parts:
    """Return room for so many components."""
    return Parts(
        np.empty(k), np.empty((k, 2)), np.empty((k, 2, 2)), np.empty(k), np.empty(k), np.empty(len(CLASSES))
    )


def blended_forecast(
    row: TrackRow, estimate: Estimate, fitter: Fitter, site: Site, step_s: float
) -> Forecast | None:
    """Return the forecast of a coasting projectile; that of the filter where no shape comes to the ground."""
    found, sights = estimate.found, estimate.sights
    newest_s, parts = estimate.epoch_s + sights.time_s[-1], empty_parts(len(found.status))
    count, best, share = fitter.caller(weigh_and_land)(
        found, sights, estimate.leading, estimate.boost_nats, fitter.radars, LIBRARY, site.wind_sigma_mps,
        site.world, site.terrain, fitter.step_s, step_s, newest_s, fitter.room, estimate.straights, parts,
    )  # fmt: skip
    ballistic = row.ballistic * share
    if not count:
        return broad_forecast(row, False, site, step_s, ballistic)
    return _forecast(row, newest_s, parts, count, ballistic, found.state[best].copy())


@kernel
def weigh_and_land(
    found, sights, leading, boost_nats, radars, libraries, wind_sigma_mps, world, terrain, step_s, ground_step_s,
    newest_s, room, straights, out,
):  # fmt: skip
    """Fill `out`, Parts with room for all shapes, of those that come down; return (how many, the likeliest, share).

    The share is how far the residuals of the best fit leave room for a projectile. Times of `out` as that of
    the newest sight, `newest_s`.
    """
    shapes = found.status.shape[0]
    evidence, weight, status = np.empty(shapes), np.empty(shapes), np.empty(shapes, np.int64)
    for s in range(shapes):
        evidence[s] = found.evidence[s] if found.status[s] < FAILED else -np.inf
    leader = evidence.argmax()
    state, habits = np.empty(STATE_SIZE), np.empty(len(CLASSES))
    fly_to_coast(leader, found, sights, leading, libraries, world, step_s, room, state)
    weigh_habits(state, terrain.lowest_m, boost_nats, habits)
    weigh_shapes(evidence, habits, CLASS_EVIDENCE_SHARE, weight)
    weigh_classes(weight, habits, out.kinds)
    weigh_shapes(evidence, habits, EVIDENCE_SHARE, weight)
    mean, covariance = np.empty((shapes, 3)), np.empty((shapes, 3, 3))
    land_each(
        found, weight, libraries, wind_sigma_mps, world, terrain, ground_step_s, sights.time_s[-1], room.curve,
        room.reduced, straights, status, mean, covariance,
    )  # fmt: skip
    count, best, total = 0, -1, 0.0
    for s in range(shapes):
        if status[s] == LANDED and np.isfinite(covariance[s]).all():
            put_part(count, weight[s], mean[s], covariance[s], newest_s, out)
            best = s if best < 0 or weight[s] > weight[best] else best
            count, total = count + 1, total + weight[s]
    for k in range(count):
        out.weight[k] /= total
    share = projectile_share(leader, found, sights, radars, leading, libraries[leader], world, step_s, room)
    return count, best, share


@kernel
def put_part(k, weight, mean, covariance, newest_s, out):
    """Put a component, `mean (3,)` and `covariance (3, 3)` of east, north and time after `newest_s`, into Parts."""
    out.weight[k] = weight
    for i in range(2):
        out.impact_enu_m[k, i] = mean[i]
        for j in range(2):
            out.impact_cov_m2[k, i, j] = covariance[i, j]
    out.impact_time_s[k] = newest_s + mean[2]
    out.impact_time_sd_s[k] = np.sqrt(covariance[2, 2])


@kernel
def fly_to_coast(s, found, sights, leading, libraries, world, step_s, room, out_state):
    """Fill `out_state (9,)` with that of the fit of shape `s` at the first coasting sight."""
    parameters = found.parameters[s]
    lay_curve(libraries[s], parameters[TILT], parameters[BUMP], room.curve)
    fly(parameters[:STATE_SIZE], sights.time_s[leading], world, room.curve, step_s, out_state)


def broad_forecast(
    row: TrackRow, burning: bool, site: Site, step_s: float, ballistic: float
) -> Forecast | None:
    """Return what little can be said from the tracker's filter alone: of a burning projectile, or without any
    fit.

    `ballistic`: probability that it is a projectile. None where the filter's state does not come to the
    ground.
    """
    if burning:
        weight, landings = burning_landings(row.mean_enu, row.cov_enu, site, step_s)
    else:
        weight, landings = (
            np.ones(1),
            [coast(row.mean_enu[:6], row.cov_enu[:6, :6], BROAD_SHAPE, site, step_s)],
        )
    good = [
        i
        for i, landing in enumerate(landings)
        if landing.status == LANDED and np.all(np.isfinite(landing.covariance))
    ]
    if not good:
        return None
    kinds = np.full(3, (1.0 - ROCKET_SURE) / 2.0) if burning else np.full(3, 1.0 / 3.0)
    if burning:
        kinds[ROCKET] = ROCKET_SURE
    parts = empty_parts(len(good))
    for k, i in enumerate(good):
        mean = np.append(landings[i].impact_enu_m, landings[i].time_s)
        put_part(k, weight[i], mean, landings[i].covariance, row.time_s, parts)
    parts.weight[:] /= parts.weight.sum()
    parts.kinds[:] = kinds
    return _forecast(row, row.time_s, parts, len(good), ballistic, np.append(row.mean_enu, [0.0, 0.0]))


def _forecast(row, newest_s, parts, count, ballistic, state) -> Forecast:
    """Return the forecast of the first so many of these Parts."""
    weight, place, covariance, time_s, sd_s, kinds = parts
    return Forecast(
        track=row.id,
        time_s=float(newest_s),
        weight=weight[:count],
        impact_enu_m=place[:count],
        impact_cov_m2=covariance[:count],
        impact_time_s=time_s[:count],
        impact_time_sd_s=sd_s[:count],
        class_probability=kinds,
        ballistic_probability=float(ballistic),
        state_enu=state,
        fate=np.zeros(len(FATES)),
        first_plot_s=row.first_plot_s,
        last_plot_s=row.last_plot_s,
    )


def curve_of(estimate: Estimate, shape: int) -> np.ndarray:
    """Return the drag curve (n, 4) that a shape's fit found, its departures laid on."""
    curve = np.empty(SHAPE_CURVES.shape[1:])
    fit = estimate.fit(shape)
    lay_curve(LIBRARY[shape], fit.parameters[TILT], fit.parameters[BUMP], curve)
    return curve


def first_coasting_state(estimate: Estimate, fitter: Fitter, shape: int) -> np.ndarray:
    """Return (9,), a shape's state at the first coasting plot."""
    state, sights = np.empty(STATE_SIZE), estimate.sights
    fly_to_coast(
        shape,
        estimate.found,
        sights,
        estimate.leading,
        LIBRARY,
        fitter.world,
        fitter.step_s,
        fitter.room,
        state,
    )
    return state
