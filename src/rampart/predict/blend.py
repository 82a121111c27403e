"""The mixture: an estimate's shapes weighed, landed and joined into one forecast."""

from dataclasses import dataclass

import numpy as np

from rampart.domain.forecast import FATES, Forecast
from rampart.domain.site import Site
from rampart.physics.drag import SHAPE_CURVES
from rampart.physics.flight import LANDED, fly
from rampart.physics.motion import STATE_SIZE
from rampart.predict.boost import burning_landings, coast
from rampart.predict.doubt import LOOK_CLOSER_FROM, YOUNG_S, ballistic_share, powered_share
from rampart.predict.estimate import Estimate
from rampart.predict.fit import LIBRARY, Fitter
from rampart.predict.landing import land_each
from rampart.predict.normal import squares_each
from rampart.predict.path import lay_curve
from rampart.predict.priors import BROAD_SHAPE, ROCKET
from rampart.predict.problem import BUMP, TILT
from rampart.predict.weapon import (
    CLASS_EVIDENCE_SHARE,
    class_probabilities,
    habit_likelihoods,
    shape_weights,
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


def blended_forecast(
    row: TrackRow, estimate: Estimate, fitter: Fitter, site: Site, step_s: float
) -> Forecast | None:
    """Return the forecast of a coasting projectile; that of the filter where no shape comes to the ground."""
    found, evidence = estimate.found, estimate.log_evidence()
    leader = int(evidence.argmax())
    coasting = first_coasting_state(estimate, fitter, leader)
    habits = habit_likelihoods(coasting, site.terrain.height_m.min(), estimate.boost_nats)
    weight = shape_weights(evidence, habits)
    ballistic = row.ballistic * _ballistic_share(estimate, fitter, leader)
    shapes, newest_s = len(weight), float(estimate.sights.time_s[-1])
    status, mean, covariance = np.empty(shapes, np.int64), np.empty((shapes, 3)), np.empty((shapes, 3, 3))
    fitter.caller(land_each)(
        found, weight, LIBRARY, site.wind_sigma_mps, site.world, site.terrain, step_s, newest_s,
        fitter.room.curve, fitter.room.reduced, estimate.straights, status, mean, covariance,
    )  # fmt: skip
    good = np.flatnonzero((status == LANDED) & np.isfinite(covariance).all(axis=(1, 2)))
    if not len(good):
        return broad_forecast(row, False, site, step_s, ballistic)
    best = int(good[np.argmax(weight[good])])
    kinds = class_probabilities(shape_weights(evidence, habits, CLASS_EVIDENCE_SHARE), habits)
    return _forecast(
        row, estimate.epoch_s + newest_s, weight[good], mean[good], covariance[good], kinds, ballistic,
        found.state[best],
    )  # fmt: skip


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
    state = np.concatenate([row.mean_enu, [0.0, 0.0]])
    mean = np.array([[*landings[i].impact_enu_m, landings[i].time_s] for i in good])
    covariance = np.array([landings[i].covariance for i in good])
    return _forecast(row, row.time_s, weight[good], mean, covariance, kinds, ballistic, state)


def _forecast(row, newest_s, weight, mean, covariance, kinds, ballistic, state) -> Forecast:
    """Return the forecast of these components, `mean (k, 3)` and `covariance (k, 3, 3)` of east, north and time."""
    return Forecast(
        track=row.id,
        time_s=float(newest_s),
        weight=weight / weight.sum(),
        impact_enu_m=mean[:, :2].copy(),
        impact_cov_m2=covariance[:, :2, :2].copy(),
        impact_time_s=newest_s + mean[:, 2],
        impact_time_sd_s=np.sqrt(covariance[:, 2, 2]),
        class_probability=kinds,
        ballistic_probability=float(ballistic),
        state_enu=state.copy(),
        fate=np.zeros(len(FATES)),
        first_plot_s=row.first_plot_s,
        last_plot_s=row.last_plot_s,
    )


def _ballistic_share(estimate: Estimate, fitter: Fitter, shape: int) -> float:
    """Return how far the residuals of the best fit, that of `shape`, leave room for a projectile, 0...1."""
    fit = estimate.fit(shape)
    all_squares = fit.squares + fit.prior_squares
    share = ballistic_share(all_squares, fit.numbers)
    young = estimate.sights.time_s[-1] - estimate.sights.time_s[0] < YOUNG_S
    if young or all_squares > LOOK_CLOSER_FROM * fit.numbers:
        squares = np.empty(len(estimate.sights.time_s))
        fitter.caller(squares_each)(
            fit.parameters, fit.bias, estimate.sights, fitter.radars, LIBRARY[shape], fitter.world,
            fitter.step_s, fitter.room, squares,
        )  # fmt: skip
        share *= fitter.caller(powered_share)(
            estimate.sights, fitter.radars, estimate.leading, squares, fit.prior_squares
        )
    return share


def curve_of(estimate: Estimate, shape: int) -> np.ndarray:
    """Return the drag curve (n, 4) that a shape's fit found, its departures laid on."""
    curve = np.empty(SHAPE_CURVES.shape[1:])
    fit = estimate.fit(shape)
    lay_curve(LIBRARY[shape], fit.parameters[TILT], fit.parameters[BUMP], curve)
    return curve


def first_coasting_state(estimate: Estimate, fitter: Fitter, shape: int) -> np.ndarray:
    """Return (9,), a shape's state at the first coasting plot."""
    state = np.empty(STATE_SIZE)
    parameters, since_s = estimate.found.parameters[shape], estimate.sights.time_s[estimate.leading]
    if since_s == 0.0:
        return parameters[:STATE_SIZE]
    fly(parameters[:STATE_SIZE], since_s, fitter.world, curve_of(estimate, shape), fitter.step_s, state)
    return state
