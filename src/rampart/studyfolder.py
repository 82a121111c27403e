"""A study's folder: what it is a study of, and a durable row for each run, so that it can be gone on with."""

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from rampart import __version__
from rampart.errors import InputError, OutputError

IDENTITY, RUNS = "identity.json", "runs.jsonl"


def identity_of(
    files: Mapping[str, bytes], source: str, title: str, first_seed: int, cases: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what must be the same for a study to be gone on with: the scenario's files, the seeds, the program, the
    cases that are compared.
    """
    return {
        "source": source,
        "title": title,
        "first_seed": first_seed,
        "scenario": _digest(sorted(files.items())),
        "version": __version__,
        "program": _program_digest(),
    } | ({"cases": list(cases)} if cases else {})


def _digest(named: list[tuple[str, bytes]]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for name, content in named:
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _program_digest() -> str:
    """Return the digest of the program's own sources: figures of two programs are not of one study."""
    package = Path(__file__).resolve().parent
    return _digest(
        [(path.relative_to(package).as_posix(), path.read_bytes()) for path in sorted(package.rglob("*.py"))]
    )


class StudyFolder:
    """Keeps the rows of a study in `path`; one process at a time.

        with StudyFolder(Path("out"), identity_of(...)) as folder:
            folder.add({"seed": 1, "score": {...}})

    Raises OutputError where the place is taken, cannot be written, or holds a study of something else.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]):
        self.path = path.expanduser()
        self.identity = dict(identity)
        self.rows: dict[int, dict[str, Any]] = {}
        try:
            self._make()
        except OSError as error:
            raise OutputError(str(self.path), f"a folder that can be written ({error.strerror})") from error

    def __enter__(self) -> "StudyFolder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a run's row; it is on the disk when this returns."""
        self._file.write(json.dumps(row, separators=(",", ":"), allow_nan=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.rows[row["seed"]] = dict(row)

    def _make(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise OutputError(str(self.path), "a folder; this is a file")
        self.path.mkdir(parents=True, exist_ok=True)
        if not (self.path / IDENTITY).exists() and any(self.path.iterdir()):
            raise OutputError(str(self.path), "a folder that does not exist yet, is empty, or holds a study")
        self._file = (self.path / RUNS).open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise OutputError(
                str(self.path), "this place to be free; another study is writing it now"
            ) from None
        try:
            self._identify()
            self._read()
        except BaseException:
            self._file.close()
            raise

    def _identify(self) -> None:
        """Write what this is a study of; raise OutputError where something else stands there."""
        place = self.path / IDENTITY
        if not place.exists():
            part = place.with_suffix(".part")
            part.write_text(json.dumps(self.identity, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            os.replace(part, place)
            return
        try:
            found = json.loads(place.read_bytes())
        except ValueError as error:
            raise InputError(str(place), "JSON that a study wrote") from error
        for key, what in (
            ("scenario", "scenario"), ("first_seed", "first seed"), ("version", "version of Rampart"),
            ("program", "version of Rampart"), ("cases", "set of doctrines and magazines"),
        ):  # fmt: skip
            if not isinstance(found, dict) or found.get(key) != self.identity.get(key):
                wanted = f"a folder for this study; this one holds a study of another {what}"
                raise OutputError(str(self.path), wanted)

    def _read(self) -> None:
        """Read the rows that are there; what a crash left half written at the end is cut off."""
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        self._file.truncate(whole)
        for number, line in enumerate(content[:whole].splitlines(), 1):
            try:
                row = json.loads(line)
                self.rows[row["seed"]] = row
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"{self.path / RUNS}: line {number}", "a run's row of JSON") from error
