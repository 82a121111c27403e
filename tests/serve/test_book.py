"""A stuck disk holds no alarm; what it refused is written when it answers again, and a reader is told."""

import sqlite3
import time

import pytest

from rampart.domain.wire import event_line
from rampart.feed import Entry
from rampart.record.journal import Journal, JournalHeader, read_journal
from rampart.serve.book import SLOW_COMMIT_S, Alarm, Book
from rampart.serve.cap import AlertFiles
from rampart.serve.herald import Herald
from rampart.serve.keys import own_key
from tests.serve.alerts import make_event, site_in


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a book, a herald and what they tell."""
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))
    told: list[str] = []
    journal = Journal.create(tmp_path / "journal", JournalHeader(mode="test", version="1"))
    book = Book(
        journal, tmp_path / "events.jsonl", site_in(), lambda state, reason: told.append(f"{state}: {reason}")
    )
    herald = Herald(AlertFiles(tmp_path / "alerts", site_in(), own_key("test")), book, told.append)
    book.start()
    herald.start()
    return book, herald, told


def hand_over(book, herald, event, time_s: float) -> Alarm:
    alarm = Alarm(event, time.time())
    book.add(Entry("tick", time_s), [event_line(event)], [alarm])
    herald.send([alarm])
    return alarm


def test_an_alarm_is_in_the_book_before_it_leaves(run, tmp_path):
    book, herald, told = run
    for i in range(300):
        book.add(Entry("asterix", float(i), b"plots"), [], [])
    alarm = hand_over(book, herald, make_event(), 300.0)
    herald.stop()
    assert alarm.booked.is_set()
    assert len(list((tmp_path / "alerts").glob("*.xml"))) == 1
    assert book.stop()
    reader = read_journal(tmp_path / "journal")
    # a note of the delay joins them
    assert reader.verify_chain() == 302
    assert reader.closed()
    assert (tmp_path / "events.jsonl").read_bytes() == b"".join(line + b"\n" for line in reader.lines())
    assert herald.scribe.delays_s[0] < 2.0
    assert [line for line in told if "RAISE" in line] == told


def test_a_stuck_disk_holds_no_alarm_and_loses_nothing(run, tmp_path):
    book, herald, told = run
    stuck = sqlite3.connect(tmp_path / "journal" / "journal.sqlite", isolation_level=None)
    stuck.execute("BEGIN IMMEDIATE")
    begin_s = time.monotonic()
    hand_over(book, herald, make_event(), 1.0)
    while not list((tmp_path / "alerts").glob("*.xml")):
        assert time.monotonic() < begin_s + 5.0
        time.sleep(0.002)
    waited_s = time.monotonic() - begin_s
    assert waited_s >= SLOW_COMMIT_S
    assert any(line.startswith("degraded: a commit takes over") for line in told)
    for i in range(2, 50):
        book.add(Entry("asterix", float(i), b"plots"), [], [])
    stuck.execute("ROLLBACK")
    stuck.close()
    deadline_s = time.monotonic() + 10.0
    while book.degraded and time.monotonic() < deadline_s:
        book.note(60.0, "alive")
        time.sleep(0.05)
    assert told[-1] == "ok: written again"
    herald.stop()
    assert book.stop()
    reader = read_journal(tmp_path / "journal")
    reader.verify_chain()
    assert [time_s for _, time_s, _ in reader] == [float(i) for i in range(1, 50)]


def test_an_alert_that_cannot_be_written_is_told(run, tmp_path):
    book, herald, told = run
    hand_over(book, herald, make_event(zone="no such zone"), 1.0)
    herald.stop()
    assert book.stop()
    assert herald.scribe.failed == 1
    assert any("NOT WRITTEN" in line for line in told)
    assert any("not written" in text for _, text in read_journal(tmp_path / "journal").notes())


def test_what_a_disk_cannot_take_for_ever_is_bounded_and_counted(run, monkeypatch):
    book, herald, _ = run
    monkeypatch.setattr("rampart.serve.book.MOST_WAITING_OCTETS", 10_000)
    with book._changed:
        for i in range(200):
            book.add(Entry("asterix", float(i), bytes(100)), [], [])
    assert 100 < book.unwritten < 200
    herald.stop()
    assert not book.stop()


def test_whatever_an_alarm_meets_the_next_one_goes(run, tmp_path, monkeypatch):
    book, herald, told = run
    monkeypatch.setattr("rampart.serve.cap._write_whole", lambda path, content: 1 / 0)
    hand_over(book, herald, make_event(1), 1.0)
    while not herald.scribe.failed:
        time.sleep(0.005)
    monkeypatch.undo()
    hand_over(book, herald, make_event(3), 2.0)
    herald.stop()
    assert book.stop()
    assert any("NOT WRITTEN: division by zero" in line for line in told)
    assert len(list((tmp_path / "alerts").glob("*.xml"))) == 1


def test_a_note_of_whatever_signs_is_written(run, tmp_path):
    book, herald, _ = run
    book.note(1.0, "a file \udcff.json")
    herald.stop()
    assert book.stop()
    assert [text for _, text in read_journal(tmp_path / "journal").notes()] == ["a file \\udcff.json"]
