"""A solver's point made good: whole numbers are whole, and all else keeps every row for them."""

from __future__ import annotations

import numpy as np

from models.formulations.matrix import Array, Matrix, fixed
from models.tolerances import POINT_FEASIBILITY
from optimizer.engine.highs import solve


def settled(matrix: Matrix, point: Array, objective: float) -> tuple[Array, float] | None:
    """A MIP's point with integer columns rounded and all others optimal for them: solvers are a millionth off.

    Where the rounded one leaves no solution: the point as it is, and its own `objective`; None where it breaks the
    programme by more than a solver may. The checker is more lenient: it would let a plan pass that exploits this.
    """
    answer = solve(fixed(matrix, point)) if matrix.is_mip else None
    if answer is not None and answer.point is not None:
        return answer.point, answer.objective
    return (point, objective) if excess(matrix, point) <= POINT_FEASIBILITY else None


def excess(matrix: Matrix, point: Array) -> float:
    """By how much the point passes a side of a row or column at most, as a share of that side (or of 1)."""
    owner = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.starts))
    sums = np.bincount(matrix.rows, matrix.values * point[owner], minlength=matrix.shape[0])
    most = 0.0
    for value, low, high in ((sums, matrix.row_low, matrix.row_high), (point, matrix.low, matrix.high)):
        for side, over in ((low, low - value), (high, value - high)):
            scale = np.where(np.isfinite(side), np.maximum(1.0, np.abs(side)), 1.0)
            most = max(most, float(np.max(over / scale, initial=0.0)))
    return most
