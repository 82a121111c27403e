"""What was committed survives anything; what was changed, torn or foreign is said in one line."""

import hashlib
import random
import sqlite3
import subprocess
import sys
import textwrap
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rampart.errors import JournalError
from rampart.record.journal import Journal, JournalHeader, read_journal
from rampart.record.schema import FILE_NAME

HEADER = JournalHeader(
    mode="test", version="0.1.0", simulated=True, seed=7, note="a note", facts={"title": "تجربة"},
    files={"site.toml": b"[site]\n", "terrain": bytes(range(256))},
)  # fmt: skip
INPUTS = [
    ("asterix", 1.5, b"\x30\x00\x03", [b'{"seq":1}', b'{"seq":2}']),
    ("tick", 1.75, b"", []),
    ("csv", 2.0, b"x", [b"{}"]),
]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "journal"


def written(folder, inputs=INPUTS, **options):
    journal = Journal.create(folder, HEADER, **options)
    for record in inputs:
        journal.append(*record)
    journal.close()
    return folder


def spoil(folder, statement, *values):
    with sqlite3.connect(folder / FILE_NAME) as connection:
        connection.execute(statement, values)
    connection.close()


def test_everything_comes_back_and_one_file_is_left(folder):
    reader = read_journal(written(folder))
    assert reader.header == HEADER
    assert list(reader) == [(kind, time_s, payload) for kind, time_s, payload, _ in INPUTS]
    assert [list(record.lines) for record in reader.records()] == [lines for *_, lines in INPUTS]
    assert list(reader.lines()) == [b'{"seq":1}', b'{"seq":2}', b"{}"]
    assert reader.verify_chain() == 3
    assert reader.closed()
    reader.close()
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    assert read_journal(folder / FILE_NAME).header == HEADER


def test_a_negative_zero_does_not_break_the_chain(tmp_path):
    folder = written(tmp_path / "j", [("tick", -0.0, b"", [])])
    assert read_journal(folder).verify_chain() == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["asterix", "csv", "tick", "command"]),
            st.floats(allow_nan=False),
            st.binary(max_size=50),
            st.lists(st.binary(max_size=30), max_size=4),
        ),
        max_size=12,
    ),
    st.integers(1, 5),
)
def test_any_records_come_back_in_order(tmp_path_factory, inputs, group):
    folder = written(tmp_path_factory.mktemp("j"), inputs, group_inputs=group)
    reader = read_journal(folder)
    assert [(r.kind, r.time_s, r.payload, list(r.lines)) for r in reader.records()] == inputs
    assert reader.verify_chain() == len(inputs)


def test_the_chain_is_the_one_that_is_documented(folder):
    written(folder, INPUTS[:1])
    row = sqlite3.connect(folder / FILE_NAME).execute("SELECT hash FROM inputs").fetchone()

    def sized(*parts):
        return b"".join(len(part).to_bytes(8, "little") + part for part in parts)

    contents = dict(sqlite3.connect(folder / FILE_NAME).execute("SELECT role, content FROM header"))
    files = [part for role in sorted(contents) for part in (role.encode(), contents[role])]
    start = sized(b"header", bytes(8), b"", *files)
    link = sized(b"asterix", b"\0\0\0\0\0\0\xf8\x3f", b"\x30\x00\x03", b'{"seq":1}', b'{"seq":2}')
    assert row[0] == hashlib.sha256(hashlib.sha256(start).digest() + link).digest()


def test_notes_of_the_outside_are_kept_but_not_replayed(folder):
    journal = Journal.create(folder, HEADER)
    journal.append(*INPUTS[0])
    journal.note(1.6, "mqtt: refused", flush=True)
    journal.close()
    reader = read_journal(folder)
    assert list(reader.notes()) == [(1.6, "mqtt: refused")]
    assert len(list(reader)) == len(list(reader.records())) == 1
    assert reader.verify_chain() == 2


