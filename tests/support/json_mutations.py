"""Ways to damage a JSON document in one place. Not a test file itself."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

STRANGE = [
    None, True, 0, -1, 1.5, 1e308, -1e-308, 10**20, "", " ", "A", "x" * 10_000, "24:00", "2025-01-15", "\0", "../x",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00+14:00", [], [[]], [None], [0] * 6, {}, {"csv": "."}, {"": {}},
]  # fmt: skip

Holder = dict[str, Any] | list[Any]
Mutation = Callable[[random.Random, Holder, Any], None]


def places(value: Any) -> Iterator[tuple[Holder, Any]]:
    """Every object or list of the document with each of its keys."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


def drop(_: random.Random, holder: Holder, key: Any) -> None:
    del holder[key]


def rename(rng: random.Random, holder: Holder, key: Any) -> None:
    if isinstance(holder, dict):
        letters = list(key)
        place = rng.randrange(max(1, len(letters)))  # a key may be empty
        letters[place : place + 1] = rng.choice("abcé_ \n\x00")
        holder["".join(letters)] = holder.pop(key)


def retype(rng: random.Random, holder: Holder, key: Any) -> None:
    holder[key] = copy.deepcopy(rng.choice(STRANGE))


def scale(rng: random.Random, holder: Holder, key: Any) -> None:
    if isinstance(holder[key], int | float):
        holder[key] = holder[key] * rng.choice([-1, 0, 0.01, 10, 100, 1e6, 1e300])


def whole(rng: random.Random, holder: Holder, key: Any) -> None:
    if isinstance(holder[key], int):
        holder[key] = holder[key] * rng.choice([-1, 0, 10, 1000, 10**6, 10**15])


def repeat(_: random.Random, holder: Holder, key: Any) -> None:
    if isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))


def swap(rng: random.Random, holder: Holder, key: Any) -> None:
    other = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    holder[key], holder[other] = holder[other], holder[key]


MUTATIONS: list[Mutation] = [drop, rename, retype, scale, whole, repeat, swap]
