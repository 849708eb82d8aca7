"""The ledger takes what is better and proven, and nothing at all where anything is refuted."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import bench_ledgers as make
import cli
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.bench.ledger.update import Update, update_ledger
from optimizer.bench.ledger.verify import verify
from optimizer.files.errors import InputErrors

NAME = "plug-change-cost"
OTHER = "demand-charge-peak-so-far"
LATER = "2026-12-01T08:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make.write_library(tmp_path / "library")


def update(folder: Path, *runs: Any) -> Update:
    """Update from a new folder of results with these runs."""
    number = len(list(folder.parent.glob("results*")))
    return update_ledger(folder, [make.write_results(folder.parent / f"results{number}", *runs)])


def told(found: Update) -> list[str]:
    return list(map(str, found.changes if found.ok else found.failures))


def test_the_first_results(folder: Path) -> None:
    found = update(folder, make.best(NAME, "reference:highs", bound=7.5))
    assert told(found) == [
        f"{NAME}: plan none -> 7.500000 by reference:highs, seed 0",
        f"{NAME}: bound none -> 7.500000 by reference:highs, seed 0; optimal",
    ]
    assert found.summary() == "2 changes; the ledger has 1 entry, 1 proven optimal."
    assert verify(folder).ok


def test_an_improvement_is_taken(folder: Path) -> None:
    update(folder, make.dear(NAME, "on-arrival"))
    old = make.ledger_of(folder)[NAME]["plan"]
    found = update(folder, make.best(NAME, "engine", bound=6.0, began=LATER, seed=3))
    new = make.ledger_of(folder)[NAME]
    assert told(found) == [
        f"{NAME}: plan {old['objective']:,.6f} -> 7.500000 by engine, seed 3",
        f"{NAME}: bound none -> 6.000000 by engine, seed 3",
    ]
    assert (new["plan"]["seed"], new["plan"]["date"], new["proof"]) == (3, "2026-12-01", "gap")
    assert new["gap"] == pytest.approx(1.5 / 7.5)
    assert not (folder / old["file"]).exists() and verify(folder).notes == [
        f"2 instances of the library without an entry: {OTHER}, end-value"
    ]
    (better,) = told(update(folder, (make.record(NAME, "levels:highs", bound=7.5), None)))
    assert better == f"{NAME}: bound 6.000000 -> 7.500000 by levels:highs, seed 0; optimal"
    assert verify(folder).ok


def test_a_tie_keeps_the_older_entry(folder: Path) -> None:
    update(folder, make.best(NAME, "engine", bound=7.5))
    before = make.every_file(folder)
    found = update(folder, make.best(NAME, "reference:highs", bound=7.5 + 1e-7, began=LATER))
    assert told(found) == [] and make.every_file(folder) == before
    assert found.summary() == "Nothing is better than what was known; the ledger has 1 entry, 1 proven optimal."


def test_the_older_run_of_equals_comes_first(folder: Path) -> None:
    update(folder, make.best(NAME, "engine", began=LATER), make.best(NAME, "reference:highs"))
    assert make.ledger_of(folder)[NAME]["plan"]["contender"] == "reference:highs"


def test_another_solver_confirms(folder: Path) -> None:
    update(folder, make.best(NAME, "engine", bound=7.5))
    same_solver = make.best(NAME, "levels:highs-ipm", bound=7.5)
    less = make.best(NAME, "levels:scip", bound=7.0)
    found = update(folder, make.best(NAME, "reference:scip", bound=7.5), same_solver, less)
    assert told(found) == [f"{NAME}: bound 7.500000 confirmed by reference:scip"]
    assert make.ledger_of(folder)[NAME]["bound"]["confirmed_by"] == ["reference:scip"]
    assert told(update(folder, make.best(NAME, "reference:scip", bound=7.5))) == []
    assert verify(folder).ok


def test_last_digits_that_close_the_gap_are_taken(folder: Path) -> None:
    """Equal by the tolerance of money, which goes by the objective; the gap goes by the gross cost."""
    schedule = make.best_schedule("end-value")  # objective −11, gross cost 9
    first = make.with_plan(make.record("end-value", "engine", bound=-11.0 - 1.05e-5), schedule)
    update(folder, first)
    assert make.ledger_of(folder)["end-value"]["proof"] == "gap"
    update(folder, (make.record("end-value", "reference:highs", bound=-11.0), None))
    entry = make.ledger_of(folder)["end-value"]
    assert (entry["proof"], entry["bound"]["contender"]) == ("optimal", "reference:highs")


def test_kinds_of_bounds(folder: Path) -> None:
    linear = make.record(NAME, "levels-lp:highs", bound=5.0, is_bound_recomputed=True)
    update(folder, make.best(NAME), (linear, None))
    assert make.ledger_of(folder)[NAME]["bound"]["kind"] == "recomputed"
    update(folder, (make.record(NAME, "levels-lp:scip", bound=6.0), None))
    assert make.ledger_of(folder)[NAME]["bound"]["kind"] == "solver"


def nothing_written(folder: Path, *runs: Any) -> list[str]:
    """What the ledger says to these runs, which it must refuse as a whole."""
    before = make.every_file(folder)
    found = update(folder, *runs)
    assert not found.ok and make.every_file(folder) == before
    assert found.summary().startswith("Nothing was written: ")
    return told(found)


def test_a_plan_that_breaks_a_rule(folder: Path) -> None:
    spoilt = make.charged_more(make.best_schedule(NAME), 5.0)
    good = make.best(OTHER, "reference:highs", bound=make.OPTIMA[OTHER])
    found = nothing_written(folder, make.with_plan(make.record(NAME), spoilt), good)
    assert len(found) >= 1 and found[0].startswith(f"{NAME}: plan: plans/") and ": power: pack " in found[0]


def test_a_plan_that_costs_something_else(folder: Path) -> None:
    made, plan = make.best(NAME)
    (line,) = nothing_written(folder, (msgspec.structs.replace(made, objective=7.0), plan))
    objective = make.objective(NAME, make.best_schedule(NAME))
    assert line.endswith(f": recorded objective 7.0, recomputed it is {objective!r}")
    assert line.startswith(f"{NAME}: cost: plans/")


def test_a_bound_above_a_plan_of_the_ledger(folder: Path) -> None:
    update(folder, make.best(NAME))
    (line,) = nothing_written(folder, (make.record(NAME, "levels:highs", bound=8.0, seed=2), None))
    results = folder.parent / "results1"
    assert line == (
        f"{NAME}: bound: 8.0 by levels:highs, seed 2 ({results}) lies above the checked plan of "
        f"{make.objective(NAME, make.best_schedule(NAME))!r} by engine (ledger); one of the two is false: prove the "
        "bound anew (bench ledger verify --bounds, or by another solver), then take the false one out of the ledger, "
        "or leave its results out"
    )


def test_a_plan_below_a_bound_of_the_ledger(folder: Path) -> None:
    update(folder, make.dear(NAME, "on-arrival"), (make.record(NAME, "levels:highs", bound=7.6), None))
    (line,) = nothing_written(folder, make.best(NAME))
    assert line.startswith(f"{NAME}: bound: 7.6 by levels:highs (ledger) lies above the checked plan of 7.5")


def test_a_wrong_run_is_heard_where_its_plan_refutes_a_bound(folder: Path) -> None:
    """The runner calls a run WRONG that beats the ledger's bound: the plan may be right all the same."""
    update(folder, make.dear(NAME, "on-arrival"), (make.record(NAME, "levels:highs", bound=7.6), None))
    (line,) = nothing_written(folder, make.best(NAME, status="WRONG"))
    assert " (ledger) lies above the checked plan of " in line