def test_plots_are_committed_in_groups_by_number_and_by_time_and_decisions_at_once(folder):
    now = [0.0]
    journal = Journal.create(folder, HEADER, clock=lambda: now[0], group_inputs=3, group_s=1.0)
    waiting = []
    for step_s in [0, 0, 0, 0.5, 0.6, -1, 0]:
        now[0] += max(step_s, 0)
        journal.append("tick", now[0], b"", [], flush=step_s < 0)
        waiting.append(journal.waiting)
    assert waiting == [1, 2, 0, 1, 0, 0, 1]
    assert len(list(read_journal(folder))) == 6, "a reader sees what is committed, while it is being written"


def test_a_refused_commit_keeps_what_waits_for_the_next(folder):
    journal = Journal.create(folder, HEADER)
    journal.append(*INPUTS[0], flush=True)
    other = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    journal._database._connection.execute("PRAGMA busy_timeout = 1")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="another process"):
        journal.append(*INPUTS[1], flush=True)
    other.execute("ROLLBACK")
    journal.append(*INPUTS[2], flush=True)
    journal.close()
    reader = read_journal(folder)
    assert reader.verify_chain() == 3
    assert [kind for kind, *_ in reader] == ["asterix", "tick", "csv"]


def test_a_full_disk_is_an_error_of_one_line_and_loses_nothing_that_was_committed(folder):
    journal = Journal.create(folder, HEADER)
    journal.append(*INPUTS[0], flush=True)
    pages = journal._database._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._database._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="full") as refusal:
        journal.append("asterix", 2.0, bytes(100_000), [], flush=True)
    assert "\n" not in str(refusal.value)
    journal._database._connection.execute("PRAGMA max_page_count = 100000")
    journal.close()
    assert read_journal(folder).verify_chain() == 2


def test_a_second_writer_is_found_out(folder):
    first = Journal.create(folder, HEADER)
    second = Journal.resume(folder)
    first.append(*INPUTS[0], flush=True)
    with pytest.raises(JournalError, match="another process writes this journal"):
        second.append(*INPUTS[1], flush=True)


def test_a_journal_is_resumed_where_it_ended(folder):
    written(folder, INPUTS[:2])
    journal = Journal.resume(folder)
    assert journal.last_seq == 2
    assert read_journal(folder).closed()
    journal.append(*INPUTS[2], flush=True)
    assert not read_journal(folder).closed()
    journal.close()
    reader = read_journal(folder)
    assert reader.verify_chain() == 3
    assert list(reader.lines()) == [b'{"seq":1}', b'{"seq":2}', b"{}"]


CHILD = """
import sys
from pathlib import Path
from rampart.record.journal import Journal, JournalHeader
journal = Journal.create(Path(sys.argv[1]), JournalHeader(mode="test", version="0"), group_inputs=5)
for i in range(1_000_000):
    decision = i % 7 == 0
    journal.append("asterix", float(i), b"p" * 300, [b"line %d" % i], flush=decision)
    if decision:
        print(i, flush=True)
"""


@pytest.mark.parametrize("delay_s", [0.0, 0.013, 0.05, 0.11, 0.2])
def test_a_kill_at_any_moment_loses_no_committed_decision(folder, delay_s):
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(folder)], stdout=subprocess.PIPE
    )
    first = child.stdout.readline()
    time.sleep(delay_s * random.Random(delay_s).random())
    child.kill()
    decided = [int(line) for line in [first, *child.communicate()[0].split(b"\n")[:-1]]]
    reader = read_journal(folder)
    count = reader.verify_chain()
    assert count > decided[-1], "the last decision that was promised is there"
    assert list(reader.lines()) == [b"line %d" % i for i in range(count)]
    assert not reader.closed()
    reader.close()
    journal = Journal.resume(folder)
    journal.append("asterix", 0.0, b"", [], flush=True)
    journal.close()
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    assert read_journal(folder).verify_chain() == count + 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inputs SET payload = x'00' WHERE seq = 2",
        "UPDATE inputs SET time_s = 1.76 WHERE seq = 2",
        "UPDATE inputs SET kind = 'csv' WHERE seq = 2",
        "UPDATE events SET line = '{}' WHERE seq = 2",
        "UPDATE events SET input = 2 WHERE seq = 2",
        "UPDATE events SET input = 9 WHERE seq = 3",
        "DELETE FROM events WHERE seq = 1",
        "DELETE FROM events WHERE seq = 3",
        "DELETE FROM inputs WHERE seq = 2",
        "DELETE FROM inputs WHERE seq = 3",
        "INSERT INTO events VALUES (9, 3, 'more')",
        "UPDATE header SET content = x'00' WHERE role = 'file:terrain'",
    ],
)
def test_the_chain_shows_what_was_changed(folder, statement):
    spoil(written(folder), statement)
    with pytest.raises(JournalError, match="record"):
        read_journal(folder).verify_chain()


