"""The command `bench report`: results of the benchmark as one HTML or Markdown file."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from optimizer.cli.output import STANDARD_STREAM, check_output, say, write_output

if TYPE_CHECKING:
    from optimizer.bench.records.run_record import RunRecord

    Folders = Sequence[tuple[str, Sequence[RunRecord]]]

MARKDOWN, HTML = (".md", ".md.gz"), (".html", ".html.gz")


def _seconds_list(context: click.Context, option: click.Parameter, value: str) -> tuple[float, ...]:
    parts = [part.strip() for part in value.split(",")]
    try:
        times = tuple(float(part) for part in parts)
    except ValueError:
        times = ()
    if not times or not all(0 < time < math.inf for time in times):
        raise click.BadParameter(f"{value!r} must be seconds above 0 with commas between, such as 10,60,300")
    return times


def _shift(context: click.Context, option: click.Parameter, value: float) -> float:
    if not 0 < value < math.inf:
        raise click.BadParameter(f"{value:g} must be a number of seconds above 0")
    return value


@click.command("report", epilog="Example: swapcharge bench report results -o benchmark.html")
@click.argument("results", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    help="Write this file: .html or .md (or these with .gz), or - for Markdown on stdout.",
)
@click.option(
    "--compare",
    nargs=2,
    metavar="A B",
    help="Say in words which of these two wins where, and by how much; draw their times.  [default: the two best]",
)
@click.option(
    "--contenders",
    metavar="A,B,...",
    help="Compare only these; means are over the instances that all of them could try.",
)
@click.option("--time-limit", type=float, metavar="S", help="Only runs with this time limit.")
@click.option("--gap", type=float, metavar="G", help="Only runs that were asked for this gap.")
@click.option("--reference", metavar="RESULTS_OLD", help="Older results: report what has changed since.")
@click.option(
    "--library", metavar="FOLDER", help="Also compare with the best-known plans of the ledger in this folder."
)
@click.option(
    "--at", "times", default="10,60,300", show_default=True, metavar="S,S,...", callback=_seconds_list,
    help="Report the gap after these numbers of seconds.",
)  # fmt: skip
@click.option(
    "--shift", type=float, default=1.0, show_default=True, metavar="S", callback=_shift,
    help="Shift of the geometric means of times, in seconds.",
)  # fmt: skip
def report(
    results: tuple[str, ...],
    output: str,
    compare: tuple[str, str] | None,
    contenders: str | None,
    time_limit: float | None,
    gap: float | None,
    reference: str | None,
    library: str | None,
    times: tuple[float, ...],
    shift: float,
) -> None:
    """Report on RESULTS, one or more folders of bench run, as one HTML or Markdown file.

    It shows who solves what and how fast (shifted geometric means, PAR2), gaps after some seconds and over time, primal
    integrals, performance profiles, families and instances, whether proofs of the same optimum agree, and with
    --reference what has changed. With --compare it begins with who of the two wins, where, by how much, and what of it
    is within noise; where a file is written, the same is printed. The HTML file needs no network.
    """
    is_html = _is_html(output)
    check_output(output, [], "benchmark report", b"<html" if is_html else b"# Benchmark report")
    names = [] if contenders is None else [name.strip() for name in contenders.split(",")]
    runs = _read(results, names, time_limit, gap)
    _refuse_unknown("--compare", compare or (), runs)
    before = None if reference is None else _read([reference], [], time_limit, gap)
    known = {} if library is None else _known(library)
    from optimizer.bench.report.beside_section import sentences
    from optimizer.bench.report.compared_runs import ComparedRuns
    from optimizer.bench.report.head_to_head import head_to_head
    from optimizer.bench.report.html import as_html
    from optimizer.bench.report.markdown import as_markdown
    from optimizer.bench.report.report import ReportOptions, bench_report

    of = ComparedRuns(runs, shift, known)
    found = bench_report(of, ReportOptions(times, compare, before))
    write_output(output, as_html(found) if is_html else as_markdown(found))
    if compare and output != STANDARD_STREAM:
        say("\n".join(sentences(of, head_to_head(of, *compare))))


def _is_html(output: str) -> bool:
    if output.endswith(HTML):
        return True
    if output.endswith(MARKDOWN) or output == STANDARD_STREAM:
        return False
    raise click.UsageError(f"-o {output}: the name must end in .html or .md, or these with .gz")


def _read(folders: Sequence[str], names: Sequence[str], time_limit: float | None, gap: float | None) -> list[RunRecord]:
    """The runs of all folders of these contenders (none: all), with this time limit and gap asked for (None: any)."""
    from optimizer.bench.records.results_folder import read_results
    from optimizer.bench.report.compared_runs import merged

    every = [(folder, read_results(Path(folder))) for folder in folders]
    _refuse_unknown("--contenders", names, [run for _, runs in every for run in runs])
    named = [(folder, [run for run in runs if not names or run.contender in names]) for folder, runs in every]
    timed = _only(named, time_limit, lambda run: run.time_limit_seconds, "--time-limit: no runs of {:g} s")
    return merged(_only(timed, gap, lambda run: run.gap_asked, "--gap: no runs that were asked for {:g}"))


def _only(every: Folders, asked: float | None, value: Callable[[RunRecord], float], words: str) -> Folders:
    """Of each folder the runs with this value, all where None is asked. Raises UsageError where nobody has it."""
    if asked is None:
        return every
    there = sorted({value(run) for _, runs in every for run in runs})
    if asked not in there:
        where, others = ", ".join(folder for folder, _ in every), ", ".join(f"{one:g}" for one in there)
        raise click.UsageError(f"{words.format(asked)} in {where}; there are {others}")
    return [(folder, [run for run in runs if value(run) == asked]) for folder, runs in every]


def _refuse_unknown(option: str, names: Sequence[str], runs: Sequence[RunRecord]) -> None:
    from optimizer.files.errors import printable, value_text

    there = sorted({run.contender for run in runs})
    if unknown := [value_text(name) for name in names if name not in there]:
        words = f"{option}: no runs of {', '.join(unknown)} here; there are {', '.join(there)}"
        raise click.UsageError(printable(words))


def _known(library: str) -> dict[str, float]:
    from optimizer.bench.ledger.ledger_file import known_values

    known = {key: one.plan.objective for key, one in known_values(Path(library)).items()}
    if not known:
        raise click.UsageError(f"--library {library}: there is no ledger in this folder, or nothing in it")
    return known
