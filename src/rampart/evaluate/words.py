"""Figures and times in words for people: the site's local time, seconds, distances, shares, fates."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rampart.domain.wire import posix_time
from rampart.evaluate.projectile import ProjectileRow

FATE_WORDS = {
    "ground": "came down",
    "airburst": "burst in the air",
    "intercepted": "stopped in the air",
    "unknown": "lost from view",
}


class LocalClock:
    """Times in one time zone, which it can name."""

    def __init__(self, timezone: str):
        self._zone = ZoneInfo(timezone)
        self.timezone = timezone

    def at(self, time_s: float) -> datetime:
        """Return the local time of POSIX seconds."""
        return datetime.fromtimestamp(time_s, UTC).astimezone(self._zone)

    def time(self, time_s: float | None) -> str:
        """Return hours, minutes and seconds."""
        return self.at(time_s).strftime("%H:%M:%S") if time_s is not None else "–"

    def tenths(self, time_s: float | None) -> str:
        """Return hours, minutes, seconds and tenths."""
        if time_s is None:
            return "–"
        return self.at(round(time_s, 1) + 1e-4).strftime("%H:%M:%S.%f")[:-5]

    def date(self, time_s: float | None) -> str:
        """Return the day in words."""
        if time_s is None:
            return "–"
        when = self.at(time_s)
        return f"{when.strftime('%A')}, {when.day} {when.strftime('%B %Y')}"

    def offset(self, time_s: float) -> str:
        """Return how local time differs from UTC, `UTC+3`."""
        delta = self.at(time_s).utcoffset()
        minutes = int(delta.total_seconds() // 60) if delta else 0
        hours, rest = divmod(abs(minutes), 60)
        return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")

    def name(self, time_s: float | None) -> str:
        """Return the time zone's name, and how it differs from UTC at a time where there is one."""
        return self.timezone if time_s is None else f"{self.timezone}, {self.offset(time_s)}"

    def iso(self, text: str | None) -> str:
        """Return hours, minutes, seconds and tenths of an ISO-8601 time."""
        return self.tenths(posix_time(text)) if text else "–"


def utc(time_s: float | None) -> str:
    """Return hours, minutes and seconds of UTC."""
    return datetime.fromtimestamp(time_s, UTC).strftime("%H:%M:%S") if time_s is not None else "–"


def seconds(value: float | None, digits: int = 0) -> str:
    """Return `27 s`."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.{digits}f} s"


def signed_seconds(value: float | None) -> str:
    """Return `+0.04 s`."""
    return "–" if value is None else f"{value:+.2f} s".replace("-", "−")


def metres(value: float | None) -> str:
    """Return `640 m` or `2.3 km`."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value / 1000:.1f} km" if value >= 2000 else f"{value:.0f} m"


def people(value: float | None) -> str:
    """Return a count with its thousands apart: no figure wider than its accuracy needs."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.0f}".replace(",", "\u202f")


def expected(value: float | None) -> str:
    """Return an expected number to two figures, `0.3`, `15`, `1 700`: it is no better known."""
    if value is None or not math.isfinite(value):
        return "–"
    if value < 10.0:
        return f"{value:.1f}"
    digits = 10 ** max(math.floor(math.log10(value)) - 1, 0)
    return people(round(value / digits) * digits)


def share(value: float | None) -> str:
    """Return `86 %`."""
    return "–" if value is None else f"{100 * value:.0f}\u202f%"


def sure(probability: float) -> str:
    """Return a probability as `96 % sure`, never more than the last per cent."""
    if probability > 0.99:
        return "over 99\u202f% sure"
    return f"{100 * probability:.0f}\u202f% sure"


def plural(count: int, one: str, many: str = "") -> str:
    """Return `1 zone` or `2 zones`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def fate_words(row: ProjectileRow) -> str:
    """Return how a projectile ended."""
    return FATE_WORDS.get(row.fate, row.fate)