def test_two_runs_that_contradict_each_other(folder: Path) -> None:
    high = make.record(NAME, "levels:highs", bound=9.0), None
    higher = make.record(NAME, "levels:scip", bound=9.5), None
    assert len(nothing_written(folder, make.best(NAME), high, higher)) == 2


@pytest.mark.parametrize("status", ["WRONG", "ER", "OOM", "NA"])
def test_only_runs_that_ended_well_prove_bounds(folder: Path, status: str) -> None:
    found = update(folder, make.best(NAME), (make.record(NAME, "levels:highs", bound=9.0, status=status), None))
    assert found.ok and make.ledger_of(folder)[NAME]["bound"] is None


def test_a_broken_plan_of_a_wrong_run_is_left_out(folder: Path) -> None:
    spoilt = make.charged_more(make.best_schedule(NAME), 5.0)
    found = update(folder, make.with_plan(make.record(NAME, status="WRONG"), spoilt))
    assert found.ok and make.ledger_of(folder) == {}


def test_a_bound_without_any_plan(folder: Path) -> None:
    found = update(folder, (make.record(NAME, bound=7.0), None))
    assert (found.ok, found.notes) == (True, [f"{NAME}: no plan is known, so no bound is kept"])


def test_runs_of_other_instances_are_left_out(folder: Path) -> None:
    strange = make.record(NAME, instance="strange", instance_hash="sha256:0", bound=99.0), None
    found = update(folder, strange, make.best(NAME))
    assert found.notes == ["1 run left out, not of an instance of the library: strange"]


