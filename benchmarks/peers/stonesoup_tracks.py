"""Stone Soup over the plots of one run; run by a Python that has it. Reads JSON from stdin, prints one JSON object.

    stonesoup_tracks.py gnn|jpda

Its filters follow a ballistic motion with constant drag that Stone Soup does not have of its own: GNN with the
unscented, JPDA with the extended Kalman filter, the better of the two for each. Tracks begin with three plots and end
after six scans without one. Given: `lowest_rad`, `highest_rad`, `nearest_m`, `farthest_m`, `detection`, `false_plots`,
`doppler`, `sigma`, `radars`, `places_m`, `limit_s`, and `scans`: time_s, plots of (time_s, azimuth counter-clockwise
from east, elevation, range, range rate, radar, whose). Returned, for each scan: its CPU time and its tracks (id, place,
velocity, age of the state, whose plot).
"""

import datetime
import json
import sys
import time

import numpy as np
from stonesoup.base import Property
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.dataassociator.probability import JPDA
from stonesoup.deleter.time import UpdateTimeStepsDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.hypothesiser.probability import PDAHypothesiser
from stonesoup.initiator.simple import MultiMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.base import GaussianModel, TimeVariantModel
from stonesoup.models.measurement.nonlinear import (
    CartesianToElevationBearingRange,
    CartesianToElevationBearingRangeRate,
)
from stonesoup.models.transition.base import TransitionModel
from stonesoup.predictor.kalman import ExtendedKalmanPredictor, UnscentedKalmanPredictor
from stonesoup.tracker.simple import MultiTargetMixtureTracker, MultiTargetTracker
from stonesoup.types.angle import Bearing, Elevation
from stonesoup.types.array import CovarianceMatrix, StateVector, StateVectors
from stonesoup.types.detection import Detection
from stonesoup.types.state import GaussianState
from stonesoup.types.update import Update
from stonesoup.updater.kalman import ExtendedKalmanUpdater, UnscentedKalmanUpdater

BEGIN = datetime.datetime(2026, 1, 1)
PLACE, VELOCITY = (0, 2, 4), (1, 3, 5)
NO_PLOT = -2
FASTEST_MPS = 450.0
GATE = 4.0


class Ballistic(TransitionModel, GaussianModel, TimeVariantModel):
    """Fall through air that thins exponentially; the last of seven is ln of the ballistic coefficient."""

    wander: float = Property(default=0.05)
    drift: float = Property(default=1e-5)

    @property
    def ndim_state(self):
        return 7

    def covar(self, time_interval, **kwargs):
        dt, q = time_interval.total_seconds(), np.zeros((7, 7))
        for i in PLACE:
            q[i : i + 2, i : i + 2] = np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]]) * self.wander
        q[6, 6] = self.drift * abs(dt)
        return CovarianceMatrix(q)

    def function(self, state, noise=False, time_interval=None, **kwargs):
        dt, s = time_interval.total_seconds(), np.asarray(state.state_vector, dtype=float)

        def rate(u):
            speed = np.sqrt(u[1] ** 2 + u[3] ** 2 + u[5] ** 2)
            k = -0.5 * 1.225 * np.exp(-u[4] / 10400.0) * speed * np.exp(-u[6])
            return np.stack([u[1], k * u[1], u[3], k * u[3], u[5], k * u[5] - 9.81, 0 * u[6]])

        k1 = rate(s)
        k2 = rate(s + 0.5 * dt * k1)
        k3 = rate(s + 0.5 * dt * k2)
        out = s + dt / 6 * (k1 + 2 * k2 + 2 * k3 + rate(s + dt * k3))
        return StateVectors(out) if out.shape[1] > 1 else StateVector(out)


def measurement_model(given, place_m):
    """Return how a radar at a place measures."""
    sigma = np.array(given["sigma"])
    common = {"ndim_state": 7, "mapping": PLACE, "translation_offset": np.array(place_m, float)[:, None]}
    if given["doppler"]:
        noise = np.diag(sigma[[2, 1, 0, 3]] ** 2)
        return CartesianToElevationBearingRangeRate(**common, velocity_mapping=VELOCITY, noise_covar=noise)
    return CartesianToElevationBearingRange(**common, noise_covar=np.diag(sigma[[2, 1, 0]] ** 2))


