"""HiGHS of another version, in a virtual environment of its own: here a script that starts the Python of the tests."""

from __future__ import annotations

import json
import math
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from cli import run
from random_nights import random_night

from models.formulations.matrix import Matrix, relaxed
from models.formulations.reference import build_reference
from optimizer.bench.contenders.registry import contenders
from optimizer.bench.solvers.highs_at import FOLDER, highs_at
from optimizer.bench.solvers.solver import Solver
from optimizer.engine.highs import SolverResult, compile_model, solve
from optimizer.files.errors import InputErrors

INSTALLED = version("highspy")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the script is one of a shell")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return tmp_path


def environment(folder: Path, named: str, script: str = f'exec {sys.executable} "$@"') -> Path:
    python = folder / named / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return python


def named(name: str) -> Solver:
    solver = highs_at(name)
    assert solver is not None
    return solver


def matrix_of(seed: int) -> Matrix:
    return compile_model(build_reference(random_night(seed)).model).matrix


def solved(solver: Solver, matrix: Matrix) -> tuple[SolverResult, list[tuple[float | None, float | None]]]:
    news: list[tuple[float | None, float | None]] = []
    asked = {"money_gap": 0.0, "seconds": 20.0, "seed": 3}
    return solver.solve(matrix, **asked, on_progress=lambda *one: news.append(one)), news  # type: ignore[arg-type]


def test_it_answers_as_highs_does_here(folder: Path) -> None:
    environment(folder, INSTALLED)
    solver, matrix = named(f"highs@{INSTALLED}"), matrix_of(5)
    assert solver.missing() is None
    for one in (matrix, relaxed(matrix)):
        here: list[tuple[float | None, float | None]] = []
        mine = solve(one, seed=3, seconds=20.0, on_progress=lambda *told, here=here: here.append(told))
        answer, news = solved(solver, one)
        assert (answer.stopped, answer.detail) == (mine.stopped, mine.detail)
        assert (answer.objective, answer.bound) == (mine.objective, mine.bound)
        assert np.array_equal(answer.point, mine.point)  # type: ignore[arg-type]
        assert (answer.row_dual is None) == (mine.row_dual is None) == one.is_mip
        assert news == here


def test_what_has_no_answer_is_told_with_its_last_words(folder: Path) -> None:
    environment(folder, "1.12.0", "echo out of memory, perhaps; exit 1")
    answer, news = solved(named("highs@1.12.0"), matrix_of(5))
    assert (answer.stopped, answer.detail, answer.point) == ("other", "out of memory, perhaps", None)
    assert (answer.bound, news) == (-math.inf, [])
    environment(folder, "1.13.1", "exit 1")
    assert solved(named("highs@1.13.1"), matrix_of(5))[0].detail == "it left no answer"


def test_what_is_missing_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv, python = folder / "1.12.0", folder / "1.12.0" / "bin" / "python"
    install = f"{python} -m pip install highspy==1.12.0"
    assert named("highs@1.12.0").missing() == f"highspy 1.12.0: python3 -m venv {venv} && {install}"
    environment(folder, "1.12.0")
    assert named("highs@1.12.0").missing() == f"highspy 1.12.0 in {venv}, where {INSTALLED} is: {install}"
    other = environment(folder, "1.13.0", "exit 1")
    told = f"highspy 1.13.0 in {folder / '1.13.0'}, where it cannot be loaded: {other} -m pip install highspy==1.13.0"
    assert named("highs@1.13.0").missing() == told
    monkeypatch.delenv(FOLDER)
    told = "a folder of virtual environments, named by SWAPCHARGE_HIGHSPY, with highspy 1.12.0 in 1.12.0"
    assert named("highs@1.12.0").missing() == told


def test_an_option_that_the_version_lacks_is_told(folder: Path) -> None:
    answer = json.dumps({"highspy": "1.13.1", "refused": ["solver"]})
    environment(folder, "1.13.1", f"echo '{answer}'")
    told = "a later version of highspy: 1.13.1 has no solver = hipdlp"
    assert named("highs-pdlp@1.13.1").missing() == told


def test_names_are_sets_of_options_with_a_version() -> None:
    assert named("highs-ipm@1.12.0").options == {"solver": "ipm", "mip_lp_solver": "ipm"}
    assert not named("highs-cupdlp@1.12.0").takes_integers
    assert named("highs@1.12.0").versions() == {"highspy of the solver": "1.12.0"}
    for name in ("highs", "highs@", "highs@latest", "highs@1.12", "highs@../1.12.0", "scip@1.12.0", "highs-x@1.12.0"):
        assert highs_at(name) is None


def test_they_are_contenders_with_any_formulation() -> None:
    (contender,) = contenders(["reference:highs-ipm@1.12.0"])
    assert (contender.formulation, contender.solver) == ("reference", "highs-ipm@1.12.0")
    with pytest.raises(InputErrors) as caught:
        contenders(["reference:highs@newest"])
    assert str(caught.value).startswith('--contenders: "reference:highs@newest": is no contender')


def test_a_run_records_both_versions(folder: Path, tmp_path: Path) -> None:
    environment(folder, INSTALLED)
    results = tmp_path / "results"
    name = f"levels-lp:highs@{INSTALLED}"
    done = run("bench", "run", "truck-xs-1", "--contenders", name, "--time-limit", "20", "-o", str(results))
    assert done.returncode == 0, done.stderr
    (record,) = (json.loads(file.read_text()) for file in (results / "runs").glob("[!.]*.json"))
    assert (record["status"], record["contender"]) == ("OK", name)
    assert record["versions"]["highspy of the solver"] == record["versions"]["highspy"] == INSTALLED
    assert record["is_bound_recomputed"]
