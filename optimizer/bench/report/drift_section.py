"""The part of the benchmark's report that compares with older results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.bench.records.metrics import counted_seconds, is_solved
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Lines, Section, Table, Words, heads, ratio_cell, seconds, seconds_cell
from optimizer.bench.report.drift import NOTABLE, Moved, drifts, moved
from optimizer.files.formatting import counted
from optimizer.graphics.page import Cell, count_cell, money, money_cell

TITLE = "Drift against the reference"


def drift_section(of: ComparedRuns, reference: Sequence[RunRecord]) -> Section:
    """Every contender against the same one in older results, then every run of which something notable changed."""
    ordered = [run for name in of.contenders for run in of.of(name)]
    pairs = moved(ordered, reference)
    if not pairs:
        return Section(TITLE, [Words("No run of the reference has the same contender, instance and seed.")])
    shift = of.shift_seconds
    rows = [
        [
            Cell(one.contender),
            count_cell(one.runs),
            count_cell(one.solved_before),
            count_cell(one.solved_now),
            seconds_cell(one.seconds_before),
            seconds_cell(one.seconds_now),
            ratio_cell((one.seconds_now + shift) / (one.seconds_before + shift)),
            count_cell(one.cheaper),
            count_cell(one.dearer),
        ]
        for one in drifts(pairs, of.contenders, shift)
    ]
    names = (
        "contender",
        "runs",
        "solved before",
        "solved now",
        "mean time before, s",
        "mean time now, s",
        "times as long",
    )
    table = Table("The same runs, before and now", heads(*names, "cheaper plans", "dearer plans"), rows)
    return Section(TITLE, [Lines(list(_said(of, reference, pairs))), table, _changed(pairs, shift)])


def _said(of: ComparedRuns, reference: Sequence[RunRecord], pairs: Sequence[Moved]) -> Iterator[str]:
    known = {run.instance: run.instance_hash for run in reference}
    changed = [one.instance for one in of.instances if known.get(one.instance, one.instance_hash) != one.instance_hash]
    same = f"{counted(len(pairs), 'run')} with the same contender, instance and seed."
    yield f"{same} Times as long: the times plus the shift, now over before."
    if changed:
        yield f"{counted(len(changed), 'instance')} with the same name are not the same and left out."
    for what, before, now in (
        (
            "processor",
            {p.before.machine.get("processor") for p in pairs},
            {p.now.machine.get("processor") for p in pairs},
        ),
        ("time limit", {p.before.time_limit_seconds for p in pairs}, {p.now.time_limit_seconds for p in pairs}),
        ("gap asked for", {p.before.gap_asked for p in pairs}, {p.now.gap_asked for p in pairs}),
    ):
        if before != now:
            yield f"The {what} is not the same: times do not compare."


def _changed(pairs: Sequence[Moved], shift: float) -> Table | Words:
    rows = [_row(pair, shift) for pair in pairs if pair.is_notable(shift)]
    if not rows:
        return Words(f"No run ends in another way, with another objective, or in {NOTABLE:g} times the time or more.")
    names = ("contender", "instance", "seed", "before", "now", "times as long", "objective before", "objective now")
    words = {"instance", "before", "now"}
    return Table("Runs that changed", heads(*names, "change", text=words), rows)


def _row(pair: Moved, shift: float) -> list[Cell]:
    now, change = pair.now, pair.objective_change
    return [
        Cell(now.contender),
        Cell(now.instance),
        count_cell(now.seed),
        Cell(_ended(pair.before)),
        Cell(_ended(now)),
        ratio_cell(pair.ratio(shift)),
        money_cell(pair.before.objective),
        money_cell(now.objective),
        Cell(money(change), change),
    ]


def _ended(run: RunRecord) -> str:
    return f"{run.status}, {seconds(counted_seconds(run))} s" if is_solved(run) else f"{run.status}, not solved"
