"""Counts of lost swaps are branched on first."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import numpy as np
from patience import PATIENCE

from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.branch_and_bound import _branches
from optimizer.engine.column_generation import ColumnGeneration, SolvedNode
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search


def test_a_count_fractional_by_a_hair_is_branched_on_before_packs() -> None:
    night = make.night(packs=(make.pack("a", 0.5), make.pack("b", 0.2)), swaps=(make.swap("s1", 2), make.swap("s2", 3)))
    search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
    search.offer(uncontrolled_charging(night), "charge on arrival")
    generation = ColumnGeneration(search)
    node = generation.root()
    generation.solve_node(node, first=True)
    solution = generation.pool.solve(PATIENCE)
    assert solution is not None
    shares = tuple(np.zeros_like(of_type) for of_type in solution.shares)
    (rows, columns), initial = generation.problems[0].lost, generation.problems[0].initial
    shares[0][rows[0], columns[0]] = 0.004
    shares[0][:initial, -1] = 0.5  # packs that stay by half are far more fractional
    solved = SolvedNode(node, replace(solution, shares=shares))
    last = night.horizon.slots - 1
    assert [branch.lost for branch in _branches(generation, solved)] == [{last: (-np.inf, 0)}, {last: (1, np.inf)}]
