"""The fewest starts: binaries over a dispatch programme, all powers of which cost the same (models/README.md, 3)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.formulations.dispatch.arrays import DispatchArrays
from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder
from models.tolerances import IDLE_KW


@dataclass(frozen=True)
class StartArrays:
    """`matrix`: the programme of powers with its columns in their places, then `on` and `start`, one a pair of stay and
    slot, in the order of its power columns."""

    matrix: Matrix
    on: Index
    start: Index


def start_arrays(arrays: DispatchArrays, powers: Matrix, least_kw: Array) -> StartArrays:
    """min Σ start over the points of `powers`, which has the columns of `arrays`; no cost of its own counts.

    `least_kw`: by pair of stay and slot, the least power of what is on where it can be 0 and more: else packs would be
    kept on by nothing.
    """
    b = MatrixBuilder.extending(replace(powers, cost=np.zeros(powers.shape[1]), offset=0.0))
    count = len(arrays.power_kw)
    low, high = powers.low[arrays.power_kw], powers.high[arrays.power_kw]
    never, always = high <= IDLE_KW, low > IDLE_KW
    is_open = ~(never | always)
    on = b.columns((count,), always, ~never, integer=True)
    start = b.columns((count,), 0.0, 1.0, 1.0)
    _add_switches(b, arrays.power_kw[is_open], on[is_open], high[is_open], np.minimum(least_kw, high)[is_open])
    _add_starts(b, arrays, on, start, ~never)
    return StartArrays(b.matrix(), on, start)


def _add_switches(b: MatrixBuilder, power: Index, on: Index, most_kw: Array, least_kw: Array) -> None:
    """(3.9) least·on ≤ p ≤ most·on where a power is open."""
    for bound, sign in ((most_kw, 1.0), (least_kw, -1.0)):
        rows = b.rows(len(power), 0.0)
        b.put(rows, on, sign * bound)
        b.put(rows, power, -sign)


def _add_starts(
    b: MatrixBuilder, arrays: DispatchArrays, on: Index, start: Index, can_be_on: NDArray[np.bool_]
) -> None:
    """(3.10) start_t ≥ on_t − on_t−1, in a stay's first slot start_t ≥ on_t."""
    cells = np.flatnonzero(can_be_on)
    rows = b.rows(len(cells), 0.0)
    b.put(rows, start[cells], 1.0)
    b.put(rows, on[cells], -1.0)
    follows = (cells > 0) & (arrays.owner[cells] == arrays.owner[cells - 1])
    b.put(rows[follows], on[cells[follows] - 1], 1.0)
