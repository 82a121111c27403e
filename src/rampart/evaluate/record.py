"""A simulated run as it is held against its truth: what was published, what flew, what was seen of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rampart.domain.event import Event, ForecastEvent, TrackEvent
from rampart.domain.forecast import CLASS_NAMES
from rampart.domain.incident import Incident
from rampart.domain.site import Site
from rampart.domain.wire import posix_time
from rampart.evaluate.metrics import GOSPA_CUTOFF_M, match_tracks, share_following
from rampart.physics.geodesy import enu_from_geodetic_each
from rampart.simulate.look import RadarLook
from rampart.simulate.scenario import Exposure
from rampart.simulate.traffic import Bystander
from rampart.simulate.truth import TrueProjectile, Truth


@dataclass(frozen=True, slots=True)
class Seen:
    """The plots that one projectile gave: `time_s (n,)` rising, `radar (n,)` index into `site.radars`."""

    time_s: np.ndarray
    radar: np.ndarray

    def until(self, time_s: float) -> "Seen":
        """Return the plots up to `time_s`."""
        early = self.time_s <= time_s
        return Seen(self.time_s[early], self.radar[early])

    def since(self, time_s: float) -> "Seen":
        """Return the plots from `time_s` on."""
        late = self.time_s >= time_s
        return Seen(self.time_s[late], self.radar[late])


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: its `events` and `incident`, its `site`, the `truth` flown again, what was `seen` of each.

    `seen` stands in the order of `truth.projectiles`; `bystanders` are the aircraft, birds and drones, which no
    track of is false; `exposure` is for the count of people exposed, where the scenario asks for it.
    """

    events: Sequence[Event]
    incident: Incident
    site: Site
    truth: Truth
    seen: tuple[Seen, ...]
    bystanders: tuple[Bystander, ...] = ()
    exposure: Exposure | None = None


@dataclass(frozen=True, slots=True)
class PublishedTrack:
    """One confirmed track: `time_s (n,)`, `state_enu (n, 6)` place and velocity; `projectile (n,)` bool: what
    its class was then; `end_s` is infinite for one that did not end; `forecasts` in order.
    """

    track: int
    time_s: np.ndarray
    state_enu: np.ndarray
    projectile: np.ndarray
    end_s: float
    forecasts: tuple[ForecastEvent, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """Which confirmed tracks follow which projectile, and which follow nothing.

    `of (projectiles)` holds the tracks of each projectile; `false` those that follow nothing, and those that
    were forecast as projectiles while they followed a bystander.
    """

    of: tuple[tuple[PublishedTrack, ...], ...]
    false: tuple[PublishedTrack, ...]


def seen_of(looks: Iterable[RadarLook], projectiles: int) -> tuple[Seen, ...]:
    """Return what was seen of each projectile in the looks of a simulation."""
    rows: list[list[tuple[float, int]]] = [[] for _ in range(projectiles)]
    for look in looks:
        for origin, time_s in zip(look.origin, look.plots.time_s, strict=True):
            if origin >= 0:
                rows[origin].append((float(time_s), look.radar))
    sorted_rows = [sorted(own) for own in rows]
    return tuple(
        Seen(np.array([t for t, _ in own], float), np.array([r for _, r in own], np.int64))
        for own in sorted_rows
    )


def published_tracks(events: Iterable[Event], site: Site) -> list[PublishedTrack]:
    """Return the confirmed tracks of a run in order of their numbers."""
    updates: dict[int, list[TrackEvent]] = {}
    forecasts: dict[int, list[ForecastEvent]] = {}
    end_s: dict[int, float] = {}
    for event in events:
        if isinstance(event, ForecastEvent):
            forecasts.setdefault(event.track, []).append(event)
        elif isinstance(event, TrackEvent) and event.status == "confirmed":
            updates.setdefault(event.track, []).append(event)
        elif isinstance(event, TrackEvent) and event.status == "ended":
            end_s[event.track] = posix_time(event.time)
    return [
        _published(track, updates[track], end_s.get(track, np.inf), forecasts.get(track, []), site)
        for track in sorted(updates)
    ]


def _published(
    track: int, updates: list[TrackEvent], end_s: float, forecasts: list[ForecastEvent], site: Site
) -> PublishedTrack:
    """Return one track in the site's frame."""
    latitude, longitude = np.radians([[event.latitude_deg, event.longitude_deg] for event in updates]).T
    height_m = np.array([event.height_m for event in updates], float)
    place_m = enu_from_geodetic_each(latitude.copy(), longitude.copy(), height_m, site.frame)
    velocity_mps = np.array([event.velocity_enu_mps for event in updates], float)
    return PublishedTrack(
        track=track,
        time_s=np.array([posix_time(event.time) for event in updates]),
        state_enu=np.hstack([place_m, velocity_mps]),
        projectile=np.array([event.class_ in CLASS_NAMES for event in updates]),
        end_s=end_s,
        forecasts=tuple(forecasts),
    )


def match(tracks: Sequence[PublishedTrack], record: RunRecord) -> Matched:
    """Return which tracks follow what: most of a track's updates lie within GOSPA's cutoff of it."""
    movers: list[TrueProjectile | Bystander] = [*record.truth.projectiles, *record.bystanders]
    share = np.array(
        [
            [
                share_following(
                    track.time_s, track.state_enu[:, :3], mover.time_s, mover.position_enu_m, GOSPA_CUTOFF_M
                )
                for mover in movers
            ]
            for track in tracks
        ]
    ).reshape(len(tracks), len(movers))
    follows = match_tracks(share)
    count = len(record.truth.projectiles)
    of = tuple(
        tuple(track for track, mover in zip(tracks, follows, strict=True) if mover == projectile)
        for projectile in range(count)
    )
    false = tuple(
        track
        for track, mover in zip(tracks, follows, strict=True)
        if mover < 0 or (mover >= count and track.forecasts)
    )
    return Matched(of, false)
