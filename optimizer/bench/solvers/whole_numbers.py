"""A programme in whole numbers, for solvers that know nothing else: none of its solutions is lost on the way.

A continuous column x becomes a number n of steps u, off by at most h steps. Rounding to the nearest gives h = 1/2. That
moves a row's sum by at most Σ|a|·h·u, and whole coefficients in place of the row's own move it by what they are off;
both are given to the sides of the row. An equation in whole numbers, such as the energy balance of a slot, would lose
what makes it one: there one column is not rounded but follows from the others, and its h is the sum of theirs.

So every solution of the programme, rounded, is one of the whole programme, and a bound on the whole programme, less
what rounding may add to the cost, is a bound on the programme itself. The reverse is false: a solution in whole numbers
may break rows by as much as they were given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.formulations.matrix import Array, Index, Matrix
from models.tolerances import EQUAL, INTEGRALITY, ROUNDING

STEPS_A_UNIT = 10_000
"""Steps of a kW, a kWh or a unit of currency."""

MOST_STEPS = 2.0**31
"""Of a column; a wider one has longer steps."""

MOST_SUM = 2.0**46
"""Largest sum of a row in whole numbers: far below 2**53, up to which a float holds every whole number."""

MOST_COST = 2.0**53
"""Largest cost in whole numbers."""

SHARE = 0.1
"""Of what rounding of columns moves a row by, what whole coefficients may move it by as well."""

MULTIPLES = (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 19, 20, 24, 25, 30, 40, 50, 60, 95, 100)
POWERS = 13  # of ten that are tried as factors of a row
SWEEPS = 3  # over the rows, to find ends of columns


class EndlessColumn(ValueError):
    """A column has no end that its rows or costs would give it: it cannot be whole steps."""


@dataclass(frozen=True)
class WholeProgramme:
    """min cost·n with row_low ≤ A n ≤ row_high and low ≤ n ≤ high, all whole numbers; A in CSR arrays.

    `step`: of shape (columns,), what one of a column is in its own unit. `money`: what one of the cost is in currency.
    `money_slack`: by how much, in currency, rounding a solution may raise its cost. `offset`: currency.
    """

    step: Array
    low: Index
    high: Index
    cost: Index
    row_low: Array
    row_high: Array
    starts: Index
    columns: Index
    values: Index
    money: float
    money_slack: float
    offset: float

    def bound(self, whole_bound: float) -> float:
        """What a lower bound on cost·n proves of the programme itself, in currency."""
        of_floats = ROUNDING * max(1.0, abs(whole_bound) * self.money, abs(self.offset))
        return whole_bound * self.money + self.offset - self.money_slack - of_floats


class _Entries(NamedTuple):
    """Coefficients one by one: row (the objective is the last), column, value."""

    rows: Index
    columns: Index
    values: Array


class _Scaled(NamedTuple):
    """Whole coefficients, in the order of the entries. `factor`: of each row, from what a step of it is worth."""

    whole: Array
    factor: Array


def whole_programme(matrix: Matrix) -> WholeProgramme:
    """The programme in whole numbers. Raises EndlessColumn."""
    matrix = with_ends(matrix)
    step = np.where(matrix.integer, 1.0, _steps(matrix))
    entries = _entries(matrix)
    most = np.maximum(np.abs(matrix.low), np.abs(matrix.high)) / step
    scaled = _scaled(entries, matrix, step, most)
    off_steps, is_exact = _followed(entries, matrix, step, scaled)
    slack = np.where(is_exact, 0.0, _moved(entries, step, scaled, most, off_steps))
    low, high = _whole_ends(matrix, step, off_steps)
    return _assembled(matrix, entries, scaled, WholeColumns(step, low, high), slack)


class WholeColumns(NamedTuple):
    """What one of each column is in its own unit, and the whole numbers between which it lies."""

    step: Array
    low: Index
    high: Index


def _assembled(
    matrix: Matrix, entries: _Entries, scaled: _Scaled, columns: WholeColumns, slack: Array
) -> WholeProgramme:
    """All of it row by row. `slack`: of each row's sum and of the objective, in their own units."""
    rows = matrix.shape[0]
    priced = entries.rows == rows
    cost = np.zeros(matrix.shape[1], dtype=np.int64)
    cost[entries.columns[priced]] = scaled.whole[priced]
    order = np.lexsort((entries.columns, entries.rows))
    inside = order[~priced[order] & (scaled.whole[order] != 0)]
    counts = np.bincount(entries.rows[inside], minlength=rows)
    row_low, row_high = _sides(matrix, scaled.factor[:-1], slack[:-1])
    return WholeProgramme(
        *columns,
        cost,
        row_low,
        row_high,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        entries.columns[inside],
        scaled.whole[inside].astype(np.int64),
        1.0 / float(scaled.factor[-1]),
        float(slack[-1]),
        matrix.offset,
    )


