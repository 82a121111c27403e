"""Time of a forecast's update, all shapes, landings and doubt included, beside scipy's least squares on one shape."""

from time import perf_counter, thread_time
from unittest.mock import patch

import numpy as np
from scipy.optimize import least_squares

from benchmarks.shots import ALL_UNSEEN, SITES, shot_of
from rampart.numerics.jit import kernel
from rampart.physics.flight import fly
from rampart.physics.motion import STATE_SIZE
from rampart.physics.radar import RadarFrame
from rampart.physics.radar import measure as reading_of
from rampart.predict import fit as fit_module
from rampart.predict.estimate import TrackFits
from rampart.predict.fit import LIBRARY, Fitter
from rampart.predict.normal import misses
from rampart.predict.path import lay_curve
from rampart.predict.predictor import Predictor
from rampart.predict.priors import priors_of
from rampart.predict.problem import BUMP, PARAMETERS, TILT, empty_room
from rampart.predict.sights import radars_of, sights_of
from tests.predict.tables import table

TITLE = "Forecast, time an update of a track seen by one radar at 2 Hz with Doppler (simulated), one core"
TRACKS, FIRST_SEED, LONGEST_S = 25, 5000, 40.0
PEER_AFTER_S, PEER_TRACKS, SHAPE = (5.0, 10.0, 20.0), 6, 2
UPDATES_PS = 200
"""Updates a second of 100 tracks at 2 Hz."""
HELD = ("ENOUGH_HELD", "ENOUGH_HELD_LATE", "ENOUGH_LAGGING")


