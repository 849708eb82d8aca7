"""Where everyone is served, the choice of a pack that is branched on is the one whose branches cost most."""

from __future__ import annotations

import pytest
from paths import INSTANCES
from patience import PATIENCE

from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.branch_and_bound import (
    NO_RISE,
    _branches,
    _branches_on_choice,
    _fractional_choices,
    _strongest_branches,
)
from optimizer.engine.column_generation import ColumnGeneration
from optimizer.engine.column_pool import Node
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search
from optimizer.formats.read_instance import read_instance


def test_the_choice_whose_branches_cost_most_is_branched_on() -> None:
    """Rises of both branches in the master, by their product, recomputed for every choice that may be tried."""
    night = read_instance(INSTANCES / "real" / "zhejiang-21-packs.json").nights[0]
    search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
    search.offer(uncontrolled_charging(night), "charge on arrival")
    generation = ColumnGeneration(search)
    solved = generation.solve_node(generation.root(), first=True)
    assert solved.solution is not None
    choices = _fractional_choices(generation, solved.solution, 0.02, tried=8)

    def product(branches: list[Node]) -> float:
        rises = []
        for branch in branches:
            generation.pool.enter(branch)
            master = generation.pool.solve(PATIENCE)
            assert master is not None
            most = search.objective - solved.node.bound
            rises.append(min(max(master.objective - solved.node.bound, NO_RISE * most), most))
        return rises[0] * rises[1]

    each = [product(list(_branches_on_choice(generation, solved.node, *choice))) for choice in choices]
    assert min(each) < max(each) / 2
    for order in (choices, choices[::-1]):
        assert product(_strongest_branches(generation, solved.node, order)) == pytest.approx(max(each))
    assert product(list(_branches(generation, solved, tried=8))) == pytest.approx(max(each))
