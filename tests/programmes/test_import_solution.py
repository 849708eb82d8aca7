"""Solutions of other solvers: what their files say, and what becomes of them as plans."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.station.instance import Night
from models.tolerances import SOLUTION_FEASIBILITY
from optimizer.engine.highs import solve
from optimizer.files.errors import InputErrors
from optimizer.programmes.formulated_night import FormulatedNight
from optimizer.programmes.formulations import FORMULATIONS
from optimizer.programmes.import_solution import MADE_GOOD, NAMELESS, ImportedSolution, import_solution
from optimizer.programmes.levels import LEVELS, LEVELS_INTEGER
from optimizer.programmes.programme import Formulation
from optimizer.programmes.reference import REFERENCE
from optimizer.programmes.solution_text import read_solution

NAMES = ["power_0", "power_1", "serves_0"]
HIGHS = """Model status
Optimal

# Primal solution values
Feasible
Objective 5
Objective_bound 5
# Columns 4
power_0 1.5
power_1 0
serves_0 1
constant 1
# Rows 1
r0 9
power_0 77

# Dual solution values
Feasible
# Columns 4
power_0 8
"""
SCIP = """solution status: optimal solution found
objective value:                                    5
power_0                                           1.5 \t(obj:2)
serves_0                                            1 \t(obj:0)
constant                                            1 \t(obj:3)
"""
GUROBI = "# Solution for model night\n# Objective value = 5\npower_0 1.5\npower_1 0\nserves_0 1\nconstant 1\n"
CBC = """Stopped on time - objective value 5.00000000
**    0 r0                     9                       0
      0 power_0              1.5                       2
**    2 serves_0               1                       0
      3 constant               1                       3
