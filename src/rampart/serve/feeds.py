"""Feeds of radars: UDP sockets, unicast and multicast, and the bounded box between them and the engine."""

import ipaddress
import re
import selectors
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from rampart.errors import InputError

LONGEST_DATAGRAM = 65535
RECEIVE_BUFFER = 16 << 20
"""Octets that the kernel is asked to hold for each feed: two seconds of 200,000 plots/s."""
BOX_OCTETS = 64 << 20
DATAGRAM_OCTETS = 250
"""What a datagram takes in memory beside its own octets, about."""
BURST = 256
"""So many datagrams are read from one socket before the others have their turn."""

SO_TIMESTAMPNS = 35
SO_RCVBUFFORCE = 33
SO_RXQ_OVFL = 40
IP_MULTICAST_ALL = 49
"""Linux's numbers, which Python's socket module does not name."""
LINUX = sys.platform.startswith("linux")
ANCILLARY = socket.CMSG_SPACE(16) + socket.CMSG_SPACE(4) if hasattr(socket, "CMSG_SPACE") else 0

URL = re.compile(r"udp://(?:\[(?P<six>[^\]]*)\]|(?P<host>[^:/\[\]]*)):(?P<port>\d{1,5})/?")


@dataclass(frozen=True, slots=True)
class Feed:
    """Where datagrams are heard: an address of this machine ("" for any) or a multicast group, and the port.

    `interfaces`: by name or address, where a group is joined; the system's choice where there is none.
    """

    host: str
    port: int
    interfaces: tuple[str, ...] = ()

    @property
    def is_multicast(self) -> bool:
        return bool(self.host) and ipaddress.ip_address(self.host).is_multicast

    @property
    def family(self) -> int:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    @property
    def url(self) -> str:
        return f"udp://[{self.host}]:{self.port}" if ":" in self.host else f"udp://{self.host}:{self.port}"

    def __str__(self) -> str:
        at = f" on {', '.join(self.interfaces)}" if self.interfaces else ""
        return f"{self.url}{at} ({'multicast' if self.is_multicast else 'unicast'})"


class Datagram(NamedTuple):
    """What one datagram brought: when (POSIX, by the kernel's stamp where it gives one), where, its octets."""

    time_s: float
    feed: int
    payload: bytes


def feed_of(url: str, interfaces: tuple[str, ...] = (), where: str = "--feed") -> Feed:
    """Return the feed of `udp://HOST:PORT`; raises InputError naming `where`."""
    match = URL.fullmatch(url.strip())
    port = int(match["port"]) if match else 0
    if match is None or not 0 < port < 65536:
        raise InputError(where, "udp://ADDRESS:PORT, as udp://239.192.0.1:8600 or udp://0.0.0.0:8600", url)
    host = match["six"] if match["six"] is not None else match["host"]
    if host:
        try:
            host = str(ipaddress.ip_address(host))
        except ValueError:
            host = _resolved(host, port, url, where)
    feed = Feed(host, port, interfaces)
    if interfaces and not feed.is_multicast:
        raise InputError(
            where, "an interface with a multicast group only; a unicast feed names its address", url
        )
    return feed


def _resolved(host: str, port: int, url: str, where: str) -> str:
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][4][0])
    except (OSError, UnicodeError) as error:
        raise InputError(where, "an address, or a name that this machine can look up", url) from error


def open_feed(feed: Feed) -> socket.socket:
    """Return the bound socket of a feed, its groups joined; raises InputError where that cannot be."""
    opened = socket.socket(feed.family, socket.SOCK_DGRAM)
    try:
        if feed.is_multicast:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _widen(opened)
        if LINUX:
            opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            opened.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)
        opened.bind((feed.host or "0.0.0.0", feed.port))
        if feed.is_multicast:
            for interface in feed.interfaces or ("",):
                join(opened, feed, interface)
        opened.setblocking(False)
    except OSError as error:
        opened.close()
        raise InputError(str(feed), f"a feed that can be opened ({error.strerror or error})") from error
    return opened


