"""Changes since older results: the same contender, instance and seed, before and now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.tolerances import is_same_money
from optimizer.bench.records.metrics import counted_cpu_seconds, counted_seconds, is_solved, shifted_geometric_mean
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import (
    BulletList,
    Paragraph,
    Section,
    Table,
    heads,
    ratio_cell,
    seconds,
    seconds_cell,
)
from optimizer.files.plain_text import counted
from optimizer.graphics.html_page import Cell, count_cell, money, money_cell

TITLE = "Drift against the reference"
DRIFT_HEADS = (
    "contender", "runs", "solved before", "solved now", "mean time before, s", "mean time now, s", "times as long",
    "cheaper plans", "dearer plans", "mean processor time before, s", "mean processor time now, s", "times as long",
)  # fmt: skip
NOTABLE = 1.5  # a time so many times the other one is listed run by run


@dataclass(frozen=True)
class Moved:
    """A run and the same one before."""

    before: RunRecord
    now: RunRecord

    def ratio(self, shift_seconds: float) -> float:
        """Counted time now over before, both shifted, so that a blink more does not count."""
        return (counted_seconds(self.now) + shift_seconds) / (counted_seconds(self.before) + shift_seconds)

    @property
    def objective_change(self) -> float | None:
        """Objective now less before in currency, 0 where they agree; None where one of them has no plan."""
        a, b = self.before.objective, self.now.objective
        if a is None or b is None:
            return None
        return 0.0 if is_same_money(a, b) else b - a

    def is_notable(self, shift_seconds: float) -> bool:
        """Has its status, its objective or, well beyond noise, its time changed?"""
        ends = [(run.status, is_solved(run), run.objective is None) for run in (self.before, self.now)]
        if ends[0] != ends[1] or self.objective_change:
            return True
        return not 1 / NOTABLE <= self.ratio(shift_seconds) <= NOTABLE


@dataclass(frozen=True)
class Drift:
    """One contender against the reference: runs compared, solved, mean wall and processor seconds, plans that
    changed."""

    contender: str
    runs: int
    solved_before: int
    solved_now: int
    seconds_before: float
    seconds_now: float
    cpu_seconds_before: float
    cpu_seconds_now: float
    cheaper: int
    dearer: int


def moved(now: Iterable[RunRecord], before: Iterable[RunRecord]) -> list[Moved]:
    """Runs of the same contender, instance (by hash) and seed that both could be tried, in the order of `now`."""
    old = {_same(run): run for run in before if run.status != "NA"}
    return [Moved(old[_same(run)], run) for run in now if run.status != "NA" and _same(run) in old]


def _same(run: RunRecord) -> tuple[str, str, int]:
    return run.contender, run.instance_hash, run.seed


def drifts(pairs: Sequence[Moved], contenders: Iterable[str], shift_seconds: float) -> list[Drift]:
    """One for each contender that has pairs, in the order of `contenders`."""
    grouped = [(name, [pair for pair in pairs if pair.now.contender == name]) for name in contenders]
    return [_drift(name, own, shift_seconds) for name, own in grouped if own]


def _drift(name: str, pairs: Sequence[Moved], shift_seconds: float) -> Drift:
    changes = [pair.objective_change or 0.0 for pair in pairs]
    before, now = [pair.before for pair in pairs], [pair.now for pair in pairs]
    return Drift(
        contender=name,
        runs=len(pairs),
        solved_before=sum(map(is_solved, before)),
        solved_now=sum(map(is_solved, now)),
        seconds_before=shifted_geometric_mean(map(counted_seconds, before), shift_seconds),
        seconds_now=shifted_geometric_mean(map(counted_seconds, now), shift_seconds),
        cpu_seconds_before=shifted_geometric_mean(map(counted_cpu_seconds, before), shift_seconds),
        cpu_seconds_now=shifted_geometric_mean(map(counted_cpu_seconds, now), shift_seconds),
        cheaper=sum(change < 0 for change in changes),
        dearer=sum(change > 0 for change in changes),
    )


def drift_section(of: ComparedRuns, reference: Sequence[RunRecord]) -> Section:
    """Every contender against the same one in older results, then every run of which something notable changed."""
    ordered = [run for name in of.contenders for run in of.of(name)]
    pairs = moved(ordered, reference)
    if not pairs:
        return Section(TITLE, [Paragraph("No run of the reference has the same contender, instance and seed.")])
    shift = of.shift_seconds
    rows = [_drift_row(one, shift) for one in drifts(pairs, of.contenders, shift)]
    table = Table("The same runs, before and now", heads(*DRIFT_HEADS), rows)
    return Section(TITLE, [BulletList(list(_said(of, reference, pairs))), table, _changed(pairs, shift)])


def _drift_row(one: Drift, shift: float) -> list[Cell]:
    return [
        Cell(one.contender),
        *map(count_cell, (one.runs, one.solved_before, one.solved_now)),
        *_times(one.seconds_before, one.seconds_now, shift),
        *map(count_cell, (one.cheaper, one.dearer)),
        *_times(one.cpu_seconds_before, one.cpu_seconds_now, shift),
    ]


def _times(before: float, now: float, shift: float) -> list[Cell]:
    return [seconds_cell(before), seconds_cell(now), ratio_cell((now + shift) / (before + shift))]


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


def _changed(pairs: Sequence[Moved], shift: float) -> Table | Paragraph:
    rows = [_row(pair, shift) for pair in pairs if pair.is_notable(shift)]
    if not rows:
        return Paragraph(
            f"No run ends in another way, with another objective, or in {NOTABLE:g} times the time or more."
        )
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
