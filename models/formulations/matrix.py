"""A linear or mixed-integer programme as arrays, and a builder that fills them block by block."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.formulations.names import NamedBlock, Names, block_names
from models.tolerances import SMALLEST_COEFFICIENT

Array = NDArray[np.float64]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Matrix:
    """min costᵀx + offset, row_low ≤ A x ≤ row_high, low ≤ x ≤ high; A in CSC arrays; `integer`: integer columns.

    `row_blocks`, `column_blocks`: what rows and columns are called, where the formulation says it.
    """

    cost: Array
    offset: float
    low: Array
    high: Array
    integer: NDArray[np.bool_]
    row_low: Array
    row_high: Array
    starts: NDArray[np.int32]
    rows: NDArray[np.int32]
    values: Array
    row_blocks: tuple[NamedBlock, ...] = ()
    column_blocks: tuple[NamedBlock, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.row_low), len(self.cost)

    @property
    def is_mip(self) -> bool:
        """Is any column integer?"""
        return bool(self.integer.any())

    def row_names(self) -> list[str]:
        """One name a row, such as c7_1(0,3); r0, r1, … where nobody names it."""
        return block_names(self.row_blocks, "r")

    def column_names(self) -> list[str]:
        """One name a column, alike; x0, x1, …."""
        return block_names(self.column_blocks, "x")


def relaxed(matrix: Matrix) -> Matrix:
    """The same with no integer column."""
    return replace(matrix, integer=np.zeros_like(matrix.integer))


def fixed(matrix: Matrix, point: Array) -> Matrix:
    """The LP left when every integer column keeps its rounded value of `point`: exact where the MIP was nearly so."""
    rounded = np.rint(point)
    low, high = (np.where(matrix.integer, rounded, bound) for bound in (matrix.low, matrix.high))
    return replace(relaxed(matrix), low=low, high=high)


def column_sums(matrix: Matrix, by_row: Array) -> Array:
    """Coefficients of each column times `by_row`, summed: with row duals, what its cost has to cover."""
    owner = np.repeat(np.arange(len(matrix.cost)), np.diff(matrix.starts))
    sums = np.bincount(owner, matrix.values * by_row[matrix.rows], minlength=len(matrix.cost))
    return sums.astype(np.float64)


@dataclass
class MatrixBuilder:
    """Collects columns, rows and coefficients; coefficients put twice in one place add up."""

    offset: float = 0.0
    _columns: list[tuple[Array, Array, Array, NDArray[np.bool_]]] = field(default_factory=list)
    _rows: list[tuple[Array, Array]] = field(default_factory=list)
    _entries: list[tuple[Index, Index, Array]] = field(default_factory=list)
    _costs: list[tuple[Index, Array]] = field(default_factory=list)
    _column_count: int = 0
    _row_count: int = 0
    _row_blocks: list[NamedBlock] = field(default_factory=list)
    _column_blocks: list[NamedBlock] = field(default_factory=list)

    @classmethod
    def extending(cls, matrix: Matrix) -> MatrixBuilder:
        """A builder that holds a programme already."""
        by_entry = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.starts))
        return cls(
            matrix.offset,
            [(matrix.low, matrix.high, matrix.cost, matrix.integer)],
            [(matrix.row_low, matrix.row_high)],
            [(matrix.rows.astype(np.int64), by_entry, matrix.values)],
            _column_count=matrix.shape[1],
            _row_count=matrix.shape[0],
            _row_blocks=list(matrix.row_blocks),
            _column_blocks=list(matrix.column_blocks),
        )

    @property
    def column_count(self) -> int:
        """Columns so far."""
        return self._column_count

    @property
    def row_count(self) -> int:
        """Rows so far."""
        return self._row_count

    def columns(
        self,
        shape: tuple[int, ...],
        low: ArrayLike = 0.0,
        high: ArrayLike = np.inf,
        cost: ArrayLike = 0.0,
        *,
        integer: bool = False,
        named: Names = "",
    ) -> Index:
        """New variables; their indices in an array of `shape`. Bounds and cost broadcast to it."""
        low, high, cost = (np.broadcast_to(np.asarray(value, float), shape).ravel() for value in (low, high, cost))
        self._columns.append((low, high, cost, np.full(len(low), integer)))
        self._column_blocks.append(NamedBlock(named, shape))
        indices = np.arange(self._column_count, self._column_count + len(low)).reshape(shape)
        self._column_count += len(low)
        return indices

    def rows(self, count: int, low: ArrayLike = -np.inf, high: ArrayLike = np.inf, *, named: Names = "") -> Index:
        """New constraints low ≤ … ≤ high, empty so far; their indices. `named`: by their equation."""
        self._rows.append(tuple(np.broadcast_to(np.asarray(value, float), count) for value in (low, high)))  # type: ignore[arg-type]
        self._row_blocks.append(NamedBlock(named, (count,)))
        indices = np.arange(self._row_count, self._row_count + count)
        self._row_count += count
        return indices

    def put(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike) -> None:
        """Add coefficients; the three broadcast to one shape."""
        r, c, v = np.broadcast_arrays(rows, columns, values)
        self._entries.append((r.ravel(), c.ravel(), v.ravel().astype(float)))

    def add_cost(self, columns: Index, costs: ArrayLike) -> None:
        """Add to the cost of existing variables."""
        self._costs.append((columns, np.broadcast_to(np.asarray(costs, float), columns.shape)))

    def matrix(self) -> Matrix:
        """The programme."""
        starts, rows, values = self._by_column()
        low, high, cost, integer = (np.concatenate(part) for part in zip(*self._columns, strict=True))
        for columns, costs in self._costs:
            np.add.at(cost, columns, costs)
        row_low, row_high = (np.concatenate(part) for part in zip(*self._rows, strict=True))
        return Matrix(
            cost, self.offset, low, high, integer, row_low, row_high,
            starts.astype(np.int32), rows.astype(np.int32), values,
            tuple(self._row_blocks), tuple(self._column_blocks),
        )  # fmt: skip

    def _by_column(self) -> tuple[Index, Index, Array]:
        """Coefficients in CSC arrays: starts, rows, values; those of one place added up, without those that are zero.

        (In numpy: SciPy's sparse arrays do the same, and take a tenth of a second to import.)
        """
        r, c, v = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        place = c.astype(np.int64) * max(1, self._row_count) + r
        order = np.argsort(place, kind="stable")
        place, v = place[order], v[order]
        first = np.flatnonzero(np.append(True, place[1:] != place[:-1])[: len(place)])
        place, v = place[first], v if len(first) == len(v) else np.add.reduceat(v, first)
        kept = ~(np.abs(v) < SMALLEST_COEFFICIENT)
        c, r = np.divmod(place[kept], max(1, self._row_count))
        return np.searchsorted(c, np.arange(self._column_count + 1)), r, v[kept]
