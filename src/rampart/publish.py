"""Tracks, forecasts and alerts in the shape in which they leave the engine: degrees, ISO times, rounded."""

import math

import numpy as np

from rampart.domain.alert import Alert
from rampart.domain.event import (
    AlertEvent,
    ByHand,
    ForecastEvent,
    HealthEvent,
    Impact,
    TrackEvent,
    ZoneProbability,
)
from rampart.domain.forecast import CLASS_NAMES, FATES, Forecast
from rampart.domain.site import Site
from rampart.domain.track import AIRCRAFT, BALLISTIC, BOOST, OTHER, STATUS_NAMES, TrackTable
from rampart.domain.wire import iso_time
from rampart.numerics.jit import steady
from rampart.physics.geodesy import geodetic_from_enu

NAMES = (*CLASS_NAMES, "aircraft", "other")
LEAST_PROBABILITY = 0.0005
"""Zones below this are left out of a forecast's list: they would read 0.000."""


class Publisher:
    """Numbers the events as they leave; `seq` rises by one."""

    def __init__(self, site: Site):
        self.site = site
        self.seq = 0
        self._geodetic = steady(geodetic_from_enu)

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    def track(self, tracks: TrackTable, row: int, forecast: Forecast | None, time_s: float) -> TrackEvent:
        """Return the event of one row of the table."""
        mean = tracks.mean_enu[row].tolist()
        latitude_rad, longitude_rad, height_m = self._geodetic(mean[0], mean[1], mean[2], self.site.frame)
        probability = class_probability(tracks.motion_probability[row], forecast)
        return TrackEvent(
            seq=self._next(),
            time=iso_time(time_s),
            track=int(tracks.id[row]),
            status=STATUS_NAMES[tracks.status[row]],
            latitude_deg=round(math.degrees(latitude_rad), 6),
            longitude_deg=round(math.degrees(longitude_rad), 6),
            height_m=round(float(height_m), 1),
            velocity_enu_mps=[round(v, 2) for v in mean[3:6]],
            class_=max(probability, key=probability.__getitem__),
            class_probability=probability,
        )

    def forecast(
        self, forecast: Forecast, zone_probability: np.ndarray, time_s: float, ended: bool
    ) -> ForecastEvent:
        """Return the event of one forecast; `zone_probability (n_zones,)` in the site's order."""
        columns = (zone_probability >= LEAST_PROBABILITY).nonzero()[0].tolist()
        zones = self.site.zones
        listed = [ZoneProbability(zones[i].id, round(zone_probability.item(i), 4)) for i in columns]
        listed.sort(key=lambda entry: (-entry.probability, entry.zone))
        fate = (
            {name: round(float(p), 4) for name, p in zip(FATES, forecast.fate, strict=True)}
            if ended
            else None
        )
        return ForecastEvent(
            seq=self._next(),
            time=iso_time(time_s),
            track=forecast.track,
            impact=self._impact_of(forecast),
            zones=listed,
            fate=fate,
        )

    def _impact_of(self, forecast: Forecast) -> Impact:
        """Return the published place and time of a forecast."""
        east_m, north_m = forecast.mean_enu_m.tolist()
        up_m = _ground_up_m(east_m, north_m, self.site)
        latitude_rad, longitude_rad, _ = self._geodetic(east_m, north_m, up_m, self.site.frame)
        return Impact(
            time=iso_time(forecast.time_mean_s),
            time_sd_s=round(forecast.time_sd_s, 3),
            latitude_deg=round(math.degrees(latitude_rad), 6),
            longitude_deg=round(math.degrees(longitude_rad), 6),
            cov_enu_m2=[[round(c, 1) for c in row] for row in forecast.cov_enu_m2.tolist()],
        )

    def alert(self, alert: Alert) -> AlertEvent:
        """Return the event of one decision."""
        expected = math.isfinite(alert.impact_time_s)
        return AlertEvent(
            seq=self._next(),
            time=iso_time(alert.time_s),
            alert=alert.alert,
            zone=alert.zone,
            action=alert.action,
            mode=alert.mode,
            probability=round(alert.probability, 4),
            impact_time=iso_time(alert.impact_time_s) if expected else None,
            seconds_to_impact=round(alert.impact_time_s - alert.time_s, 2) if expected else None,
            tracks=list(alert.tracks),
            manual=_by_hand(alert),
        )

    def health(self, time_s: float, source: str, state: str, reason: str) -> HealthEvent:
        """Return the event of a feed or part that changed its state."""
        return HealthEvent(self._next(), iso_time(time_s), source, state, reason)


def _by_hand(alert: Alert) -> ByHand | None:
    manual = alert.manual
    if manual is None:
        return None
    return ByHand(manual.request, manual.by, iso_time(manual.until_s), manual.released_by)


def _ground_up_m(east_m: float, north_m: float, site: Site) -> float:
    """Return how far the ellipsoid's curve puts level ground below the tangent plane."""
    frame = site.frame
    return -(east_m**2) / (2.0 * frame.radius_east_m) - north_m**2 / (2.0 * frame.radius_north_m)


def class_probability(motion_probability: np.ndarray, forecast: Forecast | None) -> dict[str, float]:
    """Return p by class, summing to 1: the motion's evidence, split by the forecast where there is one."""
    motion = motion_probability.tolist()
    ballistic = motion[BALLISTIC] + motion[BOOST]
    share = [1.0 / 3.0] * 3
    if forecast is not None:
        ballistic, share = float(forecast.ballistic_probability), forecast.class_probability.tolist()
    aircraft, other = motion[AIRCRAFT] + 1e-9, motion[OTHER] + 1e-9
    left = (1.0 - ballistic) / (aircraft + other)
    values = [*(ballistic * p for p in share), aircraft * left, other * left]
    return {name: round(p, 4) for name, p in zip(NAMES, values, strict=True)}
