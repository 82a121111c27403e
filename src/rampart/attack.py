"""The book of one attack: what was sensed and warned of while it ran, closed into an incident."""

import math
from collections import Counter
from dataclasses import dataclass

from rampart.domain.event import AlertEvent, ForecastEvent, TrackEvent
from rampart.domain.forecast import CLASS_NAMES, LaunchSite
from rampart.domain.incident import (
    Incident,
    IncidentLaunchSite,
    IncidentProjectile,
    IncidentZone,
)
from rampart.domain.site import Site
from rampart.domain.wire import iso_time, posix_time
from rampart.physics.geodesy import geodetic_from_enu

LEAST_RADIUS_M = 300.0
"""No launch area is recorded finer than this."""


@dataclass(slots=True)
class Sensed:
    """One projectile as far as it is known: its times and its newest events."""

    first_plot_s: float
    confirmed_s: float
    track: TrackEvent
    forecast: ForecastEvent

    @property
    def is_projectile(self) -> bool:
        return sum(self.track.class_probability[name] for name in CLASS_NAMES) > 0.5

    @property
    def projectile_class(self) -> str:
        probability = self.track.class_probability
        return max(CLASS_NAMES, key=lambda name: probability[name])

    @property
    def fate(self) -> dict[str, float]:
        return self.forecast.fate or {"ground": 0.0, "airburst": 0.0, "intercepted": 0.0, "unknown": 1.0}

    @property
    def fell(self) -> bool:
        """Whether it most likely reached the ground."""
        return max(self.fate, key=lambda name: self.fate[name]) == "ground"


class AttackBook:
    """Collects the events of one attack; `close` returns the incident."""

    def __init__(self, attack_id: str, site: Site):
        self.attack_id = attack_id
        self.site = site
        self.sensed: dict[int, Sensed] = {}
        self.alerts: list[AlertEvent] = []

    def add(
        self, track: TrackEvent, forecast: ForecastEvent, first_plot_s: float, confirmed_s: float
    ) -> None:
        """Note a track and its newest forecast."""
        known = self.sensed.setdefault(track.track, Sensed(first_plot_s, confirmed_s, track, forecast))
        known.track, known.forecast = track, forecast

    def withdraw(self, track: int) -> None:
        """Forget a track that turned out to be none of its own."""
        self.sensed.pop(track, None)

    def projectiles(self) -> list[int]:
        """Return the tracks that are still taken for projectiles, in order."""
        return [track for track in sorted(self.sensed) if self.sensed[track].is_projectile]

    def close(self, launch_sites: list[LaunchSite], simulated: bool) -> Incident:
        """Return the attack as recorded."""
        members = [self.sensed[track] for track in self.projectiles()]
        times = [member.first_plot_s for member in members]
        times += [posix_time(member.forecast.impact.time) for member in members]
        return Incident(
            id=self.attack_id,
            site=self.site.id,
            start=iso_time(min(times)) if times else None,
            end=iso_time(max(times)) if times else None,
            projectiles=[self._projectile(member) for member in members],
            launch_sites=[self._launch_site(place) for place in launch_sites],
            zones=self._zones(members),
            alerts=self.alerts,
            simulated=simulated,
        )

    def _projectile(self, member: Sensed) -> IncidentProjectile:
        return IncidentProjectile(
            track=member.track.track,
            class_=member.projectile_class,
            first_plot=iso_time(member.first_plot_s),
            confirmed=iso_time(member.confirmed_s),
            fate=member.fate,
            impact=member.forecast.impact,
            zones=self._zones_below(member),
        )

    def _zones_below(self, member: Sensed) -> list[str]:
        """Return the zones that contain the (expected) place of coming down."""
        impact = member.forecast.impact
        place = math.radians(impact.latitude_deg), math.radians(impact.longitude_deg)
        return [zone.id for zone in self.site.zones if zone.contains(*place)]

    def _launch_site(self, place: LaunchSite) -> IncidentLaunchSite:
        east_m, north_m = place.place_enu_m
        latitude_rad, longitude_rad, _ = geodetic_from_enu(east_m, north_m, 0.0, self.site.frame)
        return IncidentLaunchSite(
            # Three decimals are 100 m: no more than the radius admits.
            latitude_deg=round(math.degrees(latitude_rad), 3),
            longitude_deg=round(math.degrees(longitude_rad), 3),
            radius_90_m=max(LEAST_RADIUS_M, math.ceil(place.radius_90_m / 10.0) * 10.0),
            projectiles=list(place.tracks),
            probability=round(place.probability, 4),
        )

    def _zones(self, members: list[Sensed]) -> list[IncidentZone]:
        """Return the zones hit or warned, those with impacts first."""
        impacts: Counter[str] = Counter()
        first_s: dict[str, float] = {}
        for member in members:
            if member.fell:
                for zone in self._zones_below(member):
                    impacts[zone] += 1
                    time_s = posix_time(member.forecast.impact.time)
                    first_s[zone] = min(first_s.get(zone, math.inf), time_s)
        raised_s: dict[str, float] = {}
        for alert in self.alerts:
            if alert.action == "raise":
                raised_s.setdefault(alert.zone, posix_time(alert.time))
        involved = [zone.id for zone in self.site.zones if zone.id in impacts or zone.id in raised_s]
        rows = [self._zone(zone, impacts[zone], first_s.get(zone), raised_s.get(zone)) for zone in involved]
        return sorted(rows, key=lambda row: (-row.impacts, row.zone))

    @staticmethod
    def _zone(zone: str, impacts: int, first_s: float | None, raised_s: float | None) -> IncidentZone:
        """Return one row: warned means that an alarm stood before the first impact, or where none came."""
        if first_s is None or raised_s is None:
            return IncidentZone(zone, impacts, raised_s is not None, None)
        seconds = round(first_s - raised_s, 2)
        return IncidentZone(zone, impacts, seconds > 0.0, seconds)
