"""A table read from disk row by row in bounded memory: encodings, quotes and lengths that go wrong have a row."""

import csv
from collections.abc import Iterator
from pathlib import Path

from rampart.errors import InputError

LONGEST_LINE = 1 << 20
"""The longest line that is read, in bytes: more is no table, and memory stays bounded on any file."""

_MARKS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK": "a spreadsheet or ZIP file",
    b"SQ": "a database",
}


class RowError(Exception):
    """A row that cannot be read at all; its text says what stood there and what was wanted."""


class Table:
    """The rows of a CSV file: iterate for `(row, cells)`, or `(row, RowError)` where one cannot be read.

    Rows are counted as a spreadsheet does, the header being row 1. `bytes_read` tells how far it has come.
    """

    def __init__(self, path: Path):
        self.path = path
        self.bytes_read = 0
        self._broken: RowError | None = None
        self._line = 0

    def __iter__(self) -> Iterator[tuple[int, list[str] | RowError]]:
        csv.field_size_limit(LONGEST_LINE)
        try:
            with self.path.open("rb") as file:
                start = file.read(4)
                for mark, kind in _MARKS.items():
                    if start.startswith(mark):
                        raise InputError(str(self.path), f"a CSV file in UTF-8; this is {kind}")
                file.seek(0)
                yield from self._rows(csv.reader(self._lines(file), strict=True))
        except OSError as error:
            raise InputError(str(self.path), f"a readable file ({error.strerror})") from error

    def _rows(self, reader) -> Iterator[tuple[int, list[str] | RowError]]:
        row = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._broken = self._broken or RowError(f"line {self._line}: {_plainly(error)}")
                cells = [""]
            if not cells:
                continue
            row += 1
            broken, self._broken = self._broken, None
            yield row, broken or cells

    def _lines(self, file) -> Iterator[str]:
        while line := file.readline(LONGEST_LINE + 1):
            self.bytes_read += len(line)
            self._line += 1
            if len(line) > LONGEST_LINE:
                self._broken = RowError(f"line {self._line}: wanted a line of at most {LONGEST_LINE} bytes")
                while line and not line.endswith(b"\n"):
                    line = file.readline(LONGEST_LINE)
                    self.bytes_read += len(line)
                yield "?\n"
                continue
            if self._line == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                self._broken = RowError(
                    f"line {self._line}, column {_column(line, error.start)}: byte 0x{line[error.start]:02X}: "
                    "wanted UTF-8 throughout"
                )
                text = line.decode("latin-1")
            if "\0" in text:
                self._broken = RowError(f"line {self._line}: wanted text, not a zero byte")
                text = text.replace("\0", "?")
            yield text


def _column(line: bytes, place: int) -> int:
    """Return the number of the column that a byte stands in, commas within quotes left aside."""
    before = line[:place]
    return 1 + sum(part.count(b",") for part in before.split(b'"')[::2])


def _plainly(error: csv.Error) -> str:
    said = str(error)
    if "field larger" in said or "unexpected end" in said:
        return "a quotation mark that is never closed"
    return f"wanted a table with commas and quotation marks in pairs ({said})"