def test_a_plan_file_outside_the_results(folder: Path) -> None:
    made, plan = make.best(NAME)
    results = make.write_results(folder.parent / "results", (made, plan))
    (record,) = (results / "runs").glob("*.json")
    make.changed(record, lambda content: content.update(plan="../secret.json"))
    found = update_ledger(folder, [results])
    assert told(found) == [f"{NAME}: plan: ../secret.json: lies outside {results}"]


def test_a_ledger_that_does_not_hold_is_not_built_upon(folder: Path) -> None:
    update(folder, make.dear(NAME, "on-arrival"))
    (folder / make.ledger_of(folder)[NAME]["plan"]["file"]).unlink()
    (line,) = nothing_written(folder, make.best(NAME))
    assert line.endswith("there is no such file; check the name and the folder")


def test_results_that_are_none(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputErrors):
        update_ledger(folder, [tmp_path])


# --- any results ----------------------------------------------------------------------------------------------

RUNS = st.lists(
    st.tuples(
        st.sampled_from(make.NAMES),
        st.sampled_from(["engine", "reference:highs", "reference:scip", "levels-lp:highs"]),
        st.integers(0, 2),
        st.sampled_from(["best", "dear", "none"]),
        st.sampled_from([None, 0.0, 1e-9, 1e-7, 1e-6, 1e-3, 0.5]),
        st.sampled_from(["OK", "TO", "WRONG"]),
        st.sampled_from([make.BEGAN, LATER]),
    ),
    max_size=8,
)


def made(name: str, contender: str, seed: int, plan: str, below: float | None, status: str, began: str) -> Any:
    bound = None if below is None else make.OPTIMA[name] - below
    changes = {"seed": seed, "status": status, "began": began}
    if plan == "none":
        return make.record(name, contender, bound, **changes), None
    return (make.best if plan == "best" else make.dear)(name, contender, bound, **changes)


@settings(max_examples=25, deadline=None)
@given(first=RUNS.filter(bool), second=RUNS.filter(bool))
def test_whatever_is_taken_holds(tmp_path_factory: pytest.TempPathFactory, first: Any, second: Any) -> None:
    root = tmp_path_factory.mktemp("any")
    results = [
        make.write_results(root / f"results{number}", *(made(*run) for run in runs))
        for number, runs in enumerate((first, second))
    ]
    library, turned = (make.write_library(root / name) for name in ("library", "turned"))
    assert update_ledger(library, results).ok
    assert verify(library).ok
    known = make.every_file(library)
    assert update_ledger(library, results).changes == [] and make.every_file(library) == known
    assert update_ledger(turned, results[::-1]).ok and _values(turned) == _values(library)
    shutil.rmtree(root)


def _values(folder: Path) -> dict[str, Any]:
    """The ledger but for which of two runs of the same key stands for both."""
    return {name: (entry["proof"], entry["plan"]["objective"]) for name, entry in make.ledger_of(folder).items()}


# --- the command line -----------------------------------------------------------------------------------------


def test_update_on_the_command_line(folder: Path) -> None:
    results = make.write_results(folder.parent / "results", make.best(NAME, "reference:highs", bound=7.5))
    done = cli.run("bench", "ledger", "update", results, "--library", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "2 changes; the ledger has 1 entry, 1 proven optimal."
    again = json.loads(cli.run("bench", "ledger", "update", results, "--library", folder, "--json").stdout)
    assert again == {"ok": True, "changes": [], "failures": [], "notes": [], "entries": 1, "optimal": 1}


def test_a_refusal_on_the_command_line(folder: Path) -> None:
    high = make.record(NAME, "levels:highs", bound=9.0), None
    results = make.write_results(folder.parent / "results", make.best(NAME), high)
    done = cli.run("bench", "ledger", "update", results, "--library", folder)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1] == "Nothing was written: 1 failure."
    assert not (folder / "ledger.json").exists()
