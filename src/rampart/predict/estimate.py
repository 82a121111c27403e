"""One track's estimate over time: the fits of all shapes, warm-started, and the leading plots told from the
coast."""

from dataclasses import dataclass, replace

import numpy as np

from rampart.domain.scan import Plots
from rampart.physics.drag import SHAPE_CURVES, SHAPE_NAMES, cd_at
from rampart.physics.motion import LOG_DRAG
from rampart.predict.boost import FEWEST_COASTING, LONGEST_BURN_S, MOST_LEADING, choose_leading, leading_costs
from rampart.predict.fit import FITTED, LIBRARY, Fit, Fitter
from rampart.predict.held import empty_extended, empty_held
from rampart.predict.priors import BROAD_SHAPE, Prior
from rampart.predict.problem import PARAMETERS, Task
from rampart.predict.sights import Sights, guess_state, place_precision_each, places_each, sights_of
from rampart.predict.spread import Straight

SHAPES = len(SHAPE_NAMES)
LONGEST_SPAN_S, LATEST_S = 200.0, 5.0
"""No projectile that a site is warned of is seen for longer; no plot comes later than this behind its time."""
MOST_SEARCHES = 3
"""Rounds of choosing the leading plots and fitting again; one more plot a round is the usual change."""
SEARCH_UNTIL_S = LONGEST_BURN_S + 2.0
"""Age of a track after which its burn-out is settled."""
TYPICAL_SOUND_MPS = 335.0
STAGES_S = (5.0, 10.0, 20.0, 40.0)
SURELY_BURNING, JUST_BURNT_OUT_S = 0.8, 1.0
"""A tracker this sure of thrust is believed until the coast has been seen this long."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the plots of a track say: `fits` by shape, those of a burning projectile empty.

    `leading` plots were left out as made under thrust, `boost_nats` better a story than none; `straight`: by
    shape the map to the ground that was last flown, for whoever lands the fits to use and to renew.
    """

    epoch_s: float
    sights: Sights
    fits: tuple[Fit, ...]
    leading: int
    boost_nats: float
    burning: bool
    straight: list[Straight | None]

    def log_evidence(self) -> np.ndarray:
        """Return (5,), -inf where a shape has no usable fit."""
        return np.array([fit.log_evidence if fit.usable else -np.inf for fit in self.fits])

    def best(self) -> int:
        """Return the shape with the most evidence."""
        return int(np.argmax(self.log_evidence()))

    @property
    def usable(self) -> bool:
        return any(fit.usable for fit in self.fits)


