"""Submissions on the command line: plans of CP-SAT and from exported files, refusals, usage."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import bench_ledgers as make
import cli
import highspy
import msgspec
import pytest
from bench_submissions import DAY, NAME, OTHER, plan_of


def on_command_line(folder: Path, plan: Path, *how: object) -> Any:
    return cli.run("bench", "ledger", "submit", plan, "--library", folder, "--date", DAY, *how)


def assert_entered(folder: Path, plan: Path, solver: str) -> None:
    """The plan takes the place of the dear one; handed in again it is the same."""
    done = on_command_line(folder, plan, "--solver", solver, "--by", "A. Name")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-2:] == [
        f"{NAME}: plan {make.objective(NAME, make.dear_schedule(NAME)):,.6f} -> 7.500000 by {solver} (A. Name)",
        "Entered: 1 change.",
    ]
    assert cli.run("bench", "ledger", "verify", "--library", folder).returncode == 0
    again = on_command_line(folder, plan, "--solver", solver)
    assert again.returncode == 1 and "the same, so the older one stays" in again.stdout


def test_a_plan_of_cp_sat(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("ortools")
    run = cli.run(
        *("bench", "run", NAME, "--contenders", "reference:cpsat", "--time-limit", 30, "--gap", 0),
        *("--library", folder, "-o", tmp_path / "runs"),
    )
    assert run.returncode == 0
    (plan,) = (tmp_path / "runs" / "plans").iterdir()
    assert_entered(folder, plan, "cp-sat")


def exported_and_imported(solve: Any, tmp_path: Path) -> Path:
    """A plan of what `solve` makes of the exported file: `solve(mps, solution)` writes the solution."""
    source, mps, solution, plan = (tmp_path / name for name in ("in.json", "n.mps", "n.sol", "n.plan.json"))
    shutil.copy(cli.INSTANCES / "tiny" / f"{NAME}.json", source)
    assert cli.run("export", "mps", source, "--formulation", "reference", "-o", mps).returncode == 0
    solve(str(mps), str(solution))
    how = ("--formulation", "reference", "-o", plan)
    assert cli.run("bench", "import-solution", source, solution, *how).returncode == 0
    return plan


def test_a_plan_from_an_exported_file_by_highs(folder: Path, tmp_path: Path) -> None:
    def solve(mps: str, solution: str) -> None:
        highs = highspy.Highs()
        highs.silent()
        highs.setOptionValue("mip_rel_gap", 0.0)
        highs.readModel(mps)
        highs.run()
        highs.writeSolution(solution, 0)

    assert_entered(folder, exported_and_imported(solve, tmp_path), "highs")


def test_a_plan_from_an_exported_file_by_scip(folder: Path, tmp_path: Path) -> None:
    scip = pytest.importorskip("pyscipopt")

    def solve(mps: str, solution: str) -> None:
        model = scip.Model()
        model.hideOutput()
        model.readProblem(mps)
        model.optimize()
        model.writeBestSol(solution)

    assert_entered(folder, exported_and_imported(solve, tmp_path), "scip")


def test_refusals_on_the_command_line(folder: Path, good: Path, tmp_path: Path) -> None:
    assert on_command_line(folder, good, "--solver", "theirs").returncode == 0
    before = make.every_file(folder)
    wrong = plan_of(NAME, make.charged_more(make.best_schedule(NAME), 50.0), tmp_path / "wrong.json")
    worse = plan_of(NAME, make.dear_schedule(NAME), tmp_path / "worse.json")
    for plan, more, answer in (
        (wrong, (), "breaks rules"),
        (worse, (), "worse"),
        (good, ("--instance", OTHER), "wrong instance"),
        (good, ("--bound", "99"), "refuted"),
    ):
        done = on_command_line(folder, plan, "--solver", "mine", *more, "--json")
        found = json.loads(done.stdout)
        assert (done.returncode, found["ok"], found["answer"], found["changes"]) == (1, False, answer, [])
        assert found["failures"] and make.every_file(folder) == before


def test_json_and_show(folder: Path, good: Path) -> None:
    how = ("--solver", "theirs", "--by", "A", "--solver-version", "2", "--bound", "7")
    found = json.loads(on_command_line(folder, good, *how, "--json").stdout)
    assert [change["what"] for change in found["changes"]] == ["plan", "claimed"]
    assert (found["ok"], found["instance"], found["failures"], found["notes"]) == (True, NAME, [], [])
    shown = cli.run("bench", "ledger", "show", NAME, "--library", folder).stdout.splitlines()
    assert f"plan       {found['objective']!r} by theirs (A), {DAY}" in shown
    assert shown[-2:] == [
        f"claimed    7.0 by theirs (A), {DAY}, without a proof: it counts for nothing",
        "           theirs 2",
    ]
    table = cli.run("bench", "ledger", "show", "--library", folder).stdout.splitlines()
    assert table[-1].endswith(" 1 instance with higher bounds that are claimed without a proof.")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ((), "Missing option '--solver'"),
        (("--solver", " "), "--solver takes a name"),
        (("--solver", "a\x1b[31m"), "--solver takes at most 100 characters, none of them invisible"),
        (("--solver", "a", "--by", "b" * 101), "--by takes at most 100 characters, none of them invisible"),
        (("--solver", "a", "--bound", "-inf"), "--bound takes a finite number"),
        (("--solver", "a", "--date", "20261129"), '"20261129" is no --date: write it like 2026-11-29'),
        (("--solver", "a", "--date", "2026-02-30"), '"2026-02-30" is no --date: write it like 2026-11-29'),
    ],
)
def test_usage(folder: Path, good: Path, how: tuple[str, ...], message: str) -> None:
    done = cli.run("bench", "ledger", "submit", good, "--library", folder, *how)
    assert done.returncode == 2 and message in done.stderr and done.stdout == ""


def test_a_file_that_is_no_plan(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text("{}")
    before = make.every_file(folder)
    done = on_command_line(folder, tmp_path / "no.json", "--solver", "a")
    assert done.returncode == 2 and f"{tmp_path}/no.json: format: absent: " in done.stderr
    assert make.every_file(folder) == before
    assert msgspec.json.decode((folder / "ledger.json").read_bytes())["version"] == 1
