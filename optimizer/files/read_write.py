"""Bytes in and out: plain or gzipped, standard input, and files that are written whole or not at all."""

from __future__ import annotations

import errno
import gzip
import io
import os
import secrets
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from models.errors import Problem
from optimizer.files import written
from optimizer.files.errors import ABSENT, InputErrors, OutputErrors
from optimizer.files.limits import MEGABYTE, MOST_BYTES

STANDARD_INPUT = "-"
GZIP_MAGIC = b"\x1f\x8b"
HEAD_BYTES = 4096
NEW_MODE, RIGHTS = 0o666, 0o777  # less what the user's mask takes away
BESIDE_CHARACTERS = 50  # of its name that a file beside another has: a sign may take 4 of the 255 bytes of a name
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

    Folders that are missing on the way to it are made. A file that is there keeps its mode and, where this user may
    give files away, its owner.
    Not `to_disk`: it may stay in the system's memory for a while, and a power failure then leaves anything.
    Raises OutputErrors, leaving nothing behind.
    """
    target = Path(path)
    packed = gzip.compress(data, compresslevel=6, mtime=0) if target.suffix == ".gz" else data
    try:
        real = _end_of_links(target)
        real.parent.mkdir(parents=True, exist_ok=True)
        if real.exists() and not real.is_file() and not real.is_dir():
            real.write_bytes(packed)  # a device such as /dev/null cannot be replaced
        else:
            _replace(real, packed, to_disk)
    except (OSError, ValueError) as error:
        raise OutputErrors(str(path), [Problem("", ABSENT, *_why(error))]) from None
    written.note(str(path))


def check_target(path: str | Path, inputs: Iterable[str | Path], what: str, mark: bytes) -> None:
    """Before long work: can `path` be written, is it none of the `inputs`, and if it is there, is it a file of the
    kind that is written, `what`, which has `mark` near its beginning? Raises OutputErrors, and makes nothing."""
    try:
        fault = _fault_of_place(Path(path)) or _fault_of_file(Path(path), inputs, what, mark)
    except (OSError, ValueError) as error:
        fault = _why(error)
    if fault is not None:
        raise OutputErrors(str(path), [Problem("", ABSENT, *fault)])


def _fault_of_place(target: Path) -> tuple[str, str] | None:
    """Why no file can be written there, and the remedy. Raises OSError or ValueError where the system says why."""
    if (fault := _fault_of_folder(target)) is not None:
        return fault
    real = _end_of_links(target)
    if real != target and (fault := _fault_of_folder(real)) is not None:
        return fault
    if real.is_dir() or real.is_socket():
        return f"cannot be written: it is a {'folder' if real.is_dir() else 'socket'}", "name a file"
    return None


def _fault_of_folder(target: Path) -> tuple[str, str] | None:
    folder = next((folder for folder in target.parents if os.path.lexists(folder)), target.parent)
    if not folder.is_dir():
        return f"cannot be written: {folder} is not a folder", "choose another"
    if not os.access(folder, os.W_OK | os.X_OK):
        rule = f"cannot be written: this user may not write to the folder {folder}"
        return rule, "change its permissions or choose another"
    return None


def _fault_of_file(target: Path, inputs: Iterable[str | Path], what: str, mark: bytes) -> tuple[str, str] | None:
    """Why the file that is there may not be written over, and the remedy."""
    if any(Path(other).exists() and target.exists() and target.samefile(other) for other in inputs):
        return "is the input itself", "choose another file"
    if target.is_file() and (head := _head(target)) and mark not in head:
        return f"is there, and is no {what}: it would be lost", "choose another name, or remove it first"
    return None


def _end_of_links(target: Path) -> Path:
    """The file that is written, which need not be there. Raises OSError, among others where links lead in a circle."""
    with suppress(FileNotFoundError):
        target.stat()
    return Path(os.path.realpath(target))


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
    beside = target.with_name(f".{target.name[:BESIDE_CHARACTERS]}.{secrets.token_hex(4)}.tmp")
    before = target.stat() if target.is_file() else None
    mode = NEW_MODE if before is None else before.st_mode & RIGHTS
    try:
        with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            if to_disk:
                file.flush()
                os.fsync(file.fileno())
        if before is not None:
            _take_over(before, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _take_over(before: os.stat_result, path: Path) -> None:
    """Owner and mode of the file that goes, as far as this user and the file system can have them."""
    now = path.stat()
    if hasattr(os, "chown") and (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
        for owner, group in ((before.st_uid, -1), (-1, before.st_gid)):
            with suppress(OSError):
                os.chown(path, owner, group)
    with suppress(OSError):
        path.chmod(before.st_mode & RIGHTS)


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
        case OSError(errno=errno.ELOOP):
            return "is a link that leads to itself", "choose another file"
        case OSError():
            return f"cannot be read or written ({error.strerror or error})", "choose another file"
    return f"is not the name of a file ({error})", "choose another file"
