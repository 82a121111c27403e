"""The folder of a run: never written over, and never half there under its own name."""

import errno
import os
import shutil
from pathlib import Path
from types import TracebackType

from rampart.errors import OutputError

MARKER = ".rampart"
"""Lies in every folder that Rampart wrote, with the number of its process; no other one is replaced."""


class OutputFolder:
    """Builds a run in `NAME.partial` beside its place and gives it its name when it is whole.

        with OutputFolder(Path("out")) as folder:
            (folder / "events.jsonl").write_bytes(...)

    An error inside leaves `NAME.partial` for a look at it, unless nothing was written yet. With `replace`
    (the demo) an earlier run at the same place makes room, but only one that Rampart wrote, and only when
    the new one is whole.
    """

    def __init__(self, path: Path, replace: bool = False):
        """Make the folder to write; raises OutputError where the place is taken or cannot be written."""
        self.path = _resolved(path)
        self.replace = replace
        self.partial = self.path.with_name(self.path.name + ".partial")
        self._old = self.path.with_name(self.path.name + ".old")
        self._check_free()
        self._make()

    def __enter__(self) -> Path:
        return self.partial

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
        elif not any(path.name != MARKER for path in self.partial.iterdir()):
            _remove(self.partial)

    def finish(self) -> Path:
        """Give the folder its name and return it; raises OutputError where the place was taken meanwhile."""
        self._check_free()
        (self.partial / MARKER).write_text("whole\n")
        try:
            if self.replace and self.path.exists() and any(self.path.iterdir()):
                _remove(self._old)
                self.path.rename(self._old)
            self.partial.rename(self.path)
        except OSError as error:
            wanted = f"this name for the run in {self.partial} ({error.strerror})"
            raise OutputError(str(self.path), wanted) from error
        _remove(self._old)
        return self.path

    def _check_free(self) -> None:
        """Raise OutputError unless the place is free, empty, or an earlier run that may be replaced."""
        if not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            raise OutputError(str(self.path), "a folder; this is a file")
        try:
            taken = any(self.path.iterdir())
        except OSError as error:
            raise OutputError(str(self.path), f"a folder that can be read ({error.strerror})") from error
        if taken and not self.replace:
            wanted = "a folder that does not exist yet, or an empty one; nothing is overwritten"
            raise OutputError(str(self.path), wanted)
        if taken and not (self.path / MARKER).is_file():
            raise OutputError(str(self.path), "a folder that Rampart wrote; only such a one is replaced")

    def _make(self) -> None:
        if os.path.lexists(self.partial):
            self._clear_partial()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.partial.mkdir()
            (self.partial / MARKER).write_text(f"{os.getpid()}\n")
        except OSError as error:
            wanted = f"a place that can be written ({error.strerror or error})"
            raise OutputError(str(self.path), wanted) from error

    def _clear_partial(self) -> None:
        """Make room where an earlier run did not finish, if it may go; else say what to do."""
        writer = _writer_of(self.partial)
        if writer is not None and _is_alive(writer):
            raise OutputError(str(self.partial), f"this place to be free; process {writer} is writing it now")
        if not self.replace or writer is None:
            wanted = "this place to be free; a run that did not finish left it: look into it, then remove it"
            raise OutputError(str(self.partial), wanted)
        _remove(self.partial)


def _resolved(path: Path) -> Path:
    try:
        resolved = path.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise OutputError(str(path), f"a path of a folder ({error})") from error
    if not resolved.name:
        raise OutputError(str(path), "a folder below the root")
    return resolved


def _writer_of(folder: Path) -> int | None:
    """Return the process that builds `folder`; None where the folder is not Rampart's."""
    try:
        text = (folder / MARKER).read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdigit() else 0


def _is_alive(process: int) -> bool:
    if process in (0, os.getpid()):
        return False
    try:
        os.kill(process, 0)
    except OSError as error:
        return error.errno == errno.EPERM
    return True


def _remove(folder: Path) -> None:
    """Remove a folder that Rampart wrote; any other stays."""
    if (folder / MARKER).is_file():
        shutil.rmtree(folder, ignore_errors=True)
