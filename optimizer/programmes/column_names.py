"""Names of columns that the file formats of all solvers can hold; the problem of a name that is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from models.errors import Problem
from optimizer.files.errors import did_you_mean

LONGEST = 60  # characters of a name before its number; the formats allow 255
_FOREIGN = re.compile(r"[^A-Za-z0-9_]+")


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
