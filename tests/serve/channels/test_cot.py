"""A TAK server hands each warning on to the others; its form is right, its place the zone's, and at the end it goes."""

import contextlib
import socket
import ssl
import time
from pathlib import Path

import pytest
from lxml import etree

from rampart.channelkeys import CotKeys
from rampart.errors import ChannelError, ConfigError
from rampart.serve.channels.cot import CotChannel
from rampart.serve.channels.cot_event import ALARM, events_of, ping
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.making import Place, channels_of
from tests.serve.alerts import site_in
from tests.serve.channels.channel import QUICK, ListChannel, event_now, quick_keys, wait_for
from tests.serve.channels.peers import TakServer, needs_taky, write_certificate
from tests.serve.test_feeds import free_port

COT = Path(__file__).parents[4] / "shared/data/cot"
needs_schemas = pytest.mark.skipif(not COT.exists(), reason=f"{COT} is not here")


def notice_of(event, mode: str = "test"):
    return Exchange([], site_in(mode), True, print, print)._notice(event, time.time())


def all_events():
    """Return the events of each kind of decision, of a plain zone and of one with a hole."""
    notices = [notice_of(event_now(1, action)) for action in ("raise", "revise", "clear", "cancel")]
    notices += [notice_of(event_now(5, zone="ring")), notice_of(event_now(6, mode="exercise"), "exercise")]
    return [etree.fromstring(octets) for notice in notices for octets in events_of(notice, time.time())]


@needs_schemas
def test_events_keep_to_the_schemas_and_the_list_of_types():
    schemas = {
        name: etree.XMLSchema(etree.parse(str(COT / "xsd" / file)))
        for name, file in {
            "event": "CoT Base-Event Schema  (PUBLIC RELEASE).xsd",
            "shape": "CoT Shape Schema  (PUBLIC RELEASE).xsd",
            "contact": "CoT Contact Schema (PUBLIC RELEASE).xsd",
            "remarks": "CoT Remarks Schema  (PUBLIC RELEASE).xsd",
        }.items()
    }
    known = {entry.get("cot") for entry in etree.parse(str(COT / "CoTtypes.xml")).iter("cot")}
    assert ALARM in known
    for event in [*all_events(), etree.fromstring(ping("x", time.time()))]:
        schemas["event"].assertValid(event)
        for part in event.find("detail"):
            if part.tag in schemas:
                schemas[part.tag].assertValid(part)


def test_uids_are_stable_times_right_and_no_place_is_outside_the_zones():
    raised, revised = (
        events_of(notice_of(event_now(1, action)), time.time()) for action in ("raise", "revise")
    )
    uids = [[etree.fromstring(octets).get("uid") for octets in octets_of] for octets_of in (raised, revised)]
    assert (
        uids[0] == uids[1] == ["here-20201117T170503Z-green zone", "here-20201117T170503Z-green zone.area.1"]
    )
    for event in all_events():
        assert event.get("time") <= event.get("start") < event.get("stale")
        point = event.find("point")
        assert abs(float(point.get("lat")) - 33.315) < 0.02
        assert abs(float(point.get("lon")) - 44.42) < 0.02
        for link in event.iter("link"):
            if link.get("point"):
                lat, lon = map(float, link.get("point").split(","))
                assert max(abs(lat - 33.315), abs(lon - 44.42)) < 0.02
        assert b"aunch" not in etree.tostring(event)
        assert event.get("opex") in ("s", "e")
        assert event.find("detail/contact") is None or event.find("detail/contact").get("callsign")[:4] in (
            "TEST",
            "EXER",
        )
    cancelled = events_of(notice_of(event_now(2, "cancel")), time.time())
    assert [etree.fromstring(octets).get("type") for octets in cancelled] == [
        "b-l-l",
        "u-d-f",
        "t-x-d-d",
        "t-x-d-d",
    ]