"""
GLPK_MIP = "c Problem: night\ns mip 1 4 o 5\ni 1 9\nj 1 1.5\nj 2 0\nj 3 1\nj 4 1\ne o f\n"
GLPK_LP = "s bas 1 4 f f 5\ni 1 b 9 0\nj 1 b 1.5 0\nj 2 l 0 2\nj 3 u 1 0\nj 4 f 1 3\ne o f\n"
TEXTS = {"highs": HIGHS, "scip": SCIP, "gurobi": GUROBI, "cbc": CBC, "glpk": GLPK_MIP, "glpk lp": GLPK_LP}


@pytest.mark.parametrize("kind", TEXTS)
def test_solution_files_of_all_kinds(kind: str) -> None:
    assert read_solution(TEXTS[kind], NAMES, "a.sol").tolist() == [1.5, 0, 1]


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert np.isfinite(read_solution(text, NAMES, "a.sol")).all()
    except InputErrors as error:
        assert str(error).startswith("a.sol: ")


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.floats(allow_nan=False, allow_infinity=False)), min_size=1))
def test_values_come_back_and_names_come_once(pairs: list[tuple[str, float]]) -> None:
    text = "".join(f"{name} {value!r}\n" for name, value in pairs)
    if len(dict(pairs)) == len(pairs):
        assert read_solution(text, NAMES, "a.sol").tolist() == [dict(pairs).get(name, 0.0) for name in NAMES]
    else:
        with pytest.raises(InputErrors, match="is there twice; keep one of the two"):
            read_solution(text, NAMES, "a.sol")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "power_0 1\npowr_1 2\nserves_0 one\npower_0 nan\n",
            "a.sol: line 2: \"powr_1\": is no column of the programme; did you mean 'power_1'?\n"
            'a.sol: line 3: "one": is no value for serves_0; write a finite number\n'
            'a.sol: line 4: "nan": is no value for power_0; write a finite number',
        ),
        (
            "s mip 1 4 o 5\nj 5 1\n",
            'a.sol: line 2: "column 5": is no column of the programme; import a solution of the exported file, '
            "made with the same formulation and version",
        ),
        (
            "",
            "a.sol: names no column of the programme with a value; import a solution of the exported file, "
            "made with the same formulation and version",
        ),
        (
            "Columns\n    Index Status Lower Upper Primal Dual Type Name\n",
            "a.sol: is HiGHS's table for people (style 1); have it written in style 0, as HiGHS does unless told",
        ),
        (
            "   No. Column name  St   Activity\n     1 power_0      B            1.5\n",
            "a.sol: is GLPK's printed table, whose numbers are cut off; have it written with glpsol -w instead of -o",
        ),
    ],
)
def test_messages_word_for_word(text: str, told: str) -> None:
    with pytest.raises(InputErrors) as caught:
        read_solution(text, NAMES, "a.sol")
    assert str(caught.value) == told


def test_no_more_than_ten_problems_are_told() -> None:
    with pytest.raises(InputErrors) as caught:
        read_solution("".join(f"q{n} 1\n" for n in range(1000)), NAMES, "a.sol")
    assert len(caught.value.problems) == 10


# From a solution to a plan


def best_point(night: Night) -> list[float]:
    point = solve(REFERENCE.build(night).matrix).point
    assert point is not None
    return point.tolist()


def solution(night: Night, changes: dict[str, float] | None = None) -> str:
    """The best solution of the reference model as a file, some values changed."""
    values = dict(zip(REFERENCE.build(night).column_names(), best_point(night), strict=True)) | (changes or {})
    return "".join(f"{name} {value!r}\n" for name, value in values.items())


ONE_SWAP = make.night(packs=[make.pack("P1", 0.3)], swaps=[make.swap("W1", 3)], bays=1, chargers=make.chargers(count=1))


def imported(text: str, bound: float | None = None, formulation: str = "reference") -> ImportedSolution:
    return import_solution(FormulatedNight(make.instance(ONE_SWAP), FORMULATIONS[formulation]), text, "a.sol", bound)


def test_solution_that_breaks_a_rule_is_no_plan() -> None:
    found = imported(solution(ONE_SWAP, {"power_kw(0,0)": 99.0}))
    assert found.plan is None
    rules = {violation.rule for violation in found.violations}
    assert "power" in rules
    assert found.notes, "the programme's price is not the plan's"


@pytest.mark.parametrize("short_kwh", [0.001, 0.008, 0.02])
def test_a_solution_that_breaks_rules_by_a_solver_s_rounding_is_made_good(short_kwh: float) -> None:
    """The pack leaves with a little less than the swap needs, as solvers in whole steps have it; not with any less."""
    kept = imported(solution(ONE_SWAP))
    assert kept.plan is not None and kept.cost is not None
    names = [f"power_kw(0,{slot})" for slot in range(3)]
    values = dict(zip(FORMULATIONS["reference"].build(ONE_SWAP).column_names(), best_point(ONE_SWAP), strict=True))
    slot = next(slot for slot, name in enumerate(names) if values[name] > 1)
    less_kw = short_kwh / ONE_SWAP.horizon.slot_hours
    energies = {f"energy_kwh(0,{t})": values[f"energy_kwh(0,{t})"] - short_kwh for t in range(slot, 3)}
    found = imported(solution(ONE_SWAP, {names[slot]: values[names[slot]] - less_kw, **energies}))
    if short_kwh > SOLUTION_FEASIBILITY:
        assert found.plan is None and {violation.rule for violation in found.violations} == {"hand_over"}
        return
    assert found.plan is not None and found.cost is not None
    assert found.cost.objective == pytest.approx(kept.cost.objective, abs=1e-6)
    (note,) = found.notes
    assert note.startswith("as it stands the solution breaks rules (") and note.endswith(MADE_GOOD)


def test_bound_above_the_plan_is_refuted_and_a_lower_one_is_kept() -> None:
    text = solution(ONE_SWAP)
    found = imported(text, 1e6)
    assert found.plan is None
    assert found.refusal.startswith("The bound 1000000.0 is refuted: this plan costs ")
    kept, none = imported(text, -5.0).plan, imported(text).plan
    assert kept is not None
    assert none is not None
    assert kept.result.bound == -5.0
    assert kept.result.gap is not None
    assert kept.result.gap > 0
    assert none.result.bound is None


@pytest.mark.parametrize(
    ("value", "why"),
    [(3, "more packs charge than there are"), (-1, "fewer than no packs are handed over")],
)
def test_flow_of_packs_that_are_not_there_is_no_plan(value: int, why: str) -> None:
    names = FORMULATIONS["arc-flow"].build(ONE_SWAP).column_names()
    found = imported("".join(f"{name} {value}\n" for name in names), formulation="arc-flow")
    assert (found.plan, found.refusal) == (None, f"The solution is no plan: {why}.")
    assert found.notes == (NAMELESS,)


def test_parts_of_whole_numbers_are_refused() -> None:
    with pytest.raises(InputErrors) as caught:
        imported(solution(ONE_SWAP, {"serves(0,0)": 0.5}))
    told = "a.sol: serves(0,0): 0.5: must be a whole number; solve the programme with its whole columns"
    assert str(caught.value) == told


def test_a_pack_handed_over_twice_is_no_plan() -> None:
    swaps = [make.swap("W1", 3), make.swap("W2", 3)]
    night = replace(ONE_SWAP, station=replace(ONE_SWAP.station, swaps=tuple(swaps)))
    asked = FormulatedNight(make.instance(night), REFERENCE)
    found = import_solution(asked, solution(night, {"serves(0,0)": 1.0, "serves(0,1)": 1.0}), "a.sol", None)
    assert found.plan is None
    assert found.refusal.startswith("The solution is no plan: ")


def test_what_bounds_nothing_takes_no_bound() -> None:
    with pytest.raises(InputErrors) as caught:
        imported("other 1\n", 3.0, "levels-whole")
    assert str(caught.value) == (
        "--bound: 3: the optimum of the formulation levels-whole bounds no plan; leave --bound out"
    )


@pytest.mark.parametrize("formulation", [LEVELS, LEVELS_INTEGER], ids=lambda one: one.name)
def test_solution_that_guides_to_a_plan(formulation: Formulation) -> None:
    model = formulation.build(ONE_SWAP)
    point = solve(model.matrix).point
    assert point is not None
    text = "".join(f"{name} {value!r}\n" for name, value in zip(model.column_names(), point.tolist(), strict=True))
    found = imported(text, None, formulation.name)
    assert found.plan is not None
    assert found.plan.result.method == f"an imported solution of the formulation {formulation.name}"
