"""Bytes in and out: plain or gzipped, standard input, and files that are written whole or not at all."""

from __future__ import annotations

import gzip
import io
import os
import secrets
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from models.errors import Problem
from optimizer.files import written
from optimizer.files.errors import ABSENT, InputErrors, OutputErrors
from optimizer.files.limits import MEGABYTE, MOST_BYTES

STANDARD_INPUT = "-"
GZIP_MAGIC = b"\x1f\x8b"
HEAD_BYTES = 4096
GZIP_MOST_RATIO = 1032  # a byte of a gzip file unpacks to no more bytes
READABLE = (stat.S_ISREG, stat.S_ISFIFO)
KINDS = {
    stat.S_IFDIR: "is a folder", stat.S_IFSOCK: "is a socket", stat.S_IFCHR: "is a device", stat.S_IFBLK: "is a device",
}  # fmt: skip


def shown_name(path: str | Path) -> str:
    """The name of a file in messages."""
    return "standard input" if str(path) == STANDARD_INPUT else str(path)


def read_bytes(path: str | Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file or, for "-", of standard input, unpacked if gzipped.

    Read are regular files and pipes of at most `most` bytes, as they are and unpacked. Raises InputErrors.
    """
    try:
        if str(path) == STANDARD_INPUT:
            data = _within(sys.stdin.buffer, most)
        else:
            with _opened(path) as file:
                data = _within(file, most)
        return _unpacked(data, most) if data.startswith(GZIP_MAGIC) else data
    except NotReadableError as error:
        rule, remedy = error.args
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        rule, remedy = f"is not a whole gzip file ({error})", "copy or pack it again"
    except (OSError, ValueError) as error:
        rule, remedy = _why(error)
    raise InputErrors(shown_name(path), [Problem("", ABSENT, rule, remedy)])


class NotReadableError(Exception):
    """Rule and remedy of a file that is too large or of a kind that is not read."""


def _opened(path: str | Path) -> BinaryIO:
    """The file, if it is one that ends: a device may not, and opening it may do things. Raises as `read_bytes` does."""
    mode = os.stat(path).st_mode  # noqa: PTH116 - of text as it was given
    is_terminal = stat.S_ISCHR(mode) and Path(path).resolve().is_relative_to("/dev/pts")  # /dev/stdin, with a person
    if not is_terminal and not any(fits(mode) for fits in READABLE):
        kind = KINDS.get(stat.S_IFMT(mode), "is no regular file")
        raise NotReadableError(kind, "name a file" if stat.S_ISDIR(mode) else "name a file, or - for standard input")
    return Path(path).open("rb")


def _within(file: BinaryIO, most: int) -> bytes:
    data = io.BytesIO()  # grows with what is there, where read(most) would take all of it at once
    while part := file.read(MEGABYTE):
        if data.write(part) and data.tell() > most:
            raise _too_large("is", most)
    return data.getvalue()


def _too_large(verb: str, most: int) -> NotReadableError:
    return NotReadableError(f"{verb} larger than {most // MEGABYTE:,} MB", "no such file is so large: look what it is")


def _unpacked(data: bytes, most: int) -> bytes:
    """The content of a gzip file. What could be too large is unpacked once without being kept, to see whether it is."""
    if len(data) * GZIP_MOST_RATIO > most:
        length = 0
        for part in _parts(data):
            length += len(part)
            if length > most:
                raise _too_large("unpacks to what is", most)
    return b"".join(_parts(data))


def _parts(data: bytes) -> Iterator[bytes]:
    """The content of a gzip file, piece by piece. Raises EOFError, OSError or zlib.error."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        while part := file.read(MEGABYTE):
            yield part


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
    written.note(str(path))


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
