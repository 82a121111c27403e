"""A run's folder: nothing is overwritten, nothing half-written looks whole."""

import os
import subprocess
import sys

import pytest

from rampart.errors import OutputError
from rampart.record.outputs import MARKER, OutputFolder


def write(path, text="x", replace=False):
    with OutputFolder(path, replace) as folder:
        (folder / "events.jsonl").write_text(text)
    return path


def crash_after_writing(path):
    path.write_text("half")
    raise RuntimeError


def test_a_finished_run_has_its_name_and_nothing_is_left_beside_it(tmp_path):
    out = write(tmp_path / "deep" / "out")
    assert sorted(p.name for p in out.iterdir()) == [MARKER, "events.jsonl"]
    assert [p.name for p in out.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    assert (write(tmp_path / "out") / "events.jsonl").exists()


@pytest.mark.parametrize("replace", [False, True])
def test_a_folder_of_somebody_else_is_refused_and_untouched(tmp_path, replace):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="out: wanted a folder that"):
        OutputFolder(out, replace)
    assert (out / "thesis.txt").read_text() == "years of work"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_run_is_not_overwritten_unless_it_is_to_be_replaced(tmp_path):
    out = write(tmp_path / "out", "first")
    with pytest.raises(OutputError, match="nothing is overwritten") as refusal:
        OutputFolder(out)
    assert refusal.value.exit_status == 2
    assert "\n" not in str(refusal.value)
    write(out, "second", replace=True)
    assert (out / "events.jsonl").read_text() == "second"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_the_old_run_stays_until_the_new_one_is_whole(tmp_path):
    out = write(tmp_path / "out", "first")
    with pytest.raises(TypeError), OutputFolder(out, replace=True) as folder:
        (folder / "events.jsonl").write_text("half" + (folder / "events.jsonl").touch())
    assert (out / "events.jsonl").read_text() == "first"
    assert (tmp_path / "out.partial" / "events.jsonl").exists()
    write(out, "second", replace=True)
    assert (out / "events.jsonl").read_text() == "second"


def test_what_a_crash_left_is_named_and_not_removed(tmp_path):
    with pytest.raises(RuntimeError), OutputFolder(tmp_path / "out") as folder:
        crash_after_writing(folder / "events.jsonl")
    with pytest.raises(OutputError, match=r"out\.partial: wanted .* did not finish"):
        OutputFolder(tmp_path / "out")
    assert (tmp_path / "out.partial").is_dir()


def test_a_partial_folder_of_somebody_else_stays(tmp_path):
    (tmp_path / "out.partial").mkdir()
    with pytest.raises(OutputError, match="did not finish"):
        OutputFolder(tmp_path / "out", replace=True)


def test_two_runs_do_not_write_the_same_place(tmp_path):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (tmp_path / "out.partial").mkdir()
        (tmp_path / "out.partial" / MARKER).write_text(f"{other.pid}\n")
        with pytest.raises(OutputError, match=f"process {other.pid} is writing"):
            OutputFolder(tmp_path / "out", replace=True)
    finally:
        other.communicate(b"\n")
    write(tmp_path / "out", replace=True)


def test_a_place_taken_meanwhile_is_left_alone(tmp_path):
    folder = OutputFolder(tmp_path / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with pytest.raises(OutputError):
        folder.finish()
    assert (tmp_path / "out" / "mine").exists()
    assert folder.partial.is_dir()


def test_a_file_in_the_way_and_a_file_as_parent_are_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="this is a file"):
        OutputFolder(tmp_path / "file")
    with pytest.raises(OutputError, match="can be written"):
        OutputFolder(tmp_path / "file" / "out")
    with pytest.raises(OutputError, match="below the root"):
        OutputFolder(tmp_path.__class__("/"))


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        OutputFolder(tmp_path / "out")


def test_a_dangling_link_is_refused(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OutputError):
        OutputFolder(tmp_path / "loop")


def test_a_run_that_was_refused_before_it_wrote_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), OutputFolder(tmp_path / "out"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
