"""The forecast's error beside the bound, its regions, its probabilities, over projectiles flown in memory.

`python -m benchmarks.forecast --flights 10000` measures the campaign alone; `--truths`, `--rates`, `--workers` choose
rows and processes. Each flight has one truth, plots with and without range rate from the same draws, and fits at
AFTER_S with warm starts between them as in operation.
"""

import argparse
import json
import os
import platform
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import forecast_figures as figures
from benchmarks.shots import (
    ALL_UNSEEN,
    LEAST_AHEAD_S,
    PRIOR,
    SITES,
    START_S,
    UNSEEN_CURVE,
    Shot,
    impact_after,
    shot_of,
    without_burning,
)
from rampart.domain.forecast import Forecast
from rampart.domain.site import Site, Zone
from rampart.evaluate.bound import impact_bound
from rampart.physics.flight import LANDED
from rampart.physics.geodesy import geodetic_from_enu
from rampart.predict.blend import TrackRow, blended_forecast, broad_forecast, first_coasting_state
from rampart.predict.estimate import Estimate, TrackFits
from rampart.predict.fit import LIBRARY, Fitter
from rampart.predict.landing import land
from rampart.predict.priors import NO_CLASS, SHAPE_CLASS, priors_of
from rampart.predict.sights import radars_of
from rampart.predict.weapon import habit_likelihoods
from rampart.warn.risk import zone_probability
from rampart.warn.zones import ZoneShapes

TITLE = "Forecast beside the bound (simulated): RMS, regions, probabilities"
AFTER_S = (3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0)
FLIGHTS = "RAMPART_FLIGHTS"
"""Environment variable: projectiles a row in `make bench`."""
TRUTHS = (PRIOR, UNSEEN_CURVE, ALL_UNSEEN)
CHUNK = 50
SAMPLES = 400
"""Draws from a mixture by which the share of it that is denser than the true place is told."""
STEP_S, GROUND_STEP_S = 0.5, 1.0
CLASS_SHAPES = np.flatnonzero(SHAPE_CLASS != NO_CLASS)
ZONE_M, ZONES_A_SIDE = 1000.0, 4
RECORD = np.dtype(
    [("flight", "i8"), ("after", "i8"), ("kind", "i8"), ("separable", "?"), ("right", "?"), ("right_m2", "f8"),
     ("bound_m2", "f8"), ("least_m2", "f8"), ("right_nees", "f8"), ("mix_m2", "f8"), ("mix_nees", "f8"),
     ("denser", "f8"), ("classes", "f8", 3), ("zone_p", "f8", ZONES_A_SIDE**2), ("zone_hit", "?", ZONES_A_SIDE**2)]
)  # fmt: skip
"""What is kept of a forecast: squared miss of the right shape's fit and of the mixture, the bound's, squared miss over
covariance, the mass denser than the truth, the classes' and zones' probabilities and what came true."""


def measure() -> list[dict]:
    """Return the rows of `make bench`."""
    return campaign(int(os.environ.get(FLIGHTS, "500")), TRUTHS, (True, False), 1)


def campaign(flights: int, truths, rates, workers: int, tell=lambda row: None) -> list[dict]:
    """Return rows of accuracy, then of calibration; each row given to `tell` as it is known."""
    rows, odds = [], []
    for truth in truths:
        for rate in rates:
            records = _records(truth, rate, flights, workers)
            for row in figures.accuracy_rows(truth, rate, records, AFTER_S):
                tell(row)
                rows.append(row)
            for row in figures.odds_rows(truth, rate, records, AFTER_S):
                tell(row)
                odds.append(row)
    return rows + odds


def _records(truth: str, rate: bool, flights: int, workers: int) -> np.ndarray:
    """Return the records of so many projectiles, in the order of their seeds."""
    chunks = [range(begin, min(begin + CHUNK, flights)) for begin in range(0, flights, CHUNK)]
    work = partial(records_of, truth, rate)
    if workers == 1:
        return np.concatenate([work(chunk) for chunk in chunks])
    with ProcessPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(work, chunks)))


def records_of(truth: str, rate: bool, seeds) -> np.ndarray:
    """Return the records of these seeds."""
    site = SITES[rate]
    fitter, priors = Fitter(radars_of(site.radars), site.world, STEP_S), priors_of(site.wind_sigma_mps)
    zones = zones_about(site)
    found = []
    for seed in seeds:
        shot = shot_of(truth, site, seed)
        found.append(_follow(truth, shot, site, fitter, priors, zones, seed))
    return np.concatenate(found)


