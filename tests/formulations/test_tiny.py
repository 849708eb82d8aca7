"""Tiny instances: the engine finds the optimum that tiny_optima.py derives by hand."""

from __future__ import annotations

import pytest
from tiny_optima import COST_FIELDS, EXPECTED, TINY

from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import read_instance


def test_every_tiny_instance_has_a_derivation() -> None:
    assert {path.stem for path in TINY.glob("*.json")} == set(EXPECTED)


@pytest.mark.parametrize("stem", sorted(EXPECTED))
def test_optimum_is_the_one_derived_by_hand(stem: str) -> None:
    (night,) = read_instance(TINY / f"{stem}.json").nights

    plan = plan_station(night, RunOptions(gap=0.0))

    found = {name: getattr(plan.result.cost, name) for name in COST_FIELDS}
    assert found == pytest.approx({name: EXPECTED[stem].get(name, 0.0) for name in COST_FIELDS}, abs=1e-6)
    assert plan.result.cost.objective == pytest.approx(EXPECTED[stem]["objective"], abs=1e-6)
    assert plan.result.bound <= plan.result.cost.objective + 1e-6
