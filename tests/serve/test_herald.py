"""Whatever waits to be signed, a new alarm is announced before it, and a raise is signed before what is less urgent."""

import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.record.journal import Journal, JournalHeader
from rampart.serve.book import Alarm, Book
from rampart.serve.cap import AlertFiles
from rampart.serve.channels.exchange import Exchange
from rampart.serve.herald import Herald, Scribe
from rampart.serve.keys import own_key
from tests.serve.alerts import make_event, site_in
from tests.serve.channels.channel import ListChannel, quick_keys, wait_for


class SlowFiles(AlertFiles):
    """Signed files on a disk that takes none while `hold` is not set."""

    hold = threading.Event()

    def write(self, event):
        assert self.hold.wait(10.0)
        return super().write(event)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Return a herald, its files and a channel that is told."""
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))
    book = Book(
        Journal.create(tmp_path / "journal", JournalHeader(mode="test", version="1")),
        tmp_path / "events.jsonl", site_in(), lambda state, reason: None,
    )  # fmt: skip
    channel = ListChannel()
    exchange = Exchange([(channel, quick_keys())], site_in(), False, lambda text: None, lambda line: None)
    files = SlowFiles(tmp_path / "alerts", site_in(), own_key("test"))
    files.hold.set()
    herald = Herald(files, book, lambda line: None, exchange)
    book.start()
    exchange.start()
    yield herald, files, channel
    files.hold.set()
    herald.stop()
    exchange.stop(0.5)
    assert book.stop()


def booked(event) -> Alarm:
    alarm = Alarm(event, time.time())
    alarm.booked.set()
    return alarm


def names_in(files) -> list[str]:
    return [path.stem.split("-", 1)[1] for path in sorted(files.folder.glob("*.xml"))]


def test_new_alarms_are_announced_while_the_disk_takes_no_file(desk):
    herald, files, channel = desk
    files.hold.clear()
    herald.start()
    for i, alert in enumerate("abc"):
        herald.send([booked(make_event(7 + i, alert=alert))])
        wait_for(lambda i=i: len(channel.delivered) == i + 1)
    assert herald.scribe.stuck_s() > 0.0
    files.hold.set()
    wait_for(lambda: len(names_in(files)) == 3)
    wait_for(lambda: herald.scribe.stuck_s() == 0.0)


def test_a_raise_is_signed_before_what_waits_and_is_less_urgent(desk):
    herald, files, channel = desk
    files.hold.clear()
    herald.start()
    herald.send([booked(make_event(0, alert="first"))])
    wait_for(lambda: herald.scribe.stuck_s() > 0.0)
    for seq, (alert, action) in enumerate(
        [("a", "revise"), ("b", "clear"), ("b", "raise"), ("c", "raise"), ("c", "revise"), ("d", "raise")]
    ):
        herald.send([booked(make_event(seq, action, alert=alert))])
    wait_for(lambda: len(channel.delivered) >= 5)
    files.hold.set()
    wait_for(lambda: len(names_in(files)) == 7)
    assert names_in(files)[1:] == ["c-raise", "d-raise", "a-revise", "b-clear", "b-raise", "c-revise"]
    wait_for(lambda: {notice.event.alert for notice in channel.delivered} >= set("abcd"))


def test_a_commit_that_is_late_holds_no_file_of_an_earlier_alarm(desk):
    herald, files, _ = desk
    late = Alarm(make_event(8, alert="b"), time.time())
    herald.send([booked(make_event(7, alert="a")), late])
    herald.start()
    wait_for(lambda: "a-raise" in names_in(files))
    late.booked.set()
    wait_for(lambda: "b-raise" in names_in(files))


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["raise", "revise", "clear", "cancel"]))))
def test_nothing_is_lost_and_each_alert_keeps_its_own_order(sequence):
    scribe = Scribe(None, None, lambda line: None, None)
    alarms = [booked(make_event(i % 60, action, alert=alert)) for i, (alert, action) in enumerate(sequence)]
    for alarm in alarms:
        scribe.sign(alarm, None)
    taken = [scribe._most_urgent()[0] for _ in alarms]
    for alert in "abc":
        own = [alarm for alarm in alarms if alarm.event.alert == alert]
        assert [alarm for alarm in taken if alarm.event.alert == alert] == own
    first_others = next((i for i, alarm in enumerate(taken) if alarm.event.action != "raise"), len(taken))
    began = {}
    for alert, action in sequence:
        began.setdefault(alert, action)
    heads = {alert for alert, action in began.items() if action == "raise"}
    assert heads <= {alarm.event.alert for alarm in taken[:first_others]}