def _follow(
    truth, shot: Shot, site: Site, fitter: Fitter, priors, zones: ZoneShapes, seed: int
) -> np.ndarray:
    """Return the records of one projectile, one for each time at which it still flies."""
    out = np.zeros(len(AFTER_S), RECORD)
    plots, rng, count = shot.plots, np.random.default_rng([seed, 7]), 0
    fits = TrackFits(fitter, priors, plots.time_s[0])
    for after, after_s in enumerate(AFTER_S):
        newest = int(np.searchsorted(plots.time_s, plots.time_s[0] + after_s, side="right")) - 1
        if plots.time_s[newest] < plots.time_s[0] + after_s - 2.0 or shot.burning[newest]:
            continue
        if shot.impact_s - plots.time_s[newest] < LEAST_AHEAD_S:
            break
        row = _row(shot, newest)
        seen = plots.take(slice(0, newest + 1))
        estimate = fits.update(seen, row.mean_enu, 0.0)
        forecast = forecast_of(row, estimate, fitter, site)
        place = shot.impact_enu_m if truth == ALL_UNSEEN else impact_after(shot, newest, site, rng)
        record = out[count]
        count += 1
        record["flight"], record["after"], record["kind"] = seed, after, shot.kind
        record["least_m2"], record["separable"] = _ideal(estimate, fitter, site)
        record["bound_m2"] = _bound_m2(shot, newest, site)
        _note_mixture(record, forecast, place, zones, rng)
        _note_right(record, shot, estimate, place, site)
    return out[:count]


def forecast_of(row: TrackRow, estimate: Estimate | None, fitter: Fitter, site: Site) -> Forecast | None:
    """Return the forecast as the predictor makes it."""
    if estimate is not None and estimate.usable:
        return blended_forecast(row, estimate, fitter, site, GROUND_STEP_S)
    return broad_forecast(row, estimate is not None and estimate.burning, site, GROUND_STEP_S, row.ballistic)


def _ideal(estimate: Estimate | None, fitter: Fitter, site: Site) -> tuple[float, bool]:
    """Return (mean square miss, whether the class is sure) of the exact posterior over the three shapes of a class.

    For truths drawn from the prior no method that is not told the shape does better than its mean: full evidence,
    habits, each shape as usual as any other.
    """
    if estimate is None or len(estimate.fits) <= max(CLASS_SHAPES):
        return np.nan, False
    state, floor_m = first_coasting_state(estimate, fitter, estimate.best()), site.terrain.lowest_m
    habits = habit_likelihoods(state, floor_m, estimate.boost_nats)[SHAPE_CLASS[CLASS_SHAPES]]
    nats = estimate.log_evidence()[CLASS_SHAPES] + np.log(habits)
    weight = np.exp(nats - nats.max())
    weight /= weight.sum()
    landings = [
        land(estimate.fits[k], LIBRARY[k], site.wind_sigma_mps, site.world, site.terrain, GROUND_STEP_S)
        for k in CLASS_SHAPES
    ]
    places = np.array([landing.impact_enu_m for landing in landings])
    own = np.array([landing.covariance[0, 0] + landing.covariance[1, 1] for landing in landings])
    apart = np.square(places - weight @ places).sum(axis=1)
    return float(weight @ (own + apart)), bool(weight.max() >= figures.SURE)


def _row(shot: Shot, newest: int) -> TrackRow:
    """Return what a good tracker would hand over: about the true state, with a filter's spread."""
    time_s = float(shot.plots.time_s[newest])
    covariance = np.diag([400.0] * 3 + [900.0] * 3 + [0.25])
    first_s = float(shot.plots.time_s[0])
    return TrackRow(1, time_s, shot.states[newest][:7].copy(), covariance, 0.95, 0.02, first_s, time_s)


def _bound_m2(shot: Shot, newest: int, site: Site) -> float:
    """Return the bound's mean square from the coasting plots that were made."""
    coasting = without_burning(shot)
    seen = coasting.plots.time_s <= shot.plots.time_s[newest]
    bound = impact_bound(
        coasting.states[0], shot.curve, coasting.plots.time_s[seen] - START_S, coasting.plots.radar[seen], site,
        log_drag_sigma=shot.log_drag_sigma, step_s=STEP_S,
    )  # fmt: skip
    return bound.rms_m**2


