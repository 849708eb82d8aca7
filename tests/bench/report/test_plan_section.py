"""Plans apart from proofs: who has the cheapest, and how far above them the others lie."""

from __future__ import annotations

import pytest
from bench_records import ended, open_at, solved

from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Table
from optimizer.bench.report.plan_section import excess, plan_section

RUNS = [
    solved("engine", "one"),
    solved("engine", "two"),
    open_at("rule", "one", 130.0, None),
    open_at("rule", "two", 100.0, None),
    open_at("half", "one", 110.0, 90.0),
    open_at("half", "two", None, 90.0),
    ended("broken", "one", "WRONG", "its plan breaks a rule", objective=50.0, gross_cost=100.0),
    ended("broken", "two", "ER", "it crashed"),
]


def tables_of(of: ComparedRuns) -> list[list[list[str]]]:
    (section,) = plan_section(of)
    assert section.title == "Who has the cheapest plans"
    return [[[cell.words for cell in row] for row in part.rows] for part in section.parts if isinstance(part, Table)]


def test_plans_are_told_by_what_they_cost_above_the_best() -> None:
    """A plan that breaks a rule is none, and no best one, however cheap."""
    plans, by_instance = tables_of(ComparedRuns(RUNS))
    assert plans == [
        ["engine", "2 of 2", "2 of 2", "0.00 %", "0.00 %", "0.00 %"],
        ["rule", "2 of 2", "1 of 2", "15.00 %", "15.00 %", "30.00 %"],
        ["half", "1 of 2", "0 of 2", "10.00 %", "10.00 %", "10.00 %"],
        ["broken", "0 of 2", "–", "–", "–", "–"],
    ]
    assert by_instance == [
        ["one", "0.00 %", "10.00 %", "30.00 %", "no plan"],
        ["two", "0.00 %", "no plan", "0.00 %", "no plan"],
    ]


def test_the_best_may_be_known_from_the_ledger() -> None:
    known = ComparedRuns(RUNS, known={"one": 90.0})
    assert [row[3] for row in tables_of(known)[0]] == ["5.00 %", "20.00 %", "20.00 %", "–"]


def test_where_nothing_is_paid_a_dearer_plan_is_as_far_off_as_can_be() -> None:
    free = open_at("rule", "one", 130.0, None, gross_cost=0.0)
    assert excess(ComparedRuns([*RUNS[:1], free]), free) == pytest.approx(1.0)


def test_without_any_plan_there_is_no_section() -> None:
    assert list(plan_section(ComparedRuns([ended("broken", "two", "ER", "it crashed")]))) == []
