"""Recordings onto the wire: what to send and when, from any recording, and the sending at any pace."""

import socket
import struct
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rampart.domain.site import Site
from rampart.errors import InputError, RecordingError
from rampart.physics.atmosphere import standard_air
from rampart.physics.geodesy import frame_at
from rampart.physics.motion import world_at
from rampart.physics.terrain import flat_terrain
from rampart.record.journal import read_journal
from rampart.sense.asterix import decoder_of
from rampart.sense.blocks import begins_with_block, split_blocks
from rampart.sense.capture import is_capture, udp_payloads
from rampart.sense.csv_file import is_csv
from rampart.sense.dates import times_on_date
from rampart.sense.recordings import read_recording, scan_of
from rampart.serve.feeds import Feed, interface_of
from rampart.simulate.encode import encode_look
from rampart.simulate.sensor import RadarLook

MOST_OCTETS = 65507
"""What one datagram can carry over IPv4."""
REACH = 1
"""Routers that a multicast datagram may pass, plus one: it stays on its own network."""


@dataclass(frozen=True, slots=True)
class Play:
    """What is sent, in order: `time_s` of each payload by the recording; `left_out`: what is not, by reason."""

    time_s: tuple[float, ...]
    payloads: tuple[bytes, ...]
    left_out: dict[str, int]


def play_of(recording: Path, site: Site | None) -> Play:
    """Return what a recording sends: raw ASTERIX, pcap, pcapng, a journal of Rampart's, or CSV.

    Rows of CSV become CAT015 and need the site, which says which radar is which source. Raises
    RecordingError or InputError where there is nothing to send, JournalError for a torn journal.
    """
    if not recording.exists():
        raise InputError(str(recording), "a recording or a journal; there is nothing here")
    if recording.is_dir():
        timed, left_out = _of_journal(recording, site)
    else:
        content = _content(recording)
        if is_capture(content):
            timed, left_out = udp_payloads(content)
        elif is_csv(content, recording):
            timed, left_out = _of_csv(recording, site)
        else:
            timed, left_out = _of_blocks(content, site, recording)
    sent, left_out = _fitting(timed, Counter(left_out))
    if not sent:
        raise RecordingError(str(recording), f"something to send; left out: {dict(left_out) or 'nothing'}")
    time_s, payloads = zip(*sent, strict=True)
    return Play(time_s, payloads, dict(left_out))


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordingError(str(path), f"a file that can be read ({error.strerror})") from error
    if not content:
        raise RecordingError(str(path), "a recording; the file is empty")
    return content


def _of_journal(folder: Path, site: Site | None) -> tuple[list[tuple[float, bytes]], Counter[str]]:
    """Return the datagrams of a journal; what Rampart itself put there (ticks, commands) is no radar's."""
    timed: list[tuple[float, bytes]] = []
    left_out: Counter[str] = Counter()
    reader = read_journal(folder)
    for kind, time_s, payload in reader:
        if kind == "asterix":
            timed.append((time_s, payload))
        elif kind == "csv" and site is not None:
            timed += _packed(payload, time_s, site, left_out)
        elif kind != "tick":
            left_out[f"{kind} in the journal"] += 1
    reader.close()
    return timed, left_out


def _of_csv(path: Path, site: Site | None) -> tuple[list[tuple[float, bytes]], Counter[str]]:
    if site is None:
        raise InputError("--site", "the site's TOML file: CSV names radars, and the wire wants their sources")
    left_out: Counter[str] = Counter()
    timed: list[tuple[float, bytes]] = []
    for arrival in read_recording(path, site):
        if arrival.kind == "csv":
            timed += _packed(arrival.payload, arrival.time_s, site, left_out)
    return timed, left_out


def _packed(rows: bytes, time_s: float, site: Site, left_out: Counter[str]) -> Iterator[tuple[float, bytes]]:
    """Yield rows of CSV as CAT015, a datagram for each radar; count what was refused of them."""
    scan = scan_of("csv", rows, time_s, site)
    for reject in scan.rejects:
        left_out[f"{reject.reason} ({reject.source})" if reject.source else reject.reason] += reject.count
    for radar in np.unique(scan.plots.radar).tolist():
        own = scan.plots.take(scan.plots.radar == radar)
        yield time_s, encode_look(RadarLook(radar, time_s, own, np.full(len(own), -1)), site)


