"""Many seeds of one scenario, on all cores, scored and gathered; what is done stays done."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rampart.errors import RampartError
from rampart.evaluate.study import study_of
from rampart.evaluate.study_page import write_study_page
from rampart.files import InputFiles
from rampart.night import Night, run_night, score_of_night, trade_off_of_night
from rampart.progress import Counting, counting
from rampart.runfolder import pretty
from rampart.runner import fly, fly_again, scenario_named
from rampart.studyfolder import StudyFolder, identity_of

AHEAD = 2
"""Runs handed out for each worker: one that it does, one that waits, so that little is lost on Ctrl-C."""
DASK_AHEAD = 4
STOP_WITHIN_S = 5.0
Work = Callable[[dict[str, bytes], int], dict[str, Any]]
"""What is done with the scenario's files and a seed; it returns the row."""


def study(
    path: Path,
    runs: int,
    out: Path,
    workers: int | None = None,
    dask: str | None = None,
    seed: int | None = None,
) -> str:
    """Run a scenario (a file, or the name of one that comes along) under `runs` seeds, from `seed` (the scenario's)
    on, into the folder `out`; return a summary.

    Seeds whose rows are there already are not run again. Raises InputError for a bad scenario or folder,
    RampartError where no run could be scored or the workers are lost.
    """
    files = InputFiles()
    place = scenario_named(path)
    first = fly(place, files, seed).scenario
    identity = identity_of(files.contents, path.name, first.title, first.seed)
    seeds = range(first.seed, first.seed + runs)
    with StudyFolder(out, identity) as folder:
        left = [number for number in seeds if number not in folder.rows]
        if left:
            run_all(run_one, left, files.contents, folder, runs, workers, dask)
        return _gather(folder, seeds)


def run_all(
    work: Work, left: list[int], contents: Mapping[str, bytes], folder: StudyFolder, runs: int,
    workers: int | None, dask: str | None,
) -> None:  # fmt: skip
    """Do `work(contents, seed)` for the seeds that are left; a row is on the disk as soon as its run is over."""
    with (
        _executor(min(workers or _cores(), len(left)), dask) as (pool, ahead),
        counting("runs", runs) as shown,
    ):
        shown.done(runs - len(left))
        try:
            _hand_out(work, pool, ahead, left, contents, folder, shown)
        except BrokenProcessPool as error:
            raise RampartError(
                f"{folder.path}: a worker was killed (out of memory?) after {len(folder.rows)} runs;"
                " the same command goes on"
            ) from error
        except KeyboardInterrupt:
            done = len(folder.rows)
            sys.stderr.write(f"{folder.path}: {done} of {runs} runs are done; the same command goes on\n")
            raise


def _hand_out(
    work: Work, pool: Executor, ahead: int, left: list[int], contents: Mapping[str, bytes], folder: StudyFolder,
    shown: Counting,
) -> None:  # fmt: skip
    waiting = iter(left)
    running: set[Future[dict[str, Any]]] = set()
    try:
        while True:
            for seed in islice(waiting, ahead - len(running)):
                running.add(pool.submit(work, dict(contents), seed))
            if not running:
                return
            over, running = wait(running, return_when=FIRST_COMPLETED)
            for future in over:
                folder.add(future.result())
                shown.done(1)
    except BaseException:
        for future in running:
            future.cancel()
        raise


def run_one(contents: dict[str, bytes], seed: int) -> dict[str, Any]:
    """Run and score one seed of the scenario in `contents`; return its row, with the reason where it failed."""
    return row_of(seed, lambda: {"score": _without_nan(_scored(run_night(fly_again(contents, seed))))})


def _scored(night: Night) -> dict[str, Any]:
    """Return a night's score, with what other thresholds would have missed and cost."""
    own = score_of_night(night)
    own["warning"]["trade_off"] = trade_off_of_night(night, own["warning"]["zones"])
    return own


