"""Where a table begins: lines before it, the line of names, a second one with units, and the first row."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from optimizer.tables.cell_numbers import is_number
from optimizer.tables.sources.sheet import Line
from optimizer.tables.stamps import date_of, stamp_of
from optimizer.tables.unit_words import LOAD, PRICE, WORDS, unit_in

TIME_WORDS = re.compile(
    r"time|date|datum|zeit|uhr|\bday\b|\btag\b|hour|stunde|start|begin|\bvon\b|\bfrom\b|fecha|hora|jour|heure|giorno|ora\b|tid\b"
    r"|dato|aika|päivä|period|interval|mtu|stamp|\bts\b|doba|godzina|\bab\b|\bbis\b|\bend|ablesung|horodate|utc|gmt",
    re.IGNORECASE,
)

HOURS = tuple(str(hour) for hour in range(1, 25))
HOURS_FROM_0 = tuple(str(hour) for hour in range(24))


@dataclass(frozen=True)
class Header:
    """Names of the columns, those of a table without them empty. `line`: of the names, 0 where there are none.

    `first`: the line of the first row; `skipped`: lines before the names that are not of the table.
    """

    names: tuple[str, ...]
    line: int
    first: int
    skipped: int = 0


def header_of(sample: Sequence[Line], wanted: Collection[str] = ()) -> Header:
    """The header of a table by its first lines. `wanted`: names of columns that it must have, if it has names.

    Rows have a stamp or a number wherever their column has; names have neither. What is narrower than the table, or
    stands above the names, is not of it.
    """
    width = _width(sample)
    full = [(index, cells) for index, (_, cells) in enumerate(sample) if _is_wide(cells, width)]
    full = full or [(index, cells) for index, (_, cells) in enumerate(sample)][:1]
    kinds = _kinds([cells for _, cells in full[len(full) // 2 :]], width)
    named = next(
        (i for i, (_, cells) in enumerate(sample) if wanted and set(wanted) <= {c.strip() for c in cells}), None
    )
    if named is None:
        named = _names_at(full, kinds)
    if named is None:
        start = full[0][0] if full and any(kinds) else 0
        return Header(("",) * width, 0, sample[start][0] if sample else 1, start)
    line, cells = sample[named]
    names = [cell.strip() for cell in cells]
    after = named + 1
    if after < len(sample) and _is_units(sample[after][1], names):
        names = [f"{name} {unit.strip()}".strip() for name, unit in zip(names, sample[after][1], strict=False)]
        after += 1
    first = sample[after][0] if after < len(sample) else line + 1
    return Header(tuple(names), line, first, named)


def _width(sample: Sequence[Line]) -> int:
    """That of most cells among the last lines, for the first ones may be no rows."""
    counts = Counter(len(cells) for _, cells in sample[len(sample) // 2 :])
    return max(counts, key=lambda width: (counts[width] * width, width), default=0)


def _is_wide(cells: Sequence[str], width: int) -> bool:
    """Has the line the width of the table? Names and rows may differ by a cell at their ends."""
    filled = sum(bool(cell.strip()) for cell in cells)
    return min(width, max(2, width - 1)) <= len(cells) <= width + 1 and filled >= min(2, width)


def kind_of(cell: str) -> str:
    """What a cell is: "stamp", "number", "text", or "" where it is empty."""
    text = cell.strip()
    if not text:
        return ""
    if is_number(text):
        return "number"
    return "stamp" if stamp_of(text) is not None or date_of(text) is not None else "text"


def _kinds(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """What most cells of each column are; "" for texts, which tell no row from the names."""
    kinds = []
    for column in range(width):
        found = Counter(kind_of(cells[column]) for cells in rows if column < len(cells) and cells[column].strip())
        kind = max(found, key=lambda one: found[one], default="")
        kinds.append("" if kind == "text" else kind)
    return kinds


def _names_at(full: Sequence[tuple[int, Sequence[str]]], kinds: Sequence[str]) -> int | None:
    """The place of the line of names: the last before the first row, or the one above it that speaks more for it."""
    above: list[tuple[int, Sequence[str]]] = []
    for index, cells in full:
        if any(kinds) and _is_row(cells, kinds):
            break
        above.append((index, cells))
    if not any(kinds):
        return full[0][0] if full else None
    if not above:
        return None
    (last, units), before = above[-1], above[-2:-1]
    if before and before[0][0] == last - 1 and _is_units(units, before[0][1]):
        return last - 1
    best = max(_speaks(cells) for _, cells in above)
    return next(index for index, cells in reversed(above) if _speaks(cells) == best)


def _is_row(cells: Sequence[str], kinds: Sequence[str]) -> bool:
    """Has it a stamp where its column has stamps, or what may be one, and a number where its column has numbers?

    Numbers that only count the columns are names, and so are words above stamps.
    """
    if [cell.strip() for cell in cells[-len(HOURS) :]] in (list(HOURS), list(HOURS_FROM_0)):
        return False
    above_stamps = [cell for cell, kind in zip(cells, kinds, strict=False) if kind == "stamp"]
    if any(kind_of(cell) == "stamp" for cell in above_stamps):
        return True
    if above_stamps and not any(sign.isdigit() for cell in above_stamps for sign in cell):
        return False
    return any(kind == "number" and kind_of(cell) == kind for cell, kind in zip(cells, kinds, strict=False))


def _speaks(cells: Sequence[str]) -> int:
    """How many cells are words that columns have for names."""
    return sum(
        bool(TIME_WORDS.search(cell) or any(WORDS[what].search(cell) or unit_in(cell, what) for what in (LOAD, PRICE)))
        for cell in cells
    )


def _is_units(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Is it a second line of names, with units? Units are in it, and nothing that could be a row."""
    filled = [cell for cell in cells if cell.strip()]
    return (
        bool(filled)
        and len(cells) <= len(names)
        and all(kind_of(cell) == "text" for cell in filled)
        and any(unit_in(cell, LOAD) or unit_in(cell, PRICE) for cell in filled)
    )
