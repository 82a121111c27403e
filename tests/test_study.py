"""A study: the same figures whatever the workers, gone on with where it stood, one bad seed no ruin."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from rampart import study as studies
from rampart.domain.wire import event_line
from rampart.errors import OutputError, RampartError
from rampart.files import InputFiles
from rampart.night import run_night, score_of_night, trade_off_of_night
from rampart.runfolder import pretty
from rampart.runner import fly, looks_of, packaged_scenario, run_scenario
from rampart.sense.recordings import scan_of
from rampart.simulate.encode import encode_look
from rampart.simulate.inmemory import scan_of_look

LAUNCH = """
[[launch]]
weapon = "mortar-120mm"
time_s = 1.0
latitude_deg = 33.31
longitude_deg = 44.44
aim_latitude_deg = 33.3045
aim_longitude_deg = 44.3975
"""


@pytest.fixture
def short(tmp_path) -> Path:
    """Return a scenario of one mortar bomb seen from one radar."""
    folder = tmp_path / "short"
    shutil.copytree(packaged_scenario("baghdad-2020-11-17").parent, folder)
    path = folder / "scenario.toml"
    head = path.read_text().split("[[launch]]")[0]
    path.write_text(head.replace("duration_s = 120.0", "duration_s = 40.0") + LAUNCH)
    return path


def test_plots_in_memory_are_those_of_the_bytes(short, tmp_path):
    flown = fly(short, InputFiles(), None)
    for look in looks_of(flown):
        ours = scan_of_look(look, flown.site)
        read = scan_of("asterix", encode_look(look, flown.site), look.time_s, flown.site)
        assert (ours.time_s, ours.heard, ours.rejects) == (read.time_s, read.heard, read.rejects)
        for name in ("time_s", "radar", "measurement", "sigma", "snr_db"):
            assert getattr(ours.plots, name).tobytes() == getattr(read.plots, name).tobytes()
    run_scenario(short, tmp_path / "run")
    night = run_night(flown)
    events = b"".join(event_line(event) + b"\n" for event in night.events)
    assert events == (tmp_path / "run" / "events.jsonl").read_bytes()
    marks = score_of_night(night)
    assert pretty(marks) == (tmp_path / "run" / "score.json").read_bytes()
    tried = trade_off_of_night(night, marks["warning"]["zones"])
    (own,) = [row for row in tried if row["own"]]
    for key in ("zones_hit", "zones_missed", "zones_needless"):
        assert own[key] == marks["warning"][key], "decided anew it is as it was"
    assert own["needless_person_minutes"] == pytest.approx(
        marks["warning"]["needless_person_minutes"], rel=0.05
    )
    assert own["seconds"] == pytest.approx(
        [zone["seconds"] for zone in marks["warning"]["zones"] if zone["projectiles"]], abs=0.01
    )
    cost = [row["needless_person_minutes"] for row in tried]
    assert cost == sorted(cost, reverse=True)


class Here:
    """An executor in this process, which can be told to stop after so many runs."""

    def __init__(self, most: int = 1000):
        self.left = most

    def submit(self, work, *arguments):
        future: Future = Future()
        if self.left == 0:
            future.set_exception(KeyboardInterrupt())
        else:
            self.left -= 1
            future.set_result(work(*arguments))
        return future


@pytest.fixture
def in_process(monkeypatch):
    """Run studies here, `most` runs at most; return the setter."""

    def use(most: int = 1000, ahead: int = 1):
        monkeypatch.setattr(studies, "_executor", lambda *_: nullcontext((Here(most), ahead)))

    use()
    return use


def test_an_interrupted_study_is_gone_on_with_and_ends_as_if_it_had_not_been(short, tmp_path, in_process):
    in_process(ahead=3)
    told = studies.study(short, 2, tmp_path / "whole")
    assert "2 runs (simulated), 2 projectiles" in told
    in_process(most=1)
    with pytest.raises(KeyboardInterrupt):
        studies.study(short, 2, tmp_path / "halves")
    rows = tmp_path / "halves" / "runs.jsonl"
    assert len(rows.read_bytes().splitlines()) == 1
    with rows.open("ab") as file:
        file.write(b'{"seed": 2, "sco')  # as a crash would leave it
    in_process(most=1)
    studies.study(short, 2, tmp_path / "halves")
    whole = (tmp_path / "whole" / "study.json").read_bytes()
    assert (tmp_path / "halves" / "study.json").read_bytes() == whole
    figures = json.loads(whole)
    assert figures["runs"] == 2
    assert figures["confirmed"]["value"] == 1.0
    assert figures["impact"][0]["n"] == 2
    assert [row["raise_probability"] for row in figures["warning"]["trade_off"] if row["own"]] == [0.03]
    page = (tmp_path / "whole" / "study.html").read_text()
    assert "SIMULATED" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert (tmp_path / "whole" / "plots" / "impact.svg").read_text().startswith("<svg")
    in_process(most=0)
    studies.study(short, 2, tmp_path / "whole")  # all there: nothing is run


def test_another_scenario_in_the_same_folder_is_refused(short, tmp_path, in_process):
    studies.study(short, 1, tmp_path / "out")
    with pytest.raises(OutputError, match="holds a study of another first seed"):
        studies.study(short, 1, tmp_path / "out", seed=7)
    short.write_text(short.read_text().replace("44.3975", "44.3985"))
    with pytest.raises(OutputError, match="holds a study of another scenario"):
        studies.study(short, 1, tmp_path / "out")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter").write_text("mine")
    with pytest.raises(OutputError, match="a folder that does not exist yet, is empty, or holds a study"):
        studies.study(short, 1, tmp_path / "taken")


def test_a_seed_that_fails_is_recorded_and_the_rest_go_on(short, tmp_path, in_process, monkeypatch):
    def sometimes(night, real=score_of_night):
        if night.flown.scenario.seed == 2:
            raise ValueError("no\nscore")
        return real(night)

    monkeypatch.setattr(studies, "score_of_night", sometimes)
    told = studies.study(short, 2, tmp_path / "out")
    assert "1 runs failed, the first with seed 2: ValueError: no score" in told
    figures = json.loads((tmp_path / "out" / "study.json").read_text())
    assert figures["failed"] == [{"seed": 2, "error": "ValueError: no score"}]
    assert figures["runs"] == 1
    with pytest.raises(RampartError, match="all 1 runs failed"):
        studies.study(short, 1, tmp_path / "bad", seed=2)


def test_ctrl_c_leaves_a_folder_that_goes_on(short, tmp_path):
    command = [sys.executable, "-m", "rampart.cli", "study", str(short), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        [*command, "--runs", "500", "--workers", "1"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    rows = tmp_path / "out" / "runs.jsonl"
    until = time.monotonic() + 240.0
    while time.monotonic() < until and not (rows.exists() and rows.stat().st_size):
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "of 500 runs are done; the same command goes on" in errors
    assert "Traceback" not in errors
    done = subprocess.run([*command, "--runs", "1"], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    assert "1 runs (simulated)" in done.stdout


def test_dask_that_is_not_there_is_one_line(short, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RampartError, match=r"pip install 'rampart\[dask\]'"):
        studies.study(short, 1, tmp_path / "out", dask="tcp://127.0.0.1:8786")


def test_a_scenario_that_cannot_be_read_is_a_row_too():
    row = studies.run_one({"scenario.toml": b"[scenario]"}, 1)
    assert row["seed"] == 1
    assert row["error"].startswith("ConfigError")
    assert np.isfinite(row["seconds"])
