"""Short ways to solve a Pyomo model in tests. Not a test file itself."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from optimizer.engine.highs import SolverResult, compile_model, solve


def solved(model: Any) -> SolverResult:
    """The answer of HiGHS to a Pyomo model, its point loaded into the model."""
    compiled = compile_model(model)
    answer = solve(compiled.matrix)
    if answer.point is not None:
        compiled.load(answer.point)
    return answer


def optimum(model: Any) -> float:
    """The optimal objective of a Pyomo model that has one."""
    answer = solved(model)
    assert answer.stopped == "optimal", answer.detail
    return answer.objective


def families(model: Any) -> dict[str, Any]:
    """The constraint components of a model that hold at least one row, by name."""
    found = model.component_objects(pyo.Constraint, active=True)
    return {component.name: component for component in found if len(component)}


def without(model: Any, *names: str) -> Any:
    """The model less the constraint components of these names, each of which it must have."""
    there = families(model)
    for name in names:
        there[name].deactivate()
    return model


def only(model: Any, name: str) -> Any:
    """The model less all other constraint components and its objective."""
    for other, component in families(model).items():
        if other != name:
            component.deactivate()
    model.cost.set_value(0.0)
    return model
