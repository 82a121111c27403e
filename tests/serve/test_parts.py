"""After a crash the run goes on where it was; what cannot be gone on with is put aside, and nothing is lost."""

import json

import msgspec
import pytest

from rampart.config import read_site
from rampart.domain.event import HealthEvent
from rampart.domain.wire import event_line, event_of
from rampart.engine import Engine
from rampart.errors import JournalError, OutputError
from rampart.feed import Entry, input_of
from rampart.files import InputFiles
from rampart.record.journal import JournalHeader, read_journal
from rampart.serve.cap import AlertFiles
from rampart.serve.keys import own_key
from rampart.serve.parts import CONTINUE_WITHIN_S, LiveFolder, recover
from rampart.station import zones_before
from tests.serve.alerts import make_event, site_in
from tests.sites import make_site
from tests.test_config import SITE

HEADER = JournalHeader(mode="test", version="1", files={"site.toml": b"as it was"})
NOW_S = 1605632700.0


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))


@pytest.fixture
def folder(tmp_path):
    return LiveFolder(tmp_path / "run")


def killed(folder: LiveFolder, engine: Engine, seconds: int = 20) -> bytes:
    """Write a part of some seconds of silence as a killed run leaves it; return its event lines."""
    journal = folder.begin(HEADER)
    journal.note(NOW_S, "began")
    written = b""
    for i in range(4 * seconds):
        entry = Entry("tick", NOW_S + 0.25 * i)
        lines = [event_line(event) for event in engine.step(input_of(entry, engine.site))]
        journal.append(entry.kind, entry.time_s, entry.payload, lines)
        written += b"".join(line + b"\n" for line in lines)
    journal.commit()
    return written


def test_a_folder_is_one_servers_and_rampart_s_alone(tmp_path, folder):
    with pytest.raises(OutputError, match="no other server"):
        LiveFolder(tmp_path / "run")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep")
    with pytest.raises(OutputError, match="live run's"):
        LiveFolder(tmp_path / "mine")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="a file"):
        LiveFolder(tmp_path / "file")
    assert folder.part_to_continue(HEADER, NOW_S) is None


def test_a_killed_part_is_gone_on_with_as_if_nothing_had_been(folder, tmp_path):
    site = make_site()
    written = killed(folder, Engine(site))
    (tmp_path / "run" / "events.jsonl").write_bytes(written[:100] + b"torn")
    engine = Engine(site)
    files = AlertFiles(tmp_path / "run" / "alerts", site, own_key("test"))
    reader = folder.part_to_continue(HEADER, NOW_S + 30.0)
    back = recover(reader, engine, files, lambda n: None)
    assert (back.inputs, back.differing, back.unsent) == (80, 0, ())
    assert engine.time_s == NOW_S + 19.75
    journal = folder.resume()
    assert (tmp_path / "run" / "events.jsonl").read_bytes() == written
    journal.append("tick", NOW_S + 20.0, b"", [])
    journal.close()
    again = read_journal(folder.journal)
    assert again.verify_chain() == 82
    # what one engine sees through a crash is what it would have seen without
    states = [e.state for e in map(event_of, again.lines()) if isinstance(e, HealthEvent)]
    assert states == ["degraded", "lost"]


def test_a_kill_between_two_alarms_of_one_input_loses_neither(folder, tmp_path):
    site = make_site()
    engine, lines, i = Engine(site), [], 0
    journal = folder.begin(HEADER)
    journal.note(NOW_S, "began")
    while not lines:
        entry = Entry("tick", NOW_S + 0.25 * i)
        lines = [event_line(event) for event in engine.step(input_of(entry, site))]
        journal.append(
            entry.kind, entry.time_s, entry.payload, []
        )  # as if killed before its events were written
        i += 1
    journal.commit()
    reader = folder.part_to_continue(HEADER, NOW_S + 30.0)
    files = AlertFiles(tmp_path / "run" / "alerts", site, own_key("test"))
    back = recover(reader, Engine(site), files, lambda n: None)
    assert (back.differing, back.missing) == (0, tuple(lines))
    folder.resume(back.missing).close()
    again = read_journal(folder.journal)
    assert again.verify_chain() == i + 2
    records = list(again.records())
    assert (len(records), records[-1].lines) == (i, tuple(lines))
    assert [kind for kind, _, _ in again] == ["tick"] * i
    assert (tmp_path / "run" / "events.jsonl").read_bytes() == b"".join(line + b"\n" for line in lines)


