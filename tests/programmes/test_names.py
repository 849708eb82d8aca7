"""What rows and columns of programmes are called: unique names, each with its equation, the same in twins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import highspy
import numpy as np
import pytest
import random_nights
from depots import depot_night
from family_nights import FAMILIES
from hypothesis import given
from hypothesis import strategies as st
from month_tiers import DRAWS, with_credit, with_month_tiers
from paths import ROOT

from models.formulations.arc_flow.network import State, waiting
from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.pyomo_model import EQUATIONS, Integrality, build_levels
from models.formulations.matrix import Matrix, MatrixBuilder
from models.formulations.names import Indexed, Listed, distinct, plain_family, text_of
from models.station.instance import Night
from optimizer.engine.highs import compile_model, solve
from optimizer.programmes.file_comments import COLUMNS, ROWS
from optimizer.programmes.formulations import ALL_FORMULATIONS
from optimizer.programmes.identity import ProgrammeOf
from optimizer.programmes.mps_lp_text import KINDS, LONGEST_NAME, export_text
from optimizer.programmes.names import column_names, row_names
from optimizer.programmes.programme import Programme

README = (ROOT / "models" / "README.md").read_text(encoding="utf-8")
DEFINED = set(re.findall(r"^- \*\*(\(\d+\.\d+\))\*\* ", README, flags=re.MULTILINE))
SOME = ProgrammeOf("a night", "S", "reference", "sha256:" + "0123456789abcdef" * 4)
IN_FILES = re.compile(r"[A-Za-z]\w*(\([\w.]+(,[\w.]+)*\))?", re.ASCII)


def nights() -> Iterator[Night]:
    """Random ones, those on which each constraint decides, one with a credit, with hours of use, and a depot."""
    yield from map(random_nights.random_night, range(12))
    yield from (case.night for cases in FAMILIES.values() for case in cases.values())
    yield from (with_month_tiers(random_nights.random_night(seed), draw, seed) for draw in DRAWS for seed in range(4))
    yield from (with_credit(random_nights.random_night(seed), seed) for seed in range(4))
    yield depot_night(6, 3, 2)


@cache
def programmes() -> list[tuple[str, Programme]]:
    return [(of.name, of.programme(night)) for night in nights() for of in ALL_FORMULATIONS if not of.refusal(night)]


def family(name: str) -> str:
    return name.partition("(")[0]


def test_every_row_and_column_has_a_name_of_its_own_that_files_can_have() -> None:
    for formulation, programme in programmes():
        rows, columns = programme.row_names(), programme.column_names()
        assert (len(rows), len(columns)) == programme.matrix.shape, formulation
        for names in (rows, columns):
            assert [name for name, count in Counter(names).items() if count > 1] == [], formulation
            assert [name for name in names if not IN_FILES.fullmatch(name) or len(name) > LONGEST_NAME] == []
        assert len(set(programme.earlier_names())) == len(columns)


def test_rows_lead_back_to_equations_and_all_that_is_told_of_them_is_used() -> None:
    rows = {family(name) for _, programme in programmes() for name in programme.row_names()}
    columns = {family(name) for _, programme in programmes() for name in programme.column_names()}
    assert rows == {plain_family(one) for one in ROWS}
    assert columns == set(COLUMNS)
    assert {one.partition(" ")[0] for one in ROWS} <= DEFINED


def test_names_have_as_many_indices_as_their_comment_says() -> None:
    told = {plain_family(one): indices for one, indices in ROWS.items()}
    told |= {one: indices for one, (indices, _) in COLUMNS.items()}
    for _, programme in programmes():
        for name in {family(name): name for name in (*programme.row_names(), *programme.column_names())}.values():
            indices = told[family(name)].replace("class of swaps, port-indexed: swap", "swap")
            assert name.count(",") == indices.count(","), name


@cache
def twins(seed: int, resolution: int) -> tuple[tuple[Matrix, list[str], list[str]], ...]:
    """Matrix, names of rows and names of columns of the level formulation as arrays and as a Pyomo model."""
    levels = build_levels(random_nights.random_night(seed), resolution, Integrality.SWAPS)
    arrays, compiled, types = level_arrays(levels.data).matrix, compile_model(levels.model), list(levels.data.types)
    rows = row_names(levels.model, compiled.rows, EQUATIONS, types)
    return (
        (arrays, arrays.row_names(), arrays.column_names()),
        (compiled.matrix, rows, column_names(compiled.columns, types)),
    )


def coefficients(matrix: Matrix, rows: list[str], columns: list[str]) -> dict[tuple[str, str], float]:
    owner = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.starts)).tolist()
    entries = zip(matrix.rows.tolist(), owner, matrix.values.tolist(), strict=True)
    return {(rows[i], columns[j]): round(value, 7) for i, j, value in entries if abs(value) > 1e-9}


@pytest.mark.parametrize("resolution", [2, 4])
@pytest.mark.parametrize("seed", range(15))
def test_twins_call_the_same_row_and_the_same_column_by_the_same_name(seed: int, resolution: int) -> None:
    arrays, model = twins(seed, resolution)
    assert coefficients(*arrays) == coefficients(*model)


@pytest.mark.parametrize("kind", KINDS)
def test_highs_reads_the_names_and_finds_the_same_optimum(kind: str, tmp_path: Path) -> None:
    for number, (formulation, programme) in enumerate(programmes()[:24]):
        file = tmp_path / f"{number}.{kind}"
        file.write_bytes(export_text(programme, KINDS[kind], SOME))
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)  # as the engine's: HiGHS takes no other number later in a process
        assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
        read = highs.getLp()
        assert list(read.col_names_) == [*programme.column_names(), SOME.constant]
        if kind == "mps":
            assert set(read.row_names_) == set(programme.row_names())
        assert highs.run() == highspy.HighsStatus.kOk
        best = solve(programme.matrix).objective
        assert highs.getInfo().objective_function_value == pytest.approx(best, rel=1e-6, abs=1e-6), formulation


words = st.text(max_size=20)


@given(st.tuples(st.sampled_from(["(7.1)", "(7.5) start", "power_kw"]), words, st.integers(-5, 5), words))
def test_text_from_files_gets_into_no_name_as_it_is(key: tuple[str, str, int, str]) -> None:
    assert re.fullmatch(r"\w+\([\w.]*,-?_?[\w.]*,[\w.]*\)", text_of(key), re.ASCII)


def test_what_would_come_twice_ends_in_its_place() -> None:
    assert distinct(["a", "b", "a", "a_2", "a"]) == ["a", "b", "a_2", "a_2_3", "a_4"]
    assert distinct(["a", "b"]) == ["a", "b"]


def test_names_of_blocks() -> None:
    b = MatrixBuilder()
    b.rows(2)
    b.rows(2, named="(1.1)")
    b.rows(2, named=Indexed("(1.2)", (7, [3, 5])))
    b.rows(1, named=Indexed("(7.8) peak"))
    assert [str(State(1, 0.1 + 0.2)), str(State(waiting(7), 5.0))] == ["on_0.30000000000000004", "wait7_5.0"]
    b.rows(2, named=Listed(lambda: [("(7.1)", 0, State(0, 12.5)), ("(7.2)", 1)]))
    x = b.columns((2, 2), named="H")
    b.columns((1,))
    b.put(0, x, 1.0)
    assert b.matrix().row_names() == [
        "r0", "r1", "c1_1(0)", "c1_1(1)", "c1_2(7,3)", "c1_2(7,5)", "c7_8_peak", "c7_1(0,off_12.5)", "c7_2(1)",
    ]  # fmt: skip
    assert b.matrix().column_names() == ["H(0,0)", "H(0,1)", "H(1,0)", "H(1,1)", "x4"]
