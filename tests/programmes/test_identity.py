"""A solution of another instance, station or formulation is told as such, whichever solver wrote it."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from pathlib import Path

import builders as make
import pytest
from cli import TINY
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from random_nights import random_night

from optimizer.cli.main import main
from optimizer.engine.highs import solve
from optimizer.files.errors import InputErrors
from optimizer.formats.content_hash import instance_hash
from optimizer.programmes.formulated_night import FormulatedNight, formulated_night
from optimizer.programmes.formulations import ALL_FORMULATIONS, FORMULATIONS
from optimizer.programmes.identity import ProgrammeOf, not_of
from optimizer.programmes.import_solution import import_solution
from optimizer.programmes.mps_lp_text import KINDS, export_text
from optimizer.programmes.solution_text import read_solution

NAMES = ["power_kw(0,0)", "serves(0,0)"]
HERE = ProgrammeOf("depot north", "S-1", "arc-flow", "sha256:" + "ab" * 32)
THERE = ProgrammeOf("depot south", "S-1", "arc-flow", "sha256:" + "cd" * 32)
LEVELS = replace(HERE, formulation="levels")
OTHER = (
    'a.sol: line {line}: "{name}, station {station}, hash cdcdcdcdcdcd…": is a solution of another instance, not of '
    "depot north, hash abababababab…; import it with the instance it is of, or export this one and solve it"
)


def written_by(solver: str, of: ProgrammeOf) -> str:
    """A solution file of a programme of two columns and the constant, as the solver writes it."""
    return {
        "scip": f"solution status: optimal\nobjective value: 5\nserves(0,0) 1 \t(obj:0)\n{of.constant} 1 \t(obj:3)\n",
        "highs": f"Model status\nOptimal\n# Columns 3\npower_kw(0,0) 1.5\nserves(0,0) 1\n{of.constant} 1\n# Rows 1\n",
        "cbc": f"Optimal - objective value 5\n      1 serves(0,0) 1 0\n      2 {of.constant} 1 3\n",
        "gurobi": f"# Solution for model {of.title}\n# Objective value = 5\nserves(0,0) 1\n",
        "glpk": f"c Problem:    {of.title}\nc Rows: 1\ns mip 1 3 o 5\nj 1 0\nj 2 1\nj 3 1\ne o f\n",
    }[solver]


LINES = {"scip": 4, "highs": 6, "cbc": 3, "gurobi": 1, "glpk": 1}


@pytest.mark.parametrize("solver", LINES)
def test_solution_of_this_programme_is_read_and_of_another_is_refused(solver: str) -> None:
    assert read_solution(written_by(solver, HERE), NAMES, "a.sol", HERE)[1] == 1
    with pytest.raises(InputErrors) as caught:
        read_solution(written_by(solver, THERE), NAMES, "a.sol", HERE)
    by_title = solver in ("gurobi", "glpk")
    station = "S-1" if by_title else "S_1"
    assert str(caught.value) == OTHER.format(line=LINES[solver], name="depot_south", station=station)


@pytest.mark.parametrize("solver", LINES)
def test_solution_of_another_formulation_is_told(solver: str) -> None:
    with pytest.raises(InputErrors) as caught:
        read_solution(written_by(solver, LEVELS), NAMES, "a.sol", HERE)
    assert str(caught.value) == (
        f'a.sol: line {LINES[solver]}: "levels": is not the formulation that --formulation names, arc-flow; '
        "name the one that was exported"
    )


def test_glpk_names_nothing_of_lp_files_but_says_how_many_columns_there_are() -> None:
    text = "c Problem:    \nc Rows: 1\ns mip 1 14 o 5\nj 1 0\n"
    with pytest.raises(InputErrors) as caught:
        read_solution(text, NAMES, "a.sol", HERE)
    assert str(caught.value) == (
        'a.sol: line 3: "14 columns": is not how many this programme has, 3: another instance or formulation; '
        "import a solution of the exported file, made with the same formulation and version"
    )


def test_names_that_look_alike_once_they_are_safe_are_told_apart_by_the_hash() -> None:
    one = replace(HERE, instance="depot-north", hash="sha256:" + "12" * 32)
    assert one.constant.startswith("constant(depot_north,")
    assert HERE.constant.startswith("constant(depot_north,")
    assert not_of(HERE, one.constant, "") is not None
    assert not_of(HERE, one.title, "") is not None
    assert not_of(HERE, HERE.constant, "") is not_of(HERE, HERE.title, "") is None


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_names_give_a_title_and_a_column_that_are_known_again(instance: str, station: str) -> None:
    of = ProgrammeOf(instance, station, "levels-lp", HERE.hash)
    other = replace(of, hash=THERE.hash)
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", of.title)
    assert len(of.constant) <= 255
    for name in (of.title, of.constant):
        assert not_of(of, name, "") is None
        assert not_of(other, name, "") is not None


@pytest.mark.parametrize("of", ALL_FORMULATIONS, ids=lambda one: one.name)
def test_solutions_of_earlier_versions_are_read(of: object) -> None:
    """Their columns had other names, and the constant said nothing."""
    night = random_night(1)
    if of.refusal(night) is not None:  # type: ignore[attr-defined]
        return
    programme = of.programme(night)  # type: ignore[attr-defined]
    point = solve(programme.matrix).point
    assert point is not None
    text = "".join(f"{n} {v!r}\n" for n, v in zip(programme.earlier_names(), point.tolist(), strict=True))
    asked = FormulatedNight(make.instance(night), of)  # type: ignore[arg-type]
    found = import_solution(asked, f"{text}constant 1\n", "a.sol", None)
    now = "".join(f"{n} {v!r}\n" for n, v in zip(programme.column_names(), point.tolist(), strict=True))
    again = import_solution(asked, f"{now}{asked.of.constant} 1\n", "a.sol", None)
    assert found == again
    assert found.plan is not None


def test_a_nameless_solution_that_is_no_plan_may_be_anothers_and_one_with_a_name_is_not() -> None:
    """The hash says that it is of this programme, so that nothing is left to guess."""
    night = random_night(1)
    asked = FormulatedNight(make.instance(night), FORMULATIONS["arc-flow"])
    names = FORMULATIONS["arc-flow"].programme(night).column_names()
    text = "".join(f"{name} -1\n" for name in names)
    assert import_solution(asked, text, "a.sol", None).notes == (
        "the solution does not say which instance it is of: it may be another's; files exported today say so",
    )
    assert import_solution(asked, f"{text}{asked.of.constant} 1\n", "a.sol", None).notes == ()


def test_both_names_of_a_column_are_one_too_many() -> None:
    with pytest.raises(InputErrors, match=r'line 2: "c0": is there twice; keep one of the two'):
        read_solution("idle(0) 1\nc0 1\n", ["idle(0)"], "a.sol", None, ["c0"])


# Files and commands


def here(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("kind", KINDS)
def test_file_says_what_it_is_of(kind: str) -> None:
    text = here("export", kind, TINY, "--formulation", "reference").output
    mark, hashed = (
        {"mps": "*", "lp": "\\"}[kind],
        instance_hash(formulated_night(str(TINY), None, "reference").instance),
    )
    assert text.splitlines()[1:3] == [
        f"{mark} instance one-pack-cheap-slot, station station, formulation reference",
        f"{mark} instance hash {hashed}",
    ]
    assert f"{mark} rows c5_4(pack, slot): equation (5.4)" in text.splitlines()
    assert f"{mark} columns power_kw(pack, slot): power into the bay of this pack" in text.splitlines()
    digits = hashed.removeprefix("sha256:")[:12]
    assert f"constant(one_pack_cheap_slot,station,reference,{digits})" in text
    if kind == "mps":
        assert f"\nNAME one-pack-cheap-slot.station.reference.{digits} FREE\n" in text


def test_names_from_the_instance_end_no_comment() -> None:
    night = replace(random_night(1), station=replace(random_night(1).station, id="S\nROWS\n N \u202e" + "x" * 300))
    of = FormulatedNight(make.instance(night), FORMULATIONS["reference"]).of
    for kind in KINDS.values():
        lines = export_text(FORMULATIONS["reference"].programme(night), kind, of).decode().splitlines()
        assert "station S\\nROWS\\n N \\u202e" in lines[1]
        assert max(map(len, lines[:6])) <= 203


@pytest.mark.parametrize("formulation", FORMULATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_compressed_files_have_the_same_text_and_always_the_same_bytes(
    formulation: str, kind: str, tmp_path: Path
) -> None:
    if formulation == "port-indexed":
        return
    plain, one, two = (tmp_path / name for name in (f"a.{kind}", f"one.{kind}.gz", f"two.{kind}.gz"))
    for file in (plain, one, two):
        assert here("export", kind, TINY, "--formulation", formulation, "-o", file).exit_code == 0
    assert one.read_bytes() == two.read_bytes()
    assert gzip.decompress(one.read_bytes()) == plain.read_bytes()
    assert here("export", kind, TINY, "--formulation", formulation, "-o", one).exit_code == 0, "ours is written over"


def test_the_command_tells_another_instance_by_name_and_hash(tmp_path: Path) -> None:
    changed, file, solution = tmp_path / "changed.json", tmp_path / "a.mps", tmp_path / "a.sol"
    document = json.loads(TINY.read_text())
    changed.write_text(json.dumps(document | {"name": "changed"}))
    assert here("export", "mps", changed, "--formulation", "reference", "-o", file).exit_code == 0
    constant = re.findall(r"^ (constant\S+) cost", file.read_text(), re.MULTILINE)[0]
    solution.write_text(f"serves(0,0) 1\n{constant} 1\n")
    done = here("bench", "import-solution", TINY, solution, "--formulation", "reference")
    assert done.exit_code == 2
    assert done.output.startswith(f'{solution}: line 2: "changed, station station, hash ')
    assert "is a solution of another instance, not of one-pack-cheap-slot, hash " in done.output
