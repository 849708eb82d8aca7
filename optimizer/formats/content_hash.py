"""Hashes of what an instance says, whatever the way in which a file says it.

They are taken of the resolved domain objects: values of CSV files count, white space, the order of keys,
`1` or `1.0` and free-text sources do not. A field that keeps its default does not count either, so a
later version of the domain with one more optional field gives the same hashes. Forecasts count through the swaps that
stand for them, and beyond that only where they say how days spread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from datetime import date
from functools import cache
from typing import Any

import msgspec

from models.station.at_once import limits_partial_slots
from models.station.instance import Instance, Night

NUMBERS = frozenset((int, float))


def instance_hash(instance: Instance) -> str:
    """ "sha256:" and 64 hexadecimal digits over name, currency and nights."""
    nights = [night_hash(night) for night in instance.nights]
    return digest([instance.name, instance.currency, nights])


def night_hash(night: Night) -> str:
    """ "sha256:" and 64 hexadecimal digits over everything a night's plan depends on.

    Before partial slots counted, the grid limit was an average: that keeps the hash, and so does every station whose
    grid limit cannot tell the two apart.
    """
    parts = {field.name: plain(getattr(night, field.name)) for field in fields(night) if field.name != "station"}
    uncertain = tuple(one for one in night.station.expected if one.is_uncertain)
    parts["station"] = plain(replace(night.station, grid_limit_is="every_moment", expected=uncertain))
    return digest(parts | ({"grid_limit_is": "every_moment"} if limits_partial_slots(night) else {}))


def digest(plain: object) -> str:
    """ "sha256:" and 64 hexadecimal digits over what JSON can say, whatever the order of keys."""
    return "sha256:" + hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


def plain(value: Any) -> object:
    """`value` in lists, dicts, texts and floats."""
    if type(value) is float:  # most of all values: float() and a look at the patterns would take half of the time
        return value + 0.0  # −0 becomes the 0 that it equals
    match value:
        case None | str():
            return value
        case int() | float():
            return float(value) + 0.0
        case tuple() if NUMBERS.issuperset(map(type, value)):
            return [number + 0.0 for number in value]
        case tuple():
            return [plain(item) for item in value]
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case date():  # a datetime is one, too
            return value.isoformat()
    return _plain_object(value)


def _plain_object(value: Any) -> dict[str, object]:
    given = ((name, getattr(value, name), default) for name, default in _fields(value.__class__))
    return {name: plain(item) for name, item, default in given if item != default}


@cache
def _fields(kind: type) -> tuple[tuple[str, object], ...]:
    """Name and default of every field; MISSING where it has none."""
    return tuple(
        (field.name, field.default if field.default_factory is MISSING else field.default_factory())
        for field in fields(kind)
        if field.metadata.get("hashed", True)
    )
