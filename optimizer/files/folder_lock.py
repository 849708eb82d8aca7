"""The lock on a folder: held by one process, and given back by the system however that process ends.

Where Python has `fcntl`, as on Linux and macOS, it lies on the marked file itself. Elsewhere, as on Windows, SQLite
locks a file beside it: a database without content, by whatever means that system has.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import IO, Protocol

try:
    import fcntl
except ImportError:  # as on Windows
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"
LOCK_DATABASE = ".lock.sqlite"
LOCK_FILES = frozenset({LOCK, LOCK_DATABASE})


class FolderInUseError(Exception):
    """Another process holds the lock."""


class FolderLock(Protocol):
    """A lock that is held."""

    def close(self) -> None:
        """Let others in."""


def lock_folder(folder: Path, mark: bytes) -> FolderLock:
    """Lock a folder for this process, and leave the mark in it. Raises FolderInUseError, and OSError."""
    held = _by_database(folder / LOCK_DATABASE) if fcntl is None else _by_system(folder / LOCK)
    try:
        with (folder / LOCK).open("ab") as marked:
            if marked.tell() == 0:
                marked.write(mark)
    except OSError:
        held.close()
        raise
    return held


def _by_system(path: Path) -> IO[bytes]:
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise FolderInUseError from None
    return file


def _by_database(path: Path) -> sqlite3.Connection:
    database = None
    try:
        database = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        database.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        if database is not None:
            database.close()
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            raise FolderInUseError from None
        raise OSError(f"cannot be locked: {error}") from None
    return database