def tracker_of(method, given, models, feed):
    """Return a tracker over a feed of (time, detections)."""
    unscented = {"alpha": 1.0, "kappa": 0.0}
    if method == "gnn":
        predictor, updater = (
            UnscentedKalmanPredictor(Ballistic(), **unscented),
            UnscentedKalmanUpdater(models[0], **unscented),
        )
    else:
        predictor, updater = ExtendedKalmanPredictor(Ballistic()), ExtendedKalmanUpdater(models[0])
    nearest = GNNWith2DAssignment(
        DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=GATE)
    )
    start = np.zeros((7, 1))
    start[6] = np.log(8000.0)
    prior = GaussianState(start, np.diag([0, 300.0**2] * 3 + [0.4**2]), timestamp=BEGIN)
    patience = given["radars"]
    initiator = MultiMeasurementInitiator(
        prior_state=prior, measurement_model=models[0], deleter=UpdateTimeStepsDeleter(3 * patience),
        data_associator=nearest, updater=updater, min_points=3,
    )  # fmt: skip
    parts = {
        "initiator": initiator,
        "deleter": UpdateTimeStepsDeleter(6 * patience),
        "detector": feed,
        "updater": updater,
    }
    if method == "gnn":
        return MultiTargetTracker(data_associator=nearest, **parts)
    volume = (
        2.0
        * np.pi
        * (given["highest_rad"] - given["lowest_rad"])
        * (given["farthest_m"] - given["nearest_m"])
    )
    density = given["false_plots"] / (volume * (2.0 * FASTEST_MPS if given["doppler"] else 1.0))
    hypothesiser = PDAHypothesiser(
        predictor, updater, clutter_spatial_density=density, prob_detect=given["detection"], prob_gate=0.999
    )
    return MultiTargetMixtureTracker(data_associator=JPDA(hypothesiser), **parts)


def whose(track, times):
    """Return whose plot a track has just taken: of JPDA's the likeliest, where that is likelier than none."""
    state = track[-1]
    if not isinstance(state, Update) or state.timestamp not in times:
        return NO_PLOT
    if hasattr(state.hypothesis, "measurement"):
        taken = state.hypothesis.measurement if state.hypothesis else None
        return taken.metadata["whose"] if taken else NO_PLOT
    taken = [one for one in state.hypothesis if one]
    missed = [one for one in state.hypothesis if not one]
    if not taken:
        return NO_PLOT
    best = max(taken, key=lambda one: one.probability)
    if missed and missed[0].probability > best.probability:
        return NO_PLOT
    return best.measurement.metadata["whose"]


def main():
    given, method = json.load(sys.stdin), sys.argv[1]
    models = [measurement_model(given, place_m) for place_m in given["places_m"]]
    first_s = given["scans"][0]["time_s"]
    feed, times = [], []
    for scan in given["scans"]:
        detections = set()
        for time_s, azimuth, elevation, range_m, rate_mps, radar, origin in scan["plots"]:
            values = [Elevation(elevation), Bearing(azimuth), range_m]
            stamp = BEGIN + datetime.timedelta(seconds=time_s - first_s)
            detections.add(
                Detection(
                    StateVector(values + ([rate_mps] if given["doppler"] else [])), timestamp=stamp,
                    measurement_model=models[radar], metadata={"whose": origin},
                )
            )  # fmt: skip
        at = BEGIN + datetime.timedelta(seconds=scan["time_s"] - first_s)
        feed.append((at, detections))
        times.append({at} | {detection.timestamp for detection in detections})
    tracks = iter(tracker_of(method, given, models, feed))
    names, out, spent_s = {}, [], 0.0
    for (at, _), stamps in zip(feed, times, strict=True):
        if spent_s > given["limit_s"]:
            break
        begin_s = time.process_time()
        try:
            _, now = next(tracks)
        except Exception as error:  # it has its own ways to fail: what it did until then counts
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            break
        own_s = time.process_time() - begin_s
        spent_s += own_s
        rows = []
        for track in now:
            x = np.asarray(track.state_vector, float).ravel()
            age_s = (at - track[-1].timestamp).total_seconds()
            name = names.setdefault(track.id, len(names))
            rows.append(
                [name, x[[0, 2, 4]].tolist(), x[[1, 3, 5]].tolist(), age_s, int(whose(track, stamps))]
            )
        out.append({"spent_s": own_s, "tracks": rows})
    print(json.dumps(out))


if __name__ == "__main__":
    main()
