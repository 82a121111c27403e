"""Alerts that people raise by hand: each has an end, by a cancel or by its time; nothing is computed for them."""

import math
from dataclasses import dataclass, field, replace

from rampart.domain.alert import CANCEL, CLEAR, RAISE, Alert, Manual


@dataclass(slots=True)
class ManualAlerts:
    """The alerts by hand that stand, by id. `requests` are those that were acted on: none is acted on twice."""

    site_id: str
    mode: str
    standing: dict[str, Alert] = field(default_factory=dict)
    requests: set[str] = field(default_factory=set)

    def raise_in(self, time_s: float, zones: tuple[str, ...], manual: Manual) -> list[Alert]:
        """Raise in each of the zones until `manual.until_s`; nothing where the request was acted on before."""
        if manual.request in self.requests or not manual.until_s > time_s:
            return []
        self.requests.add(manual.request)
        alerts = [
            Alert(
                time_s=time_s,
                alert=f"{self.site_id}-manual-{manual.request}-{zone}",
                zone=zone,
                action=RAISE,
                mode=self.mode,
                probability=0.0,
                impact_time_s=math.nan,
                tracks=(),
                manual=manual,
            )
            for zone in dict.fromkeys(zones)
        ]
        self.standing |= {alert.alert: alert for alert in alerts}
        return alerts

    def cancel(self, time_s: float, target: str, manual: Manual) -> list[Alert]:
        """Take back the alert by hand of this id, or all of this request; empty where there is none."""
        targets = [
            alert for alert in self.standing.values() if alert.manual and target in (alert.alert, alert.manual.request)
        ]  # fmt: skip
        return [self._end(alert, CANCEL, time_s, manual) for alert in targets]

    def tick(self, time_s: float) -> list[Alert]:
        """Clear what has come to the end of its time."""
        over = [alert for alert in self.standing.values() if alert.manual and time_s >= alert.manual.until_s]
        return [self._end(alert, CLEAR, time_s, alert.manual) for alert in over]

    def _end(self, alert: Alert, action: str, time_s: float, manual: Manual | None) -> Alert:
        del self.standing[alert.alert]
        return replace(alert, action=action, time_s=time_s, manual=manual)
