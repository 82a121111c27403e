"""Named input files, read from disk or from the copies that a journal keeps, so that both load alike."""

import tempfile
from pathlib import Path

from rampart.errors import InputError


class InputFiles:
    """The files behind a site or scenario, each under its role ("site.toml", "zones", "sounding", …).

    On disk a role is read at its path and remembered; from a journal it is what was remembered then.
    """

    def __init__(self, kept: dict[str, bytes] | None = None):
        self.contents: dict[str, bytes] = dict(kept or {})
        self._from_journal = kept is not None
        self._folder: tempfile.TemporaryDirectory | None = None
        self.places: dict[str, Path] = {}

    def fetch(self, role: str, path: Path) -> bytes:
        """Return the bytes of `role`; raises InputError where its file is missing or unreadable."""
        if not self._from_journal:
            try:
                self.contents[role] = path.read_bytes()
            except OSError as error:
                raise InputError(str(path), f"a readable file ({error.strerror})") from error
            self.places[role] = path
        elif role not in self.contents:
            raise InputError(f"journal: {role}", "the file to be kept in the journal")
        return self.contents[role]

    def path(self, role: str, path: Path) -> Path:
        """Return a path from which a library can read `role`: its own, or a copy in a temporary folder."""
        content = self.fetch(role, path)
        if not self._from_journal:
            return path
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="rampart-")
        copy = Path(self._folder.name) / f"{role.replace(':', '-')}{path.suffix}"
        copy.write_bytes(content)
        return copy
