"""Work that never changes and uses none of our code: what processor seconds are told in, on any machine.

It is of the kinds of which planning is made, in about its proportions: LPs by HiGHS (the one inside scipy), numpy on
small arrays, an assignment problem, and plain Python on dictionaries and JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import csc_array

from models.formulations.matrix import Array

ROWS, COLUMNS, ENTRIES = 120, 600, 6
LPS, SORTS, RECORDS = 10, 4000, 15000


def calibration() -> Callable[[], object]:
    """The work, its data made beforehand: about a tenth of a second of a processor of 2026."""
    cost, matrix, needs = _covering_lp()
    pairs = _numbers(ROWS * ROWS, 0.3).reshape(ROWS, ROWS)

    def work() -> tuple[float, float, int]:
        lps = sum(_least_cost(cost * (1 + n / LPS), matrix, needs) for n in range(LPS))
        return lps, _small_arrays(pairs), _plain_python()

    return work


def _numbers(count: int, start: float) -> Array:
    """Numbers spread over 0 to 1, the same everywhere: multiples of the golden ratio without their whole part."""
    return np.asarray((start + np.arange(1, count + 1) * (5**0.5 - 1) / 2) % 1)


def _covering_lp() -> tuple[Array, csc_array, Array]:
    """min c·x with A·x ≥ b, x ≥ 0: c of shape (columns,), A of shape (rows, columns), b of shape (rows,)."""
    rows = (_numbers(COLUMNS * ENTRIES, 0.1) * ROWS).astype(np.int64)
    columns = np.repeat(np.arange(COLUMNS), ENTRIES)
    matrix = csc_array((0.5 + _numbers(COLUMNS * ENTRIES, 0.2), (rows, columns)), shape=(ROWS, COLUMNS))
    return 1 + _numbers(COLUMNS, 0.5), matrix, 1 + 9 * _numbers(ROWS, 0.7)


def _least_cost(cost: Array, matrix: csc_array, needs: Array) -> float:
    return float(linprog(cost, A_ub=-matrix, b_ub=-needs, method="highs-ds").fun)


def _small_arrays(pairs: Array) -> float:
    """Sorting, summing and picking in arrays of a day's size, and one assignment."""
    total = 0.0
    for n in range(SORTS):
        row = pairs[n % len(pairs)]
        order = np.argsort(row, kind="stable")
        total += float(np.cumsum(np.where(row > 0.5, row[order], 0.0))[-1])
    first, second = linear_sum_assignment(pairs)
    return total + float(pairs[first, second].sum())


def _plain_python() -> int:
    records: list[dict[str, Any]] = [
        {"slot": n % 96, "power_kw": n / 7, "pack": f"p{n % 21:02d}"} for n in range(RECORDS)
    ]
    by_pack: dict[str, float] = {}
    for record in sorted(records, key=lambda one: (one["pack"], one["slot"])):
        by_pack[record["pack"]] = by_pack.get(record["pack"], 0.0) + record["power_kw"]
    return len(json.dumps(records)) + len(by_pack)
