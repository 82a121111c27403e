"""Drives a scenario, a recording or a journal through the engine into a run's folder."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from rampart import __version__
from rampart.config import read_scenario, read_site, scenario_title
from rampart.defended import Loop
from rampart.domain.event import Event
from rampart.domain.incident import Incident
from rampart.domain.site import Site
from rampart.domain.wire import event_of, incident_of
from rampart.engine import Engine
from rampart.errors import InputError
from rampart.evaluate.interception import account_words
from rampart.evaluate.record import RunRecord, seen_of
from rampart.evaluate.score import score
from rampart.feed import Entry, entries_of, input_of, ticks_from
from rampart.files import InputFiles
from rampart.progress import progress_over
from rampart.record.journal import JournalHeader, read_journal
from rampart.record.outputs import OutputFolder
from rampart.runfolder import RunWriter, claims_of, pretty, write_outcome
from rampart.sense.recordings import Arrival, dating, read_recording
from rampart.simulate.catalogue import catalogue
from rampart.simulate.encode import encode_look
from rampart.simulate.look import RadarLook
from rampart.simulate.scenario import Scenario
from rampart.simulate.sensor import bystanders, observe
from rampart.simulate.truth import Truth, fly_scenario, truth_json
from rampart.summary import heard, summary

SETTLE_S = 1800.0
"""The longest that a run waits, after its last plot, for the sky to empty and the attack to close."""


@dataclass(frozen=True, slots=True)
class Flown:
    """A scenario that was flown: what a run feeds to the engine, and what it is scored against."""

    scenario: Scenario
    site: Site
    files: InputFiles
    truth: Truth


def packaged_scenario(name: str) -> Path:
    """Return the path of a scenario that comes with Rampart."""
    return _packaged() / name / "scenario.toml"


def packaged_names() -> list[str]:
    """Return the names of the scenarios that come with Rampart."""
    return sorted(path.parent.name for path in _packaged().glob("*/scenario.toml"))


def scenario_named(wanted: Path) -> Path:
    """Return the scenario's file: `wanted` itself, else the packaged one of that name. Raises InputError."""
    if wanted.is_file():
        return wanted
    names = packaged_names()
    if str(wanted) in names:
        return packaged_scenario(str(wanted))
    raise InputError(str(wanted), f"a scenario's TOML file, or one that comes along: {', '.join(names)}")


def scenarios_table() -> str:
    """Return the names and titles of the scenarios that come with Rampart, as text."""
    names = packaged_names()
    return "\n".join(f"{name:<20} {scenario_title(packaged_scenario(name))}" for name in names)


def _packaged() -> Path:
    return Path(str(resources.files("rampart"))) / "scenarios"


def run_scenario(path: Path, out: Path, seed: int | None = None, replace: bool = False) -> str:
    """Simulate a scenario into `out`; return the summary. Raises InputError for a bad scenario or folder."""
    with OutputFolder(out, replace=replace) as folder:
        flown = fly(path, InputFiles(), seed)
        header = JournalHeader(
            mode=flown.site.mode,
            version=__version__,
            simulated=True,
            seed=flown.scenario.seed,
            note=flown.scenario.title,
            facts={"source": path.name},
            files=flown.files.contents,
        )
        scenario, loop = flown.scenario, loop_of(flown)
        arrivals = arrivals_of(flown, loop)
        looks = progress_over(arrivals, scenario.duration_s, scenario.start_s, "the night")
        return drive(looks, Engine(flown.site, simulated=True), folder, header, flown, loop)


def fly(path: Path, files: InputFiles, seed: int | None) -> Flown:
    """Read a scenario and fly its projectiles; the same file and seed give the same truth."""
    scenario, site = read_scenario(path, files, seed)
    truth = fly_scenario(scenario, site, np.random.default_rng([scenario.seed, 0]))
    return Flown(scenario, site, files, truth)


def fly_again(contents: Mapping[str, bytes], seed: int) -> Flown:
    """Fly a scenario from the contents of its files, read once for all the seeds that a process flies."""
    scenario, site, files = _read_once(tuple(sorted(contents.items())))
    scenario = replace(scenario, seed=seed)
    return Flown(scenario, site, files, fly_scenario(scenario, site, np.random.default_rng([seed, 0])))


@lru_cache(maxsize=2)
def _read_once(contents: tuple[tuple[str, bytes], ...]) -> tuple[Scenario, Site, InputFiles]:
    files = InputFiles(dict(contents))
    return *read_scenario(Path("scenario.toml"), files), files


def looks_of(flown: Flown) -> Iterator[RadarLook]:
    """Yield what the simulated radars see; every call sees the same."""
    return observe(flown.truth, flown.scenario, flown.site, np.random.default_rng([flown.scenario.seed, 1]))


def loop_of(flown: Flown) -> Loop:
    """Return the scenario's interceptors, ready to hear what the engine publishes."""
    return Loop(flown.truth, flown.scenario, flown.site)


def arrivals_of(flown: Flown, loop: Loop | None = None) -> Iterator[Arrival]:
    """Yield the looks as ASTERIX bytes, each at its own time, without what the interceptors of `loop` stopped."""
    for look in loop.filtered(looks_of(flown)) if loop else looks_of(flown):
        yield Arrival("asterix", look.time_s, encode_look(look, flown.site))


def score_of(flown: Flown, events: Sequence[Event], incident: Incident) -> dict[str, Any]:
    """Return score.json of a run of this scenario."""
    return marks_of(flown, events, incident, heard_again(flown, events))