def with_ends(matrix: Matrix) -> Matrix:
    """The same with finite ends of all columns, at least one optimum kept. Raises EndlessColumn.

    Ends come from rows; or, where a column only costs and only helps its rows, from the most that they may need.
    """
    low, high = matrix.low.copy(), matrix.high.copy()
    entries = _entries(matrix)
    for _ in range(SWEEPS):
        if np.isfinite(low).all() and np.isfinite(high).all():
            break
        _narrow(entries, matrix, low, high)
    else:
        _narrow_by_need(entries, matrix, low, high)
    endless = np.flatnonzero(~(np.isfinite(low) & np.isfinite(high)))
    if len(endless):
        raise EndlessColumn(f"column {endless[0]} has no end, so it is no number of steps ({len(endless)} such)")
    return replace(matrix, low=low, high=high)


def _entries(matrix: Matrix) -> _Entries:
    """All coefficients, those of the objective as a last row."""
    owner = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.starts))
    priced = np.flatnonzero(matrix.cost)
    rows = np.concatenate([matrix.rows.astype(np.int64), np.full(len(priced), matrix.shape[0])])
    return _Entries(rows, np.concatenate([owner, priced]), np.concatenate([matrix.values, matrix.cost[priced]]))


def _others(entries: _Entries, ends: Array, rows: int) -> Array:
    """For each entry the sum of its row's other terms at these ends of every entry; ±inf where one has none."""
    terms = entries.values * ends
    endless = ~np.isfinite(terms)
    finite = np.where(endless, 0.0, terms)
    sums = np.bincount(entries.rows, finite, minlength=rows)[entries.rows] - finite
    gone = np.bincount(entries.rows, endless, minlength=rows)[entries.rows] - endless
    return np.where(gone > 0, np.nan, sums)


def _limits(entries: _Entries, matrix: Matrix, low: Array, high: Array) -> tuple[Array, Array]:
    """The lowest and highest value that each entry's row leaves to its column, whatever the others are.

    Shape (entries,) each; ±inf where nothing follows.
    """
    rising = entries.values > 0
    count = matrix.shape[0] + 1
    least = _others(entries, np.where(rising, low[entries.columns], high[entries.columns]), count)
    most = _others(entries, np.where(rising, high[entries.columns], low[entries.columns]), count)
    row_low, row_high = np.append(matrix.row_low, -np.inf), np.append(matrix.row_high, np.inf)
    above, below = (row_high[entries.rows] - least), (row_low[entries.rows] - most)
    first, second = below / entries.values, above / entries.values
    lowest, highest = np.where(rising, first, second), np.where(rising, second, first)
    return np.where(np.isnan(lowest), -np.inf, lowest), np.where(np.isnan(highest), np.inf, highest)


