"""The SQLite file of a history: made, recognised, opened for one writer or for readers beside it.

It is in WAL mode: readers see the last whole state while a writer is at work, and neither waits for the other.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from models.errors import Problem
from optimizer.files.errors import ABSENT, FileErrors, InputErrors, OutputErrors

HISTORY_NAME = "history.sqlite"
APPLICATION_ID = 0x53574348  # "SWCH", in the file's header: this file is ours
VERSION = 1  # of the tables below, in the file's header
MOST_CELL_BYTES = 1_000_000  # of a text in the file: no name, folder or reason is longer
BUSY_SECONDS = 30.0  # how long to wait for another writer
PAUSE_SECONDS = 0.05  # between attempts at what SQLite itself does not wait for

TABLES = (
    """CREATE TABLE runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        folder TEXT NOT NULL,
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        currency TEXT NOT NULL,
        horizon_start TEXT NOT NULL,
        started TEXT NOT NULL,
        finished TEXT,
        status TEXT NOT NULL,
        stations INTEGER NOT NULL,
        planned INTEGER NOT NULL,
        fallback INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        swaps_served INTEGER NOT NULL,
        swaps_lost INTEGER NOT NULL,
        objective REAL,
        bound REAL,
        gap REAL,
        gross_cost REAL,
        wall_seconds REAL,
        UNIQUE (folder, id)
    )""",
    """CREATE TABLE stations (
        run INTEGER NOT NULL REFERENCES runs (number),
        place INTEGER NOT NULL,
        station TEXT NOT NULL,
        status TEXT NOT NULL,
        method TEXT NOT NULL,
        objective REAL,
        bound REAL,
        gap REAL,
        swaps_served INTEGER,
        swaps_lost INTEGER,
        reason TEXT NOT NULL,
        PRIMARY KEY (run, place)
    ) WITHOUT ROWID""",
)

TABLE_NAMES = ("runs", "stations", "sqlite_sequence")  # the last is SQLite's own, for AUTOINCREMENT
NOT_OURS = "is not a history of swapcharge", "name the folder or file that nightly writes it to"
DAMAGED = "is damaged", "move it away: nightly begins a new one"
WORDS = {  # by the first words of SQLite's own name of an error
    "SQLITE_NOTADB": NOT_OURS,
    "SQLITE_CORRUPT": DAMAGED,
    "SQLITE_TOOBIG": DAMAGED,
    "SQLITE_BUSY": ("is kept busy by another program", "try again when that one is done"),
    "SQLITE_READONLY": ("may not be written by this user", "change its permissions or its folder's"),
    "SQLITE_CANTOPEN": ("cannot be opened", "check its folder, and the permissions of both"),
    "SQLITE_FULL": ("does not fit on the disk", "make room"),
}


@contextmanager
def writing(index: Path) -> Iterator[sqlite3.Connection]:
    """A connection in a transaction on the history `index`, made if need be; all that is done counts, or nothing.

    Raises OutputErrors where the file is not ours or cannot be written.
    """
    with suppress(OSError):  # SQLite says what is wrong with it
        index.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(index.resolve(), timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            _bound_cells(connection)
            _refuse_foreign(connection, index, OutputErrors, new_is_fine=True)
            _use_wal(connection)
            connection.execute("BEGIN IMMEDIATE")
            if _is_new(connection):
                _make_tables(connection)
            yield connection
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise OutputErrors(str(index), [_problem(error)]) from None
    except (TypeError, ValueError):
        raise OutputErrors(str(index), [Problem("", ABSENT, *DAMAGED)]) from None


@contextmanager
def reading(index: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees one state of the history `index` and changes nothing.

    Raises InputErrors where there is none, it is not ours, or it cannot be read.
    """
    if not index.is_file():
        rule = "there is no such history"
        raise InputErrors(str(index), [Problem("", ABSENT, rule, "nightly writes it beside its run folders")])
    try:
        with closing(_readable(index)) as connection:
            _refuse_foreign(connection, index, InputErrors, new_is_fine=False)
            yield connection
    except sqlite3.Error as error:
        raise InputErrors(str(index), [_problem(error)]) from None
    except UnicodeDecodeError as error:
        raise damaged(index, "a text", error.reason) from None


