"""From JSON text to the Structs of a file format, with every defect of shape told at once.

msgspec decodes fast and stops at its first error. Only then is the text read a second time, as plain
JSON, and walked beside the Struct types to find all there is to say.
"""

from __future__ import annotations

import codecs
import difflib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from models.errors import InvalidData, Problem, refuse
from optimizer.errors import ABSENT

T = TypeVar("T")
IDENTITY = ("format", "version")
LONGEST_INT = 20  # digits; a longer one is read as a float, which no thousand digits can stall
PLAIN_KEY = re.compile(r"[\w-]+")
KINDS: dict[type, tuple[type[inspect.Type], ...]] = {
    type(None): (inspect.NoneType,),
    bool: (),
    int: (inspect.IntType, inspect.FloatType, inspect.LiteralType),
    float: (inspect.FloatType,),
    str: (inspect.StrType, inspect.LiteralType),
    list: (inspect.VarTupleType, inspect.TupleType),
    dict: (inspect.StructType, inspect.DictType),
}
"""Which types may hold each kind of JSON value."""


class RepeatedKeys(dict[str, Any]):
    """An object of which `repeated` keys appear more than once."""

    repeated: tuple[str, ...] = ()


def decode(data: bytes, kind: type[T]) -> T:
    """`data` as a `kind` (a msgspec Struct). Raises InvalidData with every shape problem."""
    data = data.removeprefix(codecs.BOM_UTF8)
    failure = ""
    try:
        document = msgspec.json.decode(data, type=kind)
        if not _may_repeat_keys(data):
            return document
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        failure = str(error)
    refuse(shape_problems(_plain_json(data), kind))
    if failure:  # what msgspec alone refuses, such as half of a surrogate pair
        raise InvalidData([Problem("", ABSENT, f"is not readable JSON: {failure}", "write the file anew")])
    return document


def _may_repeat_keys(data: bytes) -> bool:
    """False where no object has a key twice: each dropped key takes its colon along."""
    written_anew = msgspec.json.encode(msgspec.json.decode(data))
    return data.count(b":") != written_anew.count(b":") or b"\\u003" in data


def _plain_json(data: bytes) -> object:
    """The text as dicts, lists and scalars. Raises InvalidData with line and column where it is no JSON."""
    try:
        text = data.decode()
        return json.loads(text, object_pairs_hook=_object, parse_int=_int)
    except UnicodeDecodeError as error:
        where, rule = _line_and_column(data, error.start), "is not UTF-8 text"
        remedy = "save the file as UTF-8"
    except json.JSONDecodeError as error:
        where, rule = f"line {error.lineno}, column {error.colno}", f"is not JSON: {error.msg}"
        remedy = "correct the text there or just before"
    except RecursionError:
        where, rule, remedy = "", "nests too deeply", "an instance or plan needs only a few levels"
    raise InvalidData([Problem(where, ABSENT, rule, remedy)])


def _line_and_column(data: bytes, offset: int) -> str:
    before = data[:offset]
    return f"line {before.count(b'\n') + 1}, column {offset - before.rfind(b'\n')}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    marked, seen = RepeatedKeys(plain), set[str]()
    marked.repeated = tuple(dict.fromkeys(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return marked


def _int(digits: str) -> float:
    return int(digits) if len(digits) <= LONGEST_INT else float(digits)


def shape_problems(raw: object, kind: type) -> list[Problem]:
    """Every way in which `raw` (plain JSON) is not a `kind`; a wrong format or version hides the rest."""
    found = list(_walk(raw, _type_of(kind), "", ""))
    return [problem for problem in found if problem.place in IDENTITY] or found


@cache
def _type_of(kind: type) -> inspect.Type:
    return inspect.type_info(kind)


def _walk(raw: object, expected: inspect.Type, place: str, about: str) -> Iterator[Problem]:
    """`about` describes what belongs at `place`."""
    if isinstance(expected, inspect.Metadata):
        about = (expected.extra_json_schema or {}).get("description", about)
        expected = expected.type
    options = expected.types if isinstance(expected, inspect.UnionType) else (expected,)
    fitting = [option for option in options if isinstance(option, KINDS[type(raw) if _known(raw) else dict])]
    if not fitting:
        yield Problem(place, raw, f"must be {_words(options)}", _remedy(raw, options, about))
    for option in fitting[:1]:
        yield from _inside(raw, option, place, about)


def _known(raw: object) -> bool:
    return type(raw) in KINDS


def _inside(raw: Any, expected: inspect.Type, place: str, about: str) -> Iterator[Problem]:
    match expected:
        case inspect.StructType():
            yield from _struct(raw, expected, place)
        case inspect.DictType():
            yield from _repeated(raw, place)
            for key, value in raw.items():
                yield from _walk(value, expected.value_type, _join(place, key), about)
        case inspect.VarTupleType():
            for index, item in enumerate(raw):
                yield from _walk(item, expected.item_type, f"{place}[{index}]", about)
        case inspect.TupleType():
            yield from _fixed_tuple(raw, expected, place, about)
        case _:
            yield from _scalar(raw, expected, place, about)
