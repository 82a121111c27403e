"""One track's estimate over time: the fits of all shapes, warm-started, and the leading plots told from the
coast."""

from dataclasses import dataclass

import numpy as np

from rampart.domain.scan import Plots
from rampart.physics.drag import SHAPE_CURVES, SHAPE_NAMES, cd_at
from rampart.physics.motion import LOG_DRAG
from rampart.predict.boost import FEWEST_COASTING, LONGEST_BURN_S, MOST_LEADING, choose_leading
from rampart.predict.fit import LIBRARY, Fit, Fitter, fit_of
from rampart.predict.held import FAILED, FITTED, UNKNOWN, Found, empty_found, empty_held
from rampart.predict.landing import Straights, no_straights
from rampart.predict.priors import BROAD_SHAPE, Prior
from rampart.predict.problem import PARAMETERS, Task
from rampart.predict.sights import Sights, first_place, goes_on, guess_state, sights_of

SHAPES = len(SHAPE_NAMES)
LONGEST_SPAN_S = 200.0
"""No projectile that a site is warned of is seen for longer."""
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
    """What the plots of a track say: what was `found` of each shape, its own arrays; none of a burning projectile.

    `leading` plots were left out as made under thrust, `boost_nats` better a story than none; `straights`: the maps to
    the ground that were last flown, for whoever lands the fits to use and to renew.
    """

    epoch_s: float
    sights: Sights
    found: Found
    leading: int
    boost_nats: float
    burning: bool
    straights: Straights

    @property
    def fits(self) -> tuple[Fit, ...]:
        """Return the fit of each shape; none where none can be used."""
        return () if not self.usable else tuple(fit_of(self.found, shape) for shape in range(SHAPES))

    def log_evidence(self) -> np.ndarray:
        """Return (5,), -inf where a shape has no usable fit."""
        return np.where(self.found.status < FAILED, self.found.evidence, -np.inf)

    def best(self) -> int:
        """Return the shape with the most evidence."""
        return int(np.argmax(self.log_evidence()))

    def fit(self, shape: int) -> Fit:
        """Return the fit of one shape."""
        return fit_of(self.found, shape)

    @property
    def usable(self) -> bool:
        return not self.burning and bool((self.found.status < FAILED).any())


class TrackFits:
    """The warm starts of one track."""

    def __init__(self, fitter: Fitter, priors: tuple[Prior, ...], epoch_s: float):
        self._fitter, self._priors, self.epoch_s = fitter, priors, epoch_s
        self._leading = 0
        self._boost_nats = 0.0
        radars = len(fitter.radars.bias_precision)
        self._held, self._found = empty_held(SHAPES, radars), empty_found(SHAPES, radars)
        self._straights = no_straights(SHAPES)
        self._past: Sights | None = None
        self._fresh: set[int] = set()

    def update(self, plots: Plots, mean_enu: np.ndarray, boost_probability: float) -> Estimate | None:
        """Return the estimate from all plots so far; None where they give no place to start from.

        `mean_enu (7,)`, the tracker's state, lends the anchor of the weak prior where no elevation was
        measured.
        """
        self._move_epoch(plots)
        sights = sights_of(plots, self.epoch_s)
        if not len(sights.time_s):
            return None
        anchor = mean_enu[:3].copy()
        self._fitter.caller(first_place)(sights, self._fitter.radars, anchor)
        self._extend(sights, anchor)
        burning = self._find_burn_out(sights, anchor, boost_probability)
        if not burning:
            for shape in (BROAD_SHAPE, *range(BROAD_SHAPE)):
                self._fit(shape, sights, anchor)
        found = Found(*(column.copy() for column in self._found))
        return Estimate(
            self.epoch_s, sights, found, self._leading, self._boost_nats, burning, self._straights
        )

    def _extend(self, sights: Sights, anchor: np.ndarray) -> None:
        """Add the sights that came after all others to what is held; where that does, the shapes are fresh."""
        past, self._past, self._fresh = self._past, sights, set()
        if (
            past is None
            or not (self._found.status == FITTED).all()
            or not self._fitter.caller(goes_on)(past, sights)
        ):
            return
        task = self._task(BROAD_SHAPE, sights, anchor)
        self._fitter.renew(task, self._priors, len(past.time_s), self._held, self._found)
        self._fresh = set(range(SHAPES))

    def _forget_fits(self) -> None:
        self._found.status[:] = UNKNOWN
        self._fresh = set()

    def _move_epoch(self, plots: Plots) -> None:
        """Move the epoch on where a track is longer than any projectile's."""
        newest_s = float(plots.time_s.max()) if len(plots) else self.epoch_s
        if newest_s - self.epoch_s > LONGEST_SPAN_S:
            self.epoch_s = newest_s - 0.5 * LONGEST_SPAN_S
            self._forget_fits()
            self._leading, self._past, self._straights = 0, None, no_straights(SHAPES)

    def _find_burn_out(self, sights: Sights, anchor: np.ndarray, boost_probability: float) -> bool:
        """Settle how many leading plots were made under thrust; return whether the projectile still burns."""
        count = len(sights.time_s)
        if sights.time_s[-1] - sights.time_s[0] <= SEARCH_UNTIL_S:
            last = int(np.searchsorted(sights.time_s, sights.time_s[0] + LONGEST_BURN_S, side="right"))
            for _ in range(MOST_SEARCHES):
                shape = self._leader()
                if not self._fit(shape, sights, anchor):
                    break
                task, found = self._task(shape, sights, anchor), self._found
                leading, self._boost_nats = choose_leading(
                    self._fitter, task, min(last, MOST_LEADING), found.parameters[shape], found.bias[shape]
                )
                if leading == self._leading:
                    break
                self._leading = leading
                self._forget_fits()
                if count - leading < FEWEST_COASTING:
                    break
        coasting = count - self._leading
        if coasting < FEWEST_COASTING:
            return self._leading > 0
        seen_s = sights.time_s[-1] - sights.time_s[self._leading]
        return boost_probability > SURELY_BURNING and seen_s < JUST_BURNT_OUT_S

    def _leader(self) -> int:
        """Return the shape to look for the burn-out with: the best so far, else the broad one."""
        usable = self._found.status < FAILED
        return (
            int(np.argmax(np.where(usable, self._found.evidence, -np.inf))) if usable.any() else BROAD_SHAPE
        )

    def _fit(self, shape: int, sights: Sights, anchor: np.ndarray) -> bool:
        """Fit one shape from where it stood, else from the broad one, else from a guess; return whether it will do."""
        found = self._found
        if shape not in self._fresh:
            cold = found.status[shape] != FITTED
            if cold and not self._begin(shape, sights, anchor):
                return False
            self._fitter.fit_into(shape, self._task(shape, sights, anchor), cold, self._held, found)
            self._fresh.add(shape)
        return bool(found.status[shape] < FAILED)

    def _begin(self, shape: int, sights: Sights, anchor: np.ndarray) -> bool:
        """Put where a fit may begin in what is found of a shape; return whether there is such a place."""
        found = self._found
        if shape != BROAD_SHAPE and found.status[BROAD_SHAPE] < FAILED:
            start, bias = found.parameters[BROAD_SHAPE].copy(), found.bias[BROAD_SHAPE]
            start[LOG_DRAG] += _drag_ratio(fit_of(found, BROAD_SHAPE), shape)
            start[LOG_DRAG + 1 :] = 0.0
        elif (guessed := self._from_guess(shape, sights, anchor)) is not None:
            start, bias = guessed
        else:
            return False
        found.parameters[shape], found.bias[shape] = start, bias
        return True

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
