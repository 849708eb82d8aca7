"""Names of rows and columns that the file formats of all solvers can hold; the problem of a name that is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.errors import Problem
from models.formulations.matrix import Matrix
from models.formulations.names import distinct, text_of
from optimizer.files.errors import did_you_mean

LONGEST = 60  # characters of an earlier name before its number; the formats allow 255
_FOREIGN = re.compile(r"[^A-Za-z0-9_]+")


def row_names(model: Any, rows: Iterable[Any], equations: Mapping[str, str], types: Sequence[str] = ()) -> list[str]:
    """Names of a Pyomo model's constraints: the equation of each, and its indices. `types`: those that are numbered.

    Raises KeyError where a constraint has no equation.
    """
    listed = getattr(model, "listed", {})
    names = []
    for row in rows:
        component, at = row.parent_component().local_name, row.index()
        key = listed[component, at] if (component, at) in listed else (equations[component], *_indices(at))
        names.append(text_of(tuple(_numbered(part, types) for part in key)))
    return distinct(names)


def column_names(columns: Iterable[Any], types: Sequence[str] = ()) -> list[str]:
    """Names of a Pyomo model's variables: the name of each, and its indices."""
    keys = ((column.parent_component().local_name, *_indices(column.index())) for column in columns)
    return distinct([text_of(tuple(_numbered(part, types) for part in key)) for key in keys])


def _indices(at: Any) -> tuple[Any, ...]:
    if at is None:
        return ()
    return at if isinstance(at, tuple) else (at,)


def _numbered(part: Any, types: Sequence[str]) -> Any:
    """Names of pack types come from files: their numbers stand for them."""
    return types.index(part) if part in types else part


def numbered(matrix: Matrix) -> list[str]:
    """What columns of arrays were called before 29 November 2026."""
    return [f"c{n}" for n in range(matrix.shape[1])]


def safe_names(names: Iterable[str]) -> list[str]:
    """The names in letters, digits and underscores, all different: one that would come twice ends in its number."""
    safe: list[str] = []
    seen: set[str] = set()
    for number, name in enumerate(names):
        plain = _FOREIGN.sub("_", name).strip("_")[:LONGEST] or "column"
        if plain in seen or not plain[0].isalpha():
            plain = f"column_{plain}_{number}"
        seen.add(plain)
        safe.append(plain)
    return safe


def unknown(place: str, name: str, what: str, known: Sequence[str], remedy: str) -> Problem:
    """`name` is no `what`: the nearest of `known` names, or else `remedy`."""
    return Problem(place, name, f"is no {what}", did_you_mean(name, known, remedy))