def _narrow(entries: _Entries, matrix: Matrix, low: Array, high: Array) -> None:
    """Give endless columns the ends that follow from their rows, in place."""
    lowest, highest = _limits(entries, matrix, low, high)
    from_rows_low, from_rows_high = np.full(len(low), -np.inf), np.full(len(high), np.inf)
    np.maximum.at(from_rows_low, entries.columns, lowest)
    np.minimum.at(from_rows_high, entries.columns, highest)
    np.copyto(low, from_rows_low, where=np.isinf(low))
    np.copyto(high, from_rows_high, where=np.isinf(high))


def _narrow_by_need(entries: _Entries, matrix: Matrix, low: Array, high: Array) -> None:
    """An endless column that costs something and only helps its rows need not pass the most that they may lack."""
    rising = entries.values > 0
    row_low, row_high = np.append(matrix.row_low, -np.inf), np.append(matrix.row_high, np.inf)
    least = _others(entries, np.where(rising, low[entries.columns], high[entries.columns]), matrix.shape[0] + 1)
    most = _others(entries, np.where(rising, high[entries.columns], low[entries.columns]), matrix.shape[0] + 1)
    side = np.where(rising, row_low[entries.rows], row_high[entries.rows])
    need = (side - np.where(rising, least, most)) / entries.values
    of_rows = entries.rows < matrix.shape[0]
    helps = np.where(rising, np.isinf(row_high[entries.rows]), np.isinf(row_low[entries.rows])) & ~np.isnan(need)
    good = (np.bincount(entries.columns[of_rows & ~helps], minlength=len(low)) == 0) & (matrix.cost >= 0)
    needs = low.copy()
    np.maximum.at(needs, entries.columns[of_rows & helps], need[of_rows & helps])
    needs = np.where(matrix.integer, np.ceil(needs), needs)
    np.copyto(high, needs, where=np.isinf(high) & good & np.isfinite(needs))


def _steps(matrix: Matrix) -> Array:
    """The step of each column if it is continuous: a part of its unit, ten times as long until they are few enough."""
    size = np.maximum(np.abs(matrix.low), np.abs(matrix.high))
    longer = np.ceil(np.log10(np.maximum(1.0, size * STEPS_A_UNIT / MOST_STEPS)))
    return np.asarray(10.0**longer / STEPS_A_UNIT)


def _whole_ends(matrix: Matrix, step: Array, off_steps: Array) -> tuple[Index, Index]:
    """Lowest and highest whole number of each column; a rounded end is the nearest."""
    widened = np.where(matrix.integer, INTEGRALITY, off_steps)
    low = np.ceil(matrix.low / step - widened - EQUAL).astype(np.int64)
    return low, np.maximum(low, np.floor(matrix.high / step + widened + EQUAL).astype(np.int64))


def _scaled(entries: _Entries, matrix: Matrix, step: Array, most: Array) -> _Scaled:
    """Whole coefficients of every row and of the objective: by the first factor that is near enough, else the best."""
    rows = matrix.shape[0] + 1
    per_step = entries.values * step[entries.columns]
    half = np.where(matrix.integer, 0.0, 0.5)[entries.columns]
    sums = np.bincount(entries.rows, np.abs(per_step) * most[entries.columns], minlength=rows)
    allowed = SHARE * np.bincount(entries.rows, np.abs(per_step) * half, minlength=rows) + ROUNDING * sums
    ceiling = np.append(np.full(rows - 1, MOST_SUM), MOST_COST) / np.maximum(sums, EQUAL)
    least = np.full(rows, np.inf)
    np.minimum.at(least, entries.rows, np.abs(per_step))
    factor, off = np.ones(rows), np.full(rows, np.inf)
    for candidate in _factors(np.where(np.isfinite(least), least, 1.0), ceiling):
        found = _moved(entries, step, _with_factor(per_step, entries, candidate), most, np.zeros(len(step)))
        better = (off > allowed) & (found < off) & (candidate <= ceiling)
        factor, off = np.where(better, candidate, factor), np.where(better, found, off)
    return _with_factor(per_step, entries, factor)


