"""Choices of features such that every two of them meet: covering arrays of strength two. Not a test file itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from random import Random

Levels = Mapping[str, str]
"""A level by factor."""
Pair = frozenset[tuple[str, str]]
"""Two levels of different factors, as (factor, level)."""
CANDIDATES = 12  # rows tried for each that is kept


def pairs_of(levels: Levels) -> Iterator[Pair]:
    """All pairs of levels that meet in one row."""
    return (frozenset(pair) for pair in combinations(sorted(levels.items()), 2))


def all_pairs(factors: Mapping[str, tuple[str, ...]]) -> set[Pair]:
    """Every two levels of different factors."""
    return {
        frozenset({(one, a), (other, b)})
        for one, other in combinations(factors, 2)
        for a in factors[one]
        for b in factors[other]
    }


def covering_array(
    factors: Mapping[str, tuple[str, ...]], r: Random, can_be: Callable[[Levels], bool] = lambda levels: True
) -> list[Levels]:
    """Rows in which all pairs meet, but those that no row with `can_be` brings together: greedily, row by row.

    After D. M. Cohen, S. R. Dalal, M. L. Fredman and G. C. Patton, *The AETG system: an approach to testing based on
    combinatorial design*, IEEE Transactions on Software Engineering 23 (1997) 437-444.
    """
    left, rows = all_pairs(factors), list[Levels]()
    while left:
        made = [row for _ in range(CANDIDATES) if (row := _row(factors, r, left, can_be)) is not None]
        best = max(made, key=lambda row: sum(pair in left for pair in pairs_of(row)), default=None)
        gain = left.intersection(pairs_of(best)) if best is not None else set[Pair]()
        if best is None or not gain:
            break
        rows.append(best)
        left -= gain
    return rows


def _row(
    factors: Mapping[str, tuple[str, ...]], r: Random, left: set[Pair], can_be: Callable[[Levels], bool]
) -> Levels | None:
    """A row from a pair that is left, each other factor at the level that meets most new ones."""
    row = dict(r.choice(sorted(map(sorted, left))))
    others = [factor for factor in factors if factor not in row]
    r.shuffle(others)
    for factor in others:
        levels = [level for level in factors[factor] if can_be(row | {factor: level})]
        if not levels:
            return None
        r.shuffle(levels)
        row[factor] = max(levels, key=lambda level: _new(row, (factor, level), left))
    return row if can_be(row) else None


def _new(row: Levels, added: tuple[str, str], left: set[Pair]) -> int:
    return sum(frozenset({added, item}) in left for item in row.items())
