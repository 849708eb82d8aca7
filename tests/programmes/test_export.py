"""Programmes as files: other solvers find the same optimum in them, and their solutions come back as plans."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import builders as make
import numpy as np
import pytest
from cli import INSTANCES, TINY, run
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE
from random_nights import random_night

from models.formulations.matrix import Matrix
from optimizer.cli.main import main
from optimizer.engine.highs import solve
from optimizer.files.errors import InputErrors
from optimizer.programmes.formulated_night import FormulatedNight
from optimizer.programmes.formulations import FORMULATIONS
from optimizer.programmes.identity import CONSTANT, ProgrammeOf
from optimizer.programmes.import_solution import import_solution
from optimizer.programmes.mps_lp_text import Kind, export_text, matrix_text
from optimizer.programmes.programme import Programme
from optimizer.programmes.reference import REFERENCE

KINDS: tuple[Kind, ...] = ("mps", "lp")
SOME = ProgrammeOf("a night / of ours", "S", "reference", "sha256:" + "0123456789abcdef" * 4)
ON_TINY = (TINY, "--formulation", "reference")


@cache
def programme(seed: int) -> Programme:
    return REFERENCE.build(random_night(seed))


def by_scip(file: Path, solution: Path | None = None) -> float:
    """The optimum of a model file by SCIP's own reader, its solution written if asked for."""
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    model.readProblem(str(file))
    model.optimize()
    if solution is not None:
        model.writeBestSol(str(solution))
    return float(model.getObjVal())


def by_highs(file: Path, solution: Path | None = None) -> float:
    """The same by HiGHS's."""
    import highspy

    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
    highs.run()
    if solution is not None:
        highs.writeSolution(str(solution), 0)
    return float(highs.getInfo().objective_function_value)


def by_cbc(file: Path, solution: Path) -> float:
    """The same by CBC's; without its preprocessing, which is known to err."""
    quiet = {"capture_output": True, "check": True, "timeout": PATIENCE}
    subprocess.run(["cbc", file, "-preprocess", "off", "-solve", "-solution", solution], **quiet)  # type: ignore[call-overload]
    return float(solution.read_text().split("objective value")[1].split()[0])


def by_glpk(file: Path, solution: Path) -> float:
    """The same by GLPK's."""
    kind = "--freemps" if file.suffix == ".mps" else "--lp"
    subprocess.run(["glpsol", kind, file, "-w", solution], capture_output=True, check=True, timeout=PATIENCE)
    return float(next(line for line in solution.read_text().splitlines() if line.startswith("s ")).split()[-1])


READERS = {"scip": by_scip, "highs": by_highs}
READERS |= {name: by for name, by in (("cbc", by_cbc), ("glpsol", by_glpk)) if shutil.which(name)}  # type: ignore[dict-item]


def written(matrix: Matrix, kind: Kind, folder: Path) -> Path:
    file = folder / f"model.{kind}"
    file.write_bytes(matrix_text(matrix, [f"c{j}" for j in range(matrix.shape[1])], kind, "test"))
    return file


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 5])
def test_from_file_to_plan(reader: str, kind: Kind, seed: int, tmp_path: Path) -> None:
    best = solve(programme(seed).matrix).objective
    file, solution = tmp_path / f"night.{kind}", tmp_path / "night.sol"
    file.write_bytes(
        export_text(programme(seed), kind, FormulatedNight(make.instance(random_night(seed)), REFERENCE).of)
    )
    assert READERS[reader](file, solution) == pytest.approx(best, abs=1e-5)
    asked = FormulatedNight(make.instance(random_night(seed)), REFERENCE)
    found = import_solution(asked, solution.read_text(), "night.sol", best)
    assert found.plan is not None, found
    assert found.plan.result.cost.objective == pytest.approx(best, abs=1e-5)
    assert found.notes == ()
    assert (found.plan.result.bound, found.plan.result.gap) == (pytest.approx(best), 0)