def _note_right(record, shot: Shot, estimate: Estimate | None, place, site: Site) -> None:
    """Note the miss of the fit restricted to the true shape, where there is one."""
    if shot.shape < 0 or estimate is None or len(estimate.fits) <= shot.shape:
        return
    fit = estimate.fits[shot.shape]
    if not fit.usable:
        return
    landing = land(fit, LIBRARY[shot.shape], site.wind_sigma_mps, site.world, site.terrain, GROUND_STEP_S)
    if landing.status == LANDED:
        miss = landing.impact_enu_m - place
        record["right"], record["right_m2"] = True, miss @ miss
        record["right_nees"] = miss @ np.linalg.solve(landing.covariance[:2, :2], miss)


def _note_mixture(record, forecast: Forecast | None, place, zones: ZoneShapes, rng) -> None:
    """Note the mixture's miss, how much of it is denser than the true place, and its probabilities."""
    if forecast is None:
        record["mix_m2"], record["mix_nees"], record["denser"] = np.nan, np.nan, 1.0
        record["classes"] = 1.0 / 3.0
        return
    miss = forecast.mean_enu_m - place
    record["mix_m2"] = miss @ miss
    record["mix_nees"] = miss @ np.linalg.solve(forecast.cov_enu_m2, miss)
    record["denser"] = denser_share(forecast, place, rng)
    record["classes"] = forecast.class_probability
    record["zone_p"] = zone_probability(forecast, zones)
    record["zone_hit"] = hits(zones, place)


def denser_share(forecast: Forecast, place, rng) -> float:
    """Return the share of a mixture's mass where it is denser than at a place: uniform if the mixture is right."""
    factor = np.linalg.cholesky(forecast.impact_cov_m2)
    whiten = np.linalg.inv(factor)
    height = forecast.weight / np.prod(np.diagonal(factor, axis1=1, axis2=2), axis=1)
    which = rng.choice(len(height), SAMPLES, p=forecast.weight)
    drawn = forecast.impact_enu_m[which] + np.einsum(
        "nij,nj->ni", factor[which], rng.standard_normal((SAMPLES, 2))
    )
    off = np.vstack([drawn, place])[:, None, :] - forecast.impact_enu_m
    density = np.exp(-0.5 * np.square(np.einsum("kij,nkj->nki", whiten, off)).sum(axis=2)) @ height
    return float(np.mean(density[:-1] > density[-1]))


def zones_about(site: Site) -> ZoneShapes:
    """Return square zones in rows and columns about the radar, each grown by the danger radius."""
    east_m, north_m, up_m = site.radars[0].frame.origin_enu_m
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], float) * ZONE_M
    zones = []
    for k in range(ZONES_A_SIDE**2):
        begin = (np.array(divmod(k, ZONES_A_SIDE)) - 0.5 * ZONES_A_SIDE) * ZONE_M + (east_m, north_m)
        places = [geodetic_from_enu(*(begin + corner), up_m, site.frame) for corner in corners]
        ring = np.array([(longitude, latitude) for latitude, longitude, _ in places])
        zones.append(Zone(str(k), {"": str(k)}, "district", 1000.0, 15.0, ((ring,),)))
    return ZoneShapes(tuple(zones), replace(site, zones=tuple(zones)))


def hits(zones: ZoneShapes, place) -> np.ndarray:
    """Return (n_zones,) whether a place endangers each zone."""
    from shapely import Point

    return np.array([shape.contains(Point(place)) for shape in zones.grown])


def main() -> None:
    """Run the campaign as asked and print its rows."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--flights", type=int, default=500, help="projectiles a row")
    parser.add_argument("--truths", default=",".join(TRUTHS), help="which truths, by commas")
    parser.add_argument("--rates", default="1,0", help="1 with Doppler, 0 without")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--keep", help="a file of the rows' JSON, for the page of benchmarks")
    asked = parser.parse_args()
    rates = [rate == "1" for rate in asked.rates.split(",")]
    truths = asked.truths.split(",")
    rows = campaign(asked.flights, truths, rates, asked.workers, lambda row: print(row, flush=True))
    if asked.keep:
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        Path(asked.keep).write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
