"""The sole serialiser: ISO times, events as JSON lines, rounding."""

from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from rampart.domain.event import Event
from rampart.domain.incident import Incident

WIRE_VERSION = 1
_encoder = msgspec.json.Encoder()
_event_decoder = msgspec.json.Decoder(Event)


def iso_time(time_s: float) -> str:
    """Return POSIX seconds as ISO-8601 UTC with milliseconds, `2020-11-17T17:05:03.250Z`."""
    milliseconds = round(time_s * 1000.0)
    whole, rest = divmod(milliseconds, 1000)
    return f"{_second(whole)}.{rest:03d}Z"


@lru_cache(maxsize=256)
def _second(whole: int) -> str:
    """Return a whole second without its zone; a night asks for each many times."""
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def posix_time(text: str) -> float:
    """Return POSIX seconds of an ISO-8601 text with any offset; UTC where it gives none.

    Raises ValueError where the text is no time.
    """
    when = datetime.fromisoformat(text)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def event_line(event: Event) -> bytes:
    """Return one event as a line of JSON, without the line break."""
    return _encoder.encode(event)


def event_of(line: bytes) -> Event:
    """Return the event of a line; raises msgspec.ValidationError."""
    return _event_decoder.decode(line)


def incident_json(incident: Incident) -> bytes:
    """Return incident.json, indented for people."""
    return msgspec.json.format(_encoder.encode(incident), indent=1) + b"\n"


def incident_of(document: bytes) -> Incident:
    """Return the incident of a document; raises msgspec.ValidationError."""
    return msgspec.json.decode(document, type=Incident)
