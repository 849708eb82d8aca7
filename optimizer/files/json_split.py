"""A large JSON text in parts: lists of its top-level object are cut out, element by element, to be read one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

SKIPPING = json.JSONDecoder(object_pairs_hook=len, parse_int=float)  # keeps nothing of what it passes over
SPACE = re.compile(r"[ \t\n\r]*")

Span = tuple[int, int]


@dataclass(frozen=True)
class Split:
    """`head`: the text with the named lists emptied. `elements`: the text of each element, by the list's name."""

    head: str
    elements: dict[str, list[str]]


def split_lists(text: str, names: Collection[str]) -> Split:
    """Cut the lists called `names` out of the object that `text` holds.

    Raises ValueError or RecursionError where the text is no JSON. What is absent or no list stays as it is.
    """
    elements: dict[str, list[str]] = {name: [] for name in names}
    head, done = [], 0
    for key, (start, end) in _members(text):
        if key in elements and text.startswith("[", start):
            elements[key] += [text[first:last] for first, last in _items(text, start)]
            head += [text[done:start], "[]"]
            done = end
    return Split("".join((*head, text[done:])), elements)


def _members(text: str) -> Iterator[tuple[str, Span]]:
    """Key and place of the value of each member; none where the text holds something else than an object."""
    at = _space(text, 0)
    if not text.startswith("{", at):
        return _end(text, _value(text, at)[1])
    at = _space(text, at + 1)
    while not text.startswith("}", at):
        key, at = _value(text, _standing(text, at, '"'))
        at = _space(text, _after(text, _space(text, at), ":"))
        _, end = _value(text, at)
        yield key, (at, end)
        at = _next(text, end, "}")
    return _end(text, at + 1)


def _items(text: str, start: int) -> Iterator[Span]:
    """Place of each element of the list that begins at `start`."""
    at = _space(text, start + 1)
    while not text.startswith("]", at):
        _, end = _value(text, at)
        yield at, end
        at = _next(text, end, "]")


def _next(text: str, end: int, closing: str) -> int:
    """Where the next part begins, or the closing bracket stands."""
    at = _space(text, end)
    if text.startswith(closing, at):
        return at
    at = _space(text, _after(text, at, ","))
    if text.startswith(closing, at):
        raise json.JSONDecodeError("Illegal trailing comma before the end", text, at)
    return at


def _value(text: str, at: int) -> tuple[Any, int]:
    return SKIPPING.raw_decode(text, at)


def _space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    assert found is not None  # it matches nothing, too
    return found.end()


def _after(text: str, at: int, mark: str) -> int:
    return _standing(text, at, mark) + 1


def _standing(text: str, at: int, mark: str) -> int:
    if not text.startswith(mark, at):
        raise json.JSONDecodeError(f"Expecting {mark!r}", text, at)
    return at


def _end(text: str, at: int) -> None:
    if _space(text, at) < len(text):
        raise json.JSONDecodeError("Extra data", text, at)
