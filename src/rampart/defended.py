"""The simulation as a closed loop: what the engine publishes goes to the interceptors, what they stop is seen no more.

The interceptors are told what anybody is told, the events; nothing goes back to the engine but plots that do not
come any more. Without interceptors nothing here changes anything.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import radians

import numpy as np

from rampart.domain.event import Event, ForecastEvent, TrackEvent
from rampart.domain.site import Site
from rampart.domain.wire import posix_time
from rampart.numerics.jit import steady
from rampart.physics.geodesy import enu_from_geodetic
from rampart.simulate.debris import fall
from rampart.simulate.defence import Defence
from rampart.simulate.interceptor import ForecastRow
from rampart.simulate.look import RadarLook, true_errors
from rampart.simulate.scenario import Scenario
from rampart.simulate.truth import TrueProjectile, Truth, cut_off, zone_plane_shape


class Loop:
    """One run's interceptors: `hear` takes the events in order, `shown` drops the plots of what was stopped.

    loop = Loop(truth, scenario, site)
    for look in looks:
        loop.hear(engine.step(scan_of_look(loop.shown(look), site)))
    truth = loop.truth()
    """

    def __init__(self, truth: Truth, scenario: Scenario, site: Site):
        self._truth, self._site = truth, site
        self._defence = (
            Defence(scenario.interceptors, truth.projectiles, site.zones, scenario.seed)
            if scenario.interceptors
            else None
        )
        self._clock_offset_s = [true_errors(radar, scenario).clock_offset_s for radar in site.radars]
        self._enu = steady(enu_from_geodetic)
        self._place: dict[int, tuple[float, float, float]] = {}

    def hear(self, events: Iterable[Event]) -> None:
        """Let the interceptors hear what was published, in its order."""
        if self._defence is None:
            return
        for event in events:
            if isinstance(event, TrackEvent):
                self._place[event.track] = self._enu(
                    radians(event.latitude_deg),
                    radians(event.longitude_deg),
                    event.height_m,
                    self._site.frame,
                )
            elif isinstance(event, ForecastEvent) and event.track in self._place:
                self._defence.hear(
                    ForecastRow(
                        event.track,
                        posix_time(event.time),
                        self._place[event.track],
                        posix_time(event.impact.time),
                        {entry.zone: entry.probability for entry in event.zones},
                        event.fate is not None,
                    )
                )

    def shown(self, look: RadarLook) -> RadarLook:
        """Return a look without the plots of what had been stopped by the time of the plot."""
        if self._defence is None or not self._defence.stopped_s or not len(look.plots):
            return look
        true_s = look.plots.time_s - self._clock_offset_s[look.radar]
        kept = np.ones(len(look.plots), bool)
        for of, stopped_s in self._defence.stopped_s.items():
            kept &= ~((look.origin == of) & (true_s > stopped_s))
        if kept.all():
            return look
        return replace(look, plots=look.plots.take(kept), origin=look.origin[kept])

    @property
    def stopped_s(self) -> dict[int, float]:
        """When each projectile was stopped, by its index in the truth."""
        return {} if self._defence is None else dict(self._defence.stopped_s)

    def filtered(self, looks: Iterable[RadarLook]) -> Iterator[RadarLook]:
        """Yield the looks as they were shown."""
        return (self.shown(look) for look in looks)

    def truth(self) -> Truth:
        """Return what really happened: what was stopped ends there, its debris comes down."""
        if self._defence is None:
            return self._truth
        shapes = {zone.id: zone_plane_shape(zone, self._site) for zone in self._site.zones}
        flown = tuple(self._ended(i, each, shapes) for i, each in enumerate(self._truth.projectiles))
        left = tuple((post.interceptor, post.left) for post in self._defence.posts)
        return replace(
            self._truth, projectiles=flown, at_nothing=tuple(self._defence.at_nothing), interceptors=left
        )

    def _ended(self, index: int, whole: TrueProjectile, shapes: dict) -> TrueProjectile:
        defence = self._defence
        assert defence is not None
        told = replace(
            whole,
            engagements=tuple(defence.engagements.get(index, ())),
            left_alone=defence.reason(index),
        )
        stopped_s = defence.stopped_s.get(index)
        if stopped_s is None:
            return told
        moment = whole.state_at(stopped_s)
        assert moment is not None
        debris = fall(stopped_s, *moment, whole.log_drag, whole.curve, self._site, self._truth.world)
        outline = debris.outline_m()
        below = tuple(name for name, shape in shapes.items() if shape.intersects(_polygon(outline)))
        cut = cut_off(told, stopped_s, told.time_s < stopped_s)
        return replace(cut, fate="intercepted", debris=debris, debris_zones=below)


def _polygon(outline_m: np.ndarray):
    import shapely

    return shapely.Polygon(outline_m)