def _widen(opened: socket.socket) -> None:
    """Ask for a large buffer; beyond the system's limit only an administrator's process gets it."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    if LINUX:
        try:
            opened.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
        except PermissionError:
            return


def granted_buffer(opened: socket.socket | None = None) -> int:
    """Return how many octets the kernel holds of a feed that is not read; of a new one where none is given."""
    probe = opened or socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if opened is None:
        _widen(probe)
    # Linux tells twice what it was asked for, for its own book-keeping
    octets = probe.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // (2 if LINUX else 1)
    if opened is None:
        probe.close()
    return octets


def join(opened: socket.socket, feed: Feed, interface: str) -> None:
    """Join a feed's group on one interface: a name, an address, or "" for the system's choice."""
    index, address = interface_of(interface)
    if feed.family == socket.AF_INET6:
        group = socket.inet_pton(socket.AF_INET6, feed.host)
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group + struct.pack("@I", index))
        return
    if LINUX:
        # without it a socket hears the group on interfaces that others have joined, too
        opened.setsockopt(socket.IPPROTO_IP, IP_MULTICAST_ALL, 0)
    request = socket.inet_aton(feed.host) + socket.inet_aton(address) + struct.pack("@i", index)
    opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)


def interface_of(interface: str) -> tuple[int, str]:
    """Return (index, IPv4 address) of an interface by name or address; raises OSError where there is none."""
    if not interface:
        return 0, "0.0.0.0"
    try:
        return 0, str(ipaddress.IPv4Address(interface))
    except ValueError:
        return socket.if_nametoindex(interface), "0.0.0.0"


class Box:
    """The bounded box between the sockets and the engine; over its limit the oldest datagrams give way.

    `lost` counts those; `octets` is what waits, in memory.
    """

    def __init__(self, most_octets: int = BOX_OCTETS):
        self._most_octets = most_octets
        self._waiting: deque[Datagram] = deque()
        self._changed = threading.Condition()
        self.octets = 0
        self.lost = 0

    def put(self, datagrams: list[Datagram]) -> None:
        """Add datagrams in order of arrival."""
        with self._changed:
            self._waiting.extend(datagrams)
            self.octets += sum(DATAGRAM_OCTETS + len(datagram.payload) for datagram in datagrams)
            while self.octets > self._most_octets:
                self.octets -= DATAGRAM_OCTETS + len(self._waiting.popleft().payload)
                self.lost += 1
            self._changed.notify()

    def take(self, timeout_s: float) -> list[Datagram]:
        """Return all that waits, in order of arrival, after at most `timeout_s`; empty where nothing came."""
        with self._changed:
            if not self._waiting and timeout_s > 0.0:
                self._changed.wait(timeout_s)
            taken = list(self._waiting)
            self._waiting.clear()
            self.octets = 0
        return taken

    def wake(self) -> None:
        """Let whoever waits in `take` go on."""
        with self._changed:
            self._changed.notify_all()


class Receiver(threading.Thread):
    """Reads all feeds into a box, in a thread of its own; `dropped[i]` counts what the kernel dropped of feed i.

    `now` tells the time, POSIX, where the kernel stamps no datagrams.
    """

    def __init__(self, feeds: tuple[Feed, ...], box: Box, now: Callable[[], float]):
        """Open the feeds; raises InputError where one cannot be opened."""
        super().__init__(name="receiver", daemon=True)
        self.feeds, self.box, self._now = feeds, box, now
        self.dropped = [0] * len(feeds)
        self.datagrams = 0
        self._selector = selectors.DefaultSelector()
        self._bell, self._ringer = socket.socketpair()
        self._selector.register(self._bell, selectors.EVENT_READ, -1)
        self._sockets: list[socket.socket] = []
        try:
            for i, feed in enumerate(feeds):
                self._sockets.append(open_feed(feed))
                self._selector.register(self._sockets[-1], selectors.EVENT_READ, i)
        except InputError:
            self.close()
            raise

    def buffer_octets(self, feed: int) -> int:
        """Return how much the kernel holds of a feed that is not read."""
        return granted_buffer(self._sockets[feed])

    def run(self) -> None:
        """Read until `stop`."""
        while True:
            for key, _ in self._selector.select():
                if key.data < 0:
                    return
                datagrams = self._read(key.fileobj, key.data)
                if datagrams:
                    self.datagrams += len(datagrams)
                    self.box.put(datagrams)

    def stop(self) -> None:
        """End the thread and close the feeds."""
        if self.is_alive():
            self._ringer.send(b"x")
            self.join()
        self.close()
        self.box.wake()

    def close(self) -> None:
        """Close the sockets."""
        self._selector.close()
        for opened in (*self._sockets, self._bell, self._ringer):
            opened.close()

    def _read(self, opened, feed: int) -> list[Datagram]:
        """Return what waits at one socket, up to a burst."""
        datagrams = []
        for _ in range(BURST):
            try:
                payload, notes, _, _ = opened.recvmsg(LONGEST_DATAGRAM, ANCILLARY)
            except BlockingIOError:
                break
            except OSError:
                # what an earlier datagram of ours met on its way; the socket goes on
                continue
            datagrams.append(Datagram(self._stamp(notes, feed), feed, payload))
        return datagrams

    def _stamp(self, notes: list[tuple[int, int, bytes]], feed: int) -> float:
        """Return when a datagram came in, and keep the kernel's count of those that it dropped."""
        time_s = 0.0
        for level, kind, value in notes:
            if level != socket.SOL_SOCKET:
                continue
            if kind == SO_TIMESTAMPNS and len(value) >= 16:
                whole_s, part_ns = struct.unpack_from("@qq", value)
                time_s = whole_s + part_ns * 1e-9
            elif kind == SO_RXQ_OVFL and len(value) >= 4:
                self.dropped[feed] = struct.unpack_from("@I", value)[0]
        return time_s or self._now()
