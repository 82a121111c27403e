"""The predictor: a track table in, a forecast out for each projectile, and its origin once it has ended."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from rampart.domain.forecast import Forecast, Origin
from rampart.domain.site import Site
from rampart.domain.track import BALLISTIC, BOOST, CONFIRMED, END_WITHDRAWN, ENDED, TrackTable
from rampart.predict.blend import TrackRow, blended_forecast, broad_forecast, curve_of
from rampart.predict.estimate import Estimate, TrackFits
from rampart.predict.fate import LATELY_S, fate_probabilities, unknown_fate
from rampart.predict.fit import Fitter
from rampart.predict.origin import origin_of_estimate
from rampart.predict.priors import priors_of
from rampart.predict.sights import bias_precision_of, radars_of


@dataclass(frozen=True, slots=True)
class PredictSettings:
    """How finely flights are reckoned: `step_s` past the plots, `ground_step_s` onward to the ground."""

    step_s: float = 0.5
    ground_step_s: float = 1.0


@dataclass(slots=True)
class _Followed:
    """What is kept of one track while it lives."""

    fits: TrackFits
    estimate: Estimate | None = None
    forecast: Forecast | None = None


class Predictor:
    """Forecasts the projectiles of one site; keeps for each track where its last fit stood."""

    def __init__(self, site: Site, settings: PredictSettings | None = None):
        self.site, self.settings = site, settings or PredictSettings()
        self._fitter = Fitter(radars_of(site.radars), site.world, self.settings.step_s)
        self._priors = priors_of(site.wind_sigma_mps)
        self._followed: dict[int, _Followed] = {}
        self._origins: dict[int, Origin] = {}
        self._bias_sigma: np.ndarray | None = None

    def step(self, tracks: TrackTable, bias_sigma: np.ndarray | None = None) -> list[Forecast]:
        """Return all that `each` yields."""
        return list(self.each(tracks, range(len(tracks)), bias_sigma))

    def each(
        self, tracks: TrackTable, rows: Iterable[int], bias_sigma: np.ndarray | None = None
    ) -> Iterator[Forecast]:
        """Yield a forecast for each confirmed projectile that got a plot, and the last of each that ended.

        `rows` of the table in the order in which they are wanted, each reckoned when it is asked for. The last forecast
        carries the fate. A track of which nothing can be said (no fit, and the filter's own state meets no ground) has
        none. `bias_sigma (r, 4)`: what may now be left of the radars' biases, another array where that has changed;
        without it, what the site says.
        """
        if bias_sigma is not None and bias_sigma is not self._bias_sigma:
            self._fitter.radars.bias_precision[:] = bias_precision_of(bias_sigma)
            self._bias_sigma = bias_sigma
        ids, states, updated = tracks.id.tolist(), tracks.status.tolist(), tracks.updated.tolist()
        ballistic = tracks.is_ballistic().tolist()
        for gone in self._followed.keys() - set(ids):
            del self._followed[gone]
        for i in rows:
            track, ended = ids[i], states[i] == ENDED
            confirmed = states[i] == CONFIRMED or (ended and np.isfinite(tracks.confirmed_s[i]))
            if confirmed and ballistic[i] and (updated[i] or (ended and track not in self._followed)):
                self._follow(tracks, i)
            followed = self._followed.get(track)
            if followed is None or not ballistic[i] or tracks.end_reason[i] == END_WITHDRAWN:
                continue
            forecast = self._last(tracks, i, followed) if ended else followed.forecast
            if forecast is not None and (ended or updated[i]):
                yield forecast

    def origin(self, track: int) -> Origin | None:
        """Return where an ended track came from; None where that is not known, or the track was closed."""
        return self._origins.get(track)

    def close(self, tracks) -> None:
        """Forget the origins of these tracks: their attack is in the record."""
        for track in tracks:
            self._origins.pop(int(track), None)

    def _follow(self, tracks: TrackTable, i: int) -> None:
        """Fit the track of row `i` anew and renew its forecast."""
        row = _row_of(tracks, i)
        followed = self._followed.get(row.id)
        if followed is None:
            fits = TrackFits(self._fitter, self._priors, row.first_plot_s)
            followed = self._followed[row.id] = _Followed(fits)
        estimate = followed.fits.update(tracks.plots[i], row.mean_enu, row.boost)
        if estimate is not None and estimate.usable:
            forecast = blended_forecast(row, estimate, self._fitter, self.site, self.settings.ground_step_s)
        else:
            burning = estimate is not None and estimate.burning
            forecast = broad_forecast(row, burning, self.site, self.settings.ground_step_s, row.ballistic)
        followed.estimate = estimate
        followed.forecast = forecast if forecast is not None else followed.forecast

    def _last(self, tracks: TrackTable, i: int, followed: _Followed) -> Forecast | None:
        """Return the last forecast of an ended track, with its fate; keep its origin, drop the rest."""
        del self._followed[int(tracks.id[i])]
        estimate, forecast = followed.estimate, followed.forecast
        if forecast is None:
            return None
        if estimate is None or not estimate.usable:
            return replace(forecast, fate=unknown_fate())
        origin = origin_of_estimate(
            int(tracks.id[i]), estimate, forecast.class_probability, self._fitter, self.site
        )
        if origin is not None:
            self._origins[origin.track] = origin
        shape = estimate.best()
        fate = fate_probabilities(
            estimate.fits[shape].state,
            curve_of(estimate, shape),
            max(forecast.time_mean_s - forecast.last_plot_s, 0.0),
            forecast.last_plot_s - forecast.first_plot_s,
            max(tracks.time_s - forecast.last_plot_s, 0.0),
            float(tracks.looks_missed[i]),
            int(tracks.end_reason[i]),
            int(np.count_nonzero(tracks.plots[i].time_s > forecast.last_plot_s - LATELY_S)),
            self.site.radars,
            self.site.world,
        )
        return replace(forecast, fate=fate)


def _row_of(tracks: TrackTable, i: int) -> TrackRow:
    """Return what the forecast takes from row `i`; its arrays writable copies."""
    motion = tracks.motion_probability[i].tolist()
    return TrackRow(
        tracks.id.item(i),
        tracks.track_time_s.item(i),
        tracks.mean_enu[i].copy(),
        tracks.cov_enu[i].copy(),
        motion[BALLISTIC] + motion[BOOST],
        motion[BOOST],
        tracks.first_plot_s.item(i),
        tracks.last_plot_s.item(i),
    )