class TrackFits:
    """The warm starts of one track."""

    def __init__(self, fitter: Fitter, priors: tuple[Prior, ...], epoch_s: float):
        self._fitter, self._priors, self.epoch_s = fitter, priors, epoch_s
        self._fits: list[Fit | None] = [None] * SHAPES
        self._leading = 0
        self._boost_nats = 0.0
        radars = len(fitter.radars.bias_precision)
        self._held, self._extended = empty_held(SHAPES, radars), empty_extended(SHAPES, radars)
        self._log_width = np.log([p.log_drag_sigma * p.tilt_sigma * p.bump_sigma for p in priors])
        self._past: Sights | None = None
        self._fresh: set[int] = set()
        self._straight: list[Straight | None] = [None] * SHAPES

    def update(self, plots: Plots, mean_enu: np.ndarray, boost_probability: float) -> Estimate | None:
        """Return the estimate from all plots so far; None where they give no place to start from.

        `mean_enu (7,)`, the tracker's state, lends the anchor of the weak prior where no elevation was
        measured.
        """
        sights = sights_of(self._newest(plots), self.epoch_s)
        if not len(sights.time_s):
            return None
        places = places_each(sights, self._fitter.radars)
        known = np.flatnonzero(np.isfinite(places[:, 2]))
        anchor = places[known[0]] if len(known) else mean_enu[:3].copy()
        self._extend(sights, anchor)
        burning = self._find_burn_out(sights, places, anchor, boost_probability)
        if not burning:
            self._fit_all(sights, anchor)
        fits = () if burning else tuple(fit for fit in self._fits if fit is not None)
        return Estimate(self.epoch_s, sights, fits, self._leading, self._boost_nats, burning, self._straight)

    def _extend(self, sights: Sights, anchor: np.ndarray) -> None:
        """Add the sights that came after all others to what is held; where that does, the shapes are fresh."""
        past, self._past, self._fresh = self._past, sights, set()
        if past is None or not self._all_held():
            return
        count = len(past.time_s)
        if not all(np.array_equal(now[:count], then) for now, then in zip(sights, past, strict=True)):
            return
        task = self._task(BROAD_SHAPE, sights, anchor)
        fits = self._fitter.extend(task, count, self._held, self._extended, LIBRARY, self._log_width)
        for shape, fit in enumerate(fits):
            if fit.status == FITTED:
                self._fresh.add(shape)
                self._fits[shape] = fit
            elif np.isfinite(fit.log_evidence):
                self._fits[shape] = replace(fit, status=FITTED)  # a place to start from

    def _all_held(self) -> bool:
        """Return whether every shape's last fit ended at its best."""
        return all(fit is not None and fit.status == FITTED for fit in self._fits)

    def _newest(self, plots: Plots) -> Plots:
        """Return the plots since the epoch, which moves on where a track is longer than any projectile's."""
        newest_s = float(np.max(plots.time_s, initial=self.epoch_s))
        if newest_s - self.epoch_s > LONGEST_SPAN_S:
            self.epoch_s = newest_s - 0.5 * LONGEST_SPAN_S
            self._fits, self._leading, self._past = [None] * SHAPES, 0, None
        return plots.take(plots.time_s >= self.epoch_s - LATEST_S)

    def _find_burn_out(
        self, sights: Sights, places: np.ndarray, anchor: np.ndarray, boost_probability: float
    ) -> bool:
        """Settle how many leading plots were made under thrust; return whether the projectile still burns."""
        count = len(sights.time_s)
        if sights.time_s[-1] - sights.time_s[0] <= SEARCH_UNTIL_S:
            precision = place_precision_each(sights, places, self._fitter.radars)
            last = int(np.searchsorted(sights.time_s, sights.time_s[0] + LONGEST_BURN_S, side="right"))
            for _ in range(MOST_SEARCHES):
                shape = self._leader()
                fit = self._fit(shape, sights, anchor)
                if fit is None or not fit.usable:
                    break
                task = self._task(shape, sights, anchor)
                costs = leading_costs(self._fitter, task, min(last, MOST_LEADING), fit)
                leading, self._boost_nats = choose_leading(costs, sights, places, precision)
                if leading == self._leading:
                    break
                self._leading = leading
                self._fits, self._fresh = [None] * SHAPES, set()
                if count - leading < FEWEST_COASTING:
                    break
        coasting = count - self._leading
        if coasting < FEWEST_COASTING:
            return self._leading > 0
        seen_s = sights.time_s[-1] - sights.time_s[self._leading]
        return boost_probability > SURELY_BURNING and seen_s < JUST_BURNT_OUT_S

    def _leader(self) -> int:
        """Return the shape to look for the burn-out with: the best so far, else the broad one."""
        evidence = [-np.inf if fit is None or not fit.usable else fit.log_evidence for fit in self._fits]
        return int(np.argmax(evidence)) if np.isfinite(max(evidence)) else BROAD_SHAPE

    def _fit_all(self, sights: Sights, anchor: np.ndarray) -> None:
        for shape in (BROAD_SHAPE, *range(BROAD_SHAPE)):
            self._fit(shape, sights, anchor)

    def _fit(self, shape: int, sights: Sights, anchor: np.ndarray) -> Fit | None:
        """Fit one shape from where it stood, else from the broad one, else from a guess; None without any."""
        past, broad = self._fits[shape], self._fits[BROAD_SHAPE]
        if shape in self._fresh:
            return past
        cold = past is None or past.status != FITTED
        if past is not None and not cold:
            start, bias = past.parameters, past.bias
        elif shape != BROAD_SHAPE and broad is not None and broad.usable:
            start, bias = broad.parameters.copy(), broad.bias
            start[LOG_DRAG] += _drag_ratio(broad, shape)
            start[LOG_DRAG + 1 :] = 0.0
        else:
            guessed = self._from_guess(shape, sights, anchor)
            if guessed is None:
                return None
            start, bias = guessed
        fit = self._fitter.fit(self._task(shape, sights, anchor), start, bias, cold, self._held, shape)
        self._fits[shape], self._straight[shape] = fit, None
        self._fresh.add(shape)
        return fit

    def _task(self, shape: int, sights: Sights, anchor: np.ndarray) -> Task:
        return self._fitter.task(sights, self._leading, anchor, self._priors[shape], LIBRARY[shape])

    def _from_guess(
        self, shape: int, sights: Sights, anchor: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return parameters (11,) and biases (r, 4) to begin a fit from, of a track met for the first time.

        A long track is taken up in stages, each begun where the shorter one ended: a guess is good for a few
        seconds.
        """
        radars = self._fitter.radars
        first = min(self._leading, max(len(sights.time_s) - 2, 0))
        guess = guess_state(sights, radars, first, self._priors[shape].log_drag)
        if guess is None:
            return None
        start, bias = np.zeros(PARAMETERS), np.zeros(radars.bias_precision.shape)
        start[: len(guess)] = guess
        for stage_s in STAGES_S:
            count = int(np.searchsorted(sights.time_s, sights.time_s[first] + stage_s, side="right"))
            if count == len(sights.time_s):
                break
            part = Sights(*(column[:count] for column in sights))
            fit = self._fitter.fit(self._task(shape, part, anchor), start, bias, True)
            if fit.usable:
                start, bias = fit.parameters, fit.bias
        return start, bias


def _drag_ratio(broad: Fit, shape: int) -> float:
    """Return ln of the broad curve's drag over a shape's at the middle speed of the track."""
    speed_mps = 0.5 * (np.linalg.norm(broad.parameters[3:6]) + np.linalg.norm(broad.state[3:6]))
    mach = speed_mps / TYPICAL_SOUND_MPS
    return float(np.log(cd_at(mach, SHAPE_CURVES[BROAD_SHAPE]) / cd_at(mach, SHAPE_CURVES[shape])))
