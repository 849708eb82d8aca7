"""From JSON text to the Structs of a file format, with every defect of shape reported at once; and indented JSON.

msgspec decodes fast and stops at its first error. Only then is the text read a second time, as plain
JSON, and walked beside the Struct types to find all there is to say.
"""

from __future__ import annotations

import codecs
import json
from typing import Any, TypeVar

import msgspec

from models.errors import InvalidData, Problem, refuse
from optimizer.files.errors import ABSENT
from optimizer.files.json_problems import RepeatedKeys, shape_problems

T = TypeVar("T")
LONGEST_INT = 300  # digits; more make no float either, and Python refuses to read thousands
EXCERPT = 20  # characters of a broken text that a message shows
NOT_READABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decode(data: bytes, kind: type[T]) -> T:
    """`data` as a `kind` (a msgspec Struct). Raises InvalidData with every shape problem."""
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        document = msgspec.json.decode(data, type=kind)
        if not _repeats_keys(data):
            return document
    except NOT_READABLE:
        pass  # the second reading finds what is wrong, and what else is
    refuse(shape_problems(plain_json(data), kind))
    rule = "holds text that is not Unicode, such as one half of a surrogate pair"
    raise InvalidData([Problem("", ABSENT, rule, "write the file anew")])


def decode_plain(plain: object, kind: type[T]) -> T:
    """What `plain_json` gave as a `kind`. Raises InvalidData with every shape problem."""
    refuse(shape_problems(plain, kind))
    return decode(json.dumps(plain).encode(), kind)


def _repeats_keys(data: bytes) -> bool:
    """Does any object have a key twice? msgspec would take the last; nothing is kept here, so this costs little."""
    found = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len(dict(pairs)) < len(pairs)

    json.loads(data, object_pairs_hook=look)
    return found


def plain_json(data: bytes) -> object:
    """The text as dicts, lists and scalars. Raises InvalidData with line and column where it is no JSON."""
    try:
        return json.loads(data.decode(), object_pairs_hook=_object, parse_int=_int)
    except UnicodeDecodeError as error:
        found = data[error.start :][:EXCERPT].partition(b"\n")[0].decode(errors="backslashreplace")
        problem = Problem(_line_and_column(data, error.start), found, "is not UTF-8 text", "save the file as UTF-8")
    except json.JSONDecodeError as error:
        where, found = f"line {error.lineno}, column {error.colno}", error.doc[error.pos :][:EXCERPT].partition("\n")[0]
        problem = Problem(where, found, f"is not JSON: {error.msg}", "correct the text there or just before")
    except RecursionError:
        problem = Problem("", ABSENT, "nests lists and objects too deeply", "the format has a few levels only")
    raise InvalidData([problem])


def _line_and_column(data: bytes, offset: int) -> str:
    before = data[:offset]
    line, column = before.count(b"\n") + 1, offset - before.rfind(b"\n")
    return f"line {line}, column {column}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else RepeatedKeys(pairs)


def _int(digits: str) -> float:
    return int(digits) if len(digits) <= LONGEST_INT else float(digits)


def indented_json(value: object) -> str:
    """JSON for people and programs alike: indented by two, letters of any script as they are."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def indented_document(document: object, *, sort_keys: bool = False) -> bytes:
    """A Struct, or plain values, as a file of indented JSON. `sort_keys`: of dicts; fields stand in their order."""
    encoded = msgspec.json.encode(document, order="deterministic" if sort_keys else None)
    return msgspec.json.format(encoded, indent=2) + b"\n"
