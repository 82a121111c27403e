"""Decisions and states as JSON for machines, the same on every channel; a launch place is in none of them."""

from typing import Any

from rampart.domain.wire import iso_time
from rampart.serve.channels.notice import Notice, ZoneState

FORM = 1


def state_json(state: ZoneState, mode: str, epoch: int) -> dict[str, Any]:
    """Return where a zone stands. Of two states the one with the greater (epoch, change) is the newer."""
    newest = state.notices[-1].event if state.notices else None
    return {
        "form": FORM,
        "mode": mode,
        "zone": state.zone.id,
        "name": state.zone.name,
        "zone_version": state.zone.version,
        "state": state.state,
        "since": iso_time(state.since_s) if state.since_s else None,
        "impact_time": None if state.impact_s is None else iso_time(state.impact_s),
        "valid_until": iso_time(state.until_s) if state.until_s else None,
        "alert": newest.alert if newest else None,
        "probability": newest.probability if newest else None,
        "shelter_s": state.zone.shelter_s,
        "epoch": epoch,
        "change": state.change,
    }


def notice_json(notice: Notice) -> dict[str, Any]:
    """Return one decision."""
    event = notice.event
    return {
        "form": FORM,
        "mode": event.mode,
        "site": notice.site.id,
        "alert": event.alert,
        "action": event.action,
        "zone": event.zone,
        "names": {language or "und": name for language, name in notice.zone.names.items()},
        "time": event.time,
        "impact_time": None if notice.impact_s is None else iso_time(notice.impact_s),
        "seconds_to_impact": event.seconds_to_impact,
        "probability": event.probability,
        "zone_version": notice.zone.version,
        "shelter_s": notice.zone.shelter_s,
        "valid_until": iso_time(notice.until_s),
        "cap": notice.cap_name or None,
    }
