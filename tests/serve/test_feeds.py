"""Feeds are named, opened and read: unicast, multicast on loopback, stamped, bounded, counted."""

import socket
import time

import pytest

from rampart.errors import InputError
from rampart.serve.feeds import DATAGRAM_OCTETS, Box, Datagram, Feed, Receiver, feed_of
from rampart.serve.send import Sender


def free_port() -> int:
    """Return a UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def taken_from(box: Box, count: int, within_s: float = 5.0) -> list[Datagram]:
    """Return so many datagrams of a box, or what came within the time."""
    taken: list[Datagram] = []
    deadline_s = time.monotonic() + within_s
    while len(taken) < count and time.monotonic() < deadline_s:
        taken += box.take(0.1)
    return taken


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        ("udp://239.192.0.1:8600", Feed("239.192.0.1", 8600)),
        ("udp://0.0.0.0:8600", Feed("0.0.0.0", 8600)),
        ("udp://:8600", Feed("", 8600)),
        ("udp://localhost:8600/", Feed("127.0.0.1", 8600)),
        ("udp://[ff15::1]:8600", Feed("ff15::1", 8600)),
    ],
)
def test_a_feed_is_named_by_a_url(url, feed):
    assert feed_of(url) == feed
    assert feed_of(feed.url) == feed


@pytest.mark.parametrize(
    "url", ["", "239.192.0.1:8600", "tcp://1.2.3.4:5", "udp://1.2.3.4", "udp://1.2.3.4:0", "udp://1.2.3.4:70000",
            "udp://no such host:5", "udp://[zz]:5"],
)  # fmt: skip
def test_a_wrong_url_is_told_in_one_line(url):
    with pytest.raises(InputError) as caught:
        feed_of(url, (), "site.toml: feed[0].listen")
    assert str(caught.value).startswith("site.toml: feed[0].listen: ")


def test_an_interface_goes_with_a_group_only():
    assert feed_of("udp://239.1.2.3:5", ("lo", "127.0.0.1")).is_multicast
    with pytest.raises(InputError, match="multicast group only"):
        feed_of("udp://127.0.0.1:5", ("lo",))


def test_two_feeds_at_once_unicast_and_multicast_in_order_of_arrival():
    unicast = Feed("127.0.0.1", free_port())
    group = Feed("239.192.17.1", free_port(), ("lo",))
    box = Box()
    receiver = Receiver((unicast, group), box, time.time)
    receiver.start()
    before_s = time.time()
    one, two = Sender(unicast), Sender(Feed(group.host, group.port), "lo")
    for i in range(20):
        (one if i % 2 else two).send(bytes((i,)))
    taken = taken_from(box, 20)
    assert receiver.buffer_octets(0) > 100_000
    receiver.stop()
    assert sorted(datagram.payload[0] for datagram in taken) == list(range(20))
    for feed, senders in ((0, range(1, 20, 2)), (1, range(0, 20, 2))):
        assert [d.payload[0] for d in taken if d.feed == feed] == list(senders)
    assert all(before_s - 0.1 <= datagram.time_s <= time.time() for datagram in taken)


def test_a_group_is_heard_on_an_interface_given_by_its_address():
    group = Feed("239.192.17.2", free_port(), ("127.0.0.1",))
    box = Box()
    receiver = Receiver((group,), box, time.time)
    receiver.start()
    Sender(Feed(group.host, group.port), "127.0.0.1").send(b"here")
    assert [datagram.payload for datagram in taken_from(box, 1)] == [b"here"]
    receiver.stop()


@pytest.mark.parametrize(
    "feed",
    [
        Feed("192.0.2.77", 8600),
        Feed("239.192.0.1", 8600, ("no-such-card",)),
        Feed("239.192.0.1", 8600, ("192.0.2.1",)),
    ],
)
def test_a_feed_that_cannot_be_opened_is_told_in_one_line(feed):
    with pytest.raises(InputError) as caught:
        Receiver((feed,), Box(), time.time)
    assert feed.host in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_the_kernel_drops_is_counted():
    feed = Feed("127.0.0.1", free_port())
    box = Box()
    receiver = Receiver((feed,), box, time.time)
    sender = Sender(feed)
    # not read yet: the kernel's buffer runs over
    octets = receiver.buffer_octets(0)
    sent = 0
    while sent * 9000 < 4 * octets:
        sender.send(bytes(9000))
        sent += 1
    receiver.start()
    taken = len(taken_from(box, sent, within_s=1.0))
    # the count comes with the next datagram
    sender.send(b"last")
    taken += len(taken_from(box, 1))
    receiver.stop()
    assert 0 < taken < sent
    assert receiver.dropped[0] == sent + 1 - taken


def test_the_box_is_bounded_and_the_oldest_gives_way():
    each = 100 + DATAGRAM_OCTETS
    box = Box(most_octets=10 * each)
    box.put([Datagram(float(i), 0, bytes(100)) for i in range(25)])
    assert (box.octets, box.lost) == (10 * each, 15)
    assert [datagram.time_s for datagram in box.take(0.0)] == [float(i) for i in range(15, 25)]
    assert (box.octets, box.take(0.0)) == (0, [])
