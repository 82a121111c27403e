"""Sirens: the state of each zone in small signed frames over UDP, said again and again, and their heartbeats heard."""

import socket
import struct
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rampart.channelkeys import SirenKeys
from rampart.errors import ChannelError, ConfigError
from rampart.serve import siren_receiver as wire
from rampart.serve.channels.making import Place
from rampart.serve.channels.notice import CANCELLED, CLEARED, WARNING, Beat, Notice
from rampart.serve.channels.siren_frame import FrameMaker, Heartbeat, heartbeat_of, next_epoch, siren_key
from rampart.serve.feeds import feed_of, interface_of

STATES = {WARNING: wire.WARNING, CLEARED: wire.CLEARED, CANCELLED: wire.CANCELLED}
LEAST_HOLD_S = 10.0
"""A warning that stands is valid for at least so long after each frame, so that a few lost ones end nothing."""
ALIVE_HOLD_S = 5.0
WAITING_OCTETS = 2048


class SirenChannel:
    """Sends frames to every address of the table; hears the sirens that it names, and says which are silent."""

    needs_cap = False

    def __init__(self, keys: SirenKeys, name: str, place: Place):
        """Read or make the keys; raises InputError. Nothing is sent yet."""
        self.name, self._keys = name, keys
        self.mode: str = keys.mode
        self.maker = FrameMaker(siren_key(keys.mode), next_epoch(keys.mode))
        self._targets = [feed_of(url, (), f"channel {name}: to") for url in keys.to]
        self._sirens = {
            siren: _public(text, f"channel {name}: sirens.{siren}") for siren, text in keys.sirens.items()
        }
        unknown = set(keys.zones) - {zone.id for zone in place.site.zones}
        if unknown:
            raise ConfigError(f"channel {name}: zones", "zones of this site", sorted(unknown))
        self._sockets = {
            family: self._socket(family) for family in {target.family for target in self._targets}
        }
        self._told: dict[str, int] = {}
        self._began_s = time.monotonic()
        self.heard: dict[str, tuple[Heartbeat, float]] = {}

    def at_once(self, notice: Notice) -> None:
        """Send a decision's frame without waiting; the beats repeat it."""
        if self._is_for(notice.zone.id):
            self._send([self.frame_of(notice)])

    def deliver(self, notice: Notice) -> str:
        """Send a decision's frame once more; the beats repeat it."""
        if not self._is_for(notice.zone.id):
            return "not a zone of these sirens"
        if notice.zone_state and notice.zone_state.change < self._told.get(notice.zone.id, 0):
            return "the zone has gone on since"
        self._send([self.frame_of(notice)])
        return f"frame {self.maker.epoch}/{self.maker.counter} to {len(self._targets)} addresses"

    def beat(self, beat: Beat) -> str:
        """Send that all is alive, then the state of each zone that is or was just under a warning; hear the sirens."""
        if not beat.alive:
            raise ChannelError("the engine is not heard of: no frame is sent, so that the sirens see it")
        frames = [self.maker.frame("", wire.CALM, self.mode, ALIVE_HOLD_S)]
        for zone, state in beat.states.items():
            recent = beat.time_s - state.since_s < self._keys.repeat_over_s
            if state.state in STATES and (state.state == WARNING or recent) and self._is_for(zone):
                self._told[zone] = state.change
                frames.append(self._frame(zone, state.state, state.until_s, state.impact_s))
        self._send(frames)
        return self._hear()

    def close(self) -> None:
        """Close the sockets; the sirens will say that the sender is silent."""
        for opened in self._sockets.values():
            opened.close()

    def frame_of(self, notice: Notice) -> bytes:
        """Return the signed frame of a decision; raises ChannelError where its mode is not the key's."""
        if notice.event.mode != self.mode:
            raise ChannelError(
                f"an alert of mode {notice.event.mode}: these sirens are for {self.mode}", for_good=True
            )
        state = notice.zone_state
        if state is None:
            return self._frame(notice.zone.id, notice.state, notice.until_s, notice.impact_s)
        return self._frame(notice.zone.id, state.state, state.until_s, state.impact_s)

    def _frame(self, zone: str, state: str, until_s: float, impact_s: float | None) -> bytes:
        now_s = time.time()
        holds_s = until_s - now_s
        if state == WARNING:
            holds_s = max(holds_s, LEAST_HOLD_S)
        return self.maker.frame(
            zone, STATES[state], self.mode, holds_s, None if impact_s is None else impact_s - now_s
        )

    def _is_for(self, zone: str) -> bool:
        return not self._keys.zones or zone in self._keys.zones

    def _send(self, frames: list[bytes]) -> None:
        faults = []
        for target in self._targets:
            try:
                for frame in frames:
                    self._sockets[target.family].sendto(frame, (target.host, target.port))
            except OSError as error:
                # the other addresses have theirs all the same
                faults.append(f"{target.url}: {error.strerror or error}")
        if faults:
            raise ChannelError("; ".join(faults))

    def _hear(self) -> str:
        """Take the heartbeats that have come; return what is wrong with the sirens, in words."""
        now_s = time.monotonic()
        for opened in self._sockets.values():
            for _ in range(1000):
                try:
                    octets = opened.recv(WAITING_OCTETS)
                except OSError:
                    break
                beat = heartbeat_of(octets, self.mode, self._sirens)
                # an old one sent again does not hide that a siren is silent
                if beat is not None and (beat.epoch, beat.counter) > self._last(beat.name):
                    self.heard[beat.name] = (beat, now_s)
        silent_s = self._keys.silent_after_s
        faults = []
        for siren in self._sirens:
            beat, at_s = self.heard.get(siren, (None, self._began_s))
            if now_s - at_s > silent_s:
                faults.append(f"siren {siren} is silent")
            elif beat is not None and beat.faults & wire.PLAYER_FAILED:
                faults.append(f"siren {siren} cannot sound")
        return "; ".join(faults)

    def _last(self, siren: str) -> tuple[int, int]:
        beat, _ = self.heard.get(siren, (None, 0.0))
        return (beat.epoch, beat.counter) if beat else (0, 0)

    def _socket(self, family: int) -> socket.socket:
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.setblocking(False)
        if family == socket.AF_INET:
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, self._keys.multicast_hops)
            if self._keys.interface:
                index, address = interface_of(self._keys.interface)
                request = socket.inet_aton("0.0.0.0") + socket.inet_aton(address) + struct.pack("@i", index)
                opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)
        return opened


def _public(text: str, where: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError as error:
        raise ConfigError(
            where, "the siren's own key, 64 hexadecimal digits, as it prints at its start", text
        ) from error
