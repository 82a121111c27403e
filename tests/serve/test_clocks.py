"""The feeds' own time: found from the plots, on the date given, never back, and not led astray by one of them."""

import time

import pytest

from rampart.sense.asterix import decoder_of
from rampart.sense.verdicts import DAY_S
from rampart.serve.clocks import IDLE_S, FeedClock, WallClock
from tests.sites import make_site

MIDNIGHT_S = 1605571200.0


def whole(of_day_s: float) -> bytes:
    """Return a block with a north marker of the site's radar at a time of day."""
    return bytes((34, 0, 10, 0xE0, 25, 1, 1)) + round(of_day_s * 128.0).to_bytes(3, "big")


@pytest.fixture
def decoder():
    return decoder_of(make_site())


def test_the_first_datagram_lies_on_the_date_given_and_the_others_near_it(decoder):
    clock = FeedClock(decoder, MIDNIGHT_S)
    assert clock.now_s() is None
    assert clock.arrived_s(time.time(), whole(86399.5)) == MIDNIGHT_S + 86399.5
    assert clock.arrived_s(time.time(), whole(0.25)) == MIDNIGHT_S + DAY_S + 0.25
    assert clock.arrived_s(time.time(), whole(86399.75)) == MIDNIGHT_S + 86399.75
    assert clock.now_s() == MIDNIGHT_S + DAY_S + 0.25


def test_without_a_date_it_is_the_nearest_such_time(decoder):
    received_s = MIDNIGHT_S + 100.0
    assert FeedClock(decoder).arrived_s(received_s, whole(86390.0)) == MIDNIGHT_S - 10.0


def test_a_datagram_without_a_time_comes_at_the_newest(decoder):
    clock = FeedClock(decoder, MIDNIGHT_S)
    assert clock.arrived_s(77.0, b"noise") == 77.0
    clock.arrived_s(77.0, whole(500.0))
    assert clock.arrived_s(78.0, b"noise") == MIDNIGHT_S + 500.0


def test_one_false_time_moves_nothing_and_two_that_agree_do(decoder):
    clock = FeedClock(decoder, MIDNIGHT_S)
    clock.arrived_s(0.0, whole(500.0))
    assert clock.arrived_s(0.0, whole(9000.0)) == MIDNIGHT_S + 500.0
    assert clock.arrived_s(0.0, whole(501.0)) == MIDNIGHT_S + 501.0
    assert clock.arrived_s(0.0, whole(3000.0)) == MIDNIGHT_S + 501.0
    assert clock.arrived_s(0.0, whole(3000.5)) == MIDNIGHT_S + 3000.5


def test_time_never_goes_back(decoder):
    clock = FeedClock(decoder, MIDNIGHT_S)
    clock.arrived_s(0.0, whole(500.0))
    for _ in range(3):
        clock.arrived_s(0.0, whole(100.0))
    assert clock.now_s() >= MIDNIGHT_S + 500.0


def test_in_silence_it_goes_on_with_this_machine(decoder, monkeypatch):
    clock = FeedClock(decoder, MIDNIGHT_S)
    clock.arrived_s(0.0, whole(500.0))
    now_s = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now_s + IDLE_S + 7.0)
    assert clock.now_s() == pytest.approx(MIDNIGHT_S + 507.0, abs=1.0)


def test_an_interrupted_run_goes_on_from_its_newest_time(decoder):
    clock = FeedClock(decoder, None, MIDNIGHT_S + 500.0)
    assert clock.arrived_s(0.0, whole(501.0)) == MIDNIGHT_S + 501.0


def test_the_wall_clock_takes_the_time_of_receipt():
    clock = WallClock()
    assert clock.arrived_s(123.0, b"") == 123.0
    assert clock.now_s() == pytest.approx(time.time(), abs=1.0)