def row_of(seed: int, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the row of a seed: what `work` returns, else the reason why it failed, and the seconds it took."""
    begin_s = time.perf_counter()
    try:
        row = {"seed": seed} | work()
    except Exception as error:  # one seed that fails is a result; the rest of the study is not lost for it
        row = {"seed": seed, "error": " ".join(f"{type(error).__name__}: {error}".split())}
    return row | {"seconds": round(time.perf_counter() - begin_s, 3)}


def _without_nan(score: dict[str, Any]) -> dict[str, Any]:
    import msgspec

    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(score))
    return decoded


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _executor(workers: int, dask: str | None) -> Iterator[tuple[Executor, int]]:
    """Yield what runs the seeds, and how many it is to be given at a time."""
    if dask is not None:
        with _dask_executor(dask) as given:
            yield given
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_leave_signals_alone)
    try:
        yield pool, AHEAD * workers
    except BaseException:
        _stop(pool)
        raise
    pool.shutdown()


def _leave_signals_alone() -> None:
    """Let Ctrl-C be the parent's affair: a terminal sends it to all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the workers at once: what they had begun is not in the folder and is done anew.

    One that dies in the midst of handing over a row leaves half of it in the pipe. The pool would wait for the rest as
    long as somebody might write it, so this process closes its own end too.
    """
    processes = list((pool._processes or {}).values())
    # The standard library's own types do not know the writing end.
    results: Any = pool._result_queue
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(STOP_WITHIN_S)
    results._writer.close()


@contextmanager
def _dask_executor(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client
    except ImportError as error:
        raise RampartError(
            "--dask: wanted the package distributed, which is not installed: pip install 'rampart[dask]'"
        ) from error
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise RampartError(
            f"--dask: {address!r}: wanted the address of a Dask scheduler ({error})"
        ) from error
    with client:
        cores = sum(client.nthreads().values()) or 1
        yield client.get_executor(pure=False), DASK_AHEAD * cores


def _gather(folder: StudyFolder, seeds: range) -> str:
    """Write study.json and the page; return what they say in a few lines."""
    rows = [folder.rows[seed] for seed in seeds]
    failed = [{"seed": row["seed"], "error": row["error"]} for row in rows if "error" in row]
    scores = [row["score"] for row in rows if "score" in row]
    if not scores:
        raise RampartError(f"{folder.path}: all {len(rows)} runs failed: {failed[0]['error']}")
    identity = folder.identity
    figures = {
        "title": identity["title"],
        "source": identity["source"],
        "version": identity["version"],
        "simulated": True,
        "runs": len(scores),
        "seeds": [seeds[0], seeds[-1]],
        "failed": failed,
    } | study_of(scores)
    write_study_page(folder.path, figures, scores)
    part = folder.path / "study.json.part"
    part.write_bytes(pretty(figures))
    os.replace(part, folder.path / "study.json")
    return _summary(figures, folder.path)


def _summary(figures: Mapping[str, Any], path: Path) -> str:
    warned = figures["warning"]["zones_warned"]
    lines = [f"{figures['title']}: {figures['runs']} runs (simulated), {figures['projectiles']} projectiles"]
    if figures["failed"]:
        first = figures["failed"][0]
        lines.append(
            f"  {len(figures['failed'])} runs failed, the first with seed {first['seed']}: {first['error']}"
        )
    for row in figures["impact"]:
        ratio, held = row["over_bound"], row["coverage_90"]
        told = f", {ratio['value']:.2f} of the bound" if ratio["value"] is not None else ""
        lines.append(
            f"  after {row['tracked_s']:>2} s: impact RMS {row['rmse_m']['value']:.0f} m{told};"
            f" in the 90 % ellipse {100 * held['value']:.1f} %"
        )
    if warned["n"]:
        given, ideal = figures["warning"]["seconds_median"], figures["warning"]["ideal_seconds_median"]
        lines.append(
            f"  zones in danger warned in time: {100 * warned['value']:.1f} % of {warned['n']},"
            f" median {given['value']:.1f} s (ideal {ideal['value']:.1f} s)"
        )
    lines.append(f"  false tracks a run: {figures['false_tracks']['value']:.3g}")
    return "\n".join([*lines, f"  {path / 'study.html'}"])