def odd_matrix() -> Matrix:
    """Rows and bounds of every kind, a constant, a column in no row, a row without columns, one without sides."""
    return Matrix(
        cost=np.array([1 / 3, -2.0, 0.0, 1e-7, 0.1 + 0.2, 0.0]),
        offset=-math.pi,
        low=np.array([-math.inf, -math.inf, 0.0, 2.5, -3.0, 0.0]),
        high=np.array([math.inf, 4.0, math.inf, 2.5, 7.0, 1.0]),
        integer=np.array([False, True, True, False, True, False]),
        row_low=np.array([1 / 7, -math.inf, 4.0, -1e9 / 3, -math.inf, -1.0]),
        row_high=np.array([math.inf, 1e9 / 7, 4.0, 3 + 1 / 9, math.inf, math.inf]),
        starts=np.array([0, 3, 5, 6, 7, 8, 8], dtype=np.int32),
        rows=np.array([0, 1, 3, 0, 2, 2, 3, 4], dtype=np.int32),
        values=np.array([1.0, 2 / 3, 1e-4, 1.0, 2.0, 1.0, 1.0, 5.0]),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_reader_finds_the_same_optimum_of_odd_rows(kind: Kind, tmp_path: Path) -> None:
    matrix = odd_matrix()
    best = solve(matrix).objective
    file = written(matrix, kind, tmp_path)
    assert math.isfinite(best)
    for name, read in READERS.items():
        assert read(file, tmp_path / "a.sol") == pytest.approx(best, abs=1e-5), name


def mps_numbers(text: str) -> tuple[dict[tuple[str, str], float], dict[str, float], dict[tuple[str, str], float]]:
    """Coefficients, right-hand sides and bounds of a free MPS file."""
    section, coefficients, sides, bounds = "", {}, {}, {}
    for line in text.splitlines():
        words = line.split()
        if not line.startswith(" "):
            section = words[0]
        elif section == "COLUMNS" and words[1] != "'MARKER'":
            coefficients[words[0], words[1]] = float(words[2])
        elif section == "RHS":
            sides[words[1]] = float(words[2])
        elif section == "BOUNDS" and len(words) == 4:
            bounds[words[0], words[2]] = float(words[3])
    return coefficients, sides, bounds


finite = st.floats(-1e12, 1e12, allow_subnormal=False).filter(lambda value: value != 0)


@settings(deadline=None)
@given(st.lists(finite, min_size=4, max_size=4), finite, finite)
def test_numbers_come_back_to_the_last_digit(values: list[float], cost: float, side: float) -> None:
    matrix = replace(odd_matrix(), offset=cost)
    matrix.values[:4], matrix.cost[0], matrix.row_low[0], matrix.low[4] = values, cost, side, min(side, 7.0)
    coefficients, sides, bounds = mps_numbers(matrix_text(matrix, list("abcdfg"), "mps", "").decode())
    assert [coefficients[at] for at in (("a", "r0"), ("a", "r1"), ("a", "r3_high"), ("b", "r0"))] == values
    assert coefficients["a", "r3"] == coefficients["a", "r3_high"]
    assert coefficients["a", "cost"] == coefficients[CONSTANT, "cost"] == cost
    assert sides["r0"] == side
    assert bounds.get(("LO", "f"), bounds.get(("FX", "f"))) == min(side, 7.0)
    in_lp = matrix_text(matrix, list("abcdfg"), "lp", "").decode()
    assert all(repr(abs(value)) in in_lp for value in (*values, cost, side))


def test_same_programme_same_bytes() -> None:
    for kind in KINDS:
        texts = {export_text(REFERENCE.build(random_night(3)), kind, SOME) for _ in range(2)}
        assert len(texts) == 1


def test_every_formulation_can_be_exported() -> None:
    night = random_night(1)
    for one in FORMULATIONS.values():
        if one.refusal(night) is None:
            for kind in KINDS:
                assert export_text(one.build(night), kind, SOME).isascii()


def test_names_of_the_file_are_harmless() -> None:
    text = matrix_text(odd_matrix(), list("abcdfg"), "mps", "../x\nROWS é").decode()
    assert text.splitlines()[1] == "NAME .._x_ROWS_ FREE"
    assert matrix_text(odd_matrix(), list("abcdfg"), "mps", "").decode().splitlines()[1] == "NAME night FREE"


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (list("abcdff"), "7 columns need as many names, all different"),
        (list("abcd"), "7 columns need as many names, all different"),
        ([*"abcdf", "e1"], "column 'e1' has a name that files cannot have"),
        ([*"abcdf", "a b"], "column 'a b' has a name that files cannot have"),
        ([*"abcdf", CONSTANT], "7 columns need as many names, all different"),
    ],
)
def test_names_that_files_cannot_have(names: list[str], told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}$"):
        matrix_text(odd_matrix(), names, "lp", "x")


