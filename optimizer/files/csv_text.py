"""What all readers of tables share: the text of a file, numbers, columns by their names, places of lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.errors import InvalidData, Problem
from optimizer.files.errors import ABSENT, did_you_mean

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def line_place(line: int) -> str:
    """The place of a line, where messages name the file anyway."""
    return f"line {line}"


def text_of(data: bytes) -> str:
    """The text of a file. Raises InvalidData where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidData([Problem("", ABSENT, "is not UTF-8 text", "save the file as UTF-8")]) from None


def column_at(header: Sequence[str], file: str, key: str, name: str) -> int:
    """Where the column `name` stands. `key`: the setting that names it. Raises InvalidData."""
    if list(header).count(name) == 1:
        return list(header).index(name)
    if name in header:
        rule, remedy = f"names several columns of {file}", "give every column its own name"
    else:
        rule = f"is not a column of {file}"
        remedy = did_you_mean(name, header, f"its columns: {', '.join(header) or 'none'}")
    raise InvalidData([Problem(key, name, rule, remedy)])
