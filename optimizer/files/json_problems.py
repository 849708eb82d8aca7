"""Plain JSON beside the Struct types it should have: every wrong type, missing, unknown or repeated key."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from msgspec import inspect

from models.errors import Problem
from optimizer.files.errors import ABSENT, first_of_each_kind, nearest

IDENTITY = ("format", "version")
PLAIN_KEY = re.compile(r"[\w-]+")
FITTING: dict[type, tuple[type[inspect.Type], ...]] = {
    type(None): (inspect.NoneType,),
    bool: (inspect.BoolType,),
    int: (inspect.IntType, inspect.FloatType, inspect.LiteralType),
    float: (inspect.FloatType,),
    str: (inspect.StrType, inspect.LiteralType),
    list: (inspect.VarTupleType, inspect.TupleType),
    dict: (inspect.StructType, inspect.DictType),
}
"""Which types may hold each kind of JSON value."""


class RepeatedKeys(dict[str, Any]):
    """An object of which `repeated` keys appear more than once; the last of each holds."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs)
        self.repeated = tuple(key for key, count in counts.items() if count > 1)


def shape_problems(raw: object, kind: type) -> list[Problem]:
    """Ways in which `raw` (plain JSON) is not a `kind`, ten of each sort and the count of others.

    A wrong format or version hides the rest.
    """
    found = list(first_of_each_kind(_walk(raw, _type_of(kind), "", "")))
    return [problem for problem in found if problem.place in IDENTITY] or found


@cache
def _type_of(kind: type) -> inspect.Type:
    return inspect.type_info(kind)


def _walk(raw: object, expected: inspect.Type, place: str, about: str) -> Iterator[Problem]:
    """`about` says in words what belongs at `place`."""
    about, expected = _description(expected) or about, _bare(expected)
    options = expected.types if isinstance(expected, inspect.UnionType) else (expected,)
    fits = FITTING[dict if isinstance(raw, dict) else type(raw)]
    option = next((option for option in options if isinstance(option, fits)), None)
    if option is None:
        yield Problem(place, raw, f"must be {_words(options)}", _remedy(raw, options, about))
    else:
        yield from _inside(raw, option, place, about)


def _bare(expected: inspect.Type) -> inspect.Type:
    return expected.type if isinstance(expected, inspect.Metadata) else expected


def _description(expected: inspect.Type) -> str:
    schema = expected.extra_json_schema if isinstance(expected, inspect.Metadata) else None
    return str((schema or {}).get("description", ""))


def _inside(raw: Any, expected: inspect.Type, place: str, about: str) -> Iterator[Problem]:
    match expected:
        case inspect.StructType():
            yield from _struct_problems(raw, expected, place)
        case inspect.DictType():
            yield from _repeated_keys(raw, place)
            for key, value in raw.items():
                yield from _walk(value, expected.value_type, _join(place, key), about)
        case inspect.VarTupleType(item_type=inspect.FloatType()) if _are_numbers(raw):
            return  # at a glance, for a network has millions of them
        case inspect.VarTupleType():
            for index, item in enumerate(raw):
                yield from _walk(item, expected.item_type, f"{place}[{index}]", about)
        case inspect.TupleType():
            yield from _tuple_problems(raw, expected, place, about)
        case _:
            yield from _scalar_problems(raw, expected, place, about)


def _are_numbers(items: list[Any]) -> bool:
    return {int, float}.issuperset(map(type, items)) and all(map(math.isfinite, items))


def _struct_problems(raw: dict[str, Any], expected: inspect.StructType, place: str) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in expected.fields}
    missing = [key for key, field in fields.items() if field.required and key not in raw]
    yield from _repeated_keys(raw, place)
    for key, value in raw.items():
        if key in fields:
            yield from _walk(value, fields[key].type, _join(place, key), "")
        else:
            meant = nearest(key, missing) or nearest(key, fields)
            missing = [name for name in missing if name != meant]  # one slip of the pen is one problem
            remedy = f"did you mean {meant!r}?" if meant else f"its keys are {', '.join(fields)}"
            yield Problem(_join(place, key), value, "is not a key of this object", remedy)
    for key in missing:
        yield Problem(_join(place, key), ABSENT, "must be given", f"add it: {_description(fields[key].type)}")


def _repeated_keys(raw: dict[str, Any], place: str) -> Iterator[Problem]:
    for key in raw.repeated if isinstance(raw, RepeatedKeys) else ():
        yield Problem(_join(place, key), raw[key], "appears more than once in its object", "keep one of them")


def _tuple_problems(raw: list[Any], expected: inspect.TupleType, place: str, about: str) -> Iterator[Problem]:
    if len(raw) != len(expected.item_types):
        yield Problem(place, raw, f"must be {_words([expected])}", _remedy(raw, [expected], about))
        return
    for index, (item, item_type) in enumerate(zip(raw, expected.item_types, strict=True)):
        yield from _walk(item, item_type, f"{place}[{index}]", about)


def _scalar_problems(raw: Any, expected: inspect.Type, place: str, about: str) -> Iterator[Problem]:
    match expected:
        case inspect.LiteralType() if raw not in expected.values:
            yield Problem(place, raw, f"must be {_words([expected])}", _remedy(raw, [expected], about))
        case inspect.IntType(ge=int(low), le=int(high)) if not low <= raw <= high:
            yield Problem(place, raw, f"must be a whole number from {low} to {high}", "correct the value")
        case inspect.IntType(ge=int(low)) if raw < low:
            yield Problem(place, raw, f"must be a whole number of at least {low}", "correct the value")
        case inspect.FloatType(ge=int() | float() as low) if math.isfinite(raw) and raw < low:
            yield Problem(place, raw, f"must be at least {low:g}", "correct the value")
        case inspect.FloatType(gt=int() | float() as low) if math.isfinite(raw) and raw <= low:
            yield Problem(place, raw, f"must be greater than {low:g}", "correct the value")
        case inspect.FloatType(le=int() | float() as high) if math.isfinite(raw) and raw > high:
            yield Problem(place, raw, f"must be at most {high:g}", "correct the value")
        case inspect.StrType(max_length=int(most)) if len(raw) > most:
            yield Problem(place, raw, f"must have at most {most} characters", "write a shorter name")
        case inspect.FloatType() if not math.isfinite(raw):
            yield Problem(place, raw, "must be a finite number", "write a number; NaN and infinity cannot be planned")


def _words(options: Sequence[inspect.Type]) -> str:
    return _either([_word(option) for option in options])


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _word(expected: inspect.Type) -> str:
    match expected:
        case inspect.LiteralType():
            return _either([json.dumps(value) for value in expected.values])
        case inspect.TupleType():
            return f"a list of {len(expected.item_types)} {_word(expected.item_types[0]).removeprefix('a ')}s"
        case inspect.FloatType():
            return "a number"
        case inspect.IntType():
            return "a whole number"
        case inspect.StrType():
            return "a text"
        case inspect.BoolType():
            return "true or false"
        case inspect.NoneType():
            return "null"
        case inspect.VarTupleType():
            return "a list"
    return "an object"


def _remedy(raw: object, options: Sequence[inspect.Type], about: str) -> str:
    wants_number = any(isinstance(option, inspect.FloatType | inspect.IntType) for option in options)
    if wants_number and isinstance(raw, str) and re.fullmatch(r"-?[\d.]+", raw):
        return f"write {raw} without quotes"
    return f"what belongs here: {about}" if about else "correct the value"


def _join(place: str, key: str) -> str:
    name = key if PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)
    return f"{place}.{name}" if place else name
