"""The journal's tables, and the only door to SQLite: for the journal, and for other books by their layout."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rampart.errors import JournalError, LedgerError

T = TypeVar("T")

SCHEMA_VERSION = 1
APPLICATION_ID = 0x52414D50
"""`RAMP`, in the file's own header: a database of somebody else is never taken for a journal."""
FILE_NAME = "journal.sqlite"

TABLES = """
CREATE TABLE header (role TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE inputs (
    seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, time_s REAL NOT NULL,
    payload BLOB NOT NULL, hash BLOB NOT NULL
);
CREATE TABLE events (seq INTEGER PRIMARY KEY, input INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE ending (inputs INTEGER NOT NULL, hash BLOB NOT NULL);
"""

# A torn cell may have changed its type; the casts give bytes and numbers all the same; the chain judges.
HEADER = "SELECT CAST(role AS TEXT), CAST(content AS BLOB) FROM header"
INPUTS = """SELECT seq, CAST(kind AS TEXT), CAST(time_s AS REAL), CAST(payload AS BLOB), CAST(hash AS BLOB)
    FROM inputs ORDER BY seq"""
LAST = "SELECT seq, CAST(hash AS BLOB) FROM inputs ORDER BY seq DESC LIMIT 1"
ENDING = "SELECT CAST(inputs AS INTEGER), CAST(hash AS BLOB) FROM ending"
EVENTS = "SELECT seq, CAST(input AS INTEGER), CAST(line AS BLOB) FROM events ORDER BY seq"

InputRow = tuple[int, str, float, bytes, bytes]
"""seq, kind, time_s, payload, hash."""
EventRow = tuple[int, int, bytes]
"""seq, seq of its input, line."""


