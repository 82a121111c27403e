"""Doctrines and magazines of simulated interceptors compared: the same seeds under each, figures side by side."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rampart.errors import InputError, RampartError
from rampart.evaluate.doctrines import cases_of, marks_of_case
from rampart.evaluate.doctrines_page import write_doctrines_page
from rampart.files import InputFiles
from rampart.night import Night, run_night
from rampart.runfolder import pretty
from rampart.runner import Flown, fly, fly_again, loop_of, scenario_named
from rampart.simulate.interceptor import ALL, SELECTIVE, with_doctrine
from rampart.study import row_of, run_all
from rampart.studyfolder import StudyFolder, identity_of

NONE, OWN = "none", "own"
KNOWN = (NONE, SELECTIVE, ALL, OWN)


@dataclass(frozen=True, slots=True)
class Case:
    """Interceptors under one doctrine with one magazine; None: their own."""

    doctrine: str
    magazine: int | None = None

    @property
    def name(self) -> str:
        return self.doctrine if self.magazine is None else f"{self.doctrine} {self.magazine}"


def read_cases(doctrines: str | None, magazines: str | None) -> tuple[Case, ...]:
    """Return the cases of two lists with commas; raises InputError naming what is wrong in them."""
    wanted = [word.strip() for word in (doctrines or f"{NONE},{OWN}").split(",")]
    for word in wanted:
        if word not in KNOWN:
            raise InputError("--doctrines", f"of {', '.join(KNOWN)}, with commas between", word)
    sizes: list[int | None] = []
    for word in magazines.split(",") if magazines else []:
        if not word.strip().isdecimal():
            raise InputError(
                "--magazines", "numbers of engagements, 0 or more, with commas between", word.strip()
            )
        sizes.append(int(word))
    cases = [
        Case(doctrine, size)
        for doctrine in wanted
        for size in ([None] if doctrine == NONE or not sizes else sizes)
    ]
    return tuple(dict.fromkeys(cases))


def compare(
    path: Path,
    runs: int,
    out: Path,
    cases: tuple[Case, ...],
    workers: int | None = None,
    dask: str | None = None,
    seed: int | None = None,
) -> str:
    """Run a scenario under `runs` seeds and under each case, into the folder `out`; return a summary.

    Each run ends when all is down and no alarm stands, and is held against its truth alone, not against the bound.
    Raises InputError for a scenario without interceptors or a bad folder, RampartError where no run was whole.
    """
    files = InputFiles()
    place = scenario_named(path)
    first = fly(place, files, seed).scenario
    if not first.interceptors:
        raise InputError(str(path), "a scenario with an [[interceptor]], for doctrines to be compared")
    identity = identity_of(files.contents, path.name, first.title, first.seed, [case.name for case in cases])
    seeds = range(first.seed, first.seed + runs)
    with StudyFolder(out, identity) as folder:
        left = [number for number in seeds if number not in folder.rows]
        if left:
            run_all(partial(run_cases, cases), left, files.contents, folder, runs, workers, dask)
        return _gather(folder, seeds, first.exposure.sheltering if first.exposure else ())


def run_cases(cases: tuple[Case, ...], contents: dict[str, bytes], seed: int) -> dict[str, Any]:
    """Run one seed under every case; return its row, with the reason where it failed."""

    def work() -> dict[str, Any]:
        flown = fly_again(contents, seed)
        nights: list[Night] = []
        marks = {}
        for case in cases:
            night = _night(_under(case, flown), nights)
            truth = night.loop.truth()
            marks[case.name] = marks_of_case(truth, night.events, flown.site, flown.scenario.exposure)
        return {"cases": marks}

    return row_of(seed, work)


def _under(case: Case, flown: Flown) -> Flown:
    doctrine = None if case.doctrine == OWN else case.doctrine
    interceptors = with_doctrine(flown.scenario.interceptors, doctrine, case.magazine)
    return replace(flown, scenario=replace(flown.scenario, interceptors=interceptors))


def _night(flown: Flown, nights: list[Night]) -> Night:
    """Return the night of a case: one that was run before, where these interceptors would have stopped the same.

    They hear its events: if by these they stop the same projectiles at the same times, their own night is that
    one, event for event, because nothing else of them comes back to the radars.
    """
    for known in nights:
        loop = loop_of(flown)
        loop.hear(known.events)
        if loop.stopped_s == known.loop.stopped_s:
            return replace(known, flown=flown, loop=loop)
    nights.append(run_night(flown, brief=True))
    return nights[-1]


def _gather(folder: StudyFolder, seeds: range, sheltering: tuple[tuple[float, float], ...]) -> str:
    rows = [folder.rows[number] for number in seeds]
    failed = [{"seed": row["seed"], "error": row["error"]} for row in rows if "error" in row]
    whole = [row["cases"] for row in rows if "cases" in row]
    if not whole:
        raise RampartError(f"{folder.path}: all {len(rows)} runs failed: {failed[0]['error']}")
    figures = {
        "title": folder.identity["title"],
        "source": folder.identity["source"],
        "version": folder.identity["version"],
        "simulated": True,
        "runs": len(whole),
        "seeds": [seeds[0], seeds[-1]],
        "failed": failed,
        "sheltering": [list(point) for point in sheltering],
    } | cases_of(whole)
    write_doctrines_page(folder.path, figures)
    part = folder.path / "study.json.part"
    part.write_bytes(pretty(figures))
    os.replace(part, folder.path / "study.json")
    return _summary(figures, folder.path)


def _summary(figures: Mapping[str, Any], path: Path) -> str:
    lines = [f"{figures['title']}: {figures['runs']} seeds (simulated), 95 % intervals in brackets"]
    if figures["failed"]:
        first = figures["failed"][0]
        lines.append(
            f"  {len(figures['failed'])} failed, the first with seed {first['seed']}: {first['error']}"
        )
    for name, case in figures["cases"].items():
        leakers, shots, none = case["leakers"], case["shots"], case["no_leaker"]
        told = (
            f"  {name:<14} leakers a run {leakers['value']:.2f} ({leakers['low']:.2f}–{leakers['high']:.2f}),"
            f" engagements {shots['value']:.2f}, no leaker {100 * none['value']:.1f} %"
        )
        if case.get("open"):
            told += f", exposed in the open {case['open']['warned_defended']['value']:.1f}"
        lines.append(told)
    return "\n".join([*lines, f"  {path / 'study.html'}"])
