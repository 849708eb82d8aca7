"""From JSON text to the Structs of a file format, with every defect of shape reported at once; and indented JSON.

msgspec decodes fast and stops at its first error. Only then is the text read a second time, as plain
JSON, and walked beside the Struct types to find all there is to say.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from models.errors import InvalidData, Problem, refuse
from optimizer.files.errors import ABSENT, is_seen
from optimizer.files.json_problems import RepeatedKeys, shape_problems
from optimizer.files.limits import MOST_DEPTH, MOST_DIGITS

T = TypeVar("T")
DELETE = "\x7f"
EXCERPT = 20  # characters of a broken text that a message shows
NOT_READABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
NOT_UNICODE = Problem(
    "", ABSENT, "holds text that is not Unicode, such as one half of a surrogate pair", "write the file anew"
)
MOST_WHOLE = 2**53  # beyond it a float is no sure whole number
BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
"""Strings as a whole, so that no bracket inside one counts, and brackets."""


def decode(data: bytes, kind: type[T]) -> T:
    """`data` as a `kind` (a msgspec Struct); whole numbers may be written as 7.0. Raises InvalidData with every shape
    problem."""
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        document = msgspec.json.decode(data, type=kind)
        if not _repeats_keys(data):
            return document
    except (*NOT_READABLE, ValueError):
        pass  # the second reading finds what is wrong, and what else is
    return decode_plain(plain_json(data), kind)


def decode_plain(plain: object, kind: type[T]) -> T:
    """What `plain_json` gave as a `kind`. Raises InvalidData with every shape problem."""
    refuse(shape_problems(plain, kind))
    try:
        return msgspec.json.decode(json.dumps(plain).encode(), type=kind)
    except NOT_READABLE:
        raise InvalidData([NOT_UNICODE]) from None


def _repeats_keys(data: bytes) -> bool:
    """Does any object have a key twice? msgspec would take the last; nothing is kept here, so this costs little."""
    found = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len(dict(pairs)) < len(pairs)

    json.loads(data, object_pairs_hook=look)
    return found


def plain_json(data: bytes) -> object:
    """The text as dicts, lists and scalars, 7.0 as the whole number 7.

    Raises InvalidData with line and column where it is no JSON, or nests more than 64 deep.
    """
    try:
        text = data.decode()
        deep = _too_deep(data)
        if deep is None:
            return json.loads(text, object_pairs_hook=_object, parse_int=_int, parse_float=_float)
        rule = f"nests lists and objects more than {MOST_DEPTH} deep"
        found = data[deep:][:EXCERPT].partition(b"\n")[0].decode(errors="backslashreplace")
        problem = Problem(_line_and_column(data, deep), found, rule, "the format has a few levels only")
    except UnicodeDecodeError as error:
        found = data[error.start :][:EXCERPT].partition(b"\n")[0].decode(errors="backslashreplace")
        problem = Problem(_line_and_column(data, error.start), found, "is not UTF-8 text", "save the file as UTF-8")
    except json.JSONDecodeError as error:
        where, found = f"line {error.lineno}, column {error.colno}", error.doc[error.pos :][:EXCERPT].partition("\n")[0]
        problem = Problem(where, found, f"is not JSON: {error.msg}", "correct the text there or just before")
    raise InvalidData([problem])


def _too_deep(data: bytes) -> int | None:
    """Where a list or an object begins that lies too deep; None where none does."""
    return next((begin for begin, _ in _deep_parts(data)), None)


def cut_off_deep(data: bytes) -> bytes:
    """The text with null in place of all that lies too deep: none of our formats has anything there."""
    kept, since = [], 0
    for begin, end in _deep_parts(data):
        kept += [data[since:begin], b"null"]
        since = end
    return b"".join([*kept, data[since:]])


def _deep_parts(data: bytes) -> Iterator[tuple[int, int]]:
    """Begin and end of every list and object that more than MOST_DEPTH others hold."""
    depth, begin = 0, 0
    for found in BRACKETS.finditer(data):
        match found[0]:
            case b"[" | b"{":
                depth += 1
                if depth == MOST_DEPTH + 1:
                    begin = found.start()
            case b"]" | b"}":
                depth -= 1
                if depth == MOST_DEPTH:
                    yield begin, found.end()
    if depth > MOST_DEPTH:
        yield begin, len(data)


def _line_and_column(data: bytes, offset: int) -> str:
    before = data[:offset]
    line, column = before.count(b"\n") + 1, offset - before.rfind(b"\n")
    return f"line {line}, column {column}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else RepeatedKeys(pairs)


def _int(digits: str) -> float:
    return int(digits) if len(digits) <= MOST_DIGITS else float(digits)


def _float(digits: str) -> float:
    value = float(digits)
    return int(value) if abs(value) <= MOST_WHOLE and value.is_integer() else value


def indented_json(value: object, *, in_ascii: bool = False) -> str:
    """JSON for people and programs alike: indented by two, letters of any script as they are, see `escaped`."""
    return escaped(json.dumps(value, indent=2, ensure_ascii=in_ascii))


def escaped(text: str) -> str:
    """JSON in which whatever cannot be seen is escaped: JSON itself asks that of the first 32 characters only."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    unseen = {ord(c): _escape(c) for c in set(text) - {"\n"} if not is_seen(c)}
    return text.translate(unseen) if unseen else text


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1] if character != DELETE else f"\\u{ord(DELETE):04x}"


def indented_document(document: object, *, sort_keys: bool = False) -> bytes:
    """A Struct, or plain values, as a file of indented JSON. `sort_keys`: of dicts; fields stand in their order."""
    encoded = msgspec.json.encode(document, order="deterministic" if sort_keys else None)
    text = msgspec.json.format(encoded, indent=2) + b"\n"
    return text if text.isascii() and DELETE.encode() not in text else escaped(text.decode()).encode()
