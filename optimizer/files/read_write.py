"""Bytes in and out: plain or gzipped, standard input, and files that are written whole or not at all."""

from __future__ import annotations

import gzip
import os
import secrets
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path

from models.errors import Problem
from optimizer.files.errors import ABSENT, InputErrors, OutputErrors

STANDARD_INPUT = "-"
GZIP_MAGIC = b"\x1f\x8b"
HEAD_BYTES = 4096


def shown_name(path: str | Path) -> str:
    """The name of a file in messages."""
    return "standard input" if str(path) == STANDARD_INPUT else str(path)


def read_bytes(path: str | Path) -> bytes:
    """The bytes of a file or, for "-", of standard input, unpacked if gzipped. Raises InputErrors."""
    try:
        data = sys.stdin.buffer.read() if str(path) == STANDARD_INPUT else Path(path).read_bytes()
        return gzip.decompress(data) if data.startswith(GZIP_MAGIC) else data
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        rule, remedy = f"is not a whole gzip file ({error})", "copy or pack it again"
    except (OSError, ValueError) as error:
        rule, remedy = _why(error)
    raise InputErrors(shown_name(path), [Problem("", ABSENT, rule, remedy)])


def write_whole(path: str | Path, data: bytes, *, to_disk: bool = True) -> None:
    """Write `data` so that readers see the old file or the new one, never a part; gzipped if named .gz.

    Folders that are missing on the way to it are made.
    Not `to_disk`: it may stay in the system's memory for a while, and a power failure then leaves anything.
    Raises OutputErrors, leaving nothing behind.
    """
    target = Path(path)
    packed = gzip.compress(data, compresslevel=6, mtime=0) if target.suffix == ".gz" else data
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(packed)  # a device such as /dev/null cannot be replaced
        else:
            _replace(target.resolve(), packed, to_disk)
    except (OSError, ValueError) as error:
        raise OutputErrors(str(path), [Problem("", ABSENT, *_why(error))]) from None


def check_target(path: str | Path, inputs: Iterable[str | Path], what: str, mark: bytes) -> None:
    """Before long work: can `path` be written, is it none of the `inputs`, and if it is there, is it a file of the
    kind that is written, `what`, which has `mark` near its beginning? Raises OutputErrors, and makes nothing."""
    target = Path(path)
    folder = next((folder for folder in target.parents if os.path.lexists(folder)), target.parent)
    if not folder.is_dir():
        rule = f"cannot be written: {folder} is not a folder"
        raise OutputErrors(str(path), [Problem("", ABSENT, rule, "choose another")])
    if not os.access(folder, os.W_OK):
        rule = f"cannot be written: this user may not write to the folder {folder}"
        raise OutputErrors(str(path), [Problem("", ABSENT, rule, "change its permissions or choose another")])
    if any(Path(other).exists() and target.exists() and target.samefile(other) for other in inputs):
        raise OutputErrors(str(path), [Problem("", ABSENT, "is the input itself", "choose another file")])
    if target.is_file() and (head := _head(target)) and mark not in head:
        rule = f"is there, and is no {what}: it would be lost"
        raise OutputErrors(str(path), [Problem("", ABSENT, rule, "choose another name, or remove it first")])


def all_to_disk() -> None:
    """Have on disk whatever was written before, where the system can be told so; Windows cannot."""
    if hasattr(os, "sync"):
        os.sync()


def _head(path: Path) -> bytes:
    """The beginning of a file, unpacked if gzipped; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            is_packed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        with gzip.open(path) if is_packed else path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def _replace(target: Path, data: bytes, to_disk: bool) -> None:
    """Through a file beside the target, for a rename is whole only within one file system."""
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(data)
            if to_disk:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _why(error: OSError | ValueError) -> tuple[str, str]:
    """Rule and remedy in plain words."""
    match error:
        case FileNotFoundError():
            return "there is no such file", "check the name and the folder"
        case IsADirectoryError():
            return "is a folder", "name a file"
        case NotADirectoryError() | FileExistsError():
            return "lies in what is not a folder", "choose another file"
        case PermissionError():
            return "may not be opened by this user", "change its permissions or choose another file"
        case OSError():
            return f"cannot be read or written ({error.strerror or error})", "choose another file"
    return f"is not the name of a file ({error})", "choose another file"