def measure_speed(site, shots, twice: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return (whole ms, of which fits ms) of each update of these tracks, the better of two runs."""
    whole, fits = [], []
    for _ in range(twice):
        spent = [0.0]
        plain = TrackFits.update

        def timed(self, *args, plain=plain, spent=spent):
            begin_s = thread_time()
            found = plain(self, *args)
            spent[0] += thread_time() - begin_s
            return found

        updates, inside = [], []
        with patch.object(TrackFits, "update", timed):
            for tables in shots:
                predictor = Predictor(site)
                for tracks in tables:
                    spent[0], begin_s = 0.0, thread_time()
                    predictor.step(tracks)
                    updates.append(1e3 * (thread_time() - begin_s))
                    inside.append(1e3 * spent[0])
        whole.append(updates)
        fits.append(inside)
    return np.min(whole, axis=0), np.min(fits, axis=0)


def measure() -> list[dict]:
    """Return a row for each way."""
    site = SITES[True]
    shots = [_tables(shot_of(ALL_UNSEEN, site, FIRST_SEED + k)) for k in range(TRACKS)]
    ages_s = np.array([t.plots[0].time_s[-1] - t.plots[0].time_s[0] for tables in shots for t in tables])
    measure_speed(site, shots[:3], 1)
    whole, fits = measure_speed(site, shots)
    rows = [_row("update, all ages: fits, landings, doubt", whole), _row("of which the five fits", fits)]
    for low, high in ((0.0, 5.0), (5.0, 10.0), (10.0, 20.0), (20.0, LONGEST_S)):
        rows.append(
            _row(f"update at an age of {low:g} to {high:g} s", whole[(ages_s >= low) & (ages_s < high)])
        )
    with patch.multiple(fit_module, **dict.fromkeys(HELD, -1.0)):
        anew, _ = measure_speed(site, shots)
    rows.append(_row("the same with every path flown anew", anew))
    for after_s in PEER_AFTER_S:
        rows += _peer_rows(site, after_s)
    share = f"{100 * UPDATES_PS * whole.mean() / 1e3:.0f} % of one core"
    rows.append(
        {"what": "100 tracks at 2 Hz", "mean ms": share, "median ms": "", "99 % ms": "", "times ours": ""}
    )
    return rows


def _row(what: str, spent_ms: np.ndarray, times: str = "") -> dict:
    numbers = [f"{x:.3f}" for x in (spent_ms.mean(), np.median(spent_ms), np.percentile(spent_ms, 99))]
    return {
        "what": what,
        **dict(zip(("mean ms", "median ms", "99 % ms"), numbers, strict=True)),
        "times ours": times,
    }


def _tables(shot) -> list:
    """Return the track table after each plot from the third on."""
    found = []
    for count in range(3, len(shot.plots) + 1):
        plots = shot.plots.take(slice(0, count))
        if plots.time_s[-1] - plots.time_s[0] > LONGEST_S:
            break
        found.append(table(plots, mean_enu=shot.states[count - 1][:7]))
    return found


def _peer_rows(site, after_s: float) -> list[dict]:
    """Return ours and scipy's time for one shape's fit of the same plots, both from the truth: a warm start."""
    fitter, prior = Fitter(radars_of(site.radars), site.world, 0.5), priors_of(site.wind_sigma_mps)[SHAPE]
    ours, theirs = [], []
    for k in range(PEER_TRACKS):
        shot = shot_of(ALL_UNSEEN, site, FIRST_SEED + k)
        first = int(np.argmin(shot.burning))
        plots, state = shot.plots.take(slice(first, None)), shot.states[first]
        plots = plots.take(plots.time_s <= plots.time_s[0] + after_s)
        sights = sights_of(plots, plots.time_s[0])
        start = np.concatenate([state, [0.0, 0.0]])
        bias = np.zeros((1, 4))
        task = fitter.task(sights, 0, start[:3].copy(), prior, LIBRARY[SHAPE])
        ours.append(min(_timed(lambda t=task, s=start, b=bias: fitter.fit(t, s, b, False)) for _ in range(5)))
        theirs.append(min(_timed(lambda t=task, s=start, f=fitter: _scipy(t, s, f.radars)) for _ in range(2)))
    ratio = f"{np.mean(theirs) / np.mean(ours):.1f}"
    return [
        _row(f"one shape's fit after {after_s:g} s of coast, nothing held", np.array(ours), "1"),
        _row(f"scipy least_squares on the same, after {after_s:g} s", np.array(theirs), ratio),
    ]


def _timed(work) -> float:
    begin_s = perf_counter()
    work()
    return 1e3 * (perf_counter() - begin_s)


def _scipy(task, start: np.ndarray, radars):
    """Return scipy's answer: the same residuals, prior and biases; its own differences, Cauchy's loss left out."""
    count, prior = len(task.sights.time_s), task.prior
    room, out = empty_room(), np.empty((count, 4))
    sigma = np.concatenate([
        np.full(3, prior.position_sigma_m), np.full(3, prior.velocity_sigma_mps),
        [prior.log_drag_sigma, prior.wind_sigma_mps, prior.wind_sigma_mps, prior.tilt_sigma, prior.bump_sigma],
        1.0 / np.sqrt(radars.bias_precision[0]),
    ])  # fmt: skip
    centre = np.concatenate([task.anchor_enu_m, np.zeros(3), [prior.log_drag], np.zeros(8)])

    def residuals(x):
        fill_residuals(x[:PARAMETERS], x[PARAMETERS:].reshape(1, 4), task, room, out)
        return np.concatenate([out.ravel(), (x - centre) / sigma])

    return least_squares(
        residuals, np.concatenate([start, np.zeros(4)]), method="lm", x_scale=np.minimum(sigma, 50.0)
    )


@kernel
def fill_residuals(parameters, bias, task, room, out):
    """Fill `out (n, 4)` with every sight's misses over their noise."""
    lay_curve(task.library, parameters[TILT], parameters[BUMP], room.curve)
    state, time_s, sights = parameters[:STATE_SIZE].copy(), 0.0, task.sights
    for k in range(sights.time_s.shape[0]):
        fly(state, sights.time_s[k] - time_s, task.world, room.curve, task.step_s, state)
        time_s = sights.time_s[k]
        r = sights.radar[k]
        radar = RadarFrame(task.radars.origin_enu_m[r], task.radars.rotation[r])
        room.z[0], room.z[1], room.z[2], room.z[3] = reading_of(state, radar)
        misses(k, room.z, bias, sights, room.miss)
        for c in range(4):
            out[k, c] = room.miss[c] * np.sqrt(sights.precision[k, c])
