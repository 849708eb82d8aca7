"""Profiles with their intervals, and contenders that solve nothing: they stand in every figure."""

from __future__ import annotations

from collections.abc import Sequence

import bench_records as records
import pages
import pytest

from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.charts import MOST_LINES, profile_chart
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.drawn_lines import drawn_lines
from optimizer.bench.report.html import as_html
from optimizer.bench.report.report import ReportOptions, bench_report

INSTANCES = [f"i{number}" for number in range(10)]


def page(runs: Sequence[RunRecord]) -> pages.Page:
    return pages.parsed(as_html(bench_report(ComparedRuns(runs), ReportOptions())))


def two() -> list[RunRecord]:
    """One solves every other instance of ten, the other all, in two and a half times the time."""
    half = [
        records.solved("half", name, 2.0) if number % 2 else records.open_at("half", name, 100.0, 90.0)
        for number, name in enumerate(INSTANCES)
    ]
    return [*half, *(records.solved("all", name, 5.0) for name in INSTANCES)]


def by_name(rows: list[list[str]]) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in rows[1:]}


def test_shares_have_intervals_where_there_are_instances_enough() -> None:
    found = page(two())
    table = by_name(found.table("Share of runs solved in time"))
    assert table["half"] == ["50.00 % (20–80)"] * 5
    assert table["all"] == ["50.00 % (20–80)"] * 2 + ["100.00 % (69–100)"] * 3  # 0.025^(1/10) = 69 %
    assert "Bands, and brackets in the table: intervals of 95 %" in found.text
    assert found.drawing("Performance profiles").iter() and found.source.count('class="band c') == 4
    few = page([run for run in two() if run.instance in INSTANCES[:4]])
    assert "There are no intervals of confidence: they need 5 instances." in few.text
    assert "band c" not in few.source and by_name(few.table("Share of runs solved in time"))["half"] == ["50.00 %"] * 5


def test_the_profile_of_processor_time_is_one_of_its_own() -> None:
    runs = [*two(), *(records.solved("lean", name, 10.0, cpu_seconds=0.1) for name in INSTANCES)]
    found = page(runs)
    assert by_name(found.table("Share of runs solved in time"))["lean"][0].startswith("0.00 %")
    assert by_name(found.table("Share of runs solved in processor time"))["lean"][0].startswith("100.00 %")
    assert pages.hints(found.drawing("Profiles of processor time"), "line") == ["all", "lean", "half"]


def test_who_can_try_nothing_is_in_every_figure_and_table() -> None:
    absent = [records.ended("cbc", name, "NA", "not installed") for name in ("one", "two")]
    failing = [records.ended("mine", name, "ER") for name in ("one", "two", "three")]
    found = page([*records.library(), *absent, *failing])
    for drawing in ("Median gap over time", "Performance profiles", "Profiles of processor time"):
        assert pages.hints(found.drawing(drawing), "line")[-2:] == ["mine", "cbc"]
    assert "mine solves 0 %; cbc solves 0 %" in found.drawing("Performance profiles").attrib["aria-label"]
    assert "cbc ends at 100 %" in found.drawing("Median gap over time").attrib["aria-label"]
    tables = [
        "Contenders, the best first",
        "How all runs ended",
        "Each beside engine",
        "Gap by contender",
        "Share of runs solved in time",
        "Share of runs solved in processor time",
        "What competes",
    ]
    for table in tables:
        assert {"mine", "cbc"} <= by_name(found.table(table)).keys(), table
    assert by_name(found.table("Contenders, the best first"))["cbc"][0] == "0 of 3 (NA)"
    assert by_name(found.table("Share of runs solved in time"))["cbc"] == ["0.00 %"] * 5
    for table in ("Gap after 10 s, by instance", "Solved of those tried", "Seconds to the proof, by instance"):
        assert {"mine", "cbc"} <= set(found.table(table)[0]), table
    assert by_name(found.table("Solved of those tried"))["ordinary"][-1] == "NA"


def test_of_many_contenders_those_that_solve_nothing_share_a_line() -> None:
    solving = [records.solved(f"c{number:02}", "one", 1.0 + number) for number in range(12)]
    idle = [records.open_at(name, "one", None, None) for name in ("x", "y")]
    found = page([*solving, *idle])
    lines = pages.hints(found.drawing("Performance profiles"), "line")
    assert lines == [*(f"c{number:02}" for number in range(11)), "2 that solve nothing: x, y"]
    assert "One line stands for all that solve nothing: x, y." in found.text
    assert "The 1 contender that solved least are not drawn" not in found.text
    assert "The contender that solved least is not drawn: c11." in found.text
    gaps = pages.hints(found.drawing("Median gap over time"), "line")
    assert gaps[-1] == "2 that have no gap below 100 %: x, y"


def test_as_many_lines_as_fit_are_all_drawn() -> None:
    lines = {f"c{number}": [(1.0, 0.0)] for number in range(MOST_LINES)}
    drawn = drawn_lines(lines, lambda points: True, "solve nothing")
    assert drawn.lines == lines and drawn.note == ""


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_band_of_a_single_step_is_whole(share: float) -> None:
    drawing = profile_chart({"a": [(1.0, share)]}, {"a": [(1.0, 0.0, share)]})
    assert 'class="band c1"' in drawing and "nan" not in drawing
