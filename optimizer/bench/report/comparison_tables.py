"""The tables of the benchmark's report that compare contenders, each made of a comparison alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from models.station.cost import gap_between
from optimizer.bench.records.metrics import (
    NO_GAP,
    counted_seconds,
    final_gap,
    is_solved,
    mean_by,
    primal_dual_integral,
    primal_integral,
    shifted_geometric_mean,
    value_at,
)
from optimizer.bench.records.run_record import STATUSES, RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Table, heads, ratio_cell, seconds, seconds_cell
from optimizer.files.plain_text import counted, some_of
from optimizer.graphics.html_page import UNKNOWN, Cell, count_cell, money_cell, number_cell, percent, percent_cell

GAP_SHIFT = 0.01  # of shifted geometric means of gaps: one percentage point
MARK = "*"
NOTHING = Cell(UNKNOWN)
Mean = Callable[[str, Sequence[tuple[str, int]]], float | None]
"""Mean seconds of a contender on these instances and seeds."""


def summary_table(of: ComparedRuns) -> Table:
    """A row a contender: over the common runs what it solves, how fast, and what it leaves open."""
    times = ("mean time, s", "times the best", "PAR2, s", "mean processor time, s")
    rest = ("mean gap", "worst gap", "starts a pack", "primal integral, s", "primal–dual integral, s")
    shifted = f"mean times are geometric, shifted by {of.shift_seconds:g} s"
    title = f"Contenders, the best first, on {counted(len(of.common), 'common run')} ({shifted})"
    return Table(title, heads("contender", "solved", *times, *rest), [_summary_row(of, name) for name in of.contenders])


def _summary_row(of: ComparedRuns, name: str) -> list[Cell]:
    if not of.common:
        return [Cell(name), *[NOTHING] * 10]
    if name not in of.tried:
        return [Cell(name), Cell(f"0 of {len(of.common):,} (NA)", 0.0), *[NOTHING] * 9]
    common = of.runs_on(name, of.common)
    means = [mean for other in of.tried if (mean := of.mean_seconds(other)) is not None]
    mean = of.mean_seconds(name)
    ratio = None if mean is None or min(means) <= 0 else mean / min(means)
    gaps = [final_gap(run) for run in common]
    primal = mean_by(common, lambda run: primal_integral(run, of.best.get(run.instance_hash)))
    integrals = [number_cell(value, 2) for value in (primal, mean_by(common, primal_dual_integral))]
    par2, cpu = (seconds_cell(value) for value in (mean_by(common, counted_seconds), of.mean_cpu_seconds(name)))
    solved = Cell(f"{of.solved(name):,} of {len(common):,}", of.solved(name))
    spread = [percent_cell(sum(gaps) / len(gaps)), percent_cell(max(gaps))]
    calm = _starts_cell(common)
    return [Cell(name), solved, seconds_cell(mean), ratio_cell(ratio), par2, cpu, *spread, calm, *integrals]


def _starts_cell(runs: Sequence[RunRecord]) -> Cell:
    """How often a pack that charges begins to, over all plans together."""
    known = [(run.starts, run.stays_charged) for run in runs if run.starts is not None and run.stays_charged]
    return number_cell(sum(a for a, _ in known) / sum(b for _, b in known), 2) if known else NOTHING


def status_table(of: ComparedRuns) -> Table:
    """How all runs of each contender ended, those that are not common included."""
    rows = []
    for name in of.contenders:
        own = of.of(name)
        counts = [sum(run.status == status for run in own) for status in STATUSES]
        cells = [len(own), *counts, sum(map(is_solved, own))]
        rows.append([Cell(name), *map(count_cell, cells)])
    return Table("How all runs ended", heads("contender", "runs", *STATUSES, "solved"), rows)


def duel_table(of: ComparedRuns) -> Table:
    """Each contender beside the best one, on all that both could try: more than what everybody could try."""
    names = ("contender", "runs of both", "solved by both", "by it alone", "by the best alone", "mean time, s")
    rows = [_duel_row(of, of.tried[0], name) for name in of.contenders[1:]]
    title = f"Each beside {of.tried[0]}, on what both could try"
    processor = ("mean processor time, s", "of the best, s", "times the best")
    return Table(title, heads(*names, "of the best, s", "times the best", *processor), rows)


def _duel_row(of: ComparedRuns, best: str, name: str) -> list[Cell]:
    cells = of.shared([best, name])
    if not cells:
        return [Cell(name), count_cell(0), *[NOTHING] * 9]
    by_best, by_name = ([is_solved(run) for run in of.runs_on(who, cells)] for who in (best, name))
    both = [(a, b) for a, b in zip(by_best, by_name, strict=True)]
    counts = [both.count(case) for case in ((True, True), (False, True), (True, False))]
    wall = _times(of.mean_seconds(name, cells), of.mean_seconds(best, cells))
    processor = _times(of.mean_cpu_seconds(name, cells), of.mean_cpu_seconds(best, cells))
    return [Cell(name), count_cell(len(cells)), *map(count_cell, counts), *wall, *processor]


def _times(own: float | None, other: float | None) -> list[Cell]:
    """Two mean times, and how many times the other one the first is."""
    return [seconds_cell(own), seconds_cell(other), ratio_cell(own / other if own is not None and other else None)]


def gap_table(of: ComparedRuns, times: Sequence[float]) -> Table:
    """Median and shifted geometric mean of the gap over the common runs after some wall seconds."""
    names = [f"{kind} after {time:g} s" for time in times for kind in ("median", "geometric mean")]
    rows = []
    for name in of.contenders:
        runs = of.runs_on(name, of.common) if name in of.tried else []
        row = [Cell(name)]
        for time in times:
            gaps = [value_at(of.gaps(run), time) for run in runs]
            row += [percent_cell(median(gaps)), percent_cell(mean_gap(gaps))] if gaps else [NOTHING, NOTHING]
        rows.append(row)
    return Table("Gap by contender", heads("contender", *names), rows)


def mean_gap(gaps: Sequence[float]) -> float:
    """Shifted geometric mean of gaps, shift one percentage point, as a share."""
    return max(0.0, round(shifted_geometric_mean(gaps, GAP_SHIFT), 9))  # rounding noise of gaps that are all 0


def gaps_by_instance(of: ComparedRuns, time: float) -> Table:
    """The gap of every contender on every instance after some wall seconds; of several seeds, the median."""
    rows = []
    for instance in of.instances:
        row = [Cell(instance.instance)]
        for name in of.contenders:
            runs = tried_on(of, name, instance)
            row.append(percent_cell(median(value_at(of.gaps(run), time) for run in runs)) if runs else NOTHING)
        rows.append(row)
    return Table(f"Gap after {time:g} s, by instance", heads("instance", *of.contenders), rows)


def tried_on(of: ComparedRuns, name: str, instance: RunRecord) -> list[RunRecord]:
    """The runs of a contender on an instance, but for those it could not try."""
    return [run for run in of.of(name) if run.instance == instance.instance and run.status != "NA"]


def family_table(of: ComparedRuns) -> Table:
    """For each family and contender: runs solved of those it tried, mean wall and processor seconds over the family's
    common runs."""
    families = list(dict.fromkeys(run.family for run in of.instances))
    rows = [
        [Cell(family or "no family"), *(_family_cell(of, family, name) for name in of.contenders)]
        for family in families
    ]
    return Table("Solved of those tried, and mean time over what all could try", heads("family", *of.contenders), rows)


def _family_cell(of: ComparedRuns, family: str, name: str) -> Cell:
    instances = {run.instance for run in of.instances if run.family == family}
    every = [run for run in of.of(name) if run.instance in instances]
    own = [run for run in every if run.status != "NA"]
    if not own:
        return Cell("NA") if every else NOTHING
    common = [cell for cell in of.common if cell[0] in instances]
    solved = f"{sum(map(is_solved, own))}/{len(own)}"
    mean, cpu = of.mean_seconds(name, common), of.mean_cpu_seconds(name, common)
    return Cell(solved if mean is None else f"{solved} · {seconds(mean)} s · cpu {seconds(cpu)} s", mean)


def instance_table(of: ComparedRuns) -> Table:
    """What is known of each instance: best plan and bound of all runs, who proves it, and who was first."""
    names = (
        "instance",
        "family",
        "packs",
        "slots",
        "swaps",
        "best objective",
        "best bound",
        "gap",
        "proven by",
        "fastest",
    )
    words = {"family", "proven by", "fastest"}
    rows = [_instance_row(of, instance) for instance in of.instances]
    return Table("Instances", heads(*names, "its time, s", "its processor time, s", text=words), rows)


def _instance_row(of: ComparedRuns, instance: RunRecord) -> list[Cell]:
    runs = [run for name in of.tried for run in tried_on(of, name, instance) if run.status not in ("WRONG", "ER")]
    solved = [run for run in runs if is_solved(run)]
    fastest = min(solved, key=lambda run: (run.solved_seconds or run.wall_seconds, run.contender), default=None)
    best = of.best.get(instance.instance_hash)
    bound = max((run.bound for run in runs if run.bound is not None), default=None)
    provers = list(dict.fromkeys(run.contender for run in solved))
    sizes = map(count_cell, (instance.packs, instance.slots, instance.swaps))
    return [
        Cell(instance.instance),
        Cell(instance.family or UNKNOWN),
        *sizes,
        money_cell(best),
        money_cell(bound),
        percent_cell(_least_gap(runs, best, bound)),
        Cell(some_of(provers) or "nobody"),
        Cell(fastest.contender if fastest else UNKNOWN),
        seconds_cell(None if fastest is None else fastest.solved_seconds or fastest.wall_seconds),
        seconds_cell(None if fastest is None else fastest.cpu_seconds),
    ]


def _least_gap(runs: Sequence[RunRecord], best: float | None, bound: float | None) -> float | None:
    """Between best plan and best bound, over the gross cost of the best plan; None where one of them is missing."""
    plans = [run for run in runs if run.objective is not None and run.gross_cost is not None]
    plan = min(plans, key=lambda run: run.objective or 0.0, default=None)
    if plan is None or plan.gross_cost is None or best is None or bound is None:
        return None
    return gap_between(best, bound, plan.gross_cost)


def time_table(of: ComparedRuns) -> Table:
    """Seconds until each contender solved each instance (of several seeds the mean), else how it ended."""
    return _table_of_times(of, "Seconds to the proof, by instance", of.mean_seconds)


def processor_time_table(of: ComparedRuns) -> Table:
    """The same of processor seconds, of the whole run."""
    return _table_of_times(of, "Processor seconds, by instance", of.mean_cpu_seconds)


def _table_of_times(of: ComparedRuns, title: str, mean: Mean) -> Table:
    rows = []
    for instance in of.instances:
        cells = [_time_cell(of_runs(of, name, instance), mean) for name in of.contenders]
        rows.append([Cell(instance.instance), *cells])
    is_marked = any(run.is_machine_loaded for run in of.runs)
    return Table(
        title + (f" ({MARK}: on a loaded machine)" if is_marked else ""), heads("instance", *of.contenders), rows
    )


def of_runs(of: ComparedRuns, name: str, instance: RunRecord) -> list[RunRecord]:
    """All runs of a contender on an instance."""
    return [run for run in of.of(name) if run.instance == instance.instance]


def _time_cell(runs: Sequence[RunRecord], mean_of: Mean) -> Cell:
    solved = [run for run in runs if is_solved(run)]
    tried = [run for run in runs if run.status != "NA"]
    if not tried:
        return Cell("NA" if runs else UNKNOWN)
    mean = mean_of(runs[0].contender, [(run.instance, run.seed) for run in tried])
    mark = f" {MARK}" if any(run.is_machine_loaded for run in tried) else ""
    if len(solved) == len(tried):
        return Cell(seconds(mean) + mark, mean)
    ended = "/".join(sorted({run.status for run in tried if not is_solved(run)}))
    gap = median(final_gap(run) for run in tried)
    left = f", {percent(gap)} open" if gap < NO_GAP else ""
    some = f"{len(solved)}/{len(tried)} solved, " if solved else ""
    return Cell(f"{some}{ended}{left}{mark}", mean)