class Client:
    """A second client of a TAK server."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None):
        self.socket = socket.create_connection(("127.0.0.1", port), 2.0)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.socket.settimeout(0.02)
        self.heard = b""

    def hears(self, *words: bytes) -> bool:
        with contextlib.suppress(OSError):
            self.heard += self.socket.recv(65536)
        return all(word in self.heard for word in words)

    def close(self) -> None:
        self.socket.close()


def running(to: str, tmp_path, *others, **changes):
    site = site_in()
    told: list[str] = []
    keys = CotKeys(mode="test", to=to, **(QUICK | {"timeout_s": 1.0} | changes))
    exchange = Exchange(
        [*channels_of([keys], Place(site, tmp_path, tmp_path)), *others], site, True, told.append, told.append
    )
    exchange.start()
    return exchange, told


@needs_taky
@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_a_tak_server_hands_it_on_and_takes_it_away(tmp_path, scheme):
    certificate = write_certificate(tmp_path)
    server = TakServer(tmp_path, certificate if scheme == "tls" else None)
    context = ssl.create_default_context(cafile=str(certificate[0])) if scheme == "tls" else None
    client = Client(server.port, context)
    changes = {"ca_file": "peer.pem"} if scheme == "tls" else {}
    exchange, told = running(
        f"{scheme}://127.0.0.1:{server.port}", tmp_path, beat_s=0.3, repeat_s=0.2, **changes
    )
    exchange.announce(event_now(), time.time())
    wait_for(lambda: client.hears(b'type="b-l-l"', b"TEST ROCKETS Green Zone", b'type="u-d-f"'))
    # one that comes later hears of it too
    late = Client(server.port, context)
    wait_for(lambda: late.hears(b'uid="here-20201117T170503Z-green zone"'))
    exchange.announce(event_now(2, "cancel"), time.time())
    wait_for(lambda: client.hears(b"TEST CANCELLED", b"t-x-d-d"))
    assert not [line for line in told if "degraded" in line]
    server.kill()
    wait_for(lambda: any("channel cot-test degraded" in line for line in told))
    exchange.stop(0.5)
    client.close()
    late.close()


def test_a_server_that_hangs_delays_no_other_channel(tmp_path):
    hanging = socket.create_server(("127.0.0.1", 0))
    good = ListChannel("good")
    to = f"tcp://127.0.0.1:{hanging.getsockname()[1]}"
    exchange, told = running(to, tmp_path, (good, quick_keys()), timeout_s=0.2)
    exchange.announce(event_now(), time.time())
    wait_for(lambda: good.delivered, 1.0)
    wait_for(lambda: any("does not answer pings" in line for line in told))
    exchange.stop(0.3)
    hanging.close()


def test_events_reach_a_multicast_group(tmp_path):
    port = free_port()
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard.bind(("239.255.0.78", port))
    request = socket.inet_aton("239.255.0.78") + socket.inet_aton("127.0.0.1")
    heard.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
    heard.settimeout(2.0)
    keys = CotKeys(mode="test", to=f"udp://239.255.0.78:{port}", interface="127.0.0.1")
    channel = CotChannel(keys, "c", Place(site_in(), tmp_path, tmp_path))
    channel.deliver(notice_of(event_now()))
    assert etree.fromstring(heard.recv(65536)).get("type") == "b-l-l"
    channel.close()
    heard.close()


def test_wrong_tables_and_other_modes_are_refused(tmp_path):
    place = Place(site_in(), tmp_path, tmp_path)
    for to in ("http://h:1", "tcp://h", "tcp://:1", "tcp://h:99999"):
        with pytest.raises(ConfigError, match="tcp://HOST:PORT"):
            CotChannel(CotKeys(mode="live", to=to), "c", place)
    with pytest.raises(ConfigError, match="PEM"):
        CotChannel(CotKeys(mode="live", to="tls://h:1", ca_file="none"), "c", place)
    live = CotChannel(CotKeys(mode="live", to="tcp://127.0.0.1:9"), "c", place)
    with pytest.raises(ChannelError, match="for live"):
        live.deliver(notice_of(event_now()))
