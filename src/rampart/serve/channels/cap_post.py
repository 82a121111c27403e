"""CAP as a channel: each signed file, as it was written, posted to one URL as well."""

from rampart.channelkeys import CapKeys
from rampart.errors import ChannelError, ConfigError
from rampart.serve.cap_message import STATUS
from rampart.serve.channels.making import Place
from rampart.serve.channels.notice import Beat, Notice
from rampart.serve.channels.post import Poster


class CapChannel:
    """One URL that takes CAP 1.2."""

    needs_cap = True

    def __init__(self, keys: CapKeys, name: str, place: Place):
        """Take the URL; raises ConfigError."""
        if keys.mode is None or keys.url is None:
            raise ConfigError(f"channel {name}: mode", "live, exercise or test: the mode that the url serves")
        self.name = name
        self.mode: str = keys.mode
        ca_file = place.base / keys.ca_file if keys.ca_file else None
        self._poster = Poster(keys.url, keys.timeout_s, ca_file, f"channel {name}")

    def deliver(self, notice: Notice) -> str:
        """Post the signed file, byte for byte."""
        status = f"<status>{STATUS[self.mode]}</status>".encode()
        if notice.event.mode != self.mode or status not in notice.cap:
            raise ChannelError(f"no signed file of mode {self.mode}: nothing is posted", for_good=True)
        return self._poster.post(
            notice.cap, {"Content-Type": "application/cap+xml", "X-Rampart-Mode": self.mode}
        )

    def beat(self, beat: Beat) -> None:
        """CAP has no beat."""

    def close(self) -> None:
        """Nothing is open between posts."""
