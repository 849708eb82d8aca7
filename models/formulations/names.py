"""Names of a programme's rows and columns, such as c7_1(0,3,off_12.5): made only where somebody asks for them.

A row's family is its equation in models/README.md, "(7.1)" or "(7.5) start" where an equation has several rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

EQUATION = re.compile(r"\((\d+)\.(\d+)\)")
_FOREIGN = re.compile(r"[^A-Za-z0-9_.]+")
Key = tuple[object, ...]
"""A family and its indices, which are numbers or say in a word what they are."""


@dataclass(frozen=True)
class Indexed:
    """Of a block: one family, and an array for each index. They broadcast to the block's shape."""

    family: str
    at: tuple[ArrayLike, ...] = ()


@dataclass(frozen=True)
class Listed:
    """Of a block: what makes the family and indices of each."""

    made: Callable[[], Sequence[Key]]


Names = str | Indexed | Listed
"""Of a block; a text is a family with the block's own indices from 0, an empty one says nothing."""


@dataclass(frozen=True)
class NamedBlock:
    """Names of some rows, or columns, one after the other; `shape`: of the block."""

    names: Names
    shape: tuple[int, ...]

    def texts(self, prefix: str, first: int) -> Iterator[str]:
        """One name each; those without a family are numbered from `first`, after `prefix`."""
        if isinstance(self.names, Listed):
            return (text_of(key) for key in self.names.made())
        if not self.names:
            return (f"{prefix}{first + n}" for n in range(int(np.prod(self.shape))))
        return self._indexed(self.names)

    def _indexed(self, names: str | Indexed) -> Iterator[str]:
        family, at = (names, np.indices(self.shape)) if isinstance(names, str) else (names.family, names.at)
        columns = [np.broadcast_to(np.asarray(index), self.shape).ravel().tolist() for index in at]
        if not columns:
            return (text_of((family,)) for _ in range(int(np.prod(self.shape))))
        return (text_of((family, *index)) for index in zip(*columns, strict=True))


def block_names(blocks: Iterable[NamedBlock], prefix: str) -> list[str]:
    """The names of all blocks, one after the other."""
    names: list[str] = []
    for block in blocks:
        names.extend(block.texts(prefix, len(names)))
    return distinct(names)


def distinct(names: list[str]) -> list[str]:
    """The same, all different: what is there twice ends in its place the second time. (No formulation needs that.)"""
    if len(set(names)) == len(names):
        return names
    seen: set[str] = set()
    for place, name in enumerate(names):
        names[place] = f"{name}_{place}" if name in seen else name
        seen.add(names[place])
    return names


def text_of(key: Key) -> str:
    """family(index,index): letters, digits and _ . , ( ) only."""
    family, *at = key
    indices = ",".join(_FOREIGN.sub("_", str(index)) for index in at)
    return f"{plain_family(str(family))}({indices})" if at else plain_family(str(family))


def plain_family(family: str) -> str:
    """ "(7.5) start" is c7_5_start."""
    return _FOREIGN.sub("_", EQUATION.sub(r"c\1_\2", family))


def add_listed(m: Any, component: str, row: Any, *key: object) -> None:
    """Add a row to a Pyomo ConstraintList, and keep what it is called: its equation and indices."""
    added = getattr(m, component).add(row)
    if not hasattr(m, "listed"):
        m.listed = {}
    if added is not None:  # a row that says nothing is left out
        m.listed[component, added.index()] = key
