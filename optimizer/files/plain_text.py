"""Plain text for terminals: names in a list, counts in words, columns of equal width."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.files.errors import printable

MOST_NAMES = 5  # names that a line lists before it only counts


def some_of(names: Sequence[str]) -> str:
    """The first of `names`, and how many more there are."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def counted(count: int, thing: str) -> str:
    """How many there are of a thing, in words."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def table(rows: Sequence[Sequence[str]], left: frozenset[int] = frozenset({0})) -> list[str]:
    """Lines of equally wide columns; those whose numbers are in `left` begin flush left, the others end flush right."""
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return ["  ".join(_padded(row, widths, left)).rstrip() for row in shown]


def _padded(row: Sequence[str], widths: Sequence[int], left: frozenset[int]) -> list[str]:
    return [
        cell.ljust(width) if column in left else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
