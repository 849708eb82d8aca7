"""Names of a station's bays, from those that its packs state."""

from __future__ import annotations

import re
from collections.abc import Sequence

NUMBERED = re.compile(r"(\D*)(\d+)")
FREE = "free"  # what bays are called that no pack states, where the others follow no numbers


def bay_names(stated: Sequence[str], bays: int) -> list[str]:
    """The names of all bays of which `stated` are known: numbers from 1 (or 0) on, written as those are, where these
    fit; else the stated ones, and "free 1", "free 2" … At least as many as are stated.

    >>> bay_names(["B02", "B01"], 3)
    ['B01', 'B02', 'B03']
    """
    known = list(dict.fromkeys(stated))
    numbered = _numbered(known, bays)
    if numbered:
        return numbered
    free = (name for n in range(1, bays + len(known) + 1) if (name := f"{FREE} {n}") not in known)
    return known + [next(free) for _ in range(bays - len(known))]


def _numbered(known: Sequence[str], bays: int) -> list[str]:
    matches = [NUMBERED.fullmatch(name) for name in known]
    found = [match for match in matches if match is not None]
    if len(found) < len(known) or not found or len({match[1] for match in found}) > 1:
        return []
    numbers = [int(match[2]) for match in found]
    first = 0 if 0 in numbers else 1
    width = min(len(match[2]) for match in found)
    names = [f"{found[0][1]}{number:0{width}d}" for number in range(first, first + bays)]
    return names if set(known) <= set(names) else []
