"""Growth as a table for the terminal, as JSON, and as one page with a drawing for each way to grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from optimizer.bench.growth.chart import growth_chart
from optimizer.bench.growth.measure import Growth, GrowthMeter
from optimizer.bench.report.contents import BulletList, Figure, Report, Section, Table, heads, seconds, seconds_cell
from optimizer.files.plain_text import counted, table
from optimizer.graphics.html_page import UNKNOWN, Cell, percent, percent_cell

HEADS = ("growth in", "from", "to", "s", "s at the end", "exponent", "±", "at the end", "proven", "largest gap")


def growth_screen(found: Sequence[Growth]) -> str:
    """A line for each way to grow."""
    return "\n".join(table([HEADS, *([cell.words for cell in _row(one)] for one in found)]))


def growth_plain(meter: GrowthMeter, found: Sequence[Growth]) -> dict[str, Any]:
    """The same for JSON, with every night."""
    return {
        "family": meter.family,
        "gap": meter.options.gap,
        "time_limit_seconds": meter.options.time_limit_seconds,
        "growth": [_plain(one) for one in found],
    }


def _plain(one: Growth) -> dict[str, Any]:
    return {
        "in": one.ladder.what,
        "fixed": one.ladder.words(),
        "exponent": one.fit and one.fit.exponent,
        "exponent_error": one.fit and one.fit.error,
        "exponent_at_the_end": one.last_exponent,
        "mean_seconds": {str(value): mean for value, mean in one.means.items()},
        "nights": [asdict(run) for run in one.runs],
    }


def growth_report(meter: GrowthMeter, found: Sequence[Growth]) -> Report:
    """The page: what the exponents are, then each way to grow by itself."""
    return Report(
        kicker="Solver benchmark",
        title="Growth of processor seconds",
        below=[_below(meter, found)],
        alarms=[],
        sections=[
            Section("In all ways", [_summary(found), BulletList(_how(meter))]),
            *(_section(one) for one in found),
        ],
        foot="Written by swapcharge bench growth.",
    )


def _below(meter: GrowthMeter, found: Sequence[Growth]) -> str:
    nights = counted(sum(len(one.runs) for one in found), "night")
    return f"{nights} of family {meter.family}, a gap of {percent(meter.options.gap)} asked for"


def _how(meter: GrowthMeter) -> list[str]:
    return [
        "Processor seconds of planning on one thread; start of the program, reading and writing are left out.",
        "An exponent of 1 doubles the time where the size doubles, one of 2 makes it four times as long. It is fitted "
        "by least squares on logarithms over all nights; ± is its standard error. Small nights have a fixed part, so "
        "the exponent at the end, between the means of the last two sizes, says more of larger ones.",
        f"A night that is not proven within {meter.options.time_limit_seconds:g} s counts as what it took until then: "
        "with such nights an exponent is a lower bound.",
    ]


def _summary(found: Sequence[Growth]) -> Table:
    return Table("Exponents", heads(*HEADS), [_row(one) for one in found])


def _row(one: Growth) -> list[Cell]:
    values, means = list(one.means), list(one.means.values())
    fit = one.fit
    return [
        Cell(one.ladder.what),
        *(Cell(f"{value:,}", value) for value in (values[0], values[-1])),
        *(seconds_cell(mean) for mean in (means[0], means[-1])),
        _number(None if fit is None else fit.exponent),
        _number(None if fit is None else fit.error),
        _number(one.last_exponent),
        Cell(f"{one.proven} of {len(one.runs)}", one.proven / len(one.runs)),
        percent_cell(one.largest_gap),
    ]


def _number(value: float | None) -> Cell:
    return Cell(UNKNOWN if value is None else f"{value:.2f}", value)


def _section(one: Growth) -> Section:
    what = one.ladder.what
    rows = [
        [Cell(f"{run.value:,}", run.value), Cell(str(run.seed)), seconds_cell(run.seconds), percent_cell(run.gap)]
        for run in one.runs
    ]
    fit = "" if one.fit is None else f"; seconds = {one.fit.factor:.3g} · {what}^{one.fit.exponent:.2f}"
    ends = f"{seconds(min(one.means.values()))} to {seconds(max(one.means.values()))} s"
    figure = Figure(
        f"Growth in {what}: {ends}", growth_chart(one), f"{one.ladder.words()}{fit}. A dot is a night, the line the fit"
    )
    return Section(f"In {what}", [figure, Table(f"Nights by {what}", heads(what, "seed", "seconds", "gap"), rows)])