class Database:
    """One connection to a journal's file; every failure of SQLite leaves here as a JournalError of one line.

    It may be handed from thread to thread, but used by one at a time.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path = path
        self._connection = connection

    @classmethod
    def create(cls, path: Path, header: dict[str, bytes]) -> "Database":
        """Write a new journal with its header; raises JournalError where it exists or cannot be made."""
        if path.exists():
            raise JournalError(f"{path}: exists already: wanted a folder without a journal")
        database = cls(path, _connected(path, "mode=rwc"))
        database._guard(lambda connection: _lay_out(connection, header))
        return database

    @classmethod
    def open(cls, path: Path, write: bool = False) -> "Database":
        """Open a journal, and where it was killed let SQLite roll its log forward.

        Raises JournalError where there is none, where the file is none, or where another version wrote it.
        """
        if not path.is_file():
            raise JournalError(f"{path}: no journal here")
        database = cls(path, _connected(path, "mode=rw" if write else _reading_mode(path)))
        try:
            database._guard(lambda connection: _check(connection, path))
            if write:
                database._guard(_write_ahead)
        except JournalError:
            database.abandon()
            raise
        return database

    def header(self) -> dict[str, bytes]:
        """Return the header's contents by role."""
        return self._guard(lambda connection: dict(connection.execute(HEADER)))

    def add(self, inputs: list[InputRow], events: list[EventRow]) -> None:
        """Commit these rows, all or none; they are on the disk when this returns."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM ending")
            connection.executemany("INSERT INTO inputs VALUES (?, ?, ?, ?, ?)", inputs)
            connection.executemany("INSERT INTO events VALUES (?, ?, ?)", events)
            connection.execute("COMMIT")

        self._guard(write)

    def inputs(self) -> Iterator[InputRow]:
        """Yield every input, in order."""
        return self._rows(INPUTS)

    def events(self) -> Iterator[EventRow]:
        """Yield every event, in order."""
        return self._rows(EVENTS)

    def last(self) -> tuple[int, bytes | None, int]:
        """Return seq and hash of the last input (0 and None before the first), and seq of the last event."""

        def ask(connection: sqlite3.Connection) -> tuple[int, bytes | None, int]:
            row = connection.execute(LAST).fetchone()
            events = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()[0]
            return (row[0], row[1], events) if row else (0, None, events)

        return self._guard(ask)

    def ending(self) -> tuple[int, bytes] | None:
        """Return the number of inputs and the last hash at closing; None where it was not closed."""
        return self._guard(lambda connection: connection.execute(ENDING).fetchone())

    def end(self, inputs: int, last_hash: bytes) -> None:
        """Note the end and fold the log into the file, so that one file is left, readable without writing."""

        def finish(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM ending")
            connection.execute("INSERT INTO ending VALUES (?, ?)", (inputs, last_hash))
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            # Fails while somebody else reads; then the log stays beside the file and nothing is lost.
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = DELETE")

        self._guard(finish)
        self.abandon()

    def abandon(self) -> None:
        """Close the connection as it stands."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _rows(self, query: str) -> Iterator:
        cursor = self._guard(lambda connection: connection.execute(query))
        while rows := self._guard(lambda _: cursor.fetchmany(256)):
            yield from rows

    def _guard(self, act: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return act(self._connection)
        except (sqlite3.Error, OverflowError) as error:
            with contextlib.suppress(sqlite3.Error):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            raise JournalError(f"{self.path}: {_plainly(error)}") from error


@dataclass(frozen=True, slots=True)
class Layout:
    """What a book's file says of itself, and the steps that built it: `steps[n]` leads from version n to n + 1."""

    application_id: int
    steps: tuple[str, ...]


class Book:
    """One connection to a book of many tables; every failure of SQLite leaves here as a LedgerError of one line."""

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path, layout: Layout) -> "Book":
        """Open a book, make it where there is none, and bring an older one to this version, all or nothing.

        Raises LedgerError where the file is something else, is torn, or comes from a later version.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            book = cls(path, _connected(path, "mode=rwc"))
        except (OSError, JournalError) as error:
            raise LedgerError(f"{path}: cannot be opened: {error}") from error
        try:
            book._guard(lambda connection: _bring_up(connection, path, layout))
        except LedgerError:
            book.close()
            raise
        return book

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple]:
        """Return every row that a query finds."""
        return self._guard(lambda connection: connection.execute(query, values).fetchall())

    def each(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple]:
        """Yield the rows that a query finds, a few at a time."""
        cursor = self._guard(lambda connection: connection.execute(query, values))
        while rows := self._guard(lambda _: cursor.fetchmany(1024)):
            yield from rows

    def write(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one statement inside a transaction; return the number of the row that it added."""
        return self._guard(lambda connection: connection.execute(statement, values).lastrowid or 0)

    def write_each(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for every row inside a transaction."""
        self._guard(lambda connection: connection.executemany(statement, rows))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is written within, or none of it where it is left by an exception or a kill."""
        self._guard(lambda connection: connection.execute("BEGIN IMMEDIATE"))
        try:
            yield
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise
        self._guard(lambda connection: connection.execute("COMMIT"))

    def close(self) -> None:
        """Close the connection; what was committed stays."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _guard(self, act: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return act(self._connection)
        except (sqlite3.Error, OverflowError) as error:
            raise LedgerError(f"{self.path}: {_plainly(error, 'ledger')}") from error


def _bring_up(connection: sqlite3.Connection, path: Path, layout: Layout) -> None:
    """Lay a new book out, or check whose an old one is and take the steps that it lacks."""
    (count,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if (count or version) and owner != layout.application_id:
        raise LedgerError(f"{path}: a database, but no ledger of Rampart's")
    if version > len(layout.steps):
        raise LedgerError(f"{path}: version {version}: this Rampart reads up to version {len(layout.steps)}")
    _write_ahead(connection)
    connection.execute("PRAGMA cache_size = -131072")
    connection.execute("PRAGMA temp_store = MEMORY")
    if version < len(layout.steps):
        steps = "".join(layout.steps[version:])
        marks = f"PRAGMA application_id = {layout.application_id}; PRAGMA user_version = {len(layout.steps)};"
        try:
            connection.executescript(f"BEGIN IMMEDIATE; {steps} {marks} COMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    place = f"{path.resolve().as_uri()}?{mode}"
    try:
        connection = sqlite3.connect(
            place, uri=True, isolation_level=None, check_same_thread=False, timeout=2.0
        )
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {_plainly(error)}") from error
    # A cell that holds broken UTF-8 is a torn journal, not a reason to fall over.
    connection.text_factory = lambda content: content.decode("utf-8", "replace")
    return connection


def _reading_mode(path: Path) -> str:
    """Return how to open: a closed journal as it lies, on any disk; a killed one together with its log."""
    return "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"


def _lay_out(connection: sqlite3.Connection, header: dict[str, bytes]) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    _write_ahead(connection)
    connection.executescript(f"BEGIN IMMEDIATE; {TABLES}")
    connection.executemany("INSERT INTO header VALUES (?, ?)", sorted(header.items()))
    connection.execute("COMMIT")


def _write_ahead(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Raise JournalError unless the file says that this version of Rampart's schema wrote it."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise JournalError(f"{path}: a database, but no journal of Rampart's")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        raise JournalError(f"{path}: version {version}: this Rampart reads version {SCHEMA_VERSION}")


def _plainly(error: Exception, name: str = "journal") -> str:
    """Return SQLite's complaint in words for a person."""
    said = str(error)
    if "locked" in said or "UNIQUE" in said:
        return f"another process writes this {name} ({said})"
    if "malformed" in said or "not a database" in said or "no such table" in said:
        return f"torn, or no {name} at all ({said})"
    return f"cannot be used ({said})"
