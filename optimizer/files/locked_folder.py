"""Folders that one command at a time writes in: a lock, a mark by which they are known again, nothing half-written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.errors import Problem
from optimizer.files.errors import ABSENT, InputErrors, OutputErrors, printable
from optimizer.files.folder_lock import LOCK, LOCK_FILES, FolderInUseError, FolderLock, lock_folder
from optimizer.files.json_text import indented_json
from optimizer.files.read_write import read_bytes, write_whole

LEFT_OVER = ".*.tmp"  # what a killed command was writing
GO_ON = "what is finished stays; put that right and run the same command again"


@dataclass(frozen=True)
class FolderKind:
    """What such a folder holds ("run"), the command that writes in it, and the file and format of its summary.

    `parts`: what goes there, in words; "" for its results.
    """

    what: str
    command: str
    format: str
    summary: str
    subfolders: tuple[str, ...]
    parts: str = ""

    @property
    def content(self) -> str:
        """What goes there, in words."""
        return self.parts or f"the {self.what}'s results"

    @property
    def mark(self) -> bytes:
        """The lock's content: by it a folder without a summary is known."""
        return f"swapcharge {self.what}\n".encode()

    @property
    def again(self) -> str:
        """What mends its files, as a remedy."""
        return f"run the same {self.command} command again"


@dataclass(frozen=True)
class LockedFolder:
    """A folder that is locked for this process until `close`."""

    path: Path
    lock: FolderLock

    def write(self, path: Path, data: bytes, *, to_disk: bool = True) -> None:
        """Write a file of the folder, whole. Raises OutputErrors, which say that the work goes on later."""
        try:
            write_whole(path, data, to_disk=to_disk)
        except OutputErrors as error:
            raise OutputErrors(error.file, [replace(one, remedy=GO_ON) for one in error.problems]) from None

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """The same with a JSON object."""
        self.write(self.path / name, (indented_json(value) + "\n").encode())

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove files of the folder, in this order; those that are gone are no matter. Raises OutputErrors."""
        for path in paths:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                rule = f"cannot be removed ({error.strerror})"
                raise OutputErrors(str(path), [Problem("", ABSENT, rule, GO_ON)]) from None

    def give_way(self, kind: FolderKind, holds: str, paths: Iterable[Path], *, may_replace: bool) -> None:
        """Remove what the folder `holds` of another network or study, in this order, its summary last.

        Raises OutputErrors where it may not be replaced, or not be removed.
        """
        if not may_replace:
            rule = f"holds {printable(holds)}"
            raise _refused(self.path, rule, f"name another folder, or give --replace, which removes that {kind.what}")
        self.remove([*paths, self.path / kind.summary])

    def close(self) -> None:
        """Let others in."""
        self.lock.close()


def open_locked(path: Path, kind: FolderKind) -> FolderLock:
    """Make the folder and those above it, or go on with it, without what was left half-written.

    Closing the lock lets others in.
    Raises OutputErrors where it is no folder, not to be written, in use, or holds other things.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        _check_is_ours(path, kind)
        lock = _locked(path, kind)
        for folder in (path, *(path / name for name in kind.subfolders)):
            folder.mkdir(exist_ok=True)
            for left in folder.glob(LEFT_OVER):
                left.unlink()
    except OSError as error:
        raise _refused(path, *_why(error, path, kind)) from None
    return lock


def _check_is_ours(path: Path, kind: FolderKind) -> None:
    others = {entry.name for entry in path.iterdir()} - LOCK_FILES
    if others and not _has_mark(path / LOCK, kind) and not is_summary(path / kind.summary, kind.format):
        rule = f"is a folder that holds other things than a {kind.what}"
        raise _refused(path, rule, "name a new or an empty folder")


def _has_mark(lock: Path, kind: FolderKind) -> bool:
    return lock.is_file() and lock.stat().st_size == len(kind.mark) and lock.read_bytes() == kind.mark


def is_summary(path: Path, format_: str) -> bool:
    """Is this a JSON object of that format?"""
    try:
        return bool(json.loads(read_bytes(path))["format"] == format_)
    except (InputErrors, ValueError, KeyError, TypeError, RecursionError):
        return False


def _locked(path: Path, kind: FolderKind) -> FolderLock:
    try:
        return lock_folder(path, kind.mark)
    except FolderInUseError:
        rule = f"is in use: another {kind.command} is writing to it"
        raise _refused(path, rule, "wait for it or stop it, or name another folder") from None


def _refused(path: Path, rule: str, remedy: str) -> OutputErrors:
    return OutputErrors(str(path), [Problem("", ABSENT, rule, remedy)])


def _why(error: OSError, path: Path, kind: FolderKind) -> tuple[str, str]:
    match error:
        case FileExistsError() | NotADirectoryError():
            return "is not a folder", f"name a folder: {kind.content} go there"
        case PermissionError():
            return "may not be written by this user", "change its permissions or choose another folder"
    return f"cannot be written ({error.strerror or error})", "put that right or choose another folder"
