"""Powers of stays beside a ready reserve: which packs become ready by which slot, by a dive or by a MIP."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from models.formulations.assignment.problem import Allowed
from models.formulations.dispatch.arrays import DispatchArrays
from models.formulations.matrix import Array, Matrix, fixed
from models.tolerances import INTEGRALITY
from optimizer.engine.highs import GrowingLp, LpPoint, SolverResult, presolving
from optimizer.engine.search import Search

DIVES = 8  # steps of one


class ReserveAnswer(NamedTuple):
    """Duals of the relaxation (None where there are several), a plan near it, and the relaxation's optimum."""

    dual: Array | None
    answer: SolverResult
    relaxed: float


def solve_reserve(search: Search, arrays: DispatchArrays, most_seconds: float) -> ReserveAnswer:
    """The relaxation and the best plan found near it, which MIPs make better for `most_seconds` in all.

    Where rates fall, that of the best way to set their binaries, without duals.
    """
    matrix = arrays.matrix
    begun = np.setdiff1d(np.flatnonzero(matrix.integer), np.concatenate([arrays.ready, arrays.short]))
    if not len(begun):
        return _solve_run(search, matrix, arrays, most_seconds)
    answers, ways = [], 2 ** len(begun)
    for values in product((0.0, 1.0), repeat=len(begun)):
        low, high = matrix.low.copy(), matrix.high.copy()
        low[begun] = high[begun] = values
        answers.append(_solve_run(search, replace(matrix, low=low, high=high), arrays, most_seconds / ways))
    best = min(answers, key=lambda one: one.answer.objective)
    return ReserveAnswer(None, best.answer, min(one.relaxed for one in answers))


def _solve_run(search: Search, matrix: Matrix, arrays: DispatchArrays, most_seconds: float) -> ReserveAnswer:
    """The relaxation, and a plan near it: by a dive, made better by a MIP for `most_seconds`."""
    dive = _Dive(search, matrix, arrays)
    first, ready = dive.solve(), arrays.ready
    if first is None:
        return ReserveAnswer(None, NOTHING, np.inf)
    dual, relaxed = first.row_dual, first.objective
    if (np.abs(first.point - np.rint(first.point))[ready] <= INTEGRALITY).all():
        return ReserveAnswer(dual, _result(first), relaxed)
    if relaxed >= search.objective and not most_seconds:  # only what may lead is worth a dive
        return ReserveAnswer(dual, _result(dive.all_short(first)), relaxed)
    dived = dive.run(first)
    if not most_seconds or dived is None or dived.objective - relaxed <= search.money_gap / 4:
        return ReserveAnswer(dual, _result(dived), relaxed)
    seconds = min(most_seconds, search.seconds_left)
    answer = search.solve(matrix, money_gap=search.money_gap / 4, seconds=seconds, start=dived.point)
    answer = _result(dived) if answer.point is None else solve_lp(search, fixed(matrix, answer.point))
    return ReserveAnswer(dual, answer, relaxed)


NOTHING = SolverResult("infeasible", "", None, np.inf, -np.inf, 0.0)


def _result(found: LpPoint | None) -> SolverResult:
    return (
        NOTHING if found is None else replace(NOTHING, stopped="optimal", point=found.point, objective=found.objective)
    )


class _Dive:
    """The relaxation of a dispatch with a reserve, and plans near it: columns of (3.6) are fixed a few at a time."""

    def __init__(self, search: Search, matrix: Matrix, arrays: DispatchArrays) -> None:
        self.search, self.matrix, self.arrays = search, matrix, arrays
        self.low, self.high = np.zeros(len(arrays.ready)), np.ones(len(arrays.ready))
        self.lp = GrowingLp(matrix, search.options.seed, presolving(matrix))

    def solve(self) -> LpPoint | None:
        """The optimum at the bounds so far."""
        with self.search.watch.stage("solver"):
            return self.lp.solve(np.inf)

    def run(self, answer: LpPoint) -> LpPoint | None:
        """What is nearly ready is to be ready, unless shortfall is cheaper; what is so in part at last need not be.

        None where that leads nowhere, or the time is up.
        """
        for _ in range(DIVES):
            share = answer.point[self.arrays.ready]
            partly = (share > INTEGRALITY) & (share < 1 - INTEGRALITY)
            if not partly.any():
                break
            if self.search.seconds_left <= 0:
                return None
            nearly = partly & (share >= np.quantile(share[partly], 0.7))
            tried = self._bounded(nearly, 1.0, 1.0)
            short = self.search.night.station.reserve_cost * float(share[nearly] @ self.arrays.ready_slots[nearly])
            if tried is None or tried.objective > answer.objective + short:
                tried = self._bounded(nearly, 0.0, 0.0)
            if tried is None:
                return None
            answer = tried
        is_ready = answer.point[self.arrays.ready] >= 1 - INTEGRALITY
        self.low, self.high = np.zeros(len(is_ready)), is_ready.astype(float)
        return self._bounded(is_ready, 1.0, 1.0)

    def all_short(self, answer: LpPoint) -> LpPoint:
        """The same powers, all of the reserve declared short: what is ready is known from the powers."""
        columns = self.arrays.short[self.arrays.short >= 0]
        point = answer.point.copy()
        point[columns] = self.matrix.high[columns]
        more = float(self.matrix.cost[columns] @ (point - answer.point)[columns])
        return replace(answer, point=point, objective=answer.objective + more)

    def _bounded(self, which: Allowed, low: float, high: float) -> LpPoint | None:
        self.low[which], self.high[which] = low, high
        self.lp.bound_columns(self.arrays.ready, self.high, self.low)
        return self.solve()


def solve_lp(search: Search, matrix: Matrix) -> SolverResult:
    """An LP, presolved where that pays."""
    return search.solve(matrix, options=presolving(matrix))