def heard_again(flown: Flown, events: Iterable[Event]) -> Loop:
    """Return the scenario's interceptors after they heard a run's events once more: they do the same again."""
    loop = loop_of(flown)
    loop.hear(events)
    return loop


def replay(recording: Path, site_path: Path | None, out: Path, date: str | None = None) -> str:
    """Replay a recording, or a journal, into `out`; return the summary."""
    if not recording.exists():
        raise InputError(str(recording), "a recording or a journal; there is nothing here")
    if recording.is_dir():
        return _replay_journal(recording, out)
    if site_path is None:
        raise InputError("--site", "the site's TOML file, which a recording of plots needs")
    files = InputFiles()
    site = read_site(site_path, files)
    with OutputFolder(out) as folder:
        arrivals = list(read_recording(recording, site, date))
        header = JournalHeader(
            mode=site.mode,
            version=__version__,
            note=f"replay of {recording.name}",
            facts={"source": recording.name, "dating": dating(recording, date)},
            files=files.contents,
        )
        start_s = arrivals[0].time_s if arrivals else 0.0
        span_s = arrivals[-1].time_s - start_s if arrivals else 0.0
        shown = progress_over(arrivals, span_s, start_s, recording.name)
        return drive(shown, Engine(site), folder, header)


def _replay_journal(path: Path, out: Path) -> str:
    """Feed a journal's inputs to a new engine; its events come out again byte for byte."""
    reader = read_journal(path)
    header = reader.header
    flown = flown_again(header)
    site = flown.site if flown else read_site(Path("site.toml"), InputFiles(header.files))
    site = replace(site, mode=header.mode)
    engine = Engine(site, header.simulated)
    with OutputFolder(out) as folder:
        with RunWriter(folder, header, site) as writer:
            for kind, time_s, payload in reader:
                step(engine, Entry(kind, time_s, payload), writer)
        return finish(writer, engine, flown, heard_again(flown, writer.events) if flown else None)


def flown_again(header: JournalHeader) -> Flown | None:
    """Fly a journal's scenario once more; None where the journal is of a recording."""
    if "scenario.toml" not in header.files:
        return None
    return fly(Path("scenario.toml"), InputFiles(header.files), header.seed)


def drive(
    arrivals: Iterable[Arrival],
    engine: Engine,
    folder: Path,
    header: JournalHeader,
    flown: Flown | None = None,
    loop: Loop | None = None,
) -> str:
    """Feed arrivals and the ticks between them to the engine, then time until all has settled.

    `loop` hears what is published: arrivals that are made as they are asked for lack what it stopped.
    """
    with RunWriter(folder, header, engine.site) as writer:
        for entry in entries_of(arrivals):
            step(engine, entry, writer, loop)
        if math.isfinite(engine.time_s):
            for entry in ticks_from(engine.time_s, SETTLE_S):
                if engine.settled:
                    break
                step(engine, entry, writer, loop)
    return finish(writer, engine, flown, loop)


def step(engine: Engine, entry: Entry, writer: RunWriter, loop: Loop | None = None) -> None:
    """Take one entry through the engine into the book; what is published is heard after that."""
    item = input_of(entry, engine.site)
    events = engine.step(item)
    writer.add(entry, item, events)
    if loop is not None:
        loop.hear(events)


def finish(writer: RunWriter, engine: Engine, flown: Flown | None, loop: Loop | None = None) -> str:
    """Write what is known when all is over; return the summary."""
    writer.add_refused(engine.condition.refused)
    incident = engine.incident(claims_of(writer.header))
    truth = truth_json(loop.truth(), flown.site) if flown and loop else None
    marks = marks_of(flown, writer.events, incident, loop) if flown and loop else None
    title, assumed = (flown.scenario.title, flown.scenario.assumed) if flown else (writer.header.note, ())
    write_outcome(
        writer.folder,
        writer.events,
        incident,
        writer.header,
        engine.site,
        writer.rejects,
        title,
        assumed,
        truth,
        marks,
        flown.scenario.reported if flown else (),
    )
    told = summary(incident, writer.events, engine.site)
    if marks and "interception" in marks:
        told += f"\n  interception (simulated): {account_words(marks['interception'])}"
    return (
        told
        if flown
        else f"{told}\n{heard(writer.plots, writer.rejects, writer.header.facts.get('dating', ''))}"
    )


def score_folder(path: Path) -> str:
    """Score the run in `path` anew from its journal; write score.json; return what it says."""
    reader = read_journal(path / "journal")
    flown = flown_again(reader.header)
    if flown is None:
        raise InputError(str(path), "a simulated run: a recording has no truth to be held against")
    events = [event_of(line) for line in reader.lines()]
    incident = incident_of((path / "incident.json").read_bytes())
    marks = score_of(flown, events, incident)
    (path / "score.json").write_bytes(pretty(marks))
    return pretty(marks).decode()


def marks_of(flown: Flown, events: Sequence[Event], incident: Incident, loop: Loop) -> dict[str, Any]:
    """Hold what was published against what flew; what was seen of it is simulated once more."""
    seen = seen_of(loop.filtered(looks_of(flown)), len(flown.truth.projectiles))
    others = tuple(bystanders(flown.scenario, flown.site))
    record = RunRecord(events, incident, flown.site, loop.truth(), seen, others, flown.scenario.exposure)
    return score(record)


def weapons_table() -> str:
    """Return the catalogue of generic projectiles as text."""
    rows = [f"{weapon.name:<16} {weapon.description}" for weapon in catalogue()]
    return "\n".join(["generic projectiles for simulation, encyclopaedic figures:", *rows])
