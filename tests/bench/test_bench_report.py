"""The benchmark's report: each table, each alarm, what is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bench_records as records
import pages
import pytest

from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.charts import gap_chart, profile_chart
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Report
from optimizer.bench.report.html import as_html
from optimizer.bench.report.report import ReportOptions, bench_report


def report(runs: Sequence[RunRecord], **asked: Any) -> Report:
    known = asked.pop("known", {})
    return bench_report(ComparedRuns(runs, known=known), ReportOptions(**asked))


def page(runs: Sequence[RunRecord], **asked: Any) -> pages.Page:
    return pages.parsed(as_html(report(runs, **asked)))


def plain(rows: list[list[str]]) -> dict[str, list[str]]:
    """Rows by their first cell, without the head."""
    return {row[0]: row[1:] for row in rows[1:]}


@pytest.fixture(scope="module")
def whole() -> pages.Page:
    return page(records.library(), times_seconds=(5.0, 60.0, 300.0))


def test_contenders_stand_by_success_over_common_runs(whole: pages.Page) -> None:
    table = whole.table("Contenders, the best first, on 3 common runs")
    assert [row[0] for row in table] == ["contender", "engine", "reference", "arc-flow"]
    assert table[0][2:6] == ["mean time, s", "times the best", "PAR2, s", "mean processor time, s"]
    assert "on 3 common runs (mean times are geometric, shifted by 1 s)" in whole.text
    # (2 · 4 · 201)^⅓ − 1; (1 + 3 + 200) / 3; (1.5 · 2.5 · 201)^⅓ − 1; gaps 0, 0, 5 %
    times = ["2 of 3", "10.7", "1.00", "68.0", "8.10"]
    # primal 1, 3, 10 s; primal–dual 1, 3, 10 + 0.05 · 90 s
    assert plain(table)["engine"] == [*times, "1.67 %", "5.00 %", "–", "4.67", "6.17"]
    # (11 · 201 · 201)^⅓ − 1; (10 + 200 + 200) / 3; (6 · 201 · 201)^⅓ − 1; gaps 0.6, 50, 100 %
    times = ["1 of 3", "75.3", "7.03", "137", "61.4"]
    # no plan for 10 s, then 1/201, 1/6, 1; 10 s, then 0.6 %, 50 %, and all of 100 s
    assert plain(table)["reference"] == [*times, "50.20 %", "100.00 %", "–", "45.15", "55.18"]
    nothing = ["0 of 3", "200", "18.66", "200", "200", "100.00 %", "100.00 %", "–", "100.00", "100.00"]
    assert plain(table)["arc-flow"] == nothing


def test_starts_a_pack_are_those_of_all_plans_together() -> None:
    """5 starts of 4 packs that charge, and 1 of 1; an older run says nothing of them."""
    calm = [
        records.solved(instance="one", starts=5, stays_charged=4),
        records.solved(instance="two", starts=1, stays_charged=1),
        records.solved(instance="three"),
    ]
    [row] = plain(page(calm).table("Contenders, the best first, on 3 common runs")).values()
    assert row[7] == "1.20"


def test_all_ends_are_counted(whole: pages.Page) -> None:
    table = whole.table("How all runs ended")
    assert table[0] == ["contender", "runs", "OK", "TO", "OOM", "ER", "WRONG", "NA", "solved"]
    assert plain(table)["engine"] == ["4", "3", "1", "0", "0", "0", "0", "3"]
    assert plain(table)["reference"] == ["4", "1", "1", "1", "0", "0", "1", "1"]
    assert plain(table)["arc-flow"] == ["4", "1", "1", "0", "1", "1", "0", "1"]


def test_duels_are_over_what_two_could_try(whole: pages.Page) -> None:
    table = plain(whole.table("Each beside engine, on what both could try"))
    assert table["arc-flow"] == [
        "4",
        "1",
        "0",
        "2",
        "69.3",
        "9.65",
        "7.18",  # (201³ · 3)^¼ − 1, (2 · 4 · 201 · 8)^¼ − 1
        "62.5",
        "6.63",
        "9.42",  # (201³ · 2)^¼ − 1, (1.5 · 2.5 · 201 · 4.5)^¼ − 1
    ]
    assert table["reference"][:4] == ["3", "1", "0", "1"]


def test_gaps_after_some_seconds(whole: pages.Page) -> None:
    table = whole.table("Gap by contender")
    assert table[0] == [
        "contender",
        "median after 5 s",
        "geometric mean after 5 s",
        "median after 60 s",
        "geometric mean after 60 s",
    ]
    # 0, 0 and 100 %: (0.01 · 0.01 · 1.01)^⅓ − 0.01
    assert plain(table)["engine"] == ["0.00 %", "3.66 %", "0.00 %", "0.82 %"]
    assert plain(whole.table("Gap after 5 s, by instance"))["two"] == ["0.00 %", "100.00 %", "100.00 %"]
    assert plain(whole.table("Gap after 60 s, by instance")) == {
        "one": ["0.00 %", "0.60 %", "100.00 %"],
        "two": ["0.00 %", "50.00 %", "100.00 %"],
        "three": ["5.00 %", "100.00 %", "100.00 %"],
        "four": ["0.00 %", "–", "0.00 %"],
    }
    assert "No run was given 300 s." in whole.words and "Gap after 300 s" not in whole.text


def test_times_beyond_every_limit_become_the_limit() -> None:
    assert "Gap after 100 s, by instance" in page(records.library(), times_seconds=(500.0,)).words


def test_profile_and_its_table(whole: pages.Page) -> None:
    table = plain(whole.table("Share of runs solved in time"))
    assert table["engine"] == ["66.67 %"] * 5
    assert table["reference"] == ["0.00 %", "0.00 %", "0.00 %", "33.33 %", "33.33 %"]
    drawing = whole.drawing("Performance profiles")
    assert drawing.attrib["aria-label"].endswith("arc-flow solves 0 %")
    assert pages.hints(drawing, "line") == ["engine", "reference", "arc-flow"]


def test_scatter_tells_each_run(whole: pages.Page) -> None:
    drawing = whole.drawing("Seconds of engine and reference: engine is faster in 2 of 3 runs")
    assert pages.hints(drawing, "spot") == [
        "one, seed 0: engine 1.00 s, reference 10.0 s",
        "two, seed 0: engine 3.00 s, reference not solved",
        "three, seed 0: engine not solved, reference not solved",
    ]
    assert "4 of 4" not in drawing.attrib["aria-label"]
    other = page(records.library(), beside=("arc-flow", "engine"))
    assert len(pages.hints(other.drawing("Seconds of arc-flow and engine"), "spot")) == 4


def test_two_that_share_nothing_are_not_drawn() -> None:
    runs = [records.solved("a", "one"), records.solved("b", "two")]
    found = page(runs)
    assert "There is nothing that both could try." in found.words
    told = plain(found.table("Contenders, the best first, on 0 common runs"))
    assert told == {"a": ["–"] * 10, "b": ["–"] * 10}
    assert "Name fewer contenders with --contenders to compare these." in found.text


def test_families_and_instances(whole: pages.Page) -> None:
    families = plain(whole.table("Solved of those tried, and mean time over what all could try"))
    # √(1.5 · 2.5) − 1, √(6 · 201) − 1
    assert families["ordinary"] == [
        "2/2 · 1.83 s · cpu 0.936 s",
        "1/2 · 46.0 s · cpu 33.7 s",
        "0/2 · 200 s · cpu 200 s",
    ]
    assert families["peaky"] == [f"{solved} · 200 s · cpu 200 s" for solved in ("1/2", "0/1", "1/2")]
    instances = plain(whole.table("Instances"))
    sizes = ["10", "96", "40"]
    proven = ["100.00", "100.00", "0.00 %"]
    assert instances["one"] == ["ordinary", *sizes, *proven, "engine, reference", "engine", "1.00", "0.500"]
    assert instances["four"] == ["peaky", *sizes, *proven, "engine, arc-flow", "arc-flow", "2.00", "1.00"]
    assert instances["three"] == ["peaky", *sizes, "100.00", "95.00", "5.00 %", "nobody", "–", "–", "–"]


def test_times_by_instance_tell_how_it_ended(whole: pages.Page) -> None:
    assert plain(whole.table("Seconds to the proof, by instance")) == {
        "one": ["1.00", "10.0", "WRONG"],
        "two": ["3.00", "TO, 50.00 % open", "ER"],
        "three": ["TO, 5.00 % open", "OOM", "TO"],
        "four": ["7.00", "NA", "2.00"],
    }
    seeds = [records.solved("a", seed=0), records.open_at("a", "one", 100.0, 80.0, seed=1)]
    assert plain(page(seeds).table("Seconds to the proof, by instance")) == {"one": ["1/2 solved, TO, 10.00 % open"]}


def test_second_opinion(whole: pages.Page) -> None:
    assert whole.table("Proofs of the same optimum")[1:] == [
        ["arc-flow", "engine", "1", "1", "0", "below 1e-6", "–"],
        ["engine", "reference", "1", "1", "0", "5.0e-03", "–"],
    ]
    alone = page([records.solved("a", "one"), records.solved("b", "two")])
    assert "No instance was proven by two contenders." in alone.words


def alarms(found: Report) -> dict[str, list[str]]:
    return {alarm.title: list(alarm.lines) for alarm in found.alarms}


def test_what_is_wrong_is_told_first(whole: pages.Page) -> None:
    words = whole.words
    assert words.index("1 run WRONG: plan or bound refuted") < words.index("Who solves what, and how fast")
    assert "arc-flow on one, seed 0: its plan breaks a rule" in words
    assert whole.source.count('class="banner"') == 1


def test_contradictions_are_alarms() -> None:
    runs = [records.solved("a"), records.solved("b", objective=110.0, bound=109.5)]
    assert alarms(report(runs)) == {
        "1 bound above a checked plan: one of the two is wrong": ["one: bound 109.50 of b, plan 100.00 of a"],
        "1 optimum on which two proofs disagree": ["one: a 100.00 and b 110.00, 10.00 apart (1.00 allowed)"],
    }
    assert plain(page(runs).table("Proofs of the same optimum"))["a"] == ["b", "1", "0", "1", "9.1e-02", "one"]
    of_ledger = report([records.solved("a")], known={"one": 90.0})
    title = "1 bound above a checked plan: one of the two is wrong"
    assert alarms(of_ledger) == {title: ["one: bound 100.00 of a, plan 90.00 of the ledger"]}
    assert alarms(report([records.solved("a"), records.solved("b")])) == {}


def test_mixed_rules_are_an_alarm() -> None:
    other = records.solved("b", time_limit_seconds=10.0, memory_limit_mb=4000, gap_asked=0.001)
    assert alarms(report([records.solved("a"), other])) == {
        "Runs under different rules are mixed: their times do not compare": [
            "time limits: 10 s, 100 s",
            "memory limits: 4,000 MB, none",
            "gaps asked for: 0.10 %, 1.00 %",
        ]
    }


def test_protocol_tells_limits_machine_and_versions(whole: pages.Page) -> None:
    assert "Asked: a gap of 1.00 % within 100 seconds and no limit of memory." in whole.words
    assert "Suite library; 1 seed (0); begun 2026-01-01T00:00:00Z." in whole.words
    assert (
        "Contenders are compared on the 3 runs (instance and seed) that all of them could try: "
        "1 more run left out, 1 instance altogether."
    ) in whole.words
    assert whole.table("Machine")[1:] == [["cores", "2"], ["processor", "one"]]
    assert whole.table("Versions")[1:] == [["swapcharge", "0.1.0"]]
    assert plain(whole.table("What competes"))["reference"] == ["–", "highs", "–", "not for on/off chargers"]


def test_drift_against_a_reference() -> None:
    before = [records.solved("engine", "one", 5.0), records.solved("engine", "two", 3.0, objective=101.0)]
    found = page(records.library(), reference=before)
    assert plain(found.table("The same runs, before and now")) == {
        # √(3.5 · 2.5) − 1 and √(1.5 · 2.5) − 1 of a processor
        "engine": ["2", "2", "2", "3.90", "1.83", "0.58", "1", "0", "1.96", "0.936", "0.65"]
    }
    assert found.table("Runs that changed")[1:] == [
        ["engine", "one", "0", "OK, 5.00 s", "OK, 1.00 s", "0.33", "100.00", "100.00", "0.00"],
        ["engine", "two", "0", "OK, 3.00 s", "OK, 3.00 s", "1.00", "101.00", "100.00", "−1.00"],
    ]
    assert "Drift against the reference" not in page(records.library()).words


def test_drift_says_what_cannot_be_compared() -> None:
    now = [records.solved("a", "one"), records.solved("a", "two")]
    before = [
        records.solved("a", "one", machine={"processor": "another"}, time_limit_seconds=50.0),
        records.solved("a", "two", instance_hash="old"),
    ]
    words = page(now, reference=before).words
    assert "1 instance with the same name are not the same and left out." in words
    assert "The processor is not the same: times do not compare." in words
    assert "The time limit is not the same: times do not compare." in words
    assert "No run ends in another way, with another objective, or in 1.5 times the time or more." in words
    strange = page(now, reference=[records.solved("b")]).words
    assert "No run of the reference has the same contender, instance and seed." in strange


def test_drawings_of_extremes_are_whole() -> None:
    gap_chart({}, 0.0)
    flat = gap_chart({"a": [(1.0, 0.0)]}, 0.0)
    assert "nan" not in flat and "inf" not in flat
    assert "a solves 0 %" in profile_chart({"a": [(1.0, 0.0)]})
    only_failures = [records.ended("a", "one", "ER"), records.ended("b", "one", "WRONG", time_limit_seconds=0.001)]
    assert page(only_failures).tags.count("svg") == 4
    assert page([records.ended("a", "one", "NA")]).tags.count("svg") == 0
    assert page([records.solved("a", seconds=0.0)]).tags.count("svg") == 1


def test_many_contenders_are_drawn_up_to_a_dozen() -> None:
    found = page([records.solved(f"c{number:02}", seconds=1.0 + number) for number in range(14)])
    assert len(pages.hints(found.drawing("Performance profiles"), "line")) == 12
    assert "The 2 contenders that solved least are not drawn: c12, c13." in found.text


def test_where_nobody_solves_anything_nobody_is_best_and_lies_stand_last() -> None:
    runs = [
        records.open_at("abc", "one", 150.0, 140.0, status="WRONG", reason="refuted"),
        records.open_at("xyz", "one", 150.0, 100.0),
        records.open_at("def", "one", 150.0, None),
    ]
    assert ComparedRuns(runs).tried == ["xyz", "def", "abc"]
    assert "Nobody solves any of 1 common run" in report(runs).below
