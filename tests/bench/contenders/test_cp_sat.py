"""CP-SAT on a model of its own: nights by hand, and plans of tiny nights beside their truth."""

from __future__ import annotations

import math
import sys

import builders as make
import pytest
from features import feature_night, feature_sets
from random_nights import random_night
from verdicts import margin, true_optimum

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.must_serve import surcharge_of
from optimizer.bench.contenders.cp_sat import CP_SAT, _StepModel
from optimizer.bench.records.contender import Limits, Outcome
from optimizer.check.rules import check
from optimizer.engine.baselines import cheapest_slots_first

SEED, COUNT = 20, 40
SETS = feature_sets(COUNT, SEED)


def competed(night: Night, seconds: float = 10.0) -> Outcome:
    outcome = CP_SAT.compete(night, Limits(0.0, seconds, seed=1), lambda objective, bound: None)
    assert outcome.schedule is not None
    assert check(night, outcome.schedule) == []
    assert outcome.objective == cost_of(night, outcome.schedule).objective
    assert outcome.bound == -math.inf
    return outcome


def two_drivers(**changes: object) -> Night:
    """Packs of 40 kWh, half full and empty; a driver in slot 2 and one in slot 4, each needs one full."""
    asked: dict[str, object] = {
        "on": make.horizon(5, 60),
        "types": [make.pack_type(capacity_kwh=40, target_soc=1.0, swap_soc=1.0, end_value_per_kwh=0.0)],
        "packs": [make.pack("P0", soc=0.5), make.pack("P1", soc=0.0)],
        "bays": 2,
        "swaps": [make.swap("s0", slot=2, returned_soc=0.5), make.swap("s1", slot=4, returned_soc=0.5)],
        "tariff": make.tariff([0.3, 0.1, 0.5, 0.2, 0.5]),
        "chargers": make.chargers(max_kw=20.0, efficiency=1.0),
    }
    return make.night(**(asked | changes))  # type: ignore[arg-type]


def test_each_driver_gets_the_pack_that_is_cheapest_to_fill() -> None:
    """P0 in slot 1; then what s0 brings, half full, in slot 3, and not P1, which lacks 40 kWh."""
    outcome = competed(two_drivers())
    assert outcome.objective == pytest.approx(20 * 0.1 + 20 * 0.2, abs=1e-6)
    assert outcome.schedule is not None
    assert dict(outcome.schedule.by_swap()) == {"s0": "P0", "s1": "return:s0"}
    assert (outcome.stopped, outcome.detail) == ("finished", "best by CP-SAT")


def test_turnaround_and_swaps_that_bring_nothing_leave_the_other_pack() -> None:
    """What s0 brings may not charge before slot 4, or nothing comes: P1 is filled in its two cheapest slots."""
    brings_nothing = (make.swap("s0", slot=2, returned_soc=None), make.swap("s1", slot=4, returned_soc=0.5))
    for night in (two_drivers(turnaround_slots=2), two_drivers(swaps=brings_nothing)):
        outcome = competed(night)
        assert outcome.objective == pytest.approx(20 * 0.1 + 20 * 0.1 + 20 * 0.2, abs=1e-6)
        assert outcome.schedule is not None
        assert outcome.schedule.by_swap()["s1"] == "P1"


@pytest.mark.parametrize("first", range(0, COUNT, 20))
def test_plans_keep_every_rule_and_most_are_optimal(first: int) -> None:
    optimal = 0
    for number in range(first, first + 20):
        night = feature_night(SETS[number], number, SEED)
        best, outcome = true_optimum(night), competed(night)
        assert outcome.objective is not None and outcome.schedule is not None
        objective = outcome.objective + surcharge_of(night, outcome.schedule)
        assert objective >= best - margin(best), number
        optimal += objective <= best + margin(best)
    assert optimal >= 14


def test_the_hint_is_a_solution_of_plain_nights() -> None:
    """So the first solution is no worse than the plan that it begins from."""
    from ortools.sat.python.cp_model import CpSolver

    night = two_drivers()
    model, solver = _StepModel(night), CpSolver()
    model.hint(cheapest_slots_first(night))
    solver.parameters.fix_variables_to_their_hinted_value = True
    assert solver.status_name(solver.solve(model.model)) == "OPTIMAL"
    assert solver.objective_value == pytest.approx(cost_of(night, cheapest_slots_first(night)).objective, abs=1e-6)


def test_the_same_seed_gives_the_same_plan() -> None:
    night = random_night(4)
    assert competed(night).schedule == competed(night).schedule


def test_without_time_there_is_the_plan_that_it_begins_from() -> None:
    outcome = competed(two_drivers(), seconds=0.0)
    assert (outcome.stopped, outcome.detail) == ("time_limit", "best by cheapest slots first")


def test_it_is_missing_without_ortools(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CP_SAT.missing() is None, "the extra cpsat is part of dev"
    assert set(CP_SAT.versions()) == {"ortools"}
    monkeypatch.setitem(sys.modules, "ortools.sat.python.cp_model", None)
    assert CP_SAT.missing() == "OR-Tools: pip install 'swapcharge[cpsat]'"