def _with_factor(per_step: Array, entries: _Entries, factor: Array) -> _Scaled:
    return _Scaled(np.rint(per_step * factor[entries.rows]), factor)


def _moved(entries: _Entries, step: Array, scaled: _Scaled, most: Array, off_steps: Array) -> Array:
    """By how much each row's sum may move: columns off by so many steps, and whole coefficients in place of its own."""
    per_step = entries.values * step[entries.columns]
    off = np.abs(scaled.whole / scaled.factor[entries.rows] - per_step)
    steps = off_steps[entries.columns]
    moved = np.abs(per_step) * steps + off * (most[entries.columns] + steps)
    return np.asarray(np.bincount(entries.rows, moved, minlength=len(scaled.factor)), dtype=np.float64)


def _followed(entries: _Entries, matrix: Matrix, step: Array, scaled: _Scaled) -> tuple[Array, NDArray[np.bool_]]:
    """By how many steps each column may be off, and which rows hold exactly because a column follows from the others.

    A column that follows is in no equation before; what it follows from never follows later.
    """
    off_steps, is_used = np.where(matrix.integer, 0.0, 0.5), np.zeros(len(step), dtype=bool)
    is_exact = np.zeros(len(scaled.factor), dtype=bool)
    order = np.argsort(entries.rows, kind="stable")
    starts = np.searchsorted(entries.rows[order], np.arange(len(scaled.factor) + 1))
    equations = _equations(entries, matrix, step, scaled)
    of_equations = np.isin(entries.rows, equations) & (np.abs(scaled.whole) == 1)
    uses = np.bincount(entries.columns[of_equations], minlength=len(step))
    for row in equations:
        here = order[starts[row] : starts[row + 1]]
        columns, sizes = entries.columns[here], np.abs(scaled.whole[here])
        free = np.flatnonzero((sizes == 1) & ~matrix.integer[columns] & ~is_used[columns])
        if len(free):
            one = free[np.argmin(uses[columns[free]])]
            off = sizes * off_steps[columns]
            off_steps[columns[one]] = off.sum() - off[one]
            is_exact[row] = True
        is_used[columns] |= bool(len(free))
    return off_steps, is_exact


def _equations(entries: _Entries, matrix: Matrix, step: Array, scaled: _Scaled) -> Index:
    """The rows that are equations, coefficients and side whole without rounding."""
    per_step = entries.values * step[entries.columns] * scaled.factor[entries.rows]
    off = np.zeros(len(scaled.factor))
    np.maximum.at(off, entries.rows, np.abs(scaled.whole - per_step) / np.maximum(1.0, np.abs(per_step)))
    with np.errstate(invalid="ignore"):
        side = matrix.row_low * scaled.factor[:-1]
        is_whole = np.abs(side - np.rint(side)) <= EQUAL
    return np.flatnonzero((matrix.row_low == matrix.row_high) & is_whole & (off[:-1] <= ROUNDING))


def _factors(least: Array, ceiling: Array) -> list[Array]:
    """Factors to try, for every row: small multiples that make its least coefficient whole, powers of ten, the most."""
    of_least = [multiple / least for multiple in MULTIPLES]
    of_ten = [np.full(len(least), float(STEPS_A_UNIT) * 10**power) for power in range(POWERS)]
    return [*of_least, *of_ten, ceiling]


def _sides(matrix: Matrix, factor: Array, slack: Array) -> tuple[Array, Array]:
    """Both sides in whole numbers, as much wider as the sum may have moved; ±inf where there is none."""
    low, high = (matrix.row_low - slack) * factor, (matrix.row_high + slack) * factor
    return np.ceil(low - _of_floats(low)), np.floor(high + _of_floats(high))


def _of_floats(values: Array) -> Array:
    """How far a computed side may be from the true one."""
    return np.where(np.isfinite(values), EQUAL + ROUNDING * np.abs(values), 0.0)
