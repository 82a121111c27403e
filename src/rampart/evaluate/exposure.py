"""How many people were exposed: in the open and in shelter, with and without warning, with and without interception.

An aggregate. Everyone within the harm radius of an impact counts as exposed, evenly spread people are counted by
area, and the share in shelter follows the user's curve by the seconds of warning of their zone. Nothing is said of
injuries. [docs/interception.md]
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
import shapely.affinity

from rampart.domain.event import Event
from rampart.domain.site import Site
from rampart.domain.wire import posix_time
from rampart.evaluate.plane import Plane, east_north_m, plane_at, zone_shape
from rampart.evaluate.warning import Standing, standing_alarms
from rampart.simulate.scenario import Exposure

CIRCLE_SEGMENTS = 16
"""Segments of a quarter of a circle: its area is right to 0.2 %."""
CASES = ("warned_defended", "warned", "defended", "neither")


def exposure_of_run(
    truth: Mapping[str, Any], events: Sequence[Event], site: Site, exposure: Exposure
) -> dict[str, Any]:
    """Return expected people exposed, `open` and `shelter`, for each of CASES.

    `warned`: the warnings of this run, `defended`: what the interceptors of this run stopped is stopped. In the
    cases without interception the stopped come down where they would have, under the alarms that were raised;
    an alarm that this run raised only later, or cleared before, because of the interception counts as it stood
    when the projectile was stopped. `under_debris`: people on the footprints of what was stopped.
    """
    people = _People(site, exposure)
    alarms = standing_alarms(events)
    totals = {case: np.zeros(2) for case in CASES}
    debris = 0.0
    for each in truth["projectiles"]:
        if each["fate"] == "airburst":
            continue
        ground = each.get("would_impact", each["impact"])
        ends_s = posix_time(each["impact"]["time"])
        by_zone = people.within(ground["latitude_deg"], ground["longitude_deg"], exposure.harm_radius_m)
        for zone, count in by_zone.items():
            warned_s = _seconds(alarms, zone, ends_s, posix_time(ground["time"]))
            shares = {True: sheltered(warned_s, exposure), False: sheltered(0.0, exposure)}
            for case in CASES:
                if each["fate"] == "intercepted" and "defended" in case:
                    continue
                share = shares["warned" in case]
                totals[case] += count * np.array([1.0 - share, share])
        if "debris" in each:
            debris += people.under(each["debris"])
    told = {
        case: {"open": round(float(n[0]), 3), "shelter": round(float(n[1]), 3)} for case, n in totals.items()
    }
    return told | {"under_debris": round(debris, 3), "harm_radius_m": exposure.harm_radius_m}


def sheltered(warning_s: float, exposure: Exposure) -> float:
    """Return the share of people in shelter after so many seconds of warning: straight lines between the points."""
    seconds, share = np.array(exposure.sheltering).T
    return float(np.interp(warning_s, seconds, share))


def _seconds(alarms: Sequence[Standing], zone: str, ends_s: float, ground_s: float) -> float:
    """Return how long an alarm of the zone that stood when the flight ended had stood at the impact."""
    raised = [one.raised_s for one in alarms if one.zone == zone and one.raised_s <= ends_s <= one.until_s]
    return ground_s - min(raised) if raised else 0.0


class _People:
    """Where the people are: evenly over each zone, and at one density outside; the smallest zone holds a place."""

    def __init__(self, site: Site, exposure: Exposure):
        self._exposure = exposure
        self._plane: Plane = plane_at(
            np.degrees(site.frame.latitude_rad), np.degrees(site.frame.longitude_rad)
        )
        shapes = sorted(
            ((zone.id, zone_shape(zone, self._plane)) for zone in site.zones), key=lambda pair: pair[1].area
        )
        self._zones = [
            (name, shape, exposure.people_by_zone.get(name, 0.0) / max(shape.area, 1.0))
            for name, shape in shapes
        ]

    def within(self, latitude_deg: float, longitude_deg: float, radius_m: float) -> dict[str, float]:
        """Return expected people by zone within a circle; those in no zone under an empty name."""
        centre = shapely.Point(east_north_m(latitude_deg, longitude_deg, self._plane))
        return self._in(centre.buffer(radius_m, CIRCLE_SEGMENTS))

    def under(self, debris: Mapping[str, Any]) -> float:
        """Return expected people on a footprint of debris."""
        centre = shapely.Point(east_north_m(debris["latitude_deg"], debris["longitude_deg"], self._plane))
        ellipse = shapely.affinity.scale(
            centre.buffer(1.0, CIRCLE_SEGMENTS), debris["across_m"], debris["along_m"]
        )
        return sum(self._in(shapely.affinity.rotate(ellipse, -debris["azimuth_deg"])).values())

    def _in(self, area) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, shape, per_m2 in self._zones:
            if area.is_empty:
                break
            if shape.intersects(area):
                found[name] = shape.intersection(area).area * per_m2
                area = area.difference(shape)
        found[""] = area.area * self._exposure.people_per_km2 * 1e-6
        return found
