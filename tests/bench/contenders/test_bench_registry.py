"""Contenders by name; who they are; the engine and the plans without optimisation among them."""

from __future__ import annotations

import json

import builders as make
import pytest
from cli import run
from patience import PATIENCE
from random_nights import random_night

from models.station.cost import cost_of
from optimizer.bench.contenders.registry import (
    DEFAULT_CONTENDERS,
    SOLVERS,
    STANDALONE,
    contenders,
    pair_names,
)
from optimizer.bench.records.contender import Limits
from optimizer.check.rules import check
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.files.errors import InputErrors
from optimizer.programmes.formulations import FORMULATIONS, formulation_of

NIGHT = random_night(4)


def test_every_name_has_a_contender_of_that_name() -> None:
    names = [*STANDALONE, *pair_names()]
    assert [contender.name for contender in contenders(names)] == names
    for contender in contenders(pair_names()):
        assert contender.name == f"{contender.formulation}:{contender.solver}"
        assert contender.what
        assert contender.options == SOLVERS[contender.solver].options


def test_a_formulation_alone_goes_to_highs_and_nobody_competes_twice() -> None:
    names = [one.name for one in contenders(["levels", "engine", "levels:highs", "engine", "levels:scip"])]
    assert names == ["levels:highs", "engine", "levels:scip"]


def test_defaults_can_run_here() -> None:
    assert all(contender.missing() is None for contender in contenders(DEFAULT_CONTENDERS))


def test_names_say_nothing_but_one_thing() -> None:
    """No name of a contender without a formulation is one of a formulation, and none has a capital or a colon."""
    names = [*STANDALONE, *FORMULATIONS, *SOLVERS]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and ":" not in name for name in names)


def test_unknown_names_are_told_all_at_once() -> None:
    with pytest.raises(InputErrors) as caught:
        contenders(["engin", "reference:scop", "engine", "refrence", "engine:highs", "zzz", ""])
    assert str(caught.value).splitlines() == [
        "--contenders: \"engin\": is no contender; did you mean 'engine'?",
        "--contenders: \"reference:scop\": is no contender; did you mean 'reference:scip'?",
        "--contenders: \"refrence\": is no contender; did you mean 'reference'?",
        "--contenders: \"engine:highs\": is no contender; did you mean 'reference:highs'?",
        '--contenders: "zzz": is no contender; swapcharge bench contenders lists them all',
        '--contenders: "": is no contender; swapcharge bench contenders lists them all',
    ]


def test_unknown_formulation() -> None:
    with pytest.raises(InputErrors, match=r'^--formulation: "zzz": is no formulation; they are reference, '):
        formulation_of("zzz")
    assert formulation_of("levels").name == "levels"


@pytest.mark.parametrize("solver", ["highs-pdlp", "pdlp"])
def test_a_solver_of_lps_refuses_whole_numbers(solver: str) -> None:
    (pdlp,) = contenders([f"levels:{solver}"])
    assert pdlp.refusal(NIGHT) == f"{solver} solves LPs only, and levels has whole numbers"
    (linear,) = contenders([f"levels-lp:{solver}"])
    assert linear.refusal(NIGHT) is None
    outcome = linear.compete(NIGHT, Limits(0.01, 20.0), lambda objective, bound: None)
    assert outcome.schedule is not None
    assert check(NIGHT, outcome.schedule) == []
    assert outcome.is_bound_recomputed
    assert outcome.bound <= cost_of(NIGHT, outcome.schedule).objective


def test_engine_is_what_solve_runs() -> None:
    news: list[tuple[float | None, float | None]] = []
    (engine,) = contenders(["engine"])
    outcome = engine.compete(NIGHT, Limits(0.0, 20.0, 3), lambda objective, bound: news.append((objective, bound)))
    plan = plan_station(NIGHT, RunOptions(gap=0.0, time_limit_seconds=PATIENCE, seed=3))
    assert outcome.schedule == plan.schedule
    assert (outcome.objective, outcome.bound) == (plan.result.cost.objective, plan.result.bound)
    assert outcome.stopped == "finished"
    assert news[-1][0] == pytest.approx(outcome.objective)
    objectives = [objective for objective, _ in news if objective is not None]
    assert objectives == sorted(objectives, reverse=True)
    assert news[0][1] is None, "nothing is proven when the first plan is there"


def test_engine_without_time_and_without_hope() -> None:
    (engine,) = contenders(["engine"])
    outcome = engine.compete(NIGHT, Limits(0.0, 0.0), lambda objective, bound: None)
    assert outcome.schedule is not None
    assert outcome.stopped == "time_limit"
    hopeless = make.night(grid_limit_kw=10, base_load_kw=20)
    assert engine.refusal(hopeless) == "the base load fits the grid limit in no slot: there is nothing to plan"
    assert engine.refusal(NIGHT) is None


@pytest.mark.parametrize(
    ("name", "rule"), [("on-arrival", uncontrolled_charging), ("cheapest-first", cheapest_slots_first)]
)
def test_plans_without_optimisation(name: str, rule: object) -> None:
    news: list[tuple[float | None, float | None]] = []
    (contender,) = contenders([name])
    outcome = contender.compete(NIGHT, Limits(0.0, 1.0), lambda objective, bound: news.append((objective, bound)))
    assert outcome.schedule == rule(NIGHT)  # type: ignore[operator]
    assert outcome.schedule is not None
    assert check(NIGHT, outcome.schedule) == []
    assert outcome.bound == -float("inf")
    assert news == [(cost_of(NIGHT, outcome.schedule).objective, None)]


# The command


def test_contenders_screen() -> None:
    done = run("bench", "contenders")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    first = {words[0] for words in lines if words}
    assert {*STANDALONE, *FORMULATIONS, *SOLVERS} <= first
    assert f"By default: {', '.join(DEFAULT_CONTENDERS)}" in done.stdout


def test_contenders_json() -> None:
    told = json.loads(run("bench", "contenders", "--json").stdout)
    assert told["default"] == list(DEFAULT_CONTENDERS)
    assert [one["name"] for one in told["formulations"]] == list(FORMULATIONS)
    by_name = {one["name"]: one for one in told["solvers"]}
    assert list(by_name) == list(SOLVERS)
    assert by_name["highs-no-presolve"]["options"] == {"presolve": "off"}
    assert by_name["highs"]["missing"] is None
    assert set(by_name["scip"]["versions"]) == {"pyscipopt", "scip"}
