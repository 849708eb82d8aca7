"""What a report says of processor time, of loaded machines and of repeated seeds."""

from __future__ import annotations

from collections.abc import Sequence

import bench_records as records
import pages
import pytest

from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.html import as_html
from optimizer.bench.report.loaded_runs import loaded_alarm
from optimizer.bench.report.report import ReportOptions, bench_report
from optimizer.bench.report.seeds import seed_table


def page(runs: Sequence[RunRecord]) -> pages.Page:
    return pages.parsed(as_html(bench_report(ComparedRuns(runs), ReportOptions())))


def test_processor_seconds_stand_beside_wall_seconds() -> None:
    found = page(records.library())
    assert found.table("Processor seconds, by instance")[1:] == [
        ["one", "0.500", "5.00", "WRONG"],
        ["two", "1.50", "TO, 50.00 % open", "ER"],
        ["four", "3.50", "NA", "1.00"],
        ["three", "TO, 5.00 % open", "OOM", "TO"],
    ]


def test_runs_on_a_loaded_machine_are_marked() -> None:
    runs = [
        records.solved(
            "a", "one", 10.0, is_machine_loaded=True, load_at_start=3.5, load_at_end=9.0, waited_seconds=4.0
        ),
        records.solved("a", "two", 10.0, load_at_start=1.0, load_at_end=1.0, waited_seconds=0.0),
        records.open_at("b", "one", 100.0, 90.0, is_machine_loaded=True),
        records.solved("b", "two", 10.0),
    ]
    (alarm,) = loaded_alarm(ComparedRuns(runs))
    assert alarm.title == "2 of 4 runs on a loaded machine: compare processor times, not wall times"
    assert alarm.lines == [
        "a: 1 of 2 runs; load average up to 9.0; 40.00 % of their time spent waiting",
        "b: 1 of 2 runs",
    ]
    found = page(runs)
    assert alarm.title in found.words
    marked = [["one", "10.0 *", "TO, 10.00 % open *"], ["two", "10.0", "10.0"]]
    assert found.table("Seconds to the proof, by instance (*: on a loaded machine)")[1:] == marked
    assert list(loaded_alarm(ComparedRuns(records.library()))) == []


def test_seeds_by_hand() -> None:
    """Seed 0 in 1 and 7 s, seed 1 in 3 s and not at all; of the third instance one seed is missing."""
    runs = [
        records.solved("a", "one", 1.0, seed=0),
        records.solved("a", "one", 3.0, seed=1),
        records.solved("a", "two", 7.0, seed=0),
        records.open_at("a", "two", 100.0, 50.0, seed=1),
        records.solved("a", "three", 2.0, seed=1),
        records.solved("b", "one", 2.0),
    ]
    (table,) = seed_table(ComparedRuns(runs))
    assert [head.name for head in table.heads][1:3] == ["seeds", "instances with all seeds"]
    (row,) = table.rows
    # √(2 · 8) − 1 and √(4 · 201) − 1; √(4/2 · 201/8)
    assert [cell.words for cell in row] == ["a", "2", "2", "1", "2", "1", "3.00", "27.4", "7.09"]
    assert row[-1].value == pytest.approx((2 * 201 / 8) ** 0.5)
    assert "Repeated seeds: the spread by chance" in page(runs).source


def test_without_seeds_there_is_no_table_of_them() -> None:
    assert list(seed_table(ComparedRuns(records.library()))) == []
    missing = [records.solved("a", "one", seed=0), records.solved("a", "two", seed=1)]
    assert list(seed_table(ComparedRuns(missing))) == [], "no instance has both"