@pytest.mark.parametrize(
    ("header", "later_s"),
    [
        (HEADER, CONTINUE_WITHIN_S + 60.0),
        (JournalHeader(mode="test", version="1", files={"site.toml": b"as it is now"}), 5.0),
        (JournalHeader(mode="exercise", version="1", files=HEADER.files), 5.0),
        (JournalHeader(mode="test", version="2", files=HEADER.files), 5.0),
    ],
)
def test_a_part_of_another_kind_or_long_ago_is_put_aside(folder, tmp_path, header, later_s):
    written = killed(folder, Engine(make_site()))
    (tmp_path / "run" / "events.jsonl").write_bytes(written)
    assert folder.part_to_continue(header, NOW_S + later_s) is None
    assert folder.part_to_continue(header, NOW_S + later_s) is None
    aside = tmp_path / "run" / "parts" / "0001"
    assert (aside / "events.jsonl").read_bytes() == written
    assert read_journal(aside / "journal").header == HEADER
    folder.begin(header).close()
    assert read_journal(folder.journal).header == header


def test_a_torn_journal_waits_for_a_person(folder):
    folder.journal.mkdir()
    (folder.journal / "journal.sqlite").write_bytes(b"no database")
    with pytest.raises(JournalError):
        folder.part_to_continue(HEADER, NOW_S)


def test_alerts_that_were_not_sent_are_told_apart_from_those_that_were(folder, tmp_path):
    site = site_in()
    events = [make_event(1), make_event(3, "revise"), make_event(5, "revise"), make_event(9, "clear")]
    journal = folder.begin(HEADER)
    for i, event in enumerate(events):
        journal.append("tick", NOW_S + i, b"", [event_line(event)], flush=True)
    files = AlertFiles(tmp_path / "run" / "alerts", site, own_key("test"))
    for event in events[:3]:
        files.write(event)
    fresh = AlertFiles(tmp_path / "run" / "alerts", site, own_key("test"))
    back = recover(read_journal(folder.journal), Engine(site), fresh, lambda n: None)
    assert back.unsent == (events[3],)
    assert back.differing == 4
    # the clear that is sent now refers to all that went before it
    assert fresh.write(events[3]).read_text().count("here-20201117T170503Z-green%20zone") >= 4


def test_a_quarantine_is_kept_under_a_number(folder, tmp_path):
    for content in ("one\n", "two\n"):
        folder.put_quarantine_aside()
        (tmp_path / "run" / "quarantine.jsonl").write_text(content)
    assert (tmp_path / "run" / "quarantine-0001.jsonl").read_text() == "one\n"
    assert (tmp_path / "run" / "quarantine.jsonl").read_text() == "two\n"


def test_the_zones_of_the_part_before_are_known_where_they_were_others(folder, tmp_path):
    def files_with(*zones) -> dict[str, bytes]:
        place = tmp_path / f"site{len(zones)}"
        place.mkdir(exist_ok=True)
        (place / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"id": name}, "geometry": {"type": "Polygon", "coordinates": [
                [[44.4, 33.3], [44.5, 33.3], [44.5, 33.4], [44.4, 33.3]]]}} for name in zones]}))  # fmt: skip
        (place / "site.toml").write_text(SITE)
        files = InputFiles()
        assert [zone.id for zone in read_site(place / "site.toml", files).zones] == list(zones)
        return dict(files.contents)

    header = msgspec.structs.replace(HEADER, files=files_with("aim", "ring"))
    assert zones_before(folder.files_before(), header.files) == ()
    folder.begin(header).close()
    assert zones_before(folder.files_before(), header.files) == (), "the same zones"
    other = msgspec.structs.replace(HEADER, files=files_with("aim"))
    assert [zone.id for zone in zones_before(folder.files_before(), other.files)] == ["aim", "ring"]
    assert folder.part_to_continue(other, NOW_S) is None
    assert [zone.id for zone in zones_before(folder.files_before(), other.files)] == ["aim", "ring"], (
        "from the part put aside"
    )
    folder.begin(other).close()
    assert zones_before(folder.files_before(), other.files) == ()
    (folder.journal / "journal.sqlite").write_bytes(b"torn")
    assert zones_before(folder.files_before(), header.files) == (), "what cannot be read is told of elsewhere"


def test_warnings_that_stood_in_a_part_that_cannot_be_gone_on_with_are_known(folder):
    journal = folder.begin(HEADER)
    journal.note(NOW_S, "began")
    said = [("a", "raise"), ("b", "raise"), ("a", "clear"), ("c", "raise"), ("c", "cancel"), ("b", "revise")]
    for i, (alert, action) in enumerate(said):
        line = event_line(make_event(i, action, alert=alert))
        journal.append("tick", NOW_S + i, b"", [line], flush=True)
    journal.close()
    other = msgspec.structs.replace(HEADER, version="2")
    assert folder.part_to_continue(HEADER, NOW_S + 9.0) is not None
    assert folder.left_standing == []
    assert folder.part_to_continue(other, NOW_S + 9.0) is None
    assert folder.left_standing == ["b"]
