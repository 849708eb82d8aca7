"""Two contenders beside each other: in words who wins where and by how much, a table by family, a drawing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from models.tolerances import is_same_money
from optimizer.bench.records.metrics import FAILED, counted_seconds, is_solved, shifted_geometric_mean
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.charts import RunPair, scatter_chart
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import BulletList, Figure, Paragraph, Part, Section, Table, heads, seconds
from optimizer.bench.report.head_to_head import COUNTED, NOISE, Advantage, HeadToHead, Measure, by_family, head_to_head
from optimizer.files.plain_text import counted
from optimizer.graphics.html_page import Cell, count_cell, percent

NOTHING_SHARED = "There is nothing that both could try."
DOTS = "A dot a run; above the dashed diagonal the first is faster. What was not solved lies at twice the time limit."


def beside_section(of: ComparedRuns, pair: Sequence[str]) -> Iterator[Section]:
    """The section of these two; none where they are not two."""
    if len(pair) == 2:
        first, second = pair
        duel = head_to_head(of, first, second)
        yield Section(f"{first} beside {second}", list(_parts(of, duel)))


def _parts(of: ComparedRuns, duel: HeadToHead) -> Iterator[Part]:
    if not duel.pairs:
        yield Paragraph(" ".join(_of_nothing(of, duel)))
        return
    yield BulletList(list(sentences(of, duel)))
    yield _family_table(duel)
    yield _scatter(of, duel)


def sentences(of: ComparedRuns, duel: HeadToHead) -> Iterator[str]:
    """Who wins, by how much and where, or that it is noise; the first one is the answer."""
    if not duel.pairs:
        yield from _of_nothing(of, duel)
        return
    measure: Measure = "processor" if duel.is_loaded else "wall"
    yield _answer(duel, measure)
    if duel.is_loaded:
        yield "Some of these runs were on a loaded machine: processor time decides here, not wall time."
    yield _of_solved(duel)
    yield from (_of_times(duel, one) for one in COUNTED)
    yield from _of_families(duel, measure)
    yield from _of_plans(duel)
    yield _of_noise(duel, measure)


def _of_nothing(of: ComparedRuns, duel: HeadToHead) -> Iterator[str]:
    yield NOTHING_SHARED
    for name in duel.names:
        if name not in of.tried:
            reason = next((run.reason for run in of.of(name) if run.reason), "no reason told")
            yield f"{name} could try nothing: {reason}."


def _answer(duel: HeadToHead, measure: Measure) -> str:
    solved, times = duel.solves_more(), duel.advantage(measure)
    if not solved and not times.sign:
        return f"Undecided: what separates {duel.first} from {duel.second} is within noise."
    if solved * times.sign < 0:
        more, faster = _named(duel, solved), _named(duel, times.sign)
        return f"Undecided: {more} solves more runs, {faster} is faster by {measure} time."
    more_runs = abs(sum(is_solved(a) - is_solved(b) for a, b in duel.pairs))
    reasons = [f"it solves {counted(more_runs, 'run')} more"] if solved else []
    reasons += [f"it is {_factor(times)} times as fast by {measure} time"] if times.sign else []
    left = "" if solved and times.sign else "times" if solved else "numbers of solved runs"
    noise = f"; {left} are within noise" if left else ""
    return f"{_named(duel, solved or times.sign)} wins: {' and '.join(reasons)}{noise}."


def _named(duel: HeadToHead, sign: int) -> str:
    return duel.first if sign > 0 else duel.second


def _faster(duel: HeadToHead, times: Advantage) -> str:
    return duel.first if times.factor >= 1 else duel.second


def _factor(times: Advantage) -> str:
    """How many times as fast the faster one is."""
    return _times(max(times.factor, 1 / times.factor))


def _times(factor: float) -> str:
    return f"{factor:.2f}" if factor < 10 else f"{factor:,.1f}" if factor < 100 else f"{factor:,.0f}"


def _interval(times: Advantage) -> str:
    """Of the factor of the faster one; empty where there is none."""
    if times.interval is None:
        return ""
    low, high = times.interval if times.factor >= 1 else (1 / times.interval[1], 1 / times.interval[0])
    return f" (95 %: {_times(low)} to {_times(high)})"


def _of_solved(duel: HeadToHead) -> str:
    both, neither = duel.solved_by(True, True), duel.solved_by(False, False)
    first, second = duel.solved_by(True, False), duel.solved_by(False, True)
    solved = f"{duel.first} solves {both + first:,} and {duel.second} {both + second:,}"
    alone = f"{duel.first} alone {first:,}, {duel.second} alone {second:,}"
    runs = counted(len(duel.pairs), "run")
    return f"Of {runs} that both could try, {solved}: both {both:,}, {alone}, neither {neither:,}."


def _of_times(duel: HeadToHead, measure: Measure) -> str:
    times, count = duel.advantage(measure), COUNTED[measure]
    means = [shifted_geometric_mean(map(count, runs), duel.shift_seconds) for runs in zip(*duel.pairs, strict=True)]
    told = ", ".join(f"{name} {seconds(mean)} s" for name, mean in zip(duel.names, means, strict=True))
    how = f"on the geometric mean, shifted by {duel.shift_seconds:g} s, what is not solved at twice its limit"
    faster = f"{_faster(duel, times)} is {_factor(times)} times as fast{_interval(times)}"
    noise = "" if times.sign else ", which is within noise"
    return f"By {measure} time {faster}{noise}: {told} {how}."


def _of_families(duel: HeadToHead, measure: Measure) -> Iterator[str]:
    families = {family: one.advantage(measure) for family, one in by_family(duel).items()}
    if len(families) < 2:
        return
    for sign in (1, -1):
        where = [f"{family} ({_factor(times)} ×)" for family, times in families.items() if times.sign == sign]
        if where:
            yield f"{_named(duel, sign)} is faster by {measure} time in {', '.join(where)}."
    if noise := [family for family, times in families.items() if not times.sign]:
        yield f"Within noise: {', '.join(noise)}."


def _of_plans(duel: HeadToHead) -> Iterator[str]:
    both = [(a, b) for a, b in duel.pairs if _has_plan(a) and _has_plan(b)]
    alone = [sum(_has_plan(one[at]) and not _has_plan(one[1 - at]) for one in duel.pairs) for at in (0, 1)]
    if both:
        same = sum(is_same_money(a.objective or 0.0, b.objective or 0.0) for a, b in both)
        cheaper = sum(_saving(a, b) > 0 for a, b in both)
        shares = [_saving(a, b) / abs(a.gross_cost) for a, b in both if a.gross_cost]
        mean = math.fsum(shares) / len(shares) if shares else 0.0
        more = f", on average {percent(abs(mean))} of gross cost {'cheaper' if mean > 0 else 'dearer'}" if mean else ""
        yield (
            f"Where both have a plan ({counted(len(both), 'run')}), that of {duel.first} is cheaper in {cheaper:,}, "
            f"dearer in {len(both) - same - cheaper:,} and costs the same in {same:,}{more}."
        )
    for name, count in zip(duel.names, alone, strict=True):
        if count:
            yield f"Only {name} has a plan in {counted(count, 'run')}."


def _has_plan(run: RunRecord) -> bool:
    return run.objective is not None and run.status not in FAILED


def _saving(a: RunRecord, b: RunRecord) -> float:
    """What the plan of `a` costs less than that of `b`, in currency; 0 where they cost the same."""
    first, second = a.objective or 0.0, b.objective or 0.0
    return 0.0 if is_same_money(first, second) else second - first


def _of_noise(duel: HeadToHead, measure: Measure) -> str:
    of_seeds = duel.noise[measure]
    seeds = f" (by repeated seeds, {of_seeds:.2f} where there are fewer)" if of_seeds > NOISE else ""
    return (
        f"Factors are of times with the shift of {duel.shift_seconds:g} s added. Noise is a factor up to {NOISE:g}, an "
        f"interval that holds 1, and with fewer than five instances, of which no interval can be told, runs that "
        f"contradict each other{seeds}."
    )


def _family_table(duel: HeadToHead) -> Table:
    names = ("runs", f"solved by {duel.first}", f"solved by {duel.second}")
    words = ("faster by wall time", "faster by processor time")
    rows = [[Cell(family), *_family_cells(part)] for family, part in by_family(duel).items()]
    return Table("Who is faster where", heads("family", *names, *words, text=set(words)), rows)


def _family_cells(duel: HeadToHead) -> Iterator[Cell]:
    for count in (len(duel.pairs), *(sum(map(is_solved, runs)) for runs in zip(*duel.pairs, strict=True))):
        yield count_cell(count)
    for measure in COUNTED:
        times = duel.advantage(measure)
        faster = f"{_faster(duel, times)}, {_factor(times)} ×{_interval(times)}"
        yield Cell(faster if times.sign else f"within noise: {faster}", times.factor)


def _scatter(of: ComparedRuns, duel: HeadToHead) -> Figure:
    pairs = [
        RunPair(f"{a.instance}, seed {b.seed}", counted_seconds(a), counted_seconds(b), is_solved(a), is_solved(b))
        for a, b in duel.pairs
    ]
    drawing = scatter_chart(duel.first, duel.second, pairs, 2 * of.longest_limit_seconds)
    return Figure("Wall seconds", drawing, DOTS, is_small=True)
