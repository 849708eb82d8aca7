"""The JSON that this program keeps in a folder, read again: keys that a later version adds are passed over."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from models.errors import Problem
from optimizer.files.csv_table import MOST_NUMBER
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.json_text import NOT_READABLE
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.locked_folder import FolderKind
from optimizer.files.read_write import read_bytes

T = TypeVar("T")


def read_folder_json(path: Path, kind: type[T], folder: FolderKind) -> T:
    """The summary in a file of a `folder`. Raises InputErrors."""
    data = read_bytes(path, MOST_NETWORK_BYTES)
    try:
        read = msgspec.json.decode(data, type=kind)
        if _has_sane_numbers(msgspec.to_builtins(read)):
            return read
        why = "it holds a number that nothing adds up to"
    except RecursionError:
        why = "it nests lists and objects too deeply"
    except NOT_READABLE as error:
        why = str(error)
    raise InputErrors(str(path), [Problem("", ABSENT, f"is no summary of a {folder.what} ({why})", folder.again)])


def _has_sane_numbers(plain: object) -> bool:
    """Can all be drawn? Sums and scales of larger numbers leave what floats hold."""
    match plain:
        case dict():
            return all(map(_has_sane_numbers, plain.values()))
        case list() | tuple():
            return all(map(_has_sane_numbers, plain))
        case int() | float():
            return abs(plain) <= MOST_NUMBER
    return True
