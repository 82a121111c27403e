"""Each decision reaches every channel; none waits for another, nothing old is sent as new, nothing in a wrong mode."""

import time
from dataclasses import replace

import pytest

from rampart.domain.event import HealthEvent
from rampart.errors import ChannelError
from rampart.serve.channels.exchange import ALIVE_S, Exchange
from tests.serve.alerts import site_in
from tests.serve.channels.channel import ListChannel, event_now, quick_keys, wait_for
from tests.warn.places import make_box


class Run:
    """An exchange with channels into lists."""

    def __init__(self, *channels, site=None, standing=(), **keys):
        self.notes: list[str] = []
        self.told: list[str] = []
        tables = [(channel, quick_keys(**keys)) for channel in channels]
        self.exchange = Exchange(tables, site or site_in(), True, self.notes.append, self.told.append)
        self.exchange.start(standing)

    def send(self, event) -> bool:
        notice = self.exchange.announce(event, time.time())
        if notice is not None:
            self.exchange.publish(notice, "0001-x.xml", b"<alert/>")
        return notice is not None


@pytest.fixture
def run():
    """Return what makes a run; it is stopped at the end."""
    runs = []

    def make(*channels, **options) -> Run:
        runs.append(Run(*channels, **options))
        return runs[-1]

    yield make
    for each in runs:
        each.exchange.stop(0.2)


def test_a_hanging_and_a_failing_channel_delay_no_other(run):
    hanging, failing, good = ListChannel("hanging"), ListChannel("failing"), ListChannel("good")
    hanging.hold.clear()
    failing.fault = ValueError("garbage")
    all_of = run(hanging, failing, good)
    begin_s = time.monotonic()
    for seq in range(1, 50):
        assert all_of.send(event_now(seq, alert=f"attack-{seq}"))
    assert time.monotonic() - begin_s < 1.0
    wait_for(lambda: len(good.delivered) == 49)
    assert time.monotonic() - begin_s < 2.0
    wait_for(lambda: any("channel failing lost: ValueError: garbage" in line for line in all_of.told))
    assert all_of.exchange.beat_now().health["channel failing"][0] == "lost"
    failing.fault = None
    wait_for(lambda: len(failing.delivered) == 49)
    assert sorted(n.event.seq for n in failing.delivered) == list(range(1, 50))
    wait_for(lambda: "health  channel failing ok" in all_of.told)
    assert any("attempt" in note and "delivered" in note for note in all_of.notes)
    hanging.hold.set()


def test_what_is_superseded_is_not_sent_late_as_if_new(run):
    slow = ListChannel()
    slow.hold.clear()
    all_of = run(slow)
    for seq, action in enumerate(("raise", "revise", "revise", "clear"), 1):
        all_of.send(event_now(seq, action))
        if action == "raise":
            wait_for(lambda: all_of.exchange.workers[0]._busy_since_s is not None)
    slow.fault = ChannelError("not now")
    slow.hold.set()
    wait_for(lambda: all_of.exchange.workers[0].superseded == 3)
    slow.fault = None
    wait_for(lambda: slow.delivered)
    assert slow.actions() == [("green zone", "clear")]


def test_old_news_and_hopeless_ones_are_given_up_counted_and_told(run):
    channel = ListChannel()
    all_of = run(channel, most_attempts=3)
    worker = all_of.exchange.workers[0]
    all_of.send(event_now(1, in_s=-200.0))
    wait_for(lambda: worker.expired == 1)
    channel.fault = ChannelError("no such place", for_good=True)
    all_of.send(event_now(2))
    wait_for(lambda: worker.failed == 1)
    channel.fault = ChannelError("not now")
    all_of.send(event_now(3))
    wait_for(lambda: worker.failed == 2)
    assert not channel.delivered
    assert sum("NOT DELIVERED" in line for line in all_of.told) == 2
    channel.fault = None
    assert "2 given up" in all_of.exchange.stop(0.5)[0]


def test_one_that_is_always_refused_holds_up_no_other(run):
    channel = ListChannel()
    deliver = channel.deliver

    def picky(notice):
        if notice.event.alert == "poison":
            raise ChannelError("400")
        return deliver(notice)

    channel.deliver = picky
    all_of = run(channel)
    all_of.send(event_now(1, alert="poison"))
    for seq in range(2, 6):
        all_of.send(event_now(seq, alert=f"attack-{seq}"))
    wait_for(lambda: len(channel.delivered) == 4)


def test_no_alert_reaches_a_channel_of_another_mode(run):
    live, test = ListChannel("live", "live"), ListChannel("test", "test")
    all_of = run(live, test)
    assert [worker.channel for worker in all_of.exchange.workers] == [test]
    assert not all_of.send(event_now(1, mode="live"))
    assert not all_of.send(event_now(1, mode="exercise"))
    assert all_of.exchange.refused == 2
    assert all_of.send(event_now(2))
    wait_for(lambda: test.delivered)
    # and at the rim of the channel itself, whoever hands it over
    test.mode = "live"
    all_of.exchange.workers[0].hand_over(test.delivered[0])
    assert all_of.exchange.workers[0].refused == 1
    assert any("REFUSED" in line for line in all_of.told)
    assert not live.delivered
    assert not live.beats