def test_a_tail_cut_off_with_its_events_is_found_by_the_ending(folder):
    spoil(written(folder), "DELETE FROM inputs WHERE seq = 3")
    spoil(folder, "DELETE FROM events WHERE input = 3")
    with pytest.raises(JournalError, match="2 records: wanted the 3"):
        read_journal(folder).verify_chain()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no journal of Rampart"),
        (b"garbage" * 1000, "torn, or no journal"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "torn, or no journal"),
    ],
)
def test_garbage_is_refused_in_one_line(folder, content, said):
    folder.mkdir()
    (folder / FILE_NAME).write_bytes(content)
    with pytest.raises(JournalError, match=said) as refusal:
        read_journal(folder)
    assert "\n" not in str(refusal.value)
    assert FILE_NAME in str(refusal.value)


def test_no_journal_another_version_and_another_database_are_told_apart(folder, tmp_path):
    with pytest.raises(JournalError, match="no journal here"):
        read_journal(tmp_path / "nowhere")
    spoil(written(folder), "PRAGMA user_version = 9")
    with pytest.raises(JournalError, match="version 9: this Rampart reads version 1"):
        read_journal(folder)
    spoil(folder, "PRAGMA application_id = 1")
    with pytest.raises(JournalError, match="no journal of Rampart"):
        read_journal(folder)


def test_a_header_that_cannot_be_read_is_refused(folder):
    spoil(written(folder), "UPDATE header SET content = '{\"mode\": 3}' WHERE role = ''")
    with pytest.raises(JournalError, match="header cannot be read"):
        read_journal(folder)


def test_an_existing_journal_is_not_written_over(folder):
    written(folder)
    with pytest.raises(JournalError, match="exists already"):
        Journal.create(folder, HEADER)
    (folder.parent / "file").touch()
    with pytest.raises(JournalError, match="cannot be made"):
        Journal.create(folder.parent / "file" / "journal", HEADER)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_a_torn_copy_is_found_out(folder, share):
    written(folder, [("asterix", float(i), bytes(500), [b"x" * 200]) for i in range(100)])
    path = folder / FILE_NAME
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(JournalError) as refusal:
        read_journal(folder).verify_chain()
    assert "\n" not in str(refusal.value)


def test_a_flipped_byte_anywhere_is_found_or_changes_nothing(folder):
    inputs = [("asterix", float(i), bytes([i] * 40), [b"line %d" % i]) for i in range(20)]
    path = written(folder, inputs) / FILE_NAME
    whole = path.read_bytes()
    draw = random.Random(5)
    for place in draw.sample(range(len(whole)), 150):
        path.write_bytes(
            whole[:place] + bytes([whole[place] ^ (1 << draw.randrange(8))]) + whole[place + 1 :]
        )
        try:
            reader = read_journal(folder)
            reader.verify_chain()
        except JournalError:
            continue
        assert reader.header == HEADER
        assert [(r.kind, r.time_s, r.payload, list(r.lines)) for r in reader.records()] == inputs
