"""The record by which a second process compiles ahead is that of the night; where it is behind, only time is lost."""

import json
import subprocess
import sys

import pytest

from rampart import warmup
from rampart.numerics.jit import COMPILED

MOST_BEHIND = 0.25
"""Beyond this share of kernels not in the record, setting up takes noticeably longer than it need."""


@pytest.mark.skipif(not COMPILED, reason="kernels are not compiled in this run")
def test_the_record_is_that_of_the_night():
    script = "import json; from rampart import warmup; print(json.dumps(warmup.warm()))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=500, check=True
    )
    called = json.loads(done.stdout)
    recorded = json.loads(warmup.RECORD.read_text())
    assert len(called) > 30
    missing = [name for name, kinds in called if [name, kinds] not in recorded]
    assert len(missing) <= MOST_BEHIND * len(called), (
        f"`python -m rampart.warmup record` writes {warmup.RECORD.name} anew; not in it: {', '.join(missing)}"
    )
    assert "kernels ready: " in done.stderr


def test_a_record_that_is_behind_names_kernels_and_kinds_that_are_gone(tmp_path, monkeypatch):
    record = tmp_path / "kernels.json"
    rows = [
        ["rampart.no_such_room:fly", []],
        ["rampart.physics.flight:no_such_kernel", []],
        ["rampart.physics.geodesy:ecef_from_geodetic", [{"rampart.track.bank:Bunk": []}]],
        ["rampart.physics.geodesy:ecef_from_geodetic", ["float64", "float64", "float64"]],
    ]
    record.write_text(json.dumps(rows))
    monkeypatch.setattr(warmup, "RECORD", record)
    assert [kinds for _, kinds in warmup.expected()] == [row[1] for row in rows[2:]]
    warmup.go_ahead()


def test_progress_counts_what_every_process_compiles(capsys):
    counter = warmup.Counter()
    warmup._relay([f"kernel_{k}\n" for k in range(21)], counter)
    counter.tell("fly")
    counter.end()
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" (")[0].strip() for line in lines[:-1]] == [
        "compiling kernel 1: kernel_0",
        "compiling kernel 21: kernel_20",
    ]
    assert lines[-1].startswith("   kernels ready: 22 compiled in ")


def test_a_terminal_has_one_line_that_changes(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    counter = warmup.Counter()
    counter.tell("fly")
    counter.tell("carry")
    counter.end()
    first, second, last = capsys.readouterr().err.split("\r")[1:]
    assert len(first) == len(second) == 78
    assert last.startswith("   kernels ready: 2 compiled")