# The commands


def here(*arguments: object) -> Result:
    """The command in this process: a new one takes seconds to load everything."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("kind", KINDS)
def test_export_to_a_file_and_to_standard_output(kind: Kind, tmp_path: Path) -> None:
    file = tmp_path / f"night.{kind}"
    assert run("export", kind, *ON_TINY, "-o", file).returncode == 0
    done = run("export", kind, *ON_TINY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == file.read_text()
    assert here("export", kind, *ON_TINY, "-o", file).exit_code == 0, "one of ours is written over"
    assert by_scip(file, tmp_path / "night.sol") == pytest.approx(5)


def test_import_by_the_command(tmp_path: Path) -> None:
    file, solution_file, plan = tmp_path / "a.lp", tmp_path / "a.sol", tmp_path / "a.plan.json"
    here("export", "lp", *ON_TINY, "-o", file)
    by_highs(file, solution_file)
    done = run("bench", "import-solution", TINY, solution_file, *ON_TINY[1:], "-o", plan, "--bound", "5", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["gap"], told["violations"]) == (0, True, 0, [])
    assert told["objective"] == pytest.approx(5)
    assert here("check", TINY, plan).exit_code == 0
    screen = here("bench", "import-solution", TINY, solution_file, *ON_TINY[1:])
    assert screen.output.splitlines() == [
        "The plan keeps every rule; 1 swaps served, 0 lost.",
        "Recomputed: objective 5.0000, charging 5.0000 EUR.",
        "No plan written: -o FILE keeps it",
    ]
    kept = here("bench", "import-solution", TINY, solution_file, *ON_TINY[1:], "-o", plan)
    assert kept.output.splitlines()[-1] == f"Plan written to {plan}"


def test_a_bad_solution_exits_with_1_and_writes_nothing(tmp_path: Path) -> None:
    solution_file, plan = tmp_path / "a.sol", tmp_path / "a.plan.json"
    solution_file.write_text("power_kw_0_0 1e4\n")
    done = here("bench", "import-solution", TINY, solution_file, *ON_TINY[1:], "-o", plan)
    assert done.exit_code == 1
    assert not plan.exists()
    assert "found 10000.0" in done.output


def test_usage_is_told_with_exit_2(tmp_path: Path) -> None:
    other = tmp_path / "mine.txt"
    other.write_text("my thesis")
    several = tmp_path / "two.json"
    two = json.loads(TINY.read_text())
    two["stations"] = [two["stations"][0] | {"id": name} for name in "AB"]
    several.write_text(json.dumps(two))
    for asked, told in (
        (("export", "mps", TINY, "--formulation", "referenc"), "is no formulation; did you mean 'reference'?"),
        (("export", "mps", TINY), "Missing option '--formulation'"),
        (
            ("export", "lp", *ON_TINY, "-o", other),
            "is there, and is no LP file written by swapcharge: it would be lost",
        ),
        (("export", "lp", *ON_TINY, "--station", "X"), '--station: "X": is no station of '),
        (("bench", "import-solution", TINY, other, *ON_TINY[1:]), "is no column of the programme"),
        (("bench", "import-solution", TINY, other, *ON_TINY[1:], "--bound", "nan"), "--bound takes a finite number"),
    ):
        done = here(*asked)
        assert (done.exit_code, "Traceback" in done.output) == (2, False), asked
        assert told in done.output
    done = here("export", "mps", several, "--formulation", "levels")
    told = f'{several}: stations: "2 stations": a programme is of one station; choose one with --station: A, B\n'
    assert (done.exit_code, done.output) == (2, told)
    assert here("export", "mps", several, "--formulation", "levels", "--station", "B").exit_code == 0
    assert other.read_text() == "my thesis"


def test_a_night_that_a_formulation_cannot_take(monkeypatch: pytest.MonkeyPatch) -> None:
    from optimizer.programmes import formulated_night

    refusing = replace(REFERENCE, name="none", refusal=lambda night: "it takes none")
    monkeypatch.setattr(formulated_night, "formulation_of", lambda name: refusing)
    with pytest.raises(InputErrors) as caught:
        formulated_night.formulated_night(str(INSTANCES / "tiny" / "one-pack-cheap-slot.json"), None, "none")
    assert str(caught.value).endswith(
        ": the formulation none cannot take this night: it takes none; choose another formulation"
    )
