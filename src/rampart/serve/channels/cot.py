"""Cursor-on-Target to a TAK server (TCP, TLS) or to a multicast group (UDP)."""

import contextlib
import socket
import ssl
import struct
import time
from pathlib import Path
from urllib.parse import urlsplit

from rampart.channelkeys import CotKeys
from rampart.errors import ChannelError, ConfigError
from rampart.serve.channels.cot_event import PONG, events_of, ping
from rampart.serve.channels.making import Place
from rampart.serve.channels.notice import Beat, Notice
from rampart.serve.feeds import interface_of

PONGS_MISSED = 3


class CotChannel:
    """One peer. Over TCP the connection stays open; what the server sends is read and dropped, but for its pongs."""

    needs_cap = False

    def __init__(self, keys: CotKeys, name: str, place: Place):
        """Take the address and certificates; raises ConfigError. Nothing is opened yet."""
        self.name, self._keys = name, keys
        self.mode: str = keys.mode
        where = f"channel {name}: to"
        parts = urlsplit(keys.to)
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if parts.scheme not in ("tcp", "tls", "udp") or not host or not port:
            raise ConfigError(where, "tcp://HOST:PORT, tls://HOST:PORT or udp://GROUP:PORT", keys.to)
        self._scheme, self._host, self._port = parts.scheme, host, port
        self._context = self._tls(place.base) if parts.scheme == "tls" else None
        self._open: socket.socket | None = None
        self._uid = f"rampart.{place.site.id}.{keys.mode}"
        self._ponged_s = 0.0
        self._ending = b""
        self._sent_s: dict[str, float] = {}

    def deliver(self, notice: Notice) -> str:
        """Send one decision's events."""
        if notice.event.mode != self.mode:
            raise ChannelError(
                f"an alert of mode {notice.event.mode}: this peer is for {self.mode}", for_good=True
            )
        events = events_of(notice, time.time())
        self._send(events)
        self._sent_s[notice.event.alert] = time.time()
        return f"{len(events)} events to {self._keys.to}"

    def beat(self, beat: Beat) -> None:
        """Say again what stands, for those who came later; ask a server whether it is there."""
        for state in beat.standing:
            for notice in state.notices:
                if beat.time_s - self._sent_s.get(notice.event.alert, 0.0) > self._keys.repeat_s:
                    self._send(events_of(notice, time.time()))
                    self._sent_s[notice.event.alert] = beat.time_s
        standing = {notice.event.alert for state in beat.standing for notice in state.notices}
        self._sent_s = {alert: s for alert, s in self._sent_s.items() if alert in standing}
        if self._scheme != "udp":
            self._send([ping(f"{self._uid}-ping", beat.time_s)])
            if (
                self._keys.expect_pong
                and time.monotonic() - self._ponged_s > PONGS_MISSED * self._keys.beat_s
            ):
                self.close()
                raise ChannelError(f"{self._keys.to} does not answer pings")

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None:
            with contextlib.suppress(OSError):
                self._open.close()
            self._open = None

    def _send(self, events: list[bytes]) -> None:
        """Send events, each whole; raises ChannelError and closes what is broken."""
        try:
            opened = self._opened()
            if self._scheme == "udp":
                for event in events:
                    opened.send(event)
                return
            self._drain(opened)
            opened.settimeout(self._keys.timeout_s)
            opened.sendall(b"".join(events))
        except OSError as error:
            self.close()
            raise ChannelError(f"{self._keys.to}: {error.strerror or error}") from error

    def _opened(self) -> socket.socket:
        if self._open is not None:
            return self._open
        if self._scheme == "udp":
            self._open = self._datagrams()
            return self._open
        plain = socket.create_connection((self._host, self._port), self._keys.timeout_s)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open = plain
            if self._context is not None:
                self._open = self._context.wrap_socket(plain, server_hostname=self._host)
        except OSError:
            plain.close()
            self._open = None
            raise
        self._ponged_s = time.monotonic()
        return self._open

    def _drain(self, opened: socket.socket) -> None:
        """Take what the server sent, so that it never waits for us; raises OSError where it has closed."""
        opened.settimeout(0.0)
        for _ in range(1000):
            try:
                octets = opened.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            if not octets:
                raise ConnectionResetError("the server has closed the connection")
            kept = self._ending + octets
            if PONG.encode() in kept:
                self._ponged_s = time.monotonic()
            self._ending = kept[-len(PONG) + 1 :]

    def _datagrams(self) -> socket.socket:
        family, _, _, _, address = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)[0]
        opened = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET:
            opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, self._keys.multicast_hops)
            if self._keys.interface:
                index, own = interface_of(self._keys.interface)
                request = socket.inet_aton("0.0.0.0") + socket.inet_aton(own) + struct.pack("@i", index)
                opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)
        opened.connect(address)
        return opened

    def _tls(self, base: Path) -> ssl.SSLContext:
        keys = self._keys
        try:
            context = ssl.create_default_context(cafile=str(base / keys.ca_file) if keys.ca_file else None)
            if keys.cert_file:
                own = str(base / keys.key_file) if keys.key_file else None
                context.load_cert_chain(str(base / keys.cert_file), own)
        except (OSError, ssl.SSLError) as error:
            wanted = "certificates and a key without a password, in PEM"
            raise ConfigError(
                f"channel {self.name}: ca_file, cert_file, key_file", wanted, keys.to
            ) from error
        return context