def _of_blocks(
    content: bytes, site: Site | None, path: Path
) -> tuple[list[tuple[float, bytes]], Counter[str]]:
    """Return the blocks of a file, and the damage between them, at their own times of day."""
    blocks = split_blocks(content)
    if not any(map(begins_with_block, blocks)):
        wanted = (
            "ASTERIX blocks, a pcap or pcapng capture, CSV of plots, or a journal; not one block was found"
        )
        raise RecordingError(str(path), wanted)
    decoder = decoder_of(site or nowhere())
    of_day_s = np.array([decoder.time_of_day_s(block) for block in blocks])
    return list(zip(times_on_date(of_day_s, 0.0).tolist(), blocks, strict=True)), Counter()


def nowhere() -> Site:
    """Return a site without radars or zones: enough to read times of day by."""
    frame, air = frame_at(0.0, 0.0, 0.0), standard_air()
    return Site(
        id="nowhere",
        name="Nowhere",
        timezone="UTC",
        frame=frame,
        world=world_at(frame, air),
        air=air,
        wind_sigma_mps=0.0,
        terrain=flat_terrain(0.0),
        radars=(),
        zones=(),
    )


def _fitting(
    timed: Iterable[tuple[float, bytes]], left_out: Counter[str]
) -> tuple[list[tuple[float, bytes]], Counter[str]]:
    """Return what fits into datagrams, larger payloads block by block; count what does not fit."""
    sent = []
    for time_s, payload in timed:
        pieces = [payload] if len(payload) <= MOST_OCTETS else split_blocks(payload)
        for piece in pieces:
            if 0 < len(piece) <= MOST_OCTETS:
                sent.append((time_s, piece))
            else:
                left_out["longer than a datagram" if piece else "empty datagram"] += 1
    return sent, left_out


class Sender:
    """Sends datagrams to one address; `refused` counts those that came back because nobody listens there."""

    def __init__(self, target: Feed, interface: str = ""):
        """Open the socket; raises InputError where the address or interface cannot be used."""
        self._socket = socket.socket(target.family, socket.SOCK_DGRAM)
        self.refused = 0
        try:
            if target.is_multicast:
                self._aim(target, interface)
            elif interface:
                raise InputError("--interface", "a multicast group as target", interface)
            self._socket.connect((target.host, target.port))
        except OSError as error:
            self._socket.close()
            wanted = f"an address that can be sent to ({error.strerror or error})"
            raise InputError("--to", wanted, target.url) from error

    def _aim(self, target: Feed, interface: str) -> None:
        index, address = interface_of(interface)
        if target.family == socket.AF_INET6:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, REACH)
            return
        if interface:
            request = struct.pack("@4s4si", b"", socket.inet_aton(address), index)
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request)
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, REACH)

    def send(self, payload: bytes) -> None:
        """Send one datagram; raises InputError where the network refuses it."""
        try:
            self._socket.send(payload)
        except ConnectionRefusedError:
            # said of an earlier datagram: this one has not gone yet
            self.refused += 1
            self._again(payload)
        except OSError as error:
            raise InputError("--to", f"a network that takes datagrams ({error.strerror or error})") from error

    def _again(self, payload: bytes) -> None:
        try:
            self._socket.send(payload)
        except ConnectionRefusedError:
            self.refused += 1

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def paced(play: Play, speed: float) -> Iterator[tuple[float, bytes]]:
    """Yield (time_s, payload) when each is due, `speed` times as fast as recorded; at once where it is infinite.

    A payload whose time lies before that of an earlier one is due at once.
    """
    begin_s, first_s = time.monotonic(), play.time_s[0]
    for time_s, payload in zip(play.time_s, play.payloads, strict=True):
        wait_s = begin_s + (time_s - first_s) / speed - time.monotonic()
        if wait_s > 0.0:
            time.sleep(wait_s)
        yield time_s, payload
