"""The sample night of the report's tests as a run's folder, journal and all, without an engine."""

import json
from pathlib import Path

import msgspec

from rampart.config import read_scenario
from rampart.files import InputFiles
from rampart.record.journal import Journal, JournalHeader
from rampart.runner import packaged_scenario
from tests.evaluate.salvo import NAME, make_night


def write_run(folder: Path) -> Path:
    """Write the folder and return it."""
    night = make_night()
    files = InputFiles()
    read_scenario(packaged_scenario(NAME), files)
    header = JournalHeader(mode="test", version="0", simulated=True, note="the night", files=files.contents)
    Journal.create(folder / "journal", header).close()
    incident = msgspec.structs.replace(night.run.incident, claims=list(night.claims), simulated=True)
    plain = msgspec.json.Encoder(enc_hook=float)
    (folder / "incident.json").write_bytes(plain.encode(incident))
    (folder / "events.jsonl").write_bytes(b"\n".join(map(plain.encode, night.run.events)) + b"\n")
    (folder / "truth.json").write_text(json.dumps(night.truth, default=float))
    (folder / "score.json").write_text(json.dumps(night.score, default=float))
    return folder