def test_a_zone_without_an_area_sends_nothing_and_is_a_fault(run):
    channel = ListChannel()
    site = site_in()
    empty = replace(make_box("empty", 0, 0, 10), polygons=())
    all_of = run(channel, site=replace(site, zones=(*site.zones, empty)))
    assert not all_of.send(event_now(1, zone="nowhere"))
    assert not all_of.send(event_now(2, zone="empty"))
    assert sum("FAULT" in line for line in all_of.told) == 2
    assert not channel.delivered


def test_beats_carry_the_state_of_every_zone_and_whether_the_engine_lives(run):
    channel = ListChannel()
    all_of = run(channel, standing=[event_now(1)])
    wait_for(lambda: channel.beats)
    beat = channel.beats[0]
    assert [(name, state.state) for name, state in beat.states.items()] == [
        ("green zone", "warning"), ("ring", "calm"),
    ]  # fmt: skip
    assert beat.alive
    assert [state.zone.id for state in beat.standing] == ["green zone"]
    all_of.send(event_now(2, "raise", alert="a second attack", in_s=5.0))
    all_of.send(event_now(3, "clear"))
    state = all_of.exchange.beat_now().states["green zone"]
    assert (state.state, round(state.impact_s - time.time())) == ("warning", 5)
    all_of.send(event_now(4, "cancel", alert="a second attack"))
    assert all_of.exchange.beat_now().states["green zone"].state == "cancelled"
    all_of.exchange.health(HealthEvent(1, "t", "karkh", "lost", "silent"))
    all_of.exchange._alive_s -= ALIVE_S
    beat = all_of.exchange.beat_now()
    assert not beat.alive
    assert beat.health["karkh"] == ("lost", "silent")
    all_of.exchange.alive()
    all_of.exchange.set_zones((make_box("new", 0, 0, 10),))
    assert list(all_of.exchange.beat_now().states) == ["new"]


def test_too_many_waiting_keep_what_still_warns(run, monkeypatch):
    monkeypatch.setattr("rampart.serve.channels.worker.MOST_WAITING", 3)
    slow = ListChannel()
    slow.hold.clear()
    all_of = run(slow)
    all_of.send(event_now(1, alert="a"))
    worker = all_of.exchange.workers[0]
    wait_for(lambda: worker._busy_since_s is not None)
    for seq, action in enumerate(("raise", "clear", "raise", "raise"), 2):
        all_of.send(event_now(seq, action, alert=f"b{seq}"))
    assert [waiting.notice.event.action for waiting in worker._waiting.values()] == ["raise"] * 3
    assert worker.failed == 1
    worker._busy_since_s -= 100.0
    all_of.exchange.watch()
    assert any("has hung" in line for line in all_of.told)
    slow.hold.set()
    wait_for(lambda: len(slow.delivered) == 4)


def test_zones_that_changed_since_the_run_before_are_a_fault_that_every_channel_shows(run):
    channel, before = ListChannel(), site_in().zones
    all_of = run(channel, site=replace(site_in(), zones=(before[0], make_box("ring", 50, 0, 900))))
    all_of.exchange.zones_were(before)
    wait_for(lambda: any("zones" in beat.health for beat in channel.beats))
    assert channel.beats[-1].health["zones"] == ("degraded", "since the run before: changed: ring")
    assert all_of.told == ["ZONES HAVE CHANGED since the run before: changed: ring"]
    assert all_of.notes == all_of.told
    for same in (before, before[:1], ()):
        quiet = run(ListChannel())
        quiet.exchange.zones_were(same)
        assert "zones" not in quiet.exchange.beat_now().health


def test_a_raise_that_a_kill_kept_back_until_it_was_over_sounds_no_siren(run):
    class Siren(ListChannel):
        sounded = 0

        def at_once(self, notice):
            self.sounded += 1

    siren = Siren()
    all_of = run(siren)
    all_of.send(event_now(1, in_s=-600.0, alert="old"))
    wait_for(lambda: all_of.exchange.workers[0].expired == 1)
    assert (siren.sounded, siren.delivered) == (0, [])
    all_of.send(event_now(2, alert="new"))
    assert siren.sounded == 1
    at_impact = run(siren, site=site_in_a_hurry())
    at_impact.send(event_now(3, in_s=0.0, alert="now"))
    assert siren.sounded == 2, "a raise at the very moment of its impact, nothing held after it"


def site_in_a_hurry():
    site = site_in()
    return replace(site, warning=replace(site.warning, clear_after_s=0.0))
