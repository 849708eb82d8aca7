"""The report of a benchmark: alarms, who solves what and how fast, gaps, proofs, instances, drift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from models.tolerances import MONEY_RELATIVE
from optimizer.bench.records.metrics import NO_GAP, value_at
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report import comparison_tables as tables
from optimizer.bench.report.beside_section import beside_section
from optimizer.bench.report.charts import gap_chart
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Alarm, Figure, Paragraph, Part, Report, Section, Table, heads
from optimizer.bench.report.drawn_lines import drawn_lines
from optimizer.bench.report.drift import drift_section
from optimizer.bench.report.failed_runs import failed_section
from optimizer.bench.report.loaded_runs import loaded_alarm
from optimizer.bench.report.plan_section import plan_section
from optimizer.bench.report.profile_section import profile_section
from optimizer.bench.report.protocol_section import protocol
from optimizer.bench.report.second_opinions import Contradiction, Disagreement, contradictions, opinions
from optimizer.bench.report.seeds import seed_table
from optimizer.files.plain_text import counted, some_of
from optimizer.graphics.html_page import UNKNOWN, Cell, count_cell, money, percent

DEFAULT_TIMES_SECONDS = (10.0, 60.0, 300.0)
GRID = 120  # points of a line of the gap over time
FIRST_SECONDS = 0.1  # where that line begins
SCATTERS = 2  # contenders beside each other where none are asked for


@dataclass(frozen=True)
class ReportOptions:
    """What a report is to show: gaps after these wall seconds, two contenders side by side, older results.

    `beside` None: the best two. `reference` None: nothing to compare with.
    """

    times_seconds: Sequence[float] = DEFAULT_TIMES_SECONDS
    beside: tuple[str, str] | None = None
    reference: Sequence[RunRecord] | None = None


def bench_report(of: ComparedRuns, asked: ReportOptions) -> Report:
    """The report of all runs. Same runs in any order: same report."""
    sections = [
        _summary(of),
        *(beside_section(of, asked.beside) if asked.beside else ()),
        *plan_section(of),
        *failed_section(of),
        protocol(of),
        *_over_time(of, asked),
        *profile_section(of),
        *(() if asked.beside else beside_section(of, of.tried[:SCATTERS])),
    ]
    sections += [_families(of), _instances(of), _second_opinion(of)]
    if asked.reference is not None:
        sections.append(drift_section(of, asked.reference))
    suites = some_of(sorted({run.suite for run in of.runs}))
    return Report(
        kicker="Solver benchmark",
        title=f"Benchmark report: {suites}",
        below=_below(of),
        alarms=list(_alarms(of)),
        sections=sections,
        foot="Written by swapcharge bench report; programs and versions that ran are listed above.",
    )


def _below(of: ComparedRuns) -> list[str]:
    sizes = (len(of.runs), "run"), (len(of.contenders), "contender"), (len(of.instances), "instance")
    first = ", ".join(counted(*size) for size in sizes)
    if not of.common:
        return [first]
    best = of.tried[0]
    if not of.solved(best):
        return [first, f"Nobody solves any of {counted(len(of.common), 'common run')}"]
    solved = f"{of.solved(best):,} of {counted(len(of.common), 'common run')}"
    return [first, f"Best: {best} solves {solved}"]


def _alarms(of: ComparedRuns) -> Iterator[Alarm]:
    wrong = sorted((r for r in of.runs if r.status == "WRONG"), key=lambda r: (r.contender, r.instance, r.seed))
    if wrong:
        lines = [
            f"{run.contender} on {run.instance}, seed {run.seed}: {run.reason or 'no reason given'}" for run in wrong
        ]
        yield Alarm(f"{counted(len(wrong), 'run')} WRONG: plan or bound refuted", lines)
    if found := contradictions(of.runs, of.known):
        title = f"{counted(len(found), 'bound')} above a checked plan: one of the two is wrong"
        yield Alarm(title, [_contradiction(one) for one in found])
    disagreed = [one for opinion in opinions(of.runs) for one in opinion.disagreements]
    if disagreed:
        yield Alarm(
            f"{counted(len(disagreed), 'optimum')} on which two proofs disagree", list(map(_disagreement, disagreed))
        )
    yield from loaded_alarm(of)
    if mixed := list(_mixed(of)):
        yield Alarm("Runs under different rules are mixed: their times do not compare", mixed)


def _contradiction(one: Contradiction) -> str:
    run = one.bound
    plan = "the ledger" if one.plan is None else one.plan.contender
    return f"{run.instance}: bound {money(run.bound)} of {run.contender}, plan {money(one.objective)} of {plan}"


def _disagreement(one: Disagreement) -> str:
    objectives = [f"{run.contender} {money(run.objective)}" for run in (one.first, one.second)]
    apart = f"{money(one.difference)} apart ({money(one.allowed)} allowed)"
    return f"{one.first.instance}: {' and '.join(objectives)}, {apart}"


def _mixed(of: ComparedRuns) -> Iterator[str]:
    for what, values in (
        ("time limits", {f"{run.time_limit_seconds:g} s" for run in of.runs}),
        ("memory limits", {"none" if (mb := run.memory_limit_mb) is None else f"{mb:,} MB" for run in of.runs}),
        ("gaps asked for", {percent(run.gap_asked) for run in of.runs}),
        ("processors", {run.machine.get("processor", UNKNOWN) for run in of.runs}),
    ):
        if len(values) > 1:
            yield f"{what}: {', '.join(sorted(values))}"


def _summary(of: ComparedRuns) -> Section:
    parts: list[Part] = [tables.summary_table(of), tables.status_table(of)]
    if len(of.tried) > 1:
        parts.append(tables.duel_table(of))
    return Section("Who solves what, and how fast", [*parts, *seed_table(of)])


def _over_time(of: ComparedRuns, asked: ReportOptions) -> Iterator[Section]:
    """Gaps after the times asked for, as far as any run was given so long."""
    if not of.tried:
        return
    longest = of.longest_limit_seconds
    times = [time for time in sorted(set(asked.times_seconds)) if time <= longest] or [longest]
    left = [f"{time:g} s" for time in sorted(set(asked.times_seconds)) if time > longest]
    note = f"No run was given {' or '.join(left)}." if left else ""
    parts: list[Part] = [Paragraph(note)] if note else []
    if of.common:
        parts += [tables.gap_table(of, times), _gap_figure(of)]
    yield Section("Gap over time", [*parts, *(tables.gaps_by_instance(of, time) for time in times)])


def _gap_figure(of: ComparedRuns) -> Figure:
    end = of.longest_limit_seconds
    first = min(FIRST_SECONDS, end / 10)
    grid = [first * (end / first) ** (step / GRID) for step in range(GRID + 1)]
    lines = {name: [(time, _median_gap(of, name, time)) for time in grid] for name in of.contenders}
    drawn = drawn_lines(lines, lambda points: all(gap == NO_GAP for _, gap in points), "have no gap below 100 %")
    floor = min((run.gap_asked for run in of.runs if run.gap_asked > 0), default=0.0001)
    note = f"Median over the {counted(len(of.common), 'common run')}; what lies below the gap asked for is drawn on it."
    return Figure("Median gap over wall seconds", gap_chart(drawn.lines, floor), note + drawn.note)


def _median_gap(of: ComparedRuns, name: str, time_seconds: float) -> float:
    """Over the common runs; 100 % for one that could try nothing."""
    if name not in of.tried:
        return NO_GAP
    return median(value_at(of.gaps(run), time_seconds) for run in of.runs_on(name, of.common))


def _families(of: ComparedRuns) -> Section:
    return Section("By family", [tables.family_table(of)])


def _instances(of: ComparedRuns) -> Section:
    return Section("By instance", [tables.instance_table(of), tables.time_table(of), tables.processor_time_table(of)])


def _second_opinion(of: ComparedRuns) -> Section:
    """Pairs of contenders that prove the same instances."""
    names = ("contender", "and", "proven by both", "agreeing", "disagreeing", "largest difference", "where")
    rows = [
        [
            Cell(one.first),
            Cell(one.second),
            count_cell(one.proven),
            count_cell(one.proven - len(one.disagreements)),
            count_cell(len(one.disagreements)),
            Cell(_share(one.largest), one.largest),
            Cell(some_of([case.first.instance for case in one.disagreements]) or UNKNOWN),
        ]
        for one in opinions(of.runs)
    ]
    if not rows:
        return Section("Second opinion", [Paragraph("No instance was proven by two contenders.")])
    words = "Two that prove one instance agree if their objectives are no further apart than the gap asked for."
    table = Table("Proofs of the same optimum", heads(*names, text={"and", "where"}), rows)
    return Section("Second opinion", [Paragraph(words), table])


def _share(value: float) -> str:
    return f"{value:.1e}" if value > MONEY_RELATIVE else "below 1e-6"
