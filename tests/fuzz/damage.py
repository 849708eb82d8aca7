"""Ways to damage bytes: as JSON, TOML or tables of SQLite where they are, as cells where they are lines, else as bytes.

And the smallest part of damaged bytes that still does the same. Not a test file.
"""

from __future__ import annotations

import datetime
import gzip
import json
import random
import re
import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any

from json_mutations import MUTATIONS, places
from tiny_study import toml

CELLS = ["", "nan", "-1", "1e999", "9" * 400, "x" * 9_000, "2025-13-01", "24:00", "\x1b]0;x\x07", "\u202e", '"', "=1+1"]
NO_KEY = re.compile(r"[^A-Za-z0-9_-]")  # what TOML wants in quotes
BYTES = [0, 10, 13, 34, 44, 91, 123, 128, 255]


def json_tree(rng: random.Random, data: bytes) -> bytes:
    """One to three places of the document changed, or one of them nested deeply; other text as bytes."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return some_bytes(rng, data)
    for _ in range(rng.randint(1, 3)):
        if found := list(places(document)):
            rng.choice(MUTATIONS)(rng, *rng.choice(found))
    text = json.dumps(document)
    if rng.random() < 0.1:
        depth, at = rng.choice([50, 900, 20_000]), text.find(":") + 1
        text = text[:at] + "[" * depth + "]" * depth + "," + text[at:]
    return text.replace("1.5", rng.choice(["NaN", '"\\ud800"', "1" * 5_000, "1.5"])).encode()


def cells(rng: random.Random, data: bytes) -> bytes:
    """A cell, line or delimiter changed."""
    lines = data.decode("utf-8", "replace").split("\n")
    at = rng.randrange(len(lines))
    parts = lines[at].split(mark := rng.choice([",", ";", "=", " "]))
    parts[rng.randrange(len(parts))] = rng.choice(CELLS)
    lines[at : at + 1] = rng.choice([[mark.join(parts)], [], [lines[at]] * 2, [lines[at].replace(",", ";")]])
    return "\n".join(lines).encode()


def some_bytes(rng: random.Random, data: bytes) -> bytes:
    """Flips, a cut, or a part said twice."""
    changed = bytearray(data or b" ")
    for _ in range(rng.randint(1, 4)):
        changed[rng.randrange(len(changed))] = rng.choice([rng.randrange(256), *BYTES])
    start = rng.randrange(len(changed))
    return bytes(rng.choice([changed, changed, changed[:start], changed[start // 2 :] + changed[start:]]))


def toml_tree(rng: random.Random, data: bytes) -> bytes:
    """The same as `json_tree` for TOML: places of the document changed, then written anew."""
    try:
        document = tomllib.loads(data.decode())
    except (ValueError, RecursionError):
        return some_bytes(rng, data)
    for _ in range(rng.randint(1, 3)):
        if found := list(places(document)):
            rng.choice(MUTATIONS)(rng, *rng.choice(found))
    if not isinstance(document, dict):
        return data
    with suppress(TypeError, ValueError):
        data = toml(_plain(document)).encode(errors="surrogateescape")
    return data.replace(
        b"1.5", rng.choice([b"nan", b"+inf", b"0x" + b"f" * 400, b"1979-05-27T07:32:00Z", b"[[[[1]]]]"])
    )


def _plain(value: Any) -> Any:
    """Dates as texts, and keys that need no quotes: the rest is as JSON has it."""
    if isinstance(value, dict):
        return {NO_KEY.sub("", key) or "k": _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    is_date = isinstance(value, datetime.date | datetime.time)
    return value.isoformat() if is_date else "" if value is None else value


COMMANDS = [
    "UPDATE {table} SET {column} = {value}",
    "UPDATE {table} SET {column} = {value} WHERE rowid = 1",
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "DELETE FROM {table}",
    "DROP TABLE {table}",
    "ALTER TABLE {table} DROP COLUMN {column}",
    "ALTER TABLE {table} RENAME COLUMN {column} TO other",
    "ALTER TABLE {table} ADD COLUMN more DEFAULT {value}",
    "ALTER TABLE {table} RENAME TO others",
    "CREATE TRIGGER t AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END",
    "PRAGMA user_version = {value}",
    "PRAGMA application_id = 7",
]
VALUES = [
    "NULL", "-1", "1e400", "9223372036854775807", "''", "'\u202e=1+1'", "x'00ff'", "CAST(x'ff41' AS TEXT)",
    "printf('%.*c', 3000000, 'x')", "zeroblob(3000000)", "'2025-13-01T99:00:00Z'", "1.5", "char(0)",
]  # fmt: skip


def sql(rng: random.Random, data: bytes) -> bytes:
    """Rows, columns and tables of a database changed by its own commands, with the rules of its columns or without."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database, suppress(sqlite3.Error):
        database.deserialize(_without_log(data))
        columns = _columns(database)
        if rng.random() < 0.5:
            database.execute("PRAGMA writable_schema = 1")
            database.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')")
            database.deserialize(database.serialize())
        for _ in range(rng.randint(1, 3)):
            table, column = rng.choice(columns)
            with suppress(sqlite3.Error):
                database.execute(rng.choice(COMMANDS).format(table=table, column=column, value=rng.choice(VALUES)))
        return database.serialize()
    return some_bytes(rng, data)


def _without_log(data: bytes) -> bytes:
    """A file in WAL mode cannot be held in memory: bytes 18 and 19 of its header say so."""
    return data[:18] + b"\1\1" + data[20:]


def _columns(database: sqlite3.Connection) -> list[tuple[str, str]]:
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [(table, row[1]) for table in tables for row in database.execute(f"PRAGMA table_info('{table}')")]


WAYS: list[Callable[[random.Random, bytes], bytes]] = [json_tree, cells, some_bytes]
SQLITE_MAGIC = b"SQLite format 3\0"


def damaged(rng: random.Random, data: bytes) -> bytes:
    """`data`, damaged in one way or two; what is packed, mostly inside."""
    if data.startswith(b"\x1f\x8b") and rng.random() < 0.7:
        return gzip.compress(damaged(rng, gzip.decompress(data)), mtime=0)
    if data.startswith(SQLITE_MAGIC):
        return rng.choice([sql, sql, some_bytes])(rng, data)
    ways = [toml_tree, toml_tree, cells, some_bytes] if _is_toml(data) else WAYS
    for _ in range(rng.randint(1, 2)):
        data = rng.choice(ways)(rng, data)
    return data


def _is_toml(data: bytes) -> bool:
    return b" = " in data[:200] and not data.lstrip().startswith((b"{", b"["))


def smallest(data: bytes, does_the_same: Callable[[bytes], bool], tries: int = 400) -> bytes:
    """Less and less of `data`, as long as it does the same: halves, quarters and so on are left out in turn."""
    size = len(data) // 2
    while size and tries:
        at = 0
        while at < len(data) and tries:
            tries -= 1
            less = data[:at] + data[at + size :]
            if does_the_same(less):
                data = less
            else:
                at += size
        size = min(size // 2, len(data) // 2) if size > 1 else 0
    return data