def damaged(index: Path, place: str, why: str) -> InputErrors:
    """What stands at `place` of the file is none of ours."""
    rule, remedy = DAMAGED
    return InputErrors(str(index), [Problem("", ABSENT, f"{rule} ({place}: {why})", remedy)])


def _readable(index: Path) -> sqlite3.Connection:
    """Opened read-write and bound to ask only: SQLite then clears away the files it shares with writers.

    Where this user may not make those files and no writer has, the file stands still: nobody's leave is needed.
    """
    try:
        connection = _opened(index, "mode=rw")
        connection.execute("PRAGMA query_only = 1")
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
            raise
        if _has_open_changes(index):
            rule = "has changes that a writer left behind, and this user may not bring them in"
            remedy = "let its owner run swapcharge history on it once"
            raise InputErrors(str(index), [Problem("", ABSENT, rule, remedy)]) from None
        connection = _opened(index, "mode=ro&immutable=1")
    return connection


def _opened(index: Path, how: str) -> sqlite3.Connection:
    """A connection that has begun to read."""
    connection = sqlite3.connect(
        f"{index.resolve().as_uri()}?{how}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )
    try:
        _bound_cells(connection)
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _has_open_changes(index: Path) -> bool:
    log = index.resolve().with_name(f"{index.resolve().name}-wal")
    return log.exists() and log.stat().st_size > 0


def _refuse_foreign(
    connection: sqlite3.Connection, index: Path, errors: type[FileErrors], *, new_is_fine: bool
) -> None:
    """Nothing of a file is touched before it is known as ours."""
    if new_is_fine and _is_new(connection):
        return
    application_id, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    if application_id != APPLICATION_ID:
        raise errors(str(index), [Problem("", ABSENT, *NOT_OURS)])
    if version != VERSION:
        rule = f"is a history of format {version}; this program knows format {VERSION}"
        raise errors(str(index), [Problem("", ABSENT, rule, "use the swapcharge that wrote it, or a newer one")])

    found = connection.execute("SELECT name, sql LIKE 'CREATE TABLE%' FROM sqlite_master WHERE sql IS NOT NULL")
    if dict(found) != dict.fromkeys(TABLE_NAMES, 1):  # a view or a trigger may run for ever
        rule, remedy = DAMAGED
        raise errors(str(index), [Problem("", ABSENT, f"{rule} (it has other tables than a history)", remedy)])


def _bound_cells(connection: sqlite3.Connection) -> None:
    """So that no cell takes more memory than a history needs; SQLite refuses it before it reads it."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CELL_BYTES)


def _is_new(connection: sqlite3.Connection) -> bool:
    """Is the file without any content?"""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return not tables and _pragma(connection, "application_id") == _pragma(connection, "user_version") == 0


def _pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _use_wal(connection: sqlite3.Connection) -> None:
    """The mode stays with the file. SQLite does not wait for others here, so this does."""
    deadline = time.monotonic() + BUSY_SECONDS
    while _pragma(connection, "journal_mode") != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return  # also where the file system cannot have it: the file's locks are there still
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_SECONDS)


def _make_tables(connection: sqlite3.Connection) -> None:
    for table in TABLES:
        connection.execute(table)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _problem(error: sqlite3.Error) -> Problem:
    """SQLite's error in plain words."""
    if "decode" in str(error):  # a text that is no UTF-8
        return Problem("", ABSENT, *DAMAGED)
    name = getattr(error, "sqlite_errorname", "")
    known = (words for start, words in WORDS.items() if name.startswith(start))
    rule, remedy = next(known, (f"cannot be read or written ({error})", "check its disk, or choose another file"))
    return Problem("", ABSENT, rule, remedy)
