"""The command `bench growth`: how processor seconds grow with packs, swaps, slots and pack types."""

from __future__ import annotations

import math

import click

from optimizer.cli.bench.names import names_asked
from optimizer.cli.output import check_output, print_result, say, write_output
from optimizer.cli.progress_log import progress_or_log

HTML = (".html", ".html.gz")
MOST_STEPS = 7


@click.command(epilog="Example: swapcharge bench growth --along packs,swaps -o growth.html")
@click.option("--along", "asked", metavar="A,B,...", help="Ways to grow: packs, swaps, slots, types.  [default: all]")
@click.option("--family", default="ordinary", show_default=True, metavar="F", help="Family of the library.")
@click.option(
    "--steps", type=click.IntRange(2, MOST_STEPS), default=MOST_STEPS, show_default=True, metavar="N",
    help="Sizes, from the smallest on.",
)  # fmt: skip
@click.option(
    "--seeds", type=click.IntRange(1, 1000), default=3, show_default=True, metavar="K", help="Nights of each size."
)
@click.option("--gap", type=click.FloatRange(0), default=0.005, show_default=True, help="Gap to prove.")
@click.option(
    "--time-limit", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True, metavar="S",
    help="Wall seconds for each night.",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write a page with a drawing for each way: .html or .html.gz.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def growth(
    asked: str | None,
    family: str,
    steps: int,
    seeds: int,
    gap: float,
    time_limit: float,
    output: str | None,
    as_json: bool,
) -> None:
    """Measure how processor seconds grow with packs, swaps, slots and pack types, each by itself.

    Nights are drawn by the recipe of a family, planned to a gap, and a power law is fitted by least squares on
    logarithms: an exponent of 1 doubles the time where the size doubles. Only planning is measured. It takes some
    minutes; --steps 3 takes seconds.
    """
    if not (math.isfinite(gap) and math.isfinite(time_limit)):
        raise click.UsageError("--gap and --time-limit take finite numbers")
    names = _names(asked)
    if output is not None:
        if not output.endswith(HTML):
            raise click.UsageError(f"-o {output}: the name must end in .html or .html.gz")
        check_output(output, [], "benchmark report", b"<html")
    from optimizer.bench.growth.measure import GrowthMeter
    from optimizer.bench.growth.page import growth_plain, growth_report, growth_screen
    from optimizer.bench.report.html import as_html
    from optimizer.engine.options import RunOptions

    _refuse_unknown(family)
    show = progress_or_log()
    options = RunOptions(gap=gap, time_limit_seconds=time_limit)
    meter = GrowthMeter(family, options, seeds, on_run=lambda what: show(f"planning {what}"))
    found = meter.along(names, steps)
    show("")
    if output is not None:
        write_output(output, as_html(growth_report(meter, found)))
    if as_json:
        print_result(growth_plain(meter, found))
    else:
        say(growth_screen(found))


def _names(asked: str | None) -> list[str]:
    from optimizer.bench.growth.ladders import LADDERS

    return names_asked(asked, LADDERS, "--along", "way to grow")


def _refuse_unknown(family: str) -> None:
    from models.errors import InvalidData
    from optimizer.bench.library.families import FAMILIES, family_of

    try:
        family_of(family)
    except InvalidData:
        from optimizer.files.errors import value_text

        problem = f"--family: {value_text(family)} is no family that can be drawn; they are: {', '.join(FAMILIES)}"
        raise click.UsageError(problem) from None
